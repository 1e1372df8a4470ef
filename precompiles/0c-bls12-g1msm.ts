/**
 * BLS12_G1MSM (EIP-2537): multi-scalar multiplication in the first group.
 *
 * Input: one or more terms of a point (128 bytes) and a scalar (32, any number).
 * Output: a point (128 bytes); failure when a point is invalid or outside of the subgroup.
 * Gas: 12000 per term, times the discount for that many terms.
 */

import type { G1Point, ScaledPoint } from './crypto.ts';
import { BLS12_G1_LENGTH, encodeBls12G1, readBls12G1, wordAt } from './encoding.ts';
import type { Precompile } from './row.ts';

const TERM_LENGTH = BLS12_G1_LENGTH + 32;

// biome-ignore format: one entry a line is harder to compare with the table of the EIP
/** Thousandths of the price to pay, for 1, 2, ... 128 terms; the last holds for more. */
const DISCOUNTS: readonly number[] = [
  1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687, 682, 677, 673, 669, 665, 661, 658,
  654, 651, 648, 645, 642, 640, 637, 635, 632, 630, 627, 625, 623, 621, 619, 617, 615, 613, 611, 609, 608,
  606, 604, 603, 601, 599, 598, 596, 595, 593, 592, 591, 589, 588, 586, 585, 584, 582, 581, 580, 579, 577,
  576, 575, 574, 573, 572, 570, 569, 568, 567, 566, 565, 564, 563, 562, 561, 560, 559, 558, 557, 556, 555,
  554, 553, 552, 551, 550, 549, 548, 547, 547, 546, 545, 544, 543, 542, 541, 540, 540, 539, 538, 537, 536,
  536, 535, 534, 533, 532, 532, 531, 530, 529, 528, 528, 527, 526, 525, 525, 524, 523, 522, 522, 521, 520,
  520, 519,
];

export const bls12G1Msm: Precompile = {
  address: 0x0cn,
  name: 'BLS12_G1MSM',
  since: 'Prague',
  gas(input) {
    const terms = Math.floor(input.length / TERM_LENGTH);
    if (terms === 0) return 0;
    const discount = DISCOUNTS[Math.min(terms, DISCOUNTS.length) - 1]!;
    return Math.floor((terms * 12_000 * discount) / 1000);
  },
  run(input, crypto) {
    if (input.length === 0 || input.length % TERM_LENGTH !== 0) return null;
    const terms: ScaledPoint<G1Point>[] = [];
    for (let at = 0; at < input.length; at += TERM_LENGTH) {
      const point = readBls12G1(input, at);
      if (point === null) return null;
      terms.push({ point, scalar: wordAt(input, at + BLS12_G1_LENGTH) });
    }
    return encodeBls12G1(crypto.bls12G1Msm(terms));
  },
};
