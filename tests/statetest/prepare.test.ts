/** A case in the terms of `createEvm`: run so, it comes out as its fixture says. */

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createEvm } from '../../src/executor/create-evm.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { casesOf, parseFixture, prepareCase, type StateTestCase } from '../../src/statetest/index.ts';
import { caseOf, messageOf, TARGET } from './support.ts';

const SMOKE = `${import.meta.dirname}/../../ethereum-tests/smoke`;

/** The last case of every fourth smoke file. */
const cases: StateTestCase[] = readdirSync(SMOKE, { recursive: true, encoding: 'utf8' })
  .filter((name, i) => name.endsWith('.json') && i % 4 === 0)
  .map(
    (name) =>
      parseFixture(readFileSync(`${SMOKE}/${name}`, 'utf8'), name)
        .flatMap(casesOf)
        .at(-1)!,
  );

describe('prepareCase', () => {
  it('gives what an EVM takes, which then comes to the root of the fixture', () => {
    expect(cases.length).toBeGreaterThan(30);
    for (const testCase of cases) {
      const { rules, block, transaction, state } = prepareCase(testCase);
      const evm = createEvm({ fork: rules, block, state: state() });
      const { status } = evm.transact(transaction);
      const { post, test } = testCase;
      expect(status === 'invalid', test.file).toBe(post.expectException !== undefined);
      expect(evm.commit(), test.file).toBe(bytesToHex(post.hash));
    }
  });

  it('gives a fresh state at each call, with the accounts and block hashes of the fixture', () => {
    const account = { nonce: '0x07', balance: '0x00', code: '0x', storage: {} };
    const { state } = prepareCase(caseOf({ pre: { [TARGET]: account } }));
    const [first, second] = [state(), state()];
    first.put(BigInt(TARGET), { nonce: 8n });
    expect(second.account(BigInt(TARGET))?.nonce).toBe(7n);
    // keccak256('5')
    expect(second.blockHash(5n).toString(16)).toBe(
      'ceebf77a833b30520287ddd9478ff51abbdffa30aa90a8d655dba0e8a79ce0c1',
    );
  });

  it('has the blob parameters of the fixture, where it brings its own', () => {
    const [testCase] = cases.filter(({ fork }) => fork === 'Osaka') as [StateTestCase];
    const own = { target: 1, max: 2, baseFeeUpdateFraction: 3 };
    const test = { ...testCase.test, blobSchedule: new Map([['Osaka', own]]) };
    expect(prepareCase({ ...testCase, test }).rules.blobs).toEqual(own);
  });

  it('refuses a fork that nobody knows, and a fixture that contradicts itself', () => {
    const [testCase] = cases as [StateTestCase];
    expect(messageOf(() => prepareCase({ ...testCase, fork: 'Paname' }))).toContain('Paname');
    const post = { ...testCase.post, data: 99 };
    expect(messageOf(() => prepareCase({ ...testCase, post }))).toContain(
      'index 99 is beyond transaction.data',
    );
  });
});
