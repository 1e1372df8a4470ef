/**
 * Inputs of one precompile: first those that an encoding lends itself to be attacked with, one after the other, then
 * valid ones with a few things changed. Owns how inputs are made from the layout; the layouts stand in a table of their
 * own, and whether an answer is right is judged elsewhere.
 */

import { bytesToBigInt, concatBytes, EMPTY_BYTES } from '../../primitives/bytes.ts';
import type { Random } from '../random.ts';

/** What is known of the inputs of a precompile. */
export interface InputKind {
  /** Lengths of the parts in bytes, in their order, again from the first one to the end of the input. */
  readonly parts: readonly number[];
  /** What a part is put to; of larger numbers, as many low bytes as the part has. */
  readonly edges: readonly bigint[];
  /** Whole inputs that are hostile in a way that no part alone is. */
  readonly special: readonly Uint8Array[];
  /** Inputs that are valid, the same ones in every run. */
  readonly samples: readonly Uint8Array[];
  /** An input that is mostly valid, and each time another one; one of the samples where there is no such maker. */
  readonly fresh?: (random: Random) => Uint8Array;
  /** Makes good what refuses an input before the rest of it is looked at, such as a hash of it. */
  readonly mended?: (input: Uint8Array) => Uint8Array;
}

/** Above this not all lengths are tried, but those at both ends and some between. */
const MOST_LENGTHS = 512;
/** Parts that are put to every edge; an input has hundreds where it is a list. */
const MOST_PARTS = 40;
const MOST_RECENT = 16;

/** Big-endian bytes of a fixed length, without what does not fit. */
export function wordOf(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let at = length - 1; at >= 0 && rest > 0n; at--, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  return bytes;
}

/** Where parts begin and end. What is longer than the input ends with it. */
function partsOf({ parts }: InputKind, length: number): [start: number, end: number][] {
  const found: [number, number][] = [];
  for (let at = 0, index = 0; at < length; index++) {
    const end = Math.min(length, at + parts[index % parts.length]!);
    found.push([at, end]);
    at = end;
  }
  return found;
}

function withPart(input: Uint8Array, [start, end]: readonly [number, number], content: Uint8Array) {
  const copy = input.slice();
  copy.set(content.subarray(0, end - start), start);
  return copy;
}

/** Every length up to a little more than the sample has, or of a long one those at the ends and some between. */
function* lengthsTo(length: number): Generator<number> {
  const last = length + 66;
  const step = Math.max(1, Math.floor(last / MOST_LENGTHS));
  for (let n = 0; n <= last; n += n < 66 || n > length - 66 ? 1 : step) yield n;
}

const resized = (input: Uint8Array, length: number): Uint8Array => {
  const copy = new Uint8Array(length);
  copy.set(input.subarray(0, length));
  return copy;
};

/** The hostile inputs in their order, the same ones in every run. */
export function* hostileInputs(kind: InputKind): Generator<Uint8Array> {
  const [sample = EMPTY_BYTES] = kind.samples;
  if (sample.length > 0) yield EMPTY_BYTES;
  yield* kind.samples;
  for (const { length } of kind.samples) yield new Uint8Array(length).fill(0xff);
  yield* kind.special;
  for (const each of kind.samples) {
    yield each.subarray(0, Math.max(0, each.length - 1));
    yield resized(each, each.length + 1);
    yield concatBytes(each, each);
    for (const part of partsOf(kind, each.length).slice(0, MOST_PARTS)) {
      for (const edge of kind.edges) {
        const input = withPart(each, part, wordOf(edge, part[1] - part[0]));
        yield input;
        if (kind.mended !== undefined) yield kind.mended(input);
      }
    }
  }
  for (const length of lengthsTo(sample.length)) {
    yield resized(sample, length);
    yield new Uint8Array(length);
    yield new Uint8Array(length).fill(0xff);
  }
}

