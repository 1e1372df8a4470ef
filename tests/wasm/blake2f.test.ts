/** The emitted compression function of BLAKE2b: what EIP-152 says, and the same bytes as the one it takes the place of. */

import { blake2b } from '@noble/hashes/blake2.js';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { blake2f as row } from '../../precompiles/09-blake2f.ts';
import { compressBlake2b, IV } from '../../precompiles/blake2b.ts';
import { type Crypto, nobleCrypto } from '../../precompiles/crypto.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { bytesToHexDigits, hexToBytes } from '../../src/primitives/bytes.ts';
import { emittedBlake2f } from '../../src/wasm/hash/blake2f.ts';
import { withEmittedHashes } from '../../src/wasm/hash/install.ts';
import { webAssembly } from '../../src/wasm/webassembly.ts';

fc.configureGlobal({ seed: 1 });

afterEach(() => vi.unstubAllGlobals());

type Blake2f = Crypto['blake2f'];

const WORDS_LENGTH = 208;
const hex = bytesToHexDigits;
const sample = (seed: number): Uint8Array =>
  Uint8Array.from({ length: WORDS_LENGTH }, (_, i) => (i + 1) * (seed + 31) + (i >> 3) * 7);
const emitted = emittedBlake2f()!;

const expectSame = (rounds: number, words: Uint8Array, isLast: boolean): void => {
  const expected = hex(compressBlake2b(rounds, words, isLast));
  expect(hex(emitted(rounds, words, isLast)), `${rounds} rounds`).toBe(expected);
};

describe('the test vectors of EIP-152, by the precompile', () => {
  const crypto = withEmittedHashes(nobleCrypto);
  const run = (input: string): string | null => {
    const output = row.run(hexToBytes(`0x${input}`), crypto, rulesOf('Istanbul'));
    return output && hex(output);
  };
  const tail =
    '48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d182e6ad7f520e511f6c3e2b8c68059b' +
    `6bbd41fbabd9831f79217e1319cde05b616263${'00'.repeat(125)}0300000000000000${'00'.repeat(8)}`;

  it.each([
    ['no input', ''],
    ['three bytes of rounds', `00000c${tail}01`],
    ['five bytes of rounds', `000000000c${tail}01`],
    ['a flag of 2', `0000000c${tail}02`],
  ])('refuses %s', (_, input) => expect(run(input)).toBeNull());

  // The fifth of the valid ones has 2^32 - 1 rounds: 45 seconds.
  it.each([
    [
      `00000000${tail}01`,
      '08c9bcf367e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d282e6ad7f520e511f6c3e2b8c68059b9442be0454267ce079217e1319cde05b',
    ],
    [
      `0000000c${tail}01`,
      'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
    ],
    [
      `0000000c${tail}00`,
      '75ab69d3190a562c51aef8d88f1c2775876944407270c42c9844252c26d2875298743e7f6d5ea2f2d3e8d226039cd31b4e426ac4f2d3d666a610c2116fde4735',
    ],
    [
      `00000001${tail}01`,
      'b63a380cb2897d521994a85234ee2c181b5f844d2c624c002677e9703449d2fba551b3a8333bcdf5f2f7e08993d53923de3d64fcc68c034e717b9293fed7a421',
    ],
  ])('%.8s rounds', (input, expected) => expect(run(input)).toBe(expected));
});

