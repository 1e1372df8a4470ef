/**
 * States as the commands name them: a JSON file, a database, or a node. Owns that notation, and loads the reader that
 * it asks for and no other.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BlockEnv } from '../machine/host.ts';
import type { Address } from '../primitives/address.ts';
import { bytesToHex, hexToBytes, toHex32 } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import type { StateReader } from '../state/reader.ts';
import type { ListedState } from '../state/readers/json.ts';
import type { LmdbState, PastState } from '../state/readers/lmdb/index.ts';
import type { RpcBlockId, RpcState } from '../state/readers/rpc/index.ts';
import { readFile } from './input.ts';

/** The fields of a block as a state has them; blob gas by its excess, since its price depends on the fork. */
export interface StateBlock extends Partial<BlockEnv> {
  readonly excessBlobGas?: bigint | undefined;
}

interface Opened {
  /** As the user named it. */
  readonly name: string;
  /** The newest block of the state. */
  readonly block: StateBlock;
  close(): Promise<void>;
}

export type OpenState =
  | (Opened & { readonly kind: 'json'; readonly reader: ListedState & { root(): Uint8Array } })
  | (Opened & { readonly kind: 'lmdb'; readonly reader: LmdbState })
  | (Opened & { readonly kind: 'past'; readonly reader: PastState })
  | (Opened & { readonly kind: 'rpc'; readonly reader: RpcState });

