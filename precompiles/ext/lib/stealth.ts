/**
 * Stealth addresses of ERC-5564, scheme 1: secp256k1 with view tags.
 *
 * Whoever pays draws an ephemeral key and shares a point with the recipient's viewing key; its hash, added to the
 * recipient's spending key, gives an address that only the recipient can find and spend from.
 *
 * The time taken depends on the secrets: the library's guarded products draw randomness, which an operation of the
 * machine must not, and take twice as long. All this is for local use, where nobody else holds the clock.
 */

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToBigInt, equalBytes, toBytes32 } from '../../../src/primitives/bytes.ts';
import { keccak256 } from '../../../src/primitives/keccak.ts';
import { SECP256K1_ORDER } from '../../../src/primitives/secp256k1.ts';

type CurvePoint = InstanceType<typeof secp256k1.Point>;

const KEY_LENGTH = 32;
const POINT_LENGTH = 33;

/** What the sender publishes of a payment (ERC-5564, Announcement). */
export interface StealthPayment {
  /** 20 bytes. */
  readonly address: Uint8Array;
  /** 33 bytes. */
  readonly ephemeralPublicKey: Uint8Array;
  /** First byte of the hash of the shared point. */
  readonly viewTag: number;
}

/** A secret key in [1, order), or null. */
function readSecret(bytes: Uint8Array): bigint | null {
  if (bytes.length !== KEY_LENGTH) return null;
  const secret = bytesToBigInt(bytes);
  return secret > 0n && secret < SECP256K1_ORDER ? secret : null;
}

/** The point of 33 compressed bytes, or null. */
function readPoint(bytes: Uint8Array): CurvePoint | null {
  if (bytes.length !== POINT_LENGTH) return null;
  try {
    return secp256k1.Point.fromBytes(bytes);
  } catch {
    // Wrong prefix, x not below the modulus, or no point with this x.
    return null;
  }
}

const sharedHash = (point: CurvePoint, secret: bigint): Uint8Array =>
  keccak256(point.multiplyUnsafe(secret).toBytes(true));

/** Address, 20 bytes, of the spending key moved by the hash; null at infinity or where the hash is 0. */
function movedAddress(spendPoint: CurvePoint, hash: Uint8Array): Uint8Array | null {
  const scalar = bytesToBigInt(hash) % SECP256K1_ORDER;
  if (scalar === 0n) return null;
  const moved = spendPoint.add(secp256k1.Point.BASE.multiplyUnsafe(scalar));
  return moved.is0() ? null : keccak256(moved.toBytes(false), 1).slice(12);
}

/**
 * A payment to a recipient; the same ephemeral key always gives the same one. Null when a key is invalid, or with a
 * chance of 2^-256, when this ephemeral key gives no address.
 * @param spendPublicKey 33 bytes, compressed
 * @param viewPublicKey 33 bytes, compressed
 * @param ephemeralKey 32 bytes of a secret key, to be drawn anew for every payment
 */
export function generateStealthAddress(
  spendPublicKey: Uint8Array,
  viewPublicKey: Uint8Array,
  ephemeralKey: Uint8Array,
): StealthPayment | null {
  const spend = readPoint(spendPublicKey);
  const view = readPoint(viewPublicKey);
  const ephemeral = readSecret(ephemeralKey);
  if (spend === null || view === null || ephemeral === null) return null;
  const hash = sharedHash(view, ephemeral);
  const address = movedAddress(spend, hash);
  if (address === null) return null;
  return {
    address,
    ephemeralPublicKey: secp256k1.Point.BASE.multiplyUnsafe(ephemeral).toBytes(true),
    viewTag: hash[0]!,
  };
}

/**
 * Whether a payment is to the owner of these keys. Null when the owner's own keys are invalid; what is wrong with the
 * payment, which anyone can publish, only makes it no payment.
 * @param viewKey 32 bytes of a secret key
 * @param spendPublicKey 33 bytes, compressed
 */
export function isStealthPaymentTo(
  viewKey: Uint8Array,
  spendPublicKey: Uint8Array,
  payment: StealthPayment,
): boolean | null {
  const view = readSecret(viewKey);
  const spend = readPoint(spendPublicKey);
  if (view === null || spend === null) return null;
  const ephemeral = readPoint(payment.ephemeralPublicKey);
  if (ephemeral === null) return false;
  const hash = sharedHash(ephemeral, view);
  if (hash[0] !== payment.viewTag) return false;
  const address = movedAddress(spend, hash);
  return address !== null && equalBytes(address, payment.address);
}

/**
 * The secret key, 32 bytes, of the address of a payment; null when a key is invalid or there is no such key.
 * @param spendKey 32 bytes of a secret key
 * @param viewKey 32 bytes of a secret key
 * @param ephemeralPublicKey 33 bytes, compressed
 */
export function stealthPrivateKey(
  spendKey: Uint8Array,
  viewKey: Uint8Array,
  ephemeralPublicKey: Uint8Array,
): Uint8Array | null {
  const spend = readSecret(spendKey);
  const view = readSecret(viewKey);
  const ephemeral = readPoint(ephemeralPublicKey);
  if (spend === null || view === null || ephemeral === null) return null;
  const key = (spend + bytesToBigInt(sharedHash(ephemeral, view))) % SECP256K1_ORDER;
  return key === 0n ? null : toBytes32(key);
}
