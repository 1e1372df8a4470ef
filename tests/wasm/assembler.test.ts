/** The assembler on its own: numbers, labels, locals, sections, and that what it emits runs as it reads. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  block,
  branch,
  branchIf,
  branchTable,
  type Code,
  choose,
  drop,
  flatten,
  get,
  getGlobal,
  i8x16,
  i32,
  i32x4,
  i64,
  i64x2,
  label,
  leave,
  loop,
  memory,
  select,
  set,
  setGlobal,
  signed,
  tee,
  unreachable,
  unsigned,
  ValueType,
  v128,
  when,
} from '../../src/wasm/assembler/code.ts';
import { call, type Locals, ModuleBuilder } from '../../src/wasm/assembler/module.ts';
import { webAssembly } from '../../src/wasm/webassembly.ts';

fc.configureGlobal({ seed: 1 });

const { I32, I64, V128 } = ValueType;

type Value = number | bigint;
type Run = (...args: Value[]) => Value;

const isValid = (bytes: Uint8Array): boolean =>
  (webAssembly() as unknown as { validate: (bytes: Uint8Array) => boolean }).validate(bytes);

function instantiate(module: ModuleBuilder, imports: Record<string, object> = {}) {
  const bytes = module.encode();
  expect(isValid(bytes)).toBe(true);
  const { Memory, Module, Instance } = webAssembly()!;
  const store = new Memory({ initial: 1, maximum: 2 });
  const { exports } = new Instance(new Module(bytes), { '': { memory: store, ...imports } });
  return { exports: exports as Record<string, Run>, bytes: () => new Uint8Array(store.buffer) };
}

/** A function of a module with a memory. */
function run(
  params: ValueType[],
  results: ValueType[],
  body: (locals: Locals, ...params: number[]) => Code,
): Run & { bytes: () => Uint8Array } {
  const module = new ModuleBuilder();
  module.importMemory(1, 2);
  const func = module.begin(params, results);
  const locals: Locals = { local: (type) => func.local(type) };
  module.exportFunction('f', func.end(body(locals, ...func.params)));
  const { exports, bytes } = instantiate(module);
  return Object.assign((...args: Value[]) => exports.f!(...args), { bytes });
}

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const anyI32 = fc.oneof(fc.integer(), fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31)));
const anyI64 = fc.oneof(
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  fc.constantFrom(0n, 1n, -1n, (1n << 63n) - 1n, -(1n << 63n), 0xffff_ffffn, 1n << 32n),
);

