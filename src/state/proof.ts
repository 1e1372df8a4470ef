/**
 * Merkle proofs of accounts and slots (EIP-1186). Owns their form and their verification against a root; making one
 * is up to the store that holds the trie.
 *
 * Nothing in a proof is believed: every node is first hashed and compared with what the node above it says, and only
 * then read. A proof holds exactly the nodes on the way to its key; where the key is absent, they show that.
 */

import { type Address, addressToHex } from '../primitives/address.ts';
import { bytesToBigInt, equalBytes, toBytes20, toBytes32, toHex32 } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { EMPTY_CODE_HASH, keccak256 } from '../primitives/keccak.ts';
import { decodeRlp, encodeRlp, type RlpItem } from '../primitives/rlp.ts';
import type { AccountInfo } from './reader.ts';
import { EMPTY_ROOT } from './trie.ts';
import { nibbleAt } from './trie-encoding.ts';

/** A slot and its proof in the storage trie (EIP-1186). */
export interface SlotProof {
  readonly key: bigint;
  readonly value: bigint;
  /** RLP of the nodes of the account's storage trie, root first; none where the trie is empty. */
  readonly proof: readonly Uint8Array[];
}

/** What `eth_getProof` answers. */
export interface AccountProof extends AccountInfo {
  readonly address: Address;
  /** RLP of the nodes of the state trie, root first; none where the trie is empty. */
  readonly accountProof: readonly Uint8Array[];
  /** Root of the account's storage trie, 32 bytes. */
  readonly storageHash: Uint8Array;
  /** In the order in which the keys were asked for. */
  readonly storageProof: readonly SlotProof[];
}

/** What a proof proves. */
export interface ProvenAccount {
  /** undefined where there is no account. */
  readonly account: (AccountInfo & { readonly storageHash: Uint8Array }) | undefined;
  /** Values of the slots that were asked for; 0 where nothing is stored. */
  readonly storage: ReadonlyMap<bigint, bigint>;
}

const HASH_BYTES = 32;
const KEY_NIBBLES = 2 * HASH_BYTES;
/** A trie cannot be higher than its keys are long; a proof with more nodes is not read. */
const MAX_NODES = KEY_NIBBLES + 1;
const MAX_NONCE_BYTES = 8;

function fail(place: string, reason: string): never {
  throw new ErbiumError('INVALID_STATE', `${place}: ${reason}`);
}

/**
 * Checks a proof of an account and of some of its slots. The proof may come from anywhere.
 * @param root root of the state trie, 32 bytes
 * @param keys the slots that have to be proven, in the order of the proof
 * @throws ErbiumError INVALID_STATE where the proof does not hold, is of something else, says of the account what it
 * does not prove, or holds more than is needed; INVALID_ARGUMENT for a root that is not 32 bytes
 */
export function verifyProof(
  root: Uint8Array,
  address: Address,
  keys: Iterable<bigint>,
  proof: AccountProof,
): ProvenAccount {
  if (!(root instanceof Uint8Array) || root.length !== HASH_BYTES) {
    throw new ErbiumError('INVALID_ARGUMENT', 'the root of a state is 32 bytes');
  }
  const place = `proof of account ${addressToHex(address)}`;
  if (proof.address !== address) fail(place, 'is of another account');
  const leaf = leafOf(root, keccak256(toBytes20(address)), proof.accountProof, place);
  const account = leaf === undefined ? undefined : decodeAccount(leaf, place);
  checkClaims(proof, account, place);
  const storage = new Map<bigint, bigint>();
  const wanted = [...keys];
  if (!Array.isArray(proof.storageProof) || proof.storageProof.length !== wanted.length) {
    fail(place, 'does not hold one proof for each slot');
  }
  for (const [i, key] of wanted.entries()) {
    storage.set(key, provenSlot(account?.storageHash ?? EMPTY_ROOT, key, proof.storageProof[i]!, place));
  }
  return { account, storage };
}

function provenSlot(storageHash: Uint8Array, key: bigint, claim: SlotProof, account: string): bigint {
  const place = `${account}, slot ${toHex32(key)}`;
  if (claim?.key !== key) fail(place, 'is of another slot');
  const leaf = leafOf(storageHash, keccak256(toBytes32(key)), claim.proof, place);
  const value = leaf === undefined ? 0n : decodeQuantity(decodeRlp(leaf, place), HASH_BYTES, place);
  if (leaf !== undefined && value === 0n) fail(place, 'a slot holds 0');
  if (claim.value !== value) fail(place, `proves the value ${value}, not ${claim.value}`);
  return value;
}

/** For an account that is absent there are two customs of what its hashes are. */
function checkClaims(proof: AccountProof, account: ProvenAccount['account'], place: string): void {
  const { nonce, balance, codeHash, storageHash } = proof;
  const isHash = storageHash instanceof Uint8Array && storageHash.length === HASH_BYTES;
  const agrees =
    account === undefined
      ? nonce === 0n &&
        balance === 0n &&
        (codeHash === EMPTY_CODE_HASH || codeHash === 0n) &&
        isHash &&
        (equalBytes(storageHash, EMPTY_ROOT) || storageHash.every((byte) => byte === 0))
      : nonce === account.nonce &&
        balance === account.balance &&
        codeHash === account.codeHash &&
        isHash &&
        equalBytes(storageHash, account.storageHash);
  if (!agrees) fail(place, 'says what it does not prove');
}

