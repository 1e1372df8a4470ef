/**
 * Emits `prepare`, which makes a code ready to run: each instruction's byte becomes the number by which the loop knows it,
 * and for each place where a block begins it notes what the block costs and what stack it needs, so that the loop looks at
 * gas and stack once a block. Constants are turned around, as words lie in memory. A block goes from such a place to the
 * next instruction that may leave it: blocks that begin at a JUMPDEST are ends of longer ones, and running into a JUMPDEST
 * from above costs no more than stepping over it. Only so many of them, or a code of JUMPDESTs would take time by the
 * square of its length.
 */

import {
  block,
  branch,
  branchIf,
  type Code,
  get,
  i32,
  i64,
  label,
  loop,
  memory,
  select,
  set,
  ValueType,
  when,
} from './assembler/code.ts';
import type { Func, Locals, ModuleBuilder } from './assembler/module.ts';
import { Block, CODE_PADDING, MAX_PARTS, OPS, Op, OpFlag, PARTS, Part, SEQUENCE_BYTES } from './layout.ts';

const { I32 } = ValueType;
const MAX_U16 = 0xffff;
const LEAST = -(2 ** 31);
/** Behind a code, up to where a PUSH32 in its last byte ends, every place begins a block: STOP. */
const BEHIND = 33;
/** How the loop knows a JUMPDEST inside a block. Where one begins a block, it is its own byte. */
export const INNER_JUMPDEST = 0x0d;

/**
 * (code, size, blocks): what it notes goes to `blocks`, 8 bytes a byte of code with its padding.
 * @param fuses whether sequences become one instruction
 */
export function emitPrepare(module: ModuleBuilder, fuses: boolean): Func {
  const func = module.begin([I32, I32, I32], []);
  const [code, size, blocks] = func.params;
  const [pc, end, op, flags, begins, inner] = six(() => func.local(I32));
  const [part, gas, depth, needs, grows, value] = six(() => func.local(I32));
  const [byte, first, last, lastAt, beforeLast, beforeLastAt] = six(() => func.local(I32));
  const fused = func.local(I32);
  const again = label();
  const zero = i32.const(0);
  const isJumpdest = i32.and(get(flags), i32.const(OpFlag.JUMPDEST));

  const beginPart: Code = [
    i32.store(get(part), get(pc), Part.START),
    i32.store(get(part), get(gas), Part.GAS),
    i32.store(get(part), get(depth), Part.DEPTH),
    i32.store(get(part), i32.const(LEAST), Part.NEEDS),
    i32.store(get(part), i32.const(LEAST), Part.GROWS),
    i32.store(
      get(part),
      i32.or(i32.const(Block.START), select(i32.const(Block.JUMPDEST), zero, isJumpdest)),
      Part.FLAGS,
    ),
  ];
  const beginBlock: Code = [
    set(part, i32.const(PARTS)),
    set(gas, zero),
    set(depth, zero),
    set(begins, zero),
    beginPart,
  ];
  const note = emitNote({ code, blocks, part, gas, needs, grows, value });
  const raise = (field: number, by: Code): Code => [
    set(value, by),
    when(i32.gtS(get(value), i32.load(get(part), field)), i32.store(get(part), get(value), field)),
  ];
  return func.end([
    memory.fill(get(blocks), zero, i32.shl(i32.add(get(size), i32.const(CODE_PADDING)), i32.const(3))),
    set(pc, get(code)),
    set(end, i32.add(i32.add(get(code), get(size)), i32.const(BEHIND))),
    set(begins, i32.const(1)),
    loop(
      again,
      set(op, i32.add(i32.const(OPS), i32.mul(i32.load8u(get(pc)), i32.const(Op.SIZE)))),
      set(flags, i32.load8u(get(op), Op.FLAGS)),
      set(inner, zero),
      when(
        get(begins),
        beginBlock,
        when(
          isJumpdest,
          when(
            i32.eq(get(part), i32.const(PARTS + (MAX_PARTS - 1) * Part.SIZE)),
            [note, beginBlock],
            [set(part, i32.add(get(part), i32.const(Part.SIZE))), beginPart, set(inner, i32.const(1))],
          ),
        ),
      ),
      raise(Part.NEEDS, i32.sub(i32.load(get(op), Op.TAKES), get(depth))),
      set(depth, i32.add(get(depth), i32.load(get(op), Op.GROWS))),
      raise(Part.GROWS, get(depth)),
      set(gas, i32.add(get(gas), i32.load(get(op), Op.GAS))),
      set(byte, i32.load8u(get(op), Op.CODE)),
      i32.store8(get(pc), select(i32.const(INNER_JUMPDEST), get(byte), get(inner))),
      fuses
        ? [
            set(fused, asOne(get(last), get(byte))),
            when(get(fused), [
              i32.store8(get(lastAt), get(fused)),
              set(fused, asOne(get(beforeLast), get(fused))),
              when(get(fused), i32.store8(get(beforeLastAt), get(fused))),
            ]),
            [set(beforeLast, get(last)), set(beforeLastAt, get(lastAt))],
            // What ends a block is in none.
            set(last, select(zero, get(byte), i32.and(get(flags), i32.const(OpFlag.ENDS)))),
            set(lastAt, get(pc)),
          ]
        : [],
      set(first, i32.add(get(pc), i32.const(1))),
      set(pc, i32.add(get(first), i32.load8u(get(op), Op.IMMEDIATE))),
      turnAround(first, get(pc), func),
      when(i32.and(get(flags), i32.const(OpFlag.ENDS)), [note, set(begins, i32.const(1))]),
      branchIf(again, i32.ltU(get(pc), get(end))),
    ),
    when(i32.eqz(get(begins)), note),
  ]);
}

