/**
 * The EVM as embedders see it: operations over a state, at once or giving way to others. It stands here and not in
 * `src/evm`, because `transact` needs the executor, which lies above that room.
 */

import type { Machine } from '../evm/context.ts';
import { finish } from '../evm/pause.ts';
import type { Rules } from '../forks/rules.ts';
import type { StepBudget } from '../interpreter/traced.ts';
import type { BlockEnv } from '../machine/host.ts';
import type { Address } from '../primitives/address.ts';
import { bytesToHex, type Hex } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import {
  type AddressInput,
  type BytesInput,
  toAddressWord,
  toWord,
  type WordInput,
} from '../primitives/input.ts';
import type { StateDiff } from '../state/diff.ts';
import { OverlayState, OverlayView } from '../state/overlay.ts';
import { isRemote, isStore, type RemoteReader, type StateItems, type StateReader } from '../state/reader.ts';
import { type AccessListResult, accessList, estimateGas, type GasEstimate } from './estimate.ts';
import type { EventTable } from './events.ts';
import { Guard, type Limits } from './guard.ts';
import {
  call,
  create,
  type Environment,
  execute,
  type Operation,
  type SystemCallOptions,
  simulate,
  systemCall,
  type TransactionInput,
  transact,
} from './operations.ts';
import type { EvmResult, Rejected, TransactResult } from './outcome.ts';
import { patchOf } from './overrides.ts';
import {
  type AccountPatch,
  type BlockInput,
  blockOf,
  type CallOptions,
  type CreateOptions,
  checkFields,
  checkLimits,
  type ExecuteOptions,
  FIELDS,
  type OperationOptions,
  type TransactionRequest,
} from './request.ts';
import type { ErrorTable } from './revert.ts';
import type { Checks } from './validate.ts';

/** An account as it is read. */
export interface AccountView {
  readonly nonce: bigint;
  /** Wei. */
  readonly balance: bigint;
  readonly code: Hex;
}

/** The operations, with `R<T>` as what they return: the value, or a promise of it. */
interface Operations {
  /** Runs a message call. Pure: nothing of it stays, no warm slot either. */
  call(options: CallOptions): EvmResult;
  /** Runs init code as a message and, on success, keeps the contract in the state. */
  create(options: CreateOptions): EvmResult;
  /** Runs bytecode that is in no account. Pure. */
  execute(code: BytesInput, options?: ExecuteOptions): EvmResult;
  /**
   * Validates and runs a transaction and keeps its changes: one that is signed, in its wire encoding, or one without a
   * signature, whose sender is taken at its word.
   */
  transact(transaction: TransactionInput, options?: OperationOptions): TransactResult | Rejected;
  /** Transactions in a row, each on the state that the one before it left. Pure. */
  simulate(
    transactions: readonly TransactionInput[],
    options?: OperationOptions,
  ): readonly (TransactResult | Rejected)[];
  /** The least gas limit with which a transaction succeeds. Pure. */
  estimateGas(transaction: TransactionRequest, options?: OperationOptions): GasEstimate;
  /** What a transaction accesses, as an access list for it (EIP-2930). Pure. */
  accessList(transaction: TransactionRequest, options?: OperationOptions): AccessListResult;
  /** A call by the system (EIP-4788 and its kin): 30 million gas, paid by nobody. Its changes are kept. */
  systemCall(to: AddressInput, options?: SystemCallOptions): EvmResult;
  /** An account as it stands; null where there is none. */
  account(address: AddressInput): AccountView | null;
  /** A slot as it stands. */
  storage(address: AddressInput, key: WordInput): bigint;
}

/**
 * The operations for a state that has to be fetched, and for runs that others should not wait for: they give way every
 * few milliseconds, `signal` reaches them, and what the state lacks is fetched in one batch before they run again.
 * Those that change the state happen in the order in which they were asked for.
 */
export type AsyncEvm = {
  readonly [K in keyof Operations]: (
    ...args: Parameters<Operations[K]>
  ) => Promise<ReturnType<Operations[K]>>;
};

export interface Evm extends Operations {
  readonly rules: Rules;
  /** The state as it stands: that which `createEvm` was given, with all changes since. */
  readonly state: OverlayState;
  readonly block: BlockEnv;
  readonly async: AsyncEvm;
  /** Changes fields of the block for all that follows. */
  setBlock(fields: BlockInput): void;
  /** Changes an account; what the patch leaves out stays. */
  setAccount(address: AddressInput, patch: AccountPatch): void;
  /** A point that `revert` returns to. */
  snapshot(): number;
  /**
   * Returns to a snapshot, which is used up with all later ones.
   * @throws ErbiumError INVALID_ARGUMENT where there is no such snapshot
   */
  revert(snapshot: number): void;
  /**
   * Writes all changes to the state that `createEvm` was given, in one step; snapshots from before are gone.
   * @returns the root of that state, 32 bytes
   * @throws ErbiumError INVALID_STATE where that state cannot be written to
   */
  commit(): Hex;
}