function decodeAccount(leaf: Uint8Array, place: string): NonNullable<ProvenAccount['account']> {
  const fields = decodeRlp(leaf, place);
  if (fields instanceof Uint8Array || fields.length !== 4) fail(place, 'an account has 4 fields');
  const [nonce, balance, storageHash, codeHash] = fields as readonly RlpItem[];
  return {
    nonce: decodeQuantity(nonce!, MAX_NONCE_BYTES, place),
    balance: decodeQuantity(balance!, HASH_BYTES, place),
    storageHash: decodeHash(storageHash!, place),
    codeHash: bytesToBigInt(decodeHash(codeHash!, place)),
  };
}

function decodeQuantity(item: RlpItem, maxBytes: number, place: string): bigint {
  if (!(item instanceof Uint8Array)) fail(place, 'a number is a list');
  if (item.length > maxBytes || item[0] === 0) fail(place, 'a number is not in its shortest form');
  return bytesToBigInt(item);
}

function decodeHash(item: RlpItem, place: string): Uint8Array {
  if (!(item instanceof Uint8Array) || item.length !== HASH_BYTES) fail(place, 'a hash is not 32 bytes');
  return item.slice();
}

/**
 * The value of a key of 32 bytes in the trie of a root; undefined where the nodes show that there is none.
 * @throws ErbiumError INVALID_STATE, INVALID_RLP
 */
function leafOf(
  root: Uint8Array,
  key: Uint8Array,
  nodes: readonly Uint8Array[],
  place: string,
): Uint8Array | undefined {
  if (!Array.isArray(nodes) || nodes.length > MAX_NODES) fail(place, 'is not a list of nodes');
  if (nodes.length === 0) {
    return equalBytes(root, EMPTY_ROOT) ? undefined : fail(place, 'has no nodes');
  }
  let used = 0;
  const next = (hash: Uint8Array): RlpItem => {
    const node: unknown = nodes[used];
    const name = `${place}, node ${used}`;
    if (!(node instanceof Uint8Array)) return fail(name, 'is missing');
    if (!equalBytes(keccak256(node), hash)) fail(name, 'is not the one that the node above it names');
    used++;
    return decodeRlp(node, name);
  };
  const value = descend(next(root), key, next, place);
  if (used !== nodes.length) fail(place, `has ${nodes.length - used} nodes more than lead to the key`);
  return value;
}

function descend(
  top: RlpItem,
  key: Uint8Array,
  next: (hash: Uint8Array) => RlpItem,
  place: string,
): Uint8Array | undefined {
  let node = top;
  let depth = 0;
  for (;;) {
    if (node instanceof Uint8Array) {
      // The empty trie, whose root is the hash of the RLP of no bytes.
      return node.length === 0 && depth === 0 ? undefined : fail(place, 'a node is no list');
    }
    let child: RlpItem;
    if (node.length === 17) {
      if (depth === KEY_NIBBLES) return fail(place, 'leads past the end of the key');
      child = node[nibbleAt(key, depth++)]!;
      if (child instanceof Uint8Array && child.length === 0) return undefined;
    } else if (node.length === 2) {
      const path = decodePath(node[0]!, place);
      const isLeaf = path.isLeaf;
      const end = depth + path.nibbles.length;
      if (end > KEY_NIBBLES || (isLeaf && end !== KEY_NIBBLES))
        return fail(place, 'a path has a wrong length');
      if (!path.nibbles.every((nibble, i) => nibble === nibbleAt(key, depth + i))) return undefined;
      child = node[1]!;
      if (isLeaf) return child instanceof Uint8Array ? child : fail(place, 'a value is a list');
      if (path.nibbles.length === 0) return fail(place, 'an extension leads nowhere');
      depth = end;
    } else {
      return fail(place, `a node has ${node.length} items`);
    }
    node = follow(child, next, place);
  }
}

/** The node of a reference: behind a hash, or, where it is shorter than one, in place. */
function follow(child: RlpItem, next: (hash: Uint8Array) => RlpItem, place: string): RlpItem {
  if (!(child instanceof Uint8Array)) {
    return encodeRlp(child).length < HASH_BYTES
      ? child
      : fail(place, 'a long node stands in place of its hash');
  }
  return child.length === HASH_BYTES ? next(child) : fail(place, 'a reference is not 32 bytes');
}

/** The nibbles of a path in hex-prefix form (Yellow Paper, appendix C). */
function decodePath(item: RlpItem, place: string): { nibbles: number[]; isLeaf: boolean } {
  if (!(item instanceof Uint8Array) || item.length === 0) return fail(place, 'a path is missing');
  const flags = item[0]! >> 4;
  if (flags > 3 || ((flags & 1) === 0 && (item[0]! & 15) !== 0))
    return fail(place, 'a path has a wrong flag');
  const nibbles: number[] = [];
  for (let i = (flags & 1) === 1 ? 1 : 2; i < 2 * item.length; i++) nibbles.push(nibbleAt(item, i));
  return { nibbles, isLeaf: (flags & 2) !== 0 };
}
