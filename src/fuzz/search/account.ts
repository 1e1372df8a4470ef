/** A finding for people: the transactions and what each changed, the last instructions, and the code around them. */

import { disassemble } from '../../../opcodes/disassemble.ts';
import { opTableOf } from '../../../opcodes/optable.ts';
import { type Rules, rulesOf } from '../../forks/rules.ts';
import { type Address, addressToHex } from '../../primitives/address.ts';
import { bytesToBigInt, bytesToHex, toQuantity } from '../../primitives/bytes.ts';
import type { CaseAccount } from '../case.ts';
import { ATTACKER_CONTRACT, ATTACKERS, CALLERS } from './attacker.ts';
import { casesOf, type SequenceCase } from './cases.ts';
import type { Goal } from './goals.ts';
import { Runner, type Setting } from './runner.ts';
import type { Finding, FoundStep, Way } from './step.ts';
import { type TailStep, tailOf } from './tail.ts';

const SELECTOR = 4;
const WORD = 32;
/** Bytes of an input that are shown word by word. */
const MAX_SHOWN = SELECTOR + 16 * WORD;
const MAX_CHANGES = 20;
/** Instructions shown on either side of a pc. */
const AROUND = 8;

/** @param other the code that should do the same, where there is one */
export function accountOf(finding: Finding, goal: Goal, setting: Setting, other: Uint8Array | null): string {
  const rules = rulesOf(setting.fork);
  const { target } = new Runner(setting, {});
  const names = namesOf(target);
  const cases = casesOf(setting, finding.steps);
  const lines = [
    `found     ${finding.what}`,
    `contract  ${addressToHex(target)}, ${codeSize(cases, target)} bytes of code, under ${setting.fork}`,
    ...finding.steps.flatMap((step, i) => [
      '',
      ...stepLines(step, i + 1, finding.steps.length),
      ...changeLines(cases[i]!, names),
    ]),
    ...endLines(tailOf(setting, target, goal, finding.steps), 'the contract', rules),
  ];
  if (other !== null) {
    const setOther = { ...setting, code: other };
    lines.push(
      ...endLines(
        tailOf(setOther, new Runner(setOther, {}).target, goal, finding.steps),
        'the other code',
        rules,
      ),
    );
  }
  return `${lines.join('\n')}\n`;
}

const namesOf = (target: Address): ReadonlyMap<Address, string> =>
  new Map([
    [target, 'the contract'],
    ...CALLERS.map((caller, i): [Address, string] => [caller, `the attacker's account ${i + 1}`]),
    [ATTACKER_CONTRACT, "the attacker's contract"],
  ]);

const codeSize = (cases: readonly SequenceCase[], target: Address): number =>
  cases[0]?.fuzzCase.pre.get(target)?.code.length ?? 0;

const WAYS: Readonly<Record<Way, string>> = {
  direct: 'the contract',
  contract: "the attacker's contract, which passes the call on",
  force: 'a creation that destroys itself and leaves its ether to the contract',
};

function stepLines(step: FoundStep, number: number, count: number): string[] {
  const { to, attackerCode, reenterTimes } = step;
  const lines = [
    `transaction ${number} of ${count}, in block ${step.number} at ${step.timestamp}`,
    `  from    ${addressToHex(step.caller)}`,
    `  to      ${to === null ? WAYS.force : `${addressToHex(to)}, ${WAYS[step.way]}`}`,
    `  value   ${step.value} wei`,
    `  input   ${bytesToHex(step.calldata)}`,
    ...(step.way === 'force' ? [] : wordLines(step.calldata)),
  ];
  if (attackerCode !== null && reenterTimes > 0) {
    const times = reenterTimes === 1 ? 'once' : `up to ${reenterTimes} times`;
    lines.push(`  again   ${times}, while it is called: ${bytesToHex(step.reenterData)}`);
  }
  if (attackerCode !== null) lines.push(`  code    ${bytesToHex(attackerCode)}, of the attacker's contract`);
  lines.push(`  status  ${step.status}`, `  output  ${bytesToHex(step.output)}`, `  gas     ${step.gasUsed}`);
  return lines;
}

