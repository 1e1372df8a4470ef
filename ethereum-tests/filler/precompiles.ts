/** Every precompile with valid and invalid input. The curve points are noble's generators and their multiples. */

import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bn254 } from '@noble/curves/bn254.js';
import { p256 } from '@noble/curves/nist.js';
import { nobleCrypto } from '../../precompiles/crypto.ts';
import { encodeBls12G1, encodeBls12G2, encodeBn254G1 } from '../../precompiles/encoding.ts';
import {
  bytesToBigInt,
  concatBytes,
  EMPTY_BYTES,
  hexToBytes,
  toBytes32,
} from '../../src/primitives/bytes.ts';
import { keccak256 } from '../../src/primitives/keccak.ts';
import { call, code, store } from './assembler.ts';
import { type Definition, type Fork, SENDER_SECRET } from './definition.ts';

const OUTPUT = 0x1000;
const join = concatBytes;
const word = (value: bigint | number): Uint8Array => toBytes32(BigInt(value));
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const zeros = (length: number): Uint8Array => new Uint8Array(length);

/**
 * A contract that calls the precompile with its calldata. Slot 0 then holds 2 for success and 1 for failure,
 * and slots from 1 on hold the output.
 */
const caller = (address: bigint, words: number): Uint8Array =>
  code(
    ['CALLDATASIZE', 0, 0, 'CALLDATACOPY'],
    store(
      0,
      call('CALL', address, { gas: 500_000, input: [0, 'CALLDATASIZE'], output: [OUTPUT, 32 * words] }),
      1,
      'ADD',
    ),
    Array.from({ length: words }, (_, n) => store(1 + n, OUTPUT + 32 * n, 'MLOAD')),
  );

const test = (
  address: bigint,
  name: string,
  description: string,
  forks: readonly Fork[],
  words: number,
  data: readonly Uint8Array[],
  differs: Definition['differs'] = [],
): Definition => ({
  path: `precompiles/${address.toString(16).padStart(2, '0')}-${name}`,
  description,
  forks,
  code: caller(address, words),
  tx: { data, gasLimit: [1_500_000] },
  differs,
});

// 0x01
const hash = keccak256(ascii('a message'));
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const signature = nobleCrypto.sign(hash, SENDER_SECRET);
const recovery = (v: number, r = signature.r, s = signature.s): Uint8Array =>
  join(hash, word(v), word(r), word(s));
const v = 27 + signature.yParity;

// 0x05
const modexp = (base: Uint8Array, exponent: Uint8Array, modulus: Uint8Array): Uint8Array =>
  join(word(base.length), word(exponent.length), word(modulus.length), base, exponent, modulus);

// 0x06, 0x07, 0x08
const BN_P = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;
const BN_N = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n;
const bnPoint = (factor: bigint): Uint8Array =>
  encodeBn254G1(nobleCrypto.bn254Mul({ x: 1n, y: 2n }, factor))!;
const bnG2 = bn254.G2.Point.BASE.toAffine();
const BN_G2 = join(...[bnG2.x.c1, bnG2.x.c0, bnG2.y.c1, bnG2.y.c0].map(word));
const BN_NOT_ON_CURVE = join(word(1), word(1));

// 0x09
const blake = (rounds: number, flag: number): Uint8Array =>
  join(
    word(rounds).subarray(28),
    Uint8Array.from({ length: 64 }, (_, i) => 7 * i),
    Uint8Array.from({ length: 128 }, (_, i) => 3 * i + 1),
    Uint8Array.of(128, ...zeros(15)),
    Uint8Array.of(flag),
  );

// 0x0a
const BLS_R = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;
const INFINITY_48 = Uint8Array.of(0xc0, ...zeros(47));
/** Evaluation of a constant polynomial, whose proof is the point at infinity. */
function evaluation(constant: bigint, y: bigint, z = 42n, version = 1): Uint8Array {
  const commitment = constant === 0n ? INFINITY_48 : bls12_381.G1.Point.BASE.multiply(constant).toBytes(true);
  const versioned = nobleCrypto.sha256(commitment).slice();
  versioned[0] = version;
  return join(versioned, word(z), word(y), commitment, INFINITY_48);
}

