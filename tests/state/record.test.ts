/** What is read of a state, noted and answered again; and its text. */

import { describe, expect, it } from 'vitest';
import { createEvm } from '../../src/executor/create-evm.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import type { ErbiumError } from '../../src/primitives/errors.ts';
import { EMPTY_CODE_HASH, keccakWord } from '../../src/primitives/keccak.ts';
import type { RemoteReader } from '../../src/state/reader.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';
import { RecordedState, recordState, type StateRecord } from '../../src/state/readers/record.ts';
import { parseStateRecord, stateRecordText } from '../../src/state/readers/record-json.ts';
import { RemoteState, type StateSource } from '../../src/state/readers/remote.ts';
import { code, push } from '../helpers/assembler.ts';
import { loadMissing, readerConformance } from './conformance.ts';
import { memoryOf } from './contents.ts';

/** A source that answers from a state. */
const sourceOf = (state: MemoryState): StateSource => ({
  fetch: async ({ accounts, slots, storages, blockHashes }) => ({
    accounts: accounts.map((address) => {
      const info = state.account(address);
      return info && { ...info, code: state.code(info.codeHash) };
    }),
    slots: slots.map(([address, key]) => state.storage(address, key)),
    storages: storages.map((address) => state.hasStorage(address)),
    blockHashes: blockHashes.map((number) => state.blockHash(number)),
  }),
});

readerConformance('a recorder', async (content, hashes) => ({
  reader: recordState(memoryOf(content, hashes)),
}));
readerConformance(
  'a recorder of a remote state',
  async (content, hashes) => {
    const reader = recordState(
      new RemoteState(sourceOf(memoryOf(content, hashes))),
    ) as unknown as RemoteReader;
    return { reader, load: () => loadMissing(reader) };
  },
  { refusesForeignCode: false },
);

const CONTRACT = 0xc0den;
const NOBODY = 0xdeadn;
const CODE = code(push(7), 'SLOAD', push(1), 'SLOAD', 'ADD', push(0), 'MSTORE', push(32), push(0), 'RETURN');

function sample(): MemoryState {
  const state = new MemoryState((number) => number + 1n);
  state.put(CONTRACT, {
    nonce: 1n,
    balance: 5n,
    code: CODE,
    storage: [
      [7n, 70n],
      [8n, 80n],
    ],
  });
  state.put(0xaan, { balance: 1n });
  return state;
}

const errorOf = (work: () => unknown): ErbiumError => {
  try {
    work();
  } catch (error) {
    return error as ErbiumError;
  }
  throw new Error('nothing was thrown');
};

describe('recordState', () => {
  it('notes what is read and nothing else', () => {
    const state = recordState(sample());
    expect(state.record()).toEqual({ accounts: new Map(), blockHashes: new Map() });
    state.account(CONTRACT);
    state.storage(CONTRACT, 7n);
    state.storage(CONTRACT, 1n);
    state.account(NOBODY);
    state.blockHash(9n);
    const storage = new Map([
      [7n, 70n],
      [1n, 0n],
    ]);
    const contract = { nonce: 1n, balance: 5n, code: CODE, storage, hasStorage: undefined };
    expect(state.record()).toEqual({
      accounts: new Map([
        [CONTRACT, contract],
        [NOBODY, null],
      ]),
      blockHashes: new Map([[9n, 10n]]),
    });
  });

  it('notes an account with a slot of it, and whether it has storage where that is asked', () => {
    const state = recordState(sample());
    expect(state.hasStorage(0xaan)).toBe(false);
    expect(state.storage(CONTRACT, 8n)).toBe(80n);
    expect(state.hasStorage(NOBODY)).toBe(false);
    const { accounts } = state.record();
    expect(accounts.get(0xaan)).toMatchObject({ balance: 1n, hasStorage: false });
    expect(accounts.get(CONTRACT)).toMatchObject({ code: CODE, hasStorage: undefined });
    expect(accounts.get(NOBODY)).toBeNull();
  });

  it('keeps what was read first, and gives out records that change no more', () => {
    const below = sample();
    const state = recordState(below);
    state.storage(CONTRACT, 7n);
    const before = state.record();
    below.put(CONTRACT, {
      balance: 6n,
      storage: [
        [7n, 71n],
        [9n, 90n],
      ],
    });
    expect(state.storage(CONTRACT, 7n)).toBe(71n);
    state.storage(CONTRACT, 9n);
    expect(before.accounts.get(CONTRACT)?.storage).toEqual(new Map([[7n, 70n]]));
    expect(state.record().accounts.get(CONTRACT)).toMatchObject({
      balance: 5n,
      storage: new Map([
        [7n, 70n],
        [9n, 90n],
      ]),
    });
  });

  it('notes code that the machine has in its cache already', () => {
    const first = sample();
    const state = recordState(first);
    const evm = createEvm({ state });
    evm.call({ to: CONTRACT });
    // The same code at another address, which the machine does not ask for.
    first.put(0xbbn, { code: CODE, storage: [[1n, 4n]] });
    const { output } = evm.call({ to: 0xbbn });
    const { accounts } = state.record();
    expect(accounts.get(0xbbn)?.code).toEqual(CODE);
    expect(createEvm({ state: new RecordedState(state.record()) }).call({ to: 0xbbn }).output).toBe(output);
  });

  it('notes nothing that a remote state answers before it knows', async () => {
    const state = recordState(new RemoteState(sourceOf(sample())));
    const remote = state as unknown as RemoteReader;
    state.account(CONTRACT);
    state.storage(CONTRACT, 7n);
    expect(state.record().accounts.size).toBe(0);
    await remote.load();
    state.account(CONTRACT);
    state.account(NOBODY);
    // Known, but after something that was not: the run went on with a stand-in.
    state.storage(CONTRACT, 7n);
    expect(state.record().accounts.get(CONTRACT)?.storage.size).toBe(0);
    await remote.load();
    expect([state.account(NOBODY), state.storage(CONTRACT, 7n)]).toEqual([undefined, 70n]);
    const { accounts } = state.record();
    expect([...accounts.keys()]).toEqual([CONTRACT, NOBODY]);
    expect(accounts.get(CONTRACT)?.storage).toEqual(new Map([[7n, 70n]]));
  });

  it('records what an EVM fetches, from which the run is made again without fetching', async () => {
    const state = recordState(new RemoteState(sourceOf(sample())));
    const result = await createEvm({ state }).async.call({ to: CONTRACT });
    expect(result).toMatchObject({ status: 'success', output: `0x${(70).toString(16).padStart(64, '0')}` });
    const again = createEvm({ state: new RecordedState(state.record()) }).call({ to: CONTRACT });
    expect([again.output, again.gasUsed]).toEqual([result.output, result.gasUsed]);
  });
});

