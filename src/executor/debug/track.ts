/**
 * One operation as a track of positions: it runs forwards from position to position, and can be put back to where it was
 * saved. What runs is the operation itself, on the traced engine, which pauses between two instructions; saved is the
 * machine below it, so that the same work runs on from another position. Where the work has ended it is begun anew, and put
 * to the position at once.
 */

import type { WorldHost } from '../../evm/host.ts';
import type { Paused } from '../../evm/pause.ts';
import type { Execution } from '../../evm/run.ts';
import { Running } from '../../evm/running.ts';
import type { Frame } from '../../machine/frame.ts';
import { Halt } from '../../machine/halt.ts';
import type { Message } from '../../machine/message.ts';
import type { FrameEnd, Tracer } from '../../machine/tracer.ts';
import type { Kept } from '../operations.ts';
import type { EvmResult, Rejected, TransactResult } from '../outcome.ts';
import { type FrameSave, ownInput, restoreFrame, saveFrame } from './frame-save.ts';
import { type Lines, NO_LINE } from './lines.ts';
import type { Piece } from './saves.ts';
import { restoreWorld, saveWorld, type WorldSave } from './world-save.ts';

export type DebugResult = EvmResult | TransactResult | Rejected;

/** The work of an operation from its start, and what of the state it has found missing. */
export interface Begun {
  readonly work: Paused<Kept<DebugResult>>;
  missing(): string | null;
}

/** A position that a track can be put to. */
export interface Checkpoint extends Piece {
  readonly position: number;
  readonly frames: readonly FrameSave[];
  readonly world: WorldSave;
  readonly ended: FrameEnd | null;
  readonly line: number;
  readonly lineDepth: number;
  /** What it takes to save and put back, in instructions that run in the same time. */
  readonly toll: number;
}

/** Looks at what a run passes. */
export interface Visitor {
  /** It has come to an instruction; not called for position 0. */
  arrive(frame: Frame): void;
  /** The instruction before this position has ended a message. @param leaf the message, where it had no frame */
  leave(end: FrameEnd, leaf: Message | null): void;
}

/** A run has asked for what a remote state has not fetched; its message names that. */
export class Missing extends Error {}

/** The world of a run, which only `world-save.ts` knows. */
type World = Parameters<typeof saveWorld>[0];

export class Track {
  /** How many instructions may run. */
  readonly budget = { left: 0 };
  readonly tracer: Tracer;
  position = 0;
  /** The running frame; null at the end. */
  frame: Frame | null = null;
  /** null where a transaction was invalid. */
  world: World | null = null;
  result: DebugResult | null = null;
  /** The message that ended last. */
  ended: FrameEnd | null = null;
  /** How many instructions there are, once that is known. */
  length: number | null = null;
  /** Whether the frame has just begun. */
  isEntry = false;
  /** Whether a source line begins here. */
  isLineStart = false;
  /** The line that ran last, and in which depth. */
  line = NO_LINE;
  /** Gas of the frame that ran before this position, rounded above 2^52. */
  gasBefore = Number.POSITIVE_INFINITY;
  /** And of the running frame here. */
  gasHere = Number.POSITIVE_INFINITY;
  visitor: Visitor | null = null;
  private lineDepth = 0;
  private readonly begin: () => Begun;
  private readonly lines: Lines | null;
  private begun: Begun | null = null;
  private execution: Execution | null = null;
  /** The position that was looked at last: a run that goes on after a pause comes to the same again. */
  private arrived = -1;
  private entered: Message | null = null;
  /** The frames as they were saved or put back last, the first `clean` of which have not run since. */
  private latest: readonly FrameSave[] = [];
  private clean = 0;
  private latestWorld: WorldSave | undefined = undefined;

  /** @param begin the operation, on a machine that has `tracer` and `budget` */
  constructor(begin: (track: Track) => Begun, lines: Lines | null) {
    this.lines = lines;
    this.tracer = {
      begin: ({ host }) => {
        this.world = (host as WorldHost).world;
      },
      enter: (message) => {
        this.entered = message;
      },
      resume: (frame) => {
        this.frame = frame;
        if (this.clean > frame.depth) this.clean = frame.depth;
        this.arrive(frame);
      },
      stepEnd: (frame, _opcode, _pc, _gas, _cost, halt) => {
        this.position++;
        if (halt === Halt.Continue) this.arrive(frame);
      },
      exit: (end) => {
        this.ended = end;
        const leaf = this.entered;
        this.entered = null;
        this.visitor?.leave(end, leaf);
      },
    };
    this.begin = () => begin(this);
  }

  /** The messages that run, and their frames, that of the transaction first. */
  get stack(): readonly Running[] {
    return this.execution === null ? [] : insideOf(this.execution).stack;
  }

  /** Of the running frame. */
  get message(): Message {
    return this.stack[this.frame!.depth]!.message;
  }

