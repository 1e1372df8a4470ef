/** Signatures and decoding: the specification's examples, round trips through an encoder of the test's own, and hostile data. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AbiType,
  type AbiValue,
  decodeParameters,
  parseAbi,
  selectorOf,
} from '../../src/executor/abi.ts';
import { hexToBytes } from '../../src/primitives/bytes.ts';
import { ErbiumError } from '../../src/primitives/errors.ts';

/** The types in a list such as `uint256,(bytes,bool)[2]`. */
const typesOf = (list: string): AbiType[] =>
  parseAbi([`error E(${list})`], 'error')[0]!.inputs.map(({ type }) => type);

const signatureOf = (entry: unknown, kind: 'error' | 'event' = 'error'): string | undefined =>
  parseAbi([entry], kind)[0]?.signature;

const word = (value: bigint | number): string =>
  BigInt.asUintN(256, BigInt(value)).toString(16).padStart(64, '0');
const words = (...values: readonly (bigint | number | string)[]): Uint8Array =>
  hexToBytes(
    values.map((value) => (typeof value === 'string' ? value.padEnd(64, '0') : word(value))).join(''),
  );

const decode = (list: string, ...values: readonly (bigint | number | string)[]): AbiValue[] | null =>
  decodeParameters(typesOf(list), words(...values));

/** A type with its text, its values and their encoding, as the specification's formal part has them. */
interface Model {
  readonly text: string;
  readonly isDynamic: boolean;
  readonly value: fc.Arbitrary<AbiValue>;
  /** Hex digits. */
  encode(value: AbiValue): string;
}

function encodeSequence(parts: readonly { readonly model: Model; readonly value: AbiValue }[]): string {
  const encoded = parts.map(({ model, value }) => ({ ...model, digits: model.encode(value) }));
  let tail = encoded.reduce((sum, { isDynamic, digits }) => sum + (isDynamic ? 64 : digits.length), 0) / 2;
  const heads: string[] = [];
  const tails: string[] = [];
  for (const { isDynamic, digits } of encoded) {
    if (!isDynamic) heads.push(digits);
    else {
      heads.push(word(tail));
      tails.push(digits);
      tail += digits.length / 2;
    }
  }
  return [...heads, ...tails].join('');
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const padded = (digits: string): string => digits.padEnd(Math.ceil(digits.length / 64) * 64, '0');
const inPlace = (
  text: string,
  value: fc.Arbitrary<AbiValue>,
  encode: (value: AbiValue) => string,
): Model => ({
  text,
  isDynamic: false,
  value,
  encode,
});

const width = fc.integer({ min: 1, max: 32 });
const bytesOf = (length: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => `0x${hexOf(bytes)}`);

const leaf: fc.Arbitrary<Model> = fc.oneof(
  width.map((bytes) => {
    const max = 2n ** BigInt(8 * bytes) - 1n;
    return inPlace(`uint${8 * bytes}`, fc.bigInt({ min: 0n, max }), (value) => word(value as bigint));
  }),
  width.map((bytes) => {
    const half = 2n ** BigInt(8 * bytes - 1);
    const value = fc.bigInt({ min: -half, max: half - 1n });
    return inPlace(`int${8 * bytes}`, value, (number) => word(number as bigint));
  }),
  width.map((bytes) => inPlace(`bytes${bytes}`, bytesOf(bytes), (value) => padded(String(value).slice(2)))),
  fc.constantFrom<Model>(
    inPlace('bool', fc.boolean(), (value) => word(value ? 1 : 0)),
    inPlace('address', bytesOf(20), (value) => word(BigInt(String(value)))),
    {
      text: 'bytes',
      isDynamic: true,
      value: fc.uint8Array({ maxLength: 100 }).map((bytes) => `0x${hexOf(bytes)}`),
      encode: (value) => word(String(value).length / 2 - 1) + padded(String(value).slice(2)),
    },
    {
      text: 'string',
      isDynamic: true,
      value: fc.string({ unit: 'binary', maxLength: 40 }),
      encode(value) {
        const digits = hexOf(new TextEncoder().encode(String(value)));
        return word(digits.length / 2) + padded(digits);
      },
    },
  ),
);

const listOf = (value: AbiValue): readonly AbiValue[] => value as readonly AbiValue[];

const tupleOf = (members: readonly Model[], prefix = ''): Model => ({
  text: `${prefix}(${members.map(({ text }) => text).join(',')})`,
  isDynamic: members.some(({ isDynamic }) => isDynamic),
  value: fc.tuple(...members.map(({ value }) => value)),
  encode: (value) => encodeSequence(members.map((model, i) => ({ model, value: listOf(value)[i]! }))),
});

const arrayOf = (element: Model, length: number | null): Model => ({
  text: `${element.text}[${length ?? ''}]`,
  isDynamic: length === null || element.isDynamic,
  value: fc.array(
    element.value,
    length === null ? { maxLength: 3 } : { minLength: length, maxLength: length },
  ),
  encode(value) {
    const elements = encodeSequence(listOf(value).map((each) => ({ model: element, value: each })));
    return length === null ? word(listOf(value).length) + elements : elements;
  },
});

const { type: modelType } = fc.letrec<{ type: Model }>((tie) => ({
  type: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc
      .tuple(tie('type'), fc.option(fc.integer({ min: 1, max: 3 })))
      .map(([element, k]) => arrayOf(element, k)),
    fc
      .tuple(fc.array(tie('type'), { minLength: 1, maxLength: 3 }), fc.constantFrom('', 'tuple'))
      .map(([members, prefix]) => tupleOf(members, prefix)),
  ),
}));

