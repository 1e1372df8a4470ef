/** Instructions that reach other accounts: logs, calls, return data. */

import { call, code, create, type Item, store, storeAll, toMemory } from './assembler.ts';
import {
  CONTRACT,
  type Definition,
  ETHER,
  type Fork,
  forks,
  HELPER,
  MAX,
  SECOND_HELPER,
  STRANGER,
} from './definition.ts';

const ERAS: readonly Fork[] = ['Frontier', 'EIP150', 'EIP158', 'Byzantium', 'Istanbul', 'Berlin', 'Osaka'];
const SINCE_BYZANTIUM: readonly Fork[] = ['Byzantium', 'Istanbul', 'Berlin', 'Osaka'];

const RETURN_WORD = (...value: readonly Item[]): Uint8Array => code(value, 0, 'MSTORE', 32, 0, 'RETURN');
/** Returns sender, value and own address. */
const REPORT = code(
  ['CALLER', 0, 'MSTORE'],
  ['CALLVALUE', 32, 'MSTORE'],
  ['ADDRESS', 64, 'MSTORE'],
  96,
  0,
  'RETURN',
);
const REVERT_WORD = code(0xbad, 0, 'MSTORE', 32, 0, 'REVERT');

export const contractTests: readonly Definition[] = [
  {
    path: 'opcodes/logs',
    description: 'LOG0 to LOG4 with data, without, and from memory that was never written.',
    forks: ['Frontier', 'Byzantium', 'Berlin', 'Osaka'],
    code: code(
      toMemory(
        0,
        Uint8Array.from({ length: 40 }, (_, i) => i),
      ),
      Array.from({ length: 5 }, (_, n) => [
        Array.from({ length: n }, (_, topic) => MAX - BigInt(topic)),
        [n * 8, n],
        `LOG${n}`,
      ]),
      [0, MAX, 'LOG0'],
      [10, 100, 'LOG0'],
    ),
  },
  {
    path: 'opcodes/logs-of-a-failed-frame',
    description: 'Logs of a frame that reverts are gone, those of its caller stay.',
    forks: SINCE_BYZANTIUM,
    code: code([1, 0, 0, 'LOG1'], store(0, call('CALL', HELPER)), [2, 0, 0, 'LOG1']),
    accounts: [[HELPER, { nonce: 1, code: code([3, 0, 0, 'LOG1'], [0, 0, 'REVERT']) }]],
    expect: { 0: 0 },
  },
  {
    path: 'opcodes/call-with-value',
    description: 'CALL moves value and gives a stipend; a value beyond the balance fails alone.',
    forks: ERAS,
    code: code(
      store(0, call('CALL', HELPER, { value: 1000, output: [0, 96] })),
      storeAll(
        [
          [0, 'MLOAD'],
          [32, 'MLOAD'],
          [64, 'MLOAD'],
        ],
        1,
      ),
      store(4, call('CALL', HELPER, { value: 2n * ETHER })),
      // The stipend alone is enough for a log, at most.
      store(5, call('CALL', SECOND_HELPER, { value: 1, gas: 0 })),
      store(6, call('CALL', SECOND_HELPER, { gas: 0 })),
    ),
    accounts: [
      [HELPER, { nonce: 1, code: REPORT }],
      [SECOND_HELPER, { nonce: 1, code: code(0, 0, 'LOG0') }],
    ],
    expect: { 0: 1, 1: CONTRACT, 2: 1000, 3: HELPER, 4: 0, 5: 1, 6: 0 },
    differs: [
      ['Frontier', 'EIP150'],
      ['Istanbul', 'Berlin'],
    ],
  },
  {
    path: 'opcodes/call-to-nobody',
    description: 'Calls of an account that does not exist, with and without value, and what they cost.',
    forks: forks('Frontier'),
    code: code(store(0, call('CALL', STRANGER)), store(1, call('CALL', STRANGER + 1n, { value: 1 }))),
    expect: { 0: 1, 1: 1 },
    differs: [['EIP150', 'EIP158']],
  },
  {
    path: 'opcodes/callcode',
    description: 'CALLCODE runs the code of another with its own storage, and is its own sender.',
    forks: ERAS,
    code: code(
      store(0, call('CALLCODE', HELPER, { value: 5, output: [0, 96] })),
      storeAll(
        [
          [0, 'MLOAD'],
          [32, 'MLOAD'],
          [64, 'MLOAD'],
        ],
        1,
      ),
    ),
    accounts: [
      [
        HELPER,
        {
          nonce: 1,
          code: code(
            store(9, 9),
            ['CALLER', 0, 'MSTORE'],
            ['CALLVALUE', 32, 'MSTORE'],
            ['ADDRESS', 64, 'MSTORE'],
            96,
            0,
            'RETURN',
          ),
        },
      ],
    ],
    expect: { 0: 1, 1: CONTRACT, 2: 5, 3: CONTRACT, 9: 9 },
  },
  {
    path: 'opcodes/delegatecall',
    description: 'DELEGATECALL keeps sender and value of its frame.',
    forks: ['Homestead', 'EIP150', 'Byzantium', 'Berlin', 'Osaka'],
    code: code(store(0, call('DELEGATECALL', HELPER)), store(10, 10)),
    accounts: [[HELPER, { nonce: 1, code: code(storeAll(['CALLER', 'CALLVALUE', 'ADDRESS'], 1)) }]],
    tx: { value: [0, 77] },
    expect: { 0: 1, 3: CONTRACT, 10: 10 },
  },
  {
    path: 'opcodes/staticcall',
    description:
      'STATICCALL returns data, and every write below it fails: SSTORE, LOG, CREATE, value, SELFDESTRUCT.',
    forks: SINCE_BYZANTIUM,
    code: code(
      store(0, call('STATICCALL', HELPER, { output: [0, 32] })),
      store(1, 0, 'MLOAD'),
      [0, 1, 2, 3, 4].map((n) =>
        store(2 + n, call('STATICCALL', SECOND_HELPER + BigInt(n), { gas: 50_000 })),
      ),
    ),
    accounts: [
      [HELPER, { nonce: 1, code: RETURN_WORD(0xcafe) }],
      ...[
        code(store(0, 1)),
        code(0, 0, 'LOG0'),
        code(0, 0, 0, 'CREATE'),
        code(call('CALL', STRANGER, { value: 1, gas: 1000 })),
        code(0, 'SELFDESTRUCT'),
      ].map((runtime, n): [bigint, { nonce: number; balance: bigint; code: Uint8Array }] => [
        SECOND_HELPER + BigInt(n),
        { nonce: 1, balance: 10n, code: runtime },
      ]),
    ],
    expect: { 0: 1, 1: 0xcafe, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0 },
  },
  {
    path: 'opcodes/static-frames-below',
    description: 'A frame below a static one is static however it was called.',
    forks: SINCE_BYZANTIUM,
    code: code(store(0, call('STATICCALL', HELPER, { output: [0, 32] })), store(1, 0, 'MLOAD')),
    accounts: [
      [
        HELPER,
        {
          nonce: 1,
          code: code(
            call('CALL', SECOND_HELPER, { gas: 40_000 }),
            [call('DELEGATECALL', SECOND_HELPER, { gas: 40_000 }), 'ADD'],
            [call('CALLCODE', SECOND_HELPER, { gas: 40_000 }), 'ADD'],
            [1, 'ADD', 0, 'MSTORE', 32, 0, 'RETURN'],
          ),
        },
      ],
      [SECOND_HELPER, { nonce: 1, code: code(store(0, 1)) }],
    ],
    tx: { gasLimit: [2_000_000] },
    expect: { 0: 1, 1: 1 },
  },
  {
    path: 'opcodes/return-data',
    description: 'RETURNDATASIZE and RETURNDATACOPY after success, revert, failure and creation (EIP-211).',
    forks: ['Byzantium', 'ConstantinopleFix', 'Berlin', 'Osaka'],
    code: code(
      store(0, 'RETURNDATASIZE'),
      store(1, call('CALL', HELPER)),
      store(2, 'RETURNDATASIZE'),
      [32, 64, 0, 'RETURNDATACOPY'],
      store(3, 0, 'MLOAD'),
      store(4, call('CALL', SECOND_HELPER)),
      store(5, 'RETURNDATASIZE'),
      [32, 0, 0, 'RETURNDATACOPY'],
      store(6, 0, 'MLOAD'),
      store(7, call('CALL', STRANGER)),
      store(8, 'RETURNDATASIZE'),
      store(9, create(REVERT_WORD)),
      store(10, 'RETURNDATASIZE'),
      [create(code('STOP')), 'POP'],
      store(11, 'RETURNDATASIZE'),
    ),
    accounts: [
      [HELPER, { nonce: 1, code: REPORT }],
      [SECOND_HELPER, { nonce: 1, code: REVERT_WORD }],
    ],
    expect: { 0: 0, 1: 1, 2: 96, 3: HELPER, 4: 0, 5: 32, 6: 0xbad, 7: 1, 8: 0, 9: 0, 10: 32, 11: 0 },
  },
  {
    path: 'opcodes/return-data-beyond-its-end',
    description:
      'RETURNDATACOPY beyond the end of the return data ends the frame, even for no bytes at an offset beyond.',
    forks: SINCE_BYZANTIUM,
    code: code(store(0, 1), call('CALL', HELPER), 0, 'CALLDATALOAD', 33, 0, 'RETURNDATACOPY'),
    accounts: [[HELPER, { nonce: 1, code: RETURN_WORD(1) }]],
    tx: { data: [new Uint8Array(0), new Uint8Array(32).fill(1)] },
    fails: true,
    expect: { 0: 0 },
  },
  {
    path: 'opcodes/revert',
    description: 'REVERT undoes the frame and gives back its gas; the sender pays for what was used.',
    forks: SINCE_BYZANTIUM,
    code: code(store(0, 1), REVERT_WORD),
    fails: true,
    expect: { 0: 0 },
  },
  {
    path: 'opcodes/recursion',
    description: 'A contract that calls itself as deep as gas or the limit of 1,024 frames lets it.',
    forks: ['Frontier', 'Homestead', 'EIP150', 'Byzantium', 'Berlin', 'Osaka'],
    code: code(
      store(0, 1, 0, 'SLOAD', 'ADD'),
      // Before EIP-150 a call may not ask for more than there is.
      [0, 0, 0, 0, 0, CONTRACT, [6_000, 'GAS', 'SUB'], 'CALL'],
      'POP',
    ),
    tx: { gasLimit: [16_000_000] },
  },
  {
    path: 'opcodes/call-gas-beyond-what-is-left',
    description:
      'A call that asks for more gas than there is fails before EIP-150, and gets 63 parts in 64 since.',
    forks: ['Frontier', 'Homestead', 'EIP150', 'Berlin', 'Osaka'],
    code: code(store(0, call('CALL', HELPER, { gas: MAX, output: [0, 32] })), store(1, 0, 'MLOAD')),
    accounts: [[HELPER, { nonce: 1, code: RETURN_WORD('GAS') }]],
    fails: ['Frontier', 'Homestead'],
    differs: [['Homestead', 'EIP150']],
  },
  {
    path: 'opcodes/storage-of-a-failed-frame',
    description: 'Storage, transient storage, balances and refunds of a frame that reverts are as before.',
    forks: ['Cancun', 'Prague', 'Osaka'],
    code: code(
      [1, 0, 'TSTORE'],
      store(0, call('CALL', HELPER, { value: 7 })),
      store(1, 0, 'TLOAD'),
      store(2, HELPER, 'BALANCE'),
      store(3, call('DELEGATECALL', SECOND_HELPER)),
      store(4, 0, 'TLOAD'),
    ),
    storage: { 5: 5 },
    accounts: [
      [HELPER, { nonce: 1, storage: { 1: 1 }, code: code([0, 1, 'SSTORE'], [0, 0, 'REVERT']) }],
      [SECOND_HELPER, { nonce: 1, code: code([0, 5, 'SSTORE'], [9, 0, 'TSTORE'], 'INVALID') }],
    ],
    expect: { 0: 0, 1: 1, 2: 0, 3: 0, 4: 1, 5: 5 },
  },
  {
    path: 'opcodes/transient-storage-by-account',
    description: 'Transient storage belongs to the account that a frame acts as.',
    forks: ['Cancun', 'Osaka'],
    code: code(
      [1, 0, 'TSTORE'],
      store(0, call('CALL', HELPER, { output: [0, 32] }), 'POP', 0, 'MLOAD'),
      store(1, call('DELEGATECALL', HELPER, { output: [0, 32] }), 'POP', 0, 'MLOAD'),
      store(2, call('STATICCALL', SECOND_HELPER, { gas: 10_000 })),
    ),
    accounts: [
      [HELPER, { nonce: 1, code: RETURN_WORD(0, 'TLOAD') }],
      [SECOND_HELPER, { nonce: 1, code: code(1, 0, 'TSTORE') }],
    ],
    expect: { 0: 0, 1: 1, 2: 0 },
  },
];
