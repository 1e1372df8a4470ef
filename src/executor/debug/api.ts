/**
 * The debugger as its users see it: what `evm.debug` takes, and the stepper that it gives. Types only; what they promise is
 * kept by the files beside this one.
 *
 * A position is a number of instructions: position n is the machine before its instruction n, counted from 0 over all
 * frames, and the last position is the end, behind the last instruction. All moves go from position to position. Every
 * value that is handed out is a copy: it stays as it is while the machine moves on.
 */

import type { Halt } from '../../machine/halt.ts';
import type { MessageKind } from '../../machine/message.ts';
import type { Hex } from '../../primitives/bytes.ts';
import type { AddressInput, BytesInput, WordInput } from '../../primitives/input.ts';
import type { SolcOutput } from '../../primitives/solc-output.ts';
import type { AccountView } from '../api.ts';
import type { TransactionInput } from '../operations.ts';
import type { EventLog, EvmResult, Rejected, TransactResult } from '../outcome.ts';
import type { CallOptions, CreateOptions, ExecuteOptions, OperationOptions } from '../request.ts';

/** What to debug: a transaction as `evm.transact` takes it, or what `evm.call`, `evm.create` or `evm.execute` take. */
export type DebugRequest =
  | TransactionInput
  | { readonly call: CallOptions }
  | { readonly create: CreateOptions }
  | { readonly execute: BytesInput; readonly options?: ExecuteOptions };

/**
 * The options of `evm.debug`. `timeout`, 30 seconds by default, and `signal` are for opening it, which fetches what a remote
 * state lacks; what has not been fetched by then is asked for on the way, see `load`.
 */
export interface DebugOptions extends OperationOptions {
  /** Compiled contracts, as `readSolcOutput` and `readBuildInfo` read them: the debugger then knows source lines. */
  readonly sources?: SolcOutput;
  /**
   * Bytes that checkpoints may take, about; 2^26 by default. With fewer, long ways back take longer. A state that takes
   * more than half of them by itself, such as one with 100 MB of memory, may take twice its size.
   */
  readonly checkpointBytes?: number;
}

/** Limits of one move, so that no move takes for ever. */
export interface MoveLimits {
  /** Instructions that it may run, forwards or again on the way back; 10 million by default. */
  readonly maxSteps?: number;
  /** Milliseconds; none by default. */
  readonly timeout?: number;
}

/**
 * Where a run stops: always before the instruction that does what is said, with its operands still on the stack.
 * All fields of one that are given have to hold.
 */
export type Breakpoint =
  /** Before the instruction at `pc`, of any code or of that of an account (its own, or borrowed from `account`). */
  | { readonly kind: 'pc'; readonly pc: number; readonly account?: AddressInput }
  /** Before an instruction by name, such as `SSTORE`, or by byte. */
  | { readonly kind: 'opcode'; readonly opcode: string | number }
  /**
   * Before the first instruction of each frame that runs as the account or runs its code; where nothing runs, as with a
   * precompile, before the call.
   */
  | { readonly kind: 'address'; readonly address: AddressInput }
  /** Before an SSTORE, or a TSTORE where `transient` is set, to a slot: any that is not narrowed down. */
  | {
      readonly kind: 'slot';
      readonly account?: AddressInput;
      readonly key?: WordInput;
      readonly transient?: boolean;
    }
  /** Before a LOG that has the topic, at any place among its topics, or any log. */
  | { readonly kind: 'log'; readonly topic?: WordInput; readonly account?: AddressInput }
  /** Before the instruction by which a call or creation fails, however it does: REVERT, out of gas, a precompile, depth. */
  | { readonly kind: 'revert' }
  /** Where the gas of the running frame has come below an amount, and had not been below it one instruction before. */
  | { readonly kind: 'gas'; readonly below: WordInput }
  /** Before the first instruction of a source line. `file` is as solc names it, or how that ends. */
  | { readonly kind: 'line'; readonly file: string; readonly line: number };

/** A breakpoint that is set. */
export interface SetBreakpoint {
  /** By which it is removed; never given out twice. */
  readonly id: number;
  readonly breakpoint: Breakpoint;
}

/** Why a move ended where it did. */
export type StopReason =
  /** It has done what it was asked for. */
  | { readonly kind: 'done' }
  /** Before an instruction that a breakpoint is for. */
  | { readonly kind: 'breakpoint'; readonly hits: readonly SetBreakpoint[] }
  /** Nothing is left to run. */
  | { readonly kind: 'end' }
  /** It is back at position 0. */
  | { readonly kind: 'start' }
  /**
   * A limit was met on the way, named in words. The machine stands where it had come to, and the same move can be made
   * again to go on from there.
   */
  | { readonly kind: 'limit'; readonly reason: string };

