/** Snapshots: what was written comes back, and nothing else is taken. */

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, toBytes20, toBytes32 } from '../../../src/primitives/bytes.ts';
import { EMPTY_CODE_HASH, keccak256, keccakWord } from '../../../src/primitives/keccak.ts';
import { decodeRlp, encodeRlp, type RlpInput } from '../../../src/primitives/rlp.ts';
import type { AccountDiff } from '../../../src/state/diff.ts';
import {
  exportSnapshot,
  importSnapshot,
  type LmdbState,
  openLmdbState,
} from '../../../src/state/readers/lmdb/index.ts';
import { cleanUp, cleanUpAfterEach, diffs, directory, freshPath, GONE, holding, open } from './helpers.ts';

cleanUpAfterEach();

const CODES = [1, 2, 3].map((byte) => new Uint8Array(300).fill(byte));

const contract = (code: Uint8Array, slots: number): AccountDiff => ({
  ...holding(
    5n,
    Array.from({ length: slots }, (_, i) => [BigInt(i) ** 5n, BigInt(i + 1)]),
  ),
  account: { nonce: 1n, balance: 5n, codeHash: keccakWord(code) },
  code,
});

async function example(): Promise<LmdbState> {
  const state = await open();
  const accounts = Array.from({ length: 300 }, (_, i) => [BigInt(i), holding(BigInt(i))] as const);
  state.apply(new Map(accounts));
  state.apply(
    new Map([
      [1000n, contract(CODES[0]!, 400)],
      [1001n, contract(CODES[1]!, 3)],
      [1002n, contract(CODES[2]!, 0)],
      [5n, GONE],
    ]),
  );
  return state;
}

/** A snapshot of the example, as many small chunks. */
async function snapshot(chunkBytes = 2000): Promise<{ state: LmdbState; from: string }> {
  const state = await example();
  const from = join(directory(), 'snapshot');
  await exportSnapshot(state, from, { chunkBytes });
  return { state, from };
}

const content = (state: LmdbState): unknown => {
  const list = [...state.addresses()];
  return list.map((address) => [address, state.account(address), [...state.slots(address)]]);
};

