/** Which engine runs the frames of a machine. */

import type { OpTable } from '../../opcodes/optable.ts';
import type { Rules } from '../forks/rules.ts';
import { createInterpreter } from '../interpreter/interpreter.ts';
import type { Engine } from '../machine/engine.ts';
import type { Frame } from '../machine/frame.ts';
import type { Halt } from '../machine/halt.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { createWasmEngine } from '../wasm/engine.ts';

export const ENGINE_CHOICES = ['auto', 'wasm', 'bigint'] as const;
/**
 * `bigint` is the reference engine, `wasm` the one that emits WebAssembly, and `auto` the latter where it is allowed, from
 * the first frame on. With a tracer, or with steps counted, it is the reference engine in any case.
 */
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

/** @throws ErbiumError UNSUPPORTED where `wasm` is asked for and cannot be */
export function engineOf(choice: EngineChoice, table: OpTable, rules: Rules): Engine {
  const reference = createInterpreter(table);
  if (choice === 'bigint') return reference;
  if (choice === 'auto') return new Automatic(() => createWasmEngine(table, rules, reference) ?? reference);
  const engine = createWasmEngine(table, rules, reference);
  if (engine !== null) return engine;
  throw new ErbiumError(
    'UNSUPPORTED',
    'engine wasm: not here, where WebAssembly is forbidden or lacks vectors, or with such opcodes',
  );
}

/** Made when the first frame runs: many machines never run one. */
class Automatic implements Engine {
  private readonly make: () => Engine;
  private engine: Engine | null = null;

  constructor(make: () => Engine) {
    this.make = make;
  }

  run(frame: Frame): Halt {
    this.engine ??= this.make();
    return this.engine.run(frame);
  }

  enter(): number {
    return this.engine?.enter?.() ?? 0;
  }

  leave(entered: number): void {
    this.engine?.leave?.(entered);
  }
}
