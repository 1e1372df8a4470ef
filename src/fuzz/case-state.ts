/** The state before the transaction of a case, read from the case itself: to copy it takes longer than most cases do. */

import { fixtureBlockHash } from '../executor/fixture-hashes.ts';
import type { Address } from '../primitives/address.ts';
import { keccakWord } from '../primitives/keccak.ts';
import type { AccountInfo, StateReader } from '../state/reader.ts';
import type { FuzzCase } from './case.ts';

// Cases that come of one another share most of their codes.
const hashes = new WeakMap<Uint8Array, bigint>();

function hashOf(code: Uint8Array): bigint {
  let hash = hashes.get(code);
  if (hash === undefined) hashes.set(code, (hash = keccakWord(code)));
  return hash;
}

export class CaseState implements StateReader {
  private readonly pre: FuzzCase['pre'];
  /** Of the accounts that were asked for. */
  private readonly codes = new Map<bigint, Uint8Array>();

  constructor({ pre }: FuzzCase) {
    this.pre = pre;
  }

  account(address: Address): AccountInfo | undefined {
    const account = this.pre.get(address);
    if (account === undefined) return undefined;
    const { nonce, balance, code } = account;
    const codeHash = hashOf(code);
    this.codes.set(codeHash, code);
    return { nonce, balance, codeHash };
  }

  storage(address: Address, key: bigint): bigint {
    return this.pre.get(address)?.storage.get(key) ?? 0n;
  }

  hasStorage(address: Address): boolean {
    for (const value of this.pre.get(address)?.storage.values() ?? []) if (value !== 0n) return true;
    return false;
  }

  code(codeHash: bigint): Uint8Array {
    return this.codes.get(codeHash)!;
  }

  blockHash(number: bigint): bigint {
    return fixtureBlockHash(number);
  }
}
