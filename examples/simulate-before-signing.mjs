// What a wallet shows before it asks for a signature: what a transaction would change, why it would fail, what it
// would cost. Nothing here needs a key, and nothing stays.

import { createEvm } from 'erbium';

const user = '0x00000000000000000000000000000000000a11ce';
const shop = '0x0000000000000000000000000000000000005009';
const word = (value) => BigInt(value).toString(16).padStart(64, '0');
const transfer = (amount) => `0xa9059cbb${word(shop)}${word(amount)}`;

const evm = createEvm({
  block: { number: 23_000_000, baseFee: 10n ** 9n },
  abi: [
    'event Transfer(address indexed from, address indexed to, uint256 value)',
    'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
  ],
});
// A chain as the wallet may find it: a token, of which the user has 1,000,000 units, and ether for fees.
const bytecode =
  '0x620f4240335f5260405f205560a38060155f395ff35f3560e01c806370a082311461001d5763a9059cbb1461002e575f5ffd5b6004355f5260405f20545f5260205ff35b602435335f5260405f2080548281106100895782900390556004355f5260405f208054820190555f52600435337fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef60205fa360015f5260205ff35b63e450d38c60e01b5f52336004526024525060445260645ffd';
const token = evm.create({ from: user, data: bytecode }).created;
evm.setAccount(user, { balance: 10n ** 18n });

// What changes: accounts, their balances and slots.
const request = { from: user, to: token, data: transfer(400), maxPriorityFeePerGas: 10n ** 8n };
const [preview] = evm.simulate([request]);
console.log(preview.status, ...preview.logs.map(({ event }) => `${event.name} ${event.args.value}`));
for (const [address, { before, after, storage }] of Object.entries(preview.diff)) {
  const paid = (after?.balance ?? 0n) - (before?.balance ?? 0n);
  if (paid !== 0n) console.log(address, `${paid} wei`);
  for (const slot of Object.values(storage)) console.log(address, `slot ${slot.before} -> ${slot.after}`);
}

// What it costs at least, and which accesses it could declare.
const { gas } = evm.estimateGas(request);
console.log('gas limit', gas, 'or at most', gas * (10n ** 9n + 10n ** 8n), 'wei');
const { accessList } = evm.accessList(request);
for (const { address, storageKeys } of accessList) console.log(address, storageKeys.length, 'slots');

// Why it would fail, in the contract's own words.
const [failed] = evm.simulate([{ ...request, data: transfer(5_000_000) }]);
console.log(failed.status, failed.error.name, failed.error.args.slice(1));

// Somebody without ether for fees, and with some lent for the question.
const broke = { ...request, from: shop };
console.log(evm.simulate([broke])[0].invalid);
console.log(evm.simulate([broke], { overrides: { [shop]: { balance: 10n ** 18n } } })[0].reason);

// Prints:
//   success Transfer 400
//   0x00000000000000000000000000000000000a11ce -55532400000000 wei
//   0x6b182f1488e8efeb2eb298155ed5bd7ff8a14042 slot 1000000 -> 999600
//   0x6b182f1488e8efeb2eb298155ed5bd7ff8a14042 slot 0 -> 400
//   0x0000000000000000000000000000000000000000 5048400000000 wei
//   gas limit 50484n or at most 55532400000000n wei
//   0x6b182f1488e8efeb2eb298155ed5bd7ff8a14042 2 slots
//   revert ERC20InsufficientBalance [ 1000000n, 5000000n ]
//   INSUFFICIENT_ACCOUNT_FUNDS
//   reverted: ERC20InsufficientBalance(sender: 0x0000000000000000000000000000000000005009, balance: 0, needed: 400)
