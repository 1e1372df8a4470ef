/** The one place where the machine meets the state: the machine's `Host` over a `World`. */

import type { Rules } from '../forks/rules.ts';
import type { Code } from '../machine/code.ts';
import type { BlockEnv, Host, Log, Slot, TxEnv } from '../machine/host.ts';
import type { Address } from '../primitives/address.ts';
import { EMPTY_CODE_HASH } from '../primitives/keccak.ts';
import type { StorageSlot } from '../state/account.ts';
import { BLOCK_HASH_REACH } from '../state/reader.ts';
import type { World } from '../state/world.ts';
import type { CodeCache } from './code-cache.ts';

export class WorldHost implements Host {
  readonly world: World;
  readonly block: BlockEnv;
  readonly tx: TxEnv;
  readonly interrupted: (() => boolean) | undefined;
  private readonly rules: Rules;
  private readonly codes: CodeCache;

  constructor(
    world: World,
    rules: Rules,
    block: BlockEnv,
    tx: TxEnv,
    codes: CodeCache,
    interrupted?: (() => boolean) | undefined,
  ) {
    this.world = world;
    this.rules = rules;
    this.block = block;
    this.tx = tx;
    this.codes = codes;
    this.interrupted = interrupted;
  }

  touchAccount(address: Address): boolean {
    return this.world.warmAccount(address);
  }

  balance(address: Address): bigint {
    return this.world.account(address).balance;
  }

  exists(address: Address): boolean {
    return this.world.account(address).exists;
  }

  isEmpty(address: Address): boolean {
    return this.world.account(address).isEmpty;
  }

  nonce(address: Address): bigint {
    return this.world.account(address).nonce;
  }

  code(address: Address): Code {
    const account = this.world.account(address);
    return this.codes.get(account.codeHash, () => this.world.code(account));
  }

  codeHash(address: Address): bigint {
    const account = this.world.account(address);
    return !account.exists || account.isEmpty ? 0n : account.codeHash;
  }

  blockHash(number: bigint): bigint {
    const current = this.block.number;
    if (number >= current || number + BLOCK_HASH_REACH < current) return 0n;
    return this.world.reader.blockHash(number);
  }

  slot(address: Address, key: bigint): Slot {
    return this.world.slot(address, key);
  }

  // A `Slot` that comes back is always one that `slot` gave out.

  warmSlot(slot: Slot): void {
    this.world.warmSlot(slot as StorageSlot);
  }

  setSlot(slot: Slot, value: bigint): void {
    this.world.setSlot(slot as StorageSlot, value);
  }

  transientLoad(address: Address, key: bigint): bigint {
    return this.world.transientLoad(address, key);
  }

  transientStore(address: Address, key: bigint, value: bigint): void {
    this.world.transientStore(address, key, value);
  }

  get rollbacks(): number {
    return this.world.rollbacks;
  }

  log(log: Log): void {
    this.world.addLog(log);
  }

  refund(gas: number): void {
    this.world.addRefund(gas);
  }

  refundCounter(): number {
    return this.world.refund;
  }

  selfDestruct(address: Address, beneficiary: Address): boolean {
    const { world } = this;
    const account = world.account(address);
    const { balance } = account;
    const removes = !this.rules.selfdestructOnlyNew || account.created;
    if (beneficiary === address) {
      // Ether sent to oneself is burnt with the account, and stays where it is without removal.
      if (removes) world.subBalance(address, balance);
    } else {
      world.subBalance(address, balance);
      world.addBalance(beneficiary, balance);
    }
    return removes && world.markDestroyed(address);
  }

  /** Whether a creation cannot use the address (EIP-684, EIP-7610). */
  isTaken(address: Address): boolean {
    const account = this.world.account(address);
    return account.nonce !== 0n || account.codeHash !== EMPTY_CODE_HASH || this.world.hasStorage(address);
  }
}