/** The words behind a selector, where there are some. */
function wordLines(data: Uint8Array): string[] {
  const lines: string[] = [];
  if (data.length <= SELECTOR || data.length > MAX_SHOWN) return lines;
  for (let at = SELECTOR; at < data.length; at += WORD) {
    const word = data.subarray(at, at + WORD);
    const short = word.length < WORD ? `, of ${word.length} bytes only` : '';
    lines.push(`    word ${(at - SELECTOR) / WORD}  ${toQuantity(bytesToBigInt(word))}${short}`);
  }
  return lines;
}

const NONE: CaseAccount = { nonce: 0n, balance: 0n, code: new Uint8Array(0), storage: new Map() };

/** Slots, balances and codes that a transaction changed. Of the attacker only the balances are of interest. */
function changeLines(
  { fuzzCase: { pre }, post }: SequenceCase,
  names: ReadonlyMap<Address, string>,
): string[] {
  const changes: string[] = [];
  for (const address of new Set([...pre.keys(), ...post.keys()])) {
    const [was, is] = [pre.get(address) ?? NONE, post.get(address) ?? NONE];
    const name = names.get(address) ?? addressToHex(address);
    if (was.balance !== is.balance) {
      changes.push(`balance of ${name}: ${was.balance} -> ${is.balance}`);
    }
    if (ATTACKERS.includes(address)) continue;
    if (was.code.length !== is.code.length) {
      changes.push(`code of ${name}: ${was.code.length} -> ${is.code.length} bytes`);
    }
    for (const key of new Set([...was.storage.keys(), ...is.storage.keys()])) {
      const [before, after] = [was.storage.get(key) ?? 0n, is.storage.get(key) ?? 0n];
      if (before === after) continue;
      changes.push(`slot ${toQuantity(key)} of ${name}: ${toQuantity(before)} -> ${toQuantity(after)}`);
    }
  }
  if (changes.length === 0) return ['  changes nothing'];
  const more = changes.length > MAX_CHANGES ? [`    and ${changes.length - MAX_CHANGES} more`] : [];
  return ['  changes', ...changes.slice(0, MAX_CHANGES).map((change) => `    ${change}`), ...more];
}

const pcOf = (pc: number): string => pc.toString(16).padStart(4, '0');

function endLines(tail: readonly TailStep[], name: string, rules: Rules): string[] {
  const last = tail[tail.length - 1];
  if (last === undefined) return ['', `no instruction of ${name} ran in the last transaction`];
  const { rows } = opTableOf(rules);
  const nameOf = (byte: number): string =>
    rows[byte]?.name ?? `0x${byte.toString(16).padStart(2, '0')} (undefined)`;
  return [
    '',
    `the end of ${name}: depth, pc, gas, instruction, top of the stack`,
    ...tail.map(({ depth, pc, gas, byte, stack }) => {
      const words = stack.map(toQuantity).join(' ');
      return `  ${depth}  ${pcOf(pc)}  ${String(gas).padStart(8)}  ${nameOf(byte).padEnd(14)} ${words}`.trimEnd();
    }),
    '',
    `the code at ${addressToHex(last.address)} around ${pcOf(last.pc)}`,
    ...codeLines(last, rules),
  ];
}

function codeLines({ code, pc: at }: TailStep, rules: Rules): string[] {
  const instructions = disassemble(code.bytes, rules);
  // A pc beyond the end is a STOP that nobody wrote.
  const found = instructions.findIndex(({ pc }) => pc === at);
  const middle = found < 0 ? instructions.length : found;
  return instructions
    .slice(Math.max(0, middle - AROUND), middle + AROUND + 1)
    .map(({ pc, byte, name, immediate }) => {
      const text = name ?? `0x${byte.toString(16).padStart(2, '0')} (undefined)`;
      return `${pc === at ? '>' : ' '} ${pcOf(pc)}  ${text}${immediate === undefined ? '' : ` ${immediate}`}`;
    });
}
