/** Who sends the next call: the caller that is set, or one that is put in its place for a call or for a while. */

import type { Address } from '../primitives/address.ts';
import { isBytes } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { type AddressInput, toAddressWord } from '../primitives/input.ts';

/** An address, or what has one: an account, a contract. */
export type Addressable = AddressInput | { readonly address: AddressInput };

/** @throws ErbiumError INVALID_ARGUMENT, INVALID_HEX or INVALID_NUMBER naming `field` */
export function toAddressOf(input: Addressable, field: string): Address {
  const hasAddress = typeof input === 'object' && input !== null && !isBytes(input);
  return toAddressWord(hasAddress ? input.address : (input as AddressInput), field);
}

interface SenderState {
  readonly caller: Address;
  /** From `startPrank` to `stopPrank`. */
  readonly pranked: Address | null;
  /** For one call. */
  readonly once: Address | null;
}

export class Senders {
  /** To be kept and put back with snapshots; its parts never change. */
  state: SenderState;

  constructor(caller: Address) {
    this.state = { caller, pranked: null, once: null };
  }

  /** Whom the next call comes from that names nobody. */
  get current(): Address {
    const { once, pranked, caller } = this.state;
    return once ?? pranked ?? caller;
  }

  setCaller(caller: Address): void {
    this.state = { ...this.state, caller };
  }

  prank(once: Address): void {
    if (this.state.once !== null) {
      throw new ErbiumError('INVALID_STATE', 'prank: no call has been made since the last prank');
    }
    if (this.state.pranked !== null) {
      throw new ErbiumError('INVALID_STATE', 'prank: startPrank is in force; end it with stopPrank');
    }
    this.state = { ...this.state, once };
  }

  startPrank(pranked: Address): void {
    if (this.state.once !== null) {
      throw new ErbiumError('INVALID_STATE', 'startPrank: no call has been made since the last prank');
    }
    this.state = { ...this.state, pranked };
  }

  /** Ends either kind. */
  stopPrank(): void {
    this.state = { ...this.state, pranked: null, once: null };
  }

  /**
   * The sender of a call, which uses up a prank.
   * @param named whom the call names itself
   */
  take(named: Address | null): Address {
    const { current } = this;
    if (named !== null && this.state.once !== null) {
      throw new ErbiumError('INVALID_ARGUMENT', 'from: vm.prank has named the sender of this call already');
    }
    this.state = { ...this.state, once: null };
    return named ?? current;
  }
}