const parameters = fc.array(modelType, { maxLength: 4 }).map((members) => tupleOf(members));
const encoded = parameters.chain((model) => model.value.map((value) => ({ model, value })));

/** How many values there are, lists counted with their elements. */
const countOf = (value: AbiValue): number =>
  Array.isArray(value) ? value.reduce((sum: number, each: AbiValue) => sum + countOf(each), 1) : 1;

describe('signatures', () => {
  it.each([
    ['error baz(uint32 x, bool y)', 'baz(uint32,bool)', '0xcdcd77c0'],
    ['error bar(bytes3[2])', 'bar(bytes3[2])', '0xfce353f6'],
    ['error sam(bytes, bool, uint[])', 'sam(bytes,bool,uint256[])', '0xa5643bf2'],
    ['error f(uint,uint32[],bytes10,bytes)', 'f(uint256,uint32[],bytes10,bytes)', '0x8be65246'],
    ['error g(uint[][],string[])', 'g(uint256[][],string[])', '0x2289b18c'],
    ['error Error(string)', 'Error(string)', '0x08c379a0'],
    ['error Panic(uint256 code)', 'Panic(uint256)', '0x4e487b71'],
    [
      'error InsufficientBalance(uint256 available, uint256 required)',
      'InsufficientBalance(uint256,uint256)',
      '0xcf479181',
    ],
  ])('%s', (text, signature, selector) => {
    const [item] = parseAbi([text], 'error');
    expect(item!.signature).toBe(signature);
    expect(selectorOf(item!)).toBe(selector);
  });

  it('has the whole hash for an event', () => {
    const [item] = parseAbi(
      ['event Transfer(address indexed from, address indexed to, uint256 value)'],
      'event',
    );
    expect(selectorOf(item!)).toBe('0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef');
    expect(item).toMatchObject({
      kind: 'event',
      name: 'Transfer',
      anonymous: false,
      inputs: [
        { name: 'from', indexed: true },
        { name: 'to', indexed: true },
        { name: 'value', indexed: false },
      ],
    });
  });

  it.each([
    ['error A()', 'A()'],
    ['  error\tA ( ) ; ', 'A()'],
    ['error $a_1(uint $x, int _y)', '$a_1(uint256,int256)'],
    ['error A((uint256 a, address b) pair, tuple(bytes)[] list)', 'A((uint256,address),(bytes)[])'],
    ['error A(tuple ( uint8 [ 2 ] [] ) x)', 'A((uint8[2][]))'],
    ['error A(address payable to, address payable)', 'A(address,address)'],
    ['error A(function callback)', 'A(function)'],
    ['error A(uint indexedBy)', 'A(uint256)'],
    ['error A(uint[999999999999999])', 'A(uint256[999999999999999])'],
  ])('reads %s', (text, signature) => {
    expect(signatureOf(text)).toBe(signature);
  });

  it('reads an anonymous event', () => {
    const [item] = parseAbi(
      ['event A(uint indexed a, uint indexed, uint indexed c, uint indexed d) anonymous;'],
      'event',
    );
    expect(item).toMatchObject({ anonymous: true, signature: 'A(uint256,uint256,uint256,uint256)' });
  });

  it('reads the JSON of the specification', () => {
    const inputs = [
      {
        name: 's',
        type: 'tuple',
        components: [
          { name: 'a', type: 'uint256' },
          { name: 'b', type: 'uint256[]' },
          {
            name: 'c',
            type: 'tuple[]',
            components: [
              { name: 'x', type: 'uint256' },
              { name: 'y', type: 'uint256' },
            ],
          },
        ],
      },
      { name: 'a', type: 'uint256' },
    ];
    expect(signatureOf({ type: 'error', name: 'f', inputs })).toBe(
      'f((uint256,uint256[],(uint256,uint256)[]),uint256)',
    );
    const event = {
      type: 'event',
      inputs: [
        { name: 'a', type: 'uint256', indexed: true },
        { name: 'b', type: 'bytes32', indexed: false },
      ],
      name: 'Event',
    };
    expect(parseAbi([event], 'event')).toMatchObject([
      { signature: 'Event(uint256,bytes32)', inputs: [{ indexed: true }, { indexed: false }] },
    ]);
  });

  it('reads JSON as other tools write it', () => {
    const inputs = [
      { type: 'uint', name: null, components: null },
      { type: '(uint,bytes)[2]', internalType: 'struct S[2]' },
    ];
    expect(signatureOf({ type: 'error', name: 'E', inputs })).toBe('E(uint256,(uint256,bytes)[2])');
  });

  it('passes over entries of other kinds', () => {
    const others = [
      'function f(uint nonsense!)',
      'constructor()',
      'receive() external payable',
      'fallback()',
      'struct S { uint a; }',
      'event A(',
      { type: 'function', name: 'f' },
      { type: 'constructor', stateMutability: 'payable' },
      { type: 'event', name: 'A' },
      { type: 'something new' },
    ];
    expect(parseAbi(others, 'error')).toEqual([]);
    expect(parseAbi(['error A('], 'event')).toEqual([]);
  });
});

