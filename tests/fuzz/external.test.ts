/** State-test commands of others, good ones and all sorts of bad ones. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { batchContender, commandContender, splitCommand } from '../../src/cli/fuzz-external.ts';
import {
  type Answer,
  type Contender,
  compare,
  compareTraces,
  plainContender,
} from '../../src/fuzz/compare.ts';
import { CaseRunner } from '../../src/fuzz/execute.ts';
import { COMMAND, useFolder } from '../cli/support.ts';
import { caseWith, HAND_CASES } from './hand-cases.ts';

const folder = useFolder();
const legacy = HAND_CASES.get('legacy')!;
const { stateRoot, logsHash, gasUsed } = new CaseRunner().run(legacy);
const ours = plainContender();

const open: Contender[] = [];
afterEach(async () => {
  for (const contender of open.splice(0)) await contender.close!();
});

const quoted = (text: string): string => `'${text}'`;
let scripts = 0;
/** A command made of a script that has the file as its argument. */
function script(source: string): string {
  const file = folder.write(`script-${scripts++}.cjs`, source);
  return `${quoted(process.execPath)} ${quoted(file)}`;
}

const opened = (contender: Contender): Contender => {
  open.push(contender);
  return contender;
};
const single = (source: string, timeout = 20_000): Contender =>
  opened(commandContender(`${script(source)} {}`, { timeout, name: 'theirs' }));

/** A batch command: `answer(file)` runs for each line. */
const batch = (answer: string, timeout = 20_000): Contender =>
  opened(
    batchContender(
      script(`
        let n = 0;
        const root = (digit) => console.error(JSON.stringify({ stateRoot: '0x' + digit.repeat(64) }));
        const right = (file) => {
          const [test] = Object.values(JSON.parse(require('fs').readFileSync(file, 'utf8')));
          console.error(JSON.stringify({ stateRoot: Object.values(test.post)[0][0].hash }));
        };
        require('readline').createInterface({ input: process.stdin }).on('line', (file) => {
          if (file === '') process.exit(0);
          n++;
          ${answer}
        });`),
      { timeout, name: 'theirs' },
    ),
  );

const failureOf = (answer: Answer) =>
  'failure' in answer ? answer : { failure: 'none', detail: JSON.stringify(answer) };

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A process that ended and that nobody has asked about is still listed.
    const state = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
    return !/\) Z /.test(state);
  } catch {
    return false;
  }
};

const gone = async (pid: number): Promise<boolean> => {
  for (let i = 0; i < 200 && isRunning(pid); i++) await new Promise((resolve) => setTimeout(resolve, 20));
  return !isRunning(pid);
};

describe('the line', () => {
  it.each([
    ['evm statetest {}', ['evm', 'statetest', '{}']],
    [`  'a b'\t"c \\"d\\"" e\\ f g'h'"i" `, ['a b', 'c "d"', 'e f', 'ghi']],
    [`sh -c 'x | y "$1"' - {}`, ['sh', '-c', 'x | y "$1"', '-', '{}']],
    [`a '' ""`, ['a', '', '']],
    ['', []],
  ])('%s', (command, words) => {
    expect(splitCommand(command)).toEqual(words);
  });

  it.each([`a 'b`, 'a "b', 'a \\', `a b'c`])('%s is refused', (command) => {
    expect(() => splitCommand(command)).toThrow(/not closed/);
  });

  it('needs a place for the file, or has none', () => {
    expect(() => commandContender('evm statetest')).toThrow(/needs \{\} where/);
    expect(() => batchContender('evm statetest {}')).toThrow(/means nothing/);
    expect(() => commandContender(' ')).toThrow(/empty/);
  });
});

describe('Erbium as the other', () => {
  const theirs = (): Contender =>
    opened(
      commandContender(`${quoted(process.execPath)} ${quoted(COMMAND)} statetest --trace {}`, {
        timeout: 60_000,
      }),
    );

  it('agrees, and traces the same', async () => {
    const contender = theirs();
    for (const name of ['legacy', 'of EIP-150', 'creation', 'rejected for its nonce', 'authorizations']) {
      const fuzzCase = HAND_CASES.get(name)!;
      expect(compare(await ours.run(fuzzCase), await contender.run(fuzzCase))).toEqual({
        kind: 'agree',
        compared: ['root'],
      });
    }
    const traces = await compareTraces(legacy, ours, contender);
    expect(traces).toMatchObject({ difference: null });
    expect(traces!.equalSteps).toBeGreaterThan(10);
  });
});

