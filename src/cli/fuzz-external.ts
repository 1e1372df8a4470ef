/**
 * Cases in the state-test command of another client: one process for each case, or one that takes a file name on each
 * line of its standard input and ends its answer with a line that has the state root. Owns the processes, their time,
 * and what is read of what they print; a command that misbehaves becomes a typed failure, never an exception.
 */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ForkName } from '../forks/fork.ts';
import type { FuzzCase } from '../fuzz/case.ts';
import type { Answer, Contender, ContenderFailure, FailureKind } from '../fuzz/compare.ts';
import { CaseRunner } from '../fuzz/execute.ts';
import { fixtureText } from '../fuzz/fixture.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { AnswerReader, LineSplitter } from './fuzz-external-answer.ts';
import { printable } from './text.ts';

/** How a command of another client is asked. */
export interface ExternalOptions {
  /** How long a case may take, in milliseconds; 10,000 unless said otherwise. */
  readonly timeout?: number;
  /** For people; the command unless said otherwise. */
  readonly name?: string;
}

const DEFAULT_TIMEOUT = 10_000;

/** So many failures one after the other, and the command is asked no more. */
const MAX_FAILURES = 5;

/** How long a batch command has to end by itself. */
const GRACE = 1_000;

/** What a bug report needs of what a command printed. */
const MAX_DETAIL = 2_000;

/** As the official tests, and with them all clients, call these forks. */
const TEST_NAMES: Readonly<Partial<Record<ForkName, string>>> = {
  TangerineWhistle: 'EIP150',
  SpuriousDragon: 'EIP158',
  Petersburg: 'ConstantinopleFix',
};

const TEST_NAME = 'fuzz';

/**
 * A contender that starts a command for every case.
 * @param command with its arguments, split at spaces, with quotes as in a shell and nothing else of one; `{}` stands for
 *   the file of the case
 * @throws ErbiumError INVALID_ARGUMENT where the command is empty, has an open quote or no `{}`
 */
export const commandContender = (command: string, options: ExternalOptions = {}): Contender =>
  new ExternalContender(command, false, options);

/**
 * A contender that starts a command once and writes the name of a file to its standard input for every case. A line
 * on its standard error that has the state root ends an answer; an empty line asks it to end.
 * @param command as for `commandContender`, without `{}`
 * @throws ErbiumError INVALID_ARGUMENT where the command is empty, has an open quote or a `{}`
 */
export const batchContender = (command: string, options: ExternalOptions = {}): Contender =>
  new ExternalContender(command, true, options);

/** The words of a command, quotes taken off. */
export function splitCommand(command: string): string[] {
  const words: string[] = [];
  const word = /(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+/gsy;
  let at = 0;
  for (;;) {
    while (/\s/.test(command[at] ?? '')) at++;
    if (at === command.length) return words;
    word.lastIndex = at;
    const found = word.exec(command)?.[0];
    const end = at + (found?.length ?? 0);
    if (found === undefined || (end < command.length && !/\s/.test(command[end]!))) {
      throw new ErbiumError('INVALID_ARGUMENT', `${command}: a quote is not closed, or a backslash ends it`);
    }
    words.push(found.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gs, unquote));
    at = end;
  }
}

const unquote = (_: string, single?: string, double?: string, escaped?: string): string =>
  single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? '';

class ExternalContender implements Contender {
  readonly name: string;
  private readonly words: readonly string[];
  private readonly batch: boolean;
  private readonly timeout: number;
  private readonly runner = new CaseRunner();
  private readonly onExit = (): void => this.removeAll();
  private folder: string | null = null;
  private count = 0;
  private failures = 0;
  private lost: string | null = null;
  private running: Running | null = null;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(command: string, batch: boolean, { timeout, name }: ExternalOptions) {
    this.words = splitCommand(command);
    this.batch = batch;
    this.timeout = timeout ?? DEFAULT_TIMEOUT;
    this.name = name ?? command;
    if (this.words.length === 0) throw new ErbiumError('INVALID_ARGUMENT', 'the command is empty');
    const hasPlace = this.words.some((word) => word.includes('{}'));
    if (hasPlace === this.batch) {
      const problem = this.batch
        ? 'a batch command reads the files from standard input, so {} means nothing'
        : 'the command needs {} where the file of the case goes';
      throw new ErbiumError('INVALID_ARGUMENT', `${command}: ${problem}`);
    }
  }

