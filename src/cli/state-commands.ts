/** `erbium state`: looks into states, moves them from one form to another, and proves what is in them. */

import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Address, addressToHex } from '../primitives/address.ts';
import { bytesToHex, toHex32, toQuantity } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { toAddressWord, toWord } from '../primitives/input.ts';
import { EMPTY_CODE_HASH } from '../primitives/keccak.ts';
import type { AccountDiff } from '../state/diff.ts';
import type { ListedState } from '../state/readers/json.ts';
import type { LmdbState } from '../state/readers/lmdb/index.ts';
import { unreadable } from './input.ts';
import { listed, loadItems, type OpenState, openState, parseSpec, rootOf } from './state.ts';

export interface JsonOption {
  readonly json?: true;
}

async function withState<T>(
  spec: string,
  work: (state: OpenState) => T | Promise<T>,
  write = false,
): Promise<T> {
  const state = await openState(spec, { write });
  try {
    return await work(state);
  } finally {
    await state.close();
  }
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const misused = (problem: string): ErbiumError => new ErbiumError('INVALID_ARGUMENT', problem);

const addressOf = (text: string): Address => toAddressWord(text, 'address');
const keysOf = (texts: readonly string[]): bigint[] => texts.map((text, i) => toWord(text, `key ${i + 1}`));

export const root = (spec: string, { json }: JsonOption): Promise<void> =>
  withState(spec, (state) => {
    const stateRoot = rootOf(state);
    print(json ? JSON.stringify({ stateRoot }) : stateRoot);
  });

export const roots = (spec: string, { json }: JsonOption): Promise<void> =>
  withState(spec, (state) => {
    if (state.kind !== 'lmdb') throw misused(`${state.name}: former roots are those of a database, lmdb:DIR`);
    const kept = state.reader.roots().map(bytesToHex);
    print(json ? JSON.stringify(kept) : kept.join('\n'));
  });

export async function get(
  spec: string,
  text: string,
  keyTexts: readonly string[],
  { json }: JsonOption,
): Promise<void> {
  const address = addressOf(text);
  const keys = keysOf(keyTexts);
  await withState(spec, async (state) => {
    await loadItems(state, address, keys);
    const { reader } = state;
    const account = reader.account(address);
    const code = account === undefined ? new Uint8Array(0) : reader.code(account.codeHash);
    const storage = keys.map((key) => ({ key: toHex32(key), value: toHex32(reader.storage(address, key)) }));
    const { nonce = 0n, balance = 0n, codeHash = EMPTY_CODE_HASH } = account ?? {};
    if (json) {
      const head = { address: addressToHex(address), exists: account !== undefined };
      const numbers = { nonce: toQuantity(nonce), balance: toQuantity(balance), codeHash: toHex32(codeHash) };
      print(JSON.stringify({ ...head, ...numbers, code: bytesToHex(code), storage }));
      return;
    }
    const lines =
      account === undefined
        ? [`account  ${addressToHex(address)}: not in the state`]
        : [
            `account  ${addressToHex(address)}`,
            `nonce    ${nonce}`,
            `balance  ${balance} wei`,
            `code     ${codeHash === EMPTY_CODE_HASH ? 'none' : `${code.length} bytes, hash ${toHex32(codeHash)}`}`,
          ];
    print(
      [
        ...lines,
        ...keys.map((key) => `slot     ${toQuantity(key)} = ${toQuantity(reader.storage(address, key))}`),
      ].join('\n'),
    );
  });
}

/** To a file, which takes the place of one that is there when all is written, or to standard output. */
export async function exportState(
  spec: string,
  out: string,
  { snapshot }: { snapshot?: true },
): Promise<void> {
  await withState(spec, async (state) => {
    if (snapshot) {
      if (state.kind !== 'lmdb') throw misused(`--snapshot: ${state.name} is no database`);
      if (out === '-') throw misused('--snapshot: needs the name of a folder to write');
      const { exportSnapshot } = await import('../state/readers/lmdb/index.ts');
      await exportSnapshot(state.reader, out);
      return;
    }
    const { allocParts } = await import('../state/readers/json.ts');
    const parts = allocParts(listed(state));
    if (out === '-') await writeOut(parts);
    else writeFile(out, parts);
  });
}

const CHUNK = 1 << 20;

/** Joined to pieces that are worth a write. */
function* chunks(parts: Iterable<string>): Generator<string> {
  let text = '';
  for (const part of parts) {
    text += part;
    if (text.length < CHUNK) continue;
    yield text;
    text = '';
  }
  yield text;
}

async function writeOut(parts: Iterable<string>): Promise<void> {
  for (const chunk of chunks(parts)) {
    // Not more at once than whoever reads it takes.
    if (!process.stdout.write(chunk)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
}

function writeFile(path: string, parts: Iterable<string>): void {
  if (existsSync(path) && !statSync(path).isFile())
    throw new ErbiumError('UNREADABLE_FILE', `${path}: is no file`);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, 'wx');
    try {
      for (const chunk of chunks(parts)) writeAll(file, Buffer.from(chunk));
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error instanceof ErbiumError ? error : unreadable(path, error);
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** Into a database that is made here. */
export async function importState(input: string, target: string, { json }: JsonOption): Promise<void> {
  const spec = parseSpec(target);
  if (spec.kind !== 'lmdb') throw misused('the second argument: expected lmdb:DIR, the database to make');
  const { path } = spec;
  if (existsSync(path))
    throw new ErbiumError('UNREADABLE_FILE', `${path}: is there already, and only a new one is made`);
  const { importSnapshot, openLmdbState } = await import('../state/readers/lmdb/index.ts');
  const isSnapshot = input !== '-' && existsSync(input) && statSync(input).isDirectory();
  const from = isSnapshot ? undefined : await openState(input);
  try {
    const content = from === undefined ? undefined : listed(from);
    mkdirSync(dirname(path), { recursive: true });
    if (content === undefined) await importSnapshot(input, path);
    const database = await openLmdbState(path, {});
    try {
      if (content !== undefined) copy(content, database, from?.block.number);
      report(database, path, json);
    } finally {
      await database.close();
    }
  } catch (error) {
    // Nothing but what was made here.
    rmSync(path, { recursive: true, force: true });
    throw error instanceof ErbiumError ? error : unreadable(path, error);
  } finally {
    await from?.close();
  }
}

function report(database: LmdbState, path: string, json: true | undefined): void {
  let accounts = 0;
  for (const _ of database.addresses()) accounts++;
  const stateRoot = bytesToHex(database.root());
  print(json ? JSON.stringify({ accounts, stateRoot }) : `${path}: ${accounts} accounts, root ${stateRoot}`);
}

/** How far back BLOCKHASH reaches. */
const BLOCK_HASHES = 256n;

/** @param newest number of the newest block, for the hashes of its last ones, where the state has any */
function copy(from: ListedState, to: LmdbState, newest: bigint | undefined): void {
  const diff = new Map<Address, AccountDiff>();
  for (const address of from.addresses()) {
    const account = from.account(address)!;
    const storage = new Map(from.slots(address));
    diff.set(address, { account, storageCleared: true, storage, code: from.code(account.codeHash) });
  }
  const hashes: [number: bigint, hash: bigint][] = [];
  if (newest !== undefined) {
    for (let number = newest; number >= 0n && number > newest - BLOCK_HASHES; number--) {
      const hash = from.blockHash(number);
      if (hash !== 0n) hashes.push([number, hash]);
    }
  }
  to.apply(diff, hashes);
}

/** As `eth_getProof` answers (EIP-1186). */
export async function prove(spec: string, text: string, keyTexts: readonly string[]): Promise<void> {
  const address = addressOf(text);
  const keys = keysOf(keyTexts);
  await withState(spec, (state) => {
    if (state.kind !== 'lmdb' && state.kind !== 'past')
      throw misused(`${state.name}: proofs come from a database, lmdb:DIR`);
    const { accountProof, nonce, balance, codeHash, storageHash, storageProof } = state.reader.proof(
      address,
      keys,
    );
    const proof = {
      address: addressToHex(address),
      accountProof: accountProof.map(bytesToHex),
      balance: toQuantity(balance),
      codeHash: toHex32(codeHash),
      nonce: toQuantity(nonce),
      storageHash: bytesToHex(storageHash),
      storageProof: storageProof.map(({ key, value, proof }) => ({
        key: toHex32(key),
        value: toQuantity(value),
        proof: proof.map(bytesToHex),
      })),
    };
    print(JSON.stringify(proof, null, 2));
  });
}
