/** The words that a case mentions: what to try as operands, keys, values and calldata. */

import type { FuzzCase } from './case.ts';
import { INTERESTING } from './generate/operands.ts';
import { boundaries, constantAt } from './mutate-code.ts';

const PUSH1 = 0x60;
const PUSH32 = 0x7f;
/** Most words of one case: a large contract has thousands, and the dictionary is drawn from evenly. */
const MOST_WORDS = 512;

/** Constants of the PUSHes of a code, each once, in their order. */
function constantsOf(code: Uint8Array, into: Set<bigint>): void {
  for (const at of boundaries(code)) {
    if (into.size >= MOST_WORDS) return;
    const byte = code[at]!;
    if (byte >= PUSH1 && byte <= PUSH32) into.add(constantAt(code, at));
  }
}

// A corpus is drawn from again and again; to read all codes of a case takes longer than to change it.
const known = new WeakMap<FuzzCase, readonly bigint[]>();

function wordsOf({ pre, tx, sender }: FuzzCase): bigint[] {
  const words = new Set<bigint>([sender]);
  if (tx.to !== null) words.add(tx.to);
  else constantsOf(tx.data, words);
  for (const [address, { code, storage }] of pre) {
    words.add(address);
    constantsOf(code, words);
    for (const [key, value] of storage) {
      if (words.size >= MOST_WORDS) break;
      words.add(key).add(value);
    }
  }
  for (const word of INTERESTING) words.add(word);
  return [...words];
}

/** Constants of the PUSHes in all codes, addresses, keys and values of storage, then words worth trying anywhere. */
export function dictionaryOf(fuzzCase: FuzzCase): bigint[] {
  let words = known.get(fuzzCase);
  if (words === undefined) known.set(fuzzCase, (words = wordsOf(fuzzCase)));
  return words.slice();
}
