/**
 * The state of a node at one block, as a source of `RemoteState`. Owns how the block is named and when what
 * was answered counts; `items.ts` owns what is asked.
 *
 * The block is named by its hash (EIP-1898), so that all answers are of one state whatever happens to the chain. With
 * a node that does not know that form the block is named by its number, and after each load the node must still
 * have the same block under it.
 */

import { toHex32, toQuantity } from '../../../primitives/bytes.ts';
import { ErbiumError } from '../../../primitives/errors.ts';
import type { StateAnswer, StateRequest, StateSource } from '../remote.ts';
import type { RpcBlock } from './block.ts';
import type { BlockPart } from './cache.ts';
import { checkAborted, Linked } from './cancel.ts';
import { type RpcClient, resultOf } from './client.ts';
import { fieldOf, hashOf } from './decode.ts';
import { type Call, remoteError } from './failures.ts';
import { blockQuestion, type Item, type Items, type Question } from './items.ts';
import { isError, type Reply } from './message.ts';

/** An item of whatever kind. */
type AnyItem = Pick<Item<unknown>, 'questions' | 'take' | 'keep'>;

interface Asked {
  readonly replies: readonly Reply[];
  /** Whether the block was named by its hash. */
  readonly byHash: boolean;
}

export class RpcSource implements StateSource {
  private readonly client: RpcClient;
  private readonly block: RpcBlock;
  private readonly part: BlockPart;
  private readonly items: Items;
  private readonly lifetime: AbortSignal | undefined;
  /** Whether the node knows blocks by hash; undefined until that is seen. */
  private byHash: boolean | undefined = undefined;

  constructor(
    client: RpcClient,
    block: RpcBlock,
    part: BlockPart,
    items: Items,
    lifetime: AbortSignal | undefined,
  ) {
    this.client = client;
    this.block = block;
    this.part = part;
    this.items = items;
    this.lifetime = lifetime;
  }

  async fetch(request: StateRequest, signal?: AbortSignal): Promise<StateAnswer> {
    const accounts = request.accounts.map((address) => this.items.account(address));
    const slots = request.slots.map(([address, key]) => this.items.slot(address, key));
    const storages = request.storages.map((address) => this.items.hasStorage(address));
    const blockHashes = request.blockHashes.map((number) => this.items.blockHash(number));
    const unknown = [...accounts, ...slots, ...storages, ...blockHashes].filter(
      (item) => item.value === undefined,
    );
    if (unknown.length > 0) {
      const link = new Linked(this.lifetime, signal);
      try {
        await this.learn(unknown, link.signal);
      } finally {
        link.release();
      }
    }
    return {
      accounts: accounts.map(({ value }) => value ?? undefined),
      slots: slots.map(({ value }) => value!),
      storages: storages.map(({ value }) => value!),
      blockHashes: blockHashes.map(({ value }) => value!),
    };
  }

  private async learn(items: readonly AnyItem[], signal: AbortSignal): Promise<void> {
    checkAborted(signal);
    const questions = items.flatMap((item) => item.questions);
    const { replies, byHash } = await this.ask(questions, signal);
    const values = questions.map((question, i) => this.decoded(question, replies[i]!));
    let at = 0;
    for (const item of items) {
      const its = values.slice(at, (at += item.questions.length));
      this.blaming(item.questions[0]!, () => item.take(its));
    }
    // Answers that name blocks by number are of our chain only while our block is part of it.
    if (!byHash || questions.some(({ isOfState }) => !isOfState)) await this.confirm(signal);
    // Only now, so that nothing of a replaced block is kept.
    for (const item of items) item.keep();
    await this.part.keep();
  }

  private decoded(question: Question, reply: Reply): unknown {
    const { name } = this.client.endpoint;
    const result = resultOf(name, question, reply);
    const value = this.blaming(question, () => question.decode(result));
    if (value === undefined) throw remoteError(name, question, 'the answer is not what it should be');
    return value;
  }

  /** What does not prove what it should is the node's fault. */
  private blaming<T>(question: Question, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw error instanceof ErbiumError
        ? remoteError(this.client.endpoint.name, question, error.message)
        : error;
    }
  }

  private async ask(questions: readonly Question[], signal: AbortSignal): Promise<Asked> {
    const byHash = this.byHash !== false;
    const replies = await this.client.ask(this.calls(questions, byHash), signal);
    if (this.byHash !== undefined) return { replies, byHash };
    const isRefused = (reply: Reply, i: number): boolean => questions[i]!.isOfState && isError(reply);
    if (!replies.some(isRefused)) {
      if (questions.some(({ isOfState }) => isOfState)) this.byHash = true;
      return { replies, byHash };
    }
    const others = await this.client.ask(this.calls(questions, false), signal);
    if (!others.some(isRefused)) this.byHash = false;
    return { replies: others, byHash: false };
  }

  private calls(questions: readonly Question[], byHash: boolean): Call[] {
    const { number, hash } = this.block;
    const name = byHash ? { blockHash: toHex32(hash), requireCanonical: false } : toQuantity(number);
    return questions.map(({ method, params, item, isOfState }) => ({
      method,
      params: isOfState ? [...params, name] : params,
      item,
    }));
  }

  /** The block that the node has under our number must be ours. */
  private async confirm(signal: AbortSignal): Promise<void> {
    const { number, hash } = this.block;
    const question = blockQuestion(number);
    const [reply] = await this.client.ask([question], signal);
    const { name } = this.client.endpoint;
    const found = resultOf(name, question, reply!);
    if (hashOf(fieldOf(found, 'hash')) === hash) return;
    const why = `it was ${toHex32(hash)} at first and is another block now: the chain was reorganised`;
    throw remoteError(name, question, why);
  }
}
