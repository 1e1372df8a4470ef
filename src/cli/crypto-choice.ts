/** The names that `--crypto` takes, and what they stand for. Apart from the option, as the threads need no command line. */

import type { Crypto } from '../../precompiles/crypto.ts';
import type { EngineChoice } from '../evm/engine-choice.ts';
import { withEmittedHashes } from '../wasm/hash/install.ts';

/** `noble` is the default everywhere; `fast` is `erbium/crypto-fast` and emitted hashes, with the same answers. */
export type CryptoChoice = 'noble' | 'fast';

export const CRYPTO_CHOICES: readonly CryptoChoice[] = ['noble', 'fast'];

/**
 * The cryptography of a machine with this engine; loads no other.
 * @throws ErbiumError MISSING_PACKAGE, which names the one to install
 */
export async function loadCrypto(choice: CryptoChoice, engine: EngineChoice): Promise<Crypto> {
  if (choice === 'noble') return (await import('../evm/machine.ts')).cryptoFor(engine);
  const { fastCrypto } = await import('../../precompiles/fast/index.ts');
  return withEmittedHashes(await fastCrypto());
}
