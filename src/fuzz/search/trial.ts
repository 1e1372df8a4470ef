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
import { Watch, type WatchEvent } from './watch.ts';

/** The states of both codes; of one only, where there is no other. */
export interface Spot {
  readonly main: Point;
  readonly other: Point | null;
}

/** What came of a step. */
export interface Trial {
  readonly ran: Ran;
  readonly after: Spot;
  /** The goals that were reached, in their order. */
  readonly hits: readonly Hit[];
}

/** A goal that was reached. */
export interface Hit {
  readonly goal: number;
  /** The same for all that is to count as one finding. */
  readonly cause: string;
  readonly what: string;
}

/** A way in which a goal was reached: details for people, and the place where it was, if others count as others. */
interface Reached {
  readonly detail: string;
  readonly place: string;
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
    for (const goal of goals) this.watch.want(goal);
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
    const hits: Hit[] = [];
    for (const [goal, wanted] of this.goals.entries()) {
      for (const { detail, place } of this.reached(wanted, step, ran, difference)) {
        const words = wordsOf(wanted, detail);
        if (place === '') hits.push({ goal, cause: `${goal}`, what: words });
        else hits.push({ goal, cause: `${goal} ${place}`, what: `${words} (${place})` });
      }
    }
    return { ran, after, hits };
  }

  /** Runs a sequence from the start up to what is asked for; null where that does not come. */
  replay(steps: readonly Step[], isWanted: (hit: Hit) => boolean): Finding | null {
    let spot = this.start;
    const done: FoundStep[] = [];
    for (const step of steps) {
      const trial = this.try(spot, step);
      if (trial === null) return null;
      done.push(this.found(step, trial));
      const hit = trial.hits.find(isWanted);
      if (hit !== undefined) return { ...hit, steps: done };
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

  /** The ways in which a goal was reached. */
  private reached(
    goal: Goal,
    step: Step,
    { result, after }: Ran,
    difference: string | null,
  ): readonly Reached[] {
    const once = (isReached: boolean, detail = ''): readonly Reached[] =>
      isReached ? [{ detail, place: '' }] : [];
    switch (goal.kind) {
      case 'gas':
        return once(step.way === 'direct' && OUT_OF_GAS.has(result.halt));
      case 'halt':
      case 'panic':
      case 'pc':
      case 'opcode':
      case 'delegate':
        return this.watch.events.flatMap((event) => reachedBy(goal, event) ?? []);
      case 'assert': {
        if (!isSuccess(result.halt)) return [];
        const context = {
          target: this.runner.target,
          caller: step.way === 'contract' ? ATTACKER_CONTRACT : step.caller,
          success: true,
          output: result.output,
          input: step.data,
          now: assertionState(after.state),
          before: this.before,
        };
        return once(!holds(goal.assertion, context));
      }
      case 'drain': {
        const gain = this.runner.wealth(after) - this.wealth;
        return once(gain > 0n, `the attacker has ${gain} wei more than before`);
      }
      case 'equivalent':
        return once(difference !== null, difference ?? '');
    }
  }
}

/** How an event reaches a goal; null where it does not. */
export function reachedBy(goal: Goal, event: WatchEvent): Reached | null {
  if (goal.kind === 'panic') {
    if (event.kind !== 'halt' || event.panic === null) return null;
    if (goal.code !== null && goal.code !== event.panic) return null;
    return { detail: `Panic(${toQuantity(event.panic)})`, place: event.place };
  }
  if (goal.kind === 'halt' && event.kind === 'halt') {
    return goal.halt === event.halt ? { detail: '', place: event.place } : null;
  }
  if (goal.kind === 'pc' && event.kind === 'pc') {
    return goal.pc === event.pc ? { detail: '', place: '' } : null;
  }
  if (goal.kind === 'opcode' && event.kind === 'opcode') {
    return goal.byte === event.byte ? { detail: '', place: event.place } : null;
  }
  if (goal.kind === 'delegate' && event.kind === 'delegate') {
    return { detail: addressToHex(event.address), place: event.place };
  }
  return null;
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
