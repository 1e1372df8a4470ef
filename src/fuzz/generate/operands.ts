/** Values that find mistakes: around powers of two, at byte and word boundaries, small numbers, and any. */

import type { Random } from '../random.ts';
import { type Assembly, pushOf } from './assembly.ts';
import type { Kit, Operand } from './kit.ts';
import { OP } from './op.ts';
import { addressPushes } from './places.ts';

const ALL_ONES = (1n << 256n) - 1n;
const SIGN = 1n << 255n;

function boundaries(): bigint[] {
  const values = [0n, 1n, 2n, 3n, 5n, 7n, 10n, 31n, 32n, 33n, 255n, 256n, 257n, 1000n];
  const powers = [
    7n,
    8n,
    15n,
    16n,
    31n,
    32n,
    52n,
    53n,
    63n,
    64n,
    96n,
    127n,
    128n,
    160n,
    192n,
    224n,
    254n,
    255n,
  ];
  for (const power of powers) values.push((1n << power) - 1n, 1n << power, (1n << power) + 1n);
  for (let less = 0n; less < 4n; less++) values.push(ALL_ONES - less);
  values.push(SIGN - 2n, SIGN + 2n, ALL_ONES / 3n, (ALL_ONES / 3n) * 2n, ALL_ONES ^ 0xffn, ALL_ONES - 31n);
  // The moduli and orders of curves, which MULMOD and ADDMOD often meet.
  values.push(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n);
  values.push(0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n);
  return values;
}

/** Words worth trying anywhere. */
export const INTERESTING: readonly bigint[] = boundaries();

const WORDS: readonly Uint8Array[] = INTERESTING.map(pushOf);
/** PUSH0 as often as other instructions that push a 0. */
const WORDS_AND_PUSH0: readonly Uint8Array[] = [
  ...WORDS,
  ...Array.from({ length: 4 }, () => Uint8Array.of(OP.PUSH0)),
];
const EXPONENTS: readonly Uint8Array[] = [
  0n,
  1n,
  2n,
  3n,
  8n,
  16n,
  24n,
  32n,
  64n,
  128n,
  248n,
  255n,
  256n,
].flatMap((bits) => [bits, 1n << bits, (1n << bits) - 1n].filter((value) => value <= ALL_ONES).map(pushOf));
const SMALLS: readonly Uint8Array[] = [
  0n,
  1n,
  7n,
  8n,
  15n,
  16n,
  30n,
  31n,
  32n,
  33n,
  63n,
  64n,
  127n,
  128n,
  254n,
  255n,
  256n,
  257n,
  1n << 64n,
  SIGN,
  ALL_ONES,
].map(pushOf);
/** Keys that programs share, so that one frame meets what another wrote. */
export const KEYS: readonly bigint[] = [0n, 1n, 2n, 3n, ALL_ONES];
const KEY_PUSHES: readonly Uint8Array[] = KEYS.map(pushOf);
/** The PUSH of a key to meet at: one of them comes up more often than the others. */
export const sharedKey = (random: Random): Uint8Array =>
  random.oneIn(2) ? KEY_PUSHES[1]! : random.pick(KEY_PUSHES);
/** Pushes the key of a slot. */
export const pushKey = (random: Random, code: Assembly): void =>
  code.pushed(random.pick(random.oneIn(8) ? WORDS : KEY_PUSHES));
/** Values of storage: zero often, since clearing is a rule of its own. */
export const STORED: readonly bigint[] = [0n, 0n, 1n, 2n, ALL_ONES, SIGN];
export const STORED_PUSHES: readonly Uint8Array[] = STORED.map(pushOf);
const HUGE: readonly Uint8Array[] = [
  0xffffffn,
  1n << 32n,
  (1n << 53n) - 1n,
  (1n << 63n) - 1n,
  (1n << 64n) - 1n,
  1n << 64n,
  ALL_ONES,
].map(pushOf);
const SIZES: readonly number[] = [0, 1, 4, 20, 31, 32, 32, 33, 64, 65, 96];

/** Once in so many offsets and sizes, one that no gas pays for. */
const HUGE_ONE_IN = 700;
const BLOCKS_BACK: readonly number[] = [0, 1, 2, 100, 255, 256, 257];
const { PUSH1, DUP1, SUB, NUMBER } = OP;

