/**
 * The same calls and transactions on a real node and on Erbium over the node's state: status, output, gas, logs and
 * the state afterwards must be equal. The node's engine is revm, which shares nothing with Erbium.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nobleCrypto } from '../../../precompiles/index.ts';
import type { Evm } from '../../../src/executor/api.ts';
import { createEvm } from '../../../src/executor/create-evm.ts';
import type { TransactionInput } from '../../../src/executor/operations.ts';
import type { Rejected, TransactResult } from '../../../src/executor/outcome.ts';
import { signTransaction } from '../../../src/executor/sender.ts';
import { encodeTransaction, type Transaction } from '../../../src/executor/transaction.ts';
import { blobBaseFee } from '../../../src/forks/blob-schedule.ts';
import { rulesOf } from '../../../src/forks/rules.ts';
import type { BlockEnv } from '../../../src/machine/host.ts';
import { addressToHex } from '../../../src/primitives/address.ts';
import { bytesToHex, type Hex, toHex32, toQuantity } from '../../../src/primitives/bytes.ts';
import { openRpcState, type RpcBlock, type RpcState } from '../../../src/state/readers/rpc/index.ts';
import { Anvil, AnvilError } from '../../helpers/anvil.ts';
import { Random } from '../../helpers/random.ts';
import { AUTHORITIES, CONTRACTS, KEYS, randomTransaction, SENDERS } from './workload.ts';

const CALLS = 200;
const TRANSACTIONS = 200;

interface Log {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

/** What both sides say about a run. Where it failed exceptionally there is no output. */
interface Outcome {
  readonly status: 'success' | 'revert' | 'halt' | 'invalid';
  readonly output: Hex;
  readonly gasUsed: bigint;
  readonly logs: readonly Log[];
  readonly created: Hex | null;
}

const INVALID: Outcome = { status: 'invalid', output: '0x', gasUsed: 0n, logs: [], created: null };

/** A frame of the node's callTracer. */
interface Frame {
  readonly gasUsed: Hex;
  readonly output?: Hex;
  readonly error?: string;
  readonly logs?: readonly (Log & { readonly index: Hex })[];
  readonly calls?: readonly Frame[];
}

const TRACER = { tracer: 'callTracer', tracerConfig: { withLog: true } };

/** Logs of frames that were not undone, in their order. */
function logsOf(top: Frame): Log[] {
  const collect = ({ error, logs = [], calls = [] }: Frame): NonNullable<Frame['logs']> =>
    error === undefined ? [...logs, ...calls.flatMap(collect)] : [];
  return [...collect(top)]
    .sort((a, b) => Number(a.index) - Number(b.index))
    .map(({ address, topics, data }) => ({ address, topics, data }));
}

const statusOf = ({ error }: Frame): Outcome['status'] =>
  error === undefined ? 'success' : error === 'execution reverted' ? 'revert' : 'halt';

