/** `createEvm` as embedders use it: the README's examples, what changes state and what does not, and bad input. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { op } from '../../opcodes/index.ts';
import type { Precompile } from '../../precompiles/index.ts';
import {
  addressToHex,
  bytesToHex,
  createEvm,
  customFork,
  type ErbiumError,
  type Evm,
  type EvmOptions,
  encodeTransaction,
  HALT_WORDS,
  Halt,
  hexToBytes,
  MemoryState,
  rulesOf,
  type Tracer,
} from '../../src/index.ts';
import { toHex32 } from '../../src/primitives/bytes.ts';
import { call, code, deploys, jump, label, mstore, returnTop, sstore } from '../helpers/assembler.ts';
import { ETHER, SENDER, signed, TO } from '../helpers/transact.ts';

/** Root of the state as it stands. */
function root(evm: Evm): string {
  const copy = (evm.state.base as MemoryState).clone();
  copy.apply(evm.state.diff());
  return bytesToHex(copy.root());
}

/** The error of a call that must throw one of ours. */
function errorOf(work: () => unknown): { name: string; code: string; message: string } {
  try {
    work();
  } catch (error) {
    const { name, code: errorCode, message } = error as ErbiumError;
    return { name, code: errorCode, message };
  }
  throw new Error('nothing was thrown');
}

describe("the README's examples", () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text]) => text!);

  /** Runs an example with its imports and free names given, and returns what it prints. */
  function print(example: string, names: Record<string, unknown>): unknown[][] {
    const printed: unknown[][] = [];
    const plain = example
      .replaceAll(/^import .*$/gm, '')
      .replaceAll(/(\w)!(?=[,;.)])/g, '$1')
      .replaceAll('<number, number>', '');
    const scope = {
      createEvm,
      customFork,
      rulesOf,
      console: { log: (...words: unknown[]) => printed.push(words) },
      ...names,
    };
    new Function(...Object.keys(scope), plain)(...Object.values(scope));
    return printed;
  }

  /** The one example that has a text in it. */
  function blockWith(text: string): string {
    const found = blocks.filter((block) => block.includes(text));
    expect(found).toHaveLength(1);
    return found[0]!;
  }

  it('are four, of which one needs a node and one a test runner', () => {
    expect(blocks).toHaveLength(4);
    blockWith("from 'erbium/state/rpc'");
    blockWith("from 'erbium/testing/viem'");
  });

  it('make a fork of their own', () => {
    const evms: Evm[] = [];
    const remember = (options: EvmOptions): Evm => {
      const evm = createEvm(options);
      evms.push(evm);
      return evm;
    };
    print(blockWith('Roomy'), { createEvm: remember });
    expect(evms[0]!.rules).toMatchObject({ fork: 'Roomy', maxCodeSize: 65_536 });
    const data = deploys(new Uint8Array(60_000));
    expect(evms[0]!.create({ data }).status).toBe('success');
    expect(createEvm({ fork: 'Osaka' }).create({ data }).status).toBe('halt');
  });

  it('note what is written', () => {
    const text = blockWith('const writes').replace(': string[]', '').replace(': Tracer', '');
    const { tracer, writes } = new Function(`${text}; return { tracer, writes };`)() as {
      tracer: Tracer;
      writes: string[];
    };
    const evm = createEvm({ tracer });
    const to = evm.create({ data: deploys(code(sstore(1, 2), sstore(3, 4))) }).created!;
    evm.call({ to });
    expect(writes).toEqual(['depth 0: slot 1 = 2', 'depth 0: slot 3 = 4']);
  });
});

