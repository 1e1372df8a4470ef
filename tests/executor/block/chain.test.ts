/** Chains made by hand: what blocks do to the state, and each reason for which one is refused. */

import { describe, expect, it } from 'vitest';
import { unclesHash, withdrawalsRoot } from '../../../src/executor/block/block.ts';
import {
  type Block,
  type BlockTemplate,
  createChain,
  DAO_ACCOUNTS,
  DAO_EXTRA_DATA,
  DAO_REFUND_CONTRACT,
  describeInvalidBlock,
  encodeBlock,
  genesisHeader,
  type Header,
  hashHeader,
  isInvalidBlock,
  scheduleOf,
} from '../../../src/executor/block/index.ts';
import { encodeTransaction, TxType } from '../../../src/executor/transaction.ts';
import { blobBaseFee } from '../../../src/forks/blob-schedule.ts';
import { FORKS, type ForkName, type Frame, rulesOf } from '../../../src/index.ts';
import { bytesToBigInt, bytesToHex, concatBytes, hexToBytes } from '../../../src/primitives/bytes.ts';
import { MemoryState } from '../../../src/state/readers/memory.ts';
import { TrieState } from '../../../src/state/trie-state.ts';
import { code, push } from '../../helpers/assembler.ts';
import { AUTHORITY, ETHER, SENDER, signed, TO } from '../../helpers/transact.ts';
import {
  COINBASE,
  extend,
  GWEI,
  start,
  startAt,
  template,
  transfer,
  valid,
  withRequestContracts,
} from './support.ts';

