/** Where the tools write to: files, which appear whole or not at all, pipes and devices, and the standard streams. */

import { join } from 'node:path';
import { writeFiles } from '../write-files.ts';
import { goJson } from './json.ts';
import { writeErr, writeOut } from './output.ts';

/** The outputs of a command, gathered until all of them are known. */
export class Outputs {
  private readonly folder: string;
  private readonly files: (readonly [path: string, content: string])[] = [];
  private readonly streams = { stdout: new Map<string, unknown>(), stderr: new Map<string, unknown>() };

  constructor(folder: string) {
    this.folder = folder;
  }

  /** @param target a file, `stdout`, `stderr`, or nothing */
  add(target: string, part: string, value: unknown): void {
    if (target === 'stdout' || target === 'stderr') this.streams[target].set(part, value);
    else if (target !== '') this.files.push([join(this.folder, target), goJson(value, 1)]);
  }

  /** @throws ErbiumError UNREADABLE_FILE */
  writeFiles(): void {
    writeFiles(this.files, { flush: false });
  }

  writeStreams(): void {
    const { stdout, stderr } = this.streams;
    if (stdout.size > 0) writeOut(`${goJson(Object.fromEntries(stdout))}\n`);
    if (stderr.size > 0) writeErr(`${goJson(Object.fromEntries(stderr))}\n`);
  }
}
