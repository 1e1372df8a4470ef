/** Unpacking of gzip, held against Node's zlib. */

import { constants, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ErbiumError } from '../../src/primitives/errors.ts';
import { gunzip } from '../../src/state/readers/inflate.ts';
import { Random } from '../helpers/random.ts';

const LIMIT = 1 << 24;

/** Bytes that repeat themselves more or less. */
function sample(random: Random): Uint8Array {
  const bytes = new Uint8Array(random.below(random.below(3) === 0 ? 70_000 : 600));
  const kinds = 1 + random.below(random.below(2) === 0 ? 4 : 256);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = i > 40 && random.below(3) > 0 ? bytes[i - 1 - random.below(40)]! : random.below(kinds);
  }
  return bytes;
}

describe('gunzip', () => {
  it('gives back what zlib packed, at every level and with every strategy', () => {
    const { Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE } = constants;
    for (let seed = 1; seed <= 150; seed++) {
      const random = new Random(seed);
      const bytes = sample(random);
      const level = random.below(10);
      const strategy = random.pick([Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE]);
      expect(gunzip(gzipSync(bytes, { level, strategy }), 'x', LIMIT)).toEqual(bytes);
    }
  });

  it('passes over the optional parts of the header', () => {
    const packed = gzipSync('hello', { level: 9 });
    const flags = Buffer.from(packed.subarray(0, 10));
    flags[3] = 4 | 8 | 16 | 2;
    const parts = [
      flags,
      Buffer.from([2, 0, 9, 9]),
      Buffer.from('name\0'),
      Buffer.from('words\0'),
      Buffer.from([1, 2]),
    ];
    const out = gunzip(Buffer.concat([...parts, packed.subarray(10)]), 'x', LIMIT);
    expect(new TextDecoder().decode(out)).toBe('hello');
  });

  it('passes over extra data that no other part of the header ends', () => {
    const packed = gzipSync('hello', { level: 9 });
    const start = Buffer.from(packed.subarray(0, 10));
    start[3] = 4;
    const extra = Buffer.from([5, 0, 9, 0, 9, 0, 9]);
    const out = gunzip(Buffer.concat([start, extra, packed.subarray(10)]), 'x', LIMIT);
    expect(new TextDecoder().decode(out)).toBe('hello');
    for (const length of [6, 200, 65_535]) {
      extra.writeUInt16LE(length);
      expect(() => gunzip(Buffer.concat([start, extra, packed.subarray(10)]), 'x', LIMIT)).toThrow(
        /damaged gzip/,
      );
    }
  });

  it('refuses a wrong checksum, a wrong length and a second member', () => {
    const packed = Uint8Array.from(gzipSync('hello'));
    for (const at of [packed.length - 8, packed.length - 5, packed.length - 4, packed.length - 1]) {
      const wrong = packed.map((byte, i) => (i === at ? byte ^ 1 : byte));
      expect(() => gunzip(wrong, 'x', LIMIT)).toThrow('checksum or length is wrong');
    }
    expect(() => gunzip(Buffer.concat([packed, packed]), 'x', LIMIT)).toThrow('bytes left over');
  });

  it('refuses or reads whatever bytes it is given, and never fails otherwise', () => {
    let refused = 0;
    for (let seed = 1; seed <= 2_000; seed++) {
      const random = new Random(seed);
      const packed = Uint8Array.from(gzipSync(sample(random).subarray(0, 400)));
      const cut = random.below(3) === 0 ? packed.subarray(0, random.below(packed.length)) : packed;
      for (let i = random.below(4); i > 0 && cut.length > 0; i--)
        cut[random.below(cut.length)] = random.below(256);
      try {
        gunzip(cut, 'f.gz', LIMIT);
      } catch (error) {
        expect(error).toBeInstanceOf(ErbiumError);
        expect((error as ErbiumError).message).toMatch(/^f\.gz: damaged gzip: /);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(1_000);
  });

  it('stops where more comes out than it may', () => {
    const bomb = gzipSync(new Uint8Array(4_000_000));
    expect(bomb.length).toBeLessThan(5_000);
    expect(() => gunzip(bomb, 'x', 1_000_000)).toThrow('more than 1000000 bytes come out');
    expect(gunzip(bomb, 'x', 4_000_000)).toHaveLength(4_000_000);
  });
});
