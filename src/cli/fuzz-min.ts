/**
 * `erbium fuzz min`: makes a case smaller that fails, while it fails in the same way. What failing means is a difference
 * between EVMs, something that Erbium throws, or what a command of the user's says.
 */

import { parse } from 'node:path';
import type { EngineChoice } from '../evm/engine-choice.ts';
import type { FuzzCase } from '../fuzz/case.ts';
import { type Contender, causeOf, compare, compareTraces } from '../fuzz/compare.ts';
import { shrink } from '../fuzz/shrink.ts';
import { stillDiffers } from '../fuzz/shrink-identity.ts';
import { EXIT } from './exit.ts';
import { exceptionCause, openContenders, textOf } from './fuzz-check.ts';
import { casesOfFile } from './fuzz-files.ts';
import { readFile } from './input.ts';
import { misused } from './state.ts';
import { printable } from './text.ts';
import { writeFiles } from './write-files.ts';

export interface MinOptions {
  readonly ethereumjs?: true;
  readonly against?: string;
  readonly batch?: string;
  readonly while?: string;
  readonly patience: number;
  readonly engine: EngineChoice;
  readonly tries: number;
  readonly out?: string;
  readonly json?: true;
}

/** How a case fails. */
interface Failure {
  /** For people. */
  readonly cause: string;
  /** Whether another case fails in the same way. */
  isOf(candidate: FuzzCase): Promise<boolean>;
}

/** What is asked about cases. */
interface Oracle {
  failureOf(fuzzCase: FuzzCase): Promise<Failure | null>;
  /** What it says of a file that has no case that fails. */
  readonly none: string;
  /** Ends what is asked at the moment: it did not fail. */
  stop(): void;
  close(): Promise<void>;
}

const say = (what: string): void => void process.stderr.write(`erbium: ${printable(what)}\n`);

export async function min(file: string, options: MinOptions): Promise<void> {
  const { tries, json } = options;
  const { dir, name, ext } = parse(file);
  const out = options.out ?? `${dir === '' ? '' : `${dir}/`}${name}.min${ext}`;
  const cases = casesOfFile(readFile(file), file);
  const oracle = await oracleOf(options);
  let isStopped = false;
  const stop = (): void => {
    isStopped = true;
    oracle.stop();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const found = await firstFailure(cases, oracle);
    if (found === null) {
      if (isStopped) process.exitCode = EXIT.USAGE;
      else tell({ fails: false, file, cases: cases.length }, `${file}: ${oracle.none}`, json);
      return;
    }
    const { fuzzCase, failure } = found;
    let asked = 0;
    const stillFails = (candidate: FuzzCase): boolean | Promise<boolean> => {
      // The case itself has just failed.
      if (candidate === fuzzCase) return true;
      asked++;
      return failure.isOf(candidate);
    };
    const small = await shrink(fuzzCase, stillFails, { tries, stopped: () => isStopped });
    writeFiles([[out, textOf(small)]]);
    const [before, after] = [sizeOf(fuzzCase), sizeOf(small)];
    const words = [
      failure.cause,
      ...SIZES.map((key) => `  ${key.padEnd(9)}${before[key]} → ${after[key]}${UNITS[key]}`),
      `  ${asked} tries${isStopped ? ', stopped early' : ''}; written to ${out}`,
    ].join('\n');
    tell({ fails: true, cause: failure.cause, before, after, tries: asked, file: out }, words, json);
    process.exitCode = EXIT.FAILURE;
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    await oracle.close();
  }
}

const tell = (report: object, words: string, json: true | undefined): void =>
  void process.stdout.write(`${json ? JSON.stringify(report) : printable(words)}\n`);

async function firstFailure(
  cases: readonly FuzzCase[],
  oracle: Oracle,
): Promise<{ fuzzCase: FuzzCase; failure: Failure } | null> {
  for (const fuzzCase of cases) {
    const failure = await oracle.failureOf(fuzzCase);
    if (failure !== null) return { fuzzCase, failure };
  }
  return null;
}

const SIZES = ['code', 'data', 'accounts', 'slots', 'gas'] as const;
const UNITS = { code: ' bytes', data: ' bytes', accounts: '', slots: '', gas: '' } as const;

function sizeOf({ pre, tx }: FuzzCase): Record<(typeof SIZES)[number], number> {
  const accounts = [...pre.values()];
  return {
    code: accounts.reduce((sum, { code }) => sum + code.length, 0),
    data: tx.data.length,
    accounts: accounts.length,
    slots: accounts.reduce((sum, { storage }) => sum + storage.size, 0),
    gas: Number(tx.gasLimit),
  };
}

async function oracleOf(options: MinOptions): Promise<Oracle> {
  const { ethereumjs = false, against, batch, patience, engine } = options;
  if (options.while === undefined) {
    return new Comparison(await openContenders({ ethereumjs, against, batch, patience }, engine));
  }
  if (ethereumjs || against !== undefined || batch !== undefined) {
    throw misused('--while: what it says goes, so there is nothing to compare with');
  }
  const { CommandCheck } = await import('./fuzz-min-while.ts');
  const check = new CommandCheck(options.while, patience);
  const isOf = async (fuzzCase: FuzzCase): Promise<boolean> => (await check.run(textOf(fuzzCase))) === null;
  let why = '';
  return {
    async failureOf(fuzzCase) {
      const problem = await check.run(textOf(fuzzCase));
      if (problem === null) return { cause: `${options.while}: ends with 0`, isOf };
      why = problem;
      return null;
    },
    get none() {
      return `nothing to keep: ${options.while}: ${why}`;
    },
    stop: () => check.stop(),
    close: async () => check.close(),
  };
}

/** Erbium against others, or against what it throws. */
class Comparison implements Oracle {
  none = 'does not fail: all agree about it';
  private readonly contenders: readonly Contender[];

  constructor(contenders: readonly Contender[]) {
    this.contenders = contenders;
  }

  async failureOf(fuzzCase: FuzzCase): Promise<Failure | null> {
    const [a, ...others] = this.contenders;
    for (const b of others) {
      try {
        const verdict = compare(await a!.run(fuzzCase), await b.run(fuzzCase));
        if (verdict.kind === 'failed') {
          this.notCompared(`${b.name}: ${verdict.failure.failure}: ${verdict.failure.detail}`);
        } else if (verdict.kind === 'not compared') {
          this.notCompared(`not compared: ${verdict.why}`);
        } else if (verdict.kind === 'differ') {
          const traces = await compareTraces(fuzzCase, a!, b);
          return {
            cause: `${a!.name} and ${b.name} differ: ${causeOf(verdict, traces)}`,
            isOf: stillDiffers({ verdict, traces }, a!, b),
          };
        }
      } catch (error) {
        const cause = exceptionCause(error);
        return { cause, isOf: async (candidate) => (await thrownBy(candidate, a!, b)) === cause };
      }
    }
    return null;
  }

  private notCompared(why: string): void {
    say(why);
    this.none = 'does not fail, as far as it was compared';
  }

  stop(): void {}

  async close(): Promise<void> {
    for (const contender of this.contenders) await contender.close?.();
  }
}

/** The cause of what one of two throws about a case; null where they both survive it. */
async function thrownBy(fuzzCase: FuzzCase, a: Contender, b: Contender): Promise<string | null> {
  try {
    await a.run(fuzzCase);
    await b.run(fuzzCase);
    return null;
  } catch (error) {
    return exceptionCause(error);
  }
}
