/** `runTx` with transactions of `@ethereumjs/tx`, against `@ethereumjs/vm`. */

import { createBlock } from '@ethereumjs/block';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { MerkleStateManager } from '@ethereumjs/statemanager';
import {
  createAccessList2930Tx,
  createBlob4844Tx,
  createEOACode7702Tx,
  createFeeMarket1559Tx,
  createLegacyTx,
  type TypedTransaction,
} from '@ethereumjs/tx';
import {
  Account,
  createAddressFromPrivateKey,
  eoaCode7702SignAuthorization,
  type KZG,
} from '@ethereumjs/util';
import { describe, expect, it } from 'vitest';
import { InvalidTransactionError, type RunTxOpts, type RunTxResult } from '../../src/ethereumjs/index.ts';
import { bytesToHex, toBytes32 } from '../../src/primitives/bytes.ts';
import { call, code, create, deploys, mstore, push, returnTop, sstore } from '../helpers/assembler.ts';
import {
  at,
  CONTRACT,
  ETHER,
  type Library,
  OTHER,
  OURS,
  plain,
  same,
  seen,
  stateOf,
  THEIRS,
} from './both.ts';

const KEY = toBytes32(0xa11cen);
const SENDER = createAddressFromPrivateKey(KEY);
const AUTHORITY_KEY = toBytes32(0xb0bn);
const AUTHORITY = createAddressFromPrivateKey(AUTHORITY_KEY);
const MINER = at('c01b');

// Making a blob transaction asks for this; nothing here uses it.
const kzg = {} as KZG;
const commonOf = (hardfork: string): Common =>
  new Common({ chain: Mainnet, hardfork, customCrypto: { kzg } });

const blockOf = (common: Common, gasLimit = 30_000_000n) =>
  createBlock(
    {
      header: {
        number: 5n,
        timestamp: 77n,
        coinbase: MINER,
        gasLimit,
        gasUsed: 11n,
        ...(common.gteHardfork(Hardfork.London) ? { baseFeePerGas: 7n } : {}),
        ...(common.gteHardfork(Hardfork.Cancun) ? { excessBlobGas: 0n, blobGasUsed: 0n } : {}),
      },
    },
    { common, skipConsensusFormatValidation: true },
  );

const CLEARING = code(
  sstore(0, 0),
  sstore(1, 0),
  sstore(2, 7),
  mstore(0, 3),
  push(9),
  push(32),
  push(0),
  'LOG1',
);

interface Case {
  readonly hardfork?: string;
  readonly contract?: Uint8Array;
  readonly options?: Partial<RunTxOpts>;
  readonly nonce?: bigint;
  readonly balance?: bigint;
  tx(common: Common): TypedTransaction;
}

async function runWith(
  library: Library,
  { hardfork = Hardfork.Prague, contract = CLEARING, options = {}, nonce = 0n, balance = ETHER, tx }: Case,
) {
  const common = commonOf(hardfork);
  // The simple one of that library has no root, and keeps code and storage of what is gone.
  const stateManager =
    library === THEIRS
      ? (new MerkleStateManager({ common }) as never as InstanceType<Library['SimpleStateManager']>)
      : new library.SimpleStateManager();
  await stateManager.putAccount(SENDER, new Account(nonce, balance));
  await stateManager.putAccount(CONTRACT, new Account(1n, 3n));
  await stateManager.putCode(CONTRACT, contract);
  for (const key of [0n, 1n]) await stateManager.putStorage(CONTRACT, toBytes32(key), Uint8Array.of(9));
  const vm = await library.createVM({ common, stateManager });
  const result = await library.runTx(vm, { tx: tx(common), block: blockOf(common), ...options });
  return { vm, result, state: await stateOf(vm.evm, [SENDER, CONTRACT, OTHER, MINER, AUTHORITY]) };
}

const shown = (result: RunTxResult): unknown => {
  const { totalGasSpent, gasRefund, amountSpent, minerValue, bloom, receipt, blobGasUsed, accessList } =
    result;
  const { error: _, gasRefund: __, selfdestruct: ___, ...call } = seen(result) as Record<string, unknown>;
  const error = result.execResult.exceptionError?.error;
  return {
    ...call,
    error,
    totalGasSpent,
    gasRefund,
    amountSpent,
    minerValue,
    bloom: bloom.bitvector,
    receipt,
    blobGasUsed,
    accessList,
  };
};

const runBoth = (given: Case): Promise<unknown> =>
  same(async (library) => {
    const { result, state } = await runWith(library, given);
    return [shown(result), state];
  });

const FEES = { maxFeePerGas: 30n, maxPriorityFeePerGas: 3n, gasLimit: 200_000n };
const BLOB = `0x01${'22'.repeat(31)}` as const;

