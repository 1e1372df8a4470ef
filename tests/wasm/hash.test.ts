/** The emitted hashes: the same bytes as @noble/hashes, whatever the length and wherever the data. */

import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Crypto, nobleCrypto } from '../../precompiles/crypto.ts';
import { bytesToHexDigits } from '../../src/primitives/bytes.ts';
import { keccak256 } from '../../src/primitives/keccak.ts';
import { ModuleBuilder } from '../../src/wasm/assembler/module.ts';
import { emittedHash, encodeHash, pieceBytes } from '../../src/wasm/hash/emitted.ts';
import { installHashes, withEmittedHashes } from '../../src/wasm/hash/install.ts';
import { KECCAK } from '../../src/wasm/hash/keccak.ts';
import { SHA256 } from '../../src/wasm/hash/sha256.ts';
import { webAssembly } from '../../src/wasm/webassembly.ts';

fc.configureGlobal({ seed: 1 });

afterEach(() => vi.unstubAllGlobals());

const hex = bytesToHexDigits;
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const sample = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => i * 31 + (i >> 8) * 7 + length);

describe.each([
  [
    'Keccak-256',
    KECCAK,
    keccak_256,
    [
      ['', 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'],
      ['abc', '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45'],
    ],
  ],
  [
    'SHA-256',
    SHA256,
    sha256,
    [
      ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
      ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
      [
        'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
        '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
      ],
    ],
  ],
] as const)('%s', (_, kind, noble, known) => {
  const into = emittedHash(kind)!;
  const hash = (data: Uint8Array, start = 0, end: number = data.length): string => {
    const out = new Uint8Array(32);
    into(data, start, end, out);
    return hex(out);
  };
  const expectSame = (data: Uint8Array): void =>
    expect(hash(data), `${data.length} bytes`).toBe(hex(noble(data)));

  it.each(known as readonly (readonly [string, string])[])('of %j', (text, expected) =>
    expect(hash(ascii(text))).toBe(expected),
  );

  it('of every length from 0 to 600', () => {
    for (let length = 0; length <= 600; length++) expectSame(sample(length));
  });

  it('of lengths around whole blocks and pieces', () => {
    const piece = pieceBytes(kind);
    expect(piece % kind.blockBytes).toBe(0);
    const whole = [10 * kind.blockBytes, 100 * kind.blockBytes, piece, 2 * piece, 65_536, 131_072];
    for (const length of whole) for (const by of [-9, -8, -1, 0, 1, 8, 9]) expectSame(sample(length + by));
  });

  it('of extreme bytes', () => {
    for (const fill of [0x00, 0x01, 0x80, 0xff]) {
      for (const length of [1, 55, 56, 63, 64, 127, 128, 135, 136, 137, 4_096]) {
        expectSame(new Uint8Array(length).fill(fill));
      }
    }
  });

  it('of megabytes', () => expectSame(sample(3_000_001)));

  it('of any bytes, and of a range of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1_000, size: 'max' }), fc.nat(), fc.nat(), (data, a, b) => {
        const [start, end] = [a % (data.length + 1), b % (data.length + 1)].sort((x, y) => x - y) as [
          number,
          number,
        ];
        const expected = hex(noble(data.slice(start, end)));
        expect(hash(data, start, end)).toBe(expected);
        expect(hash(data.subarray(start, end))).toBe(expected);
        expect(hash(Buffer.from(data), start, end)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves the data as it is, and nothing for the next hash', () => {
    const long = sample(pieceBytes(kind) + 77);
    const before = long.slice();
    const expected = [hex(noble(long)), hex(noble(ascii('abc')))];
    for (let i = 0; i < 3; i++) expect([hash(long), hash(ascii('abc'))]).toEqual(expected);
    expect(long).toEqual(before);
  });

  it('into the data itself', () => {
    const data = sample(200);
    const expected = hex(noble(data));
    into(data, 0, 200, data.subarray(100, 132));
    expect(hex(data.subarray(100, 132))).toBe(expected);
  });

  it('has two that do not know of each other', () => {
    const other = emittedHash(kind)!;
    const [a, b] = [new Uint8Array(32), new Uint8Array(32)];
    into(sample(300), 0, 300, a);
    other(sample(301), 0, 301, b);
    expect([hex(a), hex(b)]).toEqual([hex(noble(sample(300))), hex(noble(sample(301)))]);
  });

  it('within a memory, at any address, where the hash may overlap the data', () => {
    const { Memory, Module, Instance } = webAssembly()!;
    const memory = new Memory({ initial: 1, maximum: 1 });
    const bytes = new Uint8Array(memory.buffer);
    const module = new ModuleBuilder();
    module.importMemory(1, 1);
    const scratch = 8;
    module.exportFunction('hash', kind.emit(module, scratch).hash);
    const { exports } = new Instance(new Module(module.encode()), { '': { memory } });
    const within = exports.hash as (data: number, length: number, out: number) => void;
    const behind = scratch + kind.scratchBytes;
    for (let length = 0; length <= 300; length++) {
      for (const [data, out] of [
        [behind, 40_000],
        [1_001 + behind, 1_001 + behind],
        [65_536 - length, 65_536 - 32],
        [2_000 + behind, 2_000 - 31 + length + behind],
      ] as const) {
        bytes.fill(0xa5, 0, scratch);
        bytes.fill(0xa5, behind);
        bytes.set(sample(length), data);
        const expected = bytes.slice();
        expected.set(noble(sample(length)), out);
        within(data, length, out);
        expected.set(bytes.subarray(scratch, behind), scratch);
        // The hash, and nothing else outside the scratch.
        expect(Buffer.compare(bytes, expected), `${length} bytes at ${data}, hash at ${out}`).toBe(0);
      }
    }
  });

  it('is a valid module', () => {
    const { validate } = webAssembly() as unknown as { validate: (bytes: Uint8Array) => boolean };
    expect(validate(encodeHash(kind))).toBe(true);
  });

  it('is none without WebAssembly, or where it is forbidden', () => {
    const { Memory, Instance } = webAssembly()!;
    vi.stubGlobal('WebAssembly', undefined);
    expect(emittedHash(kind)).toBeNull();
    const Module = class {
      constructor() {
        throw new Error('Refused to compile: no unsafe-eval');
      }
    };
    vi.stubGlobal('WebAssembly', { Memory, Instance, Module });
    expect(emittedHash(kind)).toBeNull();
  });
});

describe('replacing Keccak-256', () => {
  /** Modules that nobody has installed anything in. */
  const fresh = async () => {
    vi.resetModules();
    return import('../../src/primitives/keccak.ts');
  };

  /** More than it has patience for. */
  const hashMany = (keccak256: (data: Uint8Array) => Uint8Array): void => {
    for (let i = 0; i < 60; i++) keccak256(sample(10));
  };

  it('asks for one when hashes are many or long, and takes it for all that follow', async () => {
    for (const enough of [hashMany, (hash: (data: Uint8Array) => Uint8Array) => hash(sample(10_000))]) {
      const { keccak256, keccakWord, replaceKeccak } = await fresh();
      const [make, calls] = [vi.fn(), vi.fn()];
      replaceKeccak(() => {
        make();
        return (data, start, end, out) => {
          calls();
          out.set(keccak_256(data.slice(start, end)));
        };
      });
      expect(hex(keccak256(sample(50)))).toBe(hex(keccak_256(sample(50))));
      expect(make).not.toHaveBeenCalled();
      enough(keccak256);
      expect(make).toHaveBeenCalledOnce();
      // A test vector makes sure that it is the same function.
      expect(calls).toHaveBeenCalled();
      calls.mockClear();
      expect(hex(keccak256(sample(50)))).toBe(hex(keccak_256(sample(50))));
      expect(keccakWord(sample(50))).toBe(BigInt(`0x${hex(keccak_256(sample(50)))}`));
      expect(calls).toHaveBeenCalledTimes(2);
      expect(make).toHaveBeenCalledOnce();
    }
  });

  it('gives the right hash when it changes over, a word too', async () => {
    for (let before = 40; before < 60; before++) {
      const { keccakWord, replaceKeccak } = await fresh();
      replaceKeccak(() => emittedHash(KECCAK));
      for (let i = 0; i < before; i++) keccakWord(sample(1));
      expect(keccakWord(sample(200))).toBe(BigInt(`0x${hex(keccak_256(sample(200)))}`));
    }
  });

  it.each([
    ['another hash', (data: Uint8Array) => sha256(data)],
    ['one that is wrong for a full block', (data: Uint8Array) => keccak_256(data.subarray(0, 135))],
    ['one that knows no ranges', null],
    ['one that is right for no bytes only', () => keccak_256(new Uint8Array(0))],
  ])('does not take %s', async (_, wrong) => {
    const { keccak256, replaceKeccak } = await fresh();
    const wrongInto = vi.fn((data: Uint8Array, start: number, end: number, out: Uint8Array) =>
      out.set(wrong === null ? keccak_256(data) : wrong(data.slice(start, end))),
    );
    replaceKeccak(() => wrongInto);
    hashMany(keccak256);
    expect(wrongInto).toHaveBeenCalled();
    expect(hex(keccak256(sample(200)))).toBe(hex(keccak_256(sample(200))));
  });

  it('is what installing does', async () => {
    const { keccak256 } = await fresh();
    const { Memory, Module, Instance } = webAssembly()!;
    let calls = 0;
    const Counted = class {
      readonly exports: object;
      constructor(module: object, imports: ConstructorParameters<typeof Instance>[1]) {
        const { exports } = new Instance(module, imports);
        const hash = exports.hash as (...args: number[]) => void;
        this.exports = { ...exports, hash: (...args: number[]) => [calls++, hash(...args)] };
      }
    };
    vi.stubGlobal('WebAssembly', { Memory, Module, Instance: Counted });
    const install = await import('../../src/wasm/hash/install.ts');
    install.installHashes();
    hashMany(keccak256);
    calls = 0;
    install.installHashes();
    expect(hex(keccak256(sample(50)))).toBe(hex(keccak_256(sample(50))));
    expect(calls).toBe(1);
  });

  it('does not happen without WebAssembly', async () => {
    const { keccak256 } = await fresh();
    vi.stubGlobal('WebAssembly', undefined);
    const install = await import('../../src/wasm/hash/install.ts');
    install.installHashes();
    hashMany(keccak256);
    expect(hex(keccak256(sample(50)))).toBe(hex(keccak_256(sample(50))));
    const crypto = install.withEmittedHashes(nobleCrypto);
    expect(hex(crypto.sha256(sample(100)))).toBe(hex(sha256(sample(100))));
  });
});

describe('SHA-256 of a provider', () => {
  it('is the emitted one, in a new array; all else but BLAKE2F stays', () => {
    let calls = 0;
    const counted: Crypto = {
      ...nobleCrypto,
      sha256: (data) => {
        calls++;
        return sha256(data);
      },
    };
    const crypto = withEmittedHashes(counted);
    const first = crypto.sha256(sample(100));
    const second = crypto.sha256(sample(101));
    expect([hex(first), hex(second)]).toEqual([hex(sha256(sample(100))), hex(sha256(sample(101)))]);
    expect(calls).toBe(0);
    const changed = { sha256: null, blake2f: null };
    expect({ ...crypto, ...changed }).toEqual({ ...nobleCrypto, ...changed });
  });
});

describe('installed', async () => {
  installHashes();
  keccak256(new Uint8Array(1 << 14));

  // The tests of Keccak-256, once more.
  await import('../primitives/keccak.test.ts');
});
