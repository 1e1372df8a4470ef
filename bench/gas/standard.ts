/** Inputs of Ethereum's own precompiles over the sizes that their prices depend on, always the same. */

import { p256 } from '@noble/curves/nist.js';
import { nobleCrypto, PRECOMPILES } from '../../precompiles/index.ts';
import { concatBytes, EMPTY_BYTES, hexToBytes, toBytes32 } from '../../src/primitives/bytes.ts';
import { Random } from '../../tests/helpers/random.ts';
import type { Sample } from '../../tests/precompiles/ext/samples/sample.ts';
import { bls12Inputs, bn254Inputs, type Inputs } from './standard-curves.ts';

const random = (seed: number, length: number): Uint8Array => new Random(seed).bytes(length);

const HASH_SIZES = [0, 32, 1_024, 32_768];
const HASHES: Inputs = HASH_SIZES.map((size) => [`${size} bytes`, () => random(size, size)]);

function ecrecoverInput(): Uint8Array {
  const hash = random(1, 32);
  const { r, s, yParity } = nobleCrypto.sign(hash, random(2, 32));
  return concatBytes(hash, toBytes32(BigInt(27 + yParity)), toBytes32(r), toBytes32(s));
}

/** Random operands of these lengths in bytes, all with their top bit set, so that each is as large as it is long. */
function modexpInput(
  [base, exponent, modulus]: readonly [number, number | Uint8Array, number],
  even = false,
): Uint8Array {
  const operand = (length: number): Uint8Array => {
    const bytes = random(length, length);
    if (length > 0) bytes[0]! |= 0x80;
    return bytes;
  };
  const m = operand(modulus);
  if (modulus > 0) m[modulus - 1] = even ? m[modulus - 1]! & 0xfe : m[modulus - 1]! | 1;
  const e = typeof exponent === 'number' ? operand(exponent) : exponent;
  const length = (size: number): Uint8Array => toBytes32(BigInt(size));
  return concatBytes(length(base), length(e.length), length(modulus), operand(base), e, m);
}

const MODEXP: Inputs = [
  ['empty', () => EMPTY_BYTES],
  // As much as the least price pays for.
  ['32^(31 bits) mod 32', () => modexpInput([32, Uint8Array.of(0x7f, 0xff, 0xff, 0xff), 32])],
  ['120^3 mod 120', () => modexpInput([120, Uint8Array.of(3), 120])],
  ['32^32 mod 32', () => modexpInput([32, 32, 32])],
  ['32^32 mod 32 even', () => modexpInput([32, 32, 32], true)],
  ['33^32 mod 33', () => modexpInput([33, 32, 33])],
  ['8^1024 mod 8', () => modexpInput([8, 1_024, 8])],
  ['64^512 mod 64', () => modexpInput([64, 512, 64])],
  ['1024^32 mod 1', () => modexpInput([1_024, 32, 1])],
  ['256^65537 mod 256', () => modexpInput([256, Uint8Array.of(1, 0, 1), 256])],
  ['256^256 mod 256', () => modexpInput([256, 256, 256])],
  ['1024^2 mod 1024', () => modexpInput([1_024, Uint8Array.of(2), 1_024])],
  ['1024^65537 mod 1024 even', () => modexpInput([1_024, Uint8Array.of(1, 0, 1), 1_024], true)],
];

function blake2fInput(rounds: number): Uint8Array {
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, rounds);
  return concatBytes(head, random(3, 208), Uint8Array.of(1));
}

/** A transaction's on mainnet: no operand is special, and both points are finite. */
const POINT_EVALUATION =
  '018156b94fe9735e573bab36dad05d60feb720d424ccd20aaf719343c31e4246019123bcb9d06356701f7be08b449462' +
  '5b87a7b02edc566126fb81f6306e915f6c2eb1e94c2532935b8465351ba1bd88eabe2b3fa1aadff7d1cd816e8315bd38' +
  'a9546d41993e10df2a7429b8490394ea9ee62807bae6f326d1044a51581306f58d4b9dfd5931e044688855280ff3799e' +
  'a2ea83d9391e0ee42e0c650acc7a1f842a7d385189485ddb4fd54ade3d9fd50d608167dca6c776aad4b8ad5c20691bfe';

function p256Input(): Uint8Array {
  const secret = random(4, 32);
  const hash = random(5, 32);
  const signature = p256.sign(hash, secret, { prehash: false, lowS: false, format: 'compact' });
  return concatBytes(hash, signature, p256.getPublicKey(secret, false).subarray(1));
}

const INPUTS: Readonly<Record<string, Inputs>> = {
  ECRECOVER: [['a signature', ecrecoverInput]],
  SHA256: HASHES,
  RIPEMD160: HASHES,
  ID: HASHES,
  MODEXP,
  ...bn254Inputs,
  BLAKE2F: [0, 12, 1_000].map((rounds) => [`${rounds} rounds`, () => blake2fInput(rounds)]),
  KZG_POINT_EVALUATION: [['a proof', () => hexToBytes(POINT_EVALUATION)]],
  ...bls12Inputs,
  P256VERIFY: [['a signature', p256Input]],
};

/** Valid inputs of Ethereum's precompiles, in the order of their addresses; of those named only, if any are. */
export const standardSamples = (names?: readonly string[]): Sample[] =>
  PRECOMPILES.filter(({ name }) => names?.includes(name) ?? true).flatMap((row) =>
    (INPUTS[row.name] ?? []).map(([label, make]) => ({ row, label, input: make() })),
  );
