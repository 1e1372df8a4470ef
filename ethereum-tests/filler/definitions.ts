/** All smoke tests, in the order in which they are filled. */

import { contractTests } from './contracts.ts';
import type { Definition } from './definition.ts';
import { forkTests } from './forks.ts';
import { opcodeTests } from './opcodes.ts';
import { precompileTests } from './precompiles.ts';
import { rejectionTests } from './rejections.ts';
import { transactionTests } from './transactions.ts';

export const definitions: readonly Definition[] = [
  ...opcodeTests,
  ...contractTests,
  ...precompileTests,
  ...transactionTests,
  ...forkTests,
  ...rejectionTests,
];
