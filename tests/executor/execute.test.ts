/** A transaction from its sender to its receipt: what it costs, who is paid, and what it leaves behind. */

import { describe, expect, it } from 'vitest';
import { intrinsicGas } from '../../src/executor/intrinsic.ts';
import { isInvalid } from '../../src/executor/reasons.ts';
import { TxType } from '../../src/executor/transaction.ts';
import type { ForkName } from '../../src/forks/fork.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { Halt } from '../../src/machine/halt.ts';
import { createAddress } from '../../src/primitives/address.ts';
import { bytesToHex, EMPTY_BYTES, hexToBytes } from '../../src/primitives/bytes.ts';
import { EMPTY_CODE_HASH } from '../../src/primitives/keccak.ts';
import { code, deploys, jump, label, push, raw, returnTop, sstore } from '../helpers/assembler.ts';
import {
  AUTHORITY,
  AUTHORITY_KEY,
  attempt,
  authorization,
  ETHER,
  KEY,
  SENDER,
  signed,
  TO,
  TX_BLOCK,
  transact,
} from '../helpers/transact.ts';

const legacy = (fork: ForkName) => ({
  type: TxType.Legacy,
  chainId: rulesOf(fork).replayProtection ? 1n : null,
  maxFeePerGas: 10n,
});

describe('intrinsic gas', () => {
  const gasOf = (fields: Parameters<typeof signed>[0], fork: ForkName = 'Osaka'): [bigint, bigint] => {
    const { gas, floor } = intrinsicGas(signed(fields), rulesOf(fork));
    return [gas, floor];
  };
  const data = hexToBytes('0x0000ff01');

  it.each([
    ['Frontier', 21_000n + 8n + 136n, 0n],
    ['Homestead', 21_000n + 8n + 136n, 0n],
    ['Istanbul', 21_000n + 8n + 32n, 0n],
    ['Cancun', 21_000n + 8n + 32n, 0n],
    ['Prague', 21_000n + 8n + 32n, 21_000n + 100n],
    ['Osaka', 21_000n + 8n + 32n, 21_000n + 100n],
  ] as const)('of calldata in %s', (fork, gas, floor) => {
    expect(gasOf({ data }, fork)).toEqual([gas, floor]);
  });

  it.each([
    ['Frontier', 21_000n + 33n * 68n],
    ['Homestead', 53_000n + 33n * 68n],
    ['London', 53_000n + 33n * 16n],
    ['Shanghai', 53_000n + 33n * 16n + 4n],
  ] as const)('of a creation in %s', (fork, gas) => {
    expect(gasOf({ to: null, data: new Uint8Array(33).fill(1) }, fork)[0]).toBe(gas);
  });

  it('of access lists and authorizations', () => {
    const accessList = [
      { address: 1n, storageKeys: [1n, 2n] },
      { address: 1n, storageKeys: [] },
    ];
    expect(gasOf({ accessList })[0]).toBe(21_000n + 2n * 2_400n + 2n * 1_900n);
    const authorizations = [authorization(), authorization()];
    expect(gasOf({ type: TxType.SetCode, authorizations })[0]).toBe(21_000n + 50_000n);
  });
});

