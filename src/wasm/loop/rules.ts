/** The emission rules of all instructions that the loop knows, by their names in the opcode table. */

import { controlRules } from './control.ts';
import { environmentRules } from './environment.ts';
import type { EmissionRule } from './loop.ts';
import { memoryRules } from './memory.ts';
import { stackRules } from './stack.ts';
import { storageRules } from './storage.ts';
import { wordRules } from './word.ts';

export const EMISSION_RULES: ReadonlyMap<string, EmissionRule> = new Map(
  Object.entries({
    ...wordRules,
    ...stackRules,
    ...memoryRules,
    ...storageRules,
    ...environmentRules,
    ...controlRules,
  }),
);
