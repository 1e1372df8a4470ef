/** The names that fixtures use for the rules of a chain: a fork, or two forks and where one follows the other. */

import type { BlobParams } from '../../forks/blob-schedule.ts';
import { findFork, parseFork } from '../../forks/fork.ts';
import { type Rules, rulesOf } from '../../forks/rules.ts';
import { type RulesAt, scheduleOf } from '../../forks/schedule.ts';
import { ErbiumError } from '../../primitives/errors.ts';

/** Which rules the blocks of a fixture follow. */
export interface Network {
  readonly rulesAt: RulesAt;
  /** Number of the block of the DAO's change of state. */
  readonly daoBlock: bigint | null;
  /** The rules of blocks after a block by which there is so much total difficulty (EIP-3675). */
  readonly merge: { readonly difficulty: bigint; readonly rules: Rules } | null;
}

/** `ShanghaiToCancunAtTime15k`, `FrontierToHomesteadAt5`; `ArrowGlacierToParisAtDiffC0000`, which is hexadecimal. */
const TRANSITION = /^(\w+?)To(\w+?)At(?:(Time)?(\d+)(k?)|Diff([0-9A-F]+))$/;
const THOUSAND = 1_000n;

/** Not a fork of the list: its rules are those of the fork before, but for the block in which it happens. */
const DAO = 'HomesteadToDao';

/**
 * @param blobSchedule blob parameters by fork, which win over those that the forks have
 * @throws ErbiumError UNKNOWN_FORK
 */
export function parseNetwork(name: string, blobSchedule: ReadonlyMap<string, BlobParams>): Network {
  const rulesFor = (fork: string): Rules => {
    const rules = rulesOf(parseFork(fork));
    const blobs = blobSchedule.get(fork);
    return blobs === undefined || rules.blobs === null ? rules : { ...rules, blobs };
  };
  const [, from = '', to = '', byTime, digits, thousands, total] = TRANSITION.exec(name) ?? [];
  const plain = { daoBlock: null, merge: null };
  if (from === '') return { ...plain, rulesAt: scheduleOf(rulesFor(name)) };
  const at = digits === undefined ? 0n : BigInt(digits) * (thousands === '' ? 1n : THOUSAND);
  if (`${from}To${to}` === DAO && byTime === undefined && total === undefined) {
    return { ...plain, rulesAt: scheduleOf(rulesFor(from)), daoBlock: at };
  }
  for (const fork of [from, to]) {
    if (findFork(fork) === undefined) {
      throw new ErbiumError(
        'UNKNOWN_FORK',
        `unknown fork ${JSON.stringify(fork)} in ${JSON.stringify(name)}`,
      );
    }
  }
  const rules = rulesFor(to);
  if (total !== undefined) {
    const merge = { difficulty: BigInt(`0x${total}`), rules };
    return { ...plain, rulesAt: scheduleOf(rulesFor(from)), merge };
  }
  const activation = byTime === undefined ? { rules, number: at } : { rules, time: at };
  return { ...plain, rulesAt: scheduleOf(rulesFor(from), [activation]) };
}
