/**
 * What `bench/opcodes.ts` times: every instruction that does not end its frame, with operands of several sizes where its work
 * depends on them. What an instruction takes and gives is read from the opcode table; those of no operands need no line here.
 */

import { OPCODES } from '../../opcodes/index.ts';
import type { OpTable } from '../../opcodes/optable.ts';
import { Flag, type OpRow } from '../../opcodes/row.ts';
import { label, type Piece, push, pushAddress, pushLabel } from '../../tests/helpers/assembler.ts';

export interface Case {
  readonly opcode: string;
  /** Which of the cases of the opcode; empty where there is one. */
  readonly label: string;
  /** The opcode byte and its constant. */
  readonly instruction: Uint8Array;
  /** Run once beforehand; leaves at most `KEPT` words on the stack. */
  readonly prelude: Piece;
  /** Operands of the `i`-th use, top of the stack first. */
  readonly operands: (i: number) => readonly Piece[];
  /** What stands behind the `i`-th use. */
  readonly behind: (i: number) => Piece;
  /** Words that it adds to the stack, of which the operands are taken. */
  readonly gives: number;
  /** Whether the word on top of the stack afterwards is its doing. */
  readonly leavesWord: boolean;
  /** Each use needs operands of its own: no loop. */
  readonly once: boolean;
  /** Storage of the running contract before the transaction. */
  readonly storage: readonly (readonly [key: bigint, value: bigint])[];
}

/** A contract of one STOP. */
export const CALLEE = 0xca11_ee00_0000_0000_0000_0000_0000_0000_0000_0001n;
/** A contract of 4,096 bytes. */
export const LIBRARY = 0x11b0_0000_0000_0000_0000_0000_0000_0000_0000_0002n;
/** From here on there is no account. */
const NOBODY = 0xdead_0000_0000_0000_0000_0000_0000_0000_0001_0000n;
const IDENTITY = 4n;
/** Bytes of call data, of code, and of memory where a case says so. */
export const LONG = 4_096;
/** The most uses of one operand set each, and of slots that there are for it. */
export const MOST_ONCE = 400;
const FIRST_SLOT = 1_000n;

const A = 0xf1e2_d3c4_b5a6_9788_796a_5b4c_3d2e_1f00_ffee_ddcc_bbaa_9988_7766_5544_3322_1101n;
const B = 0xd00d_feed_0123_4567_89ab_cdef_0f1e_2d3c_4b5a_6978_8796_a5b4_c3d2_e1f0_1357_9bdfn;
const C = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834_1082_276b_f3a2_7251_f86c_6a11_d0c1_8e95n;
const HALF = B >> 128n;

const word = (value: bigint | number): Piece => (BigInt(value) === 0n ? 'PUSH0' : push(value));
const words = (...values: (bigint | number)[]): (() => readonly Piece[]) => {
  const pieces = values.map(word);
  return () => pieces;
};

type Details = Partial<Omit<Case, 'opcode' | 'label' | 'instruction'>>;

/** Cases by opcode: what is said of each beyond its row. */
const CASES = new Map<string, Map<string, Details>>();
function say(opcodes: string, name: string, operands: Case['operands'], details: Details = {}): void {
  for (const opcode of opcodes.split(' ')) {
    const known = CASES.get(opcode) ?? new Map<string, Details>();
    CASES.set(opcode, known.set(name, { operands, ...details }));
  }
}

const MEMORY: Piece = [push(A), push(LONG - 32), 'MSTORE', push(B), word(0), 'MSTORE'];
const warmed = (address: bigint): Piece => [pushAddress(address), 'BALANCE', 'POP'];

for (const [name, a, b, c] of [
  ['small', 1_234_567n, 89n, 97n],
  ['full', A, B, C],
] as const) {
  say('ADD SUB MUL', name, words(a, b));
  say('ADDMOD MULMOD', name, words(a, b, c));
}
say('DIV SDIV MOD SMOD', 'small', words(1_234_567, 89));
say('DIV SDIV MOD SMOD', '256 by 64 bits', words(A >> 1n, B >> 192n));
say('DIV SDIV MOD SMOD', '256 by 128 bits', words(A >> 1n, HALF));
say('DIV SDIV MOD SMOD', '256 by 255 bits', words(A >> 1n, B >> 1n));
for (const size of [1, 8, 32])
  say('EXP', size === 1 ? '1 byte' : `${size} bytes`, words(A, B >> BigInt(256 - 8 * size)));
say('SIGNEXTEND BYTE', '', words(7, A));
say('LT GT SLT SGT EQ AND OR XOR', '', words(A, B));
say('ISZERO NOT CLZ', '', words(A));
say('SHL SHR SAR', '', words(77, A));
for (const size of [32, 256, LONG]) {
  say('KECCAK256', `${size} bytes`, words(0, size), { prelude: MEMORY });
}

for (const size of [32, LONG]) {
  const name = `${size} bytes`;
  const returned: Piece = [
    ...[word(0), word(0), push(LONG), word(0)],
    [pushAddress(IDENTITY), 'GAS', 'STATICCALL', 'POP'],
  ];
  say('CALLDATACOPY CODECOPY', name, words(0, 0, size), { prelude: MEMORY });
  say('MCOPY', name, words(32, 0, size), { prelude: [MEMORY, push(B), push(LONG), 'MSTORE'] });
  say('RETURNDATACOPY', name, words(0, 0, size), { prelude: [MEMORY, returned] });
  say('EXTCODECOPY', name, words(LIBRARY, 0, 0, size), { prelude: [MEMORY, warmed(LIBRARY)] });
}
say('CALLDATALOAD', '', words(64));
say('BLOCKHASH BLOBHASH', '', words(0));
say('MLOAD', '', words(64), { prelude: MEMORY });
say('MSTORE MSTORE8', '', words(64, A), { prelude: MEMORY });

