/**
 * Storage that frames have asked for before (EIP-2200, EIP-2929, EIP-1153), in its place in linear memory. What is written
 * here is handed to the state by `slot-cache.ts`.
 */

import {
  type Code,
  choose,
  get,
  i32,
  i64,
  leave,
  select,
  set,
  tee,
  ValueType,
  when,
} from '../assembler/code.ts';
import { call, type Func, type ModuleBuilder } from '../assembler/module.ts';
import {
  DIRTY,
  DIRTY_COUNT,
  FIRST_TAG,
  REFUND,
  Record,
  Rule,
  SLOT_COUNT,
  SLOT_PLACES,
  SLOTS,
  Slot,
  WORD,
} from '../layout.ts';
import { anyBit, areEqual, limbsAt } from '../words/limbs.ts';
import type { Functions } from './functions.ts';
import { beginSpending, endSpending, FAILED, local32, type Spending, spend, UNKNOWN } from './spending.ts';
import { copyWord } from './words.ts';

const { I32, I64 } = ValueType;

/** Odd numbers without a pattern, so that keys that differ in few bits get different places. */
export const MIX: readonly bigint[] = [
  0x9e37_79b9_7f4a_7c15n,
  0xc2b2_ae3d_27d4_eb4fn,
  0x1656_67b1_9e37_79f9n,
  0x85eb_ca77_c2b2_ae63n,
];
const PLACE_BITS = Math.log2(SLOT_COUNT);

/** (tag, key): the first place that a key may have. */
function emitFirstPlace(module: ModuleBuilder): Func {
  const func = module.begin([I32, I32], [I32]);
  const [tag, key] = func.params;
  const terms: Code[] = [];
  for (let i = 0; i < 4; i++) terms.push(i64.mul(i64.load(get(key), 8 * i), i64.const(MIX[i]!)));
  const mixed = terms.reduce(i64.add);
  const spread = i64.mul(
    i64.xor(i64.add(mixed, i64.extendI32U(get(tag))), i64.shrU(mixed, i64.const(29))),
    i64.const(MIX[0]!),
  );
  return func.end(
    i32.add(
      i32.const(SLOTS),
      i32.mul(i32.wrap(i64.shrU(spread, i64.const(64 - PLACE_BITS))), i32.const(Slot.SIZE)),
    ),
  );
}

/** Whether the slot at `at` has this tag and key. */
const isThis = (at: number, offset: number, tag: number, key: number): Code =>
  choose(
    I32,
    i32.eq(i32.load(get(at), offset + Slot.TAG), get(tag)),
    areEqual(limbsAt(at, offset + Slot.KEY), limbsAt(key)),
    i32.const(0),
  );

const PLACES = Array.from({ length: SLOT_PLACES }, (_, i) => i * Slot.SIZE);

/** `find`, and `place`: where a slot is or should be. */
export function emitPlaces(module: ModuleBuilder): { find: Func; place: Func } {
  const first = emitFirstPlace(module);
  const find = emitFind(module, first);
  const place = emitPlace(module, first, find);
  return { find, place };
}

function emitFind(module: ModuleBuilder, first: Func): Func {
  const func = module.begin([I32, I32], [I32]);
  const [tag, key] = func.params;
  const at = func.local(I32);
  const places: Code[] = [];
  for (const offset of PLACES)
    places.push(when(isThis(at, offset, tag, key), leave(i32.add(get(at), i32.const(offset)))));
  return func.end([set(at, call(first, get(tag), get(key))), places, i32.const(0)]);
}

function emitPlace(module: ModuleBuilder, first: Func, find: Func): Func {
  const func = module.begin([I32, I32], [I32]);
  const [tag, key] = func.params;
  const at = func.local(I32);
  const places: Code[] = [];
  for (const offset of PLACES) {
    const isFree = i32.ltU(i32.load(get(at), offset + Slot.TAG), i32.load(i32.const(FIRST_TAG)));
    places.push(when(isFree, leave(i32.add(get(at), i32.const(offset)))));
  }
  return func.end([
    when(tee(at, call(find, get(tag), get(key))), leave(get(at))),
    set(at, call(first, get(tag), get(key))),
    places,
    // All are taken: whichever the key says.
    i32.add(
      get(at),
      i32.mul(
        i32.and(i32.xor(i32.load(get(key)), i32.load(get(key), 28)), i32.const(SLOT_PLACES - 1)),
        i32.const(Slot.SIZE),
      ),
    ),
  ]);
}

/** What is added to a frame's tag. */
const STORAGE = 0;
const TRANSIENT = 1;

const isEqual = (slot: number, at: number, other: number, otherAt: number): Code =>
  areEqual(limbsAt(slot, at), limbsAt(other, otherAt));

