/**
 * The fast engine: frames run in linear memory, in a loop that was emitted as WebAssembly. What the loop does not know is
 * done by the rows' own handlers, on the same frame, and where an instruction fails or cannot be paid, the reference engine
 * goes on from there and says why. So there is one place where each rule of the EVM stands, and this engine is exact.
 *
 * Departs from the architecture's picture of predecoded records: the loop reads the code's own bytes, with a note beside
 * each place where a block begins. A code is ready after one pass, jump targets are addresses, and any instruction can be
 * taken up again.
 */

import type { OpTable } from '../../opcodes/optable.ts';
import type { Rules } from '../forks/rules.ts';
import type { Engine } from '../machine/engine.ts';
import type { Frame } from '../machine/frame.ts';
import { gasLeft, pauses, setGas } from '../machine/gas.ts';
import { Halt } from '../machine/halt.ts';
import { EMPTY_BYTES } from '../primitives/bytes.ts';
import { CodeStore } from './code-store.ts';
import { type Instance, instantiate, isStandard } from './instance.ts';
import {
  Block,
  FIRST_WORD,
  FRAMES,
  Record as FrameRecord,
  STACK_BYTES,
  Status,
  WORD,
  WORDS_OFFSET,
} from './layout.ts';
import type { Linear } from './linear.ts';
import { Notes, type Watch } from './notes.ts';
import { byteOf } from './opcode-byte.ts';
import { Resident } from './resident.ts';
import { SlotCache } from './slot-cache.ts';

/** Its bit among the words that a frame knows. */
const SELFBALANCE = 1 << (byteOf('SELFBALANCE') - FIRST_WORD);
const SLOAD = byteOf('SLOAD');
const SSTORE = byteOf('SSTORE');
const TLOAD = byteOf('TLOAD');
const TSTORE = byteOf('TSTORE');

/**
 * @param reference runs what this engine cannot
 * @param watch is told what the loop comes by; what the reference engine runs, that has to tell
 * @returns null where WebAssembly is not to be had
 */
export function createWasmEngine(
  table: OpTable,
  rules: Rules,
  reference: Engine,
  watch?: Watch,
): WasmEngine | null {
  const instance = instantiate(table, rules, watch !== undefined);
  return instance === null ? null : new WasmEngine(instance, table, reference, watch);
}

/** See the head of this module. */
export class WasmEngine implements Engine {
  private readonly instance: Instance;
  private readonly linear: Linear;
  private readonly table: OpTable;
  private readonly reference: Engine;
  private readonly codes: CodeStore;
  private readonly slots: SlotCache;
  /** Whether a row may look at the stack below what it takes. */
  private readonly needsWholeStack: readonly boolean[];
  private readonly hasOwnRows: boolean;
  /** What a watched loop has noted; undefined where nobody watches. */
  readonly notes: Notes | undefined;
  /** Frames in linear memory, one on the other; those from `count` on are spare. */
  private readonly residents: Resident[] = [];
  private count = 0;
  /** Runs that were begun from inside an instruction, whose frame is in linear memory. */
  private nested = 0;

  constructor(instance: Instance, table: OpTable, reference: Engine, watch?: Watch) {
    this.instance = instance;
    this.linear = instance.linear;
    this.table = table;
    this.reference = reference;
    this.codes = new CodeStore(instance);
    this.slots = new SlotCache(instance);
    this.notes = watch && new Notes(this.linear, this.codes, watch);
    this.needsWholeStack = Array.from({ length: 256 }, (_, byte) => !isStandard(table, byte));
    this.hasOwnRows = this.needsWholeStack.includes(true);
  }

  enter(): number {
    if (this.count > 0) this.nested++;
    return this.count;
  }

  leave(entered: number): void {
    if (entered > 0) this.nested--;
    // Where something was thrown, the memory may have grown since it was looked at.
    this.linear.refresh();
    while (this.count > entered) this.evict(true);
  }

