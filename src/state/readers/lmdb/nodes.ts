/**
 * Trie nodes in memory and as records. Owns both forms; `trie.ts` owns how a trie changes, and
 * ../../trie-encoding.ts how a node is hashed.
 *
 * As in ../../trie.ts there are leaves and branches, and both know a whole key: an extension is a branch that sits
 * above its own depth. A record of a leaf holds the key alone. What the leaf says stands in the record of the
 * account or slot, so that a change of its value rewrites no leaf.
 *
 * leaf: stamp, 0, key (32). branch: stamp, 1, depth, children as bits, which of them are shorter than a hash as bits,
 * the first `depth` nibbles of the keys if the branch sits above its depth, references.
 */

import { ErbiumError } from '../../../primitives/errors.ts';
import { type NodeRef, nibbleAt } from '../../trie-encoding.ts';
import { HASH_BYTES } from './keys.ts';
import { STAMP_BYTES } from './records.ts';

const LEAF = 0;
const BRANCH = 1;
const KIND_AT = STAMP_BYTES;
const KEY_AT = KIND_AT + 1;
const DEPTH_AT = KIND_AT + 1;
const CHILDREN_AT = DEPTH_AT + 1;
const SHORT_AT = CHILDREN_AT + 2;
const PATH_AT = SHORT_AT + 2;

/** Nibbles of a key. */
export const KEY_NIBBLES: number = 2 * HASH_BYTES;

export class Leaf {
  readonly key: Uint8Array;
  /** RLP; null where it is as stored. */
  value: Uint8Array | null;
  /** The record at the place where the node sits, its own or another's; null where there is none. */
  former: Uint8Array | null;
  /** Whether that record has to be written. */
  dirty: boolean;

  constructor(key: Uint8Array, value: Uint8Array | null, former: Uint8Array | null) {
    this.key = key;
    this.value = value;
    this.former = former;
    this.dirty = former === null;
  }
}

export class Branch {
  /** Its first `depth` nibbles are common to all beneath; the others mean nothing. */
  readonly key: Uint8Array;
  readonly depth: number;
  /** Children that were not looked at are references. */
  readonly children: (Leaf | Branch | NodeRef | null)[] = [
    ...[null, null, null, null, null, null, null, null],
    ...[null, null, null, null, null, null, null, null],
  ];
  /** As that of a leaf. */
  former: Uint8Array | null;
  dirty: boolean;

  constructor(key: Uint8Array, depth: number, former: Uint8Array | null) {
    this.key = key;
    this.depth = depth;
    this.former = former;
    this.dirty = former === null;
  }
}

export type Node = Leaf | Branch;

// Only a buffer: nothing in it outlives the record.
const RECORD = new Uint8Array(PATH_AT + HASH_BYTES + 16 * HASH_BYTES);

/** The record of a leaf, yet without a stamp, in a buffer that holds until the next record. */
export function encodeLeaf(key: Uint8Array): Uint8Array {
  RECORD[KIND_AT] = LEAF;
  RECORD.set(key, KEY_AT);
  return RECORD.subarray(0, KEY_AT + HASH_BYTES);
}

/** The record of a branch that sits at `depth` and whose children are references; as `encodeLeaf`. */
export function encodeBranch(branch: Branch, depth: number): Uint8Array {
  RECORD[KIND_AT] = BRANCH;
  RECORD[DEPTH_AT] = branch.depth;
  let at = PATH_AT;
  if (branch.depth > depth) {
    const bytes = (branch.depth + 1) >> 1;
    for (let i = 0; i < bytes; i++) RECORD[at++] = branch.key[i]!;
    if ((branch.depth & 1) === 1) RECORD[at - 1]! &= 0xf0;
  }
  let present = 0;
  let short = 0;
  for (let i = 0; i < 16; i++) {
    const ref = branch.children[i];
    if (!(ref instanceof Uint8Array)) continue;
    present |= 1 << i;
    if (ref.length < HASH_BYTES) short |= 1 << i;
    for (let j = 0; j < ref.length; j++) RECORD[at++] = ref[j]!;
  }
  RECORD[CHILDREN_AT] = present >> 8;
  RECORD[CHILDREN_AT + 1] = present;
  RECORD[SHORT_AT] = short >> 8;
  RECORD[SHORT_AT + 1] = short;
  return RECORD.subarray(0, at);
}

/**
 * The node of a record, which is kept.
 * @param path a key whose first `depth` nibbles lead to the node
 */
export function decodeNode(record: Uint8Array, path: Uint8Array, depth: number): Node {
  if (record[KIND_AT] === LEAF) {
    if (record.length !== KEY_AT + HASH_BYTES) throw damaged();
    return new Leaf(record.subarray(KEY_AT), null, record);
  }
  if (record[KIND_AT] !== BRANCH || record.length < PATH_AT) throw damaged();
  const branchDepth = record[DEPTH_AT]!;
  let at = PATH_AT;
  let key = path;
  if (branchDepth > depth) {
    const bytes = (branchDepth + 1) >> 1;
    key = new Uint8Array(HASH_BYTES);
    key.set(record.subarray(at, at + bytes));
    at += bytes;
  }
  const branch = new Branch(key, branchDepth, record);
  const present = (record[CHILDREN_AT]! << 8) | record[CHILDREN_AT + 1]!;
  const short = (record[SHORT_AT]! << 8) | record[SHORT_AT + 1]!;
  for (let i = 0; i < 16; i++) {
    if ((present & (1 << i)) === 0) continue;
    // A short reference is the node's own encoding, a list of fewer than 32 bytes.
    const length = (short & (1 << i)) === 0 ? HASH_BYTES : record[at]! - 0xc0 + 1;
    branch.children[i] = record.subarray(at, at + length);
    at += length;
  }
  if (at !== record.length || branchDepth < depth || branchDepth >= KEY_NIBBLES) throw damaged();
  return branch;
}

const damaged = (): ErbiumError => new ErbiumError('STORE_FAILURE', 'the record of a trie node is damaged');

/** Number of equal leading nibbles of two keys that are known to agree in the first `from` ones. */
export function commonNibbles(a: Uint8Array, b: Uint8Array, from: number): number {
  let i = from >> 1;
  while (i < HASH_BYTES && a[i] === b[i]) i++;
  return i < HASH_BYTES && (a[i]! ^ b[i]!) < 16 ? 2 * i + 1 : 2 * i;
}

/** A key that leads to a child of a branch. */
export function childPath(branch: Branch, nibble: number): Uint8Array {
  const path = Uint8Array.from(branch.key);
  const at = branch.depth >> 1;
  path[at] = (branch.depth & 1) === 0 ? nibble << 4 : (path[at]! & 0xf0) | nibble;
  return path;
}

export { nibbleAt };
