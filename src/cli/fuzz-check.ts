/** Judges cases: whether Erbium and its rivals say the same, or whether Erbium survives. */

import { disassemble } from '../../opcodes/disassemble.ts';
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
  tracedContender,
  type Verdict,
} from '../fuzz/compare.ts';
import { CaseRunner, type Outcome } from '../fuzz/execute.ts';
import { shrink } from '../fuzz/shrink.ts';
import { addressToHex } from '../primitives/address.ts';
import { bytesToHex } from '../primitives/bytes.ts';
import { caseText } from './fuzz-files.ts';
import type { Finding, Rivals } from './fuzz-job.ts';

/** Opens what a campaign compares with. */
export async function openContenders({ ethereumjs, against, batch, patience }: Rivals): Promise<Contender[]> {
  const contenders = [plainContender(), tracedContender()];
  if (ethereumjs) contenders.push(await (await import('./fuzz-ethereumjs.ts')).ethereumjsContender());
  if (against !== undefined || batch !== undefined) {
    const { batchContender, commandContender } = await import('./fuzz-external.ts');
    if (against !== undefined) contenders.push(commandContender(against, { timeout: patience }));
    if (batch !== undefined) contenders.push(batchContender(batch, { timeout: patience }));
  }
  return contenders;
}

/** A case on which two contenders differ. */
interface Disagreement {
  readonly a: Contender;
  readonly b: Contender;
  readonly verdict: Verdict;
}

/** Told what is no finding; of one kind, only the first is of interest. */
export type Trouble = (kind: string, what: string) => void;

/** Compares Erbium with all others, case by case. */
export class DiffCheck {
  private readonly contenders: readonly Contender[];
  private readonly tries: number;
  private readonly trouble: Trouble;
  private readonly seen = new Set<string>();

  /** @param trouble is told what is no finding: a rival that fails, or that cannot run a case */
  constructor(contenders: readonly Contender[], tries: number, trouble: Trouble) {
    this.contenders = contenders;
    this.tries = tries;
    this.trouble = trouble;
  }

  /** The finding that a case is; null for none. */
  async check(fuzzCase: FuzzCase): Promise<Finding | null> {
    const found = await this.disagreement(fuzzCase);
    if (found === null) return null;
    const { a, b, verdict } = found;
    // What was found before is not shrunk again: that takes as long as thousands of cases.
    const place = `${b.name}: ${causeOf(verdict, await compareTraces(fuzzCase, a, b))}`;
    if (this.seen.has(place)) return null;
    this.seen.add(place);
    const cause = causeOf(verdict);
    const stillFails = async (candidate: FuzzCase): Promise<boolean> =>
      causeOf(compare(await a.run(candidate), await b.run(candidate))) === cause;
    if (!(await stillFails(fuzzCase))) {
      this.trouble(`${b.name} unsteady`, `${b.name}: differs, and does not when it is asked again`);
      return null;
    }
    const small = await shrink(fuzzCase, stillFails, { tries: this.tries });
    return this.finding(small, a, b);
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
      if (verdict.kind === 'differ') return { a: a!, b, verdict };
    }
    return null;
  }

  private async finding(fuzzCase: FuzzCase, a: Contender, b: Contender): Promise<Finding> {
    const verdict = compare(await a.run(fuzzCase), await b.run(fuzzCase));
    const traces = await compareTraces(fuzzCase, a, b);
    const cause = `${b.name}: ${causeOf(verdict, traces) ?? 'gone when it was looked at again'}`;
    const lines = [`${a.name} and ${b.name} differ: ${cause}`, ''];
    if (verdict.kind === 'differ') {
      for (const { field, a: own, b: other } of verdict.differences) {
        lines.push(`${field}:`, `  ${a.name}: ${own}`, `  ${b.name}: ${other}`);
      }
    }
    return { cause, text: textOf(fuzzCase), account: [...lines, '', describe(fuzzCase)].join('\n') };
  }
}

/** The cause of a finding that is something thrown. */
export const exceptionCause = (thrown: unknown): string =>
  `exception: ${thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)}`;

/** A finding about a case that Erbium did not survive. */
export async function crashFinding(fuzzCase: FuzzCase, error: unknown, tries: number): Promise<Finding> {
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
  const small = stillFails(fuzzCase) ? await shrink(fuzzCase, stillFails, { tries }) : fuzzCase;
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return { cause, text: textOf(small), account: [cause, '', stack, '', describe(small)].join('\n') };
}

/** A finding about a case that takes so long that it was given up; it is not run again. */
export function hangFinding(fuzzCase: FuzzCase, milliseconds: number): Finding {
  const cause = `hangs: more than ${milliseconds} ms`;
  return { cause, text: caseText(fuzzCase, UNKNOWN, 'found'), account: `${cause}\n\n${describe(fuzzCase)}` };
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