describe('a chain', () => {
  it.each(FORKS)('of %s takes the blocks that it builds, and its roots are those of the state', (fork) => {
    const made = startAt(fork);
    let parent = made.genesis;
    for (let number = 1; number <= 3; number++) {
      const { block, result } = extend(
        made,
        parent,
        template({ timestamp: 12n * BigInt(number), transactions: [transfer(BigInt(number - 1))] }),
      );
      expect(bytesToBigInt(made.state.root())).toBe(block.header.stateRoot);
      expect(result.receipts).toMatchObject([
        { succeeded: true, gasUsed: 21_000n, cumulativeGasUsed: 21_000n, sender: SENDER, created: null },
      ]);
      expect(block.header.gasUsed).toBe(21_000n);
      parent = block.header;
    }
    expect(made.state.account(TO)?.balance).toBe(15n);
    expect(made.state.account(SENDER)?.nonce).toBe(3n);
  });

  it('runs the same on every engine', () => {
    const hashes = (['bigint', 'wasm', 'auto'] as const).map((engine) => {
      const made = start({ fork: 'Cancun', engine });
      return hashHeader(extend(made, made.genesis, template({ transactions: [transfer(0n)] })).block.header);
    });
    expect(new Set(hashes).size).toBe(1);
  });

  it('counts the gas of its transactions together', () => {
    const made = startAt('Cancun');
    const transactions = [transfer(0n), transfer(1n, { to: null, data: code(push(1)) }), transfer(2n)];
    const { block, result } = extend(made, made.genesis, template({ transactions }));
    const [first, second, third] = result.receipts;
    expect(second?.cumulativeGasUsed).toBe(first!.gasUsed + second!.gasUsed);
    expect(third?.cumulativeGasUsed).toBe(block.header.gasUsed);
    expect(second?.created).not.toBeNull();
  });

  it('follows the rules of the time', () => {
    const rules = [rulesOf('Shanghai'), rulesOf('Cancun')] as const;
    const made = start({ fork: scheduleOf(rules[0], [{ rules: rules[1], time: 100n }]) });
    const first = extend(made, made.genesis, template({ timestamp: 99n }));
    expect(first.block.header).toMatchObject({
      blobGasUsed: null,
      excessBlobGas: null,
      parentBeaconRoot: null,
    });
    const second = extend(made, first.block.header, template({ timestamp: 100n }));
    expect(second.block.header).toMatchObject({ blobGasUsed: 0n, excessBlobGas: 0n, parentBeaconRoot: 0n });
  });

  it('may hold twice as much gas from its first block with a base fee on', () => {
    const [before, after] = [rulesOf('Berlin'), rulesOf('London')];
    const made = start({ fork: scheduleOf(before, [{ rules: after, number: 1n }]) });
    const { block } = extend(made, made.genesis, template());
    expect(block.header).toMatchObject({ baseFee: GWEI, gasLimit: 2n * made.genesis.gasLimit });
  });

  it('gives the same over a state that keeps its tries', () => {
    const [plain, kept] = [startAt('SpuriousDragon'), startAt('SpuriousDragon')];
    const tries = new TrieState(kept.state);
    const transactions = [transfer(0n), transfer(1n)];
    const { block, result } = extend(plain, plain.genesis, template({ transactions }));
    const built = valid(kept.chain.buildBlock(tries, kept.genesis, template({ transactions })));
    expect(built).toEqual({ block, result });
    const outcome = valid(kept.chain.executeBlock(tries, block, kept.genesis));
    expect(outcome).toEqual(result);
    tries.apply(outcome.diff);
    expect(tries.root()).toEqual(plain.state.root());
  });

  it('builds no block that others would refuse for its header', () => {
    const { chain, state, genesis } = startAt('Cancun');
    const build = (fields: Partial<BlockTemplate>) => chain.buildBlock(state, genesis, template(fields));
    expect(build({ timestamp: 0n })).toMatchObject({ invalid: 'INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT' });
    expect(build({ gasLimit: 5_000n })).toMatchObject({ invalid: 'INVALID_GASLIMIT' });
    expect(build({ extraData: new Uint8Array(33) })).toMatchObject({ invalid: 'EXTRA_DATA_TOO_BIG' });
    expect(build({ nonce: 1n })).toMatchObject({ invalid: 'IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS' });
  });

  it('says what is wrong with what it is given', () => {
    const { chain, state, genesis } = startAt('Cancun');
    const built = valid(chain.buildBlock(state, genesis, template()));
    const says = (field: string) =>
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(`^${field}`) });
    expect(() => createChain({ forks: 'Cancun' } as never)).toThrow(says('options: unknown field "forks"'));
    expect(() => chain.executeBlock({} as never, built.block, genesis)).toThrow(says('state:'));
    expect(() => chain.executeBlock(state, chain.decodeBlock('0x') as never, genesis)).toThrow(
      says('block:'),
    );
    expect(() => chain.executeBlock(state, built.block, undefined as never)).toThrow(says('parent:'));
    expect(() => chain.buildBlock(state, genesis, {} as never)).toThrow(says('template.timestamp:'));
    expect(() => chain.buildBlock(state, genesis, { ...template(), txs: [] } as never)).toThrow(
      says('template:'),
    );
    expect(() => chain.buildBlock(state, genesis, template({ transactions: ['0xz'] }))).toThrow(
      expect.objectContaining({ code: 'INVALID_HEX', message: expect.stringContaining('transactions[0]') }),
    );
    expect(() => genesisHeader(rulesOf('Cancun'), new Uint8Array(31))).toThrow(says('stateRoot:'));
  });

  it('refuses a name that is no fork, and a chain id that is no number', () => {
    expect(() => createChain({ fork: 'Atlantis' })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_FORK' }),
    );
    expect(() => createChain({ chainId: 'x' })).toThrow(expect.objectContaining({ code: 'INVALID_NUMBER' }));
  });
});

