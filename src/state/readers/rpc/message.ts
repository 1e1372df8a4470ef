/**
 * JSON-RPC 2.0 messages: how questions are written and answers are read. Every answer is taken to be hostile: what
 * does not match the questions one to one is no answer.
 */

import type { Call } from './failures.ts';
import { quoted } from './failures.ts';

/** The node's own error for one question. */
export interface NodeError {
  readonly code: number;
  readonly message: string;
}

export type Reply = { readonly value: unknown } | { readonly error: NodeError };

export const isError = (reply: Reply): reply is { readonly error: NodeError } => 'error' in reply;

export const errorWords = ({ code, message }: NodeError): string => `the node says: ${message} (${code})`;

/** One question alone, or several as a batch; ids count up from `firstId`. */
export function writeQuestions(calls: readonly Call[], firstId: number): string {
  const messages = calls.map(({ method, params }, i) => ({
    jsonrpc: '2.0',
    id: firstId + i,
    method,
    params,
  }));
  return JSON.stringify(messages.length === 1 ? messages[0] : messages);
}

/**
 * Replies in the order of the questions, one error for all of them, or in words why the text is neither.
 */
export function readAnswers(
  text: string,
  count: number,
  firstId: number,
): readonly Reply[] | NodeError | string {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return 'the answer is no JSON';
  }
  if (Array.isArray(answer)) {
    if (count === 1) return 'the answer is a list, and one question was asked';
    return readList(answer, count, firstId);
  }
  const reply = replyOf(answer);
  if (reply === null) return 'the answer is no JSON-RPC response';
  if (count > 1) {
    return isError(reply) ? reply.error : 'the answer is no list, and several questions were asked';
  }
  const { id } = answer as { id?: unknown };
  // A server that could not read the question has no id to give back.
  const isOurs = id === firstId || (isError(reply) && (id === null || id === undefined));
  return isOurs ? [reply] : 'the answer has another id';
}

function readList(list: readonly unknown[], count: number, firstId: number): readonly Reply[] | string {
  if (list.length > count) return `${list.length} answers to ${count} questions`;
  const replies = new Array<Reply | undefined>(count).fill(undefined);
  for (const entry of list) {
    const reply = replyOf(entry);
    if (reply === null) return 'an answer in the list is no JSON-RPC response';
    const { id } = entry as { id?: unknown };
    const index = typeof id === 'number' ? id - firstId : -1;
    if (!Number.isInteger(index) || index < 0 || index >= count)
      return 'an answer has an id that was not asked';
    if (replies[index] !== undefined) return 'two answers have the same id';
    replies[index] = reply;
  }
  const missing = replies.filter((reply) => reply === undefined).length;
  return missing === 0 ? (replies as Reply[]) : `${missing} of ${count} answers are missing`;
}

function replyOf(entry: unknown): Reply | null {
  if (typeof entry !== 'object' || entry === null) return null;
  const { error, result } = entry as { error?: unknown; result?: unknown };
  if (error === undefined || error === null) return result === undefined ? null : { value: result };
  if (typeof error !== 'object') return null;
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code !== 'number' || typeof message !== 'string') return null;
  return { error: { code, message: quoted(message) } };
}

/** What to do about a node's error. */
export type Remedy = 'none' | 'again' | 'again later' | 'ask less';

const OVERLOAD_CODES: readonly number[] = [-32005, 429];
const OVERLOAD = /rate.?limit|limit exceeded|request limit|too many requests|capacity|throughput|overloaded/i;
const TOO_MUCH = /batch|(response|request|payload|body).{0,12} too (large|big)/i;
const NOT_YET = /(header|block|hash|resource).{0,20} not found|unknown block|not yet available/i;

const INTERNAL_ERROR = -32603;
const RESPONSE_TOO_LARGE = -32003;
/** Parse error, invalid request, method not found, invalid parameters. */
const LASTING_CODES: readonly number[] = [-32700, -32600, -32601, -32602];

export function remedyFor({ code, message }: NodeError): Remedy {
  if (code === RESPONSE_TOO_LARGE || TOO_MUCH.test(message)) return 'ask less';
  if (OVERLOAD_CODES.includes(code)) return 'again later';
  if (LASTING_CODES.includes(code)) return 'none';
  if (code === INTERNAL_ERROR || OVERLOAD.test(message)) return 'again later';
  // Behind one address there may be several nodes, one of which lags.
  return NOT_YET.test(message) ? 'again' : 'none';
}
