/** Door: the state of a node at one block, over JSON-RPC. Safe for browsers; the cache on disk has a door of its own. */

export type { RpcBlock } from './block.ts';
export type { RpcCache } from './cache.ts';
export { type BlockFields, openRpcState, type RpcBlockId, type RpcOptions, RpcState } from './open.ts';
export type { Fetch, FetchResponse, Sleep } from './transport.ts';
