/** `erbium run`: bytecode, or a call of a contract of some state, in; and what it did out. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Crypto } from '../../precompiles/crypto.ts';
import type { Precompile } from '../../precompiles/row.ts';
import { assembleMachine } from '../evm/context.ts';
import type { EngineChoice } from '../evm/engine-choice.ts';
import type { Policy } from '../evm/extensions.ts';
import { finish } from '../evm/pause.ts';
import { type Rules, rulesFrom } from '../forks/rules.ts';
import type { BlockEnv } from '../machine/host.ts';
import type { Tracer } from '../machine/tracer.ts';
import { bytesToHex, concatBytes, hexToBytes } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { toAddressWord, toWord } from '../primitives/input.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import type { StateReader } from '../state/reader.ts';
import type { LmdbState } from '../state/readers/lmdb/index.ts';
import { MemoryState } from '../state/readers/memory.ts';
import { recordState, type StateRecorder } from '../state/readers/record.ts';
import { blockEnv, parseBlockFields } from './block.ts';
import type { CryptoChoice } from './crypto-choice.ts';
import { Deadline } from './deadline.ts';
import { withCrypto } from './deferred-crypto.ts';
import { EXIT } from './exit.ts';
import { extensionsOf } from './extensions.ts';
import { readCode } from './input.ts';
import { type Arranged, arranged, type MessageRun, messageRun } from './run-message.ts';
import { inWords, isSuccessful, type RunResult, toJson } from './run-result.ts';
import { misused, type OpenState, openState, PATIENCE_MS } from './state.ts';
import { openTracer, type TraceOptions } from './trace.ts';

export interface RunOptions extends TraceOptions {
  readonly input: string;
  readonly fork?: string;
  readonly gas: string;
  readonly value: string;
  readonly from?: string;
  readonly to?: string;
  readonly create?: true;
  readonly state?: string;
  readonly block?: readonly string[];
  readonly commit?: true;
  readonly trace?: true;
  readonly json?: true;
  readonly record?: string;
  readonly timeout?: number;
  readonly ext?: string;
  readonly allowSecrets?: true;
  readonly pqOnly?: true;
  readonly engine: EngineChoice;
  readonly crypto: CryptoChoice;
}

const ascii = (text: string): bigint => BigInt(`0x${Buffer.from(text, 'latin1').toString('hex')}`);

// The words "sender" and "receiver" as numbers, as other EVM commands have it.
export const SENDER = ascii('sender');
export const RECEIVER = ascii('receiver');

/** What is to be run, checked. */
interface Job extends MessageRun, Arranged {
  readonly rules: Rules;
  /** Beyond Ethereum's. */
  readonly precompiles: readonly Precompile[];
  readonly policy: Policy;
  readonly engine: EngineChoice;
  readonly crypto: CryptoChoice;
}

export async function run(words: readonly string[], options: RunOptions): Promise<void> {
  const job = await jobOf(words, options);
  const fields = parseBlockFields(options.block ?? []);
  const deadline = new Deadline(options.timeout);
  await deadline.answered(() => runOn(job, fields, options, deadline));
}

async function runOn(
  job: Job,
  fields: Partial<BlockEnv>,
  options: RunOptions,
  deadline: Deadline,
): Promise<void> {
  const { timeout } = options;
  const { signal } = deadline;
  const write = options.commit === true;
  const state = options.state === undefined ? undefined : await openState(options.state, { write, signal });
  try {
    const block = blockEnv({ ...state?.block, ...fields }, job.rules);
    const runner = new Runner(job, block, state, options.record !== undefined, deadline);
    const database = state?.kind === 'lmdb' && write ? state.reader : undefined;
    const result =
      database === undefined ? await runner.run(options) : await committed(runner, database, options);
    const root = database !== undefined && isSuccessful(result) ? bytesToHex(database.root()) : undefined;
    process.exitCode = isSuccessful(result) ? EXIT.OK : EXIT.FAILURE;
    process.stdout.write(
      options.json ? `${JSON.stringify(toJson(result, root))}\n` : inWords(result, job.gas, timeout, root),
    );
    if (options.record !== undefined) await runner.writeRecord(options.record, result, options.ext);
  } finally {
    await state?.close();
  }
}

// So many that a run is overtaken by others only where it takes far longer than they do.
const MAX_TRIES = 100;
const MAX_PAUSE_MS = 20;

/**
 * Runs and keeps the changes, which are those to the state that it ran on: where another process changed that
 * meanwhile, it runs again.
 */
async function committed(runner: Runner, database: LmdbState, options: RunOptions): Promise<RunResult> {
  for (let tries = 1; ; tries++) {
    const version = database.version();
    const result = await runner.run(options);
    if (!isSuccessful(result)) return result;
    try {
      database.apply(result.diff, [], version);
      return result;
    } catch (error) {
      // By a pause of its own length each, of several at once some get ahead; and only then a newer version is seen.
      await sleep(Math.random() * MAX_PAUSE_MS);
      if (tries === MAX_TRIES || !isStoreFailure(error) || database.version() === version) throw error;
    }
    if (options.trace) {
      process.stderr.write(`erbium: ${database.path}: changed meanwhile, so what follows is another run\n`);
    }
  }
}