describe('answers', () => {
  it('takes the root from pretty JSON on standard output', async () => {
    const contender = single(
      `console.log(JSON.stringify([{ name: 'x', pass: false, stateRoot: '${stateRoot}', fork: 'Prague' }], null, 2))`,
    );
    expect(await contender.run(legacy)).toEqual({ stateRoot });
    expect(await contender.trace!(legacy)).toBeUndefined();
  });

  it('takes all that a summary tells, though the command ends with 1', async () => {
    const summary = {
      stateRoot,
      logsRoot: logsHash,
      output: '0x',
      gasUsed: Number(gasUsed),
      errorMsg: 'no match',
    };
    const contender = single(`console.error('${JSON.stringify(summary)}'); process.exitCode = 1`);
    const answer = await contender.run(legacy);
    expect(answer).toEqual({ stateRoot, logsHash, gasUsed, output: '0x', words: 'no match' });
    expect(compare(await ours.run(legacy), answer)).toEqual({
      kind: 'agree',
      compared: ['output', 'logs', 'gas', 'root'],
    });
  });

  it('finds a difference', async () => {
    const contender = single(`console.error('{"stateRoot": "0x${'ab'.repeat(32)}"}')`);
    expect(compare(await ours.run(legacy), await contender.run(legacy))).toMatchObject({
      kind: 'differ',
      differences: [{ field: 'root', a: stateRoot, b: `0x${'ab'.repeat(32)}` }],
    });
  });

  it('gives the command a test that states our outcome, and takes it away', async () => {
    const seen = join(folder.path, 'seen.json');
    const contender = single(`
      const fs = require('fs');
      fs.copyFileSync(process.argv[2], ${JSON.stringify(seen)});
      console.error(JSON.stringify({ stateRoot: '0x' + '1'.repeat(64), file: process.argv[2] }));
      fs.writeFileSync(${JSON.stringify(`${seen}.name`)}, process.argv[2]);`);
    await contender.run(HAND_CASES.get('of EIP-158')!);
    const [test] = Object.values(JSON.parse(readFileSync(seen, 'utf8')) as Record<string, { post: object }>);
    expect(test!.post).toMatchObject({ EIP158: [{ hash: expect.stringMatching(/^0x/) }] });
    const file = readFileSync(`${seen}.name`, 'utf8');
    expect(existsSync(file)).toBe(false);
    await contender.close!();
    expect(existsSync(join(file, '..'))).toBe(false);
  });

  it('says of a fork that the command does not know that nothing was compared', async () => {
    const contender = single(
      `console.log('[{"pass": false, "error": "unsupported fork \\\\"Prague\\\\""}]')`,
    );
    expect(await contender.run(legacy)).toEqual({ notCompared: expect.stringContaining('unsupported fork') });
  });

  it('says of a case that has no fixture why', async () => {
    const contender = single('');
    const answer = await contender.run(caseWith({ secretKey: new Uint8Array(32).fill(1) }));
    expect(answer).toEqual({ notCompared: expect.stringContaining('secret key') });
  });
});

describe('a command that misbehaves', () => {
  it('is not there', async () => {
    const contender = opened(commandContender(`${folder.path}/no-such-command {}`, { name: 'theirs' }));
    expect(failureOf(await contender.run(legacy))).toMatchObject({
      failure: 'start',
      detail: expect.stringMatching(/^theirs: cannot be started: .*ENOENT/),
    });
    // Said once: no other case will fare better.
    expect(await contender.run(legacy)).toEqual({ notCompared: expect.stringContaining('asked no more') });
  });

  it('hangs: it is ended with all that it has started', async () => {
    const pids = join(folder.path, 'pids');
    const contender = single(
      `const { spawn } = require('child_process');
       const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
       require('fs').writeFileSync(${JSON.stringify(pids)}, process.pid + ' ' + child.pid);
       console.error('thinking');
       setInterval(() => {}, 1000);`,
      3_000,
    );
    expect(failureOf(await contender.run(legacy))).toEqual({
      failure: 'timeout',
      detail: 'theirs: no answer within 3000 ms; its last line: thinking',
    });
    for (const pid of readFileSync(pids, 'utf8').split(' ')) expect(await gone(Number(pid))).toBe(true);
  });

  it.each([
    [
      'crashes',
      `console.error('panic: index out of range'); process.exit(2)`,
      'crash',
      /code 2.*panic: index/,
    ],
    ['is killed', `process.kill(process.pid, 'SIGSEGV'); setInterval(() => {}, 1000)`, 'crash', /SIGSEGV/],
    [
      'is killed after its answer',
      `console.error('{"stateRoot": "${stateRoot}"}'); setTimeout(() => process.kill(process.pid, 'SIGABRT'), 50); setInterval(() => {}, 1000)`,
      'crash',
      /SIGABRT/,
    ],
    [
      'prints garbage',
      `console.log('hello \\u001b[2J'); console.error('{"stateRoot": 5}')`,
      'garbage',
      /code 0 without a state root/,
    ],
    ['prints nothing', '', 'garbage', /without a state root$/],
    ['prints a root that is too short', `console.error('{"stateRoot": "0x1234"}')`, 'garbage', /0x1234/],
    [
      'prints a line without end',
      `const s = '0'.repeat(2 ** 20); for (let i = 0; i < 34; i++) require('fs').writeSync(2, s)`,
      'garbage',
      /more than 32 MB/,
    ],
  ] as const)('%s', async (_, source, failure, detail) => {
    const answer = failureOf(await single(source).run(legacy));
    expect(answer).toMatchObject({ failure, detail: expect.stringMatching(detail) });
    expect([...answer.detail].filter((char) => char < ' ' && char !== '\n')).toEqual([]);
  });

  it('is asked no more after five failures, and counts anew after an answer', async () => {
    const mark = join(folder.path, 'fails');
    const source = `
      const fs = require('fs');
      const n = fs.existsSync('${mark}') ? Number(fs.readFileSync('${mark}')) : 0;
      fs.writeFileSync('${mark}', String(n + 1));
      if (n === 3) console.error('{"stateRoot": "${stateRoot}"}');
      else process.exit(3);`;
    const contender = single(source);
    const kinds: string[] = [];
    for (let i = 0; i < 10; i++) kinds.push(Object.keys(await contender.run(legacy))[0]!);
    const failures = (count: number) => Array(count).fill('failure');
    expect(kinds).toEqual([...failures(3), 'stateRoot', ...failures(5), 'notCompared']);
  });
});

