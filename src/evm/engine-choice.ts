/** The names of the engines. Apart from them, so that whoever only offers the choice loads none. */

/**
 * `bigint` is the reference engine, `wasm` the one that emits WebAssembly, and `auto` the latter where it is allowed, from
 * the first frame on. With a tracer, or with steps counted, it is the reference engine in any case.
 */
export type EngineChoice = 'auto' | 'wasm' | 'bigint';

export const ENGINE_CHOICES: readonly EngineChoice[] = ['auto', 'wasm', 'bigint'];
