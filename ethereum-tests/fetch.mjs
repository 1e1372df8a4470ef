/**
 * Brings the official suites that `pin.json` names into `fixtures/`: `npm run fixtures [-- --from DIR] [SUITE…]`.
 *
 * A suite appears under its name only when it is complete: it is unpacked beside its place, checked against the
 * pinned hash or tree and number of files, and then renamed. Nothing an archive says of itself is trusted.
 *
 * Exit codes: 0 all suites are there, 1 a suite could not be brought, 2 wrong usage.
 */

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';

/**
 * @typedef {object} Source
 * @property {string} folder folder in the archive whose files are the suite
 * @property {{ files: number }} [expected] where it was counted
 * @property {number} [size] of the archive in bytes
 * @property {string} [sha256] of the archive
 *
 * @typedef {Source & { url: string, version: string }} Release
 * @typedef {Source & { file: string }} Archive
 *
 * @typedef {object} Suite
 * @property {string} name
 * @property {Release} release
 * @property {Archive} archive
 * @property {string} [tree] see `treeOf`; the same for release and archive, where it is given
 */

const HERE = dirname(fileURLToPath(import.meta.url));
const USAGE = `usage: npm run fixtures [-- [--from DIR] [--force] [SUITE...]]

Brings the official test suites into ethereum-tests/fixtures/.

  --from DIR   take the archives from DIR instead of the network
  --to DIR     put the suites into DIR
  --pin FILE   the suites to bring, instead of ethereum-tests/pin.json
  --force      also where a suite is there already
  --help       this text`;

/** Beyond this, an archive is no test suite any more. */
const MOST_BYTES = 16 * 2 ** 30;
/** A download that brings nothing for so long is given up. */
const STALL_MILLISECONDS = 60_000;
/**
 * Written beside a complete suite: what it was made of. Not into it, where it is no test.
 * @param {string} target
 */
const stampFileOf = (target) => join(dirname(target), `.${basename(target)}.source`);

/** A failure whose message is all that the user needs. */
class Failure extends Error {}

/** @param {number} bytes */
const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/**
 * A line that is rewritten on a terminal; elsewhere only the last state is printed.
 * @param {string} title
 */
function progress(title) {
  const live = process.stdout.isTTY === true;
  let shown = 0;
  return {
    /** @param {string} text */
    update(text) {
      const now = Date.now();
      if (!live || now - shown < 100) return;
      shown = now;
      process.stdout.write(`\r\x1b[K${title}: ${text}`);
    },
    /** @param {string} text */
    end(text) {
      process.stdout.write(`${live ? '\r\x1b[K' : ''}${title}: ${text}\n`);
    },
    clear() {
      if (live) process.stdout.write('\r\x1b[K');
    },
  };
}

/**
 * Downloads to a file.
 * @param {string} url
 * @param {string} file
 * @param {ReturnType<typeof progress>} line
 */
async function download(url, file, line) {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(), STALL_MILLISECONDS);
  try {
    const response = await fetch(url, { signal: abort.signal, redirect: 'follow' });
    if (!response.ok || response.body === null) {
      throw new Failure(`${url} answers ${response.status} ${response.statusText}`);
    }
    const total = Number(response.headers.get('content-length') ?? 0);
    let got = 0;
    const count = new Transform({
      transform(chunk, _, done) {
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), STALL_MILLISECONDS);
        got += chunk.length;
        line.update(`${megabytes(got)}${total > 0 ? ` of ${megabytes(total)}` : ''} downloaded`);
        done(null, chunk);
      },
    });
    await pipeline(response.body, count, createWriteStream(file));
  } catch (error) {
    if (error instanceof Failure || error.code === 'ENOSPC') throw error;
    const reason = abort.signal.aborted
      ? 'no answer'
      : (error.cause?.code ?? error.cause?.message ?? error.message);
    throw new Failure(
      `cannot download ${url} (${reason}); without a network, take a copy of the archive: npm run fixtures -- --from DIR`,
    );
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Checks size and hash of an archive, where they are pinned.
 * @param {string} file
 * @param {Source} source
 */
async function checkArchive(file, source) {
  const { size } = await stat(file);
  if (source.size !== undefined && size !== source.size) {
    throw new Failure(`${file} has ${size} bytes, not ${source.size}`);
  }
  if (source.sha256 === undefined) return;
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const got = hash.digest('hex');
  if (got !== source.sha256) throw new Failure(`${file} has sha256 ${got}, not ${source.sha256}`);
}

/**
 * The path of an entry below `folder`, or null where it lies elsewhere. Every name is looked at, wanted or not.
 * @param {string} name as the archive has it
 * @param {string} folder
 * @throws {Failure} for a name that could lead out of a directory
 */
function placeOf(name, folder) {
  const parts = name.replace(/^(\.\/)+/, '').split('/');
  if (/[\\:\0]/.test(name) || name.startsWith('/') || parts.includes('..')) {
    throw new Failure(`the archive has an entry with an unsafe name: ${JSON.stringify(name)}`);
  }
  const clean = parts.filter((part) => part !== '' && part !== '.').join('/');
  return clean.startsWith(`${folder}/`) ? clean.slice(folder.length + 1) : null;
}

/**
 * One hash of all files with their paths, which does not depend on how they are packed.
 * @param {Map<string, string>} files sha256 by path
 */
function treeOf(files) {
  const lines = [...files]
    .map(([path, hash]) => `${hash}  ${path}\n`)
    .sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1));
  return createHash('sha256').update(lines.join('')).digest('hex');
}

