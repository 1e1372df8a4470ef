/**
 * What a generator of one fork works with: the rows in force, sorted into groups, and what each operand of a row
 * means. A row that is not described here gets words of any kind, so a new instruction is generated at once.
 */

import { opTableOf } from '../../../opcodes/optable.ts';
import { Flag, type OpRow } from '../../../opcodes/row.ts';
import { type PrecompileSet, precompilesOf } from '../../../precompiles/registry.ts';
import type { Precompile } from '../../../precompiles/row.ts';
import type { ForkName } from '../../forks/fork.ts';
import { type Rules, rulesOf } from '../../forks/rules.ts';
import { OP } from './op.ts';

/** What an operand means, and so which values are sensible. */
export type Operand =
  | 'word'
  | 'offset'
  | 'dataOffset'
  | 'size'
  | 'key'
  | 'address'
  | 'small'
  | 'exponent'
  | 'block'
  | 'value';

/** Groups of rows that one action of a program draws from. */
export type Group =
  | 'arithmetic'
  | 'bits'
  | 'hash'
  | 'environment'
  | 'accounts'
  | 'copies'
  | 'memory'
  | 'storage'
  | 'transient'
  | 'flow'
  | 'logs'
  | 'dups'
  | 'swaps';

/** Operands, top of the stack first. */
const SHAPES: Readonly<Record<string, readonly Operand[]>> = {
  EXP: ['word', 'exponent'],
  SIGNEXTEND: ['small', 'word'],
  BYTE: ['small', 'word'],
  SHL: ['small', 'word'],
  SHR: ['small', 'word'],
  SAR: ['small', 'word'],
  KECCAK256: ['offset', 'size'],
  BALANCE: ['address'],
  CALLDATALOAD: ['dataOffset'],
  CALLDATACOPY: ['offset', 'dataOffset', 'size'],
  CODECOPY: ['offset', 'dataOffset', 'size'],
  EXTCODESIZE: ['address'],
  EXTCODECOPY: ['address', 'offset', 'dataOffset', 'size'],
  EXTCODEHASH: ['address'],
  BLOCKHASH: ['block'],
  BLOBHASH: ['small'],
  MLOAD: ['offset'],
  MSTORE: ['offset', 'word'],
  MSTORE8: ['offset', 'word'],
  SLOAD: ['key'],
  SSTORE: ['key', 'value'],
  TLOAD: ['key'],
  TSTORE: ['key', 'value'],
  MCOPY: ['offset', 'offset', 'size'],
  LOG0: ['offset', 'size'],
  LOG1: ['offset', 'size', 'word'],
  LOG2: ['offset', 'size', 'word', 'word'],
  LOG3: ['offset', 'size', 'word', 'word', 'word'],
  LOG4: ['offset', 'size', 'word', 'word', 'word', 'word'],
};

const ACCOUNT_READS: readonly string[] = ['BALANCE', 'EXTCODESIZE', 'EXTCODEHASH'];
/** Fails unless the return data is long enough: made only where its length is known, see calls.ts. */
const RETURN_DATA_COPY = 'RETURNDATACOPY';

function groupOf({ byte, name, flags, immediate }: OpRow): Group | null {
  if (flags & (Flag.TERMINATES | Flag.JUMPS | Flag.SUSPENDS) || immediate > 0 || name === RETURN_DATA_COPY) {
    return null;
  }
  if (ACCOUNT_READS.includes(name)) return 'accounts';
  if (name.endsWith('COPY')) return 'copies';
  if (/^[MS](LOAD|STORE8?)$/.test(name)) return name.startsWith('M') ? 'memory' : 'storage';
  if (name === 'TLOAD' || name === 'TSTORE') return 'transient';
  if (name === 'POP') return null;
  if (byte < 0x10) return 'arithmetic';
  if (byte < 0x20) return 'bits';
  if (byte < 0x30) return 'hash';
  if (byte < 0x50) return 'environment';
  if (byte < 0x80) return 'flow';
  if (byte < 0x90) return 'dups';
  if (byte < 0xa0) return 'swaps';
  return byte < 0xb0 ? 'logs' : null;
}

/** A row, and the meaning of its operands. */
export interface Shaped {
  readonly row: OpRow;
  readonly operands: readonly Operand[];
  /** How many operands from the lowest up are words of any kind. */
  readonly words: number;
  /** Its first operand is an offset and its lowest a size. */
  readonly isRange: boolean;
  readonly isWriting: boolean;
}

/** What a generator of one fork works with. */
export interface Kit {
  readonly fork: ForkName;
  readonly rules: Rules;
  readonly hasPush0: boolean;
  readonly hasRevert: boolean;
  /** RETURNDATASIZE and RETURNDATACOPY. */
  readonly hasReturnData: boolean;
  readonly groups: Readonly<Record<Group, readonly Shaped[]>>;
  readonly calls: readonly OpRow[];
  readonly creates: readonly OpRow[];
  readonly precompiles: readonly Precompile[];
  readonly precompileSet: PrecompileSet;
  /** Bytes that are no instruction. */
  readonly undefinedBytes: readonly number[];
}

function shapedOf(row: OpRow): Shaped {
  const operands = SHAPES[row.name] ?? new Array<Operand>(row.takes).fill('word');
  let words = 0;
  while (words < operands.length && operands[operands.length - 1 - words] === 'word') words++;
  const isRange = operands[0] === 'offset' && operands[operands.length - 1] === 'size';
  return { row, operands, words, isRange, isWriting: (row.flags & Flag.WRITES) !== 0 };
}

const kits = new Map<ForkName, Kit>();

function makeKit(fork: ForkName): Kit {
  const rules = rulesOf(fork);
  const { rows } = opTableOf(rules);
  const inForce = rows.filter((row) => row !== undefined);
  const groups: Record<Group, Shaped[]> = {
    arithmetic: [],
    bits: [],
    hash: [],
    environment: [],
    accounts: [],
    copies: [],
    memory: [],
    storage: [],
    transient: [],
    flow: [],
    logs: [],
    dups: [],
    swaps: [],
  };
  for (const row of inForce) {
    const group = groupOf(row);
    if (group !== null) groups[group].push(shapedOf(row));
  }
  const suspending = inForce.filter((row) => row.flags & Flag.SUSPENDS);
  const isCreate = (row: OpRow): boolean => (row.flags & Flag.WRITES) !== 0;
  const precompileSet = precompilesOf(rules);
  return {
    fork,
    rules,
    hasPush0: rows[OP.PUSH0] !== undefined,
    hasRevert: rows[OP.REVERT] !== undefined,
    hasReturnData: rows[OP.RETURNDATACOPY] !== undefined,
    groups,
    calls: suspending.filter((row) => !isCreate(row)),
    creates: suspending.filter(isCreate),
    precompiles: [...precompileSet.values()],
    precompileSet,
    undefinedBytes: rows.flatMap((row, byte) => (row === undefined ? [byte] : [])),
  };
}

/** The kit of a fork: made once, never changed. */
export function kitOf(fork: ForkName): Kit {
  let kit = kits.get(fork);
  if (kit === undefined) kits.set(fork, (kit = makeKit(fork)));
  return kit;
}
