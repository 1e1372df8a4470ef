/** What reverts say: the errors that every contract has, those of an ABI, and messages that do no harm. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AbiInput, compileErrors, type DecodedError, decodeRevert } from '../../src/executor/revert.ts';
import { hexToBytes } from '../../src/primitives/bytes.ts';
import { ErbiumError } from '../../src/primitives/errors.ts';

const word = (value: bigint | number): string =>
  BigInt.asUintN(256, BigInt(value)).toString(16).padStart(64, '0');

/** A selector and words; texts are left-aligned. */
const output = (selector: string, ...values: readonly (bigint | number | string)[]): Uint8Array =>
  hexToBytes(
    selector +
      values
        .map((value) =>
          typeof value === 'string' ? value.padEnd(64 * Math.ceil(value.length / 64), '0') : word(value),
        )
        .join(''),
  );

const textWords = (text: string): (number | string)[] => {
  const bytes = Buffer.from(text);
  return [bytes.length, bytes.toString('hex')];
};

const revertWith = (text: string): Uint8Array => output('08c379a0', 0x20, ...textWords(text));

const decode = (data: Uint8Array, ...abi: AbiInput): DecodedError | null =>
  decodeRevert(data, compileErrors(abi));

describe('errors that every contract has', () => {
  const table = compileErrors(undefined);

  it("has the documentation's example of Error(string)", () => {
    const data = hexToBytes(
      '0x08c379a00000000000000000000000000000000000000000000000000000000000000020000000000000000000000000000000000000000000000000000000000000001a4e6f7420656e6f7567682045746865722070726f76696465642e000000000000',
    );
    expect(decodeRevert(data, table)).toEqual({
      name: 'Error',
      signature: 'Error(string)',
      args: ['Not enough Ether provided.'],
      message: 'Not enough Ether provided.',
    });
  });

  it.each([
    [0x00, 'Panic 0x00: generic panic inserted by the compiler'],
    [0x01, 'Panic 0x01: assertion failed'],
    [0x11, 'Panic 0x11: arithmetic overflow or underflow'],
    [0x12, 'Panic 0x12: division or modulo by zero'],
    [0x21, 'Panic 0x21: value too big or negative for the enum'],
    [0x22, 'Panic 0x22: storage byte array incorrectly encoded'],
    [0x31, 'Panic 0x31: pop on an empty array'],
    [0x32, 'Panic 0x32: index out of bounds'],
    [0x41, 'Panic 0x41: too much memory allocated or array too large'],
    [0x51, 'Panic 0x51: call of a zero-initialized variable of internal function type'],
    [0x02, 'Panic 0x02: unknown code'],
    [2n ** 256n - 1n, `Panic 0x${'f'.repeat(64)}: unknown code`],
  ])('%s', (code, message) => {
    expect(decodeRevert(output('4e487b71', code), table)).toEqual({
      name: 'Panic',
      signature: 'Panic(uint256)',
      args: [BigInt(code)],
      message,
    });
  });

  it.each([
    ['no output', ''],
    ['three bytes', '08c379'],
    ['an unknown selector', 'ffffffff'],
    ['a selector alone', '08c379a0'],
    ['a cut text', `08c379a0${word(0x20)}${word(3)}6162`],
    ['a cut code', `4e487b71${word(1).slice(2)}`],
  ])('are not seen in %s', (_, digits) => {
    expect(decodeRevert(hexToBytes(digits), table)).toBeNull();
  });

  it('keep their meaning where the ABI names them too', () => {
    const abi = ['error Error(string reason)', 'error Panic(uint256)'];
    expect(decode(revertWith('no'), ...abi)).toMatchObject({ message: 'no' });
    expect(decode(output('4e487b71', 1), ...abi)).toMatchObject({ message: 'Panic 0x01: assertion failed' });
  });
});

