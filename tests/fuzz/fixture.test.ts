import { describe, expect, it } from 'vitest';
import { TxType } from '../../src/executor/transaction.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import type { FuzzCase } from '../../src/fuzz/case.ts';
import { CaseRunner } from '../../src/fuzz/execute.ts';
import { blockUnder, fixtureOf, fixtureText, type Json, type JsonObject } from '../../src/fuzz/fixture.ts';
import { ErbiumError } from '../../src/primitives/errors.ts';
import { account, BLOCK, CONTRACT, caseWith, HAND_CASES, SENDER } from './hand-cases.ts';

const runner = new CaseRunner();

const filled = (fuzzCase: FuzzCase, name = 'a-name'): string =>
  fixtureText(fuzzCase, runner.run(fuzzCase), name);

/** The member at a path. */
function at(json: Json, ...path: readonly string[]): Json | undefined {
  let value: Json | undefined = json;
  for (const key of path) value = (value as JsonObject)[key];
  return value;
}

const parsed = (fuzzCase: FuzzCase): JsonObject => JSON.parse(filled(fuzzCase))['a-name'];

describe('fixtureOf', () => {
  it('writes numbers with an even number of digits, and words and addresses in full', () => {
    const test = parsed(HAND_CASES.get('access list')!);
    expect(at(test, 'env')).toEqual({
      currentCoinbase: '0x00000000000000000000000000000000c0110000',
      currentGasLimit: '0x01c9c380',
      currentNumber: '0x07',
      currentTimestamp: '0x03e8',
      currentDifficulty: '0x00',
      currentRandom: `0x${(0x1234n << 200n).toString(16).padStart(64, '0')}`,
      currentBaseFee: '0x07',
      currentExcessBlobGas: '0x040000',
    });
    expect(at(test, 'transaction')).toMatchObject({
      nonce: '0x03',
      gasPrice: '0x0a',
      gasLimit: ['0x030d40'],
      to: '0x000000000000000000000000000000000000c0de',
      value: ['0x05'],
      data: ['0x010002'],
      accessLists: [
        [
          {
            address: '0x000000000000000000000000000000000000c0de',
            storageKeys: [`0x${SENDER.toString(16).padStart(64, '0')}`, `0x${'5'.padStart(64, '0')}`],
          },
          { address: '0x0000000000000000000000000000000000000099', storageKeys: [] },
        ],
      ],
    });
    expect(at(test, 'config')).toEqual({
      chainid: '0x01',
      blobSchedule: { Prague: { target: '0x06', max: '0x09', baseFeeUpdateFraction: '0x4c6964' } },
    });
    expect(at(test, '_info')).toEqual({ comment: 'made by erbium fuzz' });
  });

  it('writes only the block fields that the fork has', () => {
    const keys = (fork: FuzzCase['fork']): string[] =>
      Object.keys(at(parsed(caseWith({ fork, tx: { chainId: null } })), 'env') as JsonObject).slice(4);
    expect(keys('Berlin')).toEqual(['currentDifficulty']);
    expect(keys('London')).toEqual(['currentDifficulty', 'currentBaseFee']);
    expect(keys('Paris')).toEqual(['currentDifficulty', 'currentRandom', 'currentBaseFee']);
    expect(keys('Cancun')).toContain('currentExcessBlobGas');
  });

  it('is the same text for the same case, whatever the order of its maps', () => {
    const pre = new Map([
      [
        2n,
        account({
          storage: new Map([
            [1n, 1n],
            [2n, 2n],
            [3n, 0n],
          ]),
        }),
      ],
      [1n, account({ nonce: 1n })],
      [SENDER, account({ nonce: 3n, balance: 10n ** 18n })],
    ]);
    const turned = new Map([...pre].reverse());
    turned.set(
      2n,
      account({
        storage: new Map([
          [2n, 2n],
          [1n, 1n],
        ]),
      }),
    );
    expect(filled(caseWith({ pre }))).toBe(filled(caseWith({ pre: turned })));
    expect(filled(caseWith({ pre })).indexOf('0x0000000000000000000000000000000000000001"')).toBeGreaterThan(
      0,
    );
  });

  it('names the reason of a rejection as execution-spec-tests do, and only then', () => {
    const exception = (name: string): Json | undefined => {
      const posts = at(parsed(HAND_CASES.get(name)!), 'post') as JsonObject;
      return (Object.values(posts)[0] as JsonObject[])[0]!.expectException;
    };
    expect(exception('rejected for its nonce')).toBe('TransactionException.NONCE_MISMATCH_TOO_HIGH');
    expect(exception('rejected for its type')).toBe('TransactionException.TYPE_3_TX_PRE_FORK');
    expect(exception('legacy')).toBeUndefined();
  });

  it('writes a case without a key without a signature', () => {
    const test = parsed(caseWith({ secretKey: new Uint8Array(32) }));
    expect(at(test, 'transaction', 'secretKey')).toBeUndefined();
    expect(at(test, 'transaction', 'sender')).toBe(`0x${SENDER.toString(16).padStart(40, '0')}`);
    expect(JSON.stringify(test)).not.toContain('txbytes');
  });

  it('signs for no chain where a fork knows none', () => {
    const protectedOne = caseWith({ fork: 'Homestead' });
    expect(filled(protectedOne)).toBe(filled(caseWith({ fork: 'Homestead', tx: { chainId: null } })));
    expect(filled({ ...protectedOne, fork: 'Byzantium' })).not.toBe(
      filled(caseWith({ fork: 'Byzantium', tx: { chainId: null } })),
    );
  });

  it('refuses what has no encoding, or the key of another, and names the test', () => {
    const outcome = runner.run(caseWith());
    const refused = (fuzzCase: FuzzCase): unknown => {
      try {
        return fixtureOf(fuzzCase, outcome, 'a-name');
      } catch (error) {
        return error;
      }
    };
    for (const [fuzzCase, words] of [
      [caseWith({ tx: { gasLimit: 1n << 64n } }), /^a-name: transaction: gasLimit/],
      [caseWith({ tx: { value: 1n << 256n } }), /^a-name: transaction: value/],
      [caseWith({ sender: CONTRACT }), /^a-name: the secret key is that of 0x/],
      [caseWith({ fork: 'Homestead', tx: { chainId: 5n } }), /^a-name: transaction\.chainId: 5/],
    ] as const) {
      const error = refused(fuzzCase);
      expect(error).toBeInstanceOf(ErbiumError);
      expect((error as ErbiumError).code).toBe('INVALID_ARGUMENT');
      expect((error as ErbiumError).message).toMatch(words);
    }
  });
});

describe('blockUnder', () => {
  it('leaves what counts, and changes no outcome', () => {
    expect(blockUnder(BLOCK, rulesOf('London'))).toEqual({ ...BLOCK, prevRandao: 0n, excessBlobGas: 0n });
    for (const fuzzCase of HAND_CASES.values()) {
      const block = blockUnder(fuzzCase.block, rulesOf(fuzzCase.fork));
      expect(runner.run({ ...fuzzCase, block })).toEqual(runner.run(fuzzCase));
    }
    const other = { ...BLOCK, prevRandao: 1n };
    const type = TxType.Legacy;
    expect(runner.run(caseWith({ block: other, tx: { type } }))).not.toEqual(runner.run(caseWith()));
  });
});
