/**
 * Carries out the operations of an embedded EVM, at once or giving way to others. It stands here and not in `src/evm`,
 * because `transact` needs the executor, which lies above that room.
 */

import type { Machine, MachineOptions } from '../evm/context.ts';
import { finish } from '../evm/pause.ts';
import type { StepBudget } from '../interpreter/traced.ts';
import type { BlockEnv } from '../machine/host.ts';
import type { Address } from '../primitives/address.ts';
import { bytesToHex, isBytes } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { show, toAddressWord, toWord } from '../primitives/input.ts';
import type { StateDiff } from '../state/diff.ts';
import { OverlayState, OverlayView } from '../state/overlay.ts';
import { isRemote, isStore, type RemoteReader, type StateItems, type StateReader } from '../state/reader.ts';
import type { AccountView, AsyncEvm, Evm, Operations } from './api.ts';
import { accessList, estimateGas } from './estimate.ts';
import type { EventTable } from './events.ts';
import { Guard, type Limits } from './guard.ts';
import {
  call,
  create,
  type Environment,
  execute,
  type Operation,
  simulate,
  systemCall,
  transact,
} from './operations.ts';
import type { EvmResult } from './outcome.ts';
import { patchOf } from './overrides.ts';
import {
  accessListOf,
  blockOf,
  checkFields,
  checkLimits,
  FIELDS,
  isIterable,
  isObject,
  type OperationOptions,
  type TransactionRequest,
} from './request.ts';
import type { ErrorTable } from './revert.ts';
import type { Checks } from './validate.ts';

