/** What the gas bench times: a precompile with one input. */

import { nobleCrypto } from '../../precompiles/index.ts';
import { LATEST_FORK } from '../../src/forks/fork.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import type { Sample } from '../../tests/precompiles/ext/samples/sample.ts';

export const RULES = rulesOf(LATEST_FORK);

/** Prices of the standard ones are Ethereum's and can only be told; those of the extensions must hold. */
export type Kind = 'standard' | 'extension';

export interface Operation {
  readonly kind: Kind;
  readonly sample: Sample;
  readonly name: string;
  readonly label: string;
  readonly bytes: number;
  readonly price: number;
  run(): Uint8Array | null;
}

export const operationOf = (kind: Kind, sample: Sample): Operation => ({
  kind,
  sample,
  name: sample.row.name,
  label: sample.label,
  bytes: sample.input.length,
  price: sample.row.gas(sample.input, RULES),
  run: () => sample.row.run(sample.input, nobleCrypto, RULES),
});

/** How sentences name an operation. */
export const placeOf = ({ name, label }: { readonly name: string; readonly label: string }): string =>
  label === '' ? name : `${name}, ${label}`;

const isVerdict = (name: string): boolean => /VERIFY/.test(name) || name === 'CONFIDENTIAL_TX';

/** Why an operation must not be timed, or null: what refuses its input takes less than what accepts it. */
export function flawOf(operation: Operation): string | null {
  const { name, price, run } = operation;
  const place = placeOf(operation);
  if (!Number.isFinite(price) || price < 0) return `${place}: the price is ${price}`;
  const output = run();
  if (output === null) return `${place}: the call fails`;
  if (isVerdict(name) && output[31] !== 1) return `${place}: the answer is no`;
  return null;
}
