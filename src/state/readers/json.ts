/**
 * States as JSON: the accounts of a genesis file as geth has them, and dumps of anvil. Owns what the fields of an
 * account mean, and the writing of them; `anvil-dump.ts` owns the rest of a dump.
 *
 * The text is not trusted: what is not understood is an error that names the field, and a key that comes twice is one,
 * too, since JSON would silently take the second.
 */

import { type Address, addressToHex } from '../../primitives/address.ts';
import { bytesToHex, hexToBytes, toHex32, toQuantity } from '../../primitives/bytes.ts';
import { ErbiumError, type ErrorCode } from '../../primitives/errors.ts';
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
  /**
   * The state as it is now, whatever is changed later; for whoever lists it and lets others run meanwhile. States that
   * only their owner can change have no need of it.
   */
  frozen?(): FrozenState;
}

/** A listed state as it was at one moment. */
export interface FrozenState extends ListedState {
  /** To be called when it is not read any more: until then it takes space. */
  close(): void;
}

export interface JsonState {
  readonly state: MemoryState;
  /** The newest block of a dump; undefined where the text is an alloc, or a dump that names none. */
  readonly block: DumpBlock | undefined;
}

const ACCOUNT_FIELDS: ReadonlySet<string> = new Set(['balance', 'nonce', 'code', 'storage']);

/** Compressed dumps decompress to so many bytes at most: more do not fit into a string. */
const MAX_DECOMPRESSED = 2 ** 29 - 24;

const GZIP_MAGIC = /^"?0[xX]1[fF]8[bB]/;

/**
 * Accounts from a genesis file or its `alloc` alone, or from a dump of anvil: what `--dump-state` writes, what
 * `anvil_dumpState` answers (compressed, in hex), or the whole answer.
 * @param source where the text is from, for errors
 * @throws ErbiumError INVALID_STATE naming the source and the field
 */
export const parseJsonState = (text: string, source: string): MemoryState =>
  readJsonState(text, source).state;

/** As `parseJsonState`, with the block that a dump was made at. */
export function readJsonState(text: string, source: string): JsonState {
  const trimmed = text.trim();
  if (GZIP_MAGIC.test(trimmed)) return readJsonState(decompress(trimmed.replaceAll('"', ''), source), source);
  const root = parseJson(text, source, 'INVALID_STATE');
  checkDuplicates(text, source);
  const object = root.object();
  if (Object.hasOwn(object, 'jsonrpc'))
    return readJsonState(decompress(root.get('result').string(), source), source);
  if (!Object.hasOwn(object, 'alloc') && Object.hasOwn(object, 'accounts')) return dumpOf(root);
  return { state: stateOf(root.maybe('alloc') ?? root), block: undefined };
}

function dumpOf(root: Field): JsonState {
  const hashes = parseDumpHashes(root);
  const state = stateOf(root.get('accounts'), (number) => hashes.get(number) ?? 0n);
  return { state, block: parseDumpBlock(root) };
}

function decompress(hex: string, source: string): string {
  let compressed: Uint8Array;
  try {
    compressed = hexToBytes(hex, source);
  } catch (error) {
    throw new ErbiumError('INVALID_STATE', (error as Error).message);
  }
  return new TextDecoder().decode(gunzip(compressed, source, MAX_DECOMPRESSED));
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

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * Scanned by hand: a regular expression takes stack for every character of a string, and that of a dump in the answer
 * of a node has millions.
 * @throws ErbiumError INVALID_STATE, or what the caller says, where an object of a valid JSON text has a key twice
 */
export function checkDuplicates(text: string, source: string, code: ErrorCode = 'INVALID_STATE'): void {
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    const token = text.charCodeAt(at);
    if (token === 0x7b) open.push(new Set());
    else if (token === 0x7d) open.pop();
    if (token !== QUOTE) continue;
    const start = at;
    // Past the string, one way or the other the only place where a brace means nothing.
    at = endOfString(text, start);
    if (!isKey(text, at + 1)) continue;
    const key = text.slice(start, at + 1);
    const keys = open.at(-1)!;
    const name = key.includes('\\') ? (JSON.parse(key) as string) : key.slice(1, -1);
    if (keys.has(name)) {
      throw new ErbiumError(code, `${source}: ${JSON.stringify(name)} stands twice in one object`);
    }
    keys.add(name);
  }
}

/** Where the quote is that ends the string of a valid text whose first quote is at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = start; ; ) {
    end = text.indexOf('"', end + 1);
    // The quote stands for itself behind an odd number of backslashes; they end at the latest at the first quote.
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before--;
    if ((end - before) % 2 === 1) return end;
  }
}

/** Whether what follows a string makes it a key. */
function isKey(text: string, from: number): boolean {
  let at = from;
  // Of the characters up to the space, a valid text has white ones only.
  while (text.charCodeAt(at) <= 0x20) at++;
  return text.charCodeAt(at) === COLON;
}

const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** The `alloc` of a genesis file as geth reads it: accounts and slots in ascending order, nothing that is 0. */
export const toAlloc = (state: ListedState): string => [...allocParts(state)].join('');

/**
 * As `toAlloc`, account by account, for states that do not fit into a string. It is the state at the first account,
 * whatever is changed until the last is taken.
 * @throws ErbiumError STORE_FAILURE where an account that is listed is not there
 */
export function* allocParts(state: ListedState): Generator<string> {
  const frozen = state.frozen?.();
  const listed = frozen ?? state;
  try {
    let separator = '{\n';
    for (const address of [...listed.addresses()].sort(ascending)) {
      yield `${separator}"${addressToHex(address)}": ${JSON.stringify(allocAccount(listed, address))}`;
      separator = ',\n';
    }
    yield separator === '{\n' ? '{}\n' : '\n}\n';
  } finally {
    frozen?.close();
  }
}

function allocAccount(state: ListedState, address: Address): Record<string, unknown> {
  const account = state.account(address);
  if (account === undefined) {
    throw new ErbiumError(
      'STORE_FAILURE',
      `account ${addressToHex(address)}: damaged: listed, but not there`,
    );
  }
  const { nonce, balance, codeHash } = account;
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
