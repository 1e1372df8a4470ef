/** Running a case: everything that a fixture states is checked, each on its own. */

import { describe, expect, it } from 'vitest';
import { type Crypto, nobleCrypto } from '../../precompiles/crypto.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { keccak256, keccakWord } from '../../src/primitives/keccak.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';
import {
  casesOf,
  logsHash,
  parseFixture,
  type StateFactory,
  StateTestRunner,
} from '../../src/statetest/index.ts';
import { code, push, storeTop } from '../helpers/assembler.ts';
import { SENDER } from '../helpers/transact.ts';
import { caseOf, FILE, fixture, messageOf, NO_LOGS, type Overrides, TARGET } from './support.ts';

const LOGGING = bytesToHex(code(push(7), push(0), push(0), 'LOG1'));
const contract = (bytes: string) => ({
  [TARGET]: { nonce: '0x01', balance: '0x00', code: bytes, storage: {} },
});
const run = (overrides: Overrides) => new StateTestRunner().run(caseOf(overrides));

/** The overrides with the root that comes out, so that only what a test spoils is wrong. */
const withRoot = (overrides: Overrides): Overrides => ({
  ...overrides,
  post: { ...overrides.post, hash: run(overrides).stateRoot },
});
const wrong = (overrides: Overrides): string[] => run(overrides).mismatches.map(({ what }) => what);

