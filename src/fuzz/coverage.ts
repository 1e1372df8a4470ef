/**
 * What a run of cases has reached: pairs of instructions that followed one another, and the instructions at which frames
 * halted, with the reason. Programs that are made at random share no places, only instructions: an edge from place to
 * place would be new in each of them.
 */

import type { Frame } from '../machine/frame.ts';
import { Halt } from '../machine/halt.ts';
import type { Tracer } from '../machine/tracer.ts';

const BYTES = 256;
const HALTS = 64;
/** Pairs first, then ends. */
const FEATURES = BYTES * BYTES + BYTES * HALTS;
/** Words that one case may give to the dictionary. */
const MAX_OPERANDS = 64;

/** Instructions whose operands decide where a program goes: LT to EQ. */
const isComparison = (opcode: number): boolean => opcode >= 0x10 && opcode <= 0x14;

/** Watches cases and knows which of them reached something new. */
export class Coverage {
  /** For the machine that runs the cases. */
  readonly tracer: Tracer;
  private readonly known = new Uint8Array(FEATURES);
  private readonly seen = new Uint8Array(FEATURES);
  /** The first `count` hold which of `seen` are set. */
  private readonly list = new Uint32Array(FEATURES);
  private count = 0;
  private total = 0;
  private compared: bigint[] = [];
  private executed = 0;

  constructor() {
    this.tracer = {
      step: (frame, opcode) => this.step(frame, opcode),
      stepEnd: (frame, opcode, _pc, _gas, _cost, halt) => this.stepEnd(frame, opcode, halt),
    };
  }

  /** How much has been reached. */
  get features(): number {
    return this.total;
  }

  /** Instructions of the case at hand. */
  get steps(): number {
    return this.executed;
  }

  /** Words that the case at hand compared. */
  get operands(): readonly bigint[] {
    return this.compared;
  }

  /** Before a case. */
  begin(): void {
    const { list, seen } = this;
    for (let i = 0; i < this.count; i++) seen[list[i]!] = 0;
    this.count = 0;
    this.executed = 0;
    this.compared = [];
  }

  /** After a case: takes up what it reached, and says how much of that was new. */
  take(): number {
    const { list, known } = this;
    let fresh = 0;
    for (let i = 0; i < this.count; i++) {
      const feature = list[i]!;
      if (known[feature] !== 0) continue;
      known[feature] = 1;
      fresh++;
    }
    this.total += fresh;
    return fresh;
  }

  private step({ stack, sp }: Frame, opcode: number): void {
    this.executed++;
    if (!isComparison(opcode) || sp < 2 || this.compared.length >= MAX_OPERANDS) return;
    this.compared.push(stack[sp - 1]!, stack[sp - 2]!);
  }

  private stepEnd(frame: Frame, opcode: number, halt: Halt): void {
    const isEnd = halt !== Halt.Continue;
    const feature = isEnd
      ? BYTES * BYTES + opcode * HALTS + halt
      : opcode * BYTES + frame.code.padded[frame.pc]!;
    if (this.seen[feature] !== 0) return;
    this.seen[feature] = 1;
    this.list[this.count++] = feature;
  }
}