describe('payment', () => {
  it('of a plain transfer', () => {
    const { result, state } = transact(signed({ value: 5n }));
    expect([result.gasUsed, result.gasRefunded, result.halt]).toEqual([21_000n, 0n, Halt.Return]);
    // Base fee 7 and priority fee 3: 10 paid, 3 earned, 7 burnt.
    expect(state.account(SENDER)).toMatchObject({ nonce: 1n, balance: ETHER - 5n - 210_000n });
    expect(state.account(TX_BLOCK.coinbase)?.balance).toBe(63_000n);
    expect(state.account(TO)?.balance).toBe(5n);
  });

  it.each([
    [10n, 3n, 10n],
    [100n, 3n, 10n],
    [9n, 3n, 9n],
    [7n, 0n, 7n],
    [8n, 8n, 8n],
  ])('with a maximum of %d and a priority of %d is at %d', (maxFeePerGas, maxPriorityFeePerGas, price) => {
    const { state } = transact(signed({ maxFeePerGas, maxPriorityFeePerGas }));
    expect(state.account(SENDER)?.balance).toBe(ETHER - 21_000n * price);
    expect(state.account(TX_BLOCK.coinbase)?.balance ?? 0n).toBe(21_000n * (price - 7n));
  });

  it('of a legacy transaction before London goes to the coinbase in full', () => {
    const { state } = transact(signed(legacy('Berlin')), { fork: 'Berlin' });
    expect(state.account(TX_BLOCK.coinbase)?.balance).toBe(210_000n);
  });

  it('shows its price to GASPRICE', () => {
    const accounts = [[TO, { code: code('GASPRICE', returnTop) }]] as const;
    expect(transact(signed({ maxFeePerGas: 100n }), { accounts }).result.output[31]).toBe(10);
  });

  it('of blobs is burnt, at the price of the block', () => {
    const tx = signed({ type: TxType.Blob, blobHashes: [1n << 248n, 1n << 248n], maxFeePerBlobGas: 100n });
    const { state } = transact(tx, { block: { blobBaseFee: 3n } });
    expect(state.account(SENDER)?.balance).toBe(ETHER - 210_000n - 2n * 131_072n * 3n);
    expect(state.account(TX_BLOCK.coinbase)?.balance).toBe(63_000n);
  });

  it('by the coinbase to itself', () => {
    const { state } = transact(signed(), { block: { coinbase: SENDER } });
    expect(state.account(SENDER)?.balance).toBe(ETHER - 21_000n * 7n);
  });

  it('of nothing touches the coinbase, which EIP-161 then removes', () => {
    const accounts = [[TX_BLOCK.coinbase, {}]] as const;
    const free = signed({ maxFeePerGas: 7n, maxPriorityFeePerGas: 0n });
    expect(transact(free, { accounts }).state.account(TX_BLOCK.coinbase)).toBeUndefined();
  });
});

describe('a failing transaction', () => {
  const accounts = [[TO, { code: code(sstore(1, 1), raw(0xfe)), storage: [[9n, 9n]] as const }]] as const;

  it('costs its gas and a nonce and leaves the rest as it was', () => {
    const { result, state } = transact(signed({ value: 5n }), { accounts });
    expect([result.halt, result.gasUsed, result.logs]).toEqual([Halt.Invalid, 1_000_000n, []]);
    expect(state.account(SENDER)).toMatchObject({ nonce: 1n, balance: ETHER - 10_000_000n });
    expect([state.account(TO)?.balance, state.storage(TO, 1n), state.storage(TO, 9n)]).toEqual([0n, 0n, 9n]);
    expect([...result.diff.keys()].sort()).toEqual([SENDER, TX_BLOCK.coinbase].sort());
  });

  it('that reverts pays for what it used and gives its data', () => {
    const reverting = code(push(0xab), push(0), 'MSTORE', push(1), push(31), 'REVERT');
    const { result } = transact(signed(), { accounts: [[TO, { code: reverting }]] });
    expect([result.halt, result.gasUsed, bytesToHex(result.output)]).toEqual([Halt.Revert, 21_018n, '0xab']);
  });

  it('gets no refund', () => {
    const clears = code(sstore(9, 0), push(0), push(0), 'REVERT');
    const { result } = transact(signed(), { accounts: [[TO, { code: clears, storage: [[9n, 9n]] }]] });
    expect([result.gasRefunded, result.gasUsed]).toEqual([0n, 21_000n + 12n + 5_000n]);
  });
});

