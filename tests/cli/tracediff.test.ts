/** `erbium tracediff` as a user sees it: in a process of its own, from files and from pipes. */

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, useFolder } from './support.ts';

const ROOT = join(import.meta.dirname, '../..');
const RECORDED =
  process.env.ERBIUM_GETH_TRACES ?? `${import.meta.dirname}/../../../shared/reference/geth-traces`;

/** The command alone, with the exit codes of the whole. */
const PROGRAM = `
import { Command, CommanderError } from 'commander';
import { addTracediffCommand } from './src/cli/tracediff.ts';
import { printable } from './src/cli/text.ts';
import { ErbiumError } from './src/primitives/errors.ts';
const program = new Command('erbium').exitOverride();
addTracediffCommand(program);
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof ErbiumError) {
    process.stderr.write('erbium: ' + printable(error.message) + '\\n');
    process.exitCode = 2;
  } else throw error;
}`;

const step = (pc: number, parts: object = {}): object => ({
  pc,
  op: 0x60,
  gas: `0x${(1_000 - pc).toString(16)}`,
  gasCost: '0x3',
  memSize: 0,
  stack: ['0x1', `0x${'ab'.repeat(32)}`],
  depth: 1,
  refund: 0,
  opName: 'PUSH1',
  ...parts,
});

const jsonl = (...lines: (object | string)[]): string =>
  lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');

const many = (count: number): object[] => Array.from({ length: count }, (_, i) => step(2 * i));

