import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askOracle } from '../../ethereum-tests/oracle/ethereumjs.ts';
import { type CorpusFile, casesOfFile, caseText, readCases, readCorpus } from '../../src/cli/fuzz-files.ts';
import { FORKS } from '../../src/forks/fork.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import type { FuzzCase } from '../../src/fuzz/case.ts';
import { CaseRunner } from '../../src/fuzz/execute.ts';
import { blockUnder, hasKey } from '../../src/fuzz/fixture.ts';
import { generateCase } from '../../src/fuzz/generate/index.ts';
import { Random } from '../../src/fuzz/random.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { casesOf } from '../../src/statetest/case.ts';
import { parseFixture } from '../../src/statetest/fixture.ts';
import { StateTestRunner } from '../../src/statetest/run.ts';
import { caseWith, HAND_CASES, SENDER } from './hand-cases.ts';

const SMOKE = join(import.meta.dirname, '../../ethereum-tests/smoke');

const runner = new CaseRunner();
/** The parts of a fixture that the tests here spoil. */
interface Written {
  post: Record<string, [{ txbytes?: string }]>;
  transaction: { secretKey?: string; sender?: string; value: string[] };
  config: { chainid: string; blobSchedule: Record<string, { max: string }> };
}

const textOf = (fuzzCase: FuzzCase): string => caseText(fuzzCase, runner.run(fuzzCase), 'finding');
const normal = (fuzzCase: FuzzCase): FuzzCase => ({
  ...fuzzCase,
  block: blockUnder(fuzzCase.block, rulesOf(fuzzCase.fork)),
});

/** Slots of value 0 are not there, and are not written. */
const withoutZeros = (fuzzCase: FuzzCase): FuzzCase => ({
  ...fuzzCase,
  pre: new Map(
    [...fuzzCase.pre].map(([address, account]) => [
      address,
      { ...account, storage: new Map([...account.storage].filter(([, value]) => value !== 0n)) },
    ]),
  ),
});

describe.each([...HAND_CASES])('a case: %s', (_name, fuzzCase) => {
  const [testCase] = parseFixture(textOf(fuzzCase), 'finding.json').flatMap(casesOf);

  it('passes as a state test', () => {
    expect(new StateTestRunner().run(testCase!)).toMatchObject({ pass: true, mismatches: [] });
  });

  it('passes as a state test that is built from its fields', () => {
    const post = { ...testCase!.post, txbytes: undefined };
    expect(new StateTestRunner().run({ ...testCase!, post })).toMatchObject({ pass: true });
  });

  it('comes back from its file', () => {
    expect(casesOfFile(textOf(fuzzCase), 'finding.json')).toEqual([normal(fuzzCase)]);
  });

  it('comes out the same in another EVM', async () => {
    const { post } = testCase!;
    const oracle = await askOracle(testCase!);
    expect(oracle.rejected !== null, oracle.rejected ?? 'ran').toBe(post.expectException !== undefined);
    expect(oracle.root).toBe(bytesToHex(post.hash));
    expect(oracle.logs).toBe(bytesToHex(post.logs));
  });
});

describe('generated cases', () => {
  it.each(FORKS)('of %s pass as state tests and come back', (fork) => {
    const random = new Random(5n, FORKS.indexOf(fork));
    const statetest = new StateTestRunner();
    for (let i = 0; i < 5; i++) {
      const fuzzCase = generateCase(random, { profile: 'mixed', forks: [fork] });
      const text = textOf(fuzzCase);
      for (const testCase of parseFixture(text, 'x').flatMap(casesOf)) {
        expect(statetest.run(testCase).mismatches).toEqual([]);
      }
      const back = casesOfFile(text, 'x');
      expect(back).toEqual([withoutZeros(normal(fuzzCase))]);
      expect(textOf(back[0]!)).toBe(text);
    }
  });
});

