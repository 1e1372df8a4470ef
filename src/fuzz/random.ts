/**
 * Numbers from a seed, the same ones in every run and on every machine (xoshiro128**, Blackman and Vigna 2018, seeded by
 * splitmix32).
 */

const PAIR = new DataView(new ArrayBuffer(8));

const rotl = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** A source of numbers. */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /** @param seed any number from 0 on; `stream` gives the workers of one run numbers of their own */
  constructor(seed: bigint, stream = 0) {
    let state = stream;
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return mixed ^ (mixed >>> 15);
    };
    for (let rest = seed; ; rest >>= 32n) {
      state = next() ^ Number(BigInt.asUintN(32, rest));
      if (rest >> 32n === 0n) break;
    }
    [this.a, this.b, this.c, this.d] = [next(), next(), next(), next()];
  }

  /** A whole number in [0, 2^32). */
  uint32(): number {
    const result = Math.imul(rotl(Math.imul(this.b, 5), 7), 9) >>> 0;
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = rotl(this.d, 11);
    return result;
  }

  /** A whole number in [0, bound), bound at most 2^32. */
  below(bound: number): number {
    return Math.floor((this.uint32() / 2 ** 32) * bound);
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True once in `times`. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    let four = 0;
    for (let i = 0; i < length; i++) {
      if ((i & 3) === 0) four = this.uint32();
      bytes[i] = four;
      four >>>= 8;
    }
    return bytes;
  }

  /** Any number of so many bits. */
  bits(count: number): bigint {
    let value = 0n;
    for (let have = 0; have < count; have += 64) {
      PAIR.setUint32(0, this.uint32());
      PAIR.setUint32(4, this.uint32());
      value = (value << 64n) | PAIR.getBigUint64(0);
    }
    return BigInt.asUintN(count, value);
  }
}
