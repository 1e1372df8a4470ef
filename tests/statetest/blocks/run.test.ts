/** Blockchain tests: everything that a fixture states is checked, each on its own; and which block is the head. */

import { describe, expect, it } from 'vitest';
import { type Block, type Header, hashHeader } from '../../../src/executor/block/index.ts';
import { bytesToHex, toHex32 } from '../../../src/primitives/bytes.ts';
import { MemoryState } from '../../../src/state/readers/memory.ts';
import {
  BlockTestRunner,
  isBlockFixture,
  parseBlockFixture,
  type StateFactory,
} from '../../../src/statetest/index.ts';
import { extend, startAt, type TestChain, template, transfer, valid } from '../../executor/block/support.ts';
import { code, push } from '../../helpers/assembler.ts';
import { SENDER } from '../../helpers/transact.ts';
import { blockJson, FILE, headerJson, type Json, stateJson, testOf } from './support.ts';

interface Made {
  readonly made: TestChain;
  readonly pre: Json;
  readonly blocks: readonly Block[];
}

/** Two blocks with a transfer each. */
function makeChain(fork: 'Cancun' | 'Berlin' = 'Cancun'): Made {
  const made = startAt(fork);
  const pre = stateJson(made.state);
  const first = extend(made, made.genesis, template({ transactions: [transfer(0n)] })).block;
  const second = extend(made, first.header, template({ timestamp: 24n, transactions: [transfer(1n)] })).block;
  return { made, pre, blocks: [first, second] };
}

const { made, pre, blocks } = makeChain();
const [first, second] = blocks as [Block, Block];

const PLAIN: Json = {
  network: 'Cancun',
  config: { chainid: '0x01' },
  genesisBlockHeader: headerJson(made.genesis),
  pre,
  blocks: blocks.map((block) => blockJson(block)),
  lastblockhash: toHex32(hashHeader(second.header)),
  postState: stateJson(made.state),
};

const run = (fields: Json = {}) =>
  new BlockTestRunner({ engine: 'bigint' }).run(testOf({ ...PLAIN, ...fields }));
const wrong = (fields: Json): string[] => run(fields).mismatches.map(({ what }) => what);