/**
 * Unpacks the files below the source's folder.
 * @param {string} archive
 * @param {Source} source
 * @param {string} target
 * @param {ReturnType<typeof progress>} line
 * @returns {Promise<Map<string, string>>} sha256 of the files by path
 */
async function unpack(archive, source, target, line) {
  const files = new Map();
  let bytes = 0;
  const entries = extract();
  const reading = pipeline(createReadStream(archive), createGunzip(), entries);
  // Awaited below; until then, a failure shows itself in the loop, too.
  reading.catch(() => {});
  try {
    for await (const entry of entries) {
      const { name, type, size } = entry.header;
      const place = placeOf(name, source.folder);
      // Suites are JSON; whatever else a folder holds is not asked for.
      if (place === null || !place.endsWith('.json')) {
        entry.resume();
        continue;
      }
      if (type !== 'file' && type !== 'contiguous-file') {
        throw new Failure(`the archive has a ${type} where a file should be: ${JSON.stringify(name)}`);
      }
      if (files.has(place)) throw new Failure(`the archive has ${JSON.stringify(name)} twice`);
      bytes += size ?? 0;
      if (bytes > MOST_BYTES) throw new Failure(`the archive unpacks to more than ${megabytes(MOST_BYTES)}`);
      const path = join(target, ...place.split('/'));
      await mkdir(dirname(path), { recursive: true });
      const hash = createHash('sha256');
      const tap = new Transform({
        transform(chunk, _, done) {
          hash.update(chunk);
          done(null, chunk);
        },
      });
      // Fails where something is there already, so that no link is written through.
      await pipeline(entry, tap, createWriteStream(path, { flags: 'wx' }));
      files.set(place, hash.digest('hex'));
      line.update(`${files.size} files, ${megabytes(bytes)} unpacked`);
    }
    await reading;
  } catch (error) {
    if (error instanceof Failure || typeof error.syscall === 'string') throw error;
    throw new Failure(`${archive} is damaged: ${error.message}`);
  }
  return files;
}

/**
 * @param {Suite} suite
 * @param {Source} source
 * @param {Map<string, string>} files
 */
function checkFiles(suite, source, files) {
  if (source.expected !== undefined && files.size !== source.expected.files) {
    throw new Failure(`${files.size} files below ${source.folder}, not ${source.expected.files}`);
  }
  const tree = treeOf(files);
  if (suite.tree !== undefined && tree !== suite.tree) {
    throw new Failure(`the files hash to ${tree}, not ${suite.tree}`);
  }
}

/** Files by address: suites may come from one release. @type {Map<string, string>} */
const downloads = new Map();

/**
 * @param {string} url
 * @param {string} to
 * @param {ReturnType<typeof progress>} line
 */
async function downloaded(url, to, line) {
  const known = downloads.get(url);
  if (known !== undefined) return known;
  const folder = await mkdtemp(join(to, '.download-'));
  temporary.add(folder);
  const file = join(folder, 'archive');
  await download(url, file, line);
  downloads.set(url, file);
  return file;
}

