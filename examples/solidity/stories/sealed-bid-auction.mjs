// Bids as ciphertexts, which are added up unseen and checked by encrypting them again.

import { ristretto255 } from '@noble/curves/ed25519.js';
import { hexToBytes } from 'erbium';
import {
  ALICE,
  BOB,
  balanceOf,
  big,
  CAROL,
  deploy,
  ethers,
  little,
  locally,
  MALLORY,
  number,
  say,
  secret,
} from './world.mjs';

const [HE_ENCRYPT, HE_DECRYPT] = [0xe103n, 0xe107n];
const ELGAMAL = 1;
const UNIT = 10n ** 14n;
const { Point } = ristretto255;
const { ORDER } = Point.Fn;

export function run() {
  const key = number(secret('of the seller')) % ORDER;
  const publicKey = Point.BASE.multiply(key).toBytes();
  const auction = deploy('SealedBidAuction', [publicKey, 1_000n * UNIT, 2_000n, 3_000n]);
  say('Bids until second 2000, which are opened until second 3000; a deposit of at least 0.1 ether.');

  const saltOf = (bidder) => secret(`salt of ${bidder}`);
  const seal = (bidder, value) => {
    const seed = hexToBytes(auction.read('seedOf', bidder, saltOf(bidder)));
    const sealed = locally(HE_ENCRYPT, ELGAMAL, seed, publicKey, big(value, 8));
    return [sealed.slice(0, 32), sealed.slice(32)];
  };
  const decrypt = (pair) => number(locally(HE_DECRYPT, ELGAMAL, little(key), ...pair.map(hexToBytes), 16));

  const bids = new Map([
    [BOB, seal(BOB, 12_000n)],
    [CAROL, seal(CAROL, 15_000n)],
  ]);
  const broken = [bids.get(BOB)[0], new Uint8Array(32).fill(255)];
  auction.send('Mallory bids what is no ciphertext', MALLORY, 'bid', [broken], 1_000n * UNIT);
  auction.send('Bob bids, with 2 ether', BOB, 'bid', [bids.get(BOB)], 20_000n * UNIT);
  auction.send('Carol bids, with 2 ether', CAROL, 'bid', [bids.get(CAROL)], 20_000n * UNIT);
  auction.send("Mallory bids a copy of Carol's", MALLORY, 'bid', [bids.get(CAROL)], 1_000n * UNIT);

  auction.evm.setBlock({ timestamp: 2_000 });
  auction.send('Alice, who sells, bids late', ALICE, 'bid', [seal(ALICE, 1n)], 1_000n * UNIT);
  const total = auction.read('total');
  const value = decrypt(total);
  const prove = (pair, claimed) => {
    const w = number(secret('drawn at random')) % ORDER;
    const [a1, a2] = [Point.BASE, Point.fromBytes(hexToBytes(pair[0]))].map((point) =>
      point.multiply(w).toBytes(),
    );
    return [claimed, a1, a2, (w + auction.read('challengeOf', pair, claimed, a1, a2) * key) % ORDER];
  };
  auction.send(`Alice claims that the bids come to 10 ether`, ALICE, 'proveTotal', prove(total, 100_000n));
  auction.send(
    `Alice proves that they come to ${ethers(value * UNIT)}`,
    ALICE,
    'proveTotal',
    prove(total, value),
  );

  auction.send('Bob opens his bid as more than it is', BOB, 'open', [16_000n, saltOf(BOB)]);
  auction.send('Bob opens his bid of 1.2 ether', BOB, 'open', [12_000n, saltOf(BOB)]);
  auction.send('Carol opens her bid of 1.5 ether', CAROL, 'open', [15_000n, saltOf(CAROL)]);
  auction.send('Mallory opens the copy, with all that Carol told', MALLORY, 'open', [15_000n, saltOf(CAROL)]);

  auction.evm.setBlock({ timestamp: 3_000 });
  const left = auction.read('remaining');
  const rest = decrypt(left);
  auction.send(
    `Alice proves that what stayed closed is ${ethers(rest * UNIT)}`,
    ALICE,
    'proveRemainder',
    prove(left, rest),
  );
  auction.send('Alice collects the price, and the deposit of the copy', ALICE, 'collect', []);
  auction.send('Carol gets the rest of her deposit', CAROL, 'withdraw', []);
  auction.send('Bob gets his deposit', BOB, 'withdraw', []);
  auction.send('Mallory gets none', MALLORY, 'withdraw', []);
  const names = Object.entries({ Alice: ALICE, Bob: BOB, Carol: CAROL, Mallory: MALLORY });
  say(names.map(([name, holder]) => `${name} has ${balanceOf(auction.evm, holder)}`).join(', '));
}
