/**
 * What a dump of anvil (Foundry, 1.7.1) holds beside its accounts: the newest block, and the headers of all blocks, from
 * which their hashes follow. Transactions and states of former blocks are of no use here and are not looked at. Nor are
 * the state roots in the headers: anvil counts slots that were set to 0 in them, which Ethereum does not.
 */

import type { Address } from '../../primitives/address.ts';
import { bytesToBigInt, toHex32 } from '../../primitives/bytes.ts';
import type { Field } from '../../primitives/json.ts';
import { keccakWord } from '../../primitives/keccak.ts';
import { encodeRlp, type RlpInput } from '../../primitives/rlp.ts';
import { FIRST_FIELDS, HEADER_FIELDS, LATER_FIELDS } from './header-fields.ts';

/** The block that a dump was made at. Amounts are wei. */
export interface DumpBlock {
  readonly number: bigint;
  /** Seconds. */
  readonly timestamp: bigint;
  readonly coinbase: Address;
  readonly gasLimit: bigint;
  readonly difficulty: bigint;
  readonly prevRandao: bigint;
  readonly baseFee: bigint;
  readonly blobBaseFee: bigint;
}

export function parseDumpBlock(root: Field): DumpBlock | undefined {
  const block = root.maybe('block');
  if (block === undefined) return undefined;
  const number = (name: string, bits = 256): bigint | undefined => block.maybe(name)?.number(bits);
  const beneficiary = block.maybe('beneficiary') ?? block.maybe('coinbase');
  return {
    number: block.get('number').number(64),
    timestamp: number('timestamp', 64) ?? 0n,
    coinbase: beneficiary?.address() ?? 0n,
    gasLimit: number('gas_limit', 64) ?? 0n,
    difficulty: number('difficulty') ?? 0n,
    prevRandao: number('prevrandao') ?? 0n,
    baseFee: number('basefee') ?? 0n,
    // The least there is.
    blobBaseFee: block.maybe('blob_excess_gas_and_price')?.maybe('blob_gasprice')?.number() ?? 1n,
  };
}

const KNOWN_FIELDS: ReadonlySet<string> = new Set(HEADER_FIELDS);

function partOf(field: Field, size: number | undefined): RlpInput {
  if (size === 0) return field.number();
  return size === undefined ? field.bytes() : field.fixed(size);
}

/**
 * keccak256 of the header's RLP. Anvil's genesis block may have a later field without those before it, and the hash is
 * of what is there.
 */
function headerHash(header: Field): bigint {
  for (const [name, field] of header.entries()) {
    if (!KNOWN_FIELDS.has(name)) field.fail('no field of a header, so that the hash of the block is unknown');
  }
  const first = FIRST_FIELDS.map(([name, size]) => partOf(header.get(name), size));
  const later = LATER_FIELDS.flatMap(([name, size]) => {
    const field = header.maybe(name);
    return field === undefined ? [] : [partOf(field, size)];
  });
  return keccakWord(encodeRlp([...first, ...later]));
}

interface Link {
  readonly header: Field;
  readonly hash: bigint;
  readonly parent: bigint;
}

/** Hashes of the blocks of a dump by number; the parent of the oldest included. */
export function parseDumpHashes(root: Field): ReadonlyMap<bigint, bigint> {
  const links = new Map<bigint, Link>();
  for (const block of root.maybe('blocks')?.list() ?? []) {
    const header = block.get('header');
    const number = header.get('number').number(64);
    if (links.has(number)) header.get('number').fail(`block ${number} stands here twice`);
    const parent = bytesToBigInt(header.get('parentHash').fixed(32));
    links.set(number, { header, hash: headerHash(header), parent });
  }
  const hashes = new Map<bigint, bigint>();
  for (const [number, { header, hash, parent }] of links) {
    const before = links.get(number - 1n);
    if (before === undefined) {
      if (number > 0n) hashes.set(number - 1n, parent);
    } else if (before.hash !== parent) {
      header.get('parentHash').fail(`block ${number - 1n} has the hash ${toHex32(before.hash)}`);
    }
    hashes.set(number, hash);
  }
  return hashes;
}