/** What `createEvm` has made of its options. */
export interface EvmParts {
  readonly machine: Machine;
  readonly state: StateReader;
  readonly block: BlockEnv;
  readonly checks: Checks;
  readonly errors: ErrorTable;
  readonly events: EventTable;
  readonly interrupted: (() => boolean) | undefined;
  readonly memoryLimit: number | undefined;
  readonly maxSteps: number | undefined;
  readonly steps: StepBudget | undefined;
}

type Plan<T> = (env: Environment) => Operation<T>;
type Run = <T>(options: Limits, plan: Plan<T>) => T;

const NOTHING: OperationOptions = {};

/** The operations by way of `run`; every option is checked before anything runs. */
function operations(run: Run): Operations {
  const checked = <O extends OperationOptions>(options: O, fields: readonly string[]): O => {
    checkFields(options, 'options', fields);
    checkLimits(options);
    return options;
  };
  const { operation } = FIELDS;
  return {
    call: (options) => run(checked(options, FIELDS.call), (env) => call(env, options)),
    create: (options) => run(checked(options, FIELDS.create), (env) => create(env, options)),
    execute: (code, options = NOTHING) =>
      run(checked(options, FIELDS.execute), (env) => execute(env, code, options)),
    transact: (transaction, options = NOTHING) =>
      run(checked(options, operation), (env) => transact(env, transaction, options)),
    simulate: (transactions, options = NOTHING) =>
      run(checked(options, operation), (env) => simulate(env, transactions, options)),
    estimateGas: (transaction, options = NOTHING) =>
      run(checked(options, operation), (env) => estimateGas(env, transaction, options)),
    accessList: (transaction, options = NOTHING) =>
      run(checked(options, operation), (env) => accessList(env, transaction, options)),
    systemCall: (to, options = NOTHING) => {
      const address = toAddressWord(to, 'to');
      return run(checked(options, [...operation, 'data']), (env) => systemCall(env, address, options));
    },
    account: (input) => {
      const address = toAddressWord(input, 'address');
      return run(NOTHING, (env) => readAccount(env, address));
    },
    storage: (input, key) => {
      const address = toAddressWord(input, 'address');
      const word = toWord(key, 'key');
      return run(NOTHING, (env) => readSlot(env, address, word));
    },
  };
}

// biome-ignore lint/correctness/useYield: an operation like the others, that never pauses
function* readAccount({ state }: Environment, address: Address): Operation<AccountView | null> {
  const account = state.account(address);
  if (account === undefined) return { value: null, keep: null };
  const { nonce, balance, codeHash } = account;
  return { value: { nonce, balance, code: bytesToHex(state.code(codeHash)) }, keep: null };
}

// biome-ignore lint/correctness/useYield: as above
function* readSlot({ state }: Environment, address: Address, key: bigint): Operation<bigint> {
  return { value: state.storage(address, key), keep: null };
}

