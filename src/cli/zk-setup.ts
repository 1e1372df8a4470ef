/** `erbium zk setup`: the proving and the verifying key of a circuit. What it makes is there whole or not. */

import { lstatSync, mkdirSync, mkdtempSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, parse, resolve } from 'node:path';
import { BLS12_381, BN254, type Groth16Curve } from '../../precompiles/ext/lib/groth16-curves.ts';
import { verifyingKeyToJson } from '../../precompiles/ext/lib/groth16-encoding.ts';
import { weaknessOf } from '../../precompiles/ext/lib/groth16-verify.ts';
import { parseZkey } from '../../precompiles/ext/lib/zkey.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { syncDirectory } from '../state/readers/lmdb/files.ts';
import { unreadable } from './input.ts';
import { type JsonOption, misused, print } from './state.ts';
import { ensureFolder, Temporary, turn } from './temporary.ts';
import { compile } from './zk-circom.ts';
import { bad, CIRCUIT_FILES, readBytes, seedOf, within } from './zk-files.ts';
import { domainLog, makeKey, workOf } from './zk-make-key.ts';
import { type Steps, showSteps } from './zk-progress.ts';
import { keyOfCeremony, loadSnarkjs } from './zk-ptau.ts';
import { parseR1cs } from './zk-r1cs.ts';

export interface SetupOptions extends JsonOption {
  readonly curve: string;
  readonly ptau?: string;
  readonly seed?: string;
  readonly include?: readonly string[];
}

interface Made {
  readonly constraints: number;
  readonly wires: number;
  readonly publicInputs: number;
}

const ONE_PARTY =
  'NOT SAFE FOR PRODUCTION: this setup has one party. Whoever knows its secrets, or its seed, can make proofs of ' +
  'anything. For real use take powers of tau of a ceremony (--ptau), and contributions of many to the key.';
const ONE_CONTRIBUTION =
  'NOT SAFE FOR PRODUCTION yet: the second phase has one contribution. Have others contribute with snarkjs zkey ' +
  'contribute, and export the verifying key after the last of them.';
const PUBLIC_SEED =
  'NOT SAFE FOR PRODUCTION: the key holds the seed of its contribution, and whoever reads it can make proofs of ' +
  'anything. Leave --seed out for real use.';

export async function setup(
  circuit: string,
  out = parse(circuit).name,
  { curve: curveName, ptau, seed: seedText, include = [], json }: SetupOptions,
): Promise<void> {
  const curve = curveOf(curveName);
  const given = seedText === undefined ? undefined : seedOf(seedText);
  if (out === '') throw misused('the second argument: expected the name of a folder to make, got nothing');
  demandFile(circuit);
  if (ptau !== undefined) {
    demandFile(ptau);
    // Said before anybody waits for the compiler.
    await loadSnarkjs();
  }
  // To replace the folder that one stands in would leave one in none.
  if (isTaken(out) || resolve(out) === process.cwd()) throw taken(out);

  const steps = showSteps();
  let made: Made;
  try {
    made = await buildFolder(out, async (folder, work) => {
      steps.begin('compiling the circuit', 0.1);
      const compiled = await compile(circuit, work, curve, include);
      renameSync(compiled.r1cs, join(folder, CIRCUIT_FILES.r1cs));
      renameSync(compiled.wasm, join(folder, CIRCUIT_FILES.wasm));
      return makeKeys({ circuit, curve, folder, work, ptau, given, steps });
    });
  } finally {
    steps.stop();
  }

  const warning = ptau === undefined ? ONE_PARTY : given === undefined ? ONE_CONTRIBUTION : PUBLIC_SEED;
  if (json) {
    print(JSON.stringify({ folder: out, curve: curve.name, ...made, files: CIRCUIT_FILES, warning }));
  } else {
    print(
      `${out}: ${Object.values(CIRCUIT_FILES).join(', ')}\n` +
        `${curve.name}, ${made.constraints} constraints, ${made.wires} wires, ${made.publicInputs} public inputs`,
    );
  }
  process.stderr.write(`erbium: ${warning}\n`);
}