describe('bad signatures', () => {
  const deep = (levels: number): string => `error E(${'('.repeat(levels)}uint${')'.repeat(levels)})`;
  const json = (input: unknown, type = 'error'): unknown => ({
    type,
    name: 'E',
    inputs: [{ type: 'bool' }, input],
  });
  let nested: unknown = { type: 'uint' };
  for (let i = 0; i < 33; i++) nested = { type: 'tuple', components: [nested] };

  const errors: readonly (readonly [unknown, string])[] = [
    [undefined, 'abi[1]: expected a signature or an object, got undefined'],
    [null, 'abi[1]: expected a signature or an object, got null'],
    [7, 'abi[1]: expected a signature or an object, got a number'],
    ['', 'abi[1]: expected "error", "event" or another kind of entry, got the end'],
    ['E(uint)', 'abi[1]: expected "error", "event" or another kind of entry, got "E" at position 0'],
    [
      ' errorE(uint)',
      'abi[1]: expected "error", "event" or another kind of entry, got "errorE" at position 1',
    ],
    [
      'x'.repeat(99),
      `abi[1]: expected "error", "event" or another kind of entry, got "${'x'.repeat(40)}…" at position 0`,
    ],
    ['error', 'abi[1]: expected the name of the error, got the end'],
    ['error (uint)', 'abi[1]: expected the name of the error, got "(" at position 6'],
    ['error 1E(uint)', 'abi[1]: expected the name of the error, got "1" at position 6'],
    ['error E', 'abi[1]: expected "(", got the end'],
    ['error E[]', 'abi[1]: expected "(", got "[" at position 7'],
    ['error E(', 'abi[1]: expected a type, got the end'],
    ['error E(,)', 'abi[1]: expected a type, got "," at position 8'],
    ['error E(uint,)', 'abi[1]: expected a type, got ")" at position 13'],
    ['error E(uint a b)', 'abi[1]: expected "," or ")", got "b" at position 15'],
    ['error E(uint 256)', 'abi[1]: expected "," or ")", got "256" at position 13'],
    ['error E(uint', 'abi[1]: expected "," or ")", got the end'],
    ['error E(uint memory 💥)', 'abi[1]: expected "," or ")", got "💥" at position 20'],
    ['error E(uint) anonymous', 'abi[1]: expected the end of the signature, got "anonymous" at position 14'],
    ['error E(uint);;', 'abi[1]: expected the end of the signature, got ";" at position 14'],
    ['error E(uint indexed a)', 'abi[1]: only the parameters of an event are indexed'],
    ['error E(tuple a)', 'abi[1]: expected "(" after "tuple", got "a" at position 14'],
    ['error E(())', 'abi[1]: a tuple has at least one member'],
    ['error E(uint[0])', 'abi[1]: the length of an array is a whole number from 1 to 10^15'],
    ['error E(uint[01])', 'abi[1]: the length of an array is a whole number from 1 to 10^15'],
    ['error E(uint[-1])', 'abi[1]: the length of an array is a whole number from 1 to 10^15'],
    ['error E(uint[k])', 'abi[1]: the length of an array is a whole number from 1 to 10^15'],
    ['error E(uint[9999999999999999])', 'abi[1]: the length of an array is a whole number from 1 to 10^15'],
    ['error E(uint[', 'abi[1]: the length of an array is a whole number from 1 to 10^15'],
    ['error E(uint[3)', 'abi[1]: expected "]", got ")" at position 14'],
    ['error E(uint a, bytes a)', 'abi[1]: two parameters have the name "a"'],
    ['error E((uint a, bytes a) b)', 'abi[1]: two parameters have the name "a"'],
    [deep(33), 'abi[1]: types nest more than 32 deep'],
    [deep(100_000), 'abi[1]: types nest more than 32 deep'],
    [`error E(uint${'[]'.repeat(33)})`, 'abi[1]: types nest more than 32 deep'],
    ...[
      'uint7',
      'uint0',
      'uint08',
      'uint264',
      'int1000',
      'bytes0',
      'bytes33',
      'byte',
      'Uint',
      'fixed128x18',
      'toString',
    ].map((type) => [`error E(${type} a)`, `abi[1]: there is no type "${type}"`] as const),
    [{}, 'abi[1].type: expected text, got undefined'],
    [[], 'abi[1].type: expected text, got undefined'],
    [{ type: 1n }, 'abi[1].type: expected text, got a bigint'],
    [{ type: 'error' }, 'abi[1].name: expected a name, got undefined'],
    [{ type: 'error', name: 'a b', inputs: [] }, 'abi[1].name: expected a name, got "a b"'],
    [{ type: 'error', name: 'E' }, 'abi[1].inputs: expected a list, got undefined'],
    [{ type: 'error', name: 'E', inputs: {} }, 'abi[1].inputs: expected a list, got an object'],
    [
      { type: 'error', name: 'E', inputs: [], anonymous: 1 },
      'abi[1].anonymous: expected true or false, got a number',
    ],
    [json('uint'), 'abi[1].inputs[1]: expected an object, got "uint"'],
    [json(null), 'abi[1].inputs[1]: expected an object, got null'],
    [json({}), 'abi[1].inputs[1].type: expected text, got undefined'],
    [json({ type: [] }), 'abi[1].inputs[1].type: expected text, got a list'],
    [json({ type: '' }), 'abi[1].inputs[1].type: expected a type, got the end'],
    [json({ type: 'uint7' }), 'abi[1].inputs[1].type: there is no type "uint7"'],
    [
      json({ type: 'uint,uint' }),
      'abi[1].inputs[1].type: expected the end of the type, got "," at position 4',
    ],
    [json({ type: 'tuple' }), 'abi[1].inputs[1].components: expected a list, got undefined'],
    [json({ type: 'tuple', components: [] }), 'abi[1].inputs[1].type: a tuple has at least one member'],
    [
      json({ type: 'tuple[]', components: [{ type: 'byte' }] }),
      'abi[1].inputs[1].components[0].type: there is no type "byte"',
    ],
    [
      json({
        type: 'tuple',
        components: [
          { type: 'uint', name: 'a' },
          { type: 'uint', name: 'a' },
        ],
      }),
      'abi[1].inputs[1].components: two parameters have the name "a"',
    ],
    [json({ type: 'uint', name: '1' }), 'abi[1].inputs[1].name: expected a name, got "1"'],
    [json({ type: 'uint', name: 1 }), 'abi[1].inputs[1].name: expected a name, got a number'],
    [json({ type: 'uint', indexed: 1 }), 'abi[1].inputs[1].indexed: expected true or false, got a number'],
    [json({ type: 'uint', indexed: true }), 'abi[1].inputs[1]: only the parameters of an event are indexed'],
    [
      { type: 'error', name: 'E', inputs: [nested] },
      `abi[1].inputs[0]${'.components[0]'.repeat(32)}.type: types nest more than 32 deep`,
    ],
    [
      {
        type: 'error',
        name: 'E',
        inputs: [
          { type: 'uint', name: 'a' },
          { type: 'uint', name: 'a' },
        ],
      },
      'abi[1].inputs: two parameters have the name "a"',
    ],
  ];

  const messageOf = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      expect(error).toBeInstanceOf(ErbiumError);
      expect((error as ErbiumError).code).toBe('INVALID_ARGUMENT');
      return (error as ErbiumError).message;
    }
    throw new Error('nothing was thrown');
  };

  it.each(errors.map(([entry, message]) => ({ message, entry })))('$message', ({ entry, message }) => {
    expect(messageOf(() => parseAbi(['error Fine()', entry], 'error'))).toBe(message);
  });

  it.each([
    ['event E', 'abi[0]: expected "(", got the end'],
    ['event', 'abi[0]: expected the name of the event, got the end'],
    ['event E((uint indexed a) b)', 'abi[0]: only the parameters of an event are indexed'],
    [
      'event E(uint indexed, uint indexed, uint indexed, uint indexed)',
      'abi[0]: more than 3 parameters are indexed',
    ],
    [
      `event E(${Array(5).fill('uint indexed').join()}) anonymous`,
      'abi[0]: more than 4 parameters are indexed',
    ],
  ])('%s', (entry, message) => {
    expect(messageOf(() => parseAbi([entry], 'event'))).toBe(message);
  });

  it.each([
    [null, 'null'],
    ['error E()', '"error E()"'],
    [{ abi: [] }, 'an object'],
  ])('abi is %s', (abi, got) => {
    expect(messageOf(() => parseAbi(abi, 'error'))).toBe(`abi: expected a list, got ${got}`);
  });

  it('nest as deep as is allowed', () => {
    expect(signatureOf(deep(32))).toContain('uint256');
    expect(signatureOf(`error E(uint${'[]'.repeat(32)})`)).toContain('[][]');
  });
});

