/**
 * The line of an ordinary step, written by an emitted function: what JavaScript adds to each access of a `DataView` takes
 * longer than the accesses themselves, of which a line of 400 characters has some sixty. Measured on Node 20, nanoseconds for a
 * step of which the machine's part is 26: 79 so, 109 with views and an emitted copy, 90 with functions for copies and words that
 * are part of the one function here. Owns the memory that the function works on, in which also the text of the stack is kept;
 * knows no instruction but by its number.
 *
 * A copy moves blocks of 32 bytes, hence writes up to 31 bytes too many, which what follows overwrites.
 */

import { STACK_LIMIT } from '../machine/frame.ts';
import {
  branch,
  branchIf,
  type Code,
  get,
  i8x16,
  i32,
  i32x4,
  i64,
  i64x2,
  label,
  loop,
  set,
  tee,
  ValueType,
  v128,
  when,
} from '../wasm/assembler/code.ts';
import { call, type Func, type Locals, ModuleBuilder } from '../wasm/assembler/module.ts';
import { webAssembly } from '../wasm/webassembly.ts';

const BLOCK = 32;

/** Names with the end of their line, 256 of them and those behind a prefix. */
const NAMES_SIZE = 1 << 17;
/** What stands before the stack. */
const HEADING_SIZE = 64;
/** A full stack with quotes, prefix and comma for each word, and what an exchange writes behind it. */
export const STACK_SIZE: number = (STACK_LIMIT + 17) * 69;
/** Numbers whose digits are at hand. */
const DECIMALS_COUNT = 10_000;

export const HEAD_SIZE = 32;

const TAILS = 128;
const HEADS = TAILS + 8 * 256;
const ENDS = HEADS + HEAD_SIZE * 256;
const DECIMALS = ENDS + 8 * STACK_LIMIT;
const NAMES = DECIMALS + 4 * DECIMALS_COUNT;
const STACK = NAMES + NAMES_SIZE + HEADING_SIZE;

/** Where things lie in the memory, in bytes. */
export const PLACE = {
  /** The word that comes on top of the stack: four numbers of 64 bits, the lowest first. */
  LIMBS: 0,
  /** How many words the stack has. */
  WORDS: 32,
  /** Where the heading of the stack begins, which ends where the stack does begin. */
  HEADING: 36,
  /** How long it is what stands between the stack and the name, and the text itself in 64 bytes. */
  MIDDLE_LENGTH: 40,
  MIDDLE: 48,
  /** By opcode start and length of the name with all behind it. */
  TAILS,
  /** By opcode `HEAD_SIZE` bytes with `,"op":1,"gas":"0x`, the last of them the length. */
  HEADS,
  /** Where the text of each word of the stack ends, the comma included; before them where the first begins. */
  ENDS,
  /** The digits of each number below 10,000, the first one in the lowest byte. */
  DECIMALS,
  NAMES,
  STACK,
  OUT: STACK + STACK_SIZE,
} as const;

/** What an instruction does to the text of the stack. */
export const Change = { UPDATE: 0, DUPLICATE: 1, EXCHANGE: 2 } as const;
export type Change = (typeof Change)[keyof typeof Change];

/** What an emitted module gives. Numbers that are too large for 32 bits are cut. */
export interface StepLine {
  readonly memory: ArrayBuffer;
  /**
   * Writes a line from `at` on, with the stack as it was, and then changes the text of the stack.
   * @param gasHigh the upper half of the gas
   * @param depth of an update how many words stay; of the other changes how far down they reach
   * @param top of an update the highest limb of the word that comes on top; negative where none does
   * @returns where the line ends
   */
  readonly step: (
    at: number,
    pc: number,
    opcode: number,
    gasHigh: number,
    gas: number,
    cost: number,
    change: Change,
    depth: number,
    top: number,
  ) => number;
  /** Writes the text of the word in `LIMBS`; returns where it ends. */
  readonly word: (at: number, top: number) => number;
}

const { I32, I64, V128 } = ValueType;
const PAGE = 1 << 16;

