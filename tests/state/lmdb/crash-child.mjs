/**
 * The process that crash.test.ts kills. It takes the compiled package, since Node 20 reads no TypeScript.
 *
 * commit <path> <seed>: applies random diffs, and tells the number and root of each commit once it is made.
 * import <snapshot> <path>: imports a snapshot, and tells when it starts and when it is done.
 */

import { writeSync } from 'node:fs';
import { bytesToHex } from '../../../dist/src/primitives/bytes.js';
import { EMPTY_CODE_HASH, keccakWord } from '../../../dist/src/primitives/keccak.js';
import { importSnapshot, openLmdbState } from '../../../dist/src/state/readers/lmdb/index.js';

const [mode, first, second] = process.argv.slice(2);

// Not console.log, which may keep what it is given for a while.
const tell = (line) => writeSync(1, `${line}\n`);

function randomFrom(seed) {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

function changeFrom(random) {
  if (random(8) === 0) return { account: null, storageCleared: true, storage: new Map(), code: undefined };
  const storage = new Map();
  for (let i = random(20); i > 0; i--) storage.set(BigInt(random(200)), BigInt(random(5)));
  const code = random(3) === 0 ? Uint8Array.of(random(250), 1) : undefined;
  const codeHash = code === undefined ? EMPTY_CODE_HASH : keccakWord(code);
  const account = { nonce: BigInt(random(9)), balance: BigInt(random(1e9)), codeHash };
  return { account, storageCleared: random(10) === 0, storage, code };
}

if (mode === 'commit') {
  const random = randomFrom(Number(second));
  const state = await openLmdbState(first, { keep: 16 });
  tell('ready');
  for (;;) {
    const diff = new Map();
    for (let i = 1 + random(120); i > 0; i--) diff.set(BigInt(random(2000)), changeFrom(random));
    state.apply(diff);
    tell(`${state.version()} ${bytesToHex(state.root())}`);
  }
} else {
  tell('ready');
  await importSnapshot(first, second);
  tell('done');
}