/** Pushes a word of any kind. */
export function pushAny(random: Random, code: Assembly, kit: Kit): void {
  // One number for both which kind it is and which of the kind: most instructions come by here.
  const draw = random.uint32();
  const choice = draw & 15;
  const rest = draw >>> 4;
  const { height } = code;
  if (choice < 6 && height > 0) {
    const depth = rest % Math.min(height, 16);
    code.op(DUP1 + depth, depth + 1, depth + 2);
  } else if (choice < 11) {
    const words = kit.hasPush0 ? WORDS_AND_PUSH0 : WORDS;
    code.pushed(words[rest % words.length]!);
  } else if (choice < 13) {
    code.push(rest % 300);
  } else if (choice < 15) {
    pushRandom(random, code, rest % 32);
  } else {
    code.pushed(random.pick(random.oneIn(2) ? addressPushes().contracts : addressPushes().others));
  }
}

/** PUSH of `extra + 1` bytes of any content. */
function pushRandom(random: Random, code: Assembly, extra: number): void {
  code.byte(PUSH1 + extra);
  let word = 0;
  for (let i = 0; i <= extra; i++) {
    if ((i & 3) === 0) word = random.uint32();
    code.byte(word & 0xff);
    word >>>= 8;
  }
  code.height++;
}

const NEAR_WORDS: readonly number[] = Array.from({ length: 36 }, (_, i) =>
  Math.max(0, 32 * Math.floor(i / 3) + (i % 3) - 1),
);

/** An offset into memory that is cheap to reach, often next to a word's boundary. */
export function smallOffset(random: Random): number {
  const draw = random.uint32();
  const choice = draw & 7;
  const rest = draw >>> 3;
  if (choice < 4) return 32 * (rest % 10);
  // A word's boundary, and a byte to either side of it.
  if (choice < 6) return NEAR_WORDS[rest % NEAR_WORDS.length]!;
  return rest % (choice === 6 ? 300 : random.oneIn(50) ? 9_000 : 700);
}

/** Pushes the address of an account, mostly one that the case has. */
export function pushAddress(random: Random, code: Assembly, kit: Kit): void {
  const choice = random.below(10);
  if (choice < 5) code.pushed(random.pick(addressPushes().contracts));
  else if (choice < 8) code.pushed(random.pick(addressPushes().others));
  else if (choice === 8) code.op(random.oneIn(2) ? OP.ADDRESS : OP.CALLER, 0, 1);
  else code.pushWord(random.pick(kit.precompiles).address);
}

/** Pushes a value that fits an operand. */
export function pushOperand(random: Random, code: Assembly, kit: Kit, operand: Operand): void {
  switch (operand) {
    case 'word':
      pushAny(random, code, kit);
      return;
    case 'offset':
      if (random.oneIn(HUGE_ONE_IN)) {
        code.pushed(random.pick(HUGE));
        return;
      }
      code.push(smallOffset(random));
      return;
    case 'size':
      if (random.oneIn(HUGE_ONE_IN)) {
        code.pushed(random.pick(HUGE));
        return;
      }
      code.push(random.oneIn(12) ? random.below(400) : random.pick(SIZES));
      return;
    case 'dataOffset':
      if (random.oneIn(30)) {
        code.pushed(random.pick(HUGE));
        return;
      }
      code.push(random.oneIn(2) ? 32 * random.below(4) : random.below(140));
      return;
    case 'key':
      random.oneIn(12) ? pushAny(random, code, kit) : code.pushed(random.pick(KEY_PUSHES));
      return;
    case 'value':
      random.oneIn(3) ? pushAny(random, code, kit) : code.pushed(random.pick(STORED_PUSHES));
      return;
    case 'address':
      pushAddress(random, code, kit);
      return;
    case 'small':
      random.oneIn(6) ? pushAny(random, code, kit) : code.pushed(random.pick(SMALLS));
      return;
    case 'exponent':
      random.oneIn(4) ? pushAny(random, code, kit) : code.pushed(random.pick(EXPONENTS));
      return;
    case 'block':
      pushBlock(random, code, kit);
      return;
  }
}

/** A block number around the window of 256 that BLOCKHASH knows. */
function pushBlock(random: Random, code: Assembly, kit: Kit): void {
  if (random.oneIn(6)) {
    pushAny(random, code, kit);
    return;
  }
  code.push(random.pick(BLOCKS_BACK));
  code.op(NUMBER, 0, 1);
  code.op(SUB, 2, 1);
}

/** A place that costs nothing however far away, since nothing is read or written there. */
export const pushFar = (random: Random, code: Assembly): void => code.pushed(random.pick(HUGE));
