/** The examples: each runs as it is, from the built package, and prints what it says that it prints. */

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { Anvil } from '../helpers/anvil.ts';
import { ERC20 } from './erc20.ts';

const ROOT = `${import.meta.dirname}/../..`;
const MAX_LINES = 60;
const README_LINES = 15;

const names = readdirSync(`${ROOT}/examples`)
  .filter((name) => name.endsWith('.mjs'))
  .sort();

interface Example {
  readonly program: string;
  readonly prints: string;
}

function read(name: string): Example {
  const source = readFileSync(`${ROOT}/examples/${name}`, 'utf8');
  const [program, prints, ...rest] = source.split('\n// Prints:\n');
  if (prints === undefined || rest.length > 0) throw new Error(`${name}: does not say what it prints`);
  return { program: program!, prints: prints.replaceAll(/^\/\/ {0,3}/gm, '') };
}

/** @throws where the program fails, with what it wrote to standard error */
async function run(name: string, ...args: string[]): Promise<string> {
  const path = `${ROOT}/examples/${name}`;
  const { stdout } = await promisify(execFile)(process.execPath, [path, ...args], { timeout: 60_000 });
  return stdout.replaceAll(/ +$/gm, '');
}

/** What a URL is needed for gets that of a node. */
const NEED_NODE: readonly string[] = ['fork-a-node.mjs'];

describe('the examples', () => {
  it('are where they are looked for', () => {
    expect(names.length).toBeGreaterThanOrEqual(8);
    for (const name of [...NEED_NODE, 'erc20.mjs']) expect(names).toContain(name);
  });

  it.each(names.filter((name) => !NEED_NODE.includes(name)))('%s prints what it says', async (name) => {
    expect(await run(name)).toBe(read(name).prints);
  });

  it.each(NEED_NODE)('%s prints what it says, with a node', async (name) => {
    const anvil = await Anvil.start();
    try {
      expect(await run(name, anvil.url)).toBe(read(name).prints);
    } finally {
      await anvil.stop();
    }
  });

  it.each(names)('%s is short, says what it is, and imports the package', (name) => {
    const source = readFileSync(`${ROOT}/examples/${name}`, 'utf8');
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(MAX_LINES);
    expect(source).toMatch(/^\/\/ \S/);
    const packages = [...source.matchAll(/ from '([^']*)'/g)].map(([, from]) => from!);
    expect(packages).toContain('erbium');
    for (const from of packages) expect(from).toMatch(/^(erbium(\/|$)|node:)/);
  });
});

describe('the token', () => {
  const bytecodes = (text: string): string[] => text.match(/0x[0-9a-f]{130,}/g) ?? [];
  let found: readonly { readonly name: string; readonly bytecode: string }[];

  beforeAll(() => {
    const paths = [...names.map((name) => `examples/${name}`), 'README.md'];
    found = paths.flatMap((name) => {
      return bytecodes(readFileSync(`${ROOT}/${name}`, 'utf8')).map((bytecode) => ({ name, bytecode }));
    });
  });

  it('is that of erc20.ts wherever it stands', () => {
    expect(found.length).toBeGreaterThanOrEqual(3);
    // Where this fails, what stands under `bytecode` here is what belongs there.
    for (const { name, bytecode } of found) expect({ name, bytecode }).toEqual({ name, bytecode: ERC20 });
  });

  it("is the README's first program", () => {
    const { program } = read('erc20.mjs');
    const body = program.slice(program.indexOf('import ')).trim();
    expect(body.split('\n').length).toBeLessThanOrEqual(README_LINES);
    const [, first] = /```(?:js|ts)\n([\s\S]*?)```/.exec(readFileSync(`${ROOT}/README.md`, 'utf8'))!;
    expect(first!.trim()).toBe(body);
  });
});
