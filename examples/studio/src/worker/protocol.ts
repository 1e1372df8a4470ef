/** What the page asks the worker for, and what comes back: plain data that can be cloned. */

import type { AccountChange, EventLog, Hex } from 'erbium';
import type { Instruction } from 'erbium/opcodes';
import type { CallFrame } from 'erbium/tracers';
import type { CaseInput, Engine } from '../model/case.ts';
import type {
  Breakpoint,
  DebugFrame,
  DebugSlot,
  DebugTransientSlot,
  SetBreakpoint,
} from './debugger-types.ts';

/** How a run ended. */
export interface Outcome {
  readonly status: 'success' | 'revert' | 'halt' | 'limit' | 'invalid';
  readonly reason: string;
  readonly gasUsed: bigint;
  readonly gasRefunded: bigint;
  readonly output: Hex;
  readonly created: Hex | null;
  readonly logs: readonly EventLog[];
  readonly diff: Readonly<Record<Hex, AccountChange>>;
  readonly engine: Engine;
  readonly milliseconds: number;
}

/** What the tracers saw. */
export interface Traced {
  /** null where nothing ran. */
  readonly calls: CallFrame | null;
  /** An SVG file. */
  readonly flame: string | null;
  /** What had to be left out, in words. */
  readonly callsNote: string | null;
  readonly gasNote: string | null;
}

/** What a state test states, against what came out. */
export interface Verdict {
  readonly pass: boolean;
  /** Empty where it passes. */
  readonly problems: readonly string[];
}

export interface Opened extends Traced {
  readonly outcome: Outcome;
  /** Of a state test. */
  readonly verdict: Verdict | null;
  readonly cases: readonly string[];
  readonly testCase: string;
  readonly view: View;
}

export interface View {
  readonly position: number;
  /** null as long as the end has not been seen. */
  readonly length: number | null;
  readonly isEnd: boolean;
  /** Why the last move ended, in words. */
  readonly stop: string;
  readonly instruction: string;
  readonly frames: readonly DebugFrame[];
  /** The top first; those that the page has room for. */
  readonly stack: readonly bigint[];
  readonly stackSize: number;
  readonly memory: { readonly offset: number; readonly size: number; readonly bytes: Uint8Array };
  readonly returnData: { readonly size: number; readonly bytes: Uint8Array };
  readonly accounts: readonly AccountSlots[];
  /** Whether slots and accounts are warm or cold in this fork (EIP-2929). */
  readonly hasWarmth: boolean;
  readonly logs: readonly EventLog[];
  readonly refund: bigint;
  readonly ended: string | null;
  /** The instruction that is next in the listing; null at the end. */
  readonly pc: number | null;
  /** Of the code that runs; undefined where it is the one that was sent last. */
  readonly listing?: Listing;
  readonly breakpoints: readonly SetBreakpoint[];
}

export interface Listing {
  readonly address: Hex;
  readonly size: number;
  readonly instructions: readonly Instruction[];
}

export interface AccountSlots {
  readonly address: Hex;
  readonly slots: readonly DebugSlot[];
  readonly transient: readonly DebugTransientSlot[];
  /** Slots that the page has no room for. */
  readonly more: number;
}

export const MOVES = [
  'start',
  'continueBack',
  'stepBackOut',
  'stepBackOver',
  'stepBack',
  'step',
  'stepOver',
  'stepOut',
  'continue',
  'end',
] as const;
export type Move = (typeof MOVES)[number];

/** How the cases of a file went on one engine. */
export interface Checked {
  readonly engine: Engine;
  readonly cases: number;
  readonly failures: readonly { readonly id: string; readonly problem: string }[];
  readonly milliseconds: number;
}

export interface Protocol {
  open(input: CaseInput, breakpoints: readonly Breakpoint[]): Promise<Opened>;
  move(move: Move): View;
  goTo(position: number): View;
  /** Memory from another place on. */
  showMemory(offset: number): View;
  addBreakpoint(breakpoint: Breakpoint): View;
  removeBreakpoint(id: number): View;
  /** Runs all cases of a file of state tests on both engines. */
  check(file: string, text: string): readonly Checked[];
}

export interface Request {
  readonly id: number;
  readonly name: keyof Protocol;
  readonly args: readonly unknown[];
}

export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };
