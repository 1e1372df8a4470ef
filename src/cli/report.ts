/** What the commands that run fixtures print: failures as they happen, and the table at the end. */

import type { EngineChoice } from '../evm/engine-choice.ts';
import { FORKS, findFork } from '../forks/fork.ts';
import type { CryptoChoice } from './crypto-choice.ts';
import type { CaseMismatch, CaseReport, FileReport, SuiteCommand } from './run-fixture.ts';

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
  readonly crypto: CryptoChoice;
  /** What the databases counted that held the states of the cases, where any did: at least one for every case. */
  readonly commits?: number;
}

/** Changes of forks stand before the fork that they lead to. */
const orderOf = (fork: string): number => {
  const [, to = ''] = /To(\w+?)At/.exec(fork) ?? [];
  const known = findFork(fork) ?? findFork(to);
  if (known === undefined) return FORKS.length;
  return FORKS.indexOf(known) - (to === '' ? 0 : 0.5);
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

  summary(seconds: number, engine: Summary['engine'], crypto: CryptoChoice): Summary {
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
      crypto,
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

/** `block 2 (blocks[1]): `, or nothing where it is about the whole. */
function placeOf({ block = null }: CaseMismatch, { blocks = [] }: CaseReport): string {
  if (block === null) return '';
  const { number = null } = blocks[block] ?? {};
  return number === null ? `blocks[${block}]: ` : `block ${number} (blocks[${block}]): `;
}

// A block that is refused makes strangers of all that follow it.
const MAX_MISMATCHES = 5;

/** A failed case: its name, what differs, and how to run it again. */
export function failureText(
  command: SuiteCommand,
  report: CaseReport,
  { engine, crypto }: { readonly engine: EngineChoice; readonly crypto: CryptoChoice },
): string {
  const { id, file, mismatches, differences } = report;
  const lines = [`FAIL ${id}`, `     in ${file}`];
  // The differences below tell more of the state.
  const told = mismatches.filter(({ what }) => what !== 'state');
  for (const mismatch of told.slice(0, MAX_MISMATCHES)) {
    lines.push(
      `     ${placeOf(mismatch, report)}${mismatch.what}`,
      `       expected ${shorten(mismatch.expected, 400)}`,
      `       got      ${shorten(mismatch.got, 400)}`,
    );
  }
  if (told.length > MAX_MISMATCHES) lines.push(`     and ${told.length - MAX_MISMATCHES} more`);
  for (const { address, field, expected, got } of differences) {
    lines.push(
      `     ${address} ${field}`,
      `       expected ${shorten(expected)}`,
      `       got      ${shorten(got)}`,
    );
  }
  const how = `${engine === 'auto' ? '' : ` --engine ${engine}`}${crypto === 'noble' ? '' : ` --crypto ${crypto}`}`;
  const only = quote(`^${escapeRegExp(id)}$`);
  lines.push(`     again: erbium ${command} ${quote(pathOf(file))} --run ${only}${how}`);
  return `${lines.join('\n')}\n\n`;
}

const shorten = (text: string, limit = 100): string =>
  text.length > limit ? `${text.slice(0, limit - 20)}… (${text.length} characters)` : text;

const MEGA = 1e6;

/** A line for each block that was accepted and used gas: its rate, gas and time. */
export const blocksText = (cases: readonly CaseReport[]): string =>
  cases
    .flatMap(({ id, blocks = [] }) => blocks.map((block) => ({ id, ...block, gas: Number(block.gasUsed) })))
    .filter(({ gas }) => gas > 0)
    .map(({ id, number, gas, ms }) => {
      const rate = (gas / MEGA / (ms / 1000)).toFixed(1).padStart(8);
      const time = ms.toFixed(1).padStart(10);
      return `${rate} Mgas/s ${(gas / MEGA).toFixed(3).padStart(9)} Mgas ${time} ms  block ${number} of ${id}\n`;
    })
    .join('');

const MAX_FOREIGN_LISTED = 5;

export function summaryText(summary: Summary, tally: Tally, slowest: number): string {
  const { passed, failed, forks, seconds, engine, crypto, foreign, errors } = summary;
  const width = Math.max(...forks.map(({ fork }) => fork.length), 5);
  const row = (name: string, a: number | string, b: number | string): string =>
    `${name.padEnd(width)}${number(a)}${number(b)}\n`;
  let text = row('fork', 'passed', 'failed');
  for (const count of forks) text += row(count.fork, count.passed, count.failed);
  text += row('all', passed, failed);
  const rate = Math.round((passed + failed) / Math.max(seconds, 0.001));
  text += `\n${seconds.toFixed(1)} s, ${rate} cases/s, engine ${engine}${crypto === 'noble' ? '' : `, crypto ${crypto}`}\n`;
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
