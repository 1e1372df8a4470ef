/** Ending what takes too long or is no longer wanted, such that neither a timer nor a listener is left over. */

import { ErbiumError } from '../../../primitives/errors.ts';

const aborted = (): ErbiumError => new ErbiumError('ABORTED', 'the state of the node is no longer asked for');

/** @throws ErbiumError ABORTED */
export function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw aborted();
}

/**
 * What the promise gives, unless the signal comes first. What others supply, such as `fetch`, may take no notice of
 * signals.
 * @throws ErbiumError ABORTED
 */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(aborted());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** An aborter that follows others until it is let go. */
export class Linked {
  private readonly controller = new AbortController();
  private readonly sources: readonly AbortSignal[];
  private readonly stop = (): void => this.controller.abort();

  constructor(...sources: readonly (AbortSignal | undefined)[]) {
    this.sources = sources.filter((source) => source !== undefined);
    for (const source of this.sources) {
      if (source.aborted) this.stop();
      else source.addEventListener('abort', this.stop, { once: true });
    }
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  abort(): void {
    this.controller.abort();
  }

  release(): void {
    for (const source of this.sources) source.removeEventListener('abort', this.stop);
  }
}

/** Waits; the default clock of retries. */
export function sleepFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
