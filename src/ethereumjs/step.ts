/**
 * The events of a run, from the hooks of a tracer and the starts of frames. Owns the shapes of what listeners get.
 * Listeners look at the machine while it stands still; what they read later is what they read then, or an error.
 */

import type { OpTable } from '../../opcodes/optable.ts';
import { Flag } from '../../opcodes/row.ts';
import type { Frame } from '../machine/frame.ts';
import { gasLeft } from '../machine/gas.ts';
import { Halt } from '../machine/halt.ts';
import { isCreation, type Message as MachineMessage, MessageKind } from '../machine/message.ts';
import type { FrameEnd } from '../machine/tracer.ts';
import { type Address as AddressWord, MAX_ADDRESS } from '../primitives/address.ts';
import { EMPTY_BYTES } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { type EVMError, errorOf } from './errors.ts';
import type { Events } from './events.ts';
import { type Price, PriceFinder, type Undo } from './fee.ts';
import { type Account, type Address, addressOf } from './values.ts';

const REVERT = 0xfd;
const SSTORE = 0x55;
const INVALID = 0xfe;

/** A call or creation that begins. */
export interface Message {
  /** Undefined for a creation. */
  readonly to: Address | undefined;
  readonly caller: Address;
  readonly codeAddress: Address | undefined;
  readonly value: bigint;
  /** Call data, or init code. */
  readonly data: Uint8Array;
  readonly gasLimit: bigint;
  readonly depth: number;
  readonly isStatic: boolean;
  readonly delegatecall: boolean;
}

/** An instruction that is about to run. */
export interface InterpreterStep<S = unknown> {
  readonly pc: number;
  readonly depth: number;
  readonly opcode: {
    readonly name: string;
    /** Base gas in Erbium's table, where a warm access can be part of it. */
    readonly fee: number;
    /** All that the instruction costs, without the gas of a child. */
    readonly dynamicFee: bigint;
    /** Nothing is. */
    readonly isAsync: boolean;
    readonly code: number;
  };
  readonly gasLeft: bigint;
  readonly gasRefund: bigint;
  /** A copy. */
  readonly stack: bigint[];
  /** A copy, made when it is read; to be read before the listener returns or awaits. */
  readonly memory: Uint8Array;
  readonly memoryWordCount: bigint;
  readonly address: Address;
  readonly codeAddress: Address;
  /** The account at `address`, as it is now. */
  readonly account: Account;
  readonly stateManager: S;
  /** What REVERT is about to return. */
  readonly error: Uint8Array | undefined;
}

/** How a call or creation ended. */
export interface MessageEnd {
  readonly createdAddress?: Address;
  readonly execResult: {
    readonly returnValue: Uint8Array;
    readonly executionGasUsed: bigint;
    readonly exceptionError: EVMError | undefined;
  };
}

/** A contract that is about to be made. */
export interface NewContract {
  readonly address: Address;
  readonly code: Uint8Array;
}

/** What listeners get, by event. */
export interface EVMEvents<S = unknown> {
  step: InterpreterStep<S>;
  beforeMessage: Message;
  afterMessage: MessageEnd;
  newContract: NewContract;
}

export interface StepSources<S> extends Undo {
  readonly events: Events<EVMEvents<S>>;
  readonly table: OpTable;
  readonly stateManager: S;
  /** Whether listeners hear of the outermost message; of code that is run alone they do not. */
  readonly hearsOutermost: boolean;
  account(address: AddressWord): Account;
}

/** Calls that a caller could not even make: there nobody hears of them. */
const NEVER_MADE: readonly Halt[] = [Halt.DepthExceeded, Halt.InsufficientBalance, Halt.NonceOverflow];

export class StepEvents<S> {
  readonly step: ((frame: Frame, opcode: number) => void) | undefined;
  private readonly sources: StepSources<S>;
  private readonly prices: PriceFinder;
  /** Messages that have begun, outermost first. */
  private readonly messages: MachineMessage[] = [];
  /** The last of them, while nobody has heard of it. */
  private isUnheard = false;
  /** Steps so far: what a listener holds of an earlier one is past. */
  private now = 0;
  private readonly placed: (Places | undefined)[] = [];
  private readonly infos: (OpcodeInfo | undefined)[] = [];
  private lastCounter = 0;
  private lastRefund = 0n;

