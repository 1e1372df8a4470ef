/** `erbium trace`: runs a transaction of a node, bytecode, a call, or state tests, and prints what tracers saw. */

import type { Evm } from '../executor/api.ts';
import { createEvm } from '../executor/create-evm.ts';
import type { Limits } from '../executor/guard.ts';
import type { EvmResult } from '../executor/outcome.ts';
import type { Tracer } from '../machine/tracer.ts';
import { concatBytes } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { readBuildInfo } from '../primitives/solc-output.ts';
import { caseId, StateTestRunner } from '../statetest/index.ts';
import { combine } from '../tracers/index.ts';
import { blockEnv } from './block.ts';
import { EXIT } from './exit.ts';
import { readFile } from './input.ts';
import { misused, openState } from './state.ts';
import {
  chosenCases,
  codeSubject,
  isHash,
  isStateTest,
  OF_CODE,
  openTransaction,
  refuse,
  type SubjectOptions,
} from './subject.ts';
import { printable } from './text.ts';
import { openOutput, type TraceOutput } from './trace-output.ts';
import { makeTracers, type NamedTracer, type Surroundings } from './trace-tracers.ts';

export interface TraceRunOptions extends SubjectOptions {
  readonly tracer?: readonly string[];
  readonly tracerConfig?: string;
  readonly out?: string;
  readonly buildInfo?: string;
  readonly timeout?: number;
}

/** Makes tracers, the same at each call. */
type Make = (around?: Partial<Surroundings>) => NamedTracer[];

export async function traceRun(words: readonly string[], options: TraceRunOptions): Promise<void> {
  const { tracer: names = ['callTracer'], tracerConfig, out, buildInfo } = options;
  const solc = buildInfo === undefined ? undefined : readBuildInfo(readFile(buildInfo), buildInfo);
  const make: Make = (around) =>
    makeTracers(names, tracerConfig, { place: undefined, title: 'Gas', solc, ...around });
  // What is wrong with the line is said before anything runs.
  make();
  const output = openOutput(out);
  try {
    if (options.rpc !== undefined) await traceTransaction(words, options.rpc, options, make, output);
    else if (isStateTest(words)) traceFixture(words[0]!, options, make, output);
    else await traceCode(words, options, make, output);
  } finally {
    output.close();
  }
}

/** Tells what was left out of results, and how a run ended that did not succeed. */
function conclude(tracers: readonly NamedTracer[], failure: string | null, caseId?: string): void {
  const place = caseId === undefined ? '' : `${printable(caseId)}: `;
  for (const { name, notes } of tracers) {
    for (const note of notes()) process.stderr.write(`erbium: ${place}${name}: ${note}\n`);
  }
  if (failure === null) return;
  process.stderr.write(`erbium: the run ended with ${failure}\n`);
  process.exitCode = EXIT.FAILURE;
}

const failureOf = ({ status, reason }: Pick<EvmResult, 'status' | 'reason'>): string | null =>
  status === 'success' ? null : `${status}: ${reason}`;

async function traceTransaction(
  words: readonly string[],
  rpc: string,
  options: TraceRunOptions,
  make: Make,
  output: TraceOutput,
): Promise<void> {
  refuse(options, OF_CODE, 'the transaction has its own');
  refuse(options, ['run'], 'only a state test has cases');
  const { hash, replay } = await inTime(options, (signal) =>
    openTransaction(words, rpc, options.fork, signal),
  );
  const around = { place: replay.place, title: `Gas of transaction ${hash}` };
  // The first run finds out what has to be fetched, for the tracers as well; they are not to see that.
  await replay.trace(combined(make(around)), limits(options));
  const tracers = make(around);
  const { tracer, hasRun } = watched(tracers);
  const result = await replay.trace(tracer, limits(options));
  if (hasRun()) output.put(tracers);
  conclude(tracers, failureOf(result));
}

const limits = ({ timeout }: TraceRunOptions): Limits => (timeout === undefined ? {} : { timeout });

/** What a node is asked before anything is traced, which the time of a run does not bound. */
async function inTime<T>(
  { timeout }: TraceRunOptions,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (timeout === undefined) return work(undefined);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeout);
  try {
    return await work(late.signal);
  } catch (error) {
    if (!(error instanceof ErbiumError) || error.code !== 'ABORTED') throw error;
    throw new ErbiumError('ABORTED', `--timeout ${timeout}: the node has not answered by then`);
  } finally {
    clearTimeout(timer);
  }
}

const combined = (tracers: readonly NamedTracer[]) => combine(...tracers.map(({ tracer }) => tracer));

/** Tracers, and whether a run has come to anything that they could tell of: one without time does not. */
function watched(tracers: readonly NamedTracer[]): { readonly tracer: Tracer; hasRun(): boolean } {
  let ran = false;
  const enter = (): void => void (ran = true);
  return { tracer: combine({ enter }, combined(tracers)), hasRun: () => ran };
}

function traceFixture(path: string, options: TraceRunOptions, make: Make, output: TraceOutput): void {
  refuse(options, [...OF_CODE, 'timeout'], 'the state test has its own');
  const cases = chosenCases(path, options);
  if (cases.length === 0) throw misused(`${path}: no case is chosen`);
  const tracers = make({ title: `Gas of ${path}` });
  const each = tracers.filter(({ addsUp }) => !addsUp);
  const together = tracers.filter(({ addsUp }) => addsUp);
  let began = false;
  const notes = { begin: (): void => void (began = true) };
  const runner = new StateTestRunner({ tracer: combine(notes, combined(tracers)) });
  const failed: string[] = [];
  for (const one of cases) {
    began = false;
    const { pass } = runner.run(one);
    if (!pass) failed.push(caseId(one));
    if (began) {
      output.put(each, caseId(one));
      conclude(each, null, caseId(one));
    } else {
      process.stderr.write(
        `erbium: ${printable(caseId(one))}: the transaction is invalid and does not run\n`,
      );
    }
  }
  output.put(together);
  const failure = failed.length === 0 ? null : `cases that fail: ${printable(failed.join(', '))}`;
  conclude(together, failure);
}

async function traceCode(
  words: readonly string[],
  options: TraceRunOptions,
  make: Make,
  output: TraceOutput,
): Promise<void> {
  const { code, data, message, to, rules, fields } = codeSubject(words, options);
  if (isHash(words)) {
    process.stderr.write('erbium: taken for code; the hash of a transaction needs --rpc\n');
  }
  const common = { ...limits(options), ...message };
  const { state: spec } = options;
  const state =
    spec === undefined ? undefined : await inTime(options, (signal) => openState(spec, { signal }));
  try {
    const run = (tracer: Tracer): Promise<EvmResult> => {
      const evm = createEvm({
        fork: rules,
        block: blockEnv({ ...state?.block, ...fields }, rules),
        checks: { balance: false },
        tracer,
        ...(state === undefined ? {} : { state: state.reader }),
      });
      return operate(evm);
    };
    const operate = (evm: Evm): Promise<EvmResult> => {
      if (code === undefined) return evm.async.call({ ...common, to, data });
      if (options.create) return evm.async.create({ ...common, data: concatBytes(code, data) });
      return evm.async.execute(code, { ...common, to, data });
    };
    // As for transactions of nodes.
    if (state?.kind === 'rpc') await run(combined(make()));
    const tracers = make();
    const { tracer, hasRun } = watched(tracers);
    const result = await run(tracer);
    if (hasRun()) output.put(tracers);
    conclude(tracers, failureOf(result));
  } finally {
    await state?.close();
  }
}