describe('numbers', () => {
  it.each([
    [0, [0x00]],
    [1, [0x01]],
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    [624_485, [0xe5, 0x8e, 0x26]],
    [2 ** 31, [0x80, 0x80, 0x80, 0x80, 0x08]],
    [2 ** 32 - 1, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('%d without a sign', (value, bytes) => expect(unsigned(value)).toEqual(bytes));

  it.each([
    [0n, [0x00]],
    [63n, [0x3f]],
    [64n, [0xc0, 0x00]],
    [-1n, [0x7f]],
    [-64n, [0x40]],
    [-65n, [0xbf, 0x7f]],
    [127n, [0xff, 0x00]],
    [128n, [0x80, 0x01]],
    [-128n, [0x80, 0x7f]],
    [-123_456n, [0xc0, 0xbb, 0x78]],
    [2n ** 31n - 1n, [0xff, 0xff, 0xff, 0xff, 0x07]],
    [-(2n ** 31n), [0x80, 0x80, 0x80, 0x80, 0x78]],
    [2n ** 63n - 1n, [...new Array<number>(9).fill(0xff), 0x00]],
    [-(2n ** 63n), [...new Array<number>(9).fill(0x80), 0x7f]],
  ])('%d with a sign', (value, bytes) => expect(signed(value)).toEqual(bytes));

  it('that are negative have no encoding without a sign', () => {
    expect(() => unsigned(-1)).toThrow(RangeError);
    expect(() => unsigned(Number.NaN)).toThrow(RangeError);
    expect(() => i32.load(i32.const(0), -8)).toThrow(RangeError);
    expect(() => get(-1)).toThrow(RangeError);
  });

  it('as constants, modulo the width', () => {
    const ofI32 = [0, 63, 64, -64, -65, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 32 - 1, 2 ** 32 + 5];
    for (const value of ofI32) expect(run([], [I32], () => i32.const(value))()).toBe(value | 0);
    const ofI64 = [0n, 63n, 64n, -64n, -65n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n, (1n << 64n) + 5n];
    for (const value of ofI64) {
      expect(run([], [I64], () => i64.const(value))()).toBe(BigInt.asIntN(64, value));
      expect(run([], [I64], () => i64.const(-value))()).toBe(BigInt.asIntN(64, -value));
    }
    for (const value of [0, -1, 64, 2 ** 32, -(2 ** 40), 2 ** 63]) {
      expect(run([], [I64], () => i64.const(value))()).toBe(BigInt.asIntN(64, BigInt(value)));
    }
  });
});

describe('labels', () => {
  it('leave blocks from any depth', () => {
    const f = run([I32], [I32], ({ local }, n) => {
      const result = local(I32);
      const [outer, middle, inner] = [label(), label(), label()];
      const mark = (bit: number): Code => set(result, i32.or(get(result), i32.const(bit)));
      return [
        block(
          outer,
          block(
            middle,
            block(
              inner,
              when(i32.eq(get(n), i32.const(0)), branch(outer)),
              when(i32.eq(get(n), i32.const(1)), [when(i32.const(1), branch(middle)), unreachable]),
              branchIf(inner, i32.eq(get(n), i32.const(2))),
              mark(1),
            ),
            mark(2),
          ),
          mark(4),
        ),
        get(result),
      ];
    });
    expect([0, 1, 2, 3].map((n) => f(n))).toEqual([0, 4, 6, 7]);
  });

  it('begin loops again, from within others', () => {
    const f = run([I32, I32], [I32], ({ local }, rows, columns) => {
      const [x, y, count] = [local(I32), local(I32), local(I32)];
      const [done, row, column] = [label(), label(), label()];
      const increment = (variable: number): Code => set(variable, i32.add(get(variable), i32.const(1)));
      return [
        block(
          done,
          loop(
            row,
            branchIf(done, i32.geU(get(y), get(rows))),
            increment(y),
            set(x, i32.const(0)),
            loop(
              column,
              branchIf(row, i32.geU(get(x), get(columns))),
              increment(x),
              increment(count),
              branch(column),
            ),
          ),
        ),
        get(count),
      ];
    });
    expect([f(0, 5), f(1, 1), f(7, 9), f(4, 0)]).toEqual([0, 1, 63, 0]);
  });

  it('are chosen by a table', () => {
    const f = run([I32], [I32], (_, n) => {
      const labels = Array.from({ length: 200 }, label);
      const last = label();
      const nest = labels.reduce<Code>(
        (inner, target, i) => [block(target, inner), leave(i32.const(1_000 + i))],
        branchTable(get(n), labels, last),
      );
      return [block(last, nest), i32.const(-1)];
    });
    expect([0, 1, 127, 128, 199].map((n) => f(n))).toEqual([1_000, 1_001, 1_127, 1_128, 1_199]);
    expect([200, -1].map((n) => f(n))).toEqual([-1, -1]);
  });

  it('may stand in a table more than once, and be used again once closed', () => {
    const again = label();
    const f = run([I32], [I32], (_, n) => [
      block(again, branchTable(get(n), [again, again], again), unreachable),
      block(again, branch(again)),
      get(n),
    ]);
    expect([f(0), f(9)]).toEqual([0, 9]);
  });

  it('that are not open throw', () => {
    const flat = (code: Code): void => flatten(code, []);
    const target = label();
    expect(() => flat(branch(target))).toThrow('not open');
    expect(() => flat([block(target, i32.const(0)), branch(target)])).toThrow('not open');
    expect(() => flat(branchTable(i32.const(0), [label()], label()))).toThrow('not open');
    expect(() => flat(block(target, block(target)))).toThrow('open already');
  });
});

describe('variables', () => {
  it('of every type in any order', () => {
    const f = run([I64, I32], [I64], ({ local }, a, b) => {
      const [c, d, e, g, h] = [local(I32), local(I64), local(V128), local(I64), local(I32)];
      return [
        drop(get(c)),
        set(d, i64.add(get(a), i64.extendI32U(tee(h, get(b))))),
        set(e, i64x2.splat(get(d))),
        set(g, i64x2.extract(get(e), 1)),
        set(c, i32.const(3)),
        i64.mul(get(g), i64.extendI32U(i32.add(get(c), get(h)))),
      ];
    });
    expect(f(10n, 5)).toBe(15n * 8n);
  });

  it('that are more than a byte can number', () => {
    const f = run([I32], [I32], ({ local }, n) => {
      const all = Array.from({ length: 300 }, (_, i) => local(i % 2 === 0 ? I32 : I64));
      return [
        all.map((variable, i) => set(variable, i % 2 === 0 ? i32.add(get(n), i32.const(i)) : i64.const(i))),
        all.map((variable, i) => [i % 2 === 0 ? get(variable) : i32.wrap(get(variable)), i > 0 ? 0x6a : []]),
      ];
    });
    expect(f(1)).toBe(150 + (299 * 300) / 2);
  });

  it('of the module', () => {
    const module = new ModuleBuilder();
    const [a, b, c] = [module.global(I32, -5), module.global(I64, 2 ** 40), module.global(I32, 2 ** 31)];
    const add = module.begin([I64], [I64]);
    const [n] = add.params;
    add.end([
      setGlobal(b, i64.add(getGlobal(b), get(n))),
      setGlobal(a, i32.add(getGlobal(a), i32.const(1))),
      getGlobal(b),
    ]);
    module.exportFunction('add', add);
    module.exportGlobal('a', a);
    module.exportGlobal('c', c);
    const { exports } = instantiate(module);
    expect([exports.add!(1n), exports.add!(2n)]).toEqual([2n ** 40n + 1n, 2n ** 40n + 3n]);
    const globals = exports as unknown as Record<string, { value: number }>;
    expect([globals.a!.value, globals.c!.value]).toEqual([-3, -(2 ** 31)]);
  });
});

describe('modules', () => {
  it('are valid when empty, and hold all sections', () => {
    expect(isValid(new ModuleBuilder().encode())).toBe(true);
  });

  it('call imports and their own functions, also those made within another', () => {
    const module = new ModuleBuilder();
    const seen: Value[] = [];
    const log = module.importFunction('log', [I32], []);
    const double = module.importFunction('double', [I32], [I32]);
    const outer = module.begin([I32], [I32]);
    const inner = module.begin([I32], [I32]);
    inner.end(i32.add(get(inner.params[0]), i32.const(1)));
    const [n] = outer.params;
    outer.end([call(log, get(n)), call(inner, call(double, get(n)))]);
    module.exportFunction('outer', outer);
    const imports = { log: (n: number) => void seen.push(n), double: (n: number) => 2 * n };
    const { exports } = instantiate(module, imports);
    expect(exports.outer!(20)).toBe(41);
    expect(seen).toEqual([20]);
    expect(() => module.importFunction('late', [], [])).toThrow('come first');
  });

  it('have many functions', () => {
    const module = new ModuleBuilder();
    const functions = Array.from({ length: 300 }, (_, i) => module.begin([], [I32]).end(i32.const(i)));
    const sum = functions.map((func, i) => [call(func), i > 0 ? 0x6a : []]);
    module.exportFunction('sum', module.begin([], [I32]).end(sum));
    expect(instantiate(module).exports.sum!()).toBe((299 * 300) / 2);
  });

  it('call what another has put into a table that both have', () => {
    const { Table } = webAssembly()!;
    const table = new Table({ element: 'anyfunc', initial: 200 });
    const caller = new ModuleBuilder();
    caller.importTable(200);
    const [halve, sum] = [caller.slot(0, [I32], [I32]), caller.slot(199, [I32, I64], [I64])];
    const outer = caller.begin([I32], [I64]);
    outer.end(call(sum, call(halve, get(outer.params[0])), i64.const(7)));
    caller.exportFunction('outer', outer);
    const early = instantiate(caller, { table }).exports.outer!;
    expect(() => early(20)).toThrow(/null|index|table/);

    const callee = new ModuleBuilder();
    callee.importTable(200);
    const half = callee.begin([I32], [I32]);
    half.end(i32.shrU(get(half.params[0]), i32.const(1)));
    const both = callee.begin([I32, I64], [I64]);
    both.end(i64.add(i64.extendI32U(get(both.params[0])), get(both.params[1])));
    callee.fillTable([half, ...Array.from({ length: 198 }, () => half), both]);
    instantiate(callee, { table });
    expect(early(20)).toBe(17n);
  });

  it('bring data', () => {
    const module = new ModuleBuilder();
    module.importMemory(1, 2);
    module.data(
      1_000,
      Uint8Array.from({ length: 300 }, (_, i) => i),
    );
    module.data(65_535, Uint8Array.of(7));
    const bytes = instantiate(module).bytes();
    expect(bytes.subarray(1_000, 1_300)).toEqual(Uint8Array.from({ length: 300 }, (_, i) => i));
    expect([bytes[999], bytes[1_300], bytes[65_535]]).toEqual([0, 0, 7]);
  });
});

describe('instructions', () => {
  const binary32: [keyof typeof i32, (a: number, b: number) => number][] = [
    ['add', (a, b) => (a + b) | 0],
    ['sub', (a, b) => (a - b) | 0],
    ['mul', Math.imul],
    ['and', (a, b) => a & b],
    ['or', (a, b) => a | b],
    ['xor', (a, b) => a ^ b],
    ['shl', (a, b) => a << b],
    ['shrS', (a, b) => a >> b],
    ['shrU', (a, b) => (a >>> b) | 0],
    ['rotl', (a, b) => (a << (b & 31)) | (a >>> (-b & 31))],
    ['rotr', (a, b) => (a >>> (b & 31)) | (a << (-b & 31))],
    ['eq', (a, b) => +(a === b)],
    ['ne', (a, b) => +(a !== b)],
    ['ltS', (a, b) => +(a < b)],
    ['ltU', (a, b) => +(a >>> 0 < b >>> 0)],
    ['gtS', (a, b) => +(a > b)],
    ['gtU', (a, b) => +(a >>> 0 > b >>> 0)],
    ['leS', (a, b) => +(a <= b)],
    ['leU', (a, b) => +(a >>> 0 <= b >>> 0)],
    ['geS', (a, b) => +(a >= b)],
    ['geU', (a, b) => +(a >>> 0 >= b >>> 0)],
  ];
  it.each(binary32)('i32.%s', (name, expected) => {
    const f = run([I32, I32], [I32], (_, a, b) => (i32[name] as typeof i32.add)(get(a), get(b)));
    fc.assert(fc.property(anyI32, anyI32, (a, b) => f(a, b) === expected(a, b)));
  });

  const rotl64 = (a: bigint, by: bigint): bigint => u64(u64(a) << by) | (u64(a) >> (64n - by));
  const binary64: [keyof typeof i64, (a: bigint, b: bigint) => bigint | boolean][] = [
    ['add', (a, b) => a + b],
    ['sub', (a, b) => a - b],
    ['mul', (a, b) => a * b],
    ['and', (a, b) => a & b],
    ['or', (a, b) => a | b],
    ['xor', (a, b) => a ^ b],
    ['shl', (a, b) => a << (b & 63n)],
    ['shrS', (a, b) => a >> (b & 63n)],
    ['shrU', (a, b) => u64(a) >> (b & 63n)],
    ['rotl', (a, b) => rotl64(a, b & 63n)],
    ['rotr', (a, b) => rotl64(a, -b & 63n)],
    ['eq', (a, b) => a === b],
    ['ne', (a, b) => a !== b],
    ['ltS', (a, b) => a < b],
    ['ltU', (a, b) => u64(a) < u64(b)],
    ['gtS', (a, b) => a > b],
    ['gtU', (a, b) => u64(a) > u64(b)],
    ['leS', (a, b) => a <= b],
    ['leU', (a, b) => u64(a) <= u64(b)],
    ['geS', (a, b) => a >= b],
    ['geU', (a, b) => u64(a) >= u64(b)],
  ];
  it.each(binary64)('i64.%s', (name, expected) => {
    const isComparison = typeof expected(0n, 1n) === 'boolean';
    const code = i64[name] as typeof i64.add;
    const f = run([I64, I64], [isComparison ? I32 : I64], (_, a, b) => code(get(a), get(b)));
    fc.assert(
      fc.property(anyI64, anyI64, (a, b) => {
        const value = expected(a, b);
        expect(f(a, b)).toBe(typeof value === 'bigint' ? BigInt.asIntN(64, value) : Number(value));
      }),
    );
  });

  it('divide', () => {
    const of32 = (code: typeof i32.add) => run([I32, I32], [I32], (_, a, b) => code(get(a), get(b)));
    const of64 = (code: typeof i64.add) => run([I64, I64], [I64], (_, a, b) => code(get(a), get(b)));
    expect([of32(i32.divU)(-1, 7), of32(i32.remU)(-1, 7)]).toEqual([613_566_756, 3]);
    const most = (1n << 64n) - 1n;
    expect([of64(i64.divU)(-1n, 7n), of64(i64.remU)(-1n, 7n)]).toEqual([most / 7n, most % 7n]);
  });

  it('count zeros, widen and narrow', () => {
    const of32 = (code: typeof i32.clz) => run([I32], [I32], (_, a) => code(get(a)));
    const of64 = (code: typeof i64.clz) => run([I64], [I64], (_, a) => code(get(a)));
    expect([0, 1, -1, 0x100].map((n) => of32(i32.clz)(n))).toEqual([32, 31, 0, 23]);
    expect([0, 1, -1, 0x100].map((n) => of32(i32.ctz)(n))).toEqual([32, 0, 0, 8]);
    expect([0, 1].map((n) => of32(i32.eqz)(n))).toEqual([1, 0]);
    expect([0n, 1n, -1n, 1n << 40n].map((n) => of64(i64.clz)(n))).toEqual([64n, 63n, 0n, 23n]);
    expect([0n, 1n, -1n, 1n << 40n].map((n) => of64(i64.ctz)(n))).toEqual([64n, 0n, 0n, 40n]);
    expect(run([I64], [I32], (_, a) => i64.eqz(get(a)))(0n)).toBe(1);
    expect(run([I64], [I32], (_, a) => i32.wrap(get(a)))(0x1_8000_0000n)).toBe(-(2 ** 31));
    expect(run([I32], [I64], (_, a) => i64.extendI32S(get(a)))(-2)).toBe(-2n);
    expect(run([I32], [I64], (_, a) => i64.extendI32U(get(a)))(-2)).toBe(0xffff_fffen);
  });

  it('choose and select', () => {
    const chosen = run([I32], [I64], (_, n) => choose(I64, get(n), i64.const(1), i64.const(2)));
    const selected = run([I32], [I64], (_, n) => select(i64.const(1), i64.const(2), get(n)));
    const branched = run([I32], [I32], ({ local }, n) => {
      const result = local(I32);
      return [when(get(n), set(result, i32.const(1)), set(result, i32.const(2))), get(result)];
    });
    expect([chosen(5), chosen(0), selected(5), selected(0)]).toEqual([1n, 2n, 1n, 2n]);
    expect([branched(5), branched(0)]).toEqual([1, 2]);
  });
});

describe('memory', () => {
  it('is read and written in every width, little-endian', () => {
    const f = run([I64], [I64], (_, n) => {
      const at = i32.const(0);
      return [
        i64.store(at, get(n), 200),
        i64.store8(at, get(n), 300),
        i64.store32(at, get(n), 304),
        i32.store(at, i32.load(at, 200), 400),
        i32.store8(at, i32.load8u(at, 201), 404),
        i32.store16(at, i32.load16u(at, 202), 406),
        i64.store(at, i64.load8u(at, 207), 500),
        i64.store(at, i64.load16u(at, 206), 508),
        i64.store(at, i64.load32u(at, 204), 516),
        i64.load(at, 200),
      ];
    });
    expect(f(-0x7766_5544_3322_1101n)).toBe(-0x7766_5544_3322_1101n);
    const bytes = f.bytes();
    const at = (from: number, length: number): string =>
      Buffer.from(bytes.subarray(from, from + length)).toString('hex');
    expect(at(200, 8)).toBe('ffeeddccbbaa9988');
    expect([at(300, 8), at(400, 8)]).toEqual(['ff000000ffeeddcc', 'ffeeddccee00ddcc']);
    expect([at(500, 8), at(508, 8), at(516, 8)]).toEqual([
      '8800000000000000',
      '9988000000000000',
      'bbaa998800000000',
    ]);
  });

  it('grows, is filled and copied', () => {
    const f = run([], [I32], () => [
      memory.fill(i32.const(10), i32.const(0xab), i32.const(5)),
      memory.copy(i32.const(12), i32.const(8), i32.const(5)),
      i32.add(
        i32.mul(memory.grow(i32.const(1)), i32.const(100)),
        i32.add(i32.mul(memory.size, i32.const(10)), memory.grow(i32.const(1))),
      ),
    ]);
    expect(f()).toBe(100 + 20 - 1);
    expect([...f.bytes().subarray(8, 18)]).toEqual([0, 0, 0xab, 0xab, 0, 0, 0xab, 0xab, 0xab, 0]);
  });
});

describe('vectors', () => {
  const first = Uint8Array.from({ length: 16 }, (_, i) => i * 17);
  const second = Uint8Array.from({ length: 16 }, (_, i) => (i % 3 === 0 ? i * 17 : 200 - i));

  /** What a function of two vectors in memory gives. */
  function vectors(body: (a: Code, b: Code) => Code): number[] {
    const f = run([], [], () =>
      v128.store(i32.const(32), body(v128.load(i32.const(0)), v128.load(i32.const(0), 16))),
    );
    f.bytes().set(first);
    f.bytes().set(second, 16);
    f();
    return [...f.bytes().subarray(32, 48)];
  }
  const each = (operation: (a: number, b: number) => number): number[] =>
    [...first].map((byte, i) => operation(byte, second[i]!) & 255);

  it('combine bit by bit', () => {
    expect(vectors(v128.and)).toEqual(each((a, b) => a & b));
    expect(vectors(v128.or)).toEqual(each((a, b) => a | b));
    expect(vectors(v128.xor)).toEqual(each((a, b) => a ^ b));
    expect(vectors(v128.not)).toEqual(each((a) => ~a));
    expect(vectors(() => v128.zero)).toEqual(each(() => 0));
    expect(vectors(() => v128.load64Zero(i32.const(8)))).toEqual([
      ...first.subarray(8),
      ...new Array(8).fill(0),
    ]);
  });

  it('move bytes', () => {
    const lanes = [31, 0, 30, 1, 29, 2, 28, 3, 27, 4, 26, 5, 25, 6, 24, 16];
    const both = [...first, ...second];
    expect(vectors((a, b) => v128.shuffle(a, b, lanes))).toEqual(lanes.map((lane) => both[lane]));
    expect(vectors((a, b) => i8x16.swizzle(b, a))).toEqual([...first].map((n) => (n < 16 ? second[n] : 0)));
    expect(vectors(() => i8x16.splat(i32.const(0x1ab)))).toEqual(each(() => 0xab));
  });

  it('add and shift words', () => {
    const of = (bytes: ArrayLike<number>): DataView => new DataView(Uint8Array.from(bytes).buffer);
    const words = (bytes: ArrayLike<number>): number[] =>
      [0, 4, 8, 12].map((at) => of(bytes).getUint32(at, true));
    const longs = (bytes: ArrayLike<number>): bigint[] =>
      [0, 8].map((at) => of(bytes).getBigUint64(at, true));
    const [a, b] = [words(first), words(second)];
    expect(words(vectors(i32x4.add))).toEqual(a.map((word, i) => (word + b[i]!) >>> 0));
    // By as many bits as there are, the count begins again.
    for (const by of [0, 1, 13, 31, 32, 45]) {
      const count = i32.const(by);
      expect(words(vectors((word) => i32x4.shl(word, count)))).toEqual(a.map((word) => (word << by) >>> 0));
      expect(words(vectors((word) => i32x4.shrU(word, count)))).toEqual(a.map((word) => word >>> by));
      expect(longs(vectors((long) => i64x2.shrU(long, count)))).toEqual(
        longs(first).map((long) => long >> BigInt(by)),
      );
    }
  });

  it('compare', () => {
    expect(vectors(i8x16.eq)).toEqual(each((a, b) => (a === b ? 255 : 0)));
    expect(vectors((a) => i64x2.eq(a, i64x2.replace(a, 1, i64.const(0))))).toEqual(
      each(() => 255).fill(0, 8),
    );
    const asI32 = (code: Code): Code => i64x2.splat(i64.extendI32U(code));
    const low = (bytes: number[]): number => new DataView(Uint8Array.from(bytes).buffer).getUint32(0, true);
    expect(low(vectors((a, b) => asI32(i8x16.bitmask(i8x16.eq(a, b)))))).toBe(0b1001_0010_0100_1001);
    expect(low(vectors((a) => asI32(v128.anyTrue(a))))).toBe(1);
    expect(low(vectors(() => asI32(v128.anyTrue(v128.zero))))).toBe(0);
    expect(low(vectors((a) => asI32(i8x16.allTrue(a))))).toBe(0);
    expect(low(vectors((a) => asI32(i8x16.allTrue(i8x16.eq(a, a)))))).toBe(1);
  });
});
