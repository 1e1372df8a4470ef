/** What logs say. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectorOf } from '../../src/executor/abi.ts';
import { compileEvents, decodeLog } from '../../src/executor/events.ts';
import type { AbiInput } from '../../src/executor/revert.ts';
import { hexToBytes } from '../../src/primitives/bytes.ts';

const TRANSFER = 0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3efn;
const ERC20 = 'event Transfer(address indexed from, address indexed to, uint256 value)';
const ERC721 = 'event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)';

const data = (...values: readonly (bigint | number)[]): Uint8Array =>
  hexToBytes(values.map((value) => value.toString(16).padStart(64, '0')).join(''));

const address = (last: string): string => `0x${last.padStart(40, '0')}`;
const topicOf = (signature: string): bigint => BigInt(selectorOf({ kind: 'event', signature }));

describe('decodeLog', () => {
  it('reads topics and data', () => {
    expect(decodeLog([TRANSFER, 1n, 2n], data(3), compileEvents([ERC20]))).toEqual({
      name: 'Transfer',
      signature: 'Transfer(address,address,uint256)',
      args: { from: address('1'), to: address('2'), value: 3n },
    });
  });

  it('tells events of one signature apart by what is indexed', () => {
    for (const abi of [
      [ERC20, ERC721],
      [ERC721, ERC20],
    ]) {
      const table = compileEvents(abi);
      expect(table.size).toBe(1);
      expect(decodeLog([TRANSFER, 1n, 2n], data(3), table)?.args).toHaveProperty('value', 3n);
      expect(decodeLog([TRANSFER, 1n, 2n, 3n], data(), table)?.args).toHaveProperty('tokenId', 3n);
    }
  });

  it('reads JSON, and parameters in any order', () => {
    const abi: AbiInput = [
      { type: 'function', name: 'f', inputs: [], outputs: [], stateMutability: 'view' },
      {
        type: 'event',
        name: 'E',
        anonymous: false,
        inputs: [
          { name: 'a', type: 'bytes', indexed: false },
          { name: 'b', type: 'int8', indexed: true },
          { name: '', type: 'bool', indexed: false },
          { name: 'd', type: 'bytes4', indexed: true },
        ],
      },
    ];
    const topics = [topicOf('E(bytes,int8,bool,bytes4)'), 2n ** 256n - 1n, 0xffn << 248n];
    expect(decodeLog(topics, data(0x40, 1, 1, 0xabn << 248n), compileEvents(abi))?.args).toEqual({
      a: '0xab',
      b: -1n,
      2: true,
      d: '0xff000000',
    });
  });

  it('gives the hash of what is indexed and no value type', () => {
    const table = compileEvents(['event E(string indexed a, uint[2] indexed b, (uint x) indexed c)']);
    const topics = [topicOf('E(string,uint256[2],(uint256))'), 1n, 2n ** 256n - 1n, 3n];
    expect(decodeLog(topics, data(), table)?.args).toEqual({
      a: `0x${'1'.padStart(64, '0')}`,
      b: `0x${'f'.repeat(64)}`,
      c: `0x${'3'.padStart(64, '0')}`,
    });
  });

  it.each<[string, bigint[], Uint8Array]>([
    ['no topics', [], data(3)],
    ['an unknown event', [1n, 1n, 2n], data(3)],
    ['too few topics', [TRANSFER, 1n], data(3)],
    ['too many topics', [TRANSFER, 1n, 2n, 3n], data(3)],
    ['no data', [TRANSFER, 1n, 2n], data()],
    ['an address of too many bits', [TRANSFER, 1n, 2n ** 160n], data(3)],
  ])('gives null for %s', (_, topics, bytes) => {
    expect(decodeLog(topics, bytes, compileEvents([ERC20]))).toBeNull();
  });

  it('leaves out anonymous events, and knows none by itself', () => {
    expect(compileEvents(['event E(uint a) anonymous', 'error F()']).size).toBe(0);
    expect(compileEvents(undefined).size).toBe(0);
    expect(compileEvents([]).size).toBe(0);
  });

  it('takes any name for what it is', () => {
    const args = decodeLog(
      [topicOf('E(uint256)')],
      data(1),
      compileEvents(['event E(uint __proto__)']),
    )!.args;
    expect(Object.entries(args)).toEqual([['__proto__', 1n]]);
  });

  it('names the place of what is wrong', () => {
    expect(() => compileEvents([ERC20, 'event E(uint7 a)'])).toThrow('abi[1]: there is no type "uint7"');
    expect(() => compileEvents({} as AbiInput)).toThrow('abi: expected a list, got an object');
  });

  it('never throws', () => {
    const table = compileEvents([ERC20, ERC721, 'event Transfer(address, address, uint256)']);
    const word = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), fc.uint8Array({ maxLength: 200 }), (topics, bytes) => {
        decodeLog([TRANSFER, ...topics], bytes, table);
        decodeLog(topics, bytes, table);
      }),
    );
  });
});
