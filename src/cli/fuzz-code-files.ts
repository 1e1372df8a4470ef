/**
 * The files of `erbium fuzz code`: findings as state tests, and a corpus of sequences. Owns their formats.
 *
 * A finding is one file with a state test for each transaction, which any client runs; the last one reaches the goal.
 * Each test has its own pre-state, that which the transactions before it left. With `--equivalent` each transaction has
 * a second test, of the other code. `_info` of each says the place in the sequence; that of the first also how the
 * sequence was searched, from which `--replay` runs it again.
 */

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CaseRunner } from '../fuzz/execute.ts';
import { fixtureOf, type JsonObject } from '../fuzz/fixture.ts';
import { casesOf } from '../fuzz/search/cases.ts';
import type { SearchOptions } from '../fuzz/search/search.ts';
import { stepsFromJson, stepToJson } from '../fuzz/search/sequence.ts';
import type { Finding, Step } from '../fuzz/search/step.ts';
import { bytesToHexDigits } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { keccak256 } from '../primitives/keccak.ts';
import type { SearchWords } from './fuzz-code-job.ts';
import { stateTestName } from './fuzz-files.ts';
import { readFile, unreadable } from './input.ts';

const utf8 = new TextEncoder();
const ID_DIGITS = 12;

/** A name by content, the same for the same text. */
export const idOf = (text: string): string =>
  bytesToHexDigits(keccak256(utf8.encode(text))).slice(0, ID_DIGITS);

/** The state tests of a finding, as the text of a file. */
export function findingText(finding: Finding, options: SearchOptions, words: SearchWords): string {
  const { goal, what, steps } = finding;
  const { equivalent, fork } = options;
  const sides: [string, SearchOptions][] = [['', withGas(options)]];
  if (equivalent !== null) sides.push(['-other', { ...withGas(options), code: equivalent }]);
  const runner = new CaseRunner();
  const tests: Record<string, JsonObject> = {};
  for (const [suffix, side] of sides) {
    for (const [i, { fuzzCase }] of casesOf(side, steps).entries()) {
      const name = `transaction-${i + 1}${suffix}`;
      const test = fixtureOf(fuzzCase, runner.run(fuzzCase), name, stateTestName(fork))[name] as JsonObject;
      const place = `transaction ${i + 1} of ${steps.length}${suffix === '' ? '' : ', of the other code'}`;
      const comment = `made by erbium fuzz code: ${place}: ${what}`;
      const isFirst = Object.keys(tests).length === 0;
      const search = { words: { ...words }, goal, sequence: steps.map(stepToJson) } as unknown as JsonObject;
      tests[name] = { ...test, _info: { comment, ...(isFirst ? { search } : {}) } };
    }
  }
  return `${JSON.stringify(tests, null, 2)}\n`;
}

/** A limit of gas that is asked for is the gas that transactions get. */
export function withGas(options: SearchOptions): SearchOptions {
  for (const goal of options.goals) if (goal.kind === 'gas') return { ...options, gas: goal.gas };
  return options;
}

/** What a finding's file says of how it was searched. */
export interface Recorded {
  readonly words: SearchWords;
  readonly goal: number;
  readonly steps: readonly Step[];
}

/**
 * Reads the file of a finding.
 * @throws ErbiumError UNREADABLE_FILE, INVALID_FIXTURE naming file and field
 */
export function readFinding(file: string): Recorded {
  const tests = objectOf(parse(readFile(file), file), file);
  const [name = '', first] = Object.entries(tests)[0] ?? [];
  const info = objectOf(objectOf(first, `${file}: ${name}`)._info, `${file}: ${name}._info`);
  const place = `${file}: ${name}._info.search`;
  if (info.search === undefined) {
    throw new ErbiumError('INVALID_FIXTURE', `${place}: is missing: no finding of erbium fuzz code`);
  }
  const search = objectOf(info.search, place);
  const goal = search.goal;
  if (typeof goal !== 'number') throw new ErbiumError('INVALID_FIXTURE', `${place}.goal: expected a number`);
  return {
    words: wordsFrom(search.words, `${place}.words`),
    goal,
    steps: stepsFromJson(search.sequence, `${place}.sequence`),
  };
}

