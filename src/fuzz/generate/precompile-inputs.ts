/**
 * Inputs of precompiles that are valid or nearly so: whole encodings of points and signatures, then perhaps one byte
 * changed, cut off or added. Points, scalars and signatures are a fixed few, made on first use: what precompiles do
 * with them is to be tried, not elliptic curves.
 */

import { type G1Point, type G2Point, nobleCrypto } from '../../../precompiles/crypto.ts';
import { encodeBls12G1, encodeBls12G2, encodeBn254G1 } from '../../../precompiles/encoding.ts';
import type { Precompile } from '../../../precompiles/row.ts';
import { bytesToBigInt, concatBytes, hexToBytes, toBytes32 } from '../../primitives/bytes.ts';
import { SECP256K1_ORDER } from '../../primitives/secp256k1.ts';
import { Random } from '../random.ts';
import { INTERESTING } from './operands.ts';
import { ownerOf } from './places.ts';

const BN254_P = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;
const BN254_ORDER = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n;
const BLS12_P =
  0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn;
const BLS12_ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Generator of the second group (EIP-197), the factor of i first in each coordinate. */
const BN254_G2 = hexToBytes(
  '198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2' +
    '1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed' +
    '090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b' +
    '12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa',
);

/** Generators of the groups of BLS12-381 (EIP-2537). */
const BLS12_G1: G1Point = {
  x: 0x17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bbn,
  y: 0x08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1n,
};
const BLS12_G2: G2Point = {
  x: {
    c0: 0x024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8n,
    c1: 0x13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7en,
  },
  y: {
    c0: 0x0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801n,
    c1: 0x0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79ben,
  },
};

/** A hash, r and s of a signature over P-256, and the key. */
const P256 = hexToBytes(
  '01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3da' +
    '5fa2fb4d4df2b372073eb8ed483b9e9f1c2681612d27ee7635b346aafae1506a' +
    '3aed0c80ba4aa05281509e2bd5d86da3374e8b0acb14d8d134884dd320d99290' +
    '1e18532fd4754c02f3041d9c75ceb33b83ffd81ac7ce4fe882ccb1c98bc5896e' +
    'a46c311c4e2ff40dd96a3653e6e45445d32dfe486eced75c7a90c6a18881c0a3',
);

/** An opening of a commitment that the clients' own tests share. */
const KZG = hexToBytes(
  '018156b94fe9735e573bab36dad05d60feb720d424ccd20aaf719343c31e4246019123bcb9d06356701f7be08b449462' +
    '5b87a7b02edc566126fb81f6306e915f6c2eb1e94c2532935b8465351ba1bd88eabe2b3fa1aadff7d1cd816e8315bd38' +
    'a9546d41993e10df2a7429b8490394ea9ee62807bae6f326d1044a51581306f58d4b9dfd5931e044688855280ff3799e' +
    'a2ea83d9391e0ee42e0c650acc7a1f842a7d385189485ddb4fd54ade3d9fd50d608167dca6c776aad4b8ad5c20691bfe',
);

/** Encoded values, each list a fixed few. */
interface Samples {
  readonly bnG1: readonly Uint8Array[];
  readonly bnPairs: readonly Uint8Array[];
  readonly blsG1: readonly Uint8Array[];
  readonly blsG2: readonly Uint8Array[];
  readonly blsPairs: readonly Uint8Array[];
  readonly signatures: readonly Uint8Array[];
  readonly kzg: readonly Uint8Array[];
}

let samples: Samples | undefined;

const negated = (point: Uint8Array, modulus: bigint, length: number): Uint8Array => {
  const y = bytesToBigInt(point.subarray(length));
  const digits = (y === 0n ? 0n : modulus - y).toString(16).padStart(2 * length, '0');
  return concatBytes(point.subarray(0, length), hexToBytes(digits));
};

