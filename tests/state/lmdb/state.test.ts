/** The state on disk against the one in memory: the same reads and roots, now and at every root that is kept. */

import { verifyMerkleProof } from '@ethereumjs/mpt';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  bytesToBigInt,
  bytesToHex,
  equalBytes,
  toBytes20,
  toBytes32,
} from '../../../src/primitives/bytes.ts';
import { EMPTY_CODE_HASH, keccak256, keccakWord } from '../../../src/primitives/keccak.ts';
import { decodeRlp, encodeRlp } from '../../../src/primitives/rlp.ts';
import type { StateDiff } from '../../../src/state/diff.ts';
import { type AccountProof, verifyProof } from '../../../src/state/proof.ts';
import type { StateReader } from '../../../src/state/reader.ts';
import type { LmdbState } from '../../../src/state/readers/lmdb/index.ts';
import { MemoryState } from '../../../src/state/readers/memory.ts';
import { EMPTY_ROOT } from '../../../src/state/trie.ts';
import { cleanUp, diffs, freshPath, GONE, holding, open } from './helpers.ts';

afterAll(cleanUp);

const KEYS = [0n, 1n, 2n, 3n, 4n, 0x80n, 1n << 64n, (1n << 256n) - 1n];

/** Everything that can be asked about some accounts, in a form that can be compared. */
function reads(state: StateReader, pool: number): unknown[] {
  return Array.from({ length: pool + 2 }, (_, i) => {
    const address = BigInt(i);
    const account = state.account(address);
    return [
      account && [account.nonce, account.balance, account.codeHash],
      account && bytesToHex(state.code(account.codeHash)),
      state.hasStorage(address),
      KEYS.map((key) => state.storage(address, key)),
    ];
  });
}

/** All that can be listed. */
function listed(state: LmdbState | MemoryState): unknown {
  const sorted = (list: Iterable<bigint>): bigint[] => [...list].sort((a, b) => (a < b ? -1 : 1));
  return sorted(state.addresses()).map((address) => {
    const slots = new Map(state.slots(address));
    return [address, sorted(slots.keys()).map((key) => [key, slots.get(key)])];
  });
}

async function expectProofs(
  state: { proof(address: bigint, keys: Iterable<bigint>): AccountProof },
  model: MemoryState,
  pool: number,
): Promise<void> {
  const root = model.root();
  for (let address = 0n; address <= BigInt(pool + 1); address++) {
    const proof = state.proof(address, KEYS);
    const proven = verifyProof(root, address, KEYS, proof);
    const account = model.account(address);
    if (account === undefined) {
      expect(proven.account).toBeUndefined();
    } else {
      const { nonce, balance, codeHash } = account;
      expect(proven.account).toMatchObject({ nonce, balance, codeHash });
    }
    expect([...proven.storage]).toEqual(KEYS.map((key) => [key, model.storage(address, key)]));
    await expectTheirVerdict(root, address, proof);
  }
}

/** An independent reading of the same proof. */
async function expectTheirVerdict(root: Uint8Array, address: bigint, proof: AccountProof): Promise<void> {
  if (proof.accountProof.length === 0) {
    expect(equalBytes(root, EMPTY_ROOT)).toBe(true);
    return;
  }
  const leaf = await verifyMerkleProof(toBytes20(address), [...proof.accountProof], {
    useKeyHashing: true,
    root,
  });
  const isPresent = leaf !== null;
  if (isPresent) {
    const { nonce, balance, storageHash, codeHash } = proof;
    expect(bytesToHex(leaf)).toBe(bytesToHex(encodeRlp([nonce, balance, storageHash, toBytes32(codeHash)])));
  } else {
    expect([proof.nonce, proof.balance, proof.codeHash]).toEqual([0n, 0n, EMPTY_CODE_HASH]);
  }
  for (const { key, value, proof: nodes } of proof.storageProof) {
    if (nodes.length === 0) {
      expect(equalBytes(proof.storageHash, EMPTY_ROOT)).toBe(true);
      continue;
    }
    const slot = await verifyMerkleProof(toBytes32(key), [...nodes], {
      useKeyHashing: true,
      root: proof.storageHash,
    });
    expect(slot === null ? 0n : bytesToBigInt(decodeRlp(slot) as Uint8Array)).toBe(value);
  }
}

