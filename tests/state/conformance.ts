/**
 * What every state reader and every store must do, as suites to be run on each of them. The model is a plain map;
 * roots are those of `stateRoot`.
 */

import { afterEach, describe, expect, it } from 'vitest';
import type { Address } from '../../src/primitives/address.ts';
import { EMPTY_CODE_HASH, keccakWord } from '../../src/primitives/keccak.ts';
import { MAX_U256 } from '../../src/primitives/u256.ts';
import type { AccountDiff, StateDiff } from '../../src/state/diff.ts';
import type { RemoteReader, StateReader, StateStore } from '../../src/state/reader.ts';
import { Random } from '../helpers/random.ts';
import {
  account,
  answers,
  type BlockHashes,
  breaking,
  CODE,
  CONTENT,
  type Content,
  change,
  codeHashOf,
  DIFFS,
  GONE,
  LAST_ADDRESS,
  memoryOf,
  OTHER_CODE,
  RANDOM_ADDRESSES,
  RANDOM_KEYS,
  randomDiff,
} from './contents.ts';

export interface Opened<T extends StateReader> {
  readonly reader: T;
  /** For readers that fetch: loads what is missing; true where anything was. */
  readonly load?: () => Promise<boolean>;
  readonly close?: () => unknown;
}

export interface Abilities {
  /** Answers BLOCKHASH from what it is given, by default; or every hash is 0; or it has its own. */
  readonly blockHashes?: 'given' | 'none' | 'own';
  /** Tells empty accounts from absent ones; a node does not. */
  readonly emptyAccounts?: boolean;
  /** Throws for a code hash that none of its accounts has; a remote reader answers as an empty state would. */
  readonly refusesForeignCode?: boolean;
}

/** What is opened in a test is closed after it, whatever comes of it. */
function closing<T extends StateReader>(
  open: (content: Content, hashes: BlockHashes) => Promise<Opened<T>>,
): (content: Content, hashes?: BlockHashes) => Promise<Opened<T>> {
  const opened: Opened<T>[] = [];
  afterEach(async () => {
    for (const { close } of opened.splice(0)) await close?.();
  });
  return async (content, hashes = () => 0n) => {
    const one = await open(content, hashes);
    opened.push(one);
    return one;
  };
}

/** For a reader that fetches: loads what it misses; true where it missed anything. */
export async function loadMissing(reader: RemoteReader): Promise<boolean> {
  if (reader.missing === null) return false;
  await reader.load();
  return true;
}

/** Reads until nothing is missing. */
async function read<T>({ load }: Opened<StateReader>, work: () => T): Promise<T> {
  for (let rounds = 0; rounds < 20; rounds++) {
    const result = work();
    if (load === undefined || !(await load())) return result;
  }
  throw new Error('something is missing forever');
}

