/** Receipts, bloom filters and requests: what blocks commit to. */

import { Bloom } from '@ethereumjs/vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nobleCrypto } from '../../../precompiles/index.ts';
import { envelopesRoot } from '../../../src/executor/block/block.ts';
import { encodeReceipt } from '../../../src/executor/block/index.ts';
import { bloomOf, joinBlooms, type Receipt } from '../../../src/executor/block/receipts.ts';
import { depositsOf, requestsHash } from '../../../src/executor/block/requests.ts';
import { TxType } from '../../../src/executor/transaction.ts';
import { bytesToHex, concatBytes, toBytes20, toBytes32, toHex32 } from '../../../src/primitives/bytes.ts';
import { keccakWord } from '../../../src/primitives/keccak.ts';
import { EMPTY_ROOT } from '../../../src/state/trie.ts';
import type { LogRecord } from '../../../src/state/world.ts';

const word = fc.bigInt(0n, (1n << 256n) - 1n);
const log: fc.Arbitrary<LogRecord> = fc.record({
  address: fc.bigInt(0n, (1n << 160n) - 1n),
  topics: fc.array(word, { maxLength: 4 }),
  data: fc.uint8Array({ maxLength: 40 }),
});

const receipt = (fields: Partial<Receipt>): Receipt => ({
  type: TxType.Legacy,
  succeeded: true,
  stateRoot: null,
  gasUsed: 21_000n,
  cumulativeGasUsed: 21_000n,
  logsBloom: bloomOf(fields.logs ?? []),
  logs: [],
  sender: 1n,
  created: null,
  gasPrice: 1n,
  transactionHash: 0n,
  ...fields,
});

describe('the bloom filter', () => {
  it('is that of @ethereumjs/vm', () => {
    fc.assert(
      fc.property(fc.array(log, { maxLength: 5 }), (logs) => {
        const theirs = new Bloom();
        for (const { address, topics } of logs) {
          theirs.add(toBytes20(address));
          for (const topic of topics) theirs.add(toBytes32(topic));
        }
        expect(bloomOf(logs)).toEqual(theirs.bitvector);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('of a block has the bits of all its receipts', () => {
    const logs = [1n, 2n, 3n].map((address): LogRecord => ({ address, topics: [], data: new Uint8Array(0) }));
    const receipts = logs.map((one) => receipt({ logs: [one] }));
    expect(joinBlooms(receipts)).toEqual(bloomOf(logs));
    expect(joinBlooms([])).toEqual(new Uint8Array(256));
  });
});

describe('encodeReceipt', () => {
  const head = (bytes: Uint8Array): string => bytesToHex(bytes.subarray(0, 8));

  it('has a status, or the root of the state in its place, and its type in front', () => {
    expect(head(encodeReceipt(receipt({})))).toBe('0xf9010801825208b9');
    expect(head(encodeReceipt(receipt({ succeeded: false })))).toBe('0xf9010880825208b9');
    expect(head(encodeReceipt(receipt({ type: TxType.SetCode })))).toBe('0x04f9010801825208');
    const rooted = encodeReceipt(receipt({ stateRoot: 5n }));
    expect(bytesToHex(rooted.subarray(0, 4))).toBe('0xf90128a0');
    expect(bytesToHex(rooted.subarray(4, 36))).toBe(toHex32(5n));
  });

  it('makes a root of nothing for no receipts', () => {
    expect(envelopesRoot([])).toBe(BigInt(bytesToHex(EMPTY_ROOT)));
  });
});

const CONTRACT = 0xdec0n;
const EVENT = keccakWord(new TextEncoder().encode('DepositEvent(bytes,bytes,bytes,bytes,bytes)'));

/** A byte string as the ABI has it. */
const tail = (bytes: Uint8Array): Uint8Array =>
  concatBytes(toBytes32(BigInt(bytes.length)), bytes, new Uint8Array(-bytes.length & 31));

const PARTS = [48, 32, 8, 96, 8].map((length, index) => new Uint8Array(length).fill(index + 1));
const OFFSETS = [160n, 256n, 320n, 384n, 512n];
const DATA = concatBytes(...OFFSETS.map(toBytes32), ...PARTS.map(tail));

describe('depositsOf', () => {
  const deposit = (data: Uint8Array): LogRecord => ({ address: CONTRACT, topics: [EVENT], data });

  it('joins the deposits in the order of the logs', () => {
    expect(DATA.length).toBe(576);
    expect(depositsOf([], CONTRACT)).toEqual(new Uint8Array(0));
    expect(depositsOf([deposit(DATA), deposit(DATA)], CONTRACT)).toEqual(concatBytes(...PARTS, ...PARTS));
  });

  it('passes over logs of others, and over other logs', () => {
    const others: LogRecord[] = [
      { ...deposit(new Uint8Array(3)), address: 1n },
      { ...deposit(new Uint8Array(3)), topics: [1n] },
      { ...deposit(new Uint8Array(3)), topics: [] },
    ];
    expect(depositsOf(others, CONTRACT)).toEqual(new Uint8Array(0));
  });

  it.each([0, 1, 2, 3, 4])('refuses an offset or a length that is not that of part %i', (index) => {
    for (const at of [32 * index + 31, Number(OFFSETS[index]) + 31, 32 * index, Number(OFFSETS[index])]) {
      const bad = DATA.slice();
      bad[at]! ^= 1;
      expect(depositsOf([deposit(bad)], CONTRACT)).toMatchObject({ invalid: 'INVALID_DEPOSIT_EVENT_LAYOUT' });
    }
  });

  it('refuses data of another length', () => {
    for (const data of [DATA.subarray(1), concatBytes(DATA, new Uint8Array(32)), new Uint8Array(0)]) {
      expect(depositsOf([deposit(data)], CONTRACT)).toMatchObject({
        invalid: 'INVALID_DEPOSIT_EVENT_LAYOUT',
      });
    }
  });
});

describe('requestsHash', () => {
  it('of none is sha256 of nothing', () => {
    expect(toHex32(requestsHash([], nobleCrypto))).toBe(
      '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });

  it('hashes the hash of each', () => {
    const [a, b] = [Uint8Array.of(0, 1), Uint8Array.of(1, 2)];
    const { sha256 } = nobleCrypto;
    const expected = bytesToHex(sha256(concatBytes(sha256(a), sha256(b))));
    expect(toHex32(requestsHash([a, b], nobleCrypto))).toBe(expected);
  });
});
