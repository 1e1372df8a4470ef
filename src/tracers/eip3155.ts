/**
 * EIP-3155 traces, line for line as geth's `evm statetest --trace --trace.format=json` writes them; the line
 * with the state root is left to the caller, who knows it. The values of a line are those before the
 * instruction, except for the refund counter, which is read once the instruction is priced.
 */

import { type OpTable, opTableOf } from '../../opcodes/optable.ts';
import { Flag, type OpRow } from '../../opcodes/row.ts';
import { OPCODES } from '../../opcodes/table.ts';
import type { Rules } from '../forks/rules.ts';
import type { Frame } from '../machine/frame.ts';
import { gasLeft } from '../machine/gas.ts';
import { Halt } from '../machine/halt.ts';
import type { Message } from '../machine/message.ts';
import type { FrameEnd, Tracer } from '../machine/tracer.ts';
import { bytesToHexDigits, EMPTY_BYTES } from '../primitives/bytes.ts';
import { faultOf } from './fault.ts';
import { Change } from './step-line.ts';
import { TextBuffer } from './text-buffer.ts';
import { precompileWords, TRACE_WORDS } from './words.ts';

/** What a trace shows and where it goes. */
export interface Eip3155Options {
  /**
   * Takes the trace as ASCII bytes, in chunks of about 256 KB that may end within a line. A chunk is valid until
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

/** A tracer that holds back some of its output until `flush`. */
export interface Eip3155Tracer extends Required<Omit<Tracer, 'begin' | 'end'>> {
  /** Writes what is still held back; to be called when a transaction has ended. */
  flush(): void;
}

const PUSH1 = 0x60;
const PUSH8 = 0x67;
const DUP1 = 0x80;
const SWAP1 = 0x90;
const LOG0 = 0xa0;

const MAX_U32 = 0xffff_ffff;

/** The name of an instruction, and where its line's end is kept. */
interface Named {
  readonly name: string;
  readonly place: number;
}

/** A tracer that writes EIP-3155 lines. */
export const eip3155Tracer = (options: Eip3155Options): Eip3155Tracer => new LineTracer(options);

class LineTracer implements Eip3155Tracer {
  private readonly out: TextBuffer;
  private readonly withStack: boolean;
  private readonly withMemory: boolean;
  private readonly withReturnData: boolean;
  /** Neither of the two, and ordinary steps are written at one go. */
  private readonly isBrief: boolean;
  private readonly opcodes: readonly OpRow[];
  private readonly tables = new Map<Rules, OpTable>();
  private readonly names: string[];
  private depth = -1;
  private refund = -1;
  /** The byte of a prefix, or -1 where there is none. */
  private readonly prefix: number;
  /** Of the instructions behind the prefix, by their byte. */
  private readonly behind: ReadonlyMap<number, Named>;
  private readonly unknownBehind: Named;

  private rules: Rules | null = null;
  private table!: OpTable;
  private minStack!: OpTable['minStack'];
  /** By opcode: whether it may change the refund counter, or puts several words on the stack. */
  private rare!: Uint8Array;

  // As they were before the step.
  private sp = 0;
  private size = 0;
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
    this.isBrief = out.hasSteps && !this.withMemory && !this.withReturnData;
    this.opcodes = opcodes ?? [];
    const rows = [...this.opcodes, ...OPCODES];
    const bytes = Array.from({ length: 256 }, (_, byte) => byte);
    // The name of a byte is the same for every fork, even where it is not yet an instruction.
    this.names = bytes.map(
      (byte) => rows.find((row) => row.byte === byte)?.name ?? `opcode 0x${byte.toString(16)} not defined`,
    );
    for (const byte of bytes) {
      out.head(byte, `,"op":${byte},"gas":"0x`);
      this.useName(byte, this.named(this.names[byte]!));
    }
    const prefix = this.opcodes.find((row) => row.behind !== undefined);
    this.prefix = prefix?.byte ?? -1;
    this.unknownBehind = this.named(`opcode 0x${this.prefix.toString(16)} not defined`);
    this.behind = new Map([...(prefix?.behind ?? [])].map(([byte, name]) => [byte, this.named(name)]));
  }

