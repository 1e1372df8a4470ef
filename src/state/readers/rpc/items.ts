/**
 * Which questions an item of the state takes and what their answers mean, where the node is believed. `proven.ts` has
 * the same items for nodes that are not.
 */

import { type Address, addressToHex } from '../../../primitives/address.ts';
import { bytesToBigInt, toHex32, toQuantity } from '../../../primitives/bytes.ts';
import { EMPTY_ROOT } from '../../trie.ts';
import type { FetchedAccount } from '../remote.ts';
import type { RpcBlock } from './block.ts';
import type { BlockPart } from './cache.ts';
import { addressOf, codeOf, countOf, fieldOf, hashOf, quantityOf, slotOf } from './decode.ts';
import type { Call } from './failures.ts';

export interface Question extends Call {
  /** Whether the block's name is still to be added as the last parameter. */
  readonly isOfState: boolean;
  /** The value, or undefined where it is malformed. @throws ErbiumError where it does not prove what it should */
  readonly decode: (value: unknown) => unknown;
}

/** One item: how it is asked for, and what it is once that is known. */
export class Item<T> {
  value: T | undefined;
  readonly questions: readonly Question[];
  private readonly join: (values: readonly unknown[]) => T;
  private readonly put: (value: T) => void;

  constructor(
    known: T | undefined,
    questions: readonly Question[],
    join: (values: readonly unknown[]) => T,
    put: (value: T) => void,
  ) {
    this.value = known;
    this.questions = questions;
    this.join = join;
    this.put = put;
  }

  take(values: readonly unknown[]): void {
    this.value = this.join(values);
  }

  keep(): void {
    this.put(this.value!);
  }
}

/** The items of one block. */
export interface Items {
  /** null where there is no account. */
  account(address: Address): Item<FetchedAccount | null>;
  slot(address: Address, key: bigint): Item<bigint>;
  hasStorage(address: Address): Item<boolean>;
  blockHash(number: bigint): Item<bigint>;
}

export const EMPTY_ROOT_WORD: bigint = bytesToBigInt(EMPTY_ROOT);

/** A hash that takes no question. */
export function knownHash(block: RpcBlock, part: BlockPart, number: bigint): bigint | undefined {
  if (number > block.number) return 0n;
  if (number === block.number) return block.hash;
  return number === block.number - 1n ? block.parentHash : part.blockHash(number);
}

export class PlainItems implements Items {
  private readonly block: RpcBlock;
  private readonly part: BlockPart;

  constructor(block: RpcBlock, part: BlockPart) {
    this.block = block;
    this.part = part;
  }

  account(address: Address): Item<FetchedAccount | null> {
    const name = addressToHex(address);
    const item = `account ${name}`;
    const question = (method: string, decode: Question['decode']): Question => ({
      ...{ method, params: [name], item, decode },
      isOfState: true,
    });
    return new Item<FetchedAccount | null>(
      this.part.account(address),
      [
        question('eth_getBalance', (value) => quantityOf(value)),
        question('eth_getTransactionCount', countOf),
        question('eth_getCode', codeOf),
      ],
      (values) => {
        const [balance, nonce, code] = values as [bigint, bigint, Uint8Array];
        // JSON-RPC does not tell an empty account from none. One that has storage all the same (EIP-7610) is lost here;
        // only a proof would show it.
        return balance === 0n && nonce === 0n && code.length === 0 ? null : { nonce, balance, code };
      },
      (account) => this.part.putAccount(address, account),
    );
  }

  slot(address: Address, key: bigint): Item<bigint> {
    const name = addressToHex(address);
    const question: Question = {
      method: 'eth_getStorageAt',
      params: [name, toHex32(key)],
      item: `slot ${toHex32(key)} of account ${name}`,
      isOfState: true,
      decode: slotOf,
    };
    return new Item(
      this.part.slot(address, key),
      [question],
      ([value]) => value as bigint,
      (value) => this.part.putSlot(address, key, value),
    );
  }

  hasStorage(address: Address): Item<boolean> {
    const name = addressToHex(address);
    const question: Question = {
      method: 'eth_getProof',
      params: [name, []],
      item: `whether account ${name} has storage`,
      isOfState: true,
      decode: (value) => {
        if (addressOf(fieldOf(value, 'address')) !== address) return undefined;
        return hashOf(fieldOf(value, 'storageHash'));
      },
    };
    return new Item(
      this.part.hasStorage(address),
      [question],
      // Some nodes give 0 for an account that there is not.
      ([hash]) => hash !== EMPTY_ROOT_WORD && hash !== 0n,
      (has) => this.part.putHasStorage(address, has),
    );
  }

  blockHash(number: bigint): Item<bigint> {
    return new Item(
      knownHash(this.block, this.part, number),
      [blockQuestion(number)],
      ([hash]) => hash as bigint,
      (hash) => this.part.putBlockHash(number, hash),
    );
  }
}

export function blockQuestion(number: bigint): Question {
  return {
    method: 'eth_getBlockByNumber',
    params: [toQuantity(number), false],
    item: `block ${number}`,
    isOfState: false,
    decode: (value) =>
      quantityOf(fieldOf(value, 'number')) === number ? hashOf(fieldOf(value, 'hash')) : undefined,
  };
}
