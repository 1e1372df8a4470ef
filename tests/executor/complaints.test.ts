/** What people complain about in other EVMs for JavaScript, and that none of it can happen here. */

import { readdirSync, readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { type Crypto, nobleCrypto, PRECOMPILES } from '../../precompiles/index.ts';
import * as door from '../../src/index.ts';
import {
  addressToHex,
  bytesToHex,
  createEvm,
  customFork,
  decodeTransaction,
  type Evm,
  type EvmResult,
  hexToBytes,
  keccak256,
  MemoryState,
  rulesOf,
  type Tracer,
} from '../../src/index.ts';
import type { Frame } from '../../src/machine/frame.ts';
import { call, code, jumpi, label, mstore, push, returnTop, sstore } from '../helpers/assembler.ts';
import { ETHER, SENDER, TO } from '../helpers/transact.ts';
import { BUSY, errorOf, FOREVER } from './complaints.ts';

describe('1. a hex string runs as empty code, without a word', () => {
  // PUSH1 7 PUSH0 MSTORE PUSH1 32 PUSH0 RETURN
  const digits = '60075f5260205ff3';
  const seven = `0x${'7'.padStart(64, '0')}`;

  it.each<[string, string | Uint8Array]>([
    ['hex', `0x${digits}`],
    ['hex without 0x', digits],
    ['hex in capitals', `0X${digits.toUpperCase()}`],
    ['bytes', hexToBytes(digits)],
    ['a Buffer', Buffer.from(digits, 'hex')],
    // As in Jest, or from another frame of a page.
    ['bytes of another realm', runInNewContext(`Uint8Array.from([${hexToBytes(digits)}])`)],
    ['a view into a larger buffer', hexToBytes(`ffff${digits}ffff`).subarray(2, 10)],
  ])('%s runs', (_name, bytes) => {
    const evm = createEvm();
    expect(evm.execute(bytes)).toMatchObject({ status: 'success', output: seven });
    evm.setAccount(TO, { code: bytes });
    expect(evm.call({ to: TO })).toMatchObject({ status: 'success', output: seven });
    const initCode = code(push(32), 'DUP1', push(9), push(0), 'CODECOPY', push(0), 'RETURN');
    expect(evm.create({ data: typeof bytes === 'string' ? bytes : initCode }).status).toBe('success');
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 0x60],
    ['a list of bytes', [0x60, 0x07]],
    ['an ArrayBuffer', new ArrayBuffer(2)],
    ['words', new Uint16Array(2)],
    ['an object', { data: digits }],
    ['half a byte', '0x6'],
    ['text', 'PUSH1 07'],
    ['a promise of code', Promise.resolve(digits)],
  ])('%s is an error that names the field', async (_name, wrong) => {
    const evm = createEvm();
    expect((await errorOf(() => evm.execute(wrong as never))).message).toMatch(/^code: /);
    expect((await errorOf(() => evm.async.execute(wrong as never))).message).toMatch(/^code: /);
    if (wrong === undefined || wrong === null) return;
    expect((await errorOf(() => evm.call({ to: TO, data: wrong as never }))).message).toMatch(/^data: /);
    const patched = await errorOf(() => evm.setAccount(TO, { code: wrong as never }));
    expect(patched.message).toMatch(/^account\.code: /);
    expect(evm.account(TO)).toBeNull();
  });

  it.each<[string, (hex: never) => unknown, (hex: never) => unknown]>([
    [
      'MemoryState.put',
      (hex) => {
        const state = new MemoryState();
        state.put(TO, { code: hex });
        return createEvm({ state }).call({ to: TO }).output;
      },
      () => seven,
    ],
    [
      'evm.state.put',
      (hex) => {
        const evm = createEvm();
        evm.state.put(TO, { code: hex });
        return evm.call({ to: TO }).output;
      },
      () => seven,
    ],
    ['keccak256', (hex) => bytesToHex(keccak256(hex)), (hex) => bytesToHex(keccak256(hexToBytes(hex)))],
    ['decodeTransaction', (hex) => decodeTransaction(hex), (hex) => decodeTransaction(hexToBytes(hex))],
  ])('hex is understood or refused by %s', async (_name, work, right) => {
    for (const hex of [`0x${digits}`, digits]) {
      let value: unknown;
      try {
        value = work(hex as never);
      } catch (error) {
        expect(error).toMatchObject({ name: 'ErbiumError', code: 'INVALID_ARGUMENT' });
        continue;
      }
      expect(value).toEqual(right(hex as never));
    }
  });

  it('nor does code change that was given before', () => {
    const evm = createEvm();
    const bytes = hexToBytes(digits);
    evm.setAccount(TO, { code: bytes });
    bytes[1] = 9;
    expect(evm.account(TO)!.code).toBe(`0x${digits}`);
    expect(evm.call({ to: TO }).output).toBe(seven);
  });

  it.each<[string, (evm: Evm) => unknown]>([
    ['gasLimit', (evm) => evm.call({ to: TO, gasLimit: 5 } as never)],
    ['input', (evm) => evm.call({ to: TO, input: '0x' } as never)],
    ['code', (evm) => evm.call({ to: TO, code: '0x00' } as never)],
    ['caller', (evm) => evm.create({ caller: TO } as never)],
    ['isStatics', (evm) => evm.execute('0x', { isStatics: true } as never)],
    ['account', (evm) => evm.transact({ account: SENDER, from: SENDER } as never)],
    ['gasLimit', (evm) => evm.transact({ from: SENDER, gasLimit: 5 } as never)],
    ['gas', (evm) => evm.transact('0x', { gas: 5 } as never)],
    ['overides', (evm) => evm.simulate([], { overides: {} } as never)],
    ['balanc', (evm) => evm.setAccount(TO, { balanc: 5 } as never)],
    ['balanc', (evm) => evm.call({ to: TO, overrides: [[TO, { balanc: 5 }]] } as never)],
    ['basefee', (evm) => evm.setBlock({ basefee: 5 } as never)],
    ['slots', (evm) => evm.call({ to: TO, accessList: [{ address: TO, slots: [] }] } as never)],
    ['hardfork', () => createEvm({ hardfork: 'Cancun' } as never)],
    ['maxCodesize', () => customFork('Mine', rulesOf('Osaka'), { maxCodesize: 5 } as never)],
    ['balances', () => createEvm({ checks: { balances: false } } as never)],
  ])('a field that does not exist is an error: %s', async (field, work) => {
    const { code: errorCode, message } = await errorOf(() => work(createEvm()));
    expect(errorCode).toBe('INVALID_ARGUMENT');
    expect(message).toContain(`unknown field "${field}"`);
  });
});

