/** The rules of the house: direction of imports, length of files, names of forks, packages. */

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FORKS } from '../src/forks/fork.ts';
import { importsOf, roomOf, violations } from './helpers/structure.ts';

const ROOT = `${import.meta.dirname}/..`;

function sources(): Map<string, string> {
  const files = new Map<string, string>();
  for (const top of ['src', 'opcodes', 'precompiles']) {
    for (const name of readdirSync(`${ROOT}/${top}`, { recursive: true, encoding: 'utf8' })) {
      const path = `${top}/${name.replaceAll('\\', '/')}`;
      if (path.endsWith('.ts')) files.set(path, readFileSync(`${ROOT}/${path}`, 'utf8'));
    }
  }
  return files;
}

describe('the house', () => {
  const files = sources();

  it('has its files where the test looks', () => {
    expect(files.size).toBeGreaterThan(80);
    const rooms = new Set([...files.keys()].map(roomOf));
    for (const room of [
      'primitives',
      'forks',
      'machine',
      'state',
      'opcodes',
      'precompiles',
      'interpreter',
      'evm',
    ]) {
      expect(rooms).toContain(room);
    }
    const edges = [...files].flatMap(([, source]) => importsOf(source));
    expect(edges.length).toBeGreaterThan(200);
  });

  it('keeps its rules', () => {
    expect(violations(files)).toEqual([]);
  });
});

describe('the checker bites', () => {
  const check = (path: string, source: string): string[] => violations(new Map([[path, source]]));

  it.each([
    ['src/primitives/a.ts', `import { b } from '../forks/fork.ts';`],
    ['src/primitives/a.ts', `import type { B } from '../forks/fork.ts';`],
    ['src/machine/a.ts', `import { b } from '../state/world.ts';`],
    ['src/state/a.ts', `import { b } from '../machine/code.ts';`],
    ['src/state/a.ts', `export * from '../machine/code.ts';`],
    ['src/machine/a.ts', `const b = await import('../../opcodes/row.ts');`],
    ['opcodes/a.ts', `import '../precompiles/row.ts';`],
    ['precompiles/a.ts', `import { b } from './ext/zk.ts';`],
    ['src/evm/a.ts', `const b = await import('../../precompiles/ext/index.ts');`],
    ['src/evm/a.ts', `const b = await import('../../precompiles/fast/index.ts');`],
    ['precompiles/a.ts', `const b = await import('mcl-wasm/dist/mcl_c.js');`],
    ['precompiles/a.ts', `import { b } from '@noble/post-quantum/ml-dsa.js';`],
    ['src/executor/a.ts', `const b = await import('snarkjs');`],
    ['src/fuzz/a.ts', `const b = await import('@ethereumjs/vm');`],
    ['src/testing/a.ts', `import { b } from 'viem';`],
    ['src/testing/viem/a.ts', `import { b } from 'abitype';`],
    ['opcodes/a.ts', `import { World } from '../src/state/world.ts';`],
    ['opcodes/a.ts', `import { b } from '../src/evm/run.ts';`],
    ['precompiles/a.ts', `import { op } from '../opcodes/row.ts';`],
    ['precompiles/ext/a.ts', `import type { Frame } from '../../src/machine/frame.ts';`],
    ['src/interpreter/a.ts', `import { World } from '../state/world.ts';`],
    ['src/interpreter/a.ts', `import { b } from '../wasm/b.ts';`],
    ['src/executor/a.ts', `import { b } from '../tracers/b.ts';`],
    ['src/tracers/a.ts', `import { b } from '../executor/b.ts';`],
    ['src/statetest/a.ts', `import { b } from '../fuzz/b.ts';`],
    ['src/evm/a.ts', `import { b } from '../executor/b.ts';`],
    ['src/statetest/a.ts', `export { b } from '../index.ts';`],
    ['src/index.ts', `export * from './cli/main.ts';`],
    ['src/evm/a.ts', `import { b } from '../../tests/helpers/run.ts';`],
    ['src/evm/a.ts', `import { b } from './b';`],
    [
      'src/executor/a.ts',
      `import type { Frame } from '../machine/frame.ts';\nimport { World } from '../state/world.ts';`,
    ],
    [
      'src/executor/a.ts',
      `import type { Host, Slot } from '../machine/host.ts';\nimport { World } from '../state/world.ts';`,
    ],
    ['src/executor/a.ts', `class Mine implements Host {}`],
    ['src/evm/a.ts', `import { readFileSync } from 'node:fs';`],
    ['src/evm/a.ts', `const a = process.env.A;`],
    ['src/evm/a.ts', `const a = Buffer.from('');`],
    ['src/evm/a.ts', ['const a = `x$', '{process.pid}`;'].join('')],
    ['src/evm/a.ts', `import { a } from '@ethereumjs/util';`],
    ['src/evm/a.ts', `import { a } from 'commander';`],
    ['src/cli/a.ts', `import { a } from 'lodash';`],
    ['src/evm/a.ts', `if (rules.fork === 'Berlin') run();`],
    ['src/evm/a.ts', `if (rules.lineage.includes("osaka")) run();`],
    ['src/evm/a.ts', `const gas = { Frontier: 1 };`],
    ['opcodes/storage.ts', `op(1, 'A', 'Istanbul');`],
    ['precompiles/row.ts', `if (rules.fork === 'Prague') run();`],
    ['src/evm/a.ts', 'a;\n'.repeat(401)],
    ['src/attic/a.ts', ''],
    ['lib/a.ts', ''],
  ])('%s: %s', (path, source) => {
    expect(check(path, source)).not.toEqual([]);
  });

  it.each([
    [
      'src/evm/host.ts',
      `import { Frame } from '../machine/frame.ts';\nimport { World } from '../state/world.ts';`,
    ],
    ['src/evm/host.ts', `export class WorldHost implements Host {}`],
    [
      'src/executor/a.ts',
      `import type { BlockEnv } from '../machine/host.ts';\nimport { World } from '../state/world.ts';`,
    ],
    ['precompiles/ext/a.ts', `import { b } from '@noble/post-quantum/ml-dsa.js';`],
    ['precompiles/fast/a.ts', `const b = await import('mcl-wasm/dist/mcl_c.js');`],
    ['src/cli/a.ts', `import { b } from '../../precompiles/ext/index.ts';`],
    ['src/cli/a.ts', `import { b } from 'commander';\nimport { c } from 'node:fs';\nprocess.exit(b);`],
    ['src/state/readers/disk.ts', `import { b } from 'node:fs';`],
    ['src/testing/viem/a.ts', `import { b } from 'viem';`],
    ['precompiles/a.ts', `export const a = { since: 'Berlin' };`],
    ['precompiles/a.ts', `import { b } from '@noble/curves/bn254.js';`],
    ['opcodes/table.ts', `op(1, 'A', { Frontier: 1, Berlin: 2 });\n${'a;\n'.repeat(500)}`],
    [
      'src/evm/a.ts',
      `// Berlin: process, Buffer\n/* import { b } from '../executor/b.ts' */\nconst a = 'of this process';`,
    ],
    ['src/evm/a.ts', 'a;\n'.repeat(400)],
    ['src/statetest/a.ts', `const a = 'Frontier';`],
  ])('and spares %s: %s', (path, source) => {
    expect(check(path, source)).toEqual([]);
  });

  it('knows every fork', () => {
    for (const fork of FORKS) expect(check('src/evm/a.ts', `a('${fork}');`)).not.toEqual([]);
  });
});
