/** Signed transactions in a fresh state, on every engine. */

import { nobleCrypto } from '../../precompiles/index.ts';
import { executeTransaction, type TransactionResult } from '../../src/executor/execute.ts';
import { type Invalid, isInvalid } from '../../src/executor/reasons.ts';
import { signTransaction } from '../../src/executor/sender.ts';
import {
  type Authorization,
  authorizationHash,
  type Transaction,
  TxType,
  type UnsignedTransaction,
} from '../../src/executor/transaction.ts';
import type { ForkName } from '../../src/forks/fork.ts';
import type { Rules } from '../../src/forks/rules.ts';
import { isHostLimit } from '../../src/machine/halt.ts';
import type { BlockEnv } from '../../src/machine/host.ts';
import { bytesToHex, EMPTY_BYTES, toBytes32 } from '../../src/primitives/bytes.ts';
import { type AccountInput, MemoryState } from '../../src/state/readers/memory.ts';
import { BLOCK, ENGINES, machineOf, rulesFrom, showDiff } from './run.ts';

export const KEY = toBytes32(0xa11cen);
export const SENDER = nobleCrypto.secretToAddress(KEY);
export const AUTHORITY_KEY = toBytes32(0xb0bn);
export const AUTHORITY = nobleCrypto.secretToAddress(AUTHORITY_KEY);
export const TO = 0x70n;
export const ETHER = 10n ** 18n;

/** Base fee 7, coinbase and chain 1 of BLOCK; a block gas limit of 30 million. */
export const TX_BLOCK: BlockEnv = { ...BLOCK, gasLimit: 30_000_000n };

const PLAIN: UnsignedTransaction = {
  type: TxType.FeeMarket,
  chainId: 1n,
  nonce: 0n,
  gasLimit: 1_000_000n,
  maxPriorityFeePerGas: 3n,
  maxFeePerGas: 10n,
  to: TO,
  value: 0n,
  data: EMPTY_BYTES,
  accessList: [],
  maxFeePerBlobGas: 0n,
  blobHashes: [],
  authorizations: [],
};

/** A signed transaction; a legacy one bears the chain id unless `chainId` is null. */
export const signed = (fields: Partial<UnsignedTransaction> = {}, key = KEY): Transaction => {
  const isPriced = fields.type === TxType.Legacy || fields.type === TxType.AccessList;
  const price = fields.maxFeePerGas ?? PLAIN.maxFeePerGas;
  return signTransaction(
    { ...PLAIN, ...(isPriced ? { maxPriorityFeePerGas: price } : {}), ...fields },
    key,
    nobleCrypto,
  );
};

/** A signed authorization of AUTHORITY. */
export function authorization(
  fields: { chainId?: bigint; address?: bigint; nonce?: bigint } = {},
  key = AUTHORITY_KEY,
): Authorization {
  const { chainId = 1n, address = TO, nonce = 0n } = fields;
  const { yParity, r, s } = nobleCrypto.sign(authorizationHash({ chainId, address, nonce }), key);
  return { chainId, address, nonce, yParity: BigInt(yParity), r, s };
}

export interface TransactOptions {
  readonly fork?: ForkName | Rules;
  readonly block?: Partial<BlockEnv>;
  readonly sender?: AccountInput;
  readonly accounts?: readonly (readonly [bigint, AccountInput])[];
  /** Makes the host's question anew for each engine. */
  readonly limit?: () => () => boolean;
}

export interface Transacted {
  readonly result: TransactionResult;
  /** The state afterwards. */
  readonly state: MemoryState;
}

function stateOf(options: TransactOptions): MemoryState {
  const state = new MemoryState();
  state.put(SENDER, options.sender ?? { balance: ETHER });
  for (const [address, account] of options.accounts ?? []) state.put(address, account);
  return state;
}

const summaryOf = (outcome: TransactionResult | Invalid): string =>
  isInvalid(outcome)
    ? outcome.invalid
    : JSON.stringify([
        outcome.halt,
        bytesToHex(outcome.output),
        // Where exactly the host stops a run is the engine's affair.
        isHostLimit(outcome.halt) ? '' : `${outcome.gasUsed}/${outcome.gasRefunded}`,
        outcome.logs.length,
        String(outcome.created),
        showDiff(outcome.diff),
      ]);

/** The outcome, the same on every engine, for a state that it must not change. */
export function attempt(tx: Transaction, options: TransactOptions = {}): TransactionResult | Invalid {
  const rules = rulesFrom(options.fork ?? 'Osaka');
  const block = { ...TX_BLOCK, ...(rules.baseFee ? {} : { baseFee: 0n }), ...options.block };
  let first: TransactionResult | Invalid | undefined;
  for (const engine of ENGINES) {
    const state = stateOf(options);
    const root = bytesToHex(state.root());
    const around = { machine: machineOf(engine, rules), state, block, interrupted: options.limit?.() };
    const outcome = executeTransaction(around, tx);
    if (bytesToHex(state.root()) !== root) throw new Error('the run wrote to the state below it');
    first ??= outcome;
    if (summaryOf(outcome) !== summaryOf(first))
      throw new Error(`${engine.name} differs: ${summaryOf(outcome)}`);
  }
  return first!;
}

/** A transaction that must be valid. */
export function transact(tx: Transaction, options: TransactOptions = {}): Transacted {
  const result = attempt(tx, options);
  if (isInvalid(result)) throw new Error(`invalid: ${result.invalid} (${result.detail})`);
  const state = stateOf(options);
  state.apply(result.diff);
  return { result, state };
}
