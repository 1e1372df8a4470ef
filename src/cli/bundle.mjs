// Makes of the command and all it imports a few files in dist/cli: a Node that starts spends most of its time on
// finding and opening modules, one by one. Usage: bundle.mjs

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = new URL('../../', import.meta.url);
const outdir = fileURLToPath(new URL('dist/cli', root));

rmSync(outdir, { recursive: true, force: true });
const options = {
  absWorkingDir: fileURLToPath(root),
  outdir,
  bundle: true,
  // What a command does not need is not opened.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Its user's to install: native, large, or under a licence that does not allow it here.
  external: ['lmdb', 'node-seal', 'snarkjs', 'circom2', 'mcl-wasm', '@ethereumjs/*'],
  // Bundled CommonJS modules ask for Node's by `require`, which modules do not have.
  banner: {
    js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`,
  },
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};
// Apart from the others, with which it would share its code in three times as many files: tools start it for every
// test, and opening them is a quarter of what it takes beyond Node's own start.
const programs = [['erbium', 'suite-worker', 'fuzz-worker', 'fuzz-code-worker'], ['erbium-evm']];
const inputs = [];
for (const names of programs) {
  const entryPoints = names.map((name) => `src/cli/${name}.ts`);
  inputs.push(...Object.keys((await build({ ...options, entryPoints })).metafile.inputs));
}

/** The folders of the packages that went in, as `node_modules/NAME`. */
const packages = new Set(inputs.flatMap((file) => file.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []));

const notices = [...packages].sort().map((folder) => {
  const files = new URL(`${folder}/`, root);
  const { name, version, license } = JSON.parse(readFileSync(new URL('package.json', files), 'utf8'));
  const file = readdirSync(files).find((name) => /^licen[cs]e/i.test(name));
  if (file === undefined) throw new Error(`${folder}: no licence to pass on`);
  return `${name} ${version} (${license})\n\n${readFileSync(new URL(file, files), 'utf8').trim()}\n`;
});
writeFileSync(`${outdir}/LICENSES.txt`, notices.join(`\n${'-'.repeat(80)}\n\n`));
