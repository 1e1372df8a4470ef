/** States as JSON: allocs, dumps of anvil as it writes them, and what is refused. */

import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ErbiumError } from '../../src/primitives/errors.ts';
import { EMPTY_CODE_HASH } from '../../src/primitives/keccak.ts';
import { MAX_U64, MAX_U256 } from '../../src/primitives/u256.ts';
import { parseJsonState, readJsonState, toAlloc } from '../../src/state/readers/json.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';
import { Random } from '../helpers/random.ts';
import { DUMP, DUMP_HASHES } from './anvil.ts';
import { CONTENT, memoryOf, randomDiff } from './contents.ts';

const A = `0x${'00'.repeat(19)}aa`;
const B = `0x${'00'.repeat(19)}bb`;
const parse = (value: unknown): MemoryState =>
  parseJsonState(typeof value === 'string' ? value : JSON.stringify(value), 's.json');

function failure(value: unknown): string {
  try {
    parse(value);
  } catch (error) {
    expect(error).toBeInstanceOf(ErbiumError);
    expect((error as ErbiumError).code).toBe('INVALID_STATE');
    const { message } = error as ErbiumError;
    expect(message.startsWith('s.json: ')).toBe(true);
    expect(message.length).toBeLessThan(400);
    return message.slice('s.json: '.length);
  }
  throw new Error('nothing was thrown');
}