describe('errors of an ABI', () => {
  const insufficient = output('cf479181', 1, 2);

  it('are named with their arguments', () => {
    expect(decode(insufficient, 'error InsufficientBalance(uint256 available, uint256 required)')).toEqual({
      name: 'InsufficientBalance',
      signature: 'InsufficientBalance(uint256,uint256)',
      args: [1n, 2n],
      message: 'InsufficientBalance(available: 1, required: 2)',
    });
  });

  it.each<[string, AbiInput[number], string]>([
    ['without names', 'error InsufficientBalance(uint256, uint256)', 'InsufficientBalance(1, 2)'],
    [
      'with one name',
      'error InsufficientBalance(uint, uint required)',
      'InsufficientBalance(1, required: 2)',
    ],
    [
      'from JSON',
      {
        type: 'error',
        name: 'InsufficientBalance',
        inputs: [
          { name: 'available', type: 'uint256', internalType: 'uint256' },
          { name: '', type: 'uint256' },
        ],
      },
      'InsufficientBalance(available: 1, 2)',
    ],
  ])('%s', (_, entry, message) => {
    expect(decode(insufficient, 'event Other()', 'function f()', entry)?.message).toBe(message);
  });

  it('show values of every type', () => {
    const abi = compileErrors([
      'error E(int8 a, bool b, address c, bytes2 d, bytes e, string f, uint8[] g, (uint8 x, bool)[1] h, bytes[] i)',
    ]);
    const [selector] = [...abi].find(([, [item]]) => item!.name === 'E')!;
    const data = output(
      selector.slice(2),
      ...[-1, 1, 0xff, 'abcd', 0x140, 0x180, 0x1c0, 7, 0, 0x220],
      ...[2, '0102', ...textWords('say "\\hi"\n'), 2, 1, 2, 0],
    );
    expect(decodeRevert(data, abi)?.message).toBe(
      `E(a: -1, b: true, c: 0x${'0'.repeat(38)}ff, d: 0xabcd, e: 0x0102, f: "say \\"\\\\hi\\"\\n", g: [1, 2], h: [(x: 7, false)], i: [])`,
    );
  });

  it('need no arguments', () => {
    const table = compileErrors(['error Unauthorized()']);
    expect(decodeRevert(hexToBytes('0x82b42900'), table)).toEqual({
      name: 'Unauthorized',
      signature: 'Unauthorized()',
      args: [],
      message: 'Unauthorized()',
    });
  });

  it('may share a selector: the one that decodes is meant', () => {
    // A known collision of selectors: 0x42966c68.
    const abi = ['error burn(uint256 amount)', 'error collate_propagate_storage(bytes16 place)'];
    expect(compileErrors(abi).get('0x42966c68')).toHaveLength(2);
    expect(decode(output('42966c68', 5), ...abi)?.message).toBe('burn(amount: 5)');
    expect(decode(output('42966c68', 'ff'), ...[...abi].reverse())?.message).toBe(
      `collate_propagate_storage(place: 0xff${'0'.repeat(30)})`,
    );
    expect(decode(output('42966c68', 5), ...[...abi].reverse())?.message).toBe('burn(amount: 5)');
  });

  it('are kept once, in their first form', () => {
    const table = compileErrors(['error A(uint a)', 'error A(uint256 b)', 'error A(uint256)']);
    expect(table.size).toBe(3);
    expect([...table.values()].flat()).toHaveLength(3);
    expect([...table.values()][2]![0]!.inputs[0]!.name).toBe('a');
  });

  it('throw for an ABI that is none', () => {
    expect(() => compileErrors(['error A()', 'error B(uint7)'])).toThrow(
      new ErbiumError('INVALID_ARGUMENT', 'abi[1]: there is no type "uint7"'),
    );
    expect(() => compileErrors(null as unknown as AbiInput)).toThrow('abi: expected a list, got null');
  });
});

