/**
 * Whether a precompile answers an input as it has to: as its reference does, where it has one, and as every precompile
 * does, always the same wherever the input lies, in the shape that it promises, without an exception. A verdict is a
 * function of the input, so that one input is a whole account of a flaw.
 */

import type { Crypto } from '../../../precompiles/crypto.ts';
import type { Precompile } from '../../../precompiles/row.ts';
import type { Rules } from '../../forks/rules.ts';
import { bytesToHex, concatBytes, equalBytes } from '../../primitives/bytes.ts';

/** What a precompile makes of an input under a gas limit. */
export type Answer =
  | { readonly kind: 'output'; readonly gas: number; readonly output: Uint8Array }
  /** `why` in the words of whoever refuses; it burns all gas. */
  | { readonly kind: 'failure'; readonly why: string }
  /** It costs more than the limit; the price is NaN where it is not told. */
  | { readonly kind: 'unpaid'; readonly gas: number }
  /** Nothing that could be compared. */
  | { readonly kind: 'unknown'; readonly why: string };

/** Another implementation of the same precompile. */
export interface Reference {
  /** The package and what of it, for people. */
  readonly name: string;
  /** @param limit gas that it may take; the gas of an answer is NaN where it says nothing of gas */
  answer(input: Uint8Array, rules: Rules, limit: number): Answer | Promise<Answer>;
}

/** A precompile and all that is known about its answers. */
export interface Subject {
  readonly row: Precompile;
  readonly crypto: Crypto;
  readonly references: readonly Reference[];
  /** Inputs that it takes. An input one bit away from one of them has another answer, unless `malleable`. */
  readonly samples: readonly Uint8Array[];
  /** Its answer is 1 or 0 in the first 32 bytes: 1 for the samples. */
  readonly isVerdict?: boolean;
  readonly malleable?: boolean;
  /** Lengths that an output may have; any where they are not given. */
  readonly lengths?: readonly number[];
  /** Whether zeros behind an input never make it cheaper. */
  readonly isPricedByLength?: boolean;
  /** Gas above which an input is not run: it would take too long. */
  readonly limit: number;
}

/** Where an answer is not what it has to be. */
export interface Flaw {
  /** The same for the same flaw, whatever the input. */
  readonly cause: string;
  readonly expected: string;
  readonly got: string;
}

/** What came of an input. */
export interface Judgement {
  readonly answer: Answer;
  /** What the references said. */
  readonly references: readonly (readonly [Reference, Answer])[];
  readonly flaw: Flaw | null;
}

/** Around an input that is a view: not zeros, which would pass for padding. */
const MARGIN = 37;
const FILLER = 0xa5;

const thrownWords = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/** An answer in words. */
export function answerWords(answer: Answer): string {
  switch (answer.kind) {
    case 'output':
      return `${bytesToHex(answer.output)}${Number.isNaN(answer.gas) ? '' : `, gas ${answer.gas}`}`;
    case 'failure':
      return `failure (${answer.why})`;
    case 'unpaid':
      return `out of gas${Number.isNaN(answer.gas) ? '' : `, costs ${answer.gas}`}`;
    case 'unknown':
      return `no answer: ${answer.why}`;
  }
}

function inTheMiddle(input: Uint8Array): Uint8Array {
  const outer = new Uint8Array(input.length + 2 * MARGIN).fill(FILLER);
  outer.set(input, MARGIN);
  return outer.subarray(MARGIN, MARGIN + input.length);
}

const hexOrFailure = (output: Uint8Array | null): string =>
  output === null ? 'failure' : bytesToHex(output);

/** One input under examination; it keeps the first flaw. */
class Examination {
  flaw: Flaw | null = null;
  private readonly subject: Subject;
  private readonly rules: Rules;
  private readonly input: Uint8Array;

  constructor(subject: Subject, rules: Rules, input: Uint8Array) {
    this.subject = subject;
    this.rules = rules;
    this.input = input;
  }

  /** The answer of the precompile itself. */
  answer(): Answer {
    const gas = this.price();
    if (gas === null) return { kind: 'unknown', why: 'it has no price' };
    if (gas > this.subject.limit) return { kind: 'unpaid', gas };
    const output = this.output();
    if (output === undefined) return { kind: 'unknown', why: 'it throws' };
    this.compareWithSamples(output);
    return output === null ? { kind: 'failure', why: 'invalid input' } : { kind: 'output', gas, output };
  }

  private demand(holds: boolean, cause: string, expected: string, got: string): void {
    if (!holds) this.flaw ??= { cause, expected, got };
  }

  private calling<T>(what: string, call: () => T): T | undefined {
    try {
      return call();
    } catch (error) {
      const words = thrownWords(error);
      this.demand(false, `${what} throws ${words}`, 'no exception', words);
      return undefined;
    }
  }

