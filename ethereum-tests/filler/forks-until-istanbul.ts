/** Changes of forks from Homestead to Istanbul: the outcome of each test differs before and after. */

import { createAddress } from '../../src/primitives/address.ts';
import { concatBytes, toBytes32 } from '../../src/primitives/bytes.ts';
import { call, code, create, deploying, each, store } from './assembler.ts';
import { change, instruction, precompile } from './change.ts';
import { CONTRACT, type Definition, HELPER, STRANGER } from './definition.ts';

const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const FRESH = createAddress(CONTRACT, 1n);

const word = (value: bigint | number): Uint8Array => toBytes32(BigInt(value));
const G = concatBytes(word(1), word(2));
const MODEXP_SMALL = concatBytes(word(1), word(1), word(1), Uint8Array.of(3, 5, 7));
/** Init code that deploys `length` zero bytes, or those at the start of memory. */
const deployingZeros = (length: number): Uint8Array => code(length, 0, 'RETURN');

export const earlyForkTests: readonly Definition[] = [
  // Homestead
  change('eip-2-creation-gas', 'A creation transaction costs 32,000 more.', 'Frontier', 'Homestead', {
    tx: { to: null, data: [code('STOP')], gasLimit: [60_000] },
  }),
  change(
    'eip-2-signature',
    'A signature with s in the upper half of the order is invalid.',
    'Frontier',
    'Homestead',
    {
      tx: {
        to: STRANGER,
        value: [1],
        spoil: (tx) => ({ ...tx, s: N - tx.s, yParity: tx.yParity === 0 ? 1 : 0 }),
      },
      rejected: { Homestead: 'INVALID_SIGNATURE_VRS' },
    },
  ),
  change(
    'eip-2-code-deposit',
    'A creation that cannot pay for its code fails; before, it left an empty contract.',
    'Frontier',
    'Homestead',
    {
      code: code(store(0, call('CALL', HELPER, { gas: 60_000, output: [0, 32] })), store(1, 0, 'MLOAD')),
      accounts: [
        [
          HELPER,
          {
            nonce: 1,
            code: code(create(deployingZeros(1000)), 0, 'MSTORE', 32, 0, 'RETURN'),
          },
        ],
      ],
    },
  ),
  instruction('eip-7-delegatecall', 'DELEGATECALL.', 'Frontier', 'Homestead', call('DELEGATECALL', HELPER)),

  // Tangerine Whistle
  change('eip-150-gas-of-accesses', 'Accesses of state cost more.', 'Homestead', 'EIP150', {
    code: code(
      [HELPER, 'BALANCE', 'POP'],
      [HELPER, 'EXTCODESIZE', 'POP'],
      [0, 'SLOAD', 'POP'],
      [call('CALL', HELPER), 'POP'],
    ),
  }),
  change(
    'eip-150-63-of-64',
    'A call that asks for all gas gets all but one part in 64.',
    'Homestead',
    'EIP150',
    {
      code: code(
        store(0, call('CALL', HELPER, { gas: 'GAS', output: [0, 32] })),
        store(1, 0, 'MLOAD', 0, 'LT'),
      ),
      accounts: [[HELPER, { nonce: 1, code: code('GAS', 0, 'MSTORE', 32, 0, 'RETURN') }]],
      fails: ['Homestead'],
      expectIn: { EIP150: { 0: 1, 1: 1 } },
    },
  ),
  change(
    'eip-150-selfdestruct',
    'SELFDESTRUCT costs 5,000, and 25,000 for a new account.',
    'Homestead',
    'EIP150',
    {
      code: code(STRANGER, 'SELFDESTRUCT'),
    },
  ),

  // Spurious Dragon
  change('eip-155-replay-protection', 'A signature may commit to the chain.', 'EIP150', 'EIP158', {
    tx: { to: STRANGER, value: [1], alter: (tx) => ({ ...tx, chainId: 1n }) },
    rejected: { EIP150: 'INVALID_SIGNATURE_VRS' },
  }),
  change('eip-160-exp', 'A byte of an exponent costs 50.', 'EIP150', 'EIP158', {
    code: code(store(0, each('EXP', [[3, 0xffff]]))),
  }),
  change('eip-161-empty-accounts', 'Empty accounts are removed when touched.', 'EIP150', 'EIP158', {
    code: code(store(0, call('CALL', HELPER))),
    accounts: [[HELPER, {}]],
  }),
  change('eip-161-contract-nonce', 'A contract starts with nonce 1.', 'EIP150', 'EIP158', {
    tx: { to: null, data: [deploying(code('STOP'))] },
  }),
  change(
    'eip-161-new-account-gas',
    'A call without value to nobody costs no new account.',
    'EIP150',
    'EIP158',
    {
      code: code(store(0, call('CALL', STRANGER))),
    },
  ),
  change('eip-170-code-size', 'Code has at most 24,576 bytes.', 'EIP150', 'EIP158', {
    code: code(store(0, create(deployingZeros(24_576))), store(1, create(deployingZeros(24_577)))),
    tx: { gasLimit: [16_000_000] },
    expectIn: { EIP158: { 0: FRESH, 1: 0 } },
  }),

  // Byzantium
  change('eip-140-revert', 'REVERT.', 'EIP158', 'Byzantium', {
    code: code(store(0, call('CALL', HELPER)), store(1, 1)),
    accounts: [[HELPER, { nonce: 1, code: code(0, 0, 'REVERT') }]],
  }),
  precompile('eip-196-bn254-add', 'Addition on bn254.', 'EIP158', 'Byzantium', 6n, concatBytes(G, G)),
  precompile(
    'eip-196-bn254-mul',
    'Multiplication on bn254.',
    'EIP158',
    'Byzantium',
    7n,
    concatBytes(G, word(3)),
  ),
  precompile('eip-197-bn254-pairing', 'Pairings on bn254.', 'EIP158', 'Byzantium', 8n, new Uint8Array(0)),
  precompile('eip-198-modexp', 'MODEXP.', 'EIP158', 'Byzantium', 5n, MODEXP_SMALL),
  instruction('eip-211-returndata', 'RETURNDATASIZE.', 'EIP158', 'Byzantium', 'RETURNDATASIZE', 1, 'ADD'),
  instruction('eip-214-staticcall', 'STATICCALL.', 'EIP158', 'Byzantium', call('STATICCALL', HELPER)),

  // Constantinople and Petersburg
  instruction('eip-145-shifts', 'SHL, SHR and SAR.', 'Byzantium', 'Constantinople', 3, 4, 'SHL'),
  instruction('eip-1014-create2', 'CREATE2.', 'Byzantium', 'Constantinople', 0, 0, 0, 0, 'CREATE2'),
  instruction(
    'eip-1052-extcodehash',
    'EXTCODEHASH.',
    'Byzantium',
    'Constantinople',
    'ADDRESS',
    'EXTCODEHASH',
  ),
  change('eip-1283-net-storage-gas', 'SSTORE is metered net.', 'Byzantium', 'Constantinople', {
    code: code([1, 0, 'SSTORE'], [2, 0, 'SSTORE'], [0, 0, 'SSTORE']),
  }),
  change(
    'eip-1716-no-net-storage-gas',
    'Petersburg takes EIP-1283 back.',
    'Constantinople',
    'ConstantinopleFix',
    {
      code: code([1, 0, 'SSTORE'], [2, 0, 'SSTORE'], [0, 0, 'SSTORE']),
    },
  ),

  // Istanbul
  precompile(
    'eip-152-blake2f',
    'The compression function of BLAKE2b.',
    'ConstantinopleFix',
    'Istanbul',
    9n,
    concatBytes(word(12).subarray(28), new Uint8Array(208).fill(5), Uint8Array.of(1)),
  ),
  precompile(
    'eip-1108-bn254-gas',
    'Prices of bn254.',
    'ConstantinopleFix',
    'Istanbul',
    7n,
    concatBytes(G, word(3)),
  ),
  instruction('eip-1344-chainid', 'CHAINID.', 'ConstantinopleFix', 'Istanbul', 'CHAINID'),
  instruction('eip-1884-selfbalance', 'SELFBALANCE.', 'ConstantinopleFix', 'Istanbul', 'SELFBALANCE'),
  change(
    'eip-1884-gas-of-accesses',
    'SLOAD, BALANCE and EXTCODEHASH cost more.',
    'ConstantinopleFix',
    'Istanbul',
    {
      code: code([0, 'SLOAD', 'POP'], ['ADDRESS', 'BALANCE', 'POP'], ['ADDRESS', 'EXTCODEHASH', 'POP']),
    },
  ),
  change('eip-2028-calldata', 'A byte of calldata costs 16.', 'ConstantinopleFix', 'Istanbul', {
    code: code('STOP'),
    tx: { data: [Uint8Array.of(0, 1, 2, 3)] },
  }),
  change('eip-2200-net-storage-gas', 'SSTORE is metered net, again.', 'ConstantinopleFix', 'Istanbul', {
    code: code([1, 0, 'SSTORE'], [2, 0, 'SSTORE'], [0, 0, 'SSTORE']),
  }),
  change(
    'eip-2200-stipend',
    'SSTORE fails with no more gas than the stipend, even where the slot keeps its value.',
    'Constantinople',
    'Istanbul',
    {
      code: code(
        store(0, call('CALL', HELPER, { gas: 2_306 })),
        store(1, call('CALL', HELPER, { gas: 2_307 })),
      ),
      accounts: [[HELPER, { nonce: 1, code: code(0, 0, 'SSTORE') }]],
      expectIn: { Constantinople: { 0: 1, 1: 1 }, Istanbul: { 0: 0, 1: 1 } },
    },
  ),
];
