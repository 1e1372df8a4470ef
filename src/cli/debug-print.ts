/** What scripts and the prompt print of a position, in words and as plain data, and what they compare. */

import type { Instruction } from '../../opcodes/disassemble.ts';
import type { Debugger, StopReason } from '../executor/debug/api.ts';
import { bytesToHex, toQuantity } from '../primitives/bytes.ts';
import { toWord } from '../primitives/input.ts';
import { type ExpectName, numberOf, type PrintName } from './debug-commands.ts';
import { tame } from './debug-text.ts';
import type { View, ViewedBytes } from './debug-view.ts';
import { misused } from './state.ts';

/** Plain data: numbers of the machine are hex with 0x. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

interface Printed {
  readonly text: string;
  readonly value: Json;
}

/** Instructions and source lines before and behind where it stands. */
const AROUND = 5;
/** Bytes of memory, call data or return data that are printed at once unless the script says how many. */
const MOST_BYTES = 4_096;

export const hexPc = (pc: number): string => `0x${pc.toString(16).padStart(4, '0')}`;

/** An instruction as `disasm` has it. */
export const instructionText = ({ name, byte, immediate }: Omit<Instruction, 'truncated'>): string =>
  [name ?? `0x${byte.toString(16).padStart(2, '0')} (undefined)`, immediate].filter(Boolean).join(' ');

/** A place in a source, and its text. */
const sourceText = ({ source }: View): string =>
  source === null ? '' : tame(`${source.file}:${source.line}  ${source.lineText.trim()}`);

/** Where the machine stands, in a line or two. */
export function place(view: View): Printed {
  const { position, frame, instruction, source, operands, stack, result } = view;
  if (frame === null || instruction === null) {
    const status = result?.status ?? null;
    return {
      text: `${position}  the end: ${tame(status === 'success' ? 'success' : `${status}: ${result?.reason}`)}`,
      value: { step: position, end: true, status, reason: result?.reason ?? null },
    };
  }
  const words = operands.map((name, i) => [name, toQuantity(stack[i] ?? 0n)] as const);
  const named = words.map(([name, word]) => `${name} ${word}`).join(', ');
  const line = `${position}  ${hexPc(frame.pc)} ${instructionText(instruction)}${named && `  (${named})`}`;
  const where = `  depth ${frame.depth}  gas ${frame.gas}`;
  return {
    text: `${line}${where}${source === null ? '' : `\n  ${sourceText(view)}`}`,
    value: {
      step: position,
      pc: frame.pc,
      op: instruction.name ?? null,
      immediate: instruction.immediate ?? null,
      operands: Object.fromEntries(words),
      depth: frame.depth,
      gas: toQuantity(frame.gas),
      address: frame.address,
      source: source === null ? null : `${source.file}:${source.line}`,
    },
  };
}

export function printed(what: PrintName, words: readonly string[], view: View, made: Debugger): Printed {
  switch (what) {
    case 'state':
      return place(view);
    case 'stack': {
      const value = view.stack.map(toQuantity);
      const lines = value.map((word, i) => `${i}  ${word}${view.operands[i] ? `  ${view.operands[i]}` : ''}`);
      return { text: lines.join('\n') || 'the stack is empty', value };
    }
    case 'memory':
      return bytesOf(view.memory, words, 'memory');
    case 'input':
      return bytesOf(view.input, words, 'call data');
    case 'return':
      return bytesOf(view.returnData, words, 'return data');
    case 'storage': {
      const address = words[0] ?? view.frame?.address;
      if (address === undefined) throw misused('print storage: which account? None runs at the end');
      const slots = made.slots(address).map(({ key, value, original, warm }) => ({
        key: toQuantity(key),
        value: toQuantity(value),
        original: toQuantity(original),
        warm,
      }));
      const lines = slots.map(
        ({ key, value, original }) => `${key} = ${value}${value === original ? '' : `  (was ${original})`}`,
      );
      return { text: lines.join('\n') || 'no slot was looked at', value: slots };
    }
    case 'transient': {
      const slots = view.transient.map(({ key, value }) => ({
        key: toQuantity(key),
        value: toQuantity(value),
      }));
      const lines = slots.map(({ key, value }) => `${key} = ${value}`);
      return { text: lines.join('\n') || 'transient storage is empty', value: slots };
    }
    case 'calls': {
      const value = view.frames.map(({ kind, address, codeAddress, pc, gas, depth }) => ({
        depth,
        kind,
        address,
        codeAddress,
        pc,
        gas: toQuantity(gas),
      }));
      const lines = value.map((one) => {
        const code = one.codeAddress === one.address ? '' : ` with code of ${one.codeAddress}`;
        return `${one.depth}  ${one.kind} ${one.address}${code}  pc ${hexPc(one.pc)}  gas ${BigInt(one.gas)}`;
      });
      return { text: lines.join('\n') || 'there are no calls at the end', value };
    }
    case 'code': {
      const around = view.code.slice(Math.max(0, view.at - AROUND), view.at + AROUND + 1);
      const lines = around.map((one) => {
        return `${one.pc === view.frame?.pc ? '>' : ' '} ${hexPc(one.pc)}  ${instructionText(one)}`;
      });
      return {
        text: lines.join('\n') || 'there is no code here',
        value: around.map((one) => ({ pc: one.pc, text: instructionText(one) })),
      };
    }
    case 'source':
      return sourceAround(view);
    case 'logs': {
      const value = view.logs.map(({ address, topics, data }) => ({ address, topics, data }));
      const lines = value.map(({ address, topics, data }) => `${address} ${[...topics, data].join(' ')}`);
      return { text: lines.join('\n') || 'no logs', value };
    }
    case 'result': {
      const { result } = view;
      if (result === null) return { text: 'it has not come to its end', value: null };
      const { status, reason, output, gasUsed } = result;
      return {
        text: [`status ${status}: ${tame(reason)}`, `gas ${gasUsed}`, `output ${output}`].join('\n'),
        value: { status, reason, output, gasUsed: toQuantity(gasUsed) },
      };
    }
  }
}

