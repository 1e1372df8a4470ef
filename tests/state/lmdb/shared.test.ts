/** A state on disk that changes while somebody reads it, or makes a change of what was read. */

import { describe, expect, it } from 'vitest';
import { bytesToHex } from '../../../src/primitives/bytes.ts';
import { keccakWord } from '../../../src/primitives/keccak.ts';
import { allocParts, toAlloc } from '../../../src/state/readers/json.ts';
import { cleanUpAfterEach, freshPath, GONE, holding, open } from './helpers.ts';

cleanUpAfterEach();

describe('a state that others change', () => {
  it('takes a diff for one version, and only at that', async () => {
    const path = freshPath();
    const [one, other] = [await open(path), await open(path)];
    one.apply(new Map([[1n, holding(1n)]]), [], 0);
    // What a handle has read holds until the end of the turn.
    await new Promise((done) => setTimeout(done, 5));
    const [before, balance] = [other.version(), other.account(1n)!.balance];
    expect([before, balance]).toEqual([1, 1n]);
    one.apply(new Map([[1n, holding(10n)]]), [], 1);
    const root = bytesToHex(one.root());
    // Within the same turn, in which this handle may still see the former version.
    expect(() => other.apply(new Map([[1n, holding(balance + 1n)]]), [[5n, 5n]], before)).toThrow(
      expect.objectContaining({
        code: 'STORE_FAILURE',
        message: `${path}: changed meanwhile: it is at version 2, not 1`,
      }),
    );
    for (const version of [0, 3, -1, Number.NaN]) {
      expect(() => one.apply(new Map([[1n, GONE]]), [], version)).toThrow(/at version 2, not/);
    }
    await new Promise((done) => setTimeout(done, 5));
    for (const state of [one, other]) {
      expect([state.version(), bytesToHex(state.root()), state.blockHash(5n)]).toEqual([2, root, 0n]);
      expect(state.account(1n)?.balance).toBe(10n);
    }
    other.apply(new Map([[1n, holding(11n)]]), [[5n, 5n]], 2);
    expect([other.version(), other.account(1n)?.balance, other.blockHash(5n)]).toEqual([3, 11n, 5n]);
  });

  it('is written as an alloc as it was at the first account, whatever is applied meanwhile', async () => {
    const state = await open(undefined, { blockHash: (number) => number + 1n });
    const code = Uint8Array.of(1, 2, 3);
    const info = { nonce: 1n, balance: 0n, codeHash: keccakWord(code) };
    const accounts = Array.from({ length: 1500 }, (_, i) => [BigInt(i), holding(1n, [[1n, 1n]])] as const);
    state.apply(new Map([...accounts, [5000n, { ...holding(0n), account: info, code }]]));
    const text = toAlloc(state);
    const parts = allocParts(state);
    let written = parts.next().value!;
    const frozen = state.frozen();
    state.apply(new Map([...accounts.map(([address]) => [address, GONE] as const), [9n, holding(9n)]]));
    // As over a pipe that is slow: the database's own reads go on to the newest version.
    await new Promise((done) => setTimeout(done, 5));
    for (const part of parts) written += part;
    expect(written).toBe(text);
    expect([...state.addresses()].length).toBe(2);
    expect([frozen.account(9n)?.balance, frozen.storage(9n, 1n), frozen.hasStorage(9n)]).toEqual([
      1n,
      1n,
      true,
    ]);
    expect([frozen.account(6000n), frozen.storage(6000n, 1n), frozen.hasStorage(6000n)]).toEqual([
      undefined,
      0n,
      false,
    ]);
    expect([frozen.blockHash(4n), frozen.code(info.codeHash)]).toEqual([5n, code]);
    expect([...frozen.addresses()].length).toBe(1501);
    expect([...frozen.slots(9n)]).toEqual([[1n, 1n]]);
    frozen.close();
    frozen.close();
    expect(() => frozen.account(9n)).toThrow(expect.objectContaining({ code: 'STORE_FAILURE' }));
  });
});
