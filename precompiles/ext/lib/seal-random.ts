/**
 * Randomness from a seed for a library that asks the platform for it.
 *
 * The web build of node-seal calls `crypto.getRandomValues` and nothing else; the Node build would go past it.
 */

import { shake256 } from '@noble/hashes/sha3.js';
import { ErbiumError } from '../../../src/primitives/errors.ts';

interface Platform {
  crypto?: { getRandomValues?: unknown };
}

/**
 * Runs a synchronous function while `crypto.getRandomValues` gives SHAKE256 of `statement` in place of randomness,
 * and puts back what was there.
 * @throws what `run` throws; ErbiumError INVALID_STATE when it asked for fewer than 64 bytes, so that its randomness
 *   must have come from elsewhere
 */
export function withSeededRandomness<T>(statement: Uint8Array, run: () => T): T {
  const platform = (globalThis as Platform).crypto;
  if (platform === undefined)
    throw new ErbiumError('INVALID_STATE', 'this platform has no globalThis.crypto');
  const stream = shake256.create().update(statement);
  let drawn = 0;
  const getRandomValues = <A extends ArrayBufferView>(view: A): A => {
    stream.xofInto(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    drawn += view.byteLength;
    return view;
  };
  const before = Object.getOwnPropertyDescriptor(platform, 'getRandomValues');
  Object.defineProperty(platform, 'getRandomValues', {
    value: getRandomValues,
    configurable: true,
    writable: true,
  });
  try {
    const result = run();
    if (drawn < 64) {
      throw new ErbiumError(
        'INVALID_STATE',
        'this build of node-seal does not take its randomness from crypto',
      );
    }
    return result;
  } finally {
    if (before === undefined) delete platform.getRandomValues;
    else Object.defineProperty(platform, 'getRandomValues', before);
  }
}
