// Compiles the five contracts, runs the story of each, and prints what happens. From the folder of the repository:
//
//     npm install && node examples/solidity/run.mjs

import { run as pqWallet } from './stories/pq-wallet.mjs';
import { run as privateVote } from './stories/private-vote.mjs';
import { run as sealedBidAuction } from './stories/sealed-bid-auction.mjs';
import { run as shieldedToken } from './stories/shielded-token.mjs';
import { run as stealthRegistry } from './stories/stealth-registry.mjs';

const STORIES = [
  ['PqWallet: a wallet that obeys ML-DSA signatures', pqWallet],
  ['PrivateVote: members of a list vote, and nobody learns who voted what', privateVote],
  ['ShieldedToken: ether in notes of which nobody sees the amount', shieldedToken],
  ['SealedBidAuction: bids as ciphertexts, added up unseen', sealedBidAuction],
  ['StealthRegistry: ether that only its recipient finds', stealthRegistry],
];

for (const [title, run] of STORIES) {
  console.log(title);
  run();
}
