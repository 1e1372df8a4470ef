/**
 * Asks a node many questions at once: batches, how many go at a time, and what is asked again. Owns the smallest
 * batch that the node was found to refuse; what the answers mean is none of its business.
 *
 * Every question is asked at most 1 + `retries` times, and once more where the node did not know the block yet. A
 * refused batch is halved, which happens as often as a size can be halved.
 */

import { checkAborted, Linked, unlessAborted } from './cancel.ts';
import { type Call, remoteError, unanswered } from './failures.ts';
import {
  errorWords,
  isError,
  type NodeError,
  type Reply,
  readAnswers,
  remedyFor,
  writeQuestions,
} from './message.ts';
import { type Endpoint, post } from './transport.ts';

export interface ClientOptions {
  readonly endpoint: Endpoint;
  /** Questions in one HTTP request at most. */
  readonly batchSize: number;
  /** HTTP requests at the same time. */
  readonly concurrency: number;
  readonly retries: number;
}

/** First wait before a question is asked again, in milliseconds; it doubles with every time. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 8_000;

class Job {
  readonly call: Call;
  failures = 0;
  wasUnknown = false;
  reply: Reply | undefined = undefined;

  constructor(call: Call) {
    this.call = call;
  }
}

export class RpcClient {
  readonly endpoint: Endpoint;
  /** HTTP requests made so far. */
  requests = 0;
  private readonly concurrency: number;
  private readonly retries: number;
  /** The largest batch that was not refused. */
  private ceiling: number;
  /** The size of the next batch: what goes wrong now and then makes it smaller for a while. */
  private size: number;
  private nextId = 1;

  constructor({ endpoint, batchSize, concurrency, retries }: ClientOptions) {
    this.endpoint = endpoint;
    this.ceiling = batchSize;
    this.size = batchSize;
    this.concurrency = concurrency;
    this.retries = retries;
  }

  /**
   * Replies in the order of the questions.
   * @throws ErbiumError REMOTE_STATE where a question stays without a reply, or ABORTED
   */
  async ask(calls: readonly Call[], signal?: AbortSignal, retries = this.retries): Promise<readonly Reply[]> {
    checkAborted(signal);
    const jobs = calls.map((call) => new Job(call));
    const link = new Linked(signal);
    const round = new Round(this, [...jobs], retries, link);
    try {
      await Promise.all(Array.from({ length: this.concurrency }, () => round.work()));
    } finally {
      link.release();
    }
    if (round.failure !== null) throw round.failure;
    return jobs.map((job) => job.reply!);
  }

  /** As many jobs as go into one request. */
  take(queue: Job[]): Job[] {
    return queue.splice(0, this.size);
  }

  wentWell(): void {
    this.size = Math.min(this.ceiling, this.size * 2);
  }

  wentBadly(batchSize: number): void {
    if (batchSize > 1) this.size = Math.min(this.size, Math.ceil(batchSize / 2));
  }

  wasRefused(batchSize: number): void {
    this.wentBadly(batchSize);
    this.ceiling = Math.min(this.ceiling, Math.max(1, Math.ceil(batchSize / 2)));
  }

  send(jobs: readonly Job[], firstId: number, signal: AbortSignal): ReturnType<typeof post> {
    this.requests++;
    const calls = jobs.map((job) => job.call);
    return post(this.endpoint, writeQuestions(calls, firstId), signal);
  }

  /** Ids are never used twice, so that a late answer fits no other question. */
  idsFor(count: number): number {
    const first = this.nextId;
    this.nextId += count;
    return first;
  }
}

/** The questions of one `ask`, until all are answered or one of them fails. */
class Round {
  failure: unknown = null;
  private readonly client: RpcClient;
  private readonly queue: Job[];
  private readonly retries: number;
  private readonly link: Linked;

  constructor(client: RpcClient, queue: Job[], retries: number, link: Linked) {
    this.client = client;
    this.queue = queue;
    this.retries = retries;
    this.link = link;
  }

