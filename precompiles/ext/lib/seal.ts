/**
 * BFV (Fan and Vercauteren, ePrint 2012/144) by Microsoft SEAL, deterministic and with bounded memory: one context
 * and the registered keys stay loaded for each parameter set, everything else is deleted after each operation.
 */

import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHexDigits, concatBytes, demandBytes } from '../../../src/primitives/bytes.ts';
import { ErbiumError } from '../../../src/primitives/errors.ts';
import { OPERATION } from './he-schemes.ts';
import {
  BFV_PARAMETERS,
  type BfvParameters,
  type BfvScheme,
  fromSeal,
  KIND,
  type Kind,
  PLAIN_MODULUS,
  plaintextFromSeal,
  plaintextToSeal,
  toSeal,
} from './seal-layout.ts';
import {
  type Ciphertext,
  type Decryptor,
  type Encryptor,
  type Evaluator,
  loadSeal,
  type Owned,
  type RelinKeys,
  type SealContext,
  type SealLibrary,
  scoped,
} from './seal-library.ts';
import { withSeededRandomness } from './seal-random.ts';

/** A library with everything that operations with one parameter set need. */
interface Engine {
  readonly seal: SealLibrary;
  readonly parameters: BfvParameters;
  readonly context: SealContext;
  readonly evaluator: Evaluator;
  /** The library's default memory pool; it hands out a new object each time, so this one is kept. */
  readonly pool: unknown;
  readonly none: unknown;
  /** SEAL's names of the parameters of ciphertexts and of keys. */
  readonly ciphertextId: Uint8Array;
  readonly keyId: Uint8Array;
  /** Every key that this process has registered, by name: keys are loaded once. */
  readonly keys: Map<string, LoadedKey>;
}

type LoadedKey =
  | { readonly kind: typeof KIND.publicKey; readonly encryptor: Encryptor }
  | { readonly kind: typeof KIND.relinKeys; readonly relinKeys: RelinKeys }
  | { readonly kind: typeof KIND.secretKey; readonly decryptor: Decryptor };

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function idBytes(id: Owned & { readonly values: BigUint64Array }): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  id.values.forEach((limb, i) => {
    view.setBigUint64(8 * i, limb, true);
  });
  id.delete();
  return bytes;
}

/** Runs the library, which throws bare numbers that say nothing. */
function guarded<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof ErbiumError) throw cause;
    throw new ErbiumError('INVALID_STATE', `node-seal failed: ${String(cause)}`, { cause });
  }
}

/** Draws randomness: moduli are tested for being prime with random bases, and what that finds does not depend on them. */
function createContext(seal: SealLibrary, { degree, primes }: BfvParameters): SealContext {
  return scoped((own) => {
    const chosen = own(seal.EncryptionParameters(seal.SchemeType.bfv));
    chosen.setPolyModulusDegree(degree);
    chosen.setCoeffModulus(own(seal.CoeffModulus.BFVDefault(degree, seal.SecurityLevel.tc128)));
    chosen.setPlainModulus(own(seal.Modulus(BigInt(PLAIN_MODULUS))));
    const context = seal.Context(chosen, true, seal.SecurityLevel.tc128);
    if (!context.parametersSet() || chosen.coeffModulus.join() !== primes.join()) {
      throw new ErbiumError('INVALID_STATE', `node-seal has other parameters for degree ${degree}`);
    }
    return context;
  });
}

function createEngine(seal: SealLibrary, parameters: BfvParameters): Engine {
  const context = withSeededRandomness(text('erbium bfv context'), () => createContext(seal, parameters));
  return {
    seal,
    parameters,
    context,
    evaluator: seal.Evaluator(context),
    pool: seal.MemoryPoolHandle.global,
    none: seal.ComprModeType.none,
    ciphertextId: idBytes(context.firstParmsId),
    keyId: idBytes(context.keyParmsId),
    keys: new Map(),
  };
}

const engines = new Map<BfvScheme, Promise<Engine>>();

function engineOf(scheme: BfvScheme): Promise<Engine> {
  let engine = engines.get(scheme);
  if (engine === undefined) {
    engine = loadSeal().then((seal) => guarded(() => createEngine(seal, BFV_PARAMETERS[scheme])));
    // A package that is installed later is found on the next call.
    engine.catch(() => engines.delete(scheme));
    engines.set(scheme, engine);
  }
  return engine;
}

/** Name of a key: keccak256 of its encoding, 32 bytes. */
export function bfvKeyName(key: Uint8Array): Uint8Array {
  demandBytes(key, 'key');
  return keccak_256(key);
}

/** The encodings of the keys of one owner. */
export interface BfvKeys {
  /** For HE_ENCRYPT. */
  readonly publicKey: Uint8Array;
  /** For products in HE_COMPUTE. Everyone may have them. */
  readonly relinKeys: Uint8Array;
  /** For HE_DECRYPT. */
  readonly secretKey: Uint8Array;
}

