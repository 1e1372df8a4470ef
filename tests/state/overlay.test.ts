/** Changes over a state: the same as changes made to a copy of it, however often they are taken back. */

import { describe, expect, it } from 'vitest';
import { EMPTY_CODE_HASH } from '../../src/primitives/keccak.ts';
import { OverlayState } from '../../src/state/overlay.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';
import { Random } from '../helpers/random.ts';
import {
  answers,
  CONTENT,
  change,
  GONE,
  memoryOf,
  RANDOM_ADDRESSES,
  RANDOM_KEYS,
  randomDiff,
} from './contents.ts';

const all = (reader: MemoryState | OverlayState) => answers(reader, RANDOM_ADDRESSES, RANDOM_KEYS);

describe('OverlayState', () => {
  it('equals a copy through random diffs, snapshots and reverts, and then makes it of the base', () => {
    let reverts = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const random = new Random(seed);
      const base = seed % 2 === 0 ? new MemoryState() : memoryOf(CONTENT);
      const root = base.root();
      const overlay = new OverlayState(base);
      let model = base.clone();
      let snapshots: { id: number; state: MemoryState }[] = [];
      for (let step = 0; step < 15; step++) {
        const kind = random.below(8);
        if (kind === 0) {
          snapshots.push({ id: overlay.snapshot(), state: model.clone() });
        } else if (kind === 1 && snapshots.length > 0) {
          const index = random.below(snapshots.length);
          const { id, state } = snapshots[index]!;
          expect(overlay.revert(id)).toBe(true);
          for (const later of snapshots.slice(index)) expect(overlay.revert(later.id)).toBe(false);
          model = state;
          snapshots = snapshots.slice(0, index);
          reverts++;
        } else {
          const diff = randomDiff(random, model);
          overlay.apply(diff);
          model.apply(diff);
        }
        expect(all(overlay)).toEqual(all(model));
      }
      expect(base.root()).toEqual(root);
      const diff = overlay.diff();
      base.apply(diff);
      expect(base.root()).toEqual(model.root());
      expect(all(base)).toEqual(all(model));
      // The base has the changes now, with or without the overlay's own.
      expect(all(overlay)).toEqual(all(model));
      overlay.clear();
      expect(all(overlay)).toEqual(all(model));
      expect(overlay.diff().size).toBe(0);
    }
    expect(reverts).toBeGreaterThan(100);
  });

  it('gives out a diff that later changes leave alone', () => {
    const overlay = new OverlayState(memoryOf(CONTENT));
    overlay.apply(new Map([[2n, change({ storage: new Map([[1n, 1n]]) })]]));
    const diff = overlay.diff();
    overlay.apply(
      new Map([
        [
          2n,
          change({
            storage: new Map([
              [1n, 2n],
              [2n, 2n],
            ]),
          }),
        ],
      ]),
    );
    expect([...diff.get(2n)!.storage]).toEqual([[1n, 1n]]);
  });

  it('does not keep hold of the diff it was given', () => {
    const overlay = new OverlayState(new MemoryState());
    const storage = new Map([[1n, 1n]]);
    overlay.apply(new Map([[2n, change({ storage })]]));
    storage.set(1n, 9n);
    expect(overlay.storage(2n, 1n)).toBe(1n);
    overlay.apply(new Map([[2n, change({ storage: new Map([[3n, 3n]]) })]]));
    expect(storage.has(3n)).toBe(false);
  });

  it('makes no change of a diff that throws', () => {
    const overlay = new OverlayState(memoryOf(CONTENT));
    const id = overlay.snapshot();
    const before = all(overlay);
    const storage = new Map([[1n, 1n]]);
    storage[Symbol.iterator] = () => {
      throw new Error('broken off');
    };
    const diff = new Map([
      [2n, GONE],
      [3n, change({ storage })],
    ]);
    expect(() => overlay.apply(diff)).toThrow('broken off');
    expect(all(overlay)).toEqual(before);
    expect(overlay.revert(id)).toBe(true);
  });

  it('has none of the storage of an account that is gone, however the diff says it', () => {
    const overlay = new OverlayState(memoryOf(CONTENT));
    overlay.apply(new Map([[2n, change({ account: null, storage: new Map([[3n, 3n]]) })]]));
    expect([
      overlay.account(2n),
      overlay.storage(2n, 0n),
      overlay.storage(2n, 3n),
      overlay.hasStorage(2n),
    ]).toEqual([undefined, 0n, 0n, false]);
    overlay.apply(new Map([[2n, change({})]]));
    expect([overlay.storage(2n, 0n), overlay.hasStorage(2n)]).toEqual([0n, false]);
  });

  it('sees that all slots of the base are 0 by now, where the base can list them', () => {
    const base = memoryOf(CONTENT);
    const zero = new Map([[4n, change({ storage: new Map([[5n, 0n]]) })]]);
    const overlay = new OverlayState(base);
    overlay.apply(zero);
    expect(overlay.hasStorage(4n)).toBe(false);
    const { account, storage, hasStorage, code, blockHash } = MemoryState.prototype;
    const unlisted = { account, storage, hasStorage, code, blockHash };
    const blind = new OverlayState(Object.assign(Object.create(null), unlistedOver(base, unlisted)));
    blind.apply(zero);
    expect(blind.hasStorage(4n)).toBe(true);
  });

  it('takes a snapshot of nothing, reverts to it once, and knows no other', () => {
    const overlay = new OverlayState(new MemoryState());
    expect(overlay.revert(1)).toBe(false);
    const id = overlay.snapshot();
    expect(id).toBeGreaterThan(0);
    overlay.apply(new Map([[1n, change({})]]));
    expect(overlay.revert(id)).toBe(true);
    expect(overlay.account(1n)).toBeUndefined();
    expect(overlay.revert(id)).toBe(false);
    expect(overlay.snapshot()).toBeGreaterThan(id);
    overlay.clear();
    expect(overlay.revert(id + 1)).toBe(false);
  });

  it('takes as long for the last of many changes of one account as for the first', () => {
    // Copying what changed before at each of these would be 200 million entries.
    const overlay = new OverlayState(new MemoryState());
    overlay.snapshot();
    for (let i = 0n; i < 20_000n; i++) {
      const account = { nonce: 1n, balance: i, codeHash: EMPTY_CODE_HASH };
      overlay.apply(new Map([[1n, change({ account, storage: new Map([[i, 1n]]) })]]));
    }
    expect(overlay.diff().get(1n)!.storage.size).toBe(20_000);
  }, 20_000);
});

/** A reader's methods alone, over a state. */
const unlistedOver = (state: MemoryState, methods: Record<string, (...args: never[]) => unknown>) =>
  Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, method.bind(state)]));
