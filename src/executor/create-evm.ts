/** `createEvm`: an EVM in one call, for those who embed it. */

import { createMachine } from '../evm/machine.ts';
import { rulesFrom } from '../forks/rules.ts';
import type { BlockEnv } from '../machine/host.ts';
import { MAX_ADDRESS } from '../primitives/address.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { toWord } from '../primitives/input.ts';
import { MemoryState } from '../state/readers/memory.ts';
import { type Evm, type EvmOptions, evmOn } from './evm.ts';

/**
 * An EVM over a state in memory.
 * @throws ErbiumError UNKNOWN_FORK, or INVALID_ARGUMENT or INVALID_NUMBER naming the option
 */
export function createEvm(options: EvmOptions = {}): Evm {
  checkOptions(options);
  const { fork, tracer, opcodes, precompiles, crypto, block = {} } = options;
  const own = { rules: rulesFrom(fork), tracer, opcodes, precompiles };
  const machine = createMachine(crypto === undefined ? own : { ...own, crypto });
  return evmOn(machine, { ...options, block: checkedBlock(block) });
}

/** For callers without types: a mistake here would only show in the middle of a run. */
function checkOptions(options: EvmOptions): void {
  demand(isObject(options), 'options', 'an object');
  const { fork, state, block, tracer, opcodes, precompiles, crypto, interrupted } = options;
  const isFork = typeof fork === 'string' || (isObject(fork) && Array.isArray(fork.lineage));
  demand(fork === undefined || isFork, 'fork', 'the name of a fork, or rules');
  demand(state === undefined || state instanceof MemoryState, 'state', 'a MemoryState');
  demand(block === undefined || isObject(block), 'block', 'an object');
  demand(tracer === undefined || isObject(tracer), 'tracer', 'an object');
  demand(opcodes === undefined || Array.isArray(opcodes), 'opcodes', 'a list of rows');
  demand(precompiles === undefined || Array.isArray(precompiles), 'precompiles', 'a list of precompiles');
  demand(crypto === undefined || isObject(crypto), 'crypto', 'an object');
  demand(interrupted === undefined || typeof interrupted === 'function', 'interrupted', 'a function');
  for (const hook of ['enter', 'resume', 'step', 'stepEnd', 'exit'] as const) {
    const isHook = tracer?.[hook] === undefined || typeof tracer[hook] === 'function';
    demand(isHook, `tracer.${hook}`, 'a function');
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function demand(holds: boolean, field: string, what: string): void {
  if (!holds) throw new ErbiumError('INVALID_ARGUMENT', `${field}: expected ${what}`);
}

/** The fields that are given, each a word. */
function checkedBlock(block: Partial<BlockEnv>): Partial<BlockEnv> {
  const given = Object.entries(block).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => {
      const field = `block.${name}`;
      return [name, name === 'coinbase' ? toWord(value, field, MAX_ADDRESS) : toWord(value, field)];
    }),
  );
}