const isZero = (slot: number, at: number): Code => i64.eqz(anyBit(limbsAt(slot, at)));

/** Sets `slot`; an unknown one, also of a frame without a tag, is left to the handler. */
const look = ({ record, sp }: Spending, find: Func, slot: number, kind: number): Code => [
  when(i32.eqz(i32.load(get(record), Record.STORAGE_TAG)), leave(UNKNOWN)),
  when(
    i32.eqz(
      tee(slot, call(find, i32.add(i32.load(get(record), Record.STORAGE_TAG), i32.const(kind)), get(sp))),
    ),
    leave(UNKNOWN),
  ),
];

/** The new value, which the state gets later. */
const store = ({ sp }: Spending, slot: number, count: number): Code => [
  copyWord(slot, Slot.VALUE, sp, WORD),
  when(i32.eqz(i32.load(get(slot), Slot.DIRTY)), [
    i32.store(get(slot), i32.const(1), Slot.DIRTY),
    set(count, i32.load(i32.const(DIRTY_COUNT))),
    i32.store(i32.shl(get(count), i32.const(2)), get(slot), DIRTY),
    i32.store(i32.const(DIRTY_COUNT), i32.add(get(count), i32.const(1))),
  ]),
];

const rule = (address: number): Code => i64.load(i32.const(address));

/** Storage that frames have asked for before (EIP-2200, EIP-2929, EIP-1153). */
export function emitStorage(
  module: ModuleBuilder,
  expand: Func,
  find: Func,
): Pick<Functions, 'sload' | 'sstore' | 'tload' | 'tstore'> {
  const sstore = emitSstore(module, expand, find);
  const tstore = emitTstore(module, find);
  return {
    sload: emitLoad(module, expand, find, STORAGE, rule(Rule.WARM_SLOT)),
    sstore,
    tload: emitLoad(module, expand, find, TRANSIENT, i64.const(0)),
    tstore,
  };
}

function emitLoad(module: ModuleBuilder, expand: Func, find: Func, kind: number, cost: Code): Func {
  const at = beginSpending(module);
  const slot = at.locals.local(I32);
  return endSpending(at, [
    look(at, find, slot, kind),
    spend(at, expand, i32.const(0), cost),
    copyWord(at.sp, 0, slot, Slot.VALUE),
  ]);
}

function emitSstore(module: ModuleBuilder, expand: Func, find: Func): Func {
  const at = beginSpending(module);
  const [slot, count] = local32(at.locals, 2) as [number, number];
  const [cost, refund] = [at.locals.local(I64), at.locals.local(I64)];
  const value = WORD;
  const gains = (amount: Code): Code => set(refund, i64.add(get(refund), amount));
  const loses = (amount: Code): Code => set(refund, i64.sub(get(refund), amount));
  const changed: Code = when(
    isEqual(slot, Slot.VALUE, slot, Slot.ORIGINAL),
    when(isZero(slot, Slot.ORIGINAL), set(cost, rule(Rule.SET)), [
      set(cost, rule(Rule.RESET)),
      when(isZero(at.sp, value), gains(rule(Rule.CLEAR_REFUND))),
    ]),
    // Changed before, so that this access is cheap; earlier refunds are put right.
    [
      when(
        i32.eqz(isZero(slot, Slot.ORIGINAL)),
        when(
          isZero(slot, Slot.VALUE),
          loses(rule(Rule.CLEAR_REFUND)),
          when(isZero(at.sp, value), gains(rule(Rule.CLEAR_REFUND))),
        ),
      ),
      when(
        isEqual(slot, Slot.ORIGINAL, at.sp, value),
        gains(
          i64.sub(select(rule(Rule.SET), rule(Rule.RESET), isZero(slot, Slot.ORIGINAL)), rule(Rule.NOOP)),
        ),
      ),
    ],
  );
  return endSpending(at, [
    look(at, find, slot, STORAGE),
    when(
      i64.leS(i64.add(get(at.gas), i64.load(get(at.record), Record.REST)), rule(Rule.SENTRY)),
      leave(FAILED),
    ),
    set(cost, rule(Rule.NOOP)),
    when(i32.eqz(isEqual(slot, Slot.VALUE, at.sp, value)), changed),
    spend(at, expand, i32.const(0), get(cost)),
    i64.store(i32.const(REFUND), i64.add(i64.load(i32.const(REFUND)), get(refund))),
    store(at, slot, count),
  ]);
}

function emitTstore(module: ModuleBuilder, find: Func): Func {
  const at = beginSpending(module);
  const [slot, count] = local32(at.locals, 2) as [number, number];
  return endSpending(at, [look(at, find, slot, TRANSIENT), store(at, slot, count)]);
}