  /**
   * To position 0, or to the end, where no code runs.
   * @throws Missing
   */
  start(): void {
    this.begun = null;
    this.execution = null;
    this.position = 0;
    this.frame = null;
    this.world = null;
    this.result = null;
    this.ended = null;
    this.line = NO_LINE;
    this.isEntry = false;
    this.gasHere = Number.POSITIVE_INFINITY;
    this.arrived = -1;
    this.entered = null;
    this.clean = 0;
    this.budget.left = 0;
    const { visitor } = this;
    this.visitor = null;
    this.begun = this.begin();
    this.advance();
    this.visitor = visitor;
  }

  /**
   * Forwards to a position, or to where the visitor stops it.
   * @throws Missing, and what an embedder's own handlers throw; it has to be put somewhere then before it runs again
   */
  run(to: number): void {
    this.budget.left = to - this.position;
    this.advance();
  }

  /** Called by a visitor: nothing more runs. */
  stop(): void {
    this.budget.left = 0;
  }

  /** What has gone wrong is not to be gone on with. */
  discard(): void {
    this.begun = null;
    this.execution = null;
  }

  /** Not at the end. */
  save(): Checkpoint {
    const { world, clean } = this;
    const { stack } = insideOf(this.execution!);
    const frames = this.latest.slice(0, clean);
    let toll = 0;
    for (let i = clean; i < stack.length; i++) {
      const before = this.latest[i];
      if (before?.message !== stack[i]!.message) stack[i] = ownInput(stack[i]!);
      const save = saveFrame(stack[i]!, before);
      frames.push(save);
      toll += 8 * save.pages.length + (save.stack.length >> 4);
    }
    const worldSave = saveWorld(world!, this.latestWorld);
    this.latest = frames;
    this.clean = frames.length;
    this.latestWorld = worldSave;
    return {
      position: this.position,
      frames,
      world: worldSave,
      ended: this.ended,
      line: this.line,
      lineDepth: this.lineDepth,
      toll: toll + (worldSave.items >> 2),
      bytes: 350 + frames.length * 8,
      parts: [...frames, worldSave],
      holders: 0,
    };
  }

  /** @throws Missing */
  restore(checkpoint: Checkpoint): void {
    if (this.execution === null) this.start();
    const { stack, context } = insideOf(this.execution!);
    const { frames } = checkpoint;
    while (stack.length > frames.length) context.frames.give(stack.pop()!.frame);
    for (const [i, save] of frames.entries()) {
      if (i < this.clean && this.latest[i] === save) continue;
      const { message, code } = save;
      const frame = stack[i]?.frame ?? context.frames.take(context, message, code, message.input);
      restoreFrame(frame, save, frames[i + 1]?.message ?? null);
      stack[i] = new Running(message, frame, save.checkpoint);
    }
    this.latest = frames;
    this.clean = frames.length;
    restoreWorld(this.world!, checkpoint.world);
    this.latestWorld = checkpoint.world;
    this.frame = stack[stack.length - 1]!.frame;
    this.position = checkpoint.position;
    this.arrived = checkpoint.position;
    this.ended = checkpoint.ended;
    this.line = checkpoint.line;
    this.lineDepth = checkpoint.lineDepth;
    this.isEntry = checkpoint.position === 0;
    this.isLineStart = checkpoint.position === 0 && checkpoint.line !== NO_LINE;
    this.gasBefore = Number.POSITIVE_INFINITY;
    this.gasHere = gasOf(this.frame);
    this.entered = null;
  }

  private advance(): void {
    const begun = this.begun!;
    let step: IteratorResult<Execution, Kept<DebugResult>>;
    try {
      step = begun.work.next(false);
    } catch (error) {
      // What a run on wrong answers throws says nothing.
      const missing = begun.missing();
      throw missing === null ? error : new Missing(missing);
    }
    const missing = begun.missing();
    if (missing !== null) throw new Missing(missing);
    if (step.done) {
      this.execution = null;
      this.frame = null;
      this.result = step.value.value;
      this.length = this.position;
    } else {
      this.execution = step.value;
    }
  }

  private arrive(frame: Frame): void {
    if (this.position === this.arrived) return;
    this.arrived = this.position;
    this.isEntry = this.entered !== null;
    this.entered = null;
    this.gasBefore = this.gasHere;
    this.gasHere = gasOf(frame);
    const { lines } = this;
    if (lines !== null) {
      const line = lines.keyAt(frame.code, frame.pc);
      this.isLineStart = line !== NO_LINE && (line !== this.line || frame.depth !== this.lineDepth);
      if (line !== NO_LINE) {
        this.line = line;
        this.lineDepth = frame.depth;
      }
    }
    this.visitor?.arrive(frame);
  }
}

const gasOf = (frame: Frame): number =>
  frame.reserve === 0n ? frame.gas : frame.gas + Number(frame.reserve);

// biome-ignore-start lint/complexity/useLiteralKeys: they are private
const insideOf = (execution: Execution) => ({ stack: execution['stack'], context: execution['context'] });
// biome-ignore-end lint/complexity/useLiteralKeys: as above
