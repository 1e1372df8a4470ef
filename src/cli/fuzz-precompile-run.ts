/** `erbium fuzz precompile`: one precompile, input after input, in this thread, from the line to the files. */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { nobleCrypto } from '../../precompiles/crypto.ts';
import type { Precompile } from '../../precompiles/row.ts';
import { FORKS, type ForkName, LATEST_FORK, parseFork } from '../forks/fork.ts';
import { rulesOf } from '../forks/rules.ts';
import { CaseRunner } from '../fuzz/execute.ts';
import { precompileCase } from '../fuzz/precompile/call-case.ts';
import { ethereumKind } from '../fuzz/precompile/ethereum.ts';
import { type Answer, answerWords, type Judgement, judge, type Subject } from '../fuzz/precompile/judge.ts';
import { type InputKind, InputSource } from '../fuzz/precompile/kind.ts';
import { shrinkInput } from '../fuzz/precompile/shrink.ts';
import { Random } from '../fuzz/random.ts';
import { addressToHex } from '../primitives/address.ts';
import { bytesToHex, bytesToHexDigits, hexToBytes, toQuantity } from '../primitives/bytes.ts';
import { toWord } from '../primitives/input.ts';
import { keccak256 } from '../primitives/keccak.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import { EXIT } from './exit.ts';
import { caseText } from './fuzz-files.ts';
import { FuzzLine } from './fuzz-line.ts';
import { findPrecompile } from './fuzz-precompile-find.ts';
import { misused } from './state.ts';
import { ensureFolder, turn } from './temporary.ts';
import { writeFiles } from './write-files.ts';

export interface PrecompileOptions {
  readonly fork?: readonly string[];
  readonly input?: string;
  readonly seed?: string;
  readonly runs?: string;
  readonly time?: string;
  readonly untilFinding?: true;
  readonly out: string;
  readonly tries: string;
  readonly json?: true;
}

/** What takes more gas is priced and not run. Of the references, some take milliseconds for 10,000. */
const ETHEREUM_LIMIT = 1_000_000;
const EXTENSION_LIMIT = 5_000_000;

const DEFAULT_SECONDS = 60;
const MAX_COUNT = BigInt(Number.MAX_SAFE_INTEGER);
const MAX_SECONDS = 10n ** 9n;
/** Characters that a screen has room for. */
const LONGEST_COMMAND = 1_000;
/** Between two looks at signals. */
const SLICE_MS = 20;

const utf8 = new TextEncoder();
const idOf = (text: string): string => bytesToHexDigits(keccak256(utf8.encode(text))).slice(0, 12);

/** What is tried, and how. */
export interface Target {
  readonly subject: Subject;
  readonly kind: InputKind;
  readonly forks: readonly ForkName[];
  readonly isExtension: boolean;
}

export async function fuzzPrecompile(name: string, options: PrecompileOptions): Promise<void> {
  const target = await targetOf(name, options.fork?.map(parseFork));
  const isSound =
    options.input === undefined
      ? (await new PrecompileCampaign(target, options).run()) === 0
      : await showOne(target, hexToBytes(options.input, '--input'), options.json ?? false);
  process.exitCode = isSound ? EXIT.OK : EXIT.FAILURE;
}

/**
 * @throws ErbiumError INVALID_ARGUMENT for a name that is none and a fork without it; MISSING_PACKAGE
 */
export async function targetOf(name: string, asked: readonly ForkName[] | undefined): Promise<Target> {
  const { row, isExtension } = await findPrecompile(name);
  if (isExtension) {
    const { extensionOf } = await import('./fuzz-precompile-ext.ts');
    const extension = await extensionOf(row);
    const subject: Subject = { ...extension, row, crypto: nobleCrypto, limit: EXTENSION_LIMIT };
    // The answers of extensions are the same under all rules.
    return { subject, kind: extension, forks: asked ?? [LATEST_FORK], isExtension };
  }
  const { ethereumjsReference, hasFork } = await import('./fuzz-precompile-ethereumjs.ts');
  const references = [await ethereumjsReference(row)];
  const known = FORKS.filter((fork) => rulesOf(fork).lineage.includes(row.since));
  const wrong = asked?.find((fork) => !known.includes(fork));
  if (wrong !== undefined) throw misused(`--fork: ${wrong} has no ${row.name}, which came with ${row.since}`);
  // Answers that differ from the samples' are what the reference is for.
  const subject: Subject = { row, crypto: nobleCrypto, references, samples: [], limit: ETHEREUM_LIMIT };
  const forks = asked ?? known.filter(hasFork);
  return { subject, kind: ethereumKind(row, rulesOf(forks.at(-1)!)), forks, isExtension };
}

/** What an answer is compared with, for people. */
function referenceWords({ subject, isExtension }: Target): string {
  const names = subject.references.map(({ name }) => name);
  if (!isExtension) return names.join(', ');
  return [
    ...names,
    `what its page promises${subject.samples.length === 0 ? ', without valid input' : ''}`,
  ].join(' and ');
}

/** What everyone makes of an input; whether it is as it has to be. */
async function showOne({ subject, forks }: Target, input: Uint8Array, json: boolean): Promise<boolean> {
  const { row } = subject;
  let before = '';
  let isFlawed = false;
  for (const fork of forks) {
    const { answer, references, flaw } = await judge(subject, rulesOf(fork), input);
    isFlawed ||= flaw !== null;
    const answers: [string, Answer][] = [
      ['erbium', answer],
      ...references.map(([{ name }, theirs]): [string, Answer] => [name, theirs]),
    ];
    const said = answers.map(([who, what]): [string, string] => [who, answerWords(what)]);
    if (json) {
      const event = {
        precompile: row.name,
        fork,
        input: bytesToHex(input),
        answers: Object.fromEntries(said),
        flaw,
      };
      process.stdout.write(`${JSON.stringify(event)}\n`);
      continue;
    }
    const lines = said.map(([who, words]) => `  ${who}: ${words}`);
    if (flaw !== null)
      lines.push(`  wrong: ${flaw.cause}`, `    expected ${flaw.expected}`, `    got      ${flaw.got}`);
    const text = lines.join('\n');
    // Most forks answer as the one before.
    if (text !== before) process.stdout.write(`${row.name} from ${fork} on:\n${text}\n`);
    before = text;
  }
  return !isFlawed;
}

function numberOf(text: string | undefined, option: string, most: bigint, least = 0n): number | undefined {
  if (text === undefined) return undefined;
  const value = toWord(text, option, most);
  if (value < least) throw misused(`${option}: expected ${least} or more`);
  return Number(value);
}

/** A campaign against one precompile. */
export class PrecompileCampaign {
  private readonly target: Target;
  private readonly options: PrecompileOptions;
  private readonly line: FuzzLine;
  private readonly seed: bigint;
  private readonly runs: number;
  private readonly seconds: number;
  private readonly tries: number;
  private readonly causes = new Set<string>();
  private readonly told = new Set<string>();
  private readonly started = performance.now();
  private rested = performance.now();
  private done = 0;
  private isStopped = false;

  constructor(target: Target, options: PrecompileOptions) {
    const { seed, runs, time } = options;
    this.target = target;
    this.options = options;
    this.line = new FuzzLine(options.json ?? false);
    this.seed =
      seed === undefined ? BigInt(`0x${randomBytes(8).toString('hex')}`) : toWord(seed, '--seed', MAX_U64);
    this.runs = numberOf(runs, '--runs', MAX_COUNT) ?? Number.POSITIVE_INFINITY;
    this.seconds =
      numberOf(time, '--time', MAX_SECONDS, 1n) ??
      (runs === undefined ? DEFAULT_SECONDS : Number.POSITIVE_INFINITY);
    this.tries = numberOf(options.tries, '--tries', MAX_COUNT, 1n)!;
  }

