/**
 * The extensions as subjects: valid inputs, which their own provers and signers make, the layout, what their pages
 * promise, and another implementation where the packages that come with Erbium have one.
 */

import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bn254 } from '@noble/curves/bn254.js';
import { ristretto255 } from '@noble/curves/ed25519.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { nobleCrypto } from '../../precompiles/crypto.ts';
import type { Precompile } from '../../precompiles/row.ts';
import { LATEST_FORK } from '../forks/fork.ts';
import { rulesOf } from '../forks/rules.ts';
import type { Reference, Subject } from '../fuzz/precompile/judge.ts';
import { type InputKind, wordOf } from '../fuzz/precompile/kind.ts';
import { concatBytes, EMPTY_BYTES, toBytes32 } from '../primitives/bytes.ts';
import { keccak256 } from '../primitives/keccak.ts';

type Promised = Pick<Subject, 'isVerdict' | 'malleable' | 'lengths' | 'isPricedByLength'>;

/** What is known of an extension. */
export interface Extension extends InputKind, Promised {
  readonly references: readonly Reference[];
}

type Facts = Pick<Extension, 'parts' | 'samples'> & Partial<Extension>;

const RISTRETTO_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const ED25519_P = 2n ** 255n - 19n;
const MAX = 2n ** 256n - 1n;

const little = (value: bigint): Uint8Array => toBytes32(value).reverse();
/** A little-endian word as the big-endian number that has its bytes. */
const swapped = (value: bigint): bigint => BigInt(`0x${Buffer.from(little(value)).toString('hex')}`);

const EDGES: readonly bigint[] = [
  0n,
  1n,
  2n,
  8n,
  255n,
  256n,
  2n ** 32n - 1n,
  2n ** 64n - 1n,
  2n ** 255n,
  MAX,
  ...[RISTRETTO_ORDER, ED25519_P].flatMap((n) => [swapped(n - 1n), swapped(n), swapped(n + 1n)]),
  ...[
    bn254.fields.Fr.ORDER,
    bn254.fields.Fp.ORDER,
    bls12_381.fields.Fr.ORDER,
    bls12_381.fields.Fp.ORDER,
  ].flatMap((n) => [n - 1n, n, n + 1n]),
  secp256k1.Point.Fn.ORDER,
];

/** Bytes that depend on a name alone. */
const named = (name: string): Uint8Array => keccak256(new TextEncoder().encode(name));
const secret = (name: string): Uint8Array => named(name).fill(0, 0, 1);
const scalar = (name: string): Uint8Array => named(name).fill(0, 31);
const byte = (value: number): Uint8Array => Uint8Array.of(value);

const RULES = rulesOf(LATEST_FORK);

/** What a row makes of an input that is valid. */
function answerOf(row: Precompile, input: Uint8Array): Uint8Array {
  const output = row.run(input, nobleCrypto, RULES);
  if (output === null) throw new Error(`${row.name}: refuses the input that a sample is to be made of`);
  return output;
}

const MESSAGES = [EMPTY_BYTES, named('message')];
const VERDICT = { isVerdict: true, lengths: [32] } as const;

async function dilithium(form: 'verify' | 'sign' | 'keygen'): Promise<Facts> {
  const { mlDsaOfLevel } = await import('../../precompiles/ext/lib/ml-dsa.ts');
  const { dilithiumReference } = await import('./fuzz-precompile-ext-references.ts');
  const seed = named('seed');
  const references = [dilithiumReference(form)];
  const each = <T>(make: (level: number) => T): T[] => [44, 65, 87].map(make);
  if (form === 'keygen') {
    return {
      parts: [1, 32],
      samples: each((level) => concatBytes(byte(level), seed)),
      references,
      lengths: [3_872, 5_984, 7_488],
    };
  }
  if (form === 'sign') {
    const samples = each((level) => concatBytes(byte(level), seed, named('message')));
    return { parts: [1, 32], samples, references, lengths: [2_420, 3_309, 4_627], isPricedByLength: true };
  }
  const samples = MESSAGES.flatMap((message) =>
    each((level) => {
      const { scheme } = mlDsaOfLevel(level)!;
      const { publicKey, secretKey } = scheme.keygen(seed);
      return concatBytes(
        byte(level),
        publicKey,
        scheme.sign(message, secretKey, { extraEntropy: false }),
        message,
      );
    }),
  );
  return { ...VERDICT, parts: [1, 1_312, 2_420, 32], samples, references, isPricedByLength: true };
}

async function mlDsa(level: number): Promise<Facts> {
  const { mlDsaReference } = await import('./fuzz-precompile-ext-references.ts');
  const { samples } = await dilithium('verify');
  return {
    ...VERDICT,
    parts: [32],
    samples: samples.filter((sample) => sample[0] === level).map((sample) => sample.slice(1)),
    references: [mlDsaReference(level)],
    isPricedByLength: true,
  };
}