  constructor(sources: StepSources<S>) {
    this.sources = sources;
    this.prices = new PriceFinder(sources.table, sources);
    this.step =
      sources.events.listenerCount('step') === 0
        ? undefined
        : (frame, opcode) => this.emitStep(frame, opcode);
  }

  enter(message: MachineMessage): void {
    this.now++;
    this.messages.push(message);
    this.isUnheard = true;
  }

  /** Called where a frame starts. */
  started(): void {
    const message = this.messages[this.messages.length - 1]!;
    this.announce(message);
    if (!isCreation(message)) return;
    const { address, input } = message;
    this.sources.events.emit('newContract', { address: addressOf(address), code: input.slice() });
  }

  exit(end: FrameEnd): void {
    this.now++;
    const { messages } = this;
    const message = messages[messages.length - 1]!;
    const isSilent = this.isUnheard && messages.length > 1 && NEVER_MADE.includes(end.halt);
    if (this.isUnheard && !isSilent) this.announce(message);
    this.isUnheard = false;
    messages.pop();
    if (isSilent || (this.messages.length === 0 && !this.sources.hearsOutermost)) return;
    const execResult = {
      returnValue: end.output,
      executionGasUsed: end.gasUsed,
      exceptionError: errorOf(end.halt),
    };
    const createdAddress = isCreation(message) ? { createdAddress: addressOf(message.address) } : {};
    this.sources.events.emit('afterMessage', { ...createdAddress, execResult });
  }

  /** After the run, nothing can be read any more. */
  close(): void {
    this.now++;
  }

  private announce(message: MachineMessage): void {
    this.isUnheard = false;
    if (this.messages[0] === message && !this.sources.hearsOutermost) return;
    const { kind, address, caller, value, input, gas, depth, isStatic } = message;
    const creates = isCreation(message);
    this.sources.events.emit('beforeMessage', {
      to: creates ? undefined : addressOf(address),
      caller: addressOf(caller),
      codeAddress: creates ? undefined : addressOf(codeAddressOf(message)),
      value,
      data: input.slice(),
      gasLimit: gas,
      depth,
      isStatic,
      delegatecall: kind === MessageKind.DelegateCall,
    });
  }

  private emitStep(frame: Frame, opcode: number): void {
    // Behind the code the machine stops; there no instruction stands.
    if (frame.pc >= frame.code.bytes.length) return;
    this.now++;
    this.sources.events.emit('step', new Step(this, frame, opcode, this.now));
  }

  // What follows is for steps.

  get stateManager(): S {
    return this.sources.stateManager;
  }

  /** Address and code address of the frame that runs, made once for each. */
  get places(): Places {
    const { messages, placed } = this;
    const last = messages.length - 1;
    const message = messages[last]!;
    let places = placed[last];
    if (places?.message !== message) {
      const address = addressOf(message.address);
      const codeAddress = codeAddressOf(message);
      places = {
        message,
        address,
        codeAddress: codeAddress === message.address ? address : addressOf(codeAddress),
      };
      placed[last] = places;
    }
    return places;
  }

  /** @throws ErbiumError INVALID_STATE where the step is over */
  check(at: number, field: string): void {
    if (at === this.now) return;
    const words = 'read it before the listener returns or awaits: nothing is copied unless it is read';
    throw new ErbiumError('INVALID_STATE', `step.${field}: the step is over; ${words}`);
  }

  account(frame: Frame): Account {
    return this.sources.account(frame.address);
  }

  price(frame: Frame, opcode: number): Price {
    return this.prices.of(frame, opcode);
  }

  /** The part of an instruction that is the same at each of its steps. */
  info(opcode: number): OpcodeInfo {
    return (this.infos[opcode] ??= infoOf(this.sources.table, opcode));
  }

  /** The counter as a bigint; mostly it is what it was. */
  refundOf(frame: Frame): bigint {
    const counter = frame.host.refundCounter();
    if (counter !== this.lastCounter) {
      this.lastCounter = counter;
      this.lastRefund = BigInt(counter);
    }
    return this.lastRefund;
  }
}

interface Places {
  readonly message: MachineMessage;
  readonly address: Address;
  readonly codeAddress: Address;
}

interface OpcodeInfo {
  readonly name: string;
  readonly fee: number;
  readonly isAsync: boolean;
  readonly code: number;
  /** Undefined where it has to be found out. */
  readonly dynamicFee: bigint | undefined;
}

