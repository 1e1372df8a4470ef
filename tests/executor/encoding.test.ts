/** Transactions of all types against @ethereumjs/tx: bytes, hash, sender, and the way back. */

import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createTxFromRLP } from '@ethereumjs/tx';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nobleCrypto } from '../../precompiles/index.ts';
import { decodeTransaction } from '../../src/executor/decode.ts';
import { isInvalid } from '../../src/executor/reasons.ts';
import { recoverSender } from '../../src/executor/sender.ts';
import {
  encodeTransaction,
  signingHash,
  TxType,
  type UnsignedTransaction,
} from '../../src/executor/transaction.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { addressToHex } from '../../src/primitives/address.ts';
import { bytesToHex, EMPTY_BYTES, toBytes32 } from '../../src/primitives/bytes.ts';
import { keccak256 } from '../../src/primitives/keccak.ts';
import { authorization, KEY, SENDER, signed } from '../helpers/transact.ts';

// Blobs themselves are not looked at, so that a KZG library is asked for but never called.
const customCrypto = { kzg: {} as never };
const common = new Common({ chain: Mainnet, hardfork: Hardfork.Prague, customCrypto });

const word = (bits: number): fc.Arbitrary<bigint> =>
  fc.oneof(
    fc.bigInt({ min: 0n, max: 200n }),
    fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n }),
    fc.constant(2n ** BigInt(bits) - 1n),
  );
const address = word(160);
const accessList = fc.array(fc.record({ address, storageKeys: fc.array(word(256), { maxLength: 3 }) }), {
  maxLength: 3,
});

const fields = (type: TxType): fc.Arbitrary<UnsignedTransaction> =>
  fc
    .record({
      nonce: fc.bigInt({ min: 0n, max: 2n ** 64n - 2n }),
      gasLimit: fc.bigInt({ min: 10_000_000n, max: 2n ** 40n }),
      fees: fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 100n }), fc.bigInt({ min: 0n, max: 2n ** 100n })),
      to: type === TxType.Blob || type === TxType.SetCode ? address : fc.option(address),
      value: word(256),
      data: fc.uint8Array({ maxLength: 90 }),
      accessList,
      blobs: fc.array(fc.bigInt({ min: 0n, max: 2n ** 248n - 1n }), { minLength: 1, maxLength: 6 }),
      isProtected: fc.boolean(),
    })
    .map(({ fees: [a, b], blobs, isProtected, ...rest }) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      const isPriced = type === TxType.Legacy || type === TxType.AccessList;
      return {
        ...rest,
        type,
        chainId: type === TxType.Legacy && !isProtected ? null : 1n,
        maxFeePerGas: high,
        maxPriorityFeePerGas: isPriced ? high : low,
        accessList: type === TxType.Legacy ? [] : rest.accessList,
        maxFeePerBlobGas: type === TxType.Blob ? low : 0n,
        blobHashes: type === TxType.Blob ? blobs.map((hash) => (1n << 248n) + hash) : [],
        authorizations:
          type === TxType.SetCode ? [authorization(), authorization({ chainId: 0n, nonce: 5n })] : [],
      };
    });

describe.each(Object.entries(TxType))('%s', (_, type) => {
  it('has the bytes, hashes and sender that others give it, and decodes to itself', () => {
    fc.assert(
      fc.property(fields(type), (unsigned) => {
        const tx = signed(unsigned);
        const bytes = encodeTransaction(tx);
        const other = createTxFromRLP(bytes, { common });
        expect(bytesToHex(other.serialize())).toBe(bytesToHex(bytes));
        expect(bytesToHex(keccak256(bytes))).toBe(bytesToHex(other.hash()));
        expect(bytesToHex(signingHash(tx))).toBe(bytesToHex(other.getHashedMessageToSign()));
        expect(other.getSenderAddress().toString()).toBe(addressToHex(SENDER));
        expect(other.nonce).toBe(tx.nonce);
        expect(other.value).toBe(tx.value);
        expect(other.gasLimit).toBe(tx.gasLimit);
        const decoded = decodeTransaction(bytes);
        expect(decoded).toEqual(tx);
        if (!isInvalid(decoded)) {
          expect(recoverSender(decoded, rulesOf('Osaka'), nobleCrypto)).toEqual({ sender: SENDER });
        }
      }),
      { numRuns: 25, seed: 2_718 },
    );
  });

  it('is signed alike by both', () => {
    const tx = signed({
      type,
      nonce: 9n,
      ...(type === TxType.Blob ? { blobHashes: [1n << 248n] } : {}),
      ...(type === TxType.SetCode ? { authorizations: [authorization()] } : {}),
    });
    const other = createTxFromRLP(encodeTransaction(tx), { common }).sign(KEY);
    expect([other.r, other.s]).toEqual([tx.r, tx.s]);
  });
});

describe('decoding', () => {
  it('never throws, whatever the bytes', () => {
    const valid = encodeTransaction(
      signed({ data: Uint8Array.of(1, 2, 3), accessList: [{ address: 1n, storageKeys: [2n] }] }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        expect(typeof decodeTransaction(bytes)).toBe('object');
      }),
      { numRuns: 2_000, seed: 1 },
    );
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.nat(255), (at, byte) => {
        const bytes = valid.slice();
        bytes[at] = byte;
        const tx = decodeTransaction(bytes);
        // What decodes is the only encoding of what it decodes to.
        if (!isInvalid(tx)) expect(bytesToHex(encodeTransaction(tx))).toBe(bytesToHex(bytes));
      }),
      { numRuns: 2_000, seed: 2 },
    );
  });

  it('of the example of EIP-155', () => {
    const bytes = encodeTransaction(
      signed(
        {
          type: TxType.Legacy,
          nonce: 9n,
          maxFeePerGas: 20_000_000_000n,
          gasLimit: 21_000n,
          to: 0x3535353535353535353535353535353535353535n,
          value: 10n ** 18n,
          data: EMPTY_BYTES,
        },
        toBytes32(0x4646464646464646464646464646464646464646464646464646464646464646n),
      ),
    );
    expect(bytesToHex(bytes)).toBe(
      '0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83',
    );
    expect(decodeTransaction(bytes)).toMatchObject({ chainId: 1n, nonce: 9n });
  });
});
