/** Typed reading of JSON: what each reader takes, and that errors name file and field. */

import { describe, expect, it } from 'vitest';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { ErbiumError } from '../../src/primitives/errors.ts';
import { type Field, parseJson } from '../../src/primitives/json.ts';
import { messageOf } from '../statetest/support.ts';

const field = (value: unknown): Field =>
  parseJson(JSON.stringify({ a: [{ b: value }] }), 'f.json')
    .get('a')
    .list()[0]!
    .get('b');
const failure = (value: unknown, read: (field: Field) => unknown): string => {
  const message = messageOf(() => read(field(value)));
  expect(message.startsWith('f.json: a[0].b: ')).toBe(true);
  return message.slice('f.json: a[0].b: '.length);
};

describe('a field', () => {
  it.each<[unknown, bigint]>([
    ['0x10', 16n],
    ['0X10', 16n],
    ['10', 10n],
    ['010', 10n],
    ['0x', 0n],
    ['', 0n],
    [0, 0n],
    [10, 10n],
    [Number.MAX_SAFE_INTEGER, 2n ** 53n - 1n],
    [`0x${'f'.repeat(64)}`, 2n ** 256n - 1n],
    ['0x:bigint 0x10', 16n],
  ])('is a number: %s', (value, number) => {
    expect(field(value).number()).toBe(number);
  });

  it.each([-1, 1.5, 2 ** 53, '-1', '0xg', '1e3', ' 1', 'f', '0x:bigint', true, [], {}, null])(
    'is no number: %s',
    (value) => {
      expect(failure(value, (f) => f.number())).toMatch(/^expected a number, got /);
    },
  );

  it('says why a number that JSON has cut is refused', () => {
    expect(failure(2 ** 60, (f) => f.number())).toContain('digits are lost beyond 2^53: quote it');
  });

  it('has no more bits than asked for, in whatever notation', () => {
    expect(field('0xff').number(8)).toBe(255n);
    for (const value of ['0x100', '256', 256])
      expect(failure(value, (f) => f.number(8))).toBe(`${value} exceeds 8 bits`);
    expect(failure(`0x1${'0'.repeat(64)}`, (f) => f.number())).toContain('exceeds 256 bits');
    expect(field(`0x1${'0'.repeat(64)}`).number(512)).toBe(2n ** 256n);
    const long = failure(`0x${'f'.repeat(1_000_000)}`, (f) => f.number(512));
    expect(long).toMatch(/^0xfff.*… exceeds 512 bits$/);
    expect(long.length).toBeLessThan(120);
  });

  it('is an index', () => {
    expect(field(3).index()).toBe(3);
    for (const value of [-1, 0.5, '3', null, 2 ** 53])
      expect(failure(value, (f) => f.index())).toMatch(/^expected a whole number, got /);
  });

  it('is bytes', () => {
    expect(bytesToHex(field('0x01ab').bytes())).toBe('0x01ab');
    expect(bytesToHex(field('01AB').bytes())).toBe('0x01ab');
    expect(field('').bytes()).toHaveLength(0);
    expect(failure('0x1', (f) => f.bytes())).toBe('hex string has an odd number of digits (1)');
    expect(failure('0x1z', (f) => f.bytes())).toBe('"z" at position 3 is not a hex digit');
    expect(failure(12, (f) => f.bytes())).toBe('expected a string, got number 12');
    expect(failure('0x0102', (f) => f.fixed(1))).toBe('expected 1 bytes, got 2');
    expect(field(`0x${'00'.repeat(19)}07`).address()).toBe(7n);
    expect(failure('0x07', (f) => f.address())).toBe('expected 20 bytes, got 1');
  });

  it('is an object, a list or a string', () => {
    expect(
      field({ c: 1 })
        .entries()
        .map(([key, { value, path }]) => [key, value, path]),
    ).toEqual([['c', 1, 'a[0].b.c']]);
    expect(failure([], (f) => f.object())).toBe('expected an object, got a list');
    expect(failure({}, (f) => f.list())).toBe('expected a list, got an object');
    expect(failure(null, (f) => f.string())).toBe('expected a string, got null');
    expect(failure('x'.repeat(1_000), (f) => f.list()).length).toBeLessThan(140);
  });

  it('has members', () => {
    const object = field({ c: null, d: 0 });
    expect(object.maybe('c')).toBeUndefined();
    expect(object.maybe('x')).toBeUndefined();
    expect(object.maybe('d')?.value).toBe(0);
    expect(object.get('c').value).toBeNull();
    expect(messageOf(() => object.get('x'))).toBe('f.json: a[0].b.x: missing');
    for (const inherited of ['toString', '__proto__', 'constructor']) {
      expect(messageOf(() => object.get(inherited))).toContain('missing');
      expect(object.maybe(inherited)).toBeUndefined();
    }
    expect(messageOf(() => object.key('0x1').bytes())).toBe(
      'f.json: a[0].b (key): hex string has an odd number of digits (1)',
    );
  });
});

describe('parseJson', () => {
  it.each(['', '{', 'x', '{"a":1,}', '\u0000'])('names the file of what is no JSON: %j', (text) => {
    expect(messageOf(() => parseJson(text, 'f.json'))).toMatch(/^f\.json: not JSON: /);
  });

  it('gives errors of one kind', () => {
    expect(() => parseJson('{', 'f')).toThrow(ErbiumError);
    expect(() => parseJson('[]', 'f').object()).toThrow(expect.objectContaining({ code: 'INVALID_FIXTURE' }));
    expect(messageOf(() => parseJson('[]', 'f').object())).toBe('f: expected an object, got a list');
    const INVALID_STATE = expect.objectContaining({ code: 'INVALID_STATE' });
    expect(() => parseJson('{', 'f', 'INVALID_STATE')).toThrow(INVALID_STATE);
    const nested = parseJson('{"a":[{"b":1}]}', 'f', 'INVALID_STATE').get('a').list()[0]!;
    expect(() => nested.get('b').string()).toThrow(INVALID_STATE);
    expect(() => nested.key('b').bytes()).toThrow(INVALID_STATE);
  });
});
