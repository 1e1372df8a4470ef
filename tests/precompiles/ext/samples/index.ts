import { LATEST_FORK } from '../../../../src/forks/fork.ts';
import { rulesOf } from '../../../../src/forks/rules.ts';
import * as commitments from './commitments.ts';
import * as homomorphic from './homomorphic.ts';
import * as postQuantum from './post-quantum.ts';
import * as research from './research.ts';
import type { Sample } from './sample.ts';
import * as stealth from './stealth.ts';
import * as zk from './zk.ts';

/** Valid inputs of every extension. */
export async function allSamples(): Promise<Sample[]> {
  const families = [postQuantum, zk, homomorphic, commitments, stealth, research];
  return (await Promise.all(families.map(({ samples }) => samples()))).flat();
}

/** For each operation its cheapest valid input. */
export async function cheapestSamples(): Promise<Sample[]> {
  const cheapest = new Map<string, Sample>();
  for (const sample of await allSamples()) {
    const before = cheapest.get(sample.row.name);
    if (before === undefined || priceOf(sample) < priceOf(before)) cheapest.set(sample.row.name, sample);
  }
  return [...cheapest.values()];
}

/** Price of a sample in gas; extensions cost the same under all rules. */
export const priceOf = ({ row, input }: Sample): number => row.gas(input, rulesOf(LATEST_FORK));
