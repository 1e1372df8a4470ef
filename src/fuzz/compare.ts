/**
 * What a case is compared against, and how: each contender says what it knows of an outcome, and nothing is
 * compared that one of two does not know. Owns the names of causes by which findings are told apart.
 */

import type { Crypto } from '../../precompiles/crypto.ts';
import { type EngineChoice, engineHere } from '../evm/engine.ts';
import type { Tracer } from '../machine/tracer.ts';
import type { Hex } from '../primitives/bytes.ts';
import { eip3155Tracer } from '../tracers/eip3155.ts';
import type { FuzzCase } from './case.ts';
import { CaseRunner, type Outcome } from './execute.ts';
import { diffTraces, type TraceDiffOptions, type TraceDiffResult } from './trace-diff.ts';
import type { TraceLine } from './trace-step.ts';

/** What a contender knows of how a case came out; a field that is not there is not known. */
export interface KnownOutcome {
  /** False where the transaction was refused. */
  readonly valid?: boolean;
  readonly stateRoot?: Hex;
  /** keccak256 of the RLP of the logs. */
  readonly logsHash?: Hex;
  /** Counts for nothing where the transaction was refused. */
  readonly gasUsed?: bigint;
  /** Counts for nothing where the transaction was refused. */
  readonly output?: Hex;
  /** Why it was refused or failed, in the contender's words; for people, never compared. */
  readonly words?: string;
}

/** The contender cannot run this case, for a reason that it names: nothing is said about it. */
export interface NotCompared {
  readonly notCompared: string;
}

/** How a contender itself can fail. */
export type FailureKind = 'start' | 'crash' | 'timeout' | 'late' | 'garbage' | 'host';

/** The contender failed, which is no outcome of a case, though it may be a bug that the case has found. */
export interface ContenderFailure {
  readonly failure: FailureKind;
  /** What happened, for people. */
  readonly detail: string;
}

/** What a contender says of a case. */
export type Answer = KnownOutcome | NotCompared | ContenderFailure;

export const isNotCompared = (answer: Answer): answer is NotCompared => 'notCompared' in answer;
export const isFailure = (answer: Answer): answer is ContenderFailure => 'failure' in answer;

type Trace = readonly TraceLine[] | undefined;

/** An EVM that runs cases. */
export interface Contender {
  /** For people; it names one contender of a campaign. */
  readonly name: string;
  run(fuzzCase: FuzzCase): Answer | Promise<Answer>;
  /** The lines of the case's EIP-3155 trace; undefined where the contender has none of this case. */
  trace?(fuzzCase: FuzzCase): Trace | Promise<Trace>;
  /** The same EVM, as one that has run no case before; only Erbium's own are worth the question. */
  fresh?(): Contender;
  /** Ends what it has started; it answers nothing afterwards. */
  close?(): void | Promise<void>;
}

/** What outcomes are compared by; the one that says most about a cause first. */
export const FIELDS = ['validity', 'output', 'logs', 'gas', 'root'] as const;

export type Field = (typeof FIELDS)[number];

/** A field in which two contenders differ, with both values as text. */
export interface FieldDifference {
  readonly field: Field;
  readonly a: string;
  readonly b: string;
}

/** How two answers compare. */
export type Verdict =
  | { readonly kind: 'agree'; readonly compared: readonly Field[] }
  /** At least one field, in the order of `FIELDS`. */
  | { readonly kind: 'differ'; readonly differences: readonly FieldDifference[] }
  /** One cannot run the case, or the two know nothing in common. */
  | { readonly kind: 'not compared'; readonly why: string }
  | { readonly kind: 'failed'; readonly side: 'a' | 'b'; readonly failure: ContenderFailure };

/** Erbium's outcome, all of which is known. */
export const knownOf = ({ invalid, stateRoot, logsHash, gasUsed, output }: Outcome): KnownOutcome =>
  invalid === null
    ? { valid: true, stateRoot, logsHash, gasUsed, output }
    : { valid: false, stateRoot, logsHash, words: invalid };

const valuesOf = (answer: KnownOutcome): Readonly<Record<Field, string | undefined>> => {
  // What a refused transaction used and gave back is a matter of taste.
  const ran = answer.valid !== false;
  return {
    validity: answer.valid === undefined ? undefined : answer.valid ? 'valid' : 'refused',
    output: ran ? answer.output?.toLowerCase() : undefined,
    logs: answer.logsHash?.toLowerCase(),
    gas: ran ? answer.gasUsed?.toString() : undefined,
    root: answer.stateRoot?.toLowerCase(),
  };
};