/** An instruction. */
export interface DebugInstruction {
  readonly pc: number;
  readonly byte: number;
  /** undefined where the byte is no instruction of the fork. */
  readonly name: string | undefined;
  /** The constant behind a PUSH. */
  readonly immediate: Hex | undefined;
}

/** A frame of the call stack: one that runs, or waits for the one above it. */
export interface DebugFrame {
  /** 0 for the frame of the transaction; frames have no gaps. */
  readonly depth: number;
  readonly kind: MessageKind;
  /** The account that it runs as, 20 bytes: its storage and balance. */
  readonly address: Hex;
  /** The account whose code it runs, 20 bytes; differs for DELEGATECALL and CALLCODE. */
  readonly codeAddress: Hex;
  /** 20 bytes. */
  readonly caller: Hex;
  /** Wei, as CALLVALUE gives it. */
  readonly value: bigint;
  readonly isStatic: boolean;
  /** The next instruction; of a frame that waits, the instruction behind its call. */
  readonly pc: number;
  /** Gas left, without that of the frames above. */
  readonly gas: bigint;
  /** Gas that it was given. */
  readonly gasLimit: bigint;
  /** Words on its stack. */
  readonly stackSize: number;
  /** Bytes, as MSIZE gives them. */
  readonly memorySize: number;
  readonly inputSize: number;
  readonly codeSize: number;
  readonly returnDataSize: number;
}

/** A slot that the run has looked at or written. */
export interface DebugSlot {
  readonly key: bigint;
  /** As it stands. */
  readonly value: bigint;
  /** Before the transaction. */
  readonly original: bigint;
  readonly warm: boolean;
}

/** A slot of transient storage (EIP-1153). */
export interface DebugTransientSlot {
  readonly key: bigint;
  readonly value: bigint;
}

/** A place in a source. Lines and columns count from 1. */
export interface DebugSource {
  /** As solc names it. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** The whole first line. */
  readonly lineText: string;
  /** What the instruction comes from, which may be many lines; cut at 2,000 characters. */
  readonly text: string;
  /** `file:Contract`. */
  readonly contract: string;
  /** Whether a jump goes into a function (`i`), returns from one (`o`), or neither (`-`). */
  readonly jump: 'i' | 'o' | '-';
}

/** How the call or creation ended that ended last, as its caller sees it. */
export interface DebugEnd {
  readonly halt: Halt;
  /** In words. */
  readonly reason: string;
  readonly output: Hex;
  /** Of the frame that ended. */
  readonly depth: number;
}

/** All that can be seen at a position, as plain data: it can be cloned, compared and sent elsewhere. */
export interface DebugState {
  readonly position: number;
  /** The call stack, that of the transaction first; empty at the end. */
  readonly frames: readonly DebugFrame[];
  /** What runs next; null at the end. */
  readonly instruction: DebugInstruction | null;
  /** Of the running frame, its top last. */
  readonly stack: readonly bigint[];
  /** Of the running frame. */
  readonly memory: Uint8Array;
  readonly returnData: Uint8Array;
  /** Accounts that the run has looked at, by address of 20 bytes, with their slots. */
  readonly accounts: Readonly<
    Record<
      Hex,
      {
        readonly nonce: bigint;
        readonly balance: bigint;
        readonly codeHash: Hex;
        readonly warm: boolean;
        readonly created: boolean;
        readonly destroyed: boolean;
        readonly storage: readonly DebugSlot[];
        readonly transient: readonly DebugTransientSlot[];
      }
    >
  >;
  readonly logs: readonly EventLog[];
  /** The refund counter. */
  readonly refund: bigint;
  readonly ended: DebugEnd | null;
  /** At the end; null before it. */
  readonly result: EvmResult | TransactResult | Rejected | null;
}

/**
 * A machine that can be led forwards and backwards through one transaction or call. Nothing of it is kept in the state of
 * the EVM, whose later changes it does not see, except for `commit`, after which it throws INVALID_STATE. A tracer of the EVM
 * is not called.
 *
 * `depth` is that of a frame of `frames()`, the running one by default. Methods that read a frame throw INVALID_ARGUMENT
 * where there is none of that depth. Those that read state throw MISSING_STATE where a remote state has not fetched it:
 * `await load()`, then ask again. A move that throws it stands where it stood before.
 */
