/**
 * Fixtures and options that cannot be used: `erbium statetest` names file and field on standard error, ends with 2
 * and never shows a stack trace (which `erbium` of the support checks).
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { erbium, postsOf, refuses, smokeText, spoilt, type TestJson, useFolder } from './support.ts';

const NAME = 'set-code';
const SOURCE = `transactions/${NAME}`;

/** A place in a test as a list of keys; `*` stands for the first key there is. */
type Path = readonly (string | number)[];

const step = (at: unknown, key: string | number): [holder: Record<string, unknown>, key: string] => {
  const holder = at as Record<string, unknown>;
  const found = key === '*' ? Object.keys(holder)[0] : String(key);
  if (found === undefined) throw new Error('nothing there');
  return [holder, found];
};

/** The path as messages write it. */
function change(
  test: TestJson,
  path: Path,
  edit: (holder: Record<string, unknown>, key: string) => void,
): string {
  let at: unknown = test;
  let words = '';
  for (const [i, part] of path.entries()) {
    const [holder, key] = step(at, part);
    words += Array.isArray(holder) ? `[${key}]` : `.${key}`;
    if (i === path.length - 1) {
      if (!(key in holder)) throw new Error(`${words} is not there to be spoilt`);
      edit(holder, key);
    }
    at = holder[key];
  }
  return words;
}

const POST: Path = ['post', '*', 0];

const MISSING: readonly Path[] = [
  ['env'],
  ['pre'],
  ['env', 'currentCoinbase'],
  ['env', 'currentGasLimit'],
  ['env', 'currentNumber'],
  ['env', 'currentTimestamp'],
  ['pre', '*', 'nonce'],
  ['pre', '*', 'balance'],
  ['pre', '*', 'code'],
  ['pre', '*', 'storage'],
  ['transaction', 'nonce'],
  ['transaction', 'data'],
  ['transaction', 'gasLimit'],
  ['transaction', 'value'],
  ['transaction', 'authorizationList', 0, 'chainId'],
  ['transaction', 'authorizationList', 0, 'address'],
  ['transaction', 'authorizationList', 0, 'nonce'],
  ['transaction', 'authorizationList', 0, 'r'],
  ['transaction', 'authorizationList', 0, 's'],
  [...POST, 'hash'],
  [...POST, 'logs'],
  [...POST, 'indexes'],
  [...POST, 'indexes', 'data'],
  [...POST, 'indexes', 'gas'],
  [...POST, 'indexes', 'value'],
  [...POST, 'state', '*', 'nonce'],
  [...POST, 'state', '*', 'storage'],
  ['config', 'blobSchedule', '*', 'target'],
  ['config', 'blobSchedule', '*', 'max'],
  ['config', 'blobSchedule', '*', 'baseFeeUpdateFraction'],
];

