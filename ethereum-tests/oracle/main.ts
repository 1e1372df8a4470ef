/**
 * Compares the smoke tests with @ethereumjs/vm: `npm run smoke:verify`. A line for each case that disagrees, and
 * for what the oracle cannot run; exit code 1 where there is any disagreement. With VERBOSE set, each rejection is
 * shown with the oracle's own words.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { caseId, casesOf } from '../../src/statetest/case.ts';
import { parseFixture } from '../../src/statetest/fixture.ts';
import { askOracle, oracleKnows } from './ethereumjs.ts';

const folder = process.argv[2] ?? 'ethereum-tests/smoke';
const only = process.argv[3] ?? '';

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json') && file.includes(only))
  .sort();
let cases = 0;
let disagreements = 0;
const unknown = new Map<string, number>();
for (const file of files) {
  for (const test of parseFixture(readFileSync(join(folder, file), 'utf8'), file)) {
    for (const testCase of casesOf(test)) {
      if (!oracleKnows(testCase.fork)) {
        unknown.set(testCase.fork, (unknown.get(testCase.fork) ?? 0) + 1);
        continue;
      }
      cases++;
      const { post } = testCase;
      const oracle = await askOracle(testCase);
      const differences: string[] = [];
      const shouldReject = post.expectException !== undefined;
      if (shouldReject !== (oracle.rejected !== null)) {
        differences.push(
          `expected ${post.expectException ?? 'a valid transaction'}, the oracle says ${oracle.rejected ?? 'that it is valid'}`,
        );
      }
      if (oracle.root !== bytesToHex(post.hash)) {
        differences.push(`root ${bytesToHex(post.hash)}, the oracle has ${oracle.root}`);
      }
      if (oracle.logs !== bytesToHex(post.logs)) differences.push('logs differ');
      if (differences.length > 0) {
        disagreements++;
        console.log(`${file}: ${caseId(testCase)}: ${differences.join('; ')}`);
      }
      if (process.env.VERBOSE !== undefined && oracle.rejected !== null) {
        console.log(`  ${caseId(testCase)}: ${post.expectException ?? 'valid'}: ${oracle.rejected}`);
      }
    }
  }
}
for (const [fork, count] of unknown)
  console.log(`the oracle does not know ${fork}: ${count} cases not compared`);
console.log(
  'not independent: the KZG proof check of precompile 0x0a, of which the oracle has none of its own',
);
console.log(
  `${cases} cases in ${files.length} files compared with @ethereumjs/vm: ${disagreements} disagreements`,
);
if (disagreements > 0 || cases === 0) process.exitCode = 1;
