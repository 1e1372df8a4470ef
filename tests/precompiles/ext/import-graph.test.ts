/** Ethereum alone brings none of what the extensions need. */

import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const ROOT = `${import.meta.dirname}/../../..`;
const OPTIONAL = ['@noble/post-quantum', 'node-seal', 'snarkjs', 'circom2'];

/** Files and packages that a module of Erbium brings, those that it would load later included. */
async function graphOf(entry: string): Promise<{ files: string[]; packages: string[] }> {
  const { metafile } = await build({
    entryPoints: [`${ROOT}/${entry}`],
    bundle: true,
    packages: 'external',
    format: 'esm',
    write: false,
    metafile: true,
    splitting: true,
    outdir: 'out',
    absWorkingDir: ROOT,
    logLevel: 'error',
    external: ['node:*'],
  });
  const inputs = Object.values(metafile.inputs);
  const packages = inputs.flatMap(({ imports }) =>
    imports.filter(({ external }) => external).map(({ path }) => path),
  );
  return { files: Object.keys(metafile.inputs), packages: [...new Set(packages)] };
}

const isOptional = (name: string): boolean =>
  OPTIONAL.some((own) => name === own || name.startsWith(`${own}/`));

describe('the import graph', () => {
  it.each([
    'src/index.ts',
    'precompiles/index.ts',
    'opcodes/index.ts',
    'src/statetest/index.ts',
    'src/tracers/index.ts',
  ])('of %s has no extension', async (entry) => {
    const { files, packages } = await graphOf(entry);
    expect(files.length).toBeGreaterThan(2);
    expect(files.filter((file) => file.startsWith('precompiles/ext/'))).toEqual([]);
    expect(packages.filter(isOptional)).toEqual([]);
  });

  it('of the extensions has them, so this would show it', async () => {
    const { files, packages } = await graphOf('precompiles/ext/index.ts');
    expect(files).toContain('precompiles/ext/post-quantum.ts');
    expect(packages.some(isOptional)).toBe(true);
  });
});
