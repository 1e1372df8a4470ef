/**
 * SHA-256 in WebAssembly. Names are those of the source, with the eight working variables in one list.
 *
 * Source: FIPS 180-4, sections 4.1.2, 4.2.2, 5.1.1, 5.3.3 and 6.2.
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
  memory,
  set,
  tee,
  ValueType,
  when,
} from '../assembler/code.ts';
import { call, type Func, type ModuleBuilder } from '../assembler/module.ts';
import type { EmittedHash, HashKind } from './emitted.ts';

/** How many bytes of data go into the state at a time. */
const BLOCK_BYTES = 64;

const WORDS = 8;
const ROUNDS = 64;
/** Rounds of a turn: as many as the message schedule looks back. */
const TURN = 16;

// The scratch: the state, how many bytes it has taken, the last block, the constants of the rounds.
const STATE = 0;
const TAKEN = STATE + 4 * WORDS;
const BLOCK = TAKEN + 8;
const CONSTANTS = BLOCK + BLOCK_BYTES;

const SCRATCH = CONSTANTS + 4 * ROUNDS;

const { I32 } = ValueType;

type FourLocals = [number, number, number, number];
type EightLocals = [number, number, number, number, number, number, number, number];

/** The first `count` prime numbers. */
function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

/** The first 32 bits of the fraction. */
const fraction = (root: number): number => ((root % 1) * 2 ** 32) | 0;

const rotr = (value: number, by: number): Code => i32.rotr(get(value), i32.const(by));
const sum = (...values: Code[]): Code => values.reduce((total, value) => i32.add(total, value));
const exclusiveOr = (...values: Code[]): Code => values.reduce((total, value) => i32.xor(total, value));

const ZERO = i32.const(0);

export const SHA256: HashKind = { emit: emitSha256, scratchBytes: SCRATCH, blockBytes: BLOCK_BYTES };

/** @param scratch where the module's memory has `SHA256.scratchBytes` for this hash alone; a multiple of 8 */
export function emitSha256(module: ModuleBuilder, scratch: number): EmittedHash {
  const constants = new DataView(new ArrayBuffer(4 * ROUNDS));
  for (const [i, prime] of primes(ROUNDS).entries())
    constants.setInt32(4 * i, fraction(Math.cbrt(prime)), true);
  module.data(scratch + CONSTANTS, new Uint8Array(constants.buffer));
  const compress = emitCompression(module, scratch);
  const begin = emitBegin(module, scratch);
  const absorb = emitAbsorb(module, scratch, compress);
  const finish = emitFinish(module, scratch, compress, absorb);
  const hash = emitHash(module, begin, finish);

  return { hash, begin, absorb, finish };
}

function emitBegin(module: ModuleBuilder, scratch: number): Func {
  const func = module.begin([], []);
  return func.end([
    primes(WORDS).map((prime, i) =>
      i32.store(ZERO, i32.const(fraction(Math.sqrt(prime))), scratch + STATE + 4 * i),
    ),
    i64.store(ZERO, i64.const(0), scratch + TAKEN),
  ]);
}

function emitAbsorb(module: ModuleBuilder, scratch: number, compress: Func): Func {
  const func = module.begin([I32, I32], []);
  const [data, length] = func.params;
  const next = label();
  return func.end([
    i64.store(ZERO, i64.add(i64.load(ZERO, scratch + TAKEN), i64.extendI32U(get(length))), scratch + TAKEN),
    loop(
      next,
      when(i32.geU(get(length), i32.const(BLOCK_BYTES)), [
        call(compress, get(data)),
        set(data, i32.add(get(data), i32.const(BLOCK_BYTES))),
        set(length, i32.sub(get(length), i32.const(BLOCK_BYTES))),
        branch(next),
      ]),
    ),
  ]);
}

