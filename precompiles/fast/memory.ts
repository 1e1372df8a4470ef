/**
 * The memory of an instance of mcl: numbers in and out, and room for the points of one operation, all of which is given
 * back at once. Owns no arithmetic.
 */

import { ErbiumError } from '../../src/primitives/errors.ts';
import type { Mcl, Ref } from './mcl.ts';

/** Whatever the curve, a field element has room for 384 bits, and a scalar for 256. */
export const FP_SIZE = 48;
const FR_SIZE = 32;

const WORD = 8;

export class Memory {
  readonly mcl: Mcl;
  private readonly fpLength: number;
  /** What is here passes between numbers and bytes. */
  private readonly scratch: Ref;
  /** Where the points of an operation begin, the next one goes, and room ends. */
  private base: Ref;
  private top: Ref;
  private readonly end: Ref;
  private readonly words: BigUint64Array;

  /**
   * @param fpLength bytes of a field element
   * @param room bytes, at most, of what is kept and one operation needs
   */
  constructor(mcl: Mcl, fpLength: number, room: number) {
    this.mcl = mcl;
    this.fpLength = fpLength;
    const start = mcl._malloc(FP_SIZE + room + WORD);
    if (start === 0) throw new ErbiumError('INVALID_STATE', `mcl-wasm: no ${room} bytes of memory`);
    this.scratch = Math.ceil(start / WORD) * WORD;
    this.base = this.top = this.scratch + FP_SIZE;
    this.end = this.base + room;
    // Nothing that is called later makes the memory grow, which would leave this behind.
    this.words = new BigUint64Array(mcl.wasmMemory.buffer);
  }

  /** Room until the operation ends. */
  take(bytes: number): Ref {
    const at = this.top;
    this.top = at + bytes;
    if (this.top > this.end)
      throw new ErbiumError('INVALID_STATE', 'mcl-wasm: an operation has no room left');
    return at;
  }

  /** Keeps for good what was taken until now. */
  keep(): void {
    this.base = this.top;
  }

  /** Begins an operation, which ends the last one. */
  begin(): void {
    this.top = this.base;
  }

  /** Gives back what a function takes. */
  scoped<T>(run: () => T): T {
    const { top } = this;
    const result = run();
    this.top = top;
    return result;
  }

  copy(to: Ref, from: Ref, bytes: number): void {
    this.words.copyWithin(to / WORD, from / WORD, (from + bytes) / WORD);
  }

  clear(at: Ref, bytes: number): void {
    this.words.fill(0n, at / WORD, (at + bytes) / WORD);
  }

  /** Writes a number below the modulus of the field. */
  setFp(to: Ref, value: bigint): void {
    this.toScratch(value, this.fpLength);
    this.mcl._mclBnFp_deserialize(to, this.scratch, this.fpLength);
  }

  fp(value: bigint): Ref {
    const at = this.take(FP_SIZE);
    this.setFp(at, value);
    return at;
  }

  getFp(from: Ref): bigint {
    this.mcl._mclBnFp_serialize(this.scratch, this.fpLength, from);
    return this.fromScratch(this.fpLength);
  }

  /** Reciprocal modulo the order of the group of a number that is below it and not 0. */
  inverse(scalar: bigint): bigint {
    return this.scoped(() => {
      const at = this.take(FR_SIZE);
      this.toScratch(scalar, FR_SIZE);
      this.mcl._mclBnFr_deserialize(at, this.scratch, FR_SIZE);
      this.mcl._mclBnFr_inv(at, at);
      this.mcl._mclBnFr_serialize(this.scratch, FR_SIZE, at);
      return this.fromScratch(FR_SIZE);
    });
  }

  private toScratch(value: bigint, length: number): void {
    const from = this.scratch / WORD;
    let rest = value;
    for (let i = 0; i < length / WORD; i++) {
      // Storing takes the low 64 bits.
      this.words[from + i] = rest;
      rest >>= 64n;
    }
  }

  private fromScratch(length: number): bigint {
    const from = this.scratch / WORD;
    let value = 0n;
    for (let i = length / WORD - 1; i >= 0; i--) value = (value << 64n) | this.words[from + i]!;
    return value;
  }
}
