/** The options of `openRpcState`, checked, with their defaults. */

import { ErbiumError } from '../../../primitives/errors.ts';
import { toWord } from '../../../primitives/input.ts';
import { MAX_U64 } from '../../../primitives/u256.ts';
import type { RpcCache } from './cache.ts';
import { sleepFor } from './cancel.ts';
import { hashOf } from './decode.ts';
import type { Endpoint, Fetch, Sleep } from './transport.ts';

/** A block by number, by hash (`0x` and 64 digits), or by what it is when the state is opened. */
export type RpcBlockId = bigint | number | 'latest' | 'safe' | 'finalized' | `0x${string}`;

/** The options of `openRpcState`. */
export interface RpcOptions {
  /** The block whose state is read; `latest` by default. */
  readonly block?: RpcBlockId | undefined;
  /** The chain that the node must be of; by default any, and the one that the node names. With `cache` it spares asking. */
  readonly chainId?: bigint | number | undefined;
  /** The global `fetch` by default. */
  readonly fetch?: Fetch | undefined;
  /** Added to every request. User and password of the URL are sent as basic authorization. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Questions in one HTTP request at most, 100 by default; 1 for a node without batches. */
  readonly batchSize?: number | undefined;
  /** HTTP requests at the same time, 4 by default. */
  readonly concurrency?: number | undefined;
  /** How often a question is asked again, 5 times by default. */
  readonly retries?: number | undefined;
  /** Milliseconds for one HTTP request, 30,000 by default. */
  readonly timeout?: number | undefined;
  /** Bytes of one answer, 32 MiB by default. */
  readonly maxResponseBytes?: number | undefined;
  /**
   * Believes nothing that is not proven against the hash of the block (EIP-1186): the node may lie about nothing but
   * which block is at a number or the latest, and which chain it is of, since no header says that: `chainId` pins it,
   * as a hash pins the block. Each slot takes a proof, and the chain has to have Ethereum's headers.
   */
  readonly verify?: boolean | undefined;
  /** Where answers are kept for other runs; nowhere by default. */
  readonly cache?: RpcCache | undefined;
  /** Waits between attempts; a timer by default. */
  readonly sleep?: Sleep | undefined;
  /** Ends opening and every later load. */
  readonly signal?: AbortSignal | undefined;
}

export type BlockId =
  | { readonly kind: 'number'; readonly number: bigint }
  | { readonly kind: 'hash'; readonly hash: bigint }
  | { readonly kind: 'tag'; readonly tag: string };

export interface Settings {
  readonly block: BlockId;
  readonly chainId: bigint | undefined;
  readonly endpoint: Endpoint;
  readonly batchSize: number;
  readonly concurrency: number;
  readonly retries: number;
  readonly verify: boolean;
  readonly cache: RpcCache | undefined;
  readonly signal: AbortSignal | undefined;
}

const OPTIONS: readonly string[] = [
  ...(['block', 'chainId', 'fetch', 'headers', 'batchSize', 'concurrency', 'retries', 'timeout'] as const),
  ...(['maxResponseBytes', 'verify', 'cache', 'sleep', 'signal'] as const),
] satisfies (keyof RpcOptions)[];

const TAGS: readonly unknown[] = ['latest', 'safe', 'finalized'];
/** The longest time that a timer takes. */
const MAX_TIMEOUT = 2 ** 31 - 1;

/** @throws ErbiumError INVALID_ARGUMENT or INVALID_NUMBER naming the option */
export function settingsOf(url: string, options: RpcOptions): Settings {
  if (typeof options !== 'object' || options === null) throw invalid('options', 'an object');
  for (const name of Object.keys(options)) {
    // A misspelt option would silently do nothing.
    if (!OPTIONS.includes(name))
      throw invalid(`options.${name.slice(0, 60)}`, `one of ${OPTIONS.join(', ')}`);
  }
  const { cache, chainId, signal, verify = false } = options;
  if (typeof verify !== 'boolean') throw invalid('verify', 'true or false');
  for (const method of ['read', 'append'] as const) {
    if (cache !== undefined && typeof cache?.[method] !== 'function') throw invalid('cache', 'an RpcCache');
  }
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    throw invalid('signal', 'an AbortSignal');
  return {
    block: blockIdOf(options.block ?? 'latest'),
    chainId: chainId === undefined ? undefined : toWord(chainId, 'chainId'),
    endpoint: endpointOf(url, options),
    batchSize: whole(options.batchSize ?? 100, 'batchSize', 1, 100_000),
    concurrency: whole(options.concurrency ?? 4, 'concurrency', 1, 1_000),
    retries: whole(options.retries ?? 5, 'retries', 0, 1_000),
    verify,
    cache,
    signal,
  };
}

const invalid = (field: string, what: string): ErbiumError =>
  new ErbiumError('INVALID_ARGUMENT', `${field}: expected ${what}`);

function whole(value: number, field: string, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw invalid(field, `a whole number from ${min} to ${max}`);
}

function blockIdOf(block: RpcBlockId): BlockId {
  if (typeof block === 'bigint' || typeof block === 'number') {
    return { kind: 'number', number: toWord(block, 'block', MAX_U64) };
  }
  const hash = hashOf(block);
  if (hash !== undefined) return { kind: 'hash', hash };
  if (TAGS.includes(block)) return { kind: 'tag', tag: block };
  throw invalid('block', "a number, a hash of 32 bytes, 'latest', 'safe' or 'finalized'");
}

function endpointOf(text: string, options: RpcOptions): Endpoint {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw invalid('url', 'an http or https URL');
  const { fetch = globalThis.fetch, sleep = sleepFor, headers = {} } = options;
  if (typeof fetch !== 'function') throw invalid('fetch', 'a function');
  if (typeof sleep !== 'function') throw invalid('sleep', 'a function');
  if (typeof headers !== 'object' || headers === null) throw invalid('headers', 'an object');
  const { username, password } = url;
  const authorization: Record<string, string> =
    username === '' && password === '' ? {} : { authorization: basicOf(username, password) };
  url.username = '';
  url.password = '';
  url.hash = '';
  return {
    url: url.href,
    // Paths are left out as well: with most providers they hold the key.
    name: url.origin,
    headers: { 'content-type': 'application/json', accept: 'application/json', ...authorization, ...headers },
    // Browsers demand that `fetch` is called as a function of the window.
    fetch: (target, init) => fetch(target, init),
    sleep,
    timeout: whole(options.timeout ?? 30_000, 'timeout', 1, MAX_TIMEOUT),
    maxResponseBytes: whole(options.maxResponseBytes ?? 32 * 2 ** 20, 'maxResponseBytes', 1, 2 ** 30),
  };
}

/** RFC 7617, in UTF-8. */
function basicOf(username: string, password: string): string {
  const bytes = new TextEncoder().encode(`${unescaped(username)}:${unescaped(password)}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** The URL class escapes what is unusual; a text with a stray % is taken as it is. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
