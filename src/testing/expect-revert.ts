/** What a test expects of a call that has to fail, and whether it is what happened. */

import type { AbiValue } from '../executor/abi.ts';
import { type Hex, hexToBytes } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { show } from '../primitives/input.ts';
import type { CallError } from './call-error.ts';

/** An error by its name, and by its arguments where they matter; `Panic` and `Error` are such names too. */
export interface ExpectedError {
  readonly error: string;
  /** Addresses in any letter case; numbers as bigint or number. */
  readonly args?: readonly unknown[];
}

/**
 * The message of a revert, whole or by a pattern; or 4 bytes of hex, the selector of the error; or any other number of
 * bytes, all of the revert data; or an error by name. A text is also how an exceptional halt is expected: `out of gas`.
 */
export type ExpectedRevert = string | RegExp | ExpectedError;

/** A call that had to fail and did not, or did in another way. */
export class ExpectationError extends Error {
  readonly code = 'EXPECTATION_FAILED';
  /** For test runners, which show both. */
  readonly expected: string;
  readonly actual: string;

  constructor(call: string, expected: string, actual: string, options?: ErrorOptions) {
    super(`${call}: expected ${expected}, but it ${actual}`, options);
    this.name = 'ExpectationError';
    this.expected = expected;
    this.actual = actual;
  }
}

const SELECTOR_DIGITS = 10;

/** @throws ErbiumError INVALID_ARGUMENT or INVALID_HEX where it is no expectation */
export function checkExpected(expected: ExpectedRevert | undefined): void {
  if (expected === undefined || expected instanceof RegExp) return;
  if (typeof expected === 'string') {
    if (expected.startsWith('0x')) hexToBytes(expected, 'expected');
    return;
  }
  const { error, args } = (expected ?? {}) as Partial<ExpectedError>;
  if (typeof error !== 'string' || !(args === undefined || Array.isArray(args))) {
    throw new ErbiumError(
      'INVALID_ARGUMENT',
      `expected: a message, a pattern, hex, or { error: name, args }, got ${show(expected)}`,
    );
  }
}

export function describeExpected(expected: ExpectedRevert | undefined): string {
  if (expected === undefined) return 'a revert';
  if (expected instanceof RegExp) return `a revert that matches ${expected}`;
  if (typeof expected !== 'string') {
    const { error, args } = expected;
    return `a revert with ${error}${args === undefined ? '' : `(${args.map(inWords).join(', ')})`}`;
  }
  if (!expected.startsWith('0x')) return `a revert with ${JSON.stringify(expected)}`;
  if (expected.length === SELECTOR_DIGITS) return `a revert with the selector ${expected}`;
  return expected === '0x' ? 'a revert without data' : `a revert with the data ${expected}`;
}

/** Without an expectation only a revert fits: an exceptional halt is rarely what a test is after. */
export function fits({ result, data, reason }: CallError, expected: ExpectedRevert | undefined): boolean {
  const { status, error } = result;
  if (typeof expected === 'string' && !expected.startsWith('0x')) {
    if (status === 'halt') return result.reason === expected;
    return error?.signature === 'Error(string)' && error.args[0] === expected;
  }
  if (expected instanceof RegExp) {
    // One with the flag g would go on from where it was.
    const pattern = new RegExp(expected.source, expected.flags.replaceAll(/[gy]/g, ''));
    return (status === 'revert' || status === 'halt') && pattern.test(reason);
  }
  if (status !== 'revert') return false;
  if (expected === undefined) return true;
  if (typeof expected === 'string') return fitsData(data, expected.toLowerCase());
  return error !== null && fitsError(error, expected);
}

const fitsData = (data: Hex, expected: string): boolean =>
  expected.length === SELECTOR_DIGITS ? data.startsWith(expected) : data === expected;

const fitsError = (
  { name, signature, args }: { name: string; signature: string; args: readonly AbiValue[] },
  expected: ExpectedError,
): boolean =>
  (expected.error === name || expected.error === signature) &&
  (expected.args === undefined || isSame(args, expected.args));

/** Whether a decoded value is the one that a test names. */
function isSame(value: AbiValue, expected: unknown): boolean {
  if (typeof value === 'bigint') {
    return Number.isInteger(expected) ? BigInt(expected as number) === value : expected === value;
  }
  if (typeof value === 'string') {
    // Addresses have capitals in their checksum; in other texts they matter.
    const isHex = value.startsWith('0x') && typeof expected === 'string';
    return isHex ? expected.toLowerCase() === value.toLowerCase() : expected === value;
  }
  if (typeof value === 'boolean') return value === expected;
  // A tuple is a list here, and an object where the ABI is read by names.
  const items: unknown =
    typeof expected === 'object' && expected !== null ? Object.values(expected) : expected;
  return Array.isArray(items) && items.length === value.length && value.every((v, i) => isSame(v, items[i]));
}

/** A value as messages show it: `5`, `"text"`, `[1, 2]`, `{ to: 0x12 }`. */
export function inWords(value: unknown): string {
  if (typeof value === 'string') return value.startsWith('0x') ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(inWords).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).map(([name, item]) => `${name}: ${inWords(item)}`);
  return `{ ${fields.join(', ')} }`;
}
