/**
 * Changes of bytecode, instruction by instruction. Jumps keep their targets: where bytes come or go, the constants of
 * jumps behind them are moved along, most of the time.
 */

import { opTableOf } from '../../opcodes/optable.ts';
import { Flag, type OpRow } from '../../opcodes/row.ts';
import type { ForkName } from '../forks/fork.ts';
import { rulesOf } from '../forks/rules.ts';
import { bytesToBigInt, concatBytes, toBytes32 } from '../primitives/bytes.ts';
import { pushOf } from './generate/assembly.ts';
import type { Random } from './random.ts';

const JUMPDEST = 0x5b;
const JUMP = 0x56;
const JUMPI = 0x57;
const PUSH0 = 0x5f;
const PUSH32 = 0x7f;

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

/** Where instructions begin. */
export function boundaries(code: Uint8Array): number[] {
  const starts: number[] = [];
  for (let at = 0; at < code.length; at += 1 + constantSize(code[at]!)) starts.push(at);
  return starts;
}

/** Where PUSHes with a constant begin. */
const pushesOf = (code: Uint8Array): number[] =>
  boundaries(code).filter((at) => constantSize(code[at]!) > 0 && at + constantSize(code[at]!) < code.length);

/** The word behind the PUSH at a place; bytes beyond the code count as zeros. */
export function constantAt(code: Uint8Array, at: number): bigint {
  const end = at + 1 + constantSize(code[at]!);
  const missing = Math.max(0, end - code.length);
  return bytesToBigInt(code.subarray(at + 1, end)) << BigInt(8 * missing);
}

