/**
 * Traces for people. What a step shows, what it costs and which error it ends with is decided in EIP-3155 lines; a form
 * of text sets these lines in its own way, and adds what it shows beyond them.
 */

import type { Frame } from '../../machine/frame.ts';
import type { Halt } from '../../machine/halt.ts';
import type { Message } from '../../machine/message.ts';
import type { FrameEnd } from '../../machine/tracer.ts';
import { type Eip3155Options, type Eip3155Tracer, eip3155Tracer } from '../../tracers/eip3155.ts';
import type { WritingTracer } from './trace-flags.ts';

/** A step as EIP-3155 tells of it. */
export interface StepLine {
  readonly pc: number;
  readonly op: number;
  readonly gas: string;
  readonly gasCost: string;
  readonly memory?: string;
  /** null where it is left out. */
  readonly stack: readonly string[] | null;
  readonly returnData?: string;
  readonly refund: number;
  readonly opName: string;
  readonly error?: string;
}

/** The end of a frame. */
export interface EndLine {
  /** Hex digits without 0x. */
  readonly output: string;
  readonly gasUsed: string;
  readonly error?: string;
}

/** A form of text. Each method returns what is to be written. */
export interface TraceForm {
  enter(message: Message): string;
  /** Before an instruction. */
  step(frame: Frame, opcode: number): void;
  /** After an instruction that fails before it runs, or runs. */
  ran(line: StepLine, frame: Frame): string;
  /** The same instruction once more: it ran and then failed. */
  failed(line: StepLine): string;
  exit(line: EndLine, depth: number): string;
}

export class TextTracer implements WritingTracer {
  private readonly form: TraceForm;
  private readonly write: (chunk: Uint8Array) => void;
  private readonly inner: Eip3155Tracer;
  private readonly decoder = new TextDecoder();
  private readonly encoder = new TextEncoder();
  private lines = '';

  constructor(form: TraceForm, write: (chunk: Uint8Array) => void, options: Omit<Eip3155Options, 'write'>) {
    this.form = form;
    this.write = write;
    this.inner = eip3155Tracer({ ...options, write: (chunk) => (this.lines += this.decoder.decode(chunk)) });
  }

  enter(message: Message): void {
    this.inner.enter(message);
    this.text(this.form.enter(message));
  }

  resume(frame: Frame): void {
    this.inner.resume(frame);
  }

  step(frame: Frame, opcode: number): void {
    this.inner.step(frame, opcode);
    this.form.step(frame, opcode);
  }

  stepEnd(frame: Frame, opcode: number, pc: number, gas: number, cost: number, halt: Halt): void {
    this.inner.stepEnd(frame, opcode, pc, gas, cost, halt);
    const [ran, failed] = this.takeLines<StepLine>();
    if (ran !== undefined) this.text(this.form.ran(ran, frame));
    if (failed !== undefined) this.text(this.form.failed(failed));
  }

  exit(end: FrameEnd): void {
    this.inner.exit(end);
    for (const line of this.takeLines<EndLine>()) this.text(this.form.exit(line, end.depth));
  }

  /** Nothing is held back. */
  flush(): void {}

  private takeLines<T>(): T[] {
    this.inner.flush();
    const lines = this.lines.trimEnd().split('\n');
    this.lines = '';
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
  }

  private text(text: string): void {
    if (text !== '') this.write(this.encoder.encode(text));
  }
}
