/** What is written where a state belongs may be a URL, however misspelt, and messages must not give it away. */

import { describe, expect, it } from 'vitest';
import { erbium, useFolder } from './support.ts';

const NO_PREFIX = 'a node is written rpc:URL';
const NO_URL = 'rpc: expected an http or https URL';

describe('a misspelt node', () => {
  const folder = useFolder();

  it.each([
    ['https://user:SECRET@SECRET/SECRET', NO_PREFIX],
    ['HTTPS://user:SECRET@SECRET/SECRET', NO_PREFIX],
    ['wss://SECRET/v3/SECRET', NO_PREFIX],
    ['https:/user:SECRET@SECRET/SECRET', NO_PREFIX],
    ['https:SECRET/SECRET', NO_PREFIX],
    ['RPC:https://SECRET/SECRET', NO_PREFIX],
    [' rpc:https://SECRET/SECRET', NO_PREFIX],
    ['"rpc:https://SECRET/SECRET"', NO_PREFIX],
    ['rpc:SECRET.infura.io/v3/SECRET', NO_URL],
    ['rpc:https:/user:SECRET@SECRET/SECRET', NO_URL],
    ['rpc:https:SECRET/SECRET', NO_URL],
    ['rpc:user:SECRET@SECRET', NO_URL],
    ['rpc:SECRET@latest', NO_URL],
    ['rpc:wss://SECRET/v3/SECRET', NO_URL],
    ['rpc:http://user:SECRET/SECRET@SECRET/SECRET', NO_URL],
    // A port, as it seems.
    ['rpc:http://SECRET:80/SECRET@SECRET.example/SECRET', 'an @ behind its host'],
    ['rpc:http://SECRET:80?SECRET@SECRET.example/SECRET', 'an @ behind its host'],
  ])('%s', (spec, message) => {
    for (const args of [
      ['state', 'root', spec],
      ['state', 'export', spec],
      ['state', 'import', spec, `lmdb:${folder.path}/none`],
      ['state', 'import', 'x.json', spec],
      ['run', '00', '--state', spec],
      ['statetest', '--state', spec],
    ]) {
      const { status, stdout, stderr } = erbium(args);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toContain(message);
      expect(stderr).not.toContain('SECRET');
    }
  });

  it('is no file of such a name, which has a folder in front', () => {
    folder.write('https:/x.json', { [`0x${'1'.repeat(40)}`]: { balance: '1' } });
    expect(erbium(['state', 'root', './https://x.json'], { cwd: folder.path }).status).toBe(0);
  });
});
