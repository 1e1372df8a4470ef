/** `erbium zk verify` and `export`: proofs checked, and written as the precompile ZK_VERIFY takes them. */

import { nobleCrypto } from '../../precompiles/crypto.ts';
import { curveOfId } from '../../precompiles/ext/lib/groth16-curves.ts';
import {
  encodeProof,
  encodePublicInputs,
  encodeVerifyingKey,
} from '../../precompiles/ext/lib/groth16-encoding.ts';
import { verifyGroth16, weaknessOf } from '../../precompiles/ext/lib/groth16-verify.ts';
import { bytesToHex, bytesToHexDigits, concatBytes } from '../primitives/bytes.ts';
import { EXIT } from './exit.ts';
import { type JsonOption, misused, print } from './state.ts';
import { bad, readJson, within } from './zk-files.ts';

interface Input {
  readonly key: Uint8Array;
  readonly curve: 'bn128' | 'bls12381';
  readonly publicInputs: Uint8Array;
  readonly proof: Uint8Array;
}

function readKey(path: string): Uint8Array {
  const json = readJson(path);
  const key = within(path, () => encodeVerifyingKey(json));
  const weakness = weaknessOf(key);
  if (weakness !== null) throw bad(path, `everybody can make proofs for this key: ${weakness}`);
  return key;
}

/** @throws ErbiumError naming the file and the field */
function readInput(keyPath: string, inputsPath: string, proofPath: string): Input {
  const key = readKey(keyPath);
  const curve = curveOfId(key[0])!;
  const inputsJson = readJson(inputsPath);
  const publicInputs = within(inputsPath, () => encodePublicInputs(inputsJson, curve.name));
  const count = publicInputs.length / 32;
  const at = 1 + curve.g1Length + 3 * curve.g2Length;
  const expected = key[at]! * 256 + key[at + 1]!;
  if (count !== expected) throw bad(inputsPath, `publicInputs: expected ${expected} items, got ${count}`);
  const proofJson = readJson(proofPath);
  const proof = within(proofPath, () => encodeProof(proofJson, curve.name));
  return { key, curve: curve.name, publicInputs, proof };
}

export function verify(keyPath: string, inputsPath: string, proofPath: string, { json }: JsonOption): void {
  const { key, proof, publicInputs, curve } = readInput(keyPath, inputsPath, proofPath);
  const valid = verifyGroth16(concatBytes(key, proof, publicInputs), nobleCrypto);
  process.exitCode = valid ? EXIT.OK : EXIT.FAILURE;
  if (json) print(JSON.stringify({ valid, curve, publicInputs: publicInputs.length / 32 }));
  else print(valid ? 'valid' : 'invalid');
}

export interface ExportOptions extends JsonOption {
  readonly solidity?: true;
}

/** The verifying key with the byte of the curve in front; with inputs and proof, the whole input of ZK_VERIFY. */
export function exportKey(
  keyPath: string,
  inputsPath: string | undefined,
  proofPath: string | undefined,
  { json, solidity }: ExportOptions,
): void {
  if (json && solidity) throw misused('--json and --solidity: only one of them');
  if (inputsPath === undefined || proofPath === undefined) {
    const verifyingKey = readKey(keyPath);
    if (json) print(JSON.stringify({ verifyingKey: bytesToHex(verifyingKey) }));
    else print(solidity ? constant('VERIFYING_KEY', verifyingKey) : bytesToHex(verifyingKey));
    return;
  }
  const { key, proof, publicInputs } = readInput(keyPath, inputsPath, proofPath);
  const input = concatBytes(key, proof, publicInputs);
  if (json) {
    const parts = { verifyingKey: key, proof, publicInputs, input };
    print(JSON.stringify(parts, (_, value) => (value instanceof Uint8Array ? bytesToHex(value) : value)));
  } else print(solidity ? constant('ZK_VERIFY_INPUT', input) : bytesToHex(input));
}

const constant = (name: string, bytes: Uint8Array): string =>
  `bytes constant ${name} = hex"${bytesToHexDigits(bytes)}";`;
