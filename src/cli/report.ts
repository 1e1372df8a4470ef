/** What `erbium statetest` prints: failures as they happen, and the table at the end. */

import type { EngineChoice } from '../evm/engine-choice.ts';
import { FORKS, findFork } from '../forks/fork.ts';
import type { CaseReport, FileReport } from './run-fixture.ts';

export interface ForkCount {
  readonly fork: string;
  readonly passed: number;
  readonly failed: number;
}

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly forks: readonly ForkCount[];
  /** Unreadable files and cases, each naming file and field. */
  readonly errors: readonly string[];
  /** Files and archive entries that are no JSON. */
  readonly foreign: readonly string[];
  readonly seconds: number;
  /** What ran the code; with a tracer it is the loop of the reference engine that shows its steps. */
  readonly engine: 'wasm' | 'bigint' | 'traced';
  /** What the databases counted that held the states of the cases, where any did: at least one for every case. */
  readonly commits?: number;
}

const orderOf = (fork: string): number => {
  const known = findFork(fork);
  return known === undefined ? FORKS.length : FORKS.indexOf(known);
};

/** Counts what was reported. */
export class Tally {
  readonly cases: CaseReport[] = [];
  readonly errors: string[] = [];
  readonly foreign: string[] = [];
  failed = 0;
  private commits: number | undefined;

  add({ cases, errors, commits }: FileReport): void {
    if (commits !== undefined) this.commits = (this.commits ?? 0) + commits;
    this.errors.push(...errors);
    for (const result of cases) {
      this.cases.push(result);
      if (!result.pass) this.failed++;
    }
  }

  summary(seconds: number, engine: Summary['engine']): Summary {
    const forks = new Map<string, { passed: number; failed: number }>();
    for (const { fork, pass } of this.cases) {
      const count = forks.get(fork) ?? { passed: 0, failed: 0 };
      if (pass) count.passed++;
      else count.failed++;
      forks.set(fork, count);
    }
    return {
      passed: this.cases.length - this.failed,
      failed: this.failed,
      forks: [...forks]
        .map(([fork, count]) => ({ fork, ...count }))
        .sort((a, b) => orderOf(a.fork) - orderOf(b.fork)),
      errors: this.errors,
      foreign: this.foreign,
      seconds,
      engine,
      ...(this.commits === undefined ? {} : { commits: this.commits }),
    };
  }
}

/** For a shell: quoted where it has to be. */
const quote = (text: string): string =>
  /^[\w./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

const escapeRegExp = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** The path to give on the command line for a file that may lie in an archive. */
function pathOf(file: string): string {
  const path = file.replace(/(\.tar\.gz|\.tgz):.*$/s, '$1');
  // Not to be taken for an option.
  return path.startsWith('-') ? `./${path}` : path;
}

/** A failed case: its name, what differs, and how to run it again. */
export function failureText({ id, file, mismatches, differences }: CaseReport, engine: EngineChoice): string {
  const lines = [`FAIL ${id}`, `     in ${file}`];
  for (const { what, expected, got } of mismatches) {
    // The differences below tell more.
    if (what === 'state') continue;
    lines.push(`     ${what}`, `       expected ${expected}`, `       got      ${got}`);
  }
  for (const { address, field, expected, got } of differences) {
    lines.push(
      `     ${address} ${field}`,
      `       expected ${shorten(expected)}`,
      `       got      ${shorten(got)}`,
    );
  }
  const how = engine === 'auto' ? '' : ` --engine ${engine}`;
  const only = quote(`^${escapeRegExp(id)}$`);
  lines.push(`     again: erbium statetest ${quote(pathOf(file))} --run ${only}${how}`);
  return `${lines.join('\n')}\n\n`;
}

const shorten = (text: string): string =>
  text.length > 100 ? `${text.slice(0, 80)}… (${text.length} characters)` : text;

const MAX_FOREIGN_LISTED = 5;

export function summaryText(summary: Summary, tally: Tally, slowest: number): string {
  const { passed, failed, forks, seconds, engine, foreign, errors } = summary;
  const width = Math.max(...forks.map(({ fork }) => fork.length), 5);
  const row = (name: string, a: number | string, b: number | string): string =>
    `${name.padEnd(width)}${number(a)}${number(b)}\n`;
  let text = row('fork', 'passed', 'failed');
  for (const count of forks) text += row(count.fork, count.passed, count.failed);
  text += row('all', passed, failed);
  const rate = Math.round((passed + failed) / Math.max(seconds, 0.001));
  text += `\n${seconds.toFixed(1)} s, ${rate} cases/s, engine ${engine}\n`;
  if (slowest > 0) text += slowestText(tally.cases, slowest);
  if (foreign.length > 0) {
    const named = foreign.slice(0, MAX_FOREIGN_LISTED).join(', ');
    const more = foreign.length > MAX_FOREIGN_LISTED ? ', …' : '';
    text += `no JSON files, so not read: ${foreign.length} (${named}${more})\n`;
  }
  if (errors.length > 0) text += `could not be read or run: ${errors.length} (named above)\n`;
  return text;
}

const number = (value: number | string): string =>
  (typeof value === 'number' ? value.toLocaleString('en-US') : value).padStart(10);

function slowestText(cases: readonly CaseReport[], count: number): string {
  const sorted = [...cases].sort((a, b) => b.ms - a.ms).slice(0, count);
  const lines = sorted.map(({ ms, id }) => `${Math.round(ms).toString().padStart(10)} ms  ${id}\n`);
  return `slowest:\n${lines.join('')}`;
}