describe('refunds', () => {
  it.each([
    // Clearing three slots: 15,000 each before London, 4,800 after; at most a half, then a fifth.
    ['Frontier', 21_000n + 3n * 5_006n, 18_009n],
    ['Istanbul', 21_000n + 3n * 5_006n, 18_009n],
    ['Berlin', 21_000n + 3n * 5_006n, 18_009n],
    ['London', 21_000n + 3n * 5_006n, 7_203n],
    ['Osaka', 21_000n + 3n * 5_006n, 7_203n],
  ] as const)('have a cap in %s', (fork, before, refunded) => {
    const clears = code(sstore(1, 0), sstore(2, 0), sstore(3, 0));
    const storage = [1n, 2n, 3n].map((key) => [key, 1n] as const);
    const { result, state } = transact(signed(legacy(fork)), {
      fork,
      accounts: [[TO, { code: clears, storage }]],
    });
    expect([result.gasRefunded, result.gasUsed]).toEqual([refunded, before - refunded]);
    expect(state.account(SENDER)?.balance).toBe(ETHER - (before - refunded) * 10n);
  });

  it('below the cap are given in full', () => {
    const clears = code(sstore(1, 0), push(0), push(100_000), 'MSTORE8');
    const { result } = transact(signed(), { accounts: [[TO, { code: clears, storage: [[1n, 1n]] }]] });
    expect(result.gasRefunded).toBe(4_800n);
  });
});

describe('the floor of calldata (EIP-7623)', () => {
  const data = new Uint8Array(1_000).fill(1);

  it('is paid where the run costs less', () => {
    expect(transact(signed({ data })).result.gasUsed).toBe(21_000n + 40_000n);
    expect(transact(signed({ data }), { fork: 'Cancun' }).result.gasUsed).toBe(21_000n + 16_000n);
  });

  it('is not added where the run costs more', () => {
    const busy = code(push(0), push(300_000), 'MSTORE8');
    const { result } = transact(signed({ data }), { accounts: [[TO, { code: busy }]] });
    const words = 9_376n;
    expect(result.gasUsed).toBe(21_000n + 16_000n + 9n + 3n * words + (words * words) / 512n);
  });

  it('stands above refunds', () => {
    const clears = code(sstore(1, 0));
    const { result } = transact(signed({ data }), {
      accounts: [[TO, { code: clears, storage: [[1n, 1n]] }]],
    });
    expect(result.gasUsed).toBe(21_000n + 40_000n);
  });
});

describe('a creation', () => {
  const made = createAddress(SENDER, 0n);

  it('makes a contract at the address of sender and nonce', () => {
    const { result, state } = transact(signed({ to: null, data: deploys(raw(1, 2, 3)), value: 4n }));
    expect([result.created, bytesToHex(result.output)]).toEqual([made, '0x010203']);
    expect(state.account(made)).toMatchObject({ nonce: 1n, balance: 4n });
    expect(state.account(SENDER)?.nonce).toBe(1n);
  });

  it('that fails costs a nonce, and makes nothing', () => {
    const { result, state } = transact(signed({ to: null, data: raw(0xfe), value: 4n }));
    expect([result.created, result.gasUsed]).toEqual([null, 1_000_000n]);
    expect(state.account(made)).toBeUndefined();
    expect(state.account(SENDER)).toMatchObject({ nonce: 1n, balance: ETHER - 10_000_000n });
  });

  it('at a used address burns all gas', () => {
    for (const account of [{ nonce: 1n }, { code: raw(1) }, { storage: [[1n, 1n]] as const }]) {
      const { result, state } = transact(signed({ to: null, data: raw(0) }), { accounts: [[made, account]] });
      expect([result.halt, result.gasUsed]).toEqual([Halt.AddressCollision, 1_000_000n]);
      expect(state.account(SENDER)?.nonce).toBe(1n);
      expect(state.account(made)).toBeDefined();
    }
  });

  it('without gas for its code leaves an empty contract in Frontier', () => {
    const tx = signed({
      ...legacy('Frontier'),
      to: null,
      data: deploys(new Uint8Array(1_000)),
      gasLimit: 200_000n,
    });
    const { result, state } = transact(tx, { fork: 'Frontier' });
    expect([result.created, result.halt]).toEqual([made, Halt.Return]);
    expect(state.account(made)).toMatchObject({ codeHash: EMPTY_CODE_HASH });
    expect(result.gasUsed).toBeLessThan(200_000n);
  });
});

