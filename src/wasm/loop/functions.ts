/**
 * Functions of the engine's module, for what takes longer than a call: memory and its price, copies, hashing, and cached
 * storage. Those that cost gas take the frame's and give back what is left, or -1 where they cannot do their part and have
 * changed nothing: the reference engine then says why.
 */

import { COPY_WORD_GAS, HASH_WORD_GAS } from '../../../opcodes/copy-gas.ts';
import {
  type Code,
  get,
  i32,
  i64,
  leave,
  memory,
  select,
  set,
  tee,
  ValueType,
  v128,
  when,
} from '../assembler/code.ts';
import { call, type Func, type ModuleBuilder, type Slot } from '../assembler/module.ts';
import { KECCAK } from '../hash/keccak.ts';
import { GROW_AHEAD, HASH_SCRATCH, HIGH_MARK, PAGE, Record, Rule, WORD } from '../layout.ts';
import { emitWords, type Words } from '../words/index.ts';
import { emitKnownHash } from './hashes.ts';
import { importLate, type Late } from './late.ts';
import { emitPlaces, emitStorage } from './slots.ts';
import {
  beginSpending,
  endSpending,
  FAILED,
  isFar,
  local32,
  low,
  range,
  type Spending,
  spend,
} from './spending.ts';
import { loadReversed } from './words.ts';

const { I32, I64, V128 } = ValueType;

/** What the rules call. */
export interface Functions {
  readonly words: Words & Late['words'];
  /** (record, end, gas, extra) -> gas: pays `extra`, and for memory up to `end`, and makes it so. */
  readonly expand: Func;
  /** (tag, address of the key) -> where the slot is cached, or would be. */
  readonly place: Func;
  /** (tag, address of the key) -> where the slot is cached, or 0. */
  readonly find: Func;
  // All others: (record, sp, gas) -> gas
  readonly exp: Func;
  readonly keccak256: Func;
  readonly calldatacopy: Func;
  readonly codecopy: Func;
  readonly mcopy: Func;
  /** RETURN and REVERT: notes where the output lies. */
  readonly output: Func;
  /** -2 where the slot is not cached. */
  readonly sload: Func;
  readonly sstore: Func;
  readonly tload: Func;
  readonly tstore: Func;
  /** (record, sp): the word of the input at an offset near its end. */
  readonly lastInput: Func;
}

/** Gas for each word of `size` bytes. */
const wordGas = (size: number, gas: number): Code =>
  i64.mul(i64.extendI32U(i32.shrU(i32.add(get(size), i32.const(31)), i32.const(5))), i64.const(gas));

/** Price of memory of so many bytes, whole words (Yellow Paper, equation 326). */
const price = (size: number): Code =>
  i64.add(
    i64.mul(i64.shrU(get(size), i64.const(5)), i64.const(3)),
    i64.shrU(i64.mul(i64.shrU(get(size), i64.const(5)), i64.shrU(get(size), i64.const(5))), i64.const(9)),
  );

/** Where memory has to reach to; a size of 0 needs none. */
const endOf = (offset: number, size: number): Code =>
  select(i32.add(get(offset), get(size)), i32.const(0), get(size));

const memoryAt = ({ record }: Spending, offset: number): Code =>
  i32.add(i32.load(get(record), Record.MEMORY), get(offset));

export function emitFunctions(module: ModuleBuilder): Functions {
  const late = importLate(module);
  const { keccak } = late;
  const words = { ...emitWords(module), ...late.words };
  const knownHash = emitKnownHash(module, keccak, HASH_OUT);
  const expand = emitExpand(module);
  const exp = emitExp(module, words, expand);
  const keccak256 = emitKeccak256(module, keccak, knownHash, expand);
  const calldatacopy = emitCopy(module, expand, Record.INPUT, Record.INPUT_SIZE);
  const codecopy = emitCopy(module, expand, Record.CODE_BYTES, Record.CODE_SIZE);
  const mcopy = emitMcopy(module, expand);
  const output = emitOutput(module, expand);
  const lastInput = emitLastInput(module);

  const { find, place } = emitPlaces(module);
  const storage = emitStorage(module, expand, find);
  return {
    ...{ words, expand, place, find, exp, keccak256, calldatacopy, codecopy, mcopy, output, lastInput },
    ...storage,
  };
}

