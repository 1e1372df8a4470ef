/**
 * A WebAssembly module as it is built: functions, globals, one memory, exports. Owns the binary format of the sections.
 *
 * Source: WebAssembly Core Specification 2.0, section 5.5 (modules).
 */

import { type Code, flatten, i32, signed, unsigned, ValueType } from './code.ts';

/** A function of the module; calls go by its number. */
export interface Func {
  readonly index: number;
}

/** A function that will be at a place of the module's table, and the number of its type. */
export interface Slot {
  readonly slot: number;
  readonly type: number;
}

/** Of an empty slot it is a trap. */
export const call = (callee: Func | Slot, ...args: Code[]): Code =>
  'index' in callee
    ? [args, 0x10, unsigned(callee.index)]
    : [args, i32.const(callee.slot), 0x11, unsigned(callee.type), 0];

/** Where a function's locals come from. */
export interface Locals {
  /** A new local, which is zero at first; its number. */
  local(type: ValueType): number;
}

/**
 * A function of which the body is being made. It is begun and ended, and not made by a function that is handed over: most
 * such functions run once, and V8 would parse each of them twice, with what it is in and by itself.
 */
export class Body<P extends readonly ValueType[] = readonly ValueType[]> implements Func, Locals {
  readonly index: number;
  /** The numbers of the parameters. */
  readonly params: { readonly [K in keyof P]: number };
  private readonly types: ValueType[] = [];
  private readonly place: (bytes: Uint8Array) => void;

  constructor(index: number, params: P, place: (bytes: Uint8Array) => void) {
    this.index = index;
    this.params = params.map((_, i) => i) as unknown as { readonly [K in keyof P]: number };
    this.place = place;
  }

  local(type: ValueType): number {
    return this.params.length + this.types.push(type) - 1;
  }

  /** @param code whatever it leaves on the stack is the result */
  end(code: Code): Func {
    const bytes = vector(runs(this.types));
    flatten(code, bytes);
    bytes.push(END);
    // As bytes at once: code as values takes a hundred times the room, and most of the time went into moving it about.
    this.place(new Uint8Array(bytes));
    return this;
  }
}

const sized = (bytes: readonly number[]): number[] => unsigned(bytes.length).concat(bytes);
const vector = (items: readonly (readonly number[])[]): number[] => unsigned(items.length).concat(...items);
const section = (id: number, items: readonly (readonly number[])[]): number[] =>
  items.length === 0 ? [] : [id, ...sized(vector(items))];
const nameOf = (text: string): number[] => sized([...text].map((char) => char.charCodeAt(0)));

const NO_BYTES = new Uint8Array(0);
const MAGIC_AND_VERSION: readonly number[] = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const CODE_SECTION = 10;
const END = 0x0b;
const FUNCTION_TYPE = 0x60;
const MUTABLE = 1;
const FUNCTION_REFERENCE = 0x70;
const [FUNCTION_KIND, TABLE_KIND, MEMORY_KIND, GLOBAL_KIND] = [0, 1, 2, 3];

/** Builds a module. Imported functions are declared before all others. */
export class ModuleBuilder {
  private readonly types: number[][] = [];
  private readonly typeIndexes = new Map<string, number>();
  private readonly imports: number[][] = [];
  private readonly functionTypes: number[] = [];
  private readonly bodies: Uint8Array[] = [];
  private readonly globals: number[][] = [];
  private readonly exports: number[][] = [];
  private readonly segments: number[][] = [];
  private readonly elements: number[][] = [];
  private imported = 0;
  private declared = 0;

  /** The module's memory, by the name `memory` of the imports; sizes in pages of 64 KiB. */
  importMemory(pages: number, maximum: number): void {
    this.imports.push([
      ...nameOf(''),
      ...nameOf('memory'),
      MEMORY_KIND,
      1,
      ...unsigned(pages),
      ...unsigned(maximum),
    ]);
  }

  /** The module's table of functions, by the name `table` of the imports. */
  importTable(size: number): void {
    this.imports.push([
      ...nameOf(''),
      ...nameOf('table'),
      TABLE_KIND,
      FUNCTION_REFERENCE,
      0,
      ...unsigned(size),
    ]);
  }

