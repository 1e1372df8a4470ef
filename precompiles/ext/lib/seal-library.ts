/** The optional package node-seal: what is used of it, and the one place that loads it. */

import { peer } from './peer.ts';

/** An object in the memory of the library, which nothing but `delete` gives back. */
export interface Owned {
  delete(): void;
}

interface Stored extends Owned {
  saveArray(compression: unknown): Uint8Array;
  loadArray(context: SealContext, bytes: Uint8Array): void;
}

export interface Ciphertext extends Stored {
  readonly size: number;
}
export interface Plaintext extends Stored {
  readonly coeffCount: number;
}
export interface PublicKey extends Stored {
  readonly publicKey?: never;
}
export interface SecretKey extends Stored {
  readonly secretKey?: never;
}
export interface RelinKeys extends Stored {
  readonly relinKeys?: never;
}

interface ParametersId extends Owned {
  readonly values: BigUint64Array;
}
interface Parameters extends Owned {
  setPolyModulusDegree(degree: number): void;
  setCoeffModulus(primes: Owned): void;
  setPlainModulus(modulus: Owned): void;
  readonly coeffModulus: BigUint64Array;
}

export interface SealContext extends Owned {
  parametersSet(): boolean;
  readonly keyParmsId: ParametersId;
  readonly firstParmsId: ParametersId;
}

export interface KeyGenerator extends Owned {
  secretKey(): SecretKey;
  createPublicKey(): PublicKey;
  createRelinKeys(): RelinKeys;
}
export interface Encryptor extends Owned {
  encrypt(plain: Plaintext, destination: Ciphertext, pool: unknown): void;
}
export interface Decryptor extends Owned {
  decrypt(encrypted: Ciphertext, destination: Plaintext): void;
}
export interface Evaluator extends Owned {
  add(a: Ciphertext, b: Ciphertext, destination: Ciphertext): void;
  sub(a: Ciphertext, b: Ciphertext, destination: Ciphertext): void;
  addPlain(a: Ciphertext, b: Plaintext, destination: Ciphertext, pool: unknown): void;
  multiplyPlain(a: Ciphertext, b: Plaintext, destination: Ciphertext, pool: unknown): void;
  multiply(a: Ciphertext, b: Ciphertext, destination: Ciphertext, pool: unknown): void;
  relinearize(a: Ciphertext, keys: RelinKeys, destination: Ciphertext, pool: unknown): void;
}

/** The part of node-seal 5.1.7 and 6.0.3 that is used here; both agree on it. */
export interface SealLibrary {
  readonly SchemeType: { readonly bfv: unknown };
  readonly SecurityLevel: { readonly tc128: unknown };
  readonly ComprModeType: { readonly none: unknown };
  /** Every reading makes a new object in the library's memory. */
  readonly MemoryPoolHandle: { readonly global: unknown };
  readonly CoeffModulus: { BFVDefault(degree: number, security: unknown): Owned };
  Modulus(value: bigint): Owned;
  EncryptionParameters(scheme: unknown): Parameters;
  Context(parameters: Parameters, expandChain: boolean, security: unknown): SealContext;
  KeyGenerator(context: SealContext): KeyGenerator;
  Encryptor(context: SealContext, key: PublicKey): Encryptor;
  Decryptor(context: SealContext, key: SecretKey): Decryptor;
  Evaluator(context: SealContext): Evaluator;
  CipherText(options: { pool: unknown }): Ciphertext;
  PlainText(options: { pool: unknown }): Plaintext;
  PublicKey(): PublicKey;
  SecretKey(): SecretKey;
  RelinKeys(): RelinKeys;
}

let loaded: Promise<SealLibrary> | undefined;

async function load(): Promise<SealLibrary> {
  // Of its builds the one for the web takes randomness from `crypto.getRandomValues`, where a seed can stand in;
  // and `allows` has products with a zero plaintext as values, where `throws` fails.
  const module = await peer('node-seal', () => import('node-seal/allows_wasm_web_es.js'));
  const start = module.default as unknown as () => Promise<SealLibrary>;
  return peer('node-seal', start);
}

/**
 * The library, loaded once a process.
 * @throws ErbiumError MISSING_PACKAGE
 */
export function loadSeal(): Promise<SealLibrary> {
  loaded ??= load().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

/** Runs a function that marks the library's objects it makes as its own, and deletes them at the end, whatever happens. */
export function scoped<T>(run: (own: <O extends Owned>(object: O) => O) => T): T {
  const objects: Owned[] = [];
  try {
    return run((object) => {
      objects.push(object);
      return object;
    });
  } finally {
    for (const object of objects) object.delete();
  }
}
