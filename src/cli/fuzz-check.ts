/** Judges cases: whether Erbium and its rivals say the same, or whether Erbium survives. */

import { disassemble } from '../../opcodes/disassemble.ts';
import type { EngineChoice } from '../evm/engine-choice.ts';
import { type Rules, rulesOf } from '../forks/rules.ts';
import type { FuzzCase } from '../fuzz/case.ts';
import {
  type Answer,
  type Contender,
  causeOf,
  compare,
  compareTraces,
  isFailure,
  isNotCompared,
  plainContender,
  referenceContender,
  tracedContender,
  type Verdict,
} from '../fuzz/compare.ts';
import { CaseRunner, type Outcome } from '../fuzz/execute.ts';
import { type ShrinkLimits, shrink } from '../fuzz/shrink.ts';
import { freshOf, stillDiffers } from '../fuzz/shrink-identity.ts';
import { addressToHex } from '../primitives/address.ts';
import { bytesToHex } from '../primitives/bytes.ts';
import { caseText } from './fuzz-files.ts';
import type { Finding, Rivals } from './fuzz-job.ts';

/**
 * Opens what a campaign compares with.
 * @param engine of the first, with which all others are compared
 */
export async function openContenders(
  { ethereumjs, against, batch, patience }: Rivals,
  engine: EngineChoice = 'auto',
): Promise<Contender[]> {
  const contenders = [plainContender(undefined, engine), referenceContender(), tracedContender()];
  if (ethereumjs) contenders.push(await (await import('./fuzz-ethereumjs.ts')).ethereumjsContender());
  if (against !== undefined || batch !== undefined) {
    const { batchContender, commandContender } = await import('./fuzz-external.ts');
    if (against !== undefined) contenders.push(commandContender(against, { timeout: patience }));
    if (batch !== undefined) contenders.push(batchContender(batch, { timeout: patience }));
  }
  return contenders;
}

/** A case on which two contenders differ, and what they said. */
interface Disagreement {
  readonly a: Contender;
  readonly b: Contender;
  readonly answers: readonly [a: Answer, b: Answer];
  readonly verdict: Verdict;
}

/** Told what is no finding; of one kind, only the first is of interest. */
export type Trouble = (kind: string, what: string) => void;

/** Compares Erbium with all others, case by case. */
export class DiffCheck {
  private readonly contenders: readonly Contender[];
  private readonly limits: ShrinkLimits;
  private readonly trouble: Trouble;
  private readonly seen = new Set<string>();

  /** @param trouble is told what is no finding: a rival that fails, or that cannot run a case */
  constructor(contenders: readonly Contender[], limits: ShrinkLimits, trouble: Trouble) {
    this.contenders = contenders;
    this.limits = limits;
    this.trouble = trouble;
  }

  /** The finding that a case is; null for none. */
  async check(fuzzCase: FuzzCase): Promise<Finding | null> {
    const found = await this.disagreement(fuzzCase);
    if (found === null) return null;
    const { a, b, verdict } = found;
    // What was found before is not shrunk again: that takes as long as thousands of cases.
    const traces = await compareTraces(fuzzCase, a, b);
    const place = `${b.name}: ${causeOf(verdict, traces)}`;
    if (this.seen.has(place)) return null;
    this.seen.add(place);
    const again = compare(await freshOf(a).run(fuzzCase), await freshOf(b).run(fuzzCase));
    if (again.kind !== 'differ') return this.unsteady(fuzzCase, found);
    const shows = stillDiffers({ verdict: again, traces }, a, b);
    const stillFails = (candidate: FuzzCase) => candidate === fuzzCase || shows(candidate);
    const small = await shrink(fuzzCase, stillFails, this.limits);
    return this.finding(small, a, b);
  }

  /** Somebody says something else when asked again: Erbium, which must not, or a rival, which is its own affair. */
  private async unsteady(
    fuzzCase: FuzzCase,
    { a, b, answers, verdict }: Disagreement,
  ): Promise<Finding | null> {
    for (const [contender, answer] of [[a, answers[0]] as const, [b, answers[1]] as const]) {
      if (contender.fresh === undefined) continue;
      if (compare(answer, await contender.fresh().run(fuzzCase)).kind !== 'differ') continue;
      const cause = `${b.name}: ${causeOf(verdict)}, which does not recur`;
      if (this.seen.has(cause)) return null;
      this.seen.add(cause);
      const why = `${contender.name} says something else where it has run nothing before; this is the case as it was found`;
      return findingOf(fuzzCase, a, b, verdict, cause, why);
    }
    this.trouble(`${b.name} unsteady`, `${b.name}: differs, and does not when it is asked again`);
    return null;
  }

  private async disagreement(fuzzCase: FuzzCase): Promise<Disagreement | null> {
    const [a, ...others] = this.contenders;
    const answer: Answer = await a!.run(fuzzCase);
    for (const b of others) {
      const other = await b.run(fuzzCase);
      if (isNotCompared(other)) this.trouble(other.notCompared, `not compared: ${other.notCompared}`);
      else if (isFailure(other))
        this.trouble(`${b.name} ${other.failure}`, `${b.name}: ${other.failure}: ${other.detail}`);
      const verdict = compare(answer, other);
      if (verdict.kind === 'differ') return { a: a!, b, answers: [answer, other], verdict };
    }
    return null;
  }