  /** Runs it to its end; how many flaws it found. */
  async run(): Promise<number> {
    const { row } = this.target.subject;
    const reference = referenceWords(this.target);
    this.line.say({
      event: 'start',
      mode: 'precompile',
      about: `${row.name} at ${toQuantity(row.address)}, compared with ${reference}`,
      precompile: row.name,
      address: addressToHex(row.address),
      reference,
      seed: this.seed.toString(),
    });
    const stop = (): void => {
      this.isStopped = true;
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    try {
      await this.search();
    } finally {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    }
    const seconds = this.elapsed();
    const perSecond = this.done / seconds;
    this.line.say({ event: 'end', runs: this.done, findings: this.causes.size, seconds, perSecond });
    return this.causes.size;
  }

  private elapsed(): number {
    return (performance.now() - this.started) / 1_000;
  }

  private async search(): Promise<void> {
    const { subject, kind, forks } = this.target;
    const random = new Random(this.seed);
    const source = new InputSource(kind, random);
    while (this.done < this.runs && this.elapsed() < this.seconds && !this.isStopped) {
      const input = source.next();
      const fork = random.pick(forks);
      const judgement = await judge(subject, rulesOf(fork), input);
      this.done++;
      if (judgement.answer.kind === 'output') source.learn(judgement.answer.output);
      this.tellOfSilence(judgement);
      if (judgement.flaw !== null) await this.found(fork, input, judgement.flaw.cause);
      await this.rest();
    }
  }

  /** Gives signals their turn, now and then. */
  private async rest(): Promise<void> {
    if (performance.now() - this.rested < SLICE_MS) return;
    await turn();
    this.rested = performance.now();
    this.line.show({ runs: this.done, findings: this.causes.size, seconds: this.elapsed() });
  }

  private tellOfSilence({ references }: Judgement): void {
    for (const [{ name }, answer] of references) {
      if (answer.kind !== 'unknown') continue;
      const what = `not compared: ${name}: ${answer.why}`;
      if (!this.told.has(what)) this.line.say({ event: 'trouble', what });
      this.told.add(what);
    }
  }

  private async found(fork: ForkName, input: Uint8Array, cause: string): Promise<void> {
    if (this.causes.has(cause)) return;
    this.causes.add(cause);
    const { subject } = this.target;
    const rules = rulesOf(fork);
    const stillFails = async (candidate: Uint8Array): Promise<boolean> => {
      await this.rest();
      return !this.isStopped && (await judge(subject, rules, candidate)).flaw?.cause === cause;
    };
    const small = await shrinkInput(input, stillFails, this.tries);
    this.write(fork, small, cause, await judge(subject, rules, small));
    if (this.options.untilFinding) this.isStopped = true;
  }

  private write(fork: ForkName, input: Uint8Array, cause: string, judgement: Judgement): void {
    const { subject, isExtension } = this.target;
    const { row, limit } = subject;
    const again = `erbium fuzz precompile ${row.name} --fork ${fork} --input ${bytesToHex(input)}`;
    const text = isExtension
      ? extensionText(row, input, judgement)
      : stateTest(row, fork, input, judgement, limit);
    const id = idOf(text);
    const file = join(this.options.out, `${id}.json`);
    const answers = judgement.references.map(([{ name }, theirs]) => `  ${name}: ${answerWords(theirs)}`);
    const account = [
      `${row.name} at ${addressToHex(row.address)}, fork ${fork}: ${cause}`,
      '',
      `input, ${input.length} bytes: ${bytesToHex(input)}`,
      `  expected: ${judgement.flaw?.expected}`,
      `  got:      ${judgement.flaw?.got}`,
      '',
      'answers:',
      `  erbium: ${answerWords(judgement.answer)}`,
      ...answers,
      '',
      `Run it again: ${again}`,
      ...(isExtension ? [] : [`As a state test: erbium fuzz replay ${file} --ethereumjs`]),
    ];
    ensureFolder(this.options.out);
    writeFiles([
      [file, text],
      [join(this.options.out, `${id}.txt`), `${account.join('\n')}\n`],
    ]);
    const command = again.length <= LONGEST_COMMAND ? again : `see ${join(this.options.out, `${id}.txt`)}`;
    this.line.say({ event: 'finding', id, cause, file, command });
  }
}

function extensionText({ name, address }: Precompile, input: Uint8Array, { flaw }: Judgement): string {
  const { cause, expected, got } = flaw!;
  const finding = { name, address: addressToHex(address), input: bytesToHex(input), cause, expected, got };
  return `${JSON.stringify(finding, null, 2)}\n`;
}

/** A state test that states what Erbium makes of a call with the input. */
function stateTest(
  row: Precompile,
  fork: ForkName,
  input: Uint8Array,
  { answer, references }: Judgement,
  limit: number,
): string {
  const lengths = [answer, ...references.map(([, theirs]) => theirs)].map((each) =>
    each.kind === 'output' ? each.output.length : 0,
  );
  const fuzzCase = precompileCase(row, fork, input, Math.max(...lengths), limit);
  return caseText(fuzzCase, new CaseRunner().run(fuzzCase), 'found');
}
