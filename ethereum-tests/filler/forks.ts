import type { Definition } from './definition.ts'; export const forkTests: readonly Definition[] = [];
