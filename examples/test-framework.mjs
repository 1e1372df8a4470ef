// What a test framework for contracts needs: a state that goes back after every test, accounts and blocks to one's
// liking, anybody as the sender, and events by name.

import assert from 'node:assert/strict';
import { createEvm } from 'erbium';

const owner = '0x00000000000000000000000000000000000a11ce';
const whale = '0x000000000000000000000000000000000000beef';
const word = (value) => BigInt(value).toString(16).padStart(64, '0');
const bytecode =
  '0x620f4240335f5260405f205560a38060155f395ff35f3560e01c806370a082311461001d5763a9059cbb1461002e575f5ffd5b6004355f5260405f20545f5260205ff35b602435335f5260405f2080548281106100895782900390556004355f5260405f208054820190555f52600435337fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef60205fa360015f5260205ff35b63e450d38c60e01b5f52336004526024525060445260645ffd';

const evm = createEvm({
  abi: [
    'event Transfer(address indexed from, address indexed to, uint256 value)',
    'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
  ],
});
const token = evm.create({ from: owner, data: bytecode }).created;
const transfer = (from, to, amount) =>
  evm.transact({ from, to: token, data: `0xa9059cbb${word(to)}${word(amount)}` });
const balanceOf = (holder) => BigInt(evm.call({ to: token, data: `0x70a08231${word(holder)}` }).output);

function test(name, body) {
  const snapshot = evm.snapshot();
  body();
  evm.revert(snapshot);
  console.log('ok', name);
}

test('a transfer moves tokens and says so', () => {
  const { status, logs } = transfer(owner, whale, 7);
  assert.equal(status, 'success');
  assert.deepEqual(logs[0].event.args, { from: owner, to: whale, value: 7n });
  assert.equal(balanceOf(whale), 7n);
});

test('the next test sees nothing of it', () => assert.equal(balanceOf(whale), 0n));

test('anybody can send, without a key', () => {
  assert.equal(transfer(whale, owner, 1).error.name, 'ERC20InsufficientBalance');
  // What balanceOf reads is the slot to write.
  const question = { from: whale, to: token, data: `0x70a08231${word(whale)}` };
  const [slot] = evm.accessList(question).accessList[0].storageKeys;
  evm.setAccount(token, { storageDiff: { [slot]: 1_000 } });
  assert.equal(transfer(whale, owner, 1).status, 'success');
});

test('time passes at will', () => {
  // TIMESTAMP, returned
  const now = () => BigInt(evm.execute('0x425f5260205ff3').output);
  evm.setBlock({ timestamp: 1_800_000_000 });
  assert.equal(now(), 1_800_000_000n);
});

// Prints:
//   ok a transfer moves tokens and says so
//   ok the next test sees nothing of it
//   ok anybody can send, without a key
//   ok time passes at will
