/**
 * The header of the block that a state is pinned to, and the names of blocks. Owns which fields are read and what
 * they may be; how the executor's block is made of them is the executor's business.
 */

import type { Address } from '../../../primitives/address.ts';
import { MAX_U64, MAX_U256 } from '../../../primitives/u256.ts';
import { HEADER_FIELDS } from '../header-fields.ts';
import { addressOf, fieldOf, hashOf, quantityOf } from './decode.ts';
import { MAX_FIELD_BYTES } from './header-hash.ts';

/** A header. Hashes are words. */
export interface RpcBlock {
  readonly chainId: bigint;
  readonly number: bigint;
  readonly hash: bigint;
  readonly parentHash: bigint;
  readonly stateRoot: bigint;
  /** Seconds. */
  readonly timestamp: bigint;
  readonly coinbase: Address;
  readonly gasLimit: bigint;
  /** 0 from the merge on. */
  readonly difficulty: bigint;
  /** The mix hash: PREVRANDAO from the merge on. */
  readonly prevRandao: bigint;
  /** Wei per gas; 0 where the header has none (EIP-1559). */
  readonly baseFee: bigint;
  /** undefined where the header has none (EIP-4844), as the next. */
  readonly blobGasUsed: bigint | undefined;
  readonly excessBlobGas: bigint | undefined;
}

/** Fields that must be there, and those that a chain may lack. */
const NEEDED = ['number', 'hash', 'parentHash', 'stateRoot', 'timestamp', 'miner', 'gasLimit'] as const;
const OPTIONAL = ['difficulty', 'mixHash', 'baseFeePerGas', 'blobGasUsed', 'excessBlobGas'] as const;

const FORMS: Readonly<
  Record<(typeof NEEDED)[number] | (typeof OPTIONAL)[number], (v: unknown) => bigint | undefined>
> = {
  number: (v) => quantityOf(v, MAX_U64),
  hash: hashOf,
  parentHash: hashOf,
  stateRoot: hashOf,
  timestamp: (v) => quantityOf(v, MAX_U64),
  miner: addressOf,
  gasLimit: (v) => quantityOf(v, MAX_U64),
  difficulty: (v) => quantityOf(v, MAX_U256),
  mixHash: hashOf,
  baseFeePerGas: (v) => quantityOf(v, MAX_U256),
  blobGasUsed: (v) => quantityOf(v, MAX_U64),
  excessBlobGas: (v) => quantityOf(v, MAX_U64),
};

/** A header, or in words what is wrong with it. */
export function readBlock(header: unknown, chainId: bigint): RpcBlock | string {
  if (typeof header !== 'object' || header === null || Array.isArray(header)) return 'the block is no object';
  const words: Record<string, bigint> = {};
  for (const name of [...NEEDED, ...OPTIONAL]) {
    const field = fieldOf(header, name);
    const isLacking = field === undefined || field === null;
    if (isLacking && (OPTIONAL as readonly string[]).includes(name)) continue;
    const word = FORMS[name](field);
    if (word === undefined) return `the block's ${name} is not what it should be`;
    words[name] = word;
  }
  return {
    chainId,
    number: words.number!,
    hash: words.hash!,
    parentHash: words.parentHash!,
    stateRoot: words.stateRoot!,
    timestamp: words.timestamp!,
    coinbase: words.miner!,
    gasLimit: words.gasLimit!,
    difficulty: words.difficulty ?? 0n,
    prevRandao: words.mixHash ?? 0n,
    baseFee: words.baseFeePerGas ?? 0n,
    blobGasUsed: words.blobGasUsed,
    excessBlobGas: words.excessBlobGas,
  };
}

/** The fields that are read, and those of the hash, as text; what no field looks like is left out. */
export function writeHeader(header: unknown): string {
  const kept: Record<string, string> = {};
  for (const name of new Set([...NEEDED, ...OPTIONAL, ...HEADER_FIELDS])) {
    const field = fieldOf(header, name);
    const isField = typeof field === 'string' && /^0x[0-9a-fA-F]*$/.test(field);
    if (isField && field.length <= 2 + 2 * MAX_FIELD_BYTES) kept[name] = field;
  }
  return JSON.stringify(kept);
}
