/**
 * geth's `prestateTracer`: the accounts and slots that a transaction needs, as they were before it, or in the mode `diff`
 * what it changed. Source: go-ethereum, documentation of the built-in tracers.
 */

import type { Rules } from '../forks/rules.ts';
import type { Frame } from '../machine/frame.ts';
import { Halt, isSuccess } from '../machine/halt.ts';
import type { Host } from '../machine/host.ts';
import { isCreation, type Message } from '../machine/message.ts';
import type { FrameEnd, RunStart } from '../machine/tracer.ts';
import { type Address, addressToHex, createAddress, toAddress } from '../primitives/address.ts';
import { bytesToHex, equalBytes, type Hex, toHex32, toQuantity } from '../primitives/bytes.ts';
import { EMPTY_CODE_HASH } from '../primitives/keccak.ts';
import { Budget, type LimitOption, type ResultTracer } from './result.ts';

/** The options of `prestateTracer`. */
export interface PrestateTracerOptions extends LimitOption {
  /** Shows what changed, before and after; false by default. */
  readonly diffMode?: boolean;
  readonly disableCode?: boolean;
  readonly disableStorage?: boolean;
  /** Shows accounts that were empty before, too; false by default. */
  readonly includeEmpty?: boolean;
}

/** An account; what is missing is empty, 0, or in `post` as it was. */
export interface PrestateAccount {
  readonly balance?: Hex;
  readonly code?: Hex;
  readonly codeHash?: Hex;
  readonly nonce?: number;
  readonly storage?: Readonly<Record<Hex, Hex>>;
}

/** Accounts by address. */
export type Prestate = Readonly<Record<Hex, PrestateAccount>>;

/** What a run changed: the accounts that it did change, before and after. */
export interface PrestateDiff {
  readonly post: Prestate;
  readonly pre: Prestate;
}

/** What the last run needed or changed, as geth's `prestateTracer` gives it. */
export function prestateTracer(
  options: PrestateTracerOptions & { readonly diffMode: true },
): ResultTracer<PrestateDiff>;
export function prestateTracer(
  options?: PrestateTracerOptions & { readonly diffMode?: false },
): ResultTracer<Prestate>;
export function prestateTracer(options?: PrestateTracerOptions): ResultTracer<Prestate | PrestateDiff>;
export function prestateTracer(options: PrestateTracerOptions = {}): ResultTracer<Prestate | PrestateDiff> {
  return new PrestateTracer(options);
}

const Op = {
  BALANCE: 0x31,
  EXTCODESIZE: 0x3b,
  EXTCODECOPY: 0x3c,
  EXTCODEHASH: 0x3f,
  SLOAD: 0x54,
  SSTORE: 0x55,
  CREATE: 0xf0,
  CALL: 0xf1,
  CALLCODE: 0xf2,
  DELEGATECALL: 0xf4,
  CREATE2: 0xf5,
  STATICCALL: 0xfa,
  SELFDESTRUCT: 0xff,
} as const;

/** The account is the top of the stack. */
const NAME_TOP: ReadonlySet<number> = new Set([
  Op.BALANCE,
  Op.EXTCODESIZE,
  Op.EXTCODECOPY,
  Op.EXTCODEHASH,
  Op.SELFDESTRUCT,
]);
/** The account is the second word. */
const NAME_SECOND: ReadonlySet<number> = new Set([Op.CALL, Op.CALLCODE, Op.DELEGATECALL, Op.STATICCALL]);

interface Seen {
  readonly balance: bigint;
  readonly nonce: bigint;
  readonly code: Uint8Array;
  readonly codeHash: bigint;
  readonly storage: Map<bigint, bigint>;
}

/** Accounts that calls note, which a call that fails takes back. */
class UndoneSet {
  private readonly members = new Set<Address>();
  private readonly added: Address[] = [];
  private readonly marks: number[] = [];

  has(address: Address): boolean {
    return this.members.has(address);
  }

  add(address: Address): void {
    if (this.members.has(address)) return;
    this.members.add(address);
    this.added.push(address);
  }

  enter(): void {
    this.marks.push(this.added.length);
  }

