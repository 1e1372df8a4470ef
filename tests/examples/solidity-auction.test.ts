/** examples/solidity/SealedBidAuction.sol: bids as ciphertexts, added up unseen, opened by encrypting them again. */

import { ristretto255 } from '@noble/curves/ed25519.js';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { homomorphic } from '../../precompiles/ext/homomorphic.ts';
import { bytesToHex, type Evm, type Hex, hexToBytes } from '../../src/index.ts';
import { bytesToBigInt, concatBytes, toBytes32 } from '../../src/primitives/bytes.ts';
import {
  ALICE,
  BOB,
  CAROL,
  type Contract,
  chain,
  compile,
  type Deployed,
  deploy,
  ETHER,
  flipped,
  impostor,
  locally,
  MALLORY,
  outcome,
  seedOf,
  tryDeploy,
} from './solidity-support.ts';

const { Point } = ristretto255;
const { ORDER } = Point.Fn;
const UNIT = ETHER / 10_000n;

const BIDDING = 1_000;
const OPENING = 2_000;
const OVER = 3_000;
const LEAST = 100n * UNIT;

/** The seller's keys for one auction. */
const SECRET = bytesToBigInt(seedOf('seller')) % ORDER;
const PUBLIC_KEY = Point.BASE.multiply(SECRET).toBytes();
const littleEndian = (value: bigint): Uint8Array => toBytes32(value).reverse();

const HE_ENCRYPT = 0xe103n;
const HE_DECRYPT = 0xe107n;
const HE_COMPUTE = 0xe108n;

type Pair = readonly [Hex, Hex];
const pairOf = (bytes: Uint8Array): Pair => [
  bytesToHex(bytes.subarray(0, 32)),
  bytesToHex(bytes.subarray(32)),
];
const bytesOf = ([c1, c2]: Pair): Uint8Array => concatBytes(hexToBytes(c1), hexToBytes(c2));

const saltOf = (bidder: Hex): Uint8Array => seedOf(`salt of ${bidder}`);

/** A bid as bidders make it on their own machine. */
function seal(auction: Deployed, bidder: Hex, value: bigint, salt = saltOf(bidder)): Pair {
  const seed = hexToBytes(auction.read('seedOf', bidder, salt) as Hex);
  const input = concatBytes(Uint8Array.of(1), seed, PUBLIC_KEY, toBytes32(value).subarray(24));
  return pairOf(locally(homomorphic, HE_ENCRYPT, input));
}

const sumOf = (auction: Deployed, name: 'total' | 'remaining'): Pair => auction.read(name) as unknown as Pair;

/** What the seller finds in a sum. */
function decrypt(sum: Pair): bigint {
  const input = [Uint8Array.of(1), littleEndian(SECRET), bytesOf(sum), Uint8Array.of(16)];
  return bytesToBigInt(locally(homomorphic, HE_DECRYPT, concatBytes(...input)));
}

interface Proof {
  readonly a1: Uint8Array;
  readonly a2: Uint8Array;
  readonly z: bigint;
}

/** The seller's proof that a sum holds a value (Chaum and Pedersen). */
function prove(auction: Deployed, sum: Pair, value: bigint, secret = SECRET): Proof {
  const w = bytesToBigInt(seedOf('w')) % ORDER;
  const a1 = Point.BASE.multiply(w).toBytes();
  const a2 = Point.fromBytes(hexToBytes(sum[0])).multiplyUnsafe(w).toBytes();
  const challenge = auction.read('challengeOf', sum, value, a1, a2) as bigint;
  return { a1, a2, z: (w + challenge * secret) % ORDER };
}

let contract: Contract;
let evm: Evm;
let auction: Deployed;

beforeAll(() => {
  contract = compile().SealedBidAuction!;
});

beforeEach(() => {
  evm = chain(contract, { precompiles: homomorphic, block: { timestamp: BIDDING } });
  auction = deploy(evm, contract, [PUBLIC_KEY, LEAST, OPENING, OVER]);
});

const place = (bidder: Hex, value: bigint, deposit = 500n): string => {
  const options = { from: bidder, value: deposit * UNIT };
  return outcome(auction.send('bid', [seal(auction, bidder, value)], options));
};
const open = (bidder: Hex, value: bigint): string =>
  outcome(auction.send('open', [value, saltOf(bidder)], { from: bidder }));
const later = (timestamp: number): void => evm.setBlock({ timestamp });
const balance = (holder: Hex): bigint => evm.account(holder)!.balance;