export function readerConformance(
  name: string,
  open: (content: Content, blockHashes: BlockHashes) => Promise<Opened<StateReader>>,
  { blockHashes = 'given', emptyAccounts = true, refusesForeignCode = true }: Abilities = {},
): void {
  // Accounts that are empty but for storage included.
  const content = emptyAccounts
    ? CONTENT
    : new Map([...CONTENT].filter(([address]) => address !== 1n && address !== 4n));
  describe(`${name} as a reader`, () => {
    const opening = closing(open);

    it('has the accounts it was given', async () => {
      const opened = await opening(content);
      for (const [address, account] of content) {
        const { nonce = 0n, balance = 0n } = account;
        const info = await read(opened, () => opened.reader.account(address));
        expect(info, `account ${address}`).toMatchObject({ nonce, balance, codeHash: codeHashOf(account) });
      }
    });

    it('has no others', async () => {
      const opened = await opening(content);
      for (const address of [5n, LAST_ADDRESS - 1n, 1n << 158n]) {
        expect(await read(opened, () => opened.reader.account(address))).toBeUndefined();
        expect(await read(opened, () => opened.reader.storage(address, 0n))).toBe(0n);
        expect(await read(opened, () => opened.reader.hasStorage(address))).toBe(false);
      }
    });

    it('gives code by its hash', async () => {
      const opened = await opening(content);
      const { reader } = opened;
      for (const [address, account] of content) {
        const got = await read(opened, () =>
          reader.code(reader.account(address)?.codeHash ?? EMPTY_CODE_HASH),
        );
        expect(got).toEqual(account.code ?? new Uint8Array(0));
      }
      expect(reader.code(EMPTY_CODE_HASH)).toHaveLength(0);
      if (refusesForeignCode)
        expect(() => reader.code(12n)).toThrow(expect.objectContaining({ code: 'INVALID_STATE' }));
    });

    it('has the slots it was given, and 0 elsewhere', async () => {
      const opened = await opening(content);
      const { reader } = opened;
      for (const [address, { storage = [] }] of content) {
        const slots = new Map(storage);
        for (const key of [0n, 1n, 2n, 3n, 5n, MAX_U256, MAX_U256 - 1n, 1n << 255n, 402n]) {
          expect(await read(opened, () => reader.storage(address, key))).toBe(slots.get(key) ?? 0n);
        }
      }
    });

    it('knows which accounts have storage, be it of an account without code', async () => {
      const opened = await opening(new Map([...content, [9n, { nonce: 1n, storage: new Map([[1n, 0n]]) }]]));
      const has = async (address: Address) => read(opened, () => opened.reader.hasStorage(address));
      expect([await has(2n), await has(LAST_ADDRESS)]).toEqual([true, true]);
      if (emptyAccounts) expect(await has(4n)).toBe(true);
      expect([await has(0n), await has(1n), await has(3n), await has(9n)]).toEqual([
        false,
        false,
        false,
        false,
      ]);
    });

    it('answers again what it answered before, in any order', async () => {
      const opened = await opening(content);
      const { reader } = opened;
      const keys = [0n, 5n, MAX_U256];
      const addresses = [...content.keys(), 77n];
      const first = await read(opened, () => answers(reader, addresses, keys));
      await read(opened, () => answers(reader, [...addresses].reverse(), [...keys].reverse()));
      expect(await read(opened, () => answers(reader, addresses, keys))).toEqual(first);
    });

    it('is empty where nothing was given', async () => {
      const opened = await opening(new Map());
      expect(await read(opened, () => opened.reader.account(0n))).toBeUndefined();
      expect(await read(opened, () => opened.reader.storage(0n, 0n))).toBe(0n);
      expect(await read(opened, () => opened.reader.hasStorage(0n))).toBe(false);
    });

    // A reader with the hashes of its own chain has a test of its own for them.
    if (blockHashes === 'own') return;

    it('answers hashes of blocks, 0 where it knows none', async () => {
      const opened = await opening(content, (number) => (number === 7n ? 0n : number * 1_000n + 1n));
      for (const number of [0n, 1n, 7n, 300n]) {
        const want = blockHashes === 'given' && number !== 7n ? number * 1_000n + 1n : 0n;
        expect(await read(opened, () => opened.reader.blockHash(number))).toBe(want);
      }
    });
  });
}

const SOME_KEYS = [0n, 1n, 2n, 3n, 5n, 9n, 77n, MAX_U256, MAX_U256 - 1n];

