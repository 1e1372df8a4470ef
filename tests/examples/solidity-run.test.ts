/** examples/solidity/run.mjs runs from the built package, and prints what its README says. */

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const FOLDER = `${import.meta.dirname}/../../examples/solidity`;
const read = (name: string): string => readFileSync(`${FOLDER}/${name}`, 'utf8');

describe('examples/solidity', () => {
  it('prints what it says', { timeout: 300_000 }, async () => {
    const path = `${FOLDER}/run.mjs`;
    const { stdout } = await promisify(execFile)(process.execPath, [path], { timeout: 280_000 });
    const blocks = read('README.md').match(/```\n[\s\S]*?\n```/g) ?? [];
    expect(blocks.at(-1)).toBe(`\`\`\`\n${stdout.trimEnd()}\n\`\`\``);
  });

  it('has an entry for each contract, and a contract for each story', () => {
    const contracts = readdirSync(FOLDER).filter((file) => file.endsWith('.sol'));
    expect(contracts.length).toBe(5);
    for (const file of contracts) {
      const name = file.replace('.sol', '');
      expect(read('README.md')).toContain(`### ${name}\n`);
      const story = name.replaceAll(/\B[A-Z]/g, '-$&').toLowerCase();
      expect(read(`stories/${story}.mjs`)).toContain(`deploy('${name}'`);
    }
  });

  it('has a licence and a version in every source', () => {
    const paths = [
      ...readdirSync(FOLDER),
      ...readdirSync(`${FOLDER}/interfaces`).map((name) => `interfaces/${name}`),
    ];
    for (const path of paths.filter((name) => name.endsWith('.sol'))) {
      expect(read(path)).toMatch(/^\/\/ SPDX-License-Identifier: MIT\npragma solidity \^0\.8\./);
    }
  });
});
