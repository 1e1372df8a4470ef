/** `erbium trace`: runs a transaction of a node, bytecode, a call, or state tests, and prints what tracers saw. */

import type { Evm } from '../executor/api.ts';
import { createEvm } from '../executor/create-evm.ts';
import type { Limits } from '../executor/guard.ts';
import type { EvmResult } from '../executor/outcome.ts';
import { rulesFrom } from '../forks/rules.ts';
import type { Tracer } from '../machine/tracer.ts';
import type { Hex } from '../primitives/bytes.ts';
import { concatBytes, hexToBytes } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { toAddressWord, toWord } from '../primitives/input.ts';
import { readBuildInfo } from '../primitives/solc-output.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import { caseId, casesOf, parseFixture, StateTestRunner } from '../statetest/index.ts';
import { combine } from '../tracers/index.ts';
import { blockEnv, parseBlockFields } from './block.ts';
import { EXIT } from './exit.ts';
import { readCode, readFile } from './input.ts';
import { RECEIVER, SENDER } from './run.ts';
import { misused, openState, PATIENCE_MS, parseSpec } from './state.ts';
import { printable } from './text.ts';
import { openOutput, type TraceOutput } from './trace-output.ts';
import { makeTracers, type NamedTracer, type Surroundings } from './trace-tracers.ts';

export interface TraceRunOptions {
  readonly tracer?: readonly string[];
  readonly tracerConfig?: string;
  readonly out?: string;
  readonly buildInfo?: string;
  readonly rpc?: string;
  readonly fork?: string;
  readonly run?: string;
  readonly input?: string;
  readonly gas?: string;
  readonly value?: string;
  readonly from?: string;
  readonly to?: string;
  readonly create?: true;
  readonly state?: string;
  readonly block?: readonly string[];
  readonly timeout?: number;
}

const HASH = /^0x[0-9a-fA-F]{64}$/;
const DEFAULT_GAS = '10000000000';

/** Options of a run that says itself what it runs. */
const OF_CODE = ['input', 'gas', 'value', 'from', 'to', 'create', 'state', 'block'] as const;

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
    else if (words.length === 1 && words[0]!.endsWith('.json'))
      traceFixture(words[0]!, options, make, output);
    else await traceCode(words, options, make, output);
  } finally {
    output.close();
  }
}

function refuse(options: TraceRunOptions, names: readonly (keyof TraceRunOptions)[], why: string): void {
  for (const name of names) if (options[name] !== undefined) throw misused(`--${name}: ${why}`);
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
  const [hash] = words;
  if (words.length !== 1 || !HASH.test(hash!))
    throw misused('--rpc: expected the hash of a transaction, 0x and 64 digits');
  const spec = parseSpec(`rpc:${rpc}`);
  if (spec.kind !== 'rpc' || spec.url !== rpc) throw misused('--rpc: expected a URL without a block');
  const { openReplay } = await import('./trace-replay.ts');
  let said = performance.now();
  const say = (progress: string): void => {
    if (performance.now() - said < PATIENCE_MS) return;
    said = performance.now();
    process.stderr.write(`erbium: ${progress}\n`);
  };
  const replay = await inTime(options, (signal) =>
    openReplay(rpc, hash!.toLowerCase() as Hex, options.fork, say, signal),
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
  const { fork, run } = options;
  const rules = fork === undefined ? undefined : rulesFrom(fork).fork;
  const pattern = run === undefined ? undefined : patternOf(run);
  const cases = parseFixture(readFile(path), path)
    .flatMap(casesOf)
    .filter((one) => pattern === undefined || pattern.test(caseId(one)))
    .filter((one) => rules === undefined || rulesFrom(one.fork).fork === rules);
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

function patternOf(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch (error) {
    throw misused(`--run: ${(error as Error).message}`);
  }
}

async function traceCode(
  words: readonly string[],
  options: TraceRunOptions,
  make: Make,
  output: TraceOutput,
): Promise<void> {
  refuse(options, ['run'], 'only a state test has cases');
  const { create } = options;
  if (words.length === 0 && (options.to === undefined || create)) {
    throw misused('expected code, a state test (.json), --to with --state, or a transaction with --rpc');
  }
  if (words.length > 0 && options.to !== undefined)
    throw misused('--to: runs the code there, so none can be given');
  if (words.length === 1 && HASH.test(words[0]!)) {
    process.stderr.write('erbium: taken for code; the hash of a transaction needs --rpc\n');
  }
  const code = words.length === 0 ? undefined : readCode(words);
  const input = hexToBytes(options.input ?? '', '--input');
  const common = {
    ...limits(options),
    value: toWord(options.value ?? 0n, '--value'),
    gas: toWord(options.gas ?? DEFAULT_GAS, '--gas', MAX_U64),
    from: options.from === undefined ? SENDER : toAddressWord(options.from, '--from'),
  };
  const to = options.to === undefined ? RECEIVER : toAddressWord(options.to, '--to');
  const rules = rulesFrom(options.fork);
  const fields = parseBlockFields(options.block ?? []);
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
      if (code === undefined) return evm.async.call({ ...common, to, data: input });
      if (create) return evm.async.create({ ...common, data: concatBytes(code, input) });
      return evm.async.execute(code, { ...common, to, data: input });
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
