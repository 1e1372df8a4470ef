/**
 * Bytes of BFV ciphertexts, keys and plaintexts: the encoding that contracts and hosts see, and the one that the
 * library Microsoft SEAL (4.1) reads and writes.
 *
 * The library sizes its buffers by what a serialised object says of itself, so it only ever sees headers written
 * here, around numbers of which each was found to be below its modulus.
 */

/** The scheme byte of a BFV parameter set. */
export type BfvScheme = 2 | 3;

/** A parameter set of BFV; its security is 128 bits (the standard of homomorphicencryption.org, 2018). */
export interface BfvParameters {
  readonly scheme: BfvScheme;
  /** Coefficients of a polynomial; polynomials count modulo x^degree + 1. */
  readonly degree: 4096 | 8192;
  /** The factors of the coefficient modulus. Ciphertexts do without the last one, which serves key switching. */
  readonly primes: readonly number[];
  /** Bytes of a residue modulo one of the primes. */
  readonly residueLength: 5 | 6;
}

/** The parameter sets, as SEAL has them by default for their degrees. */
export const BFV_PARAMETERS: Readonly<Record<BfvScheme, BfvParameters>> = {
  2: {
    scheme: 2,
    degree: 4096,
    primes: [68_719_403_009, 68_719_230_977, 137_438_822_401],
    residueLength: 5,
  },
  3: {
    scheme: 3,
    degree: 8192,
    primes: [
      8_796_092_858_369, 8_796_092_792_833, 17_592_186_028_033, 17_592_185_438_209, 17_592_184_717_313,
    ],
    residueLength: 6,
  },
};

/** Plaintext coefficients count modulo this prime, which is 1 modulo twice either degree: it has slots, too. */
export const PLAIN_MODULUS = 65_537;
/** Bytes of a plaintext coefficient, big-endian. */
export const COEFFICIENT_LENGTH = 4;

/** What encoded residues are; the first byte of the encoding. The second one is the scheme. */
export const KIND = { ciphertext: 1, publicKey: 2, relinKeys: 3, secretKey: 4 } as const;
export type Kind = (typeof KIND)[keyof typeof KIND];
const HEADER_LENGTH = 2;

/** An encoding as SEAL has it: `objects` objects of `polynomials` polynomials with residues modulo `primes`. */
interface Shape {
  readonly objects: number;
  readonly polynomials: number;
  readonly primes: readonly number[];
}

function shapeOf(kind: Kind, { primes }: BfvParameters): Shape {
  switch (kind) {
    case KIND.ciphertext:
      return { objects: 1, polynomials: 2, primes: primes.slice(0, -1) };
    case KIND.publicKey:
      return { objects: 1, polynomials: 2, primes };
    case KIND.relinKeys:
      return { objects: primes.length - 1, polynomials: 2, primes };
    case KIND.secretKey:
      return { objects: 1, polynomials: 1, primes };
  }
}

/** Length of an encoding in bytes. */
export function encodedLength(kind: Kind, parameters: BfvParameters): number {
  const { objects, polynomials, primes } = shapeOf(kind, parameters);
  return HEADER_LENGTH + objects * polynomials * primes.length * parameters.degree * parameters.residueLength;
}

// SEAL: a header of 16 bytes stands before every object and before every array of 64-bit numbers, all little-endian.
const SEAL_HEADER = 16;
const ARRAY_HEADER = SEAL_HEADER + 8;
const CIPHERTEXT_PREFIX = SEAL_HEADER + 32 + 1 + 3 * 8 + 8 + 8 + ARRAY_HEADER;
const PLAINTEXT_PREFIX = SEAL_HEADER + 32 + 8 + 8 + ARRAY_HEADER;
const RELIN_KEYS_PREFIX = SEAL_HEADER + 32 + 2 * 8;

