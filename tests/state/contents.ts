/** States and changes of every kind, and what they are compared by: what the suites of the readers are made of. */

import type { Address } from '../../src/primitives/address.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { EMPTY_CODE_HASH, keccakWord } from '../../src/primitives/keccak.ts';
import { MAX_U64, MAX_U256 } from '../../src/primitives/u256.ts';
import type { AccountDiff, StateDiff } from '../../src/state/diff.ts';
import type { StateReader } from '../../src/state/reader.ts';
import { type AccountInput, MemoryState } from '../../src/state/readers/memory.ts';
import type { Random } from '../helpers/random.ts';

export type Content = ReadonlyMap<Address, AccountInput>;
export type BlockHashes = (number: bigint) => bigint;

export const CODE = Uint8Array.of(0x60, 0x01, 0x60, 0x02, 0x55);
export const LAST_ADDRESS = (1n << 160n) - 1n;

/** Accounts of every kind. */
export const CONTENT: Content = new Map<Address, AccountInput>([
  [0n, { balance: 1n }],
  [1n, {}],
  [2n, { nonce: 1n, code: CODE, storage: new Map([[0n, 7n]]) }],
  // The same code twice.
  [3n, { nonce: MAX_U64, balance: MAX_U256, code: CODE }],
  [4n, { storage: new Map([[5n, 6n]]) }],
  [
    LAST_ADDRESS,
    {
      nonce: 1n,
      code: new Uint8Array(24_576).fill(0xfe),
      storage: new Map([
        [MAX_U256, MAX_U256],
        [1n << 255n, 1n],
        [0n, 1n],
        [1n, 0n],
        ...Array.from({ length: 40 }, (_, i) => [BigInt(i * i + 2), BigInt(i + 1)] as const),
      ]),
    },
  ],
  [1n << 159n, { code: Uint8Array.of(0), nonce: 1n }],
]);

export const codeHashOf = ({ code }: AccountInput): bigint =>
  code === undefined || code.length === 0 ? EMPTY_CODE_HASH : keccakWord(code);

/** Everything that a reader answers about some accounts and slots, to be compared. */
export function answers(
  reader: StateReader,
  addresses: Iterable<Address>,
  keys: readonly bigint[],
): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const address of addresses) {
    const account = reader.account(address);
    all[`account ${address}`] = account && {
      nonce: account.nonce,
      balance: account.balance,
      code: bytesToHex(reader.code(account.codeHash)),
      codeHash: account.codeHash,
      storage: keys.map((key) => reader.storage(address, key)),
    };
    all[`storage of ${address}`] = reader.hasStorage(address);
  }
  return all;
}

export const account = (nonce: bigint, balance = 0n, codeHash = EMPTY_CODE_HASH) => ({
  nonce,
  balance,
  codeHash,
});
export const OTHER_CODE = Uint8Array.of(0xef, 0x01, 0x00, 1, 2, 3);

/** One account's change, whose parts are those of an empty one where they are not given. */
export const change = (parts: Partial<AccountDiff>): AccountDiff => ({
  account: account(1n),
  storageCleared: false,
  storage: new Map(),
  code: undefined,
  ...parts,
});

export const GONE: AccountDiff = change({ account: null, storageCleared: true });

