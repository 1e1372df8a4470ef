/** `erbium replay --diff`: where two recorded runs part, in what they began from, in their traces, and in what came out. */

import { extensionNames } from '../../opcodes/extension.ts';
import { decodeTransaction } from '../executor/decode.ts';
import { isInvalid } from '../executor/reasons.ts';
import { recoverSender } from '../executor/sender.ts';
import { diffTraces, TRACE_FIELDS, type TraceDiffResult } from '../fuzz/trace-diff.ts';
import { type Address, addressToHex } from '../primitives/address.ts';
import { bytesToHex, isBytes, toQuantity } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import type { AccountJson } from '../state/readers/record-json.ts';
import { eip3155Tracer } from '../tracers/eip3155.ts';
import { Deadline } from './deadline.ts';
import { EXIT } from './exit.ts';
import type { Offline } from './record.ts';
import { inputsJson, type RunRecord } from './record-format.ts';
import { runSubject } from './record-run.ts';
import type { ReplayOptions } from './replay.ts';
import { type LeafDifference, leafDifferences, outcomeField } from './replay-differences.ts';
import { openRecordFile, tooLate } from './replay-run.ts';
import { printable } from './text.ts';
import { sourceName } from './trace-lines.ts';
import { traceDiffText } from './tracediff-text.ts';

type Opened = Offline & RunRecord;

/** Both traces are of one writer, so that all of a step can be compared. */
const COMPARED = TRACE_FIELDS;
const STACK_ITEMS = 1_024;

