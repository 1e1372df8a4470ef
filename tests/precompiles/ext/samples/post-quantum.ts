import { shake256 } from '@noble/hashes/sha3.js';
import { falconVerify } from '../../../../precompiles/ext/e10f-falcon-verify.ts';
import { dilithiumVerify } from '../../../../precompiles/ext/e100-dilithium-verify.ts';
import { dilithiumSign } from '../../../../precompiles/ext/e101-dilithium-sign.ts';
import { dilithiumKeygen } from '../../../../precompiles/ext/e105-dilithium-keygen.ts';
import { slhDsaVerify } from '../../../../precompiles/ext/e110-slh-dsa-verify.ts';
import { eip8355 } from '../../../../precompiles/ext/eip8355.ts';
import { mlDsaOfLevel } from '../../../../precompiles/ext/lib/ml-dsa.ts';
import { concatBytes } from '../../../../src/primitives/bytes.ts';
import { forgeFalcon, type LogDegree } from './falcon-forge.ts';
import type { Sample } from './sample.ts';
import { forgeSlhDsa, SLH_DSA_SETS } from './slh-dsa-forge.ts';

export const LEVELS = [44, 65, 87] as const;
const LONG = 65_536;

/** Bytes that depend on a label alone. */
export const bytesFor = (label: string, length: number): Uint8Array =>
  shake256(new TextEncoder().encode(label), { dkLen: length });

/** Key and signature of a message, of ML-DSA. */
export function signMlDsa(level: number, message: Uint8Array, label = 'key') {
  const { scheme } = mlDsaOfLevel(level)!;
  const { publicKey, secretKey } = scheme.keygen(bytesFor(label, 32));
  return { publicKey, signature: scheme.sign(message, secretKey, { extraEntropy: false }) };
}

/** Input of FALCON_VERIFY. */
export const falconInput = (
  log: number,
  publicKey: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
): Uint8Array =>
  concatBytes(
    Uint8Array.of(log),
    publicKey,
    Uint8Array.of(signature.length >> 8, signature.length & 255),
    signature,
    message,
  );

/** Valid inputs of the family and of the draft EIP-8355. */
export function samples(): Sample[] {
  const list: Sample[] = [];
  for (const [i, level] of LEVELS.entries()) {
    for (const length of [32, LONG]) {
      const message = bytesFor(`message ${level}`, length);
      const { publicKey, signature } = signMlDsa(level, message);
      const label = `level=${level} message=${length}`;
      const signed = concatBytes(publicKey, signature, message);
      const seed = bytesFor('key', 32);
      list.push({ row: dilithiumVerify, label, input: concatBytes(Uint8Array.of(level), signed) });
      list.push({ row: eip8355[i]!, label, input: signed });
      list.push({ row: dilithiumSign, label, input: concatBytes(Uint8Array.of(level), seed, message) });
    }
    const seed = bytesFor('pair', 32);
    list.push({
      row: dilithiumKeygen,
      label: `level=${level}`,
      input: concatBytes(Uint8Array.of(level), seed),
    });
  }
  for (const [log, length] of [
    [9, 32],
    [9, LONG],
    [10, 32],
  ] as const satisfies readonly (readonly [LogDegree, number])[]) {
    const message = bytesFor('falcon', length);
    const { publicKey, signature } = forgeFalcon(log, message, 0);
    const label = `degree=${2 ** log} message=${length}`;
    list.push({ row: falconVerify, label, input: falconInput(log, publicKey, signature, message) });
  }
  for (const set of SLH_DSA_SETS) {
    for (const length of /128f|256f/.test(set.name) ? [32, LONG] : [32]) {
      const message = bytesFor(set.name, length);
      const { publicKey, signature } = forgeSlhDsa(set, message, 0);
      list.push({
        row: slhDsaVerify,
        label: `${set.name} message=${length}`,
        input: concatBytes(Uint8Array.of(set.id), publicKey, signature, message),
      });
    }
  }
  return list;
}
