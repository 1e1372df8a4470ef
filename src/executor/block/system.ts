/**
 * What a block does to the state beside its transactions: calls of system contracts (EIP-4788, EIP-2935, EIP-7002,
 * EIP-7251), rewards, withdrawals, and the DAO's change of state (EIP-779).
 */

import { openContext, type Surroundings } from '../../evm/context.ts';
import type { MessageResult } from '../../evm/result.ts';
import { runMessage } from '../../evm/run.ts';
import { DAO_ACCOUNTS, DAO_REFUND_CONTRACT } from '../../forks/dao.ts';
import type { Rules } from '../../forks/rules.ts';
import { isSuccess } from '../../machine/halt.ts';
import { MessageKind } from '../../machine/message.ts';
import { type Address, addressToHex } from '../../primitives/address.ts';
import { concatBytes, EMPTY_BYTES, toBytes32 } from '../../primitives/bytes.ts';
import { EMPTY_CODE_HASH } from '../../primitives/keccak.ts';
import type { OverlayState } from '../../state/overlay.ts';
import { World } from '../../state/world.ts';
import { SYSTEM_ADDRESS, SYSTEM_GAS } from '../system-call.ts';
import type { Withdrawal } from './block.ts';
import type { Header } from './header.ts';
import { type InvalidBlock, invalidBlock } from './reasons.ts';

const GWEI = 10n ** 9n;

/** A block in the making: the machine of system calls and its environment, over a state that takes the changes. */
export interface SystemSurroundings extends Surroundings {
  readonly state: OverlayState;
}

const hasCode = (state: OverlayState, address: Address): boolean =>
  (state.account(address)?.codeHash ?? EMPTY_CODE_HASH) !== EMPTY_CODE_HASH;

/** Calls a contract in the name of the system, for which nobody pays, and keeps its changes if it succeeds. */
function callAsSystem(around: SystemSurroundings, address: Address, input: Uint8Array): MessageResult {
  const { state, machine } = around;
  const context = openContext(around, { origin: SYSTEM_ADDRESS, gasPrice: 0n, blobHashes: [] });
  const { world } = context.host;
  world.warmAccount(address);
  const result = runMessage(context, {
    kind: MessageKind.Call,
    caller: SYSTEM_ADDRESS,
    address,
    codeAddress: address,
    value: 0n,
    input,
    gas: SYSTEM_GAS,
    isStatic: false,
    depth: 0,
    outputOffset: 0,
    outputSize: 0,
  });
  if (isSuccess(result.halt)) state.apply(world.diff(machine.rules.clearEmptyAccounts));
  return result;
}

/** Tells contracts of the parent, before the first transaction. A contract that is not there or fails is passed over. */
export function tellOfParent(around: SystemSurroundings, header: Header): void {
  const { beaconRootContract, historyContract } = around.machine.rules;
  const tell = (contract: Address, word: bigint): void => {
    if (hasCode(around.state, contract)) callAsSystem(around, contract, toBytes32(word));
  };
  if (beaconRootContract !== 0n) tell(beaconRootContract, header.parentBeaconRoot!);
  if (historyContract !== 0n) tell(historyContract, header.parentHash);
}

/** Asks contracts for their requests, after the last transaction. Here, one that is not there makes the block invalid. */
export function askForRequests(around: SystemSurroundings): Uint8Array[] | InvalidBlock {
  const requests: Uint8Array[] = [];
  for (const { address, type } of around.machine.rules.requestContracts) {
    if (!hasCode(around.state, address)) return invalidBlock('SYSTEM_CONTRACT_EMPTY', addressToHex(address));
    const { halt, output } = callAsSystem(around, address, EMPTY_BYTES);
    if (!isSuccess(halt)) return invalidBlock('SYSTEM_CONTRACT_CALL_FAILED', addressToHex(address));
    if (output.length > 0) requests.push(concatBytes(Uint8Array.of(type), output));
  }
  return requests;
}

/** Makes changes of balances. */
function pay(state: OverlayState, rules: Rules, change: (world: World) => void): void {
  const world = new World(state);
  change(world);
  state.apply(world.diff(rules.clearEmptyAccounts));
}

const UNCLE_DEPTH = 8n;
const NEPHEW_QUOTIENT = 32n;

/** Rewards of the miner and of the miners of uncles (Yellow Paper, section 11.3). */
export function payRewards(
  state: OverlayState,
  rules: Rules,
  header: Header,
  uncles: readonly Header[],
): void {
  const { blockReward } = rules;
  if (!rules.proofOfWork) return;
  pay(state, rules, (world) => {
    for (const { coinbase, number } of uncles) {
      world.addBalance(coinbase, ((UNCLE_DEPTH + number - header.number) * blockReward) / UNCLE_DEPTH);
    }
    world.addBalance(header.coinbase, blockReward + BigInt(uncles.length) * (blockReward / NEPHEW_QUOTIENT));
  });
}

/** EIP-4895. */
export const payWithdrawals = (state: OverlayState, rules: Rules, withdrawals: readonly Withdrawal[]): void =>
  pay(state, rules, (world) => {
    for (const { address, amount } of withdrawals) world.addBalance(address, amount * GWEI);
  });

/** EIP-779. */
export const refundDao = (state: OverlayState, rules: Rules): void =>
  pay(state, rules, (world) => {
    for (const address of DAO_ACCOUNTS) {
      const { balance } = world.account(address);
      if (balance === 0n) continue;
      world.subBalance(address, balance);
      world.addBalance(DAO_REFUND_CONTRACT, balance);
    }
  });