describe('createEvm', () => {
  const increment = code(['PUSH0', 'CALLDATALOAD'], sstore(1, 5), returnTop);

  it('has the newest fork, an empty state and default fields', () => {
    const evm = createEvm();
    expect(evm.rules.fork).toBe('BPO2');
    expect(evm.state.diff().size).toBe(0);
    const of = (name: string): string => {
      evm.state.put(TO, { code: code([name], returnTop) });
      return evm.call({ to: TO }).output;
    };
    expect(BigInt(of('CHAINID'))).toBe(1n);
    expect(BigInt(of('GASLIMIT'))).toBe(2n ** 64n - 1n);
    for (const name of ['NUMBER', 'TIMESTAMP', 'COINBASE', 'BASEFEE', 'ORIGIN'])
      expect(BigInt(of(name))).toBe(0n);
  });

  it('takes fields of the block as bigints, numbers and hex', () => {
    for (const number of [255n, 255, '0xff', '255']) {
      const evm = createEvm({
        block: { number: number as bigint, coinbase: 0xc0n, baseFee: undefined as never },
      });
      evm.state.put(TO, { code: code(['BASEFEE', 'COINBASE', 'ADD', 'NUMBER', 'ADD'], returnTop) });
      expect(BigInt(evm.call({ to: TO }).output)).toBe(255n + 0xc0n);
    }
  });

  it('leaves the state alone in call', () => {
    const evm = createEvm();
    evm.state.put(TO, { code: increment });
    const before = root(evm);
    const result = evm.call({ to: TO, data: '0x' });
    expect(result).toMatchObject({ status: 'success', halt: Halt.Return, created: null });
    expect(result.diff[addressToHex(TO)]?.storage).toEqual({ [toHex32(1n)]: { before: 0n, after: 5n } });
    expect(evm.state.storage(TO, 1n)).toBe(0n);
    expect(root(evm)).toBe(before);
    expect(evm.call({ to: TO }).gasUsed).toBe(result.gasUsed);
  });

  it('keeps what create made, unless it failed', () => {
    const evm = createEvm();
    const made = evm.create({ from: SENDER, data: deploys(increment) });
    expect(made.status).toBe('success');
    expect(made.output).toBe(bytesToHex(increment));
    const address = BigInt(made.created!);
    const account = evm.state.account(address)!;
    expect(evm.state.code(account.codeHash)).toEqual(increment);
    expect(evm.state.account(SENDER)?.nonce).toBe(1n);
    const before = root(evm);
    expect(evm.create({ from: SENDER, data: '0xfe' })).toMatchObject({ status: 'halt', created: null });
    expect(evm.create({ from: SENDER, data: '0x5f5ffd' })).toMatchObject({ status: 'revert', output: '0x' });
    expect(root(evm)).toBe(before);
    expect(evm.create({ from: SENDER, data: '0x' }).created).not.toBe(made.created);
  });

  it('keeps what a transaction did', () => {
    const evm = createEvm({ block: { baseFee: 7n, coinbase: 0xc0n } });
    evm.state.put(SENDER, { balance: ETHER });
    evm.state.put(TO, { code: code(sstore(1, 5)) });
    const transaction = encodeTransaction(signed({ value: 3n }));
    const result = evm.transact(bytesToHex(transaction));
    expect(result).toMatchObject({
      status: 'success',
      from: addressToHex(SENDER),
      gasUsed: 43_106n,
      gasRefunded: 0n,
      created: null,
    });
    expect(evm.state.storage(TO, 1n)).toBe(5n);
    expect(evm.state.account(TO)?.balance).toBe(3n);
    expect(evm.state.account(SENDER)).toMatchObject({ nonce: 1n, balance: ETHER - 3n - 43_106n * 10n });
    expect(evm.state.account(0xc0n)?.balance).toBe(43_106n * 3n);
    expect(evm.transact(transaction)).toMatchObject({ status: 'invalid', invalid: 'NONCE_MISMATCH_TOO_LOW' });
  });

  it('gives a rejected transaction as a value with its reason', () => {
    const evm = createEvm();
    evm.state.put(SENDER, { balance: 5n });
    const before = root(evm);
    expect(evm.transact(encodeTransaction(signed()))).toMatchObject({
      status: 'invalid',
      invalid: 'INSUFFICIENT_ACCOUNT_FUNDS',
      reason: 'the sender cannot pay for value and gas (balance 5 below 10000000)',
    });
    expect(evm.transact('0x')).toMatchObject({
      status: 'invalid',
      invalid: 'RLP_INVALID',
      reason: 'the encoding is not canonical RLP (no bytes)',
    });
    expect(evm.transact('0x7f00')).toMatchObject({ invalid: 'TYPE_NOT_SUPPORTED' });
    expect(evm.transact('0xf800')).toMatchObject({ invalid: 'RLP_INVALID' });
    expect(root(evm)).toBe(before);
  });

  it('shares nothing between two', () => {
    const [one, two] = [createEvm(), createEvm()];
    one.create({ data: deploys(increment) });
    expect(two.state.diff().size).toBe(0);
    const state = new MemoryState();
    const [three, four] = [createEvm({ state, fork: 'London' }), createEvm({ state, fork: 'Osaka' })];
    const { created } = three.create({ data: deploys(code(['PUSH0'])) });
    expect(four.account(created!)).toBeNull();
    three.commit();
    expect(three.call({ to: created! }).status).toBe('halt');
    expect(four.call({ to: created! }).status).toBe('success');
  });

  it('is not disturbed by a run inside a hook', () => {
    // Recursion through CALL, memory and storage, so that there is much to disturb.
    const busy = code(
      mstore(0, 0xaabb),
      sstore(1, 7),
      call(0x77n, { outSize: 32 }),
      'POP',
      ['PUSH0', 'MLOAD', 'ADDRESS', 'ADD'],
      returnTop,
    );
    const inner = code(mstore(64, 1), ['CALLER', 'GAS', 'ADD', 'POP', 'CALLER'], returnTop);
    const fill = (evm: Evm): Evm => {
      evm.state.put(TO, { code: busy });
      evm.state.put(0x77n, { code: inner });
      return evm;
    };
    const plain = fill(createEvm()).call({ to: TO, gas: 1_000_000 });
    expect(plain.status).toBe('success');
    let nested = 0;
    let isInside = false;
    const again = (): void => {
      if (isInside) return;
      isInside = true;
      nested++;
      expect(evm.call({ to: TO, gas: 1_000_000 })).toEqual(plain);
      expect(evm.call({ to: 0x77n, gas: 30 }).status).toBe('halt');
      isInside = false;
    };
    const tracer: Tracer = { enter: again, step: again, stepEnd: again, exit: again };
    const evm = fill(createEvm({ tracer }));
    expect(evm.call({ to: TO, gas: 1_000_000 })).toEqual(plain);
    expect(nested).toBeGreaterThan(40);
  });

  it('survives a hook that throws', () => {
    let isBad = true;
    const tracer: Tracer = {
      step(frame) {
        if (isBad && frame.depth === 1) throw new RangeError('mine');
      },
    };
    const evm = createEvm({ tracer });
    evm.state.put(TO, { code: code(call(0x77n), returnTop) });
    evm.state.put(0x77n, { code: code(sstore(1, 1)) });
    expect(() => evm.call({ to: TO })).toThrow(new RangeError('mine'));
    isBad = false;
    expect(BigInt(evm.call({ to: TO }).output)).toBe(1n);
  });

  it('stops when the host says so, and keeps nothing', () => {
    let asked = 0;
    const evm = createEvm({ interrupted: () => ++asked > 3 });
    const loop = code(sstore(1, 1), label('again'), jump('again'));
    evm.state.put(TO, { code: loop });
    evm.state.put(SENDER, { balance: ETHER });
    const result = evm.call({ to: TO, gas: 2n ** 64n - 1n });
    expect(result).toMatchObject({ status: 'limit', halt: Halt.HostInterrupt, output: '0x', logs: [] });
    expect(result.diff).toEqual({});
    expect(asked).toBeGreaterThan(3);
    const before = root(evm);
    expect(evm.create({ data: loop }).status).toBe('limit');
    expect(evm.transact(encodeTransaction(signed())).status).toBe('limit');
    expect(root(evm)).toBe(before);
  });
});