  private named(name: string): Named {
    return { name, place: this.out.keep(endOf(name)) };
  }

  private useName(opcode: number, { name, place }: Named): void {
    this.names[opcode] = name;
    this.out.tail(opcode, place, endOf(name).length);
  }

  enter(message: Message): void {
    this.message = message;
    this.fault = '';
    this.returned = EMPTY_BYTES;
  }

  resume(frame: Frame): void {
    const { out } = this;
    if (frame.rules !== this.rules) this.useRules(frame.rules);
    this.useDepth(frame.depth, frame.host.refundCounter());
    this.sp = frame.sp;
    this.useSize(frame.memory.size);
    if (this.withStack) out.update(0, frame.stack, frame.sp);
    // Without a reserve now, the frame gets none as it runs.
    this.exactGas = frame.reserve === 0n ? null : gasLeft(frame);
  }

  step(frame: Frame, opcode: number): void {
    if (opcode === this.prefix) this.nameBehind(frame.code.padded[frame.pc + 1]!);
    if (this.withMemory) this.memory = frame.memory.slice(0, frame.memory.size);
    if (this.withReturnData) this.returnData = frame.returnData;
  }

  /** The prefix goes by the name of what follows it. */
  private nameBehind(byte: number): void {
    this.useName(this.prefix, this.behind.get(byte) ?? this.unknownBehind);
  }

  // Short, because the compiler only inlines so much: what is rare is elsewhere.
  stepEnd(frame: Frame, opcode: number, pc: number, gas: number, cost: number, halt: Halt): void {
    if (halt !== Halt.Continue || this.rare[opcode] !== 0 || this.exactGas !== null || cost > MAX_U32) {
      this.anyStep(frame, opcode, pc, gas, cost, halt);
      return;
    }
    const { out } = this;
    const { sp } = frame;
    let change: Change = Change.UPDATE;
    let depth = 0;
    let top = -1;
    if (this.withStack) {
      if (opcode >= PUSH1 && opcode < DUP1) {
        depth = this.sp;
        if (opcode <= PUSH8) top = out.putLimb(frame.stack[depth]!);
        else top = out.putConstant(frame.code.padded, pc + 1, opcode - PUSH1 + 1);
      } else if (opcode >= DUP1 && opcode < SWAP1) {
        change = Change.DUPLICATE;
        depth = opcode - DUP1 + 1;
      } else if (opcode >= SWAP1 && opcode < LOG0) {
        change = Change.EXCHANGE;
        depth = opcode - SWAP1 + 1;
      } else {
        depth = this.sp - this.minStack[opcode]!;
        if (sp > depth) top = out.putWord(frame.stack[depth]!);
      }
    }
    out.step(pc, opcode, gas, cost, change, depth, top);
    if (frame.memory.size !== this.size) this.useSize(frame.memory.size);
    this.sp = sp;
  }

  private anyStep(frame: Frame, opcode: number, pc: number, gas: number, cost: number, halt: Halt): void {
    if ((this.table.rows[opcode]?.flags ?? 0) & Flag.WRITES) {
      this.useDepth(this.depth, frame.host.refundCounter());
    }
    // Init code without a byte runs into the STOP behind it, which is no step of its own.
    if (frame.code.bytes.length === 0) return;
    const isExact = this.exactGas === null && cost <= Number.MAX_SAFE_INTEGER;
    const left = isExact ? null : gasLeft(frame);
    this.exactCost = left === null ? null : (this.exactGas ?? BigInt(gas)) - left;
    if (halt > Halt.Create) {
      this.lastStep(frame, opcode, pc, gas, cost, halt);
      return;
    }
    // The gas of a creation, unlike that of a call, is no part of the instruction's price.
    const child = halt === Halt.Create ? frame.request!.gas : 0n;
    if (this.exactCost !== null) this.exactCost -= child;
    this.line(opcode, pc, gas, child === 0n ? cost : cost - Number(child), '');
    if (halt !== Halt.Continue) return;
    this.follow(frame, opcode);
    this.exactGas = left;
  }

