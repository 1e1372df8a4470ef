/** Which accounts and slots a run touches that are not warm from the start (EIP-2930), from its instructions. */

import type { Frame } from '../machine/frame.ts';
import { type Address, toAddress } from '../primitives/address.ts';
import { type Hex, toHex32 } from '../primitives/bytes.ts';
import { addressKey } from './values.ts';

/** An account of an access list (EIP-2930), in hex. */
export interface AccessListItem {
  readonly address: Hex;
  readonly storageKeys: Hex[];
}

/** Where calls have it. */
const CALLEE = 2;

/** Byte of an instruction that accesses an account, and how far below the top its address lies. */
const ACCOUNT_AT: ReadonlyMap<number, number> = new Map([
  [0x31, 1],
  [0x3b, 1],
  [0x3c, 1],
  [0x3f, 1],
  [0xff, 1],
  [0xf1, CALLEE],
  [0xf2, CALLEE],
  [0xf4, CALLEE],
  [0xfa, CALLEE],
]);
const SLOAD = 0x54;
const SSTORE = 0x55;

export class AccessListBuilder {
  private readonly slots = new Map<Address, Set<bigint>>();
  private readonly warm: ReadonlySet<Address>;

  /** @param warm addresses that are listed only for their slots */
  constructor(warm: Iterable<Address>) {
    this.warm = new Set(warm);
  }

  readonly step = ({ stack, sp, address, host, rules }: Frame, opcode: number): void => {
    if (opcode === SLOAD || opcode === SSTORE) {
      if (sp > 0) this.add(address).add(stack[sp - 1]!);
      return;
    }
    const below = ACCOUNT_AT.get(opcode);
    if (below === undefined || sp < below) return;
    const target = toAddress(stack[sp - below]!);
    this.access(target);
    if (below !== CALLEE || !rules.delegation) return;
    const { delegate } = host.code(target);
    if (delegate !== null) this.access(delegate);
  };

  private access(address: Address): void {
    if (!this.warm.has(address)) this.add(address);
  }

  /** The slots of an address, which is in the list from here on. */
  add(address: Address): Set<bigint> {
    let slots = this.slots.get(address);
    if (slots === undefined) this.slots.set(address, (slots = new Set()));
    return slots;
  }

  list(): AccessListItem[] {
    return [...this.slots].map(([address, slots]) => ({
      address: addressKey(address),
      storageKeys: [...slots].map(toHex32),
    }));
  }
}