describe.each([
  ['osaka', 'Osaka', 1],
  ['prague', 'Prague', 2],
] as const)('anvil on %s and Erbium on %s agree on', (hardfork, fork, seed) => {
  const rules = rulesOf(fork);
  let anvil: Anvil;
  let state: RpcState;
  let evm: Evm;

  beforeAll(async () => {
    anvil = await Anvil.start('--hardfork', hardfork, '--no-mining', '--timestamp', '1700000000');
    for (const sender of SENDERS)
      await anvil.rpc('anvil_setBalance', addressToHex(sender), toQuantity(10n ** 21n));
    for (const authority of AUTHORITIES) await anvil.rpc('anvil_setBalance', addressToHex(authority), '0x1');
    for (const { address, code, balance, storage } of CONTRACTS) {
      const at = addressToHex(address);
      await anvil.rpc('anvil_setCode', at, bytesToHex(code));
      await anvil.rpc('anvil_setNonce', at, '0x1');
      await anvil.rpc('anvil_setBalance', at, toQuantity(balance));
      for (const [key, value] of storage) {
        await anvil.rpc('anvil_setStorageAt', at, toHex32(key), toHex32(value));
      }
    }
    await anvil.rpc('anvil_mine', '0x12c');
    state = await openRpcState(anvil.url);
    evm = createEvm({ fork, state });
  });
  afterAll(() => anvil?.stop());

  const envOf = (block: RpcBlock): BlockEnv => ({
    number: block.number,
    timestamp: block.timestamp,
    coinbase: block.coinbase,
    gasLimit: block.gasLimit,
    difficulty: block.difficulty,
    prevRandao: block.prevRandao,
    baseFee: block.baseFee,
    blobBaseFee: blobBaseFee(block.excessBlobGas!, rules.blobs!),
    chainId: block.chainId,
  });

  async function execute(tx: TransactionInput, block: RpcBlock): Promise<TransactResult | Rejected> {
    const [result] = await evm.async.simulate([tx], { block: envOf(block) });
    return result!;
  }

  function outcomeOf(result: TransactResult | Rejected): Outcome {
    if (result.status === 'invalid') return INVALID;
    const { status, output, gasUsed, logs, created } = result;
    if (status === 'limit') throw new Error(result.reason);
    return {
      status,
      output: status === 'halt' ? '0x' : output,
      gasUsed,
      logs: logs.map(({ address, topics, data }) => ({ address, topics, data })),
      created: status === 'success' ? created : null,
    };
  }

  it(`${CALLS} random calls`, async () => {
    const random = new Random(seed);
    const seen = new Map<string, number>();
    const block = { blockHash: toHex32(state.block.hash) };
    for (let i = 0; i < CALLS; i++) {
      const { tx, sender } = randomTransaction(random, state.block.chainId, state.block.baseFee, 0n);
      const request = {
        from: addressToHex(sender),
        ...(tx.to === null ? {} : { to: addressToHex(tx.to) }),
        gas: toQuantity(tx.gasLimit),
        value: toQuantity(tx.value),
        data: bytesToHex(tx.data),
        maxFeePerGas: toQuantity(tx.maxFeePerGas),
        maxPriorityFeePerGas: toQuantity(tx.maxPriorityFeePerGas),
        accessList: tx.accessList.map(({ address, storageKeys }) => ({
          address: addressToHex(address),
          storageKeys: storageKeys.map(toHex32),
        })),
      };
      const ours = outcomeOf(await execute(request, state.block));
      const what = `call ${i}: ${JSON.stringify(request)}`;
      const answer = await anvil.rpc<Hex>('eth_call', request, block).catch(refusal);
      if (ours.status === 'success') expect(answer, what).toBe(ours.output);
      else if (ours.status === 'revert' && ours.output !== '0x') {
        expect((answer as AnvilError).data, what).toBe(ours.output);
      } else expect(answer, what).toBeInstanceOf(AnvilError);
      seen.set(ours.status, (seen.get(ours.status) ?? 0) + 1);
      if (ours.status === 'invalid') continue;
      const frame = await anvil.rpc<Frame>('debug_traceCall', request, block, TRACER);
      expect([statusOf(frame), BigInt(frame.gasUsed), logsOf(frame)], what).toEqual([
        ours.status,
        ours.gasUsed,
        ours.logs,
      ]);
    }
    for (const status of ['success', 'revert', 'halt', 'invalid'])
      expect(seen.get(status), status).toBeGreaterThan(4);
  });

  it(`${TRANSACTIONS} random transactions`, async () => {
    const random = new Random(seed + 100);
    const seen = new Map<string, number>();
    for (let i = 0; i < TRANSACTIONS; i++) {
      const { tx: fields, key } = randomTransaction(random, state.block.chainId, state.block.baseFee, 0n);
      const tx = signed(fields, key);
      const raw = bytesToHex(encodeTransaction(tx));
      const what = `transaction ${i} to ${tx.to === null ? 'nobody' : addressToHex(tx.to)}: ${raw}`;
      const snapshot = await anvil.rpc('evm_snapshot');
      const hash = await anvil.rpc<Hex>('eth_sendRawTransaction', raw).catch(refusal);
      await anvil.rpc('evm_mine');
      // What the node only finds wrong when it makes the block is in none.
      const receipt =
        hash instanceof AnvilError
          ? null
          : await anvil.rpc<Receipt | null>('eth_getTransactionReceipt', hash);
      if (receipt === null) {
        expect(outcomeOf(await execute(raw, state.block)).status, what).toBe('invalid');
        seen.set('invalid', (seen.get('invalid') ?? 0) + 1);
      } else {
        const frame = await anvil.rpc<Frame>('debug_traceTransaction', hash, TRACER);
        const after = await openRpcState(anvil.url, { block: receipt.blockHash });
        expect(after.block.parentHash, what).toBe(state.block.hash);
        const result = await execute(raw, after.block);
        const ours = outcomeOf(result);
        const status = statusOf(frame);
        expect(receipt.status, what).toBe(status === 'success' ? '0x1' : '0x0');
        const theirs: Outcome = {
          status,
          output: status === 'halt' ? '0x' : (frame.output ?? '0x'),
          gasUsed: BigInt(receipt.gasUsed),
          logs: receipt.logs.map(({ address, topics, data }) => ({ address, topics, data })),
          created: status === 'success' ? receipt.contractAddress : null,
        };
        expect(ours, what).toEqual(theirs);
        await expectState(result as TransactResult, after, what);
        seen.set(ours.status, (seen.get(ours.status) ?? 0) + 1);
        seen.set(`type ${tx.type}`, (seen.get(`type ${tx.type}`) ?? 0) + 1);
        if (ours.created !== null) seen.set('creation', (seen.get('creation') ?? 0) + 1);
        if (ours.logs.length > 0) seen.set('logs', (seen.get('logs') ?? 0) + 1);
      }
      expect(await anvil.rpc('evm_revert', snapshot)).toBe(true);
    }
    const kinds = [
      'success',
      'revert',
      'halt',
      'invalid',
      'type 0',
      'type 1',
      'type 2',
      'type 4',
      'creation',
      'logs',
    ];
    for (const kind of kinds) expect(seen.get(kind), kind).toBeGreaterThan(4);
  });

  /** What a transaction changed is what the node has afterwards, and had before. */
  async function expectState({ diff }: TransactResult, after: RpcState, what: string): Promise<void> {
    const changes = Object.entries(diff).map(([address, change]) => ({
      address: BigInt(address),
      ...change,
    }));
    const items = {
      accounts: changes.map(({ address }) => address),
      slots: changes.flatMap(({ address, storage }) =>
        Object.keys(storage).map((key) => [address, BigInt(key)] as const),
      ),
    };
    await Promise.all([after.load(items), state.load(items)]);
    const show = (account: { nonce: bigint; balance: bigint } | null | undefined): string =>
      `${account?.nonce ?? 0n} ${account?.balance ?? 0n}`;
    for (const change of changes) {
      const { address } = change;
      const place = `${what}: ${addressToHex(address)}`;
      const account = after.account(address);
      expect(show(account), place).toBe(show(change.after));
      expect(show(state.account(address)), place).toBe(show(change.before));
      if (change.code !== null) expect(bytesToHex(after.code(account!.codeHash)), place).toBe(change.code);
      for (const [name, slot] of Object.entries(change.storage)) {
        expect(after.storage(address, BigInt(name)), `${place}, slot ${name}`).toBe(slot.after);
      }
    }
  }
});

interface Receipt {
  readonly status: Hex;
  readonly gasUsed: Hex;
  readonly blockHash: Hex;
  readonly contractAddress: Hex | null;
  readonly logs: readonly Log[];
}

const signed = (tx: Parameters<typeof signTransaction>[0], key: number): Transaction =>
  signTransaction(tx, KEYS[key]!, nobleCrypto);

/** The node's refusal as a value; other errors are errors. */
const refusal = (error: unknown): AnvilError => {
  if (error instanceof AnvilError) return error;
  throw error;
};
