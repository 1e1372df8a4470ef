/**
 * One HTTP request and what came of it. Owns the connection, its time limit and the size limit of an answer; knows
 * nothing of what is asked. Source: RFC 9110 for status codes and Retry-After.
 */

import { checkAborted, Linked, sleepFor, unlessAborted } from './cancel.ts';

/** What of a response is used; the global `Response` is one. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: {
    getReader(): {
      read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
      cancel(): Promise<void>;
    };
  } | null;
}

/** What of `fetch` is used; the global one is one. */
export type Fetch = (
  url: string,
  init: {
    method: 'POST';
    headers: Record<string, string>;
    body: string;
    redirect: 'manual';
    signal: AbortSignal;
  },
) => Promise<FetchResponse>;

/** Waits that long, or less where the signal is raised. */
export type Sleep = (milliseconds: number, signal: AbortSignal) => Promise<void>;

export interface Endpoint {
  readonly url: string;
  /** The endpoint in words: nothing of it is secret. */
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: Fetch;
  readonly sleep: Sleep;
  /** Milliseconds for one request, the answer's body included. */
  readonly timeout: number;
  readonly maxResponseBytes: number;
}

export type Delivery =
  | { readonly kind: 'answer'; readonly text: string }
  /** It may go well another time. */
  | {
      readonly kind: 'failure';
      readonly why: string;
      /** Milliseconds that the server wants to be left alone. */
      readonly wait: number;
      /** A smaller request may help. */
      readonly isTooMuch: boolean;
    }
  /** It will not go well another time, unless it is made smaller. */
  | { readonly kind: 'refusal'; readonly why: string; readonly text: string };

/** Longest wait that a server can ask for, in milliseconds. */
const MAX_WAIT = 60_000;

const failure = (why: string, wait = 0, isTooMuch = false): Delivery => ({
  kind: 'failure',
  why,
  wait,
  isTooMuch,
});

/**
 * Posts a body.
 * @throws ErbiumError ABORTED
 */
export async function post(endpoint: Endpoint, body: string, signal: AbortSignal): Promise<Delivery> {
  const { timeout } = endpoint;
  const link = new Linked(signal);
  const clock = new Linked();
  let isLate = false;
  void sleepFor(timeout, clock.signal).then(() => {
    if (clock.signal.aborted) return;
    isLate = true;
    link.abort();
  });
  try {
    return await unlessAborted(exchange(endpoint, body, link.signal), link.signal);
  } catch (error) {
    checkAborted(signal);
    if (isLate) return failure(`no answer within ${timeout} ms`, 0, true);
    return failure(`no connection (${wordsOf(error)})`);
  } finally {
    clock.abort();
    link.release();
  }
}

async function exchange(endpoint: Endpoint, body: string, signal: AbortSignal): Promise<Delivery> {
  const { url, headers, fetch, maxResponseBytes } = endpoint;
  // Redirects are not followed: the headers may hold a key that is meant for this server only.
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers },
    body,
    redirect: 'manual',
    signal,
  });
  const { status } = response;
  const text = await textOf(response, maxResponseBytes);
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return failure(`HTTP status ${status}`, waitOf(response));
  }
  if (text === null) {
    return { kind: 'refusal', why: `an answer of more than ${maxResponseBytes} bytes`, text: '' };
  }
  if (status === 200) return { kind: 'answer', text };
  return { kind: 'refusal', why: `HTTP status ${status}`, text };
}

/** The body, or null where it is larger than allowed. */
async function textOf(response: FetchResponse, maxBytes: number): Promise<string | null> {
  if (response.body === null) return '';
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done || value === undefined) return text + decoder.decode();
    size += value.length;
    if (size > maxBytes) {
      await reader.cancel();
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** Retry-After in milliseconds. A date is taken relative to that of the answer, so that no clock is needed. */
function waitOf({ headers }: FetchResponse): number {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^[0-9]{1,9}$/.test(text)) return Math.min(Number(text) * 1_000, MAX_WAIT);
  const wait = Date.parse(text) - Date.parse(headers.get('date') ?? '');
  return wait > 0 ? Math.min(wait, MAX_WAIT) : 0;
}

/** A code where there is one: messages of `fetch` may hold the URL. */
function wordsOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (typeof cause !== 'object' || cause === null) return 'unknown';
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return 'name' in cause && typeof cause.name === 'string' ? cause.name : 'unknown';
}
