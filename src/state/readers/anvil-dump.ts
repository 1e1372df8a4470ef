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

type FieldReader = (field: Field) => RlpInput;

const quantity: FieldReader = (field) => field.number();
const bytesOf =
  (length: number): FieldReader =>
  (field) =>
    field.fixed(length);
const hash = bytesOf(32);

/**
 * The fields of a header in the order in which they are hashed; those from the base fee on came one by one. Anvil's
 * genesis block may have a later one without those before it, and hashes what is there.
 */
const HEADER: readonly (readonly [name: string, read: FieldReader])[] = [
  ['parentHash', hash],
  ['sha3Uncles', hash],
  ['miner', bytesOf(20)],
  ['stateRoot', hash],
  ['transactionsRoot', hash],
  ['receiptsRoot', hash],
  ['logsBloom', bytesOf(256)],
  ['difficulty', quantity],
  ['number', quantity],
  ['gasLimit', quantity],
  ['gasUsed', quantity],
  ['timestamp', quantity],
  ['extraData', (field) => field.bytes()],
  ['mixHash', hash],
  ['nonce', bytesOf(8)],
  ['baseFeePerGas', quantity],
  ['withdrawalsRoot', hash],
  ['blobGasUsed', quantity],
  ['excessBlobGas', quantity],
  ['parentBeaconBlockRoot', hash],
  ['requestsHash', hash],
  ['blockAccessListHash', hash],
  ['slotNumber', quantity],
];

const ALWAYS = HEADER.findIndex(([name]) => name === 'baseFeePerGas');
const HEADER_FIELDS: ReadonlySet<string> = new Set(HEADER.map(([name]) => name));

/** keccak256 of the header's RLP. */
function headerHash(header: Field): bigint {
  for (const [name, field] of header.entries()) {
    if (!HEADER_FIELDS.has(name))
      field.fail('no field of a header, so that the hash of the block is unknown');
  }
  const items = HEADER.flatMap(([name, read], i) => {
    const field = i < ALWAYS ? header.get(name) : header.maybe(name);
    return field === undefined ? [] : [read(field)];
  });
  return keccakWord(encodeRlp(items));
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
