/** Valid inputs of STEALTH_ADDRESS and STEALTH_SCAN. */

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { stealthAddress } from '../../../../precompiles/ext/e10c-stealth-address.ts';
import { stealthScan } from '../../../../precompiles/ext/e10d-stealth-scan.ts';
import { generateStealthAddress, type StealthPayment } from '../../../../precompiles/ext/lib/stealth.ts';
import { concatBytes, toBytes32 } from '../../../../src/primitives/bytes.ts';
import { keccak256 } from '../../../../src/primitives/keccak.ts';
import type { Sample } from './sample.ts';

/** The keys of a recipient. */
export interface StealthKeys {
  readonly spendKey: Uint8Array;
  readonly viewKey: Uint8Array;
  readonly spendPublicKey: Uint8Array;
  readonly viewPublicKey: Uint8Array;
}

export const publicKeyOf = (secret: Uint8Array): Uint8Array => secp256k1.getPublicKey(secret, true);

export function stealthKeys(spend: bigint, view: bigint): StealthKeys {
  const spendKey = toBytes32(spend);
  const viewKey = toBytes32(view);
  return { spendKey, viewKey, spendPublicKey: publicKeyOf(spendKey), viewPublicKey: publicKeyOf(viewKey) };
}

/** Input of STEALTH_SCAN. */
export const scanInput = (keys: StealthKeys, payment: StealthPayment): Uint8Array =>
  concatBytes(
    keys.viewKey,
    keys.spendPublicKey,
    payment.ephemeralPublicKey,
    Uint8Array.of(payment.viewTag),
    payment.address,
  );

/** Any secret key, the same for the same name. */
export const namedSecret = (name: string): Uint8Array => {
  const secret = keccak256(new TextEncoder().encode(name));
  secret[0]! &= 0x7f;
  return secret;
};

const word = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

export function samples(): Sample[] {
  const keys = stealthKeys(word(namedSecret('spend')), word(namedSecret('view')));
  const ephemeral = namedSecret('ephemeral');
  const payment = generateStealthAddress(keys.spendPublicKey, keys.viewPublicKey, ephemeral)!;
  return [
    {
      row: stealthAddress,
      label: '',
      input: concatBytes(keys.spendPublicKey, keys.viewPublicKey, ephemeral),
    },
    { row: stealthScan, label: 'own', input: scanInput(keys, payment) },
  ];
}