const fresh = (i: number): readonly Piece[] => [pushAddress(NOBODY + BigInt(i))];
say('BALANCE EXTCODESIZE EXTCODEHASH', 'warm', words(LIBRARY), { prelude: warmed(LIBRARY) });
say('BALANCE EXTCODESIZE EXTCODEHASH', 'cold', fresh, { once: true });

const slots = Array.from({ length: MOST_ONCE + 1 }, (_, i) => [FIRST_SLOT + BigInt(i), A] as const);
const slot = (i: number): Piece => push(slots[i]![0], 2);
say('SLOAD', 'warm', words(1), { prelude: [push(A), push(1), 'SSTORE'] });
say('SLOAD', 'cold', (i) => [slot(i)], { once: true, storage: slots });
say('SSTORE', 'same word', words(1, A), { prelude: [push(A), push(1), 'SSTORE'] });
say('SSTORE', 'warm', (i) => [push(1), push(i + 2, 2)], { prelude: [push(A), push(1), 'SSTORE'] });
say('SSTORE', 'cold, from zero', (i) => [slot(i), push(7)], { once: true });
say('SSTORE', 'cold, changed', (i) => [slot(i), push(7)], { once: true, storage: slots });
say('TLOAD', '', words(1), { prelude: [push(A), push(1), 'TSTORE'] });
say('TSTORE', '', (i) => [push(1), push(i + 2, 2)]);

say('JUMP', '', (i) => [pushLabel(`behind ${i}`)], { behind: (i) => label(`behind ${i}`) });
for (const [name, condition] of [
  ['taken', 1],
  ['not taken', 0],
] as const) {
  say('JUMPI', name, (i) => [pushLabel(`behind ${i}`), word(condition)], {
    behind: (i) => label(`behind ${i}`),
  });
}

/** Words that DUP16 and SWAP16 reach. */
export const KEPT = 17;
const stacked = Array.from({ length: KEPT }, (_, i) => push(A + BigInt(i)));
for (let n = 1; n <= 16; n++) {
  say(`DUP${n}`, '', words(), { prelude: stacked, gives: 1, leavesWord: true });
  // Twice the same exchange restores the stack, and with it the count of the loop.
  say(`SWAP${n}`, '', words(), { prelude: stacked, gives: 0, leavesWord: true });
}
for (let n = 0; n <= 4; n++) {
  say(`LOG${n}`, '32 bytes', words(0, 32, ...new Array<bigint>(n).fill(A)), { prelude: MEMORY });
}

const GAS = 50_000;
for (const [opcode, value] of [
  ['CALL', [0]],
  ['CALLCODE', [0]],
  ['DELEGATECALL', []],
  ['STATICCALL', []],
] as const) {
  const to = (address: Piece, size = 0) => [
    ...[word(GAS), address, ...value.map(word)],
    ...[word(0), word(size), word(0), word(size)],
  ];
  const contract = to(pushAddress(CALLEE));
  say(opcode, 'contract', () => contract, { prelude: warmed(CALLEE) });
  const empty = to(pushAddress(NOBODY));
  say(opcode, 'no account', () => empty, { prelude: warmed(NOBODY) });
  const identity = to(pushAddress(IDENTITY), 32);
  say(opcode, 'identity', () => identity, { prelude: MEMORY });
}
say('CALL', 'cold', (i) => [word(GAS), ...fresh(i), ...repeatedly(5)], { once: true });
say('CALL', 'with value', () => [word(GAS), pushAddress(CALLEE), word(1), ...repeatedly(4)], {
  prelude: warmed(CALLEE),
});
say('CREATE', 'no code', words(0, 0, 0));
say('CREATE2', 'no code', (i) => [word(0), word(0), word(0), push(i, 2)], { once: true });

function repeatedly(zeros: number): readonly Piece[] {
  return new Array<Piece>(zeros).fill('PUSH0');
}

/** Whether a row's work can be repeated in one frame. */
export const isRepeatable = ({ flags }: OpRow): boolean => (flags & Flag.TERMINATES) === 0;

/** The cases of a fork, in the order of the opcodes. */
export function casesOf({ rows }: OpTable): Case[] {
  return OPCODES.filter((row) => rows[row.byte] === row && isRepeatable(row)).flatMap((row) => {
    const said = CASES.get(row.name) ?? new Map<string, Details>([['', {}]]);
    return [...said].map(([name, details]) => caseOf(row, name, details));
  });
}

function caseOf({ byte, name: opcode, immediate, gives }: OpRow, name: string, details: Details): Case {
  const instruction = new Uint8Array(1 + immediate).fill(0xa5);
  instruction[0] = byte;
  return {
    ...{ opcode, label: name, instruction, prelude: [], operands: () => [], behind: () => [] },
    ...{ gives, leavesWord: gives > 0, once: false, storage: [] },
    ...details,
  };
}
