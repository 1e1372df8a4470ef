// Runs on the state of a node, of which it fetches what it needs.
//
//     node fork-a-node.mjs http://127.0.0.1:8545

import { createEvm } from 'erbium';
import { openRpcState } from 'erbium/state/rpc';

const [, , url = 'http://127.0.0.1:8545'] = process.argv;
// The first account of a development node such as anvil.
const rich = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const nobody = '0x0000000000000000000000000000000000000b0b';

const state = await openRpcState(url, { block: 'latest' });
const evm = createEvm({ state, block: state.env });
console.log('chain', state.block.chainId, 'block', state.block.number);

// What the state lacks is fetched in batches, and kept.
const before = await evm.async.account(rich);
console.log(before.nonce, before.balance);

// Changes stay here: the node hears nothing of them.
const result = await evm.async.transact({ from: rich, to: nobody, value: 10n ** 18n, gas: 21_000 });
console.log(result.status, result.gasUsed, (await evm.async.account(nobody)).balance);

// What was fetched can be used at once; what was not is an error that says so.
console.log(evm.account(nobody).balance);
try {
  evm.account('0x00000000000000000000000000000000000000ff');
} catch (error) {
  console.log(error.code);
}

// Prints:
//   chain 31337n block 0n
//   0n 10000000000000000000000n
//   success 21000n 1000000000000000000n
//   1000000000000000000n
//   MISSING_STATE
