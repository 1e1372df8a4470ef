/**
 * The linear memory of one engine as JavaScript sees it: typed arrays that are made anew when it has grown, and words as
 * they lie in it.
 */

import type { Space } from '../machine/memory.ts';
import { GROW_AHEAD, HIGH_MARK, PAGE } from './layout.ts';
import type { LinearMemory } from './webassembly.ts';

const LIMB = 64n;
const TWO_LIMBS = 128n;
const THREE_LIMBS = 192n;
const RECENT = 256;

export class Linear implements Space {
  private readonly memory: LinearMemory;
  bytes!: Uint8Array<ArrayBuffer>;
  view!: DataView<ArrayBuffer>;
  i32!: Int32Array<ArrayBuffer>;
  u64!: BigUint64Array<ArrayBuffer>;
  f64!: Float64Array<ArrayBuffer>;
  /**
   * Large words that were read lately, and their parts of 32 bits: addresses and topics of logs come again and again, and
   * to make a bigint of four limbs takes 100 ns.
   */
  private readonly recent: bigint[] = new Array<bigint>(RECENT).fill(0n);
  private readonly recentParts = new Int32Array(RECENT * 8);

  constructor(memory: LinearMemory) {
    this.memory = memory;
    this.refresh();
  }

  /** To be called whenever the memory may have grown. */
  refresh(): void {
    // A buffer that was left behind has no bytes.
    if (this.bytes !== undefined && this.bytes.length > 0) return;
    const { buffer } = this.memory;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.i32 = new Int32Array(buffer);
    this.u64 = new BigUint64Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  /** Makes the memory reach to `end`; false where the host does not give it. */
  reserve(end: number): boolean {
    const missing = end - this.bytes.length;
    if (missing <= 0) return true;
    try {
      this.memory.grow(Math.ceil(missing / PAGE) + GROW_AHEAD);
    } catch {
      return false;
    }
    this.refresh();
    return true;
  }

  extend(from: number, to: number): void {
    // The limits of frames leave room for it; where the host has none after all, nothing can go on.
    if (!this.reserve(to)) throw new RangeError(`out of memory: ${to} bytes for frames`);
    const mark = this.i32[HIGH_MARK >> 2]!;
    if (from < mark) this.bytes.fill(0, from, Math.min(to, mark));
    this.soil(to);
  }

  /** Notes that something was written below `end`. */
  soil(end: number): void {
    if (end > this.i32[HIGH_MARK >> 2]!) this.i32[HIGH_MARK >> 2] = end;
  }

  /** The word at an address that is a multiple of 8. */
  word(at: number): bigint {
    const { i32, u64, recent, recentParts } = this;
    const i = at >> 2;
    const [a, b, c, d] = [i32[i]!, i32[i + 1]!, i32[i + 2]!, i32[i + 3]!];
    const [e, f, g, h] = [i32[i + 4]!, i32[i + 5]!, i32[i + 6]!, i32[i + 7]!];
    // Most words are small numbers.
    if ((c | d | e | f | g | h) === 0) return b === 0 ? BigInt(a >>> 0) : u64[at >> 3]!;
    const place = (a ^ (a >>> 9) ^ c ^ e) & (RECENT - 1);
    const p = place * 8;
    if (
      recentParts[p] === a &&
      recentParts[p + 1] === b &&
      recentParts[p + 2] === c &&
      recentParts[p + 3] === d &&
      recentParts[p + 4] === e &&
      recentParts[p + 5] === f &&
      recentParts[p + 6] === g &&
      recentParts[p + 7] === h
    )
      return recent[place]!;
    for (let k = 0; k < 8; k++) recentParts[p + k] = i32[i + k]!;
    const j = at >> 3;
    const low = (u64[j + 2]! << TWO_LIMBS) | (u64[j + 1]! << LIMB) | u64[j]!;
    return (recent[place] = (g | h) === 0 ? low : (u64[j + 3]! << THREE_LIMBS) | low);
  }

  setWord(at: number, value: bigint): void {
    const { u64 } = this;
    const j = at >> 3;
    // A store takes the lowest 64 bits.
    u64[j] = value;
    const rest = value >> LIMB;
    u64[j + 1] = rest;
    if (rest === 0n) {
      u64[j + 2] = 0n;
      u64[j + 3] = 0n;
    } else {
      u64[j + 2] = value >> TWO_LIMBS;
      u64[j + 3] = value >> THREE_LIMBS;
    }
  }
}