/** Applies the diffs to both kinds of state, with everything compared after each. */
async function compare(
  pool: number,
  keep: number,
  list: readonly StateDiff[],
  reopen: boolean,
): Promise<void> {
  const path = freshPath();
  let state = await open(path, { keep });
  const model = new MemoryState();
  const past = [model.clone()];
  for (const diff of list) {
    state.apply(diff);
    model.apply(diff);
    past.unshift(model.clone());
    expect(bytesToHex(state.root())).toBe(bytesToHex(model.root()));
    expect(reads(state, pool)).toEqual(reads(model, pool));
    if (!reopen) continue;
    await state.close();
    state = await open(path, { keep });
  }
  expect(state.version()).toBe(list.length);
  expect(listed(state)).toEqual(listed(model));
  await expectProofs(state, model, pool);

  const kept = past.slice(0, keep + 1);
  const roots = kept.map((model) => bytesToHex(model.root()));
  expect(state.roots().map(bytesToHex)).toEqual(roots);
  for (const before of kept) {
    const at = state.at(before.root());
    expect(bytesToHex(at.root())).toBe(bytesToHex(before.root()));
    expect(reads(at, pool)).toEqual(reads(before, pool));
    await expectProofs(at, before, pool);
  }
  for (const before of past.slice(keep + 1)) {
    if (roots.includes(bytesToHex(before.root()))) continue;
    expect(() => state.at(before.root())).toThrow(expect.objectContaining({ code: 'INVALID_STATE' }));
  }
  await cleanUp();
}