describe('2. slots stay warm from one call to the next', () => {
  const reads = code([push(1), 'SLOAD', 'POP'], call(0x77n), [push(2), 'SLOAD', 'POP'], sstore(1, 9));
  const evmWith = (tracer: Tracer = {}): Evm => {
    const evm = createEvm({ tracer });
    evm.setAccount(TO, { code: reads, storage: { 1: 5, 2: 6 } });
    evm.setAccount(0x77n, { code: code([push(3), 'SLOAD'], returnTop) });
    evm.setAccount(0x78n, { code: code([push(1), 'SLOAD', push(0), 'DUP1', 'REVERT']) });
    evm.setAccount(0x79n, { code: code([push(1), 'SLOAD', 'INVALID']) });
    return evm;
  };
  const { gasUsed: expected } = evmWith().call({ to: TO });

  it('not by calls', () => {
    const evm = evmWith();
    for (let i = 0; i < 5; i++) expect(evm.call({ to: TO }).gasUsed).toBe(expected);
  });

  it('not by asynchronous calls, one by one or all at once', async () => {
    const evm = evmWith();
    for (let i = 0; i < 3; i++) expect((await evm.async.call({ to: TO })).gasUsed).toBe(expected);
    const results = await Promise.all(Array.from({ length: 20 }, () => evm.async.call({ to: TO })));
    for (const { gasUsed } of results) expect(gasUsed).toBe(expected);
  });

  it('not by calls that failed, were stopped, or were thrown out of', async () => {
    let throws = false;
    const evm = evmWith({
      exit() {
        if (throws) throw new RangeError('mine');
      },
    });
    const same = (): void => expect(evm.call({ to: TO }).gasUsed).toBe(expected);
    expect(evm.call({ to: 0x78n }).status).toBe('revert');
    same();
    expect(evm.call({ to: 0x79n }).status).toBe('halt');
    same();
    expect(evm.call({ to: TO, gas: 2_500 }).status).toBe('halt');
    same();
    expect(evm.call({ to: TO, timeout: 0 }).status).toBe('limit');
    same();
    throws = true;
    expect(() => evm.call({ to: TO })).toThrow(new RangeError('mine'));
    throws = false;
    same();
    const controller = new AbortController();
    const endless = evm.async.execute(BUSY, { gas: FOREVER, signal: controller.signal });
    controller.abort();
    expect((await errorOf(() => endless)).code).toBe('ABORTED');
    same();
  });

  it('not by access lists, overrides, simulations and estimates', () => {
    const evm = evmWith();
    const request = { from: SENDER, to: TO };
    const same = (): void => expect(evm.call({ to: TO }).gasUsed).toBe(expected);
    const warm = evm.call({
      to: TO,
      accessList: [
        { address: TO, storageKeys: [1, 2] },
        { address: 0x77n, storageKeys: [3] },
      ],
    });
    // 2,000 less for each of three slots, and 2,500 less for the account.
    expect(warm.gasUsed).toBe(expected - 8_500n);
    same();
    evm.call({ to: TO, overrides: { [addressToHex(TO)]: { storageDiff: { 1: 0 } } } });
    same();
    const [first, second] = evm.simulate([
      { ...request, to: 0x77n },
      { ...request, to: 0x77n },
    ]);
    expect(first).toMatchObject({ status: 'success' });
    expect({ ...second, diff: null }).toEqual({ ...first, diff: null });
    evm.estimateGas(request);
    evm.accessList(request);
    same();
  });

  it('not by transactions', () => {
    const evm = evmWith();
    const send = (): unknown => evm.transact({ from: SENDER, to: 0x77n });
    const { gasUsed, status } = send() as EvmResult;
    expect(status).toBe('success');
    expect(send()).toMatchObject({ status, gasUsed });
    expect(evm.call({ to: TO }).gasUsed).toBe(expected);
  });
});

