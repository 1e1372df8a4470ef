/** Signatures of transactions and authorizations (Yellow Paper, appendix F; EIP-2, EIP-155, EIP-7702). */

import type { Crypto } from '../../precompiles/crypto.ts';
import type { Rules } from '../forks/rules.ts';
import type { Address } from '../primitives/address.ts';
import { SECP256K1_ORDER } from '../primitives/secp256k1.ts';
import { type Invalid, invalid } from './reasons.ts';
import {
  type Authorization,
  authorizationHash,
  signingHash,
  type Transaction,
  TxType,
  type UnsignedTransaction,
} from './transaction.ts';

const HALF_ORDER = SECP256K1_ORDER / 2n;

/** The address that signed, or why there is none. */
export function recoverSender(tx: Transaction, rules: Rules, crypto: Crypto): { sender: Address } | Invalid {
  if (rules.lowSRequired && tx.s > HALF_ORDER) {
    return invalid('INVALID_SIGNATURE_VRS', 's is in the upper half of the group order');
  }
  if (tx.type === TxType.Legacy && tx.chainId !== null && !rules.replayProtection) {
    return invalid('INVALID_SIGNATURE_VRS', 'v commits to a chain id, which this fork does not know');
  }
  const sender = crypto.recoverAddress(signingHash(tx), tx.yParity, tx.r, tx.s);
  if (sender === null) return invalid('INVALID_SIGNATURE_VRS', 'no key signs so');
  return { sender };
}

/** Signs with a 32-byte secret key, deterministically (RFC 6979). */
export function signTransaction(tx: UnsignedTransaction, secretKey: Uint8Array, crypto: Crypto): Transaction {
  return { ...tx, ...crypto.sign(signingHash(tx), secretKey) };
}

/** The account that authorizes, or null for a signature that counts for nothing. */
export function recoverAuthority(authorization: Authorization, crypto: Crypto): Address | null {
  const { yParity, r, s } = authorization;
  if (yParity > 1n || s > HALF_ORDER) return null;
  return crypto.recoverAddress(authorizationHash(authorization), yParity === 0n ? 0 : 1, r, s);
}
