/**
 * Cryptography that is loaded when a run first asks for it. Loading it takes as long as all else at the start of a
 * command, and most bytecode never needs it: so a run begins without, and begins again where it did need it. SHA-256
 * and BLAKE2F can be emitted, and then need none of it.
 */

import type { Crypto } from '../../precompiles/crypto.ts';
import type { EngineChoice } from '../evm/engine-choice.ts';
import { EMPTY_BYTES } from '../primitives/bytes.ts';
import { withEmittedHashes } from '../wasm/hash/install.ts';
import { type CryptoChoice, loadCrypto } from './crypto-choice.ts';

const HASHES: readonly (string | symbol)[] = ['sha256', 'ripemd160', 'blake2f'] satisfies (keyof Crypto)[];

type Attempt<T> = (crypto: Crypto, interrupted: (() => boolean) | undefined) => T;

/**
 * @param engine as the machine's
 * @param choice only noble's is put off: who asks for another by name is told at once if it is not to be had
 * @param repeatable whether `attempt` may run twice
 * @param interrupted as the host's; the first attempt stops for want of cryptography, too
 */
export async function withCrypto<T>(
  attempt: Attempt<T>,
  engine: EngineChoice,
  choice: CryptoChoice,
  repeatable: boolean,
  interrupted: (() => boolean) | undefined,
): Promise<T> {
  if (repeatable && choice === 'noble') {
    let asked = false;
    const missing = new Proxy({} as Crypto, {
      // Whatever comes of it is thrown away, but its caller must bear it: a hash never fails, all else may.
      get: (_, name) => () => {
        asked = true;
        return HASHES.includes(name) ? EMPTY_BYTES : null;
      },
    });
    // Of one that has nothing, what can be emitted.
    const emitted: Partial<Crypto> = engine === 'bigint' ? {} : withEmittedHashes(missing);
    const deferred = new Proxy(missing, {
      get: (all, name) => Reflect.get(name in emitted ? emitted : all, name),
    });
    const result = attempt(deferred, () => asked || interrupted?.() === true);
    if (!asked) return result;
  }
  return attempt(await loadCrypto(choice, engine), interrupted);
}
