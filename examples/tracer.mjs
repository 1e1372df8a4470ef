// A tracer: where the gas goes, by instruction.

import { createEvm } from 'erbium';
import { OPCODES } from 'erbium/opcodes';

const names = new Map(OPCODES.map(({ byte, name }) => [byte, name]));
const spent = new Map();
const tracer = {
  stepEnd(_frame, opcode, _pc, _gas, cost) {
    const name = names.get(opcode);
    spent.set(name, (spent.get(name) ?? 0) + cost);
  },
};

// Keeps the hash of its call data in slot 0.
const code = '0x365f5f37365f205f5500';
const evm = createEvm({ tracer });
const { gasUsed } = evm.execute(code, { data: '0x01020304' });
const byCost = [...spent].sort(([, a], [, b]) => b - a);
for (const [name, cost] of byCost) console.log(name.padEnd(14), cost);
console.log('all'.padEnd(14), gasUsed);

// Prints:
//   SSTORE         22100
//   KECCAK256      36
//   CALLDATACOPY   9
//   PUSH0          8
//   CALLDATASIZE   4
//   STOP           0
//   all            22157n