async function falcon(): Promise<Facts> {
  const { falcon512 } = await import('../../precompiles/ext/lib/noble-post-quantum.ts');
  const { publicKey, secretKey } = falcon512.keygen(concatBytes(named('seed'), named('more')).slice(0, 48));
  const message = named('message');
  const signature = falcon512.sign(message, secretKey, {
    extraEntropy: concatBytes(named('salt'), named('salt 2')).slice(0, 48),
  });
  const length = wordOf(BigInt(signature.length), 2);
  const sample = concatBytes(byte(9), publicKey, length, signature, message);
  return { ...VERDICT, parts: [1, 897, 2, 41, 32], samples: [sample] };
}

async function slhDsa(): Promise<Facts> {
  const { slhDsaSha2128f } = await import('../../precompiles/ext/lib/noble-post-quantum.ts');
  const { publicKey, secretKey } = slhDsaSha2128f.keygen(
    concatBytes(named('seed'), named('more')).slice(0, 48),
  );
  const message = named('message');
  const signature = slhDsaSha2128f.sign(message, secretKey, { extraEntropy: false });
  return {
    ...VERDICT,
    parts: [1, 32, 16],
    samples: [concatBytes(byte(21), publicKey, signature, message)],
    isPricedByLength: true,
  };
}

const proveInput = (): Uint8Array =>
  concatBytes(byte(8), byte(1), named('seed'), byte(200), new Uint8Array(7), scalar('blinding'));

async function rangeProof(): Promise<Facts> {
  return { parts: [1, 1, 32, 8, 32], samples: [proveInput()] };
}

async function rangeProofVerify(): Promise<Facts> {
  const { rangeProof: prove } = await import('../../precompiles/ext/e10e-range-proof.ts');
  return {
    ...VERDICT,
    parts: [1, 1, 32],
    samples: [concatBytes(byte(8), byte(1), answerOf(prove, proveInput()))],
  };
}

async function confidentialTx(): Promise<Facts> {
  const { encodeConfidentialTransfer, proveConfidentialTransfer } = await import(
    '../../precompiles/ext/lib/confidential.ts'
  );
  const blinding = (name: string): bigint =>
    BigInt(`0x${Buffer.from(secret(name)).toString('hex')}`) % RISTRETTO_ORDER;
  const transfer = proveConfidentialTransfer(
    [{ value: 107n, blinding: blinding('in') }],
    [{ value: 100n, blinding: blinding('out') }],
    7n,
    named('context'),
    named('seed'),
  );
  return { ...VERDICT, parts: [1, 1, 8, 32], samples: [encodeConfidentialTransfer(transfer!)] };
}

const points = (): Uint8Array[] => [3n, 5n].map((n) => ristretto255.Point.BASE.multiply(n).toBytes());

async function pedersenAdd(): Promise<Facts> {
  const { pedersenAddReference } = await import('./fuzz-precompile-ext-references.ts');
  const [a, b] = points() as [Uint8Array, Uint8Array];
  const samples = [concatBytes(a, b), concatBytes(a, a), new Uint8Array(64)];
  return { parts: [32], samples, lengths: [32], references: [pedersenAddReference] };
}

async function pedersenCommit(): Promise<Facts> {
  const { pedersenCommitReference } = await import('./fuzz-precompile-ext-references.ts');
  return {
    parts: [32],
    samples: [
      concatBytes(scalar('value'), scalar('blinding')),
      concatBytes(little(RISTRETTO_ORDER - 1n), little(1n)),
    ],
    fresh: (random) =>
      concatBytes(random.bytes(31), byte(random.below(16)), random.bytes(31), byte(random.below(16))),
    lengths: [32],
    references: [pedersenCommitReference],
  };
}

async function stealth(operation: 'address' | 'scan'): Promise<Facts> {
  const { generateStealthAddress } = await import('../../precompiles/ext/lib/stealth.ts');
  const view = secret('view');
  const [spendKey, viewKey] = [secret('spend'), view].map((key) => secp256k1.getPublicKey(key, true));
  const ephemeral = secret('ephemeral');
  if (operation === 'address') {
    return { parts: [33, 33, 32], samples: [concatBytes(spendKey!, viewKey!, ephemeral)], lengths: [54] };
  }
  const paid = generateStealthAddress(spendKey!, viewKey!, ephemeral)!;
  const sample = concatBytes(view, spendKey!, paid.ephemeralPublicKey, byte(paid.viewTag), paid.address);
  return { ...VERDICT, parts: [32, 33, 33, 1, 20], samples: [sample] };
}

