/** What the first call of an extension costs in a fresh process: tables and contexts are made in it. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import type { Operation } from './operation.ts';
import { ECRECOVER_GAS, MOST_TIMES } from './verdict.ts';

/** What the process is told on its standard input. */
export interface FirstCallTask {
  readonly name: string;
  readonly input: string;
}

/** What the process tells: milliseconds of the first call and of a warm ecrecover; null where the call fails. */
export type FirstCallTimes = { readonly first: number; readonly ecrecover: number } | null;

export interface FirstCall {
  readonly name: string;
  readonly label: string;
  readonly price: number;
  readonly cost: number;
}

function timesOf({ name, sample }: Operation): FirstCallTimes {
  const path = fileURLToPath(new URL('./first-call-process.js', import.meta.url));
  const task: FirstCallTask = { name, input: bytesToHex(sample.input) };
  const { status, stdout } = spawnSync(process.execPath, [path], {
    encoding: 'utf8',
    input: JSON.stringify(task),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`the process for the first call of ${name} ended with ${status}`);
  return JSON.parse(stdout);
}

/** The cheapest operation of each name. */
export function cheapestOf(operations: readonly Operation[]): Operation[] {
  const cheapest = new Map<string, Operation>();
  for (const operation of operations) {
    const before = cheapest.get(operation.name);
    if (before === undefined || operation.price < before.price) cheapest.set(operation.name, operation);
  }
  return [...cheapest.values()];
}

/** The first calls that cost a multiple of their price. What needs a proving key of the host cannot be told. */
export function dearFirstCalls(operations: readonly Operation[]): FirstCall[] {
  const calls: FirstCall[] = [];
  for (const operation of cheapestOf(operations)) {
    const times = timesOf(operation);
    if (times === null) continue;
    const { name, label, price } = operation;
    const cost = (ECRECOVER_GAS * times.first) / times.ecrecover;
    if (cost > MOST_TIMES * price) calls.push({ name, label, price, cost });
  }
  return calls;
}