// 0x0b to 0x11
const BLS_P =
  0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn;
const fp = (value: bigint): Uint8Array => hexToBytes(value.toString(16).padStart(128, '0'));
const g1 = (factor: bigint): Uint8Array =>
  encodeBls12G1(bls12_381.G1.Point.BASE.multiply(factor).toAffine())!;
const g2 = (factor: bigint): Uint8Array =>
  encodeBls12G2(bls12_381.G2.Point.BASE.multiply(factor).toAffine())!;
/** On the curve y^2 = x^3 + 4, but not in the subgroup. */
const G1_OUTSIDE_SUBGROUP = join(fp(0n), fp(2n));
const G1_OFF_CURVE = join(fp(1n), fp(1n));
const PRAGUE: readonly Fork[] = ['Cancun', 'Prague', 'Osaka'];
const PRAGUE_DIFFERS = [['Cancun', 'Prague']] as const;

// 0x100
const p256Key = keccak256(ascii('a P-256 key'));
const p256Signature = p256.sign(hash, p256Key, { prehash: false, lowS: false });
const p256Public = p256.getPublicKey(p256Key, false).subarray(1);
const P256_N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const [p256R, p256S] = [
  bytesToBigInt(p256Signature.subarray(0, 32)),
  bytesToBigInt(p256Signature.subarray(32)),
];

