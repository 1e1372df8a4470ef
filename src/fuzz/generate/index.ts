/**
 * Makes cases: programs that keep their stack in order, in a world of several accounts that call each other, and a
 * transaction that starts them. Owns what is likely; what is possible is known to the tables of opcodes and
 * precompiles and to the rules of the fork.
 */

import type { ForkName } from '../../forks/fork.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import type { FuzzCase } from '../case.ts';
import type { Random } from '../random.ts';
import { kitOf } from './kit.ts';
import { ownerOf, SENDERS } from './places.ts';
import { PROFILES, type Profile } from './scope.ts';
import { transactionFor } from './transaction.ts';
import { blockFor, worldOf } from './world.ts';

export { PROFILES, type Profile } from './scope.ts';

/** What cases are to be like. */
export interface GenerateOptions {
  readonly profile: Profile;
  /** The case has one of these. */
  readonly forks: readonly ForkName[];
  /** About how many instructions the main contract runs, without those of its callees. 60 where nothing is said. */
  readonly opcodes?: number;
}

const DEFAULT_OPCODES = 60;

/**
 * A case, the same for the same state of `random` and the same options.
 * @throws ErbiumError INVALID_ARGUMENT for a profile that does not exist, no forks, or a number of opcodes that is no
 *   whole number of 0 and more
 */
export function generateCase(random: Random, options: GenerateOptions): FuzzCase {
  const { profile, forks, opcodes = DEFAULT_OPCODES } = options;
  if (!PROFILES.includes(profile)) {
    const known = PROFILES.join(', ');
    throw new ErbiumError(
      'INVALID_ARGUMENT',
      `profile: unknown ${JSON.stringify(profile)}; known are ${known}`,
    );
  }
  if (forks.length === 0) throw new ErbiumError('INVALID_ARGUMENT', 'forks: expected at least one');
  if (!Number.isSafeInteger(opcodes) || opcodes < 0) {
    throw new ErbiumError(
      'INVALID_ARGUMENT',
      `opcodes: expected a whole number of 0 and more, got ${opcodes}`,
    );
  }
  const fork = random.pick(forks);
  const kit = kitOf(fork);
  const sender = ownerOf(random.pick(SENDERS));
  const senderNonce = BigInt(random.oneIn(4) ? random.between(1, 200) : 0);
  const block = blockFor(random, sender.address);
  const pre = worldOf(random, { kit, profile, opcodes, sender, senderNonce });
  const tx = transactionFor(random, { kit, profile, opcodes, block, nonce: senderNonce });
  return { fork, block, pre, tx, secretKey: sender.secretKey, sender: sender.address };
}