describe('what the protocol pays', () => {
  const REWARDS: readonly (readonly [ForkName, bigint])[] = [
    ['Frontier', 5n],
    ['SpuriousDragon', 5n],
    ['Byzantium', 3n],
    ['Constantinople', 2n],
    ['GrayGlacier', 2n],
    ['Paris', 0n],
  ];

  it.each(REWARDS)('to the miner in %s', (fork, reward) => {
    const made = startAt(fork);
    extend(made, made.genesis, template());
    expect(made.state.account(COINBASE)?.balance ?? 0n).toBe(reward * ETHER);
    expect(made.state.account(COINBASE) === undefined).toBe(fork === 'Paris');
  });

  it('for withdrawals, in gwei, and leaves no empty account', () => {
    const made = startAt('Shanghai');
    const withdrawals = [
      { index: 0n, validatorIndex: 1n, address: 0xaan, amount: 3n },
      { index: 1n, validatorIndex: 1n, address: 0xaan, amount: 4n },
      { index: 2n, validatorIndex: 1n, address: 0xbbn, amount: 0n },
    ];
    extend(made, made.genesis, template({ withdrawals }));
    expect(made.state.account(0xaan)?.balance).toBe(7n * GWEI);
    expect(made.state.account(0xbbn)).toBeUndefined();
  });

  it('takes the balances of the DAO to where they can be withdrawn, in one block', () => {
    const drained = DAO_ACCOUNTS.slice(0, 2);
    const rich = drained.map((address) => [address, { balance: ETHER }] as const);
    const made = start({ fork: 'Homestead', daoBlock: 2n }, rich);
    const extraData = DAO_EXTRA_DATA;
    const first = extend(made, made.genesis, template());
    expect(made.state.account(drained[0]!)?.balance).toBe(ETHER);
    const second = extend(made, first.block.header, template({ timestamp: 24n, extraData }));
    expect(made.state.account(DAO_REFUND_CONTRACT)?.balance).toBe(2n * ETHER);
    for (const address of drained) expect(made.state.account(address)?.balance).toBe(0n);
    made.state.put(drained[0]!, { balance: 1n });
    const moved = { ...second.block.header, stateRoot: bytesToBigInt(made.state.root()) };
    extend(made, moved, template({ timestamp: 36n, extraData }));
    expect(made.state.account(drained[0]!)?.balance).toBe(1n);
  });
});

describe('uncles', () => {
  const made = startAt('Byzantium');
  const { chain, genesis, state } = made;
  const blocks: Block[] = [{ header: genesis, transactions: [], uncles: [], withdrawals: null }];
  /** A sibling of the first block. */
  const sibling = valid(chain.buildBlock(state, genesis, template({ coinbase: 0xc1n }))).block.header;
  for (let number = 1n; number <= 8n; number++) {
    blocks.unshift(extend(made, blocks[0]!.header, template({ timestamp: 12n * number })).block);
  }

  /** Block `number` of the chain again, with uncles. */
  const withUncles = (number: number, uncles: readonly Header[], ancestors?: readonly Block[]) => {
    const before = blocks.slice(blocks.length - number);
    const again = startAt('Byzantium');
    for (const { header } of [...before].reverse().slice(1)) {
      extend(
        again,
        blocks.find((one) => one.header.number === header.number - 1n)!.header,
        template({ timestamp: header.timestamp }),
      );
    }
    const parent = before[0]!.header;
    const built = valid(
      chain.buildBlock(again.state, parent, template({ timestamp: 12n * BigInt(number), uncles })),
    );
    return {
      ...built,
      outcome: chain.executeBlock(again.state, built.block, parent, ancestors ?? before),
      again,
    };
  };

  it('are paid, and so is who includes them', () => {
    const { outcome, again } = withUncles(2, [sibling]);
    again.state.apply(valid(outcome).diff);
    expect(again.state.account(0xc1n)?.balance).toBe((7n * 3n * ETHER) / 8n);
    expect(again.state.account(COINBASE)?.balance).toBe(6n * ETHER + (3n * ETHER) / 32n);
  });

  it('raise the difficulty of the block after', () => {
    const { block, again } = withUncles(2, [sibling]);
    const next = valid(chain.buildBlock(again.state, block.header, template({ timestamp: 25n }))).block
      .header;
    const plain = { ...block.header, unclesHash: genesis.unclesHash };
    const without = valid(chain.buildBlock(again.state, plain, template({ timestamp: 25n }))).block.header;
    expect(next.difficulty).toBe(without.difficulty + block.header.difficulty / 2_048n);
  });

  it('are refused for what they are', () => {
    const reason = (...args: Parameters<typeof withUncles>): string => {
      const { outcome } = withUncles(...args);
      return isInvalidBlock(outcome) ? outcome.invalid : 'accepted';
    };
    const blockAt = (number: number): Block => blocks[blocks.length - 1 - number]!;
    expect(reason(7, [sibling])).toBe('accepted');
    expect(reason(8, [sibling])).toBe('UNCLE_UNKNOWN_PARENT');
    expect(reason(2, [sibling, { ...sibling, coinbase: 0xc2n }])).toBe('accepted');
    expect(reason(2, [sibling, { ...sibling, coinbase: 0xc2n }, { ...sibling, coinbase: 0xc3n }])).toBe(
      'TOO_MANY_UNCLES',
    );
    expect(reason(2, [sibling, sibling])).toBe('UNCLE_IN_CHAIN');
    expect(reason(2, [blockAt(1).header])).toBe('UNCLE_IS_ANCESTOR');
    expect(reason(1, [sibling])).toBe('UNCLE_IS_BROTHER');
    expect(reason(2, [{ ...sibling, parentHash: 5n }])).toBe('UNCLE_UNKNOWN_PARENT');
    expect(reason(2, [{ ...sibling, difficulty: 5n }])).toBe('INVALID_DIFFICULTY');
    expect(reason(2, [{ ...sibling, number: 2n }])).toBe('INVALID_BLOCK_NUMBER');
    const used: Block[] = [blockAt(2), { ...blockAt(1), uncles: [sibling] }, blockAt(0)];
    expect(reason(3, [sibling], used)).toBe('UNCLE_IN_CHAIN');
  });
});

