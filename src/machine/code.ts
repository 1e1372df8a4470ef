/**
 * Contract code as a frame runs it: the bytes, and what can be known of them without running. One `Code` is
 * shared by all frames that run the same code hash, so both analyses are done once.
 */

import type { Address } from '../primitives/address.ts';
import { bytesToBigInt, concatBytes, toBytes20 } from '../primitives/bytes.ts';

const JUMPDEST = 0x5b;
const PUSH1 = 0x60;
const PUSH32 = 0x7f;

// A PUSH32 in the last byte moves the program counter this far beyond the code.
const PADDING = 33;

/** In front of the address that an account delegates to (EIP-7702). */
const DELEGATION_PREFIX = Uint8Array.of(0xef, 0x01, 0x00);
const DELEGATION_LENGTH = 23;

/** Bytecode, and what is known of it. */
export class Code {
  /** The code followed by zeros (STOP), so that running off its end needs no check. */
  readonly padded: Uint8Array;
  /** The code itself. */
  readonly bytes: Uint8Array;
  /** The address whose code runs instead (EIP-7702), or null. */
  readonly delegate: bigint | null;
  private jumpdests: Uint8Array | null = null;
  private immediates: (bigint | undefined)[] | null = null;

  constructor(bytes: Uint8Array) {
    this.padded = new Uint8Array(bytes.length + PADDING);
    this.padded.set(bytes);
    this.bytes = this.padded.subarray(0, bytes.length);
    this.delegate = isDelegation(bytes) ? bytesToBigInt(bytes.slice(DELEGATION_PREFIX.length)) : null;
  }

  /** Whether `pc` is a JUMPDEST that is no part of a PUSH (Yellow Paper, section 9.4.3). */
  isJumpdest(pc: number): boolean {
    const bits = (this.jumpdests ??= analyse(this.bytes));
    return pc < this.bytes.length && (bits[pc >> 3]! & (1 << (pc & 7))) !== 0;
  }

  /** The constant of `size` bytes that follows the PUSH at `pc`; zeros stand for bytes beyond the code. */
  immediate(pc: number, size: number): bigint {
    // Filled on first use only: creation code is long and most of it runs once or never. Sized at once, because
    // an array that grows by far indices turns into a dictionary.
    const known = (this.immediates ??= new Array(this.bytes.length));
    return (known[pc] ??= bytesToBigInt(this.padded.subarray(pc + 1, pc + 1 + size)));
  }
}

/** Whether code is a delegation designator: 0xef0100 and an address (EIP-7702). */
export const isDelegation = (code: Uint8Array): boolean =>
  code.length === DELEGATION_LENGTH && DELEGATION_PREFIX.every((byte, i) => code[i] === byte);

/** The code of an account that delegates to `address`, 23 bytes. */
export const delegationTo = (address: Address): Uint8Array =>
  concatBytes(DELEGATION_PREFIX, toBytes20(address));

/** One bit per byte of code, set on valid jump destinations. */
function analyse(code: Uint8Array): Uint8Array {
  const bits = new Uint8Array((code.length >> 3) + 1);
  for (let pc = 0; pc < code.length; pc++) {
    const byte = code[pc]!;
    if (byte === JUMPDEST) bits[pc >> 3]! |= 1 << (pc & 7);
    else if (byte >= PUSH1 && byte <= PUSH32) pc += byte - PUSH1 + 1;
  }
  return bits;
}

export const EMPTY_CODE: Code = new Code(new Uint8Array(0));
