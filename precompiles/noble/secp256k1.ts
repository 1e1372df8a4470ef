/** ECDSA over secp256k1: sender recovery, and signing for whoever makes transactions. */

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { type Address, toAddress } from '../../src/primitives/address.ts';
import { bytesToBigInt } from '../../src/primitives/bytes.ts';
import { keccakWord } from '../../src/primitives/keccak.ts';
import type { Signature } from '../crypto.ts';

const addressOfKey = (uncompressed: Uint8Array): Address => toAddress(keccakWord(uncompressed.subarray(1)));

export function recoverAddress(hash: Uint8Array, yParity: 0 | 1, r: bigint, s: bigint): Address | null {
  try {
    const key = new secp256k1.Signature(r, s, yParity).recoverPublicKey(hash);
    return addressOfKey(key.toBytes(false));
  } catch {
    return null;
  }
}

export function sign(hash: Uint8Array, secretKey: Uint8Array): Signature {
  const bytes = secp256k1.sign(hash, secretKey, { prehash: false, lowS: true, format: 'recovered' });
  return {
    r: bytesToBigInt(bytes.subarray(1, 33)),
    s: bytesToBigInt(bytes.subarray(33)),
    yParity: (bytes[0]! & 1) as 0 | 1,
  };
}

export const secretToAddress = (secretKey: Uint8Array): Address =>
  addressOfKey(secp256k1.getPublicKey(secretKey, false));
