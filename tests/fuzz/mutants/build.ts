/**
 * Builds the command with one bug planted. What is not the bug is the product's own source, bundled as the product is,
 * but that packages stay where they are installed.
 */

import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Mutant } from './list.ts';

const ROOT = join(import.meta.dirname, '../../..');

/**
 * The source with the mutant's text in place of the product's.
 * @throws Error naming the file where the text does not occur in it exactly once
 */
export function planted(source: string, { file, from, to }: Patch): string {
  const [before, behind, ...more] = source.split(from);
  if (behind === undefined || more.length > 0) {
    const times = behind === undefined ? 0 : more.length + 1;
    throw new Error(`${file}: expected once, found ${times} times: ${from}`);
  }
  return `${before}${to}${behind}`;
}

type Patch = Pick<Mutant, 'file' | 'from' | 'to'>;

/** Handlers are the reference engine's. With them alone in use, a bug in one is in both loops, as one in the table is. */
const ONE_ENGINE: Patch = {
  file: 'src/evm/engine.ts',
  from: "if (choice === 'bigint') return reference;",
  to: 'return reference;',
};

const planting = (patches: readonly Patch[], onPlanted: (patch: Patch) => void): Plugin => ({
  name: 'mutant',
  setup(bundle) {
    bundle.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const here = patches.filter(({ file }) => path === join(ROOT, file));
      if (here.length === 0) return undefined;
      here.forEach(onPlanted);
      return { contents: here.reduce(planted, readFileSync(path, 'utf8')), loader: 'ts' };
    });
  },
});

/**
 * Builds a mutant of `erbium`.
 * @param folder stands for the package's; it lies below the repository's root, so that packages are found
 * @returns the path of its command
 * @throws Error where the bug could not be planted
 */
export async function buildMutant(mutant: Mutant, folder: string): Promise<string> {
  const outdir = join(folder, 'dist/cli');
  let isPlanted = false;
  const onPlanted = (patch: Patch): void => {
    if (patch === mutant) isPlanted = true;
  };
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/cli/erbium.ts', 'src/cli/fuzz-worker.ts'],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'silent',
    plugins: [planting([mutant, ONE_ENGINE], onPlanted)],
  });
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  if (!isPlanted) throw new Error(`${mutant.file}: is no part of the command`);
  return join(outdir, 'erbium.js');
}
