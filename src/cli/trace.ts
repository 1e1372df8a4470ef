/** Traces on standard error, loaded when they are asked for. */

import { writeSync } from 'node:fs';
import { extensionNames } from '../../opcodes/extension.ts';
import type { Precompile } from '../../precompiles/row.ts';
import type { Eip3155Tracer } from '../tracers/eip3155.ts';
import { EXIT } from './exit.ts';
import { unreadable } from './input.ts';
import type { CaseReport } from './run-fixture.ts';

const STANDARD_ERROR = 2;

/** What a trace shows beside the stack. */
export interface TraceOptions {
  readonly traceMemory?: true;
  readonly traceReturnData?: true;
}

/** An EIP-3155 tracer to standard error; its owner flushes it when a case has ended. */
export async function openTracer(
  { traceMemory, traceReturnData }: TraceOptions,
  precompiles: readonly Precompile[] = [],
): Promise<Eip3155Tracer> {
  const { eip3155Tracer } = await import('../tracers/eip3155.ts');
  const memory = traceMemory ?? false;
  const returnData = traceReturnData ?? false;
  return eip3155Tracer({
    write: (chunk) => writeAll(chunk),
    memory,
    returnData,
    opcodes: extensionNames(precompiles),
  });
}

/** A tracer for the cases of fixtures, and what to do after each case: its state root follows its trace. */
export async function openCaseTracer(
  options: TraceOptions,
): Promise<{ tracer: Eip3155Tracer; finish(report: CaseReport): void }> {
  const tracer = await openTracer(options);
  const finish = ({ stateRoot }: CaseReport): void => {
    tracer.flush();
    writeAll(Buffer.from(`{"stateRoot": "${stateRoot}"}\n`));
  };
  return { tracer, finish };
}

const NAMES: Readonly<Record<number, string>> = { 1: 'standard output', 2: 'standard error' };

/**
 * Written at once: a trace can be far longer than what a stream should hold back.
 * @param name of the file, for messages
 * @throws ErbiumError UNREADABLE_FILE naming the file
 */
export function writeAll(
  text: string | Uint8Array,
  file: number = STANDARD_ERROR,
  name: string = NAMES[file] ?? '',
): void {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(file, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A reader that has seen enough, such as `head`, is no failure.
      if (code === 'EPIPE') process.exit(EXIT.OK);
      // A full pipe that does not block: try again.
      if (code !== 'EAGAIN') throw unreadable(name, error);
    }
  }
}
