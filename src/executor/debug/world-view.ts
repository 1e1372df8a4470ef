/** The state at a position: what the run has made of accounts it knows, and for the others what was there before it. */

import type { Address } from '../../primitives/address.ts';
import { addressToHex } from '../../primitives/address.ts';
import { bytesToHex, type Hex, toHex32 } from '../../primitives/bytes.ts';
import type { StateReader } from '../../state/reader.ts';
import type { LogRecord, World } from '../../state/world.ts';
import type { AccountView } from '../api.ts';
import { decodeLog, type EventTable } from '../events.ts';
import type { EventLog } from '../outcome.ts';
import type { DebugSlot, DebugState, DebugTransientSlot } from './api.ts';
import { accountsOf } from './world-save.ts';

/** Reading changes nothing, also not what counts as looked at. */
export class WorldView {
  private readonly world: World | null;
  private readonly reader: StateReader;

  /** @param world null where an operation was refused before it had any */
  constructor(world: World | null, reader: StateReader) {
    this.world = world;
    this.reader = reader;
  }

  account(address: Address): AccountView | null {
    const { reader, world } = this;
    const known = world === null ? undefined : accountsOf(world).get(address);
    if (known === undefined) {
      const account = reader.account(address);
      if (account === undefined) return null;
      const { nonce, balance, codeHash } = account;
      return { nonce, balance, code: bytesToHex(reader.code(codeHash)) };
    }
    if (!known.exists) return null;
    const { nonce, balance } = known;
    return { nonce, balance, code: bytesToHex(world!.code(known)) };
  }

  storage(address: Address, key: bigint): bigint {
    const known = this.world === null ? undefined : accountsOf(this.world).get(address);
    const slot = known?.storage.get(key);
    if (slot !== undefined) return slot.value;
    return known !== undefined && (known.created || known.before === undefined)
      ? 0n
      : this.reader.storage(address, key);
  }

  slots(address: Address): readonly DebugSlot[] {
    const known = this.world === null ? undefined : accountsOf(this.world).get(address);
    const slots = [...(known?.storage ?? [])];
    return slots.map(([key, { value, original, warm }]) => ({ key, value, original, warm }));
  }

  transient(address: Address): readonly DebugTransientSlot[] {
    const known = this.world === null ? undefined : accountsOf(this.world).get(address);
    const slots = [...(known?.transient ?? [])].map(([key, value]) => ({ key, value }));
    return slots.filter(({ value }) => value !== 0n);
  }

  accounts(): readonly Hex[] {
    return this.world === null ? [] : [...accountsOf(this.world).keys()].map(addressToHex);
  }

  /** All that is known, as a snapshot has it. */
  allAccounts(): DebugState['accounts'] {
    const all: Record<Hex, DebugState['accounts'][Hex]> = {};
    for (const [address, account] of this.world === null ? [] : accountsOf(this.world)) {
      const { nonce, balance, warm, created, destroyed } = account;
      const [storage, transient] = [this.slots(address), this.transient(address)];
      const codeHash = toHex32(account.codeHash);
      all[addressToHex(address)] = { nonce, balance, codeHash, warm, created, destroyed, storage, transient };
    }
    return all;
  }

  logs(events: EventTable): readonly EventLog[] {
    return (this.world?.logs ?? []).map((log) => eventLog(log, events));
  }

  get refund(): bigint {
    return BigInt(this.world?.refund ?? 0);
  }
}

const eventLog = ({ address, topics, data }: LogRecord, events: EventTable): EventLog => ({
  address: addressToHex(address),
  topics: topics.map(toHex32),
  data: bytesToHex(data),
  event: decodeLog(topics, data, events),
});