describe('decoding', () => {
  it.each<[string, (bigint | number | string)[], AbiValue[]]>([
    ['uint32,bool', [69, 1], [69n, true]],
    ['bytes3[2]', ['616263', '646566'], [['0x616263', '0x646566']]],
    ['bytes,bool,uint[]', [0x60, 1, 0xa0, 4, '64617665', 3, 1, 2, 3], ['0x64617665', true, [1n, 2n, 3n]]],
    [
      'uint,uint32[],bytes10,bytes',
      [0x123, 0x80, '31323334353637383930', 0xe0, 2, 0x456, 0x789, 13, '48656c6c6f2c20776f726c6421'],
      [0x123n, [0x456n, 0x789n], '0x31323334353637383930', '0x48656c6c6f2c20776f726c6421'],
    ],
    [
      'uint[][],string[]',
      [
        ...[0x40, 0x140, 2, 0x40, 0xa0, 2, 1, 2, 1, 3],
        ...[3, 0x60, 0xa0, 0xe0, 3, '6f6e65', 3, '74776f', 5, '7468726565'],
      ],
      [
        [[1n, 2n], [3n]],
        ['one', 'two', 'three'],
      ],
    ],
  ])('has the example of the specification: %s', (list, data, values) => {
    expect(decode(list, ...data)).toEqual(values);
  });

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(encoded, ({ model, value }) => {
        const data = hexToBytes(model.encode(value));
        expect(decodeParameters(typesOf(model.text.slice(1, -1)), data)).toEqual(value);
      }),
      { numRuns: 1_000 },
    );
  });

  it('ignores what follows the last value, and where the data begins in its buffer', () => {
    fc.assert(
      fc.property(encoded, fc.uint8Array(), ({ model, value }, rest) => {
        const data = Buffer.concat([Buffer.of(1, 2, 3), hexToBytes(model.encode(value)), rest]).subarray(3);
        expect(decodeParameters(typesOf(model.text.slice(1, -1)), data)).toEqual(value);
      }),
    );
  });

  it('takes no data that is cut, up to the padding of bytes', () => {
    expect(decodeParameters([], new Uint8Array())).toEqual([]);
    const whole = words(0x20, 3, '616263');
    for (let length = 0; length < 67; length++) {
      expect(decodeParameters(typesOf('string'), whole.subarray(0, length))).toBeNull();
    }
    expect(decodeParameters(typesOf('string'), whole.subarray(0, 67))).toEqual(['abc']);
    expect(decode('uint8[2]', 1)).toBeNull();
    expect(decode('uint8[999999999999999][999999999999999][999999999999999]', 1)).toBeNull();
  });

  it.each<[string, bigint | string, AbiValue | null]>([
    ['uint8', 255n, 255n],
    ['uint8', 256n, null],
    ['uint256', 2n ** 256n - 1n, 2n ** 256n - 1n],
    ['int8', 127n, 127n],
    ['int8', 128n, null],
    ['int8', -128n, -128n],
    ['int8', -129n, null],
    ['int8', 255n, null],
    ['int256', -1n, -1n],
    ['bool', 0n, false],
    ['bool', 2n, null],
    ['address', 2n ** 160n - 1n, `0x${'f'.repeat(40)}`],
    ['address', 2n ** 160n, null],
    ['bytes1', '61', '0x61'],
    ['bytes1', '6100000001', null],
    ['bytes32', 1n, `0x${'0'.repeat(63)}1`],
    ['function', 'ff'.repeat(24), `0x${'ff'.repeat(24)}`],
    ['function', 'ff'.repeat(25), null],
  ])('%s of %s', (type, data, value) => {
    expect(decode(type, data)).toEqual(value === null ? null : [value]);
  });

  it.each([
    ['no UTF-8', '61ff62', 'a\ufffdb'],
    ['a byte order mark', 'efbbbf61', '\ufeffa'],
    ['half a character', 'f09f92', '\ufffd'],
    ['a zero', '610062', 'a\0b'],
  ])('reads a string with %s', (_, digits, text) => {
    expect(decode('string', 0x20, digits.length / 2, digits)).toEqual([text]);
  });

  it.each<[string, string, (bigint | number | string)[]]>([
    ['an offset outside', 'bytes', [0x60, 0]],
    ['an offset at the end', 'bytes', [0x20]],
    ['an offset that wraps', 'bytes', [2n ** 256n - 32n, 0]],
    ['an offset of 2^64', 'bytes', [2n ** 64n, 0]],
    ['a length beyond the data', 'bytes', [0x20, 33, 0]],
    ['a length of 2^256 - 1', 'bytes', [0x20, -1, 0]],
    ['more elements than data', 'uint[]', [0x20, 2, 0]],
    ['2^53 elements', 'uint[]', [0x20, 2n ** 53n, 0]],
    ['elements with heads beyond the data', 'string[]', [0x20, 2, 0x20]],
    ['a bad element', 'bool[]', [0x20, 2, 1, 2]],
    ['a bad member', '(bytes,bool)', [0x20, 0x40, 2, 0]],
  ])('gives null for %s', (_, list, data) => {
    expect(decode(list, ...data)).toBeNull();
  });

  it('lets parts overlap, and offsets be odd or point at heads', () => {
    expect(decode('string,string', 0x40, 0x40, 1, '61')).toEqual(['a', 'a']);
    expect(decode('bytes', 0)).toEqual(['0x']);
    expect(decode('bytes', 1, '02abcd')).toBeNull();
    expect(decodeParameters(typesOf('bytes'), hexToBytes(`${word(33)}ff${word(1)}aa`))).toEqual(['0xaa']);
  });
});

