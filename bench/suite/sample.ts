/**
 * Some files of a suite in one process, each case in Erbium and in @ethereumjs/vm, file by file in turn. Neither checks a
 * signature here, both compute a root, and that is Erbium's for either: @ethereumjs/vm runs on its fastest state, which has
 * none.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ethereumjsContender } from '../../src/cli/fuzz-ethereumjs.ts';
import { readCases } from '../../src/cli/fuzz-files.ts';
import type { FuzzCase } from '../../src/fuzz/case.ts';
import { type Answer, type Contender, compare, plainContender } from '../../src/fuzz/compare.ts';
import { geometricMean } from '../measure.ts';
import { UsageError } from '../options.ts';

export interface Sample {
  readonly files: number;
  readonly cases: number;
  /** Which one of the two cannot take; their time counts for neither, nor that of those on which they differ. */
  readonly notCompared: number;
  readonly differing: number;
  /** Of all cases, in milliseconds. */
  readonly erbium: number;
  readonly ethereumjs: number;
  /** The geometric mean of the cases': the sums are mostly what few cases take, with cryptography that is the same. */
  readonly ratio: number;
}

/** As many files, spread evenly over a folder; all of them where it has fewer. */
export function filesOf(folder: string, count: number): string[] {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    throw new UsageError(`--fixtures ${folder}: a sample needs a folder (${(error as Error).message})`);
  }
  const all = names.filter((name) => name.endsWith('.json')).sort();
  const chosen = Math.min(count, all.length);
  return Array.from({ length: chosen }, (_, i) => join(folder, all[Math.floor((i * all.length) / chosen)]!));
}

/** @throws UsageError for no folder, or one without cases */
export async function compareSample(folder: string, count: number): Promise<Sample> {
  const contenders = [plainContender(), await ethereumjsContender()] as const;
  const files = filesOf(folder, count);
  const sums = [0, 0];
  const ratios: number[] = [];
  let notCompared = 0;
  let differing = 0;
  for (const file of files) {
    const found = readCases(readFileSync(file, 'utf8'), file);
    notCompared += found.leftOut.length;
    for (const fuzzCase of found.cases) {
      const [own, other] = [await timed(contenders[0], fuzzCase), await timed(contenders[1], fuzzCase)];
      const { kind } = compare(own.answer, other.answer);
      if (kind === 'differ') differing++;
      else if (kind !== 'agree') notCompared++;
      else {
        ratios.push(other.ms / own.ms);
        sums[0]! += own.ms;
        sums[1]! += other.ms;
      }
    }
  }
  if (ratios.length === 0) throw new UsageError(`--fixtures ${folder}: no case to compare`);
  return {
    files: files.length,
    cases: ratios.length,
    notCompared,
    differing,
    erbium: sums[0]!,
    ethereumjs: sums[1]!,
    ratio: geometricMean(ratios),
  };
}

async function timed(contender: Contender, fuzzCase: FuzzCase): Promise<{ answer: Answer; ms: number }> {
  const start = performance.now();
  const answer = await contender.run(fuzzCase);
  return { answer, ms: performance.now() - start };
}