describe('RecordedState', () => {
  const reader = recordState(sample());
  reader.storage(CONTRACT, 7n);
  reader.hasStorage(0xaan);
  reader.account(NOBODY);
  reader.blockHash(3n);
  const recorded = new RecordedState(reader.record());

  it('answers as the state did', () => {
    expect(recorded.account(CONTRACT)).toEqual({ nonce: 1n, balance: 5n, codeHash: keccakWord(CODE) });
    expect(recorded.account(0xaan)?.codeHash).toBe(EMPTY_CODE_HASH);
    expect(recorded.account(NOBODY)).toBeUndefined();
    expect(recorded.code(keccakWord(CODE))).toEqual(CODE);
    expect(recorded.code(EMPTY_CODE_HASH)).toHaveLength(0);
    expect(recorded.storage(CONTRACT, 7n)).toBe(70n);
    expect([recorded.storage(NOBODY, 7n), recorded.hasStorage(NOBODY)]).toEqual([0n, false]);
    expect(recorded.hasStorage(0xaan)).toBe(false);
    expect(recorded.blockHash(3n)).toBe(4n);
  });

  const other = '0x00000000000000000000000000000000000000bb';
  const contract = '0x000000000000000000000000000000000000c0de';
  it.each<[string, () => unknown]>([
    [`account ${other}: not in the record`, () => recorded.account(0xbbn)],
    [`slot 0x${'0'.repeat(63)}8 of account ${contract}: not`, () => recorded.storage(CONTRACT, 8n)],
    [`slot 0x${'0'.repeat(63)}8 of account ${other}: not`, () => recorded.storage(0xbbn, 8n)],
    [`whether account ${contract} has storage: not`, () => recorded.hasStorage(CONTRACT)],
    [`code of hash 0x${'0'.repeat(62)}0c: not`, () => recorded.code(12n)],
    ['hash of block 4: not in the record', () => recorded.blockHash(4n)],
  ])('throws for what was not read: %s', (message, read) => {
    const error = errorOf(read);
    expect(error.code).toBe('MISSING_STATE');
    expect(error.message).toContain(message);
  });
});

const A = `0x${'0'.repeat(38)}aa`;
const WORD = `0x${'0'.repeat(63)}1`;

