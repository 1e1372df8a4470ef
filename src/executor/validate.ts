/**
 * The validity rules of a transaction, one function per group, composed by `validateTransaction`. Nothing is
 * changed here.
 */

import type { Rules } from '../forks/rules.ts';
import { isDelegation } from '../machine/code.ts';
import type { BlockEnv } from '../machine/host.ts';
import { type Address, addressToHex } from '../primitives/address.ts';
import { toHex32 } from '../primitives/bytes.ts';
import { MAX_U64, MAX_U256 } from '../primitives/u256.ts';
import type { World } from '../state/world.ts';
import { blobGas, intrinsicGas } from './intrinsic.ts';
import { type Invalid, type InvalidReason, invalid } from './reasons.ts';
import { TxType, type UnsignedTransaction } from './transaction.ts';

const BLOB_HASH_VERSION = 0x01n;

type Verdict = Invalid | null;

/** Rules that a simulation may do without. A rule holds where its field is true. */
export interface Checks {
  /** The sender can pay for gas and value. Without it, the sender is given what it lacks. */
  readonly balance: boolean;
  /** The nonce is the sender's. Without it, any nonce counts as the sender's. */
  readonly nonce: boolean;
  /** The fee covers the base fee. Without it, the coinbase gets nothing where the price is below the base fee. */
  readonly baseFee: boolean;
  /** The gas limit fits the block. */
  readonly blockGasLimit: boolean;
  /** The sender is no contract (EIP-3607). */
  readonly senderCode: boolean;
}

/** Consensus. */
export const ALL_CHECKS: Checks = Object.freeze({
  balance: true,
  nonce: true,
  baseFee: true,
  blockGasLimit: true,
  senderCode: true,
});

/** The type exists in this fork, and its chain is ours. */
function checkType(tx: UnsignedTransaction, rules: Rules, block: BlockEnv): Verdict {
  if (!rules.txTypes.includes(tx.type)) {
    return invalid(`TYPE_${tx.type}_TX_PRE_FORK` as InvalidReason, `type ${tx.type} in ${rules.fork}`);
  }
  if (tx.chainId !== null && tx.chainId !== block.chainId) {
    return invalid('INVALID_CHAINID', `chain ${tx.chainId}, not ${block.chainId}`);
  }
  return null;
}

/** Gas limit against intrinsic cost, block and transaction; size of init code. */
function checkGas(tx: UnsignedTransaction, rules: Rules, block: BlockEnv, checks: Checks): Verdict {
  if (tx.gasLimit > rules.maxTxGas) {
    return invalid('GAS_LIMIT_EXCEEDS_MAXIMUM', `${tx.gasLimit} above ${rules.maxTxGas}`);
  }
  if (checks.blockGasLimit && tx.gasLimit > block.gasLimit) {
    return invalid('GAS_ALLOWANCE_EXCEEDED', `${tx.gasLimit} above ${block.gasLimit}`);
  }
  if (tx.to === null && tx.data.length > rules.maxInitCodeSize) {
    return invalid('INITCODE_SIZE_EXCEEDED', `${tx.data.length} bytes above ${rules.maxInitCodeSize}`);
  }
  const { gas, floor } = intrinsicGas(tx, rules);
  if (tx.gasLimit < gas) return invalid('INTRINSIC_GAS_TOO_LOW', `${tx.gasLimit} below ${gas}`);
  if (tx.gasLimit < floor) {
    return invalid('INTRINSIC_GAS_BELOW_FLOOR_GAS_COST', `${tx.gasLimit} below ${floor}`);
  }
  return null;
}

function checkFees(tx: UnsignedTransaction, block: BlockEnv, checks: Checks): Verdict {
  if (tx.maxPriorityFeePerGas > tx.maxFeePerGas) {
    return invalid(
      'PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS',
      `${tx.maxPriorityFeePerGas} above ${tx.maxFeePerGas}`,
    );
  }
  if (checks.baseFee && tx.maxFeePerGas < block.baseFee) {
    return invalid('INSUFFICIENT_MAX_FEE_PER_GAS', `${tx.maxFeePerGas} below ${block.baseFee}`);
  }
  return null;
}

