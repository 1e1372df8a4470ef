/** Breakpoints as tests of a position. Each is compiled once; a run asks all of them before every instruction. */

import type { OpRow } from '../../../opcodes/row.ts';
import type { Frame } from '../../machine/frame.ts';
import { isSuccess } from '../../machine/halt.ts';
import type { Message } from '../../machine/message.ts';
import type { FrameEnd } from '../../machine/tracer.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { show, toAddressWord, toWord } from '../../primitives/input.ts';
import { checkFields, demand } from '../request.ts';
import type { Breakpoint, SetBreakpoint } from './api.ts';
import type { Lines } from './lines.ts';
import type { Track } from './track.ts';

/** Of a position, before its instruction. */
type Test = (frame: Frame, track: Track) => boolean;
/** Of the end of a message, which the instruction before has brought about. */
type EndTest = (end: FrameEnd, leaf: Message | null) => boolean;

interface Tests {
  readonly here?: Test;
  readonly end?: EndTest;
}

interface Compiled extends Tests {
  readonly set: SetBreakpoint;
}

/** What breakpoints are compiled against. */
export interface Program {
  /** By opcode byte. */
  readonly rows: readonly (OpRow | undefined)[];
  readonly lines: Lines | null;
}

const NO_HITS: readonly SetBreakpoint[] = [];

export class Breakpoints {
  private readonly program: Program;
  private compiled: readonly Compiled[] = [];
  private lastId = 0;

  constructor(program: Program) {
    this.program = program;
  }

  get list(): readonly SetBreakpoint[] {
    return this.compiled.map(({ set }) => set);
  }

  add(breakpoint: Breakpoint): SetBreakpoint {
    const tests = compile(breakpoint, this.program);
    const set = { id: ++this.lastId, breakpoint: Object.freeze({ ...breakpoint }) };
    this.compiled = [...this.compiled, { ...tests, set }];
    return set;
  }

  remove(id: number): boolean {
    const before = this.compiled;
    this.compiled = before.filter(({ set }) => set.id !== id);
    return this.compiled.length < before.length;
  }

  /** Those that a position is one for. */
  at(frame: Frame, track: Track): readonly SetBreakpoint[] {
    let hits: SetBreakpoint[] | null = null;
    for (const { here, set } of this.compiled) if (here?.(frame, track)) (hits ??= []).push(set);
    return hits ?? NO_HITS;
  }

  /** Those that the instruction before is one for, since a message has ended so. */
  atEnd(end: FrameEnd, leaf: Message | null): readonly SetBreakpoint[] {
    return this.compiled.filter((one) => one.end?.(end, leaf)).map(({ set }) => set);
  }
}

const FIELDS: Readonly<Record<Breakpoint['kind'], readonly string[]>> = {
  pc: ['pc', 'account'],
  opcode: ['opcode'],
  address: ['address'],
  slot: ['account', 'key', 'transient'],
  log: ['topic', 'account'],
  revert: [],
  gas: ['below'],
  line: ['file', 'line'],
};

function compile(breakpoint: Breakpoint, { rows, lines }: Program): Tests {
  const kinds = Object.keys(FIELDS);
  demand(typeof breakpoint === 'object' && breakpoint !== null, 'breakpoint', 'an object');
  demand(kinds.includes(breakpoint.kind), 'breakpoint.kind', `one of ${kinds.join(', ')}`);
  checkFields(breakpoint, `breakpoint ${breakpoint.kind}`, ['kind', ...FIELDS[breakpoint.kind]]);
  switch (breakpoint.kind) {
    case 'pc': {
      const { pc } = breakpoint;
      demand(Number.isSafeInteger(pc) && pc >= 0, 'pc', 'a whole number, 0 or more');
      const isOf = accountTest(breakpoint.account);
      return { here: (frame, track) => frame.pc === pc && isOf(frame, track) };
    }
    case 'opcode':
      return { here: opcodeTest(breakpoint.opcode, rows) };
    case 'address': {
      const address = toAddressWord(breakpoint.address, 'address');
      const isOf = accountTest(address);
      return {
        here: (frame, track) => track.isEntry && isOf(frame, track),
        end: (_end, leaf) => leaf !== null && (leaf.address === address || leaf.codeAddress === address),
      };
    }
    case 'slot': {
      const { transient = false } = breakpoint;
      demand(typeof transient === 'boolean', 'transient', 'true or false');
      const key = breakpoint.key === undefined ? null : toWord(breakpoint.key, 'key');
      const isWrite = opcodeTest(transient ? 'TSTORE' : 'SSTORE', rows);
      const account = breakpoint.account === undefined ? null : toAddressWord(breakpoint.account, 'account');
      return {
        here: (frame, track) =>
          isWrite(frame, track) &&
          frame.sp >= 2 &&
          (key === null || frame.stack[frame.sp - 1] === key) &&
          (account === null || frame.address === account),
      };
    }
    case 'log': {
      const topic = breakpoint.topic === undefined ? null : toWord(breakpoint.topic, 'topic');
      const account = breakpoint.account === undefined ? null : toAddressWord(breakpoint.account, 'account');
      // By opcode byte; -1 for those that log nothing.
      const topics = rows.map((row) => LOGS.indexOf(row?.name ?? ''));
      return {
        here: (frame) => {
          const count = topics[opcodeOf(frame)]!;
          if (count < 0 || (account !== null && frame.address !== account)) return false;
          return topic === null || hasTopic(frame, count, topic);
        },
      };
    }
    case 'revert':
      return { end: ({ halt }) => !isSuccess(halt) };
    case 'gas': {
      const below = Number(toWord(breakpoint.below, 'below'));
      return { here: (_frame, { gasHere, gasBefore }) => gasHere < below && !(gasBefore < below) };
    }
    case 'line': {
      if (lines === null) throw new ErbiumError('INVALID_ARGUMENT', 'breakpoint line: there are no sources');
      const keys = lines.keysOf(breakpoint.file, breakpoint.line);
      return { here: (_frame, track) => track.isLineStart && keys.has(track.line) };
    }
  }
}

/** By the number of their topics. */
const LOGS: readonly string[] = ['LOG0', 'LOG1', 'LOG2', 'LOG3', 'LOG4'];

const opcodeOf = ({ code, pc }: Frame): number => code.padded[pc]!;

function accountTest(input: Parameters<typeof toAddressWord>[0] | undefined): Test {
  if (input === undefined) return () => true;
  const account = toAddressWord(input, 'account');
  return (frame, track) => frame.address === account || track.message.codeAddress === account;
}

function opcodeTest(opcode: string | number, rows: Program['rows']): Test {
  if (typeof opcode === 'number') {
    demand(
      Number.isInteger(opcode) && opcode >= 0 && opcode < 256,
      'opcode',
      'the name of an opcode or a byte',
    );
    return (frame) => opcodeOf(frame) === opcode;
  }
  const name = String(opcode).toUpperCase();
  for (const [byte, row] of rows.entries()) {
    if (row?.name === name) return (frame) => opcodeOf(frame) === byte;
    for (const [second, inner] of row?.behind ?? []) {
      if (inner !== name) continue;
      return ({ code, pc }) => code.padded[pc] === byte && code.padded[pc + 1] === second;
    }
  }
  throw new ErbiumError('INVALID_ARGUMENT', `opcode: no instruction ${show(opcode)} in this fork`);
}

function hasTopic({ stack, sp }: Frame, count: number, topic: bigint): boolean {
  for (let i = 0; i < count && sp >= 3 + i; i++) if (stack[sp - 3 - i] === topic) return true;
  return false;
}
