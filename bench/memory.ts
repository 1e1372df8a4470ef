/**
 * `npm run bench:memory`: bytes that Erbium holds with each of its engines for a frame and for a contract that it knows.
 *
 * Exit codes: 0 done, 1 a call went wrong, 2 unusable arguments.
 */

import { ownWorkloads } from './contracts.ts';
import { DEPTH, type Held, heldPerContract, heldPerFrame, storeOf, WrongResult } from './memory/held.ts';

const ENGINES = ['wasm', 'bigint'] as const;
/** Bytes of memory that a frame of ordinary contracts uses, and of one that uses much. */
const MEMORIES = [32, 4_096];
const CONTRACT = 'own.Amm';
/** The limit of EIP-170. */
const LARGEST = 24_576;

const bytes = (value: number): string => Math.round(value).toLocaleString('en').padStart(14);

const row = (label: string, all: readonly Held[]): string[] => [
  `${`${label}: heap`.padEnd(52)}${all.map(({ heap }) => bytes(heap)).join('')}`,
  `${`${' '.repeat(label.length)}  outside`.padEnd(52)}${all.map(({ outside }) => bytes(outside)).join('')}`,
];

function table(): string {
  const { runtime, calldata } = ownWorkloads().find(({ name }) => name === CONTRACT)!;
  const store = storeOf(LARGEST);
  return [
    `Node ${process.version}, bytes held`,
    '',
    ' '.repeat(52) + ENGINES.map((engine) => engine.padStart(14)).join(''),
    ...MEMORIES.flatMap((memory) =>
      row(
        `frame with ${memory.toLocaleString('en')} bytes of memory, of ${DEPTH.toLocaleString('en')}`,
        ENGINES.map((engine) => heldPerFrame(engine, memory)),
      ),
    ),
    ...row(
      `contract of ${runtime.length.toLocaleString('en')} bytes`,
      ENGINES.map((engine) => heldPerContract(engine, runtime, calldata)),
    ),
    '',
    store === null
      ? 'No code store: WebAssembly is not to be had here.'
      : `The code store of engine wasm, whose size is fixed, takes ${(store.bytes / LARGEST).toFixed(2)} bytes for each byte of ` +
        `code and holds ${store.codes} codes of ${LARGEST.toLocaleString('en')} bytes.`,
  ].join('\n');
}

if (process.argv.length > 2) {
  console.error('Usage: npm run bench:memory');
  process.exitCode = 2;
} else if (globalThis.gc === undefined) {
  console.error('bench:memory needs node --expose-gc');
  process.exitCode = 2;
} else {
  try {
    console.log(table());
  } catch (error) {
    if (!(error instanceof WrongResult)) throw error;
    console.error(`wrong result: ${error.message}`);
    process.exitCode = 1;
  }
}
