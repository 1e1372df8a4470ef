/**
 * What a search learns from a transaction as it runs: edges, compared words, and what goals ask for. A tracer; it leaves
 * out the attacker's own code, and init code, which differs from one creation to the next.
 */

import type { Code } from '../../machine/code.ts';
import type { Frame } from '../../machine/frame.ts';
import { Halt } from '../../machine/halt.ts';
import { isCreation, type Message, MessageKind } from '../../machine/message.ts';
import type { FrameEnd, Tracer } from '../../machine/tracer.ts';
import type { Address } from '../../primitives/address.ts';
import { bytesToBigInt } from '../../primitives/bytes.ts';
import { keccakWord } from '../../primitives/keccak.ts';
import { ATTACKER_CONTRACT, ATTACKERS } from './attacker.ts';
import type { Goal } from './goals.ts';

const OP = { SUB: 0x03, LT: 0x10, EQ: 0x14, ISZERO: 0x15, XOR: 0x18, JUMP: 0x56, JUMPI: 0x57 } as const;
const PUSH1 = 0x60;
const PUSH32 = 0x7f;

/** Two words that a contract compared, and where. */
export interface Comparison {
  /** Names code and pc. */
  readonly place: number;
  readonly left: bigint;
  readonly right: bigint;
}

const MAX_COMPARISONS = 300;
/** A loop that compares would leave no room for what comes behind it. */
const MAX_PER_PLACE = 4;

/** Panic(uint256) */
const PANIC_SELECTOR = 0x4e487b71n;
const PANIC_LENGTH = 36;

/** A loop that does what is asked for does it as often as it likes. */
const MAX_EVENTS = 64;

/** Something that a goal asks for. A place names code and pc. */
export type WatchEvent =
  | { readonly kind: 'pc'; readonly pc: number }
  | { readonly kind: 'opcode'; readonly byte: number; readonly place: string }
  | { readonly kind: 'delegate'; readonly address: Address; readonly place: string }
  /** A frame ended; the place is the last jump before, since a compiler lets all its panics end in one place. */
  | {
      readonly kind: 'halt';
      readonly halt: Halt;
      readonly panic: bigint | null;
      readonly place: string;
    };

interface Known {
  /** The first number of the code's places: its pcs follow. */
  readonly base: number;
  /** Of its hash, some digits. */
  readonly name: string;
}

export class Watch implements Tracer {
  // Of one transaction
  /** How often each edge was taken, by its number; `touched` lists those above 0. */
  private counts = new Uint32Array(1024);
  private touched: number[] = [];
  comparisons: Comparison[] = [];
  private perPlace = new Map<number, number>();
  /** What the goals ask for, in the order in which it came. */
  readonly events: WatchEvent[] = [];

  // Of all
  /** The contract whose pc is asked for. */
  target: Address = 0n;
  private readonly wantedPcs = new Set<number>();
  private readonly wantedBytes = new Set<number>();
  private readonly wantedHalts = new Set<Halt>();
  /** Called for each code that is met for the first time. */
  onCode: (code: Uint8Array) => void = () => {};
  private readonly edges = new Map<number, number>();
  private readonly ofCode = new WeakMap<Code, Known>();
  private readonly byHash = new Map<bigint, Known>();
  private places: number;

  private readonly messages: Message[] = [];
  private known: Known = { base: 0, name: '' };
  private base = 0;
  private pc = 0;
  private jumpedFrom = 0;
  private isWatched = false;
  private isTarget = false;

  /** @param firstPlace watches of one search need places of their own */
  constructor(firstPlace = 0) {
    this.places = firstPlace;
  }

  /** Forgets the last transaction. */
  reset(): void {
    for (const edge of this.touched) this.counts[edge] = 0;
    this.touched = [];
    this.comparisons = [];
    this.perPlace = new Map();
    this.events.length = 0;
    this.messages.length = 0;
  }

  /** Edges of the transaction by number, with the power of two of how often each was taken. */
  *taken(): Iterable<readonly [edge: number, bucket: number]> {
    for (const edge of this.touched) yield [edge, 31 - Math.clz32(this.counts[edge]!)];
  }

  /** Makes events of what a goal asks for. */
  want(goal: Goal): void {
    if (goal.kind === 'pc') this.wantedPcs.add(goal.pc);
    if (goal.kind === 'opcode') this.wantedBytes.add(goal.byte);
    if (goal.kind === 'halt') this.wantedHalts.add(goal.halt);
    if (goal.kind === 'panic') this.wantedHalts.add(Halt.Revert);
  }

  /** Whether the frame that runs is not one of those left out. */
  get isWatching(): boolean {
    return this.isWatched;
  }

  get edgeCount(): number {
    return this.edges.size;
  }

  enter(message: Message): void {
    this.messages.push(message);
    const { kind, codeAddress } = message;
    const borrows = kind === MessageKind.DelegateCall || kind === MessageKind.CallCode;
    // The attacker's own code makes none of these, so they are the contract's.
    if (borrows && ATTACKERS.includes(codeAddress)) {
      this.happened({ kind: 'delegate', address: codeAddress, place: `at ${this.placeName(this.pc)}` });
    }
  }

