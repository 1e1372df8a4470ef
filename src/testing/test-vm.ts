/**
 * `TestVm`: an EVM for tests of contracts. Owns its accounts, its block and the points to go back to; calls are made by
 * `Calls`. Names are those of Foundry's cheatcodes and of Hardhat's and viem's test helpers, where these have one.
 */

import type { Evm } from '../executor/api.ts';
import { createEvm } from '../executor/create-evm.ts';
import { fixtureBlockHash } from '../executor/fixture-hashes.ts';
import type { EventLog, EvmResult } from '../executor/outcome.ts';
import { type AccountPatch, type BlockInput, checkFields, demand, isObject } from '../executor/request.ts';
import { secretToAddress } from '../executor/sign.ts';
import type { BlockEnv } from '../machine/host.ts';
import { bytesToHex, type Hex } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { type BytesInput, show, toBytes, toOwnBytes, toWord, type WordInput } from '../primitives/input.ts';
import { EMPTY_CODE_HASH, keccak256 } from '../primitives/keccak.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import { MemoryState } from '../state/readers/memory.ts';
import { CallError } from './call-error.ts';
import { Calls, type Told } from './calls.ts';
import { Directory } from './directory.ts';
import {
  checkExpected,
  describeExpected,
  ExpectationError,
  type ExpectedRevert,
  fits,
} from './expect-revert.ts';
import type {
  CallResult,
  Deployed,
  DeployOptions,
  TestAccount,
  TestCall,
  TestView,
  TestVmOptions,
} from './options.ts';
import { type Addressable, toAddressOf } from './senders.ts';

const TEST_BLOCK = { number: 1n, timestamp: 1n, gasLimit: 30_000_000n, chainId: 31_337n };
/** 10,000 ether, in wei. */
const DEFAULT_BALANCE = 10n ** 22n;

/** A point that `revertTo` goes back to. */
interface Point {
  readonly snapshot: number;
  readonly senders: Calls['senders']['state'];
  readonly accounts: ReadonlySet<string>;
}

const refuse = (message: string): ErbiumError => new ErbiumError('INVALID_ARGUMENT', message);

/**
 * An EVM for tests of contracts. What reads or changes the state gives a promise; names, senders and the block are
 * changed at once. A call that fails rejects with a `CallError`.
 */
export class TestVm {
  /** The EVM below, for all that has no method here. */
  readonly evm: Evm;
  protected readonly directory = new Directory();
  protected readonly calls: Calls;
  /** Labels of the accounts that were made. */
  private accounts: ReadonlySet<string> = new Set();
  private readonly points = new Map<number, Point>();
  private lastPoint = 0;
  private readonly gas = new Map<string, number>();

  /** @throws ErbiumError naming the option */
  constructor(options: TestVmOptions = {}) {
    demand(isObject(options), 'options', 'an object');
    const { abi, ...others } = options;
    // A reader of ours knows the hashes of earlier blocks, which differ from each other and from 0.
    const state = others.state ?? new MemoryState(fixtureBlockHash);
    const block = { ...TEST_BLOCK, ...others.block };
    const all = { ...others, state, block };
    this.evm = createEvm(all);
    if (abi !== undefined) this.directory.learn(abi);
    const caller = BigInt(this.createAccount('caller').address);
    this.calls = new Calls(this.evm, all, this.directory, caller);
  }

  // Accounts

  /**
   * A new account, whatever was at its address before.
   * @param label its name in errors, from which its key is made; `account 1` and so on by default
   * @param options `balance` in wei, 10,000 ether by default
   * @throws ErbiumError INVALID_ARGUMENT where there is such an account already, INVALID_NUMBER
   */
  createAccount(
    label = `account ${this.accounts.size}`,
    options: { readonly balance?: WordInput } = {},
  ): TestAccount {
    checkFields(options, 'options', ['balance']);
    if (this.accounts.has(label)) throw refuse(`label: there is an account ${show(label)} already`);
    const balance = toWord(options.balance ?? DEFAULT_BALANCE, 'balance');
    const privateKey = bytesToHex(keccak256(new TextEncoder().encode(label)));
    const address = BigInt(secretToAddress(privateKey));
    this.directory.name(address, label);
    const account = { nonce: 0n, balance, codeHash: EMPTY_CODE_HASH };
    // Not by way of `setAccount`, which would have to know what a remote state has there.
    this.evm.state.apply(
      new Map([[address, { account, storageCleared: true, storage: new Map(), code: undefined }]]),
    );
    this.accounts = new Set([...this.accounts, label]);
    return { address: this.directory.dialect.address(address), privateKey, label };
  }

  /** Gives an address a name for errors. */
  label(address: Addressable, name: string): void {
    this.directory.name(toAddressOf(address, 'address'), name);
  }

  /** Sets the balance of an account, in wei. */
  async deal(address: Addressable, balance: WordInput): Promise<void> {
    await this.patch(address, { balance: toWord(balance, 'balance') });
  }

  /** Puts code at an address, as Foundry's `etch` does. */
  async setCode(address: Addressable, code: BytesInput): Promise<void> {
    await this.patch(address, { code: toBytes(code, 'code') });
  }

