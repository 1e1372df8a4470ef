/** The debugger: moves of a track, and what is to be seen where it stands. What is promised stands in `api.ts`. */

import type { OpRow } from '../../../opcodes/row.ts';
import type { Running } from '../../evm/running.ts';
import type { Frame } from '../../machine/frame.ts';
import { HALT_WORDS } from '../../machine/halt.ts';
import { bytesToHex, type Hex } from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { type AddressInput, show, toAddressWord, toWord, type WordInput } from '../../primitives/input.ts';
import type { AccountView } from '../api.ts';
import type { EventTable } from '../events.ts';
import { checkFields, demand } from '../request.ts';
import type {
  Breakpoint,
  DebugEnd,
  DebugFrame,
  Debugger,
  DebugInstruction,
  DebugSlot,
  DebugSource,
  DebugState,
  DebugTransientSlot,
  MoveLimits,
  SetBreakpoint,
  StopReason,
} from './api.ts';
import { Breakpoints } from './breakpoints.ts';
import { frameView, instructionView, partOf } from './frame-view.ts';
import { History } from './history.ts';
import { type Lines, NO_LINE } from './lines.ts';
import { Lead } from './moves.ts';
import { type DebugResult, Missing, type Track } from './track.ts';
import type { WorldView } from './world-view.ts';

/** What a debugger is made of. */
export interface DebugParts {
  readonly track: Track;
  readonly rows: readonly (OpRow | undefined)[];
  readonly lines: Lines | null;
  readonly events: EventTable;
  readonly checkpointBytes: number;
  readonly maxSteps: number;
  readonly interrupted: (() => boolean) | undefined;
  /** The state here. What it throws is `Missing`, once the work is done. */
  look<T>(work: (world: WorldView) => T): T;
  /** Throws where the state below has changed, on which all rests. */
  demandFresh(): void;
  load(signal: AbortSignal | undefined): Promise<void>;
}

const NO_LIMITS: MoveLimits = {};

/** Where there are no sources at all. */
const NO_SOURCES = 'there are no sources';

export class TrackDebugger implements Debugger {
  private readonly parts: DebugParts;
  private readonly track: Track;
  private readonly lead: Lead;
  private readonly set: Breakpoints;
  private readonly history: History;

  constructor(parts: DebugParts) {
    const { track, rows, lines, checkpointBytes, maxSteps, interrupted } = parts;
    this.parts = parts;
    this.track = track;
    this.set = new Breakpoints({ rows, lines });
    this.history = new History(checkpointBytes);
    const { history, set } = this;
    this.lead = new Lead({ track, history, breakpoints: set, ceiling: maxSteps, interrupted });
  }

  get position(): number {
    return this.track.position;
  }

  get length(): number | null {
    return this.track.length;
  }

  get isEnd(): boolean {
    return this.track.result !== null;
  }

  get result(): DebugResult | null {
    return this.track.result;
  }

  get depth(): number {
    return this.track.stack.length;
  }

  get checkpoints(): { readonly count: number; readonly bytes: number } {
    return { count: this.history.size, bytes: this.history.bytes };
  }

  // Moves

  step(count = 1, limits: MoveLimits = NO_LIMITS): StopReason {
    demandCount(count, 'count');
    return this.move(limits, () => this.lead.goTo(this.position + count, limits));
  }

  stepOver(limits: MoveLimits = NO_LIMITS): StopReason {
    const most = this.depth - 1;
    return this.move(limits, () => this.lead.forward(({ depth }) => depth <= most, limits));
  }

  stepOut(limits: MoveLimits = NO_LIMITS): StopReason {
    const most = this.depth - 2;
    return this.move(limits, () => this.lead.forward(({ depth }) => depth <= most, limits));
  }

  stepLine(limits: MoveLimits = NO_LIMITS): StopReason {
    if (this.parts.lines === null) return this.step(1, limits);
    return this.move(limits, () => this.lead.forward(() => this.track.isLineStart, limits));
  }