const WRONG: readonly (readonly [Path, unknown, string])[] = [
  [['env'], [], 'expected an object, got a list'],
  [['env', 'currentCoinbase'], '0x12', 'expected 20 bytes, got 1'],
  [['env', 'currentCoinbase'], 5, 'expected a string, got number 5'],
  [['env', 'currentNumber'], 'zz', 'expected a number, got string "zz"'],
  [['env', 'currentNumber'], -1, 'expected a number, got number -1'],
  [['env', 'currentNumber'], '-1', 'expected a number, got string "-1"'],
  [['env', 'currentNumber'], 1.5, 'expected a number, got number 1.5'],
  [['env', 'currentNumber'], 1e300, 'expected a number, got number 1e+300'],
  [['env', 'currentNumber'], true, 'expected a number, got boolean true'],
  [['env', 'currentNumber'], null, 'expected a number, got null'],
  [['env', 'currentNumber'], {}, 'expected a number, got an object'],
  [['env', 'currentGasLimit'], `0x1${'0'.repeat(64)}`, `0x1${'0'.repeat(64)} exceeds 256 bits`],
  [['env', 'currentGasLimit'], '9'.repeat(50_000), '… exceeds 256 bits'],
  [['env', 'currentTimestamp'], 'x'.repeat(50_000), 'xxx…'],
  [['pre'], 'all', 'expected an object, got string "all"'],
  [['pre', '*'], null, 'expected an object, got null'],
  [['pre', '*', 'nonce'], '0x10000000000000000', '0x10000000000000000 exceeds 64 bits'],
  [['pre', '*', 'code'], '0x123', 'hex string has an odd number of digits (3)'],
  [['pre', '*', 'code'], '0x12zz', '"z" at position 4 is not a hex digit'],
  [['pre', '*', 'storage'], { '0x00': [] }, 'expected a number, got a list'],
  [['transaction', 'data'], '0x', 'expected a list, got string "0x"'],
  [['transaction', 'data'], [7], 'expected a string, got number 7'],
  [['transaction', 'gasLimit'], '0x01', 'expected a list, got string "0x01"'],
  [['transaction', 'to'], '0x1234', 'expected 20 bytes, got 2'],
  [['transaction', 'secretKey'], '0x12', 'expected 32 bytes, got 1'],
  [['transaction', 'authorizationList'], {}, 'expected a list, got an object'],
  [['transaction', 'authorizationList', 0], 'me', 'expected an object, got string "me"'],
  [['post'], [], 'expected an object, got a list'],
  [['post', '*'], {}, 'expected a list, got an object'],
  [POST, 3, 'expected an object, got number 3'],
  [[...POST, 'hash'], '0x12', 'expected 32 bytes, got 1'],
  [[...POST, 'txbytes'], '0x0', 'hex string has an odd number of digits (1)'],
  [[...POST, 'indexes'], [0, 0, 0], 'expected an object, got a list'],
  [[...POST, 'indexes', 'data'], -1, 'expected a whole number, got number -1'],
  [[...POST, 'indexes', 'gas'], '0', 'expected a whole number, got string "0"'],
  [[...POST, 'indexes', 'value'], 0.5, 'expected a whole number, got number 0.5'],
  [['config'], 1, 'expected an object, got number 1'],
  [['config', 'chainid'], '0x10000000000000000', 'exceeds 64 bits'],
  [['config', 'blobSchedule', '*', 'max'], 2 ** 40, '1099511627776 exceeds 32 bits'],
  [['config', 'blobSchedule', '*', 'baseFeeUpdateFraction'], '0x0', 'must not be 0'],
];

const KINDS: readonly (readonly [string, unknown, string])[] = [
  ['nothing', '', 'not JSON'],
  ['a part', smokeText(SOURCE).slice(0, 400), 'not JSON'],
  ['words', 'hello', 'not JSON'],
  ['bytes that are no text', '\u0000\u0001', 'not JSON'],
  ['an empty object', {}, 'holds no tests'],
  ['a list', [], 'expected an object, got a list'],
  ['a number', '7', 'expected an object, got number 7'],
  ['null', 'null', 'expected an object, got null'],
  ['deep lists', '['.repeat(100_000), 'not JSON'],
  ['deep but whole lists', '['.repeat(100_000) + ']'.repeat(100_000), 'expected an object, got a list'],
  ['a test that is a string', { a: 'b' }, 'a: expected an object, got string "b"'],
  ['a test of another kind', { a: { code: '0x' } }, 'a: not a state test'],
  [
    'a blockchain test',
    { a: { blocks: [], genesisBlockHeader: {}, pre: {} } },
    'a: a blockchain test, not a state test',
  ],
  ['a long name', { ['n'.repeat(100_000)]: {} }, 'not a state test'],
];