  async run(fuzzCase: FuzzCase): Promise<Answer> {
    return this.inTurn(() => this.ask(fuzzCase, new AnswerReader(false)));
  }

  /** undefined where the command prints no steps, as it does without the option for it. */
  async trace(fuzzCase: FuzzCase): Promise<readonly string[] | undefined> {
    return this.inTurn(async () => {
      const reader = new AnswerReader(true);
      await this.ask(fuzzCase, reader);
      return reader.trace;
    });
  }

  async close(): Promise<void> {
    this.lost ??= 'it was closed';
    const { running } = this;
    this.running = null;
    await running?.end();
    this.removeAll();
  }

  /** One case at a time: a batch command's answers have no names. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => {});
    return result;
  }

  private async ask(fuzzCase: FuzzCase, reader: AnswerReader): Promise<Answer> {
    if (this.lost !== null) return { notCompared: `${this.name}: ${this.lost}` };
    let file: string;
    try {
      file = this.write(fuzzCase);
    } catch (error) {
      const problem = error instanceof ErbiumError ? error.message : `Erbium failed: ${String(error)}`;
      return { notCompared: `${this.name}: ${problem}` };
    }
    const failure = await this.answerTo(file, reader);
    rmSync(file, { force: true });
    if (reader.unknownFork !== null) return { notCompared: `${this.name}: ${reader.unknownFork}` };
    if (failure === null) {
      this.failures = 0;
      return reader.answer!;
    }
    this.failures++;
    const isLast = failure.failure === 'start' || this.failures >= MAX_FAILURES;
    if (isLast) {
      const often = this.failures > 1 ? `${this.failures} failures in a row, ` : '';
      this.lost = `${often}it is asked no more: ${failure.detail}`;
    }
    return failure;
  }

  /** @returns null once the reader has the answer */
  private async answerTo(file: string, reader: AnswerReader): Promise<ContenderFailure | null> {
    if (!this.batch) {
      const words = this.words.map((word) => word.replaceAll('{}', file));
      return new Running(words, this.name).whole(reader, this.timeout);
    }
    const late = this.running?.late ?? null;
    if (late !== null) {
      this.running?.kill();
      this.running = null;
      return fail('late', `${this.name}: printed a state root when it had been asked for none: ${late}`);
    }
    // One that ends after an answer may do so just when it is asked again.
    const mayEnd = this.running?.isOver === false;
    const failure = await this.next(file, reader);
    if (failure === null || !mayEnd || failure.failure === 'timeout' || reader.lastLine !== '')
      return failure;
    return this.next(file, reader);
  }

  private async next(file: string, reader: AnswerReader): Promise<ContenderFailure | null> {
    if (this.running === null || this.running.isOver) this.running = new Running(this.words, this.name);
    const failure = await this.running.next(file, reader, this.timeout);
    // What it would print later belongs to a case that is over.
    if (failure !== null) {
      this.running.kill();
      this.running = null;
    }
    return failure;
  }

  private write(fuzzCase: FuzzCase): string {
    if (this.folder === null) {
      this.folder = mkdtempSync(join(tmpdir(), 'erbium-fuzz-'));
      process.once('exit', this.onExit);
    }
    const file = join(this.folder, `case-${this.count++}.json`);
    const text = fixtureText(fuzzCase, this.runner.run(fuzzCase), TEST_NAME, TEST_NAMES[fuzzCase.fork]);
    try {
      writeFileSync(file, text);
    } catch (error) {
      throw new ErbiumError('UNREADABLE_FILE', `${file}: cannot be written: ${(error as Error).message}`);
    }
    return file;
  }

  private removeAll(): void {
    this.running?.kill();
    process.off('exit', this.onExit);
    if (this.folder !== null) rmSync(this.folder, { recursive: true, force: true });
    this.folder = null;
  }
}

const fail = (failure: FailureKind, detail: string): ContenderFailure => ({
  failure,
  detail: printable(detail.length > MAX_DETAIL ? `${detail.slice(0, MAX_DETAIL)}…` : detail),
});

/** A process, in a group of its own so that what it starts ends with it. */
class Running {
  /** A root that nobody had asked for. */
  late: string | null = null;
  isOver = false;
  private readonly name: string;
  private readonly child: ChildProcessWithoutNullStreams;
  private reader: AnswerReader | null = null;
  private settle: ((failure: ContenderFailure | null) => void) | null = null;
  private wholeOutput = false;
  private readonly onExit = (): void => this.kill();