describe('the emitted function', () => {
  it('gives the same for any words and 0 to 30 rounds', () => {
    fc.assert(
      fc.property(
        fc.nat(30),
        fc.uint8Array({ minLength: WORDS_LENGTH, maxLength: WORDS_LENGTH }),
        fc.boolean(),
        expectSame,
      ),
      { numRuns: 500 },
    );
  });

  it('gives the same for each bit of the words, and for extreme ones', () => {
    for (let bit = 0; bit < 8 * WORDS_LENGTH; bit++) {
      const words = new Uint8Array(WORDS_LENGTH);
      words[bit >> 3] = 1 << (bit & 7);
      expectSame(bit % 3, words, bit % 2 === 0);
    }
    for (const fill of [0x00, 0x7f, 0x80, 0xff]) {
      for (const rounds of [0, 1, 12]) expectSame(rounds, new Uint8Array(WORDS_LENGTH).fill(fill), true);
    }
  });

  // A thousand rounds are one call within the module.
  it.each([99, 100, 999, 1_000, 1_001, 1_999, 2_000, 2_001, 2_013, 12_345])(
    'gives the same for %i rounds',
    (rounds) => expectSame(rounds, sample(rounds), rounds % 2 === 0),
  );

  it('takes words from anywhere, and leaves them as they are', () => {
    const around = new Uint8Array(300).fill(0xa5);
    around.set(sample(1), 7);
    const before = around.slice();
    const expected = hex(compressBlake2b(12, sample(1), true));
    expect(hex(emitted(12, around.subarray(7, 7 + WORDS_LENGTH), true))).toBe(expected);
    expect(hex(emitted(12, Buffer.from(sample(1)), true))).toBe(expected);
    expect(around).toEqual(before);
  });

  it('gives a new array each time, and nothing to the next call', () => {
    const first = emitted(12, sample(1), true);
    const second = emitted(13, sample(2), false);
    expect([first.constructor, first.length, first.buffer.byteLength]).toEqual([Uint8Array, 64, 64]);
    expect(hex(first)).toBe(hex(compressBlake2b(12, sample(1), true)));
    expect(hex(second)).toBe(hex(compressBlake2b(13, sample(2), false)));
  });

  /** Unkeyed BLAKE2b with 64 bytes of output, by what compresses (RFC 7693, section 3.3). */
  function hashBy(compress: Blake2f, data: Uint8Array): Uint8Array {
    const words = new Uint8Array(WORDS_LENGTH);
    const view = new DataView(words.buffer);
    for (const [i, half] of IV.entries()) view.setUint32(4 * i, half, true);
    view.setUint32(0, (IV[0]! ^ 0x01010040) >>> 0, true);
    for (let at = 0; ; at += 128) {
      const piece = data.subarray(at, at + 128);
      const isLast = at + 128 >= data.length;
      words.fill(0, 64, 192);
      words.set(piece, 64);
      view.setUint32(192, at + piece.length, true);
      const state = compress(12, words, isLast);
      if (isLast) return state;
      words.set(state);
    }
  }

  it('is the one of BLAKE2b', () => {
    for (const length of [0, 1, 3, 127, 128, 129, 255, 256, 257, 1_000, 100_000]) {
      const data = Uint8Array.from({ length }, (_, i) => i * 31 + (i >> 8) * 7 + length);
      expect(hex(hashBy(emitted, data)), `${length} bytes`).toBe(hex(blake2b(data)));
    }
  });

  it('is none without WebAssembly, or where it is forbidden', () => {
    const { Memory, Instance } = webAssembly()!;
    vi.stubGlobal('WebAssembly', undefined);
    expect(emittedBlake2f()).toBeNull();
    const Module = class {
      constructor() {
        throw new Error('Refused to compile: no unsafe-eval');
      }
    };
    vi.stubGlobal('WebAssembly', { Memory, Instance, Module });
    expect(emittedBlake2f()).toBeNull();
  });
});

describe('BLAKE2F of a provider', () => {
  /** A provider that counts what it is asked for. */
  function counting(): { crypto: Crypto; calls: () => number } {
    let calls = 0;
    const blake2f: Blake2f = (...args) => {
      calls++;
      return compressBlake2b(...args);
    };
    return { crypto: { ...nobleCrypto, blake2f }, calls: () => calls };
  }
  /** Modules in which nothing is emitted yet. */
  const fresh = async () => {
    vi.resetModules();
    return import('../../src/wasm/hash/install.ts');
  };
  const expected = hex(compressBlake2b(12, sample(3), true));

  it('is the emitted one, emitted once, when it is asked for', async () => {
    const install = await fresh();
    const { Memory, Module, Instance } = webAssembly()!;
    let modules = 0;
    const Counted = class extends Module {
      constructor(bytes: Uint8Array<ArrayBuffer>) {
        super(bytes);
        modules++;
      }
    };
    vi.stubGlobal('WebAssembly', { Memory, Module: Counted, Instance });
    const { crypto, calls } = counting();
    const providers = [install.withEmittedHashes(crypto), install.withEmittedHashes(nobleCrypto)];
    expect(modules).toBe(0);
    for (const { blake2f } of providers) expect(hex(blake2f(12, sample(3), true))).toBe(expected);
    expect([modules, calls()]).toEqual([1, 0]);
  });

  it("is the provider's own without WebAssembly", async () => {
    const install = await fresh();
    vi.stubGlobal('WebAssembly', undefined);
    const { crypto, calls } = counting();
    const { blake2f } = install.withEmittedHashes(crypto);
    for (let i = 1; i <= 2; i++) {
      expect(hex(blake2f(12, sample(3), true))).toBe(expected);
      expect(calls()).toBe(i);
    }
  });
});
