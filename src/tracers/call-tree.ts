/**
 * The tree of calls that `callTracer` and `flatCallTracer` show: who called whom with what, and how it ended. What geth
 * counts as a call is one here, self-destructs included.
 */

import { type OpTable, opTableOf } from '../../opcodes/optable.ts';
import type { Rules } from '../forks/rules.ts';
import type { Frame } from '../machine/frame.ts';
import { Halt } from '../machine/halt.ts';
import { isCreation, type Message, MessageKind } from '../machine/message.ts';
import type { FrameEnd, RunEnd, RunStart, Tracer } from '../machine/tracer.ts';
import { type Address, toAddress } from '../primitives/address.ts';
import { EMPTY_BYTES } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { faultOf } from './fault.ts';
import { Budget, type LimitOption } from './result.ts';
import { precompileWords, TRACE_WORDS } from './words.ts';

/** A log, by when it was made. */
export interface LogNode {
  readonly address: Address;
  readonly topics: readonly bigint[];
  readonly data: Uint8Array;
  /** Its place among the logs of the transaction that stood then. */
  readonly index: number;
  /** How many calls its frame had made before. */
  readonly position: number;
}

/** A call, a creation or a self-destruct. */
export interface CallNode {
  readonly type: MessageKind | 'SELFDESTRUCT';
  readonly from: Address;
  /** null for a creation that failed. */
  to: Address | null;
  readonly gas: bigint;
  gasUsed: bigint;
  readonly input: Uint8Array;
  /** null where there is none to show. */
  output: Uint8Array | null;
  /** Empty where it went well. */
  error: string;
  isReverted: boolean;
  /** null for STATICCALL. */
  readonly value: bigint | null;
  calls: readonly CallNode[];
  logs: readonly LogNode[];
}

/**
 * The limit is of the memory that calls take together with the result made of them: a call counts as 1,600 bytes, a log as 900
 * and 350 for each of its topics, and inputs, outputs and data as 200 and five times their length. While a run is traced and
 * its result written, the process grows by at most twice the limit, half of which the garbage collector has not seen to yet.
 */
export interface CallTreeOptions extends LimitOption {
  readonly onlyTopCall?: boolean;
  readonly withLog?: boolean;
}

const LOG0 = 0xa0;
const LOG4 = 0xa4;
const SELFDESTRUCT = 0xff;

// What things take in memory at most, in bytes, all three together: here, in the result, and as its text. Measured on Node 20,
// a call took 1,630 and a log with four topics 2,300.
const NODE_BYTES = 1_600;
const LOG_BYTES = 900;
const TOPIC_BYTES = 350;
/** Input, output or data: the bytes themselves and twice two hex digits for each; empty ones take nothing. */
const bytesOf = (data: number): number => (data === 0 ? 0 : 200 + 5 * data);
/** The reason in a reverted output is a text of its own, here and in the result's. */
const reasonBytes = (data: number): number => 3 * data;

/** An empty list takes some 50 bytes, and most calls have two of them. */
const NONE: readonly never[] = Object.freeze([]);

/** A list with one item more, which is the list itself unless that was empty. */
function added<T>(list: readonly T[], item: T): readonly T[] {
  if (list.length === 0) return [item];
  (list as T[]).push(item);
  return list;
}

/** What a view of a memory has now; views without bytes would take 200 all the same. */
const copyOf = (bytes: Uint8Array): Uint8Array => (bytes.length === 0 ? EMPTY_BYTES : bytes.slice());

export class CallTree implements Tracer {
  private top: CallNode | undefined;
  protected readonly budget: Budget;
  private readonly onlyTop: boolean;
  private readonly withLog: boolean;
  private readonly tables = new Map<Rules, OpTable>();
  /** The calls that run, one a depth; null for those that are left out. */
  private open: (CallNode | null)[] = [];
  private messages: Message[] = [];
  /** Logs that stood when each of the open calls began. */
  private logsBefore: number[] = [];
  private logs = 0;
  private gasLimit: bigint | undefined;
  /** Why the last step failed, for the end of its frame. */
  private fault = '';
  private sp = 0;
  /** What the contract has, before it destroys itself. */
  private balance = 0n;

  constructor(options: CallTreeOptions) {
    this.budget = new Budget(options);
    this.onlyTop = options.onlyTopCall ?? false;
    this.withLog = options.withLog ?? false;
  }

  /** What a call takes for each of those above it. */
  protected readonly indexBytes: number = 0;

  /**
   * The top call of the last run.
   * @throws ErbiumError INVALID_STATE where there was none
   */
  protected demandTop(): CallNode {
    if (this.top !== undefined) return this.top;
    throw new ErbiumError('INVALID_STATE', 'tracer: nothing has run yet');
  }

  get limitMet(): string | null {
    return this.budget.met;
  }

  /** Whether a call that has ended is dropped. */
  protected isDropped(_node: CallNode): boolean {
    return false;
  }

  begin({ gas }: RunStart): void {
    this.gasLimit = gas;
  }

  enter(message: Message): void {
    if (message.depth === 0) this.start();
    this.fault = '';
    const node = this.node(message);
    this.open.push(node);
    this.messages.push(message);
    this.logsBefore.push(this.logs);
    if (message.depth === 0) this.top = node ?? undefined;
  }

  private start(): void {
    this.budget.reset();
    this.open = [];
    this.messages = [];
    this.logsBefore = [];
    this.logs = 0;
  }

