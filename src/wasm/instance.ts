/**
 * An instance of the engine's modules, with what the opcode table and the rules say of a fork in its memory. The modules
 * are the same for all; each is emitted and compiled when it is first needed.
 */

import type { OpTable } from '../../opcodes/optable.ts';
import { Flag } from '../../opcodes/row.ts';
import { OPCODES } from '../../opcodes/table.ts';
import type { Rules } from '../forks/rules.ts';
import { HOST_MEMORY_LIMIT } from '../machine/gas.ts';
import { installHashes } from './hash/install.ts';
import { FRAME_SIZE, FRAMES, OPS, Op, OpFlag, PAGE, Rule, SEQUENCE_BYTES, WORD } from './layout.ts';
import { Linear } from './linear.ts';
import { type EngineExports, emitEngine } from './loop/emit.ts';
import { emitLate, LATE_COUNT } from './loop/late.ts';
import { EMISSION_RULES } from './loop/rules.ts';
import { sequences } from './loop/sequences.ts';
import { byteOf } from './opcode-byte.ts';
import { type WebAssemblyApi, webAssembly } from './webassembly.ts';

/** At first; the codes and frames of ordinary transactions. */
const INITIAL_PAGES = Math.ceil((FRAMES + (1 << 20)) / PAGE);
/** All frames' memories together, their stacks, and as much again as a transaction may bring along. */
const MAX_PAGES = Math.ceil((FRAMES + HOST_MEMORY_LIMIT + 1_025 * FRAME_SIZE + (1 << 27)) / PAGE);

/** The loop knows only the metering of EIP-2200 and after. */
const SSTORE = byteOf('SSTORE');
const JUMPDEST = byteOf('JUMPDEST');
/** The gas of a block has to fit its bits: its last instruction may cost this, the others together as much again. */
const MAX_GAS = 1 << 29;
const MAX_INNER_GAS = 511;
const PUSH1 = byteOf('PUSH1');
const PUSH32 = byteOf('PUSH32');
/** A byte that no rule has: the loop leaves such instructions to their handlers. */
const FOREIGN = 0x0c;

export interface Instance {
  readonly linear: Linear;
  readonly exports: EngineExports;
  /** Has the functions of `loop/late.ts` come; false where they cannot. */
  readonly link: () => boolean;
}

/** The modules of this program. */
const MODULES = {
  plain: () => emitEngine(INITIAL_PAGES, MAX_PAGES, false),
  watched: () => emitEngine(INITIAL_PAGES, MAX_PAGES, true),
  late: () => emitLate(INITIAL_PAGES, MAX_PAGES),
} as const;

/** Those that were asked for; null where there can be none. Nothing that can change. */
const compiled = new Map<keyof typeof MODULES, object | null>();

function moduleOf(api: WebAssemblyApi, name: keyof typeof MODULES): object | null {
  let module = compiled.get(name);
  if (module === undefined) {
    try {
      module = new api.Module(MODULES[name]());
    } catch {
      // A content-security policy, or no vectors of 128 bits.
      module = null;
    }
    compiled.set(name, module);
  }
  return module;
}

/** Whether the engine can be had; where it can, it is compiled. */
export function isWasmHere(): boolean {
  const api = webAssembly();
  return api !== undefined && moduleOf(api, 'plain') !== null;
}

/**
 * null where WebAssembly is not to be had, or the rows ask for what the loop cannot do.
 * @param isWatched whether the loop notes what it comes by
 */
export function instantiate(table: OpTable, rules: Rules, isWatched: boolean): Instance | null {
  const api = webAssembly();
  const isOrdinary = isStandard(table, JUMPDEST) && table.gas[JUMPDEST]! <= MAX_INNER_GAS;
  if (api === undefined || !isOrdinary || table.gas.some((gas) => gas > MAX_GAS)) return null;
  const module = moduleOf(api, isWatched ? 'watched' : 'plain');
  if (module === null) return null;
  try {
    const memory = new api.Memory({ initial: INITIAL_PAGES, maximum: MAX_PAGES });
    const imports = {
      '': { memory, table: new api.Table({ element: 'anyfunc', initial: LATE_COUNT }) },
    };
    const { exports } = new api.Instance(module, imports);
    const linear = new Linear(memory);
    writeOps(linear, table, rules);
    writeRules(linear, rules);
    for (const { first, rest, byte } of sequences()) linear.bytes[SEQUENCE_BYTES + 256 * first + rest] = byte;
    installHashes();
    return { linear, exports: exports as unknown as EngineExports, link: () => link(api, imports) };
  } catch {
    return null;
  }
}

function link(api: WebAssemblyApi, imports: ConstructorParameters<WebAssemblyApi['Instance']>[1]): boolean {
  const late = moduleOf(api, 'late');
  if (late === null) return false;
  try {
    new api.Instance(late, imports);
    return true;
  } catch {
    return false;
  }
}

const STANDARD = new Map(OPCODES.map(({ handler, name }) => [handler, name]));

/** Whether an opcode is Ethereum's own. */
export function isStandard(table: OpTable, byte: number): boolean {
  const row = table.rows[byte];
  return row === undefined || (STANDARD.get(row.handler) === row.name && row.byte === byte);
}

function writeOps({ i32, bytes }: Linear, table: OpTable, rules: Rules): void {
  for (let byte = 0; byte < 256; byte++) {
    const at = OPS + byte * Op.SIZE;
    const row = table.rows[byte];
    const isKnown = row !== undefined && isStandard(table, byte) && (byte !== SSTORE || rules.sstoreNet);
    const rule = isKnown ? EMISSION_RULES.get(row.name) : undefined;
    const stays = (row?.flags ?? Flag.TERMINATES) & (Flag.TERMINATES | Flag.JUMPS | Flag.SUSPENDS);
    const leaves = rule?.ends === true || stays !== 0;
    const isForeign = rule === undefined || (table.gas[byte]! > MAX_INNER_GAS && !leaves);
    i32[(at + Op.GAS) >> 2] = table.gas[byte]!;
    i32[(at + Op.TAKES) >> 2] = table.minStack[byte]! * WORD;
    i32[(at + Op.GROWS) >> 2] = ((row?.gives ?? 0) - (row?.takes ?? 0)) * WORD;
    bytes[at + Op.CODE] = isForeign ? FOREIGN : byte;
    bytes[at + Op.FLAGS] =
      (isForeign || leaves ? OpFlag.ENDS : 0) | (row?.byte === JUMPDEST ? OpFlag.JUMPDEST : 0);
    bytes[at + Op.IMMEDIATE] = byte >= PUSH1 && byte <= PUSH32 ? byte - PUSH1 + 1 : 0;
  }
}

function writeRules({ u64 }: Linear, rules: Rules): void {
  const write = (address: number, value: number): void => {
    u64[address >> 3] = BigInt(value);
  };
  write(Rule.EXP_BYTE, rules.expByteGas);
  write(Rule.WARM_SLOT, rules.accessLists ? rules.warmSlotGas : 0);
  write(Rule.SENTRY, rules.sstoreSentry);
  write(Rule.NOOP, rules.sstoreNoopGas);
  write(Rule.SET, rules.sstoreSetGas);
  write(Rule.RESET, rules.sstoreResetGas);
  write(Rule.CLEAR_REFUND, rules.sstoreClearRefund);
}