  /** A place of the table for functions of one type. */
  slot(slot: number, params: readonly ValueType[], results: readonly ValueType[]): Slot {
    return { slot, type: this.type(params, results) };
  }

  /** Functions that the module puts into the table, from its first place on. */
  fillTable(functions: readonly Func[]): void {
    const indexes = functions.map(({ index }) => unsigned(index));
    this.elements.push([0, 0x41, 0, END, ...vector(indexes)]);
  }

  importFunction(name: string, params: readonly ValueType[], results: readonly ValueType[]): Func {
    if (this.declared > 0) throw new RangeError('imported functions come first');
    const type = this.type(params, results);
    this.imports.push([...nameOf(''), ...nameOf(name), FUNCTION_KIND, ...unsigned(type)]);
    return { index: this.imported++ };
  }

  /** A function, which others may call from now on; its body follows. */
  begin<const P extends readonly ValueType[]>(params: P, results: readonly ValueType[]): Body<P> {
    this.functionTypes.push(this.type(params, results));
    // In its place before the body is made, which may make functions of its own.
    const place = this.bodies.push(NO_BYTES) - 1;
    return new Body(this.imported + this.declared++, params, (bytes) => {
      this.bodies[place] = bytes;
    });
  }

  /** A variable of the module; its number. */
  global(type: ValueType, value = 0): number {
    const [initial, bits] = type === ValueType.I64 ? [0x42, 64] : [0x41, 32];
    this.globals.push([type, MUTABLE, initial, ...signed(BigInt.asIntN(bits, BigInt(value))), 0x0b]);
    return this.globals.length - 1;
  }

  exportFunction(name: string, func: Func): void {
    this.exports.push([...nameOf(name), FUNCTION_KIND, ...unsigned(func.index)]);
  }

  exportGlobal(name: string, global: number): void {
    this.exports.push([...nameOf(name), GLOBAL_KIND, ...unsigned(global)]);
  }

  /** Bytes that are in memory from `address` on when the module starts. */
  data(address: number, bytes: Uint8Array): void {
    this.segments.push([0, 0x41, ...signed(BigInt(address | 0)), 0x0b, ...sized([...bytes])]);
  }

  /** The module's bytes. */
  encode(): Uint8Array<ArrayBuffer> {
    const { bodies } = this;
    const sizes = bodies.map(({ length }) => unsigned(length));
    const count = unsigned(bodies.length);
    const codeSize = bodies.reduce((sum, body, i) => sum + sizes[i]!.length + body.length, count.length);
    const before = MAGIC_AND_VERSION.concat(
      section(1, this.types),
      section(2, this.imports),
      section(3, this.functionTypes.map(unsigned)),
      section(6, this.globals),
      section(7, this.exports),
      section(9, this.elements),
      bodies.length === 0 ? [] : [CODE_SECTION, ...unsigned(codeSize), ...count],
    );
    const after = section(11, this.segments);
    const codeEnd = before.length + (bodies.length === 0 ? 0 : codeSize - count.length);
    const bytes = new Uint8Array(codeEnd + after.length);
    bytes.set(before);
    let at = before.length;
    for (const [i, body] of bodies.entries()) {
      bytes.set(sizes[i]!, at);
      bytes.set(body, at + sizes[i]!.length);
      at += sizes[i]!.length + body.length;
    }
    bytes.set(after, codeEnd);
    return bytes;
  }

  private type(params: readonly ValueType[], results: readonly ValueType[]): number {
    const name = `${params.join()}-${results.join()}`;
    let index = this.typeIndexes.get(name);
    if (index === undefined) {
      index = this.types.push([FUNCTION_TYPE, ...sized(params), ...sized(results)]) - 1;
      this.typeIndexes.set(name, index);
    }
    return index;
  }
}

/** Types of locals as the format wants them: how many in a row have the same. */
function runs(types: readonly ValueType[]): number[][] {
  const groups: { count: number; type: ValueType }[] = [];
  for (const type of types) {
    const last = groups.at(-1);
    if (last?.type === type) last.count++;
    else groups.push({ count: 1, type });
  }
  return groups.map(({ count, type }) => [...unsigned(count), type]);
}