describe('what is warm at the start (EIP-2929, EIP-2930, EIP-3651)', () => {
  const cost = (
    address: bigint,
    fields: Parameters<typeof signed>[0] = {},
    fork: ForkName = 'Osaka',
  ): bigint => {
    const program = code(push(address, 20), 'BALANCE');
    const tx = signed({ type: TxType.AccessList, ...fields });
    const { result } = transact(tx, { fork, accounts: [[TO, { code: program }]] });
    return result.gasUsed - intrinsicGas(tx, rulesOf(fork)).gas - 3n;
  };

  it('is sender, callee, coinbase, precompiles and the list', () => {
    expect(cost(SENDER)).toBe(100n);
    expect(cost(TO)).toBe(100n);
    expect(cost(TX_BLOCK.coinbase)).toBe(100n);
    expect(cost(TX_BLOCK.coinbase, {}, 'Paris')).toBe(2_600n);
    expect(cost(0x0an, {}, 'Cancun')).toBe(100n);
    expect(cost(0x0an, {}, 'Shanghai')).toBe(2_600n);
    expect(cost(0x100n)).toBe(100n);
    expect(cost(0x100n, {}, 'Prague')).toBe(2_600n);
    expect(cost(0xabcn)).toBe(2_600n);
    expect(cost(0xabcn, { accessList: [{ address: 0xabcn, storageKeys: [] }] })).toBe(100n);
  });

  it('has slots by account', () => {
    const program = code(push(5), 'SLOAD');
    const slotCost = (address: bigint): bigint => {
      const tx = signed({ accessList: [{ address, storageKeys: [5n, 5n] }] });
      const { result } = transact(tx, { accounts: [[TO, { code: program }]] });
      return result.gasUsed - 21_000n - 2_400n - 3_800n - 3n;
    };
    expect([slotCost(TO), slotCost(0xabcn)]).toEqual([100n, 2_100n]);
  });
});

