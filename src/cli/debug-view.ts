/** What is seen of a debugger at one position: all that the screen and the answers to commands are made of. */

import { disassemble, type Instruction } from '../../opcodes/disassemble.ts';
import type {
  DebugEnd,
  DebugFrame,
  Debugger,
  DebugInstruction,
  DebugSlot,
  DebugSource,
  DebugTransientSlot,
} from '../executor/debug/api.ts';
import type { EventLog } from '../executor/outcome.ts';
import type { Rules } from '../forks/rules.ts';
import { bytesToHex } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import type { CompiledCode, SolcOutput } from '../primitives/solc-output.ts';
import { operandsOf } from './debug-operands.ts';

/** Bytes of which only what is shown is copied. */
export interface ViewedBytes {
  readonly size: number;
  read(offset: number, size: number): Uint8Array;
}

export interface ViewedSource extends DebugSource {
  /** Of the whole file; only the line where the file is not at hand. */
  readonly lines: readonly string[];
  /** The number of the first of them. */
  readonly first: number;
}

export interface View {
  readonly title: string;
  readonly position: number;
  readonly length: number | null;
  readonly frames: readonly ViewedFrame[];
  /** The frame that is looked at; null at the end, and then there is nothing of what is of a frame. */
  readonly frame: ViewedFrame | null;
  readonly isRunning: boolean;
  readonly instruction: DebugInstruction | null;
  readonly code: readonly Instruction[];
  /** The place of the instruction in the code; behind the last where the code has come to its end. */
  readonly at: number;
  /** Top first. */
  readonly stack: readonly bigint[];
  /** What the instruction calls the first words of the stack. */
  readonly operands: readonly string[];
  readonly memory: ViewedBytes;
  readonly input: ViewedBytes;
  readonly returnData: ViewedBytes;
  readonly slots: readonly DebugSlot[];
  readonly transient: readonly DebugTransientSlot[];
  readonly logs: readonly EventLog[];
  readonly source: ViewedSource | null;
  readonly sourceProblem: string | null;
  readonly hasSources: boolean;
  readonly result: Debugger['result'];
  readonly ended: DebugEnd | null;
  /** The pcs of breakpoints in the code. */
  readonly marks: ReadonlySet<number>;
}

const NOTHING: ViewedBytes = { size: 0, read: () => new Uint8Array() };

/** Code, read: its instructions, and which contract it is of. */
interface Program {
  readonly bytes: Uint8Array;
  readonly code: readonly Instruction[];
  readonly compiled: CompiledCode | undefined;
}

/** Reads code once, and again only when it is another. */
export class Programs {
  private readonly rules: Rules;
  private readonly sources: SolcOutput | undefined;
  private readonly known: Program[] = [];

  constructor(rules: Rules, sources: SolcOutput | undefined) {
    this.rules = rules;
    this.sources = sources;
  }

  of(bytes: Uint8Array): Program {
    const found = this.known.find((one) => Buffer.compare(one.bytes, bytes) === 0);
    if (found !== undefined) return found;
    const code = disassemble(bytes, this.rules);
    const program = { bytes, code, compiled: this.compiledOf(bytes) };
    this.known.push(program);
    return program;
  }

  private compiledOf(bytes: Uint8Array): CompiledCode | undefined {
    try {
      return this.sources?.find(bytes)?.compiled;
    } catch (error) {
      // A source map that does not fit; the source pane tells of it.
      if (error instanceof ErbiumError) return undefined;
      throw error;
    }
  }
}

/** A frame, and what is called there by the names of its source. */
export interface ViewedFrame extends DebugFrame {
  /** `Contract`; null where no source is known. */
  readonly contract: string | null;
  /** `function(types)` or `constructor`. */
  readonly called: string | null;
}

function namedFrame(frame: DebugFrame, made: Debugger, programs: Programs): ViewedFrame {
  const { compiled } = programs.of(made.code(frame.depth));
  if (compiled === undefined) return { ...frame, contract: null, called: null };
  const contract = compiled.name.slice(compiled.name.lastIndexOf(':') + 1);
  if (compiled.kind === 'creation') return { ...frame, contract, called: 'constructor' };
  const selector = bytesToHex(made.input(0, 4, frame.depth));
  return { ...frame, contract, called: compiled.functions.get(selector) ?? null };
}

/** The index of the instruction at a pc; of code that is read from its first byte, it is there. */
function indexOf(code: readonly Instruction[], pc: number): number {
  let low = 0;
  let high = code.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (code[middle]!.pc < pc) low = middle + 1;
    else high = middle;
  }
  return low;
}

export interface Shown {
  readonly debugger: Debugger;
  readonly title: string;
  readonly sources: SolcOutput | undefined;
  readonly programs: Programs;
}

/** @param depth of the frame to look at; the running one where it is null */
export function viewOf({ debugger: made, title, sources, programs }: Shown, depth: number | null): View {
  const frames = made.frames().map((frame) => namedFrame(frame, made, programs));
  const frame = frames[depth ?? frames.length - 1] ?? null;
  const common = {
    title,
    position: made.position,
    length: made.length,
    frames,
    frame,
    isRunning: frame !== null && frame.depth === frames.length - 1,
    logs: made.logs(),
    result: made.result,
    ended: made.ended,
    hasSources: sources !== undefined,
  };
  if (frame === null) {
    return {
      ...common,
      instruction: null,
      code: [],
      at: 0,
      stack: [],
      operands: [],
      memory: NOTHING,
      input: NOTHING,
      returnData: NOTHING,
      slots: [],
      transient: [],
      source: null,
      sourceProblem: null,
      marks: new Set(),
    };
  }
  const own = frame.depth;
  const instruction = made.instruction(own);
  const { code } = programs.of(made.code(own));
  const source = made.source(own);
  return {
    ...common,
    instruction,
    code,
    at: indexOf(code, frame.pc),
    stack: [...made.stack(own)].reverse(),
    // The operands of a frame that waits are gone.
    operands: common.isRunning ? operandsOf(instruction?.name) : [],
    memory: { size: frame.memorySize, read: (offset, size) => made.memory(offset, size, own) },
    input: { size: frame.inputSize, read: (offset, size) => made.input(offset, size, own) },
    returnData: { size: frame.returnDataSize, read: (offset, size) => made.returnData(offset, size, own) },
    slots: made.slots(frame.address),
    transient: made.transient(frame.address),
    source: source === null ? null : withLines(source, sources),
    sourceProblem: made.sourceProblem(own),
    marks: new Set(
      made.breakpoints.flatMap(({ breakpoint }) =>
        breakpoint.kind === 'pc' && isOf(breakpoint.account, frame) ? [breakpoint.pc] : [],
      ),
    ),
  };
}

function isOf(account: unknown, { address, codeAddress }: DebugFrame): boolean {
  return account === undefined || [address, codeAddress].includes(String(account).toLowerCase() as never);
}

function withLines(source: DebugSource, sources: SolcOutput | undefined): ViewedSource {
  for (const { name, lines } of sources?.sources.values() ?? []) {
    if (name === source.file) return { ...source, lines, first: 1 };
  }
  return { ...source, lines: [source.lineText], first: source.line };
}
