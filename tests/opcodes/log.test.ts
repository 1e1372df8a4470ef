/** Log records. */

import { describe, expect, it } from 'vitest';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { call, code, mstore, push, raw } from '../helpers/assembler.ts';
import { CONTRACT, gasOf, haltOf, OTHER, run } from '../helpers/run.ts';

const log = (topics: number, offset: number, size: number): Uint8Array =>
  code(
    ...Array.from({ length: topics }, (_, i) => push(100 + topics - i)),
    push(size),
    push(offset),
    `LOG${topics}`,
  );

describe.each([0, 1, 2, 3, 4])('LOG%d', (topics) => {
  it('records address, topics in order and data', () => {
    const { logs } = run(code(mstore(0, 0xabcdn), log(topics, 29, 3)));
    expect(logs).toHaveLength(1);
    expect(logs[0]!.address).toBe(CONTRACT);
    expect(logs[0]!.topics).toEqual(Array.from({ length: topics }, (_, i) => BigInt(101 + i)));
    expect(bytesToHex(logs[0]!.data)).toBe('0x00abcd');
  });

  it('costs 375, 375 a topic and 8 a byte, and memory', () => {
    const pushes = 3 * (2 + topics);
    expect(gasOf(log(topics, 0, 0))).toBe(pushes + 375 * (1 + topics));
    expect(gasOf(log(topics, 0, 33))).toBe(pushes + 375 * (1 + topics) + 8 * 33 + 6);
    expect(haltOf(log(topics, 0, 33), { gas: pushes + 375 * (1 + topics) + 8 * 33 + 5 })).toBe('OutOfGas');
  });
});

describe('logs', () => {
  it('stand in the order of their instructions, across calls', () => {
    const child = log(1, 0, 0);
    const { logs } = run(code(log(0, 0, 1), call(OTHER), log(0, 0, 2)), {
      accounts: [[OTHER, { code: child }]],
    });
    expect(logs.map((entry) => [entry.address, entry.topics.length, entry.data.length])).toEqual([
      [CONTRACT, 0, 1],
      [OTHER, 1, 0],
      [CONTRACT, 0, 2],
    ]);
  });

  it('of a failing frame, and of the frames that it called, are gone', () => {
    const grandchild = log(0, 0, 9);
    for (const end of [code(push(0), push(0), 'REVERT'), raw(0xfe)]) {
      const child = code(log(0, 0, 8), call(0xaan), end);
      const { logs } = run(code(log(0, 0, 1), call(OTHER, { gas: 50_000 }), log(0, 0, 2)), {
        accounts: [
          [OTHER, { code: child }],
          [0xaan, { code: grandchild }],
        ],
      });
      expect(logs.map((entry) => entry.data.length)).toEqual([1, 2]);
    }
  });

  it('of the outermost frame are gone when it fails', () => {
    expect(run(code(log(0, 0, 1), raw(0xfe))).logs).toEqual([]);
  });

  it('keep their data when memory changes', () => {
    const { logs } = run(code(mstore(0, 1), log(0, 0, 32), mstore(0, 2), log(0, 0, 32)));
    expect(logs.map((entry) => entry.data[31])).toEqual([1, 2]);
  });

  it('of a DELEGATECALL bear the address of the caller', () => {
    const { logs } = run(code(call(OTHER, { kind: 'DELEGATECALL' })), {
      accounts: [[OTHER, { code: log(0, 0, 0) }]],
    });
    expect(logs[0]!.address).toBe(CONTRACT);
  });
});
