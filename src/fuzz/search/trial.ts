/** One step on the contract, and on the code that should equal it: what came of it, and which goal it reached. */

import { HALT_WORDS, Halt, isSuccess } from '../../machine/halt.ts';
import { addressToHex } from '../../primitives/address.ts';
import { bytesToHex, equalBytes, toQuantity } from '../../primitives/bytes.ts';
import type { StateReader } from '../../state/reader.ts';
import { type AssertionState, holds } from '../assertion.ts';
import { ATTACKER_CONTRACT, attackerCode } from './attacker.ts';
import { type Goal, wordsOf } from './goals.ts';
import { type Point, type Ran, Runner, type Setting } from './runner.ts';
import type { Finding, FoundStep, Step } from './step.ts';
import { Watch } from './watch.ts';

/** The states of both codes; of one only, where there is no other. */
export interface Spot {
  readonly main: Point;
  readonly other: Point | null;
}

/** What came of a step. */
export interface Trial {
  readonly ran: Ran;
  readonly after: Spot;
  /** The first goal that was reached; null for none. */
  readonly hit: { readonly goal: number; readonly what: string } | null;
}

/** Codes of a search have fewer bytes together. */
const OTHER_PLACES = 2 ** 30;

const OUT_OF_GAS: ReadonlySet<Halt> = new Set([
  Halt.OutOfGas,
  Halt.GasOverflow,
  Halt.MemoryOverflow,
  Halt.SstoreSentry,
  Halt.CodeDepositOutOfGas,
]);

export class Tester {
  readonly start: Spot;
  readonly runner: Runner;
  readonly watch = new Watch();
  /** Of the other code. */
  readonly otherWatch = new Watch(OTHER_PLACES);
  private readonly other: Runner | null;
  private readonly goals: readonly Goal[];
  private readonly before: AssertionState;
  private readonly wealth: bigint;

  /** @param other runtime or init code as in the setting */
  constructor(setting: Setting, goals: readonly Goal[], other: Uint8Array | null) {
    this.goals = goals;
    this.runner = new Runner(setting, this.watch);
    this.other = other === null ? null : new Runner({ ...setting, code: other }, this.otherWatch);
    this.watch.target = this.runner.target;
    for (const goal of goals) {
      if (goal.kind === 'pc') this.watch.wantedPcs.add(goal.pc);
      if (goal.kind === 'opcode') this.watch.wantedBytes.add(goal.byte);
    }
    this.start = { main: this.runner.start, other: this.other?.start ?? null };
    this.before = assertionState(this.start.main.state);
    this.wealth = this.runner.wealth(this.start.main);
  }

  /** Runs a step; null where its sender cannot pay what it sends. */
  try(spot: Spot, step: Step): Trial | null {
    const { runner, other } = this;
    if (!runner.affords(spot.main, step)) return null;
    this.watch.reset();
    const ran = runner.run(spot.main, step);
    let difference: string | null = null;
    let otherAfter: Point | null = null;
    if (other !== null && spot.other !== null) {
      if (!other.affords(spot.other, step)) return null;
      this.otherWatch.reset();
      const otherRan = other.run(spot.other, step);
      otherAfter = otherRan.after;
      difference = differenceOf(ran, otherRan);
    }
    const after = { main: ran.after, other: otherAfter };
    for (const [goal, wanted] of this.goals.entries()) {
      const detail = this.reached(wanted, step, ran, difference);
      if (detail !== null) return { ran, after, hit: { goal, what: wordsOf(wanted, detail) } };
    }
    return { ran, after, hit: null };
  }

  /** Runs a sequence from the start; what it reaches of one goal, or null. */
  replay(steps: readonly Step[], goal: number): Finding | null {
    let spot = this.start;
    const done: FoundStep[] = [];
    for (const step of steps) {
      const trial = this.try(spot, step);
      if (trial === null) return null;
      done.push(this.found(step, trial));
      if (trial.hit !== null) {
        return trial.hit.goal === goal ? { goal, what: trial.hit.what, steps: done } : null;
      }
      spot = trial.after;
    }
    return null;
  }

