/** A debugger that is told commands: carries them out, and tells in words and as plain data what came of it. */

import type { Debugger, MoveLimits, StopReason } from '../executor/debug/api.ts';
import { compileErrors, decodeRevert, type ErrorTable } from '../executor/revert.ts';
import { Halt } from '../machine/halt.ts';
import { hexToBytes } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { Deadline } from './deadline.ts';
import { type DebugCommand, type MoveName, showBreakpoint } from './debug-commands.ts';
import type { OpenDebugger } from './debug-open.ts';
import { check, type Json, type LastStop, printed } from './debug-print.ts';
import { tame } from './debug-text.ts';
import { Programs, type Shown, type View, viewOf } from './debug-view.ts';
import { misused } from './state.ts';

/** What came of a command. */
export interface Answer {
  /** In words, without what a view of the new position shows; of several lines, or none. */
  readonly text: string;
  readonly value?: Json;
  /** Of a move. */
  readonly stop?: StopReason['kind'];
  /** Whether what was expected is so. */
  readonly ok: boolean;
}

/** How a move is made: what one run of it may take, and, where that was not enough, whether to go on. */
export interface MoveTerms {
  readonly limits: MoveLimits;
  readonly patience?: (position: number) => Promise<boolean>;
}

type Go = (limits: MoveLimits) => StopReason;

const OK: Answer = { text: '', ok: true };
const NO_TERMS: MoveTerms = { limits: {} };

export class Session {
  readonly title: string;
  private readonly made: Debugger;
  private readonly shown: Shown;
  private readonly errors: ErrorTable;
  /** The numbers that breakpoints are shown with, by theirs: those that a move sets for itself take none. */
  private readonly numbers = new Map<number, number>();
  private lastNumber = 0;
  /** The frame that is looked at; null for the running one. */
  private depth: number | null = null;
  private lastStop: LastStop = { kind: 'start', text: 'the start' };
  private readonly deadline: Deadline;

  constructor(
    { debugger: made, title, rules, sources, abi }: OpenDebugger,
    deadline: Deadline = new Deadline(undefined),
  ) {
    this.deadline = deadline;
    this.title = title;
    this.made = made;
    this.shown = { debugger: made, title, sources, programs: new Programs(rules, sources) };
    this.errors = compileErrors(abi);
  }

  /** What is to be seen now. */
  view(): Promise<View> {
    return this.fetched(() => viewOf(this.shown, this.depth));
  }

  /**
   * Carries out a command. A move that a limit has ended tells so, and can be made again.
   * @throws ErbiumError where it cannot be done here
   */
  async perform(command: DebugCommand, terms: MoveTerms = NO_TERMS): Promise<Answer> {
    switch (command.kind) {
      case 'move':
        return this.move(command.move, command.count, terms);
      case 'goto':
        return this.moved(this.goal('goto', command.position), terms);
      case 'break': {
        const { id } = this.made.addBreakpoint(command.breakpoint);
        this.numbers.set(id, ++this.lastNumber);
        return { text: `breakpoint ${this.lastNumber}: ${showBreakpoint(command.breakpoint)}`, ok: true };
      }
      case 'delete':
        return this.remove(command.number);
      case 'breakpoints': {
        const list = this.made.breakpoints.map(({ id, breakpoint }) => ({
          number: this.numbers.get(id)!,
          breakpoint: showBreakpoint(breakpoint),
        }));
        const lines = list.map(({ number, breakpoint }) => `breakpoint ${number}: ${breakpoint}`);
        return { text: lines.join('\n') || 'no breakpoints', value: list, ok: true };
      }
      case 'frame':
        return this.look(command.depth);
      case 'up':
        return this.look((this.depth ?? this.made.depth - 1) - 1);
      case 'down':
        return this.look((this.depth ?? this.made.depth - 1) + 1);
      case 'print': {
        const { what, words } = command;
        const view = await this.view();
        const { text, value } = await this.fetched(() => printed(what, words, view, this.made));
        return { text, value, ok: true };
      }
      case 'expect': {
        const { what, at, wanted } = command;
        const view = await this.view();
        const problem = await this.fetched(() => check(what, at, wanted, view, this.made, this.lastStop));
        return problem === null ? OK : { text: problem, ok: false };
      }
      case 'help':
      case 'quit':
        return OK;
    }
  }

  /** A breakpoint at a pc of the code that is looked at: sets it, or takes it away. */
  async toggle(pc: number): Promise<Answer> {
    const { frame } = await this.view();
    if (frame === null) throw misused('there is no code at the end');
    const account = frame.codeAddress;
    const there = this.made.breakpoints.find(
      ({ breakpoint: one }) => one.kind === 'pc' && one.pc === pc && (one.account ?? account) === account,
    );
    if (there === undefined) return this.perform({ kind: 'break', breakpoint: { kind: 'pc', pc, account } });
    return this.remove(this.numbers.get(there.id)!);
  }

  private remove(number: number | null): Answer {
    const chosen = [...this.numbers].filter(([, shown]) => number === null || shown === number);
    if (number !== null && chosen.length === 0) throw misused(`delete: there is no breakpoint ${number}`);
    for (const [id] of chosen) {
      this.made.removeBreakpoint(id);
      this.numbers.delete(id);
    }
    return { text: number === null ? 'no breakpoints' : `breakpoint ${number} is gone`, ok: true };
  }