describe('a state on disk', () => {
  it.each([
    { pool: 3, slots: 4, count: 8, keep: 128, numRuns: 80, reopen: false },
    { pool: 12, slots: 8, count: 6, keep: 3, numRuns: 50, reopen: true },
    { pool: 60, slots: 40, count: 4, keep: 2, numRuns: 10, reopen: false },
    { pool: 6, slots: 6, count: 6, keep: 0, numRuns: 30, reopen: false },
  ])('is what the state in memory is: %o', async ({ pool, slots, count, keep, numRuns, reopen }) => {
    await fc.assert(
      fc.asyncProperty(diffs(pool, slots, count), (list) => compare(pool, keep, list, reopen)),
      { numRuns },
    );
  });

  it('removes an account with many slots, and has it again at the root before', async () => {
    const slots = Array.from({ length: 5000 }, (_, i) => [BigInt(i), BigInt(i + 1)] as const);
    const model = new MemoryState();
    const state = await open();
    const steps: StateDiff[] = [
      new Map([
        [1n, holding(1n, slots)],
        [2n, holding(2n, slots.slice(0, 100))],
      ]),
      new Map([[1n, GONE]]),
      new Map([[1n, holding(5n, [[7n, 9n]])]]),
      new Map([[2n, { ...holding(2n, [[3n, 3n]]), storageCleared: true }]]),
    ];
    const roots: Uint8Array[] = [];
    for (const diff of steps) {
      state.apply(diff);
      model.apply(diff);
      roots.push(model.root());
      expect(bytesToHex(state.root())).toBe(bytesToHex(model.root()));
    }
    const first = state.at(roots[0]!);
    for (const [key, value] of slots) expect(first.storage(1n, key)).toBe(value);
    expect(verifyProof(roots[0]!, 1n, [4999n], first.proof(1n, [4999n])).storage.get(4999n)).toBe(5000n);
    const second = state.at(roots[1]!);
    expect([second.account(1n), second.hasStorage(1n), second.storage(1n, 7n)]).toEqual([
      undefined,
      false,
      0n,
    ]);
    expect([...state.slots(1n)]).toEqual([[7n, 9n]]);
    expect([...state.slots(2n)]).toEqual([[3n, 3n]]);
  });

  it('clears and fills again in one diff', async () => {
    const state = await open();
    const model = new MemoryState();
    const slots = (from: number): [bigint, bigint][] =>
      Array.from({ length: 50 }, (_, i) => [BigInt(from + i), BigInt(from + 1)]);
    const steps: StateDiff[] = [
      new Map([[1n, holding(1n, slots(0))]]),
      new Map([[1n, { ...holding(1n, slots(25)), storageCleared: true }]]),
      new Map([[1n, { ...holding(1n, slots(25)), storageCleared: true }]]),
    ];
    const past: MemoryState[] = [];
    for (const diff of steps) {
      state.apply(diff);
      model.apply(diff);
      past.push(model.clone());
      expect(bytesToHex(state.root())).toBe(bytesToHex(model.root()));
    }
    for (const before of past) {
      const at = state.at(before.root());
      for (let key = 0n; key < 80n; key++) expect(at.storage(1n, key)).toBe(before.storage(1n, key));
    }
  });

  it('keeps block hashes, of its own and of a function', async () => {
    const path = freshPath();
    const state = await open(path, { blockHash: (number) => number * 2n });
    state.setBlockHash(5n, 55n);
    state.apply(new Map(), [[6n, 66n]]);
    const past = state.at(EMPTY_ROOT);
    expect([5n, 6n, 7n].map((number) => state.blockHash(number))).toEqual([55n, 66n, 14n]);
    expect([5n, 6n, 7n].map((number) => past.blockHash(number))).toEqual([55n, 66n, 14n]);
    await state.close();
    const again = await open(path);
    expect([5n, 6n, 7n, -1n, 1n << 70n].map((number) => again.blockHash(number))).toEqual([
      55n,
      66n,
      0n,
      0n,
      0n,
    ]);
  });

  it('keeps the code of an account that is gone, and has no code that it was never given', async () => {
    const state = await open();
    const code = new Uint8Array(100_000).fill(7);
    const codeHash = keccakWord(code);
    state.apply(new Map([[1n, { ...holding(1n), account: { nonce: 1n, balance: 0n, codeHash }, code }]]));
    state.apply(new Map([[1n, GONE]]));
    expect(state.code(codeHash)).toEqual(code);
    expect(state.code(EMPTY_CODE_HASH).length).toBe(0);
    expect(() => state.code(5n)).toThrow(expect.objectContaining({ code: 'INVALID_STATE' }));
  });

  it('is unchanged by a diff that it does not take', async () => {
    const state = await open();
    state.apply(new Map([[1n, holding(1n, [[1n, 1n]])]]));
    const root = bytesToHex(state.root());
    const info = { nonce: 0n, balance: 0n, codeHash: EMPTY_CODE_HASH };
    const wrong: StateDiff[] = [
      new Map([[2n, { ...GONE, account: { ...info, nonce: 1n << 64n } }]]),
      new Map([[2n, { ...GONE, account: { ...info, balance: -1n } }]]),
      new Map([[2n, { ...GONE, account: { ...info, codeHash: 1n << 256n } }]]),
      new Map([[2n, { ...GONE, account: info, code: Uint8Array.of(1) }]]),
      new Map([[2n, holding(0n, [[1n << 256n, 1n]])]]),
      new Map([[2n, holding(0n, [[1n, -1n]])]]),
      new Map([[1n << 160n, holding(0n)]]),
    ];
    for (const diff of wrong) {
      const all = new Map([[1n, GONE], ...diff]);
      expect(() => state.apply(all, [[1n, 1n]])).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      );
      expect(() => state.apply(new Map([[1n, GONE]]), [[-1n, 1n]])).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      );
    }
    const broken = {
      *[Symbol.iterator](): Generator<[bigint, ReturnType<typeof holding>]> {
        yield [1n, GONE];
        throw new Error('in between');
      },
    } as unknown as StateDiff;
    expect(() => state.apply(broken)).toThrow(/in between/);
    expect([bytesToHex(state.root()), state.version(), state.blockHash(1n)]).toEqual([root, 1, 0n]);
    expect(state.storage(1n, 1n)).toBe(1n);
  });

  it('finds the newest commit of a root that came twice, and still has it when the older is forgotten', async () => {
    const state = await open(undefined, { keep: 3 });
    const one = new Map([[1n, holding(1n)]]);
    state.apply(one);
    const root = state.root();
    state.apply(new Map([[1n, holding(2n)]]));
    state.apply(one);
    expect(state.roots().filter((other) => equalBytes(other, root)).length).toBe(2);
    for (let balance = 10n; balance < 13n; balance++) {
      state.apply(new Map([[1n, holding(balance)]]));
      expect(state.at(root).account(1n)?.balance).toBe(1n);
    }
    const past = state.at(root);
    state.apply(new Map([[1n, holding(20n)]]));
    const gone = expect.objectContaining({ code: 'INVALID_STATE' });
    expect(() => state.at(root)).toThrow(gone);
    expect(() => past.account(1n)).toThrow(gone);
    expect(() => past.proof(1n)).toThrow(gone);
  });

  it('lets others read while one writes', async () => {
    const path = freshPath();
    const state = await open(path);
    state.apply(new Map([[1n, holding(1n)]]));
    const reader = await open(path, { readOnly: true });
    expect(reader.account(1n)?.balance).toBe(1n);
    state.apply(new Map([[1n, holding(2n)]]));
    await new Promise((done) => setTimeout(done, 5));
    expect(reader.account(1n)?.balance).toBe(2n);
    expect(bytesToHex(reader.root())).toBe(bytesToHex(state.root()));
  });

  it('walks over its accounts while they change', async () => {
    const state = await open();
    state.apply(new Map(Array.from({ length: 2500 }, (_, i) => [BigInt(i), holding(1n)] as const)));
    const seen = new Set<bigint>();
    for (const address of state.addresses()) {
      seen.add(address);
      if (seen.size % 500 === 0) state.apply(new Map([[address, GONE]]));
    }
    expect(seen.size).toBe(2500);
    expect([...state.addresses()].length).toBe(2495);
  });
});

