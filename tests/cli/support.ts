/** The compiled command, spawned as a user would, and folders of fixtures for it to read. */

import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import { afterAll, beforeAll, expect } from 'vitest';

export const COMMAND = fileURLToPath(new URL('../../dist/cli/erbium.js', import.meta.url));
export const SMOKE = fileURLToPath(new URL('../../ethereum-tests/smoke', import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SpawnOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs the command; whatever it does, it must not print a stack trace. */
export function erbium(args: readonly string[], { input = '', cwd, env }: SpawnOptions = {}): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], {
    encoding: 'utf8',
    input,
    maxBuffer: 2 ** 28,
    timeout: 60_000,
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
  });
  expect(stderr).not.toMatch(/^ {4}at /m);
  return { status, stdout, stderr };
}

/** The report of `--json`. */
export const json = <T>(outcome: Outcome): T => JSON.parse(outcome.stdout) as T;

/** Input that cannot be used: exit code 2, and standard error names what and where. */
export function refuses(
  args: readonly string[],
  messages: readonly string[],
  options?: SpawnOptions,
): Outcome {
  const outcome = erbium(args, options);
  for (const message of messages) expect(outcome.stderr).toContain(message);
  expect(outcome.status).toBe(2);
  return outcome;
}

/** Runs a line in a POSIX shell, with the command as `erbium`. */
export function shell(line: string, cwd: string): Promise<Outcome> {
  const wrapped = `erbium() { "${process.execPath}" "${COMMAND}" "$@"; }\n${line}`;
  return new Promise((resolve) => {
    const child = spawn('bash', ['-c', wrapped], { cwd });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => (stderr += text));
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}

type EntryHeader = Parameters<Pack['entry']>[0];

export interface Folder {
  readonly path: string;
  /** Writes a file, JSON unless it is text already, and returns its path. */
  write(name: string, content: unknown): string;
  /** Writes a .tar.gz of entries. */
  archive(name: string, entries: readonly (readonly [EntryHeader, string])[]): Promise<string>;
}

/** A folder that is there while the tests of a file run. */
export function useFolder(): Folder {
  let path = '';
  beforeAll(() => {
    path = mkdtempSync(join(tmpdir(), 'erbium-test-'));
  });
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    get path() {
      return path;
    },
    write(name, content) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
      return file;
    },
    async archive(name, entries) {
      const file = join(path, name);
      const archive = pack();
      for (const [header, content] of entries) archive.entry(header, content);
      archive.finalize();
      await pipeline(archive, createGzip(), createWriteStream(file));
      return file;
    },
  };
}

export interface PostJson {
  hash?: unknown;
  logs?: unknown;
  txbytes?: unknown;
  expectException?: unknown;
  indexes?: Record<string, unknown>;
  state?: Record<string, Record<string, unknown>>;
  [field: string]: unknown;
}

/** A state test as its JSON, to be spoilt. */
export interface TestJson {
  env: Record<string, unknown>;
  pre: Record<string, Record<string, unknown>>;
  transaction: Record<string, unknown>;
  post: Record<string, PostJson[]>;
  config: Record<string, unknown>;
  [field: string]: unknown;
}

/** A smoke test, fresh at each call. */
export const smokeText = (name: string): string => readFileSync(join(SMOKE, `${name}.json`), 'utf8');

/** A file of one test, made from a smoke test by a change. */
export function spoilt(name: string, change: (test: TestJson) => void): Record<string, TestJson> {
  const file = JSON.parse(smokeText(name)) as Record<string, TestJson>;
  for (const test of Object.values(file)) change(test);
  return file;
}

/** A state test of three cases that run until their gas or their time is up. */
export const endless = (): Record<string, TestJson> =>
  spoilt('opcodes/push0', (test) => {
    const pre = Object.values(test.pre);
    for (const account of pre) account.balance = '0xffffffffffffffffffffffff';
    test.pre[test.transaction.to as string]!.code = '0x5b5f56';
    test.env.currentGasLimit = '0xffffffffffff';
    // Beyond the most that later forks let a transaction have (EIP-7825).
    test.transaction.gasLimit = ['0xffffffffff'];
    test.post = { Shanghai: test.post.Shanghai!, Cancun: test.post.Cancun!, Prague: test.post.Cancun! };
    for (const post of postsOf(test)) {
      delete post.txbytes;
      delete post.state;
    }
  });

/** Every post of a test. */
export const postsOf = (test: TestJson): PostJson[] => Object.values(test.post).flat();
