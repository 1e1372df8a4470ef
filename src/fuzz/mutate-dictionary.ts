/** The words that a case mentions: what to try as operands, keys, values and calldata. */

import type { FuzzCase } from './case.ts';
import { OP } from './generate/op.ts';
import { INTERESTING } from './generate/operands.ts';
import { constantAt } from './mutate-code.ts';

const { PUSH0, PUSH32 } = OP;
/** Most words of one case: a large contract has thousands, and the dictionary is drawn from evenly. */
const MOST_WORDS = 512;

/** Which numbers of 16 bits the dictionary at hand has. */
const SMALL = new Uint32Array(2_048);

/** Words, each once, in their order. */
class Words {
  readonly list: bigint[] = [];
  /** Constants of up to two bytes, which are most of them. */
  private readonly small = SMALL.fill(0);
  private readonly large = new Set<bigint>();

  get isFull(): boolean {
    return this.list.length >= MOST_WORDS;
  }

  add(word: bigint): void {
    if (word < 0x10000n) this.addSmall(Number(word));
    else if (!this.large.has(word)) {
      this.large.add(word);
      this.list.push(word);
    }
  }

  addSmall(number: number): void {
    const { small } = this;
    const bit = 1 << (number & 31);
    if ((small[number >> 5]! & bit) !== 0) return;
    small[number >> 5]! |= bit;
    this.list.push(BigInt(number));
  }
}

/** Constants of the PUSHes of a code. */
function addConstants(code: Uint8Array, words: Words): void {
  for (let at = 0; at < code.length && !words.isFull; at++) {
    const byte = code[at]!;
    if (byte <= PUSH0 || byte > PUSH32) continue;
    const size = byte - PUSH0;
    if (size > 2 || at + size >= code.length) words.add(constantAt(code, at));
    else words.addSmall(size === 1 ? code[at + 1]! : (code[at + 1]! << 8) | code[at + 2]!);
    at += size;
  }
}

function wordsOf({ pre, tx, sender }: FuzzCase): readonly bigint[] {
  const words = new Words();
  words.add(sender);
  if (tx.to !== null) words.add(tx.to);
  else addConstants(tx.data, words);
  for (const [address, { code, storage }] of pre) {
    words.add(address);
    addConstants(code, words);
    for (const [key, value] of storage) {
      if (words.isFull) break;
      words.add(key);
      words.add(value);
    }
  }
  for (const word of INTERESTING) words.add(word);
  return words.list;
}

// A corpus is drawn from again and again; to read all codes of a case takes longer than to change it.
const known = new WeakMap<FuzzCase, readonly bigint[]>();

/** Constants of the PUSHes in all codes, addresses, keys and values of storage, then words worth trying anywhere. */
export function dictionaryOf(fuzzCase: FuzzCase): readonly bigint[] {
  let words = known.get(fuzzCase);
  if (words === undefined) known.set(fuzzCase, (words = wordsOf(fuzzCase)));
  return words;
}
