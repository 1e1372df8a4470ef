/** Blocks: header and body, their encoding, and the roots that depend on the body alone. */

import type { RulesAt } from '../../forks/schedule.ts';
import type { Address } from '../../primitives/address.ts';
import { bytesToBigInt, demandBytes, isBytes, toBytes20 } from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { keccakWord } from '../../primitives/keccak.ts';
import { decodeRlp, encodeRlp, type RlpInput, type RlpItem } from '../../primitives/rlp.ts';
import { Trie } from '../../state/trie.ts';
import { type Header, headerRlp, readHeader } from './header.ts';
import { type InvalidBlock, invalidBlock, isInvalidBlock } from './reasons.ts';

/** Money that the consensus layer pays out (EIP-4895). */
export interface Withdrawal {
  readonly index: bigint;
  readonly validatorIndex: bigint;
  readonly address: Address;
  /** Gwei. */
  readonly amount: bigint;
}

/** A block. */
export interface Block {
  readonly header: Header;
  /** Each in its EIP-2718 envelope. */
  readonly transactions: readonly Uint8Array[];
  readonly uncles: readonly Header[];
  /** null before there were any (EIP-4895). */
  readonly withdrawals: readonly Withdrawal[] | null;
}

const withdrawalRlp = ({ index, validatorIndex, address, amount }: Withdrawal): RlpInput => [
  index,
  validatorIndex,
  toBytes20(address),
  amount,
];

const isLegacy = (transaction: Uint8Array): boolean => (transaction[0] ?? 0) >= 0xc0;

/** The encoding of a block. */
export function encodeBlock({ header, transactions, uncles, withdrawals }: Block): Uint8Array {
  // A legacy transaction stands in the list as the list that it is, one with a type as a string (EIP-2718).
  const parts = transactions.map((bytes) => (isLegacy(bytes) ? decodeRlp(bytes) : bytes));
  const items: RlpInput[] = [headerRlp(header), parts, uncles.map(headerRlp)];
  if (withdrawals !== null) items.push(withdrawals.map(withdrawalRlp));
  return encodeRlp(items);
}

const HEADER_LIMIT = 56;

/** Bytes of a string or list with its header. */
function wrapped(length: number): number {
  let size = length + 1;
  if (length >= HEADER_LIMIT) for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) size++;
  return size;
}

const lengthOf = (item: RlpInput): number => encodeRlp(item).length;

/** Bytes of `encodeBlock`, also where a transaction is no RLP. */
export function blockSize({ header, transactions, uncles, withdrawals }: Block): number {
  let body = 0;
  for (const bytes of transactions) body += isLegacy(bytes) ? bytes.length : wrapped(bytes.length);
  const rest =
    lengthOf(uncles.map(headerRlp)) + (withdrawals === null ? 0 : lengthOf(withdrawals.map(withdrawalRlp)));
  return wrapped(lengthOf(headerRlp(header)) + wrapped(body) + rest);
}

const bad = (detail: string): InvalidBlock => invalidBlock('RLP_STRUCTURES_ENCODING', detail);

/**
 * A block from its encoding, or the reason why the bytes are none. Its transactions are not looked into.
 * @param rulesAt which fields a block has depends on its rules
 */
export function readBlock(bytes: Uint8Array, rulesAt: RulesAt): Block | InvalidBlock {
  demandBytes(bytes, 'block');
  let items: RlpItem;
  try {
    items = decodeRlp(bytes, 'block');
  } catch (error) {
    if (error instanceof ErbiumError) return bad(error.message);
    throw error;
  }
  if (isBytes(items)) return bad('the block is no list');
  const header = readHeader(items[0] ?? [], rulesAt);
  if (isInvalidBlock(header)) return header;
  const rules = rulesAt(header.number, header.timestamp);
  const length = rules.withdrawals ? 4 : 3;
  if (items.length !== length) {
    return invalidBlock('INCORRECT_BLOCK_FORMAT', `the block has ${items.length} parts, not ${length}`);
  }
  const transactions = readTransactions(items[1]!);
  if ('invalid' in transactions) return transactions;
  const uncles = readList(items[2]!, 'uncles', (item) => readHeader(item, rulesAt));
  if ('invalid' in uncles) return uncles;
  if (!rules.withdrawals) return { header, transactions, uncles, withdrawals: null };
  const withdrawals = readList(items[3]!, 'withdrawals', readWithdrawal);
  return 'invalid' in withdrawals ? withdrawals : { header, transactions, uncles, withdrawals };
}

function readList<T extends object>(
  items: RlpItem,
  name: string,
  read: (item: RlpItem) => T | InvalidBlock,
): T[] | InvalidBlock {
  if (isBytes(items)) return bad(`${name} is no list`);
  const values: T[] = [];
  for (const [index, item] of items.entries()) {
    const value = read(item);
    if (isInvalidBlock(value)) return { ...value, detail: `${name}[${index}]: ${value.detail}` };
    values.push(value);
  }
  return values;
}

const readTransactions = (items: RlpItem): Uint8Array[] | InvalidBlock =>
  readList(items, 'transactions', (item) => {
    if (!isBytes(item)) return encodeRlp(item);
    return item.length > 0 && !isLegacy(item) ? item.slice() : bad('a string that is no typed transaction');
  });

function readWithdrawal(item: RlpItem): Withdrawal | InvalidBlock {
  if (isBytes(item) || item.length !== 4) return bad('a withdrawal has 4 fields');
  const [index, validatorIndex, address, amount] = item;
  for (const field of item) if (!isBytes(field)) return bad('a field is a list');
  for (const number of [index, validatorIndex, amount] as Uint8Array[]) {
    if (number[0] === 0) return bad('a number starts with a zero byte');
    if (number.length > 8) {
      return invalidBlock('RLP_INVALID_FIELD_OVERFLOW_64', `a number has ${number.length} bytes`);
    }
  }
  if (address!.length !== 20) {
    return invalidBlock('RLP_INVALID_ADDRESS', `the address has ${address!.length} bytes`);
  }
  return {
    index: bytesToBigInt(index as Uint8Array),
    validatorIndex: bytesToBigInt(validatorIndex as Uint8Array),
    address: bytesToBigInt(address as Uint8Array),
    amount: bytesToBigInt(amount as Uint8Array),
  };
}

/** Root of the trie that has the items under the RLP of their indices. */
function listRoot(items: readonly Uint8Array[]): bigint {
  const trie = new Trie();
  for (const [index, item] of items.entries()) trie.put(encodeRlp(BigInt(index)), item);
  return bytesToBigInt(trie.root());
}

/** Root of transactions, or of receipts, in their envelopes, as a word. */
export const envelopesRoot = listRoot;

/** Root of withdrawals (EIP-4895), as a word. */
export const withdrawalsRoot = (withdrawals: readonly Withdrawal[]): bigint =>
  listRoot(withdrawals.map((withdrawal) => encodeRlp(withdrawalRlp(withdrawal))));

/** Hash of the list of uncles, as a word. */
export const unclesHash = (uncles: readonly Header[]): bigint => keccakWord(encodeRlp(uncles.map(headerRlp)));
