/**
 * Keccak-256 as Ethereum uses it (the padding of the original submission, not of FIPS 202), in WebAssembly. Algorithm
 * names are those of FIPS 202, section 3; complemented lanes are described in "Keccak implementation overview" 3.2,
 * section 2.2.
 *
 * The state is in memory, in one of two places by turns, for an x86 processor has too few registers for 25 lanes.
 * Measured on Node 20, nanoseconds for a permutation: 300 as it is, 330 without complemented lanes, 340 where a round
 * reads all lanes once more for the parities, 350 with ten lanes in locals, 620 with all, 1,000 and more with 24 rounds
 * in a row.
 */

import {
  branch,
  branchIf,
  type Code,
  get,
  i32,
  i64,
  label,
  loop,
  set,
  tee,
  ValueType,
  when,
} from '../assembler/code.ts';
import { call, type Func, type Locals, type ModuleBuilder } from '../assembler/module.ts';
import type { EmittedHash, HashKind } from './emitted.ts';

/** The rate: how many bytes of data go into the state between two permutations. */
const BLOCK = 136;

// The scratch: the state, its other place, the constants of the rounds.
const LANES = 25;
const ROUNDS = 24;
const STATE = 0;
const OTHER = 8 * LANES;
const CONSTANTS = 2 * OTHER;

const SCRATCH = CONSTANTS + 8 * ROUNDS;

const { I32, I64 } = ValueType;

/**
 * Lanes, by x + 5y, that are kept as their complement. Chi takes `~b & c`; where the complement of one of the two is
 * at hand that is an AND, or the complement of an OR, and of 25 complements in a round 8 are left.
 */
const COMPLEMENTED: ReadonlySet<number> = new Set([1, 2, 8, 12, 17, 20]);

/** The constants of the iota step (algorithm 5), 8 bytes each, the lowest first. */
function roundConstants(): Uint8Array {
  const bytes = new Uint8Array(8 * ROUNDS);
  let register = 1;
  for (let round = 0; round < ROUNDS; round++) {
    for (let j = 0; j < 7; j++) {
      const bit = 2 ** j - 1;
      if ((register & 1) === 1) bytes[8 * round + (bit >> 3)]! |= 1 << (bit & 7);
      register = (register << 1) ^ ((register >> 7) * 0x171);
    }
  }
  return bytes;
}

