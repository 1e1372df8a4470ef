/** `TestVm` with typed contracts. What the types say is checked where the tests are type-checked. */

import type { Abi } from 'viem';
import { parseAbi } from 'viem';
import { beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import type { Hex } from '../../src/primitives/bytes.ts';
import {
  CallError,
  type Contract,
  type Deployed,
  TestVm,
  type WriteResult,
} from '../../src/testing/viem/index.ts';
import { ABI, BYTECODE, COMPILED_ABI, VAULT_ABI, VAULT_BYTECODE } from './contracts.ts';

const ZERO = `0x${'0'.repeat(40)}` as const;

let vm: TestVm;
let token: Contract<typeof ABI> & Deployed;
let vault: Contract<typeof VAULT_ABI> & Deployed;

beforeEach(async () => {
  vm = new TestVm();
  token = await vm.deploy({ abi: ABI, bytecode: BYTECODE, args: [1_000n], label: 'token' });
  vault = await vm.deploy({
    abi: VAULT_ABI,
    bytecode: VAULT_BYTECODE,
    args: [token.address],
    label: 'vault',
    value: 5n,
  });
});

describe('the ABI of the tests', () => {
  it("is the compiler's", () => {
    const plain = (abi: readonly unknown[]): unknown[] => {
      const keep = (key: string, value: unknown) =>
        key === 'internalType' || key === 'anonymous' ? undefined : value;
      return (JSON.parse(JSON.stringify(abi, keep)) as { type: string; name?: string }[]).sort((a, b) =>
        `${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1,
      );
    };
    const named = (abi: readonly unknown[]) =>
      plain(abi).filter((item) => !/over/.test(JSON.stringify(item)));
    expect(named(ABI)).toEqual(named(COMPILED_ABI));
  });
});

describe('a contract', () => {
  it('has addresses as viem writes them', async () => {
    const alice = vm.createAccount('alice');
    expect(alice.address).toBe('0x328809Bc894f92807417D2dAD6b7C998c1aFdac6');
    expect(await token.read.owner()).toBe(vm.caller);
    await token.write.transfer([alice.address, 5n]);
    const [log] = vm.events('Transfer', token);
    expect(log).toMatchObject({ address: token.address });
    expect(log?.event?.args).toEqual({ from: vm.caller, to: alice.address, value: 5n });
    expect(token.deployment).toMatchObject({ created: token.address, from: vm.caller });
    expect(Object.keys(token.deployment.diff)).toContain(token.address);
  });

  it('is read', async () => {
    expect(await token.read.decimals()).toBe(18);
    expect(await token.read.balanceOf([vm.caller])).toBe(1_000n);
    expect(await token.read.over([7n])).toBe(7n);
    expect(await token.read.over(['text'])).toBe('text');
    const alice = vm.createAccount('alice');
    vm.warp(99);
    expect(await token.read.both({ account: alice })).toEqual([alice.address, 99n]);
    vm.prank(alice);
    expect(await token.read.both([])).toEqual([alice.address, 99n]);
    expect((await token.read.both())[0]).toBe(vm.caller);
    vm.mine(3);
    expect(await token.read.hash([2n])).not.toBe(await token.read.hash([1n]));
  });

  it('is written to, with what comes back', async () => {
    const bob = vm.createAccount('bob');
    const sent = await token.write.transfer([bob.address, 5n]);
    expect(sent).toMatchObject({ result: true, status: 'success', from: vm.caller });
    expect((await token.write.transfer([vm.caller, 2n], { account: bob })).from).toBe(bob.address);
    expect((await token.write.mint([bob.address, 1n])).result).toBeUndefined();
    expect(await token.read.balanceOf([bob.address])).toBe(4n);
    await vault.write.deposit({ value: 7n, account: bob });
    expect(await vault.read.deposits([bob.address])).toBe(7n);
    await vm.call({ to: vault, value: 3n, from: bob });
    expect(await vault.read.deposits([bob.address])).toBe(10n);
    expect(await vm.getBalance(vault)).toBe(15n);
  });

  it('is simulated and estimated, and nothing of it stays', async () => {
    const bob = vm.createAccount('bob');
    const { result, gasUsed } = await token.simulate.transfer([bob.address, 5n]);
    expect(result).toBe(true);
    expect(await token.read.balanceOf([bob.address])).toBe(0n);
    const gas = await token.estimateGas.transfer([bob.address, 5n]);
    expect(gas).toBe(gasUsed);
    await vm.expectRevert(token.write.transfer([bob.address, 5n], { gas: gas - 1n }), /out of gas/);
    await token.write.transfer([bob.address, 5n], { gas });
    const error = { error: 'InsufficientBalance' };
    await vm.expectRevert(token.simulate.transfer([bob.address, 5_000n]), error);
    await vm.expectRevert(token.estimateGas.transfer([bob.address, 5_000n]), error);
  });

  it('tells its events, by their arguments too', async () => {
    const [bob, carol] = [vm.createAccount('bob'), vm.createAccount('carol')];
    await token.write.transfer([bob.address, 5n]);
    expect(token.getEvents.Transfer()).toEqual([
      expect.objectContaining({
        eventName: 'Transfer',
        address: token.address,
        args: { from: vm.caller, to: bob.address, value: 5n },
      }),
    ]);
    expect(token.getEvents.Transfer({ to: bob.address })).toHaveLength(1);
    expect(token.getEvents.Transfer({ to: carol.address })).toHaveLength(0);
    expect(token.getEvents.Noted()).toHaveLength(0);
    const other = vm.getContract({ abi: ABI, address: vault });
    expect(other.getEvents.Transfer()).toHaveLength(0);
    const nothing = new TestVm().getContract({ abi: ABI, address: vault });
    expect(() => nothing.getEvents.Transfer()).toThrow('getEvents: nothing has been called yet');
  });

  it('tells values in events as they are: addresses in lists, bytes and hashes', async () => {
    const bob = vm.createAccount('bob');
    await token.write.note(['x', [bob.address, token.address]]);
    expect(vm.events('Noted')[0]?.event?.args).toEqual({
      topic: '0x7521d1cadbcfa91eec65aa16715b94ffc1c9654ba57ea2ef1a2127bca1127a83',
      who: [bob.address, token.address],
      tag: vm.caller.toLowerCase(),
    });
  });

  it('can be one that is there already', async () => {
    const abi = parseAbi(['function totalSupply() view returns (uint256)']);
    const same = vm.getContract({ abi, address: token.address });
    expect(await same.read.totalSupply()).toBe(1_000n);
    expect(same.address).toBe(token.address);
  });

  it('has functions of any names', async () => {
    const abi = parseAbi(['function __proto__() view returns (uint256)', 'function toString() view']);
    const odd = vm.getContract({ abi, address: token });
    // biome-ignore lint/suspicious/noProto: a function of the contract
    await expect(odd.read.__proto__()).rejects.toThrow('token.__proto__() reverted');
    await expect(odd.read.toString()).rejects.toThrow('token.toString() reverted');
  });
});

describe('failures', () => {
  const message = async (call: Promise<unknown>): Promise<string> => {
    const error: unknown = await call.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    return (error as Error).message;
  };

  it('name function and arguments, with names for addresses', async () => {
    const bob = vm.createAccount('bob');
    const call = token.write.transfer([bob.address, 5n], { account: bob, label: 'bob pays himself' });
    const error = await vm.expectRevert(call, {
      error: 'InsufficientBalance',
      args: [bob.address, 0n, 5n],
    });
    expect(error).toMatchObject({
      label: 'bob pays himself',
      call: 'token.transfer(bob, 5)',
      functionName: 'transfer',
      args: [bob.address, 5n],
    });
    expect(error.message).toBe(
      'bob pays himself: token.transfer(bob, 5) reverted: InsufficientBalance(holder: bob, available: 0, needed: 5)\n' +
        `  from bob\n  gas ${error.result.gasUsed}`,
    );
    expect(error.stack).toContain('viem.test.ts');
    expect(error.error?.args[0]).toBe(bob.address);
  });

  it('tell through which calls they came up', async () => {
    const bob = vm.createAccount('bob');
    expect(await message(vault.write.pay([bob.address, 7n]))).toContain(
      '  in vault.pay(bob, 7) → token.transfer(bob, 7)\n',
    );
    expect(await message(vault.write.burn([50_000n]))).toMatch(
      /in vault\.burn\(50000\) → token\.fail\(4\)\n.*\n {2}hint: the innermost call failed: out of gas/,
    );
    // What was caught is not why.
    expect(await message(vault.write.shrug())).not.toContain('token.fail');
  });

  it('are told apart where they come at once', async () => {
    const bob = vm.createAccount('bob');
    const calls = [
      vault.write.pay([bob.address, 7n]),
      token.write.fail([1n]),
      vault.write.poke([bob.address]),
    ];
    const [first, second, third] = await Promise.all(calls.map(message));
    expect(first).toContain('in vault.pay(bob, 7) → token.transfer(bob, 7)\n');
    expect(second).toMatch(/^token\.fail\(1\) reverted: because\n {2}from caller\n {2}gas \d+$/);
    expect(third).toContain('hint: there is no code at bob');
  });

  it('say where there is no code', async () => {
    const bob = vm.createAccount('bob');
    const nobody: Hex = `0x${'12'.repeat(20)}`;
    // One checks for code before the call, the other for return data after it.
    expect(await message(vault.write.poke([bob.address]))).toContain(
      `hint: there is no code at bob (${bob.address})`,
    );
    expect(await message(vault.write.ping([nobody]))).toContain(`hint: there is no code at ${nobody}`);
    const absent = vm.getContract({ abi: ABI, address: nobody, label: 'absent' });
    const words = `there is no code at absent (${nobody})`;
    expect(await message(absent.read.owner())).toBe(`absent.owner() gave nothing: ${words}`);
    expect(await message(absent.write.mint([nobody, 1n], { account: bob }))).toContain(words);
    expect(await message(absent.simulate.mint([nobody, 1n]))).toContain(words);
    await expect(absent.read.owner()).rejects.toBeInstanceOf(CallError);
  });

  it('tell what a constructor was given', async () => {
    const call = vm.deploy({ abi: ABI, bytecode: BYTECODE, args: [0n], label: 'Token' });
    const error = await vm.expectRevert(call, 'no supply');
    expect(error).toMatchObject({ call: 'new Token(0)', functionName: 'constructor', args: [0n] });
  });

  it('name what is wrong with arguments', async () => {
    const { transfer } = token.write;
    expect(await message(transfer(['0x12', 1n]))).toBe('token.transfer: args: Address "0x12" is invalid.');
    expect(await message(transfer([ZERO] as never))).toMatch(/^token\.transfer: args: ABI encoding params/);
    expect(await message(transfer([ZERO, -1n]))).toMatch(/^token\.transfer: args: .*-1/);
    const deploy = (options: object): Promise<unknown> => vm.deploy(options as never);
    expect(await message(deploy({ abi: ABI, bytecode: BYTECODE, label: 'T' }))).toBe(
      'new T: args: expected 1, got 0',
    );
    expect(await message(deploy({ abi: ABI, bytecode: '0x', args: [1n] }))).toMatch(
      /^bytecode: expected some/,
    );
    expect(await message(deploy({ bytecode: BYTECODE }))).toBe('abi: expected a list, got undefined');
    expect(await message(deploy({ abi: ['function a()'], bytecode: '0x00' }))).toBe(
      'abi[0]: expected an entry, got "function a()"; viem\'s parseAbi makes entries of signatures',
    );
    expect(() => vm.getContract({ abi: ABI, address: '0x' })).toThrow('address: an address has 20 bytes');
  });

  it('name an output that is not that of the ABI', async () => {
    const abi = parseAbi(['function decimals() view returns (string)']);
    const wrong = vm.getContract({ abi, address: token });
    expect(await message(wrong.read.decimals())).toMatch(/^token\.decimals\(\): the output 0x0+12: /);
  });
});

describe('types', () => {
  it('of functions are those of the ABI', () => {
    expectTypeOf(token.read.balanceOf).parameter(0).toEqualTypeOf<readonly [Hex]>();
    expectTypeOf(token.read.owner).returns.resolves.toEqualTypeOf<Hex>();
    expectTypeOf(token.read.decimals).returns.resolves.toEqualTypeOf<number>();
    expectTypeOf(token.read.both).returns.resolves.toEqualTypeOf<readonly [Hex, bigint]>();
    expectTypeOf(token.write.transfer).returns.resolves.toEqualTypeOf<WriteResult<boolean>>();
    expectTypeOf(token.simulate.transfer).returns.resolves.toEqualTypeOf<WriteResult<boolean>>();
    expectTypeOf(token.estimateGas.mint).returns.resolves.toEqualTypeOf<bigint>();
    expectTypeOf<keyof typeof vault.write>().toEqualTypeOf<
      'deposit' | 'pay' | 'ping' | 'poke' | 'burn' | 'shrug'
    >();
    expectTypeOf<keyof typeof vault.read>().toEqualTypeOf<'deposits'>();
    expectTypeOf<keyof typeof token.getEvents>().toEqualTypeOf<'Transfer' | 'Noted'>();
    expectTypeOf<ReturnType<typeof token.getEvents.Transfer>[number]['args']>().toEqualTypeOf<{
      from: Hex;
      to: Hex;
      value: bigint;
    }>();
  });

  it('of overloaded functions follow the arguments', () => {
    const number = () => token.read.over([1n]);
    const text = () => token.read.over(['a']);
    expectTypeOf(number).returns.resolves.toEqualTypeOf<bigint>();
    expectTypeOf(text).returns.resolves.toEqualTypeOf<string>();
  });

  it('refuse what the ABI does not have', () => {
    const wrong: readonly (() => unknown)[] = [
      // @ts-expect-error no such function
      () => token.write.transfr([ZERO, 1n]),
      // @ts-expect-error one that writes
      () => token.read.transfer([ZERO, 1n]),
      // @ts-expect-error one that reads
      () => token.write.balanceOf([ZERO]),
      // @ts-expect-error no arguments
      () => token.write.transfer(),
      // @ts-expect-error too few
      () => token.write.transfer([ZERO]),
      // @ts-expect-error a number for a uint256
      () => token.write.transfer([ZERO, 1]),
      // @ts-expect-error no address
      () => token.read.balanceOf(['bob']),
      // @ts-expect-error no overload takes it
      () => token.read.over([true]),
      // @ts-expect-error not payable
      () => token.write.transfer([ZERO, 1n], { value: 1n }),
      // @ts-expect-error viem's word is `account`
      () => token.write.transfer([ZERO, 1n], { from: ZERO }),
      // @ts-expect-error no such event
      () => token.getEvents.Transfers(),
      // @ts-expect-error no such argument of the event
      () => token.getEvents.Transfer({ sender: ZERO }),
      // @ts-expect-error the constructor takes one
      () => vm.deploy({ abi: ABI, bytecode: BYTECODE }),
      // @ts-expect-error of another type
      () => vm.deploy({ abi: ABI, bytecode: BYTECODE, args: ['1'] }),
      // @ts-expect-error no expectation
      () => vm.expectRevert(token.read.owner(), 1),
    ];
    expect(wrong).toHaveLength(15);
    const payable = () => vault.write.deposit({ value: 1n });
    expect(payable).toBeInstanceOf(Function);
  });

  it('of an ABI that is not `as const` take everything', async () => {
    const abi: Abi = ABI;
    const loose = vm.getContract({ abi, address: token });
    expectTypeOf(loose.read.balanceOf!).returns.resolves.toEqualTypeOf<unknown>();
    expect(await loose.read.balanceOf!([vm.caller])).toBe(1_000n);
    expect((await loose.write.transfer!([ZERO, 1n])).result).toBe(true);
    const deployed = await vm.deploy({ abi, bytecode: BYTECODE, args: [1n] });
    expect(await deployed.read.totalSupply!()).toBe(1n);
    // As it comes out of a file.
    const json = vm.getContract({ abi: COMPILED_ABI, address: token });
    expect(await json.read.decimals!()).toBe(18);
    expectTypeOf(json.write.transfer!).returns.resolves.toEqualTypeOf<WriteResult<unknown>>();
    expect((await json.write.transfer!([ZERO, 1n])).result).toBe(true);
    expect(json.getEvents.Transfer!()[0]?.args).toMatchObject({ to: ZERO });
    const nothing = await vm.deploy({ abi: [], bytecode: '0x00' });
    expect(nothing.address).toMatch(/^0x/);
  });
});