  constructor(words: readonly string[], name: string) {
    this.name = name;
    this.child = spawn(words[0]!, words.slice(1), { stdio: 'pipe', detached: true, windowsHide: true });
    const { child } = this;
    process.once('exit', this.onExit);
    child.on('error', (error) => this.over(fail('start', `${name}: cannot be started: ${error.message}`)));
    child.on('close', (code, signal) => this.over(this.verdictAtEnd(code, signal)));
    // A command that does not read has ended, or will be late.
    child.stdin.on('error', () => {});
    this.read('stdout');
    this.read('stderr');
  }

  /** Runs to the end of the process. */
  whole(reader: AnswerReader, timeout: number): Promise<ContenderFailure | null> {
    this.wholeOutput = true;
    this.child.stdin.end();
    return this.within(reader, timeout);
  }

  /** Hands over one more file, and waits for its root. */
  next(file: string, reader: AnswerReader, timeout: number): Promise<ContenderFailure | null> {
    const answer = this.within(reader, timeout);
    this.child.stdin.write(`${file}\n`);
    return answer;
  }

  /** Asks the process to end, and ends it. */
  async end(): Promise<void> {
    if (this.isOver) return;
    const closed = new Promise<void>((resolve) => this.child.once('close', () => resolve()));
    this.child.stdin.end('\n');
    const timer = setTimeout(() => this.kill(), GRACE);
    await closed;
    clearTimeout(timer);
  }

  kill(): void {
    const { pid } = this.child;
    if (pid === undefined || this.isOver) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // No group, as on Windows, or gone already.
      this.child.kill('SIGKILL');
    }
  }

  private within(reader: AnswerReader, timeout: number): Promise<ContenderFailure | null> {
    this.reader = reader;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        const last = reader.lastLine === '' ? 'it printed nothing' : `its last line: ${reader.lastLine}`;
        this.finish(fail('timeout', `${this.name}: no answer within ${timeout} ms; ${last}`));
        this.kill();
      }, timeout);
      this.settle = (failure) => {
        clearTimeout(timer);
        resolve(failure);
      };
    });
  }

  private read(stream: 'stdout' | 'stderr'): void {
    const lines = new LineSplitter();
    this.child[stream].on('data', (chunk: Buffer) => {
      const isShort = lines.take(chunk, (line) => this.takeLine(line, stream));
      if (!isShort) {
        this.finish(fail('garbage', `${this.name}: a line of more than 32 MB on ${stream}`));
        this.kill();
      }
    });
    this.child[stream].on('end', () => lines.end((line) => this.takeLine(line, stream)));
  }

  private takeLine(line: string, stream: 'stdout' | 'stderr'): void {
    const { reader } = this;
    // A batch command tells on standard error; what is on the other comes at any time.
    if (!this.wholeOutput && stream === 'stdout') return;
    if (reader === null) {
      if (AnswerReader.hasRoot(line)) this.late ??= line;
      return;
    }
    const isNew = reader.take(line, stream === 'stderr');
    if (isNew && !this.wholeOutput) this.finishSoon(reader);
  }

  /** Not before all that arrived together is read: two roots for one file would be one for the next. */
  private finishSoon(reader: AnswerReader): void {
    if (reader.roots > 1) return;
    setImmediate(() => {
      const twice = reader.roots > 1 ? fail('garbage', `${this.name}: two state roots for one case`) : null;
      this.finish(twice);
    });
  }

  private verdictAtEnd(code: number | null, signal: string | null): ContenderFailure | null {
    const { reader } = this;
    if (reader === null) return null;
    const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
    const last = reader.lastLine === '' ? '' : `; its last line: ${reader.lastLine}`;
    if (signal !== null) return fail('crash', `${this.name}: ${how}${last}`);
    // Some end with 1 where a test does not pass, which is not theirs to say.
    if (this.wholeOutput && reader.answer !== null) return null;
    if (code === 0) return fail('garbage', `${this.name}: ${how} without a state root${last}`);
    return fail('crash', `${this.name}: ${how} without a state root${last}`);
  }

  private over(failure: ContenderFailure | null): void {
    this.finish(failure);
    this.isOver = true;
    process.off('exit', this.onExit);
  }

  private finish(failure: ContenderFailure | null): void {
    const { settle } = this;
    this.settle = null;
    this.reader = null;
    settle?.(failure);
  }
}
