/** Everything that running a message needs: a machine, chosen once, and the host of one transaction. */

import { opTableOf } from '../../opcodes/optable.ts';
import type { OpRow } from '../../opcodes/row.ts';
import type { Crypto } from '../../precompiles/crypto.ts';
import { type PrecompileSet, precompilesOf } from '../../precompiles/registry.ts';
import type { Precompile } from '../../precompiles/row.ts';
import type { Rules } from '../forks/rules.ts';
import { createTracedInterpreter, type StepBudget } from '../interpreter/traced.ts';
import type { Code } from '../machine/code.ts';
import type { Engine } from '../machine/engine.ts';
import { Frame } from '../machine/frame.ts';
import { HOST_MEMORY_LIMIT, setGas } from '../machine/gas.ts';
import type { BlockEnv, TxEnv } from '../machine/host.ts';
import type { Message } from '../machine/message.ts';
import type { Tracer } from '../machine/tracer.ts';
import { EMPTY_BYTES } from '../primitives/bytes.ts';
import type { StateReader } from '../state/reader.ts';
import { World } from '../state/world.ts';
import { CodeCache } from './code-cache.ts';
import { engineOf } from './engine.ts';
import type { EngineChoice } from './engine-choice.ts';
import { extensionOpcodes, NO_POLICY, type Policy } from './extensions.ts';
import { WorldHost } from './host.ts';

/** What stays the same from one transaction to the next. */
export interface Machine {
  readonly rules: Rules;
  readonly engine: Engine;
  readonly precompiles: PrecompileSet;
  readonly crypto: Crypto;
  readonly codes: CodeCache;
  readonly frames: FramePool;
  readonly tracer: Tracer | undefined;
  readonly policy: Policy;
}

export interface Context extends Machine {
  readonly host: WorldHost;
  /** Bytes of memory that the run cannot have, out of `HOST_MEMORY_LIMIT`; none by default. */
  readonly memoryHeld?: number;
}

/** What surrounds a transaction or call. */
export interface Surroundings {
  readonly machine: Machine;
  readonly state: StateReader;
  readonly block: BlockEnv;
  /** Asked now and then; true interrupts the run. */
  readonly interrupted?: (() => boolean) | undefined;
  /** Bytes of memory that all frames of a run may have together, `HOST_MEMORY_LIMIT` at most and by default. */
  readonly memoryLimit?: number | undefined;
}

/** A context over a fresh world. */
export function openContext(around: Surroundings, tx: TxEnv): Context {
  const { machine, state, block, interrupted, memoryLimit = HOST_MEMORY_LIMIT } = around;
  const { rules, engine, precompiles, crypto, codes, frames, tracer, policy } = machine;
  const world = new World(state, rules.accessLists ? precompiles : undefined);
  const host = new WorldHost(world, rules, block, tx, codes, interrupted);
  const memoryHeld = HOST_MEMORY_LIMIT - memoryLimit;
  // Field by field: a spread takes a microsecond.
  return { rules, engine, precompiles, crypto, codes, frames, tracer, policy, host, memoryHeld };
}

export interface MachineOptions {
  readonly rules: Rules;
  /** Opcode rows of one's own; they win over the table's. */
  readonly opcodes?: readonly OpRow[] | undefined;
  /** Bytes that are no instruction here, whatever the tables say. */
  readonly disabledOpcodes?: readonly number[] | undefined;
  /** Precompiles of one's own; they win over the table's. */
  readonly precompiles?: readonly Precompile[] | undefined;
  readonly crypto: Crypto;
  /** Ethereum's own by default. */
  readonly policy?: Policy | undefined;
  readonly tracer?: Tracer | undefined;
  /** `auto` by default. */
  readonly engine?: EngineChoice | undefined;
  /** Instructions that may still run; whoever owns it fills it up. */
  readonly steps?: StepBudget | undefined;
}

/** A machine with whatever cryptography it is given; `createMachine` has a default. */
export function assembleMachine(options: MachineOptions): Machine {
  const {
    rules,
    opcodes = [],
    disabledOpcodes,
    precompiles = [],
    crypto,
    tracer,
    steps,
    engine = 'auto',
  } = options;
  const { policy = NO_POLICY } = options;
  const set = precompilesOf(rules, precompiles);
  const extensions = extensionOpcodes(set.values(), crypto, rules, policy);
  const table = opTableOf(rules, [...opcodes, ...extensions], disabledOpcodes);
  return {
    rules,
    engine:
      tracer === undefined && steps === undefined
        ? engineOf(engine, table, rules)
        : createTracedInterpreter(table, tracer ?? {}, steps),
    precompiles: set,
    crypto,
    codes: new CodeCache(),
    frames: new FramePool(),
    tracer,
    policy,
  };
}

/** Frames that ended and wait to be used again. */
export class FramePool {
  private readonly free: Frame[] = [];

  /** A frame that stands before its first instruction. */
  take(context: Context, message: Message, code: Code, input: Uint8Array): Frame {
    const { host, rules } = context;
    const frame = this.free.pop() ?? new Frame(host, rules);
    frame.host = host;
    frame.rules = rules;
    frame.code = code;
    frame.pc = 0;
    frame.sp = 0;
    frame.address = message.address;
    frame.caller = message.caller;
    frame.value = message.value;
    frame.input = input;
    frame.isStatic = message.isStatic;
    frame.depth = message.depth;
    frame.returnData = EMPTY_BYTES;
    frame.output = EMPTY_BYTES;
    frame.request = null;
    setGas(frame, message.gas);
    return frame;
  }

  give(frame: Frame): void {
    frame.memory.reset();
    this.free.push(frame);
  }
}
