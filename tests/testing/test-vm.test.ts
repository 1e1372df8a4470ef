/** `TestVm` with calls as bytes. */

import { beforeEach, describe, expect, it } from 'vitest';
import { type AbiInput, signTransaction } from '../../src/index.ts';
import { type Hex, hexToBytes } from '../../src/primitives/bytes.ts';
import { CallError, type CallResult, ExpectationError, TestVm } from '../../src/testing/index.ts';
import { BYTECODE, COMPILED_ABI } from './contracts.ts';

const ETHER = 10n ** 18n;
const word = (value: bigint | number | string): string => BigInt(value).toString(16).padStart(64, '0');
const abi = COMPILED_ABI as AbiInput;

// From the compiler's method identifiers.
const data = {
  transfer: (to: string, value: bigint): Hex => `0xa9059cbb${word(to)}${word(value)}`,
  balanceOf: (holder: string): Hex => `0x70a08231${word(holder)}`,
} as const;

/** The error of a call that has to fail. */
async function failure(call: Promise<unknown>): Promise<CallError> {
  const error: unknown = await call.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof CallError) return error;
  throw error;
}

/** Code that returns the word which an instruction gives. */
const returns = (instruction: string): Hex => `0x${instruction}5f5260205ff3`;
const ORIGIN_AND_CALLER = '0x325f52336020525f60405ff3';
const TIMESTAMP = returns('42');
const NUMBER = returns('43');
const CHAIN_ID = returns('46');
const CALL_VALUE = returns('34');

describe('accounts', () => {
  it('are those that forge makes of the same label', () => {
    const vm = new TestVm();
    expect(vm.createAccount('alice')).toEqual({
      label: 'alice',
      address: '0x328809bc894f92807417d2dad6b7c998c1afdac6',
      privateKey: '0x9c0257114eb9399a2985f8e75dad7600c5d89fe3824ffa99ec1c3eb8bf3b0501',
    });
  });

  it('have 10,000 ether or what is asked for, and can sign', async () => {
    const vm = new TestVm();
    const [rich, poor] = [vm.createAccount(), vm.createAccount('poor', { balance: 7 })];
    expect(rich.label).toBe('account 1');
    expect(await vm.getBalance(rich)).toBe(10_000n * ETHER);
    expect(await vm.getBalance(poor.address)).toBe(7n);
    const wire = signTransaction(
      { chainId: vm.block.chainId, nonce: 0, gas: 21_000, gasPrice: 0, to: poor.address, value: 5 },
      rich.privateKey,
    );
    expect(vm.evm.transact(wire).status).toBe('success');
    expect(await vm.getBalance(poor)).toBe(12n);
  });

  it('are new, whatever was at their address', async () => {
    const first = new TestVm();
    const { address } = first.createAccount('x');
    await first.setCode(address, '0x00');
    await first.setStorageAt(address, 1, 2);
    const vm = new TestVm({ state: first.evm.state });
    const [account] = [vm.createAccount('x')];
    expect(await vm.getCode(account)).toBe('0x');
    expect(await vm.getStorageAt(account, 1)).toBe(0n);
  });

  it('have a label once', () => {
    const vm = new TestVm();
    vm.createAccount('alice');
    expect(() => vm.createAccount('alice')).toThrow('label: there is an account "alice" already');
    expect(() => vm.createAccount('')).toThrow('label: expected a name, got ""');
    expect(() => vm.createAccount('eve', { balance: -1 })).toThrow('balance: -1 is negative');
    expect(() => vm.createAccount('eve', { wei: 1 } as never)).toThrow('options: unknown field "wei"');
  });
});