describe('an auction', () => {
  it('goes to the highest bid, and everybody gets the rest', () => {
    const before = { alice: balance(ALICE), bob: balance(BOB), carol: balance(CAROL) };
    expect(place(BOB, 300n)).toBe('success');
    expect(place(CAROL, 450n)).toBe('success');
    expect(decrypt(sumOf(auction, 'total'))).toBe(750n);
    later(OPENING);
    const { a1, a2, z } = prove(auction, sumOf(auction, 'total'), 750n);
    const told = auction.send('proveTotal', [750n, a1, a2, z], { from: MALLORY });
    expect(told.logs[0]!.event).toMatchObject({ name: 'TotalProved', args: { value: 750n } });
    expect(open(BOB, 300n)).toBe('success');
    expect(decrypt(sumOf(auction, 'remaining'))).toBe(450n);
    expect(open(CAROL, 450n)).toBe('success');
    expect(sumOf(auction, 'remaining')).toEqual([`0x${'0'.repeat(64)}`, `0x${'0'.repeat(64)}`]);
    expect(auction.read('opened')).toBe(750n);
    expect(auction.read('winner')).toBe(CAROL);
    later(OVER);
    const collected = auction.send('collect', []);
    expect(collected.logs[0]!.event).toMatchObject({
      name: 'Collected',
      args: { winner: CAROL, value: 450n, forfeited: 0n },
    });
    for (const from of [BOB, CAROL]) expect(outcome(auction.send('withdraw', [], { from }))).toBe('success');
    expect(balance(ALICE) - before.alice).toBe(450n * UNIT);
    expect(balance(BOB)).toBe(before.bob);
    expect(before.carol - balance(CAROL)).toBe(450n * UNIT);
    expect(balance(auction.address)).toBe(0n);
  });

  it('takes of equal bids the first, in whatever order they are opened', () => {
    place(BOB, 300n);
    place(CAROL, 300n);
    later(OPENING);
    open(CAROL, 300n);
    expect(auction.read('winner')).toBe(CAROL);
    open(BOB, 300n);
    expect(auction.read('winner')).toBe(BOB);
  });

  it('pays nothing without bids', () => {
    later(OVER);
    expect(outcome(auction.send('collect', []))).toBe('success');
    expect(auction.try('collect', [])).toBe('WrongPhase');
  });

  it('has its times, a deposit and a key', () => {
    expect(tryDeploy(evm, contract, [PUBLIC_KEY, LEAST, OPENING, OPENING])).toBe('WrongTimes');
    expect(tryDeploy(evm, contract, [PUBLIC_KEY, LEAST, BIDDING, OVER])).toBe('WrongTimes');
    expect(tryDeploy(evm, contract, [PUBLIC_KEY, 0n, OPENING, OVER])).toBe('NoDeposit');
    expect(tryDeploy(evm, contract, [PUBLIC_KEY, 1n, OPENING, OVER])).toBe('success');
    for (const key of [new Uint8Array(32), new Uint8Array(32).fill(255), flipped(PUBLIC_KEY)]) {
      expect(tryDeploy(evm, contract, [key, LEAST, OPENING, OVER])).toMatch(/^ExtensionFailed\(0x0*e103\)$/);
    }
  });
});

