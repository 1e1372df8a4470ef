/** Databases that go away after a test, and random changes of a state. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach } from 'vitest';
import { EMPTY_CODE_HASH, keccakWord } from '../../../src/primitives/keccak.ts';
import type { AccountDiff, StateDiff } from '../../../src/state/diff.ts';
import { type LmdbOptions, type LmdbState, openLmdbState } from '../../../src/state/readers/lmdb/index.ts';

const directories: string[] = [];
const states: LmdbState[] = [];

/** A fresh directory, removed after the test. */
export function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'erbium-lmdb-'));
  directories.push(path);
  return path;
}

/** A path in a fresh directory, at which there is nothing. */
export const freshPath = (): string => join(directory(), 'state');

/** A state that is closed after the test. */
export async function open(path: string = freshPath(), options?: LmdbOptions): Promise<LmdbState> {
  const state = await openLmdbState(path, options);
  states.push(state);
  return state;
}

export async function cleanUp(): Promise<void> {
  for (const state of states.splice(0)) await state.close();
  for (const path of directories.splice(0)) rmSync(path, { recursive: true, force: true });
}

export const cleanUpAfterEach = (): void => afterEach(cleanUp);

const MAX_WORD = (1n << 256n) - 1n;
const MAX_NONCE = (1n << 64n) - 1n;

export const GONE: AccountDiff = { account: null, storageCleared: true, storage: new Map(), code: undefined };

/** An account with a balance and some slots. */
export const holding = (balance: bigint, slots: Iterable<readonly [bigint, bigint]> = []): AccountDiff => ({
  account: { nonce: 0n, balance, codeHash: EMPTY_CODE_HASH },
  storageCleared: false,
  storage: new Map(slots),
  code: undefined,
});

export const words = (pool: number): fc.Arbitrary<bigint> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.bigInt({ min: 0n, max: BigInt(pool) }) },
    { weight: 1, arbitrary: fc.constantFrom(0x7fn, 0x80n, 0xffn, 0x100n, 1n << 64n, MAX_WORD) },
  );

const change = (slotPool: number): fc.Arbitrary<AccountDiff> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant(GONE) },
    {
      weight: 4,
      arbitrary: fc
        .record({
          nonce: fc.oneof(fc.bigInt({ min: 0n, max: 3n }), fc.constant(MAX_NONCE)),
          balance: words(3),
          slots: fc.array(fc.tuple(words(slotPool), words(2)), { maxLength: slotPool / 2 }),
          storageCleared: fc.boolean(),
          code: fc.option(fc.uint8Array({ maxLength: 2 }), { nil: undefined }),
        })
        .map(({ nonce, balance, slots, storageCleared, code }) => ({
          account: {
            nonce,
            balance,
            codeHash: code === undefined || code.length === 0 ? EMPTY_CODE_HASH : keccakWord(code),
          },
          storageCleared,
          storage: new Map(slots),
          code,
        })),
    },
  );

export const addresses = (pool: number): fc.Arbitrary<bigint> => fc.bigInt({ min: 0n, max: BigInt(pool) });

/** Sequences of diffs over so many accounts and slots. */
export const diffs = (accountPool: number, slotPool: number, count: number): fc.Arbitrary<StateDiff[]> =>
  fc.array(
    fc
      .array(fc.tuple(addresses(accountPool), change(slotPool)), { maxLength: accountPool })
      .map((entries) => new Map(entries)),
    { minLength: 1, maxLength: count },
  );
