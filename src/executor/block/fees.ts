/**
 * What a header must say because of its parent: base fee (EIP-1559), excess blob gas (EIP-4844, EIP-7918) and
 * difficulty (Yellow Paper, section 4.4.3; EIP-2, EIP-100 and the EIPs that delay the bomb).
 */

import { type BlobParams, blobBaseFee, GAS_PER_BLOB } from '../../forks/blob-schedule.ts';
import type { Rules } from '../../forks/rules.ts';
import { EMPTY_UNCLES_HASH } from './empty.ts';
import type { Header } from './header.ts';

/** Wei per gas of the first block that has a base fee. */
export const INITIAL_BASE_FEE = 1_000_000_000n;
/** A block may hold this many times the gas at which the base fee stays. */
export const ELASTICITY = 2n;
const BASE_FEE_QUOTIENT = 8n;

/** Base fee of the block after `parent`. */
export function nextBaseFee({ baseFee, gasLimit, gasUsed }: Header): bigint {
  if (baseFee === null) return INITIAL_BASE_FEE;
  const target = gasLimit / ELASTICITY;
  if (gasUsed === target) return baseFee;
  if (gasUsed < target) return baseFee - (baseFee * (target - gasUsed)) / target / BASE_FEE_QUOTIENT;
  const rise = (baseFee * (gasUsed - target)) / target / BASE_FEE_QUOTIENT;
  return baseFee + (rise > 0n ? rise : 1n);
}

/**
 * Excess blob gas of the block after `parent`.
 * @param rules those of the block, not of the parent
 */
export function nextExcessBlobGas(parent: Header, rules: Rules, params: BlobParams): bigint {
  const excess = parent.excessBlobGas ?? 0n;
  const used = parent.blobGasUsed ?? 0n;
  const target = BigInt(params.target * GAS_PER_BLOB);
  if (excess + used < target) return 0n;
  const reserve = BigInt(rules.blobBaseCost) * (parent.baseFee ?? 0n);
  if (reserve > BigInt(GAS_PER_BLOB) * blobBaseFee(excess, params)) {
    return excess + (used * BigInt(params.max - params.target)) / BigInt(params.max);
  }
  return excess + used - target;
}

const MIN_DIFFICULTY = 131_072n;
const DIFFICULTY_QUOTIENT = 2_048n;
const MOST_STEPS_DOWN = 99n;
const BOMB_PERIOD = 100_000n;

/** Difficulty of the block after `parent`. */
export function nextDifficulty(parent: Header, number: bigint, timestamp: bigint, rules: Rules): bigint {
  const periods = (timestamp - parent.timestamp) / BigInt(rules.difficultyPeriod);
  const start = rules.difficultyCountsUncles && parent.unclesHash !== EMPTY_UNCLES_HASH ? 2n : 1n;
  let steps = start - periods;
  if (!rules.difficultyGradual) steps = periods === 0n ? 1n : -1n;
  else if (steps < -MOST_STEPS_DOWN) steps = -MOST_STEPS_DOWN;
  const difficulty =
    parent.difficulty + (parent.difficulty / DIFFICULTY_QUOTIENT) * steps + bomb(number, rules);
  return difficulty > MIN_DIFFICULTY ? difficulty : MIN_DIFFICULTY;
}

/** Doubles every 100,000 blocks. */
function bomb(number: bigint, rules: Rules): bigint {
  const periods = (number - BigInt(rules.difficultyBombDelay)) / BOMB_PERIOD;
  return periods > 1n ? 1n << (periods - 2n) : 0n;
}
