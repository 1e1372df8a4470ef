/** The script that brings the official suites, as its user meets it: archives, messages, exit codes. */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('fetch.mjs', import.meta.url));
const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

type Entry = Partial<Header> & { readonly name: string } & { readonly body?: string };

async function archiveOf(entries: readonly Entry[]): Promise<Buffer> {
  const tar = pack();
  // The time is said, since the same entries must give the same archive.
  for (const { body = '', ...header } of entries) tar.entry({ mtime: new Date(0), ...header }, body);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

const GOOD: readonly Entry[] = [
  { name: 'top/', type: 'directory' },
  { name: 'top/suite/a.json', body: '{"a":1}' },
  { name: './top/suite/deep/b.json', body: '{"b":2}' },
  { name: 'top/suite/notes.txt', body: 'not asked for' },
  { name: 'top/other/c.json', body: '{"c":3}' },
];
const GOOD_TREE = sha256(`${sha256('{"a":1}')}  a.json\n${sha256('{"b":2}')}  deep/b.json\n`);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'erbium-fetch-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Runs the script on an archive, with a pin that fits it but for `changes`. */
async function bring(
  entries: readonly Entry[],
  changes: Record<string, unknown> = {},
  args: readonly string[] = [],
) {
  const archive = await archiveOf(entries);
  writeFileSync(join(directory, 'suite.tar.gz'), archive);
  const source = {
    file: 'suite.tar.gz',
    folder: 'top/suite',
    size: archive.length,
    sha256: sha256(archive),
    expected: { files: 2 },
    ...changes,
  };
  const { tree, ...rest } = source as typeof source & { tree?: string };
  const release = { ...rest, version: '1', url: 'http://127.0.0.1:9/suite.tar.gz' };
  const suite = { name: 'little', release, archive: rest, ...(tree === undefined ? {} : { tree }) };
  writeFileSync(join(directory, 'pin.json'), JSON.stringify({ suites: [suite] }));
  const options = ['--pin', join(directory, 'pin.json'), '--to', join(directory, 'out')];
  const from = args.includes('--network') ? [] : ['--from', directory];
  const run = spawnSync(
    process.execPath,
    [SCRIPT, ...options, ...from, ...args.filter((arg) => arg !== '--network')],
    { encoding: 'utf8' },
  );
  return { code: run.status, out: run.stdout, err: run.stderr };
}

/** Runs the script with the network, or what goes for one, on suites of a pin. */
function fetchSuites(suites: readonly object[], args: readonly string[] = []) {
  writeFileSync(join(directory, 'pin.json'), JSON.stringify({ suites }));
  const options = ['--pin', join(directory, 'pin.json'), '--to', join(directory, 'out')];
  const run = spawnSync(process.execPath, [SCRIPT, ...options, ...args], { encoding: 'utf8' });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

const left = (): string[] => (existsSync(join(directory, 'out')) ? readdirSync(join(directory, 'out')) : []);

describe('npm run fixtures', () => {
  it('unpacks the JSON files of the folder and nothing else', async () => {
    const { code, out, err } = await bring(GOOD, { tree: GOOD_TREE });
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(`little: 2 files in ${join(directory, 'out', 'little')}\n`);
    const files = readdirSync(join(directory, 'out/little'), { recursive: true, encoding: 'utf8' });
    expect(files.sort()).toEqual(['a.json', 'deep', join('deep', 'b.json')]);
    expect(readFileSync(join(directory, 'out/little/deep/b.json'), 'utf8')).toBe('{"b":2}');
    expect(left()).toEqual(['.little.source', 'little']);
  });

  it('leaves alone what is there, unless forced or unless the pin changed', async () => {
    await bring(GOOD);
    writeFileSync(join(directory, 'out/little/a.json'), 'mine');
    expect((await bring(GOOD)).out).toBe('little: is there already\n');
    expect(readFileSync(join(directory, 'out/little/a.json'), 'utf8')).toBe('mine');
    expect((await bring(GOOD, {}, ['--force'])).code).toBe(0);
    expect(readFileSync(join(directory, 'out/little/a.json'), 'utf8')).toBe('{"a":1}');
    const newer = GOOD.map((entry) => ({ ...entry, body: entry.body?.replace('1', '9') ?? '' }));
    expect((await bring(newer)).code).toBe(0);
    expect(readFileSync(join(directory, 'out/little/a.json'), 'utf8')).toBe('{"a":9}');
    expect(left()).toEqual(['.little.source', 'little']);
  });

  it.each([
    ['another hash', { sha256: '00'.repeat(32) }, 'not 0000'],
    ['another size', { size: 1 }, 'bytes, not 1'],
    ['another number of files', { expected: { files: 3 } }, '2 files below top/suite, not 3'],
    ['another tree', { tree: '00'.repeat(32) }, `the files hash to ${GOOD_TREE}`],
  ])('refuses an archive with %s', async (_, changes, message) => {
    const { code, err } = await bring(GOOD, changes);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(left()).toEqual([]);
  });

  it('keeps the suite that is there when a new one is refused', async () => {
    await bring(GOOD);
    expect((await bring(GOOD, { expected: { files: 3 } })).code).toBe(1);
    expect(readFileSync(join(directory, 'out/little/a.json'), 'utf8')).toBe('{"a":1}');
    expect(left()).toEqual(['.little.source', 'little']);
  });

  it.each([
    ['a name that leads out', { name: 'top/suite/../../../escaped.json', body: '{}' }, 'unsafe name'],
    ['an absolute name', { name: '/escaped.json', body: '{}' }, 'unsafe name'],
    ['a name with backslashes', { name: 'top\\suite\\..\\escaped.json', body: '{}' }, 'unsafe name'],
    ['a link', { name: 'top/suite/link.json', type: 'symlink', linkname: '/etc/passwd' }, 'has a symlink'],
    ['a hard link', { name: 'top/suite/link.json', type: 'link', linkname: '/etc/passwd' }, 'has a link'],
    ['a file twice', { name: 'top/suite/a.json', body: '{}' }, 'twice'],
  ] as const)('refuses %s', async (_, entry, message) => {
    const { code, err } = await bring([...GOOD, entry as Entry]);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(left()).toEqual([]);
    expect(existsSync(join(directory, 'escaped.json'))).toBe(false);
  });

  it('says what is wrong with a damaged archive', async () => {
    writeFileSync(join(directory, 'broken.tar.gz'), (await archiveOf(GOOD)).subarray(0, 100));
    const { code, err } = await bring(GOOD, { file: 'broken.tar.gz', size: 100, sha256: undefined });
    expect(code).toBe(1);
    expect(err).toContain('is damaged');
    expect(left()).toEqual([]);
  });

  it('says what to do without a network or an archive', async () => {
    const offline = await bring(GOOD, {}, ['--network']);
    expect(offline.code).toBe(1);
    expect(offline.err).toContain('npm run fixtures -- --from DIR');
    const missing = await bring(GOOD, { file: 'elsewhere.tar.gz' });
    expect(missing.code).toBe(1);
    expect(missing.err).toContain('no elsewhere.tar.gz in');
  });

  it('brings several suites of one release', async () => {
    const archive = await archiveOf(GOOD);
    const release = { version: '1', sha256: sha256(archive) };
    const url = `data:application/gzip;base64,${archive.toString('base64')}`;
    const suites = ['suite', 'other'].map((folder) => ({
      name: folder,
      release: { ...release, url, folder: `top/${folder}` },
    }));
    const { code, out, err } = fetchSuites(suites);
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n').map((line) => line.split(' in ')[0])).toEqual([
      'suite: 2 files',
      'other: 1 files',
      '',
    ]);
    expect(left()).toEqual(['.other.source', '.suite.source', 'other', 'suite']);
  });

  it('takes no release from the network of which nothing is known', async () => {
    const url = `data:application/gzip;base64,${(await archiveOf(GOOD)).toString('base64')}`;
    const suites = [{ name: 'loose', release: { version: '1', url, folder: 'top/suite' } }];
    const all = fetchSuites(suites);
    expect([all.code, all.out]).toEqual([0, expect.stringMatching(/^loose: left out: .*--from DIR\n$/)]);
    const named = fetchSuites(suites, ['loose']);
    expect([named.code, named.err]).toEqual([1, expect.stringContaining('its release cannot be checked')]);
    expect(left()).toEqual([]);
  });

  it('tells misuse from failure', async () => {
    expect((await bring(GOOD, {}, ['--bogus'])).code).toBe(2);
    const stranger = await bring(GOOD, {}, ['nobody']);
    expect([stranger.code, stranger.err.split('\n')[0]]).toEqual([2, 'no suite nobody; there are little']);
    expect((await bring(GOOD, {}, ['--help'])).code).toBe(0);
  });
});
