/**
 * What is kept from one run to the next. Owns the names of parts and items and their text; where they are kept is up
 * to an `RpcCache`. Nothing that is read back is trusted: it is parsed like an answer of the node, and what does not
 * parse is asked for again. A part belongs to one chain and one block hash, so that no state gets into another.
 */

import { type Address, addressToHex } from '../../../primitives/address.ts';
import { bytesToHex, toHex32, toQuantity } from '../../../primitives/bytes.ts';
import { keccakWord } from '../../../primitives/keccak.ts';
import type { FetchedAccount } from '../remote.ts';
import { writeHeader } from './block.ts';
import { codeOf, countOf, hashOf, quantityOf } from './decode.ts';

/** A place for texts. `diskCache` is one. */
export interface RpcCache {
  /**
   * The items of a part; none where there is no such part.
   * @param part lower-case letters, digits and hyphens
   */
  read(part: string): Promise<ReadonlyMap<string, string>>;
  /** Adds items; neither keys nor values have line breaks, and keys have no spaces. */
  append(part: string, items: ReadonlyMap<string, string>): Promise<void>;
}

/** One part: items at hand, and those that were added and not yet kept. */
class Part {
  private readonly cache: RpcCache | undefined;
  private readonly name: string;
  private readonly items: Map<string, string>;
  private added = new Map<string, string>();

  protected constructor(cache: RpcCache | undefined, name: string, items: ReadonlyMap<string, string>) {
    this.cache = cache;
    this.name = name;
    this.items = new Map(items);
  }

  protected get(key: string): string | undefined {
    return this.items.get(key);
  }

  protected set(key: string, value: string): void {
    if (this.cache === undefined || this.items.get(key) === value) return;
    this.items.set(key, value);
    this.added.set(key, value);
  }

  async keep(): Promise<void> {
    const { added } = this;
    if (this.cache === undefined || added.size === 0) return;
    this.added = new Map();
    await this.cache.append(this.name, added);
  }
}

/** The state of one block. */
export class BlockPart extends Part {
  static async open(
    cache: RpcCache | undefined,
    chainId: bigint,
    hash: bigint,
    isProven: boolean,
  ): Promise<BlockPart> {
    // What was believed once is not proven by being at hand.
    const name = `${isProven ? 'proven-' : ''}chain-${chainId}-block-${toHex32(hash).slice(2)}`;
    return new BlockPart(cache, name, (await cache?.read(name)) ?? new Map());
  }

  /** The header as a node gave it; undefined where there is none that can be read. */
  header(): unknown {
    try {
      return JSON.parse(this.get('header') ?? 'null') ?? undefined;
    } catch {
      return undefined;
    }
  }

  putHeader(header: unknown): void {
    this.set('header', writeHeader(header));
  }

  /** null where there is no account, undefined where that is not known. */
  account(address: Address): FetchedAccount | null | undefined {
    const text = this.get(`account-${addressToHex(address)}`);
    if (text === 'none') return null;
    const [first, second, third, ...more] = text?.split(' ') ?? [];
    const nonce = countOf(first);
    const balance = quantityOf(second);
    const code = codeOf(third);
    if (nonce === undefined || balance === undefined || code === undefined || more.length > 0)
      return undefined;
    return { nonce, balance, code };
  }

  putAccount(address: Address, account: FetchedAccount | null): void {
    const text =
      account === null
        ? 'none'
        : `${toQuantity(account.nonce)} ${toQuantity(account.balance)} ${bytesToHex(account.code)}`;
    this.set(`account-${addressToHex(address)}`, text);
  }

  slot(address: Address, key: bigint): bigint | undefined {
    return quantityOf(this.get(slotName(address, key)));
  }

  putSlot(address: Address, key: bigint, value: bigint): void {
    this.set(slotName(address, key), toQuantity(value));
  }

  hasStorage(address: Address): boolean | undefined {
    const text = this.get(`storage-${addressToHex(address)}`);
    return text === 'some' || text === 'none' ? text === 'some' : undefined;
  }

  putHasStorage(address: Address, has: boolean): void {
    this.set(`storage-${addressToHex(address)}`, has ? 'some' : 'none');
  }

  blockHash(number: bigint): bigint | undefined {
    return hashOf(this.get(`hash-${number}`));
  }

  putBlockHash(number: bigint, hash: bigint): void {
    this.set(`hash-${number}`, toHex32(hash));
  }
}

const slotName = (address: Address, key: bigint): string =>
  `slot-${addressToHex(address)}-${toQuantity(key)}`;

/** What an endpoint said when it was last asked: its chain, and which block had a number then. */
export class EndpointPart extends Part {
  static async open(cache: RpcCache | undefined, url: string): Promise<EndpointPart> {
    // The URL may hold a key, so that only its hash is written down.
    const name = `endpoint-${toHex32(keccakWord(new TextEncoder().encode(url))).slice(2)}`;
    return new EndpointPart(cache, name, (await cache?.read(name)) ?? new Map());
  }

  chainId(): bigint | undefined {
    return quantityOf(this.get('chain'));
  }

  putChainId(chainId: bigint): void {
    this.set('chain', toQuantity(chainId));
  }

  hashAt(number: bigint): bigint | undefined {
    return hashOf(this.get(`hash-${number}`));
  }

  putHashAt(number: bigint, hash: bigint): void {
    this.set(`hash-${number}`, toHex32(hash));
  }
}
