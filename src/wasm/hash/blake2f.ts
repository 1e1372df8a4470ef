/**
 * The compression function F of BLAKE2b in WebAssembly, with a free number of rounds as EIP-152 has it. Names are those
 * of RFC 7693, sections 3.1 and 3.2.
 *
 * Ten rounds are in a row, each with the message words in its order, and the end may come before any of them. Measured
 * on Node 20, nanoseconds for a round: 9.5 as it is; 10.8 with the message words read from memory; 13 in vectors of two
 * words; 13 with the message laid out ten times, once for each order; 15 with the order in memory.
 *
 * By the precompile, before and after, in microseconds of processor time: 2 and 0.10 without rounds, 2.5 and 0.11 with
 * one, 4.4 and 0.23 with 12, 166 and 9.6 with 1,000, 16,400 and 947 with 100,000. Emitting takes 3 ms, once.
 */

import { IV, SIGMA } from '../../../precompiles/blake2b.ts';
import type { Crypto } from '../../../precompiles/crypto.ts';
import {
  block,
  branch,
  branchIf,
  type Code,
  get,
  i32,
  i64,
  label,
  loop,
  set,
  ValueType,
  when,
} from '../assembler/code.ts';
import { call, type Func, ModuleBuilder } from '../assembler/module.ts';
import { instantiateAlone } from './emitted.ts';

// The memory: state, message and offset as they are given, where the new state takes the place of the old; the working
// vector.
const H = 0;
const M = H + 64;
const T = M + 128;
const V = T + 16;

const WORDS = 16;
const ORDERS = 10;

/**
 * Most rounds of a call within the module, a multiple of ten. V8's first machine code takes 150 ns for a round, and what
 * has begun in it ends in it; a call that comes after the better code is there takes that.
 */
const TURN = 1_000;

const { I32, I64 } = ValueType;

type FourLocals = [number, number, number, number];

const ZERO = i32.const(0);
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const word = (at: number, index: number): Code => i64.load(ZERO, at + 8 * index);
const setWord = (at: number, index: number, value: Code): Code => i64.store(ZERO, value, at + 8 * index);

/** F as a function, a new one at each call; null where WebAssembly is not allowed. */
export function emittedBlake2f(): Crypto['blake2f'] | null {
  const instance = instantiateAlone(encodeBlake2f);
  if (instance === null) return null;
  const { exports, bytes } = instance;
  const compress = exports.compress as (rounds: number, isLast: number) => void;
  const state = bytes.subarray(H, M);
  return (rounds, words, isLast) => {
    bytes.set(words, H);
    compress(rounds, isLast ? 1 : 0);
    return new Uint8Array(state);
  };
}

function encodeBlake2f(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(1, 1);
  module.exportFunction('compress', emitCompression(module, emitRounds(module)));
  return module.encode();
}

/** (rounds, isLast): gives the state its new value. */
function emitCompression(module: ModuleBuilder, mixRounds: Func): Func {
  const func = module.begin([I32, I32], []);
  const [rounds, isLast] = func.params;
  const next = label();
  const changes = [word(T, 0), word(T, 1), i64.sub(i64.const(0), i64.extendI32U(get(isLast)))];
  return func.end([
    range(8).map((i) => {
      const iv = i64.const((BigInt(IV[2 * i + 1]!) << 32n) | BigInt(IV[2 * i]!));
      const change = changes[i - 4];
      return [setWord(V, i, word(H, i)), setWord(V, 8 + i, change === undefined ? iv : i64.xor(iv, change))];
    }),
    loop(
      next,
      when(i32.gtU(get(rounds), i32.const(TURN)), [
        call(mixRounds, i32.const(TURN)),
        set(rounds, i32.sub(get(rounds), i32.const(TURN))),
        branch(next),
      ]),
    ),
    call(mixRounds, get(rounds)),
    range(8).map((i) => setWord(H, i, i64.xor(i64.xor(word(H, i), word(V, i)), word(V, 8 + i)))),
  ]);
}

/** (rounds): so many, the first of them in the first order, on the working vector. */
function emitRounds(module: ModuleBuilder): Func {
  const func = module.begin([I32], []);
  const [rounds] = func.params;
  const v = range(WORDS).map(() => func.local(I64));
  const m = range(WORDS).map(() => func.local(I64));

  /** Half of the source's G, which takes one word of the message. */
  const mix = ([a, b, c, d]: FourLocals, x: number, first: number, second: number): Code => [
    set(a, i64.add(i64.add(get(a), get(b)), get(x))),
    set(d, i64.rotr(i64.xor(get(d), get(a)), i64.const(first))),
    set(c, i64.add(get(c), get(d))),
    set(b, i64.rotr(i64.xor(get(b), get(c)), i64.const(second))),
  ];
  // Columns, then diagonals.
  const quarters = range(8).map(
    (i) => range(4).map((row) => v[4 * row + ((i + (i >> 2) * row) % 4)]!) as FourLocals,
  );
  const round = (order: number): Code =>
    quarters.map((quarter, i) => {
      const at = WORDS * order + 2 * i;
      return [mix(quarter, m[SIGMA[at]!]!, 32, 24), mix(quarter, m[SIGMA[at + 1]!]!, 16, 63)];
    });

  const [again, done] = [label(), label()];
  return func.end([
    range(WORDS).map((i) => [set(v[i]!, word(V, i)), set(m[i]!, word(M, i))]),
    block(
      done,
      loop(
        again,
        range(ORDERS).map((order) => [
          branchIf(done, i32.eqz(get(rounds))),
          set(rounds, i32.sub(get(rounds), i32.const(1))),
          round(order),
        ]),
        branch(again),
      ),
    ),
    range(WORDS).map((i) => setWord(V, i, get(v[i]!))),
  ]);
}
