/** The doors as they are built: a few files, in which there is what the declarations say, and one of everything. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Api } from './generate.ts';

const ROOT = join(import.meta.dirname, '../..');
const { name, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  name: string;
  exports: Record<string, string | { types: string; default: string }>;
};

/** What Node gets where the package is imported by a name. */
const built = async (door: string): Promise<Record<string, unknown>> => {
  const to = exports[door.replace(name, '.')];
  if (typeof to !== 'object') throw new Error(`${door} is no door`);
  return import(/* @vite-ignore */ join(ROOT, to.default));
};

describe('the doors, built,', () => {
  const { doors } = new Api(ROOT);

  it.each(doors.map((door) => [door.name, door] as const))(
    '%s has what it declares',
    async (door, { entries }) => {
      const there = Object.keys(await built(door));
      // A class may be exported as a type alone.
      const values = entries.filter(([, all]) =>
        all.some(({ kind }) => kind === 'function' || kind === 'constant'),
      );
      expect(there).toEqual(expect.arrayContaining(values.map(([value]) => value)));
      expect(entries.map(([entry]) => entry)).toEqual(expect.arrayContaining(there));
    },
  );

  it('give classes by their own names', async () => {
    for (const { name: door } of doors) {
      for (const [key, value] of Object.entries(await built(door))) {
        const isClass = typeof value === 'function' && /^class\b/.test(String(value));
        if (isClass) expect(value.name, door).toBe(key);
      }
    }
  });

  it('share what they have in common', async () => {
    const [main, state, block] = [
      await built('erbium'),
      await built('erbium/state'),
      await built('erbium/block'),
    ];
    const [opcodes, precompiles] = [await built('erbium/opcodes'), await built('erbium/precompiles')];
    const by = new Map<string, unknown>();
    let common = 0;
    for (const door of [main, state, block, opcodes, precompiles]) {
      for (const [key, value] of Object.entries(door)) {
        if (by.has(key)) {
          common++;
          expect(value, key).toBe(by.get(key));
        } else by.set(key, value);
      }
    }
    expect(common).toBeGreaterThan(0);
  });

  it('open a few dozen files where the sources are hundreds', () => {
    const files = readdirSync(join(ROOT, 'dist/lib'), { recursive: true, encoding: 'utf8' });
    const modules = files.filter((file) => file.endsWith('.js'));
    expect(modules.length).toBeGreaterThan(doors.length);
    expect(modules.length).toBeLessThan(90);
  });
});