describe('state', () => {
  it('is set and read', async () => {
    const vm = new TestVm();
    const at = '0x00000000000000000000000000000000000000c0';
    await vm.deal(at, 3n);
    await vm.setNonce(at, 4);
    await vm.setCode(at, CALL_VALUE);
    await vm.setStorageAt(at, 5, 6);
    await vm.setStorageAt(at, '0x07', '0x08');
    expect(await vm.getBalance(at)).toBe(3n);
    expect(await vm.getNonce(at)).toBe(4n);
    expect(await vm.getCode(at)).toBe(CALL_VALUE);
    expect(await vm.getStorageAt(at, 5)).toBe(6n);
    expect(await vm.getStorageAt(at, 7)).toBe(8n);
    expect(await vm.getStorageAt(at, 9)).toBe(0n);
    expect(BigInt((await vm.call({ to: at, value: 2n })).output)).toBe(2n);
    expect(await vm.getBalance(at)).toBe(5n);
    const nobody = '0x00000000000000000000000000000000000000c1';
    expect([await vm.getBalance(nobody), await vm.getNonce(nobody), await vm.getCode(nobody)]).toEqual([
      0n,
      0n,
      '0x',
    ]);
  });

  it.each<[string, (vm: TestVm) => Promise<unknown>, string]>([
    ['an address', (vm) => vm.deal('0x12', 1), 'address: an address has 20 bytes, got 1'],
    ['no address', (vm) => vm.deal({} as never, 1), 'address: expected an address'],
    ['a balance', (vm) => vm.deal(vm.caller, 'much'), 'balance: "much" is no whole number'],
    ['a nonce', (vm) => vm.setNonce(vm.caller, 2n ** 64n), 'nonce: 18446744073709551616 is above'],
    ['code', (vm) => vm.setCode(vm.caller, '0x0'), 'code: hex string has an odd number of digits (1)'],
    ['a slot', (vm) => vm.setStorageAt(vm.caller, -1, 1), 'slot: -1 is negative'],
    ['a value', (vm) => vm.setStorageAt(vm.caller, 1, 2n ** 256n), 'value: 1157920892'],
    ['a target', (vm) => vm.call({} as never), 'to: expected an address; `deploy` creates contracts'],
    ['no call', (vm) => vm.call(undefined as never), 'call: expected an object'],
    ['no view', (vm) => vm.view(null as never), 'view: expected an object'],
    ['ether for a view', (vm) => vm.view({ to: vm.caller, value: 1 } as never), 'value: expected 0'],
    ['no deployment', (vm) => vm.deploy(undefined as never), 'deploy: expected an object'],
    ['data', (vm) => vm.view({ to: vm.caller, data: 'xy' }), 'data: "x" at position 0'],
    ['a field', (vm) => vm.call({ to: vm.caller, gass: 1 } as never), 'unknown field "gass"'],
    ['a sender', (vm) => vm.call({ to: vm.caller, from: '0x' }), 'from: an address has 20 bytes'],
    ['no code', (vm) => vm.deploy({ bytecode: '0x' }), 'bytecode: expected some; that of an interface'],
    [
      'a library',
      (vm) => vm.deploy({ bytecode: `0x6073__$${'a'.repeat(34)}$__63` }),
      `bytecode: has to be linked, "__$${'a'.repeat(34)}$__" at position 6 stands for a library`,
    ],
    ['an ABI', (vm) => vm.deploy({ bytecode: '0x00', abi: ['event A(', 'x'] }), 'abi[0]: expected a type'],
  ])('refuses %s by its name', async (_, run, message) => {
    const vm = new TestVm();
    const error = await run(vm).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'ErbiumError' });
    expect((error as Error).message).toContain(message);
  });

  it('refuses options by their names', () => {
    expect(() => new TestVm(null as never)).toThrow('options: expected an object');
    expect(() => new TestVm({ blok: {} } as never)).toThrow('options: unknown field "blok"');
    expect(() => new TestVm({ block: { nummer: 1 } as never })).toThrow('block: unknown field "nummer"');
    expect(() => new TestVm({ abi: [1] as never })).toThrow('abi[0]: expected a signature or an object');
  });
});