export interface OpenOptions {
  /** Changes will be written to it; then it must be a database. */
  readonly write?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** The option of commands that print words else. */
export interface JsonOption {
  readonly json?: true;
}

/** What the user named, before it is opened. */
export type StateSpec =
  | { readonly kind: 'json'; readonly path: string }
  | { readonly kind: 'lmdb'; readonly path: string }
  /** A database as it was at a root. */
  | { readonly kind: 'past'; readonly path: string; readonly root: string }
  | { readonly kind: 'rpc'; readonly url: string; readonly block: RpcBlockId };

/** What takes longer is said to take long. */
export const PATIENCE_MS = 5_000;
/** Enough for a node that is busy; where there is none, somebody waits for the message: four seconds. */
const RETRIES = 4;

const HASH = /^0x[0-9a-fA-F]{64}$/;
const TAGS = ['latest', 'safe', 'finalized'] as const;

// A node without its prefix, misspelt or not; such a name of a file is written with a ./ in front.
const NODE = /^(?:[^/]{2,}:\/\/|(?:https?|wss?|rpc):)/i;

export const misused = (problem: string): ErbiumError => new ErbiumError('INVALID_ARGUMENT', problem);

export const print = (text: string): void => void process.stdout.write(`${text}\n`);

/**
 * `FILE`, `lmdb:DIR[@ROOT]` or `rpc:URL[@BLOCK]`; a file whose name begins like the others is written `./lmdb:…`.
 * @throws ErbiumError INVALID_ARGUMENT, without any text that may be of a URL, which may hold a password or a key
 */
export function parseSpec(spec: string): StateSpec {
  if (spec.startsWith('lmdb:')) {
    const text = named(spec, 'lmdb:', 'a folder');
    const [, path, root] = /^(.+)@(0x[0-9a-fA-F]{64})$/s.exec(text) ?? [];
    return path === undefined ? { kind: 'lmdb', path: text } : { kind: 'past', path, root: root! };
  }
  if (spec.startsWith('rpc:')) return parseNode(named(spec, 'rpc:', 'a URL'));
  if (NODE.test(spec)) throw misused('state: a node is written rpc:URL, and a file of such a name ./FILE');
  return { kind: 'json', path: named(spec, '', 'a file') };
}

function parseNode(text: string): StateSpec {
  // What may stand behind an @ in a URL is a host, which a block is not; a host without dots needs a / or a port.
  const [, url = text, block] = /^(.*)@([^/.:?#@]*)$/s.exec(text) ?? [];
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw misused('rpc: expected an http or https URL; what was given is not shown, since it may hold a key');
  }
  const { pathname, search, hash } = new URL(url);
  // A password with a / in it: what is taken for the host is its beginning.
  if (`${pathname}${search}${hash}`.includes('@')) {
    throw misused(
      'rpc: the URL has an @ behind its host; in a user, password or path write %40 for @, %2F for /',
    );
  }
  return { kind: 'rpc', url, block: block === undefined ? 'latest' : blockId(block) };
}

function named(spec: string, prefix: string, what: string): string {
  const rest = spec.slice(prefix.length);
  if (rest !== '') return rest;
  throw misused(`${prefix === '' ? 'state:' : prefix} expected ${what}, got nothing`);
}

/** A node without what may be secret in its URL: user, password, and a path, which with many providers is the key. */
const nameOf = (url: string): string => `rpc:${new URL(url).origin}`;

function blockId(text: string): RpcBlockId {
  const tag = TAGS.find((name) => name === text);
  if (tag !== undefined) return tag;
  if (HASH.test(text)) return text as `0x${string}`;
  if (/^(0x[0-9a-fA-F]{1,16}|[0-9]{1,19})$/.test(text)) return BigInt(text);
  throw misused(`block ${JSON.stringify(text)}: expected a number, a hash of 32 bytes, ${TAGS.join(', ')}`);
}

/**
 * @throws ErbiumError naming the file, the folder or the node
 */
export async function openState(
  spec: string,
  { write = false, signal }: OpenOptions = {},
): Promise<OpenState> {
  const parsed = parseSpec(spec);
  if (parsed.kind === 'lmdb') return openDatabase(spec, parsed.path, write);
  if (parsed.kind === 'past') {
    if (write) throw misused(`${spec}: a former root takes no changes`);
    return openPast(spec, parsed.path, parsed.root);
  }
  const name = parsed.kind === 'rpc' ? nameOf(parsed.url) : spec;
  if (write) throw misused(`${name}: only a database, lmdb:DIR, takes changes`);
  if (parsed.kind === 'rpc') {
    const { openRpcState } = await import('../state/readers/rpc/index.ts');
    const reader = await patiently(
      name,
      openRpcState(parsed.url, { block: parsed.block, signal, retries: RETRIES }),
    );
    const { number, timestamp, coinbase, gasLimit, difficulty, prevRandao, baseFee, excessBlobGas, chainId } =
      reader.block;
    const fields = { number, timestamp, coinbase, gasLimit, difficulty, prevRandao, baseFee, chainId };
    return { kind: 'rpc', name, reader, block: { ...fields, excessBlobGas }, close: async () => {} };
  }
  const { readJsonState } = await import('../state/readers/json.ts');
  const isPiped = parsed.path === '-';
  const { state, block = {} } = readJsonState(
    readFile(isPiped ? 0 : parsed.path),
    isPiped ? 'standard input' : spec,
  );
  return { kind: 'json', name, reader: state, block, close: async () => {} };
}

/** Opens a state for reading, and closes it after the work. */
export async function withState<T>(spec: string, work: (state: OpenState) => T | Promise<T>): Promise<T> {
  const state = await openState(spec);
  try {
    return await work(state);
  } finally {
    await state.close();
  }
}

/** Says what a user waits for, once that takes long. */
async function patiently<T>(name: string, opening: Promise<T>): Promise<T> {
  const timer = setTimeout(() => process.stderr.write(`erbium: ${name}: no answer yet\n`), PATIENCE_MS);
  try {
    return await opening;
  } finally {
    clearTimeout(timer);
  }
}

/** A database that is there already: opening would make one, which for reading is never meant. */
async function openDatabase(
  name: string,
  path: string,
  write: boolean,
): Promise<OpenState & { readonly kind: 'lmdb' }> {
  if (!existsSync(join(path, 'data.mdb'))) {
    const problem = existsSync(path) ? 'holds no database' : 'no such file or folder';
    throw new ErbiumError('UNREADABLE_FILE', `${path}: ${problem}`);
  }
  const { openLmdbState } = await import('../state/readers/lmdb/index.ts');
  const reader = await openLmdbState(path, { readOnly: !write });
  return { kind: 'lmdb', name, reader, block: {}, close: () => reader.close() };
}

async function openPast(name: string, path: string, root: string): Promise<OpenState> {
  const { reader, block, close } = await openDatabase(name, path, false);
  try {
    return { kind: 'past', name, reader: reader.at(hexToBytes(root)), block, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Fetches accounts and slots of a node; all other states have theirs. */
export async function loadItems(state: OpenState, address: Address, keys: readonly bigint[]): Promise<void> {
  if (state.kind !== 'rpc') return;
  await state.reader.load({ accounts: [address], slots: keys.map((key) => [address, key]) });
}

/** Root of a state, `0x` and 64 digits. */
export const rootOf = ({ kind, reader }: OpenState): string =>
  kind === 'rpc' ? toHex32(reader.block.stateRoot) : bytesToHex(reader.root());

/** A state whose accounts can be listed. */
export function listed({ kind, name, reader }: OpenState): StateReader & ListedState {
  if (kind === 'json' || kind === 'lmdb') return reader;
  const who = kind === 'rpc' ? 'a node' : 'a former root';
  throw misused(`${name}: ${who} does not list its accounts`);
}
