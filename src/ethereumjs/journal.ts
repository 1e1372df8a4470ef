/**
 * What is warm from the start of every run, and checkpoints. A run's own warm accounts and slots are known to that
 * run only: nothing has to be cleaned between two calls.
 */

import type { Address } from '../primitives/address.ts';
import type { World } from '../state/world.ts';
import type { SimpleStateManager } from './state-manager.ts';
import { type AccountFields, type AddressLike, addressFrom, wordFromBytes } from './values.ts';

/** What is warm from the start of every run. */
export class Journal {
  private readonly warm = new Map<Address, Set<bigint>>();
  private readonly stateManager: SimpleStateManager;

  constructor(stateManager: SimpleStateManager) {
    this.stateManager = stateManager;
  }

  /** From here on the account is warm in every run, until the journal is cleaned. */
  addAlwaysWarmAddress(address: AddressLike): void {
    this.slotsOf(addressFrom(address, 'address'));
  }

  /** From here on the slot and its account are warm in every run, until the journal is cleaned. */
  addAlwaysWarmSlot(address: AddressLike, slot: string | Uint8Array): void {
    this.slotsOf(addressFrom(address, 'address')).add(wordFromBytes(slot, 'slot'));
  }

  cleanJournal(): void {
    this.warm.clear();
  }

  /** As `cleanJournal`. Empty accounts that calls touched stay. */
  async cleanup(): Promise<void> {
    this.cleanJournal();
  }

  checkpoint(): Promise<void> {
    return this.stateManager.checkpoint();
  }

  commit(): Promise<void> {
    return this.stateManager.commit();
  }

  revert(): Promise<void> {
    return this.stateManager.revert();
  }

  putAccount(address: AddressLike, account: AccountFields): Promise<void> {
    return this.stateManager.putAccount(address, account);
  }

  deleteAccount(address: AddressLike): Promise<void> {
    return this.stateManager.deleteAccount(address);
  }

  /** For the EVM: makes warm what is to be warm. */
  apply(world: World): void {
    for (const [address, keys] of this.warm) {
      world.warmAccount(address);
      for (const key of keys) {
        const slot = world.slot(address, key);
        if (!slot.warm) world.warmSlot(slot);
      }
    }
  }

  private slotsOf(address: Address): Set<bigint> {
    let slots = this.warm.get(address);
    if (slots === undefined) this.warm.set(address, (slots = new Set()));
    return slots;
  }
}
