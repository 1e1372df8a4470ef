/**
 * The calls of a test: who sends them, what the last one left, and the error of one that fails. What runs them is the
 * EVM of `createEvm`.
 */

import type { Evm } from '../executor/api.ts';
import { createEvm, type EvmOptions } from '../executor/create-evm.ts';
import type { EvmResult, Rejected, TransactResult } from '../executor/outcome.ts';
import type { CallOptions, TransactionRequest } from '../executor/request.ts';
import type { AbiInput } from '../executor/revert.ts';
import type { BlockEnv } from '../machine/host.ts';
import type { Address } from '../primitives/address.ts';
import type { Hex } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { type BytesInput, toOwnBytes, toWord, type WordInput } from '../primitives/input.ts';
import { type CallDescription, failedCall } from './call-error.ts';
import type { Directory } from './directory.ts';
import { FailureWatch, framesOf } from './failure-path.ts';
import type { CallResult, SendOptions, TestCall, TestView } from './options.ts';
import { Senders, toAddressOf } from './senders.ts';

/** What is known of a call beyond its bytes. */
export interface Told extends Partial<Pick<CallDescription, 'words' | 'functionName' | 'args'>> {
  /** That of the contract which a deployment makes. */
  readonly abi?: AbiInput | undefined;
}

/** A call, or a deployment, which has no `to`. */
type Sent = SendOptions & Partial<Pick<TestCall, 'to' | 'data'>>;

interface Prepared {
  /** That of the moment in which the call was asked for. */
  readonly block: BlockEnv;
  readonly request: TransactionRequest & { readonly from: Address };
  readonly description: CallDescription;
}

export class Calls {
  readonly senders: Senders;
  /** How the last transaction ended; null where there is none. */
  last: TransactResult | Rejected | null = null;
  /** What was asked for last, in words; null where nothing was. */
  asked: string | null = null;
  private readonly evm: Evm;
  private readonly options: EvmOptions;
  private readonly directory: Directory;

  constructor(evm: Evm, options: EvmOptions, directory: Directory, caller: Address) {
    this.evm = evm;
    this.options = options;
    this.directory = directory;
    this.senders = new Senders(caller);
  }

  /**
   * @param what who asks
   * @throws ErbiumError INVALID_STATE where there is none
   */
  lastCall(what: string): TransactResult | Rejected {
    if (this.last !== null) return this.last;
    throw new ErbiumError('INVALID_STATE', `${what}: nothing has been called yet`);
  }

  /** Sends a transaction. */
  async send(call: Sent, told: Told = {}): Promise<CallResult> {
    const { request, description, block } = this.prepare(call, told);
    const outcome = await this.evm.async.transact(request);
    // Before its logs are decoded.
    if (told.abi !== undefined && outcome.created !== null) {
      this.directory.learn(told.abi, BigInt(outcome.created));
    }
    const result = this.decoded(outcome);
    this.last = result;
    return isGood(result) ? result : this.fail(description, request, result, rerun(request, block));
  }

  /** Runs a transaction of which nothing stays. */
  async simulate(call: Sent, told: Told = {}): Promise<CallResult> {
    const { request, description, block } = this.prepare(call, told);
    const [outcome] = await this.evm.async.simulate([request]);
    const result = this.decoded(outcome!);
    return isGood(result) ? result : this.fail(description, request, result, rerun(request, block));
  }

  /** The least gas limit with which a transaction succeeds. */
  async estimateGas(call: Sent, told: Told = {}): Promise<bigint> {
    const { request, description, block } = this.prepare(call, told);
    const { gas, result } = await this.evm.async.estimateGas(request);
    return gas ?? this.fail(description, request, this.decoded(result), rerun(request, block));
  }

  /** Runs a static call of which nothing stays. */
  async view(view: TestView, told: Told = {}): Promise<EvmResult> {
    const { request, description, block } = this.prepare(view as TestCall, told);
    const call = { ...request, isStatic: true } as CallOptions;
    const result = this.decoded(await this.evm.async.call(call));
    if (result.status === 'success') return result;
    const again = (evm: Evm): Promise<unknown> => evm.async.call({ block, ...call });
    return this.fail(description, request, result, again);
  }

  /** A call in the words of the EVM, with its sender. Uses up a prank. */
  private prepare({ from, to, label, data, ...others }: Sent, told: Told): Prepared {
    const bytes = toOwnBytes((data ?? '') as BytesInput, 'data');
    const target = to === undefined ? null : toAddressOf(to, 'to');
    const named = from === undefined ? null : toAddressOf(from, 'from');
    const words = told.words ?? this.directory.describe(target, bytes);
    const sender = this.senders.take(named);
    this.asked = words;
    const { functionName = null, args = null } = told;
    return {
      block: this.evm.block,
      request: { ...others, from: sender, data: bytes, ...(target === null ? {} : { to: target }) },
      description: { words, label: label ?? null, functionName, args },
    };
  }

  /** The result with what the ABIs say, and with addresses as they are given out. */
  private decoded<R extends EvmResult | Rejected>(result: R): R {
    const { directory } = this;
    const written = (address: string): Hex => directory.dialect.address(BigInt(address));
    return {
      ...result,
      ...('from' in result ? { from: written(result.from as string) } : {}),
      created: result.created === null ? null : written(result.created),
      error: result.status === 'revert' ? directory.errorIn(result.output) : null,
      logs: result.logs.map((log) => {
        return { ...log, address: written(log.address), event: directory.eventIn(log) };
      }),
      diff: Object.fromEntries(
        Object.entries(result.diff).map(([address, change]) => [written(address), change]),
      ),
    };
  }

  /**
   * @param again runs the call once more, which is watched to find out where it fails
   * @throws CallError
   */
  private async fail(
    description: CallDescription,
    { from, gas }: { readonly from: Address; readonly gas?: WordInput },
    result: EvmResult | Rejected,
    again: (evm: Evm) => Promise<unknown>,
  ): Promise<never> {
    const { directory } = this;
    const watch = new FailureWatch();
    // A halt that ends the call is that of its first frame, which is known without a second run.
    if (result.status === 'revert') {
      await again(createEvm({ ...this.options, state: this.evm.state, tracer: watch.tracer }));
    }
    const frames = watch.failure === null ? [] : framesOf(watch.failure);
    const innermost = frames.at(-1);
    throw failedCall(
      description,
      result,
      {
        sender: directory.show(from),
        gas: gas === undefined ? null : toWord(gas, 'gas'),
        fork: this.evm.rules.fork,
        path: frames.map(({ to, input }) => directory.describe(to, input)),
        halt: innermost?.halt ?? null,
        absent: typeof innermost?.absent === 'bigint' ? directory.showBoth(innermost.absent) : null,
      },
      (text) => directory.withNames(text),
    );
  }
}

const isGood = (result: TransactResult | Rejected): result is CallResult => result.status === 'success';

const rerun =
  (request: TransactionRequest, block: BlockEnv) =>
  (evm: Evm): Promise<unknown> =>
    evm.async.simulate([request], { block });
