/** STEALTH_ADDRESS and STEALTH_SCAN: another way to the same address, who finds it, and what they refuse. */

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stealthAddress } from '../../../precompiles/ext/e10c-stealth-address.ts';
import { stealthScan } from '../../../precompiles/ext/e10d-stealth-scan.ts';
import {
  generateStealthAddress,
  isStealthPaymentTo,
  type StealthPayment,
  stealthPrivateKey,
} from '../../../precompiles/ext/lib/stealth.ts';
import { nobleCrypto } from '../../../precompiles/index.ts';
import {
  bytesToBigInt,
  bytesToHexDigits,
  concatBytes,
  hexToBytes,
  toBytes20,
  toBytes32,
} from '../../../src/primitives/bytes.ts';
import { OSAKA } from '../support.ts';
import { publicKeyOf, scanInput, stealthKeys } from './samples/stealth.ts';

const { Point } = secp256k1;
const ORDER = Point.Fn.ORDER;
const FIELD = Point.Fp.ORDER;
const YES = toBytes32(1n);
const NO = new Uint8Array(32);

const generate = (input: Uint8Array): Uint8Array | null => stealthAddress.run(input, nobleCrypto, OSAKA);
const scan = (input: Uint8Array): Uint8Array | null => stealthScan.run(input, nobleCrypto, OSAKA);
const addressOf = (secret: Uint8Array): Uint8Array => toBytes20(nobleCrypto.secretToAddress(secret));

const RECIPIENT = stealthKeys(0x1234_5678n ** 7n, 0x9abc_def0n ** 7n);
const EPHEMERAL = toBytes32(0xfedc_ba98n ** 7n);
const INPUT = concatBytes(RECIPIENT.spendPublicKey, RECIPIENT.viewPublicKey, EPHEMERAL);

/** What the bytes that STEALTH_ADDRESS gives say. */
const paymentOf = (output: Uint8Array): StealthPayment => ({
  address: output.slice(0, 20),
  ephemeralPublicKey: output.slice(20, 53),
  viewTag: output[53]!,
});
const PAYMENT = paymentOf(generate(INPUT)!);
const ANNOUNCEMENT = scanInput(RECIPIENT, PAYMENT);