describe('a fixture', () => {
  const folder = useFolder();

  it('is good before it is spoilt', () => {
    expect(erbium(['statetest', folder.write('good.json', smokeText(SOURCE))]).status).toBe(0);
  });

  /** One run for all of them: each file is named with what is wrong with it. */
  const batch = new Map<string, unknown>();
  let stderr = '';
  beforeAll(() => {
    for (const [name, content] of batch) folder.write(`batch/${name}.json`, content);
    const outcome = refuses(['statetest', join(folder.path, 'batch'), '--workers', '1'], []);
    stderr = outcome.stderr;
    expect(stderr.trim().split('\n')).toHaveLength(batch.size);
    expect(outcome.stdout).toContain(`could not be read or run: ${batch.size} (named above)`);
  });
  /** The file that the batch is to hold; its line, when that has run. */
  const inBatch = (content: unknown): (() => string) => {
    const name = `${batch.size}`.padStart(3, '0');
    batch.set(name, content);
    return () => {
      const start = `erbium: ${folder.path}/batch/${name}.json: `;
      return (
        stderr
          .split('\n')
          .find((line) => line.startsWith(start))
          ?.slice(start.length) ?? 'no such line'
      );
    };
  };

  describe.each(MISSING)('without %s.%s.%s.%s.%s', (...path) => {
    let words = '';
    const content = spoilt(SOURCE, (test) => {
      words = change(test, path, (holder, key) => delete holder[key]);
    });
    const line = inBatch(content);
    it('is named', () => expect(line()).toBe(`${NAME}${words}: missing`));
  });

  describe.each(WRONG)('with %j as %j', (path, value, problem) => {
    let words = '';
    const content = spoilt(SOURCE, (test) => {
      words = change(test, path, (holder, key) => {
        holder[key] = value;
      });
    });
    const line = inBatch(content);
    it('is named', () => {
      expect(line()).toContain(`${NAME}${words}`);
      expect(line()).toContain(problem);
      expect(line().length).toBeLessThan(300);
    });
  });

  describe.each(KINDS)('that is %s', (_name, content, problem) => {
    const line = inBatch(content);
    it('is named', () => expect(line()).toContain(problem));
  });

  it('ends with 2 on its own, too', () => {
    refuses(
      ['statetest', folder.write('alone.json', '{}')],
      [`erbium: ${folder.path}/alone.json: holds no tests`],
    );
  });

  it.each(['data', 'gas', 'value'])('with an index beyond its list: %s', (index) => {
    const list = index === 'gas' ? 'gasLimit' : index;
    for (const keepsBytes of [true, false]) {
      const content = spoilt('transactions/transfer', (test) => {
        for (const post of postsOf(test)) {
          post.indexes![index] = 77;
          if (!keepsBytes) delete post.txbytes;
        }
      });
      const file = folder.write('index.json', content);
      refuses(
        ['statetest', file, '--fork', 'Osaka'],
        [`${file}: transfer/Osaka/`, `: index 77 is beyond transaction.${list}, which has `],
      );
    }
  });

  it.each<[string, (test: TestJson) => void, string]>([
    [
      'neither bytes nor a key',
      ({ transaction }) => void delete transaction.secretKey,
      'has neither txbytes nor secretKey',
    ],
    [
      'a key of zeros',
      ({ transaction }) => void (transaction.secretKey = `0x${'00'.repeat(32)}`),
      'transaction.secretKey is no key of secp256k1',
    ],
    [
      'a key beyond the group',
      ({ transaction }) => void (transaction.secretKey = `0x${'ff'.repeat(32)}`),
      'transaction.secretKey is no key of secp256k1',
    ],
    [
      'another sender',
      ({ transaction }) => void (transaction.sender = `0x${'12'.repeat(20)}`),
      `but sender is 0x${'12'.repeat(20)}`,
    ],
    ['no gas price', ({ transaction }) => void delete transaction.gasPrice, 'transaction has no gas price'],
  ])('that contradicts itself: %s', (_name, edit, problem) => {
    const content = spoilt('transactions/transfer', (test) => {
      for (const post of postsOf(test)) delete post.txbytes;
      edit(test);
    });
    const file = folder.write('contradiction.json', content);
    refuses(['statetest', file, '--fork', 'Osaka'], [`${file}: transfer/Osaka/d0g0v0: `, problem]);
  });

  it('with a fork that nobody knows, named once', () => {
    const content = spoilt('transactions/transfer', (test) => {
      test.post.Atlantis = [...test.post.Osaka!, ...test.post.Osaka!];
    });
    const file = folder.write('fork.json', content);
    for (const args of [[], ['--fork', 'Osaka']]) {
      const { stderr, stdout } = refuses(
        ['statetest', file, ...args],
        [`erbium: ${file}: transfer: unknown fork "Atlantis"`],
      );
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stdout).toContain('Osaka ');
    }
  });

  it('that is larger than any string', () => {
    const file = folder.write('large/large.json', '');
    truncateSync(file, 600_000_000);
    refuses(['statetest', file], [`${file}: 600000000 bytes are too many for a fixture`]);
    refuses(
      ['statetest', join(folder.path, 'large'), '--workers', '2'],
      ['bytes are too many for a fixture'],
    );
  });
});

