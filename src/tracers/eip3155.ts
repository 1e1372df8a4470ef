/**
 * EIP-3155 traces, line for line as geth's `evm statetest --trace --trace.format=json` writes them; the line
 * with the state root is left to the caller, who knows it. The values of a line are those before the
 * instruction, except for the refund counter, which is read once the instruction is priced.
 */

import { type OpTable, opTableOf } from '../../opcodes/optable.ts';
import type { OpRow } from '../../opcodes/row.ts';
import { OPCODES } from '../../opcodes/table.ts';
import type { Rules } from '../forks/rules.ts';
import type { Frame } from '../machine/frame.ts';
import { gasLeft } from '../machine/gas.ts';
import { Halt } from '../machine/halt.ts';
import type { Message } from '../machine/message.ts';
import type { FrameEnd, Tracer } from '../machine/tracer.ts';
import { bytesToHexDigits, EMPTY_BYTES } from '../primitives/bytes.ts';
import { type Piece, TextBuffer } from './text-buffer.ts';
import {
  CALLS,
  faultWords,
  OUT_OF_GAS_IN_PARTS,
  PRICED_WRITES,
  precompileWords,
  TRACE_WORDS,
} from './words.ts';

export interface Eip3155Options {
  /**
   * Takes the trace as ASCII bytes, in chunks of about 64 KB that may end within a line. A chunk is valid until
   * the function returns. Making strings of them would cost more than the traced run.
   */
  readonly write: (chunk: Uint8Array) => void;
  /** Shows the memory before each step; false unless said otherwise. */
  readonly memory?: boolean;
  /** Shows the return data before each step; false unless said otherwise. */
  readonly returnData?: boolean;
  /** Shows the stack before each step; true unless said otherwise. */
  readonly stack?: boolean;
  /** Opcode rows of one's own, as the machine has them. */
  readonly opcodes?: readonly OpRow[];
}

export interface Eip3155Tracer extends Required<Tracer> {
  /** Writes what is still held back; to be called when a transaction has ended. */
  flush(): void;
}

const EXP = 0x0a;
const PUSH1 = 0x60;
const DUP1 = 0x80;
const SWAP1 = 0x90;
const LOG0 = 0xa0;
const LOG4 = 0xa4;
const SELFDESTRUCT = 0xff;

const MOVING_PART_ROOM = 128;

/** What is found out while an instruction runs: its line comes once without and once with the error. */
const RUNS_INTO: ReadonlySet<Halt> = new Set([
  Halt.Revert,
  Halt.UndefinedOpcode,
  Halt.Invalid,
  Halt.BadJump,
  Halt.ReturnDataOutOfBounds,
]);

/** Failures that leave no more charged than the base. */
const UNPRICED: ReadonlySet<Halt> = new Set([
  Halt.StackUnderflow,
  Halt.StackOverflow,
  Halt.GasOverflow,
  Halt.MemoryOverflow,
  Halt.SstoreSentry,
  Halt.InitCodeTooLarge,
  Halt.StaticViolation,
]);

export const eip3155Tracer = (options: Eip3155Options): Eip3155Tracer => new LineTracer(options);

class LineTracer implements Eip3155Tracer {
  private readonly out: TextBuffer;
  private readonly withStack: boolean;
  private readonly withMemory: boolean;
  private readonly withReturnData: boolean;
  /** Either of them. */
  private readonly withViews: boolean;
  private readonly opcodes: readonly OpRow[];
  private readonly tables = new Map<Rules, OpTable>();
  private readonly names: readonly string[];
  /** By opcode: `,"op":1,"gas":"0x` */
  private readonly opHeads: readonly Piece[];
  /** By opcode: `ADD"}` and the line feed. */
  private readonly opTails: readonly string[];
  private readonly pcHead: Piece;
  private readonly costHead: Piece;
  /** `","memSize":0,"stack":[` for the size at hand. */
  private sizePart: Piece;
  private size = -1;
  /** `],"depth":1,"refund":0,"opName":"` for the numbers at hand. */
  private depthPart: Piece;
  private depth = -1;
  private refund = -1;
  /**
   * Both for each opcode, with its cost before and its name behind; an instruction mostly costs what it cost the
   * last time. The stamps tell with which cost and size, and for which depth and refund, a piece was made.
   */
  private readonly middles: Int32Array;
  private readonly middleCosts = new Float64Array(256).fill(-1);
  private readonly middleSizes = new Float64Array(256).fill(-1);
  private readonly tails: Int32Array;
  private readonly tailStamps = new Int32Array(256);
  private depthStamp = 0;

