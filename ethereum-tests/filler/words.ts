/** Instructions on words: arithmetic, comparisons, bits, hashes. */

import { code, each, store, storeAll } from './assembler.ts';
import { type Definition, FORKS, type Fork, forks, MAX, MIN_SIGNED, minus } from './definition.ts';

/** Where nothing changes between forks: the oldest, the newest, and one on either side of the gas reforms. */
const SAMPLE: readonly Fork[] = ['Frontier', 'Byzantium', 'Berlin', 'Osaka'];

const ROOT = 2n ** 128n;

export const wordTests: readonly Definition[] = [
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
    description:
      'Signed division rounds towards zero, the remainder takes the sign of the dividend, and -2^255 / -1 overflows to itself.',
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
];