const TEXTS = ['code', 'equivalent', 'depth', 'gas', 'balance', 'fork'] as const;
const LISTS = ['assert', 'reach', 'storage'] as const;
const SWITCHES = ['create', 'drain'] as const;

function wordsFrom(value: unknown, place: string): SearchWords {
  const fields = objectOf(value, place);
  const demand = (name: string, isRight: boolean, wanted: string): void => {
    if (!isRight) throw new ErbiumError('INVALID_FIXTURE', `${place}.${name}: expected ${wanted}`);
  };
  const found: Record<string, unknown> = {};
  for (const [names, wanted, isRight] of [
    [TEXTS, 'text', (item: unknown) => typeof item === 'string'],
    [LISTS, 'a list of texts', (item: unknown) => isTexts(item)],
    [SWITCHES, 'true', (item: unknown) => item === true],
  ] as const) {
    for (const name of names) {
      if (fields[name] === undefined) continue;
      demand(name, isRight(fields[name]), wanted);
      found[name] = fields[name];
    }
  }
  for (const name of ['code', 'depth', 'gas']) demand(name, found[name] !== undefined, 'text');
  return found as unknown as SearchWords;
}

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ErbiumError('INVALID_FIXTURE', `${file}: ${(error as Error).message}`);
  }
}

function objectOf(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new ErbiumError('INVALID_FIXTURE', `${place}: expected an object`);
}

/** Told what cannot be read or written. */
export type Trouble = (what: string) => void;

/** A folder with a file for each sequence that was kept. */
export class SequenceFolder {
  private readonly path: string;
  private readonly trouble: Trouble;
  private readonly names = new Set<string>();
  private isBroken = false;

  /** @throws ErbiumError UNREADABLE_FILE where there can be no such folder */
  constructor(path: string, trouble: Trouble) {
    this.path = path;
    this.trouble = trouble;
    try {
      mkdirSync(path, { recursive: true });
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  /** What is there, in the order of the names; what is broken is told, and left where it is. */
  read(): (readonly Step[])[] {
    const found: (readonly Step[])[] = [];
    for (const name of readdirSync(this.path).sort()) {
      if (!name.endsWith('.json')) continue;
      const file = join(this.path, name);
      try {
        const { sequence } = objectOf(parse(readFile(file), file), file);
        found.push(stepsFromJson(sequence, `${file}: sequence`));
        this.names.add(name);
      } catch (error) {
        if (!(error instanceof ErbiumError)) throw error;
        this.trouble(error.message);
      }
    }
    return found;
  }

  /** Writes a sequence unless it is there. A folder that takes no more is told once. */
  keep(text: string): void {
    const name = `${idOf(text)}.json`;
    if (this.isBroken || this.names.has(name)) return;
    this.names.add(name);
    const file = join(this.path, name);
    try {
      writeFileSync(file, text);
    } catch (error) {
      this.isBroken = true;
      this.trouble(`${unreadable(file, error).message}; the corpus is not kept from here on`);
    }
  }
}

/** The text of a sequence's file. */
export const sequenceText = (steps: readonly Step[]): string =>
  `${JSON.stringify({ sequence: steps.map(stepToJson) }, null, 2)}\n`;

/** Writes a finding as `ID.json` with its account as `ID.txt`; the first's path. @throws ErbiumError UNREADABLE_FILE */
export function writeFinding(out: string, text: string, account: (command: string) => string): string {
  const id = idOf(text);
  const file = join(out, `${id}.json`);
  try {
    mkdirSync(out, { recursive: true });
    writeFileSync(file, text);
    writeFileSync(join(out, `${id}.txt`), account(replayCommand(file)));
  } catch (error) {
    throw unreadable(file, error);
  }
  return file;
}

export const replayCommand = (file: string): string => `erbium fuzz code --replay ${quoted(file)}`;

/** As a shell reads it. */
const quoted = (word: string): string =>
  /^[\w./@%+=:,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
