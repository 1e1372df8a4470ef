/** What tracers show that a node is not asked for, and how they go together. */

import { describe, expect, it } from 'vitest';
import { createEvm, type Hex, type Tracer } from '../../src/index.ts';
import { toHex32 } from '../../src/primitives/bytes.ts';
import {
  accessTracer,
  callTracer,
  combine,
  coverageTracer,
  flameGraph,
  gasProfile,
  prestateTracer,
} from '../../src/tracers/index.ts';
import { call, code, label, push, raw, repeat, returnTop, sstore } from '../helpers/assembler.ts';

const SENDER = `0x${'11'.repeat(20)}` as const;
const A = 0xaan;
const B = 0xbbn;
const hexOf = (address: bigint): Hex => `0x${address.toString(16).padStart(40, '0')}`;

/** An EVM in which code stands at A, and other code at B. */
function evmWith(tracer: Tracer, a: Uint8Array, b: Uint8Array = code('STOP'), fork = 'Prague') {
  const evm = createEvm({ tracer, fork });
  evm.setAccount(SENDER, { balance: 10n ** 18n });
  evm.setAccount(A, { code: a, nonce: 1n, storage: { 1: 5n, 2: 6n } });
  evm.setAccount(B, { code: b, nonce: 1n });
  return evm;
}

const SEND = { from: SENDER, to: A, gas: 1_000_000n, gasPrice: 0n } as const;

describe('combine', () => {
  it('calls every hook of every tracer, in their order', () => {
    const seen: string[] = [];
    const all = (name: string): Tracer => ({
      begin: () => void seen.push(`${name} begin`),
      enter: () => void seen.push(`${name} enter`),
      resume: () => void seen.push(`${name} resume`),
      step: () => void seen.push(`${name} step`),
      stepEnd: () => void seen.push(`${name} stepEnd`),
      exit: () => void seen.push(`${name} exit`),
      end: () => void seen.push(`${name} end`),
    });
    createEvm({ tracer: combine(all('a'), { step: () => void seen.push('b step') }, all('c')) }).execute(
      '00',
    );
    const both = (hook: string): string[] => [`a ${hook}`, `c ${hook}`];
    expect(seen).toEqual([
      ...['begin', 'enter', 'resume'].flatMap(both),
      ...['a step', 'b step', 'c step'],
      ...['stepEnd', 'exit', 'end'].flatMap(both),
    ]);
  });

  it('leaves out hooks that no tracer has', () => {
    expect(Object.keys(combine({ step: () => {} }, { exit: () => {} }))).toEqual(['step', 'exit']);
    expect(combine()).toEqual({});
  });
});

describe('begin and end', () => {
  it('tell of a transaction before and after it', () => {
    const seen: unknown[] = [];
    const tracer: Tracer = {
      begin({ host, from, to, gas, authorities }) {
        seen.push({ from, to, gas, authorities, nonce: host.nonce(from), balance: host.balance(from) });
      },
      end: ({ gasUsed }) => void seen.push(gasUsed),
    };
    const evm = evmWith(tracer, code('STOP'));
    evm.transact({ ...SEND, gasPrice: 1n });
    const from = BigInt(SENDER);
    expect(seen).toEqual([
      { from, to: A, gas: 1_000_000n, authorities: [], nonce: 0n, balance: 10n ** 18n },
      21_000n,
    ]);
    // One that is not valid does not begin.
    expect(evm.transact({ ...SEND, gas: 20_000n }).status).toBe('invalid');
    expect(seen).toHaveLength(2);
  });
});

describe('callTracer', () => {
  it.each([
    [0x01n, 'assert(false)'],
    [0x11n, 'arithmetic underflow or overflow'],
    [0x77n, 'unknown panic code: 0x77'],
  ])('words panic %s', (panic, reason) => {
    const tracer = callTracer();
    const data = `4e487b71${panic.toString(16).padStart(64, '0')}`;
    const revert = code(
      push(BigInt(`0x${data}`) >> 32n),
      push(0),
      'MSTORE',
      push(BigInt(`0x${data.slice(-8)}`), 4),
      push(224),
      'SHL',
      push(32),
      'MSTORE',
      push(36),
      push(0),
      'REVERT',
    );
    evmWith(tracer, revert).transact(SEND);
    expect(tracer.result()).toMatchObject({
      error: 'execution reverted',
      output: `0x${data}`,
      revertReason: reason,
    });
  });

  it('shows no reason where the data is not what it seems', () => {
    const tracer = callTracer();
    // Error(string), whose string begins beyond the end.
    evmWith(
      tracer,
      code(
        push(0x08c379a0),
        push(224),
        'SHL',
        push(0),
        'MSTORE',
        push(0xffff),
        push(4),
        'MSTORE',
        push(36),
        push(0),
        'REVERT',
      ),
    ).transact(SEND);
    expect(tracer.result()).not.toHaveProperty('revertReason');
  });

  it('throws where nothing has run', () => {
    expect(() => callTracer().result()).toThrowError(expect.objectContaining({ code: 'INVALID_STATE' }));
  });
});