describe('system contracts', () => {
  /** Stores what it is told under slot 0. */
  const keeper = { nonce: 1n, code: code(push(0), 'CALLDATALOAD', push(0), 'SSTORE') };

  it('are told of the parent before the first transaction', () => {
    const rules = rulesOf('Prague');
    const contracts = [rules.beaconRootContract, rules.historyContract];
    const made = startAt(
      'Prague',
      contracts.map((address) => [address, keeper]),
    );
    extend(made, made.genesis, template({ parentBeaconRoot: 77n }));
    expect(contracts.map((address) => made.state.storage(address, 0n))).toEqual([
      77n,
      hashHeader(made.genesis),
    ]);
  });

  it('that are not there or fail are passed over, if they are only told something', () => {
    const rules = rulesOf('Prague');
    const failing = { nonce: 1n, code: concatBytes(code(push(1), push(0), 'SSTORE'), hexToBytes('fe')) };
    const made = startAt('Prague', [[rules.beaconRootContract, failing]]);
    extend(made, made.genesis, template({ parentBeaconRoot: 77n }));
    expect(made.state.storage(rules.beaconRootContract, 0n)).toBe(0n);
  });

  /** Returns 32 bytes that end in a number. */
  const giver = (number: number) => ({
    nonce: 1n,
    code: code(push(number), push(0), 'MSTORE', push(32), push(0), 'RETURN'),
  });
  const [first, second] = rulesOf('Prague').requestContracts;

  it('hand over their requests, each with its type, and those that have none are left out', () => {
    const made = startAt('Prague', [[second!.address, giver(9)]]);
    const { result } = extend(made, made.genesis, template());
    expect(result.requests.map(bytesToHex)).toEqual([`0x02${'00'.repeat(31)}09`]);
    const both = startAt('Prague', [
      [first!.address, giver(8)],
      [second!.address, giver(9)],
    ]);
    expect(extend(both, both.genesis, template()).result.requests.map((bytes) => bytes[0])).toEqual([1, 2]);
  });

  it('are called unseen by a tracer', () => {
    const seen: bigint[] = [];
    const tracer = { step: ({ address }: Frame) => void seen.push(address) };
    const contract = { nonce: 1n, code: code(push(1)) };
    const made = start({ fork: 'Prague', tracer }, [
      ...withRequestContracts('Prague'),
      [rulesOf('Prague').historyContract, keeper],
      [TO, contract],
    ]);
    extend(made, made.genesis, template({ transactions: [transfer(0n)] }));
    expect(new Set(seen)).toEqual(new Set([TO]));
    expect(made.state.storage(rulesOf('Prague').historyContract, 0n)).toBe(hashHeader(made.genesis));
  });

  it('make the block invalid where they have no code or fail', () => {
    const empty = startAt('Prague');
    empty.state.put(second!.address, { balance: 1n });
    expect(empty.chain.buildBlock(empty.state, empty.genesis, template())).toMatchObject({
      invalid: 'SYSTEM_CONTRACT_EMPTY',
      transaction: null,
    });
    const failing = startAt('Prague', [[first!.address, { nonce: 1n, code: hexToBytes('fe') }]]);
    expect(failing.chain.buildBlock(failing.state, failing.genesis, template())).toMatchObject({
      invalid: 'SYSTEM_CONTRACT_CALL_FAILED',
    });
  });
});

