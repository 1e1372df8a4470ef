/** The trace format `struct` of geth's `evm`: a paragraph for each step. */

import type { Frame } from '../../machine/frame.ts';
import type { Message } from '../../machine/message.ts';
import type { Address } from '../../primitives/address.ts';
import { bytesToHexDigits, hexToBytes, toBytes32 } from '../../primitives/bytes.ts';
import type { WritingTracer } from './trace-flags.ts';
import { type StepLine, TextTracer, type TraceForm } from './trace-text.ts';

/** What a trace shows. */
export interface StructOptions {
  readonly memory: boolean;
  readonly returnData: boolean;
  readonly stack: boolean;
  /** What the transaction has read and written of an account, where it reads and writes. */
  readonly storage: boolean;
}

export function structTracer(
  write: (chunk: Uint8Array) => void,
  { storage, ...shown }: StructOptions,
): WritingTracer {
  return new TextTracer(new StructForm(storage), write, shown);
}

const SLOAD = 0x54;
const SSTORE = 0x55;

class StructForm implements TraceForm {
  private readonly withStorage: boolean;
  private readonly storage = new Map<Address, Map<bigint, bigint>>();
  /** The operands of the step. */
  private key: bigint | undefined;
  private value: bigint | undefined;

  constructor(withStorage: boolean) {
    this.withStorage = withStorage;
  }

  enter({ depth }: Message): string {
    if (depth === 0) this.storage.clear();
    return '';
  }

  step({ stack, sp }: Frame): void {
    this.key = sp >= 1 ? stack[sp - 1] : undefined;
    this.value = sp >= 2 ? stack[sp - 2] : undefined;
  }

  ran(line: StepLine, frame: Frame): string {
    const { opName, pc, gas, gasCost, error, stack, memory, returnData } = line;
    const failure = error === undefined ? '' : ` ERROR: ${error}`;
    const name = opName.padEnd(16);
    const parts = [
      `${name}pc=${`${pc}`.padStart(8, '0')} gas=${BigInt(gas)} cost=${BigInt(gasCost)}${failure}\n`,
    ];
    if (stack !== null && stack.length > 0) {
      const words = stack.toReversed().map((word, depth) => `${`${depth}`.padStart(8, '0')}  ${word}\n`);
      parts.push('Stack:\n', ...words);
    }
    if (memory !== undefined) parts.push('Memory:\n', hexDump(memory));
    const storage = this.withStorage ? this.storageOf(line, frame) : undefined;
    if (storage !== undefined) {
      const slots = [...storage].map(([key, value]) => `${digits(key)}: ${digits(value)}\n`);
      parts.push('Storage:\n', ...slots);
    }
    if (returnData !== undefined) parts.push('ReturnData:\n', hexDump(returnData));
    return `${parts.join('')}\n`;
  }

  /** The paragraph of a step is written before it runs. */
  failed(): string {
    return '';
  }

  exit(): string {
    return '';
  }

  /** What is known of the storage of the account after a step that reads or writes some. */
  private storageOf({ op, error }: StepLine, frame: Frame): ReadonlyMap<bigint, bigint> | undefined {
    const { key } = this;
    // What an SLOAD reads is on the stack once it has run.
    const value = op === SSTORE ? this.value : error === undefined ? frame.stack[frame.sp - 1] : undefined;
    if ((op !== SLOAD && op !== SSTORE) || key === undefined || value === undefined) return undefined;
    let slots = this.storage.get(frame.address);
    if (slots === undefined) this.storage.set(frame.address, (slots = new Map()));
    return slots.set(key, value);
  }
}

const digits = (word: bigint): string => bytesToHexDigits(toBytes32(word));

const ROW = 16;
const HALF = 8;

/** Bytes in rows of 16, in hex and as characters. */
function hexDump(hex: string): string {
  const bytes = hexToBytes(hex);
  let text = '';
  for (let at = 0; at < bytes.length; at += ROW) {
    const row = bytes.subarray(at, at + ROW);
    const pairs = Array.from({ length: ROW }, (_, i) => {
      const pair = i < row.length ? bytesToHexDigits(row.subarray(i, i + 1)) : '  ';
      return i === HALF - 1 || i === ROW - 1 ? `${pair}  ` : `${pair} `;
    });
    const characters = Array.from(row, (byte) =>
      byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : '.',
    );
    text += `${at.toString(16).padStart(8, '0')}  ${pairs.join('')}|${characters.join('')}|\n`;
  }
  return text;
}
