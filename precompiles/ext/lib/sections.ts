/**
 * The container of the binary files of the circom tools: a magic word, a version, and numbered sections, numbers
 * little-endian. Every length is checked against the file before it is used.
 */

import { demandBytes } from '../../../src/primitives/bytes.ts';
import { ErbiumError } from '../../../src/primitives/errors.ts';
import { littleEndian } from './groth16-curves.ts';

/** Throws with the place of what is wrong. */
export function refuse(place: string, problem: string): never {
  throw new ErbiumError('INVALID_ARGUMENT', `${place}: ${problem}`);
}

/** A part of a file that is read from its begin to its end. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #place: string;
  #at = 0;

  constructor(bytes: Uint8Array, place: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#place = place;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** A view of the next bytes. */
  take(length: number): Uint8Array {
    if (length > this.left)
      refuse(this.#place, `ends after ${this.#bytes.length} bytes, ${length} more expected`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  u32(): number {
    this.take(4);
    return this.#view.getUint32(this.#at - 4, true);
  }

  /** A number of 8 bytes; those that no file can reach lose precision. */
  u64(): number {
    this.take(8);
    return Number(this.#view.getBigUint64(this.#at - 8, true));
  }

  /** A number of this many bytes, at least one, below the limit. */
  below(length: number, limit: bigint): bigint {
    const number = littleEndian(this.take(length));
    if (number >= limit) refuse(this.#place, 'a number is not below its modulus');
    return number;
  }

  end(): void {
    if (this.left !== 0) refuse(this.#place, `${this.left} bytes too many`);
  }
}

/**
 * Readers of the sections of a file, by their numbers.
 * @param magic the four letters in front
 * @param versions the highest version that is known
 * @throws ErbiumError INVALID_ARGUMENT for a wrong magic word or version, a section that is there twice or does not
 * fit, or bytes behind the last one
 */
export function sectionsOf(file: Uint8Array, magic: string, versions: number): (id: number) => Reader {
  demandBytes(file, magic);
  const reader = new Reader(file, magic);
  if (String.fromCharCode(...reader.take(4)) !== magic) refuse(magic, 'is no file of this kind');
  const version = reader.u32();
  if (version < 1 || version > versions) refuse(magic, `version ${version} is not known`);
  const count = reader.u32();
  const found = new Map<number, Uint8Array>();
  for (let i = 0; i < count; i++) {
    const id = reader.u32();
    const length = reader.u64();
    if (found.has(id)) refuse(`${magic} section ${id}`, 'is there twice');
    if (length > reader.left) refuse(`${magic} section ${id}`, 'is longer than the file');
    found.set(id, reader.take(length));
  }
  reader.end();
  return (id) => {
    const place = `${magic} section ${id}`;
    return new Reader(found.get(id) ?? refuse(place, 'is missing'), place);
  };
}