describe('a block is refused', () => {
  const made = startAt('Osaka');
  const { chain, genesis, state } = made;
  const fields = template({
    transactions: [transfer(0n)],
    withdrawals: [{ index: 0n, validatorIndex: 0n, address: 5n, amount: 5n }],
  });
  const { block } = valid(chain.buildBlock(state, genesis, fields));
  const reasonOf = (changed: Block, on = made, parent: Header = genesis): string => {
    const before = bytesToHex(on.state.root());
    const outcome = on.chain.executeBlock(on.state, changed, parent);
    expect(bytesToHex(on.state.root())).toBe(before);
    return isInvalidBlock(outcome) ? outcome.invalid : 'accepted';
  };
  const header = (fields: Partial<Header>): Block => ({ ...block, header: { ...block.header, ...fields } });

  it('for nothing that is right', () => {
    expect(reasonOf(block)).toBe('accepted');
  });

  it.each<[string, Partial<Header>]>([
    ['UNKNOWN_PARENT', { parentHash: 1n }],
    ['INVALID_BLOCK_NUMBER', { number: 2n }],
    ['INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT', { timestamp: 0n }],
    ['INVALID_GASLIMIT', { gasLimit: 4_999n }],
    ['INVALID_GASLIMIT', { gasLimit: 30_000_000n + 29_296n }],
    ['INVALID_GASLIMIT', { gasLimit: 30_000_000n - 29_296n }],
    ['INVALID_GAS_USED_ABOVE_LIMIT', { gasUsed: 30_000_001n }],
    ['EXTRA_DATA_TOO_BIG', { extraData: new Uint8Array(33) }],
    ['INVALID_BASEFEE_PER_GAS', { baseFee: 1n }],
    ['IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS', { difficulty: 1n }],
    ['IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS', { nonce: 1n }],
    ['IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS', { unclesHash: 1n }],
    ['INCORRECT_EXCESS_BLOB_GAS', { excessBlobGas: 1n }],
    ['INCORRECT_BLOCK_FORMAT', { excessBlobGas: null }],
    ['INCORRECT_BLOCK_FORMAT', { requestsHash: null }],
    ['INVALID_TRANSACTIONS_ROOT', { transactionsRoot: 1n }],
    ['INVALID_WITHDRAWALS_ROOT', { withdrawalsRoot: 1n }],
    ['INVALID_GAS_USED', { gasUsed: 20_000n }],
    ['INCORRECT_BLOB_GAS_USED', { blobGasUsed: 131_072n }],
    ['INVALID_LOG_BLOOM', { logsBloom: new Uint8Array(256).fill(1) }],
    ['INVALID_RECEIPTS_ROOT', { receiptsRoot: 1n }],
    ['INVALID_REQUESTS', { requestsHash: 1n }],
    ['INVALID_STATE_ROOT', { stateRoot: 1n }],
  ])('with %s', (reason, fields) => {
    expect(reasonOf(header(fields))).toBe(reason);
  });

  it('at a gas limit just too far from that of the parent, and not at the one before', () => {
    const limit = 30_000_000n + 29_295n;
    const { block: rising } = valid(chain.buildBlock(state, genesis, { ...fields, gasLimit: limit }));
    expect(reasonOf(rising)).toBe('accepted');
  });

  it('with parts that its fork does not have, or without those that it has', () => {
    expect(reasonOf({ ...block, withdrawals: null })).toBe('INCORRECT_BLOCK_FORMAT');
    const paris = startAt('Paris');
    const { block: early } = valid(paris.chain.buildBlock(paris.state, paris.genesis, template()));
    expect(reasonOf({ ...early, withdrawals: [] }, paris, paris.genesis)).toBe('INCORRECT_BLOCK_FORMAT');
    const withRoot = {
      ...early,
      withdrawals: [],
      header: { ...early.header, withdrawalsRoot: withdrawalsRoot([]) },
    };
    expect(reasonOf(withRoot, paris, paris.genesis)).toBe('INCORRECT_BLOCK_FORMAT');
  });

  it('with other uncles than those of the header', () => {
    const mined = startAt('Berlin');
    const { block: first } = valid(mined.chain.buildBlock(mined.state, mined.genesis, template()));
    const lying = { ...first, header: { ...first.header, unclesHash: unclesHash([first.header]) } };
    expect(reasonOf(lying, mined, mined.genesis)).toBe('INVALID_UNCLES_HASH');
    expect(reasonOf({ ...first, header: { ...first.header, difficulty: 1n } }, mined, mined.genesis)).toBe(
      'INVALID_DIFFICULTY',
    );
  });

  it('with other extra data than that of the DAO fork in its first ten blocks', () => {
    const dao = start({ fork: 'Homestead', daoBlock: 1n });
    const other = start({ fork: 'Homestead' });
    const reasonAt = (number: bigint): string => {
      const parent: Header = { ...dao.genesis, number: number - 1n };
      expect(isInvalidBlock(dao.chain.buildBlock(dao.state, parent, template()))).toBe(number <= 10n);
      return reasonOf(valid(other.chain.buildBlock(dao.state, parent, template())).block, dao, parent);
    };
    expect([reasonAt(1n), reasonAt(10n)]).toEqual(['EXTRA_DATA_INVALID_DAO', 'EXTRA_DATA_INVALID_DAO']);
    expect(reasonAt(11n)).toBe('accepted');
  });

  it('at more than 8 MiB (EIP-7934)', () => {
    const large = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0xc0);
    const parts = (bytes: number): Block => ({ ...block, transactions: [large(bytes)] });
    const rest = encodeBlock({ ...block, transactions: [] }).length + 12;
    expect(reasonOf(parts(8_388_608))).toBe('RLP_BLOCK_LIMIT_EXCEEDED');
    expect(reasonOf(parts(8_388_608 - rest))).not.toBe('RLP_BLOCK_LIMIT_EXCEEDED');
  });
});