/**
 * @param size of the memory in bytes
 * @returns null where WebAssembly is not allowed
 */
export function stepLine(size: number): StepLine | null {
  const api = webAssembly();
  if (api === undefined) return null;
  const pages = Math.ceil((size + BLOCK) / PAGE);
  try {
    const memory = new api.Memory({ initial: pages, maximum: pages });
    const { exports } = new api.Instance(new api.Module(encode(pages)), { '': { memory } });
    const { step, word } = exports as unknown as Pick<StepLine, 'step' | 'word'>;
    new Uint32Array(memory.buffer, PLACE.DECIMALS, DECIMALS_COUNT).set(decimals());
    return { memory: memory.buffer, step, word };
  } catch {
    // A content-security policy, no vectors of 128 bits, no room: each engine has errors of its own for it.
    return null;
  }
}

const decimals = (): Uint32Array =>
  Uint32Array.from({ length: DECIMALS_COUNT }, (_, value) => {
    let packed = 0;
    for (let rest = value, first = true; first || rest > 0; rest = (rest / 10) | 0, first = false) {
      packed = (packed << 8) | (48 + (rest % 10));
    }
    return packed;
  });

function encode(pages: number): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(pages, pages);
  const word = emitWord(module);
  const step = emitStep(module, emitDecimal(module), emitExchange(module));
  module.exportFunction('word', word);
  module.exportFunction('step', step);
  return module.encode();
}

const ZERO = i32.const(0);
const increase = (local: number, by: Code): Code => set(local, i32.add(get(local), by));

/** ASCII as bytes of a vector. */
const bytesOf = (text: string): number[] => Array.from({ length: 16 }, (_, i) => text.charCodeAt(i) || 0);

/** Upwards, so that where the places overlap, `to` has to be below `from`. At least one block; clobbers its operands. */
function copyBlocks(from: number, to: number, length: number): Code {
  const next = label();
  return loop(
    next,
    v128.store(get(to), v128.load(get(from))),
    v128.store(get(to), v128.load(get(from), 16), 16),
    increase(from, i32.const(BLOCK)),
    increase(to, i32.const(BLOCK)),
    branchIf(next, i32.gtS(tee(length, i32.sub(get(length), i32.const(BLOCK))), ZERO)),
  );
}

/** (value, at) -> where it ends: the digits of any number. */
function emitDecimal(module: ModuleBuilder): Func {
  const func = module.begin([I32, I32], [I32]);
  const [value, at] = func.params;
  const ten = i32.const(10);
  return func.end([
    when(i32.ltU(get(value), i32.const(DECIMALS_COUNT)), smallDecimal(value, at), [
      set(at, call(func, i32.divU(get(value), ten), get(at))),
      i32.store8(get(at), i32.add(i32.remU(get(value), ten), i32.const(48))),
      increase(at, i32.const(1)),
    ]),
    get(at),
  ]);
}

/** The digits of a number below 10,000; `at` moves behind them. */
const smallDecimal = (value: number, at: number): Code => [
  i32.store(get(at), i32.load(i32.shl(get(value), i32.const(2)), PLACE.DECIMALS)),
  increase(
    at,
    [9, 99, 999].reduce<Code>(
      (sum, limit) => i32.add(sum, i32.gtU(get(value), i32.const(limit))),
      i32.const(1),
    ),
  ),
];

/** Sixteen hex digits of a limb. */
function hexDigits(limb: Code, vector: number): Code {
  const twice = Array.from({ length: 16 }, (_, i) => 7 - (i >> 1));
  const [high, low] = [
    [0x0f, 0],
    [0, 0x0f],
  ].map((pair) => v128.const(Array.from({ length: 16 }, (_, i) => pair[i & 1]!)));
  return [
    set(vector, i64x2.splat(limb)),
    set(vector, v128.shuffle(get(vector), get(vector), twice)),
    i8x16.swizzle(
      v128.const(bytesOf('0123456789abcdef')),
      v128.or(v128.and(i32x4.shrU(get(vector), i32.const(4)), high!), v128.and(get(vector), low!)),
    ),
  ];
}

