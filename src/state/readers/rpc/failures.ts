/** Errors of this reader: which node, which question, what went wrong. */

import { ErbiumError } from '../../../primitives/errors.ts';

/** A question to a node. */
export interface Call {
  readonly method: string;
  readonly params: readonly unknown[];
  /** What is asked for, in words. */
  readonly item: string;
}

/** That the node did not answer, as opposed to what it answered. */
export class Unanswered extends ErbiumError {
  constructor(message: string) {
    super('REMOTE_STATE', message);
  }
}

const place = (node: string, { method, item }: Call): string => `${node}: ${method} of ${item}`;

export const remoteError = (node: string, call: Call, why: string): ErbiumError =>
  new ErbiumError('REMOTE_STATE', `${place(node, call)}: ${why}`);

export const unanswered = (node: string, call: Call, why: string): Unanswered =>
  new Unanswered(`${place(node, call)}: ${why}`);

/** A text of the node's, fit for one line of a message. */
export function quoted(text: string): string {
  const line = text
    .slice(0, 1_000)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