  private rules: Rules | null = null;
  private table!: OpTable;

  // As they were before the step.
  private sp = 0;
  /** Where a number would round. */
  private exactGas: bigint | null = null;
  private exactCost: bigint | null = null;
  private memory: Uint8Array = EMPTY_BYTES;
  private returnData: Uint8Array = EMPTY_BYTES;

  /** Why the last step failed, for the end of its frame. */
  private fault = '';
  /** What the last step returned, for a creation that then rejects it. */
  private returned: Uint8Array = EMPTY_BYTES;
  /** The last message that began. */
  private message: Message | null = null;

  constructor({ write, memory, returnData, stack, opcodes }: Eip3155Options) {
    const out = new TextBuffer(write);
    this.out = out;
    this.withStack = stack ?? true;
    this.withMemory = memory ?? false;
    this.withReturnData = returnData ?? false;
    this.withViews = this.withMemory || this.withReturnData;
    this.opcodes = opcodes ?? [];
    const rows = [...this.opcodes, ...OPCODES];
    const bytes = Array.from({ length: 256 }, (_, byte) => byte);
    // The name of a byte is the same for every fork, even where it is not yet an instruction.
    this.names = bytes.map(
      (byte) => rows.find((row) => row.byte === byte)?.name ?? `opcode 0x${byte.toString(16)} not defined`,
    );
    this.opHeads = bytes.map((byte) => out.keep(`,"op":${byte},"gas":"0x`));
    this.opTails = this.names.map((name) => `${name}"}\n`);
    this.pcHead = out.keep('{"pc":');
    this.costHead = out.keep('","gasCost":"0x');
    this.sizePart = out.keep('', MOVING_PART_ROOM);
    this.depthPart = out.keep('', MOVING_PART_ROOM);
    this.middles = Int32Array.from(bytes, () => out.keep('', MOVING_PART_ROOM));
    this.tails = Int32Array.from(this.names, (name) => out.keep('', MOVING_PART_ROOM + name.length));
  }

  enter(message: Message): void {
    this.message = message;
    this.fault = '';
    this.returned = EMPTY_BYTES;
    this.out.forgetStack();
  }

  step(frame: Frame): void {
    const { sp } = frame;
    this.sp = sp;
    if (frame.rules !== this.rules) this.useRules(frame.rules);
    if (this.withStack) this.out.learnStack(frame.stack, sp);
    this.exactGas = frame.reserve === 0n ? null : gasLeft(frame);
    if (frame.memory.size !== this.size) this.useSize(frame.memory.size);
    if (!this.withViews) return;
    if (this.withMemory) this.memory = frame.memory.slice(0, frame.memory.size);
    if (this.withReturnData) this.returnData = frame.returnData;
  }

  stepEnd(frame: Frame, opcode: number, pc: number, gas: number, cost: number, halt: Halt): void {
    if (halt === Halt.Continue && this.exactGas === null && !this.withViews) {
      this.plainLine(frame, opcode, pc, gas, cost);
      if (this.withStack) this.followStack(frame, opcode, pc);
      return;
    }
    // Init code without a byte runs into the STOP behind it, which is no step of its own.
    if (frame.code.bytes.length === 0) return;
    this.exactCost = this.exactGas === null ? null : this.exactGas - gasLeft(frame);
    if (halt > Halt.Create) {
      this.lastStep(frame, opcode, pc, gas, cost, halt);
      return;
    }
    // The gas of a creation, unlike that of a call, is no part of the instruction's price.
    const child = halt === Halt.Create ? frame.request!.gas : 0n;
    if (this.exactCost !== null) this.exactCost -= child;
    this.line(frame, opcode, pc, gas, child === 0n ? cost : cost - Number(child), '', this.sp);
    if (this.withStack) this.followStack(frame, opcode, pc);
  }

