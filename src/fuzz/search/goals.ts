/** What a search looks for. Owns the goals, and how `--reach` names some of them. */

import { OPCODES } from '../../../opcodes/table.ts';
import { HALT_WORDS, Halt, isHostLimit } from '../../machine/halt.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { type Expression, parseAssertion, printAssertion } from '../assertion.ts';

/** Something that a search looks for. */
export type Goal =
  /** A frame of the contract, or of one that it calls, ends so. */
  | { readonly kind: 'halt'; readonly halt: Halt }
  /** A direct call needs more than so much gas beyond the intrinsic gas. */
  | { readonly kind: 'gas'; readonly gas: bigint }
  /** A frame reverts with Panic(uint256) of this code, or of any. */
  | { readonly kind: 'panic'; readonly code: bigint | null }
  /** An instruction of the contract's own code runs. */
  | { readonly kind: 'pc'; readonly pc: number }
  /** An instruction runs, in the contract or one that it calls. */
  | { readonly kind: 'opcode'; readonly byte: number; readonly name: string }
  /** DELEGATECALL or CALLCODE of an address that the attacker chose: one of the attacker's own. */
  | { readonly kind: 'delegate' }
  /** The assertion does not hold after a successful transaction. */
  | { readonly kind: 'assert'; readonly assertion: Expression; readonly text: string }
  /** The attacker's accounts end with more wei than they began with. */
  | { readonly kind: 'drain' }
  /** The other code answers differently. */
  | { readonly kind: 'equivalent' };

/** Whether a goal can be reached in several places, each a finding of its own. */
export const hasPlaces = (kind: Goal['kind']): boolean =>
  kind === 'halt' || kind === 'panic' || kind === 'opcode' || kind === 'delegate';

/** The goal of an assertion. @throws ErbiumError INVALID_ARGUMENT with the column */
export const assertionGoal = (text: string): Goal => {
  const assertion = parseAssertion(text);
  return { kind: 'assert', assertion, text: printAssertion(assertion) };
};

const NUMBER = /^(?:0x[0-9a-f]+|[0-9]+)$/i;
/** Panic codes of Solidity are a byte; nothing a search can meet is larger than this. */
const MAX_NUMBER = 1n << 53n;

/**
 * The goal that a word of `--reach` names: `pc:N`, `op:NAME`, `halt:NAME`, `panic`, `panic:N`, `gas:N`, `delegate`; or
 * the bare name of an opcode or halt reason, the opcode first, and a bare number for a pc.
 * @throws ErbiumError INVALID_ARGUMENT
 */
export function reachGoal(text: string): Goal {
  const [kind = '', rest] = text.split(/:(.*)/s, 2);
  switch (kind.toLowerCase()) {
    case 'pc':
      return { kind: 'pc', pc: Number(numberOf(rest, text)) };
    case 'op':
    case 'opcode':
      return (
        opcodeGoal(rest ?? '') ?? fail(text, `no instruction has the name ${JSON.stringify(rest ?? '')}`)
      );
    case 'halt':
      return haltGoal(rest ?? '') ?? fail(text, `no halt reason; known are ${haltNames().join(', ')}`);
    case 'panic':
      return { kind: 'panic', code: rest === undefined ? null : numberOf(rest, text) };
    case 'gas':
      return { kind: 'gas', gas: numberOf(rest, text) };
    case 'delegate':
      return { kind: 'delegate' };
  }
  if (NUMBER.test(text)) return { kind: 'pc', pc: Number(numberOf(text, text)) };
  return (
    opcodeGoal(text) ??
    haltGoal(text) ??
    fail(text, 'expected pc:N, op:NAME, halt:NAME, panic, panic:N, gas:N or delegate')
  );
}

function numberOf(digits: string | undefined, text: string): bigint {
  if (digits === undefined || !NUMBER.test(digits)) return fail(text, 'expected a number behind the colon');
  const value = BigInt(digits);
  return value < MAX_NUMBER ? value : fail(text, 'the number is too large');
}

function opcodeGoal(name: string): Goal | undefined {
  const row = OPCODES.find((candidate) => candidate.name === name.toUpperCase());
  return row === undefined ? undefined : { kind: 'opcode', byte: row.byte, name: row.name };
}

/** Reasons that a frame of a contract can end for. */
const haltNames = (): string[] =>
  Object.entries(Halt)
    .filter(([, halt]) => halt >= Halt.Stop && !isHostLimit(halt))
    .map(([name]) => name);

function haltGoal(name: string): Goal | undefined {
  const found = haltNames().find((known) => known.toLowerCase() === name.toLowerCase());
  return found === undefined ? undefined : { kind: 'halt', halt: Halt[found as keyof typeof Halt] };
}

function fail(text: string, problem: string): never {
  throw new ErbiumError('INVALID_ARGUMENT', `reach ${JSON.stringify(text)}: ${problem}`);
}

/** A goal that was reached, in words. */
export function wordsOf(goal: Goal, detail: string): string {
  switch (goal.kind) {
    case 'halt':
      return `a frame ended: ${HALT_WORDS[goal.halt]}`;
    case 'gas':
      return `out of gas with ${goal.gas} gas`;
    case 'panic':
      return `reverted with ${detail}`;
    case 'pc':
      return `reached pc 0x${goal.pc.toString(16)}`;
    case 'opcode':
      return `reached ${goal.name}`;
    case 'delegate':
      return `ran code of the attacker's choice: ${detail}`;
    case 'assert':
      return `does not hold: ${goal.text}`;
    case 'drain':
      return `ether drained: ${detail}`;
    case 'equivalent':
      return `the two codes differ: ${detail}`;
  }
}
