/** What the threads of a campaign are told, and what they tell. All of it passes between threads as it is. */

import type { EngineChoice } from '../evm/engine-choice.ts';
import type { ForkName } from '../forks/fork.ts';
import type { FuzzCase } from '../fuzz/case.ts';
import type { Profile } from '../fuzz/generate/index.ts';

export type FuzzMode = 'diff' | 'crash';

/** What cases are compared with, beside the loops of Erbium itself. */
export interface Rivals {
  readonly ethereumjs: boolean;
  /** A command for each case, `{}` in it is the file. */
  readonly against: string | undefined;
  /** A command that stays alive and reads file names. */
  readonly batch: string | undefined;
  /** Milliseconds that a command may take for a case. */
  readonly patience: number;
}

/** The part of a campaign that one thread does. */
export interface FuzzJob {
  readonly mode: FuzzMode;
  readonly profile: Profile;
  /** All without it. */
  readonly forks: readonly ForkName[] | undefined;
  readonly opcodes: number | undefined;
  readonly engine: EngineChoice;
  readonly seed: bigint;
  /** Which thread it is: each has random numbers of its own. */
  readonly stream: number;
  /** Cases to run; without it, until it is told to stop. */
  readonly runs: number | undefined;
  readonly corpus: readonly FuzzCase[];
  /** Whether the owner keeps cases that reach something new. */
  readonly keeps: boolean;
  readonly rivals: Rivals;
  /** Tries of the shrinker for each finding. */
  readonly tries: number;
  /** Shared by all threads. Word 0: anything but 0 tells them to stop, also in the middle of a shrink. Word 1 + `stream`: 1
   * while the owner has not yet taken what the thread said last of its progress, or it would choke on what it has to keep. */
  readonly words: Int32Array;
}

/** Something that must not be. */
export interface Finding {
  /** Findings with the same one are one. */
  readonly cause: string;
  /** The smallest case that shows it, as a state-test file. */
  readonly text: string;
  /** What differs, for people. */
  readonly account: string;
  /** Why the case is not as small as it could be; undefined where nothing hindered that. */
  readonly note?: string | undefined;
}

/** What a thread says. */
export type FuzzMessage =
  | {
      readonly kind: 'progress';
      readonly runs: number;
      readonly steps: number;
      readonly features: number;
      readonly kept: number;
      /** What reached something new since it last spoke, where the owner keeps it. */
      readonly fresh: readonly FuzzCase[];
    }
  | { readonly kind: 'finding'; readonly finding: Finding; readonly run: number }
  /** Said once for each reason: cases that a rival could not run, or a rival that failed. */
  | { readonly kind: 'trouble'; readonly what: string };
