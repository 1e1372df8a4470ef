/**
 * Which slots of which accounts a run read and wrote, and the access list (EIP-2930) that names them. What a frame did counts
 * also where it was undone later: it was loaded all the same.
 */

import { type PrecompileSet, precompilesOf } from '../../precompiles/registry.ts';
import type { Frame } from '../machine/frame.ts';
import { Halt } from '../machine/halt.ts';
import type { RunStart } from '../machine/tracer.ts';
import { type Address, addressToHex, toAddress } from '../primitives/address.ts';
import { type Hex, toHex32 } from '../primitives/bytes.ts';
import { Budget, type LimitOption, type ResultTracer } from './result.ts';

/** An account that instructions named, and the slots of it. */
export interface AccountAccess {
  readonly address: Hex;
  /** Slots that SLOAD read, in the order of the first time. */
  readonly reads: readonly Hex[];
  /** Slots that SSTORE was used on, whatever it wrote. */
  readonly writes: readonly Hex[];
}

/** What a run accessed. */
export interface StorageAccess {
  /** Those with slots, and all others that instructions named. */
  readonly accounts: readonly AccountAccess[];
  /** Without sender, receiver and precompiles, which are warm anyway, unless slots of theirs are needed. */
  readonly accessList: readonly { readonly address: Hex; readonly storageKeys: readonly Hex[] }[];
}

interface Slots {
  readonly reads: Set<bigint>;
  readonly writes: Set<bigint>;
}

const SLOAD = 0x54;
const SSTORE = 0x55;
/** BALANCE, EXTCODESIZE, EXTCODECOPY, EXTCODEHASH, SELFDESTRUCT: the account is the top of the stack. */
const NAME_TOP: ReadonlySet<number> = new Set([0x31, 0x3b, 0x3c, 0x3f, 0xff]);
/** CALL, CALLCODE, DELEGATECALL, STATICCALL: the account is the second word. */
const NAME_SECOND: ReadonlySet<number> = new Set([0xf1, 0xf2, 0xf4, 0xfa]);

const ACCOUNT_BYTES = 150;
const SLOT_BYTES = 140;

/** The storage accesses of the last run. */
export const accessTracer = (options: LimitOption = {}): ResultTracer<StorageAccess> =>
  new AccessTracer(options);

class AccessTracer implements ResultTracer<StorageAccess> {
  private readonly budget: Budget;
  private readonly accounts = new Map<Address, Slots>();
  private warm: ReadonlySet<Address> = new Set();
  private precompiles: PrecompileSet = new Map();
  /** What the instruction at hand names. */
  private named: bigint | null = null;

  constructor(options: LimitOption) {
    this.budget = new Budget(options);
  }

  get limitMet(): string | null {
    return this.budget.met;
  }

  begin({ rules, from, to }: RunStart): void {
    this.budget.reset();
    this.accounts.clear();
    this.precompiles = precompilesOf(rules, []);
    this.warm = new Set(to === null ? [from] : [from, to]);
  }

  step(frame: Frame, opcode: number): void {
    const { sp, stack } = frame;
    if (opcode === SLOAD || opcode === SSTORE || NAME_TOP.has(opcode)) this.named = stack[sp - 1] ?? null;
    else this.named = NAME_SECOND.has(opcode) ? (stack[sp - 2] ?? null) : null;
  }

  stepEnd(frame: Frame, opcode: number, _pc: number, _gas: number, _cost: number, halt: Halt): void {
    // An instruction that could not be paid for loaded nothing.
    if (this.named === null || halt > Halt.Revert) return;
    if (opcode !== SLOAD && opcode !== SSTORE) {
      this.slotsOf(toAddress(this.named));
      return;
    }
    const slots = this.slotsOf(frame.address);
    const kind = opcode === SLOAD ? slots?.reads : slots?.writes;
    if (kind === undefined || kind.has(this.named)) return;
    if (this.budget.take(SLOT_BYTES, 'slots')) kind.add(this.named);
  }

  /** undefined where there is no room left. */
  private slotsOf(address: Address): Slots | undefined {
    let slots = this.accounts.get(address);
    if (slots === undefined && this.budget.take(ACCOUNT_BYTES, 'accounts')) {
      slots = { reads: new Set(), writes: new Set() };
      this.accounts.set(address, slots);
    }
    return slots;
  }

  result(): StorageAccess {
    const accounts = [...this.accounts].map(([address, { reads, writes }]) => ({
      address: addressToHex(address),
      reads: [...reads].map(toHex32),
      writes: [...writes].map(toHex32),
    }));
    const listed = [...this.accounts].filter(
      ([address, { reads, writes }]) =>
        reads.size + writes.size > 0 || !(this.warm.has(address) || this.precompiles.has(address)),
    );
    const accessList = listed.map(([address, { reads, writes }]) => ({
      address: addressToHex(address),
      storageKeys: [...new Set([...reads, ...writes])].map(toHex32),
    }));
    return { accounts, accessList };
  }
}