function emitFinish(module: ModuleBuilder, scratch: number, compress: Func, absorb: Func): Func {
  const func = module.begin([I32, I32, I32], []);
  const [data, length, out] = func.params;
  const rest = func.local(I32);
  const block = scratch + BLOCK;
  const lengthAt = BLOCK_BYTES - 8;
  const clear = (from: number): Code =>
    Array.from({ length: (BLOCK_BYTES - from) / 8 }, (_, i) =>
      i64.store(ZERO, i64.const(0), block + from + 8 * i),
    );
  return func.end([
    call(absorb, get(data), get(length)),
    set(rest, i32.and(get(length), i32.const(BLOCK_BYTES - 1))),
    // What is left, a 1 bit after it, and at the end of the block, or of one more, the length in bits.
    clear(0),
    memory.copy(i32.const(block), i32.sub(i32.add(get(data), get(length)), get(rest)), get(rest)),
    i32.store8(get(rest), i32.const(0x80), block),
    when(i32.geU(get(rest), i32.const(lengthAt)), [call(compress, i32.const(block)), clear(0)]),
    Array.from({ length: 8 }, (_, i) =>
      i64.store8(
        ZERO,
        i64.shrU(i64.shl(i64.load(ZERO, scratch + TAKEN), i64.const(3)), i64.const(56 - 8 * i)),
        block + lengthAt + i,
      ),
    ),
    call(compress, i32.const(block)),
    Array.from({ length: WORDS }, (_, i) =>
      i32.store(get(out), swapped(i32.load(ZERO, scratch + STATE + 4 * i), rest), 4 * i),
    ),
  ]);
}

function emitHash(module: ModuleBuilder, begin: Func, finish: Func): Func {
  const func = module.begin([I32, I32, I32], []);
  const [data, length, out] = func.params;
  return func.end([call(begin), call(finish, get(data), get(length), get(out))]);
}

/** The four bytes of a word in the other order. */
function swapped(word: Code, temporary: number): Code {
  return i32.or(
    i32.and(i32.rotl(tee(temporary, word), i32.const(8)), i32.const(0x00ff00ff)),
    i32.and(i32.rotr(get(temporary), i32.const(8)), i32.const(0xff00ff00)),
  );
}

/**
 * Takes the block at an address. All is in locals: 190 ns a block on Node 20; with the message schedule in memory and
 * eight rounds a turn it is half the code and takes 220.
 */
function emitCompression(module: ModuleBuilder, scratch: number): Func {
  const func = module.begin([I32], []);
  const [data] = func.params;
  const variables = Array.from({ length: WORDS }, () => func.local(I32));
  const schedule = Array.from({ length: TURN }, () => func.local(I32));
  const temporary = func.local(I32);
  const turn = func.local(I32);

  /** The variables move on by one in each round, so that two of them are all that changes. */
  const round = (t: number, word: Code): Code => {
    const [a, b, c, d, e, f, g, h] = variables.map(
      (_, i) => variables[(i + TURN - t) % WORDS]!,
    ) as EightLocals;
    const choice = i32.xor(get(g), i32.and(get(e), i32.xor(get(f), get(g))));
    const majority = i32.or(i32.and(get(a), get(b)), i32.and(get(c), i32.or(get(a), get(b))));
    const sigma0 = exclusiveOr(rotr(a, 2), rotr(a, 13), rotr(a, 22));
    const sigma1 = exclusiveOr(rotr(e, 6), rotr(e, 11), rotr(e, 25));
    const constant = i32.load(get(turn), scratch + CONSTANTS + 4 * t);
    return [
      set(h, sum(get(h), sigma1, choice, constant, word)),
      set(d, i32.add(get(d), get(h))),
      set(h, sum(get(h), sigma0, majority)),
    ];
  };
  /** The word of round `t` of a turn after the first, in the place of the one 16 before. */
  const next = (t: number): Code => {
    const [first, far, middle, near] = [0, 1, 9, 14].map((i) => schedule[(t + i) % TURN]!) as FourLocals;
    return tee(
      first,
      sum(
        get(first),
        exclusiveOr(rotr(far, 7), rotr(far, 18), i32.shrU(get(far), i32.const(3))),
        get(middle),
        exclusiveOr(rotr(near, 17), rotr(near, 19), i32.shrU(get(near), i32.const(10))),
      ),
    );
  };
  const again = label();
  return func.end([
    variables.map((variable, i) => set(variable, i32.load(ZERO, scratch + STATE + 4 * i))),
    schedule.map((word, t) => round(t, tee(word, swapped(i32.load(get(data), 4 * t), temporary)))),
    loop(
      again,
      set(turn, i32.add(get(turn), i32.const(4 * TURN))),
      schedule.map((_, t) => round(t, next(t))),
      branchIf(again, i32.ltU(get(turn), i32.const(4 * (ROUNDS - TURN)))),
    ),
    variables.map((variable, i) =>
      i32.store(
        ZERO,
        i32.add(i32.load(ZERO, scratch + STATE + 4 * i), get(variable)),
        scratch + STATE + 4 * i,
      ),
    ),
  ]);
}
