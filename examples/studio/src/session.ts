/** The page's side of the worker: one question at a time, and a way to stop it that always works. */

import type { Protocol, Reply, Request } from './worker/protocol.ts';

/** Milliseconds after which an answer no longer comes: all work in the worker has limits far below. */
const PATIENCE_MS = 60_000;

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  readonly timer: number;
}

export class Session {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  call<K extends keyof Protocol>(
    name: K,
    ...args: Parameters<Protocol[K]>
  ): Promise<Awaited<ReturnType<Protocol[K]>>> {
    this.worker ??= this.start();
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      const timer = window.setTimeout(
        () => this.stop('It took more than a minute and was stopped.'),
        PATIENCE_MS,
      );
      this.waiting.set(id, { resolve, reject, timer });
      this.worker!.postMessage({ id, name, args } satisfies Request);
    });
  }

  /** Questions that are not answered yet. */
  get asked(): number {
    return this.waiting.size;
  }

  /** Ends whatever runs; what was open is gone. */
  stop(reason: string): void {
    this.worker?.terminate();
    this.worker = null;
    for (const [, { reject, timer }] of this.waiting) {
      clearTimeout(timer);
      reject(new Error(reason));
    }
    this.waiting.clear();
  }

  private start(): Worker {
    const worker = new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
      const waiting = this.waiting.get(data.id);
      if (waiting === undefined) return;
      this.waiting.delete(data.id);
      clearTimeout(waiting.timer);
      if ('error' in data) waiting.reject(new Error(data.error));
      else waiting.resolve(data.value as never);
    });
    // Out of memory, above all.
    worker.addEventListener('error', () =>
      this.stop('The worker that runs the EVM broke down; it may have run out of memory.'),
    );
    return worker;
  }
}