/** Diffs by what they do to CONTENT. */
export const DIFFS: readonly (readonly [what: string, diff: readonly (readonly [Address, AccountDiff])[]])[] =
  [
    ['nothing', []],
    ['creates an account', [[10n, change({ account: account(0n, 5n) })]]],
    ['creates an empty account', [[10n, change({ account: account(0n) })]]],
    [
      'creates a contract',
      [
        [
          10n,
          change({
            account: account(1n, 0n, keccakWord(OTHER_CODE)),
            storageCleared: true,
            storage: new Map([
              [1n, 2n],
              [3n, 0n],
            ]),
            code: OTHER_CODE,
          }),
        ],
      ],
    ],
    [
      'changes nonce and balance, and keeps code and storage',
      [[2n, change({ account: account(9n, 8n, keccakWord(CODE)) })]],
    ],
    ['deletes an account', [[3n, GONE]]],
    ['deletes an account with storage', [[LAST_ADDRESS, GONE]]],
    ['deletes an account whose storage is not said to be gone', [[2n, change({ account: null })]]],
    ['deletes an account that is not there', [[11n, GONE]]],
    ['deletes all accounts', [...CONTENT.keys()].map((address) => [address, GONE] as const)],
    ['clears storage', [[4n, change({ account: account(1n), storageCleared: true })]]],
    [
      'deletes and makes again: storage from before is gone',
      [[2n, change({ storageCleared: true, storage: new Map([[9n, 9n]]) })]],
    ],
    ['changes code', [[3n, change({ account: account(1n, 1n, keccakWord(OTHER_CODE)), code: OTHER_CODE })]]],
    ['takes code away', [[3n, change({ account: account(1n), code: new Uint8Array(0) })]]],
    [
      'changes, adds and zeroes slots',
      [
        [
          LAST_ADDRESS,
          change({
            storage: new Map([
              [0n, 0n],
              [2n, 99n],
              [MAX_U256 - 1n, MAX_U256],
              [77n, 0n],
            ]),
            account: account(1n, 0n, keccakWord(new Uint8Array(24_576).fill(0xfe))),
          }),
        ],
      ],
    ],
    ['zeroes the only slot', [[4n, change({ account: account(0n), storage: new Map([[5n, 0n]]) })]]],
  ];

/** A state in memory with a content. */
export function memoryOf(content: Content, blockHashes?: BlockHashes): MemoryState {
  const state = new MemoryState(blockHashes);
  for (const [address, input] of content) state.put(address, input);
  return state;
}

/** A content without slots that are 0, as the changes that make it of an empty state. */
export const diffOfContent = (content: Content): StateDiff =>
  new Map(
    [...content].map(([address, { nonce = 0n, balance = 0n, code, storage = [] }]) => [
      address,
      change({
        account: account(nonce, balance, codeHashOf({ code: code! })),
        storage: new Map(storage),
        code,
      }),
    ]),
  );

/** A map that throws once all its entries were given out. */
export function breaking<K, V>(entries: readonly (readonly [K, V])[]): Map<K, V> {
  const map = new Map(entries);
  function* broken(): Generator<[K, V]> {
    yield* [...entries].map(([key, value]): [K, V] => [key, value]);
    throw new Error('broken off');
  }
  map.entries = broken as typeof map.entries;
  map[Symbol.iterator] = broken as (typeof map)[typeof Symbol.iterator];
  map.values = () => {
    throw new Error('broken off');
  };
  map.forEach = () => {
    throw new Error('broken off');
  };
  return map;
}

export const RANDOM_ADDRESSES: readonly Address[] = [0n, 1n, 2n, 3n, LAST_ADDRESS];
export const RANDOM_KEYS: readonly bigint[] = [0n, 1n, 2n, 3n, 1n << 200n, MAX_U256];

/** Changes as the machine makes them: code comes where the hash is another, and the account may be new. */
export function randomDiff(random: Random, before: StateReader): StateDiff {
  const diff = new Map<Address, AccountDiff>();
  for (let count = random.below(4); count > 0; count--) {
    const address = random.pick(RANDOM_ADDRESSES);
    const former = before.account(address);
    if (random.below(5) === 0) {
      diff.set(address, random.below(2) === 0 ? GONE : change({ account: null }));
      continue;
    }
    const code = [new Uint8Array(0), CODE, OTHER_CODE, random.bytes(3)][random.below(8)];
    const codeHash = code === undefined ? (former?.codeHash ?? EMPTY_CODE_HASH) : codeHashOf({ code });
    const storage = new Map<bigint, bigint>();
    for (let slots = random.below(4); slots > 0; slots--) {
      storage.set(random.pick(RANDOM_KEYS), random.below(3) === 0 ? 0n : random.word());
    }
    const info = account(BigInt(random.below(3)), random.word(), codeHash);
    const isNew = codeHash !== former?.codeHash && code !== undefined;
    diff.set(address, {
      account: info,
      storageCleared: random.below(5) === 0,
      storage,
      code: isNew ? code : undefined,
    });
  }
  return diff;
}
