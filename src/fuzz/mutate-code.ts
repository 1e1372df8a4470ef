/**
 * Changes of bytecode, instruction by instruction. Jumps keep their targets: where bytes come or go, the constants of
 * jumps behind them are moved along, most of the time.
 */

import { opTableOf } from '../../opcodes/optable.ts';
import { Flag, type OpRow } from '../../opcodes/row.ts';
import type { ForkName } from '../forks/fork.ts';
import { rulesOf } from '../forks/rules.ts';
import { bytesToBigInt, EMPTY_BYTES, writeWord } from '../primitives/bytes.ts';
import { Assembly, pushOf } from './generate/assembly.ts';
import { OP } from './generate/op.ts';
import type { Random } from './random.ts';
import { copyOf, zeroBytes } from './slab.ts';

const { JUMPDEST, JUMP, JUMPI, PUSH0, PUSH32 } = OP;

/** Code never grows beyond this, unless it was longer before: it is the limit of deployed code from EIP-170 on. */
export const MOST_CODE = 24_576;
/** Most instructions that one change moves. */
const MOST_RANGE = 24;
/** Once in so many changes, jumps are left to point where they did. */
const KEEP_JUMPS_ONE_IN = 8;
/** Once in so many ranges, boundaries of instructions count for nothing. */
const ANY_BYTE_ONE_IN = 12;

/** Bytes of the constant behind an opcode byte. */
const constantSize = (byte: number): number => (byte > PUSH0 && byte <= PUSH32 ? byte - PUSH0 : 0);

/** Where the instructions of one code begin. It is read into the same memory again and again: codes are many. */
export class Layout {
  /** The first `count` count. */
  starts = new Uint32Array(2_048);
  count = 0;

  /** @returns itself */
  read(code: Uint8Array): this {
    if (this.starts.length < code.length) this.starts = new Uint32Array(2 * code.length);
    const { starts } = this;
    let count = 0;
    for (let at = 0; at < code.length; count++) {
      starts[count] = at;
      const byte = code[at]!;
      at += byte > PUSH0 && byte <= PUSH32 ? byte - PUSH0 + 1 : 1;
    }
    this.count = count;
    return this;
  }
}

const own = new Layout();
const others = new Layout();

/** The word behind the PUSH at a place; bytes beyond the code count as zeros. */
export function constantAt(code: Uint8Array, at: number): bigint {
  const end = at + 1 + constantSize(code[at]!);
  const missing = Math.max(0, end - code.length);
  return bytesToBigInt(code.subarray(at + 1, end)) << BigInt(8 * missing);
}

/** The low 32 bits of the constant of a whole PUSH. */
function lowBits(code: Uint8Array, at: number): number {
  const end = at + 1 + constantSize(code[at]!);
  let low = 0;
  for (let i = Math.max(at + 1, end - 4); i < end; i++) low = (low << 8) | code[i]!;
  return low >>> 0;
}

const WORD = new Uint8Array(32);
const WORD_VIEW = new DataView(WORD.buffer);

/** Writes the low bytes of a value into the constant of a PUSH. */
function setConstant(code: Uint8Array, at: number, value: bigint): void {
  writeWord(WORD_VIEW, 0, BigInt.asUintN(256, value));
  const size = constantSize(code[at]!);
  for (let i = 1; i <= size && at + i < code.length; i++) code[at + i] = WORD[32 - size + i - 1]!;
}