  /** Keeps what is known of the stack's text, as far as the instruction left it alone. */
  private followStack(frame: Frame, opcode: number, pc: number): void {
    const { out } = this;
    if (opcode >= PUSH1 && opcode < DUP1) {
      out.pushBytes(frame.code.padded, pc + 1, opcode - PUSH1 + 1);
    } else if (opcode >= DUP1 && opcode < SWAP1) {
      out.duplicate(opcode - DUP1 + 1);
    } else if (opcode >= SWAP1 && opcode < LOG0) {
      out.exchange(opcode - SWAP1 + 1);
    } else {
      out.keepStack(this.sp - this.table.minStack[opcode]!);
    }
  }

  /** A step that ends its frame. */
  private lastStep(frame: Frame, opcode: number, pc: number, gas: number, cost: number, halt: Halt): void {
    const base = this.table.gas[opcode]!;
    // From delegations on, the price of a call is taken in parts, and the first that fails ends it.
    const inParts = halt === Halt.OutOfGas && frame.rules.delegation && CALLS.has(opcode) && gas >= base;
    const words = inParts
      ? OUT_OF_GAS_IN_PARTS
      : faultWords(halt, frame, opcode, this.names[opcode]!, this.sp, this.table);
    this.fault = words;
    if (words === '') {
      this.returned = frame.output;
      this.line(frame, opcode, pc, gas, cost, '', this.sp);
      return;
    }
    const forbidden = halt === Halt.StaticViolation && !PRICED_WRITES.has(opcode);
    let shown = cost;
    if (inParts || UNPRICED.has(halt)) {
      shown = forbidden ? base : this.constantGas(opcode, frame.rules);
      this.exactCost = null;
    }
    if (!forbidden && !RUNS_INTO.has(halt)) {
      this.line(frame, opcode, pc, gas, shown, words, this.sp);
      return;
    }
    this.line(frame, opcode, pc, gas, shown, '', this.sp);
    // By now the operands are taken and the memory has grown; return data is not given again.
    if (frame.memory.size !== this.size) this.useSize(frame.memory.size);
    if (this.withMemory) this.memory = frame.memory.slice(0, frame.memory.size);
    this.returnData = EMPTY_BYTES;
    this.line(frame, opcode, pc, gas, shown, words, Math.min(frame.sp, this.sp));
  }

  /** The part of the price that is charged first and depends on nothing; 0 where geth charges all in one. */
  private constantGas(opcode: number, rules: Rules): number {
    if (opcode === EXP || (opcode >= LOG0 && opcode <= LOG4)) return 0;
    if (opcode === SELFDESTRUCT && !rules.accessLists) return 0;
    return this.table.gas[opcode]!;
  }

  /** The line of a step that went on, with nothing in it but numbers and the stack. */
  private plainLine(frame: Frame, opcode: number, pc: number, gas: number, cost: number): void {
    const refund = frame.host.refundCounter();
    if (frame.depth !== this.depth || refund !== this.refund) this.useDepth(frame.depth, refund);
    const head = this.opHeads[opcode]!;
    const shown = this.withStack ? this.sp : 0;
    this.out.step(pc, head, gas, this.middle(opcode, cost), shown, this.tail(opcode));
  }

