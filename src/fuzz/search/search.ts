/**
 * Searches sequences of transactions for one that reaches a goal. Owns the corpus: sequences that brought a new edge, a
 * new kind of stored value, or two compared words closer to each other than ever; each with the states behind its steps,
 * so that a longer sequence runs its last step only. Deterministic: the same options and seed find the same.
 */

import { isSuccess } from '../../machine/halt.ts';
import type { Address } from '../../primitives/address.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import type { Random } from '../random.ts';
import { ATTACKERS } from './attacker.ts';
import { Dictionary } from './dictionary.ts';
import { type Goal, hasPlaces } from './goals.ts';
import { matches } from './match.ts';
import { minimise } from './minimise.ts';
import { Mutator } from './mutate.ts';
import { type Probe, probes, solutions } from './probe.ts';
import type { Setting } from './runner.ts';
import type { Finding, Step } from './step.ts';
import { type Hit, type Spot, Tester, type Trial } from './trial.ts';
import type { Comparison, Watch } from './watch.ts';

export interface SearchOptions extends Setting {
  /** The code that should do the same, for the goal `equivalent`; init code where the other is. */
  readonly equivalent: Uint8Array | null;
  /** At least one. Where a transaction reaches several, the first counts. */
  readonly goals: readonly Goal[];
  /** Transactions of a sequence at most. */
  readonly depth: number;
}

/** How far a search has come. */
export interface Progress {
  /** Transactions that were run, those of a finding's minimisation not counted. */
  readonly executions: number;
  readonly edges: number;
  /** Sequences. */
  readonly corpus: number;
}

/** A sequence that is kept, with the states before its first and after each of its steps. */
interface Entry {
  readonly steps: readonly Step[];
  readonly spots: readonly Spot[];
  /** The last step changed something, so that another after it sees what none saw. */
  readonly leads: boolean;
  /** Kept only for how close two words came; null for other reasons. */
  readonly place: number | null;
}

/** A sequence to be run; the states up to `from` are known. */
interface Plan {
  readonly steps: readonly Step[];
  readonly spots: readonly Spot[];
  readonly from: number;
  /** Its last step differs in one word from one that was run, to see which comparisons depend on it. */
  readonly probe?: Probe;
}

const MAX_DEPTH = 64;
const MAX_QUEUE = 4_000;
/** Of one kept sequence. */
const MAX_MATCHES = 200;
const MAX_CORPUS = 4_000;
/** Slots of one account that count as new; a mapping has no end of them. */
const MAX_SLOTS = 64;
/** A factory makes accounts without end. */
const MAX_ACCOUNTS = 64;
const MAX_VALUES = 50_000;
/** Of words that met at one place. */
const MAX_PAIRS = 100;
const MAX_LIBRARY = 64;
const RECENT = 12;

export class Search {
  private readonly options: SearchOptions;
  private readonly random: Random;
  private readonly tester: Tester;
  private readonly dictionary = new Dictionary();
  private readonly mutator: Mutator;
  private corpus: Entry[] = [];
  private readonly queue: Plan[] = [];
  /** The last steps of kept sequences, to be tried behind others. */
  private readonly library: Step[] = [];
  private newSelectors: Uint8Array[] = [];
  /** Sequences from elsewhere, which come before all others. */
  private readonly offered: (readonly Step[])[] = [];
  private kept: (readonly Step[])[] = [];
  private readonly causes = new Set<string>();
  private readonly interrupted: () => boolean;

  private executions = 0;
  private readonly covered = new Set<number>();
  private readonly values = new Set<string>();
  private readonly slots = new Map<bigint, Set<bigint>>();
  /** By place of a comparison, the words that met there. */
  private readonly pairs = new Map<number, Set<string>>();
  /** By place of a comparison, how many bits its words were apart at best. */
  private readonly closest = new Map<number, number>();

