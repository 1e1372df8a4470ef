/** One case of a state test: a fork and a choice of data, gas and value; and how it is named. */

import type { FixturePost, StateTest } from './fixture.ts';

/** One variant of the transaction of a state test, under one fork. */
export interface StateTestCase {
  readonly test: StateTest;
  /** The fork's name as the fixture writes it. */
  readonly fork: string;
  readonly post: FixturePost;
}

/** `name/fork/d0g0v0`: what `--run` is matched against, and what a failure prints. */
export const caseId = ({ test, fork, post }: StateTestCase): string =>
  `${test.name}/${fork}/d${post.data}g${post.gas}v${post.value}`;

/** Every case of a test, in the order of the fixture. */
export const casesOf = (test: StateTest): StateTestCase[] =>
  [...test.post].flatMap(([fork, posts]) => posts.map((post) => ({ test, fork, post })));