/**
 * Keys from a secret seed of 32 bytes, the same ones on every machine.
 * @throws ErbiumError INVALID_ARGUMENT for another seed or scheme; MISSING_PACKAGE without node-seal; INVALID_STATE
 *   when its build is not fit
 */
export async function generateBfvKeys(seed: Uint8Array, scheme: BfvScheme): Promise<BfvKeys> {
  demandBytes(seed, 'seed');
  if (seed.length !== 32) {
    throw new ErbiumError('INVALID_ARGUMENT', `seed: expected 32 bytes, got ${seed.length}`);
  }
  if (!Object.hasOwn(BFV_PARAMETERS, scheme)) {
    throw new ErbiumError('INVALID_ARGUMENT', `scheme: expected 2 or 3, got ${String(scheme)}`);
  }
  const statement = concatBytes(text('erbium bfv keys'), Uint8Array.of(scheme), seed);
  const { seal, context, none, parameters } = await engineOf(scheme);
  const encode = (kind: Kind, saved: Uint8Array): Uint8Array => {
    const encoded = fromSeal(kind, parameters, saved);
    if (encoded === null) throw new ErbiumError('INVALID_STATE', 'node-seal writes keys in an unknown form');
    return encoded;
  };
  const generate = (): BfvKeys =>
    scoped((own) => {
      const generator = own(seal.KeyGenerator(context));
      return {
        secretKey: encode(KIND.secretKey, own(generator.secretKey()).saveArray(none)),
        publicKey: encode(KIND.publicKey, own(generator.createPublicKey()).saveArray(none)),
        relinKeys: encode(KIND.relinKeys, own(generator.createRelinKeys()).saveArray(none)),
      };
    });
  return guarded(() => withSeededRandomness(statement, generate));
}

function loadKey({ seal, parameters, context, keyId }: Engine, key: Uint8Array): LoadedKey | null {
  const kind = key[0];
  if (kind !== KIND.publicKey && kind !== KIND.secretKey && kind !== KIND.relinKeys) return null;
  const bytes = toSeal(kind, parameters, keyId, key);
  if (bytes === null) return null;
  switch (kind) {
    case KIND.publicKey:
      return scoped((own) => {
        const publicKey = own(seal.PublicKey());
        publicKey.loadArray(context, bytes);
        return { kind, encryptor: seal.Encryptor(context, publicKey) };
      });
    case KIND.secretKey:
      return scoped((own) => {
        const secretKey = own(seal.SecretKey());
        secretKey.loadArray(context, bytes);
        return { kind, decryptor: seal.Decryptor(context, secretKey) };
      });
    case KIND.relinKeys: {
      const relinKeys = seal.RelinKeys();
      relinKeys.loadArray(context, bytes);
      return { kind, relinKeys };
    }
  }
}

/**
 * BFV with a registry of keys. Each operation answers null to anything invalid: an unknown key, an encoding of
 * another length, kind or scheme, a residue that is not below its prime. What the library then fails on is a fault of
 * the host, and an ErbiumError INVALID_STATE: no statement about the input follows from it.
 */
export interface Bfv {
  /** @param statement everything that the randomness depends on, a secret seed with it */
  encrypt(
    scheme: BfvScheme,
    key: Uint8Array,
    plaintext: Uint8Array,
    statement: Uint8Array,
  ): Uint8Array | null;
  /** An operation that needs no key: with a ciphertext, or for `addPlain` and `multiplyPlain` with a plaintext. */
  compute(scheme: BfvScheme, operation: number, a: Uint8Array, b: Uint8Array): Uint8Array | null;
  multiply(scheme: BfvScheme, key: Uint8Array, a: Uint8Array, b: Uint8Array): Uint8Array | null;
  decrypt(scheme: BfvScheme, key: Uint8Array, ciphertext: Uint8Array): Uint8Array | null;
}

/**
 * Loads the library, and the keys that operations may name.
 * @param keys encodings, as `generateBfvKeys` makes them
 * @throws ErbiumError MISSING_PACKAGE without node-seal; INVALID_STATE when its build is not fit; INVALID_ARGUMENT naming
 *   a key that is none
 */
