// Runs the official suites through the command line, on each engine, and holds the counts against
// ethereum-tests/pin.json.
// Usage: suites.mjs FOLDER_OF_ARCHIVES VITEST_REPORT

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [folder, unitReport] = process.argv.slice(2);
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const problems = [];
let passed = 0;
let failed = 0;

const unit = read(unitReport);
passed += unit.numPassedTests;
failed += unit.numFailedTests;
const pin = read(new URL('../ethereum-tests/pin.json', import.meta.url));
if (unit.numPassedTests < pin.unit.minimumTests) {
  problems.push(`unit tests: ${unit.numPassedTests} passed, pinned at least ${pin.unit.minimumTests}`);
}
// Tests without the vectors of others skip themselves; here they must be there.
if (unit.numPendingTests > 0) problems.push(`unit tests: ${unit.numPendingTests} were skipped`);
console.log(`unit tests: ${unit.numPassedTests} passed, ${unit.numFailedTests} failed`);

/** Runs fixtures; `report` is undefined where there is none. */
function run(command, ...args) {
  const { stdout, status } = spawnSync(
    process.execPath,
    ['dist/cli/erbium.js', command, ...args, '--workers', '2', '--json'],
    { encoding: 'utf8', maxBuffer: 2 ** 30, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return { report: stdout ? JSON.parse(stdout) : undefined, status };
}

/** By name: where the first could not be had, `auto` would run the second twice and say nothing. */
const ENGINES = ['wasm', 'bigint'];

/** Each engine with a cryptography of its own, so that both pass everything, too. */
const CRYPTO = { wasm: 'noble', bigint: 'fast' };

for (const engine of ENGINES) {
  const { report, status } = run('statetest', '--engine', engine);
  const got = report?.passed ?? 0;
  passed += got;
  failed += report?.failed ?? 0;
  console.log(`smoke tests, ${engine}: ${got} passed in ${report?.seconds.toFixed(1)} s`);
  if (status !== 0 || got !== pin.smoke.cases) {
    problems.push(`smoke tests, ${engine}: ${got} passed, pinned ${pin.smoke.cases}, exit code ${status}`);
  }
}

// With every world on disk. What passes here passes elsewhere, too, and is not counted again.
const databases = mkdtempSync(join(tmpdir(), 'erbium-ci-'));
const { suite: storedSuite, run: storedRun, cases } = pin.stored;
const storedArchive = join(folder, pin.suites.find(({ name }) => name === storedSuite).archive.file);
for (const [name, expected, ...args] of [
  ['smoke tests', pin.smoke.cases],
  [storedSuite, cases, storedArchive, '--run', storedRun],
]) {
  const { report, status } = run('statetest', ...args, '--state', `lmdb:${databases}`);
  const got = report?.passed ?? 0;
  console.log(`${name}, on disk: ${got} passed in ${report?.seconds.toFixed(1)} s`);
  // Each case that is not refused commits its accounts and then its changes.
  if (!(report?.commits >= got))
    problems.push(`${name}, on disk: ${report?.commits ?? 0} commits for ${got} cases`);
  if (status !== 0 || got !== expected) {
    problems.push(`${name}, on disk: ${got} passed, pinned ${expected}, exit code ${status}`);
  }
}
rmSync(databases, { recursive: true, force: true });

// Blocks made to take long have a command of their own, `npm run bench:blocks`.
const suites = pin.suites.filter(({ benchmark }) => !benchmark);
for (const [suite, engine] of suites.flatMap((suite) => ENGINES.map((engine) => [suite, engine]))) {
  const name = `${suite.name}, ${engine}`;
  const path = join(folder, suite.archive.file);
  const { report, status } = run(suite.command, path, '--engine', engine, '--crypto', CRYPTO[engine]);
  const { expected } = suite.archive;
  if (report === undefined) {
    problems.push(`${name}: no report (exit code ${status})`);
    continue;
  }
  passed += report.passed;
  failed += report.failed;
  console.log(`${name}: ${report.passed} passed, ${report.failed} failed in ${report.seconds.toFixed(1)} s`);
  for (const { id } of report.cases.filter((result) => !result.pass).slice(0, 20))
    console.log(`  FAIL ${id}`);
  const slowest = report.cases.sort((a, b) => b.ms - a.ms).slice(0, 10);
  for (const { ms, id } of slowest) console.log(`  ${Math.round(ms)} ms ${id}`);
  if (status !== 0) problems.push(`${name}: exit code ${status}`);
  if (report.passed !== expected.cases) {
    problems.push(`${name}: ${report.passed} passed, pinned ${expected.cases}`);
  }
  for (const [fork, count] of Object.entries(expected.byFork)) {
    const got = report.forks.find((entry) => entry.fork === fork)?.passed ?? 0;
    if (got !== count) problems.push(`${name}, ${fork}: ${got} passed, pinned ${count}`);
  }
}

for (const problem of problems) console.log(`problem: ${problem}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = problems.length > 0 || failed > 0 ? 1 : 0;