export function storeConformance(
  name: string,
  open: (content: Content, blockHashes: BlockHashes) => Promise<Opened<StateStore>>,
): void {
  describe(`${name} as a store`, () => {
    const opening = closing(open);

    it('has the root of its content', async () => {
      for (const content of [CONTENT, new Map()]) {
        const { reader } = await opening(content);
        expect(reader.root()).toEqual(memoryOf(content).root());
        expect(reader.root()).toHaveLength(32);
      }
    });

    it.each(DIFFS)('applies a diff that does the following: %s', async (_what, entries) => {
      const { reader } = await opening(CONTENT);
      const model = memoryOf(CONTENT);
      reader.apply(new Map(entries));
      model.apply(new Map(entries));
      const addresses = [...CONTENT.keys(), 10n, 11n];
      expect(answers(reader, addresses, SOME_KEYS)).toEqual(answers(model, addresses, SOME_KEYS));
      expect(reader.root()).toEqual(model.root());
    });

    it('applies a delete after a creation, and the other way round', async () => {
      const { reader } = await opening(CONTENT);
      const model = memoryOf(CONTENT);
      const again = change({ account: account(0n, 3n), storage: new Map([[1n, 1n]]) });
      for (const entry of [GONE, again, GONE, GONE, again, again, GONE, again]) {
        for (const store of [reader, model]) store.apply(new Map([[2n, entry]]));
        expect(reader.root()).toEqual(model.root());
        expect(reader.storage(2n, 0n)).toBe(0n);
      }
    });

    it('keeps code that another account still has', async () => {
      const { reader } = await opening(CONTENT);
      reader.apply(new Map([[2n, GONE]]));
      expect(reader.code(keccakWord(CODE))).toEqual(CODE);
    });

    it('does not keep hold of what it was given', async () => {
      const { reader } = await opening(new Map());
      const storage = new Map([[1n, 1n]]);
      const diff = new Map([[1n, change({ storage })]]);
      reader.apply(diff);
      const root = reader.root();
      storage.set(1n, 2n);
      storage.set(2n, 2n);
      diff.set(2n, GONE);
      expect(reader.storage(1n, 1n)).toBe(1n);
      expect(reader.root()).toEqual(root);
      root.fill(0);
      expect(reader.root()).not.toEqual(root);
    });

    it.each(['accounts', 'slots', 'an account'])(
      'makes no change of a diff that throws amid its %s',
      async (where) => {
        const { reader } = await opening(CONTENT);
        const addresses = [...CONTENT.keys(), 10n, 11n, 12n];
        const before = answers(reader, addresses, SOME_KEYS);
        const root = reader.root();
        const good = change({
          account: account(5n, 5n, keccakWord(OTHER_CODE)),
          code: OTHER_CODE,
          storage: new Map([[0n, 1n]]),
        });
        const bad: AccountDiff =
          where === 'an account'
            ? Object.defineProperty({ ...good }, 'account', {
                get: () => {
                  throw new Error('broken off');
                },
              })
            : { ...good, storage: where === 'slots' ? breaking([[1n, 1n]]) : good.storage };
        const entries: [Address, AccountDiff][] = [
          [2n, good],
          [LAST_ADDRESS, GONE],
          [10n, good],
          [11n, bad],
        ];
        const diff: StateDiff = where === 'accounts' ? breaking(entries) : new Map([...entries, [12n, good]]);
        expect(() => reader.apply(diff)).toThrow('broken off');
        expect(answers(reader, addresses, SOME_KEYS)).toEqual(before);
        expect(reader.root()).toEqual(root);
        // And it goes on as if nothing had been.
        const model = memoryOf(CONTENT);
        for (const store of [reader, model]) store.apply(new Map([[2n, good]]));
        expect(reader.root()).toEqual(model.root());
      },
    );

    it('equals a state in memory after any diffs in a row', async () => {
      for (let seed = 1; seed <= 6; seed++) {
        const random = new Random(seed);
        const { reader } = await opening(new Map());
        const model = memoryOf(new Map());
        for (let i = 0; i < 12; i++) {
          const diff = randomDiff(random, model);
          reader.apply(diff);
          model.apply(diff);
          expect(answers(reader, RANDOM_ADDRESSES, RANDOM_KEYS)).toEqual(
            answers(model, RANDOM_ADDRESSES, RANDOM_KEYS),
          );
          expect(reader.root()).toEqual(model.root());
        }
      }
    });
  });
}
