/** The first block of a chain, which follows from a state and nothing else. */

import type { Rules } from '../../forks/rules.ts';
import { bytesToBigInt, demandBytes, EMPTY_BYTES } from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { EMPTY_TRIE_ROOT, EMPTY_UNCLES_HASH } from './empty.ts';
import { INITIAL_BASE_FEE } from './fees.ts';
import type { Header } from './header.ts';
import { BLOOM_BYTES } from './receipts.ts';

/** What the maker of a chain chooses; zeros by default, 30 million gas, and for the base fee 1 gwei. */
export type GenesisInput = Partial<
  Pick<
    Header,
    | 'coinbase'
    | 'difficulty'
    | 'gasLimit'
    | 'timestamp'
    | 'extraData'
    | 'mixHash'
    | 'nonce'
    | 'baseFee'
    | 'excessBlobGas'
  >
>;

const ROOT_BYTES = 32;
const GAS_LIMIT = 30_000_000n;
/** sha256 of nothing, which stands for no requests (EIP-7685). */
const NO_REQUESTS_HASH = 0xe3b0_c442_98fc_1c14_9afb_f4c8_996f_b924_27ae_41e4_649b_934c_a495_991b_7852_b855n;

/**
 * The header of a first block.
 * @param stateRoot 32 bytes
 * @throws ErbiumError INVALID_ARGUMENT where the root has another length
 */
export function genesisHeader(rules: Rules, stateRoot: Uint8Array, input: GenesisInput = {}): Header {
  demandBytes(stateRoot, 'stateRoot');
  if (stateRoot.length !== ROOT_BYTES) {
    throw new ErbiumError('INVALID_ARGUMENT', `stateRoot: expected 32 bytes, got ${stateRoot.length}`);
  }
  return {
    parentHash: 0n,
    unclesHash: EMPTY_UNCLES_HASH,
    coinbase: 0n,
    stateRoot: bytesToBigInt(stateRoot),
    transactionsRoot: EMPTY_TRIE_ROOT,
    receiptsRoot: EMPTY_TRIE_ROOT,
    logsBloom: new Uint8Array(BLOOM_BYTES),
    difficulty: 0n,
    number: 0n,
    gasLimit: GAS_LIMIT,
    gasUsed: 0n,
    timestamp: 0n,
    extraData: EMPTY_BYTES,
    mixHash: 0n,
    nonce: 0n,
    withdrawalsRoot: rules.withdrawals ? EMPTY_TRIE_ROOT : null,
    blobGasUsed: rules.blobs === null ? null : 0n,
    parentBeaconRoot: rules.beaconRootContract === 0n ? null : 0n,
    requestsHash: rules.requests ? NO_REQUESTS_HASH : null,
    ...input,
    baseFee: rules.baseFee ? (input.baseFee ?? INITIAL_BASE_FEE) : null,
    excessBlobGas: rules.blobs === null ? null : (input.excessBlobGas ?? 0n),
  };
}
