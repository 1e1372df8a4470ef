/** Runs the same on both engines, and demands the same from both. */

import { expect } from 'vitest';
import type { EngineChoice } from '../../src/evm/engine-choice.ts';
import { createEvm, type Evm, type EvmOptions } from '../../src/index.ts';

/** What `work` gives with an EVM of the fast engine, which is what it gives with one of the reference engine. */
export function onBoth<T>(work: (evm: Evm, engine: EngineChoice) => T, options: EvmOptions = {}): T {
  return bothOf(options)(work);
}

/** The same, on two EVMs that stay: what `work` does to the state is undone. */
export function bothOf(options: EvmOptions = {}): <T>(work: (evm: Evm, engine: EngineChoice) => T) => T {
  const evms = (['bigint', 'wasm'] as const).map((engine) => ({
    engine,
    evm: createEvm({ ...options, engine }),
  }));
  return (work) => {
    const [slow, fast] = evms.map(({ engine, evm }) => {
      const before = evm.snapshot();
      const result = work(evm, engine);
      evm.revert(before);
      return result;
    });
    expect(fast).toEqual(slow);
    return fast!;
  };
}

/** The words of an output. */
export const wordsOf = (output: string): bigint[] =>
  Array.from({ length: (output.length - 2) / 64 }, (_, i) =>
    BigInt(`0x${output.slice(2 + 64 * i, 66 + 64 * i)}`),
  );
