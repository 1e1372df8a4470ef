/**
 * Listeners, called at once and in order. One that takes two arguments gets a `resolve` that does nothing: the run
 * waits for nobody. What a listener throws goes through to the run, which it ends.
 */

// biome-ignore lint/suspicious/noExplicitAny: listeners of all events stand in one map
type Listener = (data: any, resolve?: (result?: unknown) => void) => unknown;

const resolve = (): void => {};

/** @typeParam Events names of events, and what their listeners get */
export class Events<Events extends object> {
  private readonly lists = new Map<keyof Events, readonly { call: Listener; once: boolean }[]>();

  on<K extends keyof Events>(
    name: K,
    call: (data: Events[K], resolve?: (result?: unknown) => void) => unknown,
  ): this {
    this.lists.set(name, [...this.entries(name), { call, once: false }]);
    return this;
  }

  addListener<K extends keyof Events>(name: K, call: Parameters<typeof this.on<K>>[1]): this {
    return this.on(name, call);
  }

  once<K extends keyof Events>(name: K, call: Parameters<typeof this.on<K>>[1]): this {
    this.lists.set(name, [...this.entries(name), { call, once: true }]);
    return this;
  }

  /** Without `call`, removes all listeners of the event. */
  off<K extends keyof Events>(name: K, call?: Listener): this {
    this.lists.set(
      name,
      this.entries(name).filter((entry) => call !== undefined && entry.call !== call),
    );
    return this;
  }

  removeListener<K extends keyof Events>(name: K, call?: Listener): this {
    return this.off(name, call);
  }

  removeAllListeners(name?: keyof Events): this {
    if (name === undefined) this.lists.clear();
    else this.lists.delete(name);
    return this;
  }

  listenerCount(name: keyof Events): number {
    return this.entries(name).length;
  }

  listeners(name: keyof Events): Listener[] {
    return this.entries(name).map((entry) => entry.call);
  }

  /** True where somebody listened. */
  emit<K extends keyof Events>(name: K, data: Events[K]): boolean {
    const entries = this.entries(name);
    for (const { call, once } of entries) {
      if (once) this.off(name, call);
      if (call.length >= 2) call(data, resolve);
      else call(data);
    }
    return entries.length > 0;
  }

  private entries(name: keyof Events): readonly { call: Listener; once: boolean }[] {
    return this.lists.get(name) ?? [];
  }
}
