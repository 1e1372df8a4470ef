/** Which engine runs the frames of a machine. */

import type { OpTable } from '../../opcodes/optable.ts';
import type { Rules } from '../forks/rules.ts';
import { createInterpreter } from '../interpreter/interpreter.ts';
import { createTracedInterpreter, type StepBudget } from '../interpreter/traced.ts';
import type { Engine } from '../machine/engine.ts';
import type { Frame } from '../machine/frame.ts';
import type { Halt } from '../machine/halt.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { createWasmEngine } from '../wasm/engine.ts';
import { isWasmHere } from '../wasm/instance.ts';
import type { EngineChoice } from './engine-choice.ts';

export { ENGINE_CHOICES, type EngineChoice } from './engine-choice.ts';

/** @throws ErbiumError UNSUPPORTED where `wasm` is asked for and cannot be */
export function engineOf(choice: EngineChoice, table: OpTable, rules: Rules): Engine {
  const reference = createInterpreter(table);
  if (choice === 'bigint') return reference;
  if (choice === 'auto')
    return new Automatic(table, () => createWasmEngine(table, rules, reference) ?? reference);
  const engine = createWasmEngine(table, rules, reference);
  if (engine !== null) return engine;
  throw new ErbiumError('UNSUPPORTED', `${NOT_HERE}, or with such opcodes`);
}

const NOT_HERE = 'engine wasm: not here, where WebAssembly is forbidden or lacks vectors';

/**
 * What a choice comes to here, with Ethereum's own opcodes.
 * @throws ErbiumError UNSUPPORTED where `wasm` is asked for and cannot be
 */
export function engineHere(choice: EngineChoice): Exclude<EngineChoice, 'auto'> {
  if (choice === 'bigint') return choice;
  if (isWasmHere()) return 'wasm';
  if (choice === 'auto') return 'bigint';
  throw new ErbiumError('UNSUPPORTED', NOT_HERE);
}

/**
 * Instructions that the reference engine runs before the fast one is made, which takes as long as a hundred thousand: many
 * machines run no more than a call or two.
 */
const FIRST_STEPS = 20_000;

/** The reference engine at first; the fast one, in the middle of a frame, as soon as there is more to do. */
class Automatic implements Engine {
  private readonly make: () => Engine;
  private readonly steps: StepBudget = { left: FIRST_STEPS };
  private readonly first: Engine;
  private engine: Engine | null = null;

  constructor(table: OpTable, make: () => Engine) {
    this.make = make;
    this.first = createTracedInterpreter(table, {}, this.steps);
  }

  run(frame: Frame): Halt {
    if (this.engine === null) {
      const halt = this.first.run(frame);
      if (this.steps.left >= 0) return halt;
      // It stands before an instruction, and goes on there.
      this.engine = this.make();
    }
    return this.engine.run(frame);
  }

  enter(): number {
    return this.engine?.enter?.() ?? 0;
  }

  leave(entered: number): void {
    this.engine?.leave?.(entered);
  }

  recall(frame: Frame): void {
    this.engine?.recall?.(frame);
  }
}
