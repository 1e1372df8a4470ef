/** The page about the API says what the API is, and every name in it is explained. */

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { statementsOf } from './declarations.ts';
import { Api } from './generate.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Parts of classes that are made by functions, parents of what is exported, and inner workings in plain sight. */
const INTERNAL: readonly string[] = [
  ...[
    'Account',
    'StorageSlot',
    'RemoteState',
    'Fetched',
    'FORMAT',
    'FORMAT_VERSION',
    'RpcClient',
    'RpcSource',
    'Store',
    'View',
    'Session',
    'StateCore',
    'Space',
  ],
  ...['Operations', 'EVMRunOpts', 'ForkSettings', 'Listener', 'ListedState', 'MESSAGES'],
  ...['Calls', 'Directory', 'Told', 'FunctionName', 'EventName', 'ReadFunction', 'WriteFunction'],
  ...['EstimateFunction', 'Reading', 'Writing'],
];

describe('the API', () => {
  const api = new Api(ROOT);

  it('has its doors', () => {
    const [main] = api.doors;
    expect(main?.name).toBe('erbium');
    expect(main?.entries.map(([name]) => name)).toContain('createEvm');
    expect(api.doors.length).toBeGreaterThanOrEqual(8);
    for (const { name, doc, entries } of api.doors) {
      expect(entries.length, name).toBeGreaterThan(0);
      expect(doc, name).not.toBe('');
    }
  });

  it('is as src/API.md has it', async () => {
    const message = 'the API has changed: look at the difference, and write it down with `npm run api`';
    await expect(api.page(), message).toMatchFileSnapshot(join(ROOT, 'src/API.md'));
  });

  it('has a docstring for every name', () => {
    expect(api.undocumented()).toEqual([]);
  });

  it('uses no type that cannot be imported, but for those that nobody has to name', () => {
    const unreachable = api.unreachable().filter((line) => !INTERNAL.includes(line.split(' ')[0]!));
    expect(unreachable).toEqual([]);
  });
});

describe('statements', () => {
  it('are told apart, with their comments', () => {
    // Put together, since it would be taken for a mistake in one piece.
    const template = ['`;$', '{string}`'].join('');
    const source = [
      '/** The file. */',
      "import { a } from './a.ts';",
      '/** One',
      ' * @returns two',
      ' */',
      `export declare function f(a: { b: "}" }): ${template};`,
      'export type T = {',
      '    a: 1;',
      '}',
      '/** A comment within. */',
      ' | { b: 2; };',
      'interface I { }',
      'export {};',
    ].join('\n');
    expect(statementsOf(source)).toEqual([
      { doc: 'The file.', text: "import { a } from './a.ts';" },
      { doc: 'One\n@returns two', text: `export declare function f(a: { b: "}" }): ${template};` },
      { doc: '', text: expect.stringMatching(/^export type T[\s\S]* 2; };$/) },
      { doc: '', text: 'interface I { }' },
      { doc: '', text: 'export {};' },
    ]);
  });
});
