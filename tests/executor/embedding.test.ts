/** What an embedded EVM can be asked for beyond running code: overrides, limits, checks, estimates, snapshots. */

import { describe, expect, it } from 'vitest';
import {
  addressToHex,
  bytesToHex,
  createEvm,
  type Evm,
  encodeTransaction,
  Halt,
  MemoryState,
  type TransactionRequest,
  type TransactResult,
} from '../../src/index.ts';
import { toHex32 } from '../../src/primitives/bytes.ts';
import {
  call,
  code,
  deploys,
  jump,
  jumpi,
  label,
  mstore,
  push,
  raw,
  returnTop,
  sstore,
} from '../helpers/assembler.ts';
import { likelyProgram, Random } from '../helpers/random.ts';
import { AUTHORITY, authorization, ETHER, SENDER, signed, TO } from '../helpers/transact.ts';

const FROM = addressToHex(SENDER);
const HEX_TO = addressToHex(TO);
const LOOP = code(label('again'), jump('again'));

/** An EVM with a rich sender and contracts. */
function evmWith(contracts: Record<string, Uint8Array>, options: Parameters<typeof createEvm>[0] = {}): Evm {
  const evm = createEvm(options);
  evm.setAccount(FROM, { balance: ETHER });
  for (const [address, bytes] of Object.entries(contracts)) evm.setAccount(address, { code: bytes });
  return evm;
}

const ran = (result: ReturnType<Evm['transact']>): TransactResult => {
  if (result.status === 'invalid') throw new Error(result.reason);
  return result;
};

const errorOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as Error).message}`;
  }
  throw new Error('nothing was thrown');
};

describe('call and execute', () => {
  it('leave nothing behind: state, warm slots, transient storage', () => {
    const touch = code(
      ['PUSH0', 'SLOAD', 'PUSH0', 'TLOAD', 'ADD'],
      sstore(0, 9),
      [push(1), push(0), 'TSTORE'],
      returnTop,
    );
    const evm = evmWith({ [HEX_TO]: touch });
    const first = evm.call({ to: HEX_TO });
    for (let i = 0; i < 3; i++) expect(evm.call({ to: HEX_TO })).toEqual(first);
    expect(evm.storage(HEX_TO, 0)).toBe(0n);
  });

  it('run bare bytecode at an address, with its balance and storage', () => {
    const evm = createEvm();
    evm.setAccount('0x000000000000000000000000000000000000beef', { balance: 7n, storage: { 1: 42n } });
    const program = code([push(1), 'SLOAD', 'SELFBALANCE', 'ADD'], returnTop);
    expect(BigInt(evm.execute(program, { to: '0x000000000000000000000000000000000000beef' }).output)).toBe(
      49n,
    );
    expect(BigInt(evm.execute(bytesToHex(program)).output)).toBe(0n);
    expect(BigInt(evm.execute(code('ADDRESS', returnTop)).output)).toBe(0xc0den);
    expect(evm.account('0x000000000000000000000000000000000000c0de')).toBeNull();
  });

  it('take origin, gas price, blob hashes, access list and a static frame', () => {
    const evm = createEvm();
    const options = { from: FROM, origin: HEX_TO, gasPrice: 5, blobHashes: [9n] };
    const program = code(['ORIGIN', 'GASPRICE', 'ADD', 'PUSH0', 'BLOBHASH', 'ADD'], returnTop);
    expect(BigInt(evm.execute(program, options).output)).toBe(TO + 5n + 9n);
    const read = code([push(7), 'SLOAD']);
    const cold = evm.execute(read).gasUsed;
    const list = [{ address: 0xc0den, storageKeys: [7] }];
    expect(evm.execute(read, { accessList: list }).gasUsed).toBe(cold - 2_000n);
    expect(evm.execute(code(sstore(1, 1)), { isStatic: true })).toMatchObject({ halt: Halt.StaticViolation });
    expect(errorOf(() => evm.execute('00', { isStatic: true, value: 1 }))).toContain('value: expected 0');
  });

  it('take overrides of block and accounts for themselves only', () => {
    const evm = evmWith({ [HEX_TO]: code([push(1), 'SLOAD', 'NUMBER', 'ADD'], returnTop) });
    evm.setAccount(HEX_TO, { storage: { 1: 5n, 2: 6n } });
    const read = (options: object): bigint => BigInt(evm.call({ to: HEX_TO, ...options }).output);
    expect(read({})).toBe(5n);
    expect(read({ block: { number: 100 } })).toBe(105n);
    expect(read({ overrides: { [HEX_TO]: { storageDiff: { 1: 8n } } } })).toBe(8n);
    expect(read({ overrides: { [HEX_TO]: { storage: { 2: 8n } } } })).toBe(0n);
    expect(read({ overrides: new Map([[TO, { code: code(push(3), returnTop) }]]) })).toBe(3n);
    expect(read({ overrides: [[HEX_TO, { storageDiff: [[1n, '0x10']] }]] })).toBe(16n);
    expect(read({})).toBe(5n);
    const poor = { from: HEX_TO, to: FROM, value: 3n };
    expect(evm.call(poor).reason).toBe('balance too low for the transfer');
    const rich = evm.call({ ...poor, overrides: { [HEX_TO]: { balance: 5n } } });
    const pairs = [
      [HEX_TO, { balance: 5n }],
      [TO, { nonce: 1 }],
    ] as const;
    expect(errorOf(() => evm.call({ ...poor, overrides: pairs }))).toContain('each address once');
    expect(rich.diff[HEX_TO as `0x${string}`]).toMatchObject({
      before: { balance: 5n },
      after: { balance: 2n },
    });
  });

  it('tell what a revert says', () => {
    const abi = ['error Poor(address who, uint256 has)', 'event Seen(uint256 indexed what)'];
    const poor = `0x${'ab'.repeat(20)}`;
    const data = bytesToHex(new Uint8Array(0));
    const evm = createEvm({ abi });
    // Error(string) "no"
    const text = `08c379a0${'20'.padStart(64, '0')}${'2'.padStart(64, '0')}${'6e6f'.padEnd(64, '0')}`;
    const reverting = (hex: string): Uint8Array => {
      const bytes = raw(...(hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));
      return code(
        [push(bytes.length), push(0), 'DUP1', push(0), 'ADD', 'POP', 'POP', 'POP'],
        storeAll(bytes),
        [push(bytes.length), push(0), 'REVERT'],
      );
    };
    expect(evm.execute(reverting(text), { data })).toMatchObject({
      status: 'revert',
      reason: 'reverted: no',
      error: { name: 'Error', args: ['no'] },
    });
    expect(evm.execute(reverting(`4e487b71${'11'.padStart(64, '0')}`)).reason).toBe(
      'reverted: Panic 0x11: arithmetic overflow or underflow',
    );
    const bare = evm.execute('5f5ffd');
    expect([bare.reason, bare.error, bare.output]).toEqual(['reverted', null, '0x']);
    const custom = createEvm({ abi: [`error Poor(address who, uint256 has)`] });
    const selector = bytesToHex(selectorBytes('Poor(address,uint256)')).slice(2);
    const result = custom.execute(
      reverting(`${selector}${poor.slice(2).padStart(64, '0')}${'5'.padStart(64, '0')}`),
    );
    expect(result.error).toMatchObject({ name: 'Poor', args: [poor, 5n] });
    expect(result.reason).toBe(`reverted: Poor(who: ${poor}, has: 5)`);
  });
});

import { keccak256 } from '../../src/index.ts';

const selectorBytes = (signature: string): Uint8Array =>
  keccak256(new TextEncoder().encode(signature)).slice(0, 4);

/** Puts bytes into memory from 0 on, byte by byte. */
const storeAll = (bytes: Uint8Array) => [...bytes].map((byte, i) => [push(byte), push(i), 'MSTORE8']);

describe('transactions without a signature', () => {
  const evm = evmWith({ [HEX_TO]: code(['CALLER'], sstore(1, 1), ['ORIGIN', push(2), 'SSTORE']) });

  it('run as the sender that they name, whoever it is', () => {
    const contract = '0x00000000000000000000000000000000000000cc';
    evm.setAccount(contract, { balance: ETHER, code: '0x00', nonce: 4 });
    const result = ran(evm.transact({ from: contract, to: HEX_TO }));
    expect(result).toMatchObject({ status: 'success', from: contract });
    expect(evm.storage(HEX_TO, 2)).toBe(0xccn);
    expect(evm.account(contract)?.nonce).toBe(5n);
    const made = ran(evm.transact({ from: contract, data: deploys(raw(0x00)) }));
    expect(evm.account(made.created!)).toEqual({ nonce: 1n, balance: 0n, code: '0x00' });
  });

  it('are as valid as signed ones', () => {
    const request: TransactionRequest = { from: FROM, to: HEX_TO };
    const reason = (fields: Partial<TransactionRequest>): string => {
      const result = evm.transact({ ...request, ...fields });
      return result.status === 'invalid' ? result.invalid : result.status;
    };
    expect(reason({ nonce: 99 })).toBe('NONCE_MISMATCH_TOO_HIGH');
    expect(reason({ gas: 20_999 })).toBe('INTRINSIC_GAS_TOO_LOW');
    expect(reason({ gas: 2 ** 25 })).toBe('GAS_LIMIT_EXCEEDS_MAXIMUM');
    expect(reason({ value: ETHER * 2n })).toBe('INSUFFICIENT_ACCOUNT_FUNDS');
    expect(reason({ chainId: 5 })).toBe('INVALID_CHAINID');
    expect(reason({ maxFeePerGas: 1, maxPriorityFeePerGas: 2 })).toBe(
      'PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS',
    );
    expect(reason({ authorizationList: [] })).toBe('TYPE_4_EMPTY_AUTHORIZATION_LIST');
    expect(reason({ blobVersionedHashes: [] })).toBe('TYPE_3_TX_ZERO_BLOBS');
    expect(reason({})).toBe('success');
  });

  it('have the type of the fields that are given, and run as the signed one', () => {
    const base = { gasLimit: 100_000n, maxFeePerGas: 10n, maxPriorityFeePerGas: 3n };
    const plain = { from: FROM, to: HEX_TO, gas: 100_000, value: 1n };
    const fees = { maxFeePerGas: 10n, maxPriorityFeePerGas: 3n };
    const auth = authorization({ address: 0x1234n });
    const list = [{ address: TO, storageKeys: [1n, 2n] }];
    const pairs = [
      [{ ...plain, gasPrice: 10n }, signed({ ...base, type: 0, value: 1n })],
      [
        { ...plain, gasPrice: 10n, accessList: list },
        signed({ ...base, type: 1, value: 1n, accessList: list }),
      ],
      [{ ...plain, ...fees, accessList: list }, signed({ ...base, value: 1n, accessList: list })],
      [
        { ...plain, ...fees, blobVersionedHashes: [(1n << 248n) | 5n], maxFeePerBlobGas: 2n },
        signed({ ...base, type: 3, value: 1n, blobHashes: [(1n << 248n) | 5n], maxFeePerBlobGas: 2n }),
      ],
      [
        { ...plain, ...fees, authorizationList: [auth] },
        signed({ ...base, type: 4, value: 1n, authorizations: [auth] }),
      ],
    ] as const;
    for (const [request, tx] of pairs) {
      const options = { fork: 'Osaka', block: { baseFee: 7n } };
      const [one, two] = [
        evmWith({ [HEX_TO]: code(sstore(1, 1)) }, options),
        evmWith({ [HEX_TO]: code(sstore(1, 1)) }, options),
      ];
      const result = ran(one.transact(request));
      expect(result).toEqual(ran(two.transact(encodeTransaction(tx))));
      expect(result.status).toBe('success');
      expect(one.commit()).toBe(two.commit());
    }
    expect(evm.account(addressToHex(AUTHORITY))).toBeNull();
  });

  it('name the field that is wrong', () => {
    const bad = (fields: object): string =>
      errorOf(() => evm.transact({ from: FROM, to: HEX_TO, ...fields }));
    expect(bad({ gasPrice: 1, maxFeePerGas: 1 })).toContain(
      'gasPrice: expected none, in a transaction of type 2',
    );
    expect(bad({ authorizationList: [], blobVersionedHashes: [] })).toContain(
      'blobVersionedHashes: expected none',
    );
    expect(bad({ gasPrice: 1, blobVersionedHashes: [] })).toContain(
      'gasPrice: expected none, in a transaction of type 3',
    );
    expect(bad({ accessList: new Array(1) as never })).toContain('accessList[0]: expected an object');
    expect(bad({ gasLimit: 1 })).toContain(
      'transaction: unknown field "gasLimit"; known are type, from, to,',
    );
    expect(bad({ accessList: [{ address: HEX_TO, storageKeys: [-1] }] })).toContain(
      'accessList[0].storageKeys[0]: -1 is negative',
    );
    expect(bad({ accessList: [{ address: HEX_TO, keys: [] }] })).toContain(
      'accessList[0]: unknown field "keys"',
    );
    expect(bad({ accessList: 5 })).toContain('accessList: expected a list');
    expect(bad({ authorizationList: [{}] })).toContain('authorizationList[0].chainId');
    expect(bad({ from: undefined })).toContain('from: ');
    expect(bad({ type: 5 })).toContain('type: 5 is above the maximum of 4');
    expect(bad({ type: 2, gasPrice: 1 })).toContain('gasPrice: expected none, in a transaction of type 2');
    expect(bad({ type: 0, accessList: [] })).toContain(
      'accessList: expected none, in a transaction of type 0',
    );
    expect(errorOf(() => evm.transact({ from: FROM } as never, { overrides: {} }))).toContain(
      'overrides: expected none',
    );
  });
});

describe('checks that are off', () => {
  const request = { from: '0x00000000000000000000000000000000000000dd', to: HEX_TO };

  it('balance: the sender is given what it lacks', () => {
    const evm = createEvm({ checks: { balance: false } });
    const result = ran(evm.transact({ ...request, value: ETHER, gasPrice: 10n, gas: 21_000 }));
    expect(result.status).toBe('success');
    expect(evm.account(HEX_TO)?.balance).toBe(ETHER);
    expect(evm.account(request.from)).toMatchObject({ balance: 0n, nonce: 1n });
    expect(evm.call({ ...request, value: 5n }).status).toBe('success');
    expect(createEvm().call({ ...request, value: 5n }).status).toBe('halt');
  });

  it('nonce: any will do', () => {
    const evm = createEvm({ checks: { nonce: false } });
    const state = new MemoryState();
    state.put(SENDER, { balance: ETHER, nonce: 7n });
    const again = createEvm({ checks: { nonce: false }, state });
    expect(ran(again.transact(encodeTransaction(signed({ nonce: 3n })))).status).toBe('success');
    expect(again.account(FROM)?.nonce).toBe(8n);
    for (const nonce of [0, 5, 5]) expect(evm.transact({ ...request, nonce }).status).toBe('success');
    expect(evm.account(request.from)?.nonce).toBe(3n);
  });

  it('base fee: none is needed, and the coinbase never pays', () => {
    const options = { block: { baseFee: 100n, coinbase: 0xc0n } } as const;
    const fields = { ...request, gasPrice: 0n };
    expect(createEvm(options).transact(fields)).toMatchObject({ invalid: 'INSUFFICIENT_MAX_FEE_PER_GAS' });
    const evm = createEvm({ ...options, checks: { baseFee: false } });
    expect(ran(evm.transact(fields)).gasPrice).toBe(0n);
    expect(evm.account(addressToHex(0xc0n))).toBeNull();
  });

  it('block gas limit and code size', () => {
    const block = { gasLimit: 30_000 };
    expect(createEvm({ block }).transact({ ...request, gas: 40_000 })).toMatchObject({
      invalid: 'GAS_ALLOWANCE_EXCEEDED',
    });
    expect(
      createEvm({ block, checks: { blockGasLimit: false } }).transact({ ...request, gas: 40_000 }).status,
    ).toBe('success');
    const data = deploys(new Uint8Array(60_000));
    expect(createEvm().create({ data }).reason).toBe('contract code too large');
    expect(createEvm({ checks: { codeSize: false } }).create({ data }).status).toBe('success');
    const big = { from: FROM, data: deploys(new Uint8Array(50_000)) };
    expect(evmWith({}).transact(big)).toMatchObject({ invalid: 'INITCODE_SIZE_EXCEEDED' });
    expect(evmWith({}, { checks: { codeSize: false } }).transact(big).status).toBe('success');
  });

  it('are named when they are wrong', () => {
    expect(errorOf(() => createEvm({ checks: { gas: false } as never }))).toContain(
      'checks: unknown field "gas"',
    );
    expect(errorOf(() => createEvm({ checks: { nonce: 0 as never } }))).toContain(
      'checks.nonce: expected true or false',
    );
  });
});

describe('options of the machine', () => {
  it('own chain id, disabled opcodes', () => {
    expect(BigInt(createEvm({ chainId: 1337 }).execute(code('CHAINID', returnTop)).output)).toBe(1337n);
    const evm = createEvm({ disabledOpcodes: ['SELFDESTRUCT', 0x01] });
    expect(evm.execute('5fff').halt).toBe(Halt.UndefinedOpcode);
    expect(evm.execute('5f5f01').halt).toBe(Halt.UndefinedOpcode);
    expect(evm.execute('5f5f02').status).toBe('success');
    expect(createEvm().execute('5f5f01').status).toBe('success');
    expect(errorOf(() => createEvm({ disabledOpcodes: ['NOPE'] }))).toContain('disabledOpcodes[0]: expected');
  });

  it('a step limit stops exactly there, with and without a tracer', () => {
    let steps = 0;
    for (const tracer of [undefined, { step: () => void steps++ }]) {
      for (const maxSteps of [0, 1, 10, 1_000]) {
        steps = 0;
        const evm = createEvm({ maxSteps, ...(tracer && { tracer }) });
        const result = evm.execute(LOOP, { gas: 2n ** 64n - 1n });
        expect(result).toMatchObject({ status: 'limit', reason: `host limit: ${maxSteps} steps`, diff: {} });
        if (tracer) expect(steps).toBe(maxSteps);
        expect(evm.execute(LOOP).reason).toBe(`host limit: ${maxSteps} steps`);
      }
    }
    const evm = createEvm({ maxSteps: 4 });
    expect(evm.execute('5f5f50').status).toBe('success');
    expect(evm.execute('5f5f5050').status).toBe('limit');
  });

  it('a memory limit counts all frames', () => {
    const grow = (bytes: number): Uint8Array => code([push(1), push(bytes - 32), 'MSTORE']);
    const evm = createEvm({ maxMemory: 1_024 });
    expect(evm.execute(grow(1_024)).status).toBe('success');
    expect(evm.execute(grow(1_056))).toMatchObject({ status: 'limit', reason: 'host limit: memory' });
    evm.setAccount(HEX_TO, { code: grow(512) });
    expect(evm.execute(code(mstore(480, 1), call(TO), returnTop)).status).toBe('success');
    expect(evm.execute(code(mstore(512, 1), call(TO), returnTop)).status).toBe('limit');
    expect(createEvm({ maxMemory: 0 }).execute('5f5f52').status).toBe('limit');
    expect(errorOf(() => createEvm({ maxMemory: 2 ** 31 }))).toContain('maxMemory: expected');
  });

  it('time and signals stop a run', () => {
    const evm = createEvm();
    const endless = { gas: 2n ** 64n - 1n };
    expect(evm.execute(LOOP, { ...endless, timeout: 5 })).toMatchObject({
      status: 'limit',
      reason: 'host limit: timeout of 5 ms',
    });
    expect(errorOf(() => evm.execute(LOOP, { ...endless, signal: AbortSignal.abort() }))).toContain(
      'ABORTED ',
    );
    expect(errorOf(() => evm.execute('00', { timeout: -1 }))).toContain('timeout: expected milliseconds');
    expect(errorOf(() => evm.execute('00', { signal: {} as never }))).toContain(
      'signal: expected an AbortSignal',
    );
    const controller = new AbortController();
    let steps = 0;
    const hooked = createEvm({
      tracer: {
        step() {
          if (++steps === 1_000) controller.abort();
        },
      },
    });
    expect(errorOf(() => hooked.execute(LOOP, { ...endless, signal: controller.signal }))).toContain(
      'ABORTED ',
    );
  });
});

describe('snapshots and changes', () => {
  it('go back to where they were, once', () => {
    const evm = evmWith({});
    const send = (value: bigint) => ran(evm.transact({ from: FROM, to: HEX_TO, value }));
    send(1n);
    const first = evm.snapshot();
    send(2n);
    const second = evm.snapshot();
    send(4n);
    expect(evm.account(HEX_TO)?.balance).toBe(7n);
    evm.revert(second);
    expect(evm.account(HEX_TO)?.balance).toBe(3n);
    send(8n);
    evm.revert(first);
    expect(evm.account(HEX_TO)?.balance).toBe(1n);
    expect(evm.account(FROM)?.nonce).toBe(1n);
    evm.setBlock({ number: 5 });
    const third = evm.snapshot();
    evm.setBlock({ number: 6 });
    evm.revert(third);
    expect(evm.block.number).toBe(5n);
    const unknown = evm.state.snapshot();
    for (const gone of [unknown, first, second, 0, 99]) {
      expect(errorOf(() => evm.revert(gone))).toBe(
        `INVALID_ARGUMENT snapshot: there is none with the number ${gone}`,
      );
    }
  });

  it('reach the state that was given with commit, and not before', () => {
    const state = new MemoryState();
    state.put(SENDER, { balance: ETHER });
    const before = bytesToHex(state.root());
    const evm = createEvm({ state });
    ran(evm.transact({ from: FROM, to: HEX_TO, value: 5n }));
    expect(bytesToHex(state.root())).toBe(before);
    const root = evm.commit();
    expect(root).toBe(bytesToHex(state.root()));
    expect(root).not.toBe(before);
    expect(state.account(TO)?.balance).toBe(5n);
    expect(evm.commit()).toBe(root);
    const { account, storage, hasStorage, code: codeOf, blockHash } = state;
    const readOnly = { account, storage, hasStorage, code: codeOf, blockHash };
    expect(errorOf(() => createEvm({ state: readOnly }).commit())).toContain('INVALID_STATE ');
  });

  it('are told with what was before', () => {
    const evm = evmWith({ [HEX_TO]: code(sstore(1, 7)) });
    evm.setAccount(HEX_TO, { storage: { 1: 3n } });
    const { diff } = ran(evm.transact({ from: FROM, to: HEX_TO, value: 2n }));
    expect(diff[HEX_TO as `0x${string}`]).toEqual({
      before: { nonce: 0n, balance: 0n },
      after: { nonce: 0n, balance: 2n },
      code: null,
      storage: { [toHex32(1n)]: { before: 3n, after: 7n } },
    });
    const made = ran(evm.transact({ from: FROM, data: deploys(raw(0x5f)) }));
    expect(made.diff[made.created!]).toEqual({
      before: null,
      after: { nonce: 1n, balance: 0n },
      code: '0x5f',
      storage: {},
    });
  });

  it('setAccount and setBlock change what they name', () => {
    const evm = createEvm({ block: { number: 3, timestamp: 4 } });
    evm.setAccount(HEX_TO, { balance: 1n, nonce: 2, code: '0x00', storage: { 1: 1n, 2: 2n } });
    evm.setAccount(HEX_TO, { balance: 9n, storageDiff: { 1: 0n } });
    expect(evm.account(HEX_TO)).toEqual({ balance: 9n, nonce: 2n, code: '0x00' });
    expect([evm.storage(HEX_TO, 1), evm.storage(HEX_TO, '0x2')]).toEqual([0n, 2n]);
    evm.setAccount(HEX_TO, { code: '0x', storage: [] });
    expect(evm.account(HEX_TO)).toEqual({ balance: 9n, nonce: 2n, code: '0x' });
    expect(evm.storage(HEX_TO, 2)).toBe(0n);
    evm.setBlock({ number: 10 });
    expect(evm.block).toMatchObject({ number: 10n, timestamp: 4n });
    evm.setBlock({ excessBlobGas: 0 });
    expect(evm.block.blobBaseFee).toBe(1n);
    expect(errorOf(() => evm.setBlock({ excessBlobGas: 0, blobBaseFee: 1 }))).toContain(
      'block.blobBaseFee: expected',
    );
    expect(errorOf(() => evm.setBlock({ time: 1 } as never))).toContain('block: unknown field "time"');
    expect(errorOf(() => evm.setAccount(HEX_TO, { storage: {}, storageDiff: {} }))).toContain(
      'account.storage: expected either',
    );
  });
});

describe('simulate and systemCall', () => {
  it('run transactions in a row and keep nothing', () => {
    const evm = evmWith({
      [HEX_TO]: code([push(0), 'SLOAD', push(1), 'ADD', 'DUP1', push(0), 'SSTORE'], returnTop),
    });
    const request = { from: FROM, to: HEX_TO };
    const wrong = { ...request, nonce: 50 };
    const results = evm.simulate([request, wrong, request, encodeTransaction(signed({ nonce: 2n }))]);
    expect(
      results.map((result) => (result.status === 'invalid' ? result.invalid : BigInt(result.output))),
    ).toEqual([1n, 'NONCE_MISMATCH_TOO_HIGH', 2n, 3n]);
    expect(evm.storage(HEX_TO, 0)).toBe(0n);
    const other = evm.simulate([request], {
      overrides: { [HEX_TO]: { storage: { 0: 9n } } },
      block: { number: 5 },
    });
    expect(BigInt((other[0] as TransactResult).output)).toBe(10n);
    expect(errorOf(() => evm.simulate(5 as never))).toContain('transactions: expected a list');
  });

  it('make system calls that nobody pays for', () => {
    const evm = evmWith({
      [HEX_TO]: code(
        ['CALLER', push(1), 'SSTORE', 'PUSH0', 'CALLDATALOAD', push(2), 'SSTORE', 'GAS'],
        returnTop,
      ),
    });
    const data = toHex32(77n);
    const result = evm.systemCall(HEX_TO, { data });
    expect(result.status).toBe('success');
    expect(BigInt(result.output)).toBeGreaterThan(29_900_000n);
    expect(evm.storage(HEX_TO, 1)).toBe(0xffff_ffff_ffff_ffff_ffff_ffff_ffff_ffff_ffff_fffen);
    expect(evm.storage(HEX_TO, 2)).toBe(77n);
    expect(Object.keys(result.diff)).toEqual([HEX_TO]);
    expect(evm.systemCall('0x00000000000000000000000000000000000000ee')).toMatchObject({
      status: 'success',
      diff: {},
    });
  });
});

describe('estimateGas', () => {
  const exact = (evm: Evm, request: TransactionRequest): bigint => {
    const { gas, result } = evm.estimateGas(request);
    if (gas === null) throw new Error(`no estimate: ${result.reason}`);
    expect(result.status).toBe('success');
    expect(evm.simulate([{ ...request, gas }])[0]!.status).toBe('success');
    // With plenty; a program that catches a call's failure may succeed with less.
    const plenty = { overrides: [[request.from, { balance: ETHER }]] as const };
    const used = ran(evm.simulate([request], plenty)[0]!).gasUsed;
    expect(gas).toBeGreaterThanOrEqual(used);
    if (gas > used) expect(evm.simulate([{ ...request, gas: gas - 1n }])[0]!.status).not.toBe('success');
    return gas;
  };

  it('is exact for transfers, creations, refunds, nested calls and the calldata floor', () => {
    const nested = code(call(0x71n, { outSize: 32 }), 'ISZERO', jumpi('fail'), 'STOP', label('fail'), [
      'PUSH0',
      'PUSH0',
      'REVERT',
    ]);
    const deep = (to: bigint): Uint8Array =>
      code(call(to), 'ISZERO', jumpi('fail'), 'STOP', label('fail'), raw(0xfe));
    const evm = evmWith({
      [HEX_TO]: nested,
      [addressToHex(0x71n)]: deep(0x72n),
      [addressToHex(0x72n)]: deep(0x73n),
      [addressToHex(0x73n)]: code(sstore(1, 1), sstore(2, 2), sstore(3, 0)),
      [addressToHex(0x74n)]: code(sstore(1, 0), sstore(2, 0)),
    });
    evm.setAccount(addressToHex(0x74n), { storage: { 1: 1n, 2: 1n } });
    expect(exact(evm, { from: FROM, to: addressToHex(0x99n), value: 1n })).toBe(21_000n);
    const used = (request: TransactionRequest): bigint => ran(evm.simulate([request])[0]!).gasUsed;
    const through = { from: FROM, to: HEX_TO };
    expect(exact(evm, through)).toBeGreaterThan(used(through));
    const refunded = { from: FROM, to: addressToHex(0x74n) };
    expect(exact(evm, refunded)).toBe(used(refunded) + ran(evm.simulate([refunded])[0]!).gasRefunded);
    exact(evm, { from: FROM, data: deploys(new Uint8Array(500)) });
    exact(evm, { from: FROM, to: addressToHex(0x99n), data: new Uint8Array(5_000).fill(1) });
    exact(evm, { from: FROM, to: HEX_TO, gasPrice: 10n });
  });

  it('is exact for random programs', () => {
    const random = new Random(21);
    const evm = createEvm({ block: { gasLimit: 3_000_000 } });
    evm.setAccount(FROM, { balance: ETHER });
    let estimated = 0;
    for (let i = 0; i < 450; i++) {
      const names = [
        'ADD',
        'SSTORE',
        'SLOAD',
        'MSTORE',
        'KECCAK256',
        'CALLDATALOAD',
        'BALANCE',
        'LOG1',
        'EXP',
        'CREATE',
      ];
      const options = { names, targets: [TO, 0x71n], precompiles: [2n, 4n] };
      evm.setAccount(HEX_TO, { code: likelyProgram(random, options) });
      evm.setAccount(addressToHex(0x71n), { code: likelyProgram(random, options) });
      const request = { from: FROM, to: HEX_TO, data: random.bytes(random.below(100)) };
      if (evm.estimateGas(request).gas === null) continue;
      estimated++;
      exact(evm, request);
    }
    expect(estimated).toBeGreaterThan(30);
  });

  it('says why there is none', () => {
    const evm = evmWith({ [HEX_TO]: code(['PUSH0', 'PUSH0', 'REVERT']) });
    expect(evm.estimateGas({ from: FROM, to: HEX_TO })).toMatchObject({
      gas: null,
      result: { status: 'revert' },
    });
    const poor = { from: HEX_TO, to: FROM, value: 1n };
    expect(evm.estimateGas(poor)).toMatchObject({
      gas: null,
      result: { invalid: 'INSUFFICIENT_ACCOUNT_FUNDS' },
    });
    const limited = createEvm({ maxSteps: 100 });
    limited.setAccount(HEX_TO, { code: LOOP });
    expect(limited.estimateGas({ from: FROM, to: HEX_TO })).toMatchObject({
      gas: null,
      result: { status: 'limit' },
    });
  });

  it('is a limit of the host where one cuts the search short', () => {
    // Needs more gas than it uses, so that the search probes below.
    const program = raw(...[0x61, 0xc3, 0x50, 0x5a, 0x10, 0x60, 0x09, 0x57, 0x00, 0x5b, 0xfe]);
    const plain = evmWith({ [HEX_TO]: program }).estimateGas({ from: FROM, to: HEX_TO }).gas;
    for (let maxSteps = 1; maxSteps < 400; maxSteps += 3) {
      const { gas, result } = evmWith({ [HEX_TO]: program }, { maxSteps }).estimateGas({
        from: FROM,
        to: HEX_TO,
      });
      if (gas === null) expect(result.status).toBe('limit');
      else expect(gas).toBe(plain);
    }
  });

  it('counts blobs, and no limit times price overflows', () => {
    const evm = evmWith({}, { block: { baseFee: 10n, blobBaseFee: 10n ** 9n } });
    evm.setAccount(FROM, { balance: 131_072n * 10n ** 9n + 10n ** 6n });
    const blobs = { from: FROM, to: HEX_TO, blobVersionedHashes: [(1n << 248n) | 1n] };
    expect(evm.estimateGas(blobs).gas).toBe(21_000n);
    const rich = createEvm({ fork: 'Prague', checks: { balance: false } });
    expect(rich.estimateGas({ from: FROM, to: HEX_TO, maxFeePerGas: 2n ** 217n }).gas).toBe(21_000n);
  });

  it('of a sender without enough for any gas is refused for its funds', () => {
    const evm = createEvm({ block: { baseFee: 10n } });
    evm.setAccount(FROM, { balance: 1_000n });
    expect(evm.transact({ from: FROM, to: HEX_TO })).toMatchObject({ invalid: 'INSUFFICIENT_ACCOUNT_FUNDS' });
    evm.setAccount(FROM, { balance: 500_000n });
    expect(evm.transact({ from: FROM, to: HEX_TO }).status).toBe('success');
  });

  it('stays within what the sender can pay', () => {
    const evm = evmWith({ [HEX_TO]: code(['GAS'], returnTop) });
    evm.setAccount(FROM, { balance: 30_000n * 10n });
    expect(exact(evm, { from: FROM, to: HEX_TO, gasPrice: 10n })).toBeLessThan(30_000n);
  });
});

describe('numbers beyond what a chain can have', () => {
  const most = 2n ** 256n - 1n;
  const shifted = code('SELFBALANCE', push(1), 'SHR', returnTop);

  it('stay words of 256 bits', () => {
    const evm = createEvm();
    evm.setAccount(FROM, { balance: most });
    evm.setAccount(HEX_TO, { balance: most, code: shifted });
    expect(BigInt(evm.call({ from: FROM, to: HEX_TO, value: 5n }).output)).toBe(2n);
    const lent = createEvm({ checks: { balance: false } });
    lent.setAccount(HEX_TO, { balance: 1n, code: shifted });
    expect(BigInt(lent.call({ from: FROM, to: HEX_TO, value: most }).output)).toBe(0n);
    const fee = createEvm({ block: { excessBlobGas: 2n ** 64n - 1n } });
    expect(BigInt(fee.execute(code('BLOBBASEFEE', push(1), 'SHR', returnTop)).output)).toBe(most >> 1n);
  });

  it('a nonce at its maximum is refused, whoever counts it', () => {
    for (const checks of [{}, { nonce: false }]) {
      const evm = createEvm({ checks });
      evm.setAccount(FROM, { nonce: 2n ** 64n - 1n, balance: 1n });
      expect(evm.transact({ from: FROM, to: HEX_TO })).toMatchObject({ invalid: 'NONCE_IS_MAX' });
    }
  });
});

describe('accessList', () => {
  const reader = code(
    [push(1), 'SLOAD', 'POP'],
    [push(0x71), 'BALANCE', 'POP'],
    call(0x72n),
    call(4n),
    'COINBASE',
    'BALANCE',
  );
  const contracts = {
    [HEX_TO]: reader,
    [addressToHex(0x72n)]: code([push(9), 'SLOAD', push(8), 'SLOAD'], sstore(7, 1)),
  };

  it('names what a transaction accesses and is not warm anyway', () => {
    const evm = evmWith(contracts, { block: { coinbase: 0xc0n } });
    const { accessList, result } = evm.accessList({ from: FROM, to: HEX_TO });
    expect(accessList).toEqual([
      { address: HEX_TO, storageKeys: [toHex32(1n)] },
      { address: addressToHex(0x71n), storageKeys: [] },
      { address: addressToHex(0x72n), storageKeys: [9n, 8n, 7n].map(toHex32) },
    ]);
    const listed = ran(evm.simulate([{ from: FROM, to: HEX_TO, accessList }])[0]!);
    expect(ran(result as TransactResult).gasUsed).toBe(listed.gasUsed);
    expect(listed.status).toBe('success');
  });

  it('has what a revert undid', () => {
    const evm = evmWith({ ...contracts, [HEX_TO]: code(call(0x72n), ['PUSH0', 'PUSH0', 'REVERT']) });
    const { accessList, result } = evm.accessList({ from: FROM, to: HEX_TO });
    expect(result.status).toBe('revert');
    expect(accessList.map(({ address }) => BigInt(address))).toEqual([0x72n]);
    expect(accessList[0]!.storageKeys).toHaveLength(3);
  });

  it('leaves out what the rules make warm: delegates, authorities, contracts that were not made', () => {
    const delegation = `0xef0100${'72'.padStart(40, '0')}`;
    const evm = evmWith({ ...contracts, [addressToHex(0x72n)]: code('STOP') });
    evm.setAccount(HEX_TO, { code: delegation });
    expect(evm.accessList({ from: FROM, to: HEX_TO }).accessList).toEqual([]);
    const authorizationList = [authorization({ address: 0x72n })];
    expect(evm.accessList({ from: FROM, to: HEX_TO, authorizationList }).accessList).toEqual([]);
    expect(evm.accessList({ from: FROM, data: '0xfe' }).accessList).toEqual([]);
  });

  it('begins with the list that is given, whatever the type', () => {
    const evm = evmWith(contracts);
    const given = [{ address: addressToHex(0x99n), storageKeys: [toHex32(5n)] }];
    for (const type of [undefined, 0, 1, 2]) {
      const typed = type === undefined ? {} : { type };
      const { accessList } = evm.accessList({ from: FROM, to: HEX_TO, accessList: given, ...typed });
      expect(accessList).toContainEqual(given[0]);
      expect(accessList).toHaveLength(4);
    }
  });

  it('is empty for what cannot run', () => {
    expect(evmWith({}).accessList({ from: FROM, to: HEX_TO, gas: 5 })).toMatchObject({
      accessList: [],
      result: { invalid: 'INTRINSIC_GAS_TOO_LOW' },
    });
  });
});
