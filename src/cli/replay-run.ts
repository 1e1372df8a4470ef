/** `erbium replay FILE`: runs a record, and says whether it came out as recorded. */

import { engineHere } from '../evm/engine.ts';
import { finish } from '../evm/pause.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { Deadline } from './deadline.ts';
import { EXIT } from './exit.ts';
import { readFile } from './input.ts';
import { type Offline, offline, traced } from './record.ts';
import { parseRecord, type RunRecord } from './record-format.ts';
import { type Outcome, outcomeOf, runSubject } from './record-run.ts';
import type { ReplayOptions } from './replay.ts';
import { leafDifferences, outcomeField } from './replay-differences.ts';
import { printable } from './text.ts';
import { openTracer } from './trace.ts';
import { sourceName } from './trace-lines.ts';

/** Something that came out otherwise than recorded. */
interface Departure {
  /** The engine, or `traced`. */
  readonly run: string;
  /** A field of the outcome or of the trace's digest; `missing` where the run asked for what the record does not have. */
  readonly field: string;
  readonly recorded: unknown;
  readonly now: unknown;
}

/** @throws ErbiumError UNREADABLE_FILE, or INVALID_RECORD naming the file and the place */
export async function openRecordFile(
  path: string,
  crypto: ReplayOptions['crypto'],
): Promise<Offline & RunRecord> {
  const name = sourceName(path);
  const record = parseRecord(readFile(path === '-' ? 0 : path), name);
  try {
    return { ...record, ...(await offline(record.subject, record.state, crypto)) };
  } catch (error) {
    if (!(error instanceof ErbiumError) || error.code !== 'INVALID_ARGUMENT') throw error;
    throw new ErbiumError('INVALID_RECORD', `${name}: rules.extensions: ${error.message}`);
  }
}

export async function replay(path: string, options: ReplayOptions): Promise<void> {
  const engine = engineHere(options.engine);
  const opened = await openRecordFile(path, options.crypto);
  const { subject, how, outcome, trace } = opened;
  const { interrupted: isLate } = new Deadline(options.timeout);
  if (options.trace) await showTrace(opened, options, isLate);
  const departures: Departure[] = [];
  const compare = (run: string, recorded: unknown, work: () => unknown): void => {
    for (const { path: field, a, b } of leafDifferences(recorded, attempt(work))) {
      departures.push({ run, field: field.join('.'), recorded: a, now: b });
    }
  };
  compare(engine, outcome, () => {
    const ended = finish(runSubject(subject, { ...how, engine, interrupted: isLate }));
    return isLate?.() ? tooLate(path, options) : outcomeOf(ended);
  });
  if (trace !== null) {
    compare('traced', { ...outcome, trace }, () => {
      const again = traced(subject, how, isLate) ?? tooLate(path, options);
      return { ...again.outcome, trace: again.trace };
    });
  }
  process.exitCode = departures.length === 0 ? EXIT.OK : EXIT.FAILURE;
  const same = departures.length === 0;
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ same, engine, outcome, trace, departures })}\n`
      : printable(inWords(opened, engine, departures)),
  );
}

/** @throws ErbiumError ABORTED */
export function tooLate(path: string, { timeout }: ReplayOptions): never {
  const problem = `--timeout ${timeout}: the run has not ended by then`;
  throw new ErbiumError('ABORTED', `${sourceName(path)}: ${problem}`);
}

/** What comes out; or what the run asked for that the record does not have, which is an outcome, too. */
function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ErbiumError) || error.code !== 'MISSING_STATE') throw error;
    return { missing: error.message };
  }
}

/** To standard error, up to where the record or the time ends. */
async function showTrace(
  { subject, how }: Offline & RunRecord,
  options: ReplayOptions,
  interrupted: (() => boolean) | undefined,
): Promise<void> {
  const tracer = await openTracer(options, how.precompiles);
  attempt(() => finish(runSubject(subject, { ...how, tracer, interrupted })));
  tracer.flush();
}

function inWords({ outcome, trace }: RunRecord, engine: string, departures: readonly Departure[]): string {
  const missing = departures.filter(({ field }) => field === 'missing');
  if (missing.length > 0) {
    const lines = missing.map(({ run, now }) => `${run.padEnd(8)} asks for ${now}`);
    return `The run does not come out as recorded: it asks for what the recorded run did not read.\n${lines.join('\n')}\n`;
  }
  if (departures.length > 0) {
    const lines = departures.map(({ run, field, recorded, now }) => {
      return `${run.padEnd(8)} ${outcomeField(field.split('.'))}\n  recorded  ${short(recorded)}\n  now       ${short(now)}`;
    });
    return `The run does not come out as recorded.\n${lines.join('\n')}\n`;
  }
  const how = trace === null ? 'too long to be compared' : `${trace.lines} lines, the same`;
  return `The run comes out as recorded, on engine ${engine}.\n${outcomeText(outcome)}trace    ${how}\n`;
}

const short = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : value === null ? 'none' : String(value);
  return text.length > 160 ? `${text.slice(0, 157)}… (${text.length} characters)` : text;
};

function outcomeText(outcome: Outcome): string {
  if ('invalid' in outcome) return `invalid  ${outcome.invalid}\n`;
  const { halt, gasUsed, output, created } = outcome;
  const lines = [`halt     ${halt}`, `gas      ${BigInt(gasUsed)}`, `output   ${output}`];
  if (created !== null) lines.push(`created  ${created}`);
  return `${lines.join('\n')}\n`;
}
