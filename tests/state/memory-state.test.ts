/** State in memory: what is put in comes out, and diffs apply as a plain model has it. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_CODE_HASH, keccakWord } from '../../src/primitives/keccak.ts';
import type { AccountDiff } from '../../src/state/diff.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';

const CODE = Uint8Array.of(1, 2, 3);

describe('MemoryState', () => {
  it('holds accounts, code and non-zero slots', () => {
    const state = new MemoryState();
    state.put(1n, {
      nonce: 2n,
      balance: 3n,
      code: CODE,
      storage: [
        [4n, 5n],
        [6n, 0n],
      ],
    });
    expect(state.account(1n)).toMatchObject({ nonce: 2n, balance: 3n, codeHash: keccakWord(CODE) });
    expect(state.code(keccakWord(CODE))).toEqual(CODE);
    expect([state.storage(1n, 4n), state.storage(1n, 6n), state.storage(2n, 4n)]).toEqual([5n, 0n, 0n]);
    expect([...state.slots(1n)]).toEqual([[4n, 5n]]);
    expect([state.hasStorage(1n), state.hasStorage(2n)]).toEqual([true, false]);
    expect([...state.addresses()]).toEqual([1n]);
    expect(state.account(2n)).toBeUndefined();
  });

  it('has no storage where all slots are 0', () => {
    const state = new MemoryState();
    state.put(1n, { storage: [[4n, 0n]] });
    expect(state.hasStorage(1n)).toBe(false);
  });

  it('throws for code that it was never given, which is a broken host', () => {
    const state = new MemoryState();
    expect(() => state.code(1n)).toThrow(expect.objectContaining({ code: 'INVALID_STATE' }));
    expect(state.code(EMPTY_CODE_HASH).length).toBe(0);
  });

  it('answers block hashes from its function, else 0', () => {
    expect(new MemoryState().blockHash(5n)).toBe(0n);
    expect(new MemoryState((number) => number * 2n).blockHash(5n)).toBe(10n);
    expect(new MemoryState((number) => number * 2n).clone().blockHash(5n)).toBe(10n);
  });

  it('put replaces whatever was there', () => {
    const state = new MemoryState();
    state.put(1n, { balance: 3n, storage: [[4n, 5n]] });
    state.put(1n, { nonce: 1n });
    expect(state.account(1n)).toMatchObject({ nonce: 1n, balance: 0n });
    expect(state.hasStorage(1n)).toBe(false);
  });

  it('has a root that depends on everything', () => {
    const root = (change: (state: MemoryState) => void): string => {
      const state = new MemoryState();
      state.put(1n, { nonce: 2n, balance: 3n, code: CODE, storage: [[4n, 5n]] });
      change(state);
      return state.root().join();
    };
    const roots = [
      root(() => undefined),
      root((state) => state.put(1n, { nonce: 3n, balance: 3n, code: CODE, storage: [[4n, 5n]] })),
      root((state) => state.put(1n, { nonce: 2n, balance: 4n, code: CODE, storage: [[4n, 5n]] })),
      root((state) => state.put(1n, { nonce: 2n, balance: 3n, storage: [[4n, 5n]] })),
      root((state) => state.put(1n, { nonce: 2n, balance: 3n, code: CODE, storage: [[4n, 6n]] })),
      root((state) => state.put(2n, {})),
    ];
    expect(new Set(roots).size).toBe(roots.length);
  });
});

const slots = fc
  .array(fc.tuple(fc.bigInt({ min: 0n, max: 4n }), fc.bigInt({ min: 0n, max: 3n })), { maxLength: 4 })
  .map((entries) => new Map(entries));

const change: fc.Arbitrary<AccountDiff> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.constant<AccountDiff>({
      account: null,
      storageCleared: true,
      storage: new Map(),
      code: undefined,
    }),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.nat(3),
        fc.nat(3),
        slots,
        fc.boolean(),
        fc.option(fc.uint8Array({ maxLength: 2 }), { nil: undefined }),
      )
      .map(([nonce, balance, storage, storageCleared, code]) => ({
        account: {
          nonce: BigInt(nonce),
          balance: BigInt(balance),
          codeHash: code === undefined || code.length === 0 ? EMPTY_CODE_HASH : keccakWord(code),
        },
        storageCleared,
        storage,
        code,
      })),
  },
);

const diffs = fc.array(
  fc
    .array(fc.tuple(fc.bigInt({ min: 1n, max: 3n }), change), { maxLength: 4 })
    .map((entries) => new Map(entries)),
  { maxLength: 6 },
);

describe('apply', () => {
  it('does to the state what it does to a plain model, and nothing to a clone', () => {
    fc.assert(
      fc.property(diffs, (list) => {
        const state = new MemoryState();
        const model = new Map<
          bigint,
          { nonce: bigint; balance: bigint; codeHash: bigint; storage: Map<bigint, bigint> }
        >();
        for (const diff of list) {
          const before = state.clone();
          const root = state.root().join();
          state.apply(diff);
          expect(before.root().join()).toBe(root);
          for (const [address, { account, storageCleared, storage }] of diff) {
            if (account === null) {
              model.delete(address);
              continue;
            }
            const old = storageCleared ? [] : (model.get(address)?.storage ?? []);
            const next = new Map([...old, ...storage].filter(([, value]) => value !== 0n));
            for (const [key, value] of storage) if (value === 0n) next.delete(key);
            model.set(address, { ...account, storage: next });
          }
        }
        expect([...state.addresses()].sort()).toEqual([...model.keys()].sort());
        for (const [address, want] of model) {
          const { nonce, balance, codeHash } = state.account(address)!;
          expect({ nonce, balance, codeHash, storage: state.slots(address) }).toEqual(want);
          expect(state.hasStorage(address)).toBe(want.storage.size > 0);
          expect(() => state.code(codeHash)).not.toThrow();
        }
        const rebuilt = new MemoryState();
        for (const [address, { nonce, balance, codeHash, storage }] of model) {
          rebuilt.put(address, { nonce, balance, code: state.code(codeHash), storage });
        }
        expect(rebuilt.root()).toEqual(state.root());
      }),
      { numRuns: 500, seed: 20 },
    );
  });
});
