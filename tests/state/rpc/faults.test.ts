/** Nodes that fail, lie or fall silent: after a while the right state, or the right error after a bounded number of requests. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FetchResponse, openRpcState } from '../../../src/state/readers/rpc/index.ts';
import { type Answer, type Exchange, type Misbehaviour, RpcStub } from '../../helpers/rpc-stub.ts';
import { CONTRACT, EXAMPLE, errorOf, exampleState, expectExample, quick, Waits } from './support.ts';

const served = exampleState();
let stub: RpcStub;

beforeEach(async () => {
  stub = await RpcStub.start({ state: served });
});
afterEach(() => stub.stop());

/** A misbehaviour that has dealt with the request. */
const did = (..._effects: readonly unknown[]): true => true;

const altered =
  (alter: (answers: Answer[], exchange: Exchange) => unknown): Misbehaviour =>
  (exchange) => {
    const answer = alter(exchange.honest(), exchange);
    exchange.send(Array.isArray(exchange.body) || !Array.isArray(answer) ? answer : answer[0]);
    return true;
  };

const error = (code: number, message: string): Misbehaviour =>
  altered((answers) => answers.map(({ id }) => ({ jsonrpc: '2.0', id, error: { code, message } })));

/** What a node may do now and then, and what the error says where it always does. */
const PASSING: readonly (readonly [what: string, says: RegExp, does: Misbehaviour])[] = [
  ['drops the connection', /no connection/, ({ response }) => !!response.destroy()],
  [
    'drops the connection in the middle of an answer',
    /no connection/,
    ({ response }) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('[{"jsonrpc"', () => response.destroy());
      return true;
    },
  ],
  ['answers with status 429', /HTTP status 429/, ({ fail }) => did(fail(429))],
  ['answers with status 500', /HTTP status 500/, ({ fail }) => did(fail(500))],
  ['answers with status 503', /HTTP status 503/, ({ fail }) => did(fail(503, { 'retry-after': '2' }))],
  ['never answers', /no answer within \d+ ms/, () => true],
  ['never ends its answer', /no answer within \d+ ms/, ({ response }) => response.write('[') || true],
  ['answers garbage', /no JSON$|no JSON,/, ({ send }) => did(send('<html>'))],
  ['answers nothing', /no JSON/, ({ send }) => did(send(''))],
  ['answers truncated JSON', /no JSON/, altered((answers) => JSON.stringify(answers).slice(0, -3))],
  ['answers deeply nested JSON', /no JSON|no JSON-RPC/, ({ send }) => did(send('['.repeat(100_000)))],
  ['answers another value', /no JSON-RPC response|list/, ({ send }) => did(send('null'))],
  ['answers an empty list', /missing|list/, ({ send }) => did(send('[]'))],
  ['leaves an answer out', /missing|no JSON-RPC/, altered((answers) => answers.slice(1))],
  ['answers twice', /answers to|list/, ({ honest, send }) => did(send([...honest(), ...honest()]))],
  [
    'answers with ids that were not asked',
    /id/,
    altered((answers) => answers.map((a) => ({ ...a, id: (a.id as number) + 5_000 }))),
  ],
  ['answers with ids as text', /id/, altered((answers) => answers.map((a) => ({ ...a, id: String(a.id) })))],
  [
    'answers with fractions as ids',
    /id/,
    altered((answers) => answers.map((a) => ({ ...a, id: (a.id as number) + 0.5 }))),
  ],
  [
    'answers with neither result nor error',
    /no JSON-RPC response/,
    altered((answers) => answers.map(({ id }) => ({ id }))),
  ],
  [
    'answers with an error that is none',
    /no JSON-RPC response/,
    altered((answers) => answers.map(({ id }) => ({ id, error: 'x' }))),
  ],
  ['says that a limit is exceeded', /limit exceeded \(-32005\)/, error(-32005, 'limit exceeded')],
  ['says that the rate is too high', /rate limit/, error(-32097, 'you hit the rate limit')],
  ['says that it has an internal error', /internal error \(-32603\)/, error(-32603, 'internal error')],
];

