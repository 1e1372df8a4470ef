/** The last instructions of a contract before what was looked for, or before the end of the transaction. */

import type { Code } from '../../machine/code.ts';
import type { Frame } from '../../machine/frame.ts';
import type { Halt } from '../../machine/halt.ts';
import type { Message } from '../../machine/message.ts';
import type { FrameEnd, Tracer } from '../../machine/tracer.ts';
import type { Address } from '../../primitives/address.ts';
import type { Goal } from './goals.ts';
import { Runner, type Setting } from './runner.ts';
import type { Step } from './step.ts';
import { reachedBy } from './trial.ts';
import { Watch } from './watch.ts';

/** An instruction that ran. */
export interface TailStep {
  readonly depth: number;
  readonly pc: number;
  readonly byte: number;
  readonly gas: number;
  /** Top first. */
  readonly stack: readonly bigint[];
  readonly code: Code;
  /** The account whose code it is. */
  readonly address: Address;
}

const LENGTH = 12;
const WORDS = 4;

/** Watches until a goal is reached, and leaves out what a watch leaves out. */
class Tail implements Tracer {
  private readonly watch = new Watch();
  private readonly goal: Goal;
  private readonly codes: Address[] = [];
  private last: TailStep[] = [];
  private isOver = false;

  constructor(goal: Goal, target: Address) {
    this.goal = goal;
    this.watch.target = target;
    this.watch.want(goal);
  }

  /** Oldest first. */
  get steps(): readonly TailStep[] {
    return this.last;
  }

  /** Forgets the last transaction. */
  reset(): void {
    this.watch.reset();
    this.codes.length = 0;
    this.last = [];
    this.isOver = false;
  }

  enter(message: Message): void {
    this.codes.push(message.codeAddress);
    this.watch.enter(message);
    this.look();
  }

  resume(frame: Frame): void {
    this.watch.resume(frame);
  }

  step(frame: Frame, byte: number): void {
    this.watch.step(frame, byte);
    if (this.isOver || !this.watch.isWatching) return;
    const { depth, pc, gas, sp, stack, code } = frame;
    const top = stack.slice(Math.max(0, sp - WORDS), sp).reverse();
    this.last.push({ depth, pc, byte, gas, stack: top, code, address: this.codes[this.codes.length - 1]! });
    if (this.last.length > LENGTH) this.last.shift();
    this.look();
  }

  stepEnd(frame: Frame, byte: number, pc: number, gas: number, cost: number, halt: Halt): void {
    this.watch.stepEnd(frame, byte, pc, gas, cost, halt);
    this.look();
  }

  exit(end: FrameEnd): void {
    this.watch.exit(end);
    this.codes.pop();
    this.look();
  }

  private look(): void {
    this.isOver ||= this.watch.events.some((event) => reachedBy(this.goal, event) !== null);
  }
}

/** The end of a sequence that reaches the goal with its last step. */
export function tailOf(
  setting: Setting,
  target: Address,
  goal: Goal,
  steps: readonly Step[],
): readonly TailStep[] {
  const tail = new Tail(goal, target);
  const runner = new Runner(setting, tail);
  let point = runner.start as Parameters<Runner['run']>[0];
  for (const step of steps) {
    tail.reset();
    point = runner.run(point, step).after;
  }
  return tail.steps;
}
