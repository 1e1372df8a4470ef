/** `erbium zk prove`: a proof for the inputs of a circuit. */

import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { nobleCrypto } from '../../precompiles/crypto.ts';
import { proofToJson } from '../../precompiles/ext/lib/groth16-encoding.ts';
import { proveGroth16, publicInputsOf } from '../../precompiles/ext/lib/groth16-prove.ts';
import { verifyGroth16 } from '../../precompiles/ext/lib/groth16-verify.ts';
import { parseZkey } from '../../precompiles/ext/lib/zkey.ts';
import { concatBytes } from '../primitives/bytes.ts';
import { unreadable } from './input.ts';
import { type JsonOption, misused, print } from './state.ts';
import { writeFiles } from './write-files.ts';
import { CIRCUIT_FILES, readBytes, readJson, seedOf, within } from './zk-files.ts';
import { pause, showSteps } from './zk-progress.ts';
import { witnessOf } from './zk-witness.ts';

export interface ProveOptions extends JsonOption {
  readonly wasm?: string;
  readonly seed?: string;
  readonly out: string;
  readonly public?: string;
}

export async function prove(keyPath: string, inputPath: string, options: ProveOptions): Promise<void> {
  const { json, out, public: publicPath = join(dirname(out), 'public.json') } = options;
  if (out === '' || publicPath === '')
    throw misused('--out and --public: expected the name of a file to write');
  const seed = seedOf(options.seed);
  const { zkey: zkeyPath, wasm: wasmPath, others } = filesOf(keyPath, options.wasm);
  const read = [zkeyPath, wasmPath, ...others, ...(inputPath === '-' ? [] : [inputPath])];
  demandApart(out, publicPath, read);

  const steps = showSteps();
  try {
    const begin = (name: string, share: number): Promise<void> => {
      steps.begin(name, share);
      return pause();
    };
    const input = readJson(inputPath, true);
    await begin('reading the key', 0.1);
    const zkey = readBytes(zkeyPath);
    const key = within(zkeyPath, () => parseZkey(zkey));
    await begin('computing the witness', 0.1);
    const inputName = inputPath === '-' ? 'standard input' : inputPath;
    const witness = witnessOf({
      wasm: readBytes(wasmPath),
      wasmPath,
      input,
      inputPath: inputName,
      r: key.curve.r,
      wires: key.nVars,
    });
    await begin(`proving ${key.nVars} wires`, 0.7);
    const proof = within(zkeyPath, () => proveGroth16(key, witness, seed));
    await begin('checking the proof', 0.1);
    const publicInputs = publicInputsOf(key, witness);
    if (!verifyGroth16(concatBytes(key.verifyingKey, proof, publicInputs), nobleCrypto)) {
      throw misused(`${wasmPath}: what it computes does not satisfy ${zkeyPath}: they are of two circuits`);
    }
    steps.stop();
    const proofJson = proofToJson(proof, key.curve.name);
    const inputs = witness.slice(1, key.nPublic + 1).map(String);
    writeFiles([
      [out, `${JSON.stringify(proofJson, null, 1)}\n`],
      [publicPath, `${JSON.stringify(inputs, null, 1)}\n`],
    ]);
    if (json) {
      print(JSON.stringify({ proof: proofJson, publicInputs: inputs, files: [out, publicPath] }));
    } else print(`${out}: the proof\n${publicPath}: ${inputs.length} public inputs`);
  } finally {
    steps.stop();
  }
}

/** The key and the compiled circuit: those of a folder that setup made, or a .zkey with a .wasm beside it. */
function filesOf(
  path: string,
  wasm: string | undefined,
): { zkey: string; wasm: string; others: readonly string[] } {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch (error) {
    throw unreadable(path, error);
  }
  if (isFolder) {
    const others = [join(path, CIRCUIT_FILES.verifyingKey), join(path, CIRCUIT_FILES.r1cs)];
    return { zkey: join(path, CIRCUIT_FILES.zkey), wasm: wasm ?? join(path, CIRCUIT_FILES.wasm), others };
  }
  return { zkey: path, wasm: wasm ?? `${path.replace(/\.zkey$/, '')}.wasm`, others: [] };
}

/** The path without links, as far as it is there. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    try {
      return join(realpathSync(dirname(path)), basename(path));
    } catch {
      return resolve(path);
    }
  }
}

/** What is written must not take the place of what is read, nor of one another. */
function demandApart(out: string, publicPath: string, read: readonly string[]): void {
  if (real(out) === real(publicPath)) throw misused(`--out and --public: both are ${out}`);
  const taken = read.map(real);
  for (const path of [out, publicPath]) {
    if (taken.includes(real(path)))
      throw misused(`${path}: is read here, so it is not written; see --out and --public`);
  }
}
