/**
 * Emits `prepare`, which makes a code ready to run: each instruction's byte becomes the number by which the loop knows it,
 * and for each place where a block begins it notes what the block costs and what stack it needs, so that the loop looks at
 * gas and stack once a block. A block ends before a JUMPDEST and behind every instruction that may leave it.
 */

import {
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
  tee,
  ValueType,
  when,
} from './assembler/code.ts';
import type { Func, ModuleBuilder } from './assembler/module.ts';
import { Block, CODE_PADDING, OPS, Op, OpFlag } from './layout.ts';

const { I32 } = ValueType;
const MAX_U16 = 0xffff;
/** Behind a code, up to where a PUSH32 in its last byte ends, every place begins a block: STOP. */
const BEHIND = 33;

/** (code, size, blocks): what it notes goes to `blocks`, 8 bytes a byte of code with its padding. */
export function emitPrepare(module: ModuleBuilder): Func {
  return module.func([I32, I32, I32], [], (locals, code, size, blocks) => {
    const [pc, end, op, flags, start, gas, needs, depth, grows, out] = Array.from({ length: 10 }, () =>
      locals.local(I32),
    ) as [number, number, number, number, number, number, number, number, number, number];
    const again = label();
    const max = (to: number, value: Code): Code => [
      set(out, value),
      set(to, select(get(out), get(to), i32.gtS(get(out), get(to)))),
    ];
    const capped = (value: number): Code =>
      i64.extendI32U(select(get(value), i32.const(MAX_U16), i32.ltU(get(value), i32.const(MAX_U16))));
    const note: Code = [
      i64.store(
        i32.add(get(blocks), i32.shl(i32.sub(get(start), get(code)), i32.const(3))),
        i64.or(
          i64.extendI32U(
            i32.or(
              i32.or(get(gas), i32.const(Block.START)),
              select(
                i32.const(Block.JUMPDEST),
                i32.const(0),
                i32.eq(i32.load8u(get(start)), i32.const(JUMPDEST)),
              ),
            ),
          ),
          i64.or(
            i64.shl(capped(needs), i64.const(Block.NEEDS_SHIFT)),
            i64.shl(capped(grows), i64.const(Block.GROWS_SHIFT)),
          ),
        ),
      ),
      set(start, get(pc)),
      [gas, needs, depth, grows].map((local) => set(local, i32.const(0))),
    ];
    return [
      memory.fill(
        get(blocks),
        i32.const(0),
        i32.shl(i32.add(get(size), i32.const(CODE_PADDING)), i32.const(3)),
      ),
      set(start, tee(pc, get(code))),
      set(end, i32.add(i32.add(get(code), get(size)), i32.const(BEHIND))),
      loop(
        again,
        set(op, i32.add(i32.const(OPS), i32.mul(i32.load8u(get(pc)), i32.const(Op.SIZE)))),
        set(flags, i32.load8u(get(op), Op.FLAGS)),
        when(i32.and(get(flags), i32.const(OpFlag.JUMPDEST)), when(i32.ne(get(pc), get(start)), note)),
        max(needs, i32.sub(i32.load(get(op), Op.TAKES), get(depth))),
        set(depth, i32.add(get(depth), i32.load(get(op), Op.GROWS))),
        max(grows, get(depth)),
        set(gas, i32.add(get(gas), i32.load(get(op), Op.GAS))),
        i32.store8(get(pc), i32.load8u(get(op), Op.CODE)),
        set(pc, i32.add(i32.add(get(pc), i32.const(1)), i32.load8u(get(op), Op.IMMEDIATE))),
        when(i32.and(get(flags), i32.const(OpFlag.ENDS)), note),
        branchIf(again, i32.ltU(get(pc), get(end))),
      ),
      when(i32.ne(get(pc), get(start)), note),
    ];
  });
}

/** How the loop knows a JUMPDEST: by its own byte. */
const JUMPDEST = 0x5b;
