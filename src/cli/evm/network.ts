/** `--state.fork`: the rules that a name stands for at a block. */

import type { BlobParams } from '../../forks/blob-schedule.ts';
import { FORKS } from '../../forks/fork.ts';
import type { Rules } from '../../forks/rules.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { type Network, parseNetwork } from '../../statetest/blocks/network.ts';

/** What a block is placed by. */
export interface Place {
  readonly number: bigint;
  readonly timestamp: bigint;
  /** undefined where it is to be computed. */
  readonly difficulty: bigint | undefined;
}

const TRANSITIONS: readonly string[] = [
  'FrontierToHomesteadAt5',
  'HomesteadToDaoAt5',
  'HomesteadToEIP150At5',
  'EIP158ToByzantiumAt5',
  'ByzantiumToConstantinopleAt5',
  'ByzantiumToConstantinopleFixAt5',
  'ConstantinopleFixToIstanbulAt5',
  'BerlinToLondonAt5',
  'ArrowGlacierToParisAtDiffC0000',
  'ParisToShanghaiAtTime15k',
  'ShanghaiToCancunAtTime15k',
  'CancunToPragueAtTime15k',
  'PragueToOsakaAtTime15k',
  'OsakaToBPO1AtTime15k',
  'BPO1ToBPO2AtTime15k',
  'BPO2ToBPO3AtTime15k',
  'BPO3ToBPO4AtTime15k',
];

/** For help texts, which other tools search for the names. */
export const FORK_NAMES = [
  ...FORKS,
  ...['EIP150', 'EIP158', 'ConstantinopleFix', 'Merge'],
  ...TRANSITIONS,
].join(', ');

export interface NetworkRules {
  readonly rules: Rules;
  readonly isDaoBlock: boolean;
}

/**
 * @param blobs parameters that win over those of the fork
 * @throws ErbiumError UNKNOWN_FORK in geth's words
 */
export function networkRules(name: string, place: Place, blobs: BlobParams | undefined): NetworkRules {
  const { rulesAt, daoBlock, merge } = networkOf(name);
  // The total difficulty of the merge only shows in that blocks have none of their own any more.
  const isMerged = merge !== null && place.difficulty === 0n;
  const rules = isMerged ? merge.rules : rulesAt(place.number, place.timestamp);
  return {
    rules: blobs === undefined || rules.blobs === null ? rules : { ...rules, blobs },
    isDaoBlock: place.number === daoBlock,
  };
}

/** `Berlin+1884`, which is Berlin with the instructions of an EIP. */
const WITH_EIPS = /^([^+]*)\+(.*)$/;

function networkOf(name: string): Network {
  const [, fork = name, eips] = WITH_EIPS.exec(name) ?? [];
  const refused = (problem: string): ErbiumError =>
    new ErbiumError('UNKNOWN_FORK', `failed constructing chain configuration: ${problem}`);
  let network: Network;
  try {
    network = parseNetwork(fork, new Map());
  } catch (error) {
    if (!(error instanceof ErbiumError) || error.code !== 'UNKNOWN_FORK') throw error;
    throw refused(`unsupported fork ${JSON.stringify(fork)}`);
  }
  // A fork is what it is: no EIP can be added to one.
  if (eips !== undefined) throw refused(`syntax error, invalid eip number ${eips}`);
  return network;
}
