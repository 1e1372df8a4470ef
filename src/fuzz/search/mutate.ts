/** New steps out of nothing and out of others. */

import { concatBytes, EMPTY_BYTES, toBytes32 } from '../../primitives/bytes.ts';
import type { Random } from '../random.ts';
import { CALLERS } from './attacker.ts';
import type { Dictionary } from './dictionary.ts';
import { EMPTY_STEP } from './runner.ts';
import type { Step, Way } from './step.ts';

const SELECTOR = 4;
const WORD = 32;
const MAX_WORDS = 6;
const MAX_HEADS = 3;
const MAX_ITEMS = 4;
const MAX_BYTES = 64;
const MAX_LENGTH = 2_048;
const DAY = 86_400n;

export class Mutator {
  private readonly random: Random;
  private readonly dictionary: Dictionary;

  constructor(random: Random, dictionary: Dictionary) {
    this.random = random;
    this.dictionary = dictionary;
  }

  /** A step that calls any function, or the given one, with words of the dictionary. */
  fresh(before: readonly Step[], selector?: Uint8Array): Step {
    const { random, dictionary } = this;
    const way = selector === undefined ? this.way(before) : this.calling(before);
    if (way === 'force') return { ...EMPTY_STEP, way, value: this.forced() };
    const step: Step = {
      ...EMPTY_STEP,
      way,
      caller: this.caller(before),
      value: dictionary.value(random),
      data: this.data(selector),
    };
    return way === 'contract' && random.oneIn(2) ? this.reentering(step, before) : step;
  }

  /** A step that differs from the given one. */
  changed(step: Step, before: readonly Step[]): Step {
    const { random, dictionary } = this;
    if (step.way === 'force') return random.oneIn(2) ? this.fresh(before) : { ...step, value: this.forced() };
    let changed = step;
    for (let rounds = 1 + random.below(3); rounds > 0; rounds--) {
      const kind = random.below(24);
      if (kind < 14) changed = { ...changed, data: this.mutated(changed.data) };
      else if (kind < 17) changed = { ...changed, value: dictionary.value(random) };
      else if (kind < 19) changed = { ...changed, caller: random.pick(CALLERS) };
      else if (kind < 20) changed = this.later(changed);
      else if (kind < 22) changed = this.reentering({ ...changed, way: 'contract' }, before);
      else changed = { ...changed, way: changed.way === 'direct' ? 'contract' : 'direct', reenterTimes: 0 };
    }
    return changed;
  }

  private way(before: readonly Step[]): Way {
    return this.random.oneIn(16) ? 'force' : this.calling(before);
  }

  /** Mostly as the step before: what one account has set up is of use to that account. */
  private calling(before: readonly Step[]): Way {
    const { random } = this;
    const last = before[before.length - 1]?.way;
    if ((last === 'direct' || last === 'contract') && !random.oneIn(4)) return last;
    return random.oneIn(3) ? 'contract' : 'direct';
  }

  private caller(before: readonly Step[]): bigint {
    const last = before[before.length - 1];
    return last !== undefined && !this.random.oneIn(4) ? last.caller : this.random.pick(CALLERS);
  }

  private forced(): bigint {
    return this.dictionary.value(this.random) || 1n;
  }

  private reentering(step: Step, before: readonly Step[]): Step {
    const { random } = this;
    // Most reentrancy is into the function that is running already.
    const reenterData = random.oneIn(3)
      ? this.data()
      : random.oneIn(3)
        ? pickData(random, before)
        : step.data;
    return { ...step, reenterTimes: 1 + random.below(3), reenterData };
  }

  private later(step: Step): Step {
    const { random } = this;
    const days = BigInt(random.pick([1, 7, 30, 365, 3_650]));
    return random.oneIn(2)
      ? { ...step, seconds: days * DAY, blocks: days * 7_200n }
      : { ...step, seconds: BigInt(1 + random.below(3_600)), blocks: BigInt(1 + random.below(300)) };
  }

  private data(selector?: Uint8Array): Uint8Array {
    const { random, dictionary } = this;
    const { selectors } = dictionary;
    const head =
      selector ??
      (selectors.length === 0 || random.oneIn(16) ? random.bytes(random.below(5)) : random.pick(selectors));
    if (head.length < SELECTOR && random.oneIn(2)) return EMPTY_BYTES;
    if (random.oneIn(4)) return concatBytes(head, ...this.dynamic());
    return concatBytes(head, ...this.words(random.below(MAX_WORDS + 1)));
  }

  private words(count: number): Uint8Array[] {
    return Array.from({ length: count }, () => toBytes32(this.dictionary.word(this.random)));
  }

  /** Arguments of which some are arrays or bytes, as the ABI has them: an offset in their place, and they behind all. */
  private dynamic(): Uint8Array[] {
    const { random } = this;
    const heads = this.words(1 + random.below(MAX_HEADS));
    const first = random.below(heads.length);
    const tails: Uint8Array[] = [];
    let offset = WORD * heads.length;
    for (const i of heads.keys()) {
      if (i !== first && !random.oneIn(4)) continue;
      heads[i] = toBytes32(BigInt(offset));
      const tail = concatBytes(...(random.oneIn(2) ? this.array() : this.bytes()));
      offset += tail.length;
      tails.push(tail);
    }
    return [...heads, ...tails];
  }

  private array(): Uint8Array[] {
    const length = this.random.below(MAX_ITEMS + 1);
    return [toBytes32(BigInt(length)), ...this.words(length)];
  }

  /** Of chance: where one of them is compared, it is seen which. */
  private bytes(): Uint8Array[] {
    const { random } = this;
    const length = random.below(MAX_BYTES + 1);
    const padded = new Uint8Array(Math.ceil(length / WORD) * WORD);
    padded.set(random.bytes(length));
    return [toBytes32(BigInt(length)), padded];
  }

  private mutated(data: Uint8Array): Uint8Array {
    const { random, dictionary } = this;
    const words = Math.floor((data.length - SELECTOR) / WORD);
    const kind = random.below(16);
    if (kind < 2 || data.length < SELECTOR) return this.data();
    if (kind < 4 || words < 1) {
      if (data.length + WORD > MAX_LENGTH) return data.slice(0, SELECTOR);
      return concatBytes(data, toBytes32(dictionary.word(random)));
    }
    const copy = data.slice();
    const at = SELECTOR + WORD * random.below(words);
    if (kind < 8) {
      copy.set(toBytes32(dictionary.word(random)), at);
    } else if (kind < 10) {
      const last = at + WORD - 1;
      copy[last] = copy[last]! + random.between(1, 8) * (random.oneIn(2) ? 1 : -1);
    } else if (kind < 12) {
      copy[random.below(copy.length)] = random.below(256);
    } else if (kind < 13) {
      const bit = random.below(WORD * 8);
      copy[at + (bit >> 3)]! ^= 1 << (bit & 7);
    } else if (kind < 14) {
      copy.copyWithin(SELECTOR + WORD * random.below(words), at, at + WORD);
    } else if (kind < 15 && dictionary.selectors.length > 0) {
      copy.set(random.pick(dictionary.selectors));
    } else {
      return data.slice(0, data.length - WORD);
    }
    return copy;
  }
}

const pickData = (random: Random, steps: readonly Step[]): Uint8Array =>
  steps.length === 0 ? EMPTY_BYTES : random.pick(steps).data;