export function evmOf(parts: EvmParts): Evm {
  const { machine, checks, errors, events, interrupted, memoryLimit, maxSteps, steps } = parts;
  const state = new OverlayState(parts.state);
  const { base } = state;
  let { block } = parts;

  const guardFor = (limits: Limits, isAsync: boolean): Guard =>
    new Guard(limits, { interrupted, steps, maxSteps, isAsync });

  const environment = (guard: Guard, reader: StateReader): Environment => {
    return { machine, state: reader, block, checks, errors, events, guard, memoryLimit };
  };

  /** Runs that have begun and not ended, one inside the other by way of hooks. */
  let depth = 0;
  /** Changes of the state below, which a run that pauses may not miss. */
  let commits = 0;

  function demandIdle(): void {
    if (depth === 0) return;
    throw new ErbiumError('INVALID_STATE', 'the state cannot be changed from inside a run');
  }

  function inside<T>(work: () => T): T {
    depth++;
    try {
      return work();
    } finally {
      depth--;
    }
  }

  function keep(diff: StateDiff | null): void {
    if (diff === null) return;
    demandIdle();
    state.apply(diff);
  }

  const now: Run = (options, plan) => {
    const guard = guardFor(options, false);
    guard.throwIfAborted();
    const remote = isRemote(base) ? base.view() : null;
    guard.remote = remote;
    const reader = remote === null ? state : state.over(remote);
    const result = inside(() => guard.during(() => finish(plan(environment(guard, reader)))));
    guard.throwIfAborted();
    if (remote !== null && remote.missing !== null && guard.mayRepeat) {
      throw new ErbiumError(
        'MISSING_STATE',
        `${remote.missing} has not been fetched: use evm.async, or load it before`,
      );
    }
    keep(result.keep);
    return result.value;
  };

  async function later<T>(options: Limits, plan: Plan<T>): Promise<T> {
    const guard = guardFor(options, true);
    const remote = isRemote(base) ? base.view() : null;
    if (remote !== null) await load(remote, known(options), guard);
    guard.remote = remote;
    for (;;) {
      guard.throwIfAborted();
      guard.restart();
      const { version } = state;
      const before = commits;
      const view = new OverlayView(state, remote ?? base);
      const work = plan(environment(guard, view));
      const advance = (stop: boolean) => inside(() => guard.during(() => work.next(stop)));
      const result = await givingWay(advance, guard, () => {
        view.detach();
        return turn().then(() => commits === before);
      });
      guard.throwIfAborted();
      if (remote !== null && remote.missing !== null && guard.mayRepeat) {
        await load(remote, NO_ITEMS, guard);
      } else if (result !== null && (result.keep === null || state.version === version)) {
        keep(result.keep);
        return result.value;
      }
    }
  }

  // One after the other, since each starts from the state that the one before it left.
  let last: Promise<unknown> = Promise.resolve();
  const inOrder = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };

  const sync = operations(now);
  return {
    ...sync,
    rules: machine.rules,
    state,
    get block() {
      return block;
    },
    async: asyncOperations(later, inOrder),
    setBlock(fields) {
      block = blockOf(fields, block, machine.rules);
    },
    setAccount(input, patch) {
      demandIdle();
      const address = toAddressWord(input, 'address');
      // By way of `account`, so that what a remote state lacks is noticed.
      sync.account(address);
      state.apply(new Map([[address, patchOf(state, address, patch, 'account')]]));
    },
    snapshot: () => state.snapshot(),
    revert(snapshot) {
      demandIdle();
      if (!state.revert(snapshot)) {
        throw new ErbiumError(
          'INVALID_ARGUMENT',
          `snapshot: there is none with the number ${String(snapshot)}`,
        );
      }
    },
    commit() {
      demandIdle();
      if (!isStore(base))
        throw new ErbiumError('INVALID_STATE', 'the state that createEvm was given cannot be written to');
      base.apply(state.diff());
      state.clear();
      commits++;
      return bytesToHex(base.root());
    },
  };
}

/** Operations that change the state, which must keep their order. */
const CHANGING: readonly string[] = ['create', 'transact', 'systemCall'] satisfies (keyof Operations)[];

type Later = <T>(options: Limits, plan: Plan<T>) => Promise<T>;

function asyncOperations(later: Later, inOrder: <T>(work: () => Promise<T>) => Promise<T>): AsyncEvm {
  const make = (run: Later): AsyncEvm => operations(run as unknown as Run) as unknown as AsyncEvm;
  const free = make(later);
  const ordered = make((options, plan) => inOrder(() => later(options, plan)));
  const names = Object.keys(free) as (keyof Operations)[];
  // `async`, so that a wrong argument rejects the promise and is not thrown.
  const promised = names.map((name) => {
    const method = (CHANGING.includes(name) ? ordered : free)[name] as (
      ...args: unknown[]
    ) => Promise<unknown>;
    return [name, async (...args: unknown[]) => method(...args)];
  });
  return Object.fromEntries(promised) as AsyncEvm;
}

const NO_ITEMS: StateItems = { accounts: [], slots: [] };

async function load(remote: RemoteReader, items: StateItems, guard: Guard): Promise<void> {
  await remote.load(items, guard.fetchSignal());
  guard.throwIfAborted();
}

/** Lets timers, events and other work have their turn. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/**
 * Does the work in slices.
 * @param pause lets others run, and tells whether the work may go on
 * @returns null where it may not
 */
async function givingWay<T>(
  advance: (stop: boolean) => IteratorResult<undefined, T>,
  guard: Guard,
  pause: () => Promise<boolean>,
): Promise<T | null> {
  let step = advance(false);
  while (!step.done) {
    if (!guard.stops() && !(await pause())) return null;
    step = advance(guard.stops());
  }
  return step.value;
}

/** Items that options name themselves, so that they come with the first batch. */
function known(options: Limits & CreateOptions & { to?: AddressInput }): StateItems {
  const accounts: Address[] = [];
  const slots: (readonly [Address, bigint])[] = [];
  for (const input of [options.from, options.to]) {
    if (input !== undefined) accounts.push(toAddressWord(input, 'to'));
  }
  for (const { address: input, storageKeys } of options.accessList ?? []) {
    const address = toAddressWord(input, 'accessList.address');
    accounts.push(address);
    for (const key of storageKeys) slots.push([address, toWord(key, 'accessList.storageKeys')]);
  }
  return { accounts, slots };
}
