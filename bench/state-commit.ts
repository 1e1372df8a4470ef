/**
 * `node --expose-gc dist/bench/state-commit.js [accounts …]`: how long a state on disk takes to commit a change of
 * 10,000 accounts, by the number of accounts that it holds. The time is to follow the change, not the state.
 *
 * The state lies in a directory for temporary files. Every root is compared with one of a state in memory where that
 * is of at most 100,000 accounts; beyond, the root is printed only.
 */

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex } from '../src/primitives/bytes.ts';
import { EMPTY_CODE_HASH } from '../src/primitives/keccak.ts';
import type { AccountDiff, StateDiff } from '../src/state/diff.ts';
import { type LmdbState, openLmdbState } from '../src/state/readers/lmdb/index.ts';
import { MemoryState } from '../src/state/readers/memory.ts';

const SIZES: readonly number[] = [10_000, 100_000, 1_000_000];
const BUILD_BATCH = 50_000;
const CHANGED = 10_000;
const ROUNDS = 5;
const SMALL_ROUNDS = 31;
/** A state in memory of more accounts takes longer than what is measured. */
const CHECKED_UP_TO = 100_000;
const SEED = 0x9e37_79b9;

/** mulberry32: the same numbers in every run. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

// The index stands in the low bits: V8 hashes a bigint by its low 64 bits, and a Map of equal hashes is a list.
const addressOf = (index: number): bigint => (0xe1b1_0000n << 128n) | BigInt(index);

const account = (balance: number): AccountDiff => ({
  account: { nonce: 1n, balance: BigInt(balance) * 10n ** 12n, codeHash: EMPTY_CODE_HASH },
  storageCleared: false,
  storage: new Map(),
  code: undefined,
});

function buildDiff(from: number, to: number): StateDiff {
  const diff = new Map<bigint, AccountDiff>();
  for (let i = from; i < to; i++) diff.set(addressOf(i), account(i + 1));
  return diff;
}

/** As many different accounts of the state, with a new balance each. */
function changeDiff(random: () => number, accounts: number, round: number): StateDiff {
  const diff = new Map<bigint, AccountDiff>();
  while (diff.size < CHANGED) {
    diff.set(addressOf(Math.floor(random() * accounts)), account(2 ** 40 + round));
  }
  return diff;
}

/** MiB of the process's own memory, and of the file that the system has mapped for it and takes back at will. */
function memory(): { own: number; mapped: number } {
  globalThis.gc?.();
  let own = process.memoryUsage().rss / 2 ** 20;
  let mapped = Number.NaN;
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    const field = (name: string): number =>
      Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
    own = field('RssAnon');
    mapped = field('RssFile') + field('RssShmem');
  } catch {
    // Other systems tell the sum only.
  }
  return { own, mapped };
}

function timed(action: () => void): number {
  const start = performance.now();
  action();
  return performance.now() - start;
}

function build(state: LmdbState, accounts: number, model: MemoryState | null): number {
  let total = 0;
  for (let from = 0; from < accounts; from += BUILD_BATCH) {
    const diff = buildDiff(from, Math.min(accounts, from + BUILD_BATCH));
    total += timed(() => state.apply(diff));
    model?.apply(diff);
  }
  return total;
}

async function measure(accounts: number): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), 'erbium-bench-'));
  try {
    const state = await openLmdbState(join(directory, 'state'));
    const model = accounts <= CHECKED_UP_TO ? new MemoryState() : null;
    const built = build(state, accounts, model);
    const random = randomFrom(SEED);
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const diff = changeDiff(random, accounts, round);
      times.push(timed(() => state.apply(diff)));
      model?.apply(diff);
    }
    times.sort((a, b) => a - b);
    const small: number[] = [];
    for (let round = 0; round < SMALL_ROUNDS; round++) {
      const diff = new Map([[addressOf(Math.floor(random() * accounts)), account(2 ** 41 + round)]]);
      small.push(timed(() => state.apply(diff)));
      model?.apply(diff);
    }
    small.sort((a, b) => a - b);
    const root = bytesToHex(state.root());
    const isRight = model === null || bytesToHex(model.root()) === root;
    const proof = state.proof(addressOf(3)).accountProof.length;
    const { own, mapped } = memory();
    const size = statSync(join(directory, 'state', 'data.mdb')).size / 2 ** 20;
    const cells = [
      accounts.toLocaleString('en'),
      (built / 1000).toFixed(1),
      times[ROUNDS >> 1]!.toFixed(0),
      `${times[0]!.toFixed(0)}–${times.at(-1)!.toFixed(0)}`,
      small[SMALL_ROUNDS >> 1]!.toFixed(1),
      String(proof),
      size.toFixed(0),
      own.toFixed(0),
      mapped.toFixed(0),
      `${root.slice(0, 18)}…`,
      model === null ? '–' : isRight ? 'right' : 'WRONG',
    ];
    console.log(`| ${cells.join(' | ')} |`);
    await state.close();
    return isRight;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : SIZES;
if (!sizes.every((size) => Number.isSafeInteger(size) && size >= CHANGED)) {
  console.error(`usage: state-commit [accounts …], each a number from ${CHANGED} on`);
  process.exitCode = 2;
} else {
  console.log(
    `Node ${process.version}; commits of ${CHANGED.toLocaleString('en')} changed accounts, on disk\n`,
  );
  console.log(
    '| accounts | build s | commit ms | spread | one account ms | proof nodes | file MiB | own MiB | mapped MiB | root | checked |',
  );
  console.log(`|${' ---: |'.repeat(9)} :--- | :--- |`);
  for (const size of sizes) if (!(await measure(size))) process.exitCode = 1;
}
