/** ECDSA verification over P-256 (secp256r1). It knows no secret, so speed is all that matters. */

import { bytesToBigInt } from '../../src/primitives/bytes.ts';
import type { Crypto } from '../crypto.ts';
import { oddMultiples, sumOfTerms, termOf } from '../curve/group.ts';
import { GENERATOR, GENERATOR_WIDTH, P256_ORDER as N, P256_FIELD } from '../noble/p256.ts';
import { g1In } from './group.ts';
import { loadMcl } from './mcl.ts';
import { Memory } from './memory.ts';

/** A table of 9 kB is kept, and a verification makes some 350 points. */
const ROOM = 128 << 10;

/** @throws ErbiumError as loadMcl */
export async function loadP256(): Promise<Pick<Crypto, 'p256Verify'>> {
  const memory = new Memory(await loadMcl('p256'), 32, ROOM);
  const g1 = g1In(memory);
  const multiples = oddMultiples(g1, g1.fromAffine(GENERATOR)!, 1 << (GENERATOR_WIDTH - 2));
  const generator = multiples.map((point) => g1.fromAffine(g1.toAffine(point))!);
  memory.keep();

  return {
    p256Verify(hash, r, s, x, y) {
      if (r <= 0n || r >= N || s <= 0n || s >= N) return false;
      if (x < 0n || x >= P256_FIELD || y < 0n || y >= P256_FIELD) return false;
      memory.begin();
      const key = g1.fromAffine({ x, y });
      if (key === null || g1.isInfinity(key)) return false;
      const reciprocal = memory.inverse(s);
      const sum = sumOfTerms(g1, [
        { table: generator, width: GENERATOR_WIDTH, scalar: (bytesToBigInt(hash) * reciprocal) % N },
        termOf(g1, key, (r * reciprocal) % N),
      ]);
      return !g1.isInfinity(sum) && g1.toAffine(sum).x % N === r;
    },
  };
}
