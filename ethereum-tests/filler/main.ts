/** Writes the smoke tests: `npm run smoke:fill`. Files that no definition names any more are removed. */

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { definitions } from './definitions.ts';
import { fill } from './fill.ts';

const target = process.argv[2] ?? 'ethereum-tests/smoke';

let cases = 0;
const written = new Set<string>();
const problems: string[] = [];
for (const definition of definitions) {
  const file = `${definition.path}.json`;
  try {
    if (written.has(file)) throw new Error(`${definition.path}: defined twice`);
    const text = fill(definition);
    mkdirSync(dirname(join(target, file)), { recursive: true });
    writeFileSync(join(target, file), text);
    cases += text.split('"indexes"').length - 1;
  } catch (error) {
    problems.push((error as Error).message);
  }
  written.add(file);
}
for (const entry of readdirSync(target, { recursive: true, encoding: 'utf8' })) {
  const file = entry.replaceAll('\\', '/');
  if (file.endsWith('.json') && !written.has(file)) rmSync(join(target, file));
}
for (const problem of problems) console.error(problem);
console.log(`${written.size} tests, ${cases} cases in ${target}`);
if (problems.length > 0) process.exitCode = 1;