/** Writes a limb without leading zeros; `at` moves behind it. */
function shortHex(at: number, limb: number, vector: number, zeros: number): Code {
  return [
    // In bits, by whole digits; of a 0 one digit remains.
    set(zeros, i64.and(i64.clz(i64.or(get(limb), i64.const(1))), i64.const(60))),
    v128.store(get(at), hexDigits(i64.shl(get(limb), get(zeros)), vector)),
    increase(at, i32.sub(i32.const(16), i32.wrap(i64.shrU(get(zeros), i64.const(2))))),
  ];
}

/** (at, top) -> where it ends. */
function emitWord(module: ModuleBuilder): Func {
  const func = module.begin([I32, I32], [I32]);
  const [at, top] = func.params;
  return func.end([writeWord(at, top, newHexLocals(func)), get(at)]);
}

/** Writes the text of the word; `at` moves behind it, `top` is clobbered. */
function writeWord(at: number, top: number, { limb, vector, zeros }: HexLocals): Code {
  const [skip, next] = [label(), label()];
  const limbAt = i64.load(i32.shl(get(top), i32.const(3)), PLACE.LIMBS);
  const down = set(top, i32.sub(get(top), i32.const(1)));
  return [
    // `"0x`
    i32.store(get(at), i32.const(0x783022)),
    increase(at, i32.const(3)),
    loop(
      skip,
      set(limb, limbAt),
      when(i32.and(i64.eqz(get(limb)), i32.ne(get(top), ZERO)), [down, branch(skip)]),
    ),
    shortHex(at, limb, vector, zeros),
    when(
      get(top),
      loop(
        next,
        down,
        v128.store(get(at), hexDigits(limbAt, vector)),
        increase(at, i32.const(16)),
        branchIf(next, get(top)),
      ),
    ),
    // `",`
    i32.store16(get(at), i32.const(0x2c22)),
    increase(at, i32.const(2)),
  ];
}

interface HexLocals {
  readonly limb: number;
  readonly vector: number;
  readonly zeros: number;
}

const newHexLocals = (locals: Locals): HexLocals => ({
  limb: locals.local(I64),
  vector: locals.local(V128),
  zeros: locals.local(I64),
});

type FiveNumbers = [number, number, number, number, number];
/** Locals, more than some need. */
const newNumbers = (locals: Locals): FiveNumbers =>
  Array.from({ length: 5 }, () => locals.local(I32)) as FiveNumbers;

/** The place of the end of the word whose number is in a local; `by` words further. */
const endOf = (index: number, by = 0): Code =>
  i32.load(i32.shl(get(index), i32.const(2)), PLACE.ENDS + 4 * by);

/** (words, depth): the top word and the one `depth` below it change places. */
function emitExchange(module: ModuleBuilder): Func {
  const func = module.begin([I32, I32], []);
  const [words, depth] = func.params;
  const [below, low, start, middle, top] = newNumbers(func);
  const [end, shift, from, to, length] = newNumbers(func);
  const copy = (source: Code, target: Code, size: Code): Code => [
    set(from, source),
    set(to, target),
    set(length, size),
    copyBlocks(from, to, length),
  ];
  const next = label();
  const slot = i32.shl(get(low), i32.const(2));
  return func.end([
    set(below, i32.sub(get(words), i32.const(1))),
    set(low, i32.sub(get(below), get(depth))),
    set(start, endOf(low)),
    set(middle, endOf(low, 1)),
    set(top, endOf(below)),
    set(end, endOf(words)),
    // Behind the top word come again those between and the low one; then all move to where the low one was.
    set(shift, i32.sub(get(top), get(middle))),
    when(get(shift), copy(get(middle), get(end), get(shift))),
    copy(get(start), i32.add(get(end), get(shift)), i32.sub(get(middle), get(start))),
    copy(get(top), get(start), i32.sub(get(end), get(start))),
    set(shift, i32.sub(i32.sub(get(end), get(top)), i32.sub(get(middle), get(start)))),
    when(
      get(shift),
      loop(
        next,
        increase(low, i32.const(1)),
        i32.store(slot, i32.add(endOf(low), get(shift)), PLACE.ENDS),
        branchIf(next, i32.ltU(get(low), get(below))),
      ),
    ),
  ]);
}

