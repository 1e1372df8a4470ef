/**
 * An engine that keeps what results need and nothing below notes: which accounts were made and destroyed, and how the
 * outermost frame ended. It looks at frames only where they start and end, so instructions cost what they did.
 */

import type { Engine } from '../machine/engine.ts';
import type { Frame } from '../machine/frame.ts';
import { gasLeft } from '../machine/gas.ts';
import { Halt, isSuccess } from '../machine/halt.ts';
import { type Address, toAddress } from '../primitives/address.ts';

/** The outermost frame when it ended. */
export interface TopFrame {
  readonly pc: number;
  readonly opcode: number;
  readonly stack: readonly bigint[];
  readonly memory: Uint8Array;
  readonly gasLeft: bigint;
  readonly returnData: Uint8Array;
  /** What it returned; a creation whose code could not be paid for has this and no code. */
  readonly output: Uint8Array;
  readonly code: Uint8Array;
  readonly address: Address;
}

interface Marks {
  readonly created: number;
  readonly destroyed: number;
}

export interface WatchOptions {
  /** Where the outermost frame starts. */
  readonly pc?: number | undefined;
  /** The outermost message makes an account. */
  readonly creates?: boolean | undefined;
  /** Called where a frame starts. */
  readonly started?: ((frame: Frame) => void) | undefined;
}

export class Watch implements Engine {
  /** In order; those of frames that failed are gone. */
  readonly created: Address[] = [];
  /** With the beneficiary. */
  readonly destroyed: (readonly [Address, Address])[] = [];
  top: TopFrame | null = null;
  /** By depth, where the lists stood when the frame started. */
  private readonly open: Marks[] = [];
  /** Where they stood when a creation began that has not ended. */
  private readonly creations: (Marks | null)[] = [];
  private creating: boolean;
  private readonly engine: Engine;
  private readonly options: WatchOptions;

  constructor(engine: Engine, options: WatchOptions = {}) {
    this.engine = engine;
    this.options = options;
    this.creating = options.creates === true;
  }

  enter(): number {
    return this.engine.enter?.() ?? 0;
  }

  leave(entered: number): void {
    this.engine.leave?.(entered);
  }

  run(frame: Frame): Halt {
    const { open, creations } = this;
    const level = open.length === 0 ? 0 : frame.depth - this.baseDepth;
    if (level === open.length) this.start(frame);
    else if (creations[level] && frame.stack[frame.sp - 1] === 0n) this.undo(creations[level]!);
    creations[level] = null;
    const halt = this.engine.run(frame);
    this.creating = halt === Halt.Create;
    if (halt === Halt.Create) creations[level] = this.marks();
    if (halt === Halt.Create || halt === Halt.Call) return halt;
    const marks = open.pop()!;
    creations.length = level;
    if (!isSuccess(halt)) this.undo(marks);
    // The word that the instruction took lies above the stack still.
    else if (halt === Halt.SelfDestruct)
      this.destroyed.push([frame.address, toAddress(frame.stack[frame.sp]!)]);
    if (level === 0) this.end(frame);
    return halt;
  }

  private baseDepth = 0;

  private start(frame: Frame): void {
    if (this.open.length === 0) {
      this.baseDepth = frame.depth;
      frame.pc = this.options.pc ?? 0;
    }
    this.open.push(this.marks());
    if (this.creating) this.created.push(frame.address);
    this.options.started?.(frame);
  }

  private end(frame: Frame): void {
    this.engine.recall?.(frame);
    const { code, memory, sp } = frame;
    const pc = Math.min(frame.pc, code.bytes.length);
    this.top = {
      pc,
      opcode: code.padded[Math.max(0, frame.pc - 1)]!,
      stack: frame.stack.slice(0, Math.max(0, sp)),
      memory: memory.slice(0, memory.size),
      gasLeft: gasLeft(frame),
      returnData: frame.returnData,
      output: frame.output,
      code: code.bytes,
      address: frame.address,
    };
  }

  private marks(): Marks {
    return { created: this.created.length, destroyed: this.destroyed.length };
  }

  private undo({ created, destroyed }: Marks): void {
    this.created.length = created;
    this.destroyed.length = destroyed;
  }
}
