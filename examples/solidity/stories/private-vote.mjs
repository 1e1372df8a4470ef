// A vote by members of a list, of whom nobody learns who voted what.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bytesToHex, hexToBytes } from 'erbium';
import { attempt, BOB, big, CAROL, deploy, locally, MALLORY, number, say, secret } from './world.mjs';

const POSEIDON = 0xe111n;
const ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const DEPTH = 4;
const hash = (left, right) => number(locally(POSEIDON, big(left), big(right)));

const find = (file) => fileURLToPath(import.meta.resolve(file));
const packages = dirname(dirname(find('circomlib/package.json')));
function erbium(...args) {
  const command = join(dirname(find('erbium/package.json')), 'dist/cli/erbium.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'zk', ...args], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

export function run() {
  const folder = mkdtempSync(join(tmpdir(), 'vote-'));
  try {
    vote(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function vote(folder) {
  const circuit = fileURLToPath(new URL('../../zk/vote.circom', import.meta.url));
  const [keys, input, proofPath] = ['keys', 'input.json', 'proof.json'].map((name) => join(folder, name));
  const publicPath = join(folder, 'public.json');
  erbium('setup', circuit, keys, '--include', packages, '--seed', bytesToHex(secret('setup')));
  const keyPath = join(keys, 'verification_key.json');
  const verifyingKey = erbium('export', keyPath);

  // Each of 16 members draws two numbers, and gives their hash to the list.
  const members = Array.from({ length: 2 ** DEPTH }, (_, i) => ({
    nullifier: number(secret(`nullifier ${i}`)) % ORDER,
    secret: number(secret(`secret ${i}`)) % ORDER,
  }));
  const tree = [members.map((member) => hash(member.nullifier, member.secret))];
  for (let level = 0; level < DEPTH; level++) {
    const below = tree[level];
    tree.push(Array.from({ length: below.length / 2 }, (_, i) => hash(below[2 * i], below[2 * i + 1])));
  }
  const root = tree[DEPTH][0];
  const forgeable = hexToBytes(verifyingKey);
  // Delta becomes gamma, as it is where the second phase of the setup was left out.
  forgeable.copyWithin(321, 193, 321);
  const terms = [root, 2_000n];
  attempt('A key by which anybody forges', 'PrivateVote', [forgeable, ...terms]);
  const bare = { active: false };
  attempt('A chain without the extension', 'PrivateVote', [verifyingKey, ...terms], bare);
  const election = deploy('PrivateVote', [verifyingKey, ...terms]);
  const electionId = election.read('electionId');
  say(`A list of ${members.length} members; the contract has its root and a verifying key of`);
  say(
    `${(verifyingKey.length - 2) / 2} bytes, made by \`erbium zk setup\`. Votes are taken until second 2000.`,
  );

  const ballot = (index, choice) => {
    const path = Array.from({ length: DEPTH }, (_, level) => index >> level);
    const { nullifier, secret: own } = members[index];
    const signals = {
      root,
      nullifierHash: hash(nullifier, electionId),
      electionId,
      vote: choice,
      nullifier,
      secret: own,
      siblings: path.map((at, level) => tree[level][at ^ 1]),
      isRight: path.map((at) => at & 1),
    };
    writeFileSync(
      input,
      JSON.stringify(signals, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
    );
    const seed = bytesToHex(secret(`proof ${index}`));
    erbium('prove', keys, input, '--out', proofPath, '--public', publicPath, '--seed', seed);
    const { proof } = JSON.parse(erbium('export', keyPath, publicPath, proofPath, '--json'));
    const [, nullifierHash] = JSON.parse(readFileSync(publicPath, 'utf8'));
    return [BigInt(nullifierHash), choice, proof];
  };

  const [nullifierHash, choice, proof] = ballot(3, 1n);
  election.send('Mallory makes of a yes a no', MALLORY, 'castVote', [nullifierHash, 0n, proof]);
  const malformed = `${proof.slice(0, -2)}`;
  election.send('Mallory cuts a byte off', MALLORY, 'castVote', [nullifierHash, choice, malformed]);
  election.send('A member votes yes, and somebody sends it', BOB, 'castVote', [nullifierHash, choice, proof]);
  election.send('The same again', BOB, 'castVote', [nullifierHash, choice, proof]);
  const renamed = [nullifierHash + ORDER, choice, proof];
  election.send('The same with another name for its number', BOB, 'castVote', renamed);
  election.send('Another member votes no', CAROL, 'castVote', ballot(12, 0n));
  election.send('The first member votes no, too', BOB, 'castVote', ballot(3, 0n));
  say(`No: ${election.read('tally', 0n)}, yes: ${election.read('tally', 1n)}.`);
  election.evm.setBlock({ timestamp: 2_001 });
  election.send('A third member comes late', CAROL, 'castVote', ballot(7, 1n));
}