  /**
   * @param interrupted ends the minimisation of a finding where it is
   * @throws ErbiumError INVALID_ARGUMENT where there is nothing to look for or the code cannot be deployed
   */
  constructor(options: SearchOptions, random: Random, interrupted: () => boolean = () => false) {
    const { goals, equivalent, depth } = options;
    if (goals.length === 0) throw misuse('goals: there is nothing to look for');
    if (goals.some(({ kind }) => kind === 'equivalent') !== (equivalent !== null)) {
      throw misuse('equivalent: the goal and the other code need each other');
    }
    if (!Number.isInteger(depth) || depth < 1 || depth > MAX_DEPTH) {
      throw misuse(`depth: ${depth} is not a whole number from 1 to ${MAX_DEPTH}`);
    }
    const limits = goals.flatMap((goal) => (goal.kind === 'gas' ? [goal.gas] : []));
    if (limits.length > 1) throw misuse('goals: there can be one gas limit only');
    this.options = options;
    this.random = random;
    this.interrupted = interrupted;
    this.mutator = new Mutator(random, this.dictionary);
    this.tester = new Tester({ ...options, gas: limits[0] ?? options.gas }, goals, equivalent);
    const { watch, otherWatch, start } = this.tester;
    for (const each of [watch, otherWatch]) {
      each.onCode = (code) => void this.newSelectors.push(...this.dictionary.addCode(code));
    }
    const empty = this.mutator.fresh([], new Uint8Array(0));
    this.corpus.push({ steps: [], spots: [start], leads: true, place: null });
    this.queue.push({ steps: [{ ...empty, value: 0n }], spots: [start], from: 0 });
  }

  /** The address of the contract. */
  get target(): Address {
    return this.tester.runner.target;
  }

  get progress(): Progress {
    const { watch, otherWatch } = this.tester;
    return {
      executions: this.executions,
      edges: watch.edgeCount + otherWatch.edgeCount,
      corpus: this.corpus.length,
    };
  }

  /** Nothing more can be found: each goal has been reached, and none of them can be in a place of another kind. */
  get isDone(): boolean {
    return this.options.goals.every(({ kind }, i) => !hasPlaces(kind) && this.causes.has(`${i}`));
  }

  /** Runs about so many transactions more; the first finding of a new cause, made small, or null. */
  advance(executions: number): Finding | null {
    const end = this.executions + executions;
    while (this.executions < end) {
      const found = this.run(this.planOffered() ?? this.queue.shift() ?? this.next());
      if (found !== null) return found;
    }
    return null;
  }

  /** Gives a sequence to be tried, such as one that another search has kept; no more of it than the depth allows. */
  offer(steps: readonly Step[]): void {
    this.offered.push(steps.slice(0, this.options.depth));
  }

  /** What has this cause was found by somebody else. */
  settle(cause: string): void {
    this.causes.add(cause);
  }

  /** The sequences that were kept for an edge or a stored value since the last call. */
  takeKept(): (readonly Step[])[] {
    const { kept } = this;
    this.kept = [];
    return kept;
  }

  private planOffered(): Plan | undefined {
    const steps = this.offered.shift();
    return steps === undefined ? undefined : { steps, spots: [this.tester.start], from: 0 };
  }

  private run(plan: Plan): Finding | null {
    const { steps, spots, from, probe } = plan;
    const done = steps.slice(0, from);
    const known = spots.slice(0, from + 1);
    for (const step of steps.slice(from)) {
      const spot = known[done.length]!;
      const trial = this.tester.try(spot, step);
      // Counted also where it could not run, lest a search that can send nothing has no end.
      this.executions++;
      if (trial === null) continue;
      const sequence = [...done, step];
      const hit = trial.hits.find(({ cause }) => !this.causes.has(cause));
      if (hit !== undefined) return this.small(sequence, hit);
      const isChange = changes(spot, trial);
      this.learn({ steps: sequence, spots: [...known, trial.after], leads: isChange, place: null }, trial);
      if (probe !== undefined) {
        for (const solved of solutions(probe, step, this.tester.watch.comparisons)) {
          this.plan({ steps: [...steps.slice(0, from), solved], spots, from });
        }
      }
      // What did nothing need not be part of what follows.
      if (!isChange) continue;
      done.push(step);
      known.push(trial.after);
    }
    return null;
  }

