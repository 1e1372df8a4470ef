// Tracers of the package, several in one run: who called whom, what was accessed, and where the gas went.

import { createEvm } from 'erbium';
import { accessTracer, callTracer, combine, gasProfile } from 'erbium/tracers';

const calls = callTracer();
const access = accessTracer();
const profile = gasProfile();
const evm = createEvm({ tracer: combine(calls, access, profile) });

// Calls 0xbb, which stores, and then 0xcc, which reverts.
const callOf = (address) => `5f5f5f5f5f73${address.slice(2)}5af150`;
const [A, B, C] = ['aa', 'bb', 'cc'].map((byte) => `0x${byte.repeat(20)}`);
evm.setAccount(A, { code: callOf(B) + callOf(C) });
evm.setAccount(B, { code: '6001600055' });
evm.setAccount(C, { code: '5f5ffd' });
evm.call({ to: A });

const show = ({ type, to, gasUsed, error = 'ok', calls = [] }, indent = '') => {
  console.log(`${indent}${type} ${to.slice(0, 6)}… ${Number(gasUsed)} gas, ${error}`);
  for (const call of calls) show(call, `${indent}  `);
};
show(calls.result());
for (const { address, writes } of access.result().accounts) {
  for (const key of writes) console.log(`writes ${address.slice(0, 6)}… slot ${BigInt(key)}`);
}
const lines = [...profile.folded()].map((line) => line.replaceAll(/(0x..)[0-9a-f]{38}/g, '$1'));
console.log(lines.find((line) => line.includes('SSTORE')));

// Prints:
//   CALL 0xaaaa… 27344 gas, ok
//     CALL 0xbbbb… 22106 gas, ok
//     CALL 0xcccc… 4 gas, execution reverted
//   writes 0xbbbb… slot 0
//   all;0xaa;0xbb;SSTORE 22100