/** Writes the low bytes of a value into the constant of a PUSH. */
function setConstant(code: Uint8Array, at: number, value: bigint): void {
  const size = constantSize(code[at]!);
  const word = toBytes32(BigInt.asUintN(256, value)).subarray(32 - size);
  code.set(word.subarray(0, Math.max(0, code.length - at - 1)), at + 1);
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
  const head = code.slice(0, from);
  const tail = code.slice(to);
  if (by !== 0 && !random.oneIn(KEEP_JUMPS_ONE_IN)) {
    for (const at of pushesOf(code)) {
      const next = code[at + 1 + constantSize(code[at]!)];
      if (next !== JUMP && next !== JUMPI) continue;
      const target = constantAt(code, at);
      if (target < BigInt(to) || code[Number(target)] !== JUMPDEST) continue;
      const moved = target + BigInt(by);
      if (at + 1 + constantSize(code[at]!) <= from) setConstant(head, at, moved);
      else if (at >= to) setConstant(tail, at - to, moved);
    }
  }
  return concatBytes(head, content, tail);
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Some instructions in a row. */
function rangeOf(random: Random, code: Uint8Array): Range {
  if (random.oneIn(ANY_BYTE_ONE_IN)) {
    const from = random.below(code.length + 1);
    return { from, to: Math.min(code.length, from + random.below(MOST_RANGE)) };
  }
  const starts = boundaries(code);
  const first = random.below(starts.length + 1);
  const last = first + random.between(1, random.oneIn(3) ? MOST_RANGE : 4);
  return { from: starts[first] ?? code.length, to: Math.min(starts[last] ?? code.length, code.length) };
}

/** A place between two instructions. */
const placeIn = (random: Random, code: Uint8Array): number => rangeOf(random, code).from;

/** What changes of code draw on. */
export interface CodeSource {
  readonly fork: ForkName;
  readonly dictionary: readonly bigint[];
  /** Code to take parts from. */
  readonly other: Uint8Array;
}

type Change = (random: Random, code: Uint8Array, source: CodeSource) => Uint8Array;

const byEffect = new Map<ForkName, ReadonlyMap<string, readonly OpRow[]>>();

const isPlain = (row: OpRow): boolean =>
  row.immediate === 0 && (row.flags & (Flag.JUMPS | Flag.TERMINATES)) === 0 && row.byte !== JUMPDEST;

const effectOf = (row: OpRow): string => `${row.takes} ${row.gives}`;

/** The instructions of a fork without constants, by what they do to the height of the stack. */
function rowsByEffect(fork: ForkName): ReadonlyMap<string, readonly OpRow[]> {
  let known = byEffect.get(fork);
  if (known === undefined) {
    const rows = new Map<string, OpRow[]>();
    for (const row of opTableOf(rulesOf(fork)).rows) {
      if (row === undefined || !isPlain(row)) continue;
      const same = rows.get(effectOf(row));
      if (same === undefined) rows.set(effectOf(row), [row]);
      else same.push(row);
    }
    byEffect.set(fork, (known = rows));
  }
  return known;
}

/** Another instruction of the same effect on the stack. */
function changeOpcode(random: Random, code: Uint8Array, { fork }: CodeSource): Uint8Array {
  const rows = rowsByEffect(fork);
  const copy = code.slice();
  const groups = [...rows.values()];
  const starts = boundaries(code);
  // Not every instruction has another like it.
  for (let attempt = 0; attempt < 8; attempt++) {
    const at = random.pick(starts);
    const same = groups.find((group) => group.some((row) => row.byte === code[at]));
    if (same === undefined || same.length < 2) continue;
    copy[at] = random.pick(same).byte;
    return copy;
  }
  return copy;
}

function changeOperand(random: Random, code: Uint8Array, { dictionary }: CodeSource): Uint8Array {
  const pushes = pushesOf(code);
  if (pushes.length === 0) return code;
  const at = random.pick(pushes);
  const value = constantAt(code, at);
  const size = constantSize(code[at]!);
  const copy = code.slice();
  switch (random.below(5)) {
    case 0:
      setConstant(copy, at, value + 1n);
      return copy;
    case 1:
      setConstant(copy, at, value - 1n);
      return copy;
    case 2:
      setConstant(copy, at, value ^ (1n << BigInt(random.below(8 * size))));
      return copy;
    default: {
      const word = dictionary.length === 0 ? random.bits(8 * size) : random.pick(dictionary);
      if (word >> BigInt(8 * size) === 0n) setConstant(copy, at, word);
      else return replaceRange(random, code, at, at + 1 + size, pushOf(word));
      return copy;
    }
  }
}

const spliced: Change = (random, code, { other }) => {
  if (other.length === 0) return code;
  const { from, to } = rangeOf(random, other);
  const at = placeIn(random, code);
  return replaceRange(random, code, at, at, other.slice(from, to));
};

const deleted: Change = (random, code) => {
  const { from, to } = rangeOf(random, code);
  return replaceRange(random, code, from, to, new Uint8Array(0));
};

const duplicated: Change = (random, code) => {
  const { from, to } = rangeOf(random, code);
  const at = random.oneIn(2) ? to : placeIn(random, code);
  return replaceRange(random, code, at, at, code.slice(from, to));
};

/** An instruction with operands of its own, whose results stay on the stack. */
const inserted: Change = (random, code, { fork, dictionary }) => {
  const row = random.pick(random.pick([...rowsByEffect(fork).values()]));
  const operands = Array.from({ length: random.oneIn(8) ? 0 : Math.min(row.takes, 7) }, () => {
    const isSmall = dictionary.length === 0 || random.oneIn(2);
    return pushOf(isSmall ? BigInt(random.below(70)) : random.pick(dictionary));
  });
  const at = placeIn(random, code);
  return replaceRange(random, code, at, at, concatBytes(...operands, Uint8Array.of(row.byte)));
};

const flipped: Change = (random, code) => {
  const copy = code.slice();
  copy[random.below(copy.length)]! ^= 1 << random.below(8);
  return copy;
};

const CHANGES: readonly (readonly [number, Change])[] = [
  [6, changeOperand],
  [4, changeOpcode],
  [3, inserted],
  [3, spliced],
  [3, deleted],
  [2, duplicated],
  [1, flipped],
];

/** One change of a code; the argument stays as it is. Empty code may become code. */
export function mutateCode(random: Random, code: Uint8Array, source: CodeSource): Uint8Array {
  const change = code.length === 0 ? inserted : random.weighted(CHANGES);
  const changed = change(random, code, source);
  return changed.length > Math.max(MOST_CODE, code.length) ? code : changed;
}

/** Another account where the code names one. */
export function swapAddress(random: Random, code: Uint8Array, addresses: readonly bigint[]): Uint8Array {
  const named = pushesOf(code).filter((at) => addresses.includes(constantAt(code, at)));
  if (named.length === 0) return code;
  const at = random.pick(named);
  const size = constantSize(code[at]!);
  return replaceRange(random, code, at, at + 1 + size, pushOf(random.pick(addresses)));
}