describe('senders', () => {
  let vm: TestVm;
  const probe = '0x00000000000000000000000000000000000000c0';
  const senders = async (): Promise<string[]> => {
    const { output } = await vm.view({ to: probe });
    return [output.slice(26, 66), output.slice(90)].map((digits) => `0x${digits}`);
  };

  beforeEach(async () => {
    vm = new TestVm();
    await vm.setCode(probe, ORIGIN_AND_CALLER.replace('5f6040', '60405f').replace('60405f5ff3', '60405ff3'));
  });

  it('are the caller, who is somebody with ether', async () => {
    expect(await senders()).toEqual([vm.caller, vm.caller]);
    expect(await vm.getBalance(vm.caller)).toBe(10_000n * ETHER);
  });

  it('are set for good, for a while, and for one call', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => vm.createAccount(name));
    vm.setCaller(a!);
    expect(await senders()).toEqual([a!.address, a!.address]);
    vm.prank(b!);
    expect(vm.caller).toBe(b!.address);
    expect(await senders()).toEqual([b!.address, b!.address]);
    expect((await senders())[1]).toBe(a!.address);
    vm.startPrank(b!.address);
    vm.startPrank(c!.address);
    expect((await senders())[1]).toBe(c!.address);
    expect((await senders())[1]).toBe(c!.address);
    vm.stopPrank();
    expect((await senders())[1]).toBe(a!.address);
    vm.prank(b!);
    vm.stopPrank();
    expect((await senders())[1]).toBe(a!.address);
  });

  it('are named by a call, over the caller and over startPrank', async () => {
    const [a, b] = [vm.createAccount('a'), vm.createAccount('b')];
    vm.startPrank(a);
    const { output } = await vm.view({ to: probe, from: b });
    expect(output.slice(26, 66)).toBe(b.address.slice(2));
    expect((await senders())[0]).toBe(a.address);
  });

  it('may be contracts', async () => {
    vm.prank(probe);
    const { from } = await vm.call({ to: probe });
    expect(from).toBe(probe);
  });

  it('are taken when a call is made, not when it is run', async () => {
    const [a, b] = [vm.createAccount('a'), vm.createAccount('b')];
    vm.prank(a);
    const first = vm.call({ to: probe });
    vm.prank(b);
    const second = vm.call({ to: probe });
    expect([(await first).from, (await second).from]).toEqual([a.address, b.address]);
  });

  it('do not cover each other up', async () => {
    const a = vm.createAccount('a');
    vm.prank(a);
    expect(() => vm.prank(a)).toThrow('prank: no call has been made since the last prank');
    expect(() => vm.startPrank(a)).toThrow('startPrank: no call has been made since the last prank');
    await expect(vm.call({ to: probe, from: a })).rejects.toThrow('from: vm.prank has named the sender');
    vm.stopPrank();
    vm.startPrank(a);
    expect(() => vm.prank(a)).toThrow('prank: startPrank is in force; end it with stopPrank');
    expect(() => vm.setCaller('0x')).toThrow('address: an address has 20 bytes');
  });
});

describe('the block', () => {
  const run = async (vm: TestVm, code: string): Promise<bigint> => BigInt(vm.evm.execute(code).output);

  it('is as with Foundry, Hardhat and anvil', async () => {
    const vm = new TestVm();
    expect(vm.block).toMatchObject({ number: 1n, timestamp: 1n, gasLimit: 30_000_000n, baseFee: 0n });
    expect(await run(vm, CHAIN_ID)).toBe(31_337n);
    expect(new TestVm({ chainId: 5 }).block.chainId).toBe(5n);
    expect(new TestVm({ block: { chainId: 6, baseFee: 7 } }).block).toMatchObject({
      chainId: 6n,
      baseFee: 7n,
      number: 1n,
    });
  });

  it('goes on when it is told to', async () => {
    const vm = new TestVm();
    await vm.call({ to: vm.caller });
    expect(vm.block.number).toBe(1n);
    vm.warp(1_800_000_000);
    vm.roll(100n);
    vm.mine();
    expect(await run(vm, TIMESTAMP)).toBe(1_800_000_001n);
    vm.mine(10, { interval: 12 });
    expect(await run(vm, TIMESTAMP)).toBe(1_800_000_121n);
    expect(await run(vm, NUMBER)).toBe(111n);
    vm.setBlock({ coinbase: vm.caller, baseFee: 9 });
    expect(vm.block).toMatchObject({ coinbase: BigInt(vm.caller), baseFee: 9n, number: 111n });
  });

  it('has earlier ones with hashes that differ', async () => {
    const vm = new TestVm();
    const hash = async (number: number): Promise<bigint> =>
      run(vm, `0x60${word(number).slice(62)}405f5260205ff3`);
    expect(await hash(1)).toBe(0n);
    vm.mine(2);
    const hashes = [await hash(0), await hash(1), await hash(2)];
    expect(new Set([...hashes, 0n]).size).toBe(4);
    expect(await hash(3)).toBe(0n);
  });

  it('refuses what is no time and no number', () => {
    const vm = new TestVm();
    expect(() => vm.warp(-1)).toThrow('timestamp: -1 is negative');
    expect(() => vm.roll(1.5)).toThrow('number: 1.5 is no whole number');
    expect(() => vm.mine(2n ** 64n)).toThrow('blocks: 18446744073709551616 is above the maximum');
    expect(() => vm.mine(1, { interval: 'x' })).toThrow('interval: "x" is no whole number');
    expect(() => vm.mine(1, { intervall: 1 } as never)).toThrow('options: unknown field "intervall"');
    vm.roll(2n ** 64n - 1n);
    expect(() => vm.mine()).toThrow('blocks: 18446744073709551616 is above the maximum');
    expect(vm.block.timestamp).toBe(1n);
  });
});