/** Compares two answers by what both know. */
export function compare(a: Answer, b: Answer): Verdict {
  // A failure is told even where the other cannot run the case.
  if (isFailure(a)) return { kind: 'failed', side: 'a', failure: a };
  if (isFailure(b)) return { kind: 'failed', side: 'b', failure: b };
  if (isNotCompared(a)) return { kind: 'not compared', why: a.notCompared };
  if (isNotCompared(b)) return { kind: 'not compared', why: b.notCompared };
  const [valuesA, valuesB] = [valuesOf(a), valuesOf(b)];
  const compared: Field[] = [];
  const differences: FieldDifference[] = [];
  for (const field of FIELDS) {
    const [valueA, valueB] = [valuesA[field], valuesB[field]];
    if (valueA === undefined || valueB === undefined) continue;
    compared.push(field);
    if (valueA !== valueB) {
      differences.push({ field, a: withWords(field, valueA, a), b: withWords(field, valueB, b) });
    }
  }
  if (differences.length > 0) return { kind: 'differ', differences };
  if (compared.length > 0) return { kind: 'agree', compared };
  return { kind: 'not compared', why: 'the two know nothing in common' };
}

const withWords = (field: Field, value: string, { words }: KnownOutcome): string =>
  field === 'validity' && words !== undefined ? `${value} (${words})` : value;

/**
 * A name of the cause of a verdict, for cases that are findings of one kind; null where there is nothing to find. It
 * holds neither values nor the fork, so that it is the same wherever the same instruction goes wrong in the same way.
 * @param traces where the traces of the two part, if it is known
 */
export function causeOf(verdict: Verdict, traces?: TraceDiffResult): string | null {
  if (verdict.kind === 'failed') return `${verdict.failure.failure}`;
  if (verdict.kind !== 'differ') return null;
  const fields = verdict.differences.map(({ field }) => field);
  // All else follows from it.
  if (fields[0] === 'validity') return 'validity';
  const difference = traces?.difference ?? null;
  if (difference === null || difference.kind === 'root') {
    return traces === undefined ? fields.join('+') : `${fields.join('+')} after equal traces`;
  }
  const { opName, frame, what } = difference.culprit;
  if (opName === 'start') return `${what} of the first step`;
  return `${what} after ${opName} in ${frame === 'inner' ? 'an inner' : 'the outermost'} frame`;
}

/** Where the traces of two contenders part; undefined where one of them makes none. */
export async function compareTraces(
  fuzzCase: FuzzCase,
  a: Contender,
  b: Contender,
  options?: TraceDiffOptions,
): Promise<TraceDiffResult | undefined> {
  if (a.trace === undefined || b.trace === undefined) return undefined;
  const linesA = await a.trace(fuzzCase);
  const linesB = linesA === undefined ? undefined : await b.trace(fuzzCase);
  return linesA === undefined || linesB === undefined ? undefined : diffTraces(linesA, linesB, options);
}

/** The lines of Erbium's trace of a case. */
export function traceCase(fuzzCase: FuzzCase, crypto?: Crypto): readonly string[] {
  let text = '';
  const ascii = new TextDecoder();
  const tracer = eip3155Tracer({ write: (chunk) => void (text += ascii.decode(chunk)) });
  const { stateRoot } = new CaseRunner(tracer, crypto).run(fuzzCase);
  tracer.flush();
  const lines = text.split('\n');
  lines.pop();
  return [...lines, `{"stateRoot": "${stateRoot}"}`];
}

function ownContender(name: string, open: () => CaseRunner, crypto: Crypto | undefined): Contender {
  const runner = open();
  return {
    name,
    run: (fuzzCase) => knownOf(runner.run(fuzzCase)),
    trace: (fuzzCase) => traceCase(fuzzCase, crypto),
    fresh: () => ownContender(name, open, crypto),
  };
}

/**
 * Erbium as it runs untraced. It throws what Erbium throws: no case may make it, so that is a finding of its own.
 * @param engine from the first instruction on: `auto`, which begins with the reference engine, would compare that with
 *   itself wherever it is asked afresh, as it is about each finding
 * @throws ErbiumError UNSUPPORTED where `wasm` is asked for and cannot be
 */
export const plainContender = (crypto?: Crypto, engine: EngineChoice = 'auto'): Contender => {
  const chosen = engineHere(engine);
  return ownContender('erbium', () => new CaseRunner(undefined, crypto, chosen), crypto);
};

/** Erbium on its reference engine, whatever the first runs on. It throws as the first does. */
export const referenceContender = (crypto?: Crypto): Contender =>
  ownContender('erbium, bigint', () => new CaseRunner(undefined, crypto, 'bigint'), crypto);

/** Erbium's other loop, the one with hooks, which here do nothing. It throws as the first does. */
export const tracedContender = (crypto?: Crypto): Contender => {
  const silent: Tracer = { step: () => {}, stepEnd: () => {} };
  return ownContender('erbium, traced', () => new CaseRunner(silent, crypto), crypto);
};