describe('a bid', () => {
  it('is refused late, twice, without its deposit, or where it is no ciphertext', () => {
    const ciphertext = seal(auction, BOB, 300n);
    const options = { from: BOB, value: LEAST };
    expect(auction.try('bid', [ciphertext], options)).toBe('success');
    expect(auction.try('bid', [ciphertext], { from: BOB, value: LEAST - 1n })).toBe(
      `DepositTooSmall(${LEAST})`,
    );
    const [c1, c2] = ciphertext;
    const none = `0x${'ff'.repeat(32)}`;
    for (const bad of [
      [none, c2],
      [c1, none],
      [bytesToHex(flipped(hexToBytes(c1))), c2],
    ]) {
      expect(auction.try('bid', [bad], options)).toMatch(/^ExtensionFailed\(0x0*e108\)$/);
    }
    auction.send('bid', [ciphertext], options);
    expect(auction.try('bid', [ciphertext], options)).toBe('AlreadyBid');
    later(OPENING);
    expect(auction.try('bid', [seal(auction, CAROL, 300n)], { from: CAROL, value: LEAST })).toBe(
      'WrongPhase',
    );
  });

  it('is opened as it was placed, by who placed it, once, and in time', () => {
    place(BOB, 300n);
    const salt = saltOf(BOB);
    const tryOpen = (value: bigint, with_ = salt, from = BOB): string =>
      auction.try('open', [value, with_], { from });
    expect(tryOpen(300n)).toBe('WrongPhase');
    later(OPENING);
    expect(tryOpen(299n)).toBe('WrongOpening');
    expect(tryOpen(301n)).toBe('WrongOpening');
    expect(tryOpen(300n, flipped(salt))).toBe('WrongOpening');
    expect(tryOpen(300n, salt, CAROL)).toBe('NoBid');
    expect(tryOpen(300n)).toBe('success');
    open(BOB, 300n);
    expect(tryOpen(300n)).toBe('AlreadyOpened');
    later(OVER);
    expect(tryOpen(300n)).toBe('WrongPhase');
  });

  it('is of no use to who copies it, even when all is known of it', () => {
    const copied = seal(auction, BOB, 300n);
    auction.send('bid', [copied], { from: BOB, value: 500n * UNIT });
    auction.send('bid', [copied], { from: MALLORY, value: 500n * UNIT });
    later(OPENING);
    open(BOB, 300n);
    for (const salt of [saltOf(BOB), saltOf(MALLORY)]) {
      expect(auction.try('open', [300n, salt], { from: MALLORY })).toBe('WrongOpening');
    }
  });

  it('is of no use to who changes it: one unit more cannot be opened', () => {
    const ciphertext = seal(auction, BOB, 300n);
    auction.send('bid', [ciphertext], { from: BOB, value: 500n * UNIT });
    const input = concatBytes(Uint8Array.of(1, 3), bytesOf(ciphertext), toBytes32(1n).subarray(24));
    const higher = pairOf(locally(homomorphic, HE_COMPUTE, input));
    expect(decrypt(higher)).toBe(301n);
    auction.send('bid', [higher], { from: MALLORY, value: 500n * UNIT });
    later(OPENING);
    for (const salt of [saltOf(BOB), saltOf(MALLORY)]) {
      expect(auction.try('open', [301n, salt], { from: MALLORY })).toBe('WrongOpening');
    }
  });

  it('counts only up to its deposit', () => {
    place(BOB, 501n, 500n);
    place(CAROL, 500n, 500n);
    later(OPENING);
    expect(open(BOB, 501n)).toBe(`BidAboveDeposit(${501n * UNIT}, ${500n * UNIT})`);
    expect(open(CAROL, 500n)).toBe('success');
  });

  it('that stays closed costs its deposit, and the seller can prove what it was', () => {
    const before = balance(ALICE);
    place(BOB, 300n);
    place(CAROL, 450n, 460n);
    later(OPENING);
    open(BOB, 300n);
    const { a1, a2, z } = prove(auction, sumOf(auction, 'remaining'), 450n);
    expect(auction.try('proveRemainder', [450n, a1, a2, z])).toBe('WrongPhase');
    later(OVER);
    const told = auction.send('proveRemainder', [450n, a1, a2, z]);
    expect(told.logs[0]!.event).toMatchObject({ name: 'RemainderProved', args: { value: 450n } });
    expect(auction.read('winner')).toBe(BOB);
    expect(auction.try('withdraw', [], { from: CAROL })).toBe('NothingToPay');
    expect(outcome(auction.send('collect', []))).toBe('success');
    expect(balance(ALICE) - before).toBe(760n * UNIT);
    auction.send('withdraw', [], { from: BOB });
    expect(balance(auction.address)).toBe(0n);
  });
});

describe('what the contract does not prevent', () => {
  /** HE_COMPUTE of two ciphertexts: the first less the second. */
  const less = (a: Pair, b: Pair): Pair =>
    pairOf(locally(homomorphic, HE_COMPUTE, concatBytes(Uint8Array.of(1, 2), bytesOf(a), bytesOf(b))));

  it('a bid that is negative lowers the proved sum, cannot be opened, and costs its deposit', () => {
    place(BOB, 300n);
    const nothing: Pair = [`0x${'0'.repeat(64)}`, `0x${'0'.repeat(64)}`];
    const negative = less(nothing, seal(auction, MALLORY, 100n));
    expect(outcome(auction.send('bid', [negative], { from: MALLORY, value: LEAST }))).toBe('success');
    later(OPENING);
    const { a1, a2, z } = prove(auction, sumOf(auction, 'total'), 200n);
    expect(auction.try('proveTotal', [200n, a1, a2, z])).toBe('success');
    expect(auction.try('open', [100n, saltOf(MALLORY)], { from: MALLORY })).toBe('WrongOpening');
    expect(open(BOB, 300n)).toBe('success');
    later(OVER);
    expect(auction.try('withdraw', [], { from: MALLORY })).toBe('NothingToPay');
  });

  it("the seller's own closed bids cost nothing", () => {
    const before = balance(ALICE);
    expect(place(ALICE, 300n)).toBe('success');
    later(OVER);
    expect(outcome(auction.send('collect', []))).toBe('success');
    expect(balance(ALICE)).toBe(before);
  });
});

