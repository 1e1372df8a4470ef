/** The compiled `erbium-evm`, spawned as a tool would. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Outcome, SpawnOptions } from './support.ts';

export const EVM = fileURLToPath(new URL('../../dist/cli/erbium-evm.js', import.meta.url));

/** Runs the command; whatever it does, it must not print a stack trace. */
export function evm(args: readonly string[], { input = '', cwd }: SpawnOptions = {}): Outcome {
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