export async function createBfv(keys: readonly Uint8Array[]): Promise<Bfv> {
  const all: Readonly<Record<BfvScheme, Engine>> = { 2: await engineOf(2), 3: await engineOf(3) };
  const registries: Readonly<Record<BfvScheme, Map<string, LoadedKey>>> = { 2: new Map(), 3: new Map() };
  for (const [i, key] of keys.entries()) {
    const name = bytesToHexDigits(bfvKeyName(key));
    const scheme = key[1] === 2 || key[1] === 3 ? key[1] : undefined;
    if (scheme === undefined) throw new ErbiumError('INVALID_ARGUMENT', `keys[${i}]: unknown scheme`);
    const engine = all[scheme];
    const loaded = engine.keys.get(name) ?? guarded(() => loadKey(engine, key));
    if (loaded === null)
      throw new ErbiumError('INVALID_ARGUMENT', `keys[${i}]: not a key of scheme ${scheme}`);
    engine.keys.set(name, loaded);
    registries[scheme].set(name, loaded);
  }
  const find = (scheme: BfvScheme, name: Uint8Array) => registries[scheme].get(bytesToHexDigits(name));

  return {
    encrypt(scheme, name, plaintext, statement) {
      const key = find(scheme, name);
      if (key?.kind !== KIND.publicKey) return null;
      return guarded(() => encrypt(all[scheme], key.encryptor, plaintext, statement));
    },
    compute: (scheme, operation, a, b) => guarded(() => compute(all[scheme], operation, a, b)),
    multiply(scheme, name, a, b) {
      const key = find(scheme, name);
      if (key?.kind !== KIND.relinKeys) return null;
      return guarded(() => multiply(all[scheme], key.relinKeys, a, b));
    },
    decrypt(scheme, name, ciphertext) {
      const key = find(scheme, name);
      if (key?.kind !== KIND.secretKey) return null;
      return guarded(() => decrypt(all[scheme], key.decryptor, ciphertext));
    },
  };
}

const encodeResult = ({ parameters, none }: Engine, result: Ciphertext): Uint8Array | null =>
  fromSeal(KIND.ciphertext, parameters, result.saveArray(none));

function encrypt(
  engine: Engine,
  encryptor: Encryptor,
  plaintext: Uint8Array,
  statement: Uint8Array,
): Uint8Array | null {
  const { seal, context, parameters, pool } = engine;
  const bytes = plaintextToSeal(parameters, plaintext);
  if (bytes === null) return null;
  return scoped((own) => {
    const plain = own(seal.PlainText({ pool }));
    const result = own(seal.CipherText({ pool }));
    plain.loadArray(context, bytes);
    withSeededRandomness(statement, () => encryptor.encrypt(plain, result, pool));
    return encodeResult(engine, result);
  });
}

function compute(engine: Engine, operation: number, a: Uint8Array, b: Uint8Array): Uint8Array | null {
  const { seal, context, evaluator, parameters, pool, ciphertextId } = engine;
  const isPlain = operation === OPERATION.addPlain || operation === OPERATION.multiplyPlain;
  const first = toSeal(KIND.ciphertext, parameters, ciphertextId, a);
  const second = isPlain
    ? plaintextToSeal(parameters, b)
    : toSeal(KIND.ciphertext, parameters, ciphertextId, b);
  if (first === null || second === null) return null;
  return scoped((own) => {
    const left = own(seal.CipherText({ pool }));
    const result = own(seal.CipherText({ pool }));
    left.loadArray(context, first);
    if (isPlain) {
      const right = own(seal.PlainText({ pool }));
      right.loadArray(context, second);
      if (operation === OPERATION.addPlain) evaluator.addPlain(left, right, result, pool);
      else evaluator.multiplyPlain(left, right, result, pool);
    } else {
      const right = own(seal.CipherText({ pool }));
      right.loadArray(context, second);
      if (operation === OPERATION.add) evaluator.add(left, right, result);
      else if (operation === OPERATION.subtract) evaluator.sub(left, right, result);
      else return null;
    }
    return encodeResult(engine, result);
  });
}

function multiply(engine: Engine, keys: RelinKeys, a: Uint8Array, b: Uint8Array): Uint8Array | null {
  const { seal, context, evaluator, parameters, pool, ciphertextId } = engine;
  const first = toSeal(KIND.ciphertext, parameters, ciphertextId, a);
  const second = toSeal(KIND.ciphertext, parameters, ciphertextId, b);
  if (first === null || second === null) return null;
  return scoped((own) => {
    const left = own(seal.CipherText({ pool }));
    const right = own(seal.CipherText({ pool }));
    const product = own(seal.CipherText({ pool }));
    const result = own(seal.CipherText({ pool }));
    left.loadArray(context, first);
    right.loadArray(context, second);
    evaluator.multiply(left, right, product, pool);
    evaluator.relinearize(product, keys, result, pool);
    return encodeResult(engine, result);
  });
}

function decrypt(engine: Engine, decryptor: Decryptor, ciphertext: Uint8Array): Uint8Array | null {
  const { seal, context, parameters, pool, none, ciphertextId } = engine;
  const bytes = toSeal(KIND.ciphertext, parameters, ciphertextId, ciphertext);
  if (bytes === null) return null;
  return scoped((own) => {
    const encrypted = own(seal.CipherText({ pool }));
    const plain = own(seal.PlainText({ pool }));
    encrypted.loadArray(context, bytes);
    decryptor.decrypt(encrypted, plain);
    return plaintextFromSeal(parameters, plain.saveArray(none));
  });
}