  run(frame: Frame): Halt {
    // Whoever began this run may hold views of linear memory, which must not grow, and what is known of slots is not of it.
    if (this.nested > 0) return this.reference.run(frame);
    this.slots.look(frame.host);
    const top = this.residents[this.count - 1];
    if (this.count > 0 && top!.frame === frame) {
      this.settle(top!);
      this.notes?.begin(top!.record);
      return this.proceed(top!);
    }
    const loaded = this.load(frame);
    return loaded === null ? this.refer(frame) : this.proceed(loaded, loaded.inside);
  }

  recall(frame: Frame): void {
    const ended = this.residents[this.count];
    // Where the reference engine went on, the frame knows by itself.
    if (ended?.frame !== frame || !frame.memory.isIn(this.linear)) return;
    const { i32 } = this.linear;
    const end = i32[(ended.record + FrameRecord.STACK_END) >> 2]!;
    frame.sp = (end - i32[(ended.record + FrameRecord.SP) >> 2]!) / WORD;
    for (let i = 0; i < frame.sp; i++) frame.stack[i] = this.linear.word(end - (i + 1) * WORD);
    frame.pc = this.pcOf(ended.record);
  }

  /** Runs the reference engine. */
  private refer(frame: Frame): Halt {
    const halt = this.reference.run(frame);
    this.slots.forget();
    // Its child may make the memory grow, which leaves views behind.
    if (halt === Halt.Call || halt === Halt.Create) this.keepInput(frame);
    return halt;
  }

  private keepInput(frame: Frame): void {
    if (frame.input.buffer === this.linear.bytes.buffer) frame.input = frame.input.slice();
  }

  /** Runs a frame that is in linear memory. */
  private proceed(resident: Resident, entered = 0): Halt {
    const { linear, instance } = this;
    const { frame, record } = resident;
    let inside = entered;
    for (;;) {
      const status = instance.exports.run(record, inside);
      linear.refresh();
      inside = 0;
      const { i32, f64 } = linear;
      frame.gas = f64[(record + FrameRecord.GAS) >> 3]!;
      frame.memory.size = i32[(record + FrameRecord.MEMORY_SIZE) >> 2]!;
      this.slots.settle(frame.host);
      this.notes?.take(frame, record);
      switch (status) {
        case Status.HANDLER: {
          const halt = this.handle(resident);
          if (halt === Halt.Continue) {
            if (this.hasOwnRows && !this.isAtBlock(resident)) return this.refer(this.evict(false));
            break;
          }
          this.notes?.end(record, halt);
          if (halt !== Halt.Call && halt !== Halt.Create) {
            // Behind the instruction, as where the loop ends a frame by itself.
            linear.i32[(record + FrameRecord.PC) >> 2]! += 1;
            this.count--;
          }
          return halt;
        }
        case Status.WORD:
          this.learnWord(resident);
          inside = 1;
          break;
        case Status.LATE:
          if (!instance.link()) return this.giveUpInside(resident);
          inside = 1;
          break;
        case Status.STOP:
          this.count--;
          return this.ended(record, Halt.Stop);
        case Status.RETURN:
        case Status.REVERT:
          this.count--;
          frame.output = this.output(frame, record);
          return this.ended(record, status === Status.RETURN ? Halt.Return : Halt.Revert);
        case Status.BLOCK: {
          const { gas } = frame;
          if (frame.reserve > 0n) {
            if (pauses(frame)) return Halt.HostInterrupt;
            if (frame.host.interrupted === undefined) setGas(frame, gasLeft(frame));
          }
          if (frame.gas <= gas) return this.giveUp(resident);
          this.tellGas(resident);
          break;
        }
        case Status.INSTRUCTION: {
          const { gas } = frame;
          if (frame.reserve > 0n) {
            if (frame.host.interrupted?.() === true) return this.pauseInside(resident);
            setGas(frame, gasLeft(frame));
          }
          if (frame.gas <= gas) return this.giveUpInside(resident);
          this.tellGas(resident);
          inside = 1;
          break;
        }
        case Status.STACK:
          return this.giveUp(resident);
      }
    }
  }

  private ended(record: number, halt: Halt): Halt {
    this.notes?.end(record, halt);
    return halt;
  }

