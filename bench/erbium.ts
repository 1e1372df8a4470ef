/** Erbium at message level: one machine for all runs, a fresh world for each. */

import type { Machine } from '../src/evm/context.ts';
import type { EngineChoice } from '../src/evm/engine.ts';
import { WorldHost } from '../src/evm/host.ts';
import { createMachine } from '../src/evm/machine.ts';
import type { MessageResult } from '../src/evm/result.ts';
import { runMessage } from '../src/evm/run.ts';
import { rulesOf } from '../src/forks/rules.ts';
import { Halt, isSuccess } from '../src/machine/halt.ts';
import type { BlockEnv } from '../src/machine/host.ts';
import { type Message, MessageKind } from '../src/machine/message.ts';
import { bytesToHex } from '../src/primitives/bytes.ts';
import { MemoryState } from '../src/state/readers/memory.ts';
import { World } from '../src/state/world.ts';
import type { Contender, Runner } from './contender.ts';
import { type Outcome, type StoredSlot, summarizeLogs, summarizeStorage } from './outcome.ts';
import type { Workload } from './workload.ts';

const BLOCK: BlockEnv = {
  number: 0n,
  timestamp: 0n,
  coinbase: 0n,
  gasLimit: 0n,
  difficulty: 0n,
  prevRandao: 0n,
  baseFee: 0n,
  blobBaseFee: 0n,
  chainId: 1n,
};

/**
 * @param machine with the fast engine by default
 * @param furnish puts into the state what a workload does not bring along
 */
export function erbium(
  machine: Machine = machineOf('wasm'),
  name = 'erbium',
  furnish: (state: MemoryState) => void = () => {},
): Contender {
  return { name, prepare: async (workload) => new ErbiumRunner(machine, workload, furnish) };
}

/** Erbium with its reference engine. */
export const reference = (): Contender => erbium(machineOf('bigint'), 'bigint');

const machineOf = (engine: EngineChoice): Machine => createMachine({ rules: rulesOf('Cancun'), engine });

class ErbiumRunner implements Runner {
  private readonly machine: Machine;
  private readonly message: Message;
  private readonly reader = new MemoryState();
  private host: WorldHost;
  private result: MessageResult | null = null;

  constructor(machine: Machine, workload: Workload, furnish: (state: MemoryState) => void) {
    this.machine = machine;
    const { address, caller, runtime, calldata, gas } = workload;
    this.reader.put(address, { nonce: 1n, code: runtime });
    this.reader.put(caller, { balance: 10n ** 18n });
    furnish(this.reader);
    this.message = {
      kind: MessageKind.Call,
      caller,
      address,
      codeAddress: address,
      value: 0n,
      input: calldata,
      gas,
      isStatic: false,
      depth: 0,
      outputOffset: 0,
      outputSize: 0,
    };
    this.host = this.freshHost();
  }

  reset(): void {
    this.host = this.freshHost();
  }

  run(): void {
    this.result = runMessage({ ...this.machine, host: this.host }, this.message);
  }

  outcome(): Outcome {
    const { halt, gasLeft, output } = this.result!;
    const { world } = this.host;
    const slots: StoredSlot[] = [];
    for (const [address, { storage }] of world.diff(true)) {
      for (const [key, value] of storage) slots.push({ address, key, value });
    }
    return {
      status: isSuccess(halt) ? 'success' : halt === Halt.Revert ? 'revert' : 'failure',
      gasUsed: this.message.gas - gasLeft,
      gasRefund: BigInt(world.refund),
      output: bytesToHex(output),
      ...summarizeLogs(world.logs.map(({ data }) => data)),
      ...summarizeStorage(slots),
    };
  }

  private freshHost(): WorldHost {
    const world = new World(this.reader);
    const { address, caller } = this.message;
    world.warmAccount(address);
    world.warmAccount(caller);
    const tx = { origin: caller, gasPrice: 0n, blobHashes: [] };
    return new WorldHost(world, this.machine.rules, BLOCK, tx, this.machine.codes);
  }
}
