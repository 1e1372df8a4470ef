/** Compiles circuits with circom2, an optional package, in a process of its own: it works without a pause. */

import { spawn } from 'node:child_process';
// Not by its name: the bundle gives each of its files a createRequire already.
import nodeModule from 'node:module';
import { join, parse, relative, resolve } from 'node:path';
import type { Groth16Curve } from '../../precompiles/ext/lib/groth16-curves.ts';
import { peer } from '../../precompiles/ext/lib/peer.ts';
import { bad } from './zk-files.ts';

export interface Compiled {
  readonly r1cs: string;
  readonly wasm: string;
}

// The first of many errors tells what is wrong.
const MAX_MESSAGE = 2_000;

/**
 * @param folder where the files go
 * @returns their paths
 * @throws ErbiumError MISSING_PACKAGE; UNREADABLE_FILE with what the compiler says
 */
export async function compile(
  circuit: string,
  folder: string,
  { name }: Groth16Curve,
  includes: readonly string[],
): Promise<Compiled> {
  const program = await peer('circom2', async () => {
    const name = 'circom2/cli.js';
    try {
      return nodeModule.createRequire(import.meta.url).resolve(name);
    } catch {
      // A command that stands elsewhere finds what the project at hand has.
      return nodeModule.createRequire(join(process.cwd(), 'at-hand.js')).resolve(name);
    }
  });
  // Its sandbox finds files to include below the folder that it starts in, and not beside it.
  const { root } = parse(resolve(circuit));
  const inside = (path: string): string => relative(root, resolve(path));
  const args = [inside(circuit), '--r1cs', '--wasm', '--O2', '--prime', name, '--output', inside(folder)];
  for (const include of includes) args.push('-l', inside(include));
  const { status, output } = await run([program, ...args], root);
  // Its messages have colours.
  const plain = output.replaceAll(/\p{Cc}\[[0-9;]*m/gu, '').trim();
  if (status !== 0) throw bad(circuit, `does not compile\n${plain.slice(0, MAX_MESSAGE)}`);
  const stem = parse(circuit).name;
  return { r1cs: join(folder, `${stem}.r1cs`), wasm: join(folder, `${stem}_js`, `${stem}.wasm`) };
}

function run(args: readonly string[], cwd: string): Promise<{ status: number | null; output: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const kill = (): void => void child.kill();
    process.once('exit', kill);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        // Warnings of a large circuit would fill the memory.
        if (output.length < 10 * MAX_MESSAGE) output += text;
      });
    }
    child.on('error', fail);
    child.on('close', (status) => {
      process.off('exit', kill);
      done({ status, output });
    });
  });
}
