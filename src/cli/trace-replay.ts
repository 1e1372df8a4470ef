/**
 * A transaction of a node, run again: the state before its block, what the block did before it, and then the transaction
 * itself. Owns how a node is asked for transactions; states of nodes are read in `src/state/readers/rpc`.
 */

import type { Evm } from '../executor/api.ts';
import { createEvm } from '../executor/create-evm.ts';
import type { Debugger, DebugOptions } from '../executor/debug/api.ts';
import type { Limits } from '../executor/guard.ts';
import type { TransactResult } from '../executor/outcome.ts';
import { type BlockInput, prepare, type TransactionRequest } from '../executor/request.ts';
import type { AbiInput } from '../executor/revert.ts';
import { encodeTransaction, TxType, type UnsignedTransaction } from '../executor/transaction.ts';
import { type Rules, rulesFrom } from '../forks/rules.ts';
import { MAINNET } from '../forks/schedule.ts';
import type { BlockEnv } from '../machine/host.ts';
import type { Tracer } from '../machine/tracer.ts';
import type { Address } from '../primitives/address.ts';
import { bytesToHex, type Hex, toHex32 } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { type Field, parseJson } from '../primitives/json.ts';
import type { RemoteReader, StateReader } from '../state/reader.ts';
import { RpcClient, resultOf } from '../state/readers/rpc/client.ts';
import { openRpcState } from '../state/readers/rpc/index.ts';
import { settingsOf } from '../state/readers/rpc/options.ts';
import type { FlatCallPlace } from '../tracers/index.ts';

const MAINNET_ID = 1n;
const RETRIES = 4;

/** A transaction with the EVM at the point before it. */
export interface Replay {
  readonly place: Required<FlatCallPlace>;
  /** Runs it with a tracer; all that it reads is at hand from then on. */
  trace(tracer: Tracer, limits?: Limits): Promise<TransactResult>;
  /** The rules of its block. */
  readonly rules: Rules;
  /** Leads it forwards and backwards. */
  debug(abi: AbiInput, options: DebugOptions): Promise<Debugger>;
  readonly block: BlockEnv;
  /** The state before it, which is fetched from the node. */
  readonly state: StateReader;
  readonly remote: RemoteReader;
  /** Who sent it, as the node says. */
  readonly from: Address;
  /** As it travels, with the signature that the node tells of, which may be none of its sender. */
  signed(): Uint8Array;
}

/**
 * Fetches a transaction, and replays those before it in its block.
 * @param fork for a chain other than mainnet; the newest by default
 * @param said is told what takes its time
 * @param signal ends the fetching and the replaying, not what is traced later
 * @throws ErbiumError REMOTE_STATE naming the node and what it did not answer; ABORTED
 */
export async function openReplay(
  url: string,
  hash: Hex,
  fork: string | undefined,
  said: (progress: string) => void = () => {},
  signal?: AbortSignal,
): Promise<Replay> {
  const settings = settingsOf(url, { retries: RETRIES });
  const client = new RpcClient(settings);
  const { name } = settings.endpoint;
  const ask = async (method: string, params: readonly unknown[], item: string): Promise<Field> => {
    const call = { method, params, item };
    const [reply] = await client.ask([call], signal);
    const value = resultOf(name, call, reply!);
    if (value === null || value === undefined) remote(`${name}: it has no ${item}`);
    return parseJson(JSON.stringify(value), `${name}: ${method} of ${item}`, 'REMOTE_STATE');
  };

  const transaction = await ask('eth_getTransactionByHash', [hash], `transaction ${hash}`);
  const blockHash = transaction.maybe('blockHash');
  if (blockHash === undefined) remote(`${name}: transaction ${hash} is in no block yet`);
  const block = await ask('eth_getBlockByHash', [blockHash.string(), true], `block ${blockHash.string()}`);
  const number = block.get('number').number(64);
  if (number === 0n)
    remote(`${name}: transaction ${hash} is in the first block, which has no state before it`);
  const state = await openRpcState(url, { block: number - 1n, retries: RETRIES, signal });
  if (toHex32(state.block.hash) !== block.get('parentHash').string().toLowerCase()) {
    remote(
      `${name}: block ${number - 1n} is no longer the one before block ${number}: the chain was reorganised`,
    );
  }
  const index = Number(transaction.get('transactionIndex').number(32));
  const { chainId } = state;
  const timestamp = block.get('timestamp').number(64);
  const isMainnet = chainId === MAINNET_ID && fork === undefined;
  const rules = isMainnet ? MAINNET(number, timestamp) : rulesFrom(fork);
  const fields = blockFields(block, chainId);
  const evm = createEvm({ state, block: fields, fork: rules });
  await tellOfParent(evm, rules, block);
  const before = block.get('transactions').list().slice(0, index);
  for (const [i, earlier] of before.entries()) {
    said(`replaying transaction ${i + 1} of ${index} before it in block ${number}`);
    const result = await evm.async.transact(requestOf(earlier), signal === undefined ? {} : { signal });
    if (result.status === 'invalid') refuse(name, earlier, result.reason, rules);
  }
  return {
    place: {
      blockHash: blockHash.string() as Hex,
      blockNumber: Number(number),
      transactionHash: hash,
      transactionPosition: index,
    },
    async trace(tracer, limits = {}) {
      // On top of the state before it, which stays as it is for the next trace.
      const traced = createEvm({ state: evm.state, block: fields, fork: rules, tracer });
      const result = await traced.async.transact(requestOf(transaction), limits);
      if (result.status === 'invalid') return refuse(name, transaction, result.reason, rules);
      return result;
    },
    rules,
    async debug(abi, options) {
      const debugged = createEvm({ state: evm.state, block: fields, fork: rules, abi });
      const made = await debugged.debug(requestOf(transaction), options);
      if (made.result?.status === 'invalid') refuse(name, transaction, made.result.reason, rules);
      return made;
    },
    block: evm.block,
    state: evm.state,
    remote: state,
    from: transaction.get('from').address(),
    signed: () => signedBytes(transaction, prepare(requestOf(transaction), rules, evm.block).tx),
  };
}