export const precompileTests: readonly Definition[] = [
  test(
    0x01n,
    'ecrecover',
    'Recovery with both halves of s, a bad v, r of zero, s of the order, and short input.',
    ['Frontier', 'Byzantium', 'Berlin', 'Osaka'],
    1,
    [
      recovery(v),
      recovery(v === 27 ? 28 : 27, signature.r, N - signature.s),
      recovery(29),
      recovery(v, 0n),
      recovery(v, signature.r, N),
      recovery(v).subarray(0, 127),
      join(hash, word(2n ** 128n + 27n), word(signature.r), word(signature.s)),
      EMPTY_BYTES,
    ],
  ),
  test(0x02n, 'sha256', 'Of nothing, of a short text and of 100 bytes.', ['Frontier', 'Berlin', 'Osaka'], 1, [
    EMPTY_BYTES,
    ascii('abc'),
    zeros(100),
  ]),
  test(
    0x03n,
    'ripemd160',
    'Of nothing, of a short text and of 100 bytes.',
    ['Frontier', 'Berlin', 'Osaka'],
    1,
    [EMPTY_BYTES, ascii('abc'), zeros(100)],
  ),
  test(
    0x04n,
    'identity',
    'Of nothing, of a short text and of 100 bytes.',
    ['Frontier', 'Berlin', 'Osaka'],
    4,
    [EMPTY_BYTES, ascii('abc'), zeros(100).fill(9)],
  ),
  test(
    0x05n,
    'modexp',
    'Small and large numbers, a modulus of zero and of no bytes, and lengths that the input does not have.',
    ['EIP158', 'Byzantium', 'Istanbul', 'Berlin', 'Prague', 'Osaka'],
    2,
    [
      modexp(Uint8Array.of(3), Uint8Array.of(5), Uint8Array.of(7)),
      modexp(zeros(64).fill(0xab), zeros(40).fill(0xcd), zeros(64).fill(0xef)),
      modexp(word(2), word(10), zeros(1)),
      modexp(Uint8Array.of(3), Uint8Array.of(5), EMPTY_BYTES),
      join(word(1), word(1), word(32), Uint8Array.of(3)),
      modexp(zeros(33).fill(1), EMPTY_BYTES, Uint8Array.of(2)),
      EMPTY_BYTES,
    ],
    [
      ['EIP158', 'Byzantium'],
      ['Istanbul', 'Berlin'],
      ['Prague', 'Osaka'],
    ],
  ),
  test(
    0x06n,
    'bn254-add',
    'Sums with the point at infinity, with itself and with its negative; a point off the curve; a coordinate of the modulus.',
    ['EIP158', 'Byzantium', 'Istanbul', 'Berlin', 'Osaka'],
    2,
    [
      join(bnPoint(1n), bnPoint(2n)),
      join(bnPoint(1n), bnPoint(1n)),
      join(bnPoint(5n), bnPoint(BN_N - 5n)),
      bnPoint(3n),
      EMPTY_BYTES,
      join(bnPoint(1n), BN_NOT_ON_CURVE),
      join(word(BN_P), word(0), bnPoint(1n)),
    ],
    [
      ['EIP158', 'Byzantium'],
      ['Byzantium', 'Istanbul'],
    ],
  ),
  test(
    0x07n,
    'bn254-mul',
    'Products by zero, by small numbers, by the order and by more; a point off the curve.',
    ['EIP158', 'Byzantium', 'Istanbul', 'Berlin', 'Osaka'],
    2,
    [
      join(bnPoint(1n), word(9)),
      join(bnPoint(1n), word(0)),
      join(bnPoint(1n), word(BN_N)),
      join(bnPoint(2n), word(2n ** 256n - 1n)),
      join(BN_NOT_ON_CURVE, word(0)),
    ],
    [
      ['EIP158', 'Byzantium'],
      ['Byzantium', 'Istanbul'],
    ],
  ),
  test(
    0x08n,
    'bn254-pairing',
    'Products of pairings that are one and that are not, none at all, a wrong length, a point off the curve.',
    ['EIP158', 'Byzantium', 'Istanbul', 'Berlin', 'Osaka'],
    1,
    [
      EMPTY_BYTES,
      join(bnPoint(1n), BN_G2),
      join(bnPoint(1n), BN_G2, bnPoint(BN_N - 1n), BN_G2),
      join(zeros(64), BN_G2),
      join(bnPoint(1n), zeros(128)),
      join(bnPoint(1n), BN_G2).subarray(1),
      join(bnPoint(1n), word(1), word(2), word(3), word(4)),
      join(BN_NOT_ON_CURVE, BN_G2),
    ],
    [
      ['EIP158', 'Byzantium'],
      ['Byzantium', 'Istanbul'],
    ],
  ),
  test(
    0x09n,
    'blake2f',
    'No round, one, twelve; a flag that is neither 0 nor 1; a byte too few; more rounds than gas.',
    ['ConstantinopleFix', 'Istanbul', 'Berlin', 'Osaka'],
    2,
    [blake(0, 1), blake(1, 0), blake(12, 1), blake(12, 2), blake(12, 1).subarray(1), blake(500_001, 1)],
    [['ConstantinopleFix', 'Istanbul']],
  ),
  test(
    0x0an,
    'point-evaluation',
    'Values of constant polynomials, a wrong value, a wrong version, a number beyond the order, a byte too few.',
    ['Shanghai', 'Cancun', 'Prague', 'Osaka'],
    2,
    [
      evaluation(0n, 0n),
      evaluation(7n, 7n),
      evaluation(7n, 8n),
      evaluation(7n, 7n, 42n, 2),
      evaluation(7n, 7n, BLS_R),
      evaluation(0n, BLS_R),
      evaluation(7n, 7n).subarray(1),
      EMPTY_BYTES,
    ],
    [['Shanghai', 'Cancun']],
  ),
  test(
    0x0bn,
    'bls12-g1add',
    'Sums of points, which need not be in the subgroup, with infinity and with the negative; a point off the curve; padding that is not zero.',
    PRAGUE,
    4,
    [
      join(g1(1n), g1(2n)),
      join(g1(1n), g1(1n)),
      join(g1(5n), g1(BLS_R - 5n)),
      join(g1(1n), zeros(128)),
      join(G1_OUTSIDE_SUBGROUP, G1_OUTSIDE_SUBGROUP),
      join(g1(1n), G1_OFF_CURVE),
      join(g1(1n), fp(BLS_P), fp(0n)),
      join(Uint8Array.of(1), g1(1n).subarray(1), g1(2n)),
      g1(1n),
      EMPTY_BYTES,
    ],
    PRAGUE_DIFFERS,
  ),
  test(
    0x0cn,
    'bls12-g1msm',
    'One term, two, a factor beyond the order, a point outside the subgroup, no term.',
    PRAGUE,
    4,
    [
      join(g1(1n), word(17)),
      join(g1(1n), word(3), g1(2n), word(4)),
      join(g1(1n), word(BLS_R + 2n)),
      join(g1(1n), word(0)),
      join(zeros(128), word(5)),
      join(G1_OUTSIDE_SUBGROUP, word(1)),
      join(g1(1n), word(1)).subarray(1),
      EMPTY_BYTES,
    ],
    PRAGUE_DIFFERS,
  ),
  test(
    0x0dn,
    'bls12-g2add',
    'Sums of points, with infinity and with the negative; a point off the curve; a wrong length.',
    PRAGUE,
    8,
    [
      join(g2(1n), g2(2n)),
      join(g2(3n), g2(3n)),
      join(g2(5n), g2(BLS_R - 5n)),
      join(zeros(256), g2(1n)),
      join(g2(1n), fp(1n), fp(1n), fp(1n), fp(1n)),
      g2(1n),
    ],
    PRAGUE_DIFFERS,
  ),
  test(
    0x0en,
    'bls12-g2msm',
    'One term, two, a factor beyond the order, no term.',
    PRAGUE,
    8,
    [
      join(g2(1n), word(17)),
      join(g2(1n), word(3), g2(2n), word(4)),
      join(g2(1n), word(BLS_R + 2n)),
      join(g2(1n), word(1)).subarray(1),
      EMPTY_BYTES,
    ],
    PRAGUE_DIFFERS,
  ),
  test(
    0x0fn,
    'bls12-pairing-check',
    'Products of pairings that are one and that are not, infinity, a point outside the subgroup, none at all.',
    PRAGUE,
    1,
    [
      join(g1(1n), g2(1n)),
      join(g1(2n), g2(3n), g1(BLS_R - 6n), g2(1n)),
      join(zeros(128), g2(1n)),
      join(g1(1n), zeros(256)),
      join(G1_OUTSIDE_SUBGROUP, g2(1n)),
      join(G1_OFF_CURVE, g2(1n)),
      EMPTY_BYTES,
    ],
    PRAGUE_DIFFERS,
  ),
  test(
    0x10n,
    'bls12-map-fp-to-g1',
    'Zero, one and the largest element; an element beyond the field; a wrong length.',
    PRAGUE,
    4,
    [fp(0n), fp(1n), fp(BLS_P - 1n), fp(BLS_P), fp(1n).subarray(1), EMPTY_BYTES],
    PRAGUE_DIFFERS,
  ),
  test(
    0x11n,
    'bls12-map-fp2-to-g2',
    'Zero, one and the largest element; an element beyond the field; a wrong length.',
    PRAGUE,
    8,
    [
      join(fp(0n), fp(0n)),
      join(fp(1n), fp(2n)),
      join(fp(BLS_P - 1n), fp(BLS_P - 1n)),
      join(fp(0n), fp(BLS_P)),
      fp(1n),
    ],
    PRAGUE_DIFFERS,
  ),
  test(
    0x100n,
    'p256verify',
    'A valid signature in both halves, a spoilt hash, r of zero, s of the order, a key off the curve, a byte too many.',
    ['Prague', 'Osaka', 'BPO1'],
    1,
    [
      join(hash, word(p256R), word(p256S), p256Public),
      join(hash, word(p256R), word(P256_N - p256S), p256Public),
      join(keccak256(hash), word(p256R), word(p256S), p256Public),
      join(hash, word(0), word(p256S), p256Public),
      join(hash, word(p256R), word(P256_N), p256Public),
      join(hash, word(p256R), word(p256S), word(1), word(1)),
      join(hash, word(p256R), word(p256S), zeros(64)),
      join(hash, word(p256R), word(p256S), p256Public, zeros(1)),
      EMPTY_BYTES,
    ],
    [['Prague', 'Osaka']],
  ),
];
