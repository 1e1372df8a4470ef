/** Door: states, their readers, their changes, and tries. */

export type { AccountDiff, StateDiff } from './diff.ts';
export type { AccountInfo, StateReader } from './reader.ts';
export { type AccountInput, MemoryState } from './readers/memory.ts';
export { HashCache, type RootAccount, stateRoot, storageRoot } from './root.ts';
export { EMPTY_ROOT, Trie } from './trie.ts';
export { type LogRecord, World } from './world.ts';
