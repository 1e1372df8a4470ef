/** From a `Common`, or a name and a chain id, to rules. */

import { FORKS, LATEST_FORK, parseFork } from '../forks/fork.ts';
import { type Rules, rulesOf } from '../forks/rules.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { toWord, type WordInput } from '../primitives/input.ts';

/** What is read of the `Common` of `@ethereumjs/common`, at every run anew. */
export interface CommonLike {
  hardfork(): string;
  chainId(): bigint;
  /** EIPs beyond those of the hardfork: there must be none. */
  eips?(): readonly number[];
  consensusType?(): string;
}

/** For those who have no `Common`. */
export interface ForkSettings {
  /** A name in any letter case, or rules of one's own (`customFork`); the newest on mainnet by default. */
  readonly hardfork?: string | Rules | undefined;
  /** 1 by default. */
  readonly chainId?: WordInput | undefined;
}

/** Names that are used nowhere else: the first fork, and one that changed a balance and no rule. */
const OWN_NAMES: ReadonlyMap<string, string> = new Map([
  ['chainstart', FORKS[0]],
  ['dao', FORKS[1]],
]);

/** @throws ErbiumError UNKNOWN_FORK */
export function rulesOfHardfork(hardfork: string): Rules {
  const name = String(hardfork).toLowerCase().replace('netsplitblock', '');
  return rulesOf(parseFork(OWN_NAMES.get(name) ?? name));
}

/** As much of a `Common` as an EVM needs. */
export class SimpleCommon implements CommonLike {
  readonly rules: Rules;
  private readonly chain: bigint;

  /** @throws ErbiumError UNKNOWN_FORK, or INVALID_NUMBER naming the option */
  constructor({ hardfork = LATEST_FORK, chainId = 1n }: ForkSettings = {}) {
    this.rules = typeof hardfork === 'string' ? rulesOfHardfork(hardfork) : hardfork;
    this.chain = toWord(chainId, 'chainId');
  }

  hardfork(): string {
    return this.rules.fork;
  }

  chainId(): bigint {
    return this.chain;
  }

  eips(): readonly number[] {
    return [];
  }
}

/** @throws ErbiumError INVALID_ARGUMENT naming the option, or UNKNOWN_FORK */
export function commonFrom(common: unknown, settings: ForkSettings): CommonLike {
  if (common === undefined) return new SimpleCommon(settings);
  if (settings.hardfork !== undefined || settings.chainId !== undefined) {
    throw new ErbiumError('INVALID_ARGUMENT', 'common: give either this or hardfork and chainId');
  }
  const { hardfork, chainId } = (common ?? {}) as Partial<CommonLike>;
  if (typeof hardfork !== 'function' || typeof chainId !== 'function') {
    throw new ErbiumError('INVALID_ARGUMENT', 'common: expected an object with hardfork() and chainId()');
  }
  rulesFor(common as CommonLike);
  return common as CommonLike;
}

/**
 * The rules that a `Common` names now.
 * @throws ErbiumError UNKNOWN_FORK, or INVALID_ARGUMENT where it asks for more than a hardfork
 */
export function rulesFor(common: CommonLike): Rules {
  if (common instanceof SimpleCommon) return common.rules;
  const [eip] = common.eips?.() ?? [];
  if (eip !== undefined) {
    throw new ErbiumError(
      'INVALID_ARGUMENT',
      `common: EIP-${eip} on top of a hardfork is not supported; give hardfork: customFork(name, rules, changes)`,
    );
  }
  if (common.consensusType?.() === 'poa') {
    throw new ErbiumError(
      'INVALID_ARGUMENT',
      'common: proof of authority is not supported; set the coinbase',
    );
  }
  return rulesOfHardfork(common.hardfork());
}
