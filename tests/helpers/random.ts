/** Numbers from a seed, the same in every run, and random programs made of them. */

import { OPCODES } from '../../opcodes/index.ts';
import { code, type Piece, push, pushAddress } from './assembler.ts';

/** mulberry32: a number in [0, 1) at each call. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Random {
  private readonly next: () => number;

  constructor(seed: number) {
    this.next = randomFrom(seed);
  }

  /** A whole number in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** A word that is small, near a power of two, or anything. */
  word(): bigint {
    const kind = this.below(10);
    if (kind < 6) return BigInt(this.below(kind < 3 ? 8 : 300));
    if (kind < 8) return (1n << BigInt(this.below(256))) - BigInt(this.below(2));
    return BigInt(`0x${[...this.bytes(32)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`);
  }
}

const NAMES = [...new Set(OPCODES.map((row) => row.name))];
const TAKES = new Map(OPCODES.map((row) => [row.name, row.takes]));
const CALLS = ['CALL', 'CALLCODE', 'DELEGATECALL', 'STATICCALL'] as const;

export interface ProgramOptions {
  /** Names of instructions to choose from; all without it. */
  readonly names?: readonly string[];
  /** Addresses that calls go to, beside precompiles. */
  readonly targets: readonly bigint[];
  readonly precompiles: readonly bigint[];
}

/** A program that mostly has words on its stack for what it does. */
export function likelyProgram(random: Random, options: ProgramOptions): Uint8Array {
  const names = options.names ?? NAMES;
  const pieces: Piece[] = [];
  const count = 1 + random.below(25);
  for (let i = 0; i < count; i++) pieces.push(likelyPiece(random, names, options));
  return code(...pieces);
}

function likelyPiece(random: Random, names: readonly string[], options: ProgramOptions): Piece {
  const kind = random.below(20);
  if (kind === 0) return callPiece(random, options);
  if (kind === 1) return createPiece(random);
  if (kind === 2) return [push(random.below(60)), random.pick(['JUMP', 'JUMPI', 'JUMPDEST'])];
  const name = random.pick(names);
  const words: Piece[] = [];
  if (kind > 4) for (let i = 0; i < Math.min(TAKES.get(name)!, 7); i++) words.push(push(random.word()));
  return [words, name];
}

/** Small offsets and sizes, so that the call comes about. */
function callPiece(random: Random, { targets, precompiles }: ProgramOptions): Piece {
  const kind = random.pick(CALLS);
  const to = random.below(2) === 0 ? random.pick(targets) : random.pick(precompiles);
  const range = (): Piece => [push(random.below(100)), push(random.below(64))];
  const value = kind === 'CALL' || kind === 'CALLCODE' ? push(random.below(3)) : [];
  const gas: Piece = random.below(3) === 0 ? 'GAS' : push(random.below(60_000));
  return [range(), range(), value, pushAddress(to), gas, kind];
}

function createPiece(random: Random): Piece {
  const size = push(random.below(80));
  if (random.below(2) === 0) return [size, push(random.below(16)), push(random.below(2)), 'CREATE'];
  return [push(random.below(4)), size, push(random.below(16)), push(random.below(2)), 'CREATE2'];
}
