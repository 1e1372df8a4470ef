/**
 * A campaign: makes cases, new ones and such as come from its corpus, and hands each to a check. It decides what is run
 * next, and nothing else: whether a case is a finding is the check's affair, and when to stop its owner's.
 */

import { nobleCrypto } from '../../precompiles/crypto.ts';
import { FORKS, type ForkName } from '../forks/fork.ts';
import type { FuzzCase } from './case.ts';
import { Coverage } from './coverage.ts';
import { CaseRunner } from './execute.ts';
import { generateCase, type Profile } from './generate/index.ts';
import { dictionaryOf, mutateCase } from './mutate.ts';
import type { Random } from './random.ts';
import { rememberedCrypto } from './remembered-crypto.ts';

/** Options of a campaign. */
export interface CampaignOptions {
  readonly profile: Profile;
  /** All by default. */
  readonly forks?: readonly ForkName[];
  /** About how many instructions a new case runs. */
  readonly opcodes?: number;
  /** Cases to begin with, such as an earlier campaign kept. */
  readonly corpus?: readonly FuzzCase[];
  /** Asked now and then during a run; true ends it. */
  readonly interrupted?: () => boolean;
}

/** A case that a campaign has run. */
export interface Run {
  readonly fuzzCase: FuzzCase;
  /** Counted from 0. */
  readonly index: number;
  /** How much it reached that no case before it had; with any it is in the corpus. */
  readonly fresh: number;
  /** Instructions. */
  readonly steps: number;
}

/** Words that cases compared; the oldest go first. */
const MAX_DICTIONARY = 512;
/** Of so many new cases one is made from nothing, while there is a corpus. */
const FROM_NOTHING = 3;
/** A case of more instructions is not changed further: of a loop that runs until its gas is gone come more such loops. */
const MOST_STEPS = 10_000;

/** Runs cases one by one, each chosen by what the ones before it reached. The same random numbers give the same cases. */
export class Campaign {
  readonly corpus: FuzzCase[];
  /** Those cases of the corpus that others are made of. */
  private readonly bases: FuzzCase[] = [];
  private readonly random: Random;
  private readonly options: CampaignOptions;
  private readonly forks: readonly ForkName[];
  private readonly coverage = new Coverage();
  private readonly runner: CaseRunner;
  private readonly dictionary: bigint[] = [];
  /** The words of the dictionary. */
  private readonly learned = new Set<bigint>();
  /** Gas limits that are just enough for some instruction of a case of the corpus. */
  private readonly cuts = new Map<FuzzCase, readonly bigint[]>();
  private index = 0;
  private latest: FuzzCase | null = null;
  /** As many cases of the corpus were there before the first run; they run first. */
  private readonly given: number;

  constructor(random: Random, options: CampaignOptions) {
    this.random = random;
    this.options = options;
    this.forks = options.forks ?? FORKS;
    this.corpus = [...(options.corpus ?? [])];
    this.given = this.corpus.length;
    this.runner = new CaseRunner(this.coverage, rememberedCrypto(nobleCrypto));
  }

  /** What has been reached. */
  get features(): number {
    return this.coverage.features;
  }

  /** The case at hand, also where running it threw. */
  get current(): FuzzCase | null {
    return this.latest;
  }

  /** Runs the next case. */
  next(): Run {
    const isReplay = this.index < this.given;
    const fuzzCase = isReplay ? this.corpus[this.index]! : this.choose();
    this.latest = fuzzCase;
    const { coverage } = this;
    coverage.begin();
    this.runner.halt(fuzzCase, this.options.interrupted);
    const fresh = coverage.take();
    if (!isReplay && fresh > 0) this.corpus.push(fuzzCase);
    if (isReplay || fresh > 0) {
      if (coverage.steps <= MOST_STEPS) this.bases.push(fuzzCase);
      this.learn(coverage.operands);
      const { gasLimit } = fuzzCase.tx;
      this.cuts.set(
        fuzzCase,
        coverage.gasLeft.map((left) => gasLimit - left),
      );
    }
    return { fuzzCase, index: this.index++, fresh, steps: coverage.steps };
  }

  private choose(): FuzzCase {
    const { random, bases, forks } = this;
    const { profile, opcodes } = this.options;
    if (bases.length === 0 || random.oneIn(FROM_NOTHING)) {
      return generateCase(random, { profile, forks, ...(opcodes === undefined ? {} : { opcodes }) });
    }
    const base = random.pick(bases);
    const hasLearned = this.dictionary.length > 0;
    const dictionary = hasLearned && random.oneIn(2) ? this.dictionary : dictionaryOf(base);
    return mutateCase(random, base, { other: random.pick(bases), dictionary, forks });
  }

  private learn(operands: readonly bigint[]): void {
    const { learned, dictionary } = this;
    for (const operand of operands) {
      if (learned.has(operand)) continue;
      learned.add(operand);
      dictionary.push(operand);
    }
    const excess = Math.max(0, dictionary.length - MAX_DICTIONARY);
    for (const operand of dictionary.splice(0, excess)) learned.delete(operand);
  }
}
