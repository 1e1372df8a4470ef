/**
 * A campaign: makes cases, new ones and such as come from its corpus, and hands each to a check. It decides what is run
 * next, and nothing else: whether a case is a finding is the check's affair, and when to stop its owner's.
 */

import { nobleCrypto } from '../../precompiles/crypto.ts';
import type { EngineChoice } from '../evm/engine-choice.ts';
import { FORKS, type ForkName } from '../forks/fork.ts';
import type { FuzzCase } from './case.ts';
import { Coverage } from './coverage.ts';
import { CaseRunner } from './execute.ts';
import { generateCase, type Profile } from './generate/index.ts';
import { dictionaryOf, type MutateOptions, mutateCase, mutateInput } from './mutate.ts';
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
  /** `many` where a case is only run, `varied` where it is compared. */
  readonly pace: keyof typeof PACES;
  /** What runs the cases; `auto` by default. */
  readonly engine?: EngineChoice;
  /** Asked now and then during a run; true ends it. */
  readonly interrupted?: () => boolean;
}

/** A case that a campaign has run. */
export interface Run {
  readonly fuzzCase: FuzzCase;
  /** Counted from 0. */
  readonly index: number;
  /** How much it reached that no case before it had. */
  readonly fresh: number;
  /** It is new and reached something: a case for the corpus. */
  readonly isKept: boolean;
  /** Instructions. */
  readonly steps: number;
}

/** A case that others are made of. */
interface Base {
  readonly fuzzCase: FuzzCase;
  /** In instructions. */
  readonly cost: number;
  /** Gas limits that are just enough for some instruction of it. */
  readonly cuts: readonly bigint[];
}

/** A program and what its inputs draw on. */
interface Program {
  readonly fuzzCase: FuzzCase;
  readonly options: MutateOptions;
  left: number;
}

/** Words that cases compared; the oldest go first. */
const MAX_DICTIONARY = 512;
/** A campaign may keep millions; what it makes others of has a limit, so that it can run for weeks. */
const MAX_BASES = 2_048;
/** A case of more instructions is not changed further: of a loop that runs until its gas is gone come more such loops. */
const MOST_STEPS = 2_000;
/** Nor is one of more calls. */
const MOST_CALLS = 32;
/** A call takes as long as so many instructions. */
const CALL_STEPS = 1_000;
/** How cases are chosen. */
interface Pace {
  /** Of so many new programs one is made from nothing, while there is a corpus. */
  readonly fromNothing: number;
  /** Each new program is run so often again, with other inputs: it need not be made ready again. */
  readonly inputs: number;
  /** Of so many bases that are looked at, the one that takes the least time is changed. */
  readonly lookedAt: number;
}

const PACES = {
  /** Many cases a second: running one takes no longer than making it. */
  many: { fromNothing: 6, inputs: 7, lookedAt: 2 },
  /** Each case as new as can be: to judge one takes much longer. */
  varied: { fromNothing: 3, inputs: 0, lookedAt: 1 },
} as const satisfies Record<string, Pace>;

/** Runs cases one by one, each chosen by what the ones before it reached. The same random numbers give the same cases. */
export class Campaign {
  private readonly bases: Base[] = [];
  private readonly random: Random;
  private readonly options: CampaignOptions;
  private readonly pace: Pace;
  private readonly forks: readonly ForkName[];
  private readonly coverage: Coverage;
  private readonly runner: CaseRunner;
  private readonly dictionary: bigint[] = [];
  /** The words of the dictionary. */
  private readonly learned = new Set<bigint>();
  private index = 0;
  /** The program at hand, what its inputs are made of, and how many are to come. */
  private program: Program | null = null;
  private latest: FuzzCase | null = null;
  /** As many cases of the corpus were there before the first run; they run first. */
  private readonly given: readonly FuzzCase[];
  private fresh = 0;

  constructor(random: Random, options: CampaignOptions) {
    this.random = random;
    this.options = options;
    this.forks = options.forks ?? FORKS;
    this.given = options.corpus ?? [];
    this.pace = PACES[options.pace];
    this.coverage = new Coverage(options.engine);
    this.runner = new CaseRunner(this.coverage, rememberedCrypto(nobleCrypto));
  }

  /** What has been reached. */
  get features(): number {
    return this.coverage.features;
  }

  /** How many cases the corpus has. */
  get kept(): number {
    return this.given.length + this.fresh;
  }

  /** The case at hand, also where running it threw. */
  get current(): FuzzCase | null {
    return this.latest;
  }

  /** Runs the next case. */
  next(): Run {
    const given = this.given[this.index];
    const fuzzCase = given ?? this.choose();
    this.latest = fuzzCase;
    const { coverage } = this;
    coverage.begin();
    this.runner.halt(fuzzCase, this.options.interrupted);
    const fresh = coverage.take();
    const { steps } = coverage;
    const isShort = steps <= MOST_STEPS && coverage.calls <= MOST_CALLS;
    if (!isShort) this.program = null;
    const isKept = given === undefined && fresh > 0;
    if (isKept) this.fresh++;
    if (isKept || given !== undefined) {
      if (isShort) this.addBase(fuzzCase);
      this.learn(coverage.operands);
    }
    return { fuzzCase, index: this.index++, fresh, isKept, steps };
  }

  /** The last run's case becomes one that others are made of; with many there already, in place of any. */
  private addBase(fuzzCase: FuzzCase): void {
    const { bases, random } = this;
    const { gasLimit } = fuzzCase.tx;
    const { steps, calls } = this.coverage;
    const cost = steps + calls * CALL_STEPS;
    const base = { fuzzCase, cost, cuts: this.coverage.gasLeft.map((left) => gasLimit - left) };
    if (bases.length < MAX_BASES) bases.push(base);
    else bases[random.below(MAX_BASES)] = base;
  }

  private choose(): FuzzCase {
    const { program } = this;
    if (program !== null && program.left-- > 0) {
      return mutateInput(this.random, program.fuzzCase, program.options);
    }
    this.program = this.newProgram();
    return this.program.fuzzCase;
  }

  private pickBase(): Base {
    const { bases, random, pace } = this;
    let best = random.pick(bases);
    for (let i = 1; i < pace.lookedAt; i++) {
      const other = random.pick(bases);
      if (other.cost < best.cost) best = other;
    }
    return best;
  }

  private newProgram(): Program {
    const { random, bases, forks, dictionary, pace } = this;
    const { profile, opcodes } = this.options;
    const left = pace.inputs;
    if (bases.length === 0 || random.oneIn(pace.fromNothing)) {
      const made = generateCase(random, { profile, forks, ...(opcodes === undefined ? {} : { opcodes }) });
      return { fuzzCase: made, options: { dictionary: dictionaryOf(made) }, left };
    }
    const { fuzzCase, cuts } = this.pickBase();
    const other = random.pick(bases).fuzzCase;
    const words = dictionary.length > 0 && random.oneIn(2) ? dictionary : dictionaryOf(fuzzCase);
    const options = { other, dictionary: words, forks, cuts };
    return { fuzzCase: mutateCase(random, fuzzCase, options), options, left };
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
