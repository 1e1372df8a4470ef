/**
 * `createMachine`: a machine with the default cryptography. Apart from `context.ts`, because importing the
 * curves takes longer than starting all the rest.
 */

import { type Crypto, nobleCrypto } from '../../precompiles/crypto.ts';
import { withEmittedHashes } from '../wasm/hash/install.ts';
import { assembleMachine, type Machine, type MachineOptions } from './context.ts';
import type { EngineChoice } from './engine-choice.ts';

/** Where the fast engine may be had its hashes may, too. */
export const cryptoFor = (engine: EngineChoice = 'auto', crypto: Crypto = nobleCrypto): Crypto =>
  engine === 'bigint' ? crypto : withEmittedHashes(crypto);

export const createMachine = (
  options: Omit<MachineOptions, 'crypto'> & Partial<Pick<MachineOptions, 'crypto'>>,
): Machine => assembleMachine({ crypto: cryptoFor(options.engine), ...options });
