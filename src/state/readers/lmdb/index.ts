/** Door: states on disk, and their snapshots. */

export { exportSnapshot, type SnapshotOptions } from './export.ts';
export { importSnapshot } from './import.ts';
export type { ChunkInfo, SnapshotManifest } from './manifest.ts';
export { type LmdbOptions, openLmdbState } from './open.ts';
export { type BlockHashes, LmdbState, PastState } from './state.ts';