function remote(problem: string): never {
  throw new ErbiumError('REMOTE_STATE', problem);
}

/** A transaction of a block is valid; if it is not, the rules are not those of the chain. */
function refuse(node: string, transaction: Field, reason: string, rules: Rules): never {
  const hash = transaction.get('hash').string();
  remote(`${node}: transaction ${hash} is invalid under ${rules.fork}: ${reason}; --fork names another fork`);
}

/** What the block did before its first transaction (EIP-4788, EIP-2935). */
async function tellOfParent(evm: Evm, rules: Rules, block: Field): Promise<void> {
  const told: [contract: bigint, word: Field | undefined][] = [
    [rules.beaconRootContract, block.maybe('parentBeaconBlockRoot')],
    [rules.historyContract, block.get('parentHash')],
  ];
  for (const [contract, word] of told) {
    if (contract === 0n || word === undefined) continue;
    const account = await evm.async.account(contract);
    if (account === null || account.code === '0x') continue;
    await evm.async.systemCall(contract, { data: bytesToHex(word.fixed(32)) });
  }
}

function blockFields(block: Field, chainId: bigint): BlockInput {
  const number = (name: string, bits = 256): bigint => block.maybe(name)?.number(bits) ?? 0n;
  const excess = block.maybe('excessBlobGas')?.number(64);
  return {
    number: number('number', 64),
    timestamp: number('timestamp', 64),
    coinbase: block.get('miner').address(),
    gasLimit: number('gasLimit', 64),
    difficulty: number('difficulty'),
    prevRandao: block.maybe('mixHash')?.number() ?? 0n,
    baseFee: number('baseFeePerGas'),
    chainId,
    ...(excess === undefined ? {} : { excessBlobGas: excess }),
  };
}

/** A transaction as a node tells of it. */
function requestOf(field: Field): TransactionRequest {
  const number = (name: string): bigint | undefined => field.maybe(name)?.number();
  const type = Number(number('type') ?? 0n);
  const common = {
    type,
    from: field.get('from').address(),
    to: field.maybe('to')?.address() ?? null,
    data: field.get('input').bytes(),
    value: field.get('value').number(),
    gas: field.get('gas').number(64),
    nonce: field.get('nonce').number(64),
  };
  const chainId = number('chainId');
  const more: Record<string, unknown> = chainId === undefined ? {} : { chainId };
  if (type < 2) more.gasPrice = field.get('gasPrice').number();
  else {
    more.maxFeePerGas = field.get('maxFeePerGas').number();
    more.maxPriorityFeePerGas = field.get('maxPriorityFeePerGas').number();
  }
  if (type > 0) {
    more.accessList = (field.maybe('accessList')?.list() ?? []).map((entry) => ({
      address: entry.get('address').address(),
      storageKeys: entry
        .get('storageKeys')
        .list()
        .map((key) => key.number()),
    }));
  }
  if (type === 3) {
    more.maxFeePerBlobGas = field.get('maxFeePerBlobGas').number();
    more.blobVersionedHashes = field
      .get('blobVersionedHashes')
      .list()
      .map((hash) => hash.number());
  }
  if (type === 4) more.authorizationList = field.get('authorizationList').list().map(authorizationOf);
  return { ...common, ...more };
}

function signedBytes(field: Field, tx: UnsignedTransaction): Uint8Array {
  const [r, s, v] = [field.get('r').number(), field.get('s').number(), field.get('v').number()];
  if (tx.type !== TxType.Legacy) return encodeTransaction({ ...tx, yParity: v === 0n ? 0 : 1, r, s });
  // That of a legacy transaction is 27 or 28, or says that it commits to a chain (EIP-155).
  const chainId = v < 35n ? null : tx.chainId;
  return encodeTransaction({ ...tx, chainId, yParity: v % 2n === 1n ? 0 : 1, r, s });
}

function authorizationOf(field: Field): Record<string, bigint> {
  const word = (name: string): bigint => field.get(name).number();
  return {
    chainId: word('chainId'),
    address: field.get('address').address(),
    nonce: word('nonce'),
    yParity: word('yParity'),
    r: word('r'),
    s: word('s'),
  };
}