describe('4. a listener that takes two arguments hangs the run', () => {
  const program = code(mstore(0, 1), call(0x77n), 'POP', sstore(1, 2));
  const evmWith = (tracer: Tracer = {}): Evm => {
    const evm = createEvm({ tracer });
    evm.setAccount(TO, { code: program });
    return evm;
  };
  const expected = evmWith().call({ to: TO });

  const HOOKS = ['enter', 'resume', 'step', 'stepEnd', 'exit'] as const;
  let calls = 0;
  const functions: readonly [string, (...args: never[]) => unknown][] = [
    ['no parameter', () => calls++],
    ['one', (_a) => calls++],
    ['two', (_a, _b) => calls++],
    ['three', (_a, _b, _c) => calls++],
    ['nine', (_a, _b, _c, _d, _e, _f, _g, _h, _i) => calls++],
    ['any number', (..._all) => calls++],
    ['a default', (_a, _b = 1 as never) => calls++],
    ['a promise that nobody waits for', async (_a, _next) => calls++],
    ['a promise that never ends', (_a, _next) => new Promise(() => calls++)],
    ['true', (_a, _next) => calls++ >= 0],
  ];

  it.each(functions)('%s', async (_name, hook) => {
    for (const name of HOOKS) {
      calls = 0;
      const evm = evmWith({ [name]: hook });
      expect(evm.call({ to: TO })).toEqual(expected);
      expect(calls).toBeGreaterThan(0);
      expect(await evm.async.call({ to: TO })).toEqual(expected);
    }
    calls = 0;
    const all = evmWith(Object.fromEntries(HOOKS.map((name) => [name, hook])));
    expect(all.call({ to: TO })).toEqual(expected);
    expect(calls).toBeGreaterThan(10);
  });
});

