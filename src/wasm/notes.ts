/** What a watched loop notes, as JavaScript reads it. What the loop writes there is `loop/probe.ts`. */

import type { Frame } from '../machine/frame.ts';
import { gasLeft } from '../machine/gas.ts';
import type { Halt } from '../machine/halt.ts';
import type { CodeStore } from './code-store.ts';
import { FEATURES, Record as FrameRecord, Note, PROBE, WORD } from './layout.ts';
import type { Linear } from './linear.ts';

/** Whoever is told what the loop comes by. */
export interface Watch {
  /**
   * Two instructions followed one another; an engine tells of each pair once.
   * @param pair the opcode byte before, times 256, and the one behind it
   * @param gas that the frame has left between them
   */
  pair(pair: number, frame: Frame, gas: bigint): void;
  /** A frame ended with an instruction, or waits for a child. */
  end(opcode: number, halt: Halt): void;
}

export class Notes {
  private readonly linear: Linear;
  private readonly codes: CodeStore;
  private readonly watch: Watch;

  constructor(linear: Linear, codes: CodeStore, watch: Watch) {
    this.linear = linear;
    this.codes = codes;
    this.watch = watch;
    // Behind no instruction, nothing is a pair.
    linear.bytes.fill(1, PROBE.KNOWN + FEATURES, PROBE.KNOWN + FEATURES + 256);
  }

  /** Instructions since the last `reset`, of the loop alone. */
  get steps(): number {
    return this.linear.i32[PROBE.STEPS >> 2]!;
  }

  /** Words that were compared since the last `reset`, some of the first. */
  operands(): bigint[] {
    const count = this.linear.i32[PROBE.OPERANDS_COUNT >> 2]!;
    return Array.from({ length: count }, (_, i) => this.linear.word(PROBE.OPERANDS + i * WORD));
  }

  /** Before a run that is to be looked at by itself. */
  reset(): void {
    this.linear.i32[PROBE.STEPS >> 2] = 0;
    this.linear.i32[PROBE.OPERANDS_COUNT >> 2] = 0;
  }

  /** No instruction was before the one at which a frame is taken up. */
  begin(record: number): void {
    this.linear.i32[(record + FrameRecord.LAST) >> 2] = PROBE.NONE;
  }

  /** The loop was left: tells what is new. */
  take(frame: Frame, record: number): void {
    const { i32, f64 } = this.linear;
    const count = i32[PROBE.COUNT >> 2]!;
    if (count === 0) return;
    i32[PROBE.COUNT >> 2] = 0;
    const code = i32[(record + FrameRecord.CODE) >> 2]!;
    const now = frame.gas;
    for (let at = PROBE.NOTES; at < PROBE.NOTES + count * Note.SIZE; at += Note.SIZE) {
      const place = i32[(at + Note.PLACE) >> 2]!;
      frame.gas = f64[(at + Note.GAS) >> 3]!;
      // Inside a block its rest is paid.
      if (place >= 0) frame.gas += this.codes.rest(frame.code, place - code).gas;
      this.watch.pair(i32[(at + Note.FEATURE) >> 2]!, frame, gasLeft(frame));
    }
    frame.gas = now;
  }

  /** The reference engine goes on before an instruction. */
  handOver(frame: Frame, record: number, pc: number): void {
    const last = this.linear.i32[(record + FrameRecord.LAST) >> 2]!;
    if (last !== PROBE.NONE) this.watch.pair(last * 256 + frame.code.padded[pc]!, frame, gasLeft(frame));
  }

  /** The instruction at hand is begun anew, by the reference engine. */
  undo(): void {
    this.linear.i32[PROBE.STEPS >> 2]! -= 1;
  }

  /** A frame has come to an end, or waits for a child. */
  end(record: number, halt: Halt): void {
    this.watch.end(this.linear.i32[(record + FrameRecord.LAST) >> 2]!, halt);
  }
}
