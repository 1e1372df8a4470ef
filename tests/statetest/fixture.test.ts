/** The state-test format: what is read, and what cannot be. */

import { describe, expect, it } from 'vitest';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { caseId, casesOf, parseFixture } from '../../src/statetest/index.ts';
import { FILE, fixture, messageOf, NO_LOGS, type Overrides, ROOT, TARGET } from './support.ts';

const parse = (overrides: Overrides = {}) => parseFixture(fixture(overrides), FILE)[0]!;

describe('parseFixture', () => {
  it('reads a test', () => {
    const test = parse({
      pre: { [TARGET]: { nonce: 3, balance: '7', code: '0x6001', storage: { '0x01': '0x02' } } },
    });
    expect(test).toMatchObject({ file: FILE, name: 't', chainId: 1n });
    expect(test.env).toEqual({
      coinbase: BigInt(`0x${'c0'.repeat(20)}`),
      gasLimit: 30_000_000n,
      number: 1n,
      timestamp: 1000n,
      difficulty: 0n,
      random: undefined,
      baseFee: 7n,
      excessBlobGas: undefined,
    });
    expect(test.pre.get(0x70n)).toEqual({
      nonce: 3n,
      balance: 7n,
      code: Uint8Array.of(0x60, 1),
      storage: new Map([[1n, 2n]]),
    });
    const { gasPrice, to, gasLimit, value, data, accessLists, maxFeePerGas } = test.transaction;
    expect({ gasPrice, to, gasLimit, value, data, accessLists, maxFeePerGas }).toEqual({
      gasPrice: 10n,
      to: 0x70n,
      gasLimit: [1_000_000n],
      value: [0n],
      data: [new Uint8Array(0)],
      accessLists: undefined,
      maxFeePerGas: undefined,
    });
    const [post] = test.post.get('Osaka')!;
    expect(post).toMatchObject({
      data: 0,
      gas: 0,
      value: 0,
      txbytes: undefined,
      expectException: undefined,
      state: undefined,
    });
    expect([bytesToHex(post!.hash), bytesToHex(post!.logs)]).toEqual([ROOT, NO_LOGS]);
  });

  it('reads what types of transactions have', () => {
    const { transaction, chainId, blobSchedule } = parse({
      transaction: {
        gasPrice: undefined,
        maxFeePerGas: '0x10',
        maxPriorityFeePerGas: '0x01',
        maxFeePerBlobGas: '0x02',
        blobVersionedHashes: [`0x01${'00'.repeat(31)}`],
        accessLists: [[{ address: TARGET, storageKeys: ['0x05'] }], null],
        authorizationList: [{ chainId: 1, address: TARGET, nonce: 2, v: 1, r: 3, s: 4 }],
        value: [`0x:bigint 0x1${'0'.repeat(64)}`],
      },
      config: {
        chainid: '0x05',
        blobSchedule: { Osaka: { target: 1, max: '0x02', baseFeeUpdateFraction: 3 } },
      },
    });
    expect(transaction).toMatchObject({
      maxFeePerGas: 16n,
      blobHashes: [1n << 248n],
      accessLists: [[{ address: 0x70n, storageKeys: [5n] }], undefined],
      authorizations: [{ chainId: 1n, address: 0x70n, nonce: 2n, yParity: 1n, r: 3n, s: 4n }],
      value: [2n ** 256n],
    });
    expect(chainId).toBe(5n);
    expect(blobSchedule.get('Osaka')).toEqual({ target: 1, max: 2, baseFeeUpdateFraction: 3 });
  });

  it.each(['', '0x', null, undefined])('reads a creation where to is %j', (to) => {
    expect(parse({ transaction: { to } }).transaction.to).toBeNull();
  });

  it('names cases by test, fork and indices', () => {
    const test = parse({ fork: 'EIP158', post: { indexes: { data: 2, gas: 1, value: 30 } } });
    expect(casesOf(test).map(caseId)).toEqual(['t/EIP158/d2g1v30']);
  });

  it.each<[string, string]>([
    ['{}', 'folder/file.json: holds no tests'],
    ['{"t": {}}', 'folder/file.json: t: not a state test'],
    ['{"t": {"post": {}}}', 't: not a state test'],
    ['{"t": {"blocks": [], "post": {}, "transaction": {}}}', 't: a blockchain test, not a state test'],
    ['{"t": {"genesisBlockHeader": {}}}', 't: a blockchain test, not a state test'],
    ['{"t": []}', 't: expected an object, got a list'],
  ])('refuses %s', (text, problem) => {
    expect(messageOf(() => parseFixture(text, FILE))).toContain(problem);
  });
});