async function poseidon(): Promise<Facts> {
  const { poseidonReference } = await import('./fuzz-precompile-ext-references.ts');
  const inputs = (count: number): Uint8Array =>
    concatBytes(...Array.from({ length: count }, (_, i) => secret(`input ${i}`)));
  return {
    parts: [32],
    samples: [1, 2, 5, 16].map(inputs),
    fresh: (random) =>
      concatBytes(...Array.from({ length: random.between(1, 16) }, () => toBytes32(random.bits(253)))),
    lengths: [32],
    references: [poseidonReference],
  };
}

async function vrfVerify(): Promise<Facts> {
  const { proveVrf, vrfPublicKey } = await import('../../precompiles/ext/lib/ecvrf-prove.ts');
  const key = secret('vrf');
  const samples = MESSAGES.map((message) =>
    concatBytes(vrfPublicKey(key)!, proveVrf(key, message)!, message),
  );
  return { isVerdict: true, lengths: [64], parts: [33, 33, 16, 32], samples, isPricedByLength: true };
}

async function zkVerify(): Promise<Facts> {
  const { groth16Reference, groth16Sample } = await import('./fuzz-precompile-groth16.ts');
  // (-A, -B, C) is another proof, but not one bit away.
  return {
    ...VERDICT,
    parts: [1, 32],
    samples: [groth16Sample(1), groth16Sample(2)],
    references: [groth16Reference],
  };
}

async function homomorphic(operation: 'encrypt' | 'compute' | 'decrypt'): Promise<Facts> {
  const { heEncrypt } = await import('../../precompiles/ext/e103-he-encrypt.ts');
  const secretKey = 1_234_567n;
  const key = ristretto255.Point.BASE.multiply(secretKey).toBytes();
  const encryptInput = (value: bigint): Uint8Array =>
    concatBytes(byte(1), named(`seed ${value}`), key, wordOf(value, 8));
  if (operation === 'encrypt') {
    return {
      parts: [1, 32, 32, 8],
      samples: [encryptInput(5n), encryptInput(2n ** 64n - 1n)],
      lengths: [64],
    };
  }
  const [a, b] = [200n, 30n].map((value) => answerOf(heEncrypt, encryptInput(value))) as [
    Uint8Array,
    Uint8Array,
  ];
  if (operation === 'decrypt') {
    return {
      parts: [1, 32, 32, 32, 1],
      samples: [concatBytes(byte(1), little(secretKey), a, byte(8))],
      lengths: [32],
    };
  }
  const samples = [
    concatBytes(byte(1), byte(1), a, b),
    concatBytes(byte(1), byte(2), a, b),
    concatBytes(byte(1), byte(3), a, wordOf(77n, 8)),
    concatBytes(byte(1), byte(4), a, wordOf(77n, 8)),
    concatBytes(byte(1), byte(6), named('seed'), key, a),
  ];
  return { parts: [1, 1, 32], samples, lengths: [64] };
}

/** ZK_PROVE knows no key here: it refuses everything. */
const zkProve = async (): Promise<Facts> => ({ parts: [32], samples: [], lengths: [] });

const EXTENSIONS: Readonly<Record<string, () => Promise<Facts>>> = {
  DILITHIUM_VERIFY: () => dilithium('verify'),
  DILITHIUM_SIGN: () => dilithium('sign'),
  DILITHIUM_KEYGEN: () => dilithium('keygen'),
  VERIFY_MLDSA44: () => mlDsa(44),
  VERIFY_MLDSA65: () => mlDsa(65),
  VERIFY_MLDSA87: () => mlDsa(87),
  FALCON_VERIFY: falcon,
  SLH_DSA_VERIFY: slhDsa,
  ZK_VERIFY: zkVerify,
  ZK_PROVE: zkProve,
  HE_ENCRYPT: () => homomorphic('encrypt'),
  HE_COMPUTE: () => homomorphic('compute'),
  HE_DECRYPT: () => homomorphic('decrypt'),
  RANGE_PROOF: rangeProof,
  RANGE_PROOF_VERIFY: rangeProofVerify,
  CONFIDENTIAL_TX: confidentialTx,
  PEDERSEN_COMMIT: pedersenCommit,
  PEDERSEN_ADD: pedersenAdd,
  STEALTH_ADDRESS: () => stealth('address'),
  STEALTH_SCAN: () => stealth('scan'),
  POSEIDON: poseidon,
  VRF_VERIFY: vrfVerify,
};

/** What is known of an extension; of one that is not in the table, only what holds for all precompiles. */
export async function extensionOf({ name }: Precompile): Promise<Extension> {
  const make = EXTENSIONS[name];
  const facts: Facts = make === undefined ? { parts: [32], samples: [] } : await make();
  return { edges: EDGES, special: [], references: [], ...facts };
}
