import type { Definition } from './definition.ts'; export const rejectionTests: readonly Definition[] = [];
