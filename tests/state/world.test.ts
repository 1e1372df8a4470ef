/** The world: what an overlay shows, and what its diff says. */

import { describe, expect, it } from 'vitest';
import { EMPTY_CODE_HASH, keccakWord } from '../../src/primitives/keccak.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';
import { World } from '../../src/state/world.ts';

const A = 0xaan;
const B = 0xbbn;
const RIPEMD160 = 3n;

function worldWith(...accounts: (readonly [bigint, Parameters<MemoryState['put']>[1]])[]): World {
  const state = new MemoryState();
  for (const [address, account] of accounts) state.put(address, account);
  return new World(state);
}

describe('reading', () => {
  it('shows the state below, and nothing where there is nothing', () => {
    const code = Uint8Array.of(1, 2);
    const world = worldWith([A, { nonce: 3n, balance: 5n, code, storage: [[1n, 7n]] }]);
    const account = world.account(A);
    expect([account.exists, account.nonce, account.balance, account.codeHash]).toEqual([
      true,
      3n,
      5n,
      keccakWord(code),
    ]);
    expect(world.code(account)).toEqual(code);
    expect([world.slot(A, 1n).value, world.slot(A, 2n).value]).toEqual([7n, 0n]);
    const nobody = world.account(B);
    expect([nobody.exists, nobody.isEmpty, nobody.codeHash]).toEqual([false, true, EMPTY_CODE_HASH]);
    expect(world.slot(B, 1n).value).toBe(0n);
    expect(world.diff(true).size).toBe(0);
    expect(world.diff(false).size).toBe(0);
  });

  it.each([
    ['a nonce', { nonce: 1n }, false],
    ['a balance', { balance: 1n }, false],
    ['code', { code: Uint8Array.of(0) }, false],
    ['nothing', {}, true],
    ['storage only', { storage: [[1n, 1n]] as const }, true],
  ])('an account with %s is empty: %s', (_, input, empty) => {
    expect(worldWith([A, input]).account(A).isEmpty).toBe(empty);
  });
});

describe('the diff', () => {
  it('holds what changed and no more', () => {
    const world = worldWith(
      [
        A,
        {
          nonce: 1n,
          balance: 5n,
          storage: [
            [1n, 7n],
            [2n, 8n],
          ],
        },
      ],
      [B, { balance: 1n }],
    );
    world.addBalance(A, 2n);
    world.setSlot(world.slot(A, 1n), 0n);
    world.slot(A, 2n);
    world.account(B);
    const diff = world.diff(true);
    expect([...diff.keys()]).toEqual([A]);
    expect(diff.get(A)).toEqual({
      account: { nonce: 1n, balance: 7n, codeHash: EMPTY_CODE_HASH },
      storageCleared: false,
      storage: new Map([[1n, 0n]]),
      code: undefined,
    });
  });

  it('leaves out what was changed and changed back', () => {
    const world = worldWith([A, { nonce: 1n, balance: 5n, code: Uint8Array.of(9), storage: [[1n, 7n]] }]);
    world.addBalance(A, 2n);
    world.subBalance(A, 2n);
    world.setNonce(A, 9n);
    world.setNonce(A, 1n);
    world.setCode(A, Uint8Array.of(8));
    world.setCode(A, Uint8Array.of(9));
    world.setSlot(world.slot(A, 1n), 1n);
    world.setSlot(world.slot(A, 1n), 7n);
    expect(world.diff(true).size).toBe(0);
  });

  it('has new code, and undefined for old', () => {
    const code = Uint8Array.of(1, 2, 3);
    const world = worldWith([A, { balance: 5n }]);
    world.setCode(A, code);
    expect(world.diff(true).get(A)).toMatchObject({ code, account: { codeHash: keccakWord(code) } });
    world.setCode(A, new Uint8Array(0));
    expect(world.diff(true).size).toBe(0);
  });

  it('removes touched empty accounts where that is the rule', () => {
    const world = worldWith([A, {}], [B, {}]);
    world.addBalance(A, 0n);
    world.account(B);
    expect(world.diff(false).size).toBe(0);
    expect([...world.diff(true)]).toEqual([
      [A, { account: null, storageCleared: true, storage: new Map(), code: undefined }],
    ]);
  });

  it('makes an account that was only touched, where nothing is removed', () => {
    const world = worldWith();
    world.addBalance(A, 0n);
    expect(world.diff(false).get(A)?.account).toEqual({ nonce: 0n, balance: 0n, codeHash: EMPTY_CODE_HASH });
    expect(world.diff(true).size).toBe(0);
  });

  it('drops destroyed accounts, and those that were never there', () => {
    const world = worldWith([A, { balance: 5n, storage: [[1n, 1n]] }]);
    expect(world.markDestroyed(A)).toBe(true);
    expect(world.markDestroyed(A)).toBe(false);
    world.setNonce(B, 1n);
    world.markDestroyed(B);
    expect([...world.diff(false).keys()]).toEqual([A]);
    expect(world.diff(false).get(A)?.account).toBeNull();
  });

  it('clears the storage of what was created', () => {
    const world = worldWith([A, { balance: 5n }]);
    world.markCreated(A);
    world.setSlot(world.slot(A, 1n), 4n);
    expect(world.diff(true).get(A)).toMatchObject({ storageCleared: true, storage: new Map([[1n, 4n]]) });
  });

  it('does not know transient storage, warmth, logs and refunds', () => {
    const world = worldWith([A, { balance: 5n }]);
    world.transientStore(A, 1n, 2n);
    world.warmAccount(B);
    world.addLog({ address: A, topics: [], data: new Uint8Array(0) });
    world.addRefund(7);
    expect(world.diff(true).size).toBe(0);
  });
});

describe('rolling back', () => {
  it('undoes a touch, but for the RIPEMD-160 precompile', () => {
    const world = worldWith([A, {}], [RIPEMD160, {}]);
    const checkpoint = world.checkpoint();
    world.addBalance(A, 0n);
    world.addBalance(RIPEMD160, 0n);
    world.rollback(checkpoint);
    expect([...world.diff(true).keys()]).toEqual([RIPEMD160]);
  });

  it('of the RIPEMD-160 precompile makes no account', () => {
    const world = worldWith();
    const checkpoint = world.checkpoint();
    world.addBalance(RIPEMD160, 1n);
    world.rollback(checkpoint);
    expect(world.diff(true).size).toBe(0);
    expect(world.diff(false).size).toBe(0);
  });

  it('warmAccount answers whether it was cold', () => {
    const world = worldWith();
    const checkpoint = world.checkpoint();
    expect([world.warmAccount(A), world.warmAccount(A)]).toEqual([true, false]);
    world.rollback(checkpoint);
    expect(world.warmAccount(A)).toBe(true);
  });
});