function emitExp(module: ModuleBuilder, words: Late['words'], expand: Func): Func {
  const at = beginSpending(module);
  const exponent = WORD;
  // The number of bytes of the exponent is that of its highest limb, and eight for each limb below.
  const limb = at.locals.local(I64);
  const bytes = at.locals.local(I64);
  return endSpending(at, [
    [0, 8, 16, 24].map((offset) =>
      when(
        i64.ne(tee(limb, i64.load(get(at.sp), exponent + offset)), i64.const(0)),
        set(bytes, i64.sub(i64.const(8 + offset), i64.shrU(i64.clz(get(limb)), i64.const(3)))),
      ),
    ),
    spend(at, expand, i32.const(0), i64.mul(get(bytes), i64.load(i32.const(Rule.EXP_BYTE)))),
    call(words.exp, get(at.sp)),
  ]);
}

function emitKeccak256(module: ModuleBuilder, keccak: Slot, knownHash: Func, expand: Func): Func {
  const at = beginSpending(module);
  const [offset, size, address] = local32(at.locals, 3) as [number, number, number];
  const vector = at.locals.local(V128);
  const to = address;
  return endSpending(at, [
    range(at, 0, WORD, offset, size),
    spend(at, expand, endOf(offset, size), wordGas(size, HASH_WORD_GAS)),
    set(to, i32.add(get(at.sp), i32.const(WORD))),
    when(i32.eq(get(size), i32.const(2 * WORD)), call(knownHash, memoryAt(at, offset), get(to)), [
      // Where the size is 0, so is the offset.
      call(keccak, memoryAt(at, offset), get(size), i32.const(HASH_OUT)),
      loadReversed(to, i32.const(HASH_OUT), vector, offset),
    ]),
  ]);
}

/** A copy of what begins at the address in one field and has the size in another, with zeros beyond its end. */
function emitCopy(module: ModuleBuilder, expand: Func, source: number, sourceSize: number): Func {
  const at = beginSpending(module);
  const [offset, size, from, present, all] = local32(at.locals, 5) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return endSpending(at, [
    range(at, 0, 2 * WORD, offset, size),
    spend(at, expand, endOf(offset, size), wordGas(size, COPY_WORD_GAS)),
    when(get(size), [
      set(all, i32.load(get(at.record), sourceSize)),
      // Beyond the end is as good as at the end.
      set(from, select(get(all), low(at.sp, WORD), isFar(at.sp, WORD))),
      set(from, select(get(all), get(from), i32.gtU(get(from), get(all)))),
      set(present, i32.sub(get(all), get(from))),
      set(present, select(get(size), get(present), i32.ltU(get(size), get(present)))),
      memory.copy(memoryAt(at, offset), i32.add(i32.load(get(at.record), source), get(from)), get(present)),
      memory.fill(
        i32.add(memoryAt(at, offset), get(present)),
        i32.const(0),
        i32.sub(get(size), get(present)),
      ),
    ]),
  ]);
}

function emitMcopy(module: ModuleBuilder, expand: Func): Func {
  const at = beginSpending(module);
  const [to, size, from] = local32(at.locals, 3) as [number, number, number];
  return endSpending(at, [
    range(at, 0, 2 * WORD, to, size),
    range(at, WORD, 2 * WORD, from, size),
    spend(
      at,
      expand,
      select(endOf(to, size), endOf(from, size), i32.gtU(get(to), get(from))),
      wordGas(size, COPY_WORD_GAS),
    ),
    memory.copy(memoryAt(at, to), memoryAt(at, from), get(size)),
  ]);
}

