/** Erbium as embedders use it: `call` of `createEvm`, with all that it makes of a result. */

import { createEvm, type EngineChoice, type Evm, type EvmResult, hexToBytes } from 'erbium';
import type { Contender, Runner } from './contender.ts';
import { type Outcome, type StoredSlot, summarizeLogs, summarizeStorage } from './outcome.ts';
import type { Workload } from './workload.ts';

export const embedded = (engine: EngineChoice): Contender => ({
  name: engine,
  prepare: async (workload) => new EmbeddedRunner(workload, engine),
});

class EmbeddedRunner implements Runner {
  private readonly evm: Evm;
  private readonly call: { from: bigint; to: bigint; data: Uint8Array; gas: bigint };
  private result: EvmResult | null = null;

  constructor({ address, caller, runtime, calldata, gas }: Workload, engine: EngineChoice) {
    this.evm = createEvm({ fork: 'Cancun', engine });
    this.evm.setAccount(address, { nonce: 1, code: runtime });
    this.evm.setAccount(caller, { balance: 10n ** 18n });
    this.call = { from: caller, to: address, data: calldata, gas };
  }

  /** Nothing to do: a call leaves nothing behind. */
  reset(): void {}

  run(): void {
    this.result = this.evm.call(this.call);
  }

  outcome(): Outcome {
    const { status, gasUsed, gasRefunded, output, logs, diff } = this.result!;
    const slots: StoredSlot[] = Object.entries(diff).flatMap(([address, { storage }]) =>
      Object.entries(storage).map(([key, { after }]) => {
        return { address: BigInt(address), key: BigInt(key), value: after };
      }),
    );
    return {
      status: status === 'success' || status === 'revert' ? status : 'failure',
      gasUsed,
      gasRefund: gasRefunded,
      output,
      ...summarizeLogs(logs.map(({ data }) => hexToBytes(data))),
      ...summarizeStorage(slots),
    };
  }
}
