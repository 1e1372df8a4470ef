/** Blocks, structurally: what is read of a `Block` of `@ethereumjs/block` or a mock of one, and block hashes. */

import type { OpTable } from '../../opcodes/optable.ts';
import type { Rules } from '../forks/rules.ts';
import type { BlockEnv } from '../machine/host.ts';
import type { Address } from '../primitives/address.ts';
import { ErbiumError } from '../primitives/errors.ts';
import type { BytesInput, WordInput } from '../primitives/input.ts';
import type { AccountInfo, StateReader } from '../state/reader.ts';
import type { CommonLike } from './hardfork.ts';
import { type AddressLike, addressOr, wordFromBytes, wordOr } from './values.ts';

/** What is read of the header of a block. */
export interface HeaderLike {
  readonly number?: WordInput;
  readonly coinbase?: AddressLike;
  readonly timestamp?: WordInput;
  readonly difficulty?: WordInput;
  /** 32 bytes. Not read before the fork that has it: the headers of `@ethereumjs/block` throw there. */
  readonly prevRandao?: BytesInput;
  readonly gasLimit?: WordInput;
  readonly baseFeePerGas?: WordInput | undefined;
  readonly gasUsed?: WordInput;
  readonly excessBlobGas?: WordInput | undefined;
  getBlobGasPrice?(): bigint | undefined;
}

/** What is read of a block. */
export interface BlockLike {
  readonly header: HeaderLike;
  readonly common?: { hardfork(): string };
}

const PREVRANDAO = 0x44;

/** What the opcodes see; `fallback` where the block leaves out a field, or there is none. */
export function blockEnvOf(
  block: BlockLike | undefined,
  rules: Rules,
  table: OpTable,
  common: CommonLike,
  fallback: { readonly gasLimit: bigint; readonly baseFee: bigint; readonly blobBaseFee: bigint },
): BlockEnv {
  const header: HeaderLike = block?.header ?? {};
  if (typeof header !== 'object')
    throw new ErbiumError('INVALID_ARGUMENT', 'block.header: expected an object');
  // The same byte was DIFFICULTY before.
  const hasRandao = table.rows[PREVRANDAO]?.name === 'PREVRANDAO';
  return {
    number: wordOr(header.number, 'block.header.number'),
    timestamp: wordOr(header.timestamp, 'block.header.timestamp'),
    coinbase: addressOr(header.coinbase, 'block.header.coinbase', 0n),
    gasLimit: wordOr(header.gasLimit, 'block.header.gasLimit', fallback.gasLimit),
    difficulty: wordOr(header.difficulty, 'block.header.difficulty'),
    prevRandao: hasRandao ? wordFromBytes(header.prevRandao ?? '', 'block.header.prevRandao') : 0n,
    baseFee: rules.baseFee
      ? wordOr(header.baseFeePerGas, 'block.header.baseFeePerGas', fallback.baseFee)
      : 0n,
    blobBaseFee: rules.blobs === null ? 0n : blobPrice(header, fallback.blobBaseFee),
    chainId: common.chainId(),
  };
}

function blobPrice(header: HeaderLike, fallback: bigint): bigint {
  // Such a header would throw.
  if ('excessBlobGas' in header && header.excessBlobGas === undefined) return fallback;
  return wordOr(header.getBlobGasPrice?.(), 'block.header.getBlobGasPrice()', fallback);
}

/** What is read of a blockchain: the hashes of earlier blocks. */
export interface BlockchainLike {
  getBlock(number: number): Promise<{ hash(): Uint8Array }> | { hash(): Uint8Array };
}

/** All block hashes are zero. */
export class EVMMockBlockchain implements BlockchainLike {
  async getBlock(_number?: number): Promise<{ hash(): Uint8Array }> {
    return { hash: () => new Uint8Array(32) };
  }

  async putBlock(): Promise<void> {}

  shallowCopy(): this {
    return this;
  }
}

/** Hashes that a run asked for. It is told 0 for one that is missing, and made again when that was loaded. */
export class BlockHashes {
  private readonly known = new Map<bigint, bigint>();
  private readonly missing = new Set<bigint>();
  private readonly blockchain: BlockchainLike;

  constructor(blockchain: BlockchainLike) {
    this.blockchain = blockchain;
  }

  get isComplete(): boolean {
    return this.missing.size === 0;
  }

  of(number: bigint): bigint {
    const hash = this.known.get(number);
    if (hash === undefined) this.missing.add(number);
    return hash ?? 0n;
  }

  async load(): Promise<void> {
    for (const number of this.missing) {
      const block = await this.blockchain.getBlock(Number(number));
      this.known.set(number, wordFromBytes(block.hash(), `blockchain.getBlock(${number}).hash()`));
    }
    this.missing.clear();
  }
}

/** Where code stands that was given with a call: beyond all addresses, so that no program can name it. */
export const GIVEN_CODE: Address = 1n << 160n;

/** The state of a run, with code and block hashes that came from elsewhere. */
export class CallReader implements StateReader {
  private readonly below: StateReader;
  private readonly given: { readonly bytes: Uint8Array; readonly hash: bigint } | null;
  private readonly hashes: BlockHashes | null;

  constructor(
    below: StateReader,
    given: { readonly bytes: Uint8Array; readonly hash: bigint } | null,
    hashes: BlockHashes | null,
  ) {
    this.below = below;
    this.given = given;
    this.hashes = hashes;
  }

  account(address: Address): AccountInfo | undefined {
    if (address !== GIVEN_CODE || this.given === null) return this.below.account(address);
    return { nonce: 0n, balance: 0n, codeHash: this.given.hash };
  }

  storage(address: Address, key: bigint): bigint {
    return this.below.storage(address, key);
  }

  hasStorage(address: Address): boolean {
    return this.below.hasStorage(address);
  }

  code(codeHash: bigint): Uint8Array {
    return codeHash === this.given?.hash ? this.given.bytes : this.below.code(codeHash);
  }

  blockHash(number: bigint): bigint {
    return this.hashes === null ? this.below.blockHash(number) : this.hashes.of(number);
  }
}
