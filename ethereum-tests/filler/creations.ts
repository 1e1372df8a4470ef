/** CREATE, CREATE2 and SELFDESTRUCT. */

import { createAddress } from '../../src/primitives/address.ts';
import { call, code, create, create2, deploying, store } from './assembler.ts';
import { CONTRACT, type Definition, ETHER, forks, HELPER, MAX, STRANGER } from './definition.ts';

const REVERT_WORD = code(0xbad, 0, 'MSTORE', 32, 0, 'REVERT');
const RUNTIME = code(store(0, 1));
const FRESH = createAddress(CONTRACT, 1n);

export const creationTests: readonly Definition[] = [
  {
    path: 'opcodes/create',
    description: 'CREATE with value: address, nonce, code and balance of the new contract.',
    forks: ['Frontier', 'Homestead', 'EIP158', 'Berlin', 'Shanghai', 'Osaka'],
    code: code(
      store(0, create(deploying(RUNTIME), 3)),
      store(1, FRESH, 'EXTCODESIZE'),
      store(2, call('CALL', FRESH)),
    ),
    expect: { 0: FRESH, 1: RUNTIME.length, 2: 1 },
    differs: [
      ['Homestead', 'EIP158'],
      ['Berlin', 'Shanghai'],
    ],
  },
  {
    path: 'opcodes/create-that-fails',
    description:
      'Creations whose init code fails, reverts, or has no money to bring; the nonce goes up but in the last case.',
    forks: ['Byzantium', 'Berlin', 'Osaka'],
    code: code(
      store(0, create(code('INVALID'))),
      store(1, create(REVERT_WORD)),
      store(2, create(code('STOP'), 2n * ETHER)),
      store(3, create(code('STOP'))),
    ),
    tx: { gasLimit: [10_000_000] },
    expect: { 0: 0, 1: 0, 2: 0, 3: createAddress(CONTRACT, 3n) },
  },
  {
    path: 'opcodes/create-collision-with-a-nonce',
    description: 'A creation at an address that has a nonce takes its gas and fails (EIP-684).',
    forks: ['Homestead', 'Byzantium', 'Berlin', 'Osaka'],
    code: code(store(0, create(deploying(RUNTIME)), 'ISZERO')),
    accounts: [[FRESH, { nonce: 1, balance: 3 }]],
    tx: { gasLimit: [3_000_000] },
    // Before EIP-150 it takes all that there is.
    fails: ['Homestead'],
    expectIn: { Byzantium: { 0: 1 }, Berlin: { 0: 1 }, Osaka: { 0: 1 } },
  },
  {
    path: 'opcodes/create-collision-with-code',
    description: 'A creation at an address that has code takes its gas and fails (EIP-684).',
    forks: ['Byzantium', 'Berlin', 'Osaka'],
    code: code(store(0, create(deploying(RUNTIME)), 'ISZERO')),
    accounts: [[FRESH, { code: code('STOP') }]],
    tx: { gasLimit: [3_000_000] },
    expect: { 0: 1 },
  },
  {
    path: 'opcodes/create-at-an-address-with-money',
    description: 'Money that waits at the address of a creation is no obstacle, and stays.',
    forks: ['Homestead', 'Byzantium', 'Berlin', 'Osaka'],
    code: code(store(0, create(deploying(RUNTIME), 2)), store(1, FRESH, 'BALANCE')),
    accounts: [[FRESH, { balance: 3 }]],
    expect: { 0: FRESH, 1: 5 },
  },
  {
    path: 'opcodes/create2',
    description:
      'CREATE2 by salt and hash of the init code; a second creation at the same address fails (EIP-1014).',
    forks: ['Constantinople', 'Istanbul', 'Berlin', 'Shanghai', 'Osaka'],
    code: code(
      store(0, create2(deploying(RUNTIME), 0)),
      store(1, create2(deploying(RUNTIME), MAX, 5)),
      store(2, create2(deploying(RUNTIME), 0), 'ISZERO'),
    ),
    tx: { gasLimit: [10_000_000] },
    expect: { 2: 1 },
  },
  {
    path: 'opcodes/selfdestruct-to-another',
    description:
      'SELFDESTRUCT of an account from before the transaction: removed until Shanghai, emptied of its balance since (EIP-6780).',
    forks: forks('Frontier'),
    code: code(
      store(0, call('CALL', HELPER)),
      store(1, HELPER, 'BALANCE'),
      store(2, STRANGER, 'BALANCE'),
      store(3, HELPER, 'EXTCODESIZE'),
    ),
    accounts: [[HELPER, { nonce: 1, balance: 500, code: code(STRANGER, 'SELFDESTRUCT'), storage: { 1: 1 } }]],
    expect: { 0: 1, 1: 0, 2: 500, 3: 22 },
    differs: [
      ['Homestead', 'EIP150'],
      ['Istanbul', 'Berlin'],
      ['Berlin', 'London'],
      ['Shanghai', 'Cancun'],
    ],
  },
  {
    path: 'opcodes/selfdestruct-to-oneself',
    description:
      'SELFDESTRUCT in favour of oneself burns the balance with the account until Shanghai, and does nothing since.',
    forks: ['Frontier', 'EIP150', 'Byzantium', 'London', 'Shanghai', 'Cancun', 'Osaka'],
    code: code(store(0, call('CALL', HELPER)), store(1, HELPER, 'BALANCE')),
    accounts: [[HELPER, { nonce: 1, balance: 500, code: code('ADDRESS', 'SELFDESTRUCT') }]],
    differs: [['Shanghai', 'Cancun']],
  },
  {
    path: 'opcodes/selfdestruct-of-the-new',
    description: 'A contract that is created and destroyed in one transaction is removed in every fork.',
    forks: ['Frontier', 'EIP158', 'London', 'Shanghai', 'Cancun', 'Osaka'],
    code: code(
      store(0, create(deploying(code(STRANGER, 'SELFDESTRUCT')), 9)),
      store(1, call('CALL', FRESH)),
      store(2, call('CALL', FRESH, { value: 2 })),
      store(3, FRESH, 'BALANCE'),
    ),
    expect: { 0: FRESH, 1: 1, 2: 1, 3: 0 },
  },
  {
    path: 'opcodes/selfdestruct-in-init-code',
    description: 'Init code that destroys itself leaves nothing but its address.',
    forks: ['Frontier', 'EIP158', 'London', 'Osaka'],
    code: code(store(0, create(code(STRANGER, 'SELFDESTRUCT'), 4))),
    expect: { 0: FRESH },
  },
];
