/** Precompiles as functions, in the shape of `@ethereumjs/evm`: those of callers, and Erbium's seen from there. */

import { nobleCrypto } from '../../precompiles/crypto.ts';
import type { Precompile } from '../../precompiles/row.ts';
import type { Rules } from '../forks/rules.ts';
import type { Address } from '../primitives/address.ts';
import { EMPTY_BYTES } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { EVMError } from './errors.ts';
import { type AddressLike, addressFrom, addressKey } from './values.ts';

/** What a precompile is given. */
export interface PrecompileInput {
  readonly data: Uint8Array;
  readonly gasLimit: bigint;
  readonly common?: unknown;
  /** The EVM that runs it. */
  readonly _EVM?: unknown;
}

/** What a precompile answers. */
export interface PrecompileResult {
  readonly returnValue: Uint8Array;
  readonly executionGasUsed: bigint;
  readonly exceptionError?: { readonly error: string } | undefined;
}

/** A precompile as a function. */
export type PrecompileFunc = (input: PrecompileInput) => PrecompileResult;

/** A precompile that is to be added, or put in the place of another. */
export interface AddPrecompile {
  readonly address: AddressLike;
  /** Synchronous. Where it fails, it takes all gas. */
  readonly function: (input: PrecompileInput) => unknown;
}

/** Removes a precompile. */
export interface DeletePrecompile {
  readonly address: AddressLike;
}

/** A precompile that is added or taken away. */
export type CustomPrecompile = AddPrecompile | DeletePrecompile;

export class CustomPrecompiles {
  readonly rows: readonly Precompile[];
  readonly removed: readonly Address[];
  /** Gas of the message that begins; a row of Erbium's is not told. */
  gasLimit = 0n;
  /** How the last one failed. */
  failure: EVMError | undefined;

  /** @throws ErbiumError INVALID_ARGUMENT naming the entry */
  constructor(
    list: readonly CustomPrecompile[],
    surroundings: { readonly common: unknown; readonly _EVM: unknown },
  ) {
    if (!Array.isArray(list)) throw new ErbiumError('INVALID_ARGUMENT', 'customPrecompiles: expected a list');
    const rows: Precompile[] = [];
    const removed: Address[] = [];
    for (const [index, entry] of list.entries()) {
      const field = `customPrecompiles[${index}]`;
      const address = addressFrom(entry?.address, `${field}.address`);
      if (!('function' in entry)) removed.push(address);
      else if (typeof entry.function === 'function') {
        rows.push(this.rowOf(address, entry.function as PrecompileFunc, surroundings, field));
      } else throw new ErbiumError('INVALID_ARGUMENT', `${field}.function: expected a function`);
    }
    this.rows = rows;
    this.removed = removed;
  }

  /** It runs once, when its price is asked for. */
  private rowOf(address: Address, run: PrecompileFunc, surroundings: object, field: string): Precompile {
    let result: PrecompileResult | undefined;
    return {
      address,
      name: addressKey(address),
      since: '',
      gas: (input) => {
        const { gasLimit } = this;
        result = checked(run({ data: input.slice(), gasLimit, ...surroundings }), gasLimit, field);
        this.failure =
          result.exceptionError && new EVMError(result.exceptionError.error as EVMError['error']);
        return Number(result.executionGasUsed);
      },
      run: () => (result?.exceptionError === undefined ? result!.returnValue : null),
    };
  }
}

function checked(result: unknown, gasLimit: bigint, field: string): PrecompileResult {
  const report = (words: string): never => {
    throw new ErbiumError('INVALID_ARGUMENT', `${field}.function: ${words}`);
  };
  if (typeof result !== 'object' || result === null) return report('expected a result');
  if ('then' in result) return report('returned a promise; a precompile has to be synchronous');
  const { returnValue, executionGasUsed, exceptionError } = result as Partial<PrecompileResult>;
  if (!(returnValue instanceof Uint8Array)) return report('returnValue: expected bytes');
  if (typeof executionGasUsed !== 'bigint' || executionGasUsed < 0n) {
    return report('executionGasUsed: expected a bigint');
  }
  if (exceptionError !== undefined && executionGasUsed < gasLimit) {
    return report('failed with gas left; a precompile that fails has to take all gas');
  }
  return { returnValue, executionGasUsed, exceptionError };
}

/** One of Erbium's as a function. It never throws. */
export const functionOf =
  (row: Precompile, rules: Rules): PrecompileFunc =>
  ({ data, gasLimit }) => {
    const price = row.gas(data, rules);
    const { OUT_OF_GAS, OUT_OF_RANGE } = EVMError.errorMessages;
    const failed = (error: EVMError['error']): PrecompileResult => ({
      returnValue: EMPTY_BYTES,
      executionGasUsed: gasLimit,
      exceptionError: new EVMError(error),
    });
    if (price > gasLimit) return failed(OUT_OF_GAS);
    const returnValue = row.run(data, nobleCrypto, rules);
    return returnValue === null ? failed(OUT_OF_RANGE) : { returnValue, executionGasUsed: BigInt(price) };
  };
