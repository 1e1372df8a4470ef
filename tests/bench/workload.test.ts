import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseWorkload, readWorkloads } from '../../bench/workload.ts';
import { ErbiumError } from '../../src/primitives/errors.ts';
import { FILE } from './support.ts';

const refusal = (change: object): string => {
  try {
    parseWorkload(JSON.stringify({ ...FILE, ...change }), 'dir/a.json');
  } catch (error) {
    expect(error).toBeInstanceOf(ErbiumError);
    return (error as ErbiumError).message;
  }
  throw new Error('accepted');
};
const without = (field: string): string => refusal({ [field]: undefined });
const expecting = (change: object): string => refusal({ expect: { ...FILE.expect, ...change } });

describe('a workload file', () => {
  test('is read', () => {
    const workload = parseWorkload(JSON.stringify(FILE), 'a.json');
    expect(workload.name).toBe('store and return');
    expect(workload.runtime.length).toBe(13);
    expect(workload.gas).toBe(100_000n);
    expect(workload.caller).toBe(0xa94f5374fce5edbc8e2a8697c15331677e6ebf0bn);
    expect(workload.expect).toMatchObject({ status: 'success', gasUsed: 22_122n, storageSlots: 1 });
  });

  test('names file and field of what is wrong', () => {
    expect(without('name')).toBe('dir/a.json: name: missing');
    expect(without('runtime')).toBe('dir/a.json: runtime: missing');
    expect(without('expect')).toBe('dir/a.json: expect: missing');
    expect(expecting({ gasUsed: undefined })).toBe('dir/a.json: expect.gasUsed: missing');
    expect(expecting({ gas: -1 })).toBe('dir/a.json: expect.gas: not a whole number');
    expect(expecting({ rev: 'osaka' })).toContain('dir/a.json: expect.rev: "osaka"');
    expect(expecting({ status: 'fine' })).toContain('dir/a.json: expect.status: "fine"');
    expect(expecting({ caller: '0x00' })).toBe('dir/a.json: expect.caller: 1 bytes instead of 20');
    expect(refusal({ calldata: '0xz0' })).toContain('dir/a.json: calldata: "z"');
    expect(refusal({ calldata: 5 })).toBe('dir/a.json: calldata: not a string');
    expect(() => parseWorkload('{', 'b.json')).toThrow('b.json: file: not JSON');
    expect(() => parseWorkload('[]', 'b.json')).toThrow('b.json: file: not an object');
  });
});

describe('a directory', () => {
  const directory = mkdtempSync(join(tmpdir(), 'workloads-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  test('without workloads is refused', () => {
    expect(() => readWorkloads(join(directory, 'none'))).toThrow('none: ENOENT');
    expect(() => readWorkloads(directory)).toThrow('no .json file');
  });

  test('is read in the order of names', () => {
    for (const name of ['b', 'a']) {
      writeFileSync(join(directory, `${name}.json`), JSON.stringify({ ...FILE, name }));
    }
    expect(readWorkloads(directory).map(({ name }) => name)).toEqual(['a', 'b']);
  });
});