describe('erbium tracediff', () => {
  const folder = useFolder();
  let program = '';

  beforeAll(async () => {
    program = join(folder.path, 'program.mjs');
    await build({
      stdin: { contents: PROGRAM, resolveDir: ROOT, loader: 'ts' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      outfile: program,
      banner: {
        js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`,
      },
      logLevel: 'warning',
    });
  });

  const run = (args: readonly string[], input: string | Buffer = '', node: string[] = []): Outcome => {
    const options = {
      input,
      maxBuffer: 2 ** 28,
      timeout: 100_000,
      encoding: 'utf8',
      cwd: folder.path,
    } as const;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [...node, program, 'tracediff', ...args],
      options,
    );
    expect(stderr).not.toMatch(/^ {4}at /m);
    return { status, stdout, stderr };
  };

  const refuses = (args: readonly string[], ...messages: string[]): void => {
    const { status, stdout, stderr } = run(args);
    for (const message of messages) expect(stderr).toContain(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  };

  const SPOILT = [...many(12), step(24, { gas: '0x9', stack: ['0x1', `0x${'ac'.repeat(32)}`] }), step(26)];

  it('says that traces are equal', () => {
    folder.write('a', jsonl(...many(14)));
    folder.write('same', jsonl('# INFO', ...many(14), { output: '', gasUsed: '0x5' }));
    expect(run(['a', 'same'])).toEqual({
      status: 0,
      stdout: 'The traces are equal: 14 steps.\n',
      stderr: '',
    });
    expect(JSON.parse(run(['a', 'same', '--json']).stdout)).toMatchObject({ equal: true, equalSteps: 14 });
  });

  it('shows the first step that differs, with what differs marked', () => {
    folder.write('b', jsonl(...SPOILT));
    const { status, stdout } = run(['a', 'b', '--context', '2']);
    expect(status).toBe(1);
    expect(stdout).toBe(`A  a
B  b

12 steps equal, then they differ in stack, gas after PUSH1 in the outermost frame

   step  line  depth  pc  op        gas  stack, top first
     11    11      1  20  PUSH1   0x3d4  0xabababab…ababab 0x1
     12    12      1  22  PUSH1   0x3d2  0xabababab…ababab 0x1
A    13    13      1  24  PUSH1  *0x3d0  *0xabababab…ababab 0x1
B    13    13      1  24  PUSH1    *0x9  *0xacacacac…acacac 0x1

*stack, top
   A  0x${'ab'.repeat(32)}
   B  0x${'ac'.repeat(32)}
*gas
   A  0x3d0 (976)
   B  0x9 (9)
`);
  });

  it('shows five steps of context unless told', () => {
    const lines = (...args: string[]): number => run(['a', 'b', ...args]).stdout.split('\n').length;
    expect(lines() - lines('--context', '0')).toBe(5);
    expect(lines('--context', '99') - lines('--context', '0')).toBe(12);
  });

  it('prints one JSON object', () => {
    const { status, stdout } = run(['a', 'b', '--json']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      equal: false,
      equalSteps: 12,
      difference: {
        kind: 'step',
        fields: ['stack', 'gas'],
        a: { pc: 24 },
        b: { gas: '9' },
        culprit: { opName: 'PUSH1' },
      },
    });
  });

  it('ignores what it is told to', () => {
    expect(run(['a', 'b', '--ignore', 'gas,Stack']).status).toBe(0);
    expect(run(['a', 'b', '--ignore', 'gas']).stdout).toContain('differ in stack after');
    folder.write('refund', jsonl(step(0, { refund: 5 }), ...many(14).slice(1)));
    expect(run(['a', 'refund']).status).toBe(0);
    expect(run(['a', 'refund', '--with', 'refund']).stdout).toContain(
      '0 steps equal, then they differ in refund\n',
    );
    expect(run(['a', 'refund', '--with', 'all']).status).toBe(1);
    expect(run(['a', 'refund', '--with', 'all', '--ignore', 'refund']).status).toBe(0);
    expect(run(['a', 'b', '--ignore', 'gas', '--stack', '0']).status).toBe(0);
  });

  it('tells which trace ends, and which roots differ', () => {
    folder.write('short', jsonl(...many(3)));
    expect(run(['a', 'short']).stdout).toContain('3 steps equal, then B ends and A goes on after PUSH1');
    expect(run(['short', 'a']).stdout).toMatch(/\nA {2}\*\(ends\)\nB +4 +4 +1 +6 /);
    folder.write('root1', jsonl(...many(3), { stateRoot: '0x11' }));
    folder.write('root2', jsonl(...many(3), { stateRoot: '0x12' }));
    const { status, stdout } = run(['root1', 'root2']);
    expect(status).toBe(1);
    expect(stdout.endsWith('\nA  0x11\nB  0x12\n')).toBe(true);
    expect(stdout).toContain('then the state roots differ');
  });

  it('shows of long values what is around the difference', () => {
    const memory = (byte: string): string => `0x${'00'.repeat(500)}${byte}${'00'.repeat(500)}`;
    folder.write('memory1', jsonl(step(0, { memory: memory('01') })));
    folder.write('memory2', jsonl(step(0, { memory: memory('02') })));
    const { stdout } = run(['memory1', 'memory2', '--with', 'memory']);
    expect(stdout).toMatch(/\*memory\n {3}A {2}…0*1.*\(byte 500\)\n {3}B {2}…0*2.*\(byte 500\)\n/);
  });

  it('reads compressed files and standard input', () => {
    folder.write('packed.gz', '');
    const packed = gzipSync(jsonl(...SPOILT));
    writeSync(openSync(join(folder.path, 'packed.gz'), 'w'), packed);
    expect(run(['b', 'packed.gz']).status).toBe(0);
    expect(run(['a', 'packed.gz']).status).toBe(1);
    expect(run(['-', 'b'], jsonl(...SPOILT)).status).toBe(0);
    expect(run(['b', '-'], packed).stdout).toBe('The traces are equal: 14 steps.\n');
    expect(run(['-', 'a'], jsonl(...SPOILT)).stdout).toContain('A  standard input\nB  a\n');
  });

  it('ends at the first difference, though its input goes on', async () => {
    folder.write('first', jsonl(step(4)));
    const child = spawn(process.execPath, [program, 'tracediff', '-', 'first'], { cwd: folder.path });
    child.stdin.on('error', () => {});
    child.stdin.write(jsonl(step(0)));
    const status = await new Promise((resolve) => child.on('close', resolve));
    child.stdin.destroy();
    expect(status).toBe(1);
  });

  it('uses no colour where no terminal is', () => {
    expect(run(['a', 'b']).stdout).not.toContain('\x1b');
  });

  it('does not let a trace speak to the terminal', () => {
    folder.write('evil', jsonl(step(0, { gas: '\x1b[2J', stack: ['\x07'] })));
    const { status, stdout } = run(['a', 'evil']);
    expect(status).toBe(1);
    expect([...stdout].filter((char) => char < ' ' && char !== '\n')).toEqual([]);
  });

  it('says of what is no trace that it is none', () => {
    folder.write('empty', '');
    folder.write('text', 'hello\nworld\n');
    folder.write('binary', '\u0000\u0001\u0002'.repeat(1_000));
    folder.write('long-text', 'word\n'.repeat(20_000));
    folder.write('list', '[{"pc":0}]\n');
    writeSync(openSync(join(folder.path, 'cut.gz'), 'w'), gzipSync(jsonl(...many(5_000))).subarray(0, 500));
    refuses(['a', 'missing'], 'missing: no such file');
    refuses(['a', '.'], '.: is a folder');
    refuses(['a', 'empty'], 'empty: is empty');
    refuses(['text', 'a'], 'text: no line is one of an EIP-3155 trace; see line 1');
    refuses(['a', 'binary'], 'binary: no line');
    refuses(['a', 'list'], 'list: no line');
    refuses(['a', 'long-text'], 'long-text: none of the first 20000 lines is JSON');
    refuses(['cut.gz', 'cut.gz'], 'cut.gz: unexpected end of file');
    refuses(['-', '-'], 'only one of the traces can be standard input');
    refuses(['a', 'b', '--ignore', 'gass'], '--ignore: no field "gass"; known are depth, pc');
    refuses(['a', 'b', '--context', 'x'], 'expected a whole number from 0 to 10000');
    refuses(['a', 'b', '--ignore', 'depth,pc,op,gas,stack'], 'leaves nothing to compare');
    refuses(['a'], "missing required argument 'b'");
  });

  it('names lines that it passed over', () => {
    folder.write('noisy', jsonl(step(0), 'panic: oh no', ...many(14).slice(1)));
    const { status, stdout } = run(['a', 'noisy']);
    expect(status).toBe(0);
    expect(stdout).toContain('noisy: one line is no part of a trace, the first is line 2');
  });

  it('takes lines of 30 MB, and none of more than 32', () => {
    const long = (megabytes: number): string =>
      jsonl(step(0, { memory: `0x${'0'.repeat(megabytes * 2 ** 20)}` }));
    folder.write('30', long(30));
    folder.write('33', long(33));
    folder.write('endless', '\u0000'.repeat(40 * 2 ** 20));
    folder.write('one', jsonl(step(0)));
    expect(run(['30', 'one']).status).toBe(0);
    refuses(['33', 'one'], '33: line 1 is longer than 32 MB');
    refuses(['one', 'endless'], 'endless: line 1 is longer than 32 MB');
  });

  it('needs no memory for the length of a trace', () => {
    const text = jsonl(...many(1_000)).repeat(300);
    expect(text.length).toBeGreaterThan(50 * 2 ** 20);
    folder.write('large', text);
    const { status, stdout } = run(['large', '-'], text, ['--max-old-space-size=48']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'The traces are equal: 300000 steps.\n' });
  });

  it.skipIf(!existsSync(RECORDED))('reads what geth wrote', () => {
    symlinkSync(RECORDED, join(folder.path, 'geth'));
    const [one, two] = ['geth/negative_refund.trace.stderr', 'geth/statetest1.trace.stderr'];
    expect(run([one, one]).stdout).toMatch(/^The traces are equal: \d{3} steps\.\n$/);
    expect(run([one, two])).toMatchObject({ status: 1 });
  });
});
