/** Door: read, run and compare state tests. */

export { caseId, casesOf, type StateTestCase } from './case.ts';
export type { Difference } from './compare.ts';
export { acceptedReasons } from './exceptions.ts';
export { type FixturePost, parseFixture, type StateTest } from './fixture.ts';
export { type CaseResult, logsHash, type Mismatch, StateTestRunner } from './run.ts';
