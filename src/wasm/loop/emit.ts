/**
 * Emits the engine's module: the loop over prepared code, and what is called from it. Which opcodes exist, what they cost
 * and take is no part of the module, which is the same for all forks: it stands in memory, from the opcode table.
 *
 * The loop is left and entered again after a slice of gas. V8 makes a better version of a function that has run for a while,
 * but a call that is under way stays in the old one.
 */

import { OPCODES } from '../../../opcodes/table.ts';
import {
  block,
  branch,
  branchIf,
  branchTable,
  type Code,
  f64,
  get,
  i32,
  i64,
  type Label,
  label,
  lazily,
  loop,
  select,
  set,
  ValueType,
  when,
} from '../assembler/code.ts';
import { call, type Func, ModuleBuilder } from '../assembler/module.ts';
import { Block, Record, STACK_BYTES, Status } from '../layout.ts';
import { emitPrepare, INNER_JUMPDEST } from '../prepare.ts';
import { newLimb, newLimbs } from '../words/limbs.ts';
import { innerJumpdest } from './control.ts';
import { emitFunctions, type Functions } from './functions.ts';
import { codeOf, type EmissionRule, type Loop, leaveAt } from './loop.ts';
import { emitProbe, type Probe, type ProbeOf } from './probe.ts';
import { EMISSION_RULES } from './rules.ts';
import { sequences } from './sequences.ts';
import { local32 } from './spending.ts';

const { I32, I64, V128 } = ValueType;
/** Gas that the loop counts with at a time. */
const SLICE = 1 << 18;

/** Names of what the module exports. */
export interface EngineExports {
  /** (code, size, blocks) */
  readonly prepare: (code: number, size: number, blocks: number) => void;
  /** (record, whether pc is inside a block that is paid): why it has stopped. */
  readonly run: (record: number, inside: number) => Status;
  /** (tag, key): where the slot is cached, or would be. */
  readonly place: (tag: number, key: number) => number;
}

/**
 * The emission rule of each byte of prepared code that has one.
 * @param fuses whether a rule may go over several instructions
 */
function rulesByByte(fuses: boolean): ReadonlyMap<number, EmissionRule> {
  const rules = new Map<number, EmissionRule>();
  for (const { byte, name } of OPCODES) {
    const rule = EMISSION_RULES.get(name);
    if (rule !== undefined) rules.set(byte, rule);
  }
  rules.set(INNER_JUMPDEST, fuses ? innerJumpdest : { emit: () => [] });
  if (fuses) for (const { byte, rule } of sequences()) rules.set(byte, rule);
  return rules;
}

/**
 * The module's bytes.
 * @param isWatched whether the loop notes what it comes by, see `probe.ts`
 */
export function emitEngine(pages: number, maximum: number, isWatched: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(pages, maximum);
  const functions = emitFunctions(module);
  const slice = emitSlice(module, functions, isWatched ? emitProbe(module) : null);
  // A pair of instructions that were made one would go unseen.
  module.exportFunction('prepare', emitPrepare(module, !isWatched));
  module.exportFunction('place', functions.place);
  module.exportFunction('run', emitRun(module, slice));
  return module.encode();
}

/** Slice after slice, until there is a reason to stop other than the slice's end. */
function emitRun(module: ModuleBuilder, slice: Func): Func {
  const func = module.begin([I32, I32], [I32]);
  const [record, inside] = func.params;
  const status = func.local(I32);
  const [total, part, size] = [func.local(I64), func.local(I64), func.local(I64)];
  const again = label();
  const less = i64.ltU(get(total), get(size));
  return func.end([
    set(total, f64.toI64(f64.load(get(record), Record.GAS))),
    set(size, i64.const(SLICE)),
    loop(
      again,
      set(part, select(get(total), get(size), less)),
      i64.store(get(record), i64.sub(get(total), get(part)), Record.REST),
      set(status, call(slice, get(record), get(inside), get(part))),
      set(total, i64.add(f64.toI64(f64.load(get(record), Record.GAS)), i64.load(get(record), Record.REST))),
      when(i32.eq(get(status), i32.const(Status.BLOCK)), [
        set(inside, i32.const(0)),
        // A block that a whole slice cannot pay gets all there is.
        set(
          size,
          select(
            i64.const(SLICE),
            get(total),
            i64.ltU(f64.toI64(f64.load(get(record), Record.GAS)), i64.const(SLICE / 2)),
          ),
        ),
        branchIf(again, i64.ne(i64.load(get(record), Record.REST), i64.const(0))),
      ]),
    ),
    f64.store(get(record), f64.ofI64(get(total)), Record.GAS),
    get(status),
  ]);
}

