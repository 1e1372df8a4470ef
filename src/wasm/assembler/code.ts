/**
 * WebAssembly code as values: an instruction is a function that takes the code of its operands and gives code. Owns the
 * names of the instructions that Erbium emits and how nested code becomes bytes; knows neither modules nor the EVM.
 *
 * Source: WebAssembly Core Specification 2.0, sections 5.3 to 5.4 (types, instructions).
 */

/** A value type, by its byte. */
export const ValueType = { I32: 0x7f, I64: 0x7e, F64: 0x7c, V128: 0x7b } as const;
export type ValueType = (typeof ValueType)[keyof typeof ValueType];

/** Bytes, one or two to a number, nested as it suits whoever writes them, with marks where the depth of nesting counts. */
export type Code = number | Mark | readonly Code[];

/** Where a branch goes: the end of a block, or the start of a loop. Each stands in one place at a time. */
export class Label {
  /** How many structures are open around it while its own is; set as bytes are written. */
  depth = -1;
}

/** Writes what depends on how many structures are open, and gives how many are open behind it. */
type Mark = (out: number[], depth: number) => number;

export const label = (): Label => new Label();

/** An unsigned number in base 128, the lowest digit first. */
export function unsigned(value: number): number[] {
  if (!(value >= 0)) throw new RangeError(`${value} is negative`);
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

/** The same with a sign. */
export function signed(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const digit = Number(rest & 127n);
    rest >>= 7n;
    const isLast = (rest === 0n && digit < 64) || (rest === -1n && digit >= 64);
    bytes.push(isLast ? digit : digit | 128);
    if (isLast) return bytes;
  }
}

// Most instructions are two bytes, and most code is emitted once, by an interpreter of JavaScript, where every array and every
// call costs: two bytes are one number, and what is asked for most often makes it by itself.
const TWO_BYTES = 1 << 16;
const GET = TWO_BYTES | 0x20;
const indexed = (opcode: number, value: number): Code =>
  value >= 0 && value < 128 ? TWO_BYTES | (value << 8) | opcode : [opcode, unsigned(value)];
const constant = (opcode: number, value: bigint | number, bits: number): Code =>
  value >= -64 && value < 64
    ? TWO_BYTES | ((Number(value) & 127) << 8) | opcode
    : [opcode, signed(BigInt.asIntN(bits, BigInt(value)))];

/** Writes code to `out`. */
export function flatten(code: Code, out: number[]): void {
  write([code], out, 0);
}

/**
 * Mostly run once, before there is machine code of it: hence no call for a number, and no iterators.
 *
 * @returns how many structures are open behind it
 */
function write(parts: readonly Code[], out: number[], depth: number): number {
  let open = depth;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (typeof part === 'number') {
      if (part < TWO_BYTES) out.push(part);
      else out.push(part & 0xff, (part >> 8) & 0xff);
    } else if (typeof part === 'function') open = part(out, open);
    else open = write(part, out, open);
  }
  return open;
}

/** Code that is made when it is written, and garbage right after: a collection in between would have to move all of it. */
export const lazily =
  (make: () => Code): Code =>
  (out, depth) =>
    write([make()], out, depth);

// Structured control

const VOID = 0x40;
const END = 0x0b;
const OPEN: Mark = (_, depth) => depth + 1;
const CLOSE: Mark = (_, depth) => depth - 1;
const open =
  (target: Label): Mark =>
  (_, depth) => {
    if (target.depth >= 0) throw new RangeError('label is open already');
    target.depth = depth;
    return depth + 1;
  };
const close =
  (target: Label): Mark =>
  (_, depth) => {
    target.depth = -1;
    return depth - 1;
  };
const depthOf =
  (target: Label): Mark =>
  (out, depth) => {
    if (target.depth < 0) throw new RangeError('branch to a label that is not open');
    out.push(...unsigned(depth - target.depth - 1));
    return depth;
  };