describe('history', () => {
  it('does not make the database grow without end', async () => {
    const state = await open(undefined, { keep: 4 });
    const commit = (round: number): void => {
      const diff = new Map(
        Array.from({ length: 50 }, (_, i) => [
          BigInt(i),
          holding(BigInt(round + 1), [[BigInt(round % 7), BigInt(round + 1)]]),
        ]),
      );
      state.apply(diff);
    };
    for (let round = 0; round < 60; round++) commit(round);
    const { pages, entries } = extent(state);
    for (let round = 60; round < 400; round++) commit(round);
    const after = extent(state);
    expect(after.entries).toBeLessThanOrEqual(entries * 1.1);
    expect(after.pages).toBeLessThanOrEqual(pages * 1.5);
    expect(state.roots().length).toBe(5);
  });

  it('is forgotten bit by bit where less is kept than before', async () => {
    const path = freshPath();
    const wide = await open(path, { keep: 200 });
    const commit = (state: LmdbState, round: number): void =>
      state.apply(new Map(Array.from({ length: 10 }, (_, i) => [BigInt(i), holding(BigInt(round))])));
    for (let round = 0; round < 100; round++) commit(wide, round);
    const before = extent(wide).entries;
    await wide.close();
    const narrow = await open(path, { keep: 1 });
    for (let round = 100; round < 200; round++) commit(narrow, round);
    expect(narrow.roots().length).toBe(2);
    expect(extent(narrow).entries).toBeLessThan(before / 10);
    await narrow.close();
    // What is forgotten does not come back.
    expect((await open(path, { keep: 200 })).roots().length).toBe(2);
  });
});

function extent(state: LmdbState): { pages: number; entries: number } {
  const { store } = state as unknown as {
    store: { extent(): { pages: number }; size(): number };
  };
  return { pages: store.extent().pages, entries: store.size() };
}

