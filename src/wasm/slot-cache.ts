/**
 * Storage in linear memory: slots that a frame has asked for, so that the loop need not ask again. The state stays where it
 * is: what the loop has written is handed to it, and so to its journal, whenever the loop is left. What the state takes back
 * makes everything here unknown.
 */

import type { Frame } from '../machine/frame.ts';
import type { Host, Slot as HostSlot } from '../machine/host.ts';
import type { Address } from '../primitives/address.ts';
import type { Instance } from './instance.ts';
import {
  ALL_SLOTS,
  DIRTY,
  DIRTY_COUNT,
  FIRST_TAG,
  Record as FrameRecord,
  REFUND,
  SLOTS,
  Slot,
  WORD,
} from './layout.ts';

/** Of a transient slot. */
interface Transient {
  readonly address: Address;
  readonly key: bigint;
}

/** Before tags are used up, all start over. */
const MAX_TAG = 2 ** 31 - 2;

interface Asking {
  readonly frame: Frame;
  readonly record: number;
  epoch: number;
}

export class SlotCache {
  /** Tags of another epoch are worth nothing. */
  epoch = 1;
  private readonly instance: Instance;
  private readonly slots: (HostSlot | undefined)[] = new Array(ALL_SLOTS).fill(undefined);
  private readonly transients: (Transient | undefined)[] = new Array(ALL_SLOTS).fill(undefined);
  private readonly tags = new Map<Address, number>();
  /** Even; one more is that of transient storage. */
  private lastTag = 0;
  private host: Host | null = null;
  private rollbacks = 0;

  constructor(instance: Instance) {
    this.instance = instance;
    instance.linear.i32[FIRST_TAG >> 2] = 2;
  }

  /** Before a frame runs: whether what is known still holds. */
  look(host: Host): void {
    if (host === this.host && host.rollbacks === this.rollbacks) return;
    if (host !== this.host) this.drop();
    this.host = host;
    this.rollbacks = host.rollbacks;
    this.forget();
  }

  /** What a run left that threw something is nobody's. */
  private drop(): void {
    const { i32, u64 } = this.instance.linear;
    i32[DIRTY_COUNT >> 2] = 0;
    u64[REFUND >> 3] = 0n;
  }

  /** Somebody else may have changed slots. */
  forget(): void {
    if (this.tags.size === 0) return;
    this.epoch++;
    this.tags.clear();
    this.instance.linear.i32[FIRST_TAG >> 2] = this.lastTag + 2;
  }

  /** Hands to the state what the loop has written. */
  settle(host: Host): void {
    const { linear } = this.instance;
    const { i32 } = linear;
    const count = i32[DIRTY_COUNT >> 2]!;
    if (count === 0) return;
    for (let i = 0; i < count; i++) {
      const at = i32[(DIRTY >> 2) + i]!;
      i32[(at + Slot.DIRTY) >> 2] = 0;
      const index = (at - SLOTS) / Slot.SIZE;
      const value = linear.word(at + Slot.VALUE);
      if ((i32[(at + Slot.TAG) >> 2]! & 1) === 1) {
        const { address, key } = this.transients[index]!;
        host.transientStore(address, key, value);
      } else {
        const slot = this.slots[index]!;
        if (slot.value !== value) host.setSlot(slot, value);
      }
    }
    i32[DIRTY_COUNT >> 2] = 0;
    const refund = Number(BigInt.asIntN(64, linear.u64[REFUND >> 3]!));
    if (refund !== 0) {
      host.refund(refund);
      linear.u64[REFUND >> 3] = 0n;
    }
  }

  /**
   * After a handler has dealt with a slot: the loop knows it from now on.
   * @param keyAt where the key still lies
   */
  learn(asking: Asking, isTransient: boolean, key: bigint, keyAt: number): void {
    const { linear, exports } = this.instance;
    const { i32, bytes } = linear;
    const { frame, record } = asking;
    const { host, address } = frame;
    const tag = this.tagOf(address);
    asking.epoch = this.epoch;
    i32[(record + FrameRecord.STORAGE_TAG) >> 2] = tag;
    const own = isTransient ? tag + 1 : tag;
    const at = exports.place(own, keyAt);
    const index = (at - SLOTS) / Slot.SIZE;
    bytes.copyWithin(at + Slot.KEY, keyAt, keyAt + WORD);
    i32[(at + Slot.TAG) >> 2] = own;
    i32[(at + Slot.DIRTY) >> 2] = 0;
    if (isTransient) {
      this.transients[index] = { address, key };
      linear.setWord(at + Slot.VALUE, host.transientLoad(address, key));
    } else {
      const slot = host.slot(address, key);
      this.slots[index] = slot;
      linear.setWord(at + Slot.VALUE, slot.value);
      linear.setWord(at + Slot.ORIGINAL, slot.original);
    }
  }

  /** The tag of an account whose slots are known, or 0. */
  knownTag(address: Address): number {
    return this.tags.size === 0 ? 0 : (this.tags.get(address) ?? 0);
  }

  private tagOf(address: Address): number {
    let tag = this.tags.get(address);
    if (tag === undefined) {
      if (this.lastTag >= MAX_TAG - 2) this.startOver();
      tag = this.lastTag += 2;
      this.tags.set(address, tag);
    }
    return tag;
  }

  private startOver(): void {
    const { i32 } = this.instance.linear;
    for (let i = 0; i < ALL_SLOTS; i++) i32[(SLOTS + i * Slot.SIZE + Slot.TAG) >> 2] = 0;
    this.lastTag = 0;
    this.epoch++;
    this.tags.clear();
    i32[FIRST_TAG >> 2] = 2;
  }
}