/** EIP-4844, EIP-7594. */
function checkBlobs(tx: UnsignedTransaction, rules: Rules, block: BlockEnv): Verdict {
  if (tx.type !== TxType.Blob) return null;
  const count = tx.blobHashes.length;
  if (tx.to === null) return invalid('TYPE_3_TX_CONTRACT_CREATION', 'to is empty');
  if (count === 0) return invalid('TYPE_3_TX_ZERO_BLOBS', 'blobVersionedHashes is empty');
  const max = rules.blobs?.max ?? 0;
  if (count > max) return invalid('TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED', `${count} above ${max}`);
  if (count > rules.maxTxBlobs) {
    return invalid('TYPE_3_TX_BLOB_COUNT_EXCEEDED', `${count} above ${rules.maxTxBlobs}`);
  }
  for (const hash of tx.blobHashes) {
    if (hash >> 248n !== BLOB_HASH_VERSION) {
      return invalid('TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH', toHex32(hash));
    }
  }
  if (tx.maxFeePerBlobGas < block.blobBaseFee) {
    return invalid('INSUFFICIENT_MAX_FEE_PER_BLOB_GAS', `${tx.maxFeePerBlobGas} below ${block.blobBaseFee}`);
  }
  return null;
}

/** EIP-7702. */
function checkAuthorizations(tx: UnsignedTransaction): Verdict {
  if (tx.type !== TxType.SetCode) return null;
  if (tx.to === null) return invalid('TYPE_4_TX_CONTRACT_CREATION', 'to is empty');
  if (tx.authorizations.length === 0) {
    return invalid('TYPE_4_EMPTY_AUTHORIZATION_LIST', 'authorizationList is empty');
  }
  return null;
}

/** Wei that the sender must have. */
export const mostSpent = (tx: UnsignedTransaction): bigint =>
  tx.gasLimit * tx.maxFeePerGas + blobGas(tx) * tx.maxFeePerBlobGas + tx.value;

/** Nonce, code and balance of the sender (EIP-2681, EIP-3607). */
function checkSender(
  tx: UnsignedTransaction,
  sender: Address,
  rules: Rules,
  world: World,
  checks: Checks,
): Verdict {
  const account = world.account(sender);
  const nonce = checks.nonce ? tx.nonce : account.nonce;
  if (nonce === MAX_U64) return invalid('NONCE_IS_MAX', `nonce ${nonce}`);
  if (checks.nonce && tx.nonce !== account.nonce) {
    const reason = tx.nonce < account.nonce ? 'NONCE_MISMATCH_TOO_LOW' : 'NONCE_MISMATCH_TOO_HIGH';
    return invalid(reason, `nonce ${tx.nonce}, sender's is ${account.nonce}`);
  }
  const code = world.code(account);
  if (checks.senderCode && code.length > 0 && !(rules.delegation && isDelegation(code))) {
    return invalid('SENDER_NOT_EOA', `${addressToHex(sender)} has ${code.length} bytes of code`);
  }
  const gasCost = tx.gasLimit * tx.maxFeePerGas;
  if (gasCost > MAX_U256) return invalid('GASLIMIT_PRICE_PRODUCT_OVERFLOW', `${gasCost}`);
  const most = mostSpent(tx);
  if (checks.balance && account.balance < most) {
    return invalid('INSUFFICIENT_ACCOUNT_FUNDS', `balance ${account.balance} below ${most}`);
  }
  return null;
}

/** The first rule that the transaction breaks, or null. */
export function validateTransaction(
  tx: UnsignedTransaction,
  sender: Address,
  rules: Rules,
  block: BlockEnv,
  world: World,
  checks: Checks,
): Verdict {
  return (
    checkType(tx, rules, block) ??
    checkAuthorizations(tx) ??
    checkBlobs(tx, rules, block) ??
    checkFees(tx, block, checks) ??
    checkGas(tx, rules, block, checks) ??
    checkSender(tx, sender, rules, world, checks)
  );
}
