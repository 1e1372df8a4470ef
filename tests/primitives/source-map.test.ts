import { describe, expect, it } from 'vitest';
import {
  instructionPcs,
  MappedCode,
  parseSourceMap,
  pcToInstruction,
  SourceText,
} from '../../src/primitives/source-map.ts';
import { code, push, raw } from '../helpers/assembler.ts';

const refusal = (problem: string | RegExp) =>
  expect.objectContaining({ code: 'INVALID_SOURCE_MAP', message: expect.stringMatching(problem) });

describe('parseSourceMap', () => {
  it('decompresses the example of the Solidity documentation', () => {
    const short = parseSourceMap('1:2:1;:9;2:1:2;;');
    const full = parseSourceMap('1:2:1;1:9:1;2:1:2;2:1:2;2:1:2');
    expect(short).toEqual(full);
    expect(short[1]).toEqual({ start: 1, length: 9, file: 1, jump: '-', modifierDepth: 0 });
  });

  it('reads jumps, modifiers and code of no source', () => {
    const [first, second, third] = parseSourceMap('5:6:0:i:2;:::o;-1:-1:-1:-:0');
    expect(first).toEqual({ start: 5, length: 6, file: 0, jump: 'i', modifierDepth: 2 });
    expect(second).toEqual({ start: 5, length: 6, file: 0, jump: 'o', modifierDepth: 2 });
    expect(third).toEqual({ start: -1, length: -1, file: -1, jump: '-', modifierDepth: 0 });
  });

  it('has no entries where there is no text', () => {
    expect(parseSourceMap('')).toEqual([]);
  });

  it.each([
    ['1:2:1;x', /entry 1: "x" is no number/],
    ['1:2:1:k', /entry 0: the jump is i, o or -, got "k"/],
    ['1:2:3:-:0:7', /entry 0: expected s:l:f:j:m/],
    ['1:-2', /entry 0: "-2" is no number/],
    [`1:2:3:-:${'9'.repeat(200)}`, /entry 0: expected s:l:f:j:m, got ".{39}…"/],
  ])('refuses %j', (text, problem) => {
    expect(() => parseSourceMap(text)).toThrowError(refusal(problem));
  });
});

describe('instructions', () => {
  const bytes = code(push(0x5b5b), 'ADD', push(1, 32), 'STOP');

  it('are found behind the constants of PUSH', () => {
    expect([...instructionPcs(bytes)]).toEqual([0, 3, 4, 37]);
    const indices = pcToInstruction(bytes);
    expect([indices[0], indices[1], indices[3], indices[4], indices[36], indices[37]]).toEqual([
      0, -1, 1, 2, -1, 3,
    ]);
  });

  it('are found where the constant of the last is cut off', () => {
    expect([...instructionPcs(raw(0x01, 0x7f, 0x00))]).toEqual([0, 1]);
  });
});

describe('a source map over code', () => {
  const body = code(push(1), push(2), 'ADD');

  it('gives ranges by pc, and none in constants and data', () => {
    const mapped = new MappedCode(code(body, 'INVALID', raw(0x60, 0xaa)), '0:1:0;5:2;9:3');
    expect([0, 2, 4].map((pc) => mapped.rangeAt(pc)?.start)).toEqual([0, 5, 9]);
    expect([1, 3, 5, 6, 99].map((pc) => mapped.rangeAt(pc))).toEqual(Array(5).fill(undefined));
    expect([...mapped.pcs]).toEqual([0, 2, 4]);
  });

  it.each([
    ['0:1:0;;;;', body, /does not fit the code: 5 entries, but 3 instructions in 5 bytes/],
    ['0:1:0;', body, /does not fit the code: 2 entries, but the code goes on at pc 4/],
  ])('is refused where it does not fit', (map, bytes, problem) => {
    expect(() => new MappedCode(bytes, map, 'A.sol:A')).toThrowError(refusal(problem));
    expect(() => new MappedCode(bytes, map, 'A.sol:A')).toThrowError(/^A\.sol:A: /);
  });
});

describe('a source', () => {
  const text = 'é1\r\n\n€uro\rend';
  const source = new SourceText('A.sol', text);

  it('counts in bytes, and shows lines and characters', () => {
    expect(source.lines).toEqual(['é1', '', '€uro', 'end']);
    const at = (needle: string): number =>
      new TextEncoder().encode(text.slice(0, text.indexOf(needle))).length;
    expect(source.placeOf(0)).toEqual({ line: 1, column: 1 });
    expect(source.placeOf(at('1'))).toEqual({ line: 1, column: 2 });
    expect(source.placeOf(at('€'))).toEqual({ line: 3, column: 1 });
    expect(source.placeOf(at('uro'))).toEqual({ line: 3, column: 2 });
    expect(source.placeOf(at('end'))).toEqual({ line: 4, column: 1 });
    expect(source.placeOf(source.size)).toEqual({ line: 4, column: 4 });
    expect(source.placeOf(source.size + 1)).toBeUndefined();
    expect(source.placeOf(-1)).toBeUndefined();
    expect(source.slice(at('€'), 3)).toBe('€');
  });
});
