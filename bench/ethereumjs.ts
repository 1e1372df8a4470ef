/**
 * @ethereumjs/evm at message level, in its fastest public configuration: its own default state manager, which
 * keeps everything in maps, no step listener, no profiler, no debug output. One instance for all runs of a
 * workload; its state is taken back between runs by the means that it has for that.
 */

import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM, type EVM, type EVMResult, type EVMRunCallOpts } from '@ethereumjs/evm';
import { SimpleStateManager } from '@ethereumjs/statemanager';
import { Account, createAddressFromString } from '@ethereumjs/util';
import { addressToHex } from '../src/primitives/address.ts';
import { bytesToBigInt, bytesToHex } from '../src/primitives/bytes.ts';
import type { Contender, Runner } from './contender.ts';
import { type Outcome, type StoredSlot, summarizeLogs, summarizeStorage } from './outcome.ts';
import type { Workload } from './workload.ts';

export const ethereumjs: Contender = {
  name: 'ethereumjs',

  async prepare(workload: Workload): Promise<Runner> {
    const common = new Common({ chain: Mainnet, hardfork: Hardfork.Cancun });
    const stateManager = new SimpleStateManager({ common });
    const evm = await createEVM({ common, stateManager });
    const caller = createAddressFromString(addressToHex(workload.caller));
    const to = createAddressFromString(addressToHex(workload.address));
    await stateManager.putAccount(caller, new Account(0n, 10n ** 18n));
    await stateManager.putAccount(to, new Account(1n));
    await stateManager.putCode(to, workload.runtime);
    await stateManager.checkpoint();
    return new EthereumjsRunner(evm, stateManager, {
      caller,
      to,
      data: workload.calldata,
      gasLimit: workload.gas,
      skipNonceIncrement: true,
    });
  },
};

class EthereumjsRunner implements Runner {
  private readonly evm: EVM;
  private readonly stateManager: SimpleStateManager;
  private readonly call: EVMRunCallOpts;
  private result: EVMResult | null = null;

  constructor(evm: EVM, stateManager: SimpleStateManager, call: EVMRunCallOpts) {
    this.evm = evm;
    this.stateManager = stateManager;
    this.call = call;
  }

  async reset(): Promise<void> {
    const { evm, stateManager } = this;
    await stateManager.revert();
    await stateManager.checkpoint();
    stateManager.originalStorageCache.clear();
    evm.journal.cleanJournal();
    evm.transientStorage.clear();
    for (const address of [this.call.caller!, this.call.to!]) {
      evm.journal.addAlwaysWarmAddress(address.toString());
    }
  }

  async run(): Promise<void> {
    this.result = await this.evm.runCall(this.call);
  }

  outcome(): Outcome {
    const { execResult } = this.result!;
    const { exceptionError, executionGasUsed, gasRefund = 0n, returnValue, logs = [] } = execResult;
    // Keys are `address_slot`, both in hex.
    const stored = this.stateManager.storageStack[this.stateManager.storageStack.length - 1]!;
    const slots: StoredSlot[] = [];
    for (const [place, value] of stored) {
      const [address, key] = place.split('_');
      slots.push({ address: BigInt(address!), key: BigInt(key!), value: bytesToBigInt(value) });
    }
    return {
      status:
        exceptionError === undefined ? 'success' : exceptionError.error === 'revert' ? 'revert' : 'failure',
      gasUsed: executionGasUsed,
      gasRefund,
      output: bytesToHex(returnValue),
      ...summarizeLogs(logs.map(([, , data]) => data)),
      ...summarizeStorage(slots),
    };
  }
}
