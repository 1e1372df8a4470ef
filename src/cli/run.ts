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
import type { Address } from '../primitives/address.ts';
import { bytesToHex, concatBytes, hexToBytes } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { toAddressWord, toWord } from '../primitives/input.ts';
import { EMPTY_CODE_HASH, keccakWord } from '../primitives/keccak.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import { OverlayState } from '../state/overlay.ts';
import type { StateReader } from '../state/reader.ts';
import type { LmdbState } from '../state/readers/lmdb/index.ts';
import { MemoryState } from '../state/readers/memory.ts';
import { recordState, type StateRecorder } from '../state/readers/record.ts';
import { blockEnv, parseBlockFields } from './block.ts';
import type { CryptoChoice } from './crypto-choice.ts';
import { withCrypto } from './deferred-crypto.ts';
import { EXIT } from './exit.ts';
import { extensionsOf } from './extensions.ts';
import { readCode } from './input.ts';
import { messageRun } from './run-message.ts';
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
interface Job {
  readonly rules: Rules;
  readonly from: Address;
  /** null for a creation. */
  readonly to: Address | null;
  /** Put at `to` before the run; undefined where the code of the state is called. */
  readonly code: Uint8Array | undefined;
  readonly input: Uint8Array;
  readonly value: bigint;
  readonly gas: bigint;
  /** Whether the sender is given what it sends. */
  readonly funded: boolean;
  /** Beyond Ethereum's. */
  readonly precompiles: readonly Precompile[];
  readonly policy: Policy;
  readonly engine: EngineChoice;
  readonly crypto: CryptoChoice;
}

export async function run(words: readonly string[], options: RunOptions): Promise<void> {
  const job = await jobOf(words, options);
  const fields = parseBlockFields(options.block ?? []);
  const { timeout } = options;
  const deadline = timeout === undefined ? undefined : performance.now() + timeout;
  const signal = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
  try {
    await runOn(job, fields, options, deadline, signal);
  } catch (error) {
    if (!(error instanceof ErbiumError) || error.code !== 'ABORTED') throw error;
    throw new ErbiumError('ABORTED', `--timeout ${timeout}: the node has not answered by then`);
  }
}

async function runOn(
  job: Job,
  fields: Partial<BlockEnv>,
  options: RunOptions,
  deadline: number | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { timeout } = options;
  const write = options.commit === true;
  const state = options.state === undefined ? undefined : await openState(options.state, { write, signal });
  try {
    const block = blockEnv({ ...state?.block, ...fields }, job.rules);
    const runner = new Runner(job, block, state, options.record !== undefined, deadline, signal);
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
  private readonly deadline: number | undefined;
  private readonly signal: AbortSignal | undefined;
  private readonly records: boolean;
  private recorder: StateRecorder | undefined;

  constructor(
    job: Job,
    block: BlockEnv,
    state: OpenState | undefined,
    records: boolean,
    deadline: number | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.job = job;
    this.block = block;
    this.state = state;
    this.reader = state?.reader ?? new MemoryState();
    this.deadline = deadline;
    this.signal = signal;
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
    const isLate = deadline === undefined ? undefined : () => performance.now() > deadline;
    await writeRecord(path, subject, this.recorder!.record(), result, job.crypto, isLate);
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
      await reader.load(undefined, this.signal);
    }
  }

  private once(tracer: Tracer | undefined): Promise<RunResult> {
    const { deadline, state } = this;
    const started = performance.now();
    const isBlind = (): boolean =>
      state?.kind === 'rpc' && state.reader.missing !== null && performance.now() - started > BLIND_MS;
    const isLate = (): boolean => (deadline !== undefined && performance.now() > deadline) || isBlind();
    const isLimited = deadline !== undefined || state?.kind === 'rpc';
    return withCrypto(
      (crypto, stop) => this.attempt(crypto, stop, tracer),
      this.job.engine,
      this.job.crypto,
      tracer === undefined,
      isLimited ? isLate : undefined,
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
    if (!this.records) return this.prepared();
    this.recorder = recordState(this.prepared());
    return this.recorder;
  }

  /** The state with the code in place, and with a sender that can pay. */
  private prepared(): StateReader {
    const { from, to, code, value, funded } = this.job;
    const state = new OverlayState(this.reader);
    const { nonce = 0n, balance = 0n, codeHash = EMPTY_CODE_HASH } = state.account(from) ?? {};
    const same = { storageCleared: false, storage: new Map<bigint, bigint>() };
    if (funded && balance < value) {
      state.apply(
        new Map([[from, { ...same, account: { nonce, balance: value, codeHash }, code: undefined }]]),
      );
    }
    if (to !== null && code !== undefined) {
      const { nonce = 0n, balance = 0n } = state.account(to) ?? {};
      const codeHash = code.length === 0 ? EMPTY_CODE_HASH : keccakWord(code);
      state.apply(new Map([[to, { ...same, account: { nonce, balance, codeHash }, code }]]));
    }
    return state;
  }
}
