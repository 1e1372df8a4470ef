/** `erbium fuzz code`: a contract in, and a sequence of transactions that breaks it out. */

import { constants } from 'node:os';
import { LATEST_FORK, parseFork } from '../forks/fork.ts';
import { Random } from '../fuzz/random.ts';
import { assertionGoal, type Goal, reachGoal } from '../fuzz/search/goals.ts';
import { type Progress, Search, type SearchOptions } from '../fuzz/search/search.ts';
import type { Finding, FoundStep, Way } from '../fuzz/search/step.ts';
import { addressToHex } from '../primitives/address.ts';
import { bytesToHex, toQuantity } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { toWord } from '../primitives/input.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import { EXIT } from './exit.ts';
import { readCode } from './input.ts';
import { turn } from './temporary.ts';

export interface FuzzCodeOptions {
  readonly create?: true;
  readonly assert?: readonly string[];
  readonly reach?: readonly string[];
  readonly drain?: true;
  readonly equivalent?: string;
  readonly depth: string;
  readonly gas: string;
  readonly balance?: string;
  readonly storage?: readonly string[];
  readonly seed: string;
  readonly runs?: string;
  readonly time?: string;
  readonly fork?: string;
  readonly json?: true;
}

const ETHER = 10n ** 18n;
const DEFAULT_SECONDS = 60n;
const MAX_SECONDS = 10n ** 9n;
/** Between two looks at the clock and at signals. */
const SLICE = 50;
const SAY_EVERY_MS = 5_000;
const MAX_RUNS = 2n ** 53n - 1n;
const MAX_BALANCE = 2n ** 128n;

export async function fuzzCode(words: readonly string[], options: FuzzCodeOptions): Promise<void> {
  const runs = options.runs === undefined ? null : Number(toWord(options.runs, '--runs', MAX_RUNS));
  const seconds = secondsOf(options, runs);
  const seed = toWord(options.seed, '--seed', MAX_U64);
  const search = new Search(searchOptions(words, options), new Random(seed));
  const { finding, stoppedBy } = await searching(search, runs, seconds);
  const { progress } = search;
  process.stdout.write(
    options.json
      ? `${JSON.stringify(toJson(finding, progress, seed, search))}\n`
      : inWords(finding, progress, seed, search),
  );
  if (finding !== null) process.exitCode = EXIT.FAILURE;
  else process.exitCode = stoppedBy === null ? EXIT.OK : 128 + constants.signals[stoppedBy];
}

function secondsOf({ time }: FuzzCodeOptions, runs: number | null): number {
  if (time !== undefined) return Number(toWord(time, '--time', MAX_SECONDS));
  return runs === null ? Number(DEFAULT_SECONDS) : Number.POSITIVE_INFINITY;
}

function searchOptions(words: readonly string[], options: FuzzCodeOptions): SearchOptions {
  const { equivalent } = options;
  if (words[0] === '-' && equivalent === '-') {
    throw new ErbiumError('INVALID_ARGUMENT', '--equivalent: standard input is the code already');
  }
  const goals = goalsOf(options);
  const isDrain = goals.some(({ kind }) => kind === 'drain');
  return {
    fork: options.fork === undefined ? LATEST_FORK : parseFork(options.fork),
    code: readCode(words),
    create: options.create ?? false,
    balance:
      options.balance === undefined
        ? isDrain
          ? 10n * ETHER
          : 0n
        : toWord(options.balance, '--balance', MAX_BALANCE),
    storage: new Map((options.storage ?? []).map(slotOf)),
    accounts: new Map(),
    gas: toWord(options.gas, '--gas', MAX_U64),
    equivalent: equivalent === undefined ? null : readCode([equivalent]),
    goals,
    depth: Number(toWord(options.depth, '--depth', MAX_U64)),
  };
}

function goalsOf({ assert = [], reach = [], drain, equivalent }: FuzzCodeOptions): Goal[] {
  const goals = [...assert.map(assertionGoal), ...reach.map(reachGoal)];
  if (drain) goals.push({ kind: 'drain' });
  if (equivalent !== undefined) goals.push({ kind: 'equivalent' });
  if (goals.length > 0) return goals;
  return [{ kind: 'drain' }, reachGoal('op:SELFDESTRUCT'), reachGoal('delegate')];
}

