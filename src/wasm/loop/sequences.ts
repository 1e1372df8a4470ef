/**
 * Instructions that the loop runs as one: often they follow one another, and choosing the next takes as long as most of them
 * do. In prepared code the first one's byte says so, the others stay as they are: any can be gone to, taken up again or
 * left alone.
 *
 * It also spares wrong guesses. All rules end in a jump to the same place, and of the way that it came a processor keeps
 * little: on an AMD EPYC (Zen 4) two instructions in turn take 3 ns or 8, the latter where the addresses of their last
 * jumps have the same bits 2 and 3.
 */

import { OPCODES } from '../../../opcodes/table.ts';
import { get, i32, set } from '../assembler/code.ts';
import { byteOf } from '../opcode-byte.ts';
import { push2Jump, push2Jumpi } from './control.ts';
import { codeOf, type EmissionRule } from './loop.ts';
import { EMISSION_RULES } from './rules.ts';

/**
 * Of the hundred commonest pairs that tokens, an exchange, hashes and numerical code of solc run, those that are short. The
 * rest of a sequence is an instruction or a sequence itself.
 */
const SEQUENCES: readonly string[] = [
  'PUSH2 JUMP',
  'PUSH2 JUMPI',
  'POP PUSH2 JUMP',
  'SWAP1 PUSH2 JUMP',
  'ISZERO PUSH2 JUMPI',
  'LT PUSH2 JUMPI',
  'GT PUSH2 JUMPI',
  'EQ PUSH2 JUMPI',
  'POP POP',
  'POP JUMP',
  'POP PUSH1',
  'PUSH1 PUSH1',
  'PUSH1 DUP1',
  'PUSH1 DUP2',
  'PUSH1 DUP3',
  'PUSH1 ADD',
  'PUSH1 SHL',
  'PUSH1 MLOAD',
  'PUSH1 SWAP1',
  'SUB AND',
  'MSTORE PUSH1',
  'MLOAD PUSH1',
  'SWAP1 POP',
  'SWAP2 POP',
  'SWAP3 POP',
  'SWAP1 MSTORE',
  'SWAP1 JUMP',
  'SWAP1 DUP2',
  'SWAP1 SWAP2',
  'SWAP2 SWAP1',
  'SWAP3 SWAP2',
  'ADD SWAP1',
  'ADD PUSH1',
  'ADD MLOAD',
  'DUP1 MLOAD',
  'DUP1 DUP3',
  'DUP2 LT',
  'DUP2 ADD',
  'DUP2 MSTORE',
  'DUP2 DUP2',
  'DUP3 ADD',
  'DUP3 GT',
  'LT ISZERO',
  'GT ISZERO',
];

/** Below it are bytes that prepared code has for other things than instructions. */
const LAST_SPECIAL = 0x0f;

/** All others do one thing after the other. */
const OWN_RULES: ReadonlyMap<string, EmissionRule> = new Map([
  ['PUSH2 JUMP', push2Jump],
  ['PUSH2 JUMPI', push2Jumpi],
]);

export interface Sequence {
  /** The names of its instructions, with spaces between them. */
  readonly name: string;
  /** Bytes of prepared code: its own, that of its first instruction, and that of the rest. */
  readonly byte: number;
  readonly first: number;
  readonly rest: number;
  readonly rule: EmissionRule;
}

/** All of them. */
export function sequences(): readonly Sequence[] {
  const taken = new Set(OPCODES.filter(({ name }) => EMISSION_RULES.has(name)).map(({ byte }) => byte));
  const free = Array.from({ length: 256 }, (_, byte) => byte).filter(
    (byte) => byte > LAST_SPECIAL && !taken.has(byte),
  );
  const bytes = new Map(SEQUENCES.map((sequence, i) => [sequence, free[i]!]));
  const byteOfPart = (part: string): number => bytes.get(part) ?? byteOf(part);
  return SEQUENCES.map((name) => {
    const [first, rest] = split(name);
    return {
      ...{ name, byte: byteOfPart(name), first: byteOf(first), rest: byteOfPart(rest) },
      rule: ruleOf(name),
    };
  });
}

function ruleOf(sequence: string): EmissionRule {
  const own = OWN_RULES.get(sequence) ?? EMISSION_RULES.get(sequence);
  if (own !== undefined) return own;
  const [first, rest] = split(sequence);
  return {
    emit: (loop) => [
      codeOf(loop, ruleOf(first)),
      // Behind the byte of the first of the rest.
      set(loop.pc, i32.add(get(loop.pc), i32.const(1))),
      codeOf(loop, ruleOf(rest)),
    ],
  };
}

function split(sequence: string): [first: string, rest: string] {
  const space = sequence.indexOf(' ');
  return [sequence.slice(0, space), sequence.slice(space + 1)];
}