describe('hostile data', () => {
  const numbers = fc.oneof(
    fc.nat(12).map((n) => 32n * BigInt(n)),
    fc.bigInt({ min: 0n, max: 8n }),
    fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  );
  const data = fc.oneof(
    fc.uint8Array({ maxLength: 2_000 }),
    fc.array(numbers, { maxLength: 60 }).map((list) => words(...list)),
  );

  it('never throws and never gives more than four times the data', () => {
    fc.assert(
      fc.property(parameters, data, (model, bytes) => {
        const values = decodeParameters(typesOf(model.text.slice(1, -1)), bytes);
        if (values === null) return;
        // Every level of nesting can add a list around a value.
        expect(countOf(values)).toBeLessThanOrEqual(1 + 4 * Math.ceil(bytes.length / 32) * model.text.length);
      }),
      { numRuns: 3_000 },
    );
  });

  it('never throws on a valid encoding with a wrong byte', () => {
    fc.assert(
      fc.property(encoded, fc.nat(), fc.nat(255), ({ model, value }, at, byte) => {
        const bytes = hexToBytes(model.encode(value));
        if (bytes.length > 0) bytes[at % bytes.length] = byte;
        decodeParameters(typesOf(model.text.slice(1, -1)), bytes);
      }),
      { numRuns: 1_000 },
    );
  });

  /** Arrays of `width` offsets that all point at the next such array, `levels` times. */
  const bomb = (levels: number, size: number): Uint8Array => {
    const list: number[] = [0x20];
    for (let level = 0; level < levels; level++) {
      list.push(size, ...Array<number>(size).fill(32 * size));
    }
    return words(...list, 0);
  };

  it.each([
    ['lists', 'bytes', 8, 30],
    ['lists with nothing in them', 'uint', 31, 2],
    ['long lists', 'bytes', 2, 10_000],
    ['tuples', '(uint,bytes)', 8, 30],
  ])('ends early on a bomb of %s', (_, type, levels, size) => {
    const types = typesOf(`${type}${'[]'.repeat(levels)}`);
    const bytes = bomb(levels, size);
    const start = performance.now();
    expect(decodeParameters(types, bytes)).toBeNull();
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('ends early on many names for one long text', () => {
    const count = 2_000;
    const length = 1_000_000;
    const bytes = new Uint8Array(64 + 32 * count + 32 + length);
    bytes.set(words(0x20, count, ...Array<number>(count).fill(32 * count), length));
    for (const type of ['bytes', 'string']) {
      const start = performance.now();
      expect(decodeParameters(typesOf(`${type}[]`), bytes)).toBeNull();
      expect(performance.now() - start).toBeLessThan(5_000);
    }
  });

  it('lets a list share one element', () => {
    const count = 1_000;
    const bytes = words(0x20, count, ...Array<number>(count).fill(32 * count), 0);
    expect(decodeParameters(typesOf('string[]'), bytes)).toEqual([Array(count).fill('')]);
  });
});
