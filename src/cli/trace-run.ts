/** `erbium trace`: runs a transaction of a node, bytecode, a call, or state tests, and prints what tracers saw. */

import type { Evm } from '../executor/api.ts';
import { createEvm } from '../executor/create-evm.ts';
import type { Limits } from '../executor/guard.ts';
import type { EvmResult } from '../executor/outcome.ts';
import type { Tracer } from '../machine/tracer.ts';
import { concatBytes } from '../primitives/bytes.ts';
import { readBuildInfo } from '../primitives/solc-output.ts';
import { MemoryState } from '../state/readers/memory.ts';
import { caseId, prepareCase, StateTestRunner } from '../statetest/index.ts';
import { combine } from '../tracers/index.ts';
import { blockEnv } from './block.ts';
import { Deadline } from './deadline.ts';
import { EXIT } from './exit.ts';
import { readFile } from './input.ts';
import { plainSubject } from './record-run.ts';
import { arranged } from './run-message.ts';
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
import type { Recordable } from './trace-record.ts';
import type { Replay } from './trace-replay.ts';
import { makeTracers, type NamedTracer, type Surroundings } from './trace-tracers.ts';

export interface TraceRunOptions extends SubjectOptions {
  readonly tracer?: readonly string[];
  readonly tracerConfig?: string;
  readonly out?: string;
  readonly buildInfo?: string;
  readonly timeout?: number;
  readonly record?: string;
}

/** Makes tracers, the same at each call. */
type Make = (around?: Partial<Surroundings>) => NamedTracer[];

/** What tracing takes, whatever is traced. */
interface Work {
  readonly options: TraceRunOptions;
  readonly make: Make;
  readonly output: TraceOutput;
  readonly deadline: Deadline;
}

export async function traceRun(words: readonly string[], options: TraceRunOptions): Promise<void> {
  const { tracer: names = ['callTracer'], tracerConfig, out, buildInfo } = options;
  const solc = buildInfo === undefined ? undefined : readBuildInfo(readFile(buildInfo), buildInfo);
  const make: Make = (around) =>
    makeTracers(names, tracerConfig, { place: undefined, title: 'Gas', solc, ...around });
  // What is wrong with the line is said before anything runs.
  make();
  const work: Work = { options, make, output: openOutput(out), deadline: new Deadline(options.timeout) };
  try {
    await work.deadline.answered(() => {
      if (options.rpc !== undefined) return traceTransaction(words, options.rpc, work);
      return isStateTest(words) ? traceFixture(words[0]!, work) : traceCode(words, work);
    });
  } finally {
    work.output.close();
  }
}

/** Tells what was left out of results, and how a run ended that did not succeed. */
function conclude(tracers: readonly NamedTracer[], failure: string | null, caseId?: string): void {
  const place = caseId === undefined ? '' : `${printable(caseId)}: `;
  for (const { name, notes } of tracers) {
    for (const note of notes()) say(`${place}${name}: ${note}`);
  }
  if (failure === null) return;
  say(`${place}the run ended with ${failure}`);
  process.exitCode = EXIT.FAILURE;
}

const say = (text: string): void => void process.stderr.write(`erbium: ${text}\n`);

/** Writes the record that the line asks for; last, since a file that cannot be written takes nothing from what was seen. */
async function record({ options }: Work, of: Recordable | Replay): Promise<void> {
  if (options.record === undefined) return;
  const { recordableOf, writeTraced } = await import('./trace-record.ts');
  // It is one more run, with the time of one.
  const deadline = new Deadline(options.timeout);
  await writeTraced(options.record, 'subject' in of ? of : recordableOf(of), deadline);
}

const stoppedBy = ({ name }: Deadline): string => `limit: stopped by ${name}`;

function failureOf(
  { status, reason }: Pick<EvmResult, 'status' | 'reason'>,
  { deadline }: Work,
): string | null {
  if (status === 'success') return null;
  return status === 'limit' && deadline.isLate ? stoppedBy(deadline) : `${status}: ${reason}`;
}

async function traceTransaction(words: readonly string[], rpc: string, work: Work): Promise<void> {
  const { options, make, output, deadline } = work;
  refuse(options, OF_CODE, 'the transaction has its own');
  refuse(options, ['run'], 'only a state test has cases');
  const { hash, replay } = await openTransaction(words, rpc, options.fork, deadline.signal);
  const around = { place: replay.place, title: `Gas of transaction ${hash}` };
  // The first run finds out what has to be fetched, for the tracers as well; they are not to see that.
  await replay.trace(combined(make(around)), limits(options));
  const tracers = make(around);
  const { tracer, hasRun } = watched(tracers);
  const result = await replay.trace(tracer, limits(options));
  if (hasRun()) output.put(tracers);
  conclude(tracers, failureOf(result, work));
  await record(work, replay);
}

