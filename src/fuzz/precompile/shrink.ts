/** Makes an input shorter, and its bytes zero, as long as it fails in the same way. */

import { equalBytes } from '../../primitives/bytes.ts';
import { leaveOut } from '../shrink-attempts.ts';

/**
 * @param stillFails whether an input fails as the first one does, which it does
 * @param tries how often it may be asked
 * @returns the smallest input that was found to fail so
 */
export async function shrinkInput(
  input: Uint8Array,
  stillFails: (candidate: Uint8Array) => Promise<boolean>,
  tries: number,
): Promise<Uint8Array> {
  let best = input;
  let left = tries;
  const take = async (candidate: Uint8Array): Promise<boolean> => {
    if (left <= 0 || equalBytes(candidate, best)) return false;
    left--;
    if (!(await stillFails(candidate))) return false;
    best = candidate;
    return true;
  };

  for (let before: Uint8Array | null = null; before !== best && left > 0; ) {
    before = best;
    // Zeros first: many encodings have one length only.
    for (let size = best.length; size >= 1; size >>= 1) {
      for (let at = 0; at < best.length; at += size) await take(best.slice().fill(0, at, at + size));
    }
    await leaveOut([...best], (rest) => take(Uint8Array.from(rest)));
    for (let at = 0; at < best.length; at++) {
      for (let fails = best[at]!, passes = 0; fails - passes > 1; ) {
        const candidate = best.slice();
        candidate[at] = (fails + passes) >> 1;
        if (await take(candidate)) fails = best[at]!;
        else passes = candidate[at]!;
      }
    }
  }
  return best;
}
