/** Whole traces against what geth's `evm statetest --trace --trace.format=json` wrote. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { traceFixture } from './support.ts';

const RECORDED = `${import.meta.dirname}/../../../shared/reference/geth-traces`;
const ENDING = '.trace.stderr';
const present = existsSync(RECORDED);

describe.skipIf(!present)(
  present ? 'recorded traces' : 'recorded traces (skipped: the recordings are absent)',
  () => {
    const names = present
      ? readdirSync(RECORDED)
          .filter((file) => file.endsWith(ENDING))
          .map((file) => file.slice(0, -ENDING.length))
      : [];

    it('has recordings to compare with', () => {
      expect(names.length).toBeGreaterThanOrEqual(3);
    });

    it.each(names)('%s, byte for byte', (name) => {
      const { text, results } = traceFixture(readFileSync(`${RECORDED}/${name}.json`, 'utf8'));
      expect(text.split('\n')).toEqual(readFileSync(`${RECORDED}/${name}${ENDING}`, 'utf8').split('\n'));
      // The fixtures state a root of zeros, which no state has.
      expect(results.map(({ pass }) => pass)).toEqual([false]);
    });
  },
);

describe('a state test of our own', () => {
  const SENDER = '0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b';
  const ZEROS = `0x${'00'.repeat(32)}`;
  const account = (code: string, balance = '0x0') => ({ code, balance, nonce: '0x0', storage: {} });
  const fixture = JSON.stringify({
    own: {
      env: {
        currentCoinbase: '0xb94f5374fce5edbc8e2a8697c15331677e6ebf0b',
        currentDifficulty: '0x20000',
        currentGasLimit: '0xffffff',
        currentNumber: '0x1',
        currentTimestamp: '0x3e8',
      },
      pre: {
        // Stores 1, calls a precompile with all gas, then jumps nowhere.
        '0x00000000000000000000000000000000000000f1': account(
          '0x60016002556000600060006000600060045af150602056',
        ),
        [SENDER]: account('0x', '0xffffffffff'),
      },
      transaction: {
        sender: SENDER,
        secretKey: '0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8',
        gasPrice: '0x10',
        nonce: '0x0',
        to: '0x00000000000000000000000000000000000000f1',
        data: ['0x'],
        gasLimit: ['0x186a0'],
        value: ['0x0'],
      },
      post: { London: [{ hash: ZEROS, logs: ZEROS, indexes: { data: 0, gas: 0, value: 0 } }] },
    },
  });

  it('has the lines that the rules of the format give', () => {
    const { text } = traceFixture(fixture);
    const step = (
      pc: number,
      op: number,
      gas: string,
      cost: string,
      stack: string,
      name: string,
      error = '',
    ) =>
      `{"pc":${pc},"op":${op},"gas":"${gas}","gasCost":"${cost}","memSize":0,"stack":[${stack}],` +
      `"depth":1,"refund":0,"opName":"${name}"${error}}`;
    const zeros = '"0x0","0x0","0x0","0x0","0x0"';
    expect(text.split('\n')).toEqual([
      step(0, 96, '0x13498', '0x3', '', 'PUSH1'),
      step(2, 96, '0x13495', '0x3', '"0x1"', 'PUSH1'),
      step(4, 85, '0x13492', '0x5654', '"0x1","0x2"', 'SSTORE'),
      step(5, 96, '0xde3e', '0x3', '', 'PUSH1'),
      step(7, 96, '0xde3b', '0x3', '"0x0"', 'PUSH1'),
      step(9, 96, '0xde38', '0x3', '"0x0","0x0"', 'PUSH1'),
      step(11, 96, '0xde35', '0x3', '"0x0","0x0","0x0"', 'PUSH1'),
      step(13, 96, '0xde32', '0x3', '"0x0","0x0","0x0","0x0"', 'PUSH1'),
      step(15, 96, '0xde2f', '0x3', zeros, 'PUSH1'),
      step(17, 90, '0xde2c', '0x2', `${zeros},"0x4"`, 'GAS'),
      step(18, 241, '0xde2a', '0xdab3', `${zeros},"0x4","0xde2a"`, 'CALL'),
      '{"output":"","gasUsed":"0xf"}',
      step(19, 80, '0xddb7', '0x2', '"0x1"', 'POP'),
      step(20, 96, '0xddb5', '0x3', '', 'PUSH1'),
      step(22, 86, '0xddb2', '0x8', '"0x20"', 'JUMP'),
      step(22, 86, '0xddb2', '0x8', '', 'JUMP', ',"error":"invalid jump destination"'),
      '{"output":"","gasUsed":"0x13498","error":"invalid jump destination"}',
      expect.stringMatching(/^\{"stateRoot": "0x[0-9a-f]{64}"\}$/),
      '',
    ]);
  });
});