describe('a snapshot', () => {
  it('comes back as it was, in chunks of any length', async () => {
    for (const chunkBytes of [1, 50, 2000, 1_000_000]) {
      const { state, from } = await snapshot(chunkBytes);
      const path = freshPath();
      const manifest = await importSnapshot(from, path);
      expect(manifest).toMatchObject({ accounts: 302, slots: 403, codes: 3, root: bytesToHex(state.root()) });
      const copy = await open(path);
      expect(content(copy)).toEqual(content(state));
      for (const code of CODES) expect(copy.code(keccakWord(code))).toEqual(code);
      expect(copy.roots().map(bytesToHex)).toEqual([manifest.root]);
      expect(copy.version()).toBe(0);
      expect(readdirSync(dirname(path))).toEqual(['state']);
      // It goes on as the original does.
      const diff = new Map([[1000n, { ...holding(1n, [[1n, 0n]]) }]]);
      copy.apply(diff);
      state.apply(diff);
      expect(bytesToHex(copy.root())).toBe(bytesToHex(state.root()));
      await cleanUp();
    }
  });

  it('comes back from any state', async () => {
    await fc.assert(
      fc.asyncProperty(diffs(10, 8, 4), fc.integer({ min: 1, max: 400 }), async (list, chunkBytes) => {
        const state = await open();
        for (const diff of list) state.apply(diff);
        const from = join(directory(), 'snapshot');
        await exportSnapshot(state, from, { chunkBytes });
        const path = freshPath();
        await importSnapshot(from, path);
        const copy = await open(path);
        expect(content(copy)).toEqual(content(state));
        expect(bytesToHex(copy.root())).toBe(bytesToHex(state.root()));
        await cleanUp();
      }),
      { numRuns: 10 },
    );
  });

  it('is imported in parts where it does not fit into one', async () => {
    const state = await open();
    const slots = Array.from({ length: 45_000 }, (_, i) => [BigInt(i), 1n] as const);
    state.apply(new Map([[1n, holding(1n, slots)]]));
    const from = join(directory(), 'snapshot');
    await exportSnapshot(state, from);
    const path = freshPath();
    expect((await importSnapshot(from, path)).slots).toBe(45_000);
    expect((await open(path)).storage(1n, 44_999n)).toBe(1n);
  });

  it('holds any number of codes in a chunk', async () => {
    const state = await open();
    const codes = Array.from({ length: 20_050 }, (_, i) => Uint8Array.of(i >> 8, i & 0xff));
    const accounts = codes.map((code, i) => [BigInt(i), contract(code, 0)] as const);
    state.apply(new Map(accounts));
    const from = join(directory(), 'snapshot');
    await exportSnapshot(state, from);
    const path = freshPath();
    expect(await importSnapshot(from, path)).toMatchObject({ codes: 20_050, chunks: { length: 1 } });
    expect(bytesToHex((await open(path)).root())).toBe(bytesToHex(state.root()));
  });

  it('is of the state at its beginning, whatever is committed meanwhile', async () => {
    const state = await example();
    const root = bytesToHex(state.root());
    const from = join(directory(), 'snapshot');
    const done = exportSnapshot(state, from, { chunkBytes: 200 });
    let isDone = false;
    const end = (): void => {
      isDone = true;
    };
    done.then(end, end);
    let commits = 0;
    while (!isDone) {
      state.apply(new Map([[BigInt(commits++ % 300), GONE]]));
      await new Promise((next) => setImmediate(next));
    }
    expect(commits).toBeGreaterThan(10);
    expect((await done).root).toBe(root);
    expect((await importSnapshot(from, freshPath())).root).toBe(root);
  });

  it('ends when the state is closed, without a manifest', async () => {
    const state = await example();
    const from = join(directory(), 'snapshot');
    const done = exportSnapshot(state, from, { chunkBytes: 200 });
    const refused = expect(done).rejects.toThrow(expect.objectContaining({ code: 'STORE_FAILURE' }));
    await state.close();
    await refused;
    expect(readdirSync(from)).not.toContain('manifest.json');
    await expect(importSnapshot(from, freshPath())).rejects.toThrow(/not complete/);
  });

  it('is written neither over something nor without a code', async () => {
    const state = await example();
    const from = directory();
    for (const chunkBytes of [0, 0.5, 2 ** 40]) {
      await expect(exportSnapshot(state, from, { chunkBytes })).rejects.toThrow(/chunkBytes/);
    }
    writeFileSync(join(from, 'file'), '');
    await expect(exportSnapshot(state, from)).rejects.toThrow(/is not empty/);
    await expect(exportSnapshot(state, join(from, 'file'))).rejects.toThrow(
      expect.objectContaining({ code: 'UNREADABLE_FILE' }),
    );
    state.apply(new Map([[7n, { ...holding(1n), account: { nonce: 0n, balance: 0n, codeHash: 7n } }]]));
    await expect(exportSnapshot(state, join(directory(), 'a'))).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_STATE' }),
    );
  });
});

interface Manifest {
  [field: string]: unknown;
  chunks: { file: string; bytes: number; sha256: string }[];
}

const readManifest = (from: string): Manifest =>
  JSON.parse(readFileSync(join(from, 'manifest.json'), 'utf8'));
const writeManifest = (from: string, manifest: unknown): void =>
  writeFileSync(join(from, 'manifest.json'), JSON.stringify(manifest));

/** Refused, with an error that names this, and nothing at the path or beside it. */
async function expectRefused(from: string, message: RegExp): Promise<void> {
  const path = freshPath();
  const error: unknown = await importSnapshot(from, path).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'ErbiumError', message: expect.stringMatching(message) });
  expect((error as Error).message).toContain(from);
  expect(['INVALID_STATE', 'UNREADABLE_FILE']).toContain((error as { code: string }).code);
  expect(readdirSync(dirname(path))).toEqual([]);
}