describe.each(PASSING)('a node that %s', (what, says, misbehave) => {
  // On a busy machine honest answers may be late as well, so that no other case has a short limit.
  const timeout = what.startsWith('never') ? 60 : 30_000;
  const times = what.startsWith('never') ? { timeout: 150, retries: 20 } : {};

  it('gives the state where it does so now and then', async () => {
    // Every third request is served, so that opening and loading take several attempts each.
    stub.misbehaviour = (exchange) => exchange.index % 3 !== 2 && misbehave(exchange);
    const state = await openRpcState(stub.url, quick({ ...times, concurrency: 1 }));
    await expectExample(state, served);
    expect(state.requests).toBeLessThan(60);
  });

  it('gives an error where it always does so', async () => {
    const state = await openRpcState(stub.url, quick({ timeout, retries: 2 }));
    stub.misbehaviour = misbehave;
    const thrown = await errorOf(state.load(EXAMPLE));
    expect(thrown.code).toBe('REMOTE_STATE');
    expect(thrown.message).toMatch(says);
    expect(thrown.message.startsWith(`${stub.url}: eth_get`)).toBe(true);
    // At most the attempts by hash and those by number, 4 at a time.
    expect(state.requests).toBeLessThan(30);
    expect(state.account(CONTRACT)).toBe(undefined);
    // It is not spoilt by that.
    stub.misbehaviour = () => false;
    await expectExample(state, served);
  });

  it('cannot be opened where it always does so', async () => {
    stub.misbehaviour = misbehave;
    const thrown = await errorOf(openRpcState(stub.url, quick({ timeout, retries: 1 })));
    expect(thrown.code).toBe('REMOTE_STATE');
    expect(stub.exchanges.length).toBeLessThan(10);
  });
});

/** Lies that no second attempt makes true. */
const LIES: readonly (readonly [what: string, method: string, result: unknown])[] = [
  ['a balance with a leading zero', 'eth_getBalance', '0x01'],
  ['a balance without digits', 'eth_getBalance', '0x'],
  ['a balance of 257 bits', 'eth_getBalance', `0x1${'0'.repeat(64)}`],
  ['a balance that is a number', 'eth_getBalance', 5],
  ['a balance that is null', 'eth_getBalance', null],
  ['a negative balance', 'eth_getBalance', '-0x1'],
  ['a balance of a million digits', 'eth_getBalance', `0x${'1'.repeat(1_000_000)}`],
  ['a nonce of 65 bits', 'eth_getTransactionCount', '0x10000000000000000'],
  ['a nonce that is an object', 'eth_getTransactionCount', { toString: '0x1' }],
  ['code with half a byte', 'eth_getCode', '0x600'],
  ['code that is no hex', 'eth_getCode', '0xzz'],
  ['code without 0x', 'eth_getCode', '6000'],
  ['code of more than a mebibyte', 'eth_getCode', `0x${'00'.repeat(2 ** 20 + 1)}`],
  ['a slot of 33 bytes', 'eth_getStorageAt', `0x${'00'.repeat(33)}`],
  ['a slot that is empty', 'eth_getStorageAt', '0x'],
  ['a slot that is a list', 'eth_getStorageAt', []],
];