  async setNonce(address: Addressable, nonce: WordInput): Promise<void> {
    await this.patch(address, { nonce: toWord(nonce, 'nonce', MAX_U64) });
  }

  /** Sets one slot; the others stay. */
  async setStorageAt(address: Addressable, slot: WordInput, value: WordInput): Promise<void> {
    await this.patch(address, { storageDiff: [[toWord(slot, 'slot'), toWord(value, 'value')]] });
  }

  /** In wei. */
  async getBalance(address: Addressable): Promise<bigint> {
    return (await this.read(address))?.balance ?? 0n;
  }

  async getCode(address: Addressable): Promise<Hex> {
    return (await this.read(address))?.code ?? '0x';
  }

  async getNonce(address: Addressable): Promise<bigint> {
    return (await this.read(address))?.nonce ?? 0n;
  }

  async getStorageAt(address: Addressable, slot: WordInput): Promise<bigint> {
    return this.evm.async.storage(toAddressOf(address, 'address'), toWord(slot, 'slot'));
  }

  private async read(address: Addressable): ReturnType<Evm['async']['account']> {
    return this.evm.async.account(toAddressOf(address, 'address'));
  }

  private async patch(address: Addressable, patch: AccountPatch): Promise<void> {
    const word = toAddressOf(address, 'address');
    // What a remote state has there is fetched first.
    await this.evm.async.account(word);
    this.evm.setAccount(word, patch);
  }

  // Senders

  /** Whom the next call comes from that names nobody, 20 bytes. */
  get caller(): Hex {
    return this.directory.dialect.address(this.calls.senders.current);
  }

  /** Sets whom calls come from, for good. */
  setCaller(address: Addressable): void {
    this.calls.senders.setCaller(toAddressOf(address, 'address'));
  }

  /**
   * Sets whom the next call, view or deployment comes from; ORIGIN is the same.
   * @throws ErbiumError INVALID_STATE where another prank is still in force
   */
  prank(address: Addressable): void {
    this.calls.senders.prank(toAddressOf(address, 'address'));
  }

  /** Sets whom calls come from, up to `stopPrank`. */
  startPrank(address: Addressable): void {
    this.calls.senders.startPrank(toAddressOf(address, 'address'));
  }

  stopPrank(): void {
    this.calls.senders.stopPrank();
  }

  // Calls

  /**
   * Sends a transaction, unsigned, in the block as it is.
   * @throws CallError where it does not succeed; ErbiumError naming the field
   */
  async call(call: TestCall): Promise<CallResult> {
    demandTarget(call, 'call');
    return this.calls.send(call);
  }

  /**
   * Asks a contract, in a static call of which nothing stays.
   * @throws CallError where it does not succeed; ErbiumError naming the field
   */
  async view(view: TestView): Promise<EvmResult> {
    demandTarget(view, 'view');
    return this.calls.view(view);
  }

  /**
   * Deploys a contract.
   * @throws CallError where the constructor does not succeed; ErbiumError naming the field
   */
  async deploy(options: DeployOptions): Promise<Deployed> {
    return this.create(options, options?.label === undefined ? {} : { words: `new ${options.label}` });
  }

  /** @param told what is known of the deployment beyond its bytes */
  protected async create(options: DeployOptions, told: Told): Promise<Deployed> {
    demand(isObject(options), 'deploy', 'an object');
    const { bytecode, abi, label, ...others } = options;
    const data = initCodeOf(bytecode);
    if (abi !== undefined) this.directory.learn(abi);
    const deployment = await this.calls.send({ ...others, data }, { ...told, abi });
    const address = BigInt(deployment.created!);
    if (label !== undefined) this.directory.name(address, label);
    return { address: this.directory.dialect.address(address), deployment };
  }

  /**
   * Waits for a call that has to fail: `await vm.expectRevert(token.write.transfer([to, 1n]), 'paused')`.
   * @param expected how; any revert by default
   * @returns the error of the call
   * @throws ExpectationError where it succeeds or fails in another way
   */
  async expectRevert(call: Promise<unknown>, expected?: ExpectedRevert): Promise<CallError> {
    const isPromise = typeof (call as Promise<unknown> | undefined)?.then === 'function';
    demand(
      isPromise,
      'call',
      'the promise of a call, such as vm.expectRevert(vm.call({ to, data }), expected)',
    );
    const words = this.calls.asked ?? 'the call';
    const outcome = call.then(
      () => null,
      (error: unknown) => ({ error }),
    );
    checkExpected(expected);
    const failed = await outcome;
    if (failed === null) throw new ExpectationError(words, describeExpected(expected), 'succeeded');
    const { error } = failed;
    if (!(error instanceof CallError)) throw error;
    if (fits(error, expected)) return error;
    throw new ExpectationError(error.call, describeExpected(expected), error.outcome, { cause: error });
  }

  // What the last call left

