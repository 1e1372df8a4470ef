/** `createVM` in the shape of `@ethereumjs/vm`, as far as `runTx` needs it: an EVM and what it stands on. */

import { ErbiumError } from '../primitives/errors.ts';
import { demandObject, refuse } from './errors.ts';
import { createEVM, type EVM, type EVMOpts } from './evm.ts';
import type { CommonLike } from './hardfork.ts';
import type { SimpleStateManager } from './state-manager.ts';

/** The options of `createVM`. */
export interface VMOpts
  extends Pick<EVMOpts, 'common' | 'hardfork' | 'chainId' | 'stateManager' | 'blockchain'> {
  /** Instead of all other options. */
  readonly evm?: EVM | undefined;
  readonly evmOpts?: EVMOpts | undefined;
}

/** An EVM with the name that it has in a VM. */
export interface VM {
  readonly evm: EVM;
  readonly common: CommonLike;
  readonly stateManager: SimpleStateManager;
}

const NOT_SUPPORTED = {
  activatePrecompiles: 'put 1 wei into each precompile with putAccount',
  genesisState: 'put the accounts into the state manager',
  setHardfork: 'give a Common whose hardfork is set',
  profilerOpts: 'use a tracer with createEvm of erbium',
  params: 'give hardfork: customFork(name, rules, changes)',
};

/** @throws (as a rejection) ErbiumError INVALID_ARGUMENT naming the option, or UNKNOWN_FORK */
export async function createVM(opts: VMOpts = {}): Promise<VM> {
  demandObject(opts, 'options');
  refuse(opts, NOT_SUPPORTED);
  const { evm: given, evmOpts, ...rest } = opts;
  if (given !== undefined && evmOpts !== undefined) {
    throw new ErbiumError('INVALID_ARGUMENT', 'evm, evmOpts: give one of them');
  }
  const evm = given ?? (await createEVM({ ...rest, ...evmOpts }));
  return { evm, common: evm.common, stateManager: evm.stateManager };
}
