/**
 * A Merkle Patricia trie in memory (Yellow Paper, appendix D). Owns the shape of the trie and the cached
 * references of its nodes; `trie-encoding.ts` owns their bytes.
 *
 * The shape is a radix tree of leaves and branches. Both know a whole key instead of their part of a path, so
 * that splitting and joining never cuts or glues nibbles. An extension node is not an object: it is what
 * the encoding of a branch becomes when the branch sits above its own depth.
 */

import { EMPTY_BYTES, equalBytes } from '../primitives/bytes.ts';
import { keccak256 } from '../primitives/keccak.ts';
import { type NodeRef, NodeWriter, nibbleAt } from './trie-encoding.ts';

/** Root of a trie without entries, 32 bytes: keccak256 of the RLP of no bytes. */
export const EMPTY_ROOT: Uint8Array = keccak256(Uint8Array.of(0x80));

type Node = Leaf | Branch;

class Leaf {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** Reference for a leaf that sits at `refDepth`; null after a change. */
  ref: NodeRef | null = null;
  refDepth = 0;

  constructor(key: Uint8Array, value: Uint8Array) {
    this.key = key;
    this.value = value;
  }
}

class Branch {
  /** Some key that is or was beneath: only its first `depth` nibbles, common to all beneath, are read. */
  readonly key: Uint8Array;
  /** How many nibbles of a key lie before the one that selects the child. */
  readonly depth: number;
  readonly children: (Node | null)[] = [
    ...[null, null, null, null, null, null, null, null],
    ...[null, null, null, null, null, null, null, null],
  ];
  /** The entry whose key ends at this branch. */
  here: Leaf | null = null;
  /** Reference for a branch that sits at `refDepth`, by way of an extension if that is less than `depth`. */
  ref: NodeRef | null = null;
  refDepth = 0;

  constructor(key: Uint8Array, depth: number) {
    this.key = key;
    this.depth = depth;
  }
}

// Only a buffer: nothing in it outlives the encoding of one node.
const writer = new NodeWriter();

/** Number of equal leading nibbles of two keys that are known to agree in the first `from` ones. */
function commonNibbles(a: Uint8Array, b: Uint8Array, from: number): number {
  const end = Math.min(a.length, b.length);
  let i = from >> 1;
  while (i < end && a[i] === b[i]) i++;
  return i < end && (a[i]! ^ b[i]!) < 16 ? 2 * i + 1 : 2 * i;
}

/** Puts a node under a branch that has room for it. */
function attach(branch: Branch, node: Node, key: Uint8Array): void {
  if (node instanceof Leaf && 2 * key.length === branch.depth) branch.here = node;
  else branch.children[nibbleAt(key, branch.depth)] = node;
}

/** A branch at `depth` over two nodes whose keys part there. */
function fork(depth: number, node: Node, leaf: Leaf): Branch {
  const branch = new Branch(leaf.key, depth);
  attach(branch, node, node.key);
  attach(branch, leaf, leaf.key);
  return branch;
}

/** The trie at `node`, which sits at `depth`, with a leaf added or replaced. */
function insert(node: Node | null, depth: number, leaf: Leaf): Node {
  if (node === null) return leaf;
  const { key } = leaf;
  const common = commonNibbles(node.key, key, depth);
  if (node instanceof Leaf) {
    if (common === 2 * key.length && common === 2 * node.key.length) {
      if (equalBytes(node.value, leaf.value)) return node;
      return leaf;
    }
    return fork(common, node, leaf);
  }
  if (common < node.depth) return fork(common, node, leaf);
  node.ref = null;
  if (2 * key.length === node.depth) {
    node.here = leaf;
  } else {
    const nibble = nibbleAt(key, node.depth);
    node.children[nibble] = insert(node.children[nibble]!, node.depth + 1, leaf);
  }
  return node;
}

/** The trie at `node` without the entry of `key`, which must be present. */
function remove(node: Node, key: Uint8Array): Node | null {
  if (node instanceof Leaf) return null;
  node.ref = null;
  if (2 * key.length === node.depth) {
    node.here = null;
  } else {
    const nibble = nibbleAt(key, node.depth);
    const rest = remove(node.children[nibble]!, key);
    node.children[nibble] = rest;
    if (rest !== null) return node;
  }
  return collapse(node);
}

/** What replaces a branch that lost an entry: itself, or the only node left beneath. */
function collapse(branch: Branch): Node {
  let only: Node | null = branch.here;
  for (const child of branch.children) {
    if (child === null) continue;
    if (only !== null) return branch;
    only = child;
  }
  return only!;
}

function find(root: Node | null, key: Uint8Array): Leaf | null {
  let node = root;
  while (node instanceof Branch) {
    // Skipped nibbles need no look: the leaf at the end tells whether they agree.
    if (2 * key.length <= node.depth) {
      node = 2 * key.length === node.depth ? node.here : null;
    } else {
      node = node.children[nibbleAt(key, node.depth)]!;
    }
  }
  return node !== null && equalBytes(node.key, key) ? node : null;
}

/** Reference to a node that sits at `depth`. */
function reference(node: Node, depth: number): NodeRef {
  if (node.ref === null || node.refDepth !== depth) {
    write(node, depth);
    node.ref = writer.finish();
    node.refDepth = depth;
  }
  return node.ref;
}

function write(node: Node, depth: number): void {
  if (node instanceof Leaf) {
    writer.begin(node.key.length + node.value.length + 12);
    writer.path(node.key, depth, 2 * node.key.length, true);
    writer.string(node.value);
    return;
  }
  if (node.depth > depth) {
    writeBranch(node);
    const inner = writer.finish();
    writer.begin((node.depth >> 1) + 48);
    writer.path(node.key, depth, node.depth, false);
    writer.reference(inner);
    return;
  }
  writeBranch(node);
}

function writeBranch(branch: Branch): void {
  const { children } = branch;
  // The writer holds one node at a time, so the children come first.
  for (let i = 0; i < 16; i++) {
    const child = children[i]!;
    if (child !== null) reference(child, branch.depth + 1);
  }
  const value = branch.here === null ? EMPTY_BYTES : branch.here.value;
  writer.begin(16 * 33 + value.length + 5);
  for (let i = 0; i < 16; i++) {
    const child = children[i]!;
    if (child === null) writer.empty();
    else writer.reference(child.ref!);
  }
  writer.string(value);
}

/** Maps keys of any length to values. The arrays given to it are kept, so they must not be altered later. */
export class Trie {
  private top: Node | null = null;

  /** Sets the value of a key. No bytes as the value delete the key, since a trie cannot hold them. */
  put(key: Uint8Array, value: Uint8Array): void {
    if (value.length === 0) this.delete(key);
    else this.top = insert(this.top, 0, new Leaf(key, value));
  }

  /** Does nothing if the key is absent. */
  delete(key: Uint8Array): void {
    if (this.top !== null && find(this.top, key) !== null) this.top = remove(this.top, key);
  }

  /** The value itself, not a copy; undefined if the key is absent. */
  get(key: Uint8Array): Uint8Array | undefined {
    return find(this.top, key)?.value;
  }

  /** 32 fresh bytes. After a change only the nodes above it are hashed again. */
  root(): Uint8Array {
    if (this.top === null) return EMPTY_ROOT.slice();
    const ref = reference(this.top, 0);
    if (ref.length === 32) return ref.slice();
    write(this.top, 0);
    return writer.finishRoot();
  }
}