describe('the text of a record', () => {
  it('is read back, and is one for one record, whatever was read first', () => {
    const make = (...addresses: bigint[]): StateRecord => {
      const state = recordState(sample());
      for (const address of addresses) {
        state.storage(address, 8n);
        state.storage(address, 7n);
        state.blockHash(address % 256n);
      }
      state.hasStorage(addresses[0]!);
      state.hasStorage(addresses[1]!);
      return state.record();
    };
    const text = stateRecordText(make(CONTRACT, 0xaan, NOBODY));
    expect(stateRecordText(make(0xaan, CONTRACT, NOBODY))).toBe(text);
    expect(parseStateRecord(text, 'a')).toEqual(make(CONTRACT, 0xaan, NOBODY));
    expect(stateRecordText(parseStateRecord(text, 'a'))).toBe(text);
    expect(JSON.parse(text).accounts[`0x${'0'.repeat(36)}c0de`]).toMatchObject({
      nonce: '0x1',
      code: bytesToHex(CODE),
    });
  });

  const account = (fields: object): string =>
    JSON.stringify({ accounts: { [A]: { balance: '0x0', ...fields } }, blockHashes: {} });

  it.each([
    ['', 'r.json: not JSON'],
    ['{"accounts": {', 'r.json: not JSON'],
    ['[]', 'r.json: expected an object, got a list'],
    ['{"accounts": {}}', 'r.json: blockHashes: missing'],
    ['{"accounts": [], "blockHashes": {}}', 'r.json: accounts: expected an object, got a list'],
    ['{"accounts": {}, "blockHashes": {}, "codes": {}}', 'r.json: codes: no such field'],
    ['{"accounts": {}, "blockHashes": {}, "accounts": {}}', 'r.json: "accounts" stands twice'],
    ['{"accounts": {}, "blockHashes": {}, "__proto__": {}}', 'r.json: __proto__: no such field'],
    ['{"accounts": {"__proto__": {"balance": "0x0"}}, "blockHashes": {}}', 'accounts.__proto__ (key)'],
    ['{"accounts": {"constructor": null}, "blockHashes": {}}', 'accounts.constructor (key)'],
    ['{"accounts": {"0x01": null}, "blockHashes": {}}', 'accounts.0x01 (key): expected 20 bytes, got 1'],
    [
      JSON.stringify({
        accounts: { [A]: null, [A.toUpperCase().replace('0X', '0x')]: null },
        blockHashes: {},
      }),
      '(key): stands here twice, in two spellings',
    ],
    [`{"accounts": {"${A}": 5}, "blockHashes": {}}`, `accounts.${A}: expected an object, got number 5`],
    [`{"accounts": {"${A}": {}}, "blockHashes": {}}`, `accounts.${A}.balance: missing`],
    [account({ codeHash: WORD }), `accounts.${A}.codeHash: no such field`],
    [account({ balance: -1 }), `accounts.${A}.balance: expected a number`],
    [account({ balance: `0x1${'0'.repeat(64)}` }), `accounts.${A}.balance: 0x1`],
    [account({ balance: `0x${'f'.repeat(100_000)}` }), 'exceeds 256 bits'],
    [account({ balance: 1e300 }), `accounts.${A}.balance: expected a number`],
    [account({ nonce: '0x10000000000000000' }), `accounts.${A}.nonce: 0x10000000000000000 exceeds 64 bits`],
    [account({ code: '0x123' }), `accounts.${A}.code: hex string has an odd number of digits`],
    [account({ code: ['0x'] }), `accounts.${A}.code: expected a string, got a list`],
    [account({ hasStorage: 'yes' }), `accounts.${A}.hasStorage: expected true or false`],
    [account({ storage: { '0x01': WORD } }), `accounts.${A}.storage.0x01 (key): expected 32 bytes, got 1`],
    [account({ storage: { [WORD]: '0x01' } }), `accounts.${A}.storage.${WORD}: expected 32 bytes, got 1`],
    [account({ storage: { [WORD]: 7 } }), `accounts.${A}.storage.${WORD}: expected a string, got number 7`],
    [
      account({ storage: { [WORD]: `${WORD.slice(0, -1)}g` } }),
      `accounts.${A}.storage.${WORD}: "g" at position 65`,
    ],
    ['{"accounts": {}, "blockHashes": {"x": "0x00"}}', 'blockHashes.x (key): expected a number'],
    ['{"accounts": {}, "blockHashes": {"0x1": "0x00"}}', 'blockHashes.0x1: expected 32 bytes, got 1'],
    [
      `{"accounts": {}, "blockHashes": {"0x1": "${WORD}", "1": "${WORD}"}}`,
      'blockHashes.0x1 (key): stands here twice',
    ],
    ['['.repeat(100_000), 'r.json: not JSON'],
  ])('is refused where it is damaged, case %#', (text, message) => {
    const error = errorOf(() => parseStateRecord(text, 'r.json'));
    expect(error.code).toBe('INVALID_RECORD');
    expect(error.message).toContain(message);
    expect(error.message.length).toBeLessThan(500);
  });
});