function emitOutput(module: ModuleBuilder, expand: Func): Func {
  const at = beginSpending(module);
  const [offset, size] = local32(at.locals, 2) as [number, number];
  return endSpending(at, [
    range(at, 0, WORD, offset, size),
    spend(at, expand, endOf(offset, size), i64.const(0)),
    i32.store(get(at.record), get(offset), Record.OUTPUT),
    i32.store(get(at.record), get(size), Record.OUTPUT_SIZE),
  ]);
}

function emitLastInput(module: ModuleBuilder): Func {
  const func = module.begin([I32, I32], []);
  const [record, sp] = func.params;
  const [offset, address] = local32(func, 2) as [number, number];
  const vector = func.local(V128);
  return func.end([
    set(offset, low(sp, 0)),
    v128.store(i32.const(HASH_OUT), v128.zero),
    v128.store(i32.const(HASH_OUT), v128.zero, 16),
    memory.copy(
      i32.const(HASH_OUT),
      i32.add(i32.load(get(record), Record.INPUT), get(offset)),
      i32.sub(i32.load(get(record), Record.INPUT_SIZE), get(offset)),
    ),
    loadReversed(sp, i32.const(HASH_OUT), vector, address),
  ]);
}

/** 32 bytes of scratch behind what hashing needs. */
const HASH_OUT = HASH_SCRATCH + KECCAK.scratchBytes;

function emitExpand(module: ModuleBuilder): Func {
  const func = module.begin([I32, I32, I64, I64], [I64]);
  const [record, end, gas, cost] = func.params;
  const [from, to, mark] = local32(func, 3) as [number, number, number];
  const [before, after] = [func.local(I64), func.local(I64)];
  const grows = i64.gtU(get(after), get(before));
  const available = i32.mul(memory.size, i32.const(PAGE));
  return func.end([
    when(i32.gtU(get(end), i32.load(get(record), Record.MEMORY_LIMIT)), leave(FAILED)),
    set(before, i64.extendI32U(i32.load(get(record), Record.MEMORY_SIZE))),
    set(after, i64.extendI32U(i32.and(i32.add(get(end), i32.const(31)), i32.const(-WORD)))),
    when(grows, set(cost, i64.add(get(cost), i64.sub(price(after), price(before))))),
    // What cannot be paid must not be asked of the host.
    when(i64.ltS(i64.add(get(gas), i64.load(get(record), Record.REST)), get(cost)), leave(FAILED)),
    when(grows, [
      set(from, i32.add(i32.load(get(record), Record.MEMORY), i32.wrap(get(before)))),
      set(to, i32.add(i32.load(get(record), Record.MEMORY), i32.wrap(get(after)))),
      when(
        i32.gtU(get(to), available),
        when(
          i32.eq(
            memory.grow(i32.add(i32.shrU(i32.sub(get(to), available), i32.const(16)), i32.const(GROW_AHEAD))),
            i32.const(-1),
          ),
          leave(FAILED),
        ),
      ),
      // Frames that stood here before have left something.
      set(mark, i32.load(i32.const(HIGH_MARK))),
      when(
        i32.ltU(get(from), get(mark)),
        memory.fill(
          get(from),
          i32.const(0),
          i32.sub(select(get(to), get(mark), i32.ltU(get(to), get(mark))), get(from)),
        ),
      ),
      when(i32.gtU(get(to), get(mark)), i32.store(i32.const(HIGH_MARK), get(to))),
      i32.store(get(record), i32.wrap(get(after)), Record.MEMORY_SIZE),
    ]),
    when(i64.ltS(get(gas), get(cost)), [
      set(gas, i64.add(get(gas), i64.load(get(record), Record.REST))),
      i64.store(get(record), i64.const(0), Record.REST),
    ]),
    i64.sub(get(gas), get(cost)),
  ]);
}
