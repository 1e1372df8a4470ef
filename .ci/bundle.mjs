// Bundles `createEvm` for a browser, alone, and holds its size against a limit; then runs the bundle with nothing of
// Node around it. Beside it the size of `createEVM` of @ethereumjs/evm, for comparison.
// Usage: bundle.mjs, after `npm run build`

import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** Bytes, after gzip -9. */
const LIMIT = 110_000;

/** Only in names: nothing is written. */
const OUT = 'bundle';

async function bundle(source, options) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: fileURLToPath(new URL('..', import.meta.url)) },
    bundle: true,
    minify: true,
    write: false,
    outdir: OUT,
    metafile: true,
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
    ...options,
  });
  const { outputs } = metafile;
  const wanted = Object.keys(outputs).filter((name) => outputs[name].entryPoint === '<stdin>');
  // What is imported when it is asked for, as the debugger, is not loaded with the rest.
  for (const name of wanted) {
    const loaded = outputs[name].imports.filter(({ kind }) => kind === 'import-statement');
    for (const { path } of loaded) if (!wanted.includes(path)) wanted.push(path);
  }
  return wanted.map((name) => outputFiles.find(({ path }) => path.endsWith(name)).contents);
}

async function sizeOf(source) {
  const files = await bundle(source, { format: 'esm', splitting: true });
  const sum = (lengthOf) => files.reduce((all, file) => all + lengthOf(file), 0);
  return { raw: sum(({ length }) => length), gzip: sum((file) => gzipSync(file, { level: 9 }).length) };
}

// What browsers and workers have; no `process`, no `Buffer`, no `require`.
const WEB = ['performance', 'setTimeout', 'clearTimeout', 'TextEncoder', 'TextDecoder', 'AbortSignal'];

// PUSH1 1 PUSH1 0 SSTORE, a call of SHA-256 (address 2) with no input, and its output returned.
const PROGRAM = '600160005560205f5f5f5f6002610bb8f15060205ff3';
const SHA256 = '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Runs the bundle where there are only the globals of the language and of the web. */
async function run() {
  const [file] = await bundle(`export { createEvm } from 'erbium'`, {
    format: 'iife',
    globalName: 'erbium',
  });
  const script = new TextDecoder().decode(file);
  const context = createContext(Object.fromEntries(WEB.map((name) => [name, globalThis[name]])));
  runInContext(script, context);
  return runInContext(
    `(async () => {
      for (const name of ['process', 'Buffer', 'require', 'module']) {
        if (name in globalThis) throw new Error(name + ' is there, so this shows nothing');
      }
      const evm = erbium.createEvm();
      const sync = evm.execute('${PROGRAM}');
      const later = await evm.async.execute('${PROGRAM}');
      const sent = evm.transact({ from: 1n, to: 2n });
      return [sync.output, later.output, later.gasUsed === sync.gasUsed, sent.status].join(' ');
    })()`,
    context,
  );
}

const own = await sizeOf(`export { createEvm } from 'erbium'`);
const other = await sizeOf(`export { createEVM } from '@ethereumjs/evm'`);
const told = ({ raw, gzip }) =>
  `${gzip.toLocaleString('en')} bytes gzipped, ${raw.toLocaleString('en')} minified`;
console.log(`bundle of createEvm: ${told(own)} (limit ${LIMIT.toLocaleString('en')} gzipped)`);
console.log(`bundle of createEVM of @ethereumjs/evm: ${told(other)}`);

const problems = [];
if (own.gzip > LIMIT) problems.push(`the bundle has ${own.gzip} bytes gzipped, above ${LIMIT}`);
const expected = `${SHA256} ${SHA256} true success`;
const result = await run().catch((error) => `${error}`);
if (result !== expected) problems.push(`the bundle gives ${result}, not ${expected}`);
else console.log('the bundle runs without Node');
for (const problem of problems) console.log(`problem: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;