function writeU64(view: DataView, at: number, value: number): number {
  view.setUint32(at, value % 2 ** 32, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
  return at + 8;
}

/** Magic number, length of the header, version 4.1, no compression, and the size with the header. */
function writeHeader(view: DataView, at: number, size: number): number {
  view.setUint16(at, 0xa15e, true);
  view.setUint8(at + 2, SEAL_HEADER);
  view.setUint8(at + 3, 4);
  view.setUint8(at + 4, 1);
  writeU64(view, at + 8, size);
  return at + SEAL_HEADER;
}

function writeBytes(view: DataView, at: number, bytes: Uint8Array): number {
  new Uint8Array(view.buffer, view.byteOffset).set(bytes, at);
  return at + bytes.length;
}

function writeArrayHeader(view: DataView, at: number, count: number): number {
  return writeU64(view, writeHeader(view, at, ARRAY_HEADER + 8 * count), count);
}

/** Everything of a ciphertext, or of a public key, which is one, before its residues. */
function writeCiphertextPrefix(
  view: DataView,
  at: number,
  parametersId: Uint8Array,
  isKey: boolean,
  polynomials: number,
  degree: number,
  primes: number,
): number {
  const count = polynomials * degree * primes;
  let next = writeHeader(view, at, CIPHERTEXT_PREFIX + 8 * count);
  next = writeBytes(view, next, parametersId);
  // Keys are kept as their number-theoretic transforms.
  view.setUint8(next++, isKey ? 1 : 0);
  next = writeU64(view, next, polynomials);
  next = writeU64(view, next, degree);
  next = writeU64(view, next, primes);
  view.setFloat64(next, 1, true);
  next = writeU64(view, next + 8, 1);
  return writeArrayHeader(view, next, count);
}

/** Everything of a plaintext, or of a secret key, which is one, before its numbers. */
function writePlaintextPrefix(view: DataView, at: number, parametersId: Uint8Array, count: number): number {
  let next = writeHeader(view, at, PLAINTEXT_PREFIX + 8 * count);
  next = writeBytes(view, next, parametersId);
  next = writeU64(view, next, count);
  view.setFloat64(next, 1, true);
  return writeArrayHeader(view, next + 8, count);
}

/** How many bytes SEAL has before the residues of the first object, and before those of each one. */
function prefixesOf(kind: Kind): { first: number; each: number } {
  switch (kind) {
    case KIND.secretKey:
      return { first: 0, each: PLAINTEXT_PREFIX };
    case KIND.relinKeys:
      return { first: RELIN_KEYS_PREFIX, each: CIPHERTEXT_PREFIX };
    default:
      return { first: 0, each: CIPHERTEXT_PREFIX };
  }
}

/**
 * SEAL's form of an encoding, or null when the encoding has another length, kind or scheme or holds a residue that
 * is not below its prime. Allocates nothing before the length is known to be right.
 * @param parametersId SEAL's name of the parameters at the level of this kind, 32 bytes
 */
export function toSeal(
  kind: Kind,
  parameters: BfvParameters,
  parametersId: Uint8Array,
  encoded: Uint8Array,
): Uint8Array | null {
  if (encoded.length !== encodedLength(kind, parameters)) return null;
  if (encoded[0] !== kind || encoded[1] !== parameters.scheme) return null;
  const { degree, residueLength } = parameters;
  const { objects, polynomials, primes } = shapeOf(kind, parameters);
  const { first, each } = prefixesOf(kind);
  const count = polynomials * primes.length * degree;
  const seal = new Uint8Array(first + objects * (each + 8 * count));
  const view = new DataView(seal.buffer);
  let at = 0;
  if (kind === KIND.relinKeys) {
    at = writeBytes(view, writeHeader(view, 0, seal.length), parametersId);
    at = writeU64(view, at, 1);
    at = writeU64(view, at, objects);
  }
  const source = new DataView(encoded.buffer, encoded.byteOffset, encoded.length);
  let from = HEADER_LENGTH;
  for (let object = 0; object < objects; object++) {
    at =
      kind === KIND.secretKey
        ? writePlaintextPrefix(view, at, parametersId, count)
        : writeCiphertextPrefix(
            view,
            at,
            parametersId,
            kind !== KIND.ciphertext,
            polynomials,
            degree,
            primes.length,
          );
    for (let polynomial = 0; polynomial < polynomials; polynomial++) {
      for (const prime of primes) {
        for (let i = 0; i < degree; i++) {
          const high = residueLength === 5 ? source.getUint8(from) : source.getUint16(from);
          const low = source.getUint32(from + residueLength - 4);
          if (high * 2 ** 32 + low >= prime) return null;
          view.setUint32(at, low, true);
          view.setUint32(at + 4, high, true);
          at += 8;
          from += residueLength;
        }
      }
    }
  }
  return seal;
}

/** The encoding of what SEAL wrote, or null when its form is not the one that is known here. */
export function fromSeal(kind: Kind, parameters: BfvParameters, seal: Uint8Array): Uint8Array | null {
  const { degree, residueLength } = parameters;
  const { objects, polynomials, primes } = shapeOf(kind, parameters);
  const { first, each } = prefixesOf(kind);
  const count = polynomials * primes.length * degree;
  if (seal.length !== first + objects * (each + 8 * count)) return null;
  const encoded = new Uint8Array(encodedLength(kind, parameters));
  encoded[0] = kind;
  encoded[1] = parameters.scheme;
  const source = new DataView(seal.buffer, seal.byteOffset, seal.length);
  const view = new DataView(encoded.buffer);
  let at = HEADER_LENGTH;
  for (let object = 0; object < objects; object++) {
    let from = first + object * (each + 8 * count) + each;
    for (let i = 0; i < count; i++) {
      const high = source.getUint32(from + 4, true);
      if (residueLength === 5) view.setUint8(at, high);
      else view.setUint16(at, high);
      view.setUint32(at + residueLength - 4, source.getUint32(from, true));
      at += residueLength;
      from += 8;
    }
  }
  return encoded;
}

/** Length of an encoded plaintext of so many coefficients. */
export const plaintextLength = (count: number): number => 2 + COEFFICIENT_LENGTH * count;

const NO_PARAMETERS = new Uint8Array(32);

/**
 * SEAL's form of a plaintext: a count (2 bytes) and as many coefficients, the constant one first; the others are
 * zero. Null when there are more than the degree, one is not below the modulus, or the length is another.
 */
export function plaintextToSeal({ degree }: BfvParameters, encoded: Uint8Array): Uint8Array | null {
  if (encoded.length < 2) return null;
  const source = new DataView(encoded.buffer, encoded.byteOffset, encoded.length);
  const count = source.getUint16(0);
  if (count > degree || encoded.length !== plaintextLength(count)) return null;
  const seal = new Uint8Array(PLAINTEXT_PREFIX + 8 * degree);
  const view = new DataView(seal.buffer);
  let at = writePlaintextPrefix(view, 0, NO_PARAMETERS, degree);
  for (let i = 0; i < count; i++) {
    const coefficient = source.getUint32(2 + COEFFICIENT_LENGTH * i);
    if (coefficient >= PLAIN_MODULUS) return null;
    view.setUint32(at, coefficient, true);
    at += 8;
  }
  return seal;
}

/** All coefficients of a plaintext that SEAL wrote without leading zeros, or null when its form is not known. */
export function plaintextFromSeal({ degree }: BfvParameters, seal: Uint8Array): Uint8Array | null {
  const count = (seal.length - PLAINTEXT_PREFIX) / 8;
  if (!Number.isInteger(count) || count < 0 || count > degree) return null;
  const source = new DataView(seal.buffer, seal.byteOffset, seal.length);
  const encoded = new Uint8Array(COEFFICIENT_LENGTH * degree);
  const view = new DataView(encoded.buffer);
  for (let i = 0; i < count; i++) {
    view.setUint32(COEFFICIENT_LENGTH * i, source.getUint32(PLAINTEXT_PREFIX + 8 * i, true));
  }
  return encoded;
}
