/**
 * What a transition is watched with: a file of EIP-3155 lines for each transaction, and counts of opcodes. The files get
 * their names when all is done; what fails leaves none.
 */

import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type OpTable, opTableOf } from '../../../opcodes/optable.ts';
import type { Rules } from '../../forks/rules.ts';
import type { Frame } from '../../machine/frame.ts';
import type { Halt } from '../../machine/halt.ts';
import type { Message } from '../../machine/message.ts';
import type { FrameEnd } from '../../machine/tracer.ts';
import { addressToHex } from '../../primitives/address.ts';
import { bytesToHex, toHex32, toQuantity } from '../../primitives/bytes.ts';
import type { Eip3155Tracer } from '../../tracers/eip3155.ts';
import { unreadable } from '../input.ts';
import { Temporary } from '../temporary.ts';
import type { TracerFactory } from './case.ts';
import type { TransactionTracer } from './t8n-run.ts';

interface TraceFile {
  readonly temporary: Temporary;
  readonly name: string;
  readonly descriptor: number;
}

/** Sees every step of a transition. */
export class Watch implements TransactionTracer {
  private readonly lines: Eip3155Tracer | null;
  private readonly callFrames: boolean;
  private readonly folder: string;
  private readonly files: TraceFile[] = [];
  private current: TraceFile | null = null;
  private readonly counted = new Uint32Array(256);
  private readonly counts = new Map<string, number>();
  private table: OpTable | null = null;

  /**
   * @param factory null where opcodes are counted only
   * @param callFrames whether each frame begins with a line
   */
  constructor(factory: TracerFactory | null, callFrames: boolean, folder: string) {
    this.lines = factory === null ? null : factory((chunk) => this.write(chunk));
    this.callFrames = callFrames;
    this.folder = folder;
  }

  begin(index: number, hash: bigint, rules: Rules): void {
    this.table ??= opTableOf(rules);
    this.counted.fill(0);
    if (this.lines === null) return;
    const name = join(this.folder, `trace-${index}-${toHex32(hash)}.jsonl`);
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
    const file = this.current;
    this.current = null;
    if (file !== null) {
      closeSync(file.descriptor);
      if (isValid) this.files.push(file);
      else file.temporary.remove();
    }
    if (!isValid) return;
    for (const [byte, count] of this.counted.entries()) {
      if (count === 0) continue;
      const name = this.table!.rows[byte]?.name ?? `opcode 0x${byte.toString(16)} not defined`;
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

  enter(message: Message): void {
    if (this.lines === null) return;
    if (this.callFrames) {
      this.lines.flush();
      this.write(Buffer.from(`${JSON.stringify(frameJson(message))}\n`));
    }
    this.lines.enter(message);
  }

  resume(frame: Frame): void {
    this.lines?.resume(frame);
  }

  step(frame: Frame, opcode: number): void {
    this.counted[opcode]!++;
    this.lines?.step(frame, opcode);
  }

  stepEnd(frame: Frame, opcode: number, pc: number, gas: number, cost: number, halt: Halt): void {
    this.lines?.stepEnd(frame, opcode, pc, gas, cost, halt);
  }

  exit(end: FrameEnd): void {
    this.lines?.exit(end);
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