describe('a proof', () => {
  const slots = Array.from({ length: 40 }, (_, i) => [BigInt(i), BigInt(i + 1)] as const);

  async function example(): Promise<{ state: LmdbState; root: Uint8Array }> {
    const state = await open();
    const entries = Array.from({ length: 200 }, (_, i) => [BigInt(i), holding(BigInt(i), slots)] as const);
    state.apply(new Map(entries));
    return { state, root: state.root() };
  }

  const refused = expect.objectContaining({ name: 'ErbiumError' });

  it('fails with any byte altered, any node left out or added, and any other claim', async () => {
    const { state, root } = await example();
    for (const address of [7n, 1000n]) {
      const keys = [3n, 100n];
      const proof = state.proof(address, keys);
      verifyProof(root, address, keys, proof);
      const broken: AccountProof[] = [];
      for (const [i, node] of proof.accountProof.entries()) {
        for (let at = 0; at < node.length; at += 13) {
          const other = node.slice();
          other[at]! ^= 1;
          broken.push({ ...proof, accountProof: proof.accountProof.with(i, other) });
        }
        broken.push({ ...proof, accountProof: proof.accountProof.toSpliced(i, 1) });
        broken.push({ ...proof, accountProof: proof.accountProof.toSpliced(i, 0, node) });
      }
      broken.push({ ...proof, accountProof: [...proof.accountProof, Uint8Array.of(0x80)] });
      broken.push({ ...proof, accountProof: [] });
      broken.push({ ...proof, nonce: proof.nonce + 1n }, { ...proof, balance: proof.balance + 1n });
      broken.push({ ...proof, codeHash: 1n }, { ...proof, storageHash: keccak256(root) });
      broken.push({ ...proof, address: address + 1n }, { ...proof, storageProof: [] });
      broken.push({ ...proof, storageProof: [...proof.storageProof].reverse() });
      for (const [i, slot] of proof.storageProof.entries()) {
        const replace = (other: object): AccountProof => ({
          ...proof,
          storageProof: proof.storageProof.with(i, { ...slot, ...other }),
        });
        broken.push(replace({ value: slot.value + 1n }), replace({ key: slot.key + 1n }));
        broken.push(replace({ proof: [...slot.proof, Uint8Array.of(0xc0)] }));
        if (slot.proof.length > 0) broken.push(replace({ proof: slot.proof.slice(0, -1) }));
        broken.push(replace({ proof: undefined }), replace({ proof: [1] }));
      }
      expect(broken.length).toBeGreaterThan(address === 7n ? 60 : 30);
      for (const other of broken) expect(() => verifyProof(root, address, keys, other)).toThrow(refused);
      expect(() => verifyProof(keccak256(root), address, keys, proof)).toThrow(refused);
      expect(() => verifyProof(root.subarray(1), address, keys, proof)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      );
      expect(() => verifyProof(root, address + 1n, keys, proof)).toThrow(refused);
      expect(() => verifyProof(root, address, [3n], proof)).toThrow(refused);
    }
  });

  it('is believed in no more than its hashes: tries that no state has are refused', () => {
    const path = (text: number[]): Uint8Array => Uint8Array.from(text);
    const leaf = encodeRlp([0n, 1n, EMPTY_ROOT, toBytes32(EMPTY_CODE_HASH)]);
    const claim = (nodes: Uint8Array[]): AccountProof => ({
      address: 1n,
      accountProof: nodes,
      nonce: 0n,
      balance: 0n,
      codeHash: EMPTY_CODE_HASH,
      storageHash: EMPTY_ROOT,
      storageProof: [],
    });
    const key = keccak256(toBytes20(1n));
    const loop = encodeRlp([path([0x00]), path([0x00])]);
    const whole = Uint8Array.of(0x20, ...key);
    const hostile = [
      encodeRlp([]),
      encodeRlp([path([0x20]), leaf]),
      encodeRlp([path([]), leaf]),
      encodeRlp([path([0x40, ...key]), leaf]),
      encodeRlp([path([0x21, ...key]), leaf]),
      encodeRlp([path([0x20, ...key, 1]), leaf]),
      encodeRlp([path([0x00, ...key]), leaf]),
      encodeRlp([whole, [leaf]]),
      encodeRlp([whole, encodeRlp([0n, 1n, EMPTY_ROOT])]),
      encodeRlp([whole, encodeRlp([path([0, 1]), 1n, EMPTY_ROOT, EMPTY_ROOT])]),
      encodeRlp([whole, encodeRlp([1n << 64n, 1n, EMPTY_ROOT, EMPTY_ROOT])]),
      encodeRlp([whole, encodeRlp([0n, 1n, EMPTY_ROOT, path([1])])]),
      encodeRlp([whole, encodeRlp([0n, [], EMPTY_ROOT, EMPTY_ROOT])]),
      encodeRlp([whole, path([0xc1])]),
      encodeRlp([path([0x00]), [path([0x00]), path([0x00])]]),
      encodeRlp(Array.from({ length: 17 }, () => path([1, 2, 3]))),
      encodeRlp(Array.from({ length: 17 }, () => [path([1]), leaf, leaf])),
      encodeRlp(Array.from({ length: 17 }, () => [path([0x20]), path([1])])),
      Uint8Array.of(0x83, 1, 2, 3),
      loop,
    ];
    for (const node of hostile) {
      expect(() => verifyProof(keccak256(node), 1n, [], claim([node])), bytesToHex(node)).toThrow(refused);
    }
    expect(() => verifyProof(keccak256(loop), 1n, [], claim(Array(1000).fill(loop)))).toThrow(refused);
    const empty = claim([Uint8Array.of(0x80)]);
    expect(verifyProof(EMPTY_ROOT, 1n, [], empty).account).toBeUndefined();
    expect(
      verifyProof(EMPTY_ROOT, 1n, [], { ...empty, codeHash: 0n, storageHash: new Uint8Array(32) }),
    ).toEqual({
      account: undefined,
      storage: new Map(),
    });
  });
});