export interface Debugger {
  /** How many instructions have run. */
  readonly position: number;
  /** How many instructions there are; null as long as the end has not been seen. */
  readonly length: number | null;
  /** Whether this is the end. A transaction that is invalid, and one that runs no code, is there from the start. */
  readonly isEnd: boolean;
  /** How it ended, as `evm.transact` and the others tell it; null before the end. */
  readonly result: EvmResult | TransactResult | Rejected | null;
  /** Frames on the call stack; 0 at the end. */
  readonly depth: number;

  /** Runs `count` instructions, 1 by default, into calls. Breakpoints do not stop it. */
  step(count?: number, limits?: MoveLimits): StopReason;
  /** Runs one instruction with all calls that it makes, or out of the frame where it ends. Breakpoints inside stop it. */
  stepOver(limits?: MoveLimits): StopReason;
  /** Runs to the end of the running frame, to the next instruction of its caller. Breakpoints stop it. */
  stepOut(limits?: MoveLimits): StopReason;
  /**
   * Runs to the next source line, into functions and calls that have sources; without sources one instruction.
   * Breakpoints stop it.
   */
  stepLine(limits?: MoveLimits): StopReason;
  /** As `stepLine`, over functions and calls. */
  stepLineOver(limits?: MoveLimits): StopReason;
  /** Runs to the next breakpoint, or the end. */
  continue(limits?: MoveLimits): StopReason;

  /** Goes back `count` instructions, 1 by default, into calls. */
  stepBack(count?: number, limits?: MoveLimits): StopReason;
  /** Goes back to the instruction before this one in the same frame, or to the call that began it. Breakpoints stop it. */
  stepBackOver(limits?: MoveLimits): StopReason;
  /** Goes back to the call that began the running frame. Breakpoints stop it. */
  stepBackOut(limits?: MoveLimits): StopReason;
  /** Goes back to the first instruction of the source line, or of the one before. Breakpoints stop it. */
  stepBackLine(limits?: MoveLimits): StopReason;
  /** Goes back to the breakpoint that was passed last, or to position 0. */
  continueBack(limits?: MoveLimits): StopReason;

  /** Goes to a position, forwards or backwards. Breakpoints do not stop it; a position behind the end is the end. */
  goTo(position: number, limits?: MoveLimits): StopReason;

  /**
   * Sets a breakpoint.
   * @throws ErbiumError INVALID_ARGUMENT, INVALID_NUMBER or INVALID_HEX naming the field
   */
  addBreakpoint(breakpoint: Breakpoint): SetBreakpoint;
  /** False where there is none with this number. */
  removeBreakpoint(id: number): boolean;
  readonly breakpoints: readonly SetBreakpoint[];

  /** What runs next, or in a frame that waits what runs when it goes on; null at the end. */
  instruction(depth?: number): DebugInstruction | null;
  /** The call stack, that of the transaction first, the running one last; empty at the end. */
  frames(): readonly DebugFrame[];
  /** The stack of a frame, its top last. */
  stack(depth?: number): readonly bigint[];
  /** Bytes of the memory of a frame; what lies beyond its size is left out. All of it by default. */
  memory(offset?: number, size?: number, depth?: number): Uint8Array;
  /** Call data. */
  input(offset?: number, size?: number, depth?: number): Uint8Array;
  /** The code that a frame runs. */
  code(depth?: number): Uint8Array;
  returnData(offset?: number, size?: number, depth?: number): Uint8Array;

  /** An account as it stands here; null where there is none. */
  account(address: AddressInput): AccountView | null;
  /** A slot as it stands here. */
  storage(address: AddressInput, key: WordInput): bigint;
  /** The slots of an account that the run has looked at so far. */
  slots(address: AddressInput): readonly DebugSlot[];
  /** The transient storage of an account, without zeros. */
  transient(address: AddressInput): readonly DebugTransientSlot[];
  /** The accounts that the run has looked at so far, 20 bytes each. */
  accounts(): readonly Hex[];
  /** The logs so far, without those of calls that failed. */
  logs(): readonly EventLog[];
  /** The refund counter. */
  readonly refund: bigint;
  /** The call or creation that ended last, precompiles too; null before the first. */
  readonly ended: DebugEnd | null;

  /** Where the next instruction of a frame comes from; null where that is not known, see `sourceProblem`. */
  source(depth?: number): DebugSource | null;
  /** Why `source` is null, in words; null where it is not. */
  sourceProblem(depth?: number): string | null;

  /** What is kept to go back with: how many checkpoints, and about how many bytes they take. */
  readonly checkpoints: { readonly count: number; readonly bytes: number };
  /** All of it in one, which takes as long and as much room as it is large. */
  snapshot(): DebugState;
  /** Fetches what a method found missing in a remote state. */
  load(signal?: AbortSignal): Promise<void>;
}
