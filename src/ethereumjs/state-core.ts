/**
 * The state behind a state manager: one in memory, and over it what was changed since the first open checkpoint.
 * Owns checkpoints, and which run sees the state at the moment. Synchronous, as the EVM needs it.
 */

import type { Address } from '../primitives/address.ts';
import { EMPTY_BYTES } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { EMPTY_CODE_HASH } from '../primitives/keccak.ts';
import type { AccountDiff, StateDiff } from '../state/diff.ts';
import { OverlayState } from '../state/overlay.ts';
import type { AccountInfo, StateReader } from '../state/reader.ts';
import type { MemoryState } from '../state/readers/memory.ts';
import type { World } from '../state/world.ts';

const NO_ACCOUNT: AccountInfo = { nonce: 0n, balance: 0n, codeHash: EMPTY_CODE_HASH };

export class StateCore {
  readonly base: MemoryState;
  private readonly overlay: OverlayState;
  /** Snapshots of the overlay, one for each open checkpoint. */
  private readonly marks: number[] = [];
  private running = false;
  /** The world of the run that goes on, once it is known; listeners of that run look into it. */
  private world: World | null = null;

  constructor(base: MemoryState) {
    this.base = base;
    this.overlay = new OverlayState(base);
  }

  /** What a run starts from. */
  get reader(): StateReader {
    return this.overlay;
  }

  get isRunning(): boolean {
    return this.running;
  }

  /** Does the work of a run, while nobody else may change the state. */
  during<T>(work: () => T): T {
    this.running = true;
    try {
      return work();
    } finally {
      this.running = false;
      this.world = null;
    }
  }

  /** From here to the end of the run, reads look into its world. */
  show(world: World): void {
    this.world = world;
  }

  account(address: Address): AccountInfo | undefined {
    const { world } = this;
    if (world === null) return this.overlay.account(address);
    const account = world.account(address);
    return account.exists ? account : undefined;
  }

  code(address: Address): Uint8Array {
    if (this.world !== null) return this.world.code(this.world.account(address));
    const account = this.overlay.account(address);
    return account === undefined ? EMPTY_BYTES : this.overlay.code(account.codeHash);
  }

  storage(address: Address, key: bigint): bigint {
    return this.world === null ? this.overlay.storage(address, key) : this.world.slot(address, key).value;
  }

  /** Changes of one account, which comes into being where there was none. */
  change(address: Address, change: Partial<AccountDiff>): void {
    this.checkIdle();
    const account = this.overlay.account(address) ?? NO_ACCOUNT;
    const nothing = { account, storageCleared: false, storage: new Map(), code: undefined };
    this.apply(new Map([[address, { ...nothing, ...change }]]));
  }

  apply(diff: StateDiff): void {
    this.overlay.apply(diff);
    if (this.marks.length === 0) this.settle();
  }

  checkpoint(): void {
    this.checkIdle();
    this.marks.push(this.overlay.snapshot());
  }

  commit(): void {
    this.checkIdle();
    if (this.marks.pop() === undefined)
      throw new ErbiumError('INVALID_STATE', 'commit: no checkpoint is open');
    if (this.marks.length === 0) this.settle();
  }

  revert(): void {
    this.checkIdle();
    const mark = this.marks.pop();
    if (mark === undefined) throw new ErbiumError('INVALID_STATE', 'revert: no checkpoint is open');
    this.overlay.revert(mark);
    if (this.marks.length === 0) this.settle();
  }

  /** A state in memory with everything as it is now. */
  copy(): MemoryState {
    const copy = this.base.clone();
    copy.apply(this.overlay.diff());
    return copy;
  }

  private settle(): void {
    this.base.apply(this.overlay.diff());
    this.overlay.clear();
  }

  private checkIdle(): void {
    if (!this.running) return;
    throw new ErbiumError('INVALID_STATE', 'the state cannot be changed by a listener while a call runs');
  }
}