function slotOf(text: string): [bigint, bigint] {
  const [key, value, ...rest] = text.split('=');
  if (key === undefined || value === undefined || rest.length > 0) {
    throw new ErbiumError('INVALID_ARGUMENT', `--storage ${JSON.stringify(text)}: expected key=value`);
  }
  return [toWord(key, `--storage ${text}`), toWord(value, `--storage ${text}`)];
}

type Signal = 'SIGINT' | 'SIGTERM';

interface Ended {
  readonly finding: Finding | null;
  readonly stoppedBy: Signal | null;
}

/** Searches until something is found, or time or runs are used up, or a signal comes. */
async function searching(search: Search, runs: number | null, seconds: number): Promise<Ended> {
  const state: { stoppedBy: Signal | null } = { stoppedBy: null };
  const stop = (signal: Signal): void => {
    state.stoppedBy = signal;
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const started = performance.now();
    let said = started;
    for (;;) {
      const { executions } = search.progress;
      const left = runs === null ? SLICE : Math.min(SLICE, runs - executions);
      const now = performance.now();
      if (left <= 0 || now - started >= seconds * 1_000 || state.stoppedBy !== null) {
        return { finding: null, stoppedBy: state.stoppedBy };
      }
      const finding = search.advance(left);
      if (finding !== null) return { finding, stoppedBy: null };
      if (now - said >= SAY_EVERY_MS) {
        said = now;
        process.stderr.write(`${progressWords(search.progress)}\n`);
      }
      await turn();
    }
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

const progressWords = ({ executions, edges, corpus }: Progress): string =>
  `${executions} transactions, ${edges} edges, ${corpus} sequences kept`;

const stepJson = (step: FoundStep) => ({
  way: step.way,
  from: addressToHex(step.caller),
  to: step.to === null ? null : addressToHex(step.to),
  value: toQuantity(step.value),
  input: bytesToHex(step.calldata),
  ...(step.attackerCode === null
    ? {}
    : {
        attackerCode: bytesToHex(step.attackerCode),
        reenterTimes: step.reenterTimes,
        reenterInput: bytesToHex(step.reenterData),
      }),
  block: { number: toQuantity(step.number), timestamp: toQuantity(step.timestamp) },
  status: step.status,
  output: bytesToHex(step.output),
  gasUsed: toQuantity(step.gasUsed),
});

const toJson = (finding: Finding | null, progress: Progress, seed: bigint, { target }: Search) => ({
  found: finding !== null,
  ...(finding === null ? {} : { what: finding.what, goal: finding.goal }),
  contract: addressToHex(target),
  seed: seed.toString(),
  ...progress,
  ...(finding === null ? {} : { transactions: finding.steps.map(stepJson) }),
});

function inWords(finding: Finding | null, progress: Progress, seed: bigint, { target }: Search): string {
  const figures = `${progressWords(progress)}; seed ${seed}`;
  if (finding === null) return `nothing found: ${figures}\n`;
  const lines = [
    `found     ${finding.what}`,
    `search    ${figures}`,
    `contract  ${addressToHex(target)}`,
    ...finding.steps.flatMap((step, i) => ['', ...stepLines(step, i + 1, finding.steps.length)]),
  ];
  return `${lines.join('\n')}\n`;
}

const WAYS: Readonly<Record<Way, string>> = {
  direct: 'the contract',
  contract: "the attacker's contract, which passes the call on",
  force: 'a creation that destroys itself and leaves its ether to the contract',
};

function stepLines(step: FoundStep, number: number, count: number): string[] {
  const { to, attackerCode, reenterTimes } = step;
  const lines = [
    `transaction ${number} of ${count}, in block ${step.number} at ${step.timestamp}`,
    `  from    ${addressToHex(step.caller)}`,
    `  to      ${to === null ? WAYS.force : `${addressToHex(to)}, ${WAYS[step.way]}`}`,
    `  value   ${step.value} wei`,
    `  input   ${bytesToHex(step.calldata)}`,
  ];
  if (attackerCode !== null && reenterTimes > 0) {
    const times = reenterTimes === 1 ? 'once' : `up to ${reenterTimes} times`;
    lines.push(`  again   ${times}, while it is called: ${bytesToHex(step.reenterData)}`);
  }
  if (attackerCode !== null) lines.push(`  code    ${bytesToHex(attackerCode)}, of the attacker's contract`);
  lines.push(`  status  ${step.status}`, `  output  ${bytesToHex(step.output)}`, `  gas     ${step.gasUsed}`);
  return lines;
}
