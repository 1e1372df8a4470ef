/**
 * The stored trie against the one in memory, without a database. Keys are not hashes here but crowd together, so that
 * tries grow high, paths get shared, and nodes become shorter than a hash, which hashes hardly ever do.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHexDigits } from '../../../src/primitives/bytes.ts';
import { nodeKey } from '../../../src/state/readers/lmdb/keys.ts';
import { decodeNode, Leaf } from '../../../src/state/readers/lmdb/nodes.ts';
import {
  compareHashes,
  type NodeTable,
  type TrieChange,
  updateTrie,
} from '../../../src/state/readers/lmdb/trie.ts';
import { Trie } from '../../../src/state/trie.ts';

const hex = bytesToHexDigits;

class Table implements NodeTable {
  readonly nodes = new Map<string, Uint8Array>();
  readonly leaves = new Map<string, Uint8Array>();
  writes: string[] = [];

  read(path: Uint8Array, depth: number): Uint8Array | undefined {
    return this.nodes.get(hex(nodeKey(null, path, depth)));
  }

  write(path: Uint8Array, depth: number, record: Uint8Array, former: Uint8Array | null): void {
    const key = hex(nodeKey(null, path, depth));
    expect(former).toBe(this.nodes.get(key) ?? null);
    this.writes.push(key);
    this.nodes.set(key, record.slice());
  }

  remove(path: Uint8Array, depth: number, former: Uint8Array): void {
    const key = hex(nodeKey(null, path, depth));
    expect(former).toBe(this.nodes.get(key));
    this.writes.push(key);
    expect(this.nodes.delete(key)).toBe(true);
  }

  leaf(key: Uint8Array): Uint8Array {
    return this.leaves.get(hex(key))!;
  }

  update(changes: readonly TrieChange[]): Uint8Array {
    this.writes = [];
    const root = updateTrie(this, changes);
    for (const { hash, leaf } of changes) {
      if (leaf === null) this.leaves.delete(hex(hash));
      else this.leaves.set(hex(hash), leaf);
    }
    return root;
  }
}

/** Few nibbles differ, at either end of the key or all over it. */
const key = fc
  .array(fc.tuple(fc.constantFrom(0, 1, 15, 30, 31), fc.constantFrom(0x00, 0x01, 0x10, 0xff)), {
    maxLength: 4,
  })
  .map((places) => {
    const bytes = new Uint8Array(32);
    for (const [at, value] of places) bytes[at] = value;
    return bytes;
  });
const leaf = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 3 }),
  fc.uint8Array({ minLength: 30, maxLength: 120 }),
);
const batch = fc
  .uniqueArray(fc.record({ hash: key, leaf: fc.oneof(leaf, fc.constant(null)) }), {
    selector: ({ hash }) => hex(hash),
    maxLength: 12,
  })
  .map((changes) => changes.sort(compareHashes));

describe('a stored trie', () => {
  it('has the root of the trie in memory after every batch, and writes no node twice', () => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 12 }), (batches) => {
        const table = new Table();
        const model = new Trie();
        for (const changes of batches) {
          for (const { hash, leaf } of changes) {
            if (leaf === null) model.delete(hash);
            else model.put(hash, leaf);
          }
          expect(hex(table.update(changes))).toBe(hex(model.root()));
          expect(new Set(table.writes).size).toBe(table.writes.length);
          expectTidy(table);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('writes only what lies above a change', () => {
    const table = new Table();
    const keys = Array.from({ length: 256 }, (_, i) => new Uint8Array(32).fill(i));
    table.update(keys.map((hash) => ({ hash, leaf: Uint8Array.of(1) })));
    table.update([{ hash: keys[7]!, leaf: Uint8Array.of(2) }]);
    // The root and the branch of the keys that begin with 0; the leaf's record does not hold its value.
    expect(table.writes.length).toBe(2);
  });
});

/** There is exactly one leaf for each key, and one way to each node. */
function expectTidy({ nodes, leaves }: Table): void {
  let seen = 0;
  const visit = (path: Uint8Array, depth: number): void => {
    const node = decodeNode(nodes.get(hex(nodeKey(null, path, depth)))!, path, depth);
    seen++;
    if (node instanceof Leaf) {
      expect(leaves.has(hex(node.key))).toBe(true);
      return;
    }
    for (const [i, child] of node.children.entries()) {
      if (child === null) continue;
      const next = node.key.slice();
      const at = node.depth >> 1;
      next[at] = (node.depth & 1) === 0 ? i << 4 : (next[at]! & 0xf0) | i;
      visit(next, node.depth + 1);
    }
  };
  if (leaves.size > 0) visit(new Uint8Array(32), 0);
  expect(seen).toBe(nodes.size);
}