describe('a node that gives', () => {
  it.each(LIES)('%s gets an error', async (_what, method, result) => {
    const state = await openRpcState(stub.url, quick());
    stub.misbehaviour = altered((answers, { questions }) =>
      answers.map((answer, i) => (questions[i]!.method === method ? { ...answer, result } : answer)),
    );
    const thrown = await errorOf(state.load(EXAMPLE));
    expect(thrown.code).toBe('REMOTE_STATE');
    expect(thrown.message).toContain(`${method} of `);
    expect(thrown.message.length).toBeLessThan(300);
    expect(state.requests).toBe(2);
    expect(state.account(CONTRACT)).toBe(undefined);
  });

  it.each([
    ['another account', { address: `0x${'1'.repeat(40)}`, storageHash: `0x${'1'.repeat(64)}` }],
    ['no hash', { address: `0x${CONTRACT.toString(16)}` }],
    ['a short hash', { address: `0x${CONTRACT.toString(16)}`, storageHash: '0x12' }],
    ['a text', '0x'],
  ])('a proof of %s gets an error', async (_what, result) => {
    const state = await openRpcState(stub.url, quick());
    await state.load({ accounts: [CONTRACT], slots: [] });
    state.hasStorage(CONTRACT);
    stub.misbehaviour = altered((answers) => answers.map((answer) => ({ ...answer, result })));
    expect((await errorOf(state.load())).message).toContain(
      'has storage: the answer is not what it should be',
    );
  });

  it.each([
    ['number', '0x01'],
    ['hash', '0x12'],
    ['parentHash', null],
    ['stateRoot', 5],
    ['timestamp', '0x10000000000000000'],
    ['miner', '0x12'],
    ['gasLimit', undefined],
    ['mixHash', '0x0'],
    ['baseFeePerGas', ''],
    ['excessBlobGas', {}],
  ])('a block with a bad %s cannot be opened', async (field, value) => {
    stub.misbehaviour = ({ honest, send }) => {
      const [chain, block] = honest();
      send([chain, { ...block, result: { ...(block!.result as object), [field]: value } }]);
      return true;
    };
    const thrown = await errorOf(openRpcState(stub.url, quick()));
    expect(thrown.code).toBe('REMOTE_STATE');
    expect(thrown.message).toContain(field);
    expect(stub.exchanges).toHaveLength(1);
  });

  it.each([['0x'], [1], [null], [`0x1${'0'.repeat(64)}`]])(
    'the chain id %j cannot be opened',
    async (result) => {
      stub.misbehaviour = altered(([chain, block]) => [{ ...chain, result }, block]);
      expect((await errorOf(openRpcState(stub.url, quick()))).message).toContain('eth_chainId');
    },
  );

  it('an error with a message of its own is quoted in one short line', async () => {
    const state = await openRpcState(stub.url, quick());
    stub.misbehaviour = error(-32000, `missing trie node\n\u001b[31m\u202e${'x'.repeat(10_000)}`);
    const { message } = await errorOf(state.load(EXAMPLE));
    expect(message).toContain('the node says: missing trie node [31m xxx');
    expect(message).not.toMatch(/\p{Cc}|\p{Cf}/u);
    expect(message.length).toBeLessThan(400);
  });
});

