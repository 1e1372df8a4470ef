/** The rows of one fork as flat arrays indexed by opcode byte: what an engine's loop reads. */

import type { Rules } from '../src/forks/rules.ts';
import { STACK_LIMIT } from '../src/machine/frame.ts';
import { Halt } from '../src/machine/halt.ts';
import { undefinedOpcode } from './control.ts';
import { Flag, type Handler, type OpRow } from './row.ts';
import { OPCODES } from './table.ts';

/** The opcode table of one fork, by opcode byte. */
export interface OpTable {
  /** The row in force, or undefined where the byte is no instruction. */
  readonly rows: readonly (OpRow | undefined)[];
  readonly handlers: readonly Handler[];
  /** The handlers of a static frame: those of writing instructions fail. */
  readonly staticHandlers: readonly Handler[];
  readonly gas: Int32Array;
  /** Fewest words on the stack. */
  readonly minStack: Int32Array;
  /** Most words on the stack. */
  readonly maxStack: Int32Array;
}

const staticViolation: Handler = () => Halt.StaticViolation;

/** Base gas of a row under `rules`: that of the newest column whose fork is in the lineage. */
function baseGas(row: OpRow, rules: Rules): number {
  if (typeof row.gas === 'number') return row.gas;
  let gas = 0;
  for (const fork of rules.lineage) gas = row.gas[fork] ?? gas;
  return gas;
}

/**
 * @param extra rows of one's own; they win over the table's
 * @param disabled bytes that are no instruction, whatever the rows say
 */
export function opTableOf(
  rules: Rules,
  extra: readonly OpRow[] = [],
  disabled: readonly number[] = [],
): OpTable {
  const rows: (OpRow | undefined)[] = new Array(256).fill(undefined);
  for (const row of [...OPCODES, ...extra]) if (rules.lineage.includes(row.since)) rows[row.byte] = row;
  for (const byte of disabled) rows[byte] = undefined;

  const each = (value: (row: OpRow) => number, fallback: number): Int32Array =>
    Int32Array.from(rows, (row) => (row === undefined ? fallback : value(row)));
  const handlers = rows.map((row) => row?.handler ?? undefinedOpcode);
  return Object.freeze({
    rows,
    handlers,
    staticHandlers: handlers.map((handler, byte) =>
      (rows[byte]?.flags ?? 0) & Flag.WRITES ? staticViolation : handler,
    ),
    gas: each((row) => baseGas(row, rules), 0),
    minStack: each((row) => row.takes, 0),
    maxStack: each((row) => STACK_LIMIT + Math.min(0, row.takes - row.gives), STACK_LIMIT),
  });
}