/** By how much rho rotates each lane (algorithm 2). */
function rotations(): readonly number[] {
  const offsets = new Array<number>(LANES).fill(0);
  let [x, y] = [1, 0];
  for (let t = 0; t < ROUNDS; t++) {
    offsets[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64;
    [x, y] = [y, (2 * x + 3 * y) % 5];
  }
  return offsets;
}

const ROTATIONS = rotations();

/** The lane that pi moves to (x, y) (algorithm 3). */
const sourceOf = (x: number, y: number): number => ((x + 3 * y) % 5) + 5 * x;

/** A lane as it is at hand. */
interface Lane {
  readonly code: Code;
  readonly isComplement: boolean;
}

const not = (value: Code): Code => i64.xor(value, i64.const(-1));

/** `a ^ (~b & c)`, or its complement, by an AND of ~b and c or as the complement of an OR of b and ~c. */
function chi(a: Lane, b: Lane, c: Lane, isComplement: boolean): Code {
  const byOr = b.isComplement === c.isComplement ? a.isComplement !== isComplement : c.isComplement;
  const left = b.isComplement === byOr ? not(b.code) : b.code;
  const right = c.isComplement === byOr ? c.code : not(c.code);
  const both = byOr ? i64.or(left, right) : i64.and(left, right);
  return i64.xor((a.isComplement !== byOr) === isComplement ? a.code : not(a.code), both);
}

export const KECCAK: HashKind = { emit: emitKeccak, scratchBytes: SCRATCH, blockBytes: BLOCK };

/** @param scratch where the module's memory has `KECCAK.scratchBytes` for this hash alone; a multiple of 8 */
export function emitKeccak(module: ModuleBuilder, scratch: number): EmittedHash {
  module.data(scratch + CONSTANTS, roundConstants());
  const permute = emitPermutation(module, scratch);
  const begin = emitBegin(module, scratch);
  const absorb = emitAbsorb(module, scratch, permute);
  const finish = emitFinish(module, scratch, permute, absorb);
  const hash = emitHash(module, begin, finish);

  return { hash, begin, absorb, finish };
}

function emitBegin(module: ModuleBuilder, scratch: number): Func {
  const { setLane } = lanesAt(scratch);
  const func = module.begin([], []);
  const code: Code[] = [];
  for (let i = 0; i < LANES; i++) code.push(setLane(STATE, i, i64.const(COMPLEMENTED.has(i) ? -1 : 0)));
  return func.end(code);
}

function emitAbsorb(module: ModuleBuilder, scratch: number, permute: Func): Func {
  const { lane, setLane } = lanesAt(scratch);
  const func = module.begin([I32, I32], []);
  const [data, length] = func.params;
  const next = label();
  const take: Code[] = [];
  for (let i = 0; i < BLOCK / 8; i++)
    take.push(setLane(STATE, i, i64.xor(lane(STATE, i), i64.load(get(data), 8 * i))));
  return func.end(
    loop(
      next,
      when(i32.geU(get(length), i32.const(BLOCK)), [
        take,
        call(permute),
        set(data, i32.add(get(data), i32.const(BLOCK))),
        set(length, i32.sub(get(length), i32.const(BLOCK))),
        branch(next),
      ]),
    ),
  );
}

function emitFinish(module: ModuleBuilder, scratch: number, permute: Func, absorb: Func): Func {
  const { lane } = lanesAt(scratch);
  const func = module.begin([I32, I32, I32], []);
  const [data, length, out] = func.params;
  const at = func.local(I32);
  const end = func.local(I32);
  const [nextLane, nextByte] = [label(), label()];
  const state = scratch + STATE;
  const hash: Code[] = [];
  for (let i = 0; i < 4; i++)
    hash.push(i64.store(get(out), COMPLEMENTED.has(i) ? not(lane(STATE, i)) : lane(STATE, i), 8 * i));
  return func.end([
    when(i32.geU(get(length), i32.const(BLOCK)), [
      call(absorb, get(data), get(length)),
      set(data, i32.add(get(data), get(length))),
      set(length, i32.remU(get(length), i32.const(BLOCK))),
      set(data, i32.sub(get(data), get(length))),
    ]),
    // Of what is left, whole lanes, then bytes, then a 1 bit after it and one at the end of the block.
    set(end, i32.and(get(length), i32.const(-8))),
    loop(
      nextLane,
      when(i32.ltU(get(at), get(end)), [
        i64.store(get(at), i64.xor(i64.load(get(at), state), i64.load(i32.add(get(data), get(at)))), state),
        set(at, i32.add(get(at), i32.const(8))),
        branch(nextLane),
      ]),
    ),
    loop(
      nextByte,
      when(i32.ltU(get(at), get(length)), [
        flipByte(state, get(at), i32.load8u(i32.add(get(data), get(at)))),
        set(at, i32.add(get(at), i32.const(1))),
        branch(nextByte),
      ]),
    ),
    flipByte(state, get(length), i32.const(0x01)),
    flipByte(state, i32.const(BLOCK - 1), i32.const(0x80)),
    call(permute),
    hash,
  ]);
}

/** Changes bits of the byte at `index` of the state. */
const flipByte = (state: number, index: Code, bits: Code): Code =>
  i32.store8(index, i32.xor(i32.load8u(index, state), bits), state);

function emitHash(module: ModuleBuilder, begin: Func, finish: Func): Func {
  const func = module.begin([I32, I32, I32], []);
  const [data, length, out] = func.params;
  return func.end([call(begin), call(finish, get(data), get(length), get(out))]);
}

function lanesAt(scratch: number): {
  lane: (place: number, index: number) => Code;
  setLane: (place: number, index: number, value: Code) => Code;
} {
  const zero = i32.const(0);
  return {
    lane: (place, index) => i64.load(zero, scratch + place + 8 * index),
    setLane: (place, index, value) => i64.store(zero, value, scratch + place + 8 * index),
  };
}

/**
 * Keccak-f[1600] on the state. Theta needs the parity of every column (c), from which come the words to add (d). Then
 * one output plane after the other is moved and rotated into b (rho and pi) and combined (chi, iota). The parities for
 * the next round are gathered on the way.
 */
function emitPermutation(module: ModuleBuilder, scratch: number): Func {
  const { lane } = lanesAt(scratch);
  const func = module.begin([], []);
  const [c, d, b] = [five(func), five(func), five(func)];
  const locals: RoundLocals = { c, d, b, value: func.local(I64) };
  const turn = func.local(I32);

  const parities: Code[] = [];
  for (let x = 0; x < 5; x++) {
    let sum = lane(STATE, x);
    for (let y = 1; y < 5; y++) sum = i64.xor(sum, lane(STATE, x + 5 * y));
    parities.push(set(c[x]!, sum));
  }
  // Two rounds a turn, so that the state is back in its place.
  const again = label();
  return func.end([
    parities,
    loop(
      again,
      round(locals, scratch, STATE, OTHER, i64.load(get(turn), scratch + CONSTANTS)),
      round(locals, scratch, OTHER, STATE, i64.load(get(turn), scratch + CONSTANTS + 8)),
      branchIf(again, i32.ltU(tee(turn, i32.add(get(turn), i32.const(16))), i32.const(8 * ROUNDS))),
    ),
  ]);
}

/** Locals, five of each, by the names that they have in FIPS 202. */
interface RoundLocals {
  readonly c: readonly number[];
  readonly d: readonly number[];
  readonly b: readonly number[];
  readonly value: number;
}

const five = (locals: Locals): number[] => [
  locals.local(I64),
  locals.local(I64),
  locals.local(I64),
  locals.local(I64),
  locals.local(I64),
];

/** Whether the parity of a column is the complement of what it should be. */
function isParityComplement(x: number): boolean {
  let isComplement = false;
  for (let y = 0; y < 5; y++) isComplement = isComplement !== COMPLEMENTED.has(x + 5 * y);
  return isComplement;
}

/** One round, from the state in one place to the other. */
function round(
  { c, d, b, value }: RoundLocals,
  scratch: number,
  from: number,
  to: number,
  constant: Code,
): Code {
  const { lane, setLane } = lanesAt(scratch);
  const code: Code[] = [];
  for (let x = 0; x < 5; x++)
    code.push(set(d[x]!, i64.xor(get(c[(x + 4) % 5]!), i64.rotl(get(c[(x + 1) % 5]!), i64.const(1)))));
  for (let y = 0; y < 5; y++) {
    const lanes: Lane[] = [];
    for (let x = 0; x < 5; x++) {
      const source = sourceOf(x, y);
      const column = source % 5;
      const sum = i64.xor(lane(from, source), get(d[column]!));
      code.push(set(b[x]!, source === 0 ? sum : i64.rotl(sum, i64.const(ROTATIONS[source]!))));
      const isTurned = isParityComplement((column + 4) % 5) !== isParityComplement((column + 1) % 5);
      lanes.push({ code: get(b[x]!), isComplement: COMPLEMENTED.has(source) !== isTurned });
    }
    for (let x = 0; x < 5; x++) {
      const index = x + 5 * y;
      const mixed = chi(lanes[x]!, lanes[(x + 1) % 5]!, lanes[(x + 2) % 5]!, COMPLEMENTED.has(index));
      if (y === 0) code.push(setLane(to, index, tee(c[x]!, x === 0 ? i64.xor(mixed, constant) : mixed)));
      else code.push(setLane(to, index, tee(value, mixed)), set(c[x]!, i64.xor(get(c[x]!), get(value))));
    }
  }
  return code;
}
