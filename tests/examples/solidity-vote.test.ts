/** examples/solidity/PrivateVote.sol with examples/zk/vote.circom: members of a list vote once each, in secret. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BN254 } from '../../precompiles/ext/lib/groth16-curves.ts';
import { proveGroth16 } from '../../precompiles/ext/lib/groth16-prove.ts';
import { poseidon } from '../../precompiles/ext/lib/poseidon.ts';
import { type ProvingKey, parseZkey } from '../../precompiles/ext/lib/zkey.ts';
import { zk } from '../../precompiles/ext/zk.ts';
import { compile as compileCircuit } from '../../src/cli/zk-circom.ts';
import { domainLog, makeKey } from '../../src/cli/zk-make-key.ts';
import { parseR1cs } from '../../src/cli/zk-r1cs.ts';
import { witnessOf } from '../../src/cli/zk-witness.ts';
import type { Evm } from '../../src/index.ts';
import { bytesToBigInt, concatBytes, toBytes32 } from '../../src/primitives/bytes.ts';
import {
  at,
  BOB,
  type Contract,
  chain,
  compile,
  type Deployed,
  deploy,
  flipped,
  impostor,
  MALLORY,
  outcome,
  seedOf,
  tryDeploy,
  withPrecompiles,
} from './solidity-support.ts';

const ROOT = `${import.meta.dirname}/../..`;
const CIRCUIT = `${ROOT}/examples/zk/vote.circom`;
const DEPTH = 4;
const DEADLINE = 2_000;
const { r: ORDER } = BN254;

interface Voter {
  readonly nullifier: bigint;
  readonly secret: bigint;
}

const voterOf = (number: number): Voter => ({
  nullifier: BigInt(1_000 + number),
  secret: BigInt(77 * number + 5),
});
const VOTERS = Array.from({ length: 2 ** DEPTH }, (_, i) => voterOf(i));

/** The levels of a Merkle tree, leaves first. */
function treeOf(leaves: readonly bigint[]): bigint[][] {
  const levels = [[...leaves]];
  for (let last = levels[0]!; last.length > 1; levels.push(last)) {
    last = Array.from({ length: last.length / 2 }, (_, i) => poseidon([last[2 * i]!, last[2 * i + 1]!]));
  }
  return levels;
}

const TREE = treeOf(VOTERS.map(({ nullifier, secret }) => poseidon([nullifier, secret])));
const LIST_ROOT = TREE[DEPTH]![0]!;

interface Ballot {
  readonly nullifierHash: bigint;
  readonly vote: bigint;
  readonly proof: Uint8Array;
}

const ballotArgs = ({ nullifierHash, vote, proof }: Ballot) => [nullifierHash, vote, proof];

let folder: string;
let wasm: Uint8Array;
let key: ProvingKey;
let contract: Contract;