describe('an import refuses', () => {
  const edits: [string, RegExp, (manifest: Manifest) => unknown][] = [
    ['no object', /is not an object/, () => []],
    ['another format', /is not the manifest/, (m) => ({ ...m, format: 'x' })],
    ['a newer version', /has version 2/, (m) => ({ ...m, version: 2 })],
    ['a field too many', /more: is not a field/, (m) => ({ ...m, more: 1 })],
    ['a field too few', /slots: is missing/, ({ slots: _, ...m }) => m],
    ['a count that is none', /accounts: -1 is not a count/, (m) => ({ ...m, accounts: -1 })],
    ['a wrong number of accounts', /accounts: is 7/, (m) => ({ ...m, accounts: 7 })],
    ['a wrong number of slots', /slots: is 7/, (m) => ({ ...m, slots: 7 })],
    ['a wrong number of codes', /codes: is 7/, (m) => ({ ...m, codes: 7 })],
    ['a root that is none', /root: "0x12" is not a hash/, (m) => ({ ...m, root: '0x12' })],
    ['another root', /root: is 0x00/, (m) => ({ ...m, root: `0x${'00'.repeat(32)}` })],
    ['chunks that are no list', /chunks: is not a list/, (m) => ({ ...m, chunks: {} })],
    ['chunks in another order', /chunks\[0\]\.file/, (m) => ({ ...m, chunks: m.chunks.toReversed() })],
    ['a chunk left out', /is not named by the manifest/, (m) => ({ ...m, chunks: m.chunks.slice(0, -1) })],
    ['a chunk twice', /chunks\[1\]\.file/, (m) => ({ ...m, chunks: [m.chunks[0], ...m.chunks] })],
    [
      'a chunk elsewhere',
      /chunks\[0\]\.file: "\.\.\/chunk-000000\.bin"/,
      (m) => ({ ...m, chunks: m.chunks.map((c) => ({ ...c, file: `../${c.file}` })) }),
    ],
    [
      'another hash of a chunk',
      /chunk-000001\.bin: has the SHA-256/,
      (m) => ({ ...m, chunks: m.chunks.with(1, { ...m.chunks[1]!, sha256: m.chunks[0]!.sha256 }) }),
    ],
    [
      'another length of a chunk',
      /chunk-000001\.bin: has \d+ bytes, not 7/,
      (m) => ({ ...m, chunks: m.chunks.with(1, { ...m.chunks[1]!, bytes: 7 }) }),
    ],
    ['a chunk that is no object', /chunks\[0\]: is not an object/, (m) => ({ ...m, chunks: [1] })],
  ];
  it.each(edits)('a manifest with %s', async (_, message, edit) => {
    const { from } = await snapshot();
    writeManifest(from, edit(readManifest(from)));
    await expectRefused(from, message);
  });

  it('files that are not what they are to be', async () => {
    const { from } = await snapshot();
    const manifest = join(from, 'manifest.json');
    const chunk = join(from, 'chunk-000001.bin');
    const whole = readFileSync(chunk);
    const text = readFileSync(manifest);

    writeFileSync(chunk, whole.subarray(1));
    await expectRefused(from, /chunk-000001\.bin: has \d+ bytes/);
    writeFileSync(chunk, Uint8Array.of(...whole, 0));
    await expectRefused(from, /chunk-000001\.bin: has \d+ bytes/);
    writeFileSync(
      chunk,
      whole.map((byte, i) => (i === 100 ? byte ^ 1 : byte)),
    );
    await expectRefused(from, /chunk-000001\.bin: has the SHA-256/);
    rmSync(chunk);
    await expectRefused(from, /chunk-000001\.bin: there is no such file/);
    mkdirSync(chunk);
    await expectRefused(from, /chunk-000001\.bin: is not a file/);
    rmSync(chunk, { recursive: true });
    symlinkSync('/dev/zero', chunk);
    await expectRefused(from, /chunk-000001\.bin: is not a file/);
    rmSync(chunk);
    writeFileSync(chunk, whole);

    writeFileSync(join(from, 'chunk-000099.bin'), '');
    await expectRefused(from, /chunk-000099\.bin: is not named/);
    rmSync(join(from, 'chunk-000099.bin'));
    writeFileSync(manifest, text.subarray(0, -20));
    await expectRefused(from, /manifest\.json: /);
    renameSync(manifest, join(from, 'manifest.json.partial'));
    await expectRefused(from, /manifest\.json: is missing/);
    await expectRefused(join(from, 'nothing'), /there is no such file/);
  });

  const address = (i: number): Uint8Array => toBytes20(BigInt(i));
  const none = new Uint8Array(0);
  const byHash = (a: Uint8Array, b: Uint8Array): number =>
    bytesToHex(keccak256(a)) < bytesToHex(keccak256(b)) ? -1 : 1;
  const [first, second] = [address(1), address(2)].sort(byHash) as [Uint8Array, Uint8Array];
  const [low, high] = [1n, 2n].sort((a, b) => byHash(toBytes32(a), toBytes32(b))) as [bigint, bigint];
  const [codeA, codeB] = CODES.slice(0, 2).sort(byHash) as [Uint8Array, Uint8Array];
  /** An RLP list of what is encoded. */
  const listOf = (payload: Uint8Array): Uint8Array => {
    const list = Buffer.alloc(4 + payload.length);
    list.writeUInt32BE(payload.length);
    list[0] = 0xfa;
    list.set(payload, 4);
    return list;
  };
  const millionsOf = (byte: number): Uint8Array => listOf(new Uint8Array(6_000_000).fill(byte));
  const records: [string, RegExp, RlpInput | Uint8Array][] = [
    ['that is not RLP', /chunk-000000\.bin: /, Uint8Array.of(0xc1)],
    ['with bytes left over', /chunk-000000\.bin: 1 bytes left over/, Uint8Array.of(0xc0, 0xc0)],
    ['that is no list', /chunk-000000\.bin: is not a list/, Uint8Array.of(0x80)],
    ['with a record that is no list', /record 0: is not a list/, [none]],
    ['with a list in a record', /record 0: has a list/, [[[none]]]],
    ['of millions of items', /record 0: is not a list/, millionsOf(0x01)],
    ['of millions of empty records', /record 0: has 0 fields/, millionsOf(0xc0)],
    ['with a record of millions of fields', /record 0: has more than 4 fields/, listOf(millionsOf(0x01))],
    ['that is cut off', /chunk-000000\.bin: item of 3 bytes runs past/, Uint8Array.of(0xc3, 0xc1)],
    ['with a record that is cut off', /record 0: item of 2 bytes/, Uint8Array.of(0xc2, 0xc2, 1)],
    ['with a field that is cut off', /record 0: item of 1 bytes/, Uint8Array.of(0xc2, 0xc1, 0x81)],
    ['with a long form of a byte', /record 0: single byte below/, Uint8Array.of(0xc3, 0xc2, 0x81, 1)],
    ['with a long form of a length', /record 0: length prefix is longer/, Uint8Array.of(0xc3, 0xc2, 0xb8, 1)],
    ['with a padded length', /record 0: length prefix has/, Uint8Array.of(0xc4, 0xc3, 0xb9, 0, 60)],
    ['with a length cut off', /record 0: length prefix runs/, Uint8Array.of(0xc2, 0xc1, 0xb9)],
    ['with a record of three fields', /record 0: has 3 fields/, [[none, none, none]]],
    ['with an empty record', /record 0: has 0 fields/, [[]]],
    ['with a slot of no account', /record 0: a slot stands before/, [[1n, 1n]]],
    ['with an address too short', /record 0: an address/, [[none, 0n, 0n, none]]],
    ['with a nonce too large', /record 0: a nonce/, [[first, 1n << 64n, 0n, none]]],
    ['with a long number', /record 0: a number/, [[first, 0n, new Uint8Array(33).fill(1), none]]],
    ['with a padded number', /record 0: a number/, [[first, 0n, Uint8Array.of(0, 1), none]]],
    ['with a short code hash', /record 0: a code hash/, [[first, 0n, 0n, Uint8Array.of(1)]]],
    [
      'with a code that is not there',
      /record 0: .* a code that is not there/,
      [[first, 0n, 0n, toBytes32(1n)]],
    ],
    ['with the hash of no code', /record 0: .*code/, [[first, 0n, 0n, toBytes32(EMPTY_CODE_HASH)]]],
    ['with an empty code', /record 0: a code is empty/, [[none]]],
    ['with a code twice', /record 1: the code is there twice/, [[codeA], [codeA]]],
    ['with codes in disorder', /record 1: the code is not in order/, [[codeB], [codeA]]],
    ['with a late code', /record 1: a code stands behind/, [[first, 0n, 0n, none], [codeA]]],
    [
      'with an account twice',
      /record 1: the account is there twice/,
      [
        [first, 0n, 0n, none],
        [first, 0n, 1n, none],
      ],
    ],
    [
      'with accounts in disorder',
      /record 1: the account is not in order/,
      [
        [second, 0n, 0n, none],
        [first, 0n, 1n, none],
      ],
    ],
    [
      'with a slot of 0',
      /record 1: a slot is 0/,
      [
        [first, 0n, 0n, none],
        [1n, 0n],
      ],
    ],
    [
      'with a slot twice',
      /record 2: the slot is there twice/,
      [
        [first, 0n, 0n, none],
        [1n, 1n],
        [1n, 2n],
      ],
    ],
    [
      'with slots in disorder',
      /record 2: the slot is not in order/,
      [
        [first, 0n, 0n, none],
        [high, 1n],
        [low, 2n],
      ],
    ],
    ['with another state', /root: is /, [[first, 0n, 0n, none]]],
  ];
  it.each(records)('a chunk %s', async (_, message, chunk) => {
    const from = directory();
    const bytes = chunk instanceof Uint8Array ? chunk : encodeRlp(chunk);
    const count = (length: number): number =>
      Array.isArray(chunk) ? chunk.filter((record) => (record as unknown[]).length === length).length : 0;
    writeFileSync(join(from, 'chunk-000000.bin'), bytes);
    writeManifest(from, {
      format: 'erbium-state-snapshot',
      version: 1,
      root: `0x${'11'.repeat(32)}`,
      accounts: count(4),
      slots: count(2),
      codes: count(1),
      chunks: [
        {
          file: 'chunk-000000.bin',
          bytes: bytes.length,
          sha256: `0x${createHash('sha256').update(bytes).digest('hex')}`,
        },
      ],
    });
    await expectRefused(from, message);
  });

  it('disorder across chunks', async () => {
    const { from } = await snapshot();
    const manifest = readManifest(from);
    const chunks = manifest.chunks.map(({ file }) => readFileSync(join(from, file)));
    const isOfAccounts = (chunk: Uint8Array): boolean =>
      (decodeRlp(chunk) as Uint8Array[][])[0]!.length === 4;
    const at = chunks.findIndex(isOfAccounts);
    expect(at).toBeGreaterThan(-1);
    const again = chunks[at]!;
    const file = `chunk-${String(chunks.length).padStart(6, '0')}.bin`;
    writeFileSync(join(from, file), again);
    writeManifest(from, { ...manifest, chunks: [...manifest.chunks, { ...manifest.chunks[at]!, file }] });
    await expectRefused(from, /record 0: the account is not in order/);
  });

  it('a path where there is something, and leaves that alone', async () => {
    const { from, state } = await snapshot();
    const root = bytesToHex(state.root());
    await expect(importSnapshot(from, state.path)).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
    expect(bytesToHex(state.root())).toBe(root);
    const path = directory();
    writeFileSync(join(path, 'file'), '');
    await expect(importSnapshot(from, path)).rejects.toThrow(/is not empty/);
    await expect(importSnapshot(from, join(path, 'file'))).rejects.toThrow(/file/);
    const other = freshPath();
    mkdirSync(`${other}.importing`);
    writeFileSync(join(`${other}.importing`, 'notes'), '');
    await expect(importSnapshot(from, other)).rejects.toThrow(/holds notes/);
    expect(existsSync(join(`${other}.importing`, 'notes'))).toBe(true);
    expect(existsSync(other)).toBe(false);
  });
});

describe('an import', () => {
  it('takes an empty directory, and begins anew where another did not come to its end', async () => {
    const { from, state } = await snapshot();
    const path = directory();
    mkdirSync(`${path}.importing`);
    writeFileSync(join(`${path}.importing`, 'data.mdb'), 'half');
    await importSnapshot(from, path);
    expect(bytesToHex((await open(path)).root())).toBe(bytesToHex(state.root()));
    expect(existsSync(`${path}.importing`)).toBe(false);
  });

  it('cannot be opened before it is done', async () => {
    const { from } = await snapshot(200);
    const path = freshPath();
    const done = importSnapshot(from, path);
    await new Promise((next) => setTimeout(next, 3));
    if (existsSync(`${path}.importing`))
      await expect(openLmdbState(path, { readOnly: true })).rejects.toThrow();
    await done;
    expect((await open(path, { readOnly: true })).version()).toBe(0);
  });
});