/** For each run: what the first has fetched, the second is to get as far with. */
const limits = ({ timeout }: TraceRunOptions): Limits => (timeout === undefined ? {} : { timeout });

const combined = (tracers: readonly NamedTracer[]) => combine(...tracers.map(({ tracer }) => tracer));

/** Tracers, and whether a run has come to anything that they could tell of: one without time does not. */
function watched(tracers: readonly NamedTracer[]): { readonly tracer: Tracer; hasRun(): boolean } {
  let ran = false;
  const enter = (): void => void (ran = true);
  return { tracer: combine({ enter }, combined(tracers)), hasRun: () => ran };
}

async function traceFixture(path: string, work: Work): Promise<void> {
  const { options, make, output, deadline } = work;
  refuse(options, OF_CODE, 'the state test has its own');
  const cases = chosenCases(path, options);
  const [first, second] = cases;
  if (first === undefined) throw misused(`${path}: no case is chosen`);
  if (options.record !== undefined && second !== undefined) {
    const more = `${caseId(first)}, ${caseId(second)}`;
    throw misused(`--record: takes one case, and here are more: ${more}; choose one with --run and --fork`);
  }
  const tracers = make({ title: `Gas of ${path}` });
  const each = tracers.filter(({ addsUp }) => !addsUp);
  const together = tracers.filter(({ addsUp }) => addsUp);
  let began = false;
  const notes = { begin: (): void => void (began = true) };
  const { interrupted } = deadline;
  const runner = new StateTestRunner({ tracer: combine(notes, combined(tracers)), interrupted });
  const failed: string[] = [];
  let ran = 0;
  for (const one of cases) {
    if (deadline.isLate) break;
    ran++;
    began = false;
    const { pass, mismatches } = runner.run(one);
    const isStopped = deadline.isLate && mismatches.some(({ what }) => what === 'limit');
    if (!pass && !isStopped) failed.push(caseId(one));
    if (began) {
      output.put(each, caseId(one));
      conclude(each, isStopped ? stoppedBy(deadline) : null, caseId(one));
    } else {
      say(`${printable(caseId(one))}: the transaction is invalid and does not run`);
    }
  }
  if (ran > 0) output.put(together);
  conclude(together, failed.length === 0 ? null : `cases that fail: ${printable(failed.join(', '))}`);
  if (ran < cases.length) {
    say(`${deadline.name}: the time is up, and of ${cases.length} cases ${cases.length - ran} have not run`);
    process.exitCode = EXIT.FAILURE;
  }
  if (options.record !== undefined) {
    const { rules, block, transaction: bytes, state } = prepareCase(first);
    const subject = plainSubject(rules, block, { kind: 'transaction', bytes });
    await record(work, { subject, state, remote: null });
  }
}

async function traceCode(words: readonly string[], work: Work): Promise<void> {
  const { options, make, output, deadline } = work;
  const { code, data, message, to, rules, fields } = codeSubject(words, options);
  if (isHash(words)) say('taken for code; the hash of a transaction needs --rpc');
  const common = { ...limits(options), ...message };
  const { signal } = deadline;
  const state = options.state === undefined ? undefined : await openState(options.state, { signal });
  const block = blockEnv({ ...state?.block, ...fields }, rules);
  const input = options.create ? concatBytes(code!, data) : data;
  try {
    const run = (tracer: Tracer): Promise<EvmResult> => {
      const evm = createEvm({
        fork: rules,
        block,
        checks: { balance: false },
        tracer,
        ...(state === undefined ? {} : { state: state.reader }),
      });
      return operate(evm);
    };
    const operate = (evm: Evm): Promise<EvmResult> => {
      if (code === undefined) return evm.async.call({ ...common, to, data });
      if (options.create) return evm.async.create({ ...common, data: input });
      return evm.async.execute(code, { ...common, to, data });
    };
    // As for transactions of nodes.
    if (state?.kind === 'rpc') await run(combined(make()));
    const tracers = make();
    const { tracer, hasRun } = watched(tracers);
    const result = await run(tracer);
    if (hasRun()) output.put(tracers);
    conclude(tracers, failureOf(result, work));
    const sent = { ...message, to: options.create ? null : to };
    await record(work, {
      subject: plainSubject(rules, block, { kind: 'message', ...sent, input }),
      state: () =>
        arranged(state?.reader ?? new MemoryState(), {
          ...sent,
          code: options.create ? undefined : code,
          funded: true,
        }),
      remote: state?.kind === 'rpc' ? state.reader : null,
    });
  } finally {
    await state?.close();
  }
}