  private found(step: Step, { ran: { result, after } }: Trial): FoundStep {
    const { to, data } = this.runner.callOf(step);
    const code = attackerCode(this.runner.target, step.reenterTimes, step.reenterData);
    return {
      ...step,
      to,
      calldata: data,
      attackerCode: step.way === 'contract' ? code : null,
      number: after.number,
      timestamp: after.timestamp,
      status: HALT_WORDS[result.halt],
      output: result.output,
      gasUsed: result.gasUsed,
    };
  }

  /** Details of a goal that was reached, which may be empty; null where it was not. */
  private reached(goal: Goal, step: Step, { result, after }: Ran, difference: string | null): string | null {
    const { watch } = this;
    const when = (isReached: boolean): string | null => (isReached ? '' : null);
    switch (goal.kind) {
      case 'halt':
        return when(watch.halts.has(goal.halt));
      case 'gas':
        return when(step.way === 'direct' && OUT_OF_GAS.has(result.halt));
      case 'panic': {
        for (const code of watch.panics) {
          if (goal.code === null || goal.code === code) return `Panic(${toQuantity(code)})`;
        }
        return null;
      }
      case 'pc':
        return when(watch.reachedPcs.has(goal.pc));
      case 'opcode':
        return when(watch.reachedBytes.has(goal.byte));
      case 'delegate': {
        for (const address of watch.delegates) return addressToHex(address);
        return null;
      }
      case 'assert': {
        if (!isSuccess(result.halt)) return null;
        const context = {
          target: this.runner.target,
          caller: step.way === 'contract' ? ATTACKER_CONTRACT : step.caller,
          success: true,
          output: result.output,
          input: step.data,
          now: assertionState(after.state),
          before: this.before,
        };
        return when(!holds(goal.assertion, context));
      }
      case 'drain': {
        const gain = this.runner.wealth(after) - this.wealth;
        return gain > 0n ? `the attacker has ${gain} wei more than before` : null;
      }
      case 'equivalent':
        return difference;
    }
  }
}

const assertionState = (state: StateReader): AssertionState => ({
  slot: (address, key) => state.storage(address, key),
  balance: (address) => state.account(address)?.balance ?? 0n,
});

/**
 * In what two runs differ, in words, or null. Gas is no difference, and so a run that is out of gas tells nothing: an
 * optimised code needs less.
 */
function differenceOf(ran: Ran, other: Ran): string | null {
  const [a, b] = [ran.result, other.result];
  if (OUT_OF_GAS.has(a.halt) || OUT_OF_GAS.has(b.halt)) return null;
  if (isSuccess(a.halt) !== isSuccess(b.halt)) return `${HALT_WORDS[a.halt]}, and ${HALT_WORDS[b.halt]}`;
  if (!equalBytes(a.output, b.output)) return `output ${bytesToHex(a.output)}, and ${bytesToHex(b.output)}`;
  if (a.logs.length !== b.logs.length) return `${a.logs.length} logs, and ${b.logs.length}`;
  for (const [i, log] of a.logs.entries()) {
    const { address, topics, data } = b.logs[i]!;
    const sameTopics =
      topics.length === log.topics.length && topics.every((topic, k) => topic === log.topics[k]);
    if (address !== log.address || !sameTopics || !equalBytes(data, log.data)) return `log ${i}`;
  }
  return stateDifference(ran, other);
}

function stateDifference(ran: Ran, other: Ran): string | null {
  const [a, b] = [ran.after.state, other.after.state];
  for (const { diff } of [ran.result, other.result]) {
    for (const [address, { storage }] of diff) {
      const [balance, otherBalance] = [a, b].map((state) => state.account(address)?.balance ?? 0n);
      if (balance !== otherBalance) {
        return `balance of ${addressToHex(address)} ${balance}, and ${otherBalance}`;
      }
      for (const key of storage.keys()) {
        const [value, otherValue] = [a.storage(address, key), b.storage(address, key)];
        if (value !== otherValue) {
          const name = `slot ${toQuantity(key)} of ${addressToHex(address)}`;
          return `${name} ${toQuantity(value)}, and ${toQuantity(otherValue)}`;
        }
      }
    }
  }
  return null;
}