/** `code` with the bytes from `from` to `to` replaced; jumps to what lies behind are moved with it. */
function replaceRange(
  random: Random,
  code: Uint8Array,
  from: number,
  to: number,
  content: Uint8Array,
): Uint8Array {
  const by = content.length - (to - from);
  const changed = zeroBytes(code.length + by);
  changed.set(code.subarray(0, from));
  changed.set(content, from);
  changed.set(code.subarray(to), to + by);
  if (by === 0 || random.oneIn(KEEP_JUMPS_ONE_IN)) return changed;
  for (let at = 0; at < code.length; ) {
    const size = constantSize(code[at]!);
    const next = at + 1 + size;
    // Of three and more bytes no assembler makes a target.
    if ((size === 1 || size === 2) && (code[next] === JUMP || code[next] === JUMPI)) {
      const target = lowBits(code, at);
      const place = next <= from ? at : at >= to ? at + by : -1;
      if (place >= 0 && target >= to && code[target] === JUMPDEST) {
        let moved = target + by;
        for (let i = place + size; i > place; i--, moved >>>= 8) changed[i] = moved;
      }
    }
    at = next;
  }
  return changed;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Some instructions in a row. */
function rangeOf(random: Random, code: Uint8Array, { starts, count }: Layout): Range {
  const { length } = code;
  if (random.oneIn(ANY_BYTE_ONE_IN)) {
    const from = random.below(length + 1);
    return { from, to: Math.min(length, from + random.below(MOST_RANGE)) };
  }
  const first = random.below(count + 1);
  const last = first + random.between(1, random.oneIn(3) ? MOST_RANGE : 4);
  return { from: first < count ? starts[first]! : length, to: last < count ? starts[last]! : length };
}

/** A place between two instructions. */
const placeIn = (random: Random, code: Uint8Array, layout: Layout): number =>
  rangeOf(random, code, layout).from;

/** What changes of code draw on. */
export interface CodeSource {
  readonly fork: ForkName;
  readonly dictionary: readonly bigint[];
  /** Code to take parts from. */
  readonly other: Uint8Array;
}

type Change = (random: Random, code: Uint8Array, source: CodeSource) => Uint8Array;

/** The instructions of a fork without constants, by what they do to the height of the stack. */
interface Alike {
  readonly groups: readonly (readonly OpRow[])[];
  /** The group of an instruction, by its byte. */
  readonly groupOf: readonly (readonly OpRow[] | undefined)[];
}

const known = new Map<ForkName, Alike>();

const isPlain = (row: OpRow): boolean =>
  row.immediate === 0 && (row.flags & (Flag.JUMPS | Flag.TERMINATES)) === 0 && row.byte !== JUMPDEST;

function alikeOf(fork: ForkName): Alike {
  let alike = known.get(fork);
  if (alike === undefined) {
    const byEffect = new Map<string, OpRow[]>();
    const groupOf = opTableOf(rulesOf(fork)).rows.map((row) => {
      if (row === undefined || !isPlain(row)) return undefined;
      const effect = `${row.takes} ${row.gives}`;
      const group = byEffect.get(effect) ?? [];
      group.push(row);
      byEffect.set(effect, group);
      return group;
    });
    known.set(fork, (alike = { groups: [...byEffect.values()], groupOf }));
  }
  return alike;
}

/** Another instruction of the same effect on the stack. */
function changeOpcode(random: Random, code: Uint8Array, { fork }: CodeSource): Uint8Array {
  const { groupOf } = alikeOf(fork);
  const { starts, count } = own.read(code);
  const copy = copyOf(code);
  // Not every instruction has another like it.
  for (let attempt = 0; attempt < 8; attempt++) {
    const at = starts[random.below(count)]!;
    const group = groupOf[code[at]!];
    if (group === undefined || group.length < 2) continue;
    copy[at] = random.pick(group).byte;
    return copy;
  }
  return copy;
}

/** Where some PUSH of a code begins, of those that `isMeant`, or -1. PUSHes without all of their bytes do not count. */
function somePush(random: Random, code: Uint8Array, isMeant: (at: number) => boolean): number {
  const { starts, count } = own.read(code);
  let found = 0;
  for (let i = 0; i < count; i++) {
    const at = starts[i]!;
    const size = constantSize(code[at]!);
    // Those that are found take the places of the first ones, which have been looked at.
    if (size > 0 && at + size < code.length && isMeant(at)) starts[found++] = at;
  }
  return found === 0 ? -1 : starts[random.below(found)]!;
}

const anyPush = (): boolean => true;

function changeOperand(random: Random, code: Uint8Array, { dictionary }: CodeSource): Uint8Array {
  const at = somePush(random, code, anyPush);
  if (at < 0) return code;
  const size = constantSize(code[at]!);
  const choice = random.below(5);
  if (choice > 2) {
    const word = dictionary.length === 0 ? random.bits(8 * size) : random.pick(dictionary);
    if (word >> BigInt(8 * size) !== 0n) return replaceRange(random, code, at, at + 1 + size, pushOf(word));
    const copy = copyOf(code);
    setConstant(copy, at, word);
    return copy;
  }
  const copy = copyOf(code);
  if (choice === 2) {
    const bit = random.below(8 * size);
    copy[at + size - (bit >> 3)]! ^= 1 << (bit & 7);
  } else {
    setConstant(copy, at, constantAt(code, at) + (choice === 0 ? 1n : -1n));
  }
  return copy;
}

const spliced: Change = (random, code, { other }) => {
  if (other.length === 0) return code;
  const { from, to } = rangeOf(random, other, others.read(other));
  const at = placeIn(random, code, own.read(code));
  return replaceRange(random, code, at, at, other.subarray(from, to));
};

const deleted: Change = (random, code) => {
  const { from, to } = rangeOf(random, code, own.read(code));
  return replaceRange(random, code, from, to, EMPTY_BYTES);
};

const duplicated: Change = (random, code) => {
  const layout = own.read(code);
  const { from, to } = rangeOf(random, code, layout);
  const at = random.oneIn(2) ? to : placeIn(random, code, layout);
  return replaceRange(random, code, at, at, code.subarray(from, to));
};

/** An instruction with operands of its own, whose results stay on the stack. */
const inserted: Change = (random, code, { fork, dictionary }) => {
  const row = random.pick(random.pick(alikeOf(fork).groups));
  const instructions = Assembly.begin();
  for (let left = random.oneIn(8) ? 0 : Math.min(row.takes, 7); left > 0; left--) {
    if (dictionary.length === 0 || random.oneIn(2)) instructions.push(random.below(70));
    else instructions.pushWord(random.pick(dictionary));
  }
  instructions.byte(row.byte);
  const content = instructions.finish();
  const at = placeIn(random, code, own.read(code));
  return replaceRange(random, code, at, at, content);
};

const flipped: Change = (random, code) => {
  const copy = copyOf(code);
  copy[random.below(copy.length)]! ^= 1 << random.below(8);
  return copy;
};

/** Each as often as it is likely. */
const CHANGES: readonly Change[] = (
  [
    [6, changeOperand],
    [4, changeOpcode],
    [3, inserted],
    [3, spliced],
    [3, deleted],
    [2, duplicated],
    [1, flipped],
  ] as const
).flatMap(([weight, change]) => new Array<Change>(weight).fill(change));

/** One change of a code; the argument stays as it is. Empty code may become code. */
export function mutateCode(random: Random, code: Uint8Array, source: CodeSource): Uint8Array {
  const change = code.length === 0 ? inserted : random.pick(CHANGES);
  const changed = change(random, code, source);
  return changed.length > Math.max(MOST_CODE, code.length) ? code : changed;
}

/** Another account where the code names one. */
export function swapAddress(random: Random, code: Uint8Array, addresses: readonly bigint[]): Uint8Array {
  const low = addresses.map((address) => Number(BigInt.asUintN(32, address)));
  // Most constants differ in their low bits already, for which nothing is allocated.
  const at = somePush(
    random,
    code,
    (place) => low.includes(lowBits(code, place)) && addresses.includes(constantAt(code, place)),
  );
  if (at < 0) return code;
  const size = constantSize(code[at]!);
  return replaceRange(random, code, at, at + 1 + size, pushOf(random.pick(addresses)));
}
