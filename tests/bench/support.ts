/** A workload as a file has it: stores 7 and returns it. */
export const FILE = {
  name: 'store and return',
  // PUSH1 7, PUSH1 1, SSTORE, PUSH1 7, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN
  runtime: '600760015560075f5260205ff3',
  creation: '',
  calldata: '',
  expect: {
    rev: 'cancun',
    gas: 100_000,
    caller: '0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b',
    address: '0xbe7c43a580000000000000000000000000000001',
    status: 'success',
    // 3 + 3 + (20,000 + 2,100) + 3 + 2 + (3 + 3) + 3 + 2
    gasUsed: 22_122,
    gasRefund: 0,
    output: `0x${'0'.repeat(63)}7`,
    logs: 0,
    storageSlots: 1,
    // keccak256 of the words 1 and 7
    storageHash: '0xb39221ace053465ec3453ce2b36430bd138b997ecea25c1043da0c366812b828',
  },
};