describe('a batch command', () => {
  it('is one process for many cases', async () => {
    const contender = batch(
      `console.error('INFO ' + process.pid); console.log('{"stateRoot": "0x' + '0'.repeat(64) + '"}'); right(file);`,
    );
    const cases = [...HAND_CASES.values()].slice(0, 6);
    // Asked at once, answered in order.
    const answers = await Promise.all(cases.map((fuzzCase) => contender.run(fuzzCase)));
    for (const [i, fuzzCase] of cases.entries()) {
      expect(compare(await ours.run(fuzzCase), answers[i]!)).toEqual({ kind: 'agree', compared: ['root'] });
    }
    expect(await contender.trace!(legacy)).toBeUndefined();
  });

  it('that hangs on one case is started anew for the next', async () => {
    const mark = quoted(join(folder.path, 'hung'));
    const contender = batch(
      `const fs = require('fs'); if (fs.existsSync(${mark})) right(file); else fs.writeFileSync(${mark}, '');`,
      3_000,
    );
    expect(failureOf(await contender.run(legacy)).failure).toBe('timeout');
    expect(await contender.run(legacy)).toEqual({ stateRoot });
  });

  it('that crashes on one case is started anew for the next', async () => {
    const mark = quoted(join(folder.path, 'crashed'));
    const contender = batch(
      `const fs = require('fs'); if (fs.existsSync(${mark})) right(file); else { fs.writeFileSync(${mark}, ''); console.error('panic'); process.exit(2); }`,
    );
    expect(failureOf(await contender.run(legacy))).toMatchObject({
      failure: 'crash',
      detail: 'theirs: ended with code 2 without a state root; its last line: panic',
    });
    expect(await contender.run(legacy)).toEqual({ stateRoot });
  });

  it('that ends after every answer is started for every case', async () => {
    const contender = batch('right(file); setTimeout(() => process.exit(0), 5 * n);');
    for (let i = 0; i < 5; i++) expect(await contender.run(legacy)).toEqual({ stateRoot });
  });

  it('that answers twice is not believed', async () => {
    const contender = batch(
      `process.stderr.write(('{"stateRoot": "0x' + '1'.repeat(64) + '"}\\n').repeat(2));`,
    );
    expect(failureOf(await contender.run(legacy))).toMatchObject({
      failure: 'garbage',
      detail: 'theirs: two state roots for one case',
    });
  });

  it('that answers late is not believed, and started anew', async () => {
    const mark = quoted(join(folder.path, 'late'));
    const contender = batch(
      `const fs = require('fs'); right(file); if (!fs.existsSync(${mark})) setTimeout(() => { root('2'); fs.writeFileSync(${mark}, ''); }, 100);`,
    );
    expect(await contender.run(legacy)).toEqual({ stateRoot });
    for (let i = 0; i < 200 && !existsSync(mark.slice(1, -1)); i++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(failureOf(await contender.run(legacy))).toMatchObject({
      failure: 'late',
      detail: expect.stringContaining(`0x${'2'.repeat(64)}`),
    });
    expect(await contender.run(legacy)).toEqual({ stateRoot });
  });

  it('that prints a flood without an answer is ended in time', async () => {
    const contender = batch(`for (let i = 0; i < 20000; i++) console.error('noise ' + i);`, 3_000);
    expect(failureOf(await contender.run(legacy))).toMatchObject({ failure: 'timeout' });
  });

  it('is asked to end by an empty line', async () => {
    const mark = join(folder.path, 'ended');
    const contender = batch(
      `right(file); process.on('exit', () => require('fs').writeFileSync('${mark}', 'well'));`,
    );
    await contender.run(legacy);
    await contender.close!();
    expect(readFileSync(mark, 'utf8')).toBe('well');
    expect(await contender.run(legacy)).toEqual({ notCompared: 'theirs: it was closed' });
  });

  it('that does not end when it is asked to is ended', async () => {
    const mark = join(folder.path, 'stubborn');
    const contender = opened(
      batchContender(
        script(`
          require('fs').writeFileSync('${mark}', String(process.pid));
          process.stdin.on('data', () => console.error('{"stateRoot": "${stateRoot}"}'));
          setInterval(() => {}, 1000);`),
      ),
    );
    await contender.run(legacy);
    await contender.close!();
    expect(await gone(Number(readFileSync(mark, 'utf8')))).toBe(true);
  });
});