describe('an alloc', () => {
  const account = {
    balance: '0x0a',
    nonce: '2',
    code: '0x6001',
    storage: { '0x01': '0x2a', [`${'0'.repeat(63)}2`]: 'f'.repeat(64), '3': 4 },
  };

  it.each([
    ['bare', { [A]: account }],
    ['of a genesis file', { config: { chainId: 1 }, difficulty: '0x1', alloc: { [A]: account } }],
    ['without 0x', { alloc: { [A.slice(2)]: account } }],
    ['in capitals', { alloc: { [A.slice(2).toUpperCase()]: account } }],
  ])('%s', (_name, value) => {
    const state = parse(value);
    expect([...state.addresses()]).toEqual([0xaan]);
    expect(state.account(0xaan)).toMatchObject({ balance: 10n, nonce: 2n });
    expect(state.code(state.account(0xaan)!.codeHash)).toEqual(Uint8Array.of(0x60, 1));
    expect(new Map(state.slots(0xaan))).toEqual(
      new Map([
        [1n, 42n],
        [2n, MAX_U256],
        [3n, 4n],
      ]),
    );
    expect(readJsonState(JSON.stringify(value), 's').block).toBeUndefined();
  });

  it('leaves out what is nothing, keeps empty accounts, and may be empty', () => {
    expect([...parse({}).addresses()]).toEqual([]);
    expect([...parse({ alloc: {} }).addresses()]).toEqual([]);
    const state = parse({ [A]: {}, [B]: { balance: '', nonce: 0, code: '', storage: { '0x1': '0x0' } } });
    for (const address of [0xaan, 0xbbn]) {
      expect(state.account(address)).toMatchObject({ nonce: 0n, balance: 0n, codeHash: EMPTY_CODE_HASH });
      expect(state.hasStorage(address)).toBe(false);
    }
  });

  it('takes the largest numbers', () => {
    const state = parse({ [A]: { nonce: '18446744073709551615', balance: `0x${'f'.repeat(64)}` } });
    expect(state.account(0xaan)).toMatchObject({ nonce: MAX_U64, balance: MAX_U256 });
  });

  it('is written in order and without what is 0, and reads back as it was', () => {
    const state = new MemoryState();
    state.put(0xbbn, {
      nonce: 1n,
      code: Uint8Array.of(1, 2),
      storage: [
        [2n, 3n],
        [1n, 255n],
      ],
    });
    state.put(0xaan, { balance: 16n });
    const word = (hex: string): string => `0x${hex.padStart(64, '0')}`;
    expect(toAlloc(state)).toBe(
      `{\n"${A}": {"balance":"0x10"},\n` +
        `"${B}": {"balance":"0x0","nonce":"0x1","code":"0x0102","storage":{"${word('1')}":"${word('ff')}","${word('2')}":"${word('3')}"}}\n}\n`,
    );
    expect(toAlloc(new MemoryState())).toBe('{}\n');
  });

  it('is not written where an account is listed that is not there', () => {
    const state = memoryOf(CONTENT);
    const damaged = Object.assign(Object.create(state) as MemoryState, {
      addresses: () => [...state.addresses(), 0xdeadn][Symbol.iterator](),
    });
    expect(() => toAlloc(damaged)).toThrow(
      expect.objectContaining({ code: 'STORE_FAILURE', message: expect.stringMatching(/dead: damaged/) }),
    );
  });

  it('reads back whatever it was made of', () => {
    expect(toAlloc(parse(toAlloc(memoryOf(CONTENT))))).toBe(toAlloc(memoryOf(CONTENT)));
    for (let seed = 1; seed <= 100; seed++) {
      const random = new Random(seed);
      const state = new MemoryState();
      for (let i = 0; i < 4; i++) state.apply(randomDiff(random, state));
      const again = parse(toAlloc(state));
      expect(again.root()).toEqual(state.root());
      expect(toAlloc(again)).toBe(toAlloc(state));
    }
  });

  it.each<[string, unknown, string]>([
    ['nothing', '', 'not JSON'],
    ['a list', [], 'expected an object, got a list'],
    ['null', 'null', 'expected an object, got null'],
    ['a text', '"hello"', 'expected an object, got string "hello"'],
    ['a list of accounts', { alloc: [] }, 'alloc: expected an object, got a list'],
    ['an unknown field', { [A]: { balanse: 1 } }, `${A}.balanse: no field of an account`],
    ['a prototype', `{"${A}": {"__proto__": {"balance": 1}}}`, `${A}.__proto__: no field of an account`],
    ['a prototype as an address', '{"__proto__": {}}', '__proto__ (key): hex string has an odd number'],
    [
      'a constructor as a slot',
      `{"${A}": {"storage": {"constructor": 1}}}`,
      'constructor (key): expected a number',
    ],
    ['an account twice', `{"${A}": {}, "${A}": {}}`, `"${A}" stands twice in one object`],
    ['an account in two spellings', { [A]: {}, [A.slice(2)]: {} }, 'the account stands here twice'],
    [
      'an account in two cases',
      { [A]: {}, [A.toUpperCase().replace('X', 'x')]: {} },
      'the account stands here twice',
    ],
    [
      'an escaped field twice',
      `{"${A}": {"nonce": 1, "n\\u006fnce": 2}}`,
      '"nonce" stands twice in one object',
    ],
    [
      'a field twice behind escaped quotes and space',
      `{"a\\\\": {"x\\"{": 1}, "${A}": {"nonce":1,"\\\\\\"}":"\\\\", "nonce" \n\t: 2}}`,
      '"nonce" stands twice in one object',
    ],
    [
      'a slot twice',
      { [A]: { storage: { '0x1': 1, '0x01': 2 } } },
      `${A}.storage.0x01 (key): the slot stands here twice`,
    ],
    ['a slot whose digits are ambiguous', { [A]: { storage: { '10': 1 } } }, 'hex or decimal?'],
    ['a value whose digits are ambiguous', { [A]: { storage: { '0x1': '10' } } }, 'hex or decimal?'],
    ['a slot of 33 bytes', { [A]: { storage: { [`0x1${'0'.repeat(64)}`]: 1 } } }, 'exceeds 256 bits'],
    ['a nonce of 65 bits', { [A]: { nonce: '0x10000000000000000' } }, 'exceeds 64 bits'],
    ['a number that JSON cuts', `{"${A}": {"balance": 100000000000000000000}}`, 'quote it'],
    ['a fraction', { [A]: { balance: 0.5 } }, 'expected a number, got number 0.5'],
    ['a number of a million digits', { [A]: { balance: '9'.repeat(1_000_000) } }, 'exceeds 256 bits'],
    ['a balance in a list', { [A]: { balance: ['0x1'] } }, 'expected a number, got a list'],
    ['a code that is a number', { [A]: { code: 12 } }, 'expected a string, got number 12'],
    ['half a byte', { [A]: { code: '0x1' } }, 'odd number of digits'],
    ['an address of 21 bytes', { [`${A}00`]: {} }, 'expected 20 bytes, got 21'],
    ['deep nesting', `{"${A}": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`, `${A}: expected an object`],
    ['a name that is a brace', `{"{": {"}": "\\"{"}}`, '{ (key): '],
  ])('refuses %s', (_name, value, message) => {
    expect(failure(value)).toContain(message);
  });
});

