import type { Definition } from './definition.ts'; export const contractTests: readonly Definition[] = [];
