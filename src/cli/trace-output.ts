/** Where `erbium trace` puts results: standard output, or files of a folder. */

import { randomBytes } from 'node:crypto';
import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ErbiumError } from '../primitives/errors.ts';
import { unreadable } from './input.ts';
import { ensureFolder, Temporary } from './temporary.ts';
import { writeAll } from './trace.ts';
import type { NamedTracer } from './trace-tracers.ts';

const STANDARD_OUTPUT = 1;
/** Written at once. */
const CHUNK = 2 ** 16;

export interface TraceOutput {
  /** Results of a run; of one of several runs with the name of its case. */
  put(tracers: readonly NamedTracer[], caseId?: string): void;
  close(): void;
}

/**
 * @param folder for a file a tracer; standard output where it is undefined
 * @throws ErbiumError UNREADABLE_FILE
 */
export const openOutput = (folder: string | undefined): TraceOutput =>
  folder === undefined ? new Printed() : new Files(folder);

/** One result as it is; several as one object a line, in which what is no JSON is a string. */
class Printed implements TraceOutput {
  private isListed = false;

  put(tracers: readonly NamedTracer[], caseId?: string): void {
    if (tracers.length === 0) return;
    this.isListed ||= tracers.length > 1 || caseId !== undefined;
    write(STANDARD_OUTPUT, this.isListed ? object(tracers, caseId) : alone(tracers[0]!));
  }

  close(): void {}
}

class Files implements TraceOutput {
  private readonly folder: string;
  /** Of runs that come one after the other, open. */
  private readonly files = new Map<string, number>();

  constructor(folder: string) {
    this.folder = folder;
    if (folder === '') throw new ErbiumError('INVALID_ARGUMENT', '--out: expected the name of a folder');
    named(folder, () => ensureFolder(folder));
  }

  put(tracers: readonly NamedTracer[], caseId?: string): void {
    for (const tracer of tracers) {
      const path = join(this.folder, `${tracer.name}.${tracer.extension}`);
      named(path, () => {
        if (caseId === undefined) writeWhole(path, alone(tracer));
        else write(this.opened(path), object([tracer], caseId), path);
      });
    }
  }

  private opened(path: string): number {
    let file = this.files.get(path);
    if (file === undefined) {
      file = openSync(path, 'w');
      this.files.set(path, file);
    }
    return file;
  }

  close(): void {
    for (const file of this.files.values()) closeSync(file);
    this.files.clear();
  }
}

/** What was there before stays until all is written. */
function writeWhole(path: string, parts: Iterable<string>): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ErbiumError('UNREADABLE_FILE', `${path}: is a folder`);
  }
  const temporary = new Temporary(() => `${path}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = openSync(temporary.path, 'wx');
    try {
      write(file, parts, path);
    } finally {
      closeSync(file);
    }
    renameSync(temporary.path, path);
  } finally {
    temporary.remove();
  }
}

function named<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ErbiumError ? error : unreadable(path, error);
  }
}

function* alone(tracer: NamedTracer): Iterable<string> {
  yield* tracer.text();
  if (tracer.extension === 'json') yield '\n';
}

function* object(tracers: readonly NamedTracer[], caseId: string | undefined): Iterable<string> {
  let separator = '{';
  if (caseId !== undefined) {
    yield `{"case":${JSON.stringify(caseId)}`;
    separator = ',';
  }
  for (const tracer of tracers) {
    yield `${separator}${JSON.stringify(tracer.name)}:`;
    separator = ',';
    if (tracer.extension === 'json') yield* tracer.text();
    else yield JSON.stringify([...tracer.text()].join(''));
  }
  yield '}\n';
}

function write(file: number, parts: Iterable<string>, name?: string): void {
  let held: string[] = [];
  let size = 0;
  for (const part of parts) {
    held.push(part);
    size += part.length;
    if (size < CHUNK) continue;
    writeAll(held.join(''), file, name);
    held = [];
    size = 0;
  }
  writeAll(held.join(''), file, name);
}
