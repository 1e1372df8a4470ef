/** A command of the user's that says which cases matter: those for whose file it ends with 0, as C-Reduce has it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ErbiumError } from '../primitives/errors.ts';
import { splitCommand } from './fuzz-external.ts';
import { writeFiles } from './write-files.ts';

export class CommandCheck {
  private readonly command: string;
  private readonly words: readonly string[];
  private readonly patience: number;
  private readonly folder: string;
  private child: ChildProcess | null = null;
  private readonly onExit = (): void => this.close();

  /**
   * @param command split at spaces, with quotes as in a shell and nothing else of one; `{}` stands for the file
   * @param patience milliseconds for a case
   * @throws ErbiumError INVALID_ARGUMENT where the command is empty, has an open quote or no `{}`
   */
  constructor(command: string, patience: number) {
    this.command = command;
    this.words = splitCommand(command);
    this.patience = patience;
    if (!this.words.some((word) => word.includes('{}'))) {
      throw new ErbiumError(
        'INVALID_ARGUMENT',
        `${command}: the command needs {} where the file of the case goes`,
      );
    }
    this.folder = mkdtempSync(join(tmpdir(), 'erbium-min-'));
    process.once('exit', this.onExit);
  }

  /**
   * @param text of the file of a case
   * @returns null where it ended with 0, otherwise how it ended
   * @throws ErbiumError UNREADABLE_FILE where it cannot be started, or the file not be written
   */
  async run(text: string): Promise<string | null> {
    const file = join(this.folder, 'case.json');
    writeFiles([[file, text]], { flush: false });
    const words = this.words.map((word) => word.replaceAll('{}', file));
    // In a group of its own, so that what it starts ends with it.
    const child = spawn(words[0]!, words.slice(1), { stdio: 'ignore', detached: true, windowsHide: true });
    this.child = child;
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.stop();
    }, this.patience);
    try {
      const { code, signal } = await ended(child, this.command);
      if (code === 0) return null;
      if (isLate) return `no answer within ${this.patience} ms`;
      return signal === null ? `ends with ${code}` : `was ended by ${signal}`;
    } finally {
      clearTimeout(timer);
      this.child = null;
    }
  }

  /** Ends what runs. */
  stop(): void {
    const { child } = this;
    if (child?.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // No group, as on Windows, or gone already.
      child.kill('SIGKILL');
    }
  }

  close(): void {
    this.stop();
    process.off('exit', this.onExit);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function ended(
  child: ChildProcess,
  command: string,
): Promise<{ code: number | null; signal: string | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new ErbiumError('UNREADABLE_FILE', `${command}: cannot be started: ${error.message}`)),
    );
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}
