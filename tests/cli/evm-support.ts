/** The compiled `erbium-evm`, spawned as a tool would. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Outcome, SpawnOptions } from './support.ts';

export const EVM = fileURLToPath(new URL('../../dist/cli/erbium-evm.js', import.meta.url));

/** What `statetest` and `blocktest` report of a test. */
export interface Report {
  readonly name: string;
  readonly pass: boolean;
  readonly stateRoot?: string;
  readonly fork: string;
  readonly error?: string;
  readonly state?: { readonly root: string; readonly accounts: Record<string, Record<string, unknown>> };
  readonly benchStats?: { readonly gasUsed: number };
}

export const reportsOf = (stdout: string): Report[] => JSON.parse(stdout) as Report[];

/** The reports of a batch, file by file. */
export const batchOf = (stdout: string): Report[][] =>
  stdout
    .split('\n]\n')
    .slice(0, -1)
    .map((text) => reportsOf(`${text}\n]`));

/** Runs the command; whatever it does, it must not print a stack trace. */
export function evm(
  args: readonly string[],
  { input = '', cwd }: Omit<SpawnOptions, 'input'> & { readonly input?: string | Buffer } = {},
): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [EVM, ...args], {
    encoding: 'utf8',
    input,
    maxBuffer: 2 ** 28,
    timeout: 60_000,
    ...(cwd === undefined ? {} : { cwd }),
  });
  expect(stderr).not.toMatch(/^ {4}at /m);
  return { status, stdout, stderr };
}