  /** The price, which is a number and depends on nothing but the input. */
  private price(): number | null {
    const { rules, input } = this;
    const { row, isPricedByLength } = this.subject;
    const gas = this.calling('the price', () => row.gas(input, rules));
    const isPrice = typeof gas === 'number' && gas >= 0;
    this.demand(isPrice, 'the price is none', 'a number from 0 on', String(gas));
    if (!isPrice) return null;
    const ofView = this.calling('the price', () => row.gas(inTheMiddle(input), rules));
    this.demand(gas === ofView, 'the price depends on where the input lies', `${gas}`, `${ofView}`);
    if (isPricedByLength) {
      const more = row.gas(concatBytes(input, new Uint8Array(32)), rules);
      this.demand(more >= gas, 'more input is cheaper', `at least ${gas}`, `${more}`);
    }
    return gas;
  }

  /** The output, which depends on nothing but the input, has its shape, and leaves the input alone. */
  private output(): Uint8Array | null | undefined {
    const { rules, input } = this;
    const { row, crypto, lengths } = this.subject;
    const own = input.slice();
    const view = inTheMiddle(input);
    const output = this.calling('it', () => row.run(own, crypto, rules));
    const ofView = this.calling('it', () => row.run(view, crypto, rules));
    if (output === undefined || ofView === undefined) return undefined;
    const isBytes = output === null || output instanceof Uint8Array;
    this.demand(isBytes, 'its output is no bytes', 'a Uint8Array or null', typeof output);
    if (!isBytes) return undefined;
    this.demand(equalBytes(own, input), 'it writes to its input', bytesToHex(input), bytesToHex(own));
    const [first, second] = [hexOrFailure(output), hexOrFailure(ofView)];
    this.demand(
      first === second,
      'it answers differently when asked again, in the middle of other bytes',
      first,
      second,
    );
    if (output === null) return null;
    const isShared = output.length > 0 && (output.buffer === own.buffer || ofView?.buffer === view.buffer);
    this.demand(
      !isShared,
      'its output shares memory with its input',
      'memory of its own',
      'that of the input',
    );
    const isLength = lengths === undefined || lengths.includes(output.length);
    this.demand(isLength, `an output of ${output.length} bytes`, `${lengths?.join(' or ')} bytes`, first);
    return output;
  }

  /** What the samples say about an input: it is one, or nearly one. */
  private compareWithSamples(output: Uint8Array | null): void {
    const { row, crypto, samples, isVerdict, malleable } = this.subject;
    const isYes = output !== null && (!isVerdict || output[31] === 1);
    for (const sample of samples) {
      if (equalBytes(sample, this.input)) {
        this.demand(isYes, 'it refuses what is valid', isVerdict ? 'yes' : 'an output', hexOrFailure(output));
      } else if (isYes && !malleable && isOneBitAway(sample, this.input)) {
        const valid = row.run(sample, crypto, this.rules);
        const isOther = valid === null || !equalBytes(valid, output);
        const expected = `another answer than that of ${bytesToHex(sample)}`;
        this.demand(isOther, 'one bit changes nothing', expected, bytesToHex(output));
      }
    }
  }
}

/** Whether exactly one bit differs. */
function isOneBitAway(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let found = 0;
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    if (found !== 0) return false;
    found = a[i]! ^ b[i]!;
  }
  return found !== 0 && (found & (found - 1)) === 0;
}

/** As what it differs from a reference, or null. */
function difference(name: string, ours: Answer, theirs: Answer): Flaw | null {
  if (ours.kind === 'unknown' || theirs.kind === 'unknown') return null;
  const flaw = (what: string): Flaw => ({
    cause: `${name}: ${what}`,
    expected: answerWords(theirs),
    got: answerWords(ours),
  });
  // Either burns all gas.
  if (ours.kind !== 'output' && theirs.kind !== 'output') return null;
  if (ours.kind !== 'output')
    return flaw(
      `refuses what the reference answers, ${ours.kind === 'unpaid' ? 'for its price' : 'as invalid'}`,
    );
  if (theirs.kind !== 'output') {
    return flaw(
      `answers what the reference refuses, ${theirs.kind === 'failure' ? theirs.why : 'for its price'}`,
    );
  }
  if (ours.output.length !== theirs.output.length) {
    return flaw(
      `output of another length, ${ours.output.length === 0 || theirs.output.length === 0 ? 'none on one side' : 'some on both'}`,
    );
  }
  if (!equalBytes(ours.output, theirs.output)) return flaw('another output');
  if (!Number.isNaN(theirs.gas) && ours.gas !== theirs.gas) return flaw('another price');
  return null;
}

/** Examines one input. */
export async function judge(subject: Subject, rules: Rules, input: Uint8Array): Promise<Judgement> {
  const examination = new Examination(subject, rules, input);
  const answer = examination.answer();
  let { flaw } = examination;
  const references: [Reference, Answer][] = [];
  for (const reference of subject.references) {
    const theirs = await reference.answer(input, rules, subject.limit);
    references.push([reference, theirs]);
    flaw ??= difference(reference.name, answer, theirs);
  }
  return { answer, references, flaw };
}
