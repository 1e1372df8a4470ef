/** What `erbium run` prints: the same in words and as JSON. */

import type { MessageResult } from '../evm/result.ts';
import { HALT_WORDS, Halt, isHostLimit, isSuccess } from '../machine/halt.ts';
import { addressToHex } from '../primitives/address.ts';
import { bytesToHex, toHex32, toQuantity } from '../primitives/bytes.ts';
import type { StateDiff } from '../state/diff.ts';
import type { LogRecord } from '../state/world.ts';

export interface RunResult extends MessageResult {
  readonly gasUsed: bigint;
  /** Empty unless it succeeded. */
  readonly logs: readonly LogRecord[];
  /** Empty unless it succeeded. */
  readonly diff: StateDiff;
}

export const isSuccessful = ({ halt }: Pick<RunResult, 'halt'>): boolean => isSuccess(halt);

export function statusOf(halt: Halt): string {
  if (isSuccess(halt)) return 'success';
  if (halt === Halt.Revert) return 'revert';
  return isHostLimit(halt) ? 'limit' : 'halt';
}

/**
 * @param root of the state with the changes, where they were kept
 */
export const toJson = (
  { halt, output, gasUsed, created, logs, diff }: RunResult,
  root: string | undefined,
) => ({
  status: statusOf(halt),
  reason: HALT_WORDS[halt],
  output: bytesToHex(output),
  gasUsed: toQuantity(gasUsed),
  created: created === null ? null : addressToHex(created),
  logs: logs.map(({ address, topics, data }) => ({
    address: addressToHex(address),
    topics: topics.map(toHex32),
    data: bytesToHex(data),
  })),
  storage: [...diff].flatMap(([address, { storage }]) =>
    [...storage].map(([key, value]) => ({
      address: addressToHex(address),
      key: toQuantity(key),
      value: toQuantity(value),
    })),
  ),
  ...(root === undefined ? {} : { stateRoot: root }),
});

export function inWords(
  result: RunResult,
  gas: bigint,
  timeout: number | undefined,
  root: string | undefined,
): string {
  const { status, reason, output, created, logs, storage } = toJson(result, root);
  const why = result.halt === Halt.HostInterrupt ? `stopped by --timeout ${timeout}` : reason;
  const lines = [`status   ${status}: ${why}`, `gas      ${result.gasUsed} of ${gas}`, `output   ${output}`];
  if (created !== null) lines.push(`created  ${created}`);
  for (const { address, topics, data } of logs) {
    lines.push(`log      ${address}`, ...topics.map((topic) => `  topic  ${topic}`), `  data   ${data}`);
  }
  for (const { address, key, value } of storage) lines.push(`storage  ${address} ${key} = ${value}`);
  if (root !== undefined) lines.push(`root     ${root}`);
  return `${lines.join('\n')}\n`;
}