  exit({ halt, output }: FrameEnd): void {
    const message = this.messages.pop()!;
    if (!isWatchedMessage(message)) return;
    if (!this.wantedHalts.has(halt)) return;
    const place = `after the jump at ${this.placeName(this.jumpedFrom)}`;
    this.happened({ kind: 'halt', halt, panic: panicOf(halt, output), place });
  }

  resume(frame: Frame): void {
    const message = this.messages[this.messages.length - 1]!;
    this.isWatched = isWatchedMessage(message);
    if (!this.isWatched) return;
    this.isTarget = message.codeAddress === this.target;
    this.known = this.ofCode.get(frame.code) ?? this.meet(frame.code);
    const { base } = this.known;
    this.base = base;
    if (frame.pc > 0) return;
    this.jumpedFrom = 0;
    this.edge(base);
  }

  step(frame: Frame, opcode: number): void {
    if (!this.isWatched) return;
    const { sp, stack, pc } = frame;
    this.pc = pc;
    if (this.isTarget && this.wantedPcs.has(pc)) this.happened({ kind: 'pc', pc });
    if (opcode === OP.JUMPI) {
      if (sp < 2) return;
      const goes = stack[sp - 2] !== 0n;
      if (goes) this.jumpedFrom = pc;
      this.edge(this.base + (goes ? Number(stack[sp - 1]! & 0xffffn) : pc + 1), pc);
    } else if (opcode === OP.JUMP) {
      this.jumpedFrom = pc;
      if (sp > 0) this.edge(this.base + Number(stack[sp - 1]! & 0xffffn), pc);
    } else if (isComparison(opcode) || ((opcode === OP.SUB || opcode === OP.XOR) && decides(frame))) {
      if (sp > 1) this.compare(this.base + pc, stack[sp - 1]!, stack[sp - 2]!);
    }
  }

  /** An instruction that found no operands or no gas was not reached; INVALID always ends as it does. */
  stepEnd(_: Frame, opcode: number, pc: number, _gas: number, _cost: number, halt: Halt): void {
    if (!this.isWatched || !this.wantedBytes.has(opcode)) return;
    if (halt > Halt.Revert && halt !== Halt.Invalid) return;
    this.happened({ kind: 'opcode', byte: opcode, place: `at ${this.placeName(pc)}` });
  }

  private meet(code: Code): Known {
    // By content: a cache that fills up makes new objects of the same code.
    const hash = keccakWord(code.bytes);
    let known = this.byHash.get(hash);
    if (known === undefined) {
      known = { base: this.places, name: hash.toString(16).padStart(64, '0').slice(0, 8) };
      this.places += code.padded.length;
      this.byHash.set(hash, known);
      this.onCode(code.bytes);
    }
    this.ofCode.set(code, known);
    return known;
  }

  /** Names a place by the hash of its code: the same in every search. */
  private placeName(pc: number): string {
    return `0x${pc.toString(16)} of code ${this.known.name}`;
  }

  private happened(event: WatchEvent): void {
    if (this.events.length < MAX_EVENTS) this.events.push(event);
  }

  /** @param place where it leads; `from` is a pc, or -1 for the start of a frame */
  private edge(place: number, from = -1): void {
    const key = place * 0x10001 + from + 1;
    let edge = this.edges.get(key);
    if (edge === undefined) {
      edge = this.edges.size;
      this.edges.set(key, edge);
      if (edge === this.counts.length) {
        const more = new Uint32Array(edge * 2);
        more.set(this.counts);
        this.counts = more;
      }
    }
    if (this.counts[edge]!++ === 0) this.touched.push(edge);
  }

  private compare(place: number, left: bigint, right: bigint): void {
    if (left === right || this.comparisons.length === MAX_COMPARISONS) return;
    const count = this.perPlace.get(place) ?? 0;
    if (count === MAX_PER_PLACE) return;
    this.perPlace.set(place, count + 1);
    this.comparisons.push({ place, left, right });
  }
}

function panicOf(halt: Halt, output: Uint8Array): bigint | null {
  if (halt !== Halt.Revert || output.length !== PANIC_LENGTH) return null;
  if (bytesToBigInt(output.subarray(0, 4)) !== PANIC_SELECTOR) return null;
  return bytesToBigInt(output.subarray(4));
}

const isWatchedMessage = (message: Message): boolean =>
  !isCreation(message) && message.codeAddress !== ATTACKER_CONTRACT;

/** LT, GT, SLT, SGT, EQ */
const isComparison = (opcode: number): boolean => opcode >= OP.LT && opcode <= OP.EQ;

/** Whether what this instruction gives is asked for being 0 next, which makes it a comparison. */
function decides({ code: { padded }, pc }: Frame): boolean {
  const next = padded[pc + 1]!;
  if (next === OP.ISZERO || next === OP.JUMPI) return true;
  return next >= PUSH1 && next <= PUSH32 && padded[pc + next - PUSH1 + 3] === OP.JUMPI;
}
