/** A suite of state tests run by the command as its users have it, and how fast that was. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Summary } from '../../src/cli/report.ts';
import { UsageError } from '../options.ts';

export type SuiteEngine = 'wasm' | 'bigint';

export interface SuiteRun {
  readonly cases: number;
  /** From the first file to the last case, without the start of Node. */
  readonly seconds: number;
}

/** Something did not come out as the fixtures say. */
export class WrongResult extends Error {}

const MAX_REPORT = 2 ** 30;

/**
 * @param fixtures a folder, file or archive
 * @param command the built command
 * @throws WrongResult where a case fails; UsageError for what cannot be read
 */
export function runSuite(
  fixtures: string,
  engine: SuiteEngine,
  workers: number,
  command: string = fileURLToPath(new URL('../../cli/erbium.js', import.meta.url)),
): SuiteRun {
  const args = [command, 'statetest', fixtures, '--engine', engine, '--workers', `${workers}`, '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    maxBuffer: MAX_REPORT,
  });
  if (status !== 0 && status !== 1)
    throw new UsageError(`${engine}: ${stderr.trim() || `ended with ${status}`}`);
  const { passed, failed, seconds } = JSON.parse(stdout) as Summary;
  if (failed > 0) throw new WrongResult(`${engine}: ${failed} of ${passed + failed} cases fail`);
  return { cases: passed, seconds };
}
