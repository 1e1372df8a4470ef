/** `erbium trace` and `erbium replay` where what they write to, or the time, ends. */

import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EVM } from './evm-support.ts';
import { erbium, json, refuses, SMOKE, shell, useFolder } from './support.ts';

const folder = useFolder();
const LOOP = '5b600056';

describe('results', () => {
  it.runIf(existsSync('/dev/full'))('that find no room end the command', async () => {
    const full = (line: string) => shell(`${line} > /dev/full`, folder.path);
    const problem = 'standard output: there is no space left\n';
    expect(await full('erbium trace 6001')).toMatchObject({ status: 2, stderr: `erbium: ${problem}` });
    expect(await full(`"${process.execPath}" "${EVM}" run 6001`)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`ERROR(1): ${problem}`),
    });
    expect(await shell('erbium run --trace 6001 2> /dev/full', folder.path)).toMatchObject({ status: 2 });
  });

  it('of which a reader has seen enough are no failure', async () => {
    const line = `erbium trace ${LOOP} --gas 100000 --tracer structLogger | head -c 8; echo " \${PIPESTATUS[0]}"`;
    expect(await shell(line, folder.path)).toMatchObject({ stdout: '{"gas":1 0\n' });
  });

  it('take the place of a file when they are whole, and nothing stays beside it', () => {
    const out = join(folder.path, 'whole');
    mkdirSync(join(out, 'callTracer.json'), { recursive: true });
    const both = ['--tracer', 'unigramTracer', '--tracer', 'callTracer', '--out', out];
    refuses(['trace', '6001', ...both], [`erbium: ${join(out, 'callTracer.json')}: is a folder\n`]);
    expect(readdirSync(out).sort()).toEqual(['callTracer.json', 'unigramTracer.json']);
    folder.write('whole/unigramTracer.json', 'x'.repeat(100));
    expect(erbium(['trace', '6001', '--tracer', 'unigramTracer', '--out', out]).status).toBe(0);
    expect(readFileSync(join(out, 'unigramTracer.json'), 'utf8')).toBe('{"STOP":1,"PUSH1":1}\n');
    expect(readdirSync(out)).toHaveLength(2);
  });

  it('have a folder with a name', () => {
    refuses(['trace', '6001', '--out', ''], ['erbium: --out: expected the name of a folder']);
    refuses(['trace', '--to', '0x12'], ['erbium: --to: an address has 20 bytes, got 1']);
  });

  it('of a state test that are cut short name the case', () => {
    const path = join(SMOKE, 'opcodes', 'sstore-regimes.json');
    const config = ['--tracer', 'structLogger', '--tracer-config', '{"maxBytes": 1}'];
    const { stderr } = erbium(['trace', path, '--fork', 'Osaka', ...config]);
    expect(stderr).toMatch(/^erbium: \S+\/Osaka\/d0g0v0: structLogger: the limit of 1 bytes was met: steps /);
  });
});

describe('erbium trace --timeout', () => {
  it('that lets nothing run is how the run ended', () => {
    const stderr = 'erbium: the run ended with limit: stopped by --timeout 0\n';
    expect(erbium(['trace', '6001', '--timeout', '0'])).toEqual({ status: 1, stdout: '', stderr });
  });

  it('also ends the wait for a node that does not answer', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/KEY`;
    const lines = [
      `trace 0x${'12'.repeat(32)} --rpc ${url}`,
      `trace --state rpc:${url} --to 0x${'12'.repeat(20)}`,
    ];
    for (const line of lines) {
      const outcome = await shell(`erbium ${line} --timeout 100`, folder.path);
      const stderr = 'erbium: --timeout 100: the node has not answered by then\n';
      expect(outcome).toEqual({ status: 2, stdout: '', stderr });
    }
    silent.closeAllConnections();
    silent.close();
  });
});

describe('erbium replay --timeout', () => {
  const record = (): string => {
    const path = join(folder.path, 'loop.json');
    if (!existsSync(path)) erbium(['run', LOOP, '--gas', '1000000', '--record', path]);
    return path;
  };

  it('changes nothing where there is time enough, the lines of the trace neither', () => {
    const [plain, timed] = [[], ['--timeout', '60000']].map((more) =>
      erbium(['replay', record(), '--trace', '--json', ...more]),
    );
    expect(timed).toEqual(plain);
    expect(json(timed!)).toMatchObject({ same: true });
  });

  it('gives up, and says of which record', () => {
    const path = record();
    const problem = `erbium: ${path}: --timeout 0: the run has not ended by then\n`;
    refuses(['replay', path, '--timeout', '0'], [problem]);
    refuses(['replay', '--diff', path, path, '--timeout', '0'], [problem]);
  });
});