/** @param {string} target @param {object} source */
async function isThere(target, source) {
  try {
    return existsSync(target) && (await readFile(stampFileOf(target), 'utf8')) === stampOf(source);
  } catch {
    return false;
  }
}

/** @param {object} source */
const stampOf = (source) => `${JSON.stringify(source, null, 2)}\n`;

/**
 * Whether it is known what the archive must hold.
 * @param {Suite} suite
 * @param {Source} source
 */
const isPinned = ({ tree }, { sha256 }) => sha256 !== undefined || tree !== undefined;

const UNPINNED = 'its release cannot be checked; take a copy of the archive: npm run fixtures -- --from DIR';

/** Temporary directories of this run, removed however it ends. @type {Set<string>} */
const temporary = new Set();

/**
 * @param {Suite} suite
 * @param {{ from: string | undefined, to: string, force: boolean }} options
 */
async function bring(suite, { from, to, force }) {
  const source = from === undefined ? suite.release : suite.archive;
  const target = join(to, suite.name);
  const line = progress(suite.name);
  if (!force && (await isThere(target, source))) {
    line.end('is there already');
    return;
  }
  await mkdir(to, { recursive: true });
  const work = await mkdtemp(join(to, '.unpacking-'));
  temporary.add(work);
  try {
    let archive = join(work, 'archive');
    if (from === undefined && !isPinned(suite, source)) throw new Failure(UNPINNED);
    if (from === undefined) archive = await downloaded(suite.release.url, to, line);
    else {
      archive = join(from, suite.archive.file);
      if (!existsSync(archive)) throw new Failure(`no ${suite.archive.file} in ${from}`);
    }
    await checkArchive(archive, source);
    const files = await unpack(archive, source, join(work, 'suite'), line);
    checkFiles(suite, source, files);
    await rm(stampFileOf(target), { force: true });
    if (existsSync(target)) await rename(target, join(work, 'before'));
    await rename(join(work, 'suite'), target);
    await writeFile(stampFileOf(target), stampOf(source));
    line.end(`${files.size} files in ${target}`);
  } finally {
    line.clear();
    await rm(work, { recursive: true, force: true });
    temporary.delete(work);
  }
}

/** @param {unknown} error */
function wordsOf(error) {
  if (!(error instanceof Error)) return String(error);
  const code = /** @type {NodeJS.ErrnoException} */ (error).code;
  if (code === 'ENOSPC') return `the disk is full (${error.message})`;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return `may not write (${error.message})`;
  return error.message;
}

/** @param {string} problem */
function misuse(problem) {
  process.stderr.write(`${problem}\n${USAGE}\n`);
  return 2;
}

/** @param {string[]} args */
async function main(args) {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        from: { type: 'string' },
        to: { type: 'string', default: join(HERE, 'fixtures') },
        pin: { type: 'string', default: join(HERE, 'pin.json') },
        force: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    return misuse(error.message);
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  /** @type {Suite[]} */
  let suites;
  try {
    suites = JSON.parse(await readFile(values.pin, 'utf8')).suites;
  } catch (error) {
    return misuse(`cannot read ${values.pin}: ${error.message}`);
  }
  const names = suites.map(({ name }) => name);
  const stranger = positionals.find((name) => !names.includes(name));
  if (stranger !== undefined) return misuse(`no suite ${stranger}; there are ${names.join(', ')}`);

  let failures = 0;
  for (const suite of suites) {
    if (positionals.length > 0 && !positionals.includes(suite.name)) continue;
    if (positionals.length === 0 && values.from === undefined && !isPinned(suite, suite.release)) {
      process.stdout.write(`${suite.name}: left out: ${UNPINNED}\n`);
      continue;
    }
    try {
      await bring(suite, values);
    } catch (error) {
      failures++;
      process.stderr.write(`${suite.name}: ${wordsOf(error)}\n`);
    }
  }
  for (const directory of temporary) await rm(directory, { recursive: true, force: true });
  return failures === 0 ? 0 : 1;
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, async () => {
    for (const directory of temporary) await rm(directory, { recursive: true, force: true });
    process.exit(1);
  });
}
process.exitCode = await main(process.argv.slice(2));
