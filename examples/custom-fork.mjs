// A chain with rules of its own: larger contracts, an opcode that no fork has, and a precompile.

import { createEvm, customFork, Halt, rulesOf } from 'erbium';
import { op } from 'erbium/opcodes';

const rules = customFork('Roomy', rulesOf('Osaka'), { maxCodeSize: 65_536, maxInitCodeSize: 131_072 });

// 0x4b, DEPTH: pushes how deep the call is, for 2 gas.
const depth = op(0x4b, 'DEPTH', 0, 1, 2, 'Osaka', (frame) => {
  frame.stack[frame.sp++] = BigInt(frame.depth);
  return Halt.Continue;
});

// A precompile at 0x1234 that reverses its input, for 15 gas and 3 a word.
const reverse = {
  address: 0x1234n,
  name: 'REVERSE',
  since: 'Osaka',
  gas: (input) => 15 + 3 * Math.ceil(input.length / 32),
  run: (input) => input.slice().reverse(),
};

const evm = createEvm({ fork: rules, opcodes: [depth], precompiles: [reverse] });
console.log(evm.rules.fork, evm.rules.maxCodeSize);

// Init code that returns 60,000 bytes of zeros: too large for mainnet.
const large = '0x61ea605ff3';
console.log(evm.create({ data: large }).status, createEvm().create({ data: large }).reason);

// DEPTH PUSH0 MSTORE PUSH1 32 PUSH0 RETURN
const result = evm.execute('0x4b5f5260205ff3');
console.log(BigInt(result.output), result.gasUsed);
console.log(createEvm().execute('0x4b5f5260205ff3').reason);

console.log(evm.call({ to: '0x0000000000000000000000000000000000001234', data: '0x010203' }).output);

// Prints:
//   Roomy 65536
//   success contract code too large
//   0n 15n
//   undefined opcode
//   0x030201
