/**
 * Makes proofs (EIP-1186) from the records of a state. Owns the way from records to the nodes' RLP; ../../proof.ts
 * owns what a proof is.
 */

import type { Address } from '../../../primitives/address.ts';
import { EMPTY_BYTES } from '../../../primitives/bytes.ts';
import { ErbiumError } from '../../../primitives/errors.ts';
import { EMPTY_CODE_HASH, keccak256 } from '../../../primitives/keccak.ts';
import { decodeRlp, encodeRlp, type RlpInput } from '../../../primitives/rlp.ts';
import type { AccountProof } from '../../proof.ts';
import type { HashCache } from '../../root.ts';
import { EMPTY_ROOT } from '../../trie.ts';
import { accountKey, HASH_BYTES, nodeKey, slotKey } from './keys.ts';
import { type Branch, commonNibbles, decodeNode, KEY_NIBBLES, Leaf, nibbleAt } from './nodes.ts';
import { accountLeaf, accountOf, slotLeaf, slotValueOf, storageRootOf } from './records.ts';

/** The record of an entry in the state that is proven. */
type Read = (key: Uint8Array) => Uint8Array | undefined;

export function prove(read: Read, hashes: HashCache, address: Address, keys: Iterable<bigint>): AccountProof {
  const owner = hashes.address(address);
  const record = read(accountKey(owner));
  const info = record === undefined ? undefined : accountOf(record);
  return {
    address,
    accountProof: nodesTo(read, null, owner),
    nonce: info?.nonce ?? 0n,
    balance: info?.balance ?? 0n,
    codeHash: info?.codeHash ?? EMPTY_CODE_HASH,
    storageHash: (record === undefined ? null : storageRootOf(record)) ?? EMPTY_ROOT.slice(),
    storageProof: [...keys].map((key) => {
      const hash = hashes.slot(key);
      const slot = read(slotKey(owner, hash));
      return {
        key,
        value: slot === undefined ? 0n : slotValueOf(slot),
        proof: nodesTo(read, owner, hash),
      };
    }),
  };
}

/** RLP of the nodes on the way to a key, as far as it leads. A node shorter than a hash is within the one above. */
function nodesTo(read: Read, owner: Uint8Array | null, key: Uint8Array): Uint8Array[] {
  const nodes: Uint8Array[] = [];
  const add = (node: Uint8Array): void => {
    if (nodes.length === 0 || node.length >= HASH_BYTES) nodes.push(node);
  };
  let depth = 0;
  for (;;) {
    const record = read(nodeKey(owner, key, depth));
    if (record === undefined) {
      if (depth === 0) return nodes;
      throw new ErbiumError('STORE_FAILURE', 'a trie node is missing');
    }
    const node = decodeNode(record, key, depth);
    if (node instanceof Leaf) {
      add(encodeRlp([hexPrefix(node.key, depth, KEY_NIBBLES, true), leafOf(read, owner, node.key)]));
      return nodes;
    }
    const branch = encodeRlp([...references(node), EMPTY_BYTES]);
    if (node.depth > depth) {
      const inner = branch.length < HASH_BYTES ? decodeRlp(branch) : keccak256(branch);
      add(encodeRlp([hexPrefix(node.key, depth, node.depth, false), inner]));
      if (commonNibbles(node.key, key, depth) < node.depth) return nodes;
    }
    add(branch);
    if (node.children[nibbleAt(key, node.depth)] === null) return nodes;
    depth = node.depth + 1;
  }
}

const references = ({ children }: Branch): RlpInput[] =>
  children.map((child) => {
    if (!(child instanceof Uint8Array)) return EMPTY_BYTES;
    return child.length === HASH_BYTES ? child : decodeRlp(child);
  });

function leafOf(read: Read, owner: Uint8Array | null, key: Uint8Array): Uint8Array {
  const record = read(owner === null ? accountKey(key) : slotKey(owner, key));
  if (record === undefined) throw new ErbiumError('STORE_FAILURE', 'an entry of a trie is missing');
  return owner === null ? accountLeaf(record) : slotLeaf(record);
}

/** The nibbles [from, to) of a key in hex-prefix form (Yellow Paper, appendix C). */
function hexPrefix(key: Uint8Array, from: number, to: number, isLeaf: boolean): Uint8Array {
  const path = new Uint8Array(((to - from) >> 1) + 1);
  const isOdd = ((to - from) & 1) === 1;
  path[0] = (isLeaf ? 0x20 : 0) | (isOdd ? 0x10 : 0);
  for (let i = from, at = isOdd ? 1 : 2; i < to; i++, at++) {
    path[at >> 1]! |= (at & 1) === 0 ? nibbleAt(key, i) << 4 : nibbleAt(key, i);
  }
  return path;
}
