/**
 * geth's struct logger, what `debug_traceTransaction` gives without a tracer: every step with its stack, and on demand with
 * memory and return data. Source: execution-apis, pull request 762, which
 * go-ethereum follows.
 */

import { type OpTable, opTableOf } from '../../opcodes/optable.ts';
import type { Rules } from '../forks/rules.ts';
import type { Frame } from '../machine/frame.ts';
import { gasLeft } from '../machine/gas.ts';
import { Halt, isSuccess } from '../machine/halt.ts';
import type { FrameEnd, RunEnd } from '../machine/tracer.ts';
import type { Address } from '../primitives/address.ts';
import { bytesToHex, type Hex, toHex32 } from '../primitives/bytes.ts';
import { faultOf } from './fault.ts';
import { opcodeName } from './opcode-counts.ts';
import { Budget, type LimitOption, type ResultTracer } from './result.ts';

/** The options of `structLogTracer`. */
export interface StructLogTracerOptions extends LimitOption {
  readonly enableMemory?: boolean;
  readonly enableReturnData?: boolean;
  readonly disableStack?: boolean;
  readonly disableStorage?: boolean;
}

/** A step. Gas is shown as a number, which JSON readers may round beyond 2^53. */
export interface StructLog {
  readonly pc: number;
  readonly op: string;
  readonly gas: number;
  readonly gasCost: number;
  readonly depth: number;
  readonly error?: string;
  /** Words in shortest hex, the top of the stack last. */
  readonly stack?: readonly Hex[];
  readonly returnData?: Hex;
  /** Words of 32 bytes. */
  readonly memory?: readonly Hex[];
  /** At SLOAD and SSTORE: the slots of the account seen so far. */
  readonly storage?: Readonly<Record<Hex, Hex>>;
  readonly refund?: number;
}

/** A run and its steps. */
export interface StructLogResult {
  readonly gas: number;
  readonly failed: boolean;
  readonly returnValue: Hex;
  readonly structLogs: readonly StructLog[];
}

/** A tracer that keeps all steps. */
export interface StructLogTracer extends ResultTracer<StructLogResult> {
  /** The result as JSON, in parts: the whole may be longer than a string can be. */
  text(): Iterable<string>;
}

/** The steps of the last run, as geth gives them where no tracer is named. */
export const structLogTracer = (options: StructLogTracerOptions = {}): StructLogTracer => new Logger(options);

const SLOAD = 0x54;
const SSTORE = 0x55;
const STEP_BYTES = 80;
const WORD_BYTES = 64;

class Logger implements StructLogTracer {
  private readonly options: StructLogTracerOptions;
  private readonly budget: Budget;
  private readonly tables = new Map<Rules, OpTable>();
  /** Each as JSON: objects would take several times as much. */
  private logs: string[] = [];
  private storage = new Map<Address, Map<string, string>>();
  private gas = 0n;
  private output = '0x';
  private failed = false;

  // Of the step at hand, as it was before.
  private sp = 0;
  private gasBefore: number | bigint = 0;
  private tail = '';
  private fits = true;

  constructor(options: StructLogTracerOptions) {
    this.options = options;
    this.budget = new Budget(options);
  }

  get limitMet(): string | null {
    return this.budget.met;
  }

  begin(): void {
    this.budget.reset();
    this.logs = [];
    this.storage = new Map();
    this.fits = true;
  }

  step(frame: Frame, opcode: number): void {
    this.sp = frame.sp;
    // Once a step is left out, so are all that follow: a gap would not show.
    if (!this.fits) return;
    this.fits = this.budget.take(this.sizeOf(frame, opcode), 'steps');
    if (!this.fits) return;
    this.gasBefore = frame.reserve === 0n ? frame.gas : gasLeft(frame);
    this.tail = this.tailOf(frame, opcode);
  }

  /** No less than the step will have as JSON, but for numbers and names; found out before anything is made. */
  private sizeOf(frame: Frame, opcode: number): number {
    const { enableMemory, enableReturnData, disableStack, disableStorage } = this.options;
    let size = STEP_BYTES;
    if (disableStack !== true) size += frame.sp * WORD_BYTES;
    if (enableMemory === true) size += frame.memory.size * 2.2;
    if (enableReturnData === true) size += frame.returnData.length * 2;
    if (disableStorage !== true && (opcode === SLOAD || opcode === SSTORE)) {
      size += ((this.storage.get(frame.address)?.size ?? 0) + 1) * 2.2 * WORD_BYTES;
    }
    return size;
  }

