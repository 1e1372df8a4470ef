/** `erbium statetest --record`: one case of a state test, run and written as a record. */

import type { Crypto } from '../../precompiles/crypto.ts';
import type { EngineChoice } from '../evm/engine-choice.ts';
import { finish } from '../evm/pause.ts';
import type { Invalid } from '../executor/reasons.ts';
import { findFork } from '../forks/fork.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { recordState, type StateRecord } from '../state/readers/record.ts';
import { caseId, casesOf, parseFixture, prepareCase, type StateTestCase } from '../statetest/index.ts';
import { loadCrypto } from './crypto-choice.ts';
import { openInput, sourcesOf } from './fixtures.ts';
import { writeRecord } from './record.ts';
import { type Ended, plainSubject, runSubject, type Subject } from './record-run.ts';
import type { Selection } from './run-fixture.ts';
import type { SuiteOptions } from './suite.ts';

/** @throws ErbiumError INVALID_ARGUMENT unless there is one case that fork and name select */
export async function recordCase(
  paths: readonly string[],
  selection: Selection,
  { engine, crypto: choice }: SuiteOptions,
  path: string,
): Promise<void> {
  const testCase = await onlyCase(paths, selection);
  const { subject, state, ended } = runCase(testCase, await loadCrypto(choice, engine), engine);
  await writeRecord(path, subject, state, ended, choice);
}

/** Runs a case, and notes what it reads. */
export function runCase(
  testCase: StateTestCase,
  crypto: Crypto,
  engine: EngineChoice,
): { readonly subject: Subject; readonly state: StateRecord; readonly ended: Ended | Invalid } {
  const { rules, block, transaction: bytes, state } = prepareCase(testCase, crypto);
  const subject = plainSubject(rules, block, { kind: 'transaction', bytes });
  const recorder = recordState(state());
  const ended = finish(runSubject(subject, { state: recorder, crypto, precompiles: [], engine }));
  return { subject, state: recorder.record(), ended };
}

async function onlyCase(paths: readonly string[], { fork, run }: Selection): Promise<StateTestCase> {
  const pattern = run === undefined ? undefined : new RegExp(run);
  const wanted = fork === undefined ? undefined : findFork(fork);
  const found: StateTestCase[] = [];
  for (const path of paths) {
    for await (const source of sourcesOf(await openInput(path))) {
      if (source.kind !== 'fixture') continue;
      for (const one of casesIn(source.bytes, source.file)) {
        if (pattern?.test(caseId(one)) === false) continue;
        if (wanted !== undefined && findFork(one.fork) !== wanted) continue;
        found.push(one);
        if (found.length > 1) refused(`takes one case, and here are more: ${found.map(caseId).join(', ')}`);
      }
    }
  }
  return found[0] ?? refused('there is no such case');
}

/** None of a file that is no fixture: the suite, which runs after this, says what is wrong with it. */
function casesIn(bytes: Uint8Array, file: string): StateTestCase[] {
  try {
    return parseFixture(new TextDecoder().decode(bytes), file).flatMap(casesOf);
  } catch (error) {
    if (error instanceof ErbiumError) return [];
    throw error;
  }
}

function refused(problem: string): never {
  throw new ErbiumError('INVALID_ARGUMENT', `--record: ${problem}; choose one with --run and --fork`);
}