describe('bad input is an error that names the field', () => {
  const evm = createEvm();
  const to = addressToHex(TO);
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);

  it.each<[string, string, (wrong: (value: unknown) => never) => unknown]>([
    ['to', 'INVALID_ARGUMENT', (wrong) => evm.call({ to: wrong(undefined) })],
    ['to', 'INVALID_ARGUMENT', (wrong) => evm.call({ to: wrong(5) })],
    ['to', 'INVALID_ARGUMENT', (wrong) => evm.call({ to: wrong('0x1234') })],
    ['to', 'INVALID_ARGUMENT', (wrong) => evm.call({ to: wrong(new Uint8Array(21)) })],
    ['to', 'INVALID_ARGUMENT', (wrong) => evm.call({ to: wrong({ big: 1n }) })],
    ['to', 'INVALID_ARGUMENT', (wrong) => evm.call({ to: wrong(cyclic) })],
    ['to', 'INVALID_HEX', (wrong) => evm.call({ to: wrong('xyz!') })],
    ['to', 'INVALID_NUMBER', (wrong) => evm.call({ to: wrong(-1n) })],
    ['to', 'INVALID_NUMBER', (wrong) => evm.call({ to: wrong(1n << 160n) })],
    ['from', 'INVALID_ARGUMENT', (wrong) => evm.call({ to, from: wrong('0x') })],
    ['from', 'INVALID_ARGUMENT', (wrong) => evm.create({ from: wrong(Symbol('x')) })],
    ['data', 'INVALID_HEX', (wrong) => evm.call({ to, data: wrong('0x1') })],
    ['data', 'INVALID_HEX', (wrong) => evm.create({ data: wrong('0xzz') })],
    ['data', 'INVALID_ARGUMENT', (wrong) => evm.call({ to, data: wrong(7) })],
    ['data', 'INVALID_ARGUMENT', (wrong) => evm.call({ to, data: wrong([1, 2]) })],
    ['value', 'INVALID_NUMBER', (wrong) => evm.call({ to, value: wrong(-1) })],
    ['value', 'INVALID_NUMBER', (wrong) => evm.call({ to, value: wrong(1.5) })],
    ['value', 'INVALID_NUMBER', (wrong) => evm.call({ to, value: wrong(Number.NaN) })],
    ['value', 'INVALID_NUMBER', (wrong) => evm.call({ to, value: wrong(2 ** 60) })],
    ['value', 'INVALID_NUMBER', (wrong) => evm.call({ to, value: wrong(2n ** 256n) })],
    ['value', 'INVALID_NUMBER', (wrong) => evm.call({ to, value: wrong('1e18') })],
    ['value', 'INVALID_NUMBER', (wrong) => evm.call({ to, value: wrong({ value: 1n }) })],
    ['gas', 'INVALID_NUMBER', (wrong) => evm.call({ to, gas: wrong(2n ** 64n) })],
    ['gas', 'INVALID_NUMBER', (wrong) => evm.create({ gas: wrong(() => 1) })],
    ['transaction', 'INVALID_ARGUMENT', (wrong) => evm.transact(wrong(undefined))],
    ['transaction', 'INVALID_HEX', (wrong) => evm.transact(wrong('0xf'))],
    ['options', 'INVALID_ARGUMENT', (wrong) => createEvm(wrong(null))],
    ['fork', 'INVALID_ARGUMENT', (wrong) => createEvm({ fork: wrong(5) })],
    ['fork', 'INVALID_ARGUMENT', (wrong) => createEvm({ fork: wrong({}) })],
    ['fork', 'INVALID_ARGUMENT', (wrong) => createEvm({ fork: wrong(null) })],
    ['state', 'INVALID_ARGUMENT', (wrong) => createEvm({ state: wrong({}) })],
    ['tracer', 'INVALID_ARGUMENT', (wrong) => createEvm({ tracer: wrong(null) })],
    ['tracer.step', 'INVALID_ARGUMENT', (wrong) => createEvm({ tracer: { step: wrong(1) } })],
    ['crypto', 'INVALID_ARGUMENT', (wrong) => createEvm({ crypto: wrong('noble') })],
    ['interrupted', 'INVALID_ARGUMENT', (wrong) => createEvm({ interrupted: wrong(true) })],
    ['block', 'INVALID_ARGUMENT', (wrong) => createEvm({ block: wrong(7) })],
    ['block.number', 'INVALID_NUMBER', (wrong) => createEvm({ block: { number: wrong(-1n) } })],
    ['block.timestamp', 'INVALID_NUMBER', (wrong) => createEvm({ block: { timestamp: wrong(new Date(0)) } })],
    ['block.coinbase', 'INVALID_NUMBER', (wrong) => createEvm({ block: { coinbase: wrong(1n << 160n) } })],
  ])('%s: %s', (field, errorCode, work) => {
    const error = errorOf(() => work((value) => value as never));
    expect(error).toMatchObject({ name: 'ErbiumError', code: errorCode });
    expect(error.message.startsWith(`${field}: `)).toBe(true);
    expect(error.message.length).toBeLessThan(200);
  });

  it('an unknown fork, with those that are known', () => {
    expect(errorOf(() => createEvm({ fork: 'Atlantis' }))).toMatchObject({
      code: 'UNKNOWN_FORK',
      message: expect.stringContaining('"Atlantis"; known are Frontier'),
    });
  });

  it('whatever it is, never another error', () => {
    const anything = fc.oneof(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withTypedArray: true,
        withNullPrototype: true,
      }),
      fc.bigInt(),
      fc.string(),
      fc.uint8Array().map(bytesToHex),
      fc.uint8Array({ minLength: 20, maxLength: 20 }),
      fc.constant(undefined),
    ) as fc.Arbitrary<never>;
    // Small, so that random code cannot loop for long.
    const gas = fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 100_000 }) as fc.Arbitrary<never> },
      anything,
    );
    let thrown = 0;
    const guarded = (work: () => unknown): void => {
      try {
        work();
      } catch (error) {
        if ((error as Error).name !== 'ErbiumError') throw error;
        thrown++;
      }
    };
    const parts = fc.record({ from: anything, to: anything, data: anything, value: anything, gas });
    fc.assert(
      fc.property(parts, ({ gas: limit, ...rest }) => {
        const options = { ...rest, gas: typeof limit === 'number' ? limit : (1 as never) };
        guarded(() => evm.call(options));
        guarded(() => createEvm().create(options));
        guarded(() => evm.call({ to, gas: limit }));
        guarded(() => createEvm().create({ data: rest.data, gas: 50_000 }));
        guarded(() => evm.transact(rest.data));
        guarded(() => createEvm({ fork: rest.from }));
        guarded(() =>
          createEvm({ block: rest.data, tracer: rest.from, state: rest.to, interrupted: rest.value }),
        );
        guarded(() => createEvm(rest.value));
      }),
      { numRuns: 1_500, seed: 11 },
    );
    expect(thrown).toBeGreaterThan(1_000);
  });

  it('any bytes as a transaction are a result', () => {
    const valid = encodeTransaction(signed());
    const mutated = fc.tuple(fc.nat(valid.length - 1), fc.nat(255)).map(([at, byte]) => {
      const bytes = valid.slice();
      bytes[at] = byte;
      return bytes;
    });
    let rejected = 0;
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        const result = createEvm().transact(bytes);
        if (result.status === 'invalid') rejected++;
      }),
      { numRuns: 300, seed: 5 },
    );
    expect(rejected).toBe(300);
  });
});