describe('BlockTestRunner', () => {
  it('passes a test in which all is as stated', () => {
    expect(run()).toEqual({
      name: 't',
      file: FILE,
      network: 'Cancun',
      pass: true,
      mismatches: [],
      differences: [],
      lastBlockHash: toHex32(hashHeader(second.header)),
      stateRoot: toHex32(second.header.stateRoot),
      gasUsed: 42_000n,
      blocks: [1n, 2n].map((number) => ({ number, accepted: true, gasUsed: 21_000n, ms: 0 })),
    });
  });

  it('runs a test twice with the same result, also with states of a caller', () => {
    const runner = new BlockTestRunner({ engine: 'bigint' });
    const test = testOf(PLAIN);
    const once = runner.run(test);
    expect(runner.run(test)).toEqual(once);
    let made = 0;
    const stateOf: StateFactory = (accounts, blockHash) => {
      made++;
      const state = new MemoryState(blockHash);
      for (const [address, account] of accounts) state.put(address, account);
      return state;
    };
    expect(new BlockTestRunner({ stateOf }).run(test)).toEqual(once);
    expect(made).toBe(1);
  });

  it('tells of each block what it used, whether it was accepted, and its time by the clock of a caller', () => {
    let time = 0;
    const late = blockJson(second, { expectException: 'BlockException.UNKNOWN_PARENT' });
    const none = { rlp: '0x00', expectException: 'BlockException.RLP_STRUCTURES_ENCODING' };
    const list = [late, none, ...(PLAIN.blocks as Json[])];
    const result = new BlockTestRunner({ now: () => time++ }).run(testOf({ ...PLAIN, blocks: list }));
    expect(result.pass).toBe(true);
    expect(result.blocks).toEqual([
      { number: 2n, accepted: false, gasUsed: 0n, ms: 1 },
      { number: null, accepted: false, gasUsed: 0n, ms: 1 },
      { number: 1n, accepted: true, gasUsed: 21_000n, ms: 1 },
      { number: 2n, accepted: true, gasUsed: 21_000n, ms: 1 },
    ]);
  });

  it('checks the first block: its hash, its state, its encoding', () => {
    const header = PLAIN.genesisBlockHeader as Json;
    expect(wrong({ genesisBlockHeader: { ...header, hash: toHex32(1n) } })).toEqual(['genesis']);
    expect(
      wrong({
        pre: { ...pre, [`0x${'01'.repeat(20)}`]: { nonce: '0x1', balance: '0x0', code: '0x', storage: {} } },
      }),
    ).toContain('genesis');
    expect(wrong({ genesisRLP: '0xc0' })).toEqual(['genesis']);
  });

  it('checks that each block is accepted, with its hash', () => {
    const spoilt = { ...first, header: { ...first.header, stateRoot: 1n } };
    const result = run({
      blocks: [blockJson(spoilt)],
      lastblockhash: toHex32(hashHeader(made.genesis)),
      postState: pre,
    });
    expect(result.mismatches).toMatchObject([{ what: 'rejection', block: 0, expected: 'a valid block' }]);
    expect(result.mismatches[0]?.got).toMatch(
      /^INVALID_STATE_ROOT: the state is not that of the header \(0x/,
    );
    const other = blockJson(first, { blockHeader: { hash: toHex32(1n) } });
    expect(wrong({ blocks: [other, blockJson(second)] })).toEqual(['block']);
  });

  it('checks the head and the state that is left', () => {
    expect(wrong({ lastblockhash: toHex32(1n) })).toEqual(['head']);
    const result = run({ postState: pre });
    expect(result.mismatches.map(({ what }) => what)).toEqual(['state']);
    expect(result.differences.length).toBeGreaterThan(0);
    const { postState: _, ...rest } = PLAIN;
    const hashed = (postStateHash: bigint) =>
      new BlockTestRunner().run(testOf({ ...rest, postStateHash: toHex32(postStateHash) }));
    expect(hashed(second.header.stateRoot).pass).toBe(true);
    expect(hashed(1n).mismatches.map(({ what }) => what)).toEqual(['state root']);
  });

  it('checks the reason of a rejection, and goes on', () => {
    const bad = { ...first, header: { ...first.header, gasUsed: 1n } };
    const rejected = (expectException: string) => [
      blockJson(bad, { blockHeader: undefined, expectException }),
      ...blocks.map((block) => blockJson(block)),
    ];
    expect(wrong({ blocks: rejected('BlockException.INVALID_GAS_USED') })).toEqual([]);
    expect(
      wrong({ blocks: rejected('BlockException.UNKNOWN_PARENT | BlockException.INVALID_GAS_USED') }),
    ).toEqual([]);
    expect(wrong({ blocks: rejected('BlockException.INVALID_STATE_ROOT') })).toEqual(['rejection']);
    expect(wrong({ blocks: rejected('TransactionException.INVALID_GAS_USED') })).toEqual(['rejection']);
    const accepted = [
      blockJson(first, { expectException: 'BlockException.INVALID_GAS_USED' }),
      blockJson(second),
    ];
    expect(wrong({ blocks: accepted })).toEqual(['rejection']);
    const late = [
      blockJson(second, { expectException: 'BlockException.UNKNOWN_PARENT' }),
      ...blocks.map((block) => blockJson(block)),
    ];
    expect(wrong({ blocks: late })).toEqual([]);
  });

  it('names the file and the test where it does not know the network', () => {
    expect(() => run({ network: 'Atlantis' })).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_FORK',
        message: expect.stringMatching(/^folder\/chain.json: t: .*Atlantis/),
      }),
    );
  });

  it('answers BLOCKHASH from the branch of the block', () => {
    const contract = 0xb10cn;
    // Keeps the hash of the block before under its number.
    const keeper = code(push(1), 'NUMBER', 'SUB', 'BLOCKHASH', 'NUMBER', 'SSTORE');
    const hashes = new Map<bigint, bigint>();
    const start = startAt('Cancun');
    const state = new MemoryState((number) => hashes.get(number) ?? 0n);
    state.put(SENDER, { balance: 10n ** 21n });
    state.put(contract, { nonce: 1n, code: keeper });
    const genesis: Header = { ...start.genesis, stateRoot: BigInt(bytesToHex(state.root())) };
    const chain: TestChain = { ...start, state, genesis };
    const before = stateJson(state);
    const made: Block[] = [];
    let parent = genesis;
    for (const nonce of [0n, 1n, 2n]) {
      hashes.set(nonce, hashHeader(parent));
      const transactions = [transfer(nonce, { to: contract })];
      made.push(extend(chain, parent, template({ timestamp: 12n * (nonce + 1n), transactions })).block);
      parent = made[made.length - 1]!.header;
    }
    const fields = {
      genesisBlockHeader: headerJson(genesis),
      pre: before,
      blocks: made.map((block) => blockJson(block)),
      lastblockhash: toHex32(hashHeader(parent)),
      postState: stateJson(state),
    };
    expect(run(fields).mismatches).toEqual([]);
    const runner = new BlockTestRunner();
    const test = testOf({ ...PLAIN, ...fields });
    expect([runner.run(test).pass, runner.run(test).pass]).toEqual([true, true]);
  });
});

