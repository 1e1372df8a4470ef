/**
 * Cryptography that is loaded when a run first asks for it. Loading it takes as long as all else at the start of a
 * command, and most bytecode never needs it: so a run begins without, and begins again where it did need it.
 */

import type { Crypto } from '../../precompiles/crypto.ts';
import { EMPTY_BYTES } from '../primitives/bytes.ts';

const HASHES: readonly (string | symbol)[] = ['sha256', 'ripemd160'] satisfies (keyof Crypto)[];

type Attempt<T> = (crypto: Crypto, interrupted: (() => boolean) | undefined) => T;

/**
 * @param repeatable whether `attempt` may run twice
 * @param interrupted as the host's; the first attempt stops for want of cryptography, too
 */
export async function withCrypto<T>(
  attempt: Attempt<T>,
  repeatable: boolean,
  interrupted: (() => boolean) | undefined,
): Promise<T> {
  if (repeatable) {
    let asked = false;
    const missing = new Proxy({} as Crypto, {
      // Whatever comes of it is thrown away, but its caller must bear it: a hash never fails, all else may.
      get: (_, name) => () => {
        asked = true;
        return HASHES.includes(name) ? EMPTY_BYTES : null;
      },
    });
    const result = attempt(missing, () => asked || interrupted?.() === true);
    if (!asked) return result;
  }
  const { nobleCrypto } = await import('../../precompiles/crypto.ts');
  return attempt(nobleCrypto, interrupted);
}