  private small(steps: readonly Step[], { cause, what }: Hit): Finding {
    this.causes.add(cause);
    const replay = (sequence: readonly Step[]): Finding | null =>
      this.tester.replay(sequence, (hit) => hit.cause === cause);
    const whole = replay(steps);
    // The states are the same ones, so this would be a fault of the search itself.
    if (whole === null) throw new ErbiumError('INVALID_STATE', `search: not found again: ${what}`);
    return minimise(whole, replay, this.interrupted);
  }

  /** Keeps a sequence that brought something new, and plans what follows from it. */
  private learn(entry: Entry, trial: Trial): void {
    const { watch, otherWatch } = this.tester;
    let hasEdge = false;
    for (const [side, each] of [watch, otherWatch].entries()) {
      for (const [edge, bucket] of each.taken()) {
        const key = (edge * 2 + side) * 32 + bucket;
        if (this.covered.has(key)) continue;
        this.covered.add(key);
        hasEdge = true;
      }
    }
    const hasValue = entry.leads && this.hasNewValue(trial);
    const place = this.closerPlace(watch) ?? this.closerPlace(otherWatch);
    if (!hasEdge && !hasValue && place === null) {
      // On a known path words can still meet for the first time, one of them stored by an earlier step.
      this.planMatches(entry, watch, true);
      return;
    }
    const isOnlyCloser = !hasEdge && !hasValue;
    if (!isOnlyCloser) this.kept.push(entry.steps);
    if (isOnlyCloser) this.corpus = this.corpus.filter((former) => former.place !== place);
    if (this.corpus.length < MAX_CORPUS) this.corpus.push(isOnlyCloser ? { ...entry, place } : entry);
    this.planMatches(entry, watch, false);
    if (this.tester.start.other !== null) this.planMatches(entry, otherWatch, false);
    if (hasEdge) this.keepStep(entry.steps[entry.steps.length - 1]!);
    if (hasEdge || place !== null) this.planProbes(entry, watch);
    if (hasValue) this.planNext(entry);
    this.planSelectors();
  }

  private hasNewValue({ ran: { result, after } }: Trial): boolean {
    let isNew = false;
    const note = (name: string): void => {
      if (this.values.size === MAX_VALUES || this.values.has(name)) return;
      this.values.add(name);
      isNew = true;
    };
    for (const [address, { storage }] of result.diff) {
      if (ATTACKERS.includes(address) || (this.slots.size === MAX_ACCOUNTS && !this.slots.has(address)))
        continue;
      const slots = this.slots.get(address) ?? new Set();
      this.slots.set(address, slots);
      for (const [key, value] of storage) {
        if (slots.size < MAX_SLOTS) slots.add(key);
        if (slots.has(key)) note(`${address} ${key} ${kindOf(value)}`);
      }
      note(`${address} ${kindOf(after.state.account(address)?.balance ?? 0n)}`);
    }
    return isNew;
  }

  /** A place whose words were never so close. */
  private closerPlace(watch: Watch): number | null {
    let found: number | null = null;
    for (const { place, left, right } of watch.comparisons) {
      const apart = bitsOf(left > right ? left - right : right - left);
      const best = this.closest.get(place);
      if (best !== undefined && apart >= best) continue;
      this.closest.set(place, apart);
      if (best !== undefined) found = place;
    }
    return found;
  }

  /** Variants in which what was compared is equal, or differs the other way; in any step of the sequence. */
  private planMatches({ steps, spots }: Entry, watch: Watch, onlyNew: boolean): void {
    let count = 0;
    for (const comparison of watch.comparisons) {
      if (!this.isNewPair(comparison) && onlyNew) continue;
      this.dictionary.addSeen(comparison.left);
      this.dictionary.addSeen(comparison.right);
      for (let i = steps.length - 1; i >= 0; i--) {
        const { number, timestamp } = spots[i + 1]!.main;
        for (const step of matches(steps[i]!, { number, timestamp }, comparison)) {
          if (++count > MAX_MATCHES) return;
          this.plan({ steps: [...steps.slice(0, i), step, ...steps.slice(i + 1)], spots, from: i });
        }
      }
    }
  }

  private isNewPair({ place, left, right }: Comparison): boolean {
    const pairs = this.pairs.get(place) ?? new Set();
    this.pairs.set(place, pairs);
    const name = `${left} ${right}`;
    if (pairs.size === MAX_PAIRS || pairs.has(name)) return false;
    pairs.add(name);
    return true;
  }