function makeSamples(): Samples {
  const generator = { x: 1n, y: 2n };
  const inverse = { x: 1n, y: BN254_P - 2n };
  const bnG1 = [generator, nobleCrypto.bn254Add(generator, generator), inverse].map(
    (point) => encodeBn254G1(point)!,
  );
  const blsG1 = [BLS12_G1, nobleCrypto.bls12G1Add(BLS12_G1, BLS12_G1)].map((point) => encodeBls12G1(point)!);
  const blsG2 = [BLS12_G2, nobleCrypto.bls12G2Add(BLS12_G2, BLS12_G2)].map((point) => encodeBls12G2(point)!);
  const bnPairs = bnG1.map((point) => concatBytes(point, BN254_G2));
  const blsPairs = blsG1.flatMap((point) => blsG2.map((other) => concatBytes(point, other)));
  const signatures = [0, 1].map((index) => {
    const hash = new Uint8Array(32).fill(0x11 * (index + 1));
    const { r, s, yParity } = nobleCrypto.sign(hash, ownerOf(index).secretKey);
    return concatBytes(hash, toBytes32(BigInt(27 + yParity)), toBytes32(r), toBytes32(s));
  });
  // The polynomial 0: commitment and proof are infinity, and every opening is 0.
  const infinity = concatBytes(Uint8Array.of(0xc0), new Uint8Array(47));
  const versioned = nobleCrypto.sha256(infinity).slice();
  versioned[0] = 1;
  const zero = concatBytes(versioned, toBytes32(5n), toBytes32(0n), infinity, infinity);
  return {
    bnG1: [...bnG1, new Uint8Array(64)],
    bnPairs: [...bnPairs, new Uint8Array(192)],
    // (0, 2) is on the curve, and not in the subgroup.
    blsG1: [
      ...blsG1,
      new Uint8Array(128),
      concatBytes(new Uint8Array(64), new Uint8Array(32), toBytes32(2n)),
    ],
    blsG2: [...blsG2, new Uint8Array(256)],
    blsPairs: [...blsPairs, new Uint8Array(384)],
    signatures,
    kzg: [KZG, zero],
  };
}

const samplesOf = (): Samples => (samples ??= makeSamples());

const replaced = (bytes: Uint8Array, at: number, value: bigint): Uint8Array => {
  const copy = bytes.slice();
  copy.set(toBytes32(value), at);
  return copy;
};

const someBits = (count: number): bigint[] => {
  const random = new Random(0n);
  return Array.from({ length: 4 }, () => random.bits(count));
};
const ELEMENTS: readonly bigint[] = someBits(380);
const ANY_SCALARS: readonly bigint[] = someBits(256);
const EDGE_SCALARS: readonly bigint[] = [...INTERESTING, BN254_ORDER, BLS12_ORDER];

const scalar = (random: Random): Uint8Array =>
  toBytes32(random.pick(random.oneIn(2) ? ANY_SCALARS : EDGE_SCALARS));

/** So many of the pairs, closed in half of the cases so that their product is one. */
function pairs(random: Random, all: readonly Uint8Array[], modulus: bigint, length: number): Uint8Array {
  const chosen = Array.from({ length: random.below(2) }, () => random.pick(all));
  if (random.oneIn(2)) {
    const pair = random.pick(all);
    const point = pair.subarray(0, 2 * length);
    chosen.push(pair, concatBytes(negated(point, modulus, length), pair.subarray(2 * length)));
  }
  return concatBytes(...chosen);
}

function ecrecover(random: Random): Uint8Array {
  const input = random.pick(samplesOf().signatures);
  if (random.oneIn(3)) return input;
  const s = bytesToBigInt(input.subarray(96));
  // An s in the upper half, with the other parity, has the same signer.
  if (random.oneIn(2)) {
    const v = bytesToBigInt(input.subarray(32, 64));
    return replaced(replaced(input, 32, 55n - v), 96, SECP256K1_ORDER - s);
  }
  const edges = [0n, 1n, 27n, 28n, 29n, SECP256K1_ORDER - 1n, SECP256K1_ORDER, (1n << 248n) + 27n];
  return replaced(input, 32 * random.below(4), random.pick(edges));
}

const LENGTHS: readonly number[] = [0, 1, 2, 8, 31, 32, 33, 40, 64];

function modexp(random: Random): Uint8Array {
  const lengths = [0, 1, 2].map(() => (random.oneIn(12) ? random.below(200) : random.pick(LENGTHS)));
  const heads = lengths.map((length) => toBytes32(BigInt(length)));
  if (random.oneIn(25)) heads[random.below(3)] = toBytes32(random.pick([...INTERESTING, 1024n, 1025n]));
  const operands = lengths.map((length) => {
    if (random.oneIn(6)) return new Uint8Array(length);
    const bytes = random.bytes(length);
    // Few leading bytes set: the price counts the bits of the exponent.
    if (random.oneIn(2)) bytes.fill(0, 0, Math.max(0, length - 2));
    return bytes;
  });
  return concatBytes(...heads, ...operands);
}

