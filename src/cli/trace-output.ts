/** Where `erbium trace` puts results: standard output, or files of a folder. */

import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { unreadable } from './input.ts';
import { ensureFolder } from './temporary.ts';
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
  private readonly files = new Map<string, number>();

  constructor(folder: string) {
    this.folder = folder;
    try {
      ensureFolder(folder);
    } catch (error) {
      throw unreadable(folder, error);
    }
  }

  put(tracers: readonly NamedTracer[], caseId?: string): void {
    for (const tracer of tracers) {
      const path = join(this.folder, `${tracer.name}.${tracer.extension}`);
      try {
        let file = this.files.get(path);
        if (file === undefined) {
          file = openSync(path, 'w');
          this.files.set(path, file);
        }
        write(file, caseId === undefined ? alone(tracer) : object([tracer], caseId));
      } catch (error) {
        throw unreadable(path, error);
      }
    }
  }

  close(): void {
    for (const file of this.files.values()) closeSync(file);
    this.files.clear();
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

function write(file: number, parts: Iterable<string>): void {
  let held: string[] = [];
  let size = 0;
  for (const part of parts) {
    held.push(part);
    size += part.length;
    if (size < CHUNK) continue;
    writeAll(held.join(''), file);
    held = [];
    size = 0;
  }
  writeAll(held.join(''), file);
}