  stepLineOver(limits: MoveLimits = NO_LIMITS): StopReason {
    const { lines } = this.parts;
    if (lines === null) return this.stepOver(limits);
    const { track } = this;
    const { frame, line } = track;
    // From before the first line everything is inside.
    if (line === NO_LINE) return this.stepLine(limits);
    const most = this.depth - 1;
    /** Functions of this frame that it has gone into since; none where it has come back from that of the start. */
    let inside = 0;
    let pc = frame?.pc ?? 0;
    const goal = (now: Frame): boolean => {
      if (now.depth > most) return false;
      if (now.depth === most) {
        inside += lines.callsBetween(now.code, pc, now.pc);
        pc = now.pc;
      }
      const isOther = track.line !== line || now.depth < most;
      return inside <= 0 && isOther && lines.keyAt(now.code, now.pc) !== NO_LINE;
    };
    return this.move(limits, () => this.lead.forward(goal, limits));
  }

  continue(limits: MoveLimits = NO_LIMITS): StopReason {
    return this.move(limits, () => this.lead.forward(null, limits));
  }

  stepBack(count = 1, limits: MoveLimits = NO_LIMITS): StopReason {
    demandCount(count, 'count');
    return this.move(limits, () => this.lead.goTo(Math.max(0, this.position - count), limits));
  }

  stepBackOver(limits: MoveLimits = NO_LIMITS): StopReason {
    const most = Math.max(0, this.depth - 1);
    return this.move(limits, () => this.lead.backward(({ depth }) => depth <= most, limits));
  }

  stepBackOut(limits: MoveLimits = NO_LIMITS): StopReason {
    const most = this.depth - 2;
    return this.move(limits, () => this.lead.backward(({ depth }) => depth <= most, limits));
  }

  stepBackLine(limits: MoveLimits = NO_LIMITS): StopReason {
    if (this.parts.lines === null) return this.stepBack(1, limits);
    return this.move(limits, () => this.lead.backward(() => this.track.isLineStart, limits));
  }

  continueBack(limits: MoveLimits = NO_LIMITS): StopReason {
    return this.move(limits, () => this.lead.backward(null, limits));
  }

  goTo(position: number, limits: MoveLimits = NO_LIMITS): StopReason {
    demandCount(position, 'position');
    return this.move(limits, () => this.lead.goTo(position, limits));
  }

  private move(limits: MoveLimits, work: () => StopReason): StopReason {
    checkFields(limits, 'limits', ['maxSteps', 'timeout']);
    const { maxSteps = 1, timeout = 0 } = limits;
    demand(Number.isSafeInteger(maxSteps) && maxSteps > 0, 'maxSteps', 'a whole number above 0');
    demand(typeof timeout === 'number' && timeout >= 0, 'timeout', 'milliseconds, 0 or more');
    this.parts.demandFresh();
    const from = this.position;
    try {
      return work();
    } catch (error) {
      this.lead.recover(from);
      throw error instanceof Missing ? missingState(error) : error;
    }
  }

  // Breakpoints

  addBreakpoint(breakpoint: Breakpoint): SetBreakpoint {
    return this.set.add(breakpoint);
  }

  removeBreakpoint(id: number): boolean {
    return this.set.remove(id);
  }

  get breakpoints(): readonly SetBreakpoint[] {
    return this.set.list;
  }

  // The machine

  instruction(depth?: number): DebugInstruction | null {
    if (depth === undefined && this.isEnd) return null;
    return instructionView(this.running(depth).frame, this.parts.rows);
  }

  frames(): readonly DebugFrame[] {
    return this.track.stack.map(frameView);
  }

  stack(depth?: number): readonly bigint[] {
    if (depth === undefined && this.isEnd) return [];
    const { stack, sp } = this.running(depth).frame;
    return stack.slice(0, sp);
  }

  memory(offset = 0, size = Number.POSITIVE_INFINITY, depth?: number): Uint8Array {
    const { memory } = this.running(depth).frame;
    return this.part(memory.viewOf(0, memory.size), offset, size);
  }

