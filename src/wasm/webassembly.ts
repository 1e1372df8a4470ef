/**
 * WebAssembly as far as this room uses it. Its types come with those of the browser's document, which are no part
 * of this program, and where it runs there may be no such global at all.
 *
 * Source: WebAssembly JavaScript Interface 2.0.
 */

/** A memory of whole pages of 64 KiB. */
export interface LinearMemory {
  /** Left behind, with a length of 0, when the memory grows. */
  readonly buffer: ArrayBuffer;
  /** @throws RangeError where there is no room */
  grow(pages: number): number;
}

export interface WebAssemblyApi {
  readonly Table: new (limits: { element: 'anyfunc'; initial: number }) => object;
  readonly Memory: new (limits: { initial: number; maximum: number }) => LinearMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, object>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

/** Read at each use: a page, or a test, may take it away. */
export const webAssembly = (): WebAssemblyApi | undefined =>
  (globalThis as { WebAssembly?: WebAssemblyApi }).WebAssembly;