/** A branch to `target` leaves it. */
export const block = (target: Label, ...body: Code[]): Code => [
  0x02,
  VOID,
  open(target),
  body,
  END,
  close(target),
];
/** A branch to `target` begins it again; without one it ends. */
export const loop = (target: Label, ...body: Code[]): Code => [
  0x03,
  VOID,
  open(target),
  body,
  END,
  close(target),
];
/** `then` where the condition is not zero, else `otherwise`. */
export const when = (condition: Code, then: Code, otherwise?: Code): Code =>
  otherwise === undefined
    ? [condition, 0x04, VOID, OPEN, then, END, CLOSE]
    : [condition, 0x04, VOID, OPEN, then, 0x05, otherwise, END, CLOSE];
/** The value of one of two branches. */
export const choose = (type: ValueType, condition: Code, then: Code, otherwise: Code): Code => [
  condition,
  0x04,
  type,
  OPEN,
  then,
  0x05,
  otherwise,
  END,
  CLOSE,
];
export const branch = (target: Label): Code => [0x0c, depthOf(target)];
export const branchIf = (target: Label, condition: Code): Code => [condition, 0x0d, depthOf(target)];
/** To the target of number `index`, or to the last. */
export const branchTable = (index: Code, targets: readonly Label[], last: Label): Code => [
  ...[index, 0x0e, unsigned(targets.length)],
  ...[targets.map(depthOf), depthOf(last)],
];
export const leave = (...values: Code[]): Code => [values, 0x0f];
export const unreachable: Code = 0x00;
export const drop = (value: Code): Code => [value, 0x1a];
/** One of two values, both of which are computed. */
export const select = (then: Code, otherwise: Code, condition: Code): Code => [
  then,
  otherwise,
  condition,
  0x1b,
];

// Variables

export const get = (local: number): Code =>
  local >= 0 && local < 128 ? GET | (local << 8) : [0x20, unsigned(local)];
export const set = (local: number, value: Code): Code => [value, indexed(0x21, local)];
/** Sets a local and gives its value. */
export const tee = (local: number, value: Code): Code => [value, indexed(0x22, local)];
export const getGlobal = (global: number): Code => indexed(0x23, global);
export const setGlobal = (global: number, value: Code): Code => [value, indexed(0x24, global)];

// Numbers and vectors

type Unary = (a: Code) => Code;
type Binary = (a: Code, b: Code) => Code;
/** @param offset in bytes, added to the address */
type Load = (address: Code, offset?: number) => Code;
type Store = (address: Code, value: Code, offset?: number) => Code;

const unary =
  (opcode: Code): Unary =>
  (a) => [a, opcode];
const binary =
  (opcode: Code): Binary =>
  (a, b) => [a, b, opcode];
// Alignment is a hint only, and 1 is always true.
const aligned = (opcode: Code): Code => (typeof opcode === 'number' ? TWO_BYTES | opcode : [opcode, 0]);
const load = (opcode: Code): Load => {
  const start = aligned(opcode);
  return (address, offset = 0) => [address, start, offset >= 0 && offset < 128 ? offset : unsigned(offset)];
};
const store = (opcode: Code): Store => {
  const start = aligned(opcode);
  return (address, value, offset = 0) => [
    address,
    value,
    start,
    offset >= 0 && offset < 128 ? offset : unsigned(offset),
  ];
};

const SIMD = 0xfd;
const simd = (opcode: number): number[] => [SIMD, ...unsigned(opcode)];

export const i32 = {
  const: (value: number): Code => constant(0x41, value, 32),
  load: load(0x28),
  load8u: load(0x2d),
  load16u: load(0x2f),
  store: store(0x36),
  store8: store(0x3a),
  store16: store(0x3b),
  eqz: unary(0x45),
  eq: binary(0x46),
  ne: binary(0x47),
  ltS: binary(0x48),
  ltU: binary(0x49),
  gtS: binary(0x4a),
  gtU: binary(0x4b),
  leS: binary(0x4c),
  leU: binary(0x4d),
  geS: binary(0x4e),
  geU: binary(0x4f),
  clz: unary(0x67),
  ctz: unary(0x68),
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  divU: binary(0x6e),
  remU: binary(0x70),
  and: binary(0x71),
  or: binary(0x72),
  xor: binary(0x73),
  shl: binary(0x74),
  shrS: binary(0x75),
  shrU: binary(0x76),
  rotl: binary(0x77),
  rotr: binary(0x78),
  /** The lower half. */
  wrap: unary(0xa7),
} as const;

