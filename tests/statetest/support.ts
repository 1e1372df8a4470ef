/** Small state tests made in the test, to be run or spoilt. */

import { addressToHex } from '../../src/primitives/address.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { ErbiumError } from '../../src/primitives/errors.ts';
import { casesOf, parseFixture, type StateTestCase } from '../../src/statetest/index.ts';
import { KEY, SENDER } from '../helpers/transact.ts';

export const FILE = 'folder/file.json';
export const ROOT = `0x${'00'.repeat(32)}`;
export const TARGET = `0x${'70'.padStart(40, '0')}`;
/** keccak256 of the RLP of an empty list. */
export const NO_LOGS = '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347';

type Json = Record<string, unknown>;

export interface Overrides {
  readonly env?: Json;
  readonly pre?: Json;
  readonly transaction?: Json;
  readonly post?: Json;
  readonly config?: Json;
  readonly fork?: string;
}

/** One test called `t` with one case; a value of undefined takes a field away. */
export const fixture = ({ env, pre, transaction, post, config, fork = 'Osaka' }: Overrides = {}): string =>
  JSON.stringify({
    t: {
      env: {
        currentCoinbase: `0x${'c0'.repeat(20)}`,
        currentGasLimit: '0x1c9c380',
        currentNumber: '0x01',
        currentTimestamp: '1000',
        currentBaseFee: '0x07',
        ...env,
      },
      pre: {
        [addressToHex(SENDER)]: { nonce: '0x00', balance: '0x0de0b6b3a7640000', code: '0x', storage: {} },
        ...pre,
      },
      transaction: {
        nonce: '0x00',
        gasPrice: '0x0a',
        gasLimit: ['0x0f4240'],
        to: TARGET,
        value: ['0x00'],
        data: ['0x'],
        secretKey: bytesToHex(KEY),
        ...transaction,
      },
      post: { [fork]: [{ hash: ROOT, logs: NO_LOGS, indexes: { data: 0, gas: 0, value: 0 }, ...post }] },
      config,
    },
  });

/** The one case of a fixture. */
export const caseOf = (overrides: Overrides = {}): StateTestCase => {
  const [test] = parseFixture(fixture(overrides), FILE);
  return casesOf(test!)[0]!;
};

/** The message of an error that must be ours. */
export function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ErbiumError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}
