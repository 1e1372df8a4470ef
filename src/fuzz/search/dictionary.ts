/** Words and selectors that the codes and their comparisons name, from which inputs are made. */

import { bytesToBigInt } from '../../primitives/bytes.ts';
import { MAX_U256 } from '../../primitives/u256.ts';
import type { Random } from '../random.ts';
import { ATTACKERS } from './attacker.ts';

const PUSH1 = 0x60;
const PUSH3 = 0x62;
const PUSH4 = 0x63;
const PUSH32 = 0x7f;
const EQ = 0x14;
const DUP1 = 0x80;
const DUP16 = 0x8f;
const JUMP = 0x56;
const JUMPI = 0x57;

const ETHER = 10n ** 18n;
/** Words at which arithmetic turns. */
const BOUNDARIES: readonly bigint[] = [
  MAX_U256,
  MAX_U256 - 1n,
  1n << 255n,
  (1n << 255n) - 1n,
  1n << 128n,
  (1n << 128n) - 1n,
  1n << 64n,
  (1n << 64n) - 1n,
  (1n << 160n) - 1n,
  (1n << 32n) - 1n,
  255n,
  256n,
  1_000n,
  ETHER,
  10n * ETHER,
];

/** Words of comparisons beyond this many take the places of the oldest. */
const MAX_SEEN = 256;

export class Dictionary {
  readonly selectors: Uint8Array[] = [];
  private readonly selectorsKnown = new Set<bigint>();
  private readonly constants: bigint[] = [];
  private readonly constantsKnown = new Set<bigint>();
  private readonly seen: bigint[] = [];
  private readonly seenKnown = new Set<bigint>();
  private nextSeen = 0;

  /** Takes over the constants of a code; returns the selectors that are new. */
  addCode(code: Uint8Array): Uint8Array[] {
    const added: Uint8Array[] = [];
    for (let pc = 0; pc < code.length; pc++) {
      const opcode = code[pc]!;
      if (opcode < PUSH1 || opcode > PUSH32) continue;
      const size = opcode - PUSH1 + 1;
      const bytes = code.slice(pc + 1, pc + 1 + size);
      pc += size;
      const next = code[pc + 1];
      if (next === JUMP || next === JUMPI) continue;
      const value = bytesToBigInt(bytes);
      if (!this.constantsKnown.has(value)) {
        this.constantsKnown.add(value);
        this.constants.push(value);
      }
      const isCompared = next === EQ || (isDup(next) && code[pc + 2] === EQ);
      if ((opcode === PUSH4 || opcode === PUSH3) && isCompared && !this.selectorsKnown.has(value)) {
        this.selectorsKnown.add(value);
        const selector = new Uint8Array(4);
        selector.set(bytes, 4 - bytes.length);
        this.selectors.push(selector);
        added.push(selector);
      }
    }
    return added;
  }

  /** Takes over a word that was compared. */
  addSeen(word: bigint): void {
    if (word < 256n || this.constantsKnown.has(word) || this.seenKnown.has(word)) return;
    const former = this.seen[this.nextSeen];
    if (former !== undefined) this.seenKnown.delete(former);
    this.seenKnown.add(word);
    this.seen[this.nextSeen] = word;
    this.nextSeen = (this.nextSeen + 1) % MAX_SEEN;
  }

  /** A word for an argument. */
  word(random: Random): bigint {
    const kind = random.below(16);
    if (kind < 4 && this.constants.length > 0) return random.pick(this.constants);
    if (kind < 6 && this.seen.length > 0) return random.pick(this.seen);
    if (kind < 9) return BigInt(random.below(9));
    if (kind < 11) return random.pick(BOUNDARIES);
    if (kind < 13) return random.pick(ATTACKERS);
    if (kind < 14) return 32n * BigInt(random.below(8));
    return random.bits(1 + random.below(256));
  }

  /** Wei to send along: nothing, most of the time. */
  value(random: Random): bigint {
    const kind = random.below(12);
    if (kind < 6) return 0n;
    if (kind < 8) return ETHER;
    if (kind < 9) return 1n;
    if (kind < 10) return BigInt(random.below(16)) * (ETHER / 10n);
    return this.word(random) % (20n * ETHER);
  }
}

const isDup = (opcode: number | undefined): boolean =>
  opcode !== undefined && opcode >= DUP1 && opcode <= DUP16;
