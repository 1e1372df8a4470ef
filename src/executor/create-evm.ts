/** `createEvm`: an EVM in one call, for those who embed it. */

import { createMachine } from '../evm/machine.ts';
import { type Evm, type EvmOptions, evmOn, rulesFrom } from './evm.ts';

/**
 * An EVM over a state in memory.
 * @throws ErbiumError UNKNOWN_FORK
 */
export function createEvm(options: EvmOptions = {}): Evm {
  const { fork, tracer, crypto } = options;
  const rules = rulesFrom(fork);
  return evmOn(createMachine({ rules, tracer, ...(crypto === undefined ? {} : { crypto }) }), options);
}
