/**
 * `createMachine`: a machine with the default cryptography. Apart from `context.ts`, because importing the
 * curves takes longer than starting all the rest.
 */

import { nobleCrypto } from '../../precompiles/crypto.ts';
import { assembleMachine, type Machine, type MachineOptions } from './context.ts';

export const createMachine = (
  options: Omit<MachineOptions, 'crypto'> & Partial<Pick<MachineOptions, 'crypto'>>,
): Machine => assembleMachine({ crypto: nobleCrypto, ...options });
