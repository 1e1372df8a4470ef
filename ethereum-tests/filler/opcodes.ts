/** Instructions that work within one frame: words, stack, memory, storage, flow of control, block. */

import { code, each, push, store, storeAll, toMemory } from './assembler.ts';
import {
  CONTRACT,
  type Definition,
  FORKS,
  type Fork,
  forks,
  HELPER,
  MAX,
  MIN_SIGNED,
  minus,
  STRANGER,
} from './definition.ts';

/** Where nothing changes between forks: the oldest, the newest, and one on either side of the gas reforms. */
const SAMPLE: readonly Fork[] = ['Frontier', 'Byzantium', 'Berlin', 'Osaka'];

const ROOT = 2n ** 128n;

export const opcodeTests: readonly Definition[] = [
  {
    path: 'opcodes/add-mul-sub-wrap-around',
    description: 'Sums, products and differences are taken modulo 2^256.',
    forks: FORKS,
    code: code(
      storeAll([
        ...each('ADD', [
          [1, 2],
          [MAX, 2],
        ]),
        ...each('MUL', [
          [MAX, MAX],
          [ROOT + 1n, ROOT],
        ]),
        ...each('SUB', [
          [3, 1],
          [0, 1],
        ]),
      ]),
    ),
    expect: { 0: 3, 1: 1, 2: 1, 3: ROOT, 4: 2, 5: MAX },
  },
  {
    path: 'opcodes/div-and-mod',
    description: 'Quotients and remainders; division by zero gives zero.',
    forks: SAMPLE,
    code: code(
      storeAll([
        ...each('DIV', [
          [7, 2],
          [MAX, 3],
          [5, 0],
        ]),
        ...each('MOD', [
          [7, 4],
          [MAX, ROOT],
          [5, 0],
        ]),
      ]),
    ),
    expect: { 0: 3, 1: MAX / 3n, 2: 0, 3: 3, 4: ROOT - 1n, 5: 0 },
  },
  {
    path: 'opcodes/sdiv-and-smod',
    description: 'Signed division rounds towards zero, the remainder takes the sign of the dividend, and -2^255 / -1 overflows to itself.',
    forks: SAMPLE,
    code: code(
      storeAll([
        ...each('SDIV', [
          [minus(7), 2],
          [7, minus(2)],
          [MIN_SIGNED, MAX],
          [minus(1), 0],
        ]),
        ...each('SMOD', [
          [minus(7), 4],
          [7, minus(4)],
          [MIN_SIGNED, MAX],
        ]),
      ]),
    ),
    expect: { 0: minus(3), 1: minus(3), 2: MIN_SIGNED, 3: 0, 4: minus(3), 5: 3, 6: 0 },
  },
  {
    path: 'opcodes/addmod-and-mulmod',
    description: 'The intermediate sum and product have more than 256 bits; modulus zero gives zero.',
    forks: SAMPLE,
    code: code(
      storeAll([
        ...each('ADDMOD', [
          [MAX, MAX, 10],
          [4, 5, 0],
        ]),
        ...each('MULMOD', [
          [MAX, MAX, 12],
          [MAX, MAX, MAX - 1n],
          [4, 5, 0],
        ]),
      ]),
    ),
    expect: { 0: (2n * MAX) % 10n, 1: 0, 2: (MAX * MAX) % 12n, 3: 1, 4: 0 },
  },
  {
    path: 'opcodes/exp',
    description: 'Powers modulo 2^256, at a price by the bytes of the exponent.',
    forks: forks('Frontier'),
    code: code(
      storeAll(
        each('EXP', [
          [2, 10],
          [0, 0],
          [3, 256],
          [2, 256],
          [MAX, MAX],
        ]),
      ),
    ),
    expect: { 0: 1024, 1: 1, 2: 3n ** 256n % 2n ** 256n, 3: 0, 4: MAX },
    differs: [['EIP150', 'EIP158']],
  },
  {
    path: 'opcodes/signextend',
    description: 'The sign bit of the chosen byte fills the word; an index beyond 30 changes nothing.',
    forks: SAMPLE,
    code: code(
      storeAll(
        each('SIGNEXTEND', [
          [0, 0x80],
          [0, 0x17f],
          [1, 0x8000],
          [30, 2n ** 247n],
          [31, 5],
          [MAX, 6],
        ]),
      ),
    ),
    expect: { 0: minus(0x80), 1: 0x7f, 2: minus(0x8000), 3: minus(2n ** 247n), 4: 5, 5: 6 },
  },
  {
    path: 'opcodes/comparisons',
    description: 'Unsigned and signed order, equality and zero.',
    forks: SAMPLE,
    code: code(
      storeAll([
        ...each('LT', [
          [1, 2],
          [MAX, 1],
        ]),
        ...each('GT', [
          [MAX, 1],
          [1, 1],
        ]),
        ...each('SLT', [
          [MAX, 1],
          [1, MIN_SIGNED],
        ]),
        ...each('SGT', [
          [1, MAX],
          [MIN_SIGNED, 0],
        ]),
        ...each('EQ', [
          [MAX, MAX],
          [MAX, 1],
        ]),
        ...each('ISZERO', [[0], [MIN_SIGNED]]),
      ]),
    ),
    expect: { 0: 1, 1: 0, 2: 1, 3: 0, 4: 1, 5: 0, 6: 1, 7: 0, 8: 1, 9: 0, 10: 1, 11: 0 },
  },
  {
    path: 'opcodes/bitwise',
    description: 'AND, OR, XOR, NOT, and BYTE counted from the most significant end.',
    forks: SAMPLE,
    code: code(
      storeAll([
        ...each('AND', [[0xf0f0, 0xff00]]),
        ...each('OR', [[0xf0f0, 0x0f00]]),
        ...each('XOR', [[MAX, 0xff]]),
        ...each('NOT', [[0], [MAX]]),
        ...each('BYTE', [
          [0, 0xabn << 248n],
          [31, 0xcd],
          [32, MAX],
          [MAX, MAX],
        ]),
      ]),
    ),
    expect: { 0: 0xf000, 1: 0xfff0, 2: MAX - 0xffn, 3: MAX, 4: 0, 5: 0xab, 6: 0xcd, 7: 0, 8: 0 },
  },
  {
    path: 'opcodes/shifts',
    description: 'SHL, SHR and SAR by nothing, by some, by 255 and by more than the word has.',
    forks: ['Constantinople', 'ConstantinopleFix', 'Berlin', 'Cancun', 'Osaka'],
    code: code(
      storeAll([
        ...each('SHL', [
          [0, 5],
          [255, 3],
          [256, MAX],
        ]),
        ...each('SHR', [
          [255, MAX],
          [256, MAX],
        ]),
        ...each('SAR', [
          [1, minus(3)],
          [255, MIN_SIGNED],
          [256, MIN_SIGNED],
          [MAX, 5],
          [4, 0x100],
        ]),
      ]),
    ),
    expect: { 0: 5, 1: MIN_SIGNED, 2: 0, 3: 1, 4: 0, 5: minus(2), 6: MAX, 7: MAX, 8: 0, 9: 0x10 },
  },
  {
    path: 'opcodes/clz',
    description: 'Leading zero bits of a word; 256 for zero (EIP-7939).',
    forks: ['Osaka', 'BPO1', 'BPO2'],
    code: code(storeAll(each('CLZ', [[0], [1], [MAX], [MIN_SIGNED - 1n], [2n ** 128n]]))),
    expect: { 0: 256, 1: 255, 2: 0, 3: 1, 4: 127 },
  },
  {
    path: 'opcodes/keccak256',
    description: 'Hashes of nothing, of one byte, of a word and of memory that was never written.',
    forks: SAMPLE,
    code: code(
      0x80n << 248n,
      0,
      'MSTORE',
      storeAll([
        [0, 0, 'KECCAK256'],
        [1, 0, 'KECCAK256'],
        [32, 0, 'KECCAK256'],
        [100, 1000, 'KECCAK256'],
        [0, MAX, 'KECCAK256'],
      ]),
      store(5, 'MSIZE'),
    ),
    expect: {
      0: 0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470n,
      1: 0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421n,
      4: 0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470n,
      5: 1120,
    },
  },
  {
    path: 'opcodes/environment',
    description: 'What a frame knows of itself and its transaction.',
    forks: SAMPLE,
    code: code(
      storeAll([
        'ADDRESS',
        'ORIGIN',
        'CALLER',
        'CALLVALUE',
        'CALLDATASIZE',
        'CODESIZE',
        'GASPRICE',
        ['ADDRESS', 'BALANCE'],
        [STRANGER, 'BALANCE'],
      ]),
    ),
    tx: { value: [0, 12345], data: [Uint8Array.of(1, 2, 3)] },
    expect: { 0: CONTRACT, 4: 3, 6: 10, 8: 0 },
  },
  {
    path: 'opcodes/calldata-beyond-its-end',
    description: 'Reads of calldata at and beyond its end give zeros, for offsets of any size.',
    forks: SAMPLE,
    code: code(
      storeAll([
        [0, 'CALLDATALOAD'],
        [1, 'CALLDATALOAD'],
        [3, 'CALLDATALOAD'],
        [MAX, 'CALLDATALOAD'],
      ]),
      MAX,
      0,
      'MSTORE',
      [8, 2, 0, 'CALLDATACOPY'],
      [8, MAX, 8, 'CALLDATACOPY'],
      store(4, 0, 'MLOAD'),
    ),
    tx: { data: [Uint8Array.of(0xaa, 0xbb, 0xcc)] },
    expect: { 0: 0xaabbccn << 232n, 1: 0xbbccn << 240n, 2: 0, 3: 0, 4: (0xccn << 248n) | (2n ** 128n - 1n) },
  },
  {
    path: 'opcodes/code-copies',
    description: 'CODECOPY, EXTCODESIZE and EXTCODECOPY of a contract and of nobody.',
    forks: ['Frontier', 'EIP150', 'Berlin', 'Osaka'],
    code: code(
      [8, 0, 0, 'CODECOPY'],
      [8, MAX, 8, 'CODECOPY'],
      store(0, 0, 'MLOAD'),
      store(1, HELPER, 'EXTCODESIZE'),
      store(2, STRANGER, 'EXTCODESIZE'),
      [32, 1, 32, HELPER, 'EXTCODECOPY'],
      store(3, 32, 'MLOAD'),
    ),
    accounts: [[HELPER, { nonce: 1, code: Uint8Array.of(0x11, 0x22, 0x33) }]],
    expect: { 1: 3, 2: 0, 3: 0x2233n << 240n },
    differs: [
      ['Frontier', 'EIP150'],
      ['EIP150', 'Berlin'],
    ],
  },
  {
    path: 'opcodes/extcodehash-of-every-kind',
    description: 'EXTCODEHASH of a contract, of an account without code and of nobody.',
    forks: ['Constantinople', 'Istanbul', 'Berlin', 'Osaka'],
    code: code(
      storeAll([
        [HELPER, 'EXTCODEHASH'],
        ['CALLER', 'EXTCODEHASH'],
        [STRANGER, 'EXTCODEHASH'],
        [4, 'EXTCODEHASH'],
      ]),
    ),
    accounts: [[HELPER, { nonce: 1, code: Uint8Array.of(0x80) }]],
    expect: {
      0: 0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421n,
      1: 0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470n,
      2: 0,
      3: 0,
    },
  },
  {
    path: 'opcodes/chainid-and-selfbalance',
    description: 'CHAINID and SELFBALANCE, the latter as BALANCE of oneself has it.',
    forks: ['Istanbul', 'London', 'Osaka'],
    code: code(storeAll(['CHAINID', 'SELFBALANCE', ['ADDRESS', 'BALANCE', 'SELFBALANCE', 'EQ']])),
    expect: { 0: 1, 1: 10n ** 18n, 2: 1 },
  },
  {
    path: 'opcodes/block',
    description: 'What a frame knows of its block; 0x44 is the difficulty before Paris and the randomness since.',
    forks: FORKS,
    code: code(storeAll(['COINBASE', 'TIMESTAMP', 'NUMBER', 'DIFFICULTY', 'GASLIMIT'])),
    env: { number: 12345 },
    expect: { 1: 1000, 2: 12345, 4: 30_000_000 },
    differs: [['London', 'Paris']],
  },
  {
    path: 'opcodes/blockhash',
    description: 'The hashes of the 256 blocks before this one, and zero for all others.',
    forks: ['Frontier', 'Berlin', 'Cancun', 'Osaka'],
    code: code(
      storeAll([
        [999, 'BLOCKHASH'],
        [744, 'BLOCKHASH'],
        [743, 'BLOCKHASH'],
        [1000, 'BLOCKHASH'],
        [1001, 'BLOCKHASH'],
        [MAX, 'BLOCKHASH'],
      ]),
    ),
    env: { number: 1000 },
    expect: { 2: 0, 3: 0, 4: 0, 5: 0 },
  },
  {
    path: 'opcodes/basefee',
    description: 'BASEFEE is that of the block, and a legacy transaction pays its whole price.',
    forks: ['London', 'Paris', 'Osaka'],
    code: code(storeAll(['BASEFEE', 'GASPRICE'])),
    expect: { 0: 7, 1: 10 },
  },
  {
    path: 'opcodes/blobbasefee',
    description: 'BLOBBASEFEE by the excess blob gas of the block and the update fraction of the fork.',
    forks: ['Cancun', 'Prague', 'Osaka', 'BPO1', 'BPO2'],
    code: code(store(0, 'BLOBBASEFEE')),
    env: { excessBlobGas: 40_000_000 },
    differs: [
      ['Cancun', 'Prague'],
      ['Osaka', 'BPO1'],
      ['BPO1', 'BPO2'],
    ],
  },
  {
    path: 'opcodes/push-widths',
    description: 'PUSH1 to PUSH32, and a push whose bytes run past the end of the code, which are zeros.',
    forks: SAMPLE,
    code: code(
      Array.from({ length: 32 }, (_, i) => [push(i + 1, (1n << BigInt(8 * i + 7)) + 1n), 'XOR']).toSpliced(0, 0, 0),
      0,
      'SSTORE',
      store(1, 'PC'),
      Uint8Array.of(0x63, 0xff),
    ),
  },
  {
    path: 'opcodes/push0',
    description: 'PUSH0 (EIP-3855), also where the stack is almost full.',
    forks: ['Shanghai', 'Cancun', 'Osaka'],
    code: code(store(0, 1, 'PUSH0', 'ADD'), store(1, 'PUSH0', 'ISZERO'), Array(1024).fill('PUSH0')),
    expect: { 0: 1, 1: 1 },
  },
  {
    path: 'opcodes/dup-and-swap',
    description: 'DUP1 to DUP16 and SWAP1 to SWAP16 on a stack of numbers.',
    forks: SAMPLE,
    code: code(
      Array.from({ length: 17 }, (_, i) => i + 1),
      Array.from({ length: 16 }, (_, i) => [`DUP${i + 1}`, 'MUL']),
      Array.from({ length: 16 }, (_, i) => [`SWAP${i + 1}`, 3, 'MUL']),
      Array.from({ length: 17 }, (_, i) => [i, 'SSTORE']),
    ),
    tx: { gasLimit: [2_000_000] },
  },
  {
    path: 'opcodes/memory',
    description: 'MLOAD, MSTORE and MSTORE8 at odd offsets, and the size of memory in words.',
    forks: SAMPLE,
    code: code(
      store(0, 'MSIZE'),
      [0x1234, 1, 'MSTORE'],
      store(1, 'MSIZE'),
      [0xfeed, 0, 'MSTORE8'],
      store(2, 0, 'MLOAD'),
      store(3, 33, 'MLOAD'),
      store(4, 'MSIZE'),
      store(5, 10_000, 'MLOAD'),
      store(6, 'MSIZE'),
    ),
    expect: { 0: 0, 1: 64, 2: 0xedn << 248n | 0x12n, 3: 0, 4: 96, 5: 0, 6: 10_048 },
  },
  {
    path: 'opcodes/memory-too-large',
    description: 'Memory that no gas can pay for ends the frame, and takes all its gas.',
    forks: SAMPLE,
    code: code(store(0, 1), [1, MAX, 'MSTORE']),
    fails: true,
    expect: { 0: 0 },
  },
  {
    path: 'opcodes/mcopy',
    description: 'MCOPY forwards, backwards, onto itself, and beyond what was written (EIP-5656).',
    forks: ['Cancun', 'Prague', 'Osaka'],
    code: code(
      toMemory(0, Uint8Array.from({ length: 64 }, (_, i) => i + 1)),
      [32, 0, 7, 'MCOPY'],
      store(0, 7, 'MLOAD'),
      [32, 20, 3, 'MCOPY'],
      store(1, 3, 'MLOAD'),
      [64, 0, 0, 'MCOPY'],
      [40, 200, 0, 'MCOPY'],
      store(2, 16, 'MLOAD'),
      [0, MAX, MAX, 'MCOPY'],
      store(3, 'MSIZE'),
    ),
    expect: { 2: 0, 3: 256 },
  },
  {
    path: 'opcodes/sstore-regimes',
    description: 'Every way from an original value over a present one to a new one, with what it costs and gives back.',
    forks: forks('Frontier'),
    code: code(
      // Slots 0 to 9 hold 1 before, slots 10 to 19 hold 0.
      [
        [[0], [1], [2], [0, 1], [2, 1], [2, 0], [0, 2], [2, 3], [0, 0], [2, 0, 1]],
        [[0], [1], [1, 0], [1, 2], [1, 1], [1, 0, 1], [1, 0, 2], [0, 1], [0, 0], [2, 1, 0]],
      ]
        .flat()
        .map((values, slot) => values.map((value) => [value, slot, 'SSTORE'])),
    ),
    storage: Object.fromEntries(Array.from({ length: 10 }, (_, slot) => [slot, 1])),
    differs: [
      ['Byzantium', 'Constantinople'],
      ['Constantinople', 'ConstantinopleFix'],
      ['ConstantinopleFix', 'Istanbul'],
      ['Istanbul', 'Berlin'],
      ['Berlin', 'London'],
    ],
  },
  {
    path: 'opcodes/transient-storage',
    description: 'TSTORE and TLOAD within a transaction; nothing of it is kept (EIP-1153).',
    forks: ['Cancun', 'Prague', 'Osaka'],
    code: code(
      store(0, 1, 'TLOAD'),
      [MAX, 1, 'TSTORE'],
      store(1, 1, 'TLOAD'),
      [0, 1, 'TSTORE'],
      store(2, 1, 'TLOAD', 'ISZERO'),
      [7, MAX, 'TSTORE'],
      store(3, MAX, 'TLOAD'),
    ),
    expect: { 0: 0, 1: MAX, 2: 1, 3: 7 },
  },
  {
    path: 'opcodes/jumps',
    description: 'A loop with JUMPI, a JUMP over data, and PC.',
    forks: SAMPLE,
    code: code(
      [0, 5],
      'loop:',
      ['DUP1', 'SWAP2', 'ADD', 'SWAP1'],
      [1, 'SWAP1', 'SUB'],
      ['DUP1', '@loop', 'JUMPI'],
      'POP',
      [0, 'SSTORE'],
      ['@over', 'JUMP'],
      Uint8Array.of(0xfe, 0x5b, 0xfe),
      'over:',
      store(1, 'PC'),
      [0, 1, 'JUMPI'],
    ),
    expect: { 0: 15 },
  },
  {
    path: 'opcodes/jump-into-push-data',
    description: 'A byte 0x5b among the bytes of a push is no target.',
    forks: SAMPLE,
    code: code([4, 'JUMP'], Uint8Array.of(0x61, 0x5b, 0x5b)),
    fails: true,
  },
  {
    path: 'opcodes/jump-beyond-the-code',
    description: 'A target beyond the code, of any size, ends the frame.',
    forks: ['Frontier', 'Osaka'],
    code: code([MAX, 'JUMP']),
    fails: true,
  },
  {
    path: 'opcodes/gas',
    description: 'GAS after its own cost, in a row.',
    forks: SAMPLE,
    code: code(['GAS', 'GAS', 'SWAP1', 'SUB', 0, 'SSTORE'], ['GAS', 1, 'SSTORE']),
    expect: { 0: 2 },
  },
  {
    path: 'opcodes/stack-underflow',
    description: 'An instruction that wants more than the stack has ends the frame.',
    forks: SAMPLE,
    code: code(store(0, 1), 1, 'ADD'),
    fails: true,
  },
  {
    path: 'opcodes/stack-overflow',
    description: 'The 1,025th word ends the frame; 1,024 are fine.',
    forks: SAMPLE,
    code: code(0, 'CALLDATALOAD', '@more', 'JUMPI', Array(1024).fill('PC'), 'STOP', 'more:', Array(1025).fill('PC')),
    tx: { data: [new Uint8Array(32).fill(1)] },
    fails: true,
  },
  {
    path: 'opcodes/stack-of-1024',
    description: 'A stack of 1,024 words is fine.',
    forks: ['Frontier', 'Osaka'],
    code: code(store(0, 1), Array(1024).fill('PC')),
    expect: { 0: 1 },
  },
  {
    path: 'opcodes/invalid',
    description: 'The designated invalid instruction and an unassigned byte take all gas.',
    forks: SAMPLE,
    code: code(store(0, 1), 0, 'CALLDATALOAD', '@unassigned', 'JUMPI', 'INVALID', 'unassigned:', Uint8Array.of(0x0c)),
    tx: { data: [new Uint8Array(0), new Uint8Array(32).fill(1)] },
    fails: true,
    expect: { 0: 0 },
  },
  {
    path: 'opcodes/end-of-code',
    description: 'Running off the end of the code stops as STOP does.',
    forks: ['Frontier', 'Osaka'],
    code: code(store(0, 1)),
    expect: { 0: 1 },
  },
];