  /** The fields from the stack on; joined, since a sum of strings would keep all its parts. */
  private tailOf(frame: Frame, opcode: number): string {
    const { enableMemory, enableReturnData, disableStack } = this.options;
    const { memory, returnData, stack, sp } = frame;
    const parts: string[] = [];
    if (disableStack !== true) {
      const words = stack.slice(0, sp).map((word) => `"0x${word.toString(16)}"`);
      parts.push(',"stack":[', words.join(), ']');
    }
    if (enableReturnData === true && returnData.length > 0) {
      parts.push(',"returnData":"', bytesToHex(returnData), '"');
    }
    if (enableMemory === true && memory.size > 0) {
      const words = Array.from({ length: memory.size / 32 }, (_, i) => bytesToHex(memory.viewOf(32 * i, 32)));
      parts.push(',"memory":["', words.join('","'), '"]');
    }
    parts.push(this.storageText(frame, opcode));
    return parts.join('');
  }

  private storageText({ host, address, stack, sp }: Frame, opcode: number): string {
    if (this.options.disableStorage === true) return '';
    const isRead = opcode === SLOAD && sp >= 1;
    if (!isRead && !(opcode === SSTORE && sp >= 2)) return '';
    const key = stack[sp - 1]!;
    const value = isRead ? host.slot(address, key).value : stack[sp - 2]!;
    let slots = this.storage.get(address);
    if (slots === undefined) {
      slots = new Map();
      this.storage.set(address, slots);
    }
    slots.set(toHex32(key), toHex32(value));
    return `,"storage":${JSON.stringify(Object.fromEntries(slots))}`;
  }

  stepEnd(frame: Frame, opcode: number, pc: number, gas: number, cost: number, halt: Halt): void {
    // Init code without a byte runs into the STOP behind it, which is no step of its own.
    if (!this.fits || frame.code.bytes.length === 0) return;
    const name = opcodeName(opcode);
    const fault =
      halt > Halt.Create ? faultOf(frame, opcode, name, this.sp, gas, halt, this.tableOf(frame.rules)) : null;
    const error = fault === null || fault.isLate ? '' : fault.words;
    const gasCost = fault?.cost ?? this.costOf(frame, cost, halt);
    const refund = frame.host.refundCounter();
    const parts = [
      `{"pc":${pc},"op":"${name}","gas":${this.gasBefore},"gasCost":${gasCost},"depth":${frame.depth + 1}`,
      error === '' ? '' : `,"error":${JSON.stringify(error)}`,
      this.tail,
      refund === 0 ? '' : `,"refund":${refund}`,
      '}',
    ];
    this.logs.push(parts.join(''));
  }

  /** The gas of a creation, unlike that of a call, is no part of the instruction's price. */
  private costOf(frame: Frame, cost: number, halt: Halt): number | bigint {
    const child = halt === Halt.Create ? frame.request!.gas : 0n;
    const isExact = typeof this.gasBefore === 'number' && cost <= Number.MAX_SAFE_INTEGER;
    return isExact ? cost - Number(child) : BigInt(this.gasBefore) - gasLeft(frame) - child;
  }

  private tableOf(rules: Rules): OpTable {
    let table = this.tables.get(rules);
    if (table === undefined) {
      table = opTableOf(rules);
      this.tables.set(rules, table);
    }
    return table;
  }

  exit({ depth, halt, output, gasUsed }: FrameEnd): void {
    if (depth !== 0) return;
    this.gas = gasUsed;
    this.failed = !isSuccess(halt);
    this.output = '0x';
    if (this.failed && halt !== Halt.Revert) return;
    const fits = this.budget.take(2 * output.length, 'the output and steps');
    if (fits) this.output = bytesToHex(output);
  }

  end({ gasUsed }: RunEnd): void {
    this.gas = gasUsed;
  }

  *text(): Iterable<string> {
    yield `{"gas":${this.gas},"failed":${this.failed},"returnValue":"${this.output}","structLogs":[`;
    for (const [i, log] of this.logs.entries()) yield i === 0 ? log : `,${log}`;
    yield ']}';
  }

  result(): StructLogResult {
    return {
      gas: Number(this.gas),
      failed: this.failed,
      returnValue: this.output as Hex,
      structLogs: this.logs.map((log) => JSON.parse(log) as StructLog),
    };
  }
}
