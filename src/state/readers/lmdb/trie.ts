/**
 * A Merkle Patricia trie that is stored node by node (Yellow Paper, appendix D), its keys being hashes. Owns how a
 * batch of changes alters it: from the root down once, along the changed keys only, and every node that changed is
 * hashed and written once on the way back. A node is stored under the path at which it sits, which holds one node at
 * a time, so that nothing has to be collected as garbage.
 */

import { ErbiumError } from '../../../primitives/errors.ts';
import { EMPTY_ROOT } from '../../trie.ts';
import { type NodeRef, NodeWriter } from '../../trie-encoding.ts';
import {
  Branch,
  childPath,
  commonNibbles,
  decodeNode,
  encodeBranch,
  encodeLeaf,
  KEY_NIBBLES,
  Leaf,
  type Node,
  nibbleAt,
} from './nodes.ts';

/** Where a trie is stored. A path is the first `depth` nibbles of a key. */
export interface NodeTable {
  /** The record at a path; it is kept, and not altered. */
  read(path: Uint8Array, depth: number): Uint8Array | undefined;
  /**
   * The record is in a buffer that is used again.
   * @param former the record that was read there, null where there is none
   */
  write(path: Uint8Array, depth: number, record: Uint8Array, former: Uint8Array | null): void;
  /** @param former as that of `write` */
  remove(path: Uint8Array, depth: number, former: Uint8Array): void;
  /** RLP of the leaf of a key, as it was before the update. */
  leaf(key: Uint8Array): Uint8Array;
}

export interface TrieChange {
  /** 32 bytes. */
  readonly hash: Uint8Array;
  /** RLP of the leaf; null removes it. */
  readonly leaf: Uint8Array | null;
}

