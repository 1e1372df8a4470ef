/**
 * One EVM in a process of its own, started by `call.ts`: how long it takes to load, to make its first call and to make
 * its thousandth. Takes the EVM's name and the call as JSON; prints JSON. Imports nothing but what it measures.
 */

import type { Contender } from './contender.ts';
import type { Workload } from './workload.ts';

export interface CallTimes {
  /** Milliseconds until there is an EVM: importing it, making it, giving it the contract. */
  readonly load: number;
  readonly first: number;
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
    name === 'erbium'
      ? (await import('./embedded.ts')).embedded
      : (await import('./ethereumjs.ts')).ethereumjs;
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
  for (let i = 0; i < THOUSANDTH + AROUND; i++) {
    const from = performance.now();
    await runner.run();
    times.push(performance.now() - from);
    if (i < THOUSANDTH + AROUND - 1) await runner.reset();
  }
  const around = times.slice(THOUSANDTH - 1 - AROUND).sort((a, b) => a - b);
  const outcome = JSON.stringify(runner.outcome(), (_key, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  const result: CallTimes = { load, first: times[0]!, thousandth: around[around.length >> 1]!, outcome };
  console.log(JSON.stringify(result));
}

await main(process.argv[2]!, process.argv[3]!);
