/**
 * Prepared codes in linear memory. Its place has a fixed size: when it is full, all are dropped as soon as no frame runs, and
 * until then further codes are left to the reference engine.
 */

import type { Code } from '../machine/code.ts';
import type { Instance } from './instance.ts';
import { Block, CODE_PADDING, CODES, CODES_SIZE, MAX_CODE, OPS, Op, OpFlag } from './layout.ts';
import { byteOf } from './opcode-byte.ts';

const JUMPDEST = byteOf('JUMPDEST');

/** Where a code lies. */
export interface Prepared {
  readonly address: number;
  /** Plus 8 times the address of an instruction: what is known of the block that begins there. */
  readonly bias: number;
  /** The code as it is. */
  readonly bytes: number;
}

export class CodeStore {
  private readonly instance: Instance;
  private known = new WeakMap<Code, Prepared>();
  private next: number = CODES;

  constructor(instance: Instance) {
    this.instance = instance;
  }

  /** @param isIdle no frame runs that uses one of the codes */
  get(code: Code, isIdle: boolean): Prepared | null {
    return this.known.get(code) ?? this.prepare(code, isIdle);
  }

  private prepare(code: Code, isIdle: boolean): Prepared | null {
    const { length } = code.bytes;
    if (length > MAX_CODE) return null;
    const size = length + CODE_PADDING;
    const own = this.next + size;
    const blocks = (own + length + 7) & -8;
    const end = blocks + Block.SIZE * size;
    if (end > CODES + CODES_SIZE) {
      if (!isIdle || this.next === CODES) return null;
      this.known = new WeakMap();
      this.next = CODES;
      return this.prepare(code, isIdle);
    }
    const { linear, exports } = this.instance;
    const address = this.next;
    linear.bytes.set(code.bytes, address);
    linear.bytes.fill(0, address + length, own);
    linear.bytes.set(code.bytes, own);
    exports.prepare(address, length, blocks);
    this.next = end;
    const prepared = { address, bias: blocks - Block.SIZE * address, bytes: own };
    this.known.set(code, prepared);
    return prepared;
  }

  /** What the instructions from `pc` to the end of their block cost, and what stack they need and add. */
  rest(code: Code, pc: number): { gas: number; needs: number; grows: number } {
    const { bytes, i32 } = this.instance.linear;
    const { padded } = code;
    const { address } = this.known.get(code)!;
    const rest = { gas: 0, needs: 0, grows: 0 };
    let depth = 0;
    for (let at = pc; at < padded.length; ) {
      const op = OPS + padded[at]! * Op.SIZE;
      const flags = bytes[op + Op.FLAGS]!;
      // Where the loop has the byte itself, it begins a block; a JUMPDEST inside one has another.
      if (at > pc && bytes[address + at] === JUMPDEST) break;
      rest.gas += i32[(op + Op.GAS) >> 2]!;
      rest.needs = Math.max(rest.needs, i32[(op + Op.TAKES) >> 2]! - depth);
      depth += i32[(op + Op.GROWS) >> 2]!;
      rest.grows = Math.max(rest.grows, depth);
      if ((flags & OpFlag.ENDS) !== 0) break;
      at += 1 + bytes[op + Op.IMMEDIATE]!;
    }
    return rest;
  }
}