/** What `createEvm` has made of its options. */
export interface EvmParts {
  readonly machine: Machine;
  /** Of which it was made, its cryptography aside. */
  readonly machineOptions: Omit<MachineOptions, 'crypto'>;
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
/** `named` are the calls and transactions of the plan, which tell of the state that it needs. */
type Run = <T>(options: Limits, plan: Plan<T>, named: readonly unknown[]) => T;

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
    call: (options) => run(checked(options, FIELDS.call), (env) => call(env, options), [options]),
    create: (options) => run(checked(options, FIELDS.create), (env) => create(env, options), [options]),
    execute: (code, options = NOTHING) =>
      run(checked(options, FIELDS.execute), (env) => execute(env, code, options), [options]),
    transact: (transaction, options = NOTHING) =>
      run(checked(options, operation), (env) => transact(env, transaction, options), [transaction]),
    simulate: (transactions, options = NOTHING) =>
      run(checked(options, operation), (env) => simulate(env, transactions, options), transactions),
    estimateGas: (transaction, options = NOTHING) =>
      run(checked(options, operation), (env) => estimateGas(env, transaction, options), [transaction]),
    accessList: (transaction, options = NOTHING) =>
      run(checked(options, operation), (env) => accessList(env, transaction, options), [transaction]),
    systemCall: (to, options = NOTHING) => {
      const address = toAddressWord(to, 'to');
      const plan: Plan<EvmResult> = (env) => systemCall(env, address, options);
      return run(checked(options, [...operation, 'data']), plan, [{ to }]);
    },
    account: (input) => {
      const address = toAddressWord(input, 'address');
      return run(NOTHING, (env) => readAccount(env, address), []);
    },
    storage: (input, key) => {
      const address = toAddressWord(input, 'address');
      const word = toWord(key, 'key');
      return run(NOTHING, (env) => readSlot(env, address, word), []);
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
  /** The block of each snapshot. */
  const blocks = new Map<number, BlockEnv>();

  const guardFor = (limits: Limits, isAsync: boolean): Guard =>
    new Guard(limits, { interrupted, steps, maxSteps, isAsync });

  const environment = (guard: Guard, reader: StateReader, at: BlockEnv): Environment => {
    return { machine, state: reader, block: at, checks, errors, events, guard, memoryLimit };
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
    const view = viewOf(base);
    const remote = view?.remote ?? null;
    guard.remote = remote;
    const reader = view === null ? state : state.over(view.reader);
    const isAstray = (): boolean => remote !== null && remote.missing !== null && guard.mayRepeat;
    const run = () => guard.during(() => finish(plan(environment(guard, reader, block))));
    const result = unlessAstray(isAstray, () => inside(run));
    guard.throwIfAborted();
    if (result === null || isAstray()) {
      throw new ErbiumError(
        'MISSING_STATE',
        `${remote!.missing} has not been fetched: use evm.async, or load it before`,
      );
    }
    keep(result.keep);
    return result.value;
  };

  async function later<T>(
    options: Limits,
    plan: Plan<T>,
    named: readonly unknown[],
    at: BlockEnv,
  ): Promise<T> {
    const guard = guardFor(options, true);
    const below = viewOf(base);
    const remote = below?.remote ?? null;
    if (remote !== null) await load(remote, itemsOf(Array.isArray(named) ? named : []), guard);
    guard.remote = remote;
    for (;;) {
      guard.throwIfAborted();
      guard.restart();
      const { version } = state;
      const before = commits;
      const view = new OverlayView(state, below?.reader ?? base);
      const work = plan(environment(guard, view, at));
      const isAstray = (): boolean => remote !== null && remote.missing !== null && guard.mayRepeat;
      const advance = (stop: boolean) =>
        unlessAstray(isAstray, () => inside(() => guard.during(() => work.next(stop))));
      const result = await givingWay(advance, guard, () => {
        view.detach();
        return turn().then(() => commits === before);
      });
      guard.throwIfAborted();
      if (isAstray()) {
        await load(remote!, NO_ITEMS, guard);
      } else if (result !== null && (result.keep === null || state.version === version)) {
        keep(result.keep);
        return result.value;
      } else {
        guard.lose();
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
    async debug(request, options = {}) {
      // As it is now, whatever becomes of the state and of what was passed while the debugger is fetched.
      const now = { ...parts, block, state: new OverlayState(base) };
      now.state.apply(state.diff());
      const before = commits;
      const [asked, chosen] = [copyOf(request), copyOf(options)] as [typeof request, typeof options];
      const { openDebugger } = await import('./debug/open.ts');
      return openDebugger(now, asked, chosen, () => commits === before);
    },
    async: asyncOperations((options, plan, named, isChanging) => {
      // The block is that of now, also where the operation has to wait for others.
      const at = block;
      const work = () => later(options, plan, named, at);
      return isChanging ? inOrder(work) : work();
    }),
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
    snapshot() {
      const id = state.snapshot();
      blocks.set(id, block);
      return id;
    },
    revert(snapshot) {
      demandIdle();
      // One that was made of the state itself knows nothing of the block.
      if (!blocks.has(snapshot) || !state.revert(snapshot)) {
        throw new ErbiumError(
          'INVALID_ARGUMENT',
          `snapshot: there is none with the number ${show(snapshot)}`,
        );
      }
      block = blocks.get(snapshot)!;
      for (const id of blocks.keys()) if (id >= snapshot) blocks.delete(id);
    },
    commit() {
      demandIdle();
      if (!isStore(base))
        throw new ErbiumError('INVALID_STATE', 'the state that createEvm was given cannot be written to');
      const diff = state.diff();
      if (diff.size === 0) return bytesToHex(base.root());
      base.apply(diff);
      state.clear();
      blocks.clear();
      commits++;
      return bytesToHex(base.root());
    },
  };
}

/** Operations that change the state, which must keep their order. */
const CHANGING: readonly string[] = ['create', 'transact', 'systemCall'] satisfies (keyof Operations)[];

type Later = <T>(
  options: Limits,
  plan: Plan<T>,
  named: readonly unknown[],
  isChanging: boolean,
) => Promise<T>;

function asyncOperations(later: Later): AsyncEvm {
  const make = (isChanging: boolean): Record<string, (...args: unknown[]) => Promise<unknown>> => {
    const run: Run = (options, plan, named) => later(options, plan, named, isChanging) as never;
    return operations(run) as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  };
  const [free, changing] = [make(false), make(true)];
  // `async`, so that a wrong argument rejects the promise and is not thrown.
  const promised = Object.keys(free).map((name) => {
    const method = (CHANGING.includes(name) ? changing : free)[name]!;
    return [name, async (...args: unknown[]) => method(...args.map((arg) => copyOf(arg)))];
  });
  return Object.fromEntries(promised) as AsyncEvm;
}

/** What is read again later must not change meanwhile. */
function copyOf(value: unknown, depth = 0): unknown {
  if (isBytes(value)) return value.slice();
  // Nothing that is asked for is so deep.
  if (!isObject(value) || depth > 8) return value;
  const copy = (item: unknown): unknown => copyOf(item, depth + 1);
  // An iterator can be read once only; a run may be made again.
  if (isIterable(value)) return Array.from(value, copy);
  // Signals and the like stay what they are.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item)]));
}

const NO_ITEMS: StateItems = { accounts: [], slots: [] };

async function load(remote: RemoteReader, items: StateItems, guard: Guard): Promise<void> {
  await remote.load(items, guard.fetchSignal());
  guard.throwIfAborted();
}

/** What a run on wrong answers throws says nothing: null then. */
function unlessAstray<T>(isAstray: () => boolean, work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (isAstray()) return null;
    throw error;
  }
}

/** A reader of a state that is remote, also below changes over it, whose misses are its own; null for any other. */
export function viewOf(reader: StateReader): { reader: StateReader; remote: RemoteReader } | null {
  if (isRemote(reader)) {
    const remote = reader.view();
    return { reader: remote, remote };
  }
  const below = reader instanceof OverlayState ? viewOf(reader.base) : null;
  return below && { reader: (reader as OverlayState).over(below.reader), remote: below.remote };
}

/** Lets timers, events and other work have their turn. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/**
 * Does the work in slices.
 * @param pause lets others run, and tells whether the work may go on
 * @returns null where it may not
 */
async function givingWay<T>(
  advance: (stop: boolean) => IteratorResult<unknown, T> | null,
  guard: Guard,
  pause: () => Promise<boolean>,
): Promise<T | null> {
  let step = advance(false);
  while (step !== null && !step.done) {
    if (!guard.stops() && !(await pause())) return null;
    step = advance(guard.stops());
  }
  return step?.value ?? null;
}

/** Items that calls and transactions name themselves, so that they come with the first batch. */
export function itemsOf(named: readonly unknown[]): StateItems {
  const accounts: Address[] = [];
  const slots: (readonly [Address, bigint])[] = [];
  for (const item of named) {
    // A transaction in its wire encoding tells nothing before it is decoded.
    if (!isObject(item) || isBytes(item)) continue;
    const { from, to, accessList } = item as Partial<TransactionRequest>;
    if (from !== undefined) accounts.push(toAddressWord(from, 'from'));
    if (to !== undefined && to !== null) accounts.push(toAddressWord(to, 'to'));
    for (const { address, storageKeys } of accessListOf(accessList)) {
      accounts.push(address);
      for (const key of storageKeys) slots.push([address, key]);
    }
  }
  return { accounts, slots };
}
