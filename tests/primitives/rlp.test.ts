import { RLP } from '@ethereumjs/rlp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesToHexDigits, hexToBytes } from '../../src/primitives/bytes.ts';
import { ErbiumError } from '../../src/primitives/errors.ts';
import { decodeRlp, encodeRlp, type RlpItem } from '../../src/primitives/rlp.ts';

const hex = bytesToHexDigits;
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 3 }),
  fc.uint8Array({ maxLength: 60, size: 'max' }),
  fc.integer({ min: 250, max: 300 }).map((length) => new Uint8Array(length).fill(length & 255)),
);
const { item } = fc.letrec<{ item: RlpItem }>((tie) => ({
  item: fc.oneof({ maxDepth: 5 }, bytes, fc.array(tie('item'), { maxLength: 8 })),
}));

/** The error that decoding throws; fails if it throws none, or another kind. */
function failure(data: Uint8Array): ErbiumError {
  try {
    decodeRlp(data, 'test item');
  } catch (error) {
    expect(error).toBeInstanceOf(ErbiumError);
    return error as ErbiumError;
  }
  throw new Error(`${hex(data)} was accepted`);
}

describe('examples of the Yellow Paper and the wiki', () => {
  const lorem = ascii('Lorem ipsum dolor sit amet, consectetur adipisicing elit');
  for (const [name, input, expected] of [
    ['dog', ascii('dog'), '83646f67'],
    ['cat, dog', [ascii('cat'), ascii('dog')], 'c88363617483646f67'],
    ['no bytes', new Uint8Array(0), '80'],
    ['no items', [], 'c0'],
    ['zero', 0n, '80'],
    ['a zero byte', Uint8Array.of(0), '00'],
    ['15', 15n, '0f'],
    ['127', 127n, '7f'],
    ['128', 128n, '8180'],
    ['1024', 1024n, '820400'],
    ['2^256 - 1', 2n ** 256n - 1n, `a0${'ff'.repeat(32)}`],
    ['three as sets', [[], [[]], [[], [[]]]], 'c7c0c1c0c3c0c1c0'],
    ['55 bytes', new Uint8Array(55), `b7${'00'.repeat(55)}`],
    ['56 bytes', lorem, `b838${hex(lorem)}`],
    ['256 bytes', new Uint8Array(256), `b90100${'00'.repeat(256)}`],
    ['65536 bytes', new Uint8Array(65_536), `ba010000${'00'.repeat(65_536)}`],
    ['a list of 55 bytes', Array(55).fill(1n), `f7${'01'.repeat(55)}`],
    ['a list of 56 bytes', Array(56).fill(1n), `f838${'01'.repeat(56)}`],
  ] as const) {
    test(name, () => {
      expect(hex(encodeRlp(input))).toBe(expected);
      expect(hex(encodeRlp(decodeRlp(hexToBytes(expected))))).toBe(expected);
    });
  }
});

describe('random items', () => {
  test('are encoded as @ethereumjs/rlp encodes them, and decoded to themselves', () => {
    fc.assert(
      fc.property(item, (value) => {
        const encoded = encodeRlp(value);
        expect(hex(encoded)).toBe(hex(RLP.encode(value as Parameters<typeof RLP.encode>[0])));
        expect(decodeRlp(encoded)).toEqual(value);
      }),
      { numRuns: 1000 },
    );
  });

  test('numbers are encoded as @ethereumjs/rlp encodes them', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })), (numbers) => {
        expect(hex(encodeRlp(numbers))).toBe(hex(RLP.encode(numbers)));
      }),
    );
  });

  test('nothing is accepted after one cut, one more byte or one change, but another canonical item', () => {
    fc.assert(
      fc.property(item, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, flip) => {
        const encoded = encodeRlp(value);
        expect(failure(encoded.slice(0, at % encoded.length)).code).toBe('INVALID_RLP');
        expect(failure(Uint8Array.of(...encoded, flip)).code).toBe('INVALID_RLP');
        const changed = encoded.slice();
        changed[at % encoded.length]! ^= flip;
        checkCanonical(changed);
      }),
      { numRuns: 1000 },
    );
  });
});