describe('calls', () => {
  let vm: TestVm;
  let token: Hex;
  let deployment: CallResult;
  const supply = 1_000n;

  beforeEach(async () => {
    vm = new TestVm();
    const bytecode = BYTECODE + word(supply);
    ({ address: token, deployment } = await vm.deploy({ bytecode, abi, label: 'token' }));
  });

  it('keep what they change, and views do not', async () => {
    const bob = vm.createAccount('bob');
    expect(deployment.created).toBe(token);
    const sent = await vm.call({ to: token, data: data.transfer(bob.address, 5n) });
    expect(sent).toMatchObject({ status: 'success', from: vm.caller, output: `0x${word(1)}` });
    const { output, gasUsed } = await vm.view({ to: token, data: data.balanceOf(bob.address) });
    expect(BigInt(output)).toBe(5n);
    expect(gasUsed).toBeLessThan(21_000n);
    const error = await failure(vm.view({ to: token, data: data.transfer(bob.address, 5n) }));
    expect(error.result.reason).toBe('state change inside a static call');
    expect(error.message).toContain('hint: a view changes nothing; send what does as a call');
  });

  it('take bytes, and targets that have an address', async () => {
    const bob = vm.createAccount('bob');
    await vm.call({ to: hexToBytes(token), data: hexToBytes(data.transfer(bob.address, 5n)) });
    await vm.call({ to: bob, value: 3n });
    expect(await vm.getBalance(bob)).toBe(10_000n * ETHER + 3n);
  });

  it('leave events, by name and by contract', async () => {
    const transfers = vm.events('Transfer');
    expect(transfers.map(({ event }) => event?.args)).toEqual([
      { from: `0x${'0'.repeat(40)}`, to: vm.caller, value: supply },
    ]);
    const other = await vm.deploy({ bytecode: BYTECODE + word(1), abi });
    await vm.call({ to: token, data: data.transfer(other.address, 5n) });
    expect(vm.events()).toHaveLength(1);
    expect(vm.events('Transfer(address,address,uint256)')[0]?.event?.args).toMatchObject({ value: 5n });
    expect(vm.events('Transfer', token)).toHaveLength(1);
    expect(vm.events('Transfer', other)).toHaveLength(0);
    expect(vm.events('Noted')).toHaveLength(0);
    await vm.view({ to: token, data: data.balanceOf(vm.caller) });
    expect(vm.events()).toHaveLength(1);
    await failure(vm.call({ to: token, data: data.transfer(vm.caller, 5_000n) }));
    expect(vm.events()).toHaveLength(0);
  });

  it('leave events of a contract by its own ABI', async () => {
    const other = ['event Transfer(address indexed src, address indexed dst, uint256 wad)'];
    const wrapped = await vm.deploy({ bytecode: BYTECODE + word(1), abi: other });
    expect(Object.keys(vm.events('Transfer')[0]?.event?.args ?? {})).toEqual(['src', 'dst', 'wad']);
    await vm.call({ to: token, data: data.transfer(wrapped.address, 5n) });
    expect(Object.keys(vm.events('Transfer')[0]?.event?.args ?? {})).toEqual(['from', 'to', 'value']);
  });

  it('leave logs without a name where no ABI has one', async () => {
    const plain = new TestVm();
    await plain.deploy({ bytecode: BYTECODE + word(1) });
    expect(plain.events()[0]).toMatchObject({ event: null, topics: { length: 3 } });
    expect(() => plain.events('Transfer')).toThrow(
      'event: no ABI has "Transfer"; there is no ABI with events',
    );
    expect(() => vm.events('Tranfer')).toThrow(
      'event: no ABI has "Tranfer"; known are Noted(string,address[],bytes20), Transfer(address,address,uint256)',
    );
    expect(() => new TestVm().events()).toThrow('events: nothing has been called yet');
  });

  it('decode events with parameters without names', async () => {
    const log = ['event Transfer(address indexed, address indexed to, uint256)'];
    await vm.deploy({ bytecode: BYTECODE + word(7), abi: log });
    expect(vm.events('Transfer')[0]?.event?.args).toEqual({ 0: `0x${'0'.repeat(40)}`, to: vm.caller, 2: 7n });
  });
});

