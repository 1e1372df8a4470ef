/** 0x30-0x4a: words that stay the same as long as a frame runs, and its input. */

import { type Code, get, i32, i64, select, set, when } from '../assembler/code.ts';
import { call } from '../assembler/module.ts';
import { FIRST_WORD, Record as FrameRecord, Status, WORD, WORDS_OFFSET } from '../layout.ts';
import { byteOf } from '../opcode-byte.ts';
import { ZERO } from '../words/limbs.ts';
import { type EmissionRule, leaveAt, pop, push, refreshMemory, spend } from './loop.ts';
import { isFar } from './spending.ts';
import { copyWord, loadReversed, storeNumber } from './words.ts';

/** A word that the row's handler gives when it is first asked for. */
const constantWord = (name: string): EmissionRule => ({
  emit: (loop) => {
    const { record, sp } = loop;
    const index = byteOf(name) - FIRST_WORD;
    return [
      when(
        i32.eqz(i32.and(i32.load(get(record), FrameRecord.WORDS_KNOWN), i32.const(1 << index))),
        leaveAt(loop, Status.WORD),
      ),
      push(loop),
      copyWord(sp, 0, record, WORDS_OFFSET + index * WORD),
    ];
  },
});

const size = (field: number): EmissionRule => ({
  emit: (loop) => [push(loop), storeNumber(loop.sp, i64.extendI32U(i32.load(get(loop.record), field)))],
});

const calldataload: EmissionRule = {
  emit: ({ record, sp, temp, functions }) => {
    const [offset, inputSize] = temp.i32;
    const whole: Code = loadReversed(
      sp,
      i32.add(i32.load(get(record), FrameRecord.INPUT), get(offset)),
      temp.v128,
      offset,
    );
    return [
      set(inputSize, i32.load(get(record), FrameRecord.INPUT_SIZE)),
      set(offset, select(get(inputSize), i32.load(get(sp)), isFar(sp, 0))),
      when(
        i32.geU(get(offset), get(inputSize)),
        storeNumber(sp, ZERO),
        when(
          i32.leU(i32.add(get(offset), i32.const(WORD)), get(inputSize)),
          whole,
          call(functions.lastInput, get(record), get(sp)),
        ),
      ),
    ];
  },
};

const copy = (name: 'calldatacopy' | 'codecopy'): EmissionRule => ({
  emit: (loop) => [spend(loop, loop.functions[name]), refreshMemory(loop), pop(loop, 3)],
});

export const environmentRules: Readonly<{ [name: string]: EmissionRule }> = {
  ADDRESS: constantWord('ADDRESS'),
  ORIGIN: constantWord('ORIGIN'),
  CALLER: constantWord('CALLER'),
  CALLVALUE: constantWord('CALLVALUE'),
  CALLDATALOAD: calldataload,
  CALLDATASIZE: size(FrameRecord.INPUT_SIZE),
  CALLDATACOPY: copy('calldatacopy'),
  CODESIZE: size(FrameRecord.CODE_SIZE),
  CODECOPY: copy('codecopy'),
  GASPRICE: constantWord('GASPRICE'),
  RETURNDATASIZE: size(FrameRecord.RETURN_DATA_SIZE),
  COINBASE: constantWord('COINBASE'),
  TIMESTAMP: constantWord('TIMESTAMP'),
  NUMBER: constantWord('NUMBER'),
  DIFFICULTY: constantWord('DIFFICULTY'),
  PREVRANDAO: constantWord('PREVRANDAO'),
  GASLIMIT: constantWord('GASLIMIT'),
  CHAINID: constantWord('CHAINID'),
  // Until the loop is left: see `settle` in engine.ts.
  SELFBALANCE: constantWord('SELFBALANCE'),
  BASEFEE: constantWord('BASEFEE'),
  BLOBBASEFEE: constantWord('BLOBBASEFEE'),
};
