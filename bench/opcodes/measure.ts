/** From cases to nanoseconds: checked programs of both engines, timed in turn, and what their differences come to. */

import { opTableOf } from '../../opcodes/optable.ts';
import { createMachine } from '../../src/evm/machine.ts';
import { FORKS } from '../../src/forks/fork.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import type { Contender, Runner } from '../contender.ts';
import { erbium } from '../erbium.ts';
import { median, type Pace, timesOf } from '../measure.ts';
import { difference, type Outcome } from '../outcome.ts';
import type { Workload } from '../workload.ts';
import { CALLEE, type Case, casesOf, LIBRARY, LONG } from './cases.ts';
import { POP, popsSpared, programOf, type Uses, usesOf } from './program.ts';

export const ENGINES = ['wasm', 'bigint'] as const;

/** Nanoseconds of one use: the median of the rounds, and how far apart they are. */
export interface Nanoseconds {
  readonly median: number;
  readonly spread: number;
}

export interface Measured {
  readonly opcode: string;
  readonly label: string;
  /** Gas of one use. */
  readonly gas: number;
  /** In the order of `ENGINES`. */
  readonly times: readonly Nanoseconds[];
}

/** The two programs of a case on each engine, in the order of `ENGINES`, the one with the instruction first. */
export interface Ready {
  readonly of: Case;
  readonly uses: Uses;
  readonly gas: number;
  readonly runners: readonly Runner[];
}

/** A program whose result is not what the other engine has, or that fails. */
export class WrongResult extends Error {}

export const FORK = FORKS[FORKS.length - 1]!;
const PACE: Pace = { roundMs: 4, warmUpMs: 15, leastRuns: 8, stands: 'min' };
const FIRST_USES: Uses = { unrolled: 2, passes: 1 };
const POP_GAS = 2;
const NS_PER_MS = 1e6;

const RULES = rulesOf(FORK);
const MACHINES = ENGINES.map((engine) => createMachine({ rules: RULES, engine }));
const CALLER = 0xa94f_5374_fce5_edbc_8e2a_8697_c153_3167_7e6e_bf0bn;
const ADDRESS = 0xbe7c_43a5_8000_0000_0000_0000_0000_0000_0000_0001n;

export const allCases = (): Case[] => casesOf(opTableOf(RULES));

/** The engines with the accounts of a case. */
export const enginesFor = ({ storage }: Case, runtime: Uint8Array): Contender[] =>
  MACHINES.map((machine, i) =>
    erbium(machine, ENGINES[i], (state) => {
      state.put(ADDRESS, { nonce: 1n, balance: 10n ** 18n, code: runtime, storage });
      state.put(CALLEE, { nonce: 1n, code: Uint8Array.of(0) });
      state.put(LIBRARY, { nonce: 1n, code: new Uint8Array(LONG).fill(1) });
    }),
  );

const workloadOf = (runtime: Uint8Array): Workload => ({
  name: '',
  runtime,
  calldata: new Uint8Array(LONG).fill(0xcd),
  gas: 10n ** 9n,
  caller: CALLER,
  address: ADDRESS,
  expect: {},
});

/**
 * One program, ready on each of the engines.
 * @throws WrongResult
 */
export async function check(
  name: string,
  contenders: readonly Contender[],
  runtime: Uint8Array,
): Promise<{ runners: Runner[]; outcome: Outcome }> {
  const runners: Runner[] = [];
  let first: Outcome | null = null;
  for (const contender of contenders) {
    const runner = await contender.prepare(workloadOf(runtime));
    await runner.reset();
    await runner.run();
    const outcome = runner.outcome();
    first ??= outcome;
    const wrong = difference(outcome, { ...first, status: 'success' });
    if (wrong !== null) throw new WrongResult(`${name}: ${contender.name}: ${wrong}`);
    runners.push(runner);
  }
  return { runners, outcome: first! };
}

/** @throws WrongResult */
export async function prepare(of: Case): Promise<Ready> {
  const { gas } = await programsOf(of, FIRST_USES);
  return programsOf(of, usesOf(of, gas));
}

async function programsOf(of: Case, uses: Uses): Promise<Ready> {
  const name = `${of.opcode} ${of.label}`.trim();
  const codes = [true, false].map((isUsed) => programOf(of, uses, isUsed));
  const [used, spared] = await Promise.all(
    codes.map((runtime) => check(name, enginesFor(of, runtime), runtime)),
  );
  const more = Number(used!.outcome.gasUsed - spared!.outcome.gasUsed);
  const gas = more / (uses.unrolled * uses.passes) + popsSpared(of) * POP_GAS;
  return { of, uses, gas, runners: ENGINES.flatMap((_, i) => [used!.runners[i]!, spared!.runners[i]!]) };
}

/**
 * Nanoseconds of one use in each round.
 * @param times milliseconds of the programs with and without it, by round
 * @param pop nanoseconds of a POP
 */
export const nanosecondsOf = (
  { of, uses }: Pick<Ready, 'of' | 'uses'>,
  [used, spared]: readonly (readonly number[])[],
  pop: number,
): number[] =>
  used!.map((time, round) => {
    const more = ((time - spared![round]!) * NS_PER_MS) / (uses.unrolled * uses.passes);
    return more + popsSpared(of) * pop;
  });

const summarize = (of: readonly number[]): Nanoseconds => ({
  median: median(of),
  spread: Math.max(...of) - Math.min(...of),
});

/**
 * @param cases those to be told of; POP is measured in any case
 * @throws WrongResult
 */
export async function measureCases(
  cases: readonly Case[],
  rounds: number,
  tell: (what: string) => void,
): Promise<Measured[]> {
  tell('checking results');
  const all = [allCases().find(({ opcode }) => opcode === POP)!, ...cases];
  const ready: Ready[] = [];
  for (const of of all) ready.push(await prepare(of));
  tell('warming up');
  const times = await timesOf(
    ready.map(({ runners }) => runners),
    rounds,
    (round) => tell(`round ${round} of ${rounds}`),
    PACE,
  );
  const engineTimes = (i: number, engine: number): number[][] => times[i]!.slice(2 * engine, 2 * engine + 2);
  const pops = ENGINES.map((_, engine) => median(nanosecondsOf(ready[0]!, engineTimes(0, engine), 0)));
  return ready.slice(1).map((one, i) => ({
    opcode: one.of.opcode,
    label: one.of.label,
    gas: one.gas,
    times: ENGINES.map((_, engine) =>
      summarize(nanosecondsOf(one, engineTimes(i + 1, engine), pops[engine]!)),
    ),
  }));
}
