/**
 * One engine in a process of its own, started by `start.ts`: what it costs to begin with it, and what a tiny call costs.
 * Takes the name of the engine; prints JSON. Imports nothing before it is measured. Exit code 1: a result is wrong.
 */

import type { EngineChoice, Evm } from 'erbium';

/** Of the whole process, with what V8 does in other threads, is `processor`. */
export interface Cost {
  readonly wall: number;
  readonly processor: number;
}

/** Milliseconds, those of calls microseconds. */
export interface StartCosts {
  /** Importing the package, by its name and as it is published. */
  readonly load: Cost;
  readonly first: Cost;
  /** A call of a contract that is one STOP. */
  readonly stop: Cost;
  /** How much longer a call of ten instructions takes than that, the last of them a STOP. */
  readonly ten: Cost;
  /** The same, where they return a word. */
  readonly word: Cost;
}

const CODES = {
  stop: '00',
  // PUSH1 5, PUSH1 3, ADD, PUSH1 7, MUL, DUP1, XOR, ISZERO, POP, STOP
  ten: '60056003016007028018155000',
  // PUSH1 5, PUSH1 3, ADD, PUSH1 7, MUL, PUSH1 0, MSTORE, PUSH1 32, PUSH1 0, RETURN
  word: '600560030160070260005260206000f3',
} as const;
const NAMES = ['stop', 'ten', 'word'] as const;
const RESULTS = { stop: '0x', ten: '0x', word: `0x${(56).toString(16).padStart(64, '0')}` } as const;

/** Calls in a row: so many that processor time, counted in microseconds, says something. */
const BLOCK = 500;
/** Of each code, in turn, after as many that are not counted. */
const BLOCKS = 60;

const clock = (): Cost => {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now(), processor: (user + system) / 1_000 };
};

const since = (start: Cost): Cost => {
  const end = clock();
  return { wall: end.wall - start.wall, processor: end.processor - start.processor };
};

const middle = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;

const middleOf = (costs: readonly Cost[]): Cost => ({
  wall: middle(costs.map(({ wall }) => wall)),
  processor: middle(costs.map(({ processor }) => processor)),
});

/** Microseconds of one call of each code, those of the others beyond a STOP; medians of interleaved blocks. */
function callCosts(evm: Evm): Record<keyof typeof CODES, Cost> {
  const calls = NAMES.map((_, i) => ({ from: 0xca11n, to: addressOf(i), gas: 100_000n }));
  const costs: Cost[][] = NAMES.map(() => []);
  for (let block = 0; block < 2 * BLOCKS; block++) {
    for (const [i, call] of calls.entries()) {
      const start = clock();
      for (let n = 0; n < BLOCK; n++) evm.call(call);
      const { wall, processor } = since(start);
      const cost = { wall: (wall * 1_000) / BLOCK, processor: (processor * 1_000) / BLOCK };
      if (block >= BLOCKS) costs[i]!.push(cost);
    }
  }
  const [stop, ten, word] = costs as [Cost[], Cost[], Cost[]];
  // Block by block: what else the machine does hits neighbours alike.
  const beyond = (others: readonly Cost[]): Cost =>
    middleOf(
      others.map(({ wall, processor }, i) => ({
        wall: wall - stop[i]!.wall,
        processor: processor - stop[i]!.processor,
      })),
    );
  return { stop: middleOf(stop), ten: beyond(ten), word: beyond(word) };
}

const addressOf = (i: number): bigint => 0xc0de00n + BigInt(i);

async function main(engine: EngineChoice): Promise<void> {
  const start = clock();
  const { createEvm } = await import('erbium');
  const load = since(start);

  const firstStart = clock();
  const evm = createEvm({ engine });
  for (const [i, name] of NAMES.entries()) {
    evm.setAccount(addressOf(i), { nonce: 1, code: `0x${CODES[name]}` });
  }
  evm.call({ to: addressOf(NAMES.indexOf('word')) });
  const first = since(firstStart);

  for (const [i, name] of NAMES.entries()) {
    const { status, output } = evm.call({ to: addressOf(i) });
    if (status === 'success' && output === RESULTS[name]) continue;
    console.error(`wrong result: ${engine}, ${name}: ${status} ${output}`);
    process.exit(1);
  }
  const costs: StartCosts = { load, first, ...callCosts(evm) };
  console.log(JSON.stringify(costs));
}

await main(process.argv[2] as EngineChoice);
