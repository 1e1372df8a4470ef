/** A state with its tries kept: it is the store below, its root is that of all of it, and a look ahead leaves no trace. */

import { describe, expect, it } from 'vitest';
import { OverlayState } from '../../src/state/overlay.ts';
import { TrieState } from '../../src/state/trie-state.ts';
import { Random } from '../helpers/random.ts';
import { readerConformance, storeConformance } from './conformance.ts';
import { CONTENT, DIFFS, memoryOf, randomDiff } from './contents.ts';

readerConformance('TrieState', async (content, hashes) => ({
  reader: new TrieState(memoryOf(content, hashes)),
}));
storeConformance('TrieState', async (content, hashes) => ({
  reader: new TrieState(memoryOf(content, hashes)),
}));

describe('TrieState.rootAfter', () => {
  it.each(DIFFS)('is the root after a diff that does the following: %s', (_what, entries) => {
    const state = new TrieState(memoryOf(CONTENT));
    const before = state.root();
    const model = memoryOf(CONTENT);
    model.apply(new Map(entries));
    expect(state.rootAfter(new Map(entries))).toEqual(model.root());
    expect(state.root()).toEqual(before);
  });

  it('leaves no trace, in any order of diffs', () => {
    const random = new Random(7);
    for (let round = 0; round < 20; round++) {
      const state = new TrieState(memoryOf(CONTENT));
      const model = memoryOf(CONTENT);
      for (let step = 0; step < 25; step++) {
        const ahead = new OverlayState(model);
        ahead.apply(randomDiff(random, ahead));
        ahead.apply(randomDiff(random, ahead));
        const then = memoryOf(new Map());
        for (const address of model.addresses()) {
          const { nonce, balance, codeHash } = model.account(address)!;
          const code = model.code(codeHash);
          then.put(address, { nonce, balance, code, storage: model.slots(address) });
        }
        then.apply(ahead.diff());
        expect(state.rootAfter(ahead.diff())).toEqual(then.root());
        expect(state.root()).toEqual(model.root());
        const diff = random.below(2) === 0 ? ahead.diff() : randomDiff(random, model);
        state.apply(diff);
        // The store below is its own, so that the model takes the same changes.
        model.apply(diff);
        expect(state.root()).toEqual(model.root());
      }
    }
  });

  it('leaves no trace of a diff that throws', () => {
    const state = new TrieState(memoryOf(CONTENT));
    const before = state.root();
    const [first] = CONTENT.keys();
    const broken = new Map([
      [first!, { account: null, storageCleared: true, storage: new Map(), code: undefined }],
    ]);
    broken[Symbol.iterator] = function* () {
      yield [first!, broken.get(first!)!];
      throw new Error('gone');
    } as never;
    expect(() => state.rootAfter(broken)).toThrow('gone');
    expect(state.root()).toEqual(before);
  });
});
