/** Door: blocks, their headers and receipts, and chains that execute and build them. */

export { DAO_ACCOUNTS, DAO_EXTRA_DATA, DAO_REFUND_CONTRACT } from '../../forks/dao.ts';
export {
  type Activation,
  MAINNET,
  MAINNET_DAO_BLOCK,
  type RulesAt,
  scheduleOf,
} from '../../forks/schedule.ts';
export { type Block, encodeBlock, type Withdrawal } from './block.ts';
export type { BlockTemplate } from './build.ts';
export { type BuiltBlock, type Chain, type ChainOptions, createChain } from './chain.ts';
export { type GenesisInput, genesisHeader } from './genesis.ts';
export { type Header, hashHeader } from './header.ts';
export {
  BLOCK_REASONS,
  type BlockReason,
  describeInvalidBlock,
  type InvalidBlock,
  isInvalidBlock,
} from './reasons.ts';
export { encodeReceipt, type Receipt } from './receipts.ts';
export type { BlockResult, Commitments } from './run-body.ts';
export type { BlockState } from './state-root.ts';
