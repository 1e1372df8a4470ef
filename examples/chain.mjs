// A chain of blocks: one side builds them, the other gets their bytes, runs them and checks all that they say.

import { bytesToHex, MemoryState, rulesOf, secretToAddress, signTransaction } from 'erbium';
import * as blocks from 'erbium/block';

const key = `0x${'11'.repeat(32)}`;
const chain = blocks.createChain({ fork: 'Cancun', chainId: 1337 });

// Both sides start from the same state, and with it from the same first block.
const ours = new MemoryState();
ours.put(BigInt(secretToAddress(key)), { balance: 10n ** 18n });
const theirs = ours.clone();
const genesis = blocks.genesisHeader(rulesOf('Cancun'), ours.root(), { baseFee: 1000n });
let [ourHead, theirHead] = [genesis, genesis];

const transfer = { chainId: 1337, gas: 21_000, gasPrice: 2000, to: `0x${'22'.repeat(20)}`, value: 5 };
for (const number of [1n, 2n, 3n]) {
  const { block, result } = chain.buildBlock(ours, ourHead, {
    timestamp: 12n * number,
    coinbase: 0xc0n,
    transactions: [2n, 1n].map((before) =>
      signTransaction({ ...transfer, nonce: 2n * number - before }, key),
    ),
    withdrawals: [{ index: number, validatorIndex: 7n, address: 0x33n, amount: 1n }],
  });
  ours.apply(result.diff);
  ourHead = block.header;

  const received = chain.decodeBlock(blocks.encodeBlock(block));
  const { receipts, diff } = chain.executeBlock(theirs, received, theirHead);
  theirs.apply(diff);
  theirHead = received.header;
  const { gasUsed, baseFee } = theirHead;
  console.log(`block ${number}: ${receipts.length} receipts, ${gasUsed} gas, base fee ${baseFee}`);
}
console.log('same head', blocks.hashHeader(ourHead) === blocks.hashHeader(theirHead));
console.log('same state', bytesToHex(ours.root()) === bytesToHex(theirs.root()));
console.log('withdrawn', theirs.account(0x33n).balance, 'wei');

// A block that claims too much is refused, and nothing of it stays.
const { block } = chain.buildBlock(ours, ourHead, { timestamp: 99n });
const lie = { ...block, header: { ...block.header, gasUsed: 1n } };
const refused = chain.executeBlock(theirs, lie, theirHead);
console.log(refused.invalid, '-', blocks.describeInvalidBlock(refused));

// Prints:
//   block 1: 2 receipts, 42000 gas, base fee 875
//   block 2: 2 receipts, 42000 gas, base fee 766
//   block 3: 2 receipts, 42000 gas, base fee 671
//   same head true
//   same state true
//   withdrawn 3000000000n wei
//   INVALID_GAS_USED - the transactions used other gas than the header says (1, not 0)
