/**
 * A loop that is watched: it notes each pair of instructions that followed one another when it comes by it first, counts
 * instructions, and keeps what comparisons compare. For fuzzing; whoever does not watch has another module, without any
 * of this.
 */

import { type Code, f64, get, i32, i64, memory, select, set, ValueType, when } from '../assembler/code.ts';
import { call, type Func, type Locals, type ModuleBuilder } from '../assembler/module.ts';
import { Note, PROBE, Record, WORD } from '../layout.ts';
import { byteOf } from '../opcode-byte.ts';
import type { EmissionRule } from './loop.ts';

const { I32, I64 } = ValueType;
const JUMPDEST = byteOf('JUMPDEST');
/** Instructions whose operands decide where a program goes. */
const COMPARISONS: ReadonlySet<number> = new Set(['LT', 'GT', 'SLT', 'SGT', 'EQ'].map(byteOf));

/** What the loop emits where it is watched. */
export interface Probe {
  /** When the loop is entered; `inside` as for the loop, before it is cleared. */
  readonly enter: Code;
  /** Before the instruction whose prepared byte is in the local `byte`, with pc at it. */
  readonly step: (byte: number) => Code;
  /** Before a block is paid whose notes say `isJumpdest` of its start, and when it is paid. */
  readonly beforeBlock: (isJumpdest: Code) => Code;
  readonly atBlock: (isJumpdest: Code) => Code;
  /** When the loop is left. */
  readonly leave: Code;
  /** The rule as it is emitted for a byte. */
  readonly rule: (byte: number, rule: EmissionRule) => EmissionRule;
}

/** Locals of the loop that it looks at. */
interface Watched {
  readonly record: number;
  readonly pc: number;
  readonly gas: number;
  readonly inside: number;
}

/** (record, feature, place, gas): notes what was come by first. */
function emitNote(module: ModuleBuilder): Func {
  const func = module.begin([I32, I32, I32, I64], []);
  const [record, feature, place, gas] = func.params;
  const at = func.local(I32);
  const count = i32.load(i32.const(PROBE.COUNT));
  return func.end([
    i32.store8(get(feature), i32.const(1), PROBE.KNOWN),
    set(at, i32.add(i32.const(PROBE.NOTES), i32.mul(count, i32.const(Note.SIZE)))),
    i32.store(get(at), get(feature), Note.FEATURE),
    i32.store(get(at), get(place), Note.PLACE),
    f64.store(get(at), f64.ofI64(i64.add(get(gas), i64.load(get(record), Record.REST))), Note.GAS),
    i32.store(i32.const(PROBE.COUNT), i32.add(count, i32.const(1))),
  ]);
}

/** (sp): keeps the two upper words, if there is room. */
function emitKeep(module: ModuleBuilder): Func {
  const func = module.begin([I32], []);
  const [sp] = func.params;
  const count = i32.load(i32.const(PROBE.OPERANDS_COUNT));
  return func.end(
    when(i32.ltU(count, i32.const(PROBE.MAX_OPERANDS)), [
      memory.copy(
        i32.add(i32.const(PROBE.OPERANDS), i32.mul(count, i32.const(WORD))),
        get(sp),
        i32.const(2 * WORD),
      ),
      i32.store(i32.const(PROBE.OPERANDS_COUNT), i32.add(count, i32.const(2))),
    ]),
  );
}

/** Makes the probe of a loop. */
export type ProbeOf = (locals: Locals, watched: Watched) => Probe;

/** What probes of a module call. */
export function emitProbe(module: ModuleBuilder): ProbeOf {
  const note = emitNote(module);
  const keep = emitKeep(module);
  return (locals, { record, pc, gas, inside }) => {
    // The instruction before, or none; the one at hand; how many there were; from prepared code to the code as it is.
    const [last, opcode, steps, delta, feature] = Array.from({ length: 5 }, () => locals.local(I32)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const mark = (next: Code, place: Code): Code => [
      set(feature, i32.or(i32.shl(get(last), i32.const(8)), next)),
      when(
        i32.eqz(i32.load8u(get(feature), PROBE.KNOWN)),
        call(note, get(record), get(feature), place, get(gas)),
      ),
    ];
    return {
      enter: [
        set(delta, i32.sub(i32.load(get(record), Record.CODE_BYTES), i32.load(get(record), Record.CODE))),
        set(last, i32.load(get(record), Record.LAST)),
        // An instruction that was begun before is taken up: it was come by, and counted, then.
        when(get(inside), [set(last, i32.const(PROBE.NONE)), set(steps, i32.const(-1))]),
      ],
      // A JUMPDEST that begins a block is the block's affair.
      step: (byte) =>
        when(i32.ne(get(byte), i32.const(JUMPDEST)), [
          // Behind a code, only the prepared one has zeros.
          set(opcode, select(i32.load8u(i32.add(get(pc), get(delta))), i32.const(0), get(byte))),
          mark(get(opcode), get(pc)),
          set(last, get(opcode)),
          set(steps, i32.add(get(steps), i32.const(1))),
        ]),
      beforeBlock: (isJumpdest) =>
        when(isJumpdest, mark(i32.const(JUMPDEST), i32.or(get(pc), i32.const(Note.UNPAID)))),
      atBlock: (isJumpdest) =>
        when(isJumpdest, [set(last, i32.const(JUMPDEST)), set(steps, i32.add(get(steps), i32.const(1)))]),
      leave: [
        i32.store(get(record), get(last), Record.LAST),
        i32.store(i32.const(PROBE.STEPS), i32.add(i32.load(i32.const(PROBE.STEPS)), get(steps))),
      ],
      rule: (byte, rule) =>
        COMPARISONS.has(byte)
          ? { ...rule, emit: (loop) => [call(keep, get(loop.sp)), rule.emit(loop)] }
          : rule,
    };
  };
}
