/**
 * One EVM in a process of its own, started by `call.ts`: how long it takes to load, to make its first call and to make
 * its thousandth. Takes the name of an engine of Erbium or of another EVM, and the call as JSON; prints JSON. Imports nothing
 * but what it measures.
 */

import type { EngineChoice } from '../src/evm/engine-choice.ts';
import type { Contender } from './contender.ts';
import type { Workload } from './workload.ts';

export interface CallTimes {
  /** Milliseconds until there is an EVM: importing it, making it, giving it the contract. */
  readonly load: number;
  readonly first: number;
  /** From the import to the end of the first call. */
  readonly started: number;
  readonly thousandth: number;
  /** As JSON. */
  readonly outcome: string;
}

/** The thousandth call is the median of as many calls before and after it. */
const AROUND = 50;
const THOUSANDTH = 1_000;

async function main(name: string, call: string): Promise<void> {
  const start = performance.now();
  const contender: Contender =
    name === '@ethereumjs/evm'
      ? (await import('./ethereumjs.ts')).ethereumjs
      : (await import('./embedded.ts')).embedded(name as EngineChoice);
  const { runtime, calldata } = JSON.parse(call) as { runtime: string; calldata: string };
  const workload: Workload = {
    name: 'claim',
    runtime: Buffer.from(runtime.slice(2), 'hex'),
    calldata: Buffer.from(calldata.slice(2), 'hex'),
    gas: 1_000_000n,
    caller: 0xa94f_5374_fce5_edbc_8e2a_8697_c153_3167_7e6e_bf0bn,
    address: 0xbe7c_43a5_8000_0000_0000_0000_0000_0000_0000_0001n,
    expect: {},
  };
  const runner = await contender.prepare(workload);
  await runner.reset();
  const load = performance.now() - start;

  const times: number[] = [];
  let started: number | undefined;
  for (let i = 0; i < THOUSANDTH + AROUND; i++) {
    const from = performance.now();
    await runner.run();
    const now = performance.now();
    times.push(now - from);
    started ??= now - start;
    if (i < THOUSANDTH + AROUND - 1) await runner.reset();
  }
  const around = times.slice(THOUSANDTH - 1 - AROUND).sort((a, b) => a - b);
  const outcome = JSON.stringify(runner.outcome(), (_key, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  const thousandth = around[around.length >> 1]!;
  const result: CallTimes = { load, first: times[0]!, started: started!, thousandth, outcome };
  console.log(JSON.stringify(result));
}

await main(process.argv[2]!, process.argv[3]!);
