// Tests of a token, for Vitest: `npx vitest run`. Needs the packages erbium, viem and vitest; no node, no network.

import { type Contract, TestVm } from 'erbium/testing/viem';
import { parseAbi } from 'viem';
import { beforeEach, describe, expect, it } from 'vitest';

// Both come out of the compiler; an ABI in JSON is typed where it is `as const`.
const abi = parseAbi([
  'function balanceOf(address holder) view returns (uint256)',
  'function transfer(address to, uint256 amount) returns (bool)',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
]);
const bytecode =
  '0x620f4240335f5260405f205560a38060155f395ff35f3560e01c806370a082311461001d5763a9059cbb1461002e575f5ffd5b6004355f5260405f20545f5260205ff35b602435335f5260405f2080548281106100895782900390556004355f5260405f208054820190555f52600435337fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef60205fa360015f5260205ff35b63e450d38c60e01b5f52336004526024525060445260645ffd';

const vm = new TestVm();
const alice = vm.createAccount('alice');
const bob = vm.createAccount('bob');
let token: Contract<typeof abi>;
let deployed: number | undefined;

// Deployed once; each test begins from there.
beforeEach(async () => {
  if (deployed === undefined) {
    vm.prank(alice);
    token = await vm.deploy({ abi, bytecode, label: 'token' });
    vm.snapshotGasLastCall('deploy');
    deployed = vm.snapshot();
  }
  vm.revertTo(deployed);
});

describe('transfer', () => {
  it('moves tokens, and says so', async () => {
    vm.startPrank(alice);
    const { result } = await token.write.transfer([bob.address, 250n]);
    expect(result).toBe(true);
    expect(token.getEvents.Transfer()[0]?.args).toEqual({
      from: alice.address,
      to: bob.address,
      value: 250n,
    });
    expect(await token.read.balanceOf([bob.address])).toBe(250n);
    vm.snapshotGasLastCall('transfer to a new holder');
    await token.write.transfer([bob.address, 1n]);
    vm.snapshotGasLastCall('transfer to a holder');
  });

  it('fails without the tokens', async () => {
    vm.prank(bob);
    const error = await vm.expectRevert(token.write.transfer([alice.address, 1n]), {
      error: 'ERC20InsufficientBalance',
      args: [bob.address, 0n, 1n],
    });
    expect(error.message).toContain(
      'token.transfer(alice, 1) reverted: ERC20InsufficientBalance(sender: bob',
    );
  });

  it('costs what it did', () => {
    expect(vm.gasSnapshot()).toMatchInlineSnapshot(`
      {
        "deploy": 110729,
        "transfer to a holder": 33588,
        "transfer to a new holder": 50688,
      }
    `);
  });
});