beforeAll(async () => {
  contract = compile().PrivateVote!;
  folder = mkdtempSync(join(tmpdir(), 'vote-'));
  const compiled = await compileCircuit(CIRCUIT, folder, BN254, [`${ROOT}/node_modules`]);
  wasm = readFileSync(compiled.wasm);
  const system = parseR1cs(readFileSync(compiled.r1cs));
  key = parseZkey(await makeKey(system, domainLog(system, CIRCUIT), seedOf('setup'), () => {}));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ballots = new Map<string, Ballot>();

/** The ballot of a member, made once: making it takes a second. */
function cast(index: number, vote: bigint, electionId: bigint): Ballot {
  const name = [index, vote, electionId].join();
  const ballot = ballots.get(name) ?? make(index, vote, electionId, VOTERS[index]!);
  ballots.set(name, ballot);
  return ballot;
}

/** What a voter does on their own machine. */
function make(index: number, vote: bigint, electionId: bigint, voter: Voter): Ballot {
  const { nullifier, secret } = voter;
  const nullifierHash = poseidon([nullifier, electionId]);
  const path = Array.from({ length: DEPTH }, (_, level) => index >> level);
  const input = {
    root: `${LIST_ROOT}`,
    nullifierHash: `${nullifierHash}`,
    electionId: `${electionId}`,
    vote: `${vote}`,
    nullifier: `${nullifier}`,
    secret: `${secret}`,
    siblings: path.map((at, level) => `${TREE[level]![at ^ 1]!}`),
    isRight: path.map((at) => `${at & 1}`),
  };
  const wires = key.nVars;
  const witness = witnessOf({ wasm, wasmPath: 'vote.wasm', input, inputPath: 'input', r: ORDER, wires });
  return { nullifierHash, vote, proof: proveGroth16(key, witness, seedOf(`proof ${index}`)) };
}

let evm: Evm;
let election: Deployed;
let electionId: bigint;

beforeEach(() => {
  evm = chain(contract, { precompiles: zk });
  election = deploy(evm, contract, [key.verifyingKey, LIST_ROOT, DEADLINE]);
  electionId = election.read('electionId') as bigint;
});

const tally = () => [election.read('tally', 0n), election.read('tally', 1n)];

describe('an election', () => {
  it('counts one vote of each member, and does not say whose', () => {
    for (const [index, vote] of [
      [3, 1n],
      [0, 0n],
      [15, 1n],
    ] as const) {
      const ballot = cast(index, vote, electionId);
      const sent = election.send('castVote', ballotArgs(ballot), { from: MALLORY });
      expect(outcome(sent)).toBe('success');
      expect(sent.logs[0]!.event).toMatchObject({
        name: 'Voted',
        args: { nullifierHash: ballot.nullifierHash, vote },
      });
    }
    expect(tally()).toEqual([1n, 2n]);
  });

  it('has a number of its own, below the order', () => {
    const twin = deploy(evm, contract, [key.verifyingKey, LIST_ROOT, DEADLINE]);
    expect(electionId).toBeLessThan(ORDER);
    expect(twin.read('electionId')).not.toBe(electionId);
  });

  it('takes only a key for this circuit, a root below the order and a deadline to come', () => {
    const { verifyingKey } = key;
    const malformed = [
      new Uint8Array(0),
      verifyingKey.subarray(1),
      concatBytes(verifyingKey, Uint8Array.of(0)),
      concatBytes(Uint8Array.of(2), verifyingKey.subarray(1)),
      flipped(verifyingKey, 449),
      flipped(verifyingKey, 450),
    ];
    for (const bytes of malformed) {
      expect(tryDeploy(evm, contract, [bytes, LIST_ROOT, DEADLINE])).toBe('MalformedVerifyingKey');
    }
    expect(tryDeploy(evm, contract, [verifyingKey, LIST_ROOT, DEADLINE])).toBe('success');
    expect(tryDeploy(evm, contract, [verifyingKey, ORDER, DEADLINE])).toBe(`InputNotBelowOrder(${ORDER})`);
    expect(tryDeploy(evm, contract, [verifyingKey, LIST_ROOT, 999])).toBe('DeadlineInThePast');
  });

  /** Where the key has its points, and how long they are. */
  const [ALPHA, BETA, GAMMA, DELTA] = [1, 65, 193, 321];
  const IC = 451;
  const ZK_VERIFY = 0xe102n;

  /** The key with other bytes at a place. */
  function keyWith(offset: number, bytes: Uint8Array): Uint8Array {
    const changed = Uint8Array.from(key.verifyingKey);
    changed.set(bytes, offset);
    return changed;
  }

  /** The point with its sign changed: the coordinates of its second half taken from the modulus. */
  function negated(point: Uint8Array): Uint8Array {
    const half = point.length / 2;
    const words = Array.from({ length: half / 32 }, (_, i) =>
      point.subarray(half + 32 * i, half + 32 * i + 32),
    );
    return concatBytes(point.subarray(0, half), ...words.map((y) => toBytes32(BN254.q - bytesToBigInt(y))));
  }

  const accepts = (bytes: Uint8Array, proof: Uint8Array): boolean => {
    // Public inputs of zero: what they add up to is the first of the points IC.
    const data = concatBytes(bytes, proof, new Uint8Array(4 * 32));
    return BigInt(evm.call({ to: ZK_VERIFY, data }).output) === 1n;
  };

  it('takes no key by which anybody can forge, from what is in it', () => {
    const { verifyingKey } = key;
    const part = (offset: number, length: number) => verifyingKey.subarray(offset, offset + length);
    const [alpha, beta, gamma, sum] = [part(ALPHA, 64), part(BETA, 128), part(GAMMA, 128), part(IC, 64)];
    const forgeries = [
      [keyWith(DELTA, gamma), concatBytes(alpha, beta, negated(sum))],
      [keyWith(DELTA, negated(gamma)), concatBytes(alpha, beta, sum)],
      [keyWith(GAMMA, new Uint8Array(128)), concatBytes(alpha, beta, new Uint8Array(64))],
    ] as const;
    for (const [forgeable, proof] of forgeries) {
      expect(accepts(forgeable, proof)).toBe(true);
      expect(accepts(verifyingKey, proof)).toBe(false);
      expect(tryDeploy(evm, contract, [forgeable, LIST_ROOT, DEADLINE])).toBe('MalformedVerifyingKey');
    }
  });

  it.each([
    ['alpha', ALPHA, 64],
    ['beta', BETA, 128],
    ['gamma', GAMMA, 128],
    ['delta', DELTA, 128],
  ] as const)('takes no key whose %s is at infinity', (_, offset, length) => {
    const changed = keyWith(offset, new Uint8Array(length));
    expect(tryDeploy(evm, contract, [changed, LIST_ROOT, DEADLINE])).toBe('MalformedVerifyingKey');
  });

  it('is not made where the extension is not active, or something else answers', () => {
    const make = (precompiles: typeof zk): string =>
      tryDeploy(chain(contract, { precompiles }), contract, [key.verifyingKey, LIST_ROOT, DEADLINE]);
    const [verify] = zk;
    expect(make(zk)).toBe('success');
    expect(make([])).toBe('ExtensionNotActive(0x000000000000000000000000000000000000e102)');
    expect(make([impostor(verify!, 64)])).toMatch(/^UnexpectedOutput/);
    expect(make([{ ...verify!, run: () => null }])).toMatch(/^ExtensionFailed/);
  });
});

describe('a ballot', () => {
  let ballot: Ballot;

  beforeEach(() => {
    ballot = cast(3, 1n, electionId);
  });

  const attempt = (changes: Partial<Ballot>): string =>
    election.try('castVote', ballotArgs({ ...ballot, ...changes }));

  it('counts once, with whatever proof and vote it comes again', () => {
    expect(attempt({})).toBe('success');
    election.send('castVote', ballotArgs(ballot));
    const again = `AlreadyVoted(${ballot.nullifierHash})`;
    expect(attempt({})).toBe(again);
    expect(attempt(cast(3, 0n, electionId))).toBe(again);
    expect(tally()).toEqual([0n, 1n]);
  });

  it('cannot be made another', () => {
    expect(attempt({ vote: 0n })).toBe('InvalidProof');
    expect(attempt({ vote: 2n })).toBe('InvalidProof');
    expect(attempt({ nullifierHash: ballot.nullifierHash + 1n })).toBe('InvalidProof');
    expect(attempt({ nullifierHash: cast(4, 1n, electionId).nullifierHash })).toBe('InvalidProof');
  });

  it('is refused where a number is not below the order, which would be another name for the same', () => {
    const { nullifierHash, vote } = ballot;
    expect(attempt({ nullifierHash: nullifierHash + ORDER })).toBe(
      `InputNotBelowOrder(${nullifierHash + ORDER})`,
    );
    expect(attempt({ vote: vote + ORDER })).toBe(`InputNotBelowOrder(${vote + ORDER})`);
    expect(attempt({ nullifierHash: 2n ** 256n - 1n })).toMatch(/^InputNotBelowOrder/);
  });

  it('is refused with a malformed proof', () => {
    const { proof } = ballot;
    const malformed = [
      new Uint8Array(0),
      proof.subarray(1),
      proof.subarray(0, -1),
      concatBytes(proof, Uint8Array.of(0)),
      new Uint8Array(256),
      new Uint8Array(256).fill(255),
      // Off the curve, and not canonical.
      flipped(proof, 63),
      concatBytes(toBytes32(BN254.q), proof.subarray(32)),
      // A and C in each other's place.
      concatBytes(proof.subarray(192), proof.subarray(64, 192), proof.subarray(0, 64)),
    ];
    for (const bytes of malformed) expect(attempt({ proof: bytes })).toBe('InvalidProof');
  });

  it('is of this election', () => {
    const twin = deploy(evm, contract, [key.verifyingKey, LIST_ROOT, DEADLINE]);
    expect(twin.try('castVote', ballotArgs(ballot))).toBe('InvalidProof');
    expect(attempt(cast(3, 1n, twin.read('electionId') as bigint))).toBe('InvalidProof');
  });

  it('is of a member of the list, and yes or no: there is no witness for another', () => {
    expect(() => make(3, 1n, electionId, voterOf(99))).toThrow(/satisfy/);
    expect(() => make(3, 2n, electionId, VOTERS[3]!)).toThrow(/satisfy/);
  });

  it('is of this list', () => {
    const other = deploy(evm, contract, [key.verifyingKey, LIST_ROOT - 1n, DEADLINE]);
    const { proof } = cast(3, 1n, other.read('electionId') as bigint);
    const nullifierHash = poseidon([VOTERS[3]!.nullifier, other.read('electionId') as bigint]);
    expect(other.try('castVote', [nullifierHash, 1n, proof])).toBe('InvalidProof');
  });

  it('is in time up to the deadline', () => {
    evm.setBlock({ timestamp: DEADLINE });
    expect(attempt({})).toBe('success');
    evm.setBlock({ timestamp: DEADLINE + 1 });
    expect(attempt({})).toBe(`VoteClosed(${DEADLINE})`);
  });

  it('is not counted where the extension is not active any more, or something else answers', () => {
    const vote = (precompiles: typeof zk): string => {
      const same = at(withPrecompiles(evm, contract, precompiles), contract, election.address);
      expect(same.read('electionId')).toBe(electionId);
      return same.try('castVote', ballotArgs(ballot), { from: BOB });
    };
    const [verify] = zk;
    expect(vote(zk)).toBe('success');
    expect(vote([])).toBe('ExtensionNotActive(0x000000000000000000000000000000000000e102)');
    expect(vote([impostor(verify!, 64)])).toMatch(/^UnexpectedOutput/);
    // 32 bytes of ones are a word, and not 1.
    expect(vote([impostor(verify!, 32)])).toBe('InvalidProof');
    expect(vote([{ ...verify!, run: () => null }])).toMatch(/^ExtensionFailed/);
  });
});