function infoOf(table: OpTable, opcode: number): OpcodeInfo {
  const row = table.rows[opcode];
  const fee = table.gas[opcode]!;
  const isKnown = row === undefined || isFlat(row.flags, opcode);
  return {
    name: row?.name ?? 'INVALID',
    fee,
    isAsync: false,
    code: row === undefined ? INVALID : opcode,
    dynamicFee: isKnown ? BigInt(fee) : undefined,
  };
}

/** Getters of a class, because those of an object literal would take most of the time of a step. */
class Step<S> implements InterpreterStep<S> {
  readonly pc: number;
  readonly depth: number;
  readonly gasLeft: bigint;
  readonly gasRefund: bigint;
  readonly stack: bigint[];
  readonly address: Address;
  readonly codeAddress: Address;
  readonly opcode: InterpreterStep['opcode'];
  readonly error: Uint8Array | undefined;
  readonly #events: StepEvents<S>;
  readonly #frame: Frame;
  readonly #at: number;
  readonly #memorySize: number;

  constructor(events: StepEvents<S>, frame: Frame, opcode: number, at: number) {
    const { address, codeAddress } = events.places;
    const info = events.info(opcode);
    this.pc = frame.pc;
    this.depth = frame.depth;
    this.gasLeft = gasLeft(frame);
    // That library takes the refund of SSTORE with its price, before the step.
    this.gasRefund = opcode === SSTORE ? events.price(frame, opcode).refund : events.refundOf(frame);
    this.stack = frame.stack.slice(0, frame.sp);
    this.address = address;
    this.codeAddress = codeAddress;
    this.opcode =
      info.dynamicFee === undefined
        ? new PricedOpcode(events, frame, info, at)
        : (info as InterpreterStep['opcode']);
    this.error = opcode === REVERT ? revertData(frame) : undefined;
    this.#events = events;
    this.#frame = frame;
    this.#at = at;
    this.#memorySize = frame.memory.size;
  }

  get memory(): Uint8Array {
    this.#events.check(this.#at, 'memory');
    return this.#frame.memory.slice(0, this.#memorySize);
  }

  get memoryWordCount(): bigint {
    return BigInt(this.#memorySize / 32);
  }

  get account(): Account {
    this.#events.check(this.#at, 'account');
    return this.#events.account(this.#frame);
  }

  get stateManager(): S {
    return this.#events.stateManager;
  }
}

class PricedOpcode<S> {
  readonly name: string;
  readonly fee: number;
  readonly isAsync: boolean;
  readonly code: number;
  readonly #events: StepEvents<S>;
  readonly #frame: Frame;
  readonly #at: number;

  constructor(events: StepEvents<S>, frame: Frame, info: OpcodeInfo, at: number) {
    this.name = info.name;
    this.fee = info.fee;
    this.isAsync = info.isAsync;
    this.code = info.code;
    this.#events = events;
    this.#frame = frame;
    this.#at = at;
  }

  get dynamicFee(): bigint {
    this.#events.check(this.#at, 'opcode.dynamicFee');
    return this.#events.price(this.#frame, this.code).gas;
  }
}

/** Code that was given with the call stands at an address of its own, beyond all others; see run.ts. */
const codeAddressOf = ({ address, codeAddress }: MachineMessage): AddressWord =>
  codeAddress > MAX_ADDRESS ? address : codeAddress;

/** Whether the price is the base gas; jumps, pushes and ends of frames without data are the ones that matter. */
const isFlat = (flags: number, opcode: number): boolean =>
  (flags & Flag.JUMPS) !== 0 || (opcode >= 0x5f && opcode <= 0x9f) || opcode <= 0x09;

/** At most what memory holds, and zeros; an offset beyond it is not paid for yet. */
function revertData({ stack, sp, memory }: Frame): Uint8Array | undefined {
  if (sp < 2) return undefined;
  const offset = stack[sp - 1]!;
  const size = stack[sp - 2]!;
  if (size === 0n) return EMPTY_BYTES;
  if (offset + size <= BigInt(memory.size)) return memory.slice(Number(offset), Number(size));
  if (offset + size > 0x10_0000n) return undefined;
  const data = new Uint8Array(Number(size));
  if (offset < BigInt(memory.size)) data.set(memory.slice(Number(offset), memory.size - Number(offset)));
  return data;
}