function sourceAround({ source, sourceProblem }: View): Printed {
  if (source === null) return { text: tame(sourceProblem ?? 'there is no code at the end'), value: null };
  const { file, line, lines, first } = source;
  const from = Math.max(0, line - first - AROUND);
  const around = lines.slice(from, line - first + AROUND + 1).map((text, i) => {
    const number = first + from + i;
    return `${number === line ? '>' : ' '} ${String(number).padStart(4)}  ${tame(text)}`;
  });
  return { text: [tame(`${file}:${line}`), ...around].join('\n'), value: { file, line } };
}

function bytesOf(bytes: ViewedBytes, [from, count]: readonly string[], name: string): Printed {
  const offset = from === undefined ? 0 : numberOf(from, name);
  const size = count === undefined ? MOST_BYTES : numberOf(count, name);
  const part = bytes.read(offset, size);
  const lines: string[] = [];
  for (let at = 0; at < part.length; at += 32) {
    lines.push(`${hexPc(offset + at)}  ${bytesToHex(part.subarray(at, at + 32)).slice(2)}`);
  }
  const left = bytes.size - offset - part.length;
  if (left > 0 && count === undefined) lines.push(`and ${left} bytes more`);
  return {
    text: lines.join('\n') || `no ${name} here`,
    value: { size: bytes.size, offset, bytes: bytesToHex(part) },
  };
}

/** How the last move ended, and what was said of it. */
export interface LastStop {
  readonly kind: StopReason['kind'];
  readonly text: string;
}

/** Null where what is expected is so, otherwise what is instead. */
export function check(
  what: ExpectName,
  at: string | undefined,
  wanted: string,
  view: View,
  made: Debugger,
  last: LastStop,
): string | null {
  const { frame, instruction, source, result } = view;
  const label = `expect ${what}${at === undefined ? '' : ` ${at}`}`;
  const failed = (got: string): string => `${label} ${wanted}: it is ${got}`;
  const sameWord = (got: bigint | number | undefined): string | null => {
    if (got === undefined) return failed('nothing');
    return BigInt(got) === toWord(wanted, label) ? null : failed(shown(BigInt(got)));
  };
  const sameText = (got: string | undefined): string | null =>
    got !== undefined && got.toLowerCase() === wanted.toLowerCase() ? null : failed(got ?? 'nothing');
  const account = (): string => {
    if (frame === null) throw misused(`expect ${what}: nothing runs at the end`);
    return frame.address;
  };
  switch (what) {
    case 'step':
      return sameWord(view.position);
    case 'pc':
      return sameWord(frame?.pc);
    case 'depth':
      return sameWord(frame?.depth);
    case 'gas':
      return sameWord(frame?.gas);
    case 'op':
      return sameText(instruction?.name);
    case 'address':
      return sameText(frame?.address);
    case 'stack':
      return sameWord(view.stack[numberOf(at, label)]);
    case 'memory': {
      const hex = wanted.toLowerCase();
      const size = Math.max(0, (hex.length - 2) >> 1);
      const got = bytesToHex(view.memory.read(numberOf(at, label), size));
      return got === hex ? null : failed(got);
    }
    case 'storage':
      return sameWord(made.storage(account(), at!));
    case 'transient': {
      const key = toWord(at!, label);
      return sameWord(made.transient(account()).find((slot) => slot.key === key)?.value ?? 0n);
    }
    case 'line': {
      const got = source === null ? undefined : `${source.file}:${source.line}`;
      return got === wanted || got?.endsWith(`/${wanted}`) ? null : failed(got ?? 'no source line');
    }
    case 'status':
      return sameText(result?.status);
    case 'reason': {
      const got = result?.reason ?? last.text;
      return got.includes(wanted) ? null : failed(tame(got));
    }
    case 'stop':
      return sameText(last.kind);
  }
}

const shown = (value: bigint): string => (value < 10n ? String(value) : `${value} (${toQuantity(value)})`);