describe('5. a library that a precompile needs is missing, and the host falls over', () => {
  it('none is needed that is not a dependency', () => {
    const { dependencies } = JSON.parse(readFileSync(`${import.meta.dirname}/../../package.json`, 'utf8'));
    const folder = `${import.meta.dirname}/../../precompiles`;
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !name.startsWith('ext'),
    );
    const packages = files.flatMap((name) => {
      const source = readFileSync(`${folder}/${name}`, 'utf8');
      return [...source.matchAll(/ from '(@?[^'./][^']*)'/g)].map(([, from]) =>
        from!.split('/', from!.startsWith('@') ? 2 : 1).join('/'),
      );
    });
    expect(packages.length).toBeGreaterThan(3);
    for (const name of packages) expect(Object.keys(dependencies)).toContain(name);
  });

  it('every precompile of every fork ends with a result, whatever it is given', () => {
    const evm = createEvm({ fork: 'Osaka' });
    const inputs = [0, 1, 32, 64, 96, 128, 160, 192, 213, 256, 288, 384, 512].flatMap((length) => [
      new Uint8Array(length),
      new Uint8Array(length).fill(0xff),
      Uint8Array.from({ length }, (_, i) => i),
    ]);
    for (const { address } of PRECOMPILES) {
      for (const data of inputs) {
        expect(['success', 'halt']).toContain(evm.call({ to: address, data, gas: 30_000_000 }).status);
      }
    }
    expect(PRECOMPILES.length).toBeGreaterThan(17);
  });

  it.each(Object.keys(nobleCrypto) as (keyof Crypto)[])(
    'cryptography without %s is refused',
    async (name) => {
      for (const value of [undefined, null, 'sha256']) {
        const crypto = { ...nobleCrypto, [name]: value };
        const { code: errorCode, message } = await errorOf(() => createEvm({ crypto: crypto as never }));
        expect(errorCode).toBe('INVALID_ARGUMENT');
        expect(message).toMatch(new RegExp(`^crypto\\.${name}: expected a function`));
      }
    },
  );

  it('cryptography that throws is not disguised, and leaves no trace', () => {
    let isBroken = true;
    const crypto: Crypto = {
      ...nobleCrypto,
      sha256(data) {
        if (isBroken) throw new RangeError('no sha256 today');
        return nobleCrypto.sha256(data);
      },
    };
    const evm = createEvm({ crypto });
    evm.setAccount(TO, {
      code: code(sstore(1, 1), call(2n, { outSize: 32 }), 'POP', push(0), 'MLOAD', returnTop),
    });
    expect(() => evm.transact({ from: SENDER, to: TO })).toThrow(new RangeError('no sha256 today'));
    expect([evm.storage(TO, 1), evm.account(SENDER)]).toEqual([0n, null]);
    isBroken = false;
    const result = evm.transact({ from: SENDER, to: TO }) as EvmResult;
    expect(result.output).toBe(bytesToHex(nobleCrypto.sha256(new Uint8Array())));
  });
});

describe('6. four packages and a vocabulary for one transaction', () => {
  it('one import and plain objects', () => {
    const evm = createEvm();
    const result = evm.transact({ from: addressToHex(SENDER), to: addressToHex(TO), value: 5, data: '0x' });
    expect(result).toMatchObject({ status: 'invalid', invalid: 'INSUFFICIENT_ACCOUNT_FUNDS' });
    evm.setAccount(addressToHex(SENDER), { balance: ETHER });
    const paid = evm.transact({ from: addressToHex(SENDER), to: addressToHex(TO), value: 5 });
    expect(paid).toMatchObject({ status: 'success', gasUsed: 21_000n });
    expect(evm.account(addressToHex(TO))).toEqual({ nonce: 0n, balance: 5n, code: '0x' });
  });

  it('results are plain data: they survive structuredClone', () => {
    const evm = createEvm({ abi: ['error Poor(uint256 balance)'] });
    const made = evm.create({ data: code(sstore(1, 2), push(0), 'DUP1', 'LOG0') });
    expect(structuredClone(made)).toEqual(made);
    const sent = evm.transact({ from: SENDER, to: made.created! });
    expect(structuredClone(sent)).toEqual(sent);
  });

  it('and the one door has what it takes', () => {
    for (const name of ['createEvm', 'customFork', 'signTransaction', 'encodeTransaction', 'hexToBytes']) {
      expect(Object.keys(door)).toContain(name);
    }
  });
});

describe('7. every traced step copies the memory', () => {
  it('hooks see the memory itself, however large', () => {
    const size = 4 << 20;
    const rounds = 2_000;
    const program = code(mstore(size - 32, 0xaabb), [
      push(rounds),
      label('again'),
      push(1),
      'SWAP1',
      'SUB',
      'DUP1',
      jumpi('again'),
    ]);
    const memories = new Set<Frame['memory']>();
    const buffers = new Set<ArrayBufferLike>();
    let steps = 0;
    const look = ({ memory }: Frame): void => {
      steps++;
      memories.add(memory);
      if (memory.size === size) buffers.add(memory.viewOf(0, 32).buffer);
    };
    const evm = createEvm({ tracer: { step: look, stepEnd: look } });
    const start = process.memoryUsage().arrayBuffers;
    expect(evm.execute(program).status).toBe('success');
    expect(steps).toBeGreaterThan(2 * 6 * rounds);
    expect(memories.size).toBe(1);
    expect(buffers.size).toBe(1);
    // With copies it would be 96 GB.
    expect(process.memoryUsage().arrayBuffers - start).toBeLessThan(64 << 20);
  });

  it('and what they see is the present', () => {
    const seen: bigint[] = [];
    const program = code(mstore(0, 1), mstore(0, 2), mstore(0, 3));
    const evm = createEvm({
      tracer: {
        step({ memory }) {
          if (memory.size > 0) seen.push(memory.load(0));
        },
      },
    });
    evm.execute(program);
    expect(new Set(seen)).toEqual(new Set([1n, 2n, 3n]));
  });
});