describe('failures', () => {
  let vm: TestVm;
  let token: Hex;
  const fail = (how: number | bigint, options: object = {}): Promise<CallResult> =>
    vm.call({ to: token, data: `0x132e4f3c${word(how)}`, ...options });

  beforeEach(async () => {
    vm = new TestVm();
    ({ address: token } = await vm.deploy({ bytecode: BYTECODE + word(1_000), abi, label: 'token' }));
  });

  it('say what, who and why, by names', async () => {
    const bob = vm.createAccount('bob');
    const call = vm.call({ to: token, data: data.transfer(bob.address, 5n), from: bob, label: 'bob pays' });
    const error = await failure(call);
    expect(error.message).toBe(
      [
        'bob pays: token.0xa9059cbb(64 bytes) reverted: InsufficientBalance(holder: bob, available: 0, needed: 5)',
        'from bob',
        `gas ${error.result.gasUsed}`,
      ].join('\n  '),
    );
    expect(error).toMatchObject({
      name: 'CallError',
      code: 'CALL_FAILED',
      call: 'token.0xa9059cbb(64 bytes)',
      label: 'bob pays',
      functionName: null,
      args: null,
      reason: 'InsufficientBalance(holder: bob, available: 0, needed: 5)',
      error: { name: 'InsufficientBalance', args: [bob.address, 0n, 5n] },
    });
    expect(error.data.slice(0, 10)).toBe('0xdb42144d');
    expect(error.stack).toContain('test-vm.test.ts');
  });

  it.each<[number, object, string]>([
    [
      0,
      {},
      'reverted: without data\n  from caller\n  gas #\n  hint: a require without a reason, a function or',
    ],
    [1, {}, 'reverted: because\n  from caller\n  gas #'],
    [2, {}, 'reverted: Silent()\n'],
    [3, {}, 'reverted: Panic 0x01: assertion failed\n'],
    [4, { gas: 50_000 }, 'failed: out of gas'],
    [
      4,
      { gas: 50_000 },
      'gas 50000 of 50000\n  hint: out of gas; the option `gas` of the call gives it more',
    ],
    [
      5,
      {},
      'failed: INVALID instruction\n  from caller\n  gas 16777216\n  hint: the INVALID instruction; assert',
    ],
    [
      6,
      {},
      'reverted: with the unknown error 0x12345678\n  from caller\n  gas #\n  hint: no ABI that is known',
    ],
  ])('of kind %i with %o: %s', async (how, options, message) => {
    const error = await failure(fail(how, options));
    expect(error.message.replace(/gas 2\d{4}\b/, 'gas #')).toContain(message);
  });

  it('hint at the fork, where the code is newer', async () => {
    // PUSH0
    const old = new TestVm({ fork: 'Paris' });
    const error = await failure(old.deploy({ bytecode: '0x5f5ff3', label: 'New' }));
    expect(error.message).toMatch(
      /^new New failed: undefined opcode\n {2}from caller\n {2}gas \d+\n {2}hint: a byte that is no instruction of Paris; compile/,
    );
  });

  it('hint at ether, where the sender has none', async () => {
    const error = await failure(vm.call({ to: token, value: 1, from: `0x${'12'.repeat(20)}` }));
    expect(error.message).toMatch(
      /is no valid transaction: the sender cannot pay[\s\S]*hint: `vm\.deal` gives/,
    );
    expect(error.result.status).toBe('invalid');
  });

  it('hint at the size of code, where it has a limit', async () => {
    // 25,000 bytes of zeros
    const bytecode = '0x6161a85ff3';
    const error = await failure(vm.deploy({ bytecode }));
    expect(error.message).toContain('hint: `checks: { codeSize: false }` lifts the limits');
    const { address } = await new TestVm({ checks: { codeSize: false } }).deploy({ bytecode });
    expect(address).toMatch(/^0x/);
  });

  it('happen in the block of then, also when they are looked into', async () => {
    // Reverts with the time.
    await vm.setCode(token, '0x425f5260205ffd');
    vm.warp(77);
    const error = await failure(vm.call({ to: token }));
    expect(BigInt(error.data)).toBe(77n);
  });

  it('say that the host stopped the run', async () => {
    const slow = new TestVm({ maxSteps: 10 });
    // JUMPDEST PUSH0 JUMP
    const error = await failure(slow.deploy({ bytecode: '0x5b5f56' }));
    expect(error.message).toContain('the deployment was stopped: host limit');
    await expect(slow.expectRevert(slow.deploy({ bytecode: '0x5b5f56' }))).rejects.toThrow(
      'but it was stopped',
    );
  });

  it('leave the state as a failed transaction does', async () => {
    const nonce = await vm.getNonce(vm.caller);
    await failure(fail(1));
    expect(await vm.getNonce(vm.caller)).toBe(nonce + 1n);
  });

  describe('that are expected', () => {
    const selector = '0x12345678';

    it.each<[number, Parameters<TestVm['expectRevert']>[1]]>([
      [0, undefined],
      [0, '0x'],
      [1, 'because'],
      [1, /^beca/],
      [1, { error: 'Error', args: ['because'] }],
      [1, '0x08c379a0'],
      [2, { error: 'Silent' }],
      [2, { error: 'Silent()', args: [] }],
      [3, { error: 'Panic', args: [1] }],
      [3, /assertion failed/g],
      [5, 'INVALID instruction'],
      [6, selector],
      [6, undefined],
    ])('fit: %i, %o', async (how, expected) => {
      const error = await vm.expectRevert(fail(how), expected);
      expect(error).toBeInstanceOf(CallError);
    });

    it.each<[number, Parameters<TestVm['expectRevert']>[1], string]>([
      [7, undefined, 'expected a revert, but it succeeded'],
      [7, 'because', 'expected a revert with "because", but it succeeded'],
      [0, 'because', 'expected a revert with "because", but it reverted: without data'],
      [1, 'be', 'expected a revert with "be", but it reverted: because'],
      [1, /^cause/, 'expected a revert that matches /^cause/, but it reverted: because'],
      [1, '0x', 'expected a revert without data, but it reverted: because'],
      [1, '0x08c379a000', 'expected a revert with the data 0x08c379a000, but it reverted: because'],
      [2, { error: 'Loud' }, 'expected a revert with Loud, but it reverted: Silent()'],
      [2, { error: 'Silent', args: [1n] }, 'expected a revert with Silent(1), but it reverted: Silent()'],
      [3, { error: 'Panic', args: [1.5] }, 'expected a revert with Panic(1.5), but it reverted: Panic 0x01'],
      [2, selector, 'expected a revert with the selector 0x12345678, but it reverted: Silent()'],
      [5, undefined, 'expected a revert, but it failed: INVALID instruction'],
    ])('do not fit: %i, %o', async (how, expected, message) => {
      const error = await vm.expectRevert(fail(how), expected).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ExpectationError);
      expect((error as Error).message).toContain(`token.0x132e4f3c(32 bytes): ${message}`);
      if (how !== 7) expect((error as Error).cause).toBeInstanceOf(CallError);
    });

    it('have arguments, addresses in any letter case', async () => {
      const bob = vm.createAccount('bob');
      const call = () => vm.call({ to: token, data: data.transfer(bob.address, 5n), from: bob });
      const error = 'InsufficientBalance';
      await vm.expectRevert(call(), { error, args: [bob.address.toUpperCase().replace('X', 'x'), 0, 5n] });
      const wrong = vm.expectRevert(call(), { error, args: [vm.caller, 0, 5n] });
      await expect(wrong).rejects.toThrow(`expected a revert with ${error}(${vm.caller}, 0, 5)`);
      const whole = (await failure(call())).data;
      await vm.expectRevert(call(), whole);
      await vm.expectRevert(call(), whole.slice(0, 10));
    });

    it('may be deployments and views', async () => {
      await vm.expectRevert(vm.deploy({ bytecode: BYTECODE + word(0) }), 'no supply');
      await vm.expectRevert(vm.view({ to: token, data: '0xdeadbeef' }));
    });

    it('are calls, and expectations are of a kind that there is', async () => {
      const wrong = vm.expectRevert('because' as never);
      await expect(wrong).rejects.toThrow('call: expected the promise of a call, such as vm.expectRevert(');
      await expect(vm.expectRevert(fail(1), 7 as never)).rejects.toThrow(
        'expected: a message, a pattern, hex,',
      );
      await expect(vm.expectRevert(fail(1), '0x1')).rejects.toThrow('expected: hex string has an odd number');
      await expect(vm.expectRevert(vm.deal('0x', 1))).rejects.toThrow('address: an address has 20 bytes');
    });
  });
});

