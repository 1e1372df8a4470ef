/**
 * A JSON-RPC node on the loopback interface that serves a state in memory and misbehaves on demand. A misbehaviour is
 * a function that looks at a request and may answer in place of the node.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bytesToBigInt, bytesToHex, toBytes32, toHex32, toQuantity } from '../../src/primitives/bytes.ts';
import { keccakWord } from '../../src/primitives/keccak.ts';
import type { MemoryState } from '../../src/state/readers/memory.ts';
import { EMPTY_ROOT } from '../../src/state/trie.ts';

export interface Question {
  readonly jsonrpc: string;
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

export type Answer = Record<string, unknown>;

/** One HTTP request to the stub. */
export interface Exchange {
  /** Counts from 0. */
  readonly index: number;
  readonly body: unknown;
  readonly questions: readonly Question[];
  readonly headers: IncomingMessage['headers'];
  readonly response: ServerResponse;
  /** What an honest node says, to be altered. */
  honest(): Answer[];
  /** Sends a body with status 200, text as it is and everything else as JSON. */
  send(body: unknown): void;
  /** Sends a status and no useful body. */
  fail(status: number, headers?: Record<string, string>): void;
}

/** true where it has dealt with the request, or will never. */
export type Misbehaviour = (exchange: Exchange) => boolean;

export interface StubOptions {
  readonly state: MemoryState;
  readonly chainId?: bigint;
  /** Number of the newest block. */
  readonly head?: bigint;
  /** Whether blocks can be named by hash (EIP-1898). */
  readonly byHash?: boolean;
}

export const hashOfBlock = (number: bigint, fork = 0n): bigint =>
  keccakWord(toBytes32((fork << 64n) | number));

export class RpcStub {
  readonly url: string;
  readonly exchanges: Exchange[] = [];
  misbehaviour: Misbehaviour = () => false;
  /** Blocks from this number on have other hashes. */
  reorganisedFrom = 2n ** 64n;
  head: bigint;
  private readonly server: Server;
  private readonly options: StubOptions;

  private constructor(server: Server, options: StubOptions) {
    this.server = server;
    this.options = options;
    this.head = options.head ?? 100n;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => void this.serve(request, response));
  }

  static async start(options: StubOptions): Promise<RpcStub> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new RpcStub(server, options);
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  hashAt(number: bigint): bigint {
    return hashOfBlock(number, number >= this.reorganisedFrom ? 1n : 0n);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    const questions = (Array.isArray(body) ? body : [body]) as Question[];
    const send = (answer: unknown): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    };
    const exchange: Exchange = {
      index: this.exchanges.length,
      body,
      questions,
      headers: request.headers,
      response,
      send,
      honest: () => questions.map((question) => this.answer(question)),
      fail(status, headers = {}) {
        response.writeHead(status, headers);
        response.end('no');
      },
    };
    this.exchanges.push(exchange);
    if (this.misbehaviour(exchange)) return;
    const answers = exchange.honest();
    send(Array.isArray(body) ? answers : answers[0]);
  }

  private answer({ id, method, params }: Question): Answer {
    const result = this.result(method, params);
    return result instanceof NodeError
      ? { jsonrpc: '2.0', id, error: { code: result.code, message: result.text } }
      : { jsonrpc: '2.0', id, result };
  }

  private result(method: string, params: readonly unknown[]): unknown {
    const { state, chainId = 1n } = this.options;
    if (method === 'eth_chainId') return toQuantity(chainId);
    if (method === 'eth_getBlockByNumber') return this.blockByName(params[0] as string);
    if (method === 'eth_getBlockByHash') return this.blockByHash(BigInt(params[0] as string));
    const wrong = this.wrongBlock(params.at(-1));
    if (wrong !== null) return wrong;
    const address = BigInt(params[0] as string);
    const account = state.account(address);
    if (method === 'eth_getBalance') return toQuantity(account?.balance ?? 0n);
    if (method === 'eth_getTransactionCount') return toQuantity(account?.nonce ?? 0n);
    if (method === 'eth_getCode')
      return account === undefined ? '0x' : bytesToHex(state.code(account.codeHash));
    if (method === 'eth_getStorageAt') return toHex32(state.storage(address, BigInt(params[1] as string)));
    if (method === 'eth_getProof') {
      const root = state.hasStorage(address) ? 1n : bytesToBigInt(EMPTY_ROOT);
      return { address: params[0], storageHash: toHex32(root) };
    }
    return new NodeError(-32601, 'method not found');
  }

  private wrongBlock(name: unknown): NodeError | null {
    if (typeof name === 'string')
      return BigInt(name) <= this.head ? null : new NodeError(-32000, 'header not found');
    if (this.options.byHash === false)
      return new NodeError(-32602, 'invalid argument 1: hex string expected');
    const { blockHash } = name as { blockHash: string };
    for (let number = this.head; number >= 0n; number--) {
      for (const fork of [0n, 1n]) if (hashOfBlock(number, fork) === BigInt(blockHash)) return null;
    }
    return new NodeError(-32000, 'header not found');
  }

  private blockByName(name: string): unknown {
    if (name === 'latest') return this.block(this.head);
    if (name === 'safe') return this.block(this.head - 2n);
    if (name === 'finalized') return this.block(this.head - 4n);
    const number = BigInt(name);
    return number > this.head ? null : this.block(number);
  }

  private blockByHash(hash: bigint): unknown {
    for (let number = this.head; number >= 0n; number--) {
      if (this.hashAt(number) === hash) return this.block(number);
    }
    return null;
  }

  private block(number: bigint): Answer {
    return {
      number: toQuantity(number),
      hash: toHex32(this.hashAt(number)),
      parentHash: toHex32(this.hashAt(number - 1n)),
      stateRoot: bytesToHex(this.options.state.root()),
      timestamp: toQuantity(1_700_000_000n + number),
      miner: '0x00000000000000000000000000000000000000c0',
      gasLimit: '0x1c9c380',
      difficulty: '0x0',
      mixHash: toHex32(number + 7n),
      baseFeePerGas: '0x7',
      blobGasUsed: '0x20000',
      excessBlobGas: '0x40000',
    };
  }
}

class NodeError {
  readonly code: number;
  readonly text: string;

  constructor(code: number, text: string) {
    this.code = code;
    this.text = text;
  }
}