describe('a dump of anvil', () => {
  const text = JSON.stringify(DUMP);

  it('has accounts, and hashes of blocks as anvil gave them', () => {
    const { state, block } = readJsonState(text, 'dump.json');
    expect([...state.addresses()]).toHaveLength(Object.keys(DUMP.accounts).length);
    const contract = 0x5fbdb2315678afecb367f032d93f642f64180aa3n;
    expect(state.account(contract)).toMatchObject({ nonce: 1n, balance: 0n });
    // The dump has a slot that was set to 0.
    expect(new Map(state.slots(contract))).toEqual(new Map([[1n, 42n]]));
    expect(state.account(0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266n)?.nonce).toBe(2n);
    for (const [number, hash] of DUMP_HASHES) expect(state.blockHash(number)).toBe(hash);
    expect(state.blockHash(BigInt(DUMP_HASHES.length))).toBe(0n);
    expect(block).toMatchObject({ number: 3n, gasLimit: 30_000_000n, coinbase: 0n, blobBaseFee: 1n });
  });

  it('may be packed in hex, quoted, or within the answer of the node', () => {
    const root = parse(text).root();
    const packed = `0x${gzipSync(text).toString('hex')}`;
    for (const form of [
      packed,
      `${packed}\n`,
      `"${packed}"`,
      JSON.stringify({ jsonrpc: '2.0', id: 1, result: packed }),
    ]) {
      expect(parse(form).root()).toEqual(root);
    }
  });

  it('may be longer than any regular expression has stack for', () => {
    // Stored, not compressed, so that the answer has 18 million digits.
    const long = JSON.stringify({ ...DUMP, transactions: 'x'.repeat(9_000_000) });
    const packed = `0x${gzipSync(long, { level: 0 }).toString('hex')}`;
    expect(packed.length).toBeGreaterThan(18_000_000);
    const answer = JSON.stringify({ jsonrpc: '2.0', id: 1, result: packed });
    expect(parse(answer).root()).toEqual(parse(text).root());
  });

  const altered = (change: (dump: typeof DUMP) => void): unknown => {
    const dump = structuredClone(DUMP);
    change(dump);
    return dump;
  };

  it('needs no blocks, as those of older versions have none', () => {
    const state = parse({ accounts: DUMP.accounts });
    expect(state.blockHash(1n)).toBe(0n);
    expect(readJsonState(JSON.stringify({ accounts: {} }), 's').block).toBeUndefined();
    expect(
      parse({ accounts: {}, best_block_number: '0x5', block: { number: '0x5' } })
        .addresses()
        .next().done,
    ).toBe(true);
  });

  it('knows the parent of its oldest block', () => {
    const state = parse(
      altered((dump) =>
        dump.blocks.splice(
          dump.blocks.findIndex(({ header }) => header.number === '0x0'),
          1,
        ),
      ),
    );
    for (const [number, hash] of DUMP_HASHES) expect(state.blockHash(number)).toBe(hash);
  });

  it.each<[string, unknown, string]>([
    ['accounts in a list', { accounts: [] }, 'accounts: expected an object, got a list'],
    ['an unknown field of an account', { accounts: { [A]: { kode: '0x' } } }, 'kode: no field of an account'],
    ['a block without a number', { accounts: {}, block: {} }, 'block.number: missing'],
    ['blocks in an object', { accounts: {}, blocks: {} }, 'blocks: expected a list'],
    ['a block twice', altered(({ blocks }) => blocks.push(blocks[0]!)), 'stands here twice'],
    [
      'a field of a header that nobody knows',
      altered(({ blocks }) => Object.assign(blocks[0]!.header, { newHash: '0x' })),
      'header.newHash: no field of a header',
    ],
    [
      'a header that is not what it is said to be',
      altered(({ blocks }) =>
        Object.assign(blocks.find(({ header }) => header.number === '0x1')!.header, { gasUsed: '0x1' }),
      ),
      'parentHash: block 1 has the hash 0x',
    ],
    [
      'a header without a root',
      altered(({ blocks }) => {
        delete (blocks[0]!.header as Record<string, unknown>).stateRoot;
      }),
      'stateRoot: missing',
    ],
    ['a packed text that is none', '0x1f8b08', 'damaged gzip'],
    ['packed digits that are odd', '0x1f8b0', 'odd number of digits'],
    ['a packed text that is no JSON', `0x${gzipSync('hello').toString('hex')}`, 'not JSON'],
    [
      'the answer of a node that failed',
      { jsonrpc: '2.0', id: 1, error: { code: -32601 } },
      'result: missing',
    ],
  ])('is refused with %s', (_name, value, message) => {
    expect(failure(value)).toContain(message);
  });
});