  /**
   * Logs of the last call or deployment, with the events that they are; none where it failed.
   * @param event name or signature of an event, for its logs only
   * @param address a contract, for its logs only
   * @throws ErbiumError INVALID_STATE where nothing was called, INVALID_ARGUMENT for an event that no ABI has
   */
  events(event?: string, address?: Addressable): readonly EventLog[] {
    const { logs } = this.calls.lastCall('events');
    const from = address === undefined ? null : toAddressOf(address, 'address');
    if (event !== undefined) this.demandEvent(event);
    return logs.filter((log) => {
      const isNamed = event === undefined || log.event?.name === event || log.event?.signature === event;
      return isNamed && (from === null || BigInt(log.address) === from);
    });
  }

  private demandEvent(event: string): void {
    const known = this.directory.eventSignatures();
    if (known.some((signature) => signature === event || signature.startsWith(`${event}(`))) return;
    const list = known.length === 0 ? 'there is no ABI with events' : `known are ${known.join(', ')}`;
    throw refuse(`event: no ABI has ${show(event)}; ${list}`);
  }

  /**
   * Notes the gas of the last call or deployment: all that its sender pays for, after refunds.
   * @throws ErbiumError INVALID_STATE where nothing was called, INVALID_ARGUMENT where another figure has that name
   */
  snapshotGasLastCall(name: string): bigint {
    demand(typeof name === 'string' && name !== '', 'name', 'a text');
    const { gasUsed } = this.calls.lastCall('snapshotGasLastCall');
    const figure = Number(gasUsed);
    const known = this.gas.get(name);
    if (known !== undefined && known !== figure) {
      throw refuse(`name: ${show(name)} has the figure ${known} already, and now ${figure}`);
    }
    this.gas.set(name, figure);
    return gasUsed;
  }

  /**
   * The gas noted by name, in the order of the names: plain data for `toMatchSnapshot`, `JSON.stringify` and the like.
   * Going back to a point takes none of it away.
   */
  gasSnapshot(): Record<string, number> {
    return Object.fromEntries([...this.gas].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  // Block

  /** The block that calls see. It changes only when it is told to. */
  get block(): BlockEnv {
    return this.evm.block;
  }

  /** Sets fields of the block: `baseFee`, `coinbase`, `prevRandao`, `chainId` and so on. */
  setBlock(fields: BlockInput): void {
    this.evm.setBlock(fields);
  }

  /** Sets the time, in seconds. */
  warp(timestamp: WordInput): void {
    this.evm.setBlock({ timestamp: toWord(timestamp, 'timestamp', MAX_U64) });
  }

  /** Sets the number of the block. */
  roll(number: WordInput): void {
    this.evm.setBlock({ number: toWord(number, 'number', MAX_U64) });
  }

  /**
   * Goes on by some blocks, one by default. Nothing but number and time changes; no system contract is called.
   * @param options `interval` in seconds from one block to the next, 1 by default
   */
  mine(blocks: WordInput = 1, options: { readonly interval?: WordInput } = {}): void {
    checkFields(options, 'options', ['interval']);
    const count = toWord(blocks, 'blocks', MAX_U64);
    const seconds = count * toWord(options.interval ?? 1, 'interval', MAX_U64);
    const { number, timestamp } = this.evm.block;
    const [nextNumber, nextTime] = [number + count, timestamp + seconds];
    this.evm.setBlock({
      number: toWord(nextNumber, 'blocks', MAX_U64),
      timestamp: toWord(nextTime, 'interval', MAX_U64),
    });
  }

  // Points to go back to

  /** A point of state, block, accounts and senders that `revertTo` goes back to, as often as one likes. */
  snapshot(): number {
    const point = {
      snapshot: this.evm.snapshot(),
      senders: this.calls.senders.state,
      accounts: this.accounts,
    };
    this.points.set(++this.lastPoint, point);
    return this.lastPoint;
  }

  /**
   * Goes back to a point; later ones are gone.
   * @throws ErbiumError INVALID_ARGUMENT where there is no such point
   */
  revertTo(snapshot: number): void {
    const point = this.points.get(snapshot);
    if (point === undefined) throw refuse(`snapshot: there is none with the number ${show(snapshot)}`);
    this.evm.revert(point.snapshot);
    for (const id of this.points.keys()) if (id > snapshot) this.points.delete(id);
    // The EVM's is used up.
    this.points.set(snapshot, { ...point, snapshot: this.evm.snapshot() });
    this.calls.senders.state = point.senders;
    this.accounts = point.accounts;
    this.calls.last = null;
  }
}

/** Without it a call would be a creation. */
function demandTarget(call: TestCall | TestView, field: string): void {
  demand(isObject(call), field, 'an object');
  demand((call.to ?? null) !== null, 'to', 'an address; `deploy` creates contracts');
}

/** Init code, with what compilers leave in it where something is missing told as such. */
export function initCodeOf(bytecode: BytesInput): Uint8Array {
  const placeholder = typeof bytecode === 'string' ? bytecode.indexOf('__') : -1;
  if (placeholder >= 0) {
    const name = (bytecode as string).slice(placeholder, placeholder + 40);
    throw refuse(`bytecode: has to be linked, ${show(name)} at position ${placeholder} stands for a library`);
  }
  const code = toOwnBytes(bytecode, 'bytecode');
  demand(code.length > 0, 'bytecode', 'some; that of an interface or an abstract contract is empty');
  return code;
}
