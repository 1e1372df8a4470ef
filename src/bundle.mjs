// Makes of the library's doors, as package.json's `exports` name them, and all they import a few files in dist/lib: half
// of what importing the library took went into opening 160 small modules, one by one. What doors share is in one file for
// all of them, so that there is one of everything. Packages stay outside. Usage: bundle.mjs; the declarations are tsc's.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = new URL('../', import.meta.url);
const outdir = fileURLToPath(new URL('dist/lib', root));
const { exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));

/** Sources by the names of what is made of them. */
const entryPoints = Object.fromEntries(
  Object.values(exports)
    .filter((door) => typeof door === 'object')
    .map((door) => [
      door.default.replace(/^\.\/dist\/lib\/(.*)\.js$/, '$1'),
      door.types.replace(/^\.\/dist\/(.*)\.d\.ts$/, '$1.ts'),
    ]),
);

rmSync(outdir, { recursive: true, force: true });
const { outputFiles } = await build({
  absWorkingDir: fileURLToPath(root),
  entryPoints,
  outdir,
  chunkNames: 'shared/[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  // Browsers as well as Node.
  platform: 'neutral',
  target: 'es2022',
  packages: 'external',
  write: false,
  logLevel: 'warning',
});

for (const { path, text } of outputFiles) {
  // A class that speaks of itself gets a second name, which is what a program that prints one of its objects would show.
  const names = [...text.matchAll(/^var (\w+) = class _\1\b/gm)].map(([, name]) => name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    names.reduce((code, name) => code.replaceAll(new RegExp(`\\b_${name}\\b`, 'g'), name), text),
  );
}
