/** Cases of state tests as inputs of `t8n`. */

import { parseFork } from '../../src/forks/fork.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { bytesToHex, hexToBytes, toQuantity } from '../../src/primitives/bytes.ts';
import { keccak256 } from '../../src/primitives/keccak.ts';
import { decodeRlp, encodeRlp } from '../../src/primitives/rlp.ts';
import type { PostJson, TestJson } from './support.ts';

export interface T8nCase {
  readonly id: string;
  readonly fork: string;
  readonly post: PostJson;
  /** What goes to standard input. */
  readonly input: string;
}

const ASCII = new TextEncoder();

/** The hashes of blocks in state tests are those of their numbers. */
function blockHashes(env: Record<string, unknown>): Record<string, string> {
  const number = Number(env.currentNumber);
  const numbers = Array.from({ length: Math.min(256, number) }, (_, back) => number - 1 - back);
  return Object.fromEntries(numbers.map((n) => [toQuantity(n), bytesToHex(keccak256(ASCII.encode(`${n}`)))]));
}

const pick = (list: unknown, index: unknown): unknown => (list as unknown[])[index as number];

/** The transaction of a post as JSON to be signed. */
function unsigned(test: TestJson, fork: string, post: PostJson): Record<string, unknown> {
  const { data, gasLimit, value, accessLists, to, sender, ...rest } = test.transaction;
  const { indexes = {} } = post;
  const accessList = accessLists === undefined ? null : pick(accessLists, indexes.data);
  return {
    ...rest,
    protected: rulesOf(parseFork(fork)).replayProtection,
    ...(to === '' ? {} : { to }),
    input: pick(data, indexes.data),
    gas: pick(gasLimit, indexes.gas),
    value: pick(value, indexes.value),
    ...(accessList === null || accessList === undefined ? {} : { accessList }),
  };
}

/** Transactions in their envelopes as the list that a block has of them, in hex. */
export const bodyOf = (transactions: readonly Uint8Array[]): string =>
  bytesToHex(encodeRlp(transactions.map((bytes) => (bytes[0]! >= 0xc0 ? decodeRlp(bytes) : bytes))));

/**
 * @param asRlp takes the signed transaction of the fixture instead of the key, where it has one
 */
export function t8nCases(name: string, test: TestJson, asRlp: boolean): T8nCase[] {
  const env = { withdrawals: [], ...test.env, blockHashes: blockHashes(test.env) };
  return Object.entries(test.post).flatMap(([fork, posts]) =>
    posts.map((post, index) => {
      const { txbytes } = post;
      const blobs = (test.config as { blobSchedule?: Record<string, unknown> } | undefined)?.blobSchedule?.[
        fork
      ];
      const txs =
        asRlp && typeof txbytes === 'string'
          ? { txsRlp: bodyOf([hexToBytes(txbytes)]) }
          : { txs: [unsigned(test, fork, post)] };
      const input = JSON.stringify({
        alloc: test.pre,
        // One environment serves forks before and after the merge.
        env: { ...env, ...(rulesOf(parseFork(fork)).proofOfWork ? {} : { currentDifficulty: '0x0' }) },
        ...txs,
        ...(blobs === undefined ? {} : { blobParams: blobs }),
      });
      return { id: `${name}/${fork}/${index}`, fork, post, input };
    }),
  );
}

/** The line of `t8n` for a case: all through the standard streams. */
export const t8nArgs = (fork: string): string[] => [
  ...['alloc', 'env', 'txs'].map((part) => `--input.${part}=stdin`),
  ...['alloc', 'result', 'body'].map((part) => `--output.${part}=stdout`),
  `--state.fork=${fork}`,
  '--state.reward=-1',
  '--state-test',
];