describe('runTx', () => {
  it.each<[string, Case]>([
    [
      'legacy call',
      {
        tx: (common) =>
          createLegacyTx({ to: CONTRACT, gasPrice: 20n, gasLimit: 100_000n, value: 5n }, { common }).sign(
            KEY,
          ),
      },
    ],
    [
      'legacy transfer',
      {
        tx: (common) =>
          createLegacyTx({ to: OTHER, gasPrice: 20n, gasLimit: 21_000n, value: 5n }, { common }).sign(KEY),
      },
    ],
    [
      'creation',
      {
        tx: (common) =>
          createFeeMarket1559Tx({ ...FEES, data: deploys(code(push(1), returnTop)) }, { common }).sign(KEY),
      },
    ],
    [
      'creation that fails',
      { tx: (common) => createFeeMarket1559Tx({ ...FEES, data: code('INVALID') }, { common }).sign(KEY) },
    ],
    [
      'fee market call',
      {
        tx: (common) =>
          createFeeMarket1559Tx({ ...FEES, to: CONTRACT, data: new Uint8Array(9).fill(1) }, { common }).sign(
            KEY,
          ),
      },
    ],
    [
      'call that reverts',
      {
        contract: code(CLEARING, mstore(0, 1), push(32), push(0), 'REVERT'),
        tx: (common) => createFeeMarket1559Tx({ ...FEES, to: CONTRACT }, { common }).sign(KEY),
      },
    ],
    [
      'call without enough gas',
      {
        tx: (common) =>
          createFeeMarket1559Tx({ ...FEES, gasLimit: 22_000n, to: CONTRACT }, { common }).sign(KEY),
      },
    ],
    [
      'call with a list',
      {
        tx: (common) =>
          createAccessList2930Tx(
            {
              to: CONTRACT,
              gasPrice: 20n,
              gasLimit: 100_000n,
              accessList: [{ address: CONTRACT.toString(), storageKeys: [bytesToHex(toBytes32(0n))] }],
            },
            { common },
          ).sign(KEY),
      },
    ],
    [
      'call with much data',
      {
        tx: (common) =>
          createFeeMarket1559Tx({ ...FEES, to: OTHER, data: new Uint8Array(500).fill(7) }, { common }).sign(
            KEY,
          ),
      },
    ],
    [
      'destruction',
      {
        contract: code(push(0xbeef), 'SELFDESTRUCT'),
        tx: (common) => createFeeMarket1559Tx({ ...FEES, to: CONTRACT }, { common }).sign(KEY),
      },
    ],
    [
      'destruction at once',
      {
        contract: code(create(code(push(0xbeef), 'SELFDESTRUCT'), { value: 1 })),
        tx: (common) => createFeeMarket1559Tx({ ...FEES, to: CONTRACT }, { common }).sign(KEY),
      },
    ],
    [
      'call in an old fork',
      {
        hardfork: Hardfork.TangerineWhistle,
        tx: (common) =>
          createLegacyTx({ to: CONTRACT, gasPrice: 20n, gasLimit: 100_000n }, { common }).sign(KEY),
      },
    ],
    [
      'destruction in an old fork',
      {
        hardfork: Hardfork.Istanbul,
        contract: code(push(0xbeef), 'SELFDESTRUCT'),
        tx: (common) =>
          createLegacyTx({ to: CONTRACT, gasPrice: 20n, gasLimit: 100_000n }, { common }).sign(KEY),
      },
    ],
    [
      'call before base fees',
      {
        hardfork: Hardfork.Berlin,
        tx: (common) =>
          createLegacyTx({ to: CONTRACT, gasPrice: 20n, gasLimit: 100_000n }, { common }).sign(KEY),
      },
    ],
  ])('runs a %s', async (_name, given) => {
    await runBoth(given);
  });

  it('runs a blob transaction', async () => {
    const contract = code(
      push(0),
      'BLOBHASH',
      push(0),
      'MSTORE',
      'BLOBBASEFEE',
      push(32),
      'MSTORE',
      push(64),
      push(0),
      'RETURN',
    );
    const tx = (common: Common) =>
      createBlob4844Tx(
        { ...FEES, to: CONTRACT, maxFeePerBlobGas: 3n, blobVersionedHashes: [BLOB] },
        { common },
      ).sign(KEY);
    await runBoth({ contract, tx });
  });

  it.each([true, false])('runs a set-code transaction (the authority exists: %s)', async (exists) => {
    const authorization = eoaCode7702SignAuthorization(
      { chainId: '0x1', address: CONTRACT.toString(), nonce: '0x0' },
      AUTHORITY_KEY,
    );
    const tx = (common: Common) =>
      createEOACode7702Tx(
        { ...FEES, to: exists ? AUTHORITY : OTHER, authorizationList: [authorization] },
        { common },
      ).sign(KEY);
    await runBoth({ tx });
  });

  it('takes bytes and hex', async () => {
    const signed = createFeeMarket1559Tx(
      { ...FEES, chainId: 1n, to: CONTRACT },
      { common: commonOf(Hardfork.Prague) },
    ).sign(KEY);
    const results = [];
    for (const tx of [signed, signed.serialize(), bytesToHex(signed.serialize())]) {
      const { result } = await runWith(OURS, { tx: () => tx as TypedTransaction });
      results.push(plain(shown(result)));
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it('runs what nobody signed for a sender that is given', async () => {
    for (const make of [createLegacyTx, createFeeMarket1559Tx]) {
      await runBoth({
        tx: (common) => {
          const fees =
            make === createLegacyTx ? { gasPrice: 20n } : { maxFeePerGas: 30n, maxPriorityFeePerGas: 3n };
          const tx = make({ to: CONTRACT, gasLimit: 100_000n, ...fees } as never, { common, freeze: false });
          (tx as { getSenderAddress(): unknown }).getSenderAddress = () => SENDER;
          return tx as TypedTransaction;
        },
      });
    }
  });

  const plainTx = (common: Common, fields: object = {}) =>
    createFeeMarket1559Tx({ ...FEES, to: CONTRACT, ...fields }, { common }).sign(KEY);

  it('skips what it is asked to skip', async () => {
    await runBoth({ nonce: 4n, options: { skipNonce: true }, tx: (common) => plainTx(common) });
    await runBoth({ balance: 9n, options: { skipBalance: true }, tx: (common) => plainTx(common) });
    await runBoth({
      options: { skipBlockGasLimitValidation: true, block: blockOf(commonOf(Hardfork.Prague), 100_000n) },
      contract: code('GASLIMIT', returnTop),
      tx: (common) => plainTx(common),
    });
    await runBoth({ options: { blockGasUsed: 1_000n }, tx: (common) => plainTx(common) });
  });

  it('runs without a block', async () => {
    await same(async (library) => {
      const vm = await library.createVM({
        common: commonOf(Hardfork.Prague),
        stateManager: new library.SimpleStateManager(),
      });
      await vm.stateManager.putAccount(SENDER, new Account(0n, ETHER));
      return shown(await library.runTx(vm, { tx: plainTx(commonOf(Hardfork.Prague)) }));
    });
  });

  it('reports an access list', async () => {
    const contract = code(
      sstore(5, 1),
      push(6),
      'SLOAD',
      call(0x07e5n),
      push(0xbeef),
      'BALANCE',
      call(4n),
      push(0xc01b),
      'EXTCODESIZE',
    );
    await runBoth({ contract, options: { reportAccessList: true }, tx: (common) => plainTx(common) });
  });

  it('runs several in a row, each with its own warm accounts', async () => {
    await same(async (library) => {
      const { vm, result } = await runWith(library, { tx: (common) => plainTx(common) });
      const second = await library.runTx(vm, {
        tx: plainTx(commonOf(Hardfork.Prague), { nonce: 1n }),
        block: blockOf(commonOf(Hardfork.Prague)),
      });
      return [shown(result), shown(second)];
    });
  });

  it.each<[string, string, Partial<Case>, object]>([
    ['nonce', 'NONCE_MISMATCH_TOO_LOW', { nonce: 3n }, {}],
    ['nonce', 'NONCE_MISMATCH_TOO_HIGH', {}, { nonce: 3n }],
    ['balance', 'INSUFFICIENT_ACCOUNT_FUNDS', { balance: 100n }, {}],
    ['fee', 'INSUFFICIENT_MAX_FEE_PER_GAS', {}, { maxFeePerGas: 6n }],
    ['gas', 'INTRINSIC_GAS_TOO_LOW', {}, { gasLimit: 20_000n }],
    ['block', 'GAS_ALLOWANCE_EXCEEDED', {}, { gasLimit: 40_000_000n }],
  ])('rejects a wrong %s: %s', async (_name, reason, given, fields) => {
    const made: Case = { ...given, tx: (common) => plainTx(common, fields) };
    const failure = await runWith(OURS, made).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InvalidTransactionError);
    expect(failure).toMatchObject({ reason, message: expect.stringContaining(reason) });
    await expect(runWith(THEIRS, made)).rejects.toThrow(Error);
  });

  it('sees events of a transaction', async () => {
    await same(async (library) => {
      const vm = await library.createVM({
        common: commonOf(Hardfork.Prague),
        stateManager: new library.SimpleStateManager(),
      });
      await vm.stateManager.putAccount(SENDER, new Account(0n, ETHER));
      await vm.stateManager.putCode(CONTRACT, CLEARING);
      const heard: unknown[] = [];
      vm.evm.events.on('step', ({ pc, gasLeft, opcode }) =>
        heard.push([pc, gasLeft, opcode.name, opcode.dynamicFee]),
      );
      vm.evm.events.on('beforeMessage', ({ gasLimit }) => heard.push(gasLimit));
      await library.runTx(vm, { tx: plainTx(commonOf(Hardfork.Prague)) });
      return heard;
    });
  });
});