describe('authorizations (EIP-7702)', () => {
  const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const designator = (to: bigint): string => `0xef0100${to.toString(16).padStart(40, '0')}`;
  type Options = Parameters<typeof transact>[1];
  const outcome = (list: ReturnType<typeof authorization>[], options: Options = {}) => {
    const { result, state } = transact(
      signed({ type: TxType.SetCode, authorizations: list, to: 0x99n }),
      options,
    );
    const account = state.account(AUTHORITY);
    return {
      code: account === undefined ? '0x' : bytesToHex(state.code(account.codeHash)),
      nonce: account?.nonce ?? 0n,
      gasUsed: result.gasUsed,
      refunded: result.gasRefunded,
    };
  };
  const IGNORED = { code: '0x', nonce: 0n };

  it('sets code and takes a nonce', () => {
    expect(outcome([authorization({ address: 0x1234n })])).toEqual({
      code: designator(0x1234n),
      nonce: 1n,
      gasUsed: 46_000n,
      refunded: 0n,
    });
    expect(outcome([authorization({ chainId: 0n })])).toMatchObject({ code: designator(TO), nonce: 1n });
  });

  it('gives back 12,500 where the account exists', () => {
    const accounts = [[AUTHORITY, { balance: 1n }]] as const;
    const { refunded, gasUsed } = outcome([authorization()], { accounts });
    // A fifth of 46,000 is the most.
    expect([refunded, gasUsed]).toEqual([9_200n, 36_800n]);
    expect(outcome([authorization(), authorization({ nonce: 1n })], {}).refunded).toBe(12_500n);
  });

  it.each([
    ['for another chain', { chainId: 2n }],
    ['with a nonce too high', { nonce: 1n }],
    ['with the last nonce', { nonce: 2n ** 64n - 1n }],
  ])('%s is passed over', (_, fields) => {
    expect(outcome([authorization(fields)])).toMatchObject(IGNORED);
  });

  it('with a nonce too low is passed over', () => {
    const accounts = [[AUTHORITY, { nonce: 1n }]] as const;
    expect(outcome([authorization()], { accounts })).toMatchObject({ code: '0x', nonce: 1n, refunded: 0n });
  });

  it('with a bad signature is passed over', () => {
    const good = authorization();
    const high = { ...good, s: ORDER - good.s, yParity: 1n - good.yParity };
    for (const bad of [
      high,
      { ...good, yParity: 2n },
      { ...good, r: 0n },
      { ...good, s: 0n },
      { ...good, r: ORDER },
    ]) {
      expect(outcome([bad])).toMatchObject({ ...IGNORED, gasUsed: 46_000n });
    }
  });

  it('of a contract is passed over, and its nonce stays', () => {
    const accounts = [[AUTHORITY, { code: raw(0x00) }]] as const;
    expect(outcome([authorization()], { accounts })).toMatchObject({ code: '0x00', nonce: 0n });
  });

  it('replaces a delegation, and clears it with address 0', () => {
    const accounts = [[AUTHORITY, { nonce: 4n, code: hexToBytes(designator(1n)) }]] as const;
    expect(outcome([authorization({ nonce: 4n, address: 2n })], { accounts })).toMatchObject({
      code: designator(2n),
      nonce: 5n,
    });
    expect(outcome([authorization({ nonce: 4n, address: 0n })], { accounts })).toMatchObject({
      code: '0x',
      nonce: 5n,
    });
  });

  it('in a list each count on those before', () => {
    const list = [
      authorization({ address: 1n }),
      authorization({ nonce: 1n, address: 2n }),
      authorization({ address: 3n }),
    ];
    expect(outcome(list)).toMatchObject({ code: designator(2n), nonce: 2n });
  });

  it('of the sender itself needs the nonce after the transaction', () => {
    const run = (nonce: bigint) =>
      transact(
        signed({ type: TxType.SetCode, authorizations: [authorization({ nonce }, KEY)] }),
      ).state.account(SENDER);
    expect(run(1n)).toMatchObject({ nonce: 2n });
    expect(run(0n)).toMatchObject({ nonce: 1n, codeHash: EMPTY_CODE_HASH });
  });

  it('outlives a failing run', () => {
    const accounts = [[0x99n, { code: raw(0xfe) }]] as const;
    expect(outcome([authorization()], { accounts })).toMatchObject({ code: designator(TO), nonce: 1n });
  });

  it('counts at once: the transaction may call what it sets', () => {
    const tx = signed({ type: TxType.SetCode, to: AUTHORITY, authorizations: [authorization()] });
    const { state } = transact(tx, { accounts: [[TO, { code: code('ADDRESS', push(1), 'SSTORE') }]] });
    expect([state.storage(AUTHORITY, 1n), state.storage(TO, 1n)]).toEqual([AUTHORITY, 0n]);
    expect(AUTHORITY_KEY).toHaveLength(32);
  });

  it('warms the authority, even where it is passed over, and the delegate of the callee', () => {
    const gasOf = (list: ReturnType<typeof authorization>[], address: bigint): bigint => {
      const tx = signed({ type: TxType.SetCode, authorizations: list });
      const program = code(push(address, 20), 'BALANCE');
      return transact(tx, { accounts: [[TO, { code: program }]] }).result.gasUsed - 21_000n - 25_003n;
    };
    expect(gasOf([authorization({ nonce: 7n })], AUTHORITY)).toBe(100n);
    expect(gasOf([authorization({ chainId: 7n })], AUTHORITY)).toBe(2_600n);
    const delegating = [
      [TO, { code: hexToBytes(designator(0x77n)) }],
      [0x77n, { code: code(push(0x77n), 'BALANCE') }],
    ] as const;
    expect(transact(signed(), { accounts: delegating }).result.gasUsed).toBe(21_000n + 103n);
  });
});