  input(offset = 0, size = Number.POSITIVE_INFINITY, depth?: number): Uint8Array {
    return this.part(this.running(depth).message.input, offset, size);
  }

  code(depth?: number): Uint8Array {
    return this.running(depth).frame.code.bytes.slice();
  }

  returnData(offset = 0, size = Number.POSITIVE_INFINITY, depth?: number): Uint8Array {
    return this.part(this.running(depth).frame.returnData, offset, size);
  }

  private part(bytes: Uint8Array, offset: number, size: number): Uint8Array {
    demand(offset >= 0, 'offset', 'a number, 0 or more');
    demand(size >= 0, 'size', 'a number, 0 or more');
    return partOf(bytes, offset, size);
  }

  private running(depth = this.depth - 1): Running {
    const running = this.track.stack[depth];
    if (running !== undefined) return running;
    const there = this.depth === 0 ? 'there are none at the end' : `there are 0 to ${this.depth - 1}`;
    throw new ErbiumError('INVALID_ARGUMENT', `depth: no frame ${show(depth)}, ${there}`);
  }

  // The state

  account(address: AddressInput): AccountView | null {
    const at = toAddressWord(address, 'address');
    return this.look((world) => world.account(at));
  }

  storage(address: AddressInput, key: WordInput): bigint {
    const at = toAddressWord(address, 'address');
    const word = toWord(key, 'key');
    return this.look((world) => world.storage(at, word));
  }

  slots(address: AddressInput): readonly DebugSlot[] {
    const at = toAddressWord(address, 'address');
    return this.look((world) => world.slots(at));
  }

  transient(address: AddressInput): readonly DebugTransientSlot[] {
    const at = toAddressWord(address, 'address');
    return this.look((world) => world.transient(at));
  }

  accounts(): readonly Hex[] {
    return this.look((world) => world.accounts());
  }

  logs(): DebugState['logs'] {
    return this.look((world) => world.logs(this.parts.events));
  }

  get refund(): bigint {
    return this.look((world) => world.refund);
  }

  get ended(): DebugEnd | null {
    const { ended } = this.track;
    if (ended === null) return null;
    const { halt, output, depth } = ended;
    return { halt, reason: HALT_WORDS[halt], output: bytesToHex(output), depth };
  }

  private look<T>(work: (world: WorldView) => T): T {
    this.parts.demandFresh();
    try {
      return this.parts.look(work);
    } catch (error) {
      throw error instanceof Missing ? missingState(error) : error;
    }
  }

  // Sources

  source(depth?: number): DebugSource | null {
    const source = this.sourceAt(depth);
    return typeof source === 'string' ? null : source;
  }

  sourceProblem(depth?: number): string | null {
    const source = this.sourceAt(depth);
    return typeof source === 'string' ? source : null;
  }

  private sourceAt(depth: number | undefined): DebugSource | string {
    const { lines } = this.parts;
    if (lines === null) return NO_SOURCES;
    if (depth === undefined && this.isEnd) return 'nothing runs at the end';
    const { frame } = this.running(depth);
    return lines.sourceAt(frame.code, frame.pc);
  }

  // All of it

  snapshot(): DebugState {
    const { isEnd, position, ended, refund, result } = this;
    return {
      position,
      frames: this.frames(),
      instruction: this.instruction(),
      stack: this.stack(),
      memory: isEnd ? new Uint8Array() : this.memory(),
      returnData: isEnd ? new Uint8Array() : this.returnData(),
      accounts: this.look((world) => world.allAccounts()),
      logs: this.logs(),
      refund,
      ended,
      result,
    };
  }

  load(signal?: AbortSignal): Promise<void> {
    return this.parts.load(signal);
  }
}

const missingState = ({ message }: Missing): ErbiumError =>
  new ErbiumError('MISSING_STATE', `${message} has not been fetched: \`await load()\`, then ask again`);

function demandCount(count: number, field: string): void {
  demand(Number.isSafeInteger(count) && count >= 0, field, 'a whole number, 0 or more');
}
