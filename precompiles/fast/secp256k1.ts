/** Recovery of the signer (ECDSA over secp256k1). It knows no secret, so speed is all that matters. */

import { type Address, toAddress } from '../../src/primitives/address.ts';
import { bytesToBigInt, concatBytes, toBytes32 } from '../../src/primitives/bytes.ts';
import { keccakWord } from '../../src/primitives/keccak.ts';
import { SECP256K1_ORDER as N } from '../../src/primitives/secp256k1.ts';
import type { Crypto } from '../crypto.ts';
import { endomorphism, splitScalar } from '../curve/glv.ts';
import { oddMultiples, sumOfTerms, type Term } from '../curve/group.ts';
import { BETA, GENERATOR, GENERATOR_WIDTH, LAMBDA, P } from '../noble/secp256k1.ts';
import { g1In, splitPoint } from './group.ts';
import { loadMcl, type Ref } from './mcl.ts';
import { FP_SIZE, Memory } from './memory.ts';

/** Tables of 37 kB are kept, and a recovery makes some 350 points. */
const ROOM = 128 << 10;

/** @throws ErbiumError as loadMcl */
export async function loadSecp256k1(): Promise<Pick<Crypto, 'recoverAddress'>> {
  const memory = new Memory(await loadMcl('secp256k1'), 32, ROOM);
  const { mcl } = memory;
  const g1 = g1In(memory);
  const endo = endomorphism(P, N, BETA, LAMBDA);
  const beta = memory.fp(BETA);
  const seven = memory.fp(7n);
  const generator = tableOf(GENERATOR);
  const images = generator.map((point) => g1.scaleX(point, beta));
  const negatives = generator.map(g1.negate);
  const negativeImages = images.map(g1.negate);
  memory.keep();

  /** Odd multiples with Z = 1, of which additions cost a third less. */
  function tableOf(point: typeof GENERATOR): Ref[] {
    return oddMultiples(g1, g1.fromAffine(point)!, 1 << (GENERATOR_WIDTH - 2)).map(
      (multiple) => g1.fromAffine(g1.toAffine(multiple))!,
    );
  }

  function generatorTerms(k: bigint): Term<Ref>[] {
    const [k1, k2] = splitScalar(endo, k);
    const term = (table: Ref[], negative: Ref[], scalar: bigint): Term<Ref> => ({
      table: scalar < 0n ? negative : table,
      width: GENERATOR_WIDTH,
      scalar: scalar < 0n ? -scalar : scalar,
    });
    return [term(generator, negatives, k1), term(images, negativeImages, k2)];
  }

  /** y of the point with this x, or null when there is none. */
  function yOf(x: bigint, parity: 0 | 1): bigint | null {
    const at = memory.fp(x);
    const root = memory.take(FP_SIZE);
    mcl._mclBnFp_sqr(root, at);
    mcl._mclBnFp_mul(root, root, at);
    mcl._mclBnFp_add(root, root, seven);
    if (mcl._mclBnFp_squareRoot(root, root) !== 0) return null;
    const y = memory.getFp(root);
    return Number(y & 1n) === parity ? y : P - y;
  }

  return {
    recoverAddress(hash: Uint8Array, yParity: 0 | 1, r: bigint, s: bigint): Address | null {
      if (r <= 0n || r >= N || s <= 0n || s >= N) return null;
      memory.begin();
      const y = yOf(r, yParity);
      if (y === null) return null;
      const point = g1.fromAffine({ x: r, y });
      if (point === null) return null;

      // (s * R - hash * G) / r
      const reciprocal = memory.inverse(r);
      const u1 = ((N - (bytesToBigInt(hash) % N)) * reciprocal) % N;
      const u2 = (s * reciprocal) % N;
      const key = sumOfTerms(g1, [...generatorTerms(u1), ...splitPoint(g1, endo, beta, point, u2)]);
      if (g1.isInfinity(key)) return null;
      const { x: keyX, y: keyY } = g1.toAffine(key);
      return toAddress(keccakWord(concatBytes(toBytes32(keyX), toBytes32(keyY))));
    },
  };
}