describe('a node that refuses', () => {
  const LIMITS: readonly (readonly [what: string, refuse: (exchange: Exchange) => void])[] = [
    ['with status 413', ({ fail }) => fail(413)],
    ['with status 400', ({ fail }) => fail(400)],
    [
      'with one error',
      ({ send }) => send({ jsonrpc: '2.0', id: null, error: { code: -32600, message: 'batch too large' } }),
    ],
    [
      'with one error and an id',
      ({ send }) => send({ jsonrpc: '2.0', id: 1, error: { code: -32600, message: 'no' } }),
    ],
    ['with too large an answer', ({ send }) => send(`[${' '.repeat(70_000)}]`)],
    [
      'with an error for each',
      ({ send, questions }) =>
        send(questions.map(({ id }) => ({ id, error: { code: -32003, message: 'response too large' } }))),
    ],
  ];

  it.each(LIMITS)('large batches %s gets smaller ones', async (_what, refuse) => {
    stub.misbehaviour = (exchange) => exchange.questions.length > 3 && did(refuse(exchange));
    const state = await openRpcState(stub.url, quick({ maxResponseBytes: 60_000 }));
    await expectExample(state, served);
    expect(state.requests).toBeLessThan(12);
    // That is remembered.
    const before = stub.exchanges.length;
    await state.load({ accounts: Array.from({ length: 10 }, (_, i) => BigInt(i + 1)), slots: [] });
    expect(stub.exchanges.slice(before).every(({ questions }) => questions.length <= 4)).toBe(true);
  });

  it.each(LIMITS.slice(0, 4))('all batches %s gets single questions', async (_what, refuse) => {
    stub.misbehaviour = (exchange) => Array.isArray(exchange.body) && did(refuse(exchange));
    await expectExample(await openRpcState(stub.url, quick()), served);
  });

  it.each([400, 401, 403, 404, 301])(
    'everything with status %i gets no second request of the same size',
    async (status) => {
      stub.misbehaviour = ({ fail }) => did(fail(status, { location: 'http://127.0.0.1:1/' }));
      const thrown = await errorOf(openRpcState(stub.url, quick()));
      expect(thrown.message).toBe(`${stub.url}: eth_chainId of the chain: HTTP status ${status}`);
      expect(stub.exchanges.length).toBeLessThanOrEqual(3);
    },
  );

  it('a method gets no second request', async () => {
    const state = await openRpcState(stub.url, quick());
    await state.load({ accounts: [CONTRACT], slots: [] });
    stub.misbehaviour = error(-32601, 'the method does not exist');
    state.hasStorage(CONTRACT);
    const thrown = await errorOf(state.load());
    expect(thrown.message).toMatch(
      /eth_getProof of whether account 0x.* has storage: the node says: the method does not exist/,
    );
    expect(state.requests).toBe(3);
  });

  it('a block that it does not have yet is asked once more', async () => {
    const state = await openRpcState(stub.url, quick({ retries: 0 }));
    stub.misbehaviour = (exchange) => exchange.index === 1 && error(-32000, 'header not found')(exchange);
    await expectExample(state, served);
    expect(state.requests).toBe(3);
    stub.misbehaviour = error(-32000, 'header not found');
    const thrown = await errorOf(state.load({ accounts: [1n], slots: [] }));
    expect(thrown.message).toContain('header not found');
    expect(state.requests).toBe(5);
  });

  it('nothing, but answers one question twice and another never, is asked again', async () => {
    const state = await openRpcState(stub.url, quick());
    stub.misbehaviour = (exchange) =>
      exchange.index === 1 &&
      altered((answers) => answers.map((answer, i) => (i === 1 ? answers[0]! : answer)))(exchange);
    await expectExample(state, served);
    expect(state.requests).toBeGreaterThan(2);
  });

  it('huge single answers gets an error', async () => {
    const state = await openRpcState(
      stub.url,
      quick({ maxResponseBytes: 2_000, batchSize: 1, concurrency: 1 }),
    );
    stub.misbehaviour = ({ response }) => {
      response.writeHead(200);
      const chunk = 'x'.repeat(1_000);
      const pour = (): void => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
      return true;
    };
    const thrown = await errorOf(state.load(EXAMPLE));
    expect(thrown.message).toContain('an answer of more than 2000 bytes');
    // Two questions to open, and the one that failed.
    expect(state.requests).toBe(3);
  });
});

describe('waiting', () => {
  it('doubles from one attempt to the next, up to a limit', async () => {
    const waits = new Waits();
    stub.misbehaviour = ({ fail }) => did(fail(500));
    await errorOf(openRpcState(stub.url, { sleep: waits.sleep, retries: 7 }));
    expect(waits.milliseconds).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 8_000]);
    expect(stub.exchanges).toHaveLength(8);
  });

  it.each([
    ['3', 3_000],
    ['0', 250],
    ['-1', 250],
    ['soon', 250],
    ['999999', 60_000],
    ['Wed, 21 Oct 2015 07:28:10 GMT', 10_000],
    ['Wed, 21 Oct 2015 07:27:00 GMT', 250],
  ])('heeds Retry-After: %s', async (text, milliseconds) => {
    const waits = new Waits();
    stub.misbehaviour = ({ fail, index }) =>
      index === 0 && did(fail(429, { 'retry-after': text, date: 'Wed, 21 Oct 2015 07:28:00 GMT' }));
    await openRpcState(stub.url, { sleep: waits.sleep });
    expect(waits.milliseconds).toEqual([milliseconds]);
  });
});