const put = (input: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array => {
  const changed = input.slice();
  changed.set(bytes, offset);
  return changed;
};

/** A point whose logarithm nobody knows: x = 1 is on the curve. */
const UNIT = concatBytes(Uint8Array.of(2), toBytes32(1n));

/** 33 bytes that are no compressed point. */
const NO_POINTS: readonly [what: string, bytes: Uint8Array][] = [
  ['the prefix 0', put(UNIT, 0, Uint8Array.of(0))],
  ['the prefix 1', put(UNIT, 0, Uint8Array.of(1))],
  ['the prefix 4', put(UNIT, 0, Uint8Array.of(4))],
  ['only zeros', new Uint8Array(33)],
  ['x on no point', concatBytes(Uint8Array.of(2), toBytes32(5n))],
  ['x the modulus', concatBytes(Uint8Array.of(2), toBytes32(FIELD))],
  ['x above the modulus', concatBytes(Uint8Array.of(2), toBytes32(FIELD + 1n))],
  ['x all ones', concatBytes(Uint8Array.of(2), new Uint8Array(32).fill(255))],
];
const NO_SECRETS = [0n, ORDER, ORDER + 1n, 2n ** 256n - 1n];

describe('the keys 1, 2 and 3', () => {
  // The shared point is 6 G. An implementation in Rust on k256 (mpp-rs, vectors.json) gives the same.
  const keys = stealthKeys(1n, 2n);
  const output = generate(concatBytes(keys.spendPublicKey, keys.viewPublicKey, toBytes32(3n)))!;

  it('give the published address, key and tag', () => {
    expect(bytesToHexDigits(output)).toBe(
      `7f7d3bae345ae700dcda65d1b1f98f43835a17c4${bytesToHexDigits(publicKeyOf(toBytes32(3n)))}cd`,
    );
    expect(scan(scanInput(keys, paymentOf(output)))).toEqual(YES);
  });

  it('give the published secret key', () => {
    const key = stealthPrivateKey(keys.spendKey, keys.viewKey, publicKeyOf(toBytes32(3n)))!;
    expect(bytesToHexDigits(key)).toBe('cd36b55d26196fc0b96312b01dd978fc5e380c8afeab49aae283f0ca6a814ff5');
  });
});

describe('keys of any recipient and sender', () => {
  const secret = fc.bigInt({ min: 1n, max: ORDER - 1n });

  it('give the address that the sum of secrets has, to the recipient and nobody else', () => {
    fc.assert(
      fc.property(secret, secret, secret, (spend, view, ephemeral) => {
        const keys = stealthKeys(spend, view);
        const ephemeralKey = toBytes32(ephemeral);
        const output = generate(concatBytes(keys.spendPublicKey, keys.viewPublicKey, ephemeralKey))!;
        expect(output).toHaveLength(54);
        const payment = paymentOf(output);

        // The recipient's way, through the library's exchange of keys and the sum of secrets.
        const hash = keccak_256(secp256k1.getSharedSecret(keys.viewKey, publicKeyOf(ephemeralKey), true));
        const sum = (spend + bytesToBigInt(hash)) % ORDER;
        expect(payment.address).toEqual(addressOf(toBytes32(sum)));
        expect(payment.ephemeralPublicKey).toEqual(publicKeyOf(ephemeralKey));
        expect(payment.viewTag).toBe(hash[0]);
        expect(stealthPrivateKey(keys.spendKey, keys.viewKey, payment.ephemeralPublicKey)).toEqual(
          toBytes32(sum),
        );

        expect(scan(scanInput(keys, payment))).toEqual(YES);
        const otherView = stealthKeys(spend, (view % (ORDER - 1n)) + 1n);
        const otherSpend = stealthKeys((spend % (ORDER - 1n)) + 1n, view);
        expect(scan(scanInput(otherView, payment))).toEqual(NO);
        expect(scan(scanInput(otherSpend, payment))).toEqual(NO);
      }),
      { numRuns: 15 },
    );
  });

  it('find exactly their own among many payments', () => {
    const recipients = [11n, 22n, 33n].map((key) => stealthKeys(key, key + 1n));
    const payments = [4n, 5n, 6n, 7n].flatMap((ephemeral) =>
      recipients.map((keys, owner) => ({
        owner,
        payment: generateStealthAddress(keys.spendPublicKey, keys.viewPublicKey, toBytes32(ephemeral))!,
      })),
    );
    for (const [i, keys] of recipients.entries()) {
      for (const { owner, payment } of payments) {
        expect(isStealthPaymentTo(keys.viewKey, keys.spendPublicKey, payment)).toBe(owner === i);
      }
    }
  });

  it('leave the input alone, and give fresh bytes', () => {
    for (const [run, input] of [
      [generate, INPUT],
      [scan, ANNOUNCEMENT],
    ] as const) {
      const memory = concatBytes(new Uint8Array(5), input, new Uint8Array(3));
      const before = memory.slice();
      const output = run(memory.subarray(5, memory.length - 3))!;
      expect(output).toEqual(run(input));
      expect(output.buffer).not.toBe(memory.buffer);
      expect(memory).toEqual(before);
    }
  });
});

describe('STEALTH_ADDRESS refuses', () => {
  it.each([0, 1, 97, 99, 196])('%d bytes', (length) => {
    const long = concatBytes(INPUT, INPUT);
    expect(generate(INPUT)).not.toBeNull();
    expect(generate(long.subarray(0, length))).toBeNull();
  });

  it.each(NO_POINTS)('a public key with %s', (_, bytes) => {
    expect(generate(put(INPUT, 0, UNIT))).not.toBeNull();
    expect(generate(put(INPUT, 33, UNIT))).not.toBeNull();
    expect(generate(put(INPUT, 0, bytes))).toBeNull();
    expect(generate(put(INPUT, 33, bytes))).toBeNull();
  });

  it.each(NO_SECRETS)('the ephemeral key %d', (key) => {
    expect(generate(put(INPUT, 66, toBytes32(key)))).toBeNull();
  });

  it('a spending key that the hash takes to infinity', () => {
    const hash = keccak_256(secp256k1.getSharedSecret(EPHEMERAL, RECIPIENT.viewPublicKey, true));
    const opposite = Point.BASE.multiply(bytesToBigInt(hash) % ORDER).negate();
    expect(generate(put(INPUT, 0, opposite.toBytes(true)))).toBeNull();
    expect(generate(put(INPUT, 0, opposite.negate().toBytes(true)))).not.toBeNull();

    const spendKey = toBytes32(ORDER - (bytesToBigInt(hash) % ORDER));
    expect(stealthPrivateKey(spendKey, RECIPIENT.viewKey, PAYMENT.ephemeralPublicKey)).toBeNull();
    // An address of infinity would be this one, so nothing may be found there either.
    const nowhere = { ...PAYMENT, address: keccak_256(new Uint8Array(64)).slice(12) };
    expect(scan(scanInput({ ...RECIPIENT, spendPublicKey: opposite.toBytes(true) }, nowhere))).toEqual(NO);
  });
});

describe('STEALTH_SCAN', () => {
  it.each([0, 1, 118, 120, 238])('refuses %d bytes', (length) => {
    expect(scan(ANNOUNCEMENT)).toEqual(YES);
    expect(scan(concatBytes(ANNOUNCEMENT, ANNOUNCEMENT).subarray(0, length))).toBeNull();
  });

  it.each(NO_SECRETS)('refuses the viewing key %d', (key) => {
    expect(scan(put(ANNOUNCEMENT, 0, toBytes32(key)))).toBeNull();
  });

  it.each(NO_POINTS)('refuses an own spending key with %s', (_, bytes) => {
    expect(scan(put(ANNOUNCEMENT, 32, UNIT))).toEqual(NO);
    expect(scan(put(ANNOUNCEMENT, 32, bytes))).toBeNull();
  });

  it.each(NO_POINTS)('answers 0 to an announced key with %s', (_, bytes) => {
    expect(scan(put(ANNOUNCEMENT, 65, bytes))).toEqual(NO);
  });

  it('answers 0 to every wrong tag', () => {
    for (let step = 1; step < 256; step++) {
      expect(scan(put(ANNOUNCEMENT, 98, Uint8Array.of((PAYMENT.viewTag + step) & 255)))).toEqual(NO);
    }
  });

  it('answers 0 to an address with any byte wrong', () => {
    for (let at = 99; at < 119; at++) {
      expect(scan(put(ANNOUNCEMENT, at, Uint8Array.of(ANNOUNCEMENT[at]! ^ 0x10)))).toEqual(NO);
    }
  });

  it('answers 0 to the announced key of the opposite sign with the tag and address of this one', () => {
    // The shared point then has the same x; all 33 bytes of it count.
    expect(scan(put(ANNOUNCEMENT, 65, Uint8Array.of(ANNOUNCEMENT[65]! ^ 1)))).toEqual(NO);
  });
});

describe('the library', () => {
  const { spendKey, viewKey } = RECIPIENT;

  it('gives the secret key of the address', () => {
    const key = stealthPrivateKey(spendKey, viewKey, PAYMENT.ephemeralPublicKey)!;
    expect(addressOf(key)).toEqual(PAYMENT.address);
  });

  it('gives no secret key for invalid keys', () => {
    for (const secret of [...NO_SECRETS.map(toBytes32), spendKey.subarray(1)]) {
      expect(stealthPrivateKey(secret, viewKey, PAYMENT.ephemeralPublicKey)).toBeNull();
      expect(stealthPrivateKey(spendKey, secret, PAYMENT.ephemeralPublicKey)).toBeNull();
    }
    for (const [, bytes] of NO_POINTS) expect(stealthPrivateKey(spendKey, viewKey, bytes)).toBeNull();
    const uncompressed = Point.fromBytes(PAYMENT.ephemeralPublicKey).toBytes(false);
    expect(stealthPrivateKey(spendKey, viewKey, uncompressed)).toBeNull();
    expect(stealthPrivateKey(spendKey, viewKey, hexToBytes(''))).toBeNull();
  });
});

describe('the prices', () => {
  it('are fixed', () => {
    for (const length of [0, 98, 119, 100_000]) {
      expect(stealthAddress.gas(new Uint8Array(length), OSAKA)).toBe(9_000);
      expect(stealthScan.gas(new Uint8Array(length), OSAKA)).toBe(7_000);
    }
  });
});
