/** Door: states, their readers, their changes, and tries. */

export type { AccountDiff, StateDiff } from './diff.ts';
export { OverlayState } from './overlay.ts';
export { type AccountProof, type ProvenAccount, type SlotProof, verifyProof } from './proof.ts';
export type { AccountInfo, RemoteReader, StateItems, StateReader, StateStore } from './reader.ts';
export { type FrozenState, type ListedState, parseJsonState, toAlloc } from './readers/json.ts';
export { type AccountInput, MemoryState } from './readers/memory.ts';
export {
  type RecordedAccount,
  RecordedState,
  recordState,
  type StateRecord,
  type StateRecorder,
} from './readers/record.ts';
export { parseStateRecord, stateRecordText } from './readers/record-json.ts';
export {
  type FetchedAccount,
  RemoteState,
  type StateAnswer,
  type StateRequest,
  type StateSource,
} from './readers/remote.ts';
export { HashCache, type RootAccount, stateRoot, storageRoot } from './root.ts';
export { EMPTY_ROOT, Trie } from './trie.ts';
export { TrieState } from './trie-state.ts';
export { type LogRecord, World } from './world.ts';