describe("rows of one's own", () => {
  const depth = op(0x4b, 'DEPTH', 0, 1, 2, 'Osaka', (frame) => {
    frame.stack[frame.sp++] = BigInt(frame.depth) + 7n;
    return Halt.Continue;
  });
  const reverse: Precompile = {
    address: 0x1234n,
    name: 'REVERSE',
    since: 'Osaka',
    gas: (input) => 15 + input.length,
    run: (input) => input.slice().reverse(),
  };
  const evm = createEvm({ fork: 'Osaka', opcodes: [depth], precompiles: [reverse] });

  it('an opcode runs, and only there', () => {
    // DEPTH PUSH0 MSTORE PUSH1 32 PUSH0 RETURN
    const code = hexToBytes('4b5f5260205ff3');
    evm.state.put(0xc0den, { code });
    const result = evm.call({ to: 0xc0den });
    expect([result.output, result.gasUsed]).toEqual([`0x${'0'.repeat(63)}7`, 15n]);
    const plain = createEvm({ fork: 'Osaka' });
    plain.state.put(0xc0den, { code });
    expect(plain.call({ to: 0xc0den }).reason).toBe(HALT_WORDS[Halt.UndefinedOpcode]);
  });

  it('a precompile runs at its price', () => {
    const result = evm.call({ to: 0x1234n, data: '0x010203' });
    expect([result.output, result.gasUsed]).toEqual(['0x030201', 18n]);
  });

  it('no lists are errors that name the option', () => {
    expect(() => createEvm({ opcodes: {} as never })).toThrow('opcodes: expected a list of rows');
    expect(() => createEvm({ precompiles: 1 as never })).toThrow(
      'precompiles: expected a list of precompiles',
    );
  });
});
