/** What a test measures and forks, beside a node: anvil's receipts have the same gas, and its chain can be gone on from. */

import { encodeFunctionData, parseEther } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Hex } from '../../src/primitives/bytes.ts';
import { openRpcState } from '../../src/state/readers/rpc/index.ts';
import { CallError } from '../../src/testing/index.ts';
import { TestVm } from '../../src/testing/viem/index.ts';
import { Anvil } from '../helpers/anvil.ts';
import { ABI, BYTECODE, VAULT_ABI, VAULT_BYTECODE } from './contracts.ts';

interface Receipt {
  readonly status: Hex;
  readonly gasUsed: Hex;
  readonly contractAddress: Hex | null;
  readonly logs: readonly { readonly topics: readonly Hex[] }[];
}

let anvil: Anvil;

beforeAll(async () => {
  anvil = await Anvil.start('--hardfork', 'prague', '--base-fee', '0');
});

afterAll(() => anvil.stop());

/** A transaction on the node, also one that fails. */
async function send(from: Hex, to: Hex | null, data: Hex, value = 0n): Promise<Receipt> {
  const request = { from, to, data, value: `0x${value.toString(16)}`, gas: '0xf4240', gasPrice: '0x0' };
  const hash = await anvil.rpc<Hex>('eth_sendTransaction', request);
  return anvil.receipt(hash);
}

async function join(address: Hex): Promise<void> {
  await anvil.rpc('anvil_impersonateAccount', address);
  await anvil.rpc('anvil_setBalance', address, '0xde0b6b3a7640000');
}

describe('gas', () => {
  it("is that of anvil's receipts, for calls that succeed and that fail", async () => {
    const vm = new TestVm({ fork: 'Prague' });
    const [alice, bob] = [vm.createAccount('alice'), vm.createAccount('bob')];
    const caller = vm.caller;
    for (const address of [caller, alice.address, bob.address]) await join(address);

    const token = await vm.deploy({ abi: ABI, bytecode: BYTECODE, args: [1_000n] });
    const vault = await vm.deploy({ abi: VAULT_ABI, bytecode: VAULT_BYTECODE, args: [token.address] });
    const word = (value: bigint): string => value.toString(16).padStart(64, '0');
    const first = await send(caller, null, `${BYTECODE}${word(1_000n)}`);
    const second = await send(caller, null, `${VAULT_BYTECODE}${word(BigInt(token.address))}`);
    expect([BigInt(first.contractAddress!), BigInt(second.contractAddress!)]).toEqual([
      BigInt(token.address),
      BigInt(vault.address),
    ]);
    const compared = [
      [token.deployment.gasUsed, BigInt(first.gasUsed)],
      [vault.deployment.gasUsed, BigInt(second.gasUsed)],
    ];

    const steps: readonly (readonly [Hex, Hex, Hex, bigint])[] = [
      [caller, token.address, call('transfer', [bob.address, 10n]), 0n],
      [caller, token.address, call('transfer', [bob.address, 10n]), 0n],
      // The slot becomes 0, which is refunded in part.
      [bob.address, token.address, call('transfer', [alice.address, 20n]), 0n],
      [bob.address, token.address, call('transfer', [alice.address, 20n]), 0n],
      [alice.address, token.address, call('mint', [alice.address, 1n]), 0n],
      [alice.address, token.address, call('note', ['a topic'.repeat(20), [alice.address, bob.address]]), 0n],
      [alice.address, token.address, call('fail', [0n]), 0n],
      [alice.address, token.address, call('fail', [3n]), 0n],
      [alice.address, token.address, call('fail', [4n]), 0n],
      [alice.address, token.address, call('fail', [5n]), 0n],
      [alice.address, vault.address, '0x', 7n],
      [alice.address, vault.address, '0xd0e30db0', 7n],
      [alice.address, bob.address, '0x', 7n],
      // A payment that runs into calldata's floor price.
      [alice.address, bob.address, `0x${'ab'.repeat(200)}`, 0n],
    ];
    for (const [from, to, data, value] of steps) {
      const receipt = await send(from, to, data, value);
      const result = await vm.call({ from, to, data, value, gas: 1_000_000 }).catch((error: unknown) => {
        if (error instanceof CallError) return error.result;
        throw error;
      });
      expect(result.status === 'success').toBe(receipt.status === '0x1');
      expect(vm.events()).toHaveLength(receipt.logs.length);
      compared.push([result.gasUsed, BigInt(receipt.gasUsed)]);
    }
    expect(compared.map(([ours]) => ours)).toEqual(compared.map(([, theirs]) => theirs));
    expect(compared).toHaveLength(16);
  });
});

const call = (functionName: 'transfer' | 'mint' | 'note' | 'fail', args: readonly unknown[]): Hex =>
  encodeFunctionData({ abi: ABI, functionName, args } as never);

describe('a fork of the node', () => {
  it('is gone on from, and the node stays as it is', async () => {
    const holder: Hex = `0x${'5a'.repeat(20)}`;
    await join(holder);
    const { contractAddress } = await send(holder, null, `${BYTECODE}${500n.toString(16).padStart(64, '0')}`);
    const state = await openRpcState(anvil.url);
    const vm = new TestVm({ state, block: state.env, fork: 'Prague' });
    expect(vm.block).toMatchObject({ chainId: 31_337n, number: state.block.number });

    const token = vm.getContract({ abi: ABI, address: contractAddress!, label: 'token' });
    expect(await token.read.balanceOf([holder])).toBe(500n);
    const bob = vm.createAccount('bob');
    const start = vm.snapshot();
    vm.prank(holder);
    await token.write.transfer([bob.address, 20n]);
    expect(token.getEvents.Transfer({ to: bob.address })).toHaveLength(1);
    expect(await token.read.balanceOf([bob.address])).toBe(20n);
    await vm.expectRevert(token.write.transfer([holder, 1n]), {
      error: 'InsufficientBalance',
      args: [vm.caller, 0n, 1n],
    });
    // An account of the node that nothing has read before.
    const [rich] = await anvil.rpc<Hex[]>('eth_accounts');
    expect(await vm.getBalance(rich!)).toBe(parseEther('10000'));
    await vm.deal(rich!, 3n);
    expect(await vm.getBalance(rich!)).toBe(3n);
    await vm.setStorageAt(token, 0, 77n);
    expect(await token.read.totalSupply()).toBe(77n);
    expect(await token.read.balanceOf([holder])).toBe(480n);

    vm.revertTo(start);
    expect(await token.read.balanceOf([bob.address])).toBe(0n);
    expect(await token.read.totalSupply()).toBe(500n);
    expect(await vm.getBalance(rich!)).toBe(parseEther('10000'));
    const asked = {
      to: contractAddress,
      data: encodeFunctionData({ abi: ABI, functionName: 'totalSupply' }),
    };
    expect(BigInt(await anvil.rpc<Hex>('eth_call', asked, 'latest'))).toBe(500n);
  });
});