/** Orders changes by their keys, as `updateTrie` needs them. */
export function compareHashes({ hash: a }: { hash: Uint8Array }, { hash: b }: { hash: Uint8Array }): number {
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Makes the changes, which are sorted and of one key each.
 * @returns the root afterwards, 32 bytes
 */
export function updateTrie(table: NodeTable, changes: readonly TrieChange[]): Uint8Array {
  return new Update(table, changes).run();
}

// Only a buffer: nothing in it outlives the encoding of one node.
const writer = new NodeWriter();

class Update {
  private readonly table: NodeTable;
  private readonly changes: readonly TrieChange[];

  constructor(table: NodeTable, changes: readonly TrieChange[]) {
    this.table = table;
    this.changes = changes;
  }

  run(): Uint8Array {
    const { changes, table } = this;
    const path = new Uint8Array(KEY_NIBBLES / 2);
    const record = table.read(path, 0);
    const top = this.alter(
      record === undefined ? null : decodeNode(record, path, 0),
      0,
      changes,
      0,
      changes.length,
    );
    if (top === null) return EMPTY_ROOT.slice();
    // Never shorter than a hash: a leaf at the root has a path of 33 bytes, so has an extension above two leaves
    // that part at the very end, and any other branch holds a hash.
    return this.seal(top, 0);
  }

  private load(path: Uint8Array, depth: number): Node {
    const record = this.table.read(path, depth);
    if (record === undefined) throw new ErbiumError('STORE_FAILURE', 'a trie node is missing');
    return decodeNode(record, path, depth);
  }

  /** What becomes of the node at `depth` by changes [from, to), all of which lead there. */
  private alter(
    node: Node | null,
    depth: number,
    changes: readonly TrieChange[],
    from: number,
    to: number,
  ): Node | null {
    if (from === to) return node;
    if (node === null) {
      const added = changes.slice(from, to).filter(({ leaf }) => leaf !== null);
      return grow(added, 0, added.length, depth);
    }
    if (node instanceof Leaf) return this.alterLeaf(node, depth, changes, from, to);
    return this.alterBranch(node, depth, changes, from, to);
  }

  private alterLeaf(
    node: Leaf,
    depth: number,
    changes: readonly TrieChange[],
    from: number,
    to: number,
  ): Node | null {
    if (to - from === 1 && commonNibbles(node.key, changes[from]!.hash, depth) === KEY_NIBBLES) {
      node.value = changes[from]!.leaf;
      if (node.value !== null) return node;
      this.drop(node, depth);
      return null;
    }
    const kept: TrieChange[] = [];
    let isMentioned = false;
    for (let i = from; i < to; i++) {
      const change = changes[i]!;
      if (commonNibbles(node.key, change.hash, depth) === KEY_NIBBLES) isMentioned = true;
      if (change.leaf !== null) kept.push(change);
    }
    if (!isMentioned) {
      const own = { hash: node.key, leaf: node.value ?? this.table.leaf(node.key) };
      const after = kept.findIndex((change) => compareHashes(own, change) < 0);
      kept.splice(after < 0 ? kept.length : after, 0, own);
    }
    const grown = grow(kept, 0, kept.length, depth);
    if (grown === null) this.drop(node, depth);
    else grown.former = node.former;
    return grown;
  }

  private alterBranch(
    node: Branch,
    depth: number,
    changes: readonly TrieChange[],
    from: number,
    to: number,
  ): Node | null {
    if (node.depth === depth) return this.descend(node, depth, changes, from, to);
    let fork = node.depth;
    for (let i = from; i < to; i++) {
      const { hash, leaf } = changes[i]!;
      if (leaf !== null) fork = Math.min(fork, commonNibbles(node.key, hash, depth));
    }
    // What is to be removed and leads past the branch is not there.
    const leads = ({ hash }: TrieChange): boolean => commonNibbles(node.key, hash, depth) >= fork;
    while (from < to && !leads(changes[from]!)) from++;
    while (from < to && !leads(changes[to - 1]!)) to--;
    if (from === to) return node;
    if (fork === node.depth) return this.descend(node, depth, changes, from, to);
    const above = new Branch(node.key, fork, null);
    above.former = node.former;
    node.former = null;
    node.dirty = true;
    above.children[nibbleAt(node.key, fork)] = node;
    return this.descend(above, depth, changes, from, to);
  }

  /** Makes changes beneath a branch, all of which lead to it. */
  private descend(
    branch: Branch,
    depth: number,
    changes: readonly TrieChange[],
    from: number,
    to: number,
  ): Node | null {
    const { children } = branch;
    const below = branch.depth + 1;
    for (let i = from; i < to; ) {
      const { hash } = changes[i]!;
      const nibble = nibbleAt(hash, branch.depth);
      let end = i + 1;
      while (end < to && nibbleAt(changes[end]!.hash, branch.depth) === nibble) end++;
      const child = children[nibble]!;
      const node = child instanceof Uint8Array ? this.load(hash, below) : child;
      children[nibble] = this.alter(node, below, changes, i, end);
      i = end;
    }
    branch.dirty = true;
    return this.collapse(branch, depth);
  }

  /** What replaces a branch that may have lost children: itself, the only one left, or nothing. */
  private collapse(branch: Branch, depth: number): Node | null {
    let count = 0;
    let last = 0;
    for (let i = 0; i < 16; i++) {
      if (branch.children[i] === null) continue;
      count++;
      last = i;
    }
    if (count > 1) return branch;
    if (count === 0) {
      this.drop(branch, depth);
      return null;
    }
    const child = branch.children[last]!;
    const below = branch.depth + 1;
    const node = child instanceof Uint8Array ? this.load(childPath(branch, last), below) : child;
    this.drop(node, below);
    node.former = branch.former;
    node.dirty = true;
    return node;
  }

  /** Removes the record at the place of a node, which nothing takes. */
  private drop(node: Node, depth: number): void {
    if (node.former !== null) this.table.remove(node.key, depth, node.former);
  }

  /** Writes what changed at and beneath a node that sits at `depth`, and returns its reference. */
  private seal(node: Node, depth: number): NodeRef {
    if (node instanceof Leaf) {
      if (node.dirty) this.table.write(node.key, depth, encodeLeaf(node.key), node.former);
      const value = node.value ?? this.table.leaf(node.key);
      writer.begin(node.key.length + value.length + 12);
      writer.path(node.key, depth, KEY_NIBBLES, true);
      writer.string(value);
      return writer.finish();
    }
    const { children } = node;
    for (let i = 0; i < 16; i++) {
      const child = children[i]!;
      if (child !== null && !(child instanceof Uint8Array)) children[i] = this.seal(child, node.depth + 1);
    }
    if (node.dirty) this.table.write(node.key, depth, encodeBranch(node, depth), node.former);
    writer.begin(17 * 33);
    for (let i = 0; i < 16; i++) {
      const ref = children[i] as NodeRef | null;
      if (ref === null) writer.empty();
      else writer.reference(ref);
    }
    writer.empty();
    const inner = writer.finish();
    if (node.depth === depth) return inner;
    writer.begin((node.depth >> 1) + 48);
    writer.path(node.key, depth, node.depth, false);
    writer.reference(inner);
    return writer.finish();
  }
}

/** A trie at `depth` of leaves [from, to), all of which lead there. */
function grow(leaves: readonly TrieChange[], from: number, to: number, depth: number): Node | null {
  if (from === to) return null;
  const first = leaves[from]!;
  if (to - from === 1) return new Leaf(first.hash, first.leaf, null);
  const branch = new Branch(first.hash, commonNibbles(first.hash, leaves[to - 1]!.hash, depth), null);
  for (let i = from; i < to; ) {
    const nibble = nibbleAt(leaves[i]!.hash, branch.depth);
    let end = i + 1;
    while (end < to && nibbleAt(leaves[end]!.hash, branch.depth) === nibble) end++;
    branch.children[nibble] = grow(leaves, i, end, branch.depth + 1);
    i = end;
  }
  return branch;
}