/** Either the bytes are rejected properly, or they are the one encoding of what they decode to. */
function checkCanonical(data: Uint8Array): void {
  let value: RlpItem;
  try {
    value = decodeRlp(data, 'test item');
  } catch (error) {
    expect(error).toBeInstanceOf(ErbiumError);
    expect((error as ErbiumError).code).toBe('INVALID_RLP');
    expect((error as ErbiumError).message).toMatch(/^test item: .+ at byte \d+$/);
    return;
  }
  expect(hex(encodeRlp(value))).toBe(hex(data));
}

test('random bytes are either canonical or rejected', () => {
  const headers = fc.constantFrom(
    0x80,
    0x81,
    0xb7,
    0xb8,
    0xb9,
    0xbf,
    0xc0,
    0xc1,
    0xc2,
    0xf7,
    0xf8,
    0xf9,
    0xff,
  );
  const crafted = fc.array(fc.oneof(headers, fc.nat(60), fc.nat(255)), { maxLength: 80 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), checkCanonical), { numRuns: 3000 });
  fc.assert(
    fc.property(crafted, (data) => checkCanonical(Uint8Array.from(data))),
    { numRuns: 5000 },
  );
});

describe('what is not canonical is rejected, and the byte is named', () => {
  for (const [name, data, at] of [
    ['nothing at all', '', 0],
    ['a single byte with a prefix', '8100', 1],
    ['a single byte 0x7f with a prefix', '817f', 1],
    ['the same in a list', 'c2817f', 2],
    ['a short string with a long header', `b837${'00'.repeat(55)}`, 2],
    ['an empty string with a long header', 'b800', 1],
    ['a single byte with a long header', 'b801ff', 2],
    ['a length with a leading zero', `b90038${'00'.repeat(56)}`, 1],
    ['a short list with a long header', `f837${'01'.repeat(55)}`, 2],
    ['an empty list with a long header', 'f800', 1],
    ['a list length with a leading zero', `f90038${'01'.repeat(56)}`, 1],
    ['a string past the end', '83646f', 1],
    ['a long string past the end', `b838${'00'.repeat(55)}`, 2],
    ['a list past the end', 'c2', 1],
    ['a string past the end of its list', 'c183646f67', 2],
    ['a list past the end of its list', 'c1c1c0', 2],
    ['a header without its length', 'b8', 1],
    ['a header with half its length', 'b901', 1],
    ['a list header without its length', 'f8', 1],
    ['a length of eight bytes', `bf${'ff'.repeat(8)}`, 9],
    ['a list length of eight bytes', `ff${'ff'.repeat(8)}`, 9],
    ['bytes after a string', '83646f6700', 4],
    ['bytes after a list', 'c0c0', 1],
    ['bytes after a single byte', '0001', 1],
  ] as const) {
    test(name, () => {
      const error = failure(hexToBytes(data));
      expect(error.code).toBe('INVALID_RLP');
      expect(error.message).toMatch(/^test item: /);
      expect(error.message).toMatch(new RegExp(` at byte ${at}$`));
    });
  }
});

test('hostile nesting is an error, not a stack overflow', () => {
  let nested: RlpItem = [];
  for (let i = 0; i < 64; i++) nested = [nested];
  expect(decodeRlp(encodeRlp(nested))).toEqual(nested);
  expect(failure(encodeRlp([nested])).message).toMatch(/nested deeper than 64 lists/);
  expect(failure(new Uint8Array(1_000_000).fill(0xc1)).code).toBe('INVALID_RLP');
});

test('a list of 300,000 items', () => {
  const items = new Array<bigint>(300_000).fill(1n);
  const encoded = encodeRlp(items);
  expect(hex(encoded.subarray(0, 6))).toBe('fa0493e00101');
  expect(decodeRlp(encoded)).toHaveLength(300_000);
});

test('the input of a single byte is not handed out', () => {
  const input = Uint8Array.of(5);
  encodeRlp(input).fill(9);
  expect(input).toEqual(Uint8Array.of(5));
});
