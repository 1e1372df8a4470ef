// Deploys an ERC-20, transfers, reads the balance and prints the events.
//
//     npm install erbium && node erc20.mjs

import { createEvm } from 'erbium';

const evm = createEvm({ abi: ['event Transfer(address indexed from, address indexed to, uint256 value)'] });
const alice = '0x00000000000000000000000000000000000a11ce';
const bob = '0x0000000000000000000000000000000000000b0b';
const word = (value) => BigInt(value).toString(16).padStart(64, '0');
// A small ERC-20 whose deployer has 1,000,000 units.
const bytecode =
  '0x620f4240335f5260405f205560a38060155f395ff35f3560e01c806370a082311461001d5763a9059cbb1461002e575f5ffd5b6004355f5260405f20545f5260205ff35b602435335f5260405f2080548281106100895782900390556004355f5260405f208054820190555f52600435337fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef60205fa360015f5260205ff35b63e450d38c60e01b5f52336004526024525060445260645ffd';
const token = evm.create({ from: alice, data: bytecode }).created;
// transfer(bob, 250), and then balanceOf(bob)
const sent = evm.transact({ from: alice, to: token, data: `0xa9059cbb${word(bob)}${word(250)}` });
console.log(sent.status, sent.gasUsed, sent.logs[0].event);
console.log(BigInt(evm.call({ to: token, data: `0x70a08231${word(bob)}` }).output));

// Prints:
//   success 50472n {
//     name: 'Transfer',
//     signature: 'Transfer(address,address,uint256)',
//     args: {
//       from: '0x00000000000000000000000000000000000a11ce',
//       to: '0x0000000000000000000000000000000000000b0b',
//       value: 250n
//     }
//   }
//   250n
