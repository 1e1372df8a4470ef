/** What no extension does, whatever its input: throw, answer in another shape, answer twice differently, or write to it. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nobleCrypto } from '../../../precompiles/index.ts';
import { LATEST_FORK } from '../../../src/forks/fork.ts';
import { rulesOf } from '../../../src/forks/rules.ts';
import { bytesToHex } from '../../../src/primitives/bytes.ts';
import { distorted, flipped, randomInputs } from './mutations.ts';
import { cheapestSamples, priceOf } from './samples/index.ts';
import type { Sample } from './samples/sample.ts';

const rules = rulesOf(LATEST_FORK);
const RANDOM_INPUTS = 10_000;
/** Gas that an operation may take for inputs near a valid one; a second or two. */
const BUDGET = 2_000_000;

const isVerdict = ({ row }: Sample): boolean => /VERIFY/.test(row.name) || row.name === 'CONFIDENTIAL_TX';

/** The answer to an input in the middle of other bytes, as calldata is. */
function answer({ row }: Sample, input: Uint8Array): Uint8Array | null {
  const memory = new Uint8Array(input.length + 64).fill(0xa5);
  memory.set(input, 32);
  const view = memory.subarray(32, 32 + input.length);
  const price = row.gas(view, rules);
  expect(price).toBeGreaterThanOrEqual(0);
  const output = row.run(view, nobleCrypto, rules);
  if (output !== null) expect(output).toBeInstanceOf(Uint8Array);
  expect(Buffer.compare(view, input)).toBe(0);
  return output;
}

const isYes = (output: Uint8Array | null): boolean => output?.[31] === 1;

const samples = await cheapestSamples();

describe('the samples', () => {
  it('are of every operation, and valid', () => {
    expect(samples.length).toBeGreaterThanOrEqual(19);
    for (const sample of samples) {
      const output = answer(sample, sample.input);
      expect(output, sample.row.name).not.toBeNull();
      if (isVerdict(sample)) expect(isYes(output), sample.row.name).toBe(true);
    }
  });
});

describe.each(samples.map((sample): [string, Sample] => [sample.row.name, sample]))('%s', (_, sample) => {
  const { input } = sample;
  const count = Math.max(40, Math.min(3_000, Math.floor(BUDGET / priceOf(sample))));
  const refusedShape = isVerdict(sample) ? answer(sample, new Uint8Array(0))!.length : 0;
  const getRandomValues = crypto.getRandomValues;
  const random = Math.random;

  beforeAll(() => {
    const throws = (): never => {
      throw new Error('randomness');
    };
    crypto.getRandomValues = throws;
    Math.random = throws;
  });
  afterAll(() => {
    crypto.getRandomValues = getRandomValues;
    Math.random = random;
  });

  it('answers ten thousand random inputs', () => {
    let refused = 0;
    for (const bytes of randomInputs(1, input.length, RANDOM_INPUTS)) {
      const output = answer(sample, bytes);
      if (isVerdict(sample)) expect(output).toHaveLength(refusedShape);
      if (output === null || !isYes(output)) refused++;
    }
    expect(refused).toBeGreaterThan(0);
  });

  it('answers inputs near a valid one, and twice the same', () => {
    let ran = 0;
    for (const bytes of distorted(input, 2, count)) {
      const output = answer(sample, bytes);
      if (isVerdict(sample)) expect(output).toHaveLength(refusedShape);
      if (ran++ % 8 === 0) expect(answer(sample, bytes)).toEqual(output);
    }
    expect(ran).toBeGreaterThan(100);
  });

  it('takes no bit that is changed for what was there', () => {
    const valid = bytesToHex(answer(sample, input)!);
    const same: number[] = [];
    let i = 0;
    for (const bytes of flipped(input, Math.min(count, 400))) {
      const output = answer(sample, bytes);
      if (output !== null && bytesToHex(output) === valid) same.push(i);
      i++;
    }
    expect(same).toEqual([]);
  });
});