  /** For words that the contract computes with before it compares. */
  private planProbes({ steps, spots }: Entry, { comparisons }: Watch): void {
    const last = steps.length - 1;
    for (const { step, probe } of probes(steps[last]!, comparisons)) {
      this.plan({ steps: [...steps.slice(0, last), step], spots, from: last, probe });
    }
  }

  /** Behind a state of a new kind, all that is known to do something is tried again. */
  private planNext({ steps, spots }: Entry): void {
    if (steps.length >= this.options.depth) return;
    const nexts = [
      ...this.library,
      ...this.dictionary.selectors.map((selector) => this.mutator.fresh(steps, selector)),
    ];
    for (const next of nexts) this.plan({ steps: [...steps, next], spots, from: steps.length });
  }

  private planSelectors(): void {
    const { newSelectors, mutator } = this;
    this.newSelectors = [];
    const { start } = this.tester;
    for (const selector of newSelectors) {
      for (let i = 0; i < 4; i++)
        this.plan({ steps: [mutator.fresh([], selector)], spots: [start], from: 0 });
    }
  }

  private plan(plan: Plan): void {
    if (this.queue.length < MAX_QUEUE) this.queue.push(plan);
  }

  private keepStep(step: Step): void {
    if (this.library.length < MAX_LIBRARY) this.library.push(step);
    else this.library[this.random.below(MAX_LIBRARY)] = step;
  }

  /** A sequence like one that is kept. */
  private next(): Plan {
    const { random, corpus, mutator, options } = this;
    const isRecent = random.oneIn(3) && corpus.length > RECENT;
    const entry = isRecent ? corpus[corpus.length - 1 - random.below(RECENT)]! : random.pick(corpus);
    const { steps, spots } = entry;
    const { length } = steps;
    const mayGrow = length < options.depth && entry.leads;
    const kind = random.below(10);
    if (length === 0 || (mayGrow && kind < 5))
      return { steps: [...steps, this.append(steps)], spots, from: length };
    const at = kind < 8 ? length - 1 : random.below(length);
    if (kind === 9 && length > 1) return this.spliced(entry, at);
    const changed = mutator.changed(steps[at]!, steps.slice(0, at));
    return { steps: [...steps.slice(0, at), changed, ...steps.slice(at + 1)], spots, from: at };
  }

  private append(steps: readonly Step[]): Step {
    const { random, library, mutator } = this;
    const kind = random.below(4);
    if (kind === 0 || library.length === 0) return mutator.fresh(steps);
    const step = steps.length > 0 && random.oneIn(3) ? random.pick(steps) : random.pick(library);
    return kind === 1 ? step : mutator.changed(step, steps);
  }

  /** The start of one sequence and the end of another, or a sequence without one of its steps. */
  private spliced({ steps, spots }: Entry, at: number): Plan {
    const { random, corpus, options } = this;
    const head = steps.slice(0, at);
    const tail = random.oneIn(2) ? random.pick(corpus).steps : steps.slice(at + 1);
    const all = [...head, ...tail].slice(0, options.depth);
    return { steps: all, spots, from: Math.min(at, all.length) };
  }
}

const misuse = (problem: string): ErbiumError => new ErbiumError('INVALID_ARGUMENT', problem);

/** Whether a transaction changed more than the attacker's own accounts. */
function changes(before: Spot, { ran: { result, after } }: Trial): boolean {
  if (!isSuccess(result.halt)) return false;
  for (const [address, { storage }] of result.diff) {
    if (ATTACKERS.includes(address)) continue;
    const [was, is] = [before.main.state.account(address), after.state.account(address)];
    if (storage.size > 0 || was?.balance !== is?.balance || was?.codeHash !== is?.codeHash) return true;
  }
  return false;
}

const bitsOf = (value: bigint): number => (value === 0n ? 0 : value.toString(2).length);

/** Values that a contract may treat alike: small ones and the attacker's addresses each by itself, others by their size. */
const kindOf = (value: bigint): string =>
  value < 16n || ATTACKERS.includes(value) ? `${value}` : `${bitsOf(value)} bits`;
