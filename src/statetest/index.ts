/** Door: read, run and compare state tests and blockchain tests. */

export { logsHash } from '../executor/fixture-hashes.ts';
export { acceptedBlockReasons } from './blocks/exceptions.ts';
export {
  type BlockTest,
  type FixtureBlock,
  isBlockFixture,
  parseBlockFixture,
} from './blocks/fixture.ts';
export { type Network, parseNetwork } from './blocks/network.ts';
export {
  type BlockMismatch,
  type BlockRun,
  type BlockTestOptions,
  type BlockTestResult,
  BlockTestRunner,
} from './blocks/run.ts';
export { caseId, casesOf, type StateTestCase } from './case.ts';
export type { Difference } from './compare.ts';
export { acceptedReasons } from './exceptions.ts';
export {
  type FixtureAccount,
  type FixtureEnv,
  type FixturePost,
  type FixtureState,
  type FixtureTransaction,
  parseFixture,
  type StateTest,
} from './fixture.ts';
export { type PreparedCase, prepareCase } from './prepare.ts';
export {
  type CaseResult,
  type CaseState,
  type Mismatch,
  type StateFactory,
  type StateTestOptions,
  StateTestRunner,
} from './run.ts';
