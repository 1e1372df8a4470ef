import type { Definition } from './definition.ts'; export const transactionTests: readonly Definition[] = [];