/** The loop. It finds the frame in its record and leaves it there, the gas without what is not in the slice. */
function emitSlice(module: ModuleBuilder, functions: Functions, probeOf: ProbeOf | null): Func {
  const func = module.begin([I32, I32, I64], [I32]);
  const [record, inside, gas] = func.params;
  const [pc, sp, memory, memorySize, status, stackEnd, at, end] = local32(func, 8) as [
    ...[number, number, number, number],
    ...[number, number, number, number],
  ];
  const blockInfo = func.local(I64);
  const temps = [...newLimbs(func), newLimb(func), newLimb(func), newLimb(func)];
  const vector = func.local(V128);
  const [next, begin, out] = [label(), label(), label()];
  const state: Loop = {
    ...{ record, pc, sp, gas, memory, memorySize, block: blockInfo, status, functions, next, begin, out },
    made: new Map(),
    temp: { i64: temps, i32: [at, end], v128: vector },
  };
  const field = (offset: number): Code => i32.load(get(record), offset);
  const depth = i32.sub(get(stackEnd), get(sp));
  const halfOf = (shift: number): Code =>
    i32.and(i32.wrap(i64.shrU(get(blockInfo), i64.const(shift))), i32.const(0xffff));
  const stop = (why: Status): Code => [set(status, i32.const(why)), branch(out)];
  const left = temps[0]!;
  const probe = probeOf?.(func, { record, pc, gas, inside });
  const isJumpdest = i32.and(i32.wrap(i64.shrU(get(blockInfo), i64.const(31))), i32.const(1));

  const beginning: Code = [
    probe?.beforeBlock(isJumpdest) ?? [],
    set(left, i64.sub(get(gas), i64.and(get(blockInfo), i64.const(Block.GAS_MASK)))),
    when(i64.ltS(get(left), i64.const(0)), stop(Status.BLOCK)),
    // Where the stack has too little, or would have too much, one of them is negative.
    when(
      i32.ltS(
        i32.or(
          i32.sub(depth, halfOf(Block.NEEDS_SHIFT)),
          i32.sub(i32.sub(i32.const(STACK_BYTES), halfOf(Block.GROWS_SHIFT)), depth),
        ),
        i32.const(0),
      ),
      stop(Status.STACK),
    ),
    set(gas, get(left)),
    // A JUMPDEST is done with this.
    set(pc, i32.add(get(pc), isJumpdest)),
    probe?.atBlock(isJumpdest) ?? [],
  ];
  return func.end([
    set(pc, field(Record.PC)),
    set(sp, field(Record.SP)),
    set(memory, field(Record.MEMORY)),
    set(memorySize, field(Record.MEMORY_SIZE)),
    set(stackEnd, field(Record.STACK_END)),
    probe?.enter ?? [],
    // Inside a block that is paid: as one that costs nothing.
    when(
      i32.eqz(get(inside)),
      set(blockInfo, i64.load(i32.add(field(Record.BLOCKS_BIAS), i32.shl(get(pc), i32.const(3))))),
    ),
    block(out, loop(begin, beginning, loop(next, instructions(state, probe)))),
    probe?.leave ?? [],
    i32.store(get(record), get(pc), Record.PC),
    i32.store(get(record), get(sp), Record.SP),
    f64.store(get(record), f64.ofI64(get(gas)), Record.GAS),
    get(status),
  ]);
}

/** One instruction: the byte at pc chooses its rule. */
function instructions(state: Loop, probe: Probe | undefined): Code {
  const foreign = label();
  const rules = rulesByByte(probe === undefined);
  const targets = new Array<Label>(256).fill(foreign);
  for (const byte of rules.keys()) targets[byte] = label();
  const { pc, temp } = state;
  let code: Code = [
    set(temp.i32[0], i32.load8u(get(pc))),
    probe?.step(temp.i32[0]) ?? [],
    set(pc, i32.add(get(pc), i32.const(1))),
    branchTable(get(temp.i32[0]), targets, foreign),
  ];
  for (const [byte, rule] of rules) {
    code = [
      block(targets[byte]!, code),
      lazily(() => codeOf(state, probe?.rule(byte, rule) ?? rule)),
      branch(state.next),
    ];
  }
  return [block(foreign, code), leaveAt(state, Status.HANDLER)];
}
