/** The programs of the page run as they stand and print what it says. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const PAGE = readFileSync(new URL('../../src/ethereumjs/README.md', import.meta.url), 'utf8');
const PROGRAMS = [...PAGE.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!);

const load = (name: string): Promise<unknown> => {
  if (name === 'erbium') return import('../../src/index.ts');
  if (name === 'erbium/ethereumjs') return import('../../src/ethereumjs/index.ts');
  return import(/* @vite-ignore */ name);
};

const AsyncFunction = (async () => {}).constructor as new (
  ...source: string[]
) => (...values: unknown[]) => Promise<void>;

describe('the page', () => {
  it('has two programs', () => {
    expect(PROGRAMS).toHaveLength(2);
  });

  it.each(PROGRAMS)('has a program that prints what it says: %#', async (program) => {
    const printed: unknown[] = [];
    const said = [...program.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map((match) => match[1]);
    const source = program.replace(/^import (\{.*\}) from '(.*)';.*$/gm, "const $1 = await load('$2');");
    await new AsyncFunction('load', 'console', source)(load, {
      log: (value: unknown) => printed.push(value),
    });
    expect(printed.map((value) => (typeof value === 'bigint' ? `${value}n` : String(value)))).toEqual(said);
    expect(said.length).toBeGreaterThan(1);
  });
});
