/**
 * Cryptography that remembers its answers. Cases of one campaign ask for the same few pairings and signatures again
 * and again, and one pairing takes as long as a hundred cases; all operations are pure, so nothing is lost by it.
 */

import type { Crypto } from '../../precompiles/crypto.ts';

/** Answers that are kept; when there are more, all are dropped. */
const MOST_ANSWERS = 8_192;

type Operation = (...args: never[]) => unknown;

/**
 * The same for the same arguments only, since the bytes in one place are always as many. To write them as JSON took three
 * times as long.
 */
function keyOf(value: unknown): string {
  if (typeof value === 'bigint') return value.toString(16);
  if (value instanceof Uint8Array) {
    let text = '';
    for (let i = 0; i < value.length; i++) text += String.fromCharCode(value[i]!);
    return text;
  }
  if (typeof value !== 'object' || value === null) return String(value);
  let key = '(';
  for (const name in value) key += `${name}:${keyOf((value as Record<string, unknown>)[name])},`;
  return `${key})`;
}

function remembered<F extends Operation>(operation: F): F {
  const answers = new Map<string, unknown>();
  const remembering = (...args: Parameters<F>): unknown => {
    const key = keyOf(args);
    let answer = answers.get(key);
    if (answer === undefined) {
      answer = operation(...args);
      if (answers.size >= MOST_ANSWERS) answers.clear();
      answers.set(key, answer);
    }
    return answer;
  };
  return remembering as F;
}

/** The operations on curves remember; hashes are as fast as a look-up. */
export const rememberedCrypto = (crypto: Crypto): Crypto => ({
  ...crypto,
  recoverAddress: remembered(crypto.recoverAddress),
  p256Verify: remembered(crypto.p256Verify),
  bn254Add: remembered(crypto.bn254Add),
  bn254Mul: remembered(crypto.bn254Mul),
  bn254PairingCheck: remembered(crypto.bn254PairingCheck),
  bls12G1Add: remembered(crypto.bls12G1Add),
  bls12G2Add: remembered(crypto.bls12G2Add),
  bls12G1Msm: remembered(crypto.bls12G1Msm),
  bls12G2Msm: remembered(crypto.bls12G2Msm),
  bls12PairingCheck: remembered(crypto.bls12PairingCheck),
  bls12MapToG1: remembered(crypto.bls12MapToG1),
  bls12MapToG2: remembered(crypto.bls12MapToG2),
  verifyKzgProof: remembered(crypto.verifyKzgProof),
});
