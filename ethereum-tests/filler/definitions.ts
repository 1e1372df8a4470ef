/** All smoke tests, in the order in which they are filled. */

import { contractTests } from './contracts.ts';
import { creationTests } from './creations.ts';
import type { Definition } from './definition.ts';
import { lateForkTests } from './forks-since-berlin.ts';
import { earlyForkTests } from './forks-until-istanbul.ts';
import { opcodeTests } from './opcodes.ts';
import { precompileTests } from './precompiles.ts';
import { rejectionTests } from './rejections.ts';
import { transactionTests } from './transactions.ts';
import { wordTests } from './words.ts';

export const definitions: readonly Definition[] = [
  ...wordTests,
  ...opcodeTests,
  ...contractTests,
  ...creationTests,
  ...precompileTests,
  ...transactionTests,
  ...earlyForkTests,
  ...lateForkTests,
  ...rejectionTests,
];