const six = (make: () => number): [number, number, number, number, number, number] => [
  make(),
  make(),
  make(),
  make(),
  make(),
  make(),
];

/** The byte of a sequence, or 0. */
const asOne = (first: Code, rest: Code): Code =>
  i32.load8u(i32.or(i32.shl(first, i32.const(8)), rest), SEQUENCE_BYTES);

/** Puts the bytes from the local `first`, which is lost, to `end` into the opposite order. */
function turnAround(first: number, end: Code, locals: Locals): Code {
  const [last, byte] = [locals.local(I32), locals.local(I32)];
  const [again, done] = [label(), label()];
  return [
    set(last, i32.sub(end, i32.const(1))),
    block(
      done,
      loop(
        again,
        branchIf(done, i32.geU(get(first), get(last))),
        set(byte, i32.load8u(get(first))),
        i32.store8(get(first), i32.load8u(get(last))),
        i32.store8(get(last), get(byte)),
        set(first, i32.add(get(first), i32.const(1))),
        set(last, i32.sub(get(last), i32.const(1))),
        branch(again),
      ),
    ),
  ];
}

interface NoteLocals {
  readonly code: number;
  readonly blocks: number;
  readonly part: number;
  readonly gas: number;
  readonly needs: number;
  readonly grows: number;
  readonly value: number;
}

/** Notes a block and those of its ends that are blocks, the last part first: what it needs, all before it need as well. */
function emitNote({ code, blocks, part, gas, needs, grows, value }: NoteLocals): Code {
  const nextPart = label();
  const raise = (local: number, field: number): Code => [
    set(value, i32.load(get(part), field)),
    set(local, select(get(value), get(local), i32.gtS(get(value), get(local)))),
  ];
  const depth = i32.load(get(part), Part.DEPTH);
  const bits = (amount: Code): Code => [
    set(value, amount),
    set(value, select(get(value), i32.const(0), i32.gtS(get(value), i32.const(0)))),
    i64.extendI32U(select(get(value), i32.const(MAX_U16), i32.ltU(get(value), i32.const(MAX_U16)))),
  ];
  return [
    set(needs, i32.const(LEAST)),
    set(grows, i32.const(LEAST)),
    loop(
      nextPart,
      raise(needs, Part.NEEDS),
      raise(grows, Part.GROWS),
      i64.store(
        i32.add(get(blocks), i32.shl(i32.sub(i32.load(get(part), Part.START), get(code)), i32.const(3))),
        i64.or(
          i64.extendI32U(
            i32.or(i32.sub(get(gas), i32.load(get(part), Part.GAS)), i32.load(get(part), Part.FLAGS)),
          ),
          i64.or(
            i64.shl(bits(i32.add(get(needs), depth)), i64.const(Block.NEEDS_SHIFT)),
            i64.shl(bits(i32.sub(get(grows), depth)), i64.const(Block.GROWS_SHIFT)),
          ),
        ),
      ),
      set(part, i32.sub(get(part), i32.const(Part.SIZE))),
      branchIf(nextPart, i32.geU(get(part), i32.const(PARTS))),
    ),
  ];
}
