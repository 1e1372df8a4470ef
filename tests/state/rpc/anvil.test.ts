/** A real node: what a pinned block holds stays readable while the chain goes on. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAddress } from '../../../src/primitives/address.ts';
import { bytesToHex, type Hex, toHex32 } from '../../../src/primitives/bytes.ts';
import { EMPTY_CODE_HASH, keccakWord } from '../../../src/primitives/keccak.ts';
import { openRpcState } from '../../../src/state/readers/rpc/index.ts';
import { Anvil } from '../../helpers/anvil.ts';
import { code, memoryOf, push, returnTop, sstore } from '../../helpers/assembler.ts';
import { errorOf } from './support.ts';

let anvil: Anvil;
let accounts: Hex[];

beforeAll(async () => {
  anvil = await Anvil.start('--hardfork', 'osaka', '--accounts', '3', '--chain-id', '4242');
  accounts = await anvil.rpc<Hex[]>('eth_accounts');
});
afterAll(() => anvil?.stop());

interface Block {
  readonly number: Hex;
  readonly hash: Hex;
  readonly [field: string]: unknown;
}

const hexOf = (address: bigint): Hex => `0x${address.toString(16).padStart(40, '0')}`;
const latest = (): Promise<Block> => anvil.rpc<Block>('eth_getBlockByNumber', 'latest', false);

const PLACED = 0xabcdef00000000000000000000000000000000efn;
const EMPTY = 0x1234560000000000000000000000000000000065n;
const RUNTIME = code(push(42), returnTop);

describe('a pinned block of anvil', () => {
  let pinned: Block;
  let contract: bigint;
  let sender: bigint;
  let balance: bigint;

  beforeAll(async () => {
    const from = accounts[0]!;
    sender = BigInt(from);
    const store = [sstore(1, 11), sstore(2, 2n ** 256n - 1n)];
    const init = code(store, memoryOf(RUNTIME), push(RUNTIME.length), push(0), 'RETURN');
    await anvil.rpc('eth_sendTransaction', { from, data: bytesToHex(init), gas: '0x100000' });
    contract = createAddress(sender, 0n);
    await anvil.rpc('anvil_setBalance', hexOf(PLACED), '0x7b');
    await anvil.rpc('anvil_setNonce', hexOf(PLACED), '0x9');
    await anvil.rpc('anvil_setCode', hexOf(PLACED), '0x6001');
    await anvil.rpc('anvil_setStorageAt', hexOf(PLACED), toHex32(5n), toHex32(55n));
    await anvil.rpc('anvil_mine', '0x5');
    pinned = await latest();
    balance = BigInt(await anvil.rpc<Hex>('eth_getBalance', from, 'latest'));

    // The chain goes on, and everything changes.
    await anvil.rpc('anvil_mine', '0x1');
    await anvil.rpc('anvil_setBalance', hexOf(PLACED), '0x1');
    await anvil.rpc('anvil_setNonce', hexOf(PLACED), '0x10');
    await anvil.rpc('anvil_setCode', hexOf(PLACED), '0x');
    await anvil.rpc('anvil_setStorageAt', hexOf(PLACED), toHex32(5n), toHex32(0n));
    await anvil.rpc('anvil_setStorageAt', hexOf(contract), toHex32(1n), toHex32(12n));
    await anvil.rpc('anvil_setBalance', hexOf(EMPTY), '0x1');
    await anvil.rpc('eth_sendTransaction', { from, to: accounts[1], value: '0x1' });
    await anvil.rpc('anvil_mine', '0x3');
  });

  it.each(['number', 'hash'] as const)('is read by its %s', async (name) => {
    const state = await openRpcState(anvil.url, {
      block: name === 'hash' ? pinned.hash : BigInt(pinned.number),
    });
    await state.load({
      accounts: [sender, contract, PLACED, EMPTY],
      slots: [
        ...[0n, 1n, 2n].map((key) => [contract, key] as const),
        ...[5n, 6n].map((key) => [PLACED, key] as const),
      ],
    });
    expect(state.account(sender)).toEqual({ nonce: 1n, balance, codeHash: EMPTY_CODE_HASH });
    expect(state.account(contract)).toEqual({ nonce: 1n, balance: 0n, codeHash: keccakWord(RUNTIME) });
    expect(bytesToHex(state.code(keccakWord(RUNTIME)))).toBe(bytesToHex(RUNTIME));
    const placed = Uint8Array.of(0x60, 1);
    expect(state.account(PLACED)).toEqual({ nonce: 9n, balance: 123n, codeHash: keccakWord(placed) });
    expect(state.account(EMPTY)).toBe(undefined);
    expect([0n, 1n, 2n].map((key) => state.storage(contract, key))).toEqual([0n, 11n, 2n ** 256n - 1n]);
    expect([5n, 6n].map((key) => state.storage(PLACED, key))).toEqual([55n, 0n]);
    expect(state.missing).toBe(null);
    expect(state.requests).toBe(2);
  });

  it('has its header, chain and earlier hashes', async () => {
    const state = await openRpcState(anvil.url, { block: pinned.hash });
    expect(state.chainId).toBe(4242n);
    const word = (field: string): bigint => BigInt(pinned[field] as string);
    expect(state.block).toEqual({
      chainId: 4242n,
      number: word('number'),
      hash: word('hash'),
      parentHash: word('parentHash'),
      stateRoot: word('stateRoot'),
      timestamp: word('timestamp'),
      coinbase: word('miner'),
      gasLimit: word('gasLimit'),
      difficulty: 0n,
      prevRandao: word('mixHash'),
      baseFee: word('baseFeePerGas'),
      blobGasUsed: 0n,
      excessBlobGas: word('excessBlobGas'),
    });
    const numbers = [0n, 1n, state.block.number - 2n, state.block.number - 1n, state.block.number];
    for (const number of numbers) state.blockHash(number);
    await state.load();
    for (const number of numbers) {
      const { hash } = await anvil.rpc<Block>('eth_getBlockByNumber', `0x${number.toString(16)}`, false);
      expect(state.blockHash(number)).toBe(BigInt(hash));
    }
  });

  it('knows who has storage', async () => {
    const state = await openRpcState(anvil.url, { block: pinned.hash });
    await state.load({ accounts: [sender, contract, PLACED, EMPTY], slots: [] });
    const asked = [sender, contract, PLACED, EMPTY];
    for (const address of asked) state.hasStorage(address);
    await state.load();
    expect(asked.map((address) => state.hasStorage(address))).toEqual([false, true, true, false]);
  });

  it('is found out about by running into what is missing', async () => {
    const state = await openRpcState(anvil.url);
    expect(state.account(PLACED)).toBe(undefined);
    expect(state.storage(contract, 1n)).toBe(0n);
    await state.load();
    expect(state.account(PLACED)).toEqual({ nonce: 16n, balance: 1n, codeHash: EMPTY_CODE_HASH });
    expect(state.storage(contract, 1n)).toBe(12n);
  });

  it('is an error where the node does not have it', async () => {
    const none = await errorOf(openRpcState(anvil.url, { block: 10_000 }));
    expect(none.message).toContain('there is no such block');
    const hash = toHex32(77n);
    expect((await errorOf(openRpcState(anvil.url, { block: hash }))).message).toContain(
      'there is no such block',
    );
  });

  it('that goes away in a reorganisation is an error', async () => {
    const snapshot = await anvil.rpc('evm_snapshot');
    await anvil.rpc('anvil_mine', '0x2');
    const state = await openRpcState(anvil.url);
    await anvil.rpc('evm_revert', snapshot);
    await anvil.rpc('anvil_mine', '0x4', '0x20');
    const error = await errorOf(
      openRpcState(anvil.url, { block: toHex32(state.block.hash) }).then((other) =>
        other.load({ accounts: [PLACED], slots: [] }),
      ),
    );
    expect(error.code).toBe('REMOTE_STATE');
    state.blockHash(1n);
    expect((await errorOf(state.load())).message).toContain('the chain was reorganised');
  });

  it('is an error when the node is gone', async () => {
    const other = await Anvil.start('--accounts', '1');
    const state = await openRpcState(other.url, { sleep: async () => {} });
    await other.stop();
    const error = await errorOf(state.load({ accounts: [PLACED], slots: [] }));
    expect(error.code).toBe('REMOTE_STATE');
    expect(error.message).toMatch(/no connection \(.*\), 6 times/);
  });
});