  private async finding(fuzzCase: FuzzCase, a: Contender, b: Contender): Promise<Finding> {
    const [freshA, freshB] = [freshOf(a), freshOf(b)];
    const verdict = compare(await freshA.run(fuzzCase), await freshB.run(fuzzCase));
    const traces = await compareTraces(fuzzCase, a, b);
    const cause = `${b.name}: ${causeOf(verdict, traces) ?? 'gone when it was looked at again'}`;
    return findingOf(fuzzCase, a, b, verdict, cause, earlyNote(this.limits));
  }
}

/** What a finding says of itself where it could be smaller. */
const earlyNote = ({ stopped }: ShrinkLimits): string | undefined =>
  stopped?.() ? 'the shrinker was stopped early' : undefined;

function findingOf(
  fuzzCase: FuzzCase,
  a: Contender,
  b: Contender,
  verdict: Verdict,
  cause: string,
  note: string | undefined,
): Finding {
  const lines = [`${a.name} and ${b.name} differ: ${cause}`, ''];
  if (note !== undefined) lines.push(`Note: ${note}.`, '');
  if (verdict.kind === 'differ') {
    for (const { field, a: own, b: other } of verdict.differences) {
      lines.push(`${field}:`, `  ${a.name}: ${own}`, `  ${b.name}: ${other}`);
    }
  }
  const account = [...lines, '', describe(fuzzCase)].join('\n');
  return { cause, text: textOf(fuzzCase), account, note };
}

/** The cause of a finding that is something thrown. */
export const exceptionCause = (thrown: unknown): string =>
  `exception: ${thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)}`;

/** A finding about a case that Erbium did not survive. */
export async function crashFinding(
  fuzzCase: FuzzCase,
  error: unknown,
  limits: ShrinkLimits,
): Promise<Finding> {
  const cause = exceptionCause(error);
  const stillFails = (candidate: FuzzCase): boolean => {
    try {
      new CaseRunner({ step: () => {} }).halt(candidate);
      return false;
    } catch (thrown) {
      return exceptionCause(thrown) === cause;
    }
  };
  // What does not recur by itself, such as a fault of a rival, is told as it is.
  const small = stillFails(fuzzCase) ? await shrink(fuzzCase, stillFails, limits) : fuzzCase;
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const account = [cause, '', stack, '', describe(small)].join('\n');
  return { cause, text: textOf(small), account, note: earlyNote(limits) };
}

/** A finding about a case that takes so long that it was given up; it is not run again. */
export function hangFinding(fuzzCase: FuzzCase, milliseconds: number): Finding {
  const cause = `hangs: more than ${milliseconds} ms`;
  const account = `${cause}\n\n${describe(fuzzCase)}`;
  return { cause, text: caseText(fuzzCase, UNKNOWN, 'found'), account };
}

/** For a case that Erbium does not survive: nothing is known of what comes of it. */
const UNKNOWN_HASH = `0x${'00'.repeat(32)}` as const;
const UNKNOWN: Outcome = {
  invalid: null,
  stateRoot: UNKNOWN_HASH,
  logsHash: UNKNOWN_HASH,
  gasUsed: 0n,
  output: '0x',
  halt: null,
};

/**
 * The case as a state-test file, which states what Erbium makes of it.
 * @throws ErbiumError INVALID_ARGUMENT as `caseText`
 */
export function textOf(fuzzCase: FuzzCase, name = 'found', runner = new CaseRunner()): string {
  let outcome = UNKNOWN;
  try {
    outcome = runner.run(fuzzCase);
  } catch {}
  return caseText(fuzzCase, outcome, name);
}

/** The case for people: who, what, and the code. */
export function describe({ fork, pre, tx, sender }: FuzzCase): string {
  const to = tx.to === null ? 'a creation' : addressToHex(tx.to);
  const lines = [
    `fork ${fork}, transaction of type ${tx.type} from ${addressToHex(sender)} to ${to}`,
    `gas ${tx.gasLimit}, value ${tx.value}, data ${bytesToHex(tx.data)}`,
  ];
  const rules = rulesOf(fork);
  const codes: [string, Uint8Array][] = [...pre].map(([address, { code }]) => [addressToHex(address), code]);
  if (tx.to === null) codes.unshift(['init code', tx.data]);
  for (const [name, code] of codes) {
    if (code.length === 0) continue;
    lines.push('', `${name}, ${code.length} bytes`, ...codeLines(code, rules));
  }
  return `${lines.join('\n')}\n`;
}

/** The instructions of a program, a line each. */
export const codeLines = (code: Uint8Array, rules: Rules): string[] =>
  disassemble(code, rules).map(({ pc, name, byte, immediate }) => {
    const text = name ?? `0x${byte.toString(16).padStart(2, '0')} (undefined)`;
    return `  ${pc.toString(16).padStart(4, '0')}  ${text}${immediate === undefined ? '' : ` ${immediate}`}`;
  });
