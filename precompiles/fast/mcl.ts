/**
 * The optional package mcl-wasm (BSD-3-Clause): what is used of it, and the one place that loads it.
 *
 * An instance of its WebAssembly knows one curve at a time. The package's own door has one instance for the whole
 * process, which a second curve, or another user of the package, would take away; so each curve has an instance of its
 * own here, made by the module behind that door.
 */

import { ErbiumError } from '../../src/primitives/errors.ts';
import { peer } from '../ext/lib/peer.ts';

/** Address of a number or point in the memory of an instance. */
export type Ref = number;

type Unary = (result: Ref, a: Ref) => void;
type Binary = (result: Ref, a: Ref, b: Ref) => void;
/** 1 for yes. */
type Predicate = (a: Ref) => number;
/** Both return the number of bytes, little-endian, and 0 for a number that is not below its modulus. */
type FromBytes = (result: Ref, bytes: Ref, length: number) => number;
type ToBytes = (bytes: Ref, room: number, a: Ref) => number;

/** The part of an instance that is used here: arithmetic in the fields and groups, and pairings. */
export interface Mcl {
  readonly wasmMemory: { readonly buffer: ArrayBuffer };
  _malloc(bytes: number): Ref;
  _mclBn_init(curve: number, limits: number): number;
  _mclBn_verifyOrderG1(on: number): void;
  _mclBn_verifyOrderG2(on: number): void;
  _mclBn_setMapToMode(mode: number): number;

  _mclBnFr_deserialize: FromBytes;
  _mclBnFr_serialize: ToBytes;
  _mclBnFr_inv: Unary;

  _mclBnFp_deserialize: FromBytes;
  _mclBnFp_serialize: ToBytes;
  _mclBnFp_isOdd: Predicate;
  _mclBnFp_neg: Unary;
  _mclBnFp_sqr: Unary;
  _mclBnFp_add: Binary;
  _mclBnFp_mul: Binary;
  /** 0 when there is one. */
  _mclBnFp_squareRoot(result: Ref, a: Ref): number;
  _mclBnFp2_mul: Binary;

  _mclBnG1_dbl: Unary;
  _mclBnG1_neg: Unary;
  _mclBnG1_normalize: Unary;
  _mclBnG1_add: Binary;
  _mclBnG1_isZero: Predicate;
  _mclBnG1_isValid: Predicate;
  _mclBnG1_isEqual(a: Ref, b: Ref): number;

  _mclBnG2_dbl: Unary;
  _mclBnG2_neg: Unary;
  _mclBnG2_normalize: Unary;
  _mclBnG2_add: Binary;
  _mclBnG2_isZero: Predicate;
  _mclBnG2_isValid: Predicate;
  _mclBnG2_isEqual(a: Ref, b: Ref): number;

  _mclBnFp_mapToG1: Unary;
  _mclBnFp2_mapToG2: Unary;
  _mclBn_millerLoopVec(result: Ref, g1: Ref, g2: Ref, count: number): void;
  _mclBn_finalExp: Unary;
  _mclBnGT_mul: Binary;
  _mclBnGT_isOne: Predicate;
}

/** Numbers of mcl's curves. */
export const MCL_CURVES = { bn254: 4, bls12: 5, secp256k1: 102, p256: 107 } as const;

/** How the package was built: room for a scalar of 4 words of 64 bits, and for a field element of 6. */
const LIMITS = 4 * 10 + 6;

type CreateModule = (options: { cryptoGetRandomValues(bytes: Uint8Array): void }) => Promise<Mcl>;

const withoutRandomness = {
  cryptoGetRandomValues: (): never => {
    throw new ErbiumError('INVALID_STATE', 'mcl-wasm asked for randomness, of which verification needs none');
  },
};

/**
 * A new instance for one curve.
 * @throws ErbiumError MISSING_PACKAGE; INVALID_STATE for a build that is not fit
 */
export async function loadMcl(curve: keyof typeof MCL_CURVES): Promise<Mcl> {
  const module = await peer('mcl-wasm', () => import('mcl-wasm/dist/mcl_c.js'));
  try {
    const mcl = await (module.default as CreateModule)(withoutRandomness);
    const status = mcl._mclBn_init(MCL_CURVES[curve], LIMITS);
    if (status !== 0) throw new Error(`mclBn_init returned ${status}`);
    // What is in its group is checked where it must be, and then at less cost.
    mcl._mclBn_verifyOrderG1(0);
    mcl._mclBn_verifyOrderG2(0);
    return mcl;
  } catch (cause) {
    throw new ErbiumError(
      'INVALID_STATE',
      `mcl-wasm: this build is not fit for ${curve} (${String(cause)})`,
      {
        cause,
      },
    );
  }
}
