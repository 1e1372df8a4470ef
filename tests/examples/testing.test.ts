/** The tests of a contract in `examples/testing`: Vitest runs them, on the built package, as their author would. */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ERC20 } from './erc20.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLE = join(ROOT, 'examples/testing');

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly failureMessages: readonly string[] }[];
  }[];
}

describe('the tests of a token', () => {
  it('pass, gas snapshot included', async () => {
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const args = [vitest, 'run', '--root', EXAMPLE, '--reporter', 'json'];
    // With CI no snapshot is written that is missing.
    const env = { ...process.env, CI: 'true' };
    const run = promisify(execFile)(process.execPath, args, { env, timeout: 60_000 });
    // A failure has its report as well.
    const { stdout } = await run.catch((error: unknown) => error as { stdout: string });
    const { testResults, numPassedTests } = JSON.parse(stdout) as Report;
    const results = testResults.flatMap(({ assertionResults }) => assertionResults);
    expect(results.flatMap(({ failureMessages }) => failureMessages)).toEqual([]);
    expect([testResults.map(({ message }) => message), numPassedTests]).toEqual([[''], 3]);
  });

  it('are of the token of the other examples, and short', () => {
    const source = readFileSync(join(EXAMPLE, 'token.test.ts'), 'utf8');
    expect(source).toContain(`'${ERC20}'`);
    expect(source.split('\n').length).toBeLessThanOrEqual(80);
  });
});