describe('points', () => {
  it('are gone back to as often as one likes, with block, accounts and senders', async () => {
    const vm = new TestVm();
    const bob = vm.createAccount('bob');
    vm.startPrank(bob);
    const start = vm.snapshot();
    for (let round = 0; round < 3; round++) {
      expect(vm.caller).toBe(bob.address);
      expect(vm.block.timestamp).toBe(1n);
      expect(await vm.getBalance(bob)).toBe(10_000n * ETHER);
      vm.stopPrank();
      vm.setCaller(vm.createAccount('carol'));
      vm.prank(bob);
      vm.mine(5);
      await vm.deal(bob, 1);
      const later = vm.snapshot();
      expect(later).not.toBe(start);
      vm.revertTo(start);
      expect(() => vm.revertTo(later)).toThrow(`snapshot: there is none with the number ${later}`);
      expect(() => vm.events()).toThrow('nothing has been called yet');
    }
    expect(() => vm.revertTo(99)).toThrow('snapshot: there is none with the number 99');
  });
});

describe('gas', () => {
  it('is noted by name, as plain data', async () => {
    const vm = new TestVm();
    expect(() => vm.snapshotGasLastCall('x')).toThrow('snapshotGasLastCall: nothing has been called yet');
    const start = vm.snapshot();
    await vm.call({ to: vm.caller, value: 1 });
    expect(vm.snapshotGasLastCall('payment')).toBe(21_000n);
    await vm.call({ to: vm.caller, data: '0x00ff' });
    expect(vm.snapshotGasLastCall('data')).toBe(21_050n);
    vm.revertTo(start);
    expect(vm.gasSnapshot()).toStrictEqual({ data: 21_050, payment: 21_000 });
    expect(JSON.stringify(vm.gasSnapshot())).toBe('{"data":21050,"payment":21000}');
    await vm.call({ to: vm.caller });
    vm.snapshotGasLastCall('payment');
    await vm.call({ to: vm.caller, data: '0x00' });
    expect(() => vm.snapshotGasLastCall('payment')).toThrow(
      'name: "payment" has the figure 21000 already, and now 21010',
    );
    expect(() => vm.snapshotGasLastCall('')).toThrow('name: expected a text');
  });
});
