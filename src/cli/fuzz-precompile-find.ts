/** Which precompile a name or an address means, and what is known about it. */

import { EXTENSION_SETS, loadExtensions } from '../../precompiles/ext/index.ts';
import type { Precompile } from '../../precompiles/row.ts';
import { PRECOMPILES } from '../../precompiles/table.ts';
import { addressToHex } from '../primitives/address.ts';
import { toQuantity } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { misused } from './state.ts';

/** A precompile by its name or address. */
export interface Found {
  readonly row: Precompile;
  readonly isExtension: boolean;
}

const isMeant = (text: string): ((row: Precompile) => boolean) => {
  if (/^0x[0-9a-f]+$/i.test(text)) return ({ address }) => address === BigInt(text);
  return ({ name }) => name === text.toUpperCase();
};

/**
 * @throws ErbiumError INVALID_ARGUMENT, listing all that there are; MISSING_PACKAGE where it may be one that needs it
 */
export async function findPrecompile(text: string): Promise<Found> {
  const matches = isMeant(text);
  const own = PRECOMPILES.find(matches);
  if (own !== undefined) return { row: own, isExtension: false };
  const extensions: Precompile[] = [];
  let missing: ErbiumError | undefined;
  for (const set of EXTENSION_SETS) {
    try {
      extensions.push(...(await loadExtensions([set])));
    } catch (error) {
      if (!(error instanceof ErbiumError) || error.code !== 'MISSING_PACKAGE') throw error;
      missing = error;
    }
  }
  const row = extensions.find(matches);
  if (row !== undefined) return { row, isExtension: true };
  const names = [...PRECOMPILES, ...extensions].map(
    ({ name, address }) => `${name} (${toQuantity(address)})`,
  );
  const problem = `unknown precompile ${JSON.stringify(text)}; known are ${names.join(', ')}`;
  throw misused(missing === undefined ? problem : `${problem}; the others: ${missing.message}`);
}

/** Its name and its address. */
export const titleOf = ({ name, address }: Precompile): string => `${name} at ${addressToHex(address)}`;
