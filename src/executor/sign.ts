/** `signTransaction`: a transaction in the words of `transact`, signed for the wire. */

import { nobleCrypto } from '../../precompiles/crypto.ts';
import { LATEST_FORK } from '../forks/fork.ts';
import { rulesOf } from '../forks/rules.ts';
import { addressToHex } from '../primitives/address.ts';
import { bytesToBigInt, bytesToHex, type Hex } from '../primitives/bytes.ts';
import { type BytesInput, toBytes } from '../primitives/input.ts';
import { SECP256K1_ORDER } from '../primitives/secp256k1.ts';
import { DEFAULT_BLOCK } from './default-block.ts';
import { demand, isObject, prepare, type TransactionRequest } from './request.ts';
import { signTransaction as sign } from './sender.ts';
import { encodeTransaction } from './transaction.ts';

/** A transaction as `transact` takes it; what would depend on a state or a block has to be given. */
export interface SignRequest extends Omit<TransactionRequest, 'from'> {
  readonly chainId: NonNullable<TransactionRequest['chainId']>;
  readonly nonce: NonNullable<TransactionRequest['nonce']>;
  readonly gas: NonNullable<TransactionRequest['gas']>;
}

function keyOf(secretKey: BytesInput): Uint8Array {
  const key = toBytes(secretKey, 'secretKey');
  const number = key.length === 32 ? bytesToBigInt(key) : 0n;
  demand(number > 0n && number < SECP256K1_ORDER, 'secretKey', '32 bytes, a number in [1, n) of secp256k1');
  return key;
}

/**
 * The address of the account that a secret key signs for, 20 bytes.
 * @param secretKey 32 bytes
 * @throws ErbiumError INVALID_ARGUMENT or INVALID_HEX naming `secretKey`
 */
export const secretToAddress = (secretKey: BytesInput): Hex =>
  addressToHex(nobleCrypto.secretToAddress(keyOf(secretKey)));

/**
 * Signs deterministically (RFC 6979).
 * @param secretKey 32 bytes
 * @returns the wire encoding, as `transact` and `eth_sendRawTransaction` take it
 * @throws ErbiumError naming the field
 */
export function signTransaction(request: SignRequest, secretKey: BytesInput): Hex {
  const key = keyOf(secretKey);
  demand(isObject(request), 'transaction', 'an object');
  for (const name of ['chainId', 'nonce', 'gas'] as const) {
    demand((request[name] ?? null) !== null, name, 'a value, since a signature commits to it');
  }
  const isPriced = request.gasPrice !== undefined || request.maxFeePerGas !== undefined;
  demand(isPriced, 'maxFeePerGas', 'a value, or gasPrice, since a signature commits to it');
  const isBlob = request.blobVersionedHashes !== undefined;
  demand(
    !isBlob || request.maxFeePerBlobGas !== undefined,
    'maxFeePerBlobGas',
    'a value, since a signature commits to it',
  );
  const { tx } = prepare({ ...request, from: 0n }, rulesOf(LATEST_FORK), DEFAULT_BLOCK);
  return bytesToHex(encodeTransaction(sign(tx, key, nobleCrypto)));
}