  /** Brings the size and the stack's text up to date: the next line shows what this instruction has left. */
  private follow(frame: Frame, opcode: number): void {
    const { sp } = frame;
    if (frame.memory.size !== this.size) this.useSize(frame.memory.size);
    if (this.withStack) this.out.update(this.sp - this.table.minStack[opcode]!, frame.stack, sp);
    this.sp = sp;
  }

  /** A step that ends its frame. */
  private lastStep(frame: Frame, opcode: number, pc: number, gas: number, cost: number, halt: Halt): void {
    const fault = faultOf(frame, opcode, this.names[opcode]!, this.sp, gas, halt, this.table);
    const { words } = fault;
    this.fault = words;
    if (words === '') {
      this.returned = frame.output;
      this.line(opcode, pc, gas, cost, '');
      return;
    }
    let shown = cost;
    if (fault.cost !== null) {
      shown = fault.cost;
      this.exactCost = null;
    }
    if (!fault.isLate) {
      this.line(opcode, pc, gas, shown, words);
      return;
    }
    this.line(opcode, pc, gas, shown, '');
    // By now the operands are taken and the memory has grown; return data is not given again.
    if (frame.memory.size !== this.size) this.useSize(frame.memory.size);
    if (this.withMemory) this.memory = frame.memory.slice(0, frame.memory.size);
    this.returnData = EMPTY_BYTES;
    this.sp = Math.min(frame.sp, this.sp);
    this.line(opcode, pc, gas, shown, words);
  }

  /** A line with whatever it may have. */
  private line(opcode: number, pc: number, gas: number, cost: number, error: string): void {
    const { out, names, memory, returnData } = this;
    const gasText = (this.exactGas ?? gas).toString(16);
    const costText = (this.exactCost ?? cost).toString(16);
    out.text(`{"pc":${pc},"op":${opcode},"gas":"0x${gasText}","gasCost":"0x${costText}`);
    if (memory.length > 0) {
      out.text('","memory":"0x');
      out.hexBytes(memory);
    }
    out.stack(this.withStack ? this.sp : 0);
    if (returnData.length === 0) {
      out.text(this.depthText());
    } else {
      out.text(`${this.withStack ? ']' : ''},"returnData":"0x`);
      out.hexBytes(returnData);
      out.text(`"${this.depthText('')}`);
    }
    if (error === '') out.text(endOf(names[opcode]!));
    else out.text(`${names[opcode]}","error":"${escapeHtml(error)}"}\n`);
    out.lineEnd();
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
    this.minStack = table.minStack;
    this.rare = Uint8Array.from(table.rows, (row, byte) => Number(!this.isBrief || isRare(row, byte)));
  }

  private useSize(size: number): void {
    this.size = size;
    this.out.heading(this.sizeText());
  }

  private sizeText(): string {
    return `","memSize":${this.size},"stack":${this.withStack ? '[' : 'null'}`;
  }

  private useDepth(depth: number, refund: number): void {
    if (depth === this.depth && refund === this.refund) return;
    this.depth = depth;
    this.refund = refund;
    this.out.middle(this.depthText());
  }

  private depthText(stackEnd: string = this.withStack ? ']' : ''): string {
    return `${stackEnd},"depth":${this.depth + 1},"refund":${this.refund},"opName":"`;
  }
}

const isRare = (row: OpRow | undefined, byte: number): boolean =>
  row === undefined || (row.flags & Flag.WRITES) !== 0 || (row.gives > 1 && !(byte >= DUP1 && byte < LOG0));

/** A line from its name on, where there is no error. */
const endOf = (name: string): string => `${name}"}\n`;

/** Go writes the angle brackets and the ampersand of a JSON string as escapes. */
const escapeHtml = (text: string): string =>
  text.replace(/[<>&]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
