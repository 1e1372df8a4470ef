/** Nodes of the state trie and of storage tries in the database. Owns where they and their leaves are. */

import { ErbiumError } from '../../../primitives/errors.ts';
import type { Changes } from './history.ts';
import { accountKey, nodeKey, slotKey } from './keys.ts';
import { accountLeaf, slotLeaf } from './records.ts';
import type { NodeTable } from './trie.ts';

export class StoredNodes implements NodeTable {
  private readonly changes: Changes;
  private readonly owner: Uint8Array | null;

  /** @param owner keccak of the address whose storage it is; null for the state trie */
  constructor(changes: Changes, owner: Uint8Array | null) {
    this.changes = changes;
    this.owner = owner;
  }

  read(path: Uint8Array, depth: number): Uint8Array | undefined {
    return this.changes.store.get(nodeKey(this.owner, path, depth));
  }

  write(path: Uint8Array, depth: number, record: Uint8Array, former: Uint8Array | null): void {
    this.changes.put(nodeKey(this.owner, path, depth), record, former);
  }

  remove(path: Uint8Array, depth: number, former: Uint8Array): void {
    this.changes.remove(nodeKey(this.owner, path, depth), former);
  }

  leaf(key: Uint8Array): Uint8Array {
    const { owner } = this;
    const record = this.changes.store.get(owner === null ? accountKey(key) : slotKey(owner, key));
    if (record === undefined) throw new ErbiumError('STORE_FAILURE', 'an entry of a trie is missing');
    return owner === null ? accountLeaf(record) : slotLeaf(record);
  }
}
