import type { Definition } from './definition.ts'; export const precompileTests: readonly Definition[] = [];
