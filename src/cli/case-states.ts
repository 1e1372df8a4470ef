/**
 * States of state tests on disk: every case's pre-state goes into a database, is read from there during the run, and
 * takes the changes. One database serves one thread; it is emptied for each case.
 */

import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Address } from '../primitives/address.ts';
import { EMPTY_CODE_HASH, keccakWord } from '../primitives/keccak.ts';
import type { AccountDiff, StateDiff } from '../state/diff.ts';
import type { LmdbState } from '../state/readers/lmdb/index.ts';
import type { FixtureState, StateFactory } from '../statetest/index.ts';
import { unreadable } from './input.ts';
import type { FileReport } from './run-fixture.ts';
import { ensureFolder, Temporary } from './temporary.ts';

/**
 * A folder of this command alone within a folder of the user, for the databases of all threads.
 * @throws ErbiumError UNREADABLE_FILE
 */
export function caseFolder(parent: string): Temporary {
  try {
    ensureFolder(parent);
    return new Temporary(() => mkdtempSync(join(parent, 'statetest-')));
  } catch (error) {
    throw unreadable(parent, error);
  }
}

export interface CaseStates {
  readonly stateOf: StateFactory;
  /** Runs cases, and adds to their report how many commits the database counted meanwhile. */
  counted(run: () => FileReport): FileReport;
  close(): Promise<void>;
}

/** @param name of this thread, within the folder */
export async function openCaseStates(folder: string, name: string): Promise<CaseStates> {
  const { openLmdbState } = await import('../state/readers/lmdb/index.ts');
  let hashes: (number: bigint) => bigint = () => 0n;
  const blockHash = (number: bigint): bigint => hashes(number);
  const state = await openLmdbState(join(folder, name), { keep: 0, blockHash });
  return {
    stateOf(pre, blockHash) {
      hashes = blockHash;
      state.apply(replacing(state, pre));
      return state;
    },
    counted(run) {
      const before = state.version();
      const report = run();
      return { ...report, commits: state.version() - before };
    },
    close: () => state.close(),
  };
}

const GONE: AccountDiff = { account: null, storageCleared: true, storage: new Map(), code: undefined };

/** What makes the content of a state that of a pre-state, whatever it was. */
function replacing(state: LmdbState, pre: FixtureState): StateDiff {
  const diff = new Map<Address, AccountDiff>();
  for (const address of state.addresses()) diff.set(address, GONE);
  for (const [address, { nonce, balance, code, storage }] of pre) {
    const codeHash = code.length === 0 ? EMPTY_CODE_HASH : keccakWord(code);
    diff.set(address, { account: { nonce, balance, codeHash }, storageCleared: true, storage, code });
  }
  return diff;
}