  /** Before an instruction inside a block, whose rest was paid beforehand. */
  private pauseInside({ frame, record }: Resident): Halt {
    frame.gas += this.codes.rest(frame.code, this.pcOf(record)).gas;
    return Halt.HostInterrupt;
  }

  /** Whether a block begins where a frame stands: an own instruction may leave it anywhere. */
  private isAtBlock({ frame, record }: Resident): boolean {
    const { i32 } = this.linear;
    const at = i32[(record + FrameRecord.CODE) >> 2]! + frame.pc;
    return (i32[(i32[(record + FrameRecord.BLOCKS_BIAS) >> 2]! + Block.SIZE * at) >> 2]! & Block.START) !== 0;
  }

  private pcOf(record: number): number {
    const { i32 } = this.linear;
    return i32[(record + FrameRecord.PC) >> 2]! - i32[(record + FrameRecord.CODE) >> 2]!;
  }

  /** The reference engine goes on at the block where a frame stands. */
  private giveUp(resident: Resident): Halt {
    this.notes?.handOver(resident.frame, resident.record, this.pcOf(resident.record));
    return this.refer(this.evict(false));
  }

  /** The reference engine goes on at an instruction inside a block, whose rest was paid beforehand. */
  private giveUpInside({ frame, record }: Resident): Halt {
    frame.gas += this.codes.rest(frame.code, this.pcOf(record)).gas;
    this.notes?.undo();
    this.evict(false);
    return this.refer(frame);
  }

  /** The frame's handler does an instruction. */
  private handle(resident: Resident): Halt {
    const { linear } = this;
    const { frame, record } = resident;
    const { i32 } = linear;
    const pc = this.pcOf(record);
    const sp = i32[(record + FrameRecord.SP) >> 2]!;
    const end = i32[(record + FrameRecord.STACK_END) >> 2]!;
    const opcode = frame.code.padded[pc]!;
    const depth = (end - sp) / WORD;
    const takes = this.needsWholeStack[opcode] ? depth : this.table.minStack[opcode]!;
    const { stack } = frame;
    for (let i = 1; i <= takes; i++) stack[depth - i] = linear.word(sp + (i - 1) * WORD);
    const key = takes > 0 ? stack[depth - 1]! : 0n;
    frame.pc = pc + 1;
    frame.sp = depth;
    resident.renewInput(this.linear);
    const handlers = frame.isStatic ? this.table.staticHandlers : this.table.handlers;
    const halt = handlers[opcode]!(frame);
    linear.refresh();
    resident.words = depth - takes;
    linear.i32[(record + FrameRecord.SP) >> 2] = end - frame.sp * WORD;
    if (halt === Halt.Continue) {
      // An instruction of one's own may have changed any slot.
      if (this.needsWholeStack[opcode]) this.slots.forget();
      else if (opcode === SLOAD || opcode === SSTORE || opcode === TLOAD || opcode === TSTORE) {
        this.slots.learn(resident, opcode >= TLOAD, key, sp);
      }
      this.settle(resident);
    }
    return halt;
  }

  /** Takes over what has changed in a frame since the loop was left. */
  private settle(resident: Resident): void {
    const { linear } = this;
    const { frame, record } = resident;
    linear.refresh();
    const { i32 } = linear;
    const end = i32[(record + FrameRecord.STACK_END) >> 2]!;
    for (let i = resident.words; i < frame.sp; i++) linear.setWord(end - (i + 1) * WORD, frame.stack[i]!);
    i32[(record + FrameRecord.SP) >> 2] = end - frame.sp * WORD;
    i32[(record + FrameRecord.PC) >> 2] = i32[(record + FrameRecord.CODE) >> 2]! + frame.pc;
    i32[(record + FrameRecord.MEMORY_SIZE) >> 2] = frame.memory.size;
    i32[(record + FrameRecord.RETURN_DATA_SIZE) >> 2] = frame.returnData.length;
    // Ether may have come or gone.
    i32[(record + FrameRecord.WORDS_KNOWN) >> 2]! &= ~SELFBALANCE;
    if (resident.epoch !== this.slots.epoch) i32[(record + FrameRecord.STORAGE_TAG) >> 2] = 0;
    this.tellGas(resident);
  }

