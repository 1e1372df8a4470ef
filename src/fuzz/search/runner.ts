/**
 * Runs the transactions of a search. Owns the states: one for each prefix of a sequence, which never changes once it is
 * there, so that what follows a promising prefix runs from there.
 */

import type { Crypto } from '../../../precompiles/crypto.ts';
import { nobleCrypto } from '../../../precompiles/crypto.ts';
import { assembleMachine, type Machine } from '../../evm/context.ts';
import { finish } from '../../evm/pause.ts';
import { executing, type TransactionResult } from '../../executor/execute.ts';
import { fixtureBlockHash } from '../../executor/fixture-hashes.ts';
import { intrinsicGas } from '../../executor/intrinsic.ts';
import { isInvalid } from '../../executor/reasons.ts';
import { TxType, type UnsignedTransaction } from '../../executor/transaction.ts';
import { ALL_CHECKS } from '../../executor/validate.ts';
import { blobBaseFee } from '../../forks/blob-schedule.ts';
import type { ForkName } from '../../forks/fork.ts';
import { type Rules, rulesOf } from '../../forks/rules.ts';
import { HALT_WORDS, isSuccess } from '../../machine/halt.ts';
import type { BlockEnv } from '../../machine/host.ts';
import type { Tracer } from '../../machine/tracer.ts';
import type { Address } from '../../primitives/address.ts';
import { EMPTY_BYTES } from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { keccakWord } from '../../primitives/keccak.ts';
import { OverlayState } from '../../state/overlay.ts';
import type { StateReader } from '../../state/reader.ts';
import { type AccountInput, MemoryState } from '../../state/readers/memory.ts';
import { type CaseBlock, CHAIN_ID } from '../case.ts';
import {
  ATTACKER_CONTRACT,
  ATTACKERS,
  attackerCode,
  CALLERS,
  DEPLOYER,
  forceCode,
  TARGET,
} from './attacker.ts';
import type { Step } from './step.ts';

/** What the searched contract stands in. */
export interface Setting {
  readonly fork: ForkName;
  /** Runtime code, or init code with `create`. */
  readonly code: Uint8Array;
  readonly create: boolean;
  /** Wei that the contract begins with. */
  readonly balance: bigint;
  /** Slots of the contract before the first transaction; they win over what its constructor stored. */
  readonly storage: ReadonlyMap<bigint, bigint>;
  /** Other accounts. */
  readonly accounts: ReadonlyMap<Address, AccountInput>;
  /** Gas of a transaction beyond the intrinsic gas. */
  readonly gas: bigint;
}

/** A state between two transactions. */
export interface Point {
  readonly state: StateReader;
  readonly number: bigint;
  readonly timestamp: bigint;
}

/** A transaction that was run. */
export interface Ran {
  readonly result: TransactionResult;
  readonly after: Point;
}

/** Of each account of the attacker. */
export const ATTACKER_BALANCE = 100n * 10n ** 18n;
const DEPLOY_GAS = 15_000_000n;
/** With the intrinsic gas it stays below what any fork allows a transaction. */
const MAX_GAS = 12_000_000n;
const FIRST_NUMBER = 1_000n;
const FIRST_TIMESTAMP = 1_700_000_000n;

const COINBASE: Address = 0xc014ba5en;
const BLOCK_GAS_LIMIT = 45_000_000n;
/** With an excess of 0 blob gas costs 1 wei. */
const EXCESS_BLOB_GAS = 0n;

export class Runner {
  readonly start: Point & { readonly state: MemoryState };
  readonly target: Address;
  readonly rules: Rules;
  private readonly machine: Machine;
  private readonly gas: bigint;

  /** @throws ErbiumError INVALID_ARGUMENT where init code makes no contract */
  constructor(setting: Setting, tracer: Tracer, crypto: Crypto = nobleCrypto) {
    this.rules = rulesOf(setting.fork);
    if (setting.gas < 1n || setting.gas > MAX_GAS) {
      throw new ErbiumError('INVALID_ARGUMENT', `gas: ${setting.gas} is not from 1 to ${MAX_GAS}`);
    }
    this.gas = setting.gas;
    this.machine = assembleMachine({ rules: this.rules, crypto, tracer });
    const state = new MemoryState(fixtureBlockHash);
    for (const [address, account] of setting.accounts) state.put(address, account);
    for (const address of CALLERS) state.put(address, { balance: ATTACKER_BALANCE });
    state.put(ATTACKER_CONTRACT, { nonce: 1n, balance: ATTACKER_BALANCE, code: Uint8Array.of(0) });
    if (setting.create) this.target = this.deploy(setting.code, state);
    else this.target = TARGET;
    const before = state.account(this.target);
    state.apply(
      new Map([
        [
          this.target,
          {
            account: {
              nonce: before?.nonce ?? 1n,
              balance: setting.balance,
              codeHash: before?.codeHash ?? keccakWord(setting.code),
            },
            storageCleared: false,
            storage: setting.storage,
            code: before === undefined ? setting.code.slice() : undefined,
          },
        ],
      ]),
    );
    this.start = { state, number: FIRST_NUMBER, timestamp: FIRST_TIMESTAMP };
  }

