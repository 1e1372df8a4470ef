/** The block that a command runs in: what the state has, what the line says, and what is left to assume. */

import { DEFAULT_BLOCK } from '../executor/default-block.ts';
import { blobBaseFee } from '../forks/blob-schedule.ts';
import type { Rules } from '../forks/rules.ts';
import type { BlockEnv } from '../machine/host.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { toAddressWord, toWord } from '../primitives/input.ts';
import type { StateBlock } from './state.ts';

export const BLOCK_FIELDS = Object.keys(DEFAULT_BLOCK) as readonly (keyof BlockEnv)[];

/**
 * Fields as `name=value`.
 * @throws ErbiumError INVALID_ARGUMENT, INVALID_HEX or INVALID_NUMBER naming the field
 */
export function parseBlockFields(texts: readonly string[]): Partial<BlockEnv> {
  const fields: Partial<Record<keyof BlockEnv, bigint>> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    const name = BLOCK_FIELDS.find((field) => field === text.slice(0, at));
    if (at < 0 || name === undefined) {
      const problem = `--block: expected NAME=VALUE with one of ${BLOCK_FIELDS.join(', ')}, got ${JSON.stringify(text)}`;
      throw new ErbiumError('INVALID_ARGUMENT', problem);
    }
    const value = text.slice(at + 1);
    const place = `--block ${name}`;
    fields[name] = name === 'coinbase' ? toAddressWord(value, place) : toWord(value, place);
  }
  return fields;
}

export function blockEnv({ excessBlobGas, ...fields }: StateBlock, { blobs }: Rules): BlockEnv {
  const price =
    excessBlobGas === undefined || blobs === null ? {} : { blobBaseFee: blobBaseFee(excessBlobGas, blobs) };
  return { ...DEFAULT_BLOCK, ...price, ...fields };
}
