/** 0x00, 0x56-0x58, 0x5a, 0x5b, 0xf3, 0xfd: flow of control and the ends of a frame. */

import { branch, type Code, get, i32, i64, set, when } from '../assembler/code.ts';
import { Block, Record as FrameRecord, Status, WORD } from '../layout.ts';
import { beginBlock, type EmissionRule, type Loop, leave, leaveAt, pop, push, spend } from './loop.ts';
import { isFar } from './spending.ts';
import { storeNumber } from './words.ts';

/** To the target at the top of the stack, with `count` words dropped. */
function jumpTo(loop: Loop, count: number): Code {
  const { record, sp, pc, block, temp } = loop;
  const [target] = temp.i32;
  const bad: Code = leaveAt(loop, Status.INSTRUCTION);
  return [
    when(isFar(sp, 0), bad),
    set(target, i32.load(get(sp))),
    when(i32.geU(get(target), i32.load(get(record), FrameRecord.CODE_SIZE)), bad),
    set(target, i32.add(get(target), i32.load(get(record), FrameRecord.CODE))),
    set(
      block,
      i64.load(i32.add(i32.load(get(record), FrameRecord.BLOCKS_BIAS), i32.shl(get(target), i32.const(3)))),
    ),
    when(i64.eqz(i64.and(get(block), i64.const(Block.JUMPDEST))), bad),
    set(pc, get(target)),
    pop(loop, count),
    branch(loop.begin),
  ];
}

const isZero = (sp: number, offset: number): Code =>
  i64.eqz(
    i64.or(
      i64.or(i64.load(get(sp), offset), i64.load(get(sp), offset + 8)),
      i64.or(i64.load(get(sp), offset + 16), i64.load(get(sp), offset + 24)),
    ),
  );

const end = (status: Status): EmissionRule => ({
  emit: (loop) => [spend(loop, loop.functions.output), pop(loop, 2), leave(loop, status)],
});

export const controlRules: Readonly<{ [name: string]: EmissionRule }> = {
  STOP: { emit: (loop) => leave(loop, Status.STOP) },
  JUMP: { emit: (loop) => jumpTo(loop, 1) },
  JUMPI: {
    emit: (loop) => [when(isZero(loop.sp, WORD), [pop(loop, 2), beginBlock(loop)]), jumpTo(loop, 2)],
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
