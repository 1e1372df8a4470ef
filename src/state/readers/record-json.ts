/**
 * Records of states as JSON: `accounts` and `blockHashes`. Each account by its address, null where there was none, with
 * `nonce`, `balance` and `code`, the slots that were read as `storage`, and `hasStorage` where that was asked; hashes by
 * the number of their block. Numbers are hex quantities; addresses, slots, values and hashes have all their digits. What
 * was left at nothing (a nonce of 0, no code, no slot) is left out, and all is in ascending order, so that one record
 * has one text.
 *
 * The text is not trusted: what is not understood is an error that names the place.
 */

import { addressToHex } from '../../primitives/address.ts';
import { bytesToBigInt, bytesToHex, EMPTY_BYTES, toHex32, toQuantity } from '../../primitives/bytes.ts';
import { type Field, parseJson } from '../../primitives/json.ts';
import { checkDuplicates } from './json.ts';
import type { RecordedAccount, StateRecord } from './record.ts';

/** A record's members, for whoever writes them beside others. */
export interface StateRecordJson {
  readonly accounts: Readonly<Record<string, AccountJson | null>>;
  readonly blockHashes: Readonly<Record<string, string>>;
}

/** What was nothing is left out. */
export interface AccountJson {
  readonly nonce?: string;
  readonly balance: string;
  readonly code?: string;
  readonly hasStorage?: boolean;
  readonly storage?: Readonly<Record<string, string>>;
}

const byKey = ([a]: readonly [bigint, unknown], [b]: readonly [bigint, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;

const sorted = <V, J>(
  map: ReadonlyMap<bigint, V>,
  name: (key: bigint) => string,
  json: (value: V) => J,
): Record<string, J> =>
  Object.fromEntries([...map].sort(byKey).map(([key, value]) => [name(key), json(value)]));

export const stateRecordJson = ({ accounts, blockHashes }: StateRecord): StateRecordJson => ({
  accounts: sorted(accounts, addressToHex, (account) => account && accountJson(account)),
  blockHashes: sorted(blockHashes, toQuantity, toHex32),
});

const accountJson = ({ nonce, balance, code, hasStorage, storage }: RecordedAccount): AccountJson => ({
  ...(nonce === 0n ? {} : { nonce: toQuantity(nonce) }),
  balance: toQuantity(balance),
  ...(code.length === 0 ? {} : { code: bytesToHex(code) }),
  ...(hasStorage === undefined ? {} : { hasStorage }),
  ...(storage.size === 0 ? {} : { storage: sorted(storage, toHex32, toHex32) }),
});

/** The text of a record, as `parseStateRecord` reads it. */
export const stateRecordText = (record: StateRecord): string =>
  `${JSON.stringify(stateRecordJson(record), null, 1)}\n`;

/**
 * @param source where the text is from, for errors
 * @throws ErbiumError INVALID_RECORD naming the source and the place
 */
export function parseStateRecord(text: string, source: string): StateRecord {
  const root = openRecord(text, source);
  demandFields(root, ['accounts', 'blockHashes']);
  return readStateRecord(root);
}

/** The JSON of a record, with no key twice in one object: of two, JSON would silently take the second. */
export function openRecord(text: string, source: string): Field {
  const root = parseJson(text, source, 'INVALID_RECORD');
  checkDuplicates(text, source, 'INVALID_RECORD');
  return root;
}

/** The members `accounts` and `blockHashes`; the others are the caller's. */
export const readStateRecord = (root: Field): StateRecord => ({
  accounts: readMap(root.get('accounts'), (key) => key.address(), readAccount),
  blockHashes: readMap(root.get('blockHashes'), (key) => key.number(), readWord),
});

/** Members that nobody knows are refused: they would be what the reader does not do. */
export function demandFields(field: Field, names: readonly string[]): void {
  for (const [name, member] of field.entries()) {
    if (!names.includes(name)) member.fail(`no such field; known are ${names.join(', ')}`);
  }
}

function readMap<V>(
  object: Field,
  readKey: (key: Field) => bigint,
  readValue: (value: Field) => V,
): Map<bigint, V> {
  const map = new Map<bigint, V>();
  for (const [name, value] of object.entries()) {
    const key = value.key(name);
    const number = readKey(key);
    if (map.has(number)) key.fail('stands here twice, in two spellings');
    map.set(number, readValue(value));
  }
  return map;
}

const readWord = (field: Field): bigint => bytesToBigInt(field.fixed(32));

function readAccount(field: Field): RecordedAccount | null {
  if (field.value === null) return null;
  demandFields(field, ['nonce', 'balance', 'code', 'hasStorage', 'storage']);
  const storage = field.maybe('storage');
  return {
    nonce: field.maybe('nonce')?.number(64) ?? 0n,
    balance: field.get('balance').number(),
    code: field.maybe('code')?.bytes() ?? EMPTY_BYTES,
    hasStorage: field.maybe('hasStorage') && readBoolean(field.get('hasStorage')),
    storage: storage === undefined ? new Map() : readMap(storage, readWord, readWord),
  };
}

/** true or false. */
export function readBoolean(field: Field): boolean {
  const { value } = field;
  return typeof value === 'boolean' ? value : field.fail('expected true or false');
}