  private look(depth: number): Answer {
    if (this.made.isEnd) throw misused('there are no calls at the end');
    if (depth < 0) throw misused('this is the first call');
    if (depth >= this.made.depth) throw misused('this is the running call');
    this.depth = depth === this.made.depth - 1 ? null : depth;
    return OK;
  }

  // Moves

  private async move(name: MoveName, count: number, terms: MoveTerms): Promise<Answer> {
    if (name !== 'failure' && name !== 'back-failure') return this.moved(this.goal(name, count), terms);
    const { id } = this.made.addBreakpoint({ kind: 'revert' });
    try {
      const answer = await this.moved(this.goal(name, 1), terms);
      if (answer.stop !== 'end' && answer.stop !== 'start') return answer;
      return { ...answer, text: `no failure on the way; ${answer.text}` };
    } finally {
      this.made.removeBreakpoint(id);
    }
  }

  /** A move that can be made again after a limit, without counting twice what was done before. */
  private goal(name: MoveName | 'goto', count: number): Go {
    const { made } = this;
    const { position, depth } = made;
    // A limit may have left the machine some frames deeper, and then the way out of these comes first.
    const leaving =
      (out: Go) =>
      (most: number, limits: MoveLimits): StopReason => {
        let stop: StopReason = { kind: 'done' };
        while (made.depth > most && stop.kind === 'done') stop = out(limits);
        return stop;
      };
    const leave = leaving((limits) => made.stepOut(limits));
    const leaveBack = leaving((limits) => made.stepBackOut(limits));
    switch (name) {
      case 'goto':
        return (limits) => made.goTo(count, limits);
      case 'step':
        return (limits) => made.goTo(position + count, limits);
      case 'back':
        return (limits) => made.goTo(Math.max(0, position - count), limits);
      case 'start':
        return (limits) => made.goTo(0, limits);
      case 'end':
        return (limits) => made.goTo(Number.MAX_SAFE_INTEGER, limits);
      case 'continue':
      case 'failure':
        return (limits) => made.continue(limits);
      case 'back-continue':
      case 'back-failure':
        return (limits) => made.continueBack(limits);
      case 'into-line':
        return (limits) => made.stepLine(limits);
      case 'back-line':
        return (limits) => made.stepBackLine(limits);
      case 'over':
        return (limits) => (made.depth > depth ? leave(depth, limits) : made.stepOver(limits));
      case 'line':
        return (limits) => {
          const stop = leave(depth, limits);
          return stop.kind === 'done' ? made.stepLineOver(limits) : stop;
        };
      case 'out':
        return (limits) => leave(depth - 1, limits);
      case 'back-over':
        return (limits) => (made.depth > depth ? leaveBack(depth, limits) : made.stepBackOver(limits));
      case 'back-out':
        return (limits) => leaveBack(depth - 1, limits);
    }
  }

  private async moved(go: Go, { limits: own, patience }: MoveTerms): Promise<Answer> {
    this.depth = null;
    const limits = { ...own, ...this.deadline.limits };
    let stop = await this.fetched(() => go(limits));
    while (stop.kind === 'limit' && (await patience?.(this.made.position))) {
      stop = await this.fetched(() => go(limits));
    }
    const text = tame(await this.told(stop));
    this.lastStop = { kind: stop.kind, text };
    return { text, stop: stop.kind, ok: true };
  }

  /** Why a move has ended. */
  private async told(stop: StopReason): Promise<string> {
    switch (stop.kind) {
      case 'done':
        return '';
      case 'start':
        return 'the start';
      case 'limit':
        return `stopped on the way: ${this.deadline.isLate ? this.deadline.name : stop.reason}`;
      case 'end': {
        const { result } = this.made;
        return `the end: ${result?.status}${result?.status === 'success' ? '' : `: ${result?.reason}`}`;
      }
      case 'breakpoint': {
        const names = stop.hits.flatMap(({ id, breakpoint }) => {
          const number = this.numbers.get(id);
          return number === undefined ? [] : [`breakpoint ${number}: ${showBreakpoint(breakpoint)}`];
        });
        const fails = stop.hits.some(({ breakpoint }) => breakpoint.kind === 'revert');
        if (fails) names.push(`fails here: ${await this.failure()}`);
        return names.join('; ');
      }
    }
  }

  /** How the instruction here fails: one step further it has. */
  private failure(): Promise<string> {
    const { made } = this;
    const { position } = made;
    return this.fetched(() => {
      made.step();
      const { ended } = made;
      made.goTo(position);
      if (ended === null) return 'nothing has ended';
      if (ended.halt !== Halt.Revert) return ended.reason;
      const output = hexToBytes(ended.output);
      const error = decodeRevert(output, this.errors);
      if (error !== null) return `${ended.reason}: ${error.message}`;
      return output.length === 0 ? `${ended.reason} without a message` : `${ended.reason}: ${ended.output}`;
    });
  }

  private async fetched<T>(work: () => T): Promise<T> {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof ErbiumError) || error.code !== 'MISSING_STATE') throw error;
        await this.made.load(this.deadline.signal);
      }
    }
  }
}
