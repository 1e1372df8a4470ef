/** 0x00, 0x56-0x58, 0x5a, 0x5b, 0xf3, 0xfd: flow of control and the ends of a frame. */

import {
  block,
  branch,
  branchIf,
  type Code,
  get,
  i32,
  i64,
  type Label,
  label,
  set,
  when,
} from '../assembler/code.ts';
import { Block, Record as FrameRecord, Status, WORD } from '../layout.ts';
import { INNER_JUMPDEST } from '../prepare.ts';
import { limbsAt } from '../words/limbs.ts';
import { beginBlock, type EmissionRule, type Loop, leave, leaveAt, pop, push, spend } from './loop.ts';
import { isFar } from './spending.ts';
import { pushConstant } from './stack.ts';
import { storeNumber } from './words.ts';

/** To the target in the first local, with `count` words dropped; where there is no such place, `bad` follows. */
function jumpTo(loop: Loop, count: number, bad: Label): Code {
  const { record, pc, block: info, temp } = loop;
  const [target] = temp.i32;
  const place = i32.add(i32.load(get(record), FrameRecord.BLOCKS_BIAS), i32.shl(get(target), i32.const(3)));
  return [
    branchIf(bad, i32.geU(get(target), i32.load(get(record), FrameRecord.CODE_SIZE))),
    set(target, i32.add(get(target), i32.load(get(record), FrameRecord.CODE))),
    set(info, i64.load(place)),
    branchIf(bad, i64.eqz(i64.and(get(info), i64.const(Block.JUMPDEST)))),
    set(pc, get(target)),
    pop(loop, count),
    branch(loop.begin),
  ];
}

/** To the target at the top of the stack. */
function jump(loop: Loop, count: number): Code {
  const bad = label();
  return [
    block(
      bad,
      branchIf(bad, isFar(loop.sp, 0)),
      set(loop.temp.i32[0], i32.load(get(loop.sp))),
      jumpTo(loop, count, bad),
    ),
    leaveAt(loop, Status.INSTRUCTION),
  ];
}

/** To the constant at pc; where that is no target, it is pushed, for the jump behind it to fail. */
function jumpToConstant(loop: Loop, count: number): Code {
  const bad = label();
  const { pc, temp } = loop;
  return [
    block(bad, set(temp.i32[0], i32.load16u(get(pc))), jumpTo(loop, count, bad)),
    pushConstant(2).emit(loop),
  ];
}

/** Costs nothing more, and what follows of its kind is gone over as well, eight at most: they are the cheapest of all. */
export const innerJumpdest: EmissionRule = {
  emit: ({ pc }) => {
    const others = i64.xor(i64.load(get(pc)), i64.const(BigInt(INNER_JUMPDEST) * 0x0101_0101_0101_0101n));
    return set(pc, i32.add(get(pc), i32.wrap(i64.shrU(i64.ctz(others), i64.const(3)))));
  },
};

const isZero = (sp: number, offset: number): Code => {
  const [l0, l1, l2, l3] = limbsAt(sp, offset) as [Code, Code, Code, Code];
  return i64.eqz(i64.or(i64.or(l0, l1), i64.or(l2, l3)));
};

export const push2Jump: EmissionRule = { emit: (loop) => jumpToConstant(loop, 0) };

export const push2Jumpi: EmissionRule = {
  emit: (loop) => [
    when(isZero(loop.sp, 0), [
      pop(loop, 1),
      // Behind the constant and the JUMPI.
      set(loop.pc, i32.add(get(loop.pc), i32.const(3))),
      beginBlock(loop),
    ]),
    jumpToConstant(loop, 1),
  ],
};

const end = (status: Status): EmissionRule => ({
  emit: (loop) => [spend(loop, loop.functions.output), pop(loop, 2), leave(loop, status)],
});

export const controlRules: Readonly<{ [name: string]: EmissionRule }> = {
  STOP: { emit: (loop) => leave(loop, Status.STOP) },
  JUMP: { emit: (loop) => jump(loop, 1) },
  JUMPI: {
    emit: (loop) => [when(isZero(loop.sp, WORD), [pop(loop, 2), beginBlock(loop)]), jump(loop, 2)],
  },
  PC: {
    emit: (loop) => [
      push(loop),
      storeNumber(
        loop.sp,
        i64.extendI32U(
          i32.sub(i32.sub(get(loop.pc), i32.const(1)), i32.load(get(loop.record), FrameRecord.CODE)),
        ),
      ),
    ],
  },
  GAS: {
    ends: true,
    emit: (loop) => [
      when(i32.load(get(loop.record), FrameRecord.HAS_RESERVE), leaveAt(loop, Status.HANDLER)),
      push(loop),
      storeNumber(loop.sp, i64.add(get(loop.gas), i64.load(get(loop.record), FrameRecord.REST))),
      beginBlock(loop),
    ],
  },
  // Reached from above, not by a jump, where a block begins; its start skips it.
  JUMPDEST: {
    emit: (loop) => [set(loop.pc, i32.sub(get(loop.pc), i32.const(1))), beginBlock(loop)],
  },
  RETURN: end(Status.RETURN),
  REVERT: end(Status.REVERT),
};