describe("the seller's proof", () => {
  beforeEach(() => {
    place(BOB, 300n);
    place(CAROL, 450n);
  });

  it('is of this value, this sum, this key and this auction', () => {
    const total = sumOf(auction, 'total');
    const { a1, a2, z } = prove(auction, total, 750n);
    expect(auction.try('proveTotal', [750n, a1, a2, z])).toBe('WrongPhase');
    const twin = deploy(evm, contract, [PUBLIC_KEY, LEAST, OPENING, OVER]);
    for (const [bidder, value] of [
      [BOB, 300n],
      [CAROL, 450n],
    ] as const) {
      twin.send('bid', [seal(auction, bidder, value)], { from: bidder, value: 500n * UNIT });
    }
    expect(sumOf(twin, 'total')).toEqual(total);
    later(OPENING);
    expect(auction.try('proveTotal', [750n, a1, a2, z])).toBe('success');
    expect(twin.try('proveTotal', [750n, a1, a2, z])).toBe('InvalidProof');
    expect(auction.try('proveTotal', [749n, a1, a2, z])).toBe('InvalidProof');
    expect(auction.try('proveTotal', [750n, a1, a2, z + 1n])).toBe('InvalidProof');
    expect(auction.try('proveTotal', [750n, a2, a1, z])).toBe('InvalidProof');
    expect(auction.try('proveTotal', [750n, a1, flipped(a2), z])).toMatch(/^(InvalidProof|ExtensionFailed)/);
    const lie = prove(auction, total, 749n);
    expect(auction.try('proveTotal', [749n, lie.a1, lie.a2, lie.z])).toBe('InvalidProof');
    const thief = prove(auction, total, 750n, SECRET + 1n);
    expect(auction.try('proveTotal', [750n, thief.a1, thief.a2, thief.z])).toBe('InvalidProof');
    // One encoding of the number is as good as another: nothing depends on it.
    expect(auction.try('proveTotal', [750n, a1, a2, z + ORDER])).toBe('success');
  });

  it('is made by nobody without the key', () => {
    later(OPENING);
    const [neutral, base] = [new Uint8Array(32), Point.BASE.toBytes()];
    for (const a of [neutral, base]) {
      for (const z of [0n, 1n, 2n ** 256n - 1n]) {
        expect(auction.try('proveTotal', [750n, a, a, z])).toBe('InvalidProof');
      }
    }
  });
});

describe('what must not happen', () => {
  it('a bid that is left out of the sum is noticed when all are opened', () => {
    place(BOB, 300n);
    const { diff } = auction.send('bid', [seal(auction, CAROL, 450n)], { from: CAROL, value: 500n * UNIT });
    const slots = Object.entries(diff[auction.address]!.storage);
    const remaining = sumOf(auction, 'remaining').map(BigInt);
    // Both sums are written; the later slots are those of what remains.
    const ours = slots.filter(([, { after }]) => remaining.includes(after)).map(([slot]) => BigInt(slot));
    expect(ours.length).toBe(4);
    const last = ours.sort((a, b) => (a < b ? -1 : 1)).slice(2);
    const before = slots.filter(([slot]) => last.includes(BigInt(slot)));
    evm.setAccount(auction.address, {
      storageDiff: Object.fromEntries(before.map(([slot, change]) => [slot, change.before])),
    });
    later(OPENING);
    expect(open(BOB, 300n)).toBe('success');
    expect(open(CAROL, 450n)).toBe('TotalMismatch');
  });

  it('nobody else collects, nobody collects or withdraws early or twice', () => {
    place(BOB, 300n);
    expect(auction.try('collect', [], { from: BOB })).toBe('NotSeller');
    expect(auction.try('collect', [])).toBe('WrongPhase');
    later(OPENING);
    open(BOB, 300n);
    expect(auction.try('withdraw', [], { from: BOB })).toBe('WrongPhase');
    later(OVER);
    expect(auction.try('withdraw', [], { from: MALLORY })).toBe('NothingToPay');
    auction.send('withdraw', [], { from: BOB });
    expect(auction.try('withdraw', [], { from: BOB })).toBe('NothingToPay');
    auction.send('collect', []);
    expect(auction.try('collect', [])).toBe('WrongPhase');
  });

  it('without the extension, or with something else in its place, there is no auction', () => {
    const bare = chain(contract, { block: { timestamp: BIDDING } });
    const args = [PUBLIC_KEY, LEAST, OPENING, OVER];
    expect(tryDeploy(bare, contract, args)).toMatch(/^ExtensionNotActive\(0x0*e103\)$/);
    const [encrypt] = homomorphic;
    const other = chain(contract, { precompiles: [impostor(encrypt!, 32)], block: { timestamp: BIDDING } });
    expect(tryDeploy(other, contract, args)).toMatch(/^UnexpectedOutput\(0x0*e103, 32\)$/);
    const half = chain(contract, { precompiles: [encrypt!], block: { timestamp: BIDDING } });
    const lone = deploy(half, contract, args);
    const bid = lone.try('bid', [seal(lone, BOB, 300n)], { from: BOB, value: LEAST });
    expect(bid).toMatch(/^ExtensionNotActive\(0x0*e108\)$/);
  });
});
