/** From times to gas, and from gas to a verdict. */

import { median } from '../measure.ts';
import type { Times } from './measure.ts';
import { type Kind, placeOf } from './operation.ts';

/** What ecrecover is priced at, which all other prices are related to. */
export const ECRECOVER_GAS = 3_000;
/** The least that an extension may be priced at, as a share of what it costs. */
export const LEAST_SHARE = 0.8;
/** The most that an input made to be expensive may cost, in terms of its price. */
export const MOST_TIMES = 3;

export interface Cost {
  readonly milliseconds: number;
  /** In gas: the median of the rounds. */
  readonly cost: number;
  /** How far apart the rounds are, as a share of the cost. */
  readonly spread: number;
}

/** @param times of at least one round */
export function costOf(times: readonly Times[]): Cost {
  const gas = times.map(({ own, ecrecover }) => (ECRECOVER_GAS * own) / ecrecover);
  const cost = median(gas);
  return {
    milliseconds: median(times.map(({ own }) => own)),
    cost,
    spread: (Math.max(...gas) - Math.min(...gas)) / cost,
  };
}

/** The input that costs most in terms of its price, among those made from a valid one. */
export interface Hostile extends Cost {
  /** Which of the inputs it is, from 0 on, of how many. */
  readonly index: number;
  readonly count: number;
  readonly bytes: number;
  readonly price: number;
}

export interface Row extends Cost {
  readonly kind: Kind;
  readonly name: string;
  readonly label: string;
  readonly bytes: number;
  readonly price: number;
  readonly hostile?: Hostile;
}

/** Price over cost. */
export const shareOf = ({ price, cost }: { readonly price: number; readonly cost: number }): number =>
  price / cost;

/** Cost over price; nothing may be had for nothing. */
export const timesOf = ({ price, cost }: { readonly price: number; readonly cost: number }): number =>
  cost / price;

export const isBelow = (row: Row): boolean => shareOf(row) < LEAST_SHARE;

const gas = (value: number): string => Math.round(value).toLocaleString('en');

/** What is wrong with the prices of the extensions, one sentence each. */
export function complaints(rows: readonly Row[]): string[] {
  const sentences: string[] = [];
  for (const row of rows) {
    if (row.kind !== 'extension') continue;
    const place = placeOf(row);
    if (isBelow(row)) {
      sentences.push(
        `${place}: the price of ${gas(row.price)} gas is ${shareOf(row).toFixed(2)} of the cost of ` +
          `${gas(row.cost)}, less than ${LEAST_SHARE}.`,
      );
    }
    const { hostile } = row;
    if (hostile !== undefined && timesOf(hostile) > MOST_TIMES) {
      sentences.push(
        `${place}: distorted input ${hostile.index} of ${hostile.bytes} bytes costs ${gas(hostile.cost)} gas, ` +
          `${timesOf(hostile).toFixed(1)} times its price of ${gas(hostile.price)}, more than ${MOST_TIMES}.`,
      );
    }
  }
  return sentences;
}