describe('ending', () => {
  it('a signal that was raised before ends it at once', async () => {
    const signal = AbortSignal.abort();
    expect((await errorOf(openRpcState(stub.url, { signal }))).code).toBe('ABORTED');
    const state = await openRpcState(stub.url);
    expect((await errorOf(state.load(EXAMPLE, signal))).code).toBe('ABORTED');
    expect(stub.exchanges).toHaveLength(1);
  });

  it('a signal ends opening, loading and waiting, and the connection', async () => {
    const silent: Misbehaviour = ({ response }) => {
      setTimeout(() => abort.abort(), 5);
      opened++;
      response.on('close', () => closed++);
      return true;
    };
    let opened = 0;
    let closed = 0;
    let abort = new AbortController();
    stub.misbehaviour = silent;
    expect((await errorOf(openRpcState(stub.url, { signal: abort.signal }))).code).toBe('ABORTED');

    stub.misbehaviour = () => false;
    abort = new AbortController();
    const state = await openRpcState(stub.url, { signal: abort.signal, batchSize: 2 });
    stub.misbehaviour = silent;
    expect((await errorOf(state.load(EXAMPLE))).code).toBe('ABORTED');

    stub.misbehaviour = () => false;
    abort = new AbortController();
    const other = await openRpcState(stub.url, { sleep: () => new Promise(() => {}) });
    stub.misbehaviour = ({ fail }) =>
      did(
        fail(500),
        setTimeout(() => abort.abort(), 5),
      );
    expect((await errorOf(other.load(EXAMPLE, abort.signal))).code).toBe('ABORTED');
    // The stub sees the ends of connections a little later.
    await expect.poll(() => opened - closed).toBe(0);
    expect(opened).toBeGreaterThan(1);
  });

  it('a fetch that heeds no signal is left behind', async () => {
    const hangs = (): Promise<FetchResponse> => new Promise(() => {});
    const late = await errorOf(openRpcState(stub.url, quick({ fetch: hangs, timeout: 10, retries: 1 })));
    expect(late.message).toContain('no answer within 10 ms, 2 times');
    const abort = new AbortController();
    const opening = errorOf(openRpcState(stub.url, { fetch: hangs, signal: abort.signal }));
    abort.abort();
    expect((await opening).code).toBe('ABORTED');
  });

  it('leaves no timer and no connection in use', async () => {
    const state = await openRpcState(stub.url);
    await expectExample(state, served);
    const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
    stub.misbehaviour = ({ index }) => index === 2;
    const abort = new AbortController();
    const load = errorOf(state.load({ accounts: [1n], slots: [] }, abort.signal));
    abort.abort();
    await load;
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBeLessThanOrEqual(
      timers.length,
    );
  });

  it('no secret of the URL is in an error', async () => {
    const url = stub.url.replace('//', '//user:secret@');
    stub.misbehaviour = ({ fail }) => did(fail(403));
    const refused = await errorOf(openRpcState(`${url}/v3/secret?key=secret#secret`, quick()));
    expect(refused.message).not.toContain('secret');
    expect(refused.message.startsWith(`${stub.url}: `)).toBe(true);
    const fetch = (target: string): Promise<FetchResponse> =>
      Promise.reject(new Error(`cannot fetch ${target}`));
    expect((await errorOf(openRpcState(`${url}/secret`, quick({ fetch })))).message).not.toContain('secret');
    expect((await errorOf(openRpcState('secret://user:secret@host/secret'))).message).not.toContain('secret');
  });
});