const isStoreFailure = (error: unknown): boolean =>
  error instanceof ErbiumError && error.code === 'STORE_FAILURE';

async function jobOf(words: readonly string[], options: RunOptions): Promise<Job> {
  const { create, commit } = options;
  const rules = rulesFrom(options.fork);
  if (words[0] === '-' && options.state === '-') throw misused('--state: standard input is the code already');
  const code = words.length === 0 ? undefined : readCode(words);
  const data = hexToBytes(options.input, '--input');
  const value = toWord(options.value, '--value');
  const gas = toWord(options.gas, '--gas', MAX_U64);
  const from = options.from === undefined ? SENDER : toAddressWord(options.from, '--from');
  const to = options.to === undefined ? RECEIVER : toAddressWord(options.to, '--to');
  if (options.to !== undefined && create) throw misused('--to: a creation has no receiver');
  if (options.to !== undefined && code !== undefined)
    throw misused('--to: runs the code there, so none can be given');
  if (commit && !options.state?.startsWith('lmdb:')) throw misused('--commit: needs --state lmdb:DIR');
  if (commit && code !== undefined && !create) {
    throw misused('--commit: needs --to or --create; code from the line stands at no account');
  }
  if (options.allowSecrets && options.ext === undefined) throw misused('--allow-secrets: needs --ext');
  const precompiles = await extensionsOf(options.ext, rules);
  const policy = { allowSecrets: options.allowSecrets ?? false, pqOnly: options.pqOnly ?? false };
  const { engine, crypto } = options;
  const common = { rules, from, value, gas, funded: !commit, precompiles, policy, engine, crypto };
  if (!create) return { ...common, to, code, input: data };
  return { ...common, to: null, code: undefined, input: concatBytes(code!, data) };
}

/** A run on what is known to be incomplete goes on for so long, to find out what else is missing. */
const BLIND_MS = 20;

class Runner {
  private readonly job: Job;
  private readonly block: BlockEnv;
  private readonly state: OpenState | undefined;
  private readonly reader: StateReader;
  private readonly deadline: Deadline;
  private readonly records: boolean;
  private recorder: StateRecorder | undefined;

  constructor(job: Job, block: BlockEnv, state: OpenState | undefined, records: boolean, deadline: Deadline) {
    this.job = job;
    this.block = block;
    this.state = state;
    this.reader = state?.reader ?? new MemoryState();
    this.deadline = deadline;
    this.records = records;
  }

  /** Of a node it runs until nothing is missing, without a trace; the traced run is the last. */
  async run(options: RunOptions): Promise<RunResult> {
    if (!options.trace) return this.complete();
    if (this.state?.kind === 'rpc') await this.complete();
    const tracer = await openTracer(options, this.job.precompiles);
    const result = await this.once(tracer);
    tracer.flush();
    return result;
  }

  /** Writes what the last run was and read; after it, since a file that cannot be written takes nothing from it. */
  async writeRecord(path: string, result: RunResult, ext: string | undefined): Promise<void> {
    const { job, block, deadline } = this;
    const { writeRecord } = await import('./record.ts');
    const { rules, policy, from, to, value, gas, input } = job;
    const run = { kind: 'message', from, to, value, gas, input } as const;
    const subject = { rules, extensions: ext ?? null, policy, block, run };
    await writeRecord(path, subject, this.recorder!.record(), result, job.crypto, deadline.interrupted);
  }

  private async complete(): Promise<RunResult> {
    const { state } = this;
    if (state?.kind !== 'rpc') return this.once(undefined);
    const { reader } = state;
    let said = performance.now();
    for (let rounds = 1; ; rounds++) {
      const result = await this.once(undefined);
      if (reader.missing === null) return result;
      if (performance.now() - said > PATIENCE_MS) {
        said = performance.now();
        process.stderr.write(`erbium: ${state.name}: round ${rounds}: fetching ${reader.missing}\n`);
      }
      await reader.load(undefined, this.deadline.signal);
    }
  }

  private once(tracer: Tracer | undefined): Promise<RunResult> {
    const { deadline, state } = this;
    const started = performance.now();
    const isBlind = (): boolean =>
      state?.kind === 'rpc' && state.reader.missing !== null && performance.now() - started > BLIND_MS;
    const isEnded = state?.kind === 'rpc' ? () => deadline.isLate || isBlind() : deadline.interrupted;
    return withCrypto(
      (crypto, stop) => this.attempt(crypto, stop, tracer),
      this.job.engine,
      this.job.crypto,
      tracer === undefined,
      isEnded,
    );
  }

  private attempt(
    crypto: Crypto,
    interrupted: (() => boolean) | undefined,
    tracer: Tracer | undefined,
  ): RunResult {
    const { rules, precompiles, policy, engine } = this.job;
    const machine = assembleMachine({ rules, precompiles, policy, crypto, tracer, engine });
    return finish(messageRun({ machine, state: this.watched(), block: this.block, interrupted }, this.job));
  }

  /** The state of one attempt. Only the last attempt counts, and with it what that has read. */
  private watched(): StateReader {
    const state = arranged(this.reader, this.job);
    if (!this.records) return state;
    this.recorder = recordState(state);
    return this.recorder;
  }
}
