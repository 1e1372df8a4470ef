/** Public door of the precompiles. */

export * from './crypto.ts';
export * from './registry.ts';
export * from './row.ts';
export { PRECOMPILES } from './table.ts';
