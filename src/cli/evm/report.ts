/** The reports of tests as geth's `evm` prints them. */

import type { StateDump } from './dump.ts';
import { goJson } from './json.ts';
import { writeOut } from './output.ts';

/** How fast a case ran. Nothing counts allocations here, so the two numbers of them are 0. */
export interface BenchStats {
  /** Nanoseconds. */
  readonly time: number;
  readonly allocs: 0;
  readonly bytesAllocated: 0;
  readonly gasUsed: number;
}

/** The report of one test; the order of the fields is that of the JSON. */
export interface TestReport {
  readonly name: string;
  readonly pass: boolean;
  readonly stateRoot?: string;
  readonly fork: string;
  readonly error?: string;
  readonly state?: StateDump;
  readonly benchStats?: BenchStats;
}

export function printReports(reports: readonly TestReport[], isForPeople: boolean): void {
  writeOut(isForPeople ? inWords(reports) : `${goJson(reports)}\n`);
}

function inWords(reports: readonly TestReport[]): string {
  const lines = reports.map(({ name, pass, fork, error, state }) => {
    const line = pass ? `[PASS] ${name}` : `[FAIL] ${name}, err=${error}, fork=${fork}`;
    return state === undefined ? line : `${line}\n${goJson(state)}`;
  });
  const passed = reports.filter(({ pass }) => pass).length;
  return `${[...lines, '--', `${passed} tests passed, ${reports.length - passed} tests failed.`].join('\n')}\n`;
}
