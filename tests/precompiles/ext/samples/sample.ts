import type { Precompile } from '../../../../precompiles/index.ts';

/** A valid input of an extension, one for each size that its price depends on. */
export interface Sample {
  readonly row: Precompile;
  /** What tells it from other samples of the row, such as `n=64 m=8`. */
  readonly label: string;
  readonly input: Uint8Array;
}
