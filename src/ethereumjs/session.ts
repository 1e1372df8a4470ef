/**
 * What the runs of one EVM share, and how a run gets its turn. A run is done in one go, at one state; its changes are
 * made when it has ended, or not at all where something threw.
 */

import type { Address } from '../primitives/address.ts';
import type { StateDiff } from '../state/diff.ts';
import type { World } from '../state/world.ts';
import type { AccessListBuilder } from './access-list.ts';
import { type BlockchainLike, BlockHashes } from './block.ts';
import type { Events } from './events.ts';
import type { CommonLike } from './hardfork.ts';
import type { Journal } from './journal.ts';
import { type Kit, type Machines, type View, viewOf } from './machines.ts';
import type { CustomPrecompiles } from './precompiles.ts';
import type { StateCore } from './state-core.ts';
import { accountOf, type SimpleStateManager } from './state-manager.ts';
import { type EVMEvents, StepEvents } from './step.ts';
import type { Account } from './values.ts';
import type { WatchOptions } from './watch.ts';

export interface Session {
  readonly common: CommonLike;
  readonly machines: Machines;
  readonly custom: CustomPrecompiles;
  readonly events: Events<EVMEvents<SimpleStateManager>>;
  readonly stateManager: SimpleStateManager;
  readonly journal: Journal;
  readonly blockchain: BlockchainLike | null;
  readonly interrupted: (() => boolean) | undefined;
}

/** One try of a run. */
export interface Attempt {
  readonly hashes: BlockHashes | null;
  /** Nobody listens: the try only finds out what the run needs. */
  readonly isSilent: boolean;
}

/**
 * Gets a result, and makes the changes that come with it. Starts at once unless a listener of another run asked for
 * it, or block hashes have to be fetched.
 */
export async function inTurn<T extends { readonly diff: StateDiff }>(
  session: Session,
  work: (attempt: Attempt) => T,
): Promise<T> {
  const { blockchain, stateManager } = session;
  const { core } = stateManager;
  const hashes = blockchain === null ? null : new BlockHashes(blockchain);
  for (;;) {
    while (core.isRunning) await null;
    const isSilent = hashes !== null && hasListeners(session);
    let result = core.during(() => work({ hashes, isSilent }));
    if (hashes !== null && !hashes.isComplete) {
      await hashes.load();
      continue;
    }
    if (isSilent) result = core.during(() => work({ hashes, isSilent: false }));
    core.apply(result.diff);
    return result;
  }
}

const NAMES = ['step', 'beforeMessage', 'afterMessage', 'newContract'] as const;

const hasListeners = ({ events }: Session): boolean => NAMES.some((name) => events.listenerCount(name) > 0);

export interface LookOptions {
  readonly isSilent: boolean;
  readonly hearsOutermost: boolean;
  readonly accessList: AccessListBuilder | null;
  readonly watch: WatchOptions;
  /** Called where the world of the run gets known. */
  shown?(world: World): void;
}

/** A view of one run, and how to end it. */
export interface Look extends View {
  show(world: World): void;
  close(): void;
}

export function lookAt(session: Session, kit: Kit, options: LookOptions): Look {
  const { custom, stateManager } = session;
  const core: StateCore = stateManager.core;
  let world: World | null = null;
  const show = (shown: World): void => {
    if (world === shown) return;
    world = shown;
    core.show(shown);
    options.shown?.(shown);
  };
  const events =
    options.isSilent || !hasListeners(session)
      ? null
      : new StepEvents<SimpleStateManager>({
          events: session.events,
          table: kit.table,
          stateManager,
          hearsOutermost: options.hearsOutermost,
          account: cachedAccounts(core),
          checkpoint: () => world!.checkpoint(),
          rollback: (mark) => world!.rollback(mark),
        });
  const { accessList, watch } = options;
  const view = viewOf(kit, { custom, events, accessList, watch, show });
  return Object.assign(view, { show, close: () => events?.close() });
}

/** Accounts of a run by address; the same object again where nothing has changed. */
function cachedAccounts(core: StateCore): (address: Address) => Account {
  const known = new Map<Address, { readonly codeHash: bigint; readonly account: Account }>();
  return (address) => {
    const now = core.account(address);
    const cached = known.get(address);
    const { account } = cached ?? {};
    const isSame =
      account?.nonce === now?.nonce &&
      account?.balance === now?.balance &&
      cached?.codeHash === now?.codeHash;
    if (account !== undefined && now !== undefined && isSame) return account;
    const fresh = accountOf(now);
    if (now !== undefined) known.set(address, { codeHash: now.codeHash, account: fresh });
    return fresh;
  };
}