describe('prestateTracer', () => {
  it('keeps a contract in pre that is gone, and leaves one that stays in both', () => {
    const tracer = prestateTracer({ diffMode: true });
    const dies = code(sstore(1, 0), push(SENDER.length), 'SELFDESTRUCT');
    evmWith(tracer, dies, undefined, 'Shanghai').transact(SEND);
    const before = tracer.result();
    expect(before.pre[hexOf(A)]).toMatchObject({ nonce: 1, storage: { [toHex32(1n)]: toHex32(5n) } });
    expect(before.post).not.toHaveProperty(hexOf(A));
    // From Cancun on it stays, and only its slot is cleared.
    evmWith(tracer, dies, undefined, 'Cancun').transact(SEND);
    const after = tracer.result();
    expect(after.pre[hexOf(A)]).toMatchObject({ storage: { [toHex32(1n)]: toHex32(5n) } });
    expect(after.post[hexOf(A)]).toEqual({});
  });

  it('leaves out code and storage where it is asked to', () => {
    const tracers = [prestateTracer(), prestateTracer({ disableCode: true, disableStorage: true })];
    evmWith(combine(...tracers), code(push(1), 'SLOAD')).transact(SEND);
    const [full, lean] = tracers.map((tracer) => tracer.result() as Record<Hex, object>);
    expect(full![hexOf(A)]).toMatchObject({ code: '0x600154', storage: { [toHex32(1n)]: toHex32(5n) } });
    expect(Object.keys(lean![hexOf(A)]!)).toEqual(['balance', 'codeHash', 'nonce']);
  });
});

describe('accessTracer', () => {
  const body = code(
    push(1),
    'SLOAD',
    'POP',
    sstore(2, 9),
    sstore(1, 1),
    push(B),
    'BALANCE',
    'POP',
    call(4n),
    call(0xccn),
  );

  it('tells reads from writes', () => {
    const tracer = accessTracer();
    evmWith(tracer, body).transact(SEND);
    const slot = (key: bigint): Hex => toHex32(key);
    expect(tracer.result()).toEqual({
      accounts: [
        { address: hexOf(A), reads: [slot(1n)], writes: [slot(2n), slot(1n)] },
        { address: hexOf(B), reads: [], writes: [] },
        { address: hexOf(4n), reads: [], writes: [] },
        { address: hexOf(0xccn), reads: [], writes: [] },
      ],
      accessList: [
        { address: hexOf(A), storageKeys: [slot(1n), slot(2n)] },
        { address: hexOf(B), storageKeys: [] },
        { address: hexOf(0xccn), storageKeys: [] },
      ],
    });
  });

  it('passes over what could not be paid for', () => {
    const tracer = accessTracer();
    evmWith(tracer, code(push(1), 'SLOAD')).transact({ ...SEND, gas: 22_000n });
    expect(tracer.result()).toEqual({ accounts: [], accessList: [] });
  });
});

describe('coverageTracer', () => {
  it('counts over runs, and goes on after a call where it was', () => {
    const tracer = coverageTracer();
    const evm = evmWith(tracer, code(call(B), 'POP', push(7)), code('ADDRESS', 'POP'));
    evm.transact(SEND);
    evm.transact(SEND);
    const [a, b] = tracer.codes();
    const size = a!.code.length;
    expect([a!.hits[size - 3], a!.hits[size - 2], a!.hits[size - 1]]).toEqual([2, 2, 0]);
    expect([...b!.hits]).toEqual([2, 2]);
    expect(tracer.result()[b!.codeHash]).toEqual({ 0: 2, 1: 2 });
  });
});

describe('a gas profile', () => {
  const profile = gasProfile();
  const inner = code(repeat(20, sstore(3, 1)), push(1), returnTop);
  const evm = evmWith(
    profile,
    code(call(B, { value: 0 }), 'POP', call(B), 'POP', label('here'), sstore(1, 0)),
    inner,
  );
  const result = evm.transact({ ...SEND, data: '0xa9059cbb' });

  it('adds up to the gas used and what was refunded', () => {
    const lines = [...profile.folded()];
    const sum = lines.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
    expect(result).toMatchObject({ status: 'success', gasRefunded: 4_800n });
    expect(profile.refunded).toBe(4_800);
    expect(sum).toBe(Number(result.gasUsed) + 4_800);
    expect(lines).toContain('all;(intrinsic gas) 21064');
    expect(lines.every((line) => /^all(;[^;]+)+ [0-9]+$/.test(line))).toBe(true);
    const a = `all;${hexOf(A)}.0xa9059cbb`;
    // Both calls of B are one box.
    expect(lines.filter((line) => line.startsWith(`${a};${hexOf(B)};SSTORE `))).toHaveLength(1);
  });

  it('is drawn to scale, with names and figures that can be read', () => {
    const svg = flameGraph(profile, { title: 'A & <B>' });
    expect(svg).toContain('<title id="title">A &amp; &lt;B&gt;</title>');
    expect(svg).toMatch(/<desc id="desc">Flame graph of [0-9,]+ gas, of which 4,800 were refunded\./);
    const boxes = [...svg.matchAll(/data-from="([0-9.]+)" data-gas="([0-9.]+)" data-depth="([0-9]+)"/g)].map(
      ([, from, gas, depth]) => ({ from: Number(from), gas: Number(gas), depth: Number(depth) }),
    );
    expect(boxes.length).toBeGreaterThan(6);
    expect(boxes[0]).toEqual({ from: 0, gas: Number(result.gasUsed) + 4_800, depth: 0 });
    // Each lies within one that it hangs from.
    for (const box of boxes.slice(1)) {
      const holds = (other: typeof box): boolean =>
        other.depth === box.depth - 1 &&
        other.from <= box.from &&
        box.from + box.gas <= other.from + other.gas;
      expect(boxes.some(holds)).toBe(true);
    }
    expect(svg).toMatch(/<title>SSTORE: [0-9,]+ gas \([0-9.]+ %\), 40 times<\/title>/);
    expect(svg).not.toMatch(/https?:(?!\/\/www\.w3\.org)|src=|@import|url\(/);
  });

  it('is drawn where there is nothing', () => {
    expect(flameGraph(gasProfile())).toContain('0 gas');
  });
});

it('shows the bytes of an opcode that is none', () => {
  const tracer = callTracer();
  evmWith(tracer, raw(0x0c)).transact(SEND);
  expect(tracer.result().error).toBe('invalid opcode: opcode 0xc not defined');
});
