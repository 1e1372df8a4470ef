/** Small chains made in the test: a rich sender, its transfers, and the blocks that hold them. */

import {
  type Block,
  type BlockResult,
  type BlockTemplate,
  type Chain,
  type ChainOptions,
  createChain,
  describeInvalidBlock,
  genesisHeader,
  type Header,
  type InvalidBlock,
  isInvalidBlock,
} from '../../../src/executor/block/index.ts';
import { encodeTransaction, TxType, type UnsignedTransaction } from '../../../src/executor/transaction.ts';
import { type ForkName, rulesOf } from '../../../src/index.ts';
import { type AccountInput, MemoryState } from '../../../src/state/readers/memory.ts';
import { ETHER, SENDER, signed } from '../../helpers/transact.ts';

export const COINBASE = 0xc0n;
export const GWEI = 10n ** 9n;

/** Each asks the system for nothing: code that stops. */
const STOP = { nonce: 1n, code: Uint8Array.of(0) };
export const withRequestContracts = (fork: ForkName): [bigint, AccountInput][] =>
  rulesOf(fork).requestContracts.map(({ address }) => [address, STOP]);

export interface TestChain {
  readonly chain: Chain;
  readonly state: MemoryState;
  readonly genesis: Header;
}

/** A chain with its first block, whose state has a rich sender. */
export function start(
  options: ChainOptions,
  accounts: Iterable<readonly [bigint, AccountInput]> = [],
): TestChain {
  const chain = createChain({ engine: 'bigint', ...options });
  const state = new MemoryState();
  state.put(SENDER, { balance: 1_000n * ETHER });
  for (const [address, account] of accounts) state.put(address, account);
  const rules = chain.rulesAt(0n, 0n);
  const difficulty = rules.proofOfWork ? 131_072n : 0n;
  const genesis = genesisHeader(rules, state.root(), { difficulty });
  return { chain, state, genesis };
}

export const startAt = (
  fork: ForkName,
  accounts: Iterable<readonly [bigint, AccountInput]> = [],
): TestChain => start({ fork }, [...withRequestContracts(fork), ...accounts]);

/** A transfer, legacy and without a chain id so that every fork has it. */
export const transfer = (nonce: bigint, fields: Partial<UnsignedTransaction> = {}): Uint8Array =>
  encodeTransaction(
    signed({
      type: TxType.Legacy,
      chainId: null,
      nonce,
      gasLimit: 100_000n,
      maxFeePerGas: 2n * GWEI,
      value: 5n,
      ...fields,
    }),
  );

export const template = (fields: Partial<BlockTemplate> = {}): BlockTemplate => ({
  timestamp: 12n,
  coinbase: COINBASE,
  ...fields,
});

/** @throws where it is an invalid block */
export function valid<T extends object>(value: T | InvalidBlock): T {
  if (isInvalidBlock(value)) throw new Error(`${value.invalid}: ${describeInvalidBlock(value)}`);
  return value;
}

/** Builds a block, runs it as others would, and makes its changes. */
export function extend(
  { chain, state }: TestChain,
  parent: Header,
  fields: BlockTemplate,
  ancestors: readonly Block[] = [],
): { block: Block; result: BlockResult } {
  const { block, result } = valid(chain.buildBlock(state, parent, fields));
  valid(chain.executeBlock(state, block, parent, ancestors));
  state.apply(result.diff);
  return { block, result };
}