function curveOf(name: string): Groth16Curve {
  if (/^(bn254|bn128)$/i.test(name)) return BN254;
  if (/^bls12[-_]?381$/i.test(name)) return BLS12_381;
  throw misused(`--curve ${JSON.stringify(name)}: expected bn254 or bls12-381`);
}

function demandFile(path: string): void {
  try {
    if (!statSync(path).isFile()) throw bad(path, 'is no file');
  } catch (error) {
    throw error instanceof ErbiumError ? error : unreadable(path, error);
  }
}

interface KeysRequest {
  readonly circuit: string;
  readonly curve: Groth16Curve;
  readonly folder: string;
  readonly work: string;
  readonly ptau: string | undefined;
  readonly given: Uint8Array | undefined;
  readonly steps: Steps;
}

async function makeKeys({ circuit, curve, folder, work, ptau, given, steps }: KeysRequest): Promise<Made> {
  const r1cs = join(folder, CIRCUIT_FILES.r1cs);
  const zkey = join(folder, CIRCUIT_FILES.zkey);
  const constraintFile = readBytes(r1cs);
  const system = within(circuit, () => parseR1cs(constraintFile));
  const log = domainLog(system, circuit);
  if (ptau === undefined) {
    steps.begin(`setting up 2^${log} rows`, 0.8);
    const all = workOf(system, log);
    let done = 0;
    const key = await makeKey(system, log, given ?? seedOf(undefined), (more) => {
      done += more;
      steps.update(Math.min(1, done / all));
    });
    writeFileSync(zkey, key, { flush: true });
  } else {
    steps.begin(`setting up 2^${log} rows`, 0.8);
    const progress = (step: string): void => steps.detail(step);
    const made = await keyOfCeremony({ ptau, r1cs, curve, log, folder: work, seed: given, progress });
    renameSync(made, zkey);
  }
  steps.begin('reading the key', 0.1);
  await turn();
  const keyFile = readBytes(zkey);
  const { verifyingKey } = within(ptau ?? circuit, () => parseZkey(keyFile));
  const weakness = weaknessOf(verifyingKey);
  if (weakness !== null)
    throw bad(ptau ?? circuit, `makes a key for which everybody can make proofs: ${weakness}`);
  const text = `${JSON.stringify(verifyingKeyToJson(verifyingKey), null, 1)}\n`;
  writeFileSync(join(folder, CIRCUIT_FILES.verifyingKey), text, { flush: true });
  const { constraints, nVars, nPublic } = system;
  return { constraints: constraints.length, wires: nVars, publicInputs: nPublic };
}

/** Whether the name is in use, if only by a link that leads nowhere; an empty folder may be replaced. */
function isTaken(path: string): boolean {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found !== undefined && !(found.isDirectory() && readdirSync(path).length === 0);
  } catch (error) {
    throw unreadable(path, error);
  }
}

const taken = (path: string): ErbiumError =>
  bad(path, 'is there already, and a key that is in use is not replaced: only a new folder is made');

/** What renaming a folder fails with where the new name is in use. */
const TAKEN: readonly (string | undefined)[] = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'];

/** @param fill gets the folder that will have the name, and one for what is not kept */
async function buildFolder<T>(path: string, fill: (folder: string, work: string) => Promise<T>): Promise<T> {
  const target = resolve(path);
  try {
    ensureFolder(dirname(target));
    const beside = new Temporary(() => mkdtempSync(`${target}.`));
    try {
      const folder = join(beside.path, 'made', basename(target));
      const work = join(beside.path, 'work');
      mkdirSync(folder, { recursive: true });
      mkdirSync(work);
      const result = await fill(folder, work);
      // A signal that came meanwhile is heeded.
      await turn();
      try {
        renameSync(folder, target);
      } catch (error) {
        throw TAKEN.includes((error as NodeJS.ErrnoException).code) ? taken(path) : error;
      }
      syncDirectory(dirname(target));
      return result;
    } finally {
      beside.remove();
    }
  } catch (error) {
    throw error instanceof ErbiumError ? error : unreadable(path, error);
  }
}
