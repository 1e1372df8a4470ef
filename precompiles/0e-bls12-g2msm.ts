/**
 * BLS12_G2MSM (EIP-2537): multi-scalar multiplication in the second group.
 *
 * Input: one or more terms of a point (256 bytes) and a scalar (32, any number).
 * Output: a point (256 bytes); failure when a point is invalid or outside of the subgroup.
 * Gas: 22500 per term, times the discount for that many terms.
 */

import type { G2Point, ScaledPoint } from './crypto.ts';
import { BLS12_G2_LENGTH, encodeBls12G2, readBls12G2, wordAt } from './encoding.ts';
import type { Precompile } from './row.ts';

const TERM_LENGTH = BLS12_G2_LENGTH + 32;

// biome-ignore format: one entry a line is harder to compare with the table of the EIP
/** Thousandths of the price to pay, for 1, 2, ... 128 terms; the last holds for more. */
const DISCOUNTS: readonly number[] = [
  1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732, 724, 717, 711, 704, 699, 693, 688,
  683, 679, 674, 670, 666, 663, 659, 655, 652, 649, 646, 643, 640, 637, 634, 632, 629, 627, 624, 622, 620,
  618, 615, 613, 611, 609, 607, 606, 604, 602, 600, 598, 597, 595, 593, 592, 590, 589, 587, 586, 584, 583,
  582, 580, 579, 578, 576, 575, 574, 573, 571, 570, 569, 568, 567, 566, 565, 563, 562, 561, 560, 559, 558,
  557, 556, 555, 554, 553, 552, 552, 551, 550, 549, 548, 547, 546, 545, 545, 544, 543, 542, 541, 541, 540,
  539, 538, 537, 537, 536, 535, 535, 534, 533, 532, 532, 531, 530, 530, 529, 528, 528, 527, 526, 526, 525,
  524, 524,
];

export const bls12G2Msm: Precompile = {
  address: 0x0en,
  name: 'BLS12_G2MSM',
  since: 'Prague',
  gas(input) {
    const terms = Math.floor(input.length / TERM_LENGTH);
    if (terms === 0) return 0;
    const discount = DISCOUNTS[Math.min(terms, DISCOUNTS.length) - 1]!;
    return Math.floor((terms * 22_500 * discount) / 1000);
  },
  run(input, crypto) {
    if (input.length === 0 || input.length % TERM_LENGTH !== 0) return null;
    const terms: ScaledPoint<G2Point>[] = [];
    for (let at = 0; at < input.length; at += TERM_LENGTH) {
      const point = readBls12G2(input, at);
      if (point === null) return null;
      terms.push({ point, scalar: wordAt(input, at + BLS12_G2_LENGTH) });
    }
    return encodeBls12G2(crypto.bls12G2Msm(terms));
  },
};
