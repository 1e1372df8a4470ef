import { Random } from '../../helpers/random.ts';

const POOL_SIZE = 1 << 20;

/** Any bytes, mostly of about the right length. */
export function* randomInputs(seed: number, length: number, count: number): Generator<Uint8Array> {
  const random = new Random(seed);
  const pool = random.bytes(POOL_SIZE);
  for (let i = 0; i < count; i++) {
    const size = i % 4 === 0 ? length : random.below(2 * length + 2);
    const at = random.below(POOL_SIZE - size);
    yield pool.slice(at, at + size);
  }
}

/** A valid input with one bit changed, one for each of `count` places that lie evenly over it. */
export function* flipped(input: Uint8Array, count: number): Generator<Uint8Array> {
  const bits = input.length * 8;
  const step = Math.max(1, Math.floor(bits / count));
  for (let bit = 0; bit < bits; bit += step) {
    const changed = input.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    yield changed;
  }
}

/** A valid input made into others: cut, grown, overwritten in part or as a whole, with lengths near 2^32 in it. */
export function* distorted(input: Uint8Array, seed: number, count: number): Generator<Uint8Array> {
  const { length } = input;
  yield new Uint8Array(0);
  yield new Uint8Array(length);
  yield new Uint8Array(length).fill(0xff);
  yield input.slice(0, length - 1);
  yield Uint8Array.from([...input, 0]);
  yield Uint8Array.from([...input, ...input]);
  for (let i = 1; i < 32; i++) yield input.slice(0, Math.floor((i * length) / 32));
  for (let at = 0; at < Math.min(length, 16); at++) {
    for (const byte of [0x00, 0x01, 0x7f, 0x80, 0xff]) yield input.map((old, i) => (i === at ? byte : old));
    yield input.map((old, i) => (i >= at && i < at + 4 ? 0xff : old));
  }
  const random = new Random(seed);
  for (let i = 0; i < count; i++) {
    const changed = input.slice();
    const at = random.below(length);
    const size = 1 + random.below(Math.min(64, length - at));
    const fill = random.below(3);
    if (fill === 0) changed.fill(0, at, at + size);
    else if (fill === 1) changed.fill(0xff, at, at + size);
    else changed.set(random.bytes(size), at);
    yield changed;
  }
}
