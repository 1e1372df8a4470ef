/**
 * `openRpcState`: settles on one block and gives the state there. Owns what is asked before any state is, and when a
 * cache can answer in place of the node.
 */

import { toHex32, toQuantity } from '../../../primitives/bytes.ts';
import { RemoteState } from '../remote.ts';
import { type RpcBlock, readBlock } from './block.ts';
import { BlockPart, EndpointPart } from './cache.ts';
import { checkAborted } from './cancel.ts';
import { RpcClient, resultOf } from './client.ts';
import { quantityOf } from './decode.ts';
import { type Call, remoteError, Unanswered } from './failures.ts';
import { headerHash } from './header-hash.ts';
import { PlainItems } from './items.ts';
import { type BlockId, type RpcOptions, type Settings, settingsOf } from './options.ts';
import { ProvenItems } from './proven.ts';
import { RpcSource } from './source.ts';

export type { RpcBlockId, RpcOptions } from './options.ts';

/** Fields of a header; see `RpcBlock`. */
export type BlockFields = Readonly<
  Record<
    | ('number' | 'timestamp' | 'coinbase' | 'gasLimit' | 'difficulty' | 'prevRandao' | 'baseFee' | 'chainId')
    | 'excessBlobGas',
    bigint
  >
>;

/** The state of a node at one block. */
export class RpcState extends RemoteState {
  /** The block whose state this is, after all its transactions. */
  readonly block: RpcBlock;
  private readonly client: RpcClient;

  constructor(source: RpcSource, block: RpcBlock, client: RpcClient) {
    super(source);
    this.block = block;
    this.client = client;
  }

  get chainId(): bigint {
    return this.block.chainId;
  }

  /** What code sees of the block, as the option `block` of `createEvm` takes it. */
  get env(): BlockFields {
    const { number, timestamp, coinbase, gasLimit, difficulty, prevRandao, baseFee, chainId } = this.block;
    const { excessBlobGas = 0n } = this.block;
    return { number, timestamp, coinbase, gasLimit, difficulty, prevRandao, baseFee, excessBlobGas, chainId };
  }

  /** HTTP requests made so far, opening included. */
  get requests(): number {
    return this.client.requests;
  }
}

/**
 * Opens the state of a node at one block, which stays the same block however the chain goes on.
 *
 * With a cache, a block given by hash is opened without the node once it was opened before, and one given by number
 * where the node does not answer. `latest`, `safe` and `finalized` always take the node.
 *
 * JSON-RPC does not tell an account of balance 0, nonce 0 and no code from none. Such an account is taken for absent,
 * and all its slots read 0, though a few on old chains have storage (EIP-7610). With `verify: true` it is exact.
 *
 * @param url http or https; user and password in it are sent as basic authorization, and no error shows more of it
 * than scheme, host and port
 * @throws ErbiumError INVALID_ARGUMENT or INVALID_NUMBER naming the option, REMOTE_STATE naming node and question, or
 * ABORTED
 */
export async function openRpcState(url: string, options: RpcOptions = {}): Promise<RpcState> {
  const settings = settingsOf(url, options);
  checkAborted(settings.signal);
  const client = new RpcClient(settings);
  const endpoint = await EndpointPart.open(settings.cache, settings.endpoint.url);
  const opening = new Opening(settings, client, endpoint);
  const { block, part } = await opening.open();
  const items = settings.verify ? new ProvenItems(block, part) : new PlainItems(block, part);
  return new RpcState(new RpcSource(client, block, part, items, settings.signal), block, client);
}

interface Opened {
  readonly block: RpcBlock;
  readonly part: BlockPart;
}

class Opening {
  private readonly settings: Settings;
  private readonly client: RpcClient;
  private readonly endpoint: EndpointPart;

  constructor(settings: Settings, client: RpcClient, endpoint: EndpointPart) {
    this.settings = settings;
    this.client = client;
    this.endpoint = endpoint;
  }

  async open(): Promise<Opened> {
    const cached = await this.fromCache();
    const { block } = this.settings;
    if (cached === undefined) return this.fromNode(block);
    if (block.kind === 'hash') return cached;
    // The chain may have been reorganised since, which only the node knows; one attempt shows whether it is there.
    try {
      return await this.fromNode(block, 0);
    } catch (error) {
      if (error instanceof Unanswered) return cached;
      throw error;
    }
  }

  private async fromCache(): Promise<Opened | undefined> {
    const { block, cache } = this.settings;
    const chainId = this.settings.chainId ?? this.endpoint.chainId();
    const hash =
      block.kind === 'hash'
        ? block.hash
        : block.kind === 'number'
          ? this.endpoint.hashAt(block.number)
          : undefined;
    if (cache === undefined || chainId === undefined || hash === undefined) return undefined;
    const part = await BlockPart.open(cache, chainId, hash, this.settings.verify);
    const known = this.read({ kind: 'hash', hash }, part.header(), chainId);
    if (typeof known === 'string' || (block.kind === 'number' && known.number !== block.number))
      return undefined;
    return { block: known, part };
  }

  private async fromNode(id: BlockId, retries = this.settings.retries): Promise<Opened> {
    const { cache, signal } = this.settings;
    const chainCall: Call = { method: 'eth_chainId', params: [], item: 'the chain' };
    const blockCall = callFor(id);
    const [chainReply, blockReply] = await this.client.ask([chainCall, blockCall], signal, retries);
    const { name } = this.client.endpoint;
    const chainId = quantityOf(resultOf(name, chainCall, chainReply!));
    if (chainId === undefined) throw remoteError(name, chainCall, 'the answer is not what it should be');
    if (chainId !== (this.settings.chainId ?? chainId)) {
      throw remoteError(name, chainCall, `it is chain ${chainId}, not ${this.settings.chainId}`);
    }
    const header = resultOf(name, blockCall, blockReply!);
    const block = this.read(id, header, chainId);
    if (typeof block === 'string') throw remoteError(name, blockCall, block);
    const part = await BlockPart.open(cache, chainId, block.hash, this.settings.verify);
    part.putHeader(header);
    this.endpoint.putChainId(chainId);
    if (id.kind === 'number') this.endpoint.putHashAt(block.number, block.hash);
    // The block first: the endpoint's part is of no use without it.
    await part.keep();
    await this.endpoint.keep();
    return { block, part };
  }

  /** The block that was asked for, or in words why it is not that. */
  private read(id: BlockId, header: unknown, chainId: bigint): RpcBlock | string {
    if (header === null || header === undefined) return 'there is no such block';
    const block = readBlock(header, chainId);
    if (typeof block === 'string') return block;
    const isOther =
      id.kind === 'hash' ? block.hash !== id.hash : id.kind === 'number' && block.number !== id.number;
    if (isOther) return 'the answer is another block';
    if (this.settings.verify && headerHash(header) !== block.hash) return 'the header does not have its hash';
    return block;
  }
}

function callFor(id: BlockId): Call {
  if (id.kind === 'hash') {
    const hash = toHex32(id.hash);
    return { method: 'eth_getBlockByHash', params: [hash, false], item: `block ${hash}` };
  }
  const name = id.kind === 'number' ? toQuantity(id.number) : id.tag;
  const item = id.kind === 'number' ? `block ${id.number}` : `the ${id.tag} block`;
  return { method: 'eth_getBlockByNumber', params: [name, false], item };
}