  private deploy(code: Uint8Array, state: MemoryState): Address {
    const tx = this.transaction(null, code, 0n, 0n, DEPLOY_GAS);
    const block = this.block(FIRST_NUMBER - 1n, FIRST_TIMESTAMP - 12n);
    const result = finish(executing({ machine: this.machine, state, block }, tx, DEPLOYER, ALL_CHECKS));
    if (isInvalid(result)) {
      throw new ErbiumError('INVALID_ARGUMENT', `code: cannot be deployed: ${result.detail}`);
    }
    if (result.created === null || !isSuccess(result.halt)) {
      throw new ErbiumError('INVALID_ARGUMENT', `code: its creation failed: ${HALT_WORDS[result.halt]}`);
    }
    state.apply(result.diff);
    return result.created;
  }

  /** Runs a step; the point before it stays as it is. */
  run(point: Point, step: Step): Ran {
    const number = point.number + step.blocks;
    const timestamp = point.timestamp + step.seconds;
    const state = new OverlayState(point.state);
    const tx = this.prepare(state, step);
    const around = { machine: this.machine, state, block: this.block(number, timestamp) };
    const result = finish(executing(around, tx, step.caller, ALL_CHECKS));
    if (isInvalid(result)) throw new ErbiumError('INVALID_STATE', `search: ${result.detail}`);
    state.apply(result.diff);
    return { result, after: { state, number, timestamp } };
  }

  /** The transaction that a step is in a state, in which the attacker's contract is made what it is to be. */
  prepare(state: OverlayState | MemoryState, step: Step): UnsignedTransaction {
    if (step.way === 'contract') {
      const code = attackerCode(this.target, step.reenterTimes, step.reenterData);
      const { nonce = 1n, balance = 0n } = state.account(ATTACKER_CONTRACT) ?? {};
      const account = { nonce, balance, codeHash: keccakWord(code) };
      state.apply(
        new Map([[ATTACKER_CONTRACT, { account, storageCleared: false, storage: new Map(), code }]]),
      );
    }
    const { to, data } = this.callOf(step);
    return this.transaction(to, data, step.value, state.account(step.caller)?.nonce ?? 0n, this.gas);
  }

  /** The block of a point, as a case has it. */
  caseBlock({ number, timestamp }: Pick<Point, 'number' | 'timestamp'>): CaseBlock {
    const { coinbase, gasLimit, difficulty, prevRandao, baseFee } = this.block(number, timestamp);
    const excessBlobGas = EXCESS_BLOB_GAS;
    return { number, timestamp, coinbase, gasLimit, difficulty, prevRandao, baseFee, excessBlobGas };
  }

  /** Whether the sender can pay what a step sends; such steps only may run. */
  affords(point: Point, { caller, value }: Step): boolean {
    return (point.state.account(caller)?.balance ?? 0n) >= value;
  }

  /** Receiver and data of the transaction that a step is. */
  callOf(step: Step): { to: Address | null; data: Uint8Array } {
    if (step.way === 'force') return { to: null, data: forceCode(this.target) };
    return { to: step.way === 'contract' ? ATTACKER_CONTRACT : this.target, data: step.data };
  }

  /** Wei of all accounts of the attacker. */
  wealth({ state }: Point): bigint {
    let sum = 0n;
    for (const address of ATTACKERS) sum += state.account(address)?.balance ?? 0n;
    return sum;
  }

  private transaction(
    to: Address | null,
    data: Uint8Array,
    value: bigint,
    nonce: bigint,
    gas: bigint,
  ): UnsignedTransaction {
    const tx: UnsignedTransaction = {
      type: TxType.Legacy,
      chainId: this.rules.replayProtection ? CHAIN_ID : null,
      nonce,
      gasLimit: 0n,
      maxPriorityFeePerGas: 0n,
      maxFeePerGas: 0n,
      to,
      value,
      data,
      accessList: [],
      maxFeePerBlobGas: 0n,
      blobHashes: [],
      authorizations: [],
    };
    const intrinsic = intrinsicGas(tx, this.rules);
    const limit = intrinsic.gas + gas;
    return { ...tx, gasLimit: limit < intrinsic.floor ? intrinsic.floor : limit };
  }

  private block(number: bigint, timestamp: bigint): BlockEnv {
    return {
      number,
      timestamp,
      coinbase: COINBASE,
      gasLimit: BLOCK_GAS_LIMIT,
      difficulty: 0x20000n,
      prevRandao: keccakWord(new TextEncoder().encode(`randao ${number}`)),
      baseFee: 0n,
      blobBaseFee: this.rules.blobs === null ? 0n : blobBaseFee(EXCESS_BLOB_GAS, this.rules.blobs),
      chainId: CHAIN_ID,
    };
  }
}

/** A transaction of nothing, for others to be made from. */
export const EMPTY_STEP: Step = {
  way: 'direct',
  caller: CALLERS[0]!,
  value: 0n,
  data: EMPTY_BYTES,
  reenterTimes: 0,
  reenterData: EMPTY_BYTES,
  blocks: 1n,
  seconds: 12n,
};
