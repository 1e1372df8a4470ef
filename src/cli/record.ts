/**
 * Writes records of runs. Whoever runs something puts `recordState` around its state, and gives what was noted here,
 * with what it ran. It runs once more from the record alone: that gives the digest of the trace, and shows that the
 * record suffices before anybody relies on it.
 */

import { createHash } from 'node:crypto';
import { extensionNames } from '../../opcodes/extension.ts';
import { type Invalid, isInvalid } from '../executor/reasons.ts';
import { Halt } from '../machine/halt.ts';
import { ErbiumError, type ErrorCode } from '../primitives/errors.ts';
import { RecordedState, type StateRecord } from '../state/readers/record.ts';
import { eip3155Tracer } from '../tracers/eip3155.ts';
import { type CryptoChoice, loadCrypto } from './crypto-choice.ts';
import { extensionsOf } from './extensions.ts';
import { type RunRecord, recordText, type TraceDigest } from './record-format.ts';
import { type Ended, type Outcome, outcomeOf, type Running, runSubject, type Subject } from './record-run.ts';
import { writeFiles } from './write-files.ts';

/** Writes a record, whole or not at all. Throws as `makeRecord`, and UNREADABLE_FILE where it cannot be written. */
export async function writeRecord(path: string, ...run: Parameters<typeof makeRecord>): Promise<void> {
  const record = await makeRecord(...run);
  writeFiles([[path, recordText(record)]]);
}

/**
 * @param state what the run read
 * @param ended what it ended in
 * @param interrupted asked now and then; true gives up
 * @throws ErbiumError UNSUPPORTED where the run was stopped, INVALID_RECORD where it does not come out so again
 */
export async function makeRecord(
  subject: Subject,
  state: StateRecord,
  ended: Ended | Invalid,
  crypto: CryptoChoice,
  interrupted?: () => boolean,
): Promise<RunRecord> {
  if (!isInvalid(ended) && ended.halt === Halt.HostInterrupt) {
    throw refused('UNSUPPORTED', 'the run was stopped, at a place that is left to chance');
  }
  const outcome = outcomeOf(ended);
  const { how } = await offline(subject, state, crypto);
  const again = traced(subject, how, interrupted);
  if (again === null) throw refused('UNSUPPORTED', 'the run ended in time, but its trace did not');
  // What was too long has run to no end.
  if (again.trace !== null && JSON.stringify(again.outcome) !== JSON.stringify(outcome)) {
    throw refused('INVALID_RECORD', 'the run comes out otherwise a second time, which is a fault of Erbium');
  }
  return { subject, state, outcome, trace: again.trace };
}

const refused = (code: ErrorCode, problem: string): ErbiumError =>
  new ErbiumError(code, `--record: ${problem}: nothing is written`);

/** What it takes to run a record. */
export interface Offline {
  readonly how: Pick<Running, 'state' | 'crypto' | 'precompiles'>;
}

/** @throws ErbiumError INVALID_ARGUMENT for extensions that there are not */
export async function offline(subject: Subject, state: StateRecord, crypto: CryptoChoice): Promise<Offline> {
  const precompiles = await extensionsOf(subject.extensions ?? undefined, subject.rules);
  return { how: { state: new RecordedState(state), crypto: await loadCrypto(crypto, 'auto'), precompiles } };
}

/** Longer traces have no digest: of so many lines it takes 5 seconds, and with enough gas there is no end. */
const MAX_LINES = 2 ** 24;

/**
 * The trace of a run, and what came out.
 * @returns null where it was interrupted; no trace where that is too long, and then the outcome says nothing
 */
export function traced(
  subject: Subject,
  how: Offline['how'],
  interrupted: () => boolean = () => false,
): { readonly outcome: Outcome; readonly trace: TraceDigest | null } | null {
  const hash = createHash('sha256');
  let lines = 0;
  const write = (chunk: Uint8Array): void => {
    hash.update(chunk);
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) lines++;
  };
  const tracer = eip3155Tracer({ write, opcodes: extensionNames(how.precompiles) });
  const steps = { left: SLICE };
  const work = runSubject(subject, { ...how, tracer, steps });
  let step = work.next(false);
  while (!step.done) {
    if (interrupted()) return null;
    steps.left = SLICE;
    step = work.next(lines > MAX_LINES);
  }
  tracer.flush();
  const trace = lines > MAX_LINES ? null : { lines, sha256: `0x${hash.digest('hex')}` };
  return { outcome: outcomeOf(step.value), trace };
}

/** Instructions from one look at the clock to the next, some 30 ms. */
const SLICE = 2 ** 16;
const LINE_FEED = 0x0a;