describe('readCases', () => {
  const edited = (edit: (test: Written) => void): string => {
    const json = JSON.parse(textOf(caseWith()));
    edit(json.finding);
    return JSON.stringify(json);
  };

  it('reads every fork and choice of the smoke fixtures, with the outcome that they state', () => {
    for (const file of ['transactions/access-list.json', 'forks/eip-7623-calldata-floor.json']) {
      const text = readFileSync(join(SMOKE, file), 'utf8');
      const stated = parseFixture(text, file).flatMap(casesOf);
      const { cases, leftOut } = readCases(text, file);
      expect(leftOut).toEqual([]);
      expect(cases.map((fuzzCase) => runner.run(fuzzCase).stateRoot)).toEqual(
        stated.map(({ post }) => bytesToHex(post.hash)),
      );
      expect(cases.length).toBeGreaterThan(1);
    }
  });

  it('takes the fields where there are no bytes', () => {
    const text = edited((test: Written) => delete test.post.Prague![0].txbytes);
    expect(casesOfFile(text, 'x')).toEqual([normal(caseWith())]);
  });

  it('marks a sender without a key by a key of zeros, and writes it so again', () => {
    const text = edited((test: Written) => {
      delete test.post.Prague![0].txbytes;
      delete test.transaction.secretKey;
    });
    const [fuzzCase] = casesOfFile(text, 'x');
    expect(fuzzCase!.sender).toBe(SENDER);
    expect(hasKey(fuzzCase!)).toBe(false);
    expect(runner.run(fuzzCase!)).toEqual(runner.run(caseWith()));
    expect(casesOfFile(textOf(fuzzCase!), 'y')).toEqual([fuzzCase]);
  });

  it.each([
    ['another chain', (test: Written) => void (test.config.chainid = '0x05'), /chain 5, not 1/],
    [
      'a fork of another kind',
      (test: Written) => void (test.post = { Verkle: test.post.Prague! }),
      /unknown fork "Verkle"/,
    ],
    [
      'its own blob parameters',
      (test: Written) => void (test.config.blobSchedule.Prague!.max = '0x07'),
      /blob parameters/,
    ],
    [
      'bytes that do not decode',
      (test: Written) => void (test.post.Prague![0].txbytes = '0x05'),
      /txbytes: type 5/,
    ],
    [
      'a value of 257 bits',
      (test: Written) => {
        delete test.post.Prague![0].txbytes;
        test.transaction.value[0] = `0x01${'00'.repeat(32)}`;
      },
      /transaction: value has 33 bytes/,
    ],
  ])('leaves out %s, and says why', (_name, edit, reason) => {
    const text = edited(edit);
    const { cases, leftOut } = readCases(text, 'x');
    expect(cases).toEqual([]);
    expect(leftOut).toHaveLength(1);
    expect(leftOut[0]!.reason).toMatch(reason);
    expect(() => casesOfFile(text, 'x.json')).toThrow(/^x\.json: no case to fuzz: finding\//);
  });

  it('refuses a test that contradicts itself', () => {
    const another = edited((test: Written) => void (test.transaction.sender = `0x${'11'.repeat(20)}`));
    expect(() => readCases(another, 'x')).toThrow(/x: finding\/Prague\/d0g0v0: signed by 0x/);
    const nobody = edited((test: Written) => {
      delete test.post.Prague![0].txbytes;
      delete test.transaction.secretKey;
      delete test.transaction.sender;
    });
    expect(() => readCases(nobody, 'x')).toThrow(/no txbytes, no secretKey and no sender/);
  });
});

describe('readCorpus', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'corpus-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('reports each broken file once and reads the others', async () => {
    mkdirSync(join(folder, 'b'));
    writeFileSync(join(folder, 'a.json'), textOf(caseWith()));
    writeFileSync(join(folder, 'b', 'cut.json'), textOf(caseWith()).slice(0, 300));
    writeFileSync(join(folder, 'b', 'other.json'), '{"x": {"blocks": []}}');
    writeFileSync(join(folder, 'c.json'), textOf(caseWith({ fork: 'Cancun' })));
    writeFileSync(join(folder, 'notes.txt'), 'no fixture');
    const files: CorpusFile[] = [];
    for await (const file of readCorpus(folder)) files.push(file);
    expect(files.map(({ kind, file }) => [kind, file.slice(folder.length + 1)])).toEqual([
      ['cases', 'a.json'],
      ['broken', 'b/cut.json'],
      ['broken', 'b/other.json'],
      ['cases', 'c.json'],
    ]);
    expect(files[1]).toMatchObject({ problem: expect.stringContaining('cut.json: not JSON') });
    expect(files[2]).toMatchObject({ problem: expect.stringContaining('a blockchain test') });
    expect(files[3]).toMatchObject({ cases: [normal(caseWith({ fork: 'Cancun' }))], leftOut: [] });
  });

  it('says where there is nothing', async () => {
    await expect(readCorpus(join(folder, 'none')).next()).rejects.toThrow(/none: no such file or folder/);
  });
});