describe('a path', () => {
  const folder = useFolder();
  let archive: Buffer;
  beforeAll(async () => {
    const entries = Array.from(
      { length: 5 },
      (_, i) => [{ name: `${i}.json` }, smokeText('transactions/transfer')] as const,
    );
    archive = readFileSync(await folder.archive('whole.tar.gz', entries));
  });
  const raw = (name: string, bytes: Uint8Array): string => {
    const file = join(folder.path, name);
    writeFileSync(file, bytes);
    return file;
  };

  it('that leads nowhere', () => {
    refuses(['statetest', 'nowhere'], ['erbium: nowhere: no such file or folder\n']);
    refuses(['statetest', 'nowhere.tar.gz'], ['nowhere.tar.gz: no such file or folder']);
    refuses(['statetest', 'x'.repeat(5_000)], ['the name is too long']);
  });

  it('to a folder without fixtures', () => {
    const path = join(folder.path, 'empty');
    mkdirSync(path);
    refuses(['statetest', path], ['erbium: no state test found: nothing ran\n']);
    folder.write('empty/notes.txt', 'hello');
    expect(refuses(['statetest', path], ['nothing ran']).stdout).toContain('notes.txt');
  });

  it('to a folder with a pipe that nobody writes to', () => {
    const path = join(folder.path, 'pipes');
    mkdirSync(path);
    execFileSync('mkfifo', [join(path, 'pipe.json')]);
    expect(refuses(['statetest', path], ['nothing ran']).stdout).toContain('pipe.json');
  });

  it('to something in a file', () => {
    const file = folder.write('plain.json', '{}');
    refuses(['statetest', `${file}/x`], ['a part of the path is no folder']);
  });

  it('to an archive that is cut off', () => {
    const file = raw('cut.tar.gz', archive.subarray(0, archive.length - 200));
    refuses(['statetest', file], [`erbium: ${file}: the archive is cut off\n`]);
  });

  it('to an archive whose last entry is cut off', () => {
    const tar = execFileSync('gunzip', ['-c', join(folder.path, 'whole.tar.gz')]);
    const file = raw('cut-entry.tar.gz', gzipSync(tar.subarray(0, 2_000)));
    refuses(['statetest', file], [`${file}: the archive is cut off`]);
  });

  it('to an archive that is none', () => {
    refuses(
      ['statetest', raw('text.tar.gz', Buffer.from('hello'))],
      ['text.tar.gz: no .tar.gz archive, or a damaged one'],
    );
    refuses(
      ['statetest', raw('json.tgz', gzipSync(smokeText(SOURCE)))],
      ['json.tgz: holds no tar archive, or a damaged one'],
    );
    refuses(['statetest', raw('none.tar.gz', Buffer.alloc(0))], ['none.tar.gz: the archive is cut off']);
    const damaged = Buffer.from(archive);
    damaged.fill(0x55, 200, 260);
    refuses(['statetest', raw('damaged.tar.gz', damaged)], ['damaged.tar.gz: ']);
  });

  it('to an archive with a broken entry, which is named', async () => {
    const file = await folder.archive('broken.tar.gz', [
      [{ name: 'a.json' }, '{'],
      [{ name: 'b.json' }, smokeText('transactions/transfer')],
    ]);
    expect(refuses(['statetest', file], [`erbium: ${file}:a.json: not JSON`]).stdout).toMatch(
      /^all +\d+ +0$/m,
    );
  });
});

describe('options', () => {
  it.each<[string, string[], string[]]>([
    ['a bad regular expression', ['--run', '('], ['--run: Invalid regular expression']],
    ['a name that no case has', ['--run', '^nothing$'], ['no case matches --run ^nothing$: nothing ran']],
    ['a fork without cases', ['--fork', 'BPO4'], ['no case matches --fork BPO4: nothing ran']],
    ['both', ['--fork', 'BPO4', '--run', 'x'], ['no case matches --fork BPO4 and --run x: nothing ran']],
    ['an unknown fork', ['--fork', 'Atlantis'], ['unknown fork "Atlantis"']],
    ['no workers', ['--workers', '0'], ["'--workers <n>'", 'expected a number from 1 to 256']],
    ['too many workers', ['--workers', '1000000'], ["'--workers <n>'", 'expected a number from 1 to 256']],
    ['workers in words', ['--workers', 'all'], ["'--workers <n>'", 'expected a whole number']],
    ['a fraction', ['--slowest', '1.5'], ["'--slowest <n>'", 'expected a whole number']],
    ['hex', ['--slowest', '0x10'], ["'--slowest <n>'", 'expected a whole number']],
    ['an unknown option', ['--verbose'], ["unknown option '--verbose'"]],
  ])('%s', (_name, args, messages) => {
    refuses(['statetest', ...args], messages);
  });
});
