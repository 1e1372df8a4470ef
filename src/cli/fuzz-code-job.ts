/** What `erbium fuzz code` searches, from the words of the line; and what its threads are told, and what they tell. */

import { LATEST_FORK, parseFork } from '../forks/fork.ts';
import { assertionGoal, type Goal, reachGoal } from '../fuzz/search/goals.ts';
import type { Progress, SearchOptions } from '../fuzz/search/search.ts';
import type { Finding, Step } from '../fuzz/search/step.ts';
import { hexToBytes } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { toWord } from '../primitives/input.ts';
import { MAX_U64 } from '../primitives/u256.ts';

/** The options that say what is searched, in the words of the line; codes as hex. A finding carries them with it. */
export interface SearchWords {
  readonly code: string;
  readonly create?: true;
  readonly assert?: readonly string[];
  readonly reach?: readonly string[];
  readonly drain?: true;
  readonly equivalent?: string;
  readonly depth: string;
  readonly gas: string;
  readonly balance?: string;
  readonly storage?: readonly string[];
  readonly fork?: string;
}

/** @throws ErbiumError naming the option */
export function searchOptions(words: SearchWords): SearchOptions {
  const { code, create, equivalent, depth, gas, balance, storage = [], fork } = words;
  const goals = goalsOf(words);
  const isDrain = goals.some(({ kind }) => kind === 'drain');
  return {
    fork: fork === undefined ? LATEST_FORK : parseFork(fork),
    code: hexToBytes(code, 'code'),
    create: create ?? false,
    balance:
      balance === undefined ? (isDrain ? DRAIN_BALANCE : 0n) : toWord(balance, '--balance', MAX_BALANCE),
    storage: new Map(storage.map(slotOf)),
    accounts: new Map(),
    gas: toWord(gas, '--gas', MAX_U64),
    equivalent: equivalent === undefined ? null : hexToBytes(equivalent, 'equivalent'),
    goals,
    depth: Number(toWord(depth, '--depth', MAX_U64)),
  };
}

const DRAIN_BALANCE = 10n ** 19n;
const MAX_BALANCE = 2n ** 128n;

function goalsOf({ assert = [], reach = [], drain, equivalent }: SearchWords): Goal[] {
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

/** What a thread begins with. */
export interface CodeJob {
  readonly options: SearchOptions;
  readonly seed: bigint;
  /** Which thread it is: each has random numbers of its own. */
  readonly stream: number;
  /** Not 0 where the threads are to stop; shared, and seen in the middle of a round. */
  readonly stop: Int32Array;
}

/**
 * A piece of work. All threads do one at the same time, and learn what the others found between two of them only: what
 * is found does not depend on which of them is faster.
 */
export interface CodeRound {
  /** Transactions to have run in all by its end. */
  readonly until: number;
  /** Causes that others have found. */
  readonly causes: readonly string[];
  /** Sequences that others have kept. */
  readonly sequences: readonly (readonly Step[])[];
}

/** A finding, and after how many transactions of its thread. */
export interface FoundAt {
  readonly finding: Finding;
  readonly run: number;
}

/** What came of a round. */
export interface CodeReport {
  readonly findings: readonly FoundAt[];
  readonly kept: readonly (readonly Step[])[];
  readonly progress: Progress;
  /** This thread has nothing left to find. */
  readonly isDone: boolean;
}
