/**
 * States as JSON: the accounts of a genesis file as geth has them, and dumps of anvil. Owns what the fields of an
 * account mean, and the writing of them; `anvil-dump.ts` owns the rest of a dump.
 *
 * The text is not trusted: what is not understood is an error that names the field, and a key that comes twice is one,
 * too, since JSON would silently take the second.
 */

import { type Address, addressToHex } from '../../primitives/address.ts';
import { bytesToHex, hexToBytes, toHex32, toQuantity } from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { type Field, parseJson } from '../../primitives/json.ts';
import { EMPTY_CODE_HASH } from '../../primitives/keccak.ts';
import type { StateReader } from '../reader.ts';
import { type DumpBlock, parseDumpBlock, parseDumpHashes } from './anvil-dump.ts';
import { gunzip } from './inflate.ts';
import { type AccountInput, MemoryState } from './memory.ts';

/** A state whose accounts and slots can be listed. */
export interface ListedState extends StateReader {
  addresses(): Iterable<Address>;
  /** Non-zero slots of an account. */
  slots(address: Address): Iterable<readonly [key: bigint, value: bigint]>;
}

export interface JsonState {
  readonly state: MemoryState;
  /** The newest block of a dump; undefined where the text is an alloc, or a dump that names none. */
  readonly block: DumpBlock | undefined;
}

const ACCOUNT_FIELDS: ReadonlySet<string> = new Set(['balance', 'nonce', 'code', 'storage']);

/** Packed dumps unpack to so many bytes at most: more do not fit into a string. */
const MAX_UNPACKED = 2 ** 29 - 24;

const GZIP_MAGIC = /^"?0[xX]1[fF]8[bB]/;

/**
 * Accounts from a genesis file or its `alloc` alone, or from a dump of anvil: what `--dump-state` writes, what
 * `anvil_dumpState` answers (packed, in hex), or the whole answer.
 * @param source where the text is from, for errors
 * @throws ErbiumError INVALID_STATE naming the source and the field
 */
export const parseJsonState = (text: string, source: string): MemoryState =>
  readJsonState(text, source).state;

/** As `parseJsonState`, with the block that a dump was made at. */
export function readJsonState(text: string, source: string): JsonState {
  const trimmed = text.trim();
  if (GZIP_MAGIC.test(trimmed)) return readJsonState(unpack(trimmed.replaceAll('"', ''), source), source);
  const root = parseJson(text, source, 'INVALID_STATE');
  checkDuplicates(text, source);
  const object = root.object();
  if (Object.hasOwn(object, 'jsonrpc'))
    return readJsonState(unpack(root.get('result').string(), source), source);
  if (!Object.hasOwn(object, 'alloc') && Object.hasOwn(object, 'accounts')) return dumpOf(root);
  return { state: stateOf(root.maybe('alloc') ?? root), block: undefined };
}

function dumpOf(root: Field): JsonState {
  const hashes = parseDumpHashes(root);
  const state = stateOf(root.get('accounts'), (number) => hashes.get(number) ?? 0n);
  return { state, block: parseDumpBlock(root) };
}

function unpack(hex: string, source: string): string {
  let packed: Uint8Array;
  try {
    packed = hexToBytes(hex, source);
  } catch (error) {
    throw new ErbiumError('INVALID_STATE', (error as Error).message);
  }
  return new TextDecoder().decode(gunzip(packed, source, MAX_UNPACKED));
}

function stateOf(accounts: Field, blockHashes?: (number: bigint) => bigint): MemoryState {
  const state = new MemoryState(blockHashes);
  for (const [address, account] of accounts.entries()) {
    const word = account.key(address).address();
    if (state.account(word) !== undefined) account.key(address).fail('the account stands here twice');
    state.put(word, accountOf(account));
  }
  return state;
}

function accountOf(account: Field): AccountInput {
  for (const [name, field] of account.entries()) {
    if (!ACCOUNT_FIELDS.has(name)) field.fail(`no field of an account (${[...ACCOUNT_FIELDS].join(', ')})`);
  }
  const storage = new Map<bigint, bigint>();
  for (const [name, value] of account.maybe('storage')?.entries() ?? []) {
    const key = storageWord(value.key(name));
    if (storage.has(key)) value.key(name).fail('the slot stands here twice');
    storage.set(key, storageWord(value));
  }
  return {
    nonce: account.maybe('nonce')?.number(64) ?? 0n,
    balance: account.maybe('balance')?.number() ?? 0n,
    code: account.maybe('code')?.bytes() ?? new Uint8Array(0),
    storage,
  };
}

/** In storage, geth takes digits without 0x as hex, where everybody else takes them as decimal. */
function storageWord(field: Field): bigint {
  const { value } = field;
  if (typeof value === 'string' && /^[0-9a-fA-F]{64}$/.test(value)) return BigInt(`0x${value}`);
  if (typeof value === 'string' && /^[0-9]{2,}$/.test(value)) {
    field.fail('hex or decimal? Digits need 0x here, or be 64');
  }
  return field.number();
}

/** @throws ErbiumError INVALID_STATE where an object of a valid JSON text has a key twice */
function checkDuplicates(text: string, source: string): void {
  const open: Set<string>[] = [];
  // Strings, one way or the other the only place where a brace means nothing, and what follows them.
  for (const [token, key] of text.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (key !== undefined) {
      const keys = open.at(-1)!;
      const name = key.includes('\\') ? (JSON.parse(key) as string) : key.slice(1, -1);
      if (keys.has(name)) {
        throw new ErbiumError(
          'INVALID_STATE',
          `${source}: ${JSON.stringify(name)} stands twice in one object`,
        );
      }
      keys.add(name);
    }
  }
}

const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** The `alloc` of a genesis file as geth reads it: accounts and slots in ascending order, nothing that is 0. */
export const toAlloc = (state: ListedState): string => [...allocParts(state)].join('');

/** As `toAlloc`, account by account, for states that do not fit into a string. */
export function* allocParts(state: ListedState): Generator<string> {
  let separator = '{\n';
  for (const address of [...state.addresses()].sort(ascending)) {
    yield `${separator}"${addressToHex(address)}": ${JSON.stringify(allocAccount(state, address))}`;
    separator = ',\n';
  }
  yield separator === '{\n' ? '{}\n' : '\n}\n';
}

function allocAccount(state: ListedState, address: Address): Record<string, unknown> {
  const { nonce, balance, codeHash } = state.account(address)!;
  const slots = [...state.slots(address)].sort(([a], [b]) => ascending(a, b));
  return {
    balance: toQuantity(balance),
    ...(nonce === 0n ? {} : { nonce: toQuantity(nonce) }),
    ...(codeHash === EMPTY_CODE_HASH ? {} : { code: bytesToHex(state.code(codeHash)) }),
    ...(slots.length === 0
      ? {}
      : { storage: Object.fromEntries(slots.map(([key, value]) => [toHex32(key), toHex32(value)])) }),
  };
}