  /** One of the workers that share the queue. Never throws: all have ended when `ask` does. */
  async work(): Promise<void> {
    try {
      while (this.queue.length > 0) await this.serve(this.client.take(this.queue));
    } catch (error) {
      // The first failure ends the others, whose own errors come from that.
      if (this.failure === null) this.failure = error;
      this.link.abort();
    }
  }

  private async serve(batch: Job[]): Promise<void> {
    const firstId = this.client.idsFor(batch.length);
    const delivery = await this.client.send(batch, firstId, this.link.signal);
    if (delivery.kind === 'failure') {
      if (delivery.isTooMuch) this.client.wentBadly(batch.length);
      return this.again(batch, delivery.why, delivery.wait);
    }
    if (delivery.kind === 'refusal' && batch.length > 1) return this.split(batch);
    const answers = readAnswers(delivery.text, batch.length, firstId);
    if (
      delivery.kind === 'refusal' &&
      (typeof answers === 'string' || 'code' in answers || !isError(answers[0]!))
    ) {
      throw unanswered(this.client.endpoint.name, batch[0]!.call, delivery.why);
    }
    if (typeof answers === 'string') {
      // Some servers drop what is too much for them instead of refusing it.
      this.client.wentBadly(batch.length);
      return this.again(batch, answers, 0);
    }
    if ('code' in answers) return this.rejected(batch, answers);
    return this.accept(batch, answers);
  }

  /** One error for a whole batch. */
  private rejected(batch: Job[], error: NodeError): Promise<void> | void {
    if (remedyFor(error) !== 'again later' && batch.length > 1) return this.split(batch);
    this.client.wentBadly(batch.length);
    return this.again(batch, errorWords(error), 0);
  }

  private split(batch: readonly Job[]): void {
    this.client.wasRefused(batch.length);
    this.queue.unshift(...batch);
  }

  private async accept(batch: readonly Job[], replies: readonly Reply[]): Promise<void> {
    const later: Job[] = [];
    let why = '';
    for (const [i, job] of batch.entries()) {
      const reply = replies[i]!;
      const remedy = isError(reply) ? this.remedy(job, reply.error, batch.length) : 'none';
      if (remedy === 'none' || !isError(reply)) {
        job.reply = reply;
        continue;
      }
      if (remedy === 'ask less') this.client.wasRefused(batch.length);
      why = errorWords(reply.error);
      later.push(job);
    }
    if (later.length > 0) return this.again(later, why, 0);
    this.client.wentWell();
  }

  private remedy(job: Job, error: NodeError, batchSize: number): ReturnType<typeof remedyFor> {
    const remedy = remedyFor(error);
    if (remedy === 'ask less' && batchSize === 1) return 'none';
    if (remedy !== 'again') return remedy;
    if (job.wasUnknown) return 'none';
    job.wasUnknown = true;
    // This one time does not count.
    job.failures--;
    return remedy;
  }

  private async again(jobs: Job[], why: string, wait: number): Promise<void> {
    let failures = 0;
    for (const job of jobs) {
      job.failures++;
      failures = Math.max(failures, job.failures);
    }
    if (failures > this.retries) {
      const worst = jobs.find((job) => job.failures === failures)!;
      const times = failures === 1 ? '' : `, ${failures} times`;
      throw unanswered(this.client.endpoint.name, worst.call, `${why}${times}`);
    }
    const backOff = Math.min(FIRST_WAIT * 2 ** Math.max(0, failures - 1), LONGEST_WAIT);
    const { signal } = this.link;
    await unlessAborted(this.client.endpoint.sleep(Math.max(backOff, wait), signal), signal);
    checkAborted(signal);
    this.queue.unshift(...jobs);
  }
}

/** The reply's value. @throws ErbiumError REMOTE_STATE where it is the node's error */
export function resultOf(node: string, call: Call, reply: Reply): unknown {
  if (isError(reply)) throw remoteError(node, call, errorWords(reply.error));
  return reply.value;
}