describe('a transaction makes the block invalid', () => {
  const made = startAt('Osaka');
  const attempt = (transactions: readonly Uint8Array[]) =>
    made.chain.buildBlock(made.state, made.genesis, template({ transactions }));
  const blobs = (nonce: bigint, count: number): Uint8Array =>
    encodeTransaction(
      signed({
        type: TxType.Blob,
        nonce,
        maxFeePerGas: 2n * GWEI,
        maxFeePerBlobGas: GWEI,
        blobHashes: Array.from({ length: count }, () => 1n << 248n),
      }),
    );

  it('with its own reason and its index', () => {
    const outcome = attempt([transfer(0n), transfer(5n)]);
    expect(outcome).toMatchObject({ invalid: 'NONCE_MISMATCH_TOO_HIGH', transaction: 1 });
    expect(isInvalidBlock(outcome) && describeInvalidBlock(outcome)).toBe(
      "transaction 1: the nonce is above that of the sender (nonce 5, sender's is 1)",
    );
  });

  it.each<[string, readonly Uint8Array[]]>([
    ['TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED', [blobs(0n, 6), blobs(1n, 4)]],
    ['TYPE_3_TX_BLOB_COUNT_EXCEEDED', [blobs(0n, 7)]],
    ['INSUFFICIENT_MAX_FEE_PER_GAS', [transfer(0n, { maxFeePerGas: 1n })]],
  ])('%s', (reason, transactions) => {
    const transaction = transactions.length - 1;
    expect(attempt(transactions)).toMatchObject({ invalid: reason, transaction });
  });

  it('that asks for more gas than those before it left', () => {
    const { chain, state, genesis } = startAt('Cancun');
    const build = (gasLimit: bigint) =>
      chain.buildBlock(
        state,
        genesis,
        template({ transactions: [transfer(0n), transfer(1n, { gasLimit })] }),
      );
    valid(build(30_000_000n - 21_000n));
    expect(build(30_000_000n - 20_999n)).toMatchObject({ invalid: 'GAS_ALLOWANCE_EXCEEDED', transaction: 1 });
  });

  it('as bytes that are none', () => {
    for (const bytes of [
      hexToBytes('c0'),
      hexToBytes('03c0'),
      hexToBytes('02ff'),
      concatBytes(transfer(0n), hexToBytes('00')),
    ]) {
      expect(attempt([bytes])).toMatchObject({ invalid: 'RLP_STRUCTURES_ENCODING', transaction: null });
    }
    expect(attempt([hexToBytes('7f')])).toMatchObject({ invalid: 'TYPE_NOT_SUPPORTED', transaction: 0 });
  });

  it('or not: nine blobs fit, and are paid for', () => {
    const { block, result } = valid(attempt([blobs(0n, 6), blobs(1n, 3)]));
    expect(block.header.blobGasUsed).toBe(9n * 131_072n);
    const [first] = result.receipts;
    const spent = made.state.account(SENDER)!.balance - result.diff.get(SENDER)!.account!.balance;
    const gas = block.header.gasUsed * first!.gasPrice;
    expect(spent).toBe(gas + 9n * 131_072n * blobBaseFee(0n, rulesOf('Osaka').blobs!));
  });
});

