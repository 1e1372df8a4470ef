/**
 * What a process has acknowledged is there after it was killed, and nothing is there by half. The moments at which it
 * is killed are random; what is checked holds at any.
 */

import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesToHex } from '../../../src/primitives/bytes.ts';
import { exportSnapshot, importSnapshot, type LmdbState } from '../../../src/state/readers/lmdb/index.ts';
import { stateRoot } from '../../../src/state/root.ts';
import { cleanUpAfterEach, directory, freshPath, holding, open } from './helpers.ts';

cleanUpAfterEach();

const CHILD = join(import.meta.dirname, 'crash-child.mjs');
const BUILT = join(import.meta.dirname, '../../../dist/src/state/readers/lmdb/index.js');

const ROUNDS = 10;

/** Runs the child and kills it some time after it is ready; what it told by then. */
function runAndKill(args: readonly string[], afterMs: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let told = '';
    let complaint = '';
    let isReady = false;
    child.stderr.on('data', (text) => (complaint += text));
    child.stdout.on('data', (text) => {
      told += text;
      if (isReady) return;
      isReady = true;
      setTimeout(() => child.kill('SIGKILL'), afterMs);
    });
    child.on('error', reject);
    child.on('close', () => {
      if (!isReady || complaint !== '') reject(new Error(`the child process failed: ${complaint}`));
      // The last line may have been cut off.
      else resolve(told.split('\n').slice(1, -1));
    });
  });
}

/** The root of all that can be listed, made anew. */
const rebuiltRoot = (state: LmdbState): string =>
  bytesToHex(
    stateRoot(
      [...state.addresses()].map((address) => [
        address,
        { ...state.account(address)!, storage: [...state.slots(address)] },
      ]),
    ),
  );

describe('a process that is killed', () => {
  it('needs the compiled package, which `npm test` makes first', () => {
    expect(existsSync(BUILT)).toBe(true);
  });

  it(`while it commits, ${ROUNDS} times: every commit that it told of is there, and at most one more`, async () => {
    const path = freshPath();
    let total = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const told = await runAndKill(['commit', path, String(round)], 5 + Math.random() * 300);
      const state = await open(path, { keep: 16 });
      const version = state.version();
      const last = told.at(-1);
      if (last !== undefined) {
        const [number, root] = last.split(' ');
        expect(version - Number(number)).toBeGreaterThanOrEqual(0);
        expect(version - Number(number)).toBeLessThanOrEqual(1);
        expect(bytesToHex(state.roots()[version - Number(number)]!)).toBe(root);
        total += told.length;
      }
      expect(rebuiltRoot(state)).toBe(bytesToHex(state.root()));
      // It goes on.
      state.apply(new Map([[BigInt(round), holding(BigInt(round))]]));
      expect(rebuiltRoot(state)).toBe(bytesToHex(state.root()));
      await state.close();
    }
    expect(total).toBeGreaterThan(ROUNDS);
  });

  it('while it imports: there is a whole state or none, and the next import is not in its way', async () => {
    const original = await open();
    const accounts = Array.from({ length: 15_000 }, (_, i) => [BigInt(i), holding(1n, [[1n, 1n]])] as const);
    original.apply(new Map(accounts));
    const root = bytesToHex(original.root());
    const from = join(directory(), 'snapshot');
    await exportSnapshot(original, from, { chunkBytes: 20_000 });
    for (let round = 0; round < 6; round++) {
      const path = freshPath();
      const told = await runAndKill(['import', from, path], 20 + Math.random() * 1000);
      if (told.includes('done')) expect(existsSync(path)).toBe(true);
      if (!existsSync(path)) await importSnapshot(from, path);
      const state = await open(path);
      expect(bytesToHex(state.root())).toBe(root);
      expect(readdirSync(dirname(path))).toEqual(['state']);
    }
  });
});
