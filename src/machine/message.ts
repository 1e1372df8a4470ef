/** A call or creation: what a frame is started with (Yellow Paper, section 9.3). */

import type { Address } from '../primitives/address.ts';

/** The kinds of messages, by the names of their instructions. */
export const MessageKind = {
  Call: 'CALL',
  CallCode: 'CALLCODE',
  DelegateCall: 'DELEGATECALL',
  StaticCall: 'STATICCALL',
  Create: 'CREATE',
  Create2: 'CREATE2',
} as const;

export type MessageKind = (typeof MessageKind)[keyof typeof MessageKind];

/** A call or creation. */
export interface Message {
  readonly kind: MessageKind;
  readonly caller: Address;
  /** The account whose storage and balance the code works on; for a creation, the address to be made. */
  readonly address: Address;
  /** The account whose code runs; equal to `address` but for CALLCODE and DELEGATECALL. */
  readonly codeAddress: Address;
  /** Wei as CALLVALUE shows it. It moves from `caller` to `address` for CALL, CREATE and CREATE2 only. */
  readonly value: bigint;
  /** Call data, or init code. */
  readonly input: Uint8Array;
  /** Gas of the child, stipend included. */
  readonly gas: bigint;
  readonly isStatic: boolean;
  /** 0 for the message of a transaction. */
  readonly depth: number;
  /** Where the caller's memory takes the output; 0 for creations. */
  readonly outputOffset: number;
  readonly outputSize: number;
}

export const isCreation = (message: Message): boolean =>
  message.kind === MessageKind.Create || message.kind === MessageKind.Create2;