describe('the merge', () => {
  // Each block before has a difficulty of 0x20000, the first block included.
  const NETWORK = 'ArrowGlacierToParisAtDiff40000';
  const before = startAt('ArrowGlacier');
  const pre = stateJson(before.state);
  const work = extend(before, before.genesis, template({})).block;
  const hashOf = ({ header }: Block): string => toHex32(hashHeader(header));
  const after: TestChain = { ...startAt('Paris'), state: before.state };
  const stake = extend(after, work.header, template({ timestamp: 24n })).block;
  const late = extend(startAt('ArrowGlacier'), before.genesis, template({ timestamp: 13n })).block;
  const fields = {
    network: NETWORK,
    pre,
    genesisBlockHeader: headerJson(before.genesis),
    blocks: [work, stake].map((block) => blockJson(block)),
    lastblockhash: hashOf(stake),
    postState: stateJson(after.state),
  };

  it('comes after the block with which there is enough difficulty', () => {
    expect(stake.header.difficulty).toBe(0n);
    expect(run(fields).mismatches).toEqual([]);
  });

  it('does not come before, nor is there work after it', () => {
    expect(run({ ...fields, network: 'ArrowGlacierToParisAtDiff40001' }).mismatches[0]).toMatchObject({
      what: 'rejection',
      block: 1,
    });
    expect(run({ ...fields, network: 'ArrowGlacierToParisAtDiff20000' }).mismatches[0]).toMatchObject({
      what: 'rejection',
      block: 0,
    });
  });

  it('takes work beside it, and stays the head', () => {
    const blocks = [work, stake, late].map((block) => blockJson(block));
    expect(run({ ...fields, blocks }).mismatches).toEqual([]);
  });
});

describe('the head', () => {
  const { made, pre, blocks } = makeChain('Berlin');
  const [one, two] = blocks as [Block, Block];
  const fields = { network: 'Berlin', pre, genesisBlockHeader: headerJson(made.genesis) };
  const branch = startAt('Berlin');
  const others: Block[] = [];
  for (const timestamp of [12n, 13n, 14n]) {
    const parent = others[others.length - 1]?.header ?? branch.genesis;
    others.push(extend(branch, parent, template({ timestamp, coinbase: 0xbbn })).block);
  }
  const [a, b, c] = others as [Block, Block, Block];

  it('is that of the chain with the most difficulty, wherever it branches off', () => {
    const state = stateJson(branch.state);
    const list = [one, a, two, b, c].map((block) => blockJson(block));
    const result = run({
      ...fields,
      blocks: list,
      lastblockhash: toHex32(hashHeader(c.header)),
      postState: state,
    });
    expect(result.mismatches).toEqual([]);
    expect(result.stateRoot).toBe(toHex32(c.header.stateRoot));
  });

  it('stays where it is for a chain with as much', () => {
    const list = [one, a].map((block) => blockJson(block));
    const again = startAt('Berlin');
    again.state.apply(valid(again.chain.executeBlock(again.state, one, again.genesis)).diff);
    const result = run({
      ...fields,
      blocks: list,
      lastblockhash: toHex32(hashHeader(one.header)),
      postState: stateJson(again.state),
    });
    expect(result.mismatches).toEqual([]);
  });
});

describe('parseBlockFixture', () => {
  const parse = (fields: unknown) => () => parseBlockFixture(JSON.stringify(fields), FILE);

  it('names the file and the field', () => {
    expect(parse({})).toThrow(`${FILE}: holds no tests`);
    expect(parse({ t: { pre: {} } })).toThrow(`${FILE}: t: not a blockchain test`);
    expect(parse({ t: { ...PLAIN, lastblockhash: '0x01' } })).toThrow(
      `${FILE}: t.lastblockhash: expected 32 bytes`,
    );
    expect(parse({ t: { ...PLAIN, blocks: [{}] } })).toThrow(`${FILE}: t.blocks[0].rlp: missing`);
    expect(parse({ t: { ...PLAIN, genesisBlockHeader: {} } })).toThrow(
      't.genesisBlockHeader.parentHash: missing',
    );
  });

  it('tells its fixtures from others', () => {
    expect(isBlockFixture({ t: PLAIN })).toBe(true);
    for (const other of [{}, null, 5, 'x', { t: 5 }, { t: { post: {}, transaction: {} } }]) {
      expect(isBlockFixture(other)).toBe(false);
    }
  });
});
