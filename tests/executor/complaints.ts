/** What the tests of the eight complaints have in common. */

import { expect } from 'vitest';
import type { ErbiumError } from '../../src/index.ts';
import { code, jump, label, push } from '../helpers/assembler.ts';

export const FOREVER = 2n ** 64n - 1n;
export const LOOP = code(label('again'), jump('again'));
/** Counts, so that the gas that is left does not come out the same by chance. */
export const BUSY = code(push(0), label('again'), push(1), 'ADD', jump('again'));

/** The error that `work` must throw or reject with, which must be one of ours. */
export async function errorOf(work: () => unknown): Promise<ErbiumError> {
  try {
    await work();
  } catch (error) {
    expect(error).toMatchObject({ name: 'ErbiumError' });
    return error as ErbiumError;
  }
  throw new Error('nothing was thrown');
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