describe('StateTestRunner', () => {
  it('passes a case in which all is as stated', () => {
    const result = run(withRoot({}));
    expect(result).toMatchObject({
      id: 't/Osaka/d0g0v0',
      file: FILE,
      fork: 'Osaka',
      pass: true,
      mismatches: [],
      differences: [],
      gasUsed: 21_000n,
    });
  });

  it('checks the root', () => {
    expect(run({}).mismatches).toEqual([
      { what: 'state root', expected: `0x${'00'.repeat(32)}`, got: run({}).stateRoot },
    ]);
    expect(run({}).pass).toBe(false);
  });

  it('checks the logs', () => {
    expect(wrong(withRoot({ post: { logs: `0x${'11'.repeat(32)}` } }))).toEqual(['logs']);
    const logging = { pre: contract(LOGGING) };
    expect(wrong(withRoot(logging))).toEqual(['logs']);
    const logs = bytesToHex(logsHash([{ address: 0x70n, topics: [7n], data: new Uint8Array(0) }]));
    expect(wrong(withRoot({ ...logging, post: { logs } }))).toEqual([]);
    expect(bytesToHex(logsHash([]))).toBe(NO_LOGS);
    expect(NO_LOGS).toBe(bytesToHex(keccak256(Uint8Array.of(0xc0))));
  });

  it('checks the whole state where it is given', () => {
    const result = run(withRoot({ post: { state: contract('0x') } }));
    expect(result.mismatches).toEqual([{ what: 'state', expected: 'as in the fixture', got: 'different' }]);
    expect(result.differences.map(({ field, got }) => `${field}: ${got}`)).toContain('account: none');
  });

  it('stops a case where it is interrupted, and says so', () => {
    const endless = caseOf({ pre: contract('0x5b5f56'), transaction: { gasLimit: ['0xffffff'] } });
    const { pass, mismatches } = new StateTestRunner({ interrupted: () => true }).run(endless);
    expect(pass).toBe(false);
    expect(mismatches[0]).toMatchObject({ what: 'limit', got: expect.stringContaining('interrupted') });
    expect(new StateTestRunner({ interrupted: () => false }).run(caseOf(withRoot({}))).pass).toBe(true);
  });

  it('checks the reason of a rejection', () => {
    const rejected = (expectException?: string) =>
      withRoot({ transaction: { nonce: '0x05' }, post: { expectException } });
    expect(wrong(rejected('TransactionException.NONCE_MISMATCH_TOO_HIGH'))).toEqual([]);
    expect(
      wrong(rejected('TransactionException.NONCE_IS_MAX|TransactionException.NONCE_MISMATCH_TOO_HIGH')),
    ).toEqual([]);
    expect(wrong(rejected('TR_NonceTooHigh'))).toEqual([]);
    for (const text of ['TransactionException.NONCE_MISMATCH_TOO_LOW', 'unknown', ''])
      expect(wrong(rejected(text))).toEqual(['rejection']);
    expect(run(rejected()).mismatches).toEqual([
      {
        what: 'rejection',
        expected: 'a valid transaction',
        got: "NONCE_MISMATCH_TOO_HIGH: the nonce is above that of the sender (nonce 5, sender's is 0)",
      },
    ]);
    expect(run(rejected()).gasUsed).toBe(0n);
  });

  it('wants the rejection that is stated', () => {
    const result = run(withRoot({ post: { expectException: 'TR_NoFunds' } }));
    expect(result.mismatches).toEqual([
      { what: 'rejection', expected: 'TR_NoFunds', got: 'the transaction ran' },
    ]);
  });

  it('rejects bytes that are no canonical RLP', () => {
    const post = { txbytes: '0xf80100', expectException: 'TransactionException.RLP_INVALID' };
    expect(wrong(withRoot({ post }))).toEqual([]);
    expect(wrong(withRoot({ post: { txbytes: '0xf80100' } }))).toEqual(['rejection']);
  });

  it('leaves the pre-state as it was for the next case', () => {
    const storing = { pre: contract(bytesToHex(code(push(1), 'SLOAD', push(1), 'ADD', storeTop(1)))) };
    const [test] = parseFixture(fixture(withRoot(storing)), FILE);
    const [only] = casesOf(test!);
    const runner = new StateTestRunner();
    const first = runner.run(only!);
    expect(first.pass).toBe(true);
    expect(first.gasUsed).toBeGreaterThan(40_000n);
    expect(runner.run(only!)).toEqual(first);
    expect(test!.pre.get(SENDER)?.nonce).toBe(0n);
  });

  it('reads, changes and asks for the root of whatever state it is given', () => {
    const storing = { pre: contract(bytesToHex(code(push(1), 'SLOAD', push(1), 'ADD', storeTop(1)))) };
    const testCase = caseOf(withRoot(storing));
    const asked: string[] = [];
    const stateOf: StateFactory = (pre, blockHash) => {
      expect(pre).toBe(testCase.test.pre);
      expect(blockHash(12n)).toBe(keccakWord(new TextEncoder().encode('12')));
      const state = new MemoryState(blockHash);
      for (const [address, account] of pre) state.put(address, account);
      return new Proxy(state, {
        get(target, name) {
          asked.push(String(name));
          const member = Reflect.get(target, name) as unknown;
          return typeof member === 'function' ? member.bind(target) : member;
        },
      });
    };
    const runner = new StateTestRunner({ stateOf });
    for (let i = 0; i < 2; i++) expect(runner.run(testCase)).toEqual(new StateTestRunner().run(testCase));
    expect(asked).toEqual(expect.arrayContaining(['account', 'storage', 'code']));
    expect(asked.filter((name) => name === 'apply' || name === 'root')).toEqual([
      'apply',
      'root',
      'apply',
      'root',
    ]);
    // A state that is not that of the fixture has another root.
    const empty = new StateTestRunner({ stateOf: () => new MemoryState() }).run(testCase);
    expect(empty.mismatches.map(({ what }) => what)).toContain('state root');
  });

  it('gives the block of the fixture to the code', () => {
    const env = {
      currentNumber: '0x64',
      currentRandom: '0x1234',
      currentDifficulty: '0x77',
      currentExcessBlobGas: '0x0',
    };
    const read = (name: string, fork: string, more = {}): bigint => {
      const pre = contract(bytesToHex(code([name], storeTop(0))));
      const state = { [TARGET]: { nonce: '0x01', balance: '0x00', code: '0x', storage: {} } };
      const { differences } = run({ env: { ...env, ...more }, pre, fork, post: { state } });
      return BigInt(differences.find(({ field }) => field === 'slot 0x0')?.got ?? 0);
    };
    expect(read('NUMBER', 'Osaka')).toBe(100n);
    expect(read('PREVRANDAO', 'Osaka')).toBe(0x1234n);
    expect(read('DIFFICULTY', 'Berlin')).toBe(0x77n);
    expect(read('BASEFEE', 'London')).toBe(7n);
    expect(read('BASEFEE', 'London', { currentBaseFee: undefined })).toBe(10n);
    expect(read('BLOBBASEFEE', 'Cancun')).toBe(1n);
    expect(read('BLOBBASEFEE', 'Cancun', { currentExcessBlobGas: `${3_338_477 * 2}` })).toBe(7n);
  });

  it('takes blob parameters from the fixture', () => {
    const blobSchedule = { Cancun: { target: 3, max: 6, baseFeeUpdateFraction: 1_000 } };
    const pre = contract(bytesToHex(code(['BLOBBASEFEE'], storeTop(0))));
    const state = { [TARGET]: { nonce: '0x01', balance: '0x00', code: '0x', storage: {} } };
    const { differences } = run({
      env: { currentExcessBlobGas: '3000' },
      pre,
      fork: 'Cancun',
      post: { state },
      config: { blobSchedule },
    });
    expect(differences.find(({ field }) => field === 'slot 0x0')?.got).toBe('0x14');
  });

  it('ends whatever the excess of blob gas is', () => {
    expect(run(withRoot({ env: { currentExcessBlobGas: `0x${'f'.repeat(64)}` } })).pass).toBe(true);
  });

  it('names the test of an unknown fork', () => {
    expect(messageOf(() => run({ fork: 'Atlantis' }))).toMatch(
      /^folder\/file\.json: t: unknown fork "Atlantis"; known are Frontier/,
    );
  });

  it('gives the same with a tracer', () => {
    let steps = 0;
    const testCase = caseOf(withRoot({ pre: contract(LOGGING) }));
    const traced = new StateTestRunner({ tracer: { step: () => void steps++ } }).run(testCase);
    expect(traced).toEqual(new StateTestRunner().run(testCase));
    expect(steps).toBe(5);
  });

  it('asks the cryptography that it is given', () => {
    const asked: number[] = [];
    const recoverAddress: Crypto['recoverAddress'] = (hash, ...signature) => {
      asked.push(hash.length);
      return nobleCrypto.recoverAddress(hash, ...signature);
    };
    const testCase = caseOf(withRoot({}));
    const given = new StateTestRunner({ crypto: { ...nobleCrypto, recoverAddress } }).run(testCase);
    expect(given).toEqual(new StateTestRunner().run(testCase));
    expect(asked).toEqual([32]);
  });
});
