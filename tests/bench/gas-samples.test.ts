import { describe, expect, it } from 'vitest';
import { cheapestOf } from '../../bench/gas/first-call.ts';
import { hostileInputs, worstOf } from '../../bench/gas/hostile.ts';
import { flawOf, operationOf } from '../../bench/gas/operation.ts';
import { standardSamples } from '../../bench/gas/standard.ts';
import { PRECOMPILES, type Precompile } from '../../precompiles/index.ts';
import { bytesToHex, hexToBytes } from '../../src/primitives/bytes.ts';
import { FALSE, TRUE } from '../precompiles/support.ts';

const standard = standardSamples().map((sample) => operationOf('standard', sample));

const echo: Precompile = {
  address: 0xffffn,
  name: 'ECHO',
  since: 'Frontier',
  gas: (input) => (input.length === 0 ? Number.POSITIVE_INFINITY : 1_000),
  run: (input) => (input[0] === 0 ? null : input),
};
const sampleOf = (input: string, row = echo) => ({ row, label: 'a label', input: hexToBytes(input) });

describe('the inputs of the standard precompiles', () => {
  it('are of every one of them', () => {
    expect(new Set(standard.map(({ name }) => name))).toEqual(new Set(PRECOMPILES.map(({ name }) => name)));
  });

  it.each(standard.map((operation) => [`${operation.name}, ${operation.label}`, operation] as const))(
    '%s: valid',
    (_, operation) => {
      expect(flawOf(operation)).toBeNull();
    },
  );

  it('are what their names say', () => {
    const outputs = new Map(standard.map(({ name, label, run }) => [`${name} ${label}`, bytesToHex(run()!)]));
    // One pairing of finite points is never one.
    for (const name of ['BN254_PAIRING', 'BLS12_PAIRING_CHECK']) {
      expect(outputs.get(`${name} pairs=1`)).toBe(FALSE);
      expect(outputs.get(`${name} pairs=2`)).toBe(TRUE);
    }
    expect(outputs.get('BN254_PAIRING pairs=8')).toBe(TRUE);
    expect(outputs.get('P256VERIFY a signature')).toBe(TRUE);
    expect(outputs.get('ECRECOVER a signature')).toMatch(/^0x0{24}(?!0{40})/);
    expect(standardSamples(['ID']).map(({ input }) => input.length)).toEqual([0, 32, 1_024, 32_768]);
  });

  it('are the same each time', () => {
    const names = ['ECRECOVER', 'MODEXP', 'BN254_PAIRING', 'P256VERIFY'];
    expect(standardSamples(names)).toEqual(standardSamples(names));
  });
});

describe('an answer that must not be timed', () => {
  const flaw = (row: Partial<Precompile>, input = '0x01') =>
    flawOf(operationOf('extension', sampleOf(input, { ...echo, ...row })));

  it('is a failure, a no, or one without a price', () => {
    const verdict = (name: string, output: string) => flaw({ name, run: () => hexToBytes(output) });
    expect(flaw({})).toBeNull();
    expect(flaw({}, '0x00')).toBe('ECHO, a label: the call fails');
    expect(flaw({ gas: () => Number.NaN })).toBe('ECHO, a label: the price is NaN');
    expect(flaw({ gas: () => -1 })).toBe('ECHO, a label: the price is -1');
    expect(flaw({}, '0x')).toBe('ECHO, a label: the price is Infinity');
    for (const name of ['ZK_VERIFY', 'RANGE_PROOF_VERIFY', 'CONFIDENTIAL_TX']) {
      expect(verdict(name, TRUE)).toBeNull();
      expect(verdict(name, FALSE)).toBe(`${name}, a label: the answer is no`);
      expect(verdict(name, '0x')).toBe(`${name}, a label: the answer is no`);
    }
    expect(verdict('STEALTH_SCAN', FALSE)).toBeNull();
  });
});

describe('distorted inputs', () => {
  const sample = sampleOf(`0x${'ab'.repeat(100)}`);

  it('are some dozens, always the same, and fewer where they take long', () => {
    const inputs = hostileInputs(sample, 1_000);
    expect(inputs).toEqual(hostileInputs(sample, 1_000));
    expect(inputs).toHaveLength(64);
    expect(new Set(inputs.map((input) => bytesToHex(input))).size).toBeGreaterThan(40);
    expect(hostileInputs(sample, 50_000)).toHaveLength(10);
    expect(hostileInputs(sample, 100_000_000)).toHaveLength(4);
    expect(hostileInputs(sampleOf('0x'), 1)).toEqual([]);
  });

  it('leave out what no gas pays for, and find what takes longest', () => {
    const short = worstOf({ ...sample, row: { ...echo, gas: () => Number.POSITIVE_INFINITY } }, 1_000);
    expect(short).toBeUndefined();
    const work = new Uint8Array(1 << 18);
    const slow: Precompile = {
      ...echo,
      gas: () => 1_000,
      run: (input, crypto) => (input.length === 53 ? crypto.sha256(work) : input),
    };
    expect(worstOf({ ...sample, row: slow }, 1_000)).toMatchObject({ bytes: 53, price: 1_000, count: 64 });
  });
});

it('the first call is told of the cheapest input of each operation', () => {
  const chosen = cheapestOf(standard.filter(({ name }) => name === 'SHA256' || name === 'MODEXP'));
  expect(chosen.map(({ name, price }) => [name, price])).toEqual([
    ['SHA256', 60],
    ['MODEXP', 500],
  ]);
});
