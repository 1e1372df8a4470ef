/** The bounded search that all steps of the shrinker share: it holds the best case so far and asks the predicate. */

import { bytesToHex } from '../primitives/bytes.ts';
import { keccak256 } from '../primitives/keccak.ts';
import type { FuzzCase } from './case.ts';

/** Whether a case still fails in the way that matters. */
export type StillFails = (candidate: FuzzCase) => boolean | Promise<boolean>;

const utf8 = new TextEncoder();

/** The same for equal cases. */
function fingerprint(fuzzCase: FuzzCase): string {
  const text = JSON.stringify(fuzzCase, (_key, value: unknown) => {
    if (typeof value === 'bigint') return value.toString(16);
    if (value instanceof Uint8Array) return bytesToHex(value);
    if (value instanceof Map) return [...value].map(([key, entry]) => [String(key), entry as unknown]);
    return value;
  });
  return bytesToHex(keccak256(utf8.encode(text)));
}

/** The best case so far, which has always failed, and what may still be asked. */
export class Attempts {
  best: FuzzCase;
  private readonly stillFails: StillFails;
  private readonly stopped: () => boolean;
  private left: number;
  private readonly asked = new Set<string>();

  /**
   * @param tries how often the predicate may be asked
   * @param stopped asked before each try; true ends the search
   */
  constructor(fuzzCase: FuzzCase, stillFails: StillFails, tries: number, stopped: () => boolean) {
    this.best = fuzzCase;
    this.stillFails = stillFails;
    this.stopped = stopped;
    this.left = tries;
    this.asked.add(fingerprint(fuzzCase));
  }

  get isOver(): boolean {
    return this.left <= 0 || this.stopped();
  }

  /** Takes a candidate that still fails as the best case. One that was asked before is not asked again: it is not taken. */
  async take(candidate: FuzzCase): Promise<boolean> {
    if (this.isOver) return false;
    const key = fingerprint(candidate);
    if (this.asked.has(key)) return false;
    this.asked.add(key);
    this.left--;
    if (!(await this.stillFails(candidate))) return false;
    this.best = candidate;
    return true;
  }

  /** Takes the first of the candidates that still fails. */
  async takeFirst(candidates: Iterable<FuzzCase>): Promise<boolean> {
    for (const candidate of candidates) if (await this.take(candidate)) return true;
    return false;
  }
}

/**
 * Leaves out parts of a list, larger ones first (delta debugging, Zeller and Hildebrandt 2002).
 * @param without tries the list that is left, and says whether it was taken
 */
export async function leaveOut<T>(
  list: readonly T[],
  without: (rest: readonly T[]) => Promise<boolean>,
): Promise<void> {
  let rest = list;
  for (let size = list.length; size >= 1; size = size >> 1) {
    for (let at = Math.max(0, rest.length - size); rest.length > 0; at -= size) {
      const start = Math.max(0, at);
      const shorter = [...rest.slice(0, start), ...rest.slice(start + size)];
      if (shorter.length < rest.length && (await without(shorter))) rest = shorter;
      if (at <= 0) break;
    }
  }
}
