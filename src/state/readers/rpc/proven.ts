/**
 * The items of a state where the node is not believed: accounts and slots come with Merkle proofs against the state
 * root of the pinned header (EIP-1186), code is hashed, and earlier block hashes are followed down from the pinned
 * block. What that takes for granted is the hash of the pinned block.
 */

import { type Address, addressToHex } from '../../../primitives/address.ts';
import { bytesToBigInt, toBytes32, toHex32, toQuantity } from '../../../primitives/bytes.ts';
import { ErbiumError } from '../../../primitives/errors.ts';
import { EMPTY_CODE_HASH, keccakWord } from '../../../primitives/keccak.ts';
import { type AccountProof, type ProvenAccount, verifyProof } from '../../proof.ts';
import { BLOCK_HASH_REACH } from '../../reader.ts';
import type { FetchedAccount } from '../remote.ts';
import type { RpcBlock } from './block.ts';
import type { BlockPart } from './cache.ts';
import { addressOf, bytesOf, codeOf, countOf, fieldOf, hashOf, quantityOf, slotOf } from './decode.ts';
import { headerHash } from './header-hash.ts';
import { EMPTY_ROOT_WORD, Item, type Items, knownHash, type Question } from './items.ts';

export class ProvenItems implements Items {
  private readonly block: RpcBlock;
  private readonly part: BlockPart;

  constructor(block: RpcBlock, part: BlockPart) {
    this.block = block;
    this.part = part;
  }

  account(address: Address): Item<FetchedAccount | null> {
    const name = addressToHex(address);
    const code: Question = {
      method: 'eth_getCode',
      params: [name],
      item: `account ${name}`,
      isOfState: true,
      decode: codeOf,
    };
    return new Item<FetchedAccount | null>(
      this.part.account(address),
      [this.proof(address, [], `account ${name}`), code],
      (values) => {
        const [{ account }, bytes] = values as [ProvenAccount, Uint8Array];
        const hash = bytes.length === 0 ? EMPTY_CODE_HASH : keccakWord(bytes);
        if (hash !== (account?.codeHash ?? EMPTY_CODE_HASH)) {
          throw new ErbiumError(
            'REMOTE_STATE',
            `code of account ${name}: does not have the hash that is proven`,
          );
        }
        return account === undefined ? null : { nonce: account.nonce, balance: account.balance, code: bytes };
      },
      (account) => this.part.putAccount(address, account),
    );
  }

  slot(address: Address, key: bigint): Item<bigint> {
    return new Item(
      this.part.slot(address, key),
      [this.proof(address, [key], `slot ${toHex32(key)} of account ${addressToHex(address)}`)],
      ([proven]) => (proven as ProvenAccount).storage.get(key)!,
      (value) => this.part.putSlot(address, key, value),
    );
  }

  hasStorage(address: Address): Item<boolean> {
    return new Item(
      this.part.hasStorage(address),
      [this.proof(address, [], `whether account ${addressToHex(address)} has storage`)],
      ([proven]) => {
        const { account } = proven as ProvenAccount;
        return account !== undefined && bytesToBigInt(account.storageHash) !== EMPTY_ROOT_WORD;
      },
      (has) => this.part.putHasStorage(address, has),
    );
  }

  blockHash(number: bigint): Item<bigint> {
    const { block, part } = this;
    const known = knownHash(block, part, number);
    const questions: Question[] = [];
    if (known === undefined) {
      if (block.number - number > BLOCK_HASH_REACH) {
        const why = `more than ${BLOCK_HASH_REACH} blocks before block ${block.number}`;
        throw new ErbiumError('REMOTE_STATE', `hash of block ${number}: cannot be verified, ${why}`);
      }
      for (let at = block.number - 1n; at > number; at--) questions.push(headerQuestion(at));
    }
    return new Item(
      known,
      questions,
      (headers) => {
        let hash = block.parentHash;
        for (const header of headers) {
          if (headerHash(header) !== hash) {
            throw new ErbiumError('REMOTE_STATE', `the header does not have the hash ${toHex32(hash)}`);
          }
          hash = hashOf(fieldOf(header, 'parentHash'))!;
        }
        return hash;
      },
      (hash) => part.putBlockHash(number, hash),
    );
  }

  private proof(address: Address, keys: readonly bigint[], item: string): Question {
    const { block } = this;
    return {
      method: 'eth_getProof',
      params: [addressToHex(address), keys.map(toHex32)],
      item,
      isOfState: true,
      decode: (value) => {
        const proof = proofOf(value);
        return proof === undefined
          ? undefined
          : verifyProof(toBytes32(block.stateRoot), address, keys, proof);
      },
    };
  }
}

const headerQuestion = (number: bigint): Question => ({
  method: 'eth_getBlockByNumber',
  params: [toQuantity(number), false],
  item: `block ${number}`,
  isOfState: false,
  decode: (value) => (headerHash(value) === undefined ? undefined : value),
});

/** Nodes of a proof; each has at most 17 hashes. */
const MAX_NODE_BYTES = 600;
const MAX_NODES = 65;

function nodesOf(value: unknown): Uint8Array[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_NODES) return undefined;
  const nodes = value.map((node) => bytesOf(node, MAX_NODE_BYTES));
  return nodes.every((node) => node !== undefined) ? nodes : undefined;
}

function proofOf(value: unknown): AccountProof | undefined {
  const address = addressOf(fieldOf(value, 'address'));
  const nonce = countOf(fieldOf(value, 'nonce'));
  const balance = quantityOf(fieldOf(value, 'balance'));
  const codeHash = hashOf(fieldOf(value, 'codeHash'));
  const storageHash = hashOf(fieldOf(value, 'storageHash'));
  const accountProof = nodesOf(fieldOf(value, 'accountProof'));
  const slots = fieldOf(value, 'storageProof');
  if (address === undefined || nonce === undefined || balance === undefined || codeHash === undefined)
    return undefined;
  if (storageHash === undefined || accountProof === undefined || !Array.isArray(slots)) return undefined;
  const storageProof: { key: bigint; value: bigint; proof: Uint8Array[] }[] = [];
  for (const slot of slots) {
    const key = slotOf(fieldOf(slot, 'key'));
    const word = slotOf(fieldOf(slot, 'value'));
    const proof = nodesOf(fieldOf(slot, 'proof'));
    if (key === undefined || word === undefined || proof === undefined) return undefined;
    storageProof.push({ key, value: word, proof });
  }
  return {
    address,
    nonce,
    balance,
    codeHash,
    storageHash: toBytes32(storageHash),
    accountProof,
    storageProof,
  };
}
