// A chain in one process: signed transactions in blocks, a call by the system before each, the state on disk, and a
// root for every block. Needs `npm install lmdb`.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex, createEvm, secretToAddress, signTransaction } from 'erbium';
import { openLmdbState } from 'erbium/state/lmdb';

const path = mkdtempSync(join(tmpdir(), 'chain-'));
const key = '0x00000000000000000000000000000000000000000000000000000000000a11ce';
const alice = secretToAddress(key);
const bob = 0xb0bn;
// EIP-2935: the contract that remembers the hashes of past blocks.
const history = '0x0000F90827F1C53a10cb7A02335B175320002935';

const payment = (nonce, value) =>
  signTransaction(
    { chainId: 1337, nonce, to: bob, value, gas: 21_000, maxFeePerGas: 100, maxPriorityFeePerGas: 1 },
    key,
  );

const state = await openLmdbState(path);
const evm = createEvm({ state, block: { chainId: 1337, gasLimit: 30_000_000, baseFee: 7 } });
evm.setAccount(alice, { balance: 10n ** 18n });
// A stand-in for the contract of EIP-2935: the slot of the number before this block's gets the parent's hash.
evm.setAccount(history, { nonce: 1, code: '0x5f35600143035500' });
console.log('genesis', evm.commit());

const blocks = [
  [payment(0, 5), payment(1, 6)],
  [payment(2, 7), payment(2, 8)],
];
for (const [i, transactions] of blocks.entries()) {
  evm.setBlock({ number: i + 1, timestamp: 12 * (i + 1), coinbase: 0xc0n });
  evm.systemCall(history, { data: bytesToHex(state.root()) });
  for (const transaction of transactions) {
    const result = evm.transact(transaction);
    console.log(' ', result.status, result.status === 'invalid' ? result.reason : result.gasUsed);
  }
  console.log('block', i + 1, evm.commit());
}

// Earlier states stay readable by their roots.
const [, before] = state.roots();
console.log('balance', evm.account(bob).balance, 'and before', state.at(before).account(bob).balance);
await state.close();
rmSync(path, { recursive: true });

// Prints:
//   genesis 0xe74dc1e804f05a3eaffbb08e09ac0011127b219b7f7c2d35466ee147bbc29282
//     success 21000n
//     success 21000n
//   block 1 0x8f016737bc2164315f5b33ffca9c5d1a9d4180da38223a80cdeb00db53f0ca63
//     success 21000n
//     invalid the nonce is below that of the sender (nonce 2, sender's is 3)
//   block 2 0xebfe5849b349dc2d1274e9566216ba070bc9f0287ebe68b35e02964c7365307f
//   balance 18n and before 11n