describe('limits of the host', () => {
  const endless = code(label('loop'), jump('loop'));
  const huge = {
    fork: 'Prague',
    block: { gasLimit: 2n ** 64n - 1n },
    sender: { balance: 10n ** 30n },
  } as const;
  const tx = signed({ gasLimit: 2n ** 64n - 1n });
  const stopAfter = (allowed: number) => () => {
    let asked = 0;
    return () => ++asked > allowed;
  };

  it('stop an endless loop with 2^64 - 1 gas, and change nothing', () => {
    const outcome = attempt(tx, { ...huge, accounts: [[TO, { code: endless }]], limit: stopAfter(3) });
    if (isInvalid(outcome)) throw new Error(outcome.invalid);
    expect(outcome.halt).toBe(Halt.HostInterrupt);
    expect([outcome.diff.size, outcome.logs.length, outcome.gasRefunded]).toEqual([0, 0, 0n]);
  });

  it('stop nested frames as well, and before the first', () => {
    const calls = code(
      label('loop'),
      [push(0), push(0), push(0), push(0), push(0), 'ADDRESS', 'GAS', 'CALL'],
      'POP',
      jump('loop'),
    );
    for (const allowed of [0, 1, 500, 1_100]) {
      const outcome = attempt(tx, { ...huge, accounts: [[TO, { code: calls }]], limit: stopAfter(allowed) });
      expect(isInvalid(outcome) ? outcome.invalid : outcome.halt).toBe(Halt.HostInterrupt);
    }
  });

  it('that never stop change no result', () => {
    const busy = code(
      push(5_000),
      label('loop'),
      push(1),
      'SWAP1',
      'SUB',
      'DUP1',
      push(3),
      'JUMPI',
      sstore(1, 0),
    );
    const options = { accounts: [[TO, { code: busy, storage: [[1n, 1n]] as const }]] as const };
    const plain = transact(signed(), options).result;
    const watched = transact(signed(), { ...options, limit: () => () => false }).result;
    expect([watched.halt, watched.gasUsed, watched.gasRefunded]).toEqual([
      plain.halt,
      plain.gasUsed,
      plain.gasRefunded,
    ]);
    expect(plain.halt).toBe(Halt.Stop);
  });

  it('tell a memory that no machine has from running out of gas', () => {
    const greedy = code(push(0), push(2n ** 31n), 'MSTORE8');
    const outcome = attempt(tx, { ...huge, accounts: [[TO, { code: greedy }]] });
    expect(isInvalid(outcome) ? outcome.invalid : outcome.halt).toBe(Halt.HostMemoryLimit);
    expect(transact(signed(), { accounts: [[TO, { code: greedy }]] }).result.halt).toBe(Halt.OutOfGas);
  });

  it('gas is exact with 2^64 - 1', () => {
    const { result, state } = transact(tx, { ...huge, accounts: [[TO, { code: code('GAS', returnTop) }]] });
    expect(result.gasUsed).toBe(21_000n + 17n);
    expect(bytesToHex(result.output)).toBe(`0x${(2n ** 64n - 1n - 21_002n).toString(16).padStart(64, '0')}`);
    expect(state.account(SENDER)?.balance).toBe(10n ** 30n - 21_017n * 10n);
  });
});

describe('an empty transaction', () => {
  it('to nobody leaves nobody behind', () => {
    const { result, state } = transact(signed());
    expect([result.output, result.created]).toEqual([EMPTY_BYTES, null]);
    expect(state.account(TO)).toBeUndefined();
    expect(transact(signed(legacy('Homestead')), { fork: 'Homestead' }).state.account(TO)).toBeDefined();
  });
});
