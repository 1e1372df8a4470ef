/**
 * Files and folders that are there while a command works. Owns that they go when it ends, also by a signal, and that
 * nothing else goes with them.
 */

import { existsSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { makeDirectory } from '../state/readers/lmdb/files.ts';

// Not SIGHUP: to listen for it would undo nohup.
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export class Temporary {
  readonly path: string;
  private readonly onSignal = (signal: (typeof SIGNALS)[number]): void => {
    try {
      this.remove();
    } finally {
      // As a shell tells of a command that a signal ended.
      process.exit(128 + constants.signals[signal]);
    }
  };

  /** @param make makes it under a name that nobody else has, and returns its path; a signal waits until it is there */
  constructor(make: () => string) {
    for (const signal of SIGNALS) process.once(signal, this.onSignal);
    try {
      this.path = make();
    } catch (error) {
      this.ignoreSignals();
      throw error;
    }
  }

  /** Where it has got another name by then, that stays. */
  remove(): void {
    this.ignoreSignals();
    // Threads that still write into a folder make its removal fail at first.
    rmSync(this.path, { recursive: true, force: true, maxRetries: 3 });
  }

  private ignoreSignals(): void {
    for (const signal of SIGNALS) process.off(signal, this.onSignal);
  }
}

/** Gives signals their turn, which they do not have while a command works without a pause. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const MAX_TRIES = 10;

/** Makes a folder with those above it unless it is there; others may be making some of them at the same time. */
export function ensureFolder(path: string): void {
  for (let tries = 1; !existsSync(path); tries++) {
    try {
      makeDirectory(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || tries === MAX_TRIES) throw error;
    }
  }
}
