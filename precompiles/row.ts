/** What a precompile is: an address, a price and a function of bytes. It never sees a frame or the state. */

import type { Rules } from '../src/forks/rules.ts';
import type { Address } from '../src/primitives/address.ts';
import type { Crypto } from './crypto.ts';

/** A precompile: an address, a price and a function of bytes. */
export interface Precompile {
  readonly address: Address;
  /** Name in capitals, as in the EIP that defines it. */
  readonly name: string;
  /** First fork that has it. */
  readonly since: string;
  /** Price in gas, known before running; Infinity for an input that no gas can pay for. */
  gas(input: Uint8Array, rules: Rules): number;
  /**
   * The output, or null when the input is invalid: the call then fails and burns all its gas. The input is a view of
   * memory that others change later: the output must not be one as well.
   */
  run(input: Uint8Array, crypto: Crypto, rules: Rules): Uint8Array | null;
  /** The byte behind the prefix 0xAE of an instruction that does the same (EIP-8163); Ethereum's own have none. */
  readonly opcode?: number;
  /** Its input holds a secret, which calldata makes public: it runs only where the embedder allows that. */
  readonly secret?: true;
  /** Its verdict is one that a quantum computer can forge: the policy `pqOnly` refuses it. */
  readonly forgeable?: true;
}