function emitStep(module: ModuleBuilder, decimal: Func, exchange: Func): Func {
  const func = module.begin([I32, I32, I32, I32, I32, I32, I32, I32, I32], [I32]);
  const [at, pc, opcode, gasHigh, gas, cost, change, depth, top] = func.params;
  const hex = newHexLocals(func);
  const [from, to, length, words] = newNumbers(func);
  const shortHexOf = (value: Code): Code => [
    set(hex.limb, value),
    shortHex(at, hex.limb, hex.vector, hex.zeros),
  ];
  const text = (piece: string): Code => [
    v128.store(get(at), v128.const(bytesOf(piece))),
    increase(at, i32.const(piece.length)),
  ];
  const move16 = (offset: number, base: number): Code =>
    v128.store(get(at), v128.load(get(from), base + offset), offset);
  const line: Code = [
    text('{"pc":'),
    when(
      i32.ltU(get(pc), i32.const(DECIMALS_COUNT)),
      smallDecimal(pc, at),
      set(at, call(decimal, get(pc), get(at))),
    ),
    set(from, i32.shl(get(opcode), i32.const(5))),
    [0, 16].map((offset) => move16(offset, PLACE.HEADS)),
    increase(at, i32.load8u(get(from), PLACE.HEADS + HEAD_SIZE - 1)),
    shortHexOf(i64.or(i64.shl(i64.extendI32U(get(gasHigh)), i64.const(32)), i64.extendI32U(get(gas)))),
    text('","gasCost":"0x'),
    shortHexOf(i64.extendI32U(get(cost))),
    // The heading and the stack, without the last comma.
    set(from, i32.load(ZERO, PLACE.HEADING)),
    set(words, i32.load(ZERO, PLACE.WORDS)),
    set(length, i32.sub(i32.sub(endOf(words), get(from)), i32.ne(get(words), ZERO))),
    set(to, get(at)),
    increase(at, get(length)),
    copyBlocks(from, to, length),
    set(from, ZERO),
    [0, 16, 32, 48].map((offset) => move16(offset, PLACE.MIDDLE)),
    increase(at, i32.load(ZERO, PLACE.MIDDLE_LENGTH)),
    set(from, i32.shl(get(opcode), i32.const(3))),
    set(length, i32.load(get(from), PLACE.TAILS + 4)),
    set(from, i32.load(get(from), PLACE.TAILS)),
    [0, 16].map((offset) => move16(offset, 0)),
    set(to, get(at)),
    increase(at, get(length)),
    when(i32.gtU(get(length), i32.const(BLOCK)), copyBlocks(from, to, length)),
  ];
  const slot = i32.shl(get(words), i32.const(2));
  const keepWords = i32.store(ZERO, get(words), PLACE.WORDS);
  const update: Code = [
    set(words, get(depth)),
    when(i32.geS(get(top), ZERO), [
      set(to, endOf(words)),
      writeWord(to, top, hex),
      i32.store(slot, get(to), PLACE.ENDS + 4),
      increase(words, i32.const(1)),
    ]),
    keepWords,
  ];
  const duplicate: Code = [
    set(depth, i32.sub(get(words), get(depth))),
    set(from, endOf(depth)),
    set(length, i32.sub(endOf(depth, 1), get(from))),
    set(to, endOf(words)),
    i32.store(slot, i32.add(get(to), get(length)), PLACE.ENDS + 4),
    copyBlocks(from, to, length),
    increase(words, i32.const(1)),
    keepWords,
  ];
  return func.end([
    line,
    when(
      i32.eqz(get(change)),
      update,
      when(
        i32.eq(get(change), i32.const(Change.DUPLICATE)),
        duplicate,
        call(exchange, get(words), get(depth)),
      ),
    ),
    get(at),
  ]);
}
