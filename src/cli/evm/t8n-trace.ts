/**
 * What a transition is watched with: a file for each transaction, of EIP-3155 lines or with the result of a tracer, and
 * counts of opcodes. The files get their names when all is done; what fails leaves none.
 */

import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Message } from '../../machine/message.ts';
import type { Tracer } from '../../machine/tracer.ts';
import { addressToHex } from '../../primitives/address.ts';
import { bytesToHex, toHex32, toQuantity } from '../../primitives/bytes.ts';
import { combine } from '../../tracers/combine.ts';
import { opcodeCountTracer } from '../../tracers/opcode-counts.ts';
import type { ResultTracer } from '../../tracers/result.ts';
import { unreadable } from '../input.ts';
import { Temporary } from '../temporary.ts';
import { goJson } from './json.ts';
import { writeErr } from './output.ts';
import type { TransactionWatch } from './t8n-run.ts';
import type { TracerFactory, WritingTracer } from './trace-flags.ts';

/** What is written to the files of transactions. */
export interface Watched {
  /** Lines of steps; null for none. */
  readonly lines: TracerFactory | null;
  /** Whether each frame begins with a line of its own. */
  readonly callFrames: boolean;
  /** A tracer whose result is written; null for none. */
  readonly named: ResultTracer<unknown> | null;
  readonly folder: string;
}

interface TraceFile {
  readonly temporary: Temporary;
  readonly name: string;
  readonly descriptor: number;
}

/** Sees every step of a transition. */
export class Watch implements TransactionWatch {
  readonly tracer: Tracer;
  private readonly lines: WritingTracer | null;
  private readonly named: ResultTracer<unknown> | null;
  private readonly folder: string;
  private readonly files: TraceFile[] = [];
  private current: TraceFile | null = null;
  private readonly counter = opcodeCountTracer();
  private readonly counts = new Map<string, number>();

  constructor({ lines, callFrames, named, folder }: Watched) {
    this.lines = lines?.((chunk) => this.write(chunk)) ?? null;
    this.named = named;
    this.folder = folder;
    const frames: Tracer = { enter: (message) => this.frame(message) };
    const shown = [...(callFrames ? [frames] : []), ...(this.lines === null ? [] : [this.lines])];
    this.tracer = combine(this.counter, ...shown, ...(named === null ? [] : [named]));
  }

  begin(index: number, hash: bigint): void {
    if (this.lines === null && this.named === null) return;
    const name = join(
      this.folder,
      `trace-${index}-${toHex32(hash)}.${this.named === null ? 'jsonl' : 'json'}`,
    );
    let descriptor = -1;
    try {
      const temporary = new Temporary(() => {
        const path = `${name}.${process.pid}.tmp`;
        descriptor = openSync(path, 'w');
        return path;
      });
      this.current = { temporary, name, descriptor };
    } catch (error) {
      throw unreadable(name, error);
    }
  }

  end(isValid: boolean): void {
    this.lines?.flush();
    if (this.named !== null && isValid) this.writeResult(this.named);
    const file = this.current;
    this.current = null;
    if (file !== null) {
      closeSync(file.descriptor);
      if (isValid) this.files.push(file);
      else file.temporary.remove();
    }
    if (!isValid) return;
    for (const [name, count] of Object.entries(this.counter.result())) {
      this.counts.set(name, (this.counts.get(name) ?? 0) + count);
    }
  }

  /** How often each opcode ran, by name. */
  opcodeCounts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Gives the files their names. */
  keep(): void {
    for (const { temporary, name } of this.files) {
      try {
        renameSync(temporary.path, name);
      } catch (error) {
        throw unreadable(name, error);
      }
    }
  }

  /** Removes what has no name yet. */
  close(): void {
    for (const { temporary } of this.files) temporary.remove();
    if (this.current === null) return;
    closeSync(this.current.descriptor);
    this.current.temporary.remove();
  }

  private writeResult(named: ResultTracer<unknown>): void {
    this.write(Buffer.from(`${goJson(named.result(), 0)}\n`));
    if (named.limitMet !== null) writeErr(`${this.current!.name}: ${named.limitMet}\n`);
  }

  private frame(message: Message): void {
    this.lines?.flush();
    this.write(Buffer.from(`${JSON.stringify(frameJson(message))}\n`));
  }

  private write(chunk: Uint8Array): void {
    const { descriptor, name } = this.current!;
    try {
      for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
    } catch (error) {
      throw unreadable(name, error);
    }
  }
}

const frameJson = ({ caller, codeAddress, input, gas, value, kind }: Message): object => ({
  from: addressToHex(caller),
  to: addressToHex(codeAddress),
  ...(input.length === 0 ? {} : { input: bytesToHex(input) }),
  gas: toQuantity(gas),
  value: toQuantity(value),
  type: kind,
});