  private tellGas({ frame, record }: Resident): void {
    this.linear.f64[(record + FrameRecord.GAS) >> 3] = frame.gas;
    this.linear.i32[(record + FrameRecord.HAS_RESERVE) >> 2] = frame.reserve === 0n ? 0 : 1;
  }

  /** The word that an instruction without operands gives, from now on known to the loop. */
  private learnWord({ frame, record }: Resident): void {
    const { i32 } = this.linear;
    const opcode = frame.code.padded[this.pcOf(record)]!;
    const index = opcode - FIRST_WORD;
    frame.sp = 0;
    this.table.handlers[opcode]!(frame);
    this.linear.setWord(record + WORDS_OFFSET + index * WORD, frame.stack[0]!);
    i32[(record + FrameRecord.WORDS_KNOWN) >> 2]! |= 1 << index;
  }

  private output({ memory }: Frame, record: number): Uint8Array {
    const { i32 } = this.linear;
    const size = i32[(record + FrameRecord.OUTPUT_SIZE) >> 2]!;
    return size === 0 ? EMPTY_BYTES : memory.slice(i32[(record + FrameRecord.OUTPUT) >> 2]!, size);
  }

  /** Puts a frame into linear memory; null where that cannot be. */
  private load(frame: Frame): Resident | null {
    const { linear } = this;
    const prepared = this.codes.get(frame.code, this.count === 0);
    if (prepared === null) return null;
    const { address, bias } = prepared;
    const begins = (linear.i32[(bias + Block.SIZE * (address + frame.pc)) >> 2]! & Block.START) !== 0;
    // Here it was interrupted, or another engine left it: it goes on if it can pay for the rest of the block.
    const rest = begins ? 0 : this.payableRest(frame);
    if (rest < 0) return null;

    const below = this.residents[this.count - 1];
    const record = this.count === 0 ? FRAMES : below!.end(linear);
    // An own instruction may ask for the input after it has made the memory grow.
    if (this.hasOwnRows) this.keepInput(frame);
    const resident = (this.residents[this.count] ??= new Resident());
    if (!resident.place(linear, frame, record, prepared)) return null;
    this.count++;
    linear.i32[(record + FrameRecord.STORAGE_TAG) >> 2] = this.slots.knownTag(frame.address);
    resident.epoch = this.slots.epoch;
    resident.inside = begins ? 0 : 1;
    frame.gas -= rest;
    this.settle(resident);
    this.notes?.begin(record);
    return resident;
  }

  /** What the rest of the block costs in which a frame stands; -1 where gas or stack do not suffice for it. */
  private payableRest(frame: Frame): number {
    // An own instruction may have left it where no instruction is, as prepared code has it.
    if (this.hasOwnRows) return -1;
    const { gas, needs, grows } = this.codes.rest(frame.code, frame.pc);
    const depth = frame.sp * WORD;
    return frame.gas >= gas && depth >= needs && depth + grows <= STACK_BYTES ? gas : -1;
  }

  /**
   * Takes the uppermost frame out of linear memory. One that has ended, whose memory is empty, needs no more.
   * @param stays whether other frames may run before this one goes on
   */
  private evict(stays: boolean): Frame {
    const { linear } = this;
    const resident = this.residents[--this.count]!;
    const { frame, record, words } = resident;
    if (!frame.memory.isIn(linear)) return frame;
    resident.renewInput(this.linear);
    const { i32 } = linear;
    const end = i32[(record + FrameRecord.STACK_END) >> 2]!;
    // Of a frame that waits for a child, only words below what its last instruction took are here alone.
    const waits = frame.request !== null;
    const depth = waits ? words : (end - i32[(record + FrameRecord.SP) >> 2]!) / WORD;
    for (let i = 0; i < depth; i++) frame.stack[i] = linear.word(end - (i + 1) * WORD);
    if (!waits) {
      frame.sp = depth;
      frame.pc = this.pcOf(record);
    }
    frame.memory.moveHome();
    if (stays || this.hasOwnRows) this.keepInput(frame);
    return frame;
  }
}