  /** null where it is left out. */
  private node(message: Message): CallNode | null {
    const { kind, depth, input } = message;
    if (depth > 0) {
      // What is left out takes all below with it.
      if (this.onlyTop || this.open[depth - 1] === null) return null;
      if (!this.takeCall(depth, input.length)) return null;
    }
    const isDelegate = kind === MessageKind.DelegateCall || kind === MessageKind.CallCode;
    const fits = depth > 0 || this.takeCall(depth, input.length, 'the input and calls');
    const node = {
      type: kind,
      from: isDelegate ? message.address : message.caller,
      to: isCreation(message) ? message.address : message.codeAddress,
      gas: depth === 0 && this.gasLimit !== undefined ? this.gasLimit : message.gas,
      gasUsed: 0n,
      // A copy: it may be a view of a memory.
      input: fits ? copyOf(input) : EMPTY_BYTES,
      value: kind === MessageKind.StaticCall ? null : message.value,
    };
    return { ...node, output: null, error: '', isReverted: false, calls: NONE, logs: NONE };
  }

  private takeCall(depth: number, input: number, what = 'calls'): boolean {
    return this.budget.take(NODE_BYTES + this.indexBytes * depth + bytesOf(input), what);
  }

  step(frame: Frame, opcode: number): void {
    this.sp = frame.sp;
    if (opcode === SELFDESTRUCT) this.balance = frame.host.balance(frame.address);
  }

  stepEnd(frame: Frame, opcode: number, _pc: number, gas: number, _cost: number, halt: Halt): void {
    if (halt === Halt.Continue) {
      if (this.withLog && opcode >= LOG0 && opcode <= LOG4) this.log(frame, opcode - LOG0);
    } else if (halt === Halt.SelfDestruct) {
      this.selfDestruct(frame);
    } else if (halt > Halt.Revert) {
      const table = this.tableOf(frame.rules);
      const name = table.rows[opcode]?.name ?? `opcode 0x${opcode.toString(16)} not defined`;
      this.fault = faultOf(frame, opcode, name, this.sp, gas, halt, table).words;
    }
  }

  private tableOf(rules: Rules): OpTable {
    let table = this.tables.get(rules);
    if (table === undefined) {
      table = opTableOf(rules);
      this.tables.set(rules, table);
    }
    return table;
  }

  /** Its operands are off the stack by then, and still in their places. */
  private log(frame: Frame, topics: number): void {
    const index = this.logs++;
    const node = this.open[frame.depth];
    if (node === null || node === undefined) return;
    const { stack } = frame;
    const top = this.sp - 1;
    const size = Number(stack[top - 1]!);
    if (!this.budget.take(LOG_BYTES + TOPIC_BYTES * topics + bytesOf(size), 'logs')) return;
    node.logs = added(node.logs, {
      address: frame.address,
      topics: Array.from({ length: topics }, (_, i) => stack[top - 2 - i]!),
      data: size === 0 ? EMPTY_BYTES : frame.memory.slice(Number(stack[top]!), size),
      index,
      position: node.calls.length,
    });
  }

  private selfDestruct(frame: Frame): void {
    const node = this.open[frame.depth];
    if (node === null || node === undefined || this.onlyTop) return;
    if (!this.takeCall(frame.depth + 1, 0)) return;
    node.calls = added(node.calls, {
      type: 'SELFDESTRUCT',
      from: frame.address,
      to: toAddress(frame.stack[this.sp - 1]!),
      gas: 0n,
      gasUsed: 0n,
      input: EMPTY_BYTES,
      output: null,
      error: '',
      isReverted: false,
      value: this.balance,
      calls: NONE,
      logs: NONE,
    });
  }

  exit(end: FrameEnd): void {
    const node = this.open.pop() ?? null;
    const message = this.messages.pop()!;
    const logsBefore = this.logsBefore.pop()!;
    const error = this.errorOf(end.halt, message);
    this.fault = '';
    if (error !== '') this.logs = logsBefore;
    if (node === null) return;
    node.gasUsed = end.gasUsed;
    node.error = error;
    node.isReverted = end.halt === Halt.Revert;
    if (error !== '' && isCreation(message)) node.to = null;
    if ((error === '' || node.isReverted) && end.output.length > 0) {
      const { length } = end.output;
      if (this.budget.take(bytesOf(length) + (node.isReverted ? reasonBytes(length) : 0), 'outputs'))
        node.output = end.output.slice();
    }
    const parent = this.open[this.open.length - 1];
    if (parent !== null && parent !== undefined && !this.isDropped(node)) {
      parent.calls = added(parent.calls, node);
    }
  }

  private errorOf(halt: Halt, message: Message): string {
    if (halt === Halt.PrecompileFailure) return precompileWords(message);
    return this.fault === '' ? TRACE_WORDS[halt] : this.fault;
  }

  end({ gasUsed }: RunEnd): void {
    this.gasLimit = undefined;
    if (this.top === undefined) return;
    this.top.gasUsed = gasUsed;
    clearFailedLogs(this.top, false);
  }
}

/** What a call that failed has logged is undone, with what those below it have. */
function clearFailedLogs(node: CallNode, above: boolean): void {
  const failed = above || node.error !== '';
  if (failed) node.logs = NONE;
  for (const call of node.calls) clearFailedLogs(call, failed);
}
