/** The same bytes on every machine: two processes without any randomness agree. */

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROOT = `${import.meta.dirname}/../../..`;
/** Where the packages that the script imports are found. */
const CACHE = `${ROOT}/node_modules/.cache`;
let folder: string;

beforeAll(async () => {
  mkdirSync(CACHE, { recursive: true });
  folder = mkdtempSync(`${CACHE}/determinism-`);
  await build({
    entryPoints: [`${import.meta.dirname}/determinism-process.ts`],
    outfile: `${folder}/run.mjs`,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('answers a thousand inputs alike in two processes without randomness', async () => {
  const run = async (): Promise<string> => (await promisify(execFile)('node', [`${folder}/run.mjs`])).stdout;
  const [first, second] = await Promise.all([run(), run()]);
  const [, inputs, valid] = /^(\d+) inputs, (\d+) with an answer\n/.exec(first)!;
  expect(Number(inputs)).toBeGreaterThanOrEqual(1_000);
  expect(Number(valid)).toBeGreaterThan(200);
  expect(second).toBe(first);
}, 600_000);