describe('messages', () => {
  const messageOf = (text: string): string => decode(revertWith(text))!.message;

  it.each([
    ['line\r\nbreaks\tand', 'line\\r\\nbreaks\\tand'],
    ['a\x1b[31mred\x07\0', 'a\\u{1b}[31mred\\u{7}\\u{0}'],
    ['\x7f\x9b', '\\u{7f}\\u{9b}'],
    ['\u202etxt.exe\u2066\u200f', '\\u{202e}txt.exe\\u{2066}\\u{200f}'],
    ['\u2028\u2029\u{e0041}\ufeff', '\\u{2028}\\u{2029}\\u{e0041}\\u{feff}'],
    ['"quotes" and \\ stay, 💥 ü too', '"quotes" and \\ stay, 💥 ü too'],
    ['', ''],
  ])('escape %j', (text, message) => {
    expect(messageOf(text)).toBe(message);
    expect(decode(revertWith(text))!.args).toEqual([text]);
  });

  it('are cut at 1,000 characters, arguments are not', () => {
    expect(messageOf('x'.repeat(1_000))).toBe('x'.repeat(1_000));
    expect(messageOf('x'.repeat(1_001))).toBe(`${'x'.repeat(1_000)}…`);
    expect(decode(revertWith('x'.repeat(9_999)))!.args).toEqual(['x'.repeat(9_999)]);
    // Neither a character nor an escape is cut in two.
    expect(messageOf(`${'x'.repeat(999)}💥y`)).toBe(`${'x'.repeat(999)}…`);
    expect(messageOf(`${'x'.repeat(999)}\ny`)).toBe(`${'x'.repeat(999)}…`);
  });

  it('are cut in lists, bytes and lists of lists', () => {
    const table = compileErrors([
      'error A(uint256[] list)',
      'error B(bytes data)',
      'error C(uint256[1][] list)',
    ]);
    const selectors = [...table.keys()].slice(2).map((selector) => selector.slice(2));
    for (const selector of selectors) {
      const count = 300_000;
      const data = output(selector, 0x20, count, '01'.repeat(32 * count));
      const start = performance.now();
      const { message } = decodeRevert(data, table)!;
      expect(performance.now() - start).toBeLessThan(2_000);
      expect(message).toHaveLength(1_001);
      expect(message.endsWith('…')).toBe(true);
    }
  });

  it('hold no control character and no more than their limit, whatever comes', () => {
    const table = compileErrors(['error E(string a, bytes b, (string, int8)[] c)']);
    const [selector] = [...table.keys()].slice(2);
    const heads = ['08c379a0', '4e487b71', selector!.slice(2)];
    const values = fc.oneof(
      fc.bigInt({ min: 0n, max: 40n }).map((n) => n * 32n),
      fc
        .string({ unit: 'binary', maxLength: 8 })
        .map((text) => Buffer.from(text).toString('hex').padEnd(2, '0')),
    );
    const property = fc.property(
      fc.constantFrom(...heads),
      fc.array(values, { maxLength: 80 }),
      (head, list) => {
        const decoded = decodeRevert(output(head, ...list), table);
        if (decoded === null) return;
        expect(decoded.message.length).toBeLessThanOrEqual(1_001);
        expect(decoded.message).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      },
    );
    fc.assert(property, { numRuns: 3_000 });
  });

  it('of any text are that text with its special characters escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(decode(revertWith(text))!.args).toEqual([text]);
        expect(messageOf(text)).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      }),
    );
  });

  it('end fast for random bytes', () => {
    const table = compileErrors(['error E(string[][][] a, (bytes, uint[])[] b)']);
    const selectors = [...table.keys()].map((selector) => hexToBytes(selector));
    fc.assert(
      fc.property(fc.constantFrom(...selectors), fc.uint8Array({ maxLength: 3_000 }), (selector, bytes) => {
        decodeRevert(Buffer.concat([selector, bytes]), table);
      }),
      { numRuns: 2_000 },
    );
  });
});
