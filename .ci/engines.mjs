// Compares the engines with each other on made-up cases: 100,000 of them, the same each time.
// Usage: engines.mjs

import { spawnSync } from 'node:child_process';

const RUNS = { mixed: 40_000, calls: 20_000, storage: 20_000, memory: 20_000 };

let problems = 0;
for (const [profile, runs] of Object.entries(RUNS)) {
  const { stdout, status } = spawnSync(
    process.execPath,
    [
      ...['dist/cli/erbium.js', 'fuzz', 'diff', '--profile', profile, '--runs', String(runs)],
      ...['--seed', '1', '--workers', '2', '--json'],
    ],
    { encoding: 'utf8', maxBuffer: 2 ** 30, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const events = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const end = events.find(({ event }) => event === 'end');
  const isWell = status === 0 && end?.runs === runs && end.findings === 0;
  if (!isWell) {
    problems++;
    for (const { event, ...rest } of events.filter(
      ({ event }) => event === 'finding' || event === 'trouble',
    )) {
      console.log(`${event}: ${JSON.stringify(rest)}`);
    }
  }
  const what = `${end?.runs ?? 0} cases of ${runs}, ${end?.findings ?? 'no count of'} findings`;
  console.log(`engines, ${profile}: ${what}, in ${end?.seconds.toFixed(1)} s, exit code ${status}`);
}
process.exitCode = problems > 0 ? 1 : 0;