/** @throws ErbiumError as `openRecordFile`; MISSING_STATE naming the file where one does not run to its end */
export async function replayDiff(a: string, b: string, options: ReplayOptions): Promise<void> {
  if (a === '-' && b === '-') {
    throw new ErbiumError('INVALID_ARGUMENT', 'only one of the records can be standard input');
  }
  if (options.trace) throw new ErbiumError('INVALID_ARGUMENT', '--trace: is for one record');
  const names = [sourceName(a), sourceName(b)] as const;
  const records = [await openRecordFile(a, options.crypto), await openRecordFile(b, options.crypto)] as const;
  const inputs = [...leafDifferences(inputsOf(records[0]), inputsOf(records[1]))];
  const deadline = new Deadline(options.timeout);
  const linesOf = (at: 0 | 1): Generator<string> =>
    traceLinesOf(records[at], names[at], () => deadline.isLate && tooLate([a, b][at]!, options));
  const [linesA, linesB] = [linesOf(0), linesOf(1)];
  const trace = diffTraces(linesA, linesB, { fields: COMPARED, stackItems: STACK_ITEMS });
  const outcome = [...leafDifferences(records[0].outcome, records[1].outcome)];
  const equal = inputs.length === 0 && outcome.length === 0 && trace.difference === null;
  process.exitCode = equal ? EXIT.OK : EXIT.FAILURE;
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ equal, inputs, trace, outcome })}\n`
      : inWords(names, inputs, trace, outcome),
  );
}

/** All that a run began from; of a transaction what it says, and who signed it. */
function inputsOf({ subject, state, how }: Opened): object {
  const { run, accounts, ...others } = inputsJson(subject, state);
  const whole = Object.entries(accounts).map(
    ([address, account]) =>
      [address, account && { nonce: '0x0', code: '0x', storage: {}, ...account }] as const,
  );
  return { ...others, run: transactionOf(subject, how.crypto) ?? run, accounts: Object.fromEntries(whole) };
}

/** null where it is none, or none that can be read. */
function transactionOf({ run, rules }: Opened['subject'], crypto: Opened['how']['crypto']): object | null {
  if (run.kind !== 'transaction') return null;
  const tx = decodeTransaction(run.bytes);
  if (isInvalid(tx)) return null;
  const { yParity, r, s, ...said } = tx;
  const sender = recoverSender(tx, rules, crypto);
  const from = isInvalid(sender) ? bytesToHex(run.bytes) : addressToHex(sender.sender);
  return { kind: run.kind, from, ...(plain(said) as object) };
}

/** A value of fields as JSON. */
function plain(value: unknown, name = ''): unknown {
  if (typeof value === 'bigint') {
    return name === 'to' || name === 'address' ? addressToHex(value as Address) : toQuantity(value);
  }
  if (isBytes(value)) return bytesToHex(value);
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member, key)]));
}

/** Instructions that are traced at once. */
const SLICE = 1_000;
const LINE_FEED = 0x0a;

/** The trace of a record as it is made, a slice at a time, so that it takes no memory to speak of. */
function* traceLinesOf({ subject, how }: Opened, name: string, check: () => void): Generator<string> {
  const decoder = new TextDecoder();
  let lines: string[] = [];
  let rest = '';
  const write = (chunk: Uint8Array): void => {
    const end = chunk.lastIndexOf(LINE_FEED) + 1;
    if (end > 0) {
      lines.push(...(rest + decoder.decode(chunk.subarray(0, end - 1))).split('\n'));
      rest = '';
    }
    rest += decoder.decode(chunk.subarray(end));
  };
  const tracer = eip3155Tracer({ write, opcodes: extensionNames(how.precompiles) });
  const steps = { left: SLICE };
  const work = runSubject(subject, { ...how, tracer, steps });
  try {
    for (let ended = false; !ended; ) {
      ended = work.next(false).done === true;
      if (ended) tracer.flush();
      const made = lines;
      lines = [];
      steps.left = SLICE;
      check();
      yield* made;
    }
  } catch (error) {
    if (!(error instanceof ErbiumError) || error.code === 'ABORTED') throw error;
    throw new ErbiumError(error.code, `${name}: the run cannot be traced to its end: ${error.message}`);
  }
}

const MAX_SHOWN = 40;

function inWords(
  names: readonly [string, string],
  inputs: readonly LeafDifference[],
  trace: TraceDiffResult,
  outcome: readonly LeafDifference[],
): string {
  const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
  const parts = [
    `A  ${names[0]}\nB  ${names[1]}\n`,
    section('The runs begin from the same', 'The runs begin from what differs', inputs, placeOf),
    section('The same came out', 'What came out differs', outcome, outcomeField),
  ].map(printable);
  // Last, since it is the longest, and what a reader goes on with.
  return `${parts.join('\n')}\n${traceDiffText(trace, { names, stackItems: STACK_ITEMS, colour })}`;
}

function section(
  same: string,
  differs: string,
  differences: readonly LeafDifference[],
  nameOf: (path: readonly string[]) => string,
): string {
  if (differences.length === 0) return `${same}.\n`;
  const lines = differences.slice(0, MAX_SHOWN).map((one) => {
    return `  ${nameOf(one.path)}\n    A  ${shown(one, one.a)}\n    B  ${shown(one, one.b)}`;
  });
  const more = differences.length - MAX_SHOWN;
  if (more > 0) lines.push(`  and ${more} more, which --json has`);
  return `${differs}:\n${lines.join('\n')}\n`;
}

/** A place in words. */
function placeOf(path: readonly string[]): string {
  const [top, item = '', field, key] = path;
  if (top === 'blockHashes') return `hash of block ${BigInt(item)}`;
  if (top !== 'accounts') return path.join('.');
  if (field === undefined) return `account ${item}`;
  return key === undefined ? `${field} of account ${item}` : `slot ${key} of account ${item}`;
}

const SHOWN_CHARACTERS = 100;

function shown({ path }: LeafDifference, value: unknown): string {
  const isState = path[0] === 'accounts' || path[0] === 'blockHashes';
  if (value === undefined) return isState ? 'not read' : 'nothing';
  if (value === null) return isState ? 'no account' : 'none';
  if (typeof value === 'object')
    return isState ? accountWords(value as Required<AccountJson>) : JSON.stringify(value);
  const text = String(value);
  if (text.length <= SHOWN_CHARACTERS) return text;
  return `${text.slice(0, SHOWN_CHARACTERS - 1)}… (${text.length / 2 - 1} bytes)`;
}

function accountWords({ nonce, balance, code, storage }: Required<AccountJson>): string {
  const slots = Object.keys(storage).length;
  const size = code.length / 2 - 1;
  return `nonce ${BigInt(nonce)}, balance ${BigInt(balance)}, ${size} bytes of code, ${slots} slots read`;
}
