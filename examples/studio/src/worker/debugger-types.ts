/** The debugger's types, by way of `evm.debug`. */

import type { Evm } from 'erbium';

export type DebugRequest = Parameters<Evm['debug']>[0];
export type Debugger = Awaited<ReturnType<Evm['debug']>>;
export type Breakpoint = Parameters<Debugger['addBreakpoint']>[0];
export type SetBreakpoint = ReturnType<Debugger['addBreakpoint']>;
export type StopReason = ReturnType<Debugger['step']>;
export type DebugFrame = ReturnType<Debugger['frames']>[number];
export type DebugSlot = ReturnType<Debugger['slots']>[number];
export type DebugTransientSlot = ReturnType<Debugger['transient']>[number];
export type DebugInstruction = NonNullable<ReturnType<Debugger['instruction']>>;
