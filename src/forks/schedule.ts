/** Which rules a block of a chain follows, by its number and time. */

import type { ForkName } from './fork.ts';
import { type Rules, rulesOf } from './rules.ts';

/** The rules of a block. For the same rules it gives the same object. */
export type RulesAt = (number: bigint, timestamp: bigint) => Rules;

/** Rules, and the block from which they apply: by number, or by time in seconds. */
export type Activation =
  | { readonly rules: Rules; readonly number: bigint }
  | { readonly rules: Rules; readonly time: bigint };

/**
 * The schedule of a chain: the last activation that a block has reached gives its rules.
 * @param first the rules of the first block
 * @param later in the order in which they apply
 */
export function scheduleOf(first: Rules, later: readonly Activation[] = []): RulesAt {
  const newestFirst = [...later].reverse();
  return (number, timestamp) => {
    for (const activation of newestFirst) {
      const reached = 'number' in activation ? number >= activation.number : timestamp >= activation.time;
      if (reached) return activation.rules;
    }
    return first;
  };
}

const byNumber = (fork: ForkName, number: bigint): Activation => ({ rules: rulesOf(fork), number });
const byTime = (fork: ForkName, time: bigint): Activation => ({ rules: rulesOf(fork), time });

/** Block of the irregular change of state on mainnet; see `dao.ts`. */
export const MAINNET_DAO_BLOCK = 1_920_000n;

/** The rules of mainnet's blocks. */
export const MAINNET: RulesAt = scheduleOf(rulesOf('Frontier'), [
  byNumber('Homestead', 1_150_000n),
  byNumber('TangerineWhistle', 2_463_000n),
  byNumber('SpuriousDragon', 2_675_000n),
  byNumber('Byzantium', 4_370_000n),
  byNumber('Petersburg', 7_280_000n),
  byNumber('Istanbul', 9_069_000n),
  byNumber('MuirGlacier', 9_200_000n),
  byNumber('Berlin', 12_244_000n),
  byNumber('London', 12_965_000n),
  byNumber('ArrowGlacier', 13_773_000n),
  byNumber('GrayGlacier', 15_050_000n),
  byNumber('Paris', 15_537_394n),
  byTime('Shanghai', 1_681_338_455n),
  byTime('Cancun', 1_710_338_135n),
  byTime('Prague', 1_746_612_311n),
  byTime('Osaka', 1_764_798_551n),
  byTime('BPO1', 1_765_290_071n),
  byTime('BPO2', 1_767_747_671n),
]);
