/**
 * What a campaign leaves on the disk: findings, and the cases that reached something new, each file whole. A disk that
 * takes nothing ends no campaign: findings then go into their events, and cases are tried again at the end.
 */

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FuzzCase } from '../fuzz/case.ts';
import { CaseRunner } from '../fuzz/execute.ts';
import { bytesToHexDigits } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { keccak256 } from '../primitives/keccak.ts';
import { textOf } from './fuzz-check.ts';
import type { Finding } from './fuzz-job.ts';
import type { FuzzLine } from './fuzz-line.ts';
import { unreadable } from './input.ts';
import { ensureFolder } from './temporary.ts';
import { writeFiles } from './write-files.ts';

const utf8 = new TextEncoder();

/** The name of a case's file: the same for equal cases. */
export const idOf = (text: string): string => bytesToHexDigits(keccak256(utf8.encode(text))).slice(0, 12);

/** A folder to write into, made if it is not there. */
function openFolder(path: string): void {
  try {
    ensureFolder(path);
    if (statSync(path).isDirectory()) return;
  } catch (error) {
    throw unreadable(path, error);
  }
  throw new ErbiumError('UNREADABLE_FILE', `${path}: is no folder`);
}

/** Why it cannot be written; null where it was. */
function problemOf(write: () => void): string | null {
  try {
    write();
    return null;
  } catch (error) {
    if (error instanceof ErbiumError) return error.message;
    throw error;
  }
}

export class FuzzStore {
  private readonly out: string;
  private readonly corpus: string | undefined;
  private readonly line: FuzzLine;
  private readonly runner = new CaseRunner();
  private readonly unkept: FuzzCase[] = [];

  /**
   * @param out where findings go; it is made for the first
   * @param corpus where cases go; undefined for nowhere
   * @throws ErbiumError UNREADABLE_FILE where one of the two cannot be a folder
   */
  constructor(out: string, corpus: string | undefined, line: FuzzLine) {
    this.out = out;
    this.corpus = corpus;
    this.line = line;
    if (existsSync(out)) openFolder(out);
    if (corpus !== undefined) openFolder(corpus);
  }

  /** Writes a finding, and says that there is one. */
  finding({ cause, text, account, note }: Finding): void {
    const id = idOf(text);
    const file = join(this.out, `${id}.json`);
    const command = `erbium fuzz replay ${file}`;
    const problem = problemOf(() => {
      openFolder(this.out);
      writeFiles([
        [file, text],
        [join(this.out, `${id}.txt`), `${account}\nRun it again: ${command}\n`],
      ]);
    });
    const event = { event: 'finding', id, cause, ...(note === undefined ? {} : { note }) };
    if (problem === null) this.line.say({ ...event, file, command });
    else this.line.say({ ...event, problem, test: JSON.stringify(JSON.parse(text)) });
  }

  /** One file for each case; what is there already has the same name. */
  keep(cases: readonly FuzzCase[]): void {
    for (const fuzzCase of cases) {
      const problem = this.write(fuzzCase);
      if (problem === null) continue;
      if (this.unkept.length === 0) this.line.say({ event: 'trouble', what: `not kept: ${problem}` });
      this.unkept.push(fuzzCase);
    }
  }

  /**
   * Tries again what could not be written, and says how much of it still cannot.
   * @returns whether all is there
   */
  close(): boolean {
    const problems = this.unkept.map((fuzzCase) => this.write(fuzzCase)).filter((what) => what !== null);
    if (problems.length === 0) return true;
    const what = `${this.corpus}: ${problems.length} cases are not kept; the first is ${problems[0]}`;
    this.line.say({ event: 'trouble', what });
    return false;
  }

  private write(fuzzCase: FuzzCase): string | null {
    return problemOf(() => {
      const text = textOf(fuzzCase, 'kept', this.runner);
      // A file that the machine loses when it fails costs nothing that another run does not find again.
      writeFiles([[join(this.corpus!, `${idOf(text)}.json`), text]], { flush: false });
    });
  }
}