  exit(stands: boolean): void {
    const mark = this.marks.pop()!;
    if (!stands) for (const address of this.added.splice(mark)) this.members.delete(address);
  }

  clear(): void {
    this.members.clear();
    this.added.length = 0;
    this.marks.length = 0;
  }
}

/** What an account and a slot take as JSON, without code. */
const ACCOUNT_BYTES = 250;
const SLOT_BYTES = 140;

class PrestateTracer implements ResultTracer<Prestate | PrestateDiff> {
  private readonly options: PrestateTracerOptions;
  private readonly budget: Budget;
  private host: Host | null = null;
  private rules: Rules | null = null;
  private readonly seen = new Map<Address, Seen>();
  /** Contracts made in this run; each frame that fails undoes what was noted in it. */
  private readonly created = new UndoneSet();
  private readonly destroyed = new UndoneSet();
  // What the instruction at hand was the first to name: geth does not count one that cannot be paid for.
  private newAccounts: Address[] = [];
  private newSlot: { storage: Map<bigint, bigint>; key: bigint } | null = null;
  private shown: Prestate | PrestateDiff = {};

  constructor(options: PrestateTracerOptions) {
    this.options = options;
    this.budget = new Budget(options);
  }

  get limitMet(): string | null {
    return this.budget.met;
  }

  begin({ host, rules, from, to, authorities }: RunStart): void {
    this.budget.reset();
    this.host = host;
    this.rules = rules;
    this.seen.clear();
    this.created.clear();
    this.destroyed.clear();
    this.lookUp(from);
    this.lookUpTarget(to ?? createAddress(from, host.nonce(from)));
    this.lookUp(host.block.coinbase);
    for (const authority of authorities) this.lookUp(authority);
  }

  /** The account, and the one that it delegates to. */
  private lookUpTarget(address: Address): void {
    this.lookUp(address);
    const { delegate } = this.host!.code(address);
    if (delegate !== null && this.rules!.delegation) this.lookUp(delegate);
  }

  private lookUp(address: Address): void {
    if (this.seen.has(address)) return;
    const host = this.host!;
    const code = host.code(address).bytes;
    if (!this.budget.take(ACCOUNT_BYTES + 2 * code.length, 'accounts')) return;
    this.seen.set(address, {
      balance: host.balance(address),
      nonce: host.nonce(address),
      code,
      codeHash: code.length === 0 ? 0n : host.codeHash(address),
      storage: new Map(),
    });
    this.newAccounts.push(address);
  }

  enter(message: Message): void {
    this.created.enter();
    this.destroyed.enter();
    if (isCreation(message)) this.created.add(message.address);
    // An authorization of this very transaction may have it run other code.
    else if (message.depth === 0) this.lookUpTarget(message.codeAddress);
  }

  step(frame: Frame, opcode: number): void {
    this.newAccounts = [];
    this.newSlot = null;
    const { sp, stack } = frame;
    if (NAME_TOP.has(opcode)) {
      if (sp >= 1) this.lookUp(toAddress(stack[sp - 1]!));
    } else if (opcode === Op.SLOAD || opcode === Op.SSTORE) {
      if (sp >= 1) this.lookUpSlot(frame.address, stack[sp - 1]!);
    } else if (NAME_SECOND.has(opcode)) {
      if (sp >= 5) this.lookUpTarget(toAddress(stack[sp - 2]!));
    } else if (opcode === Op.CREATE) {
      this.lookUp(createAddress(frame.address, frame.host.nonce(frame.address)));
    }
  }

  private lookUpSlot(address: Address, key: bigint): void {
    const storage = this.seen.get(address)?.storage;
    if (storage === undefined || storage.has(key) || this.options.disableStorage === true) return;
    if (!this.budget.take(SLOT_BYTES, 'slots')) return;
    storage.set(key, this.host!.slot(address, key).value);
    this.newSlot = { storage, key };
  }

