// Why did it fail, and what had led there? A debugger runs to the failure, looks around, and goes back to the cause.

import { createEvm } from 'erbium';

const alice = '0x00000000000000000000000000000000000a11ce';
const purse = '0x00000000000000000000000000000000000000aa';
const shop = '0x00000000000000000000000000000000000000bb';

const evm = createEvm();
evm.setAccount(alice, { balance: 10n ** 18n });
// Takes the amount that it is called with out of slot 1, and reverts where there is less in it.
evm.setAccount(purse, { code: '0x5f3560015481811060105703600155005b5f5ffd', storage: { 1: 5n } });
// Calls the purse with 3, twice, and reverts where the second call fails.
const code = '0x60035f525f5f60205f5f60aa5af1505f5f60205f5f60aa5af115601e57005b5f5ffd';
evm.setAccount(shop, { code });

const debug = await evm.debug({ from: alice, to: shop });
const show = () => {
  const { name, pc } = debug.instruction();
  const at = debug.frames().map(({ address }) => `0x…${address.slice(-2)}`);
  const slot = debug.storage(purse, 1);
  console.log(`${debug.position}: ${name} at pc ${pc} of ${at.join(' > ')}, slot 1 has ${slot}`);
};
show();

// To the first failure: before the instruction, with all that it fails on still there.
const { id } = debug.addBreakpoint({ kind: 'revert' });
console.log(debug.continue().kind);
show();
debug.removeBreakpoint(id);

// Back to where the slot was written last, and one instruction on.
debug.addBreakpoint({ kind: 'slot', account: purse, key: 1 });
console.log(debug.continueBack().kind, debug.stack());
show();
debug.step();
show();

// Out of the call, and to the end.
debug.stepOut();
show();
console.log(debug.continue().kind, debug.result.reason, 'after', debug.length, 'instructions');

// Any point again, from there.
debug.goTo(12);
show();

// Prints:
//   0: PUSH1 at pc 0 of 0x…bb, slot 1 has 5
//   breakpoint
//   45: REVERT at pc 19 of 0x…bb > 0x…aa, slot 1 has 2
//   breakpoint [ 2n, 1n ]
//   22: SSTORE at pc 14 of 0x…bb > 0x…aa, slot 1 has 5
//   23: STOP at pc 15 of 0x…bb > 0x…aa, slot 1 has 2
//   24: POP at pc 14 of 0x…bb, slot 1 has 2
//   end reverted after 53 instructions
//   12: CALLDATALOAD at pc 1 of 0x…bb > 0x…aa, slot 1 has 5