export const i64 = {
  const: (value: bigint | number): Code => constant(0x42, value, 64),
  load: load(0x29),
  load8u: load(0x31),
  load16u: load(0x33),
  load32u: load(0x35),
  store: store(0x37),
  store8: store(0x3c),
  store32: store(0x3e),
  eqz: unary(0x50),
  eq: binary(0x51),
  ne: binary(0x52),
  ltS: binary(0x53),
  ltU: binary(0x54),
  gtS: binary(0x55),
  gtU: binary(0x56),
  leS: binary(0x57),
  leU: binary(0x58),
  geS: binary(0x59),
  geU: binary(0x5a),
  clz: unary(0x79),
  ctz: unary(0x7a),
  add: binary(0x7c),
  sub: binary(0x7d),
  mul: binary(0x7e),
  divU: binary(0x80),
  remU: binary(0x82),
  and: binary(0x83),
  or: binary(0x84),
  xor: binary(0x85),
  shl: binary(0x86),
  shrS: binary(0x87),
  shrU: binary(0x88),
  rotl: binary(0x89),
  rotr: binary(0x8a),
  extendI32S: unary(0xac),
  extendI32U: unary(0xad),
} as const;

export const f64 = {
  load: load(0x2b),
  store: store(0x39),
  /** Of a whole number with a sign. */
  ofI64: unary(0xb9),
  /** The whole number, towards zero; a trap beyond its range. */
  toI64: unary(0xb0),
} as const;

export const v128 = {
  load: load(simd(0)),
  /** Eight bytes, and eight of zero above them. */
  load64Zero: load(simd(93)),
  store: store(simd(11)),
  /** @param bytes 16 */
  const: (bytes: readonly number[]): Code => [simd(12), bytes],
  zero: [SIMD, 12, ...new Array<number>(16).fill(0)] as Code,
  not: unary(simd(77)),
  and: binary(simd(78)),
  or: binary(simd(80)),
  xor: binary(simd(81)),
  /** 1 where a bit is set. */
  anyTrue: unary(simd(83)),
  /** @param lanes 16 numbers: 0 to 15 are bytes of `a`, 16 to 31 of `b` */
  shuffle: (a: Code, b: Code, lanes: readonly number[]): Code => [a, b, SIMD, 13, lanes],
} as const;

export const i8x16 = {
  splat: unary(simd(15)),
  /** Of `a` the bytes that `b` numbers, zero for numbers above 15. */
  swizzle: binary(simd(14)),
  /** Bytes of ones where two are equal. */
  eq: binary(simd(35)),
  allTrue: unary(simd(99)),
  /** The highest bit of each byte, that of byte 0 lowest. */
  bitmask: unary(simd(100)),
} as const;

export const i32x4 = {
  /** @param b by how many bits, an i32 */
  shl: binary(simd(171)),
  /** @param b by how many bits, an i32 */
  shrU: binary(simd(173)),
  add: binary(simd(174)),
} as const;

export const i64x2 = {
  splat: unary(simd(18)),
  extract: (vector: Code, lane: 0 | 1): Code => [vector, simd(29), lane],
  replace: (vector: Code, lane: 0 | 1, value: Code): Code => [vector, value, simd(30), lane],
  /** @param b by how many bits, an i32 */
  shrU: binary(simd(205)),
  eq: binary(simd(214)),
} as const;

// Memory

export const memory = {
  /** In pages of 64 KiB. */
  size: [0x3f, 0] as Code,
  /** Gives the size before, or -1 where there is no room. */
  grow: (pages: Code): Code => [pages, 0x40, 0],
  fill: (to: Code, byte: Code, length: Code): Code => [to, byte, length, 0xfc, 11, 0],
  copy: (to: Code, from: Code, length: Code): Code => [to, from, length, 0xfc, 10, 0, 0],
} as const;