  stepEnd(frame: Frame, opcode: number, _pc: number, _gas: number, _cost: number, halt: Halt): void {
    if (halt > Halt.Revert) {
      for (const address of this.newAccounts) this.seen.delete(address);
      if (this.newSlot !== null) this.newSlot.storage.delete(this.newSlot.key);
    } else if (halt === Halt.SelfDestruct) {
      const removes = !this.rules!.selfdestructOnlyNew || this.created.has(frame.address);
      if (removes) this.destroyed.add(frame.address);
    } else if (opcode === Op.CREATE2 && halt === Halt.Create) {
      // Its address is a hash of the init code, which is known by now; nothing of the creation has happened yet.
      this.lookUp(frame.request!.address);
    }
  }

  exit({ halt }: FrameEnd): void {
    const stands = isSuccess(halt);
    this.created.exit(stands);
    this.destroyed.exit(stands);
  }

  end(): void {
    const { diffMode } = this.options;
    const pre = new Map<Address, PrestateAccount>();
    const post = new Map<Address, PrestateAccount>();
    for (const [address, seen] of this.seen) {
      if (diffMode === true && !this.destroyed.has(address)) {
        const changed = this.changeOf(address, seen);
        if (changed === null) continue;
        post.set(address, changed);
      }
      if (isEmpty(seen) && this.options.includeEmpty !== true) continue;
      pre.set(address, this.show(seen));
    }
    this.shown = diffMode === true ? { post: toRecord(post), pre: toRecord(pre) } : toRecord(pre);
    this.host = null;
  }

  /** How the account is now; null where it is as before. What is the same before and after is taken out of `seen`. */
  private changeOf(address: Address, seen: Seen): PrestateAccount | null {
    const host = this.host!;
    const balance = host.balance(address);
    const nonce = host.nonce(address);
    const code = host.code(address).bytes;
    const storage = new Map<bigint, bigint>();
    const isNewCode = !equalBytes(code, seen.code);
    // As in geth, an account that is not there has another code hash than one without code, and counts as changed for it.
    const codeHash = host.codeHash(address);
    const isNewHash = codeHash !== (seen.code.length === 0 ? EMPTY_CODE_HASH : seen.codeHash);
    let changed = balance !== seen.balance || nonce !== seen.nonce || isNewCode || isNewHash;
    for (const [key, before] of seen.storage) {
      const after = host.slot(address, key).value;
      if (before === 0n || before === after) seen.storage.delete(key);
      if (before === after) continue;
      changed = true;
      if (after !== 0n) storage.set(key, after);
    }
    if (!changed) return null;
    return {
      ...(balance === seen.balance ? {} : { balance: toQuantity(balance) }),
      ...(isNewCode && this.options.disableCode !== true ? codeField(code) : {}),
      ...(isNewHash ? { codeHash: toHex32(codeHash) } : {}),
      ...(nonce === seen.nonce ? {} : { nonce: Number(nonce) }),
      ...storageField(storage),
    };
  }

  private show({ balance, nonce, code, codeHash, storage }: Seen): PrestateAccount {
    return {
      balance: toQuantity(balance),
      ...(this.options.disableCode === true ? {} : codeField(code)),
      ...(code.length === 0 ? {} : { codeHash: toHex32(codeHash) }),
      ...(nonce === 0n ? {} : { nonce: Number(nonce) }),
      ...storageField(storage),
    };
  }

  result(): Prestate | PrestateDiff {
    return this.shown;
  }
}

const isEmpty = ({ balance, nonce, code }: Seen): boolean =>
  balance === 0n && nonce === 0n && code.length === 0;

const codeField = (code: Uint8Array): { code?: Hex } => (code.length === 0 ? {} : { code: bytesToHex(code) });

function storageField(storage: ReadonlyMap<bigint, bigint>): { storage?: Record<Hex, Hex> } {
  if (storage.size === 0) return {};
  const sorted = [...storage].map(([key, value]) => [toHex32(key), toHex32(value)] as const).sort();
  return { storage: Object.fromEntries(sorted) };
}

/** In the order of the addresses, as Go writes maps. */
const toRecord = (accounts: ReadonlyMap<Address, PrestateAccount>): Prestate =>
  Object.fromEntries(
    [...accounts].map(([address, account]) => [addressToHex(address), account] as const).sort(byKey),
  );

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);
