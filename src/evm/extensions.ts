/**
 * Precompiles that are no part of Ethereum: who may run them, and the instructions that do the same. What they do
 * stands in `precompiles/ext/`.
 */

import { extensionRow, type Operation } from '../../opcodes/extension.ts';
import type { OpRow } from '../../opcodes/row.ts';
import type { Crypto } from '../../precompiles/crypto.ts';
import type { Precompile } from '../../precompiles/row.ts';
import type { Rules } from '../forks/rules.ts';
import { Halt } from '../machine/halt.ts';
import { demandBytes } from '../primitives/bytes.ts';

/** What an embedder allows or refuses, whatever the rules of the fork. */
export interface Policy {
  /** Operations whose input holds a secret may run. */
  readonly allowSecrets: boolean;
  /** What a quantum computer can forge is refused. */
  readonly pqOnly: boolean;
}

/** Ethereum's own: it has no operations on secrets, and trusts the signatures that it has. */
export const NO_POLICY: Policy = { allowSecrets: false, pqOnly: false };

/** Why a precompile may not run; `Halt.Continue` where it may. */
export function refusalOf({ secret, forgeable }: Precompile, { allowSecrets, pqOnly }: Policy): Halt {
  if (secret && !allowSecrets) return Halt.PrivacyViolation;
  return forgeable && pqOnly ? Halt.QuantumSecurityViolation : Halt.Continue;
}

/** The output of a precompile that has been paid for; where it gives its input back, a copy, for that is a view. */
export function outputOf(
  precompile: Precompile,
  input: Uint8Array,
  crypto: Crypto,
  rules: Rules,
): Uint8Array | null {
  const output = precompile.run(input, crypto, rules);
  if (output !== null) demandBytes(output, `output of the precompile ${precompile.name}`);
  return output !== null && output.buffer === input.buffer ? output.slice() : output;
}

/** Rows for the instructions of those precompiles that have one; none where none has. */
export function extensionOpcodes(
  precompiles: Iterable<Precompile>,
  crypto: Crypto,
  rules: Rules,
  policy: Policy,
): OpRow[] {
  const operations = new Map<number, Operation>();
  for (const precompile of precompiles) {
    if (precompile.opcode === undefined) continue;
    operations.set(precompile.opcode, {
      name: precompile.name,
      refusal: refusalOf(precompile, policy),
      price: (input) => precompile.gas(input, rules),
      run: (input) => outputOf(precompile, input, crypto, rules),
    });
  }
  return operations.size === 0 ? [] : [extensionRow(operations)];
}