function blake2f(random: Random): Uint8Array {
  const input = random.bytes(213);
  const rounds = random.oneIn(40) ? random.uint32() : random.pick([0, 1, 2, 10, 12, 13, 300]);
  new DataView(input.buffer).setUint32(0, rounds);
  input[212] = random.oneIn(12) ? random.below(256) : random.below(2);
  return input;
}

const fieldElement = (random: Random): Uint8Array => {
  const value = random.oneIn(8) ? BLS12_P - BigInt(random.below(2)) : random.pick(ELEMENTS);
  return hexToBytes(value.toString(16).padStart(128, '0'));
};

function terms(random: Random, points: readonly Uint8Array[]): Uint8Array {
  const count = random.oneIn(4) ? random.between(2, 3) : 1;
  return concatBytes(...Array.from({ length: count }, () => [random.pick(points), scalar(random)]).flat());
}

const twoOf = (random: Random, points: readonly Uint8Array[]): Uint8Array =>
  concatBytes(random.pick(points), random.pick(points));

const BUILDERS: Readonly<Record<string, (random: Random) => Uint8Array>> = {
  ECRECOVER: ecrecover,
  MODEXP: modexp,
  BN254_ADD: (random) => twoOf(random, samplesOf().bnG1),
  BN254_MUL: (random) => concatBytes(random.pick(samplesOf().bnG1), scalar(random)),
  BN254_PAIRING: (random) => pairs(random, samplesOf().bnPairs, BN254_P, 32),
  BLAKE2F: blake2f,
  KZG_POINT_EVALUATION: (random) => random.pick(samplesOf().kzg),
  BLS12_G1ADD: (random) => twoOf(random, samplesOf().blsG1),
  BLS12_G2ADD: (random) => twoOf(random, samplesOf().blsG2),
  BLS12_G1MSM: (random) => terms(random, samplesOf().blsG1),
  BLS12_G2MSM: (random) => terms(random, samplesOf().blsG2),
  BLS12_PAIRING_CHECK: (random) => pairs(random, samplesOf().blsPairs, BLS12_P, 64),
  BLS12_MAP_FP_TO_G1: fieldElement,
  BLS12_MAP_FP2_TO_G2: (random) => concatBytes(fieldElement(random), fieldElement(random)),
  P256VERIFY: (random) =>
    random.oneIn(2) ? P256 : replaced(P256, 64, P256_ORDER - bytesToBigInt(P256.subarray(64, 96))),
};

/** One thing changed: a bit, the length, or a word put to an edge. */
function spoilt(random: Random, input: Uint8Array): Uint8Array {
  if (input.length === 0) return random.bytes(random.below(65));
  const copy = input.slice();
  switch (random.below(4)) {
    case 0:
      copy[random.below(copy.length)]! ^= 1 << random.below(8);
      return copy;
    case 1:
      return copy.subarray(0, random.below(copy.length));
    case 2:
      return concatBytes(copy, random.bytes(random.between(1, 33)));
    default: {
      const at = 32 * random.below(copy.length >> 5);
      if (at + 32 > copy.length) return copy;
      return replaced(copy, at, random.pick([...INTERESTING, BN254_P, BN254_ORDER, BLS12_ORDER]));
    }
  }
}

/** An input that a precompile takes, or one that is a little wrong. */
export function precompileInput(random: Random, { name }: Precompile): Uint8Array {
  const build = BUILDERS[name];
  // Hashes and copies take anything.
  const input =
    build === undefined ? random.bytes(random.pick([0, 1, 31, 32, 33, 55, 56, 64, 119, 136])) : build(random);
  return random.oneIn(6) ? spoilt(random, input) : input;
}

/** Precompiles of which one run takes as long as many cases. */
const SLOW = /^(ECRECOVER|P256VERIFY|KZG|BN254|BLS12)/;
/** Inputs that the cases of all campaigns share. Of the slow ones so few that their answers are soon remembered. */
const SHARED = 512;
const SHARED_SLOW = 32;

const shared = new Map<string, (Uint8Array | undefined)[]>();

/** One of a fixed few of the inputs of `precompileInput`, each made on first use. */
export function sharedInput(random: Random, precompile: Precompile): Uint8Array {
  const { name } = precompile;
  let inputs = shared.get(name);
  if (inputs === undefined) {
    shared.set(name, (inputs = new Array(SLOW.test(name) ? SHARED_SLOW : SHARED).fill(undefined)));
  }
  const at = random.below(inputs.length);
  return (inputs[at] ??= precompileInput(new Random(BigInt(at)), precompile));
}