/** Makes inputs without end, from a seed. */
export class InputSource {
  private readonly kind: InputKind;
  private readonly random: Random;
  private readonly hostile: Generator<Uint8Array>;
  private readonly recent: Uint8Array[] = [];
  private flips = 0;

  constructor(kind: InputKind, random: Random) {
    this.kind = kind.samples.length > 0 ? kind : { ...kind, samples: [EMPTY_BYTES] };
    this.random = random;
    this.hostile = hostileInputs(this.kind);
  }

  next(): Uint8Array {
    const { random, kind } = this;
    // Between the others from the start: of slow precompiles the hostile ones take minutes.
    if (random.oneIn(4)) return this.flipped();
    const hostile = this.hostile.next();
    if (!hostile.done) return hostile.value;
    let input = random.oneIn(8) && kind.special.length > 0 ? random.pick(kind.special) : this.fresh();
    const changes = random.below(4);
    for (let i = 0; i < changes; i++) input = this.changed(input);
    return kind.mended !== undefined && random.oneIn(2) ? kind.mended(input) : input;
  }

  /** An output goes into later inputs: what adds points takes points. */
  learn(output: Uint8Array): void {
    if (output.length < 20) return;
    if (this.recent.length < MOST_RECENT) this.recent.push(output);
    else this.recent[this.random.below(MOST_RECENT)] = output;
  }

  private fresh(): Uint8Array {
    const { kind, random } = this;
    return kind.fresh === undefined || random.oneIn(4) ? random.pick(kind.samples) : kind.fresh(random);
  }

  /** A sample with one bit changed: one bit of each byte in turn, then the next ones. */
  private flipped(): Uint8Array {
    const input = this.kind.samples[this.flips % this.kind.samples.length]!.slice();
    const place = Math.floor(this.flips++ / this.kind.samples.length);
    if (input.length === 0) return input;
    // From the end: what is forgotten is more often there.
    const at = input.length - 1 - (place % input.length);
    input[at]! ^= 1 << (Math.floor(place / input.length) & 7);
    return input;
  }

  private changed(input: Uint8Array): Uint8Array {
    const { random, kind } = this;
    const all = partsOf(kind, input.length);
    if (all.length === 0) return random.bytes(random.below(2 * kind.parts[0]! + 2));
    const index = random.below(all.length);
    const part = all[index]!;
    const [start, end] = part;
    const width = end - start;
    const few = all[Math.min(all.length, index + random.between(1, 4)) - 1]![1];
    switch (random.below(12)) {
      case 0:
      case 1:
        return withPart(input, part, wordOf(random.pick(kind.edges), width));
      case 2: {
        const value =
          bytesToBigInt(input.subarray(start, end)) + (random.oneIn(2) ? 1n : (1n << BigInt(8 * width)) - 1n);
        return withPart(input, part, wordOf(value, width));
      }
      case 3: {
        const copy = input.slice();
        copy[random.below(copy.length)]! ^= 1 << random.below(8);
        return copy;
      }
      case 4:
        return input.slice(0, random.oneIn(2) ? start : random.below(input.length));
      case 5: {
        const more = random.oneIn(2) ? random.between(1, 3) : width;
        return concatBytes(input, random.oneIn(2) ? new Uint8Array(more) : random.bytes(more));
      }
      case 6:
        return input.slice().fill(random.oneIn(3) ? 0xff : 0, start, few);
      case 7: {
        const [from, to] = random.pick(all);
        return withPart(input, part, input.slice(from, to));
      }
      case 8: {
        const other = this.fresh();
        return concatBytes(input.subarray(0, start), other.subarray(start));
      }
      case 9: {
        if (this.recent.length === 0) return input;
        const output = random.pick(this.recent);
        return withPart(input, [start, Math.min(input.length, start + output.length)], output);
      }
      case 10:
        return random.oneIn(2)
          ? concatBytes(input.subarray(0, start), Uint8Array.of(random.below(2)), input.subarray(start))
          : concatBytes(input.subarray(0, start), input.subarray(start + 1));
      default:
        return withPart(input, part, random.bytes(width));
    }
  }
}