  private line(
    frame: Frame,
    opcode: number,
    pc: number,
    gas: number,
    cost: number,
    error: string,
    sp: number,
  ): void {
    const { out } = this;
    const refund = frame.host.refundCounter();
    if (frame.depth !== this.depth || refund !== this.refund) this.useDepth(frame.depth, refund);
    out.piece(this.pcHead);
    out.decimal(pc);
    out.piece(this.opHeads[opcode]!);
    if (this.exactGas === null) out.hex(gas);
    else out.text(this.exactGas.toString(16));
    out.piece(this.costHead);
    out.text(this.exactCost === null ? cost.toString(16) : this.exactCost.toString(16));
    if (this.memory.length > 0) {
      out.text('","memory":"0x');
      out.hexBytes(this.memory);
    }
    out.piece(this.sizePart);
    if (this.withStack) out.stack(sp);
    if (this.returnData.length === 0) {
      out.piece(this.depthPart);
    } else {
      out.text(this.withStack ? '],"returnData":"0x' : ',"returnData":"0x');
      out.hexBytes(this.returnData);
      // The bracket of the stack stands already; a quote takes its place.
      out.text(`"${this.depthText().slice(this.withStack ? 1 : 0)}`);
    }
    out.text(
      error === '' ? this.opTails[opcode]! : `${this.names[opcode]}","error":"${escapeHtml(error)}"}\n`,
    );
    out.lineEnd();
  }

  /** `","gasCost":"0x3","memSize":0,"stack":[` */
  private middle(opcode: number, cost: number): Piece {
    if (this.middleCosts[opcode] !== cost || this.middleSizes[opcode] !== this.size) {
      this.middleCosts[opcode] = cost;
      this.middleSizes[opcode] = this.size;
      const text = `","gasCost":"0x${cost.toString(16)}${this.sizeText()}`;
      this.middles[opcode] = this.out.replace(this.middles[opcode]!, text);
    }
    return this.middles[opcode]!;
  }

  /** `],"depth":1,"refund":0,"opName":"ADD"}` and a line feed. */
  private tail(opcode: number): Piece {
    if (this.tailStamps[opcode] !== this.depthStamp) {
      this.tailStamps[opcode] = this.depthStamp;
      this.tails[opcode] = this.out.replace(
        this.tails[opcode]!,
        `${this.depthText()}${this.opTails[opcode]}`,
      );
    }
    return this.tails[opcode]!;
  }

  exit(end: FrameEnd): void {
    const { out, returned, fault } = this;
    const { halt } = end;
    let { output } = end;
    let error = fault === '' ? TRACE_WORDS[halt] : fault;
    if (halt === Halt.PrecompileFailure) {
      error = precompileWords(this.message!);
    } else if (halt >= Halt.CodeTooLarge && halt <= Halt.CodeDepositOutOfGas) {
      output = returned;
    } else if (halt === Halt.Return && output.length === 0 && returned.length > 0) {
      // Frontier: the contract stays, without its code.
      output = returned;
      error = TRACE_WORDS[Halt.CodeDepositOutOfGas];
    }
    const ending = error === '' ? '' : `,"error":"${escapeHtml(error)}"`;
    out.text(`{"output":"${bytesToHexDigits(output)}","gasUsed":"0x${end.gasUsed.toString(16)}"${ending}}\n`);
    out.lineEnd();
    out.forgetStack();
    this.fault = '';
    this.returned = EMPTY_BYTES;
  }

  flush(): void {
    this.out.flush();
  }

  private useRules(rules: Rules): void {
    this.rules = rules;
    let table = this.tables.get(rules);
    if (table === undefined) {
      table = opTableOf(rules, this.opcodes);
      this.tables.set(rules, table);
    }
    this.table = table;
  }

  private useSize(size: number): void {
    this.size = size;
    this.sizePart = this.out.replace(this.sizePart, this.sizeText());
  }

  private sizeText(): string {
    return `","memSize":${this.size},"stack":${this.withStack ? '[' : 'null'}`;
  }

  private useDepth(depth: number, refund: number): void {
    this.depth = depth;
    this.refund = refund;
    this.depthStamp++;
    this.depthPart = this.out.replace(this.depthPart, this.depthText());
  }

  private depthText(): string {
    const end = this.withStack ? ']' : '';
    return `${end},"depth":${this.depth + 1},"refund":${this.refund},"opName":"`;
  }
}

/** Go writes the angle brackets and the ampersand of a JSON string as escapes. */
const escapeHtml = (text: string): string =>
  text.replace(/[<>&]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