describe('receipts before EIP-658', () => {
  it('have the root of the state after each transaction', () => {
    const made = startAt('SpuriousDragon');
    const { result } = extend(made, made.genesis, template({ transactions: [transfer(0n), transfer(1n)] }));
    const { receipts } = result;
    const again = startAt('SpuriousDragon');
    const { result: one } = valid(
      again.chain.buildBlock(again.state, again.genesis, template({ transactions: [transfer(0n)] })),
    ) as { result: typeof result };
    expect(receipts[0]?.stateRoot).toBe(one.receipts[0]?.stateRoot);
    expect(receipts[1]?.stateRoot).not.toBe(receipts[0]?.stateRoot);
    const state = new MemoryState();
    state.put(SENDER, { nonce: 1n, balance: 1_000n * ETHER - 5n - 42_000n * GWEI });
    state.put(TO, { balance: 5n });
    state.put(COINBASE, { balance: 42_000n * GWEI });
    expect(receipts[0]?.stateRoot).toBe(bytesToBigInt(state.root()));
  });
});

describe('BLOCKHASH', () => {
  it('is asked of the state', () => {
    const contract = { nonce: 1n, code: code(push(0), 'BLOCKHASH', push(0), 'SSTORE') };
    const { chain, genesis } = startAt('Cancun');
    const state = new MemoryState((number) => (number === 0n ? 99n : 0n));
    state.put(SENDER, { balance: ETHER });
    state.put(AUTHORITY, contract);
    const built = valid(
      chain.buildBlock(state, genesis, template({ transactions: [transfer(0n, { to: AUTHORITY })] })),
    );
    expect(built.result.diff.get(AUTHORITY)?.storage.get(0n)).toBe(99n);
  });
});
