/** The search for flaws in precompiles: that it finds planted ones soon, makes them small, and none in what is right. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { EXTENSION_SETS, loadExtensions } from '../../precompiles/ext/index.ts';
import { type Crypto, nobleCrypto, PRECOMPILES, type Precompile } from '../../precompiles/index.ts';
import { ethereumjsContender } from '../../src/cli/fuzz-ethereumjs.ts';
import { ethereumjsReference } from '../../src/cli/fuzz-precompile-ethereumjs.ts';
import { extensionOf } from '../../src/cli/fuzz-precompile-ext.ts';
import { PrecompileCampaign, type Target, targetOf } from '../../src/cli/fuzz-precompile-run.ts';
import { type ForkName, LATEST_FORK } from '../../src/forks/fork.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { compare, plainContender } from '../../src/fuzz/compare.ts';
import { CaseRunner } from '../../src/fuzz/execute.ts';
import { precompileCase } from '../../src/fuzz/precompile/call-case.ts';
import { ethereumKind } from '../../src/fuzz/precompile/ethereum.ts';
import { type Flaw, judge, type Subject } from '../../src/fuzz/precompile/judge.ts';
import { hostileInputs, type InputKind, InputSource, wordOf } from '../../src/fuzz/precompile/kind.ts';
import { shrinkInput } from '../../src/fuzz/precompile/shrink.ts';
import { Random } from '../../src/fuzz/random.ts';
import { bytesToBigInt, bytesToHex, concatBytes, toBytes32 } from '../../src/primitives/bytes.ts';
import { casesOf } from '../../src/statetest/case.ts';
import { parseFixture } from '../../src/statetest/fixture.ts';
import { StateTestRunner } from '../../src/statetest/run.ts';
import { useFolder } from '../cli/support.ts';

const rowOf = (name: string): Precompile => PRECOMPILES.find((row) => row.name === name)!;

interface Trial {
  readonly fork?: ForkName;
  readonly tries?: number;
}

interface FoundFlaw {
  readonly flaw: Flaw;
  readonly runs: number;
  readonly input: Uint8Array;
  readonly small: Uint8Array;
}

/** The first flaw within so many inputs, shrunk; or null. */
async function firstFlaw(
  subject: Subject,
  kind: InputKind,
  runs: number,
  { fork = LATEST_FORK, tries = 300 }: Trial = {},
): Promise<FoundFlaw | null> {
  const source = new InputSource(kind, new Random(1n));
  const rules = rulesOf(fork);
  for (let run = 1; run <= runs; run++) {
    const input = source.next();
    const { answer, flaw } = await judge(subject, rules, input);
    if (answer.kind === 'output') source.learn(answer.output);
    if (flaw === null) continue;
    const { cause } = flaw;
    const still = async (candidate: Uint8Array) =>
      (await judge(subject, rules, candidate)).flaw?.cause === cause;
    return { flaw, runs: run, input, small: await shrinkInput(input, still, tries) };
  }
  return null;
}

const plain = (row: Precompile, parts: Partial<Subject> = {}): Subject => ({
  row,
  crypto: nobleCrypto,
  references: [],
  samples: [],
  limit: 200_000,
  ...parts,
});

/** Ethereum's own precompile with another answer, against @ethereumjs/evm. */
async function planted(name: string, parts: Partial<Precompile>, runs: number, trial: Trial = {}) {
  const row = rowOf(name);
  const subject = plain({ ...row, ...parts }, { references: [await ethereumjsReference(row)] });
  return firstFlaw(subject, ethereumKind(row, rulesOf(trial.fork ?? LATEST_FORK)), runs, trial);
}

const word = (input: Uint8Array, at: number): bigint => {
  const bytes = new Uint8Array(32);
  bytes.set(input.subarray(32 * at, 32 * at + 32));
  return bytesToBigInt(bytes);
};

describe('flaws planted in what Ethereum has', () => {
  it('MODEXP that leaves off the last byte of odd input', async () => {
    const { run } = rowOf('MODEXP');
    const found = await planted(
      'MODEXP',
      { run: (input, crypto, rules) => run(input.subarray(0, input.length & ~1), crypto, rules) },
      1_500,
      { tries: 1_000 },
    );
    expect(found?.flaw.cause).toMatch(/^@ethereumjs\/evm: another output/);
    expect(found!.small.length).toBeLessThan(140);
    expect(found!.small.length % 2).toBe(1);
  });

  it('MODEXP one gas too cheap for long exponents', async () => {
    const { gas } = rowOf('MODEXP');
    const found = await planted(
      'MODEXP',
      { gas: (input, rules) => gas(input, rules) - (word(input, 1) > 64n && word(input, 2) > 40n ? 1 : 0) },
      3_000,
      { fork: 'Berlin', tries: 3_000 },
    );
    expect(found?.flaw.cause).toBe('@ethereumjs/evm: another price');
    expect(word(found!.small, 1)).toBe(65n);
    expect(word(found!.small, 2)).toBe(41n);
  });

  it('ECRECOVER that takes 29 for 27', async () => {
    const { run } = rowOf('ECRECOVER');
    const found = await planted(
      'ECRECOVER',
      {
        run(input, crypto, rules) {
          if (word(input, 1) !== 29n) return run(input, crypto, rules);
          const copy = input.slice();
          copy[63] = 27;
          return run(copy, crypto, rules);
        },
      },
      400,
    );
    expect(found?.flaw.cause).toMatch(/output of another length, none on one side/);
    expect(word(found!.small, 1)).toBe(29n);
    expect(word(found!.small, 0)).toBe(0n);
  });

  it('BN254_ADD that reduces coordinates', async () => {
    const p = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;
    const { run } = rowOf('BN254_ADD');
    const reduced = (input: Uint8Array): Uint8Array =>
      concatBytes(...[0, 1, 2, 3].map((at) => toBytes32(word(input, at) % p)));
    const found = await planted(
      'BN254_ADD',
      { run: (input, crypto, rules) => run(reduced(input), crypto, rules) },
      400,
    );
    expect(found?.flaw.cause).toMatch(/answers what the reference refuses/);
    expect([0, 1, 2, 3].some((at) => word(found!.small, at) >= p)).toBe(true);
    expect(found!.small.length).toBeLessThanOrEqual(64);
  });

  it('BN254_PAIRING that says yes of points that are none', async () => {
    const { run } = rowOf('BN254_PAIRING');
    const crypto = {
      ...nobleCrypto,
      bn254PairingCheck: (pairs: Parameters<Crypto['bn254PairingCheck']>[0]) =>
        nobleCrypto.bn254PairingCheck(pairs) ?? true,
    };
    const found = await planted(
      'BN254_PAIRING',
      { run: (input, _, rules) => run(input, crypto, rules) },
      100,
      {
        tries: 30,
      },
    );
    expect(found?.flaw.cause).toMatch(/answers what the reference refuses/);
  });

  it('BLS12_G1MSM that leaves out points outside of the subgroup', async () => {
    const { run } = rowOf('BLS12_G1MSM');
    const crypto = {
      ...nobleCrypto,
      bls12G1Msm: (terms: Parameters<Crypto['bls12G1Msm']>[0]) =>
        nobleCrypto.bls12G1Msm(terms) ?? { x: 0n, y: 0n },
    };
    const found = await planted('BLS12_G1MSM', { run: (input, _, rules) => run(input, crypto, rules) }, 100, {
      tries: 30,
    });
    expect(found?.flaw.cause).toMatch(/answers what the reference refuses/);
  });

  it('BLAKE2F that takes any flag but 0 for 1', async () => {
    const { run } = rowOf('BLAKE2F');
    const found = await planted(
      'BLAKE2F',
      {
        run(input, crypto, rules) {
          const copy = input.slice();
          if (copy.length === 213 && copy[212]! > 1) copy[212] = 1;
          return run(copy, crypto, rules);
        },
      },
      1_500,
    );
    expect(found?.flaw.cause).toMatch(/answers what the reference refuses/);
    // Its length is fixed; all else that is not needed is 0.
    expect(bytesToHex(found!.small)).toBe(`0x${'00'.repeat(212)}02`);
  });

  it('KZG_POINT_EVALUATION that does not compare the version', async () => {
    const found = await planted(
      'KZG_POINT_EVALUATION',
      {
        run(input, crypto, rules) {
          const copy = input.slice();
          if (copy.length > 0) copy[0] = 1;
          return rowOf('KZG_POINT_EVALUATION').run(copy, crypto, rules);
        },
      },
      100,
      { tries: 20 },
    );
    expect(found?.flaw.cause).toMatch(/answers what the reference refuses/);
    expect(found!.small[0]).not.toBe(1);
  });
});

describe('flaws planted in what has no reference', () => {
  const sample = Uint8Array.from({ length: 40 }, (_, i) => i + 1);
  const kind: InputKind = { parts: [8], edges: [0n, 255n], special: [], samples: [sample] };
  const verdict = (isValid: (input: Uint8Array) => boolean): Precompile => ({
    address: 0xe1ffn,
    name: 'VERDICT',
    since: 'Frontier',
    gas: (input) => 100 + 3 * Math.ceil(input.length / 32),
    run: (input) => wordOf(isValid(input) ? 1n : 0n, 32),
  });
  const same = (input: Uint8Array, length: number): boolean =>
    input.length === 40 && input.subarray(0, length).every((byte, i) => byte === i + 1);
  const sound = verdict((input) => same(input, 40));
  const soundly = (input: Uint8Array) => sound.run(input, nobleCrypto, rulesOf(LATEST_FORK));
  const subjectOf = (row: Precompile): Subject =>
    plain(row, { samples: [sample], isVerdict: true, lengths: [32], isPricedByLength: true });

  it('and none where there is none', async () => {
    expect(await firstFlaw(subjectOf(sound), kind, 2_000)).toBeNull();
  });

  const flawed: readonly (readonly [string, Precompile, RegExp])[] = [
    ['a verdict without the last byte', verdict((input) => same(input, 39)), /^one bit changes nothing/],
    [
      'a verdict without the top bit of a byte',
      verdict((input) =>
        same(
          input.map((byte, i) => (i === 20 ? byte & 0x7f : byte)),
          40,
        ),
      ),
      /^one bit/,
    ],
    ['a verdict that refuses what is valid', verdict(() => false), /^it refuses what is valid/],
    [
      'an exception',
      {
        ...sound,
        run: (input) => (input.length === 17 ? new Uint8Array(-1) : soundly(input)),
      },
      /^it throws RangeError/,
    ],
    [
      'an exception in the price',
      { ...sound, gas: (input) => Number(BigInt(input.length) / BigInt(input.length)) },
      /^the price throws RangeError/,
    ],
    [
      'a price that is none',
      { ...sound, gas: (input) => (input.length === 0 ? Number.NaN : 5) },
      /^the price is none/,
    ],
    ['a price that falls', { ...sound, gas: (input) => 1_000 - input.length }, /^more input is cheaper/],
    [
      'an output of another length',
      { ...sound, run: (input) => (input.length > 50 ? new Uint8Array(31) : soundly(input)) },
      /^an output of 31 bytes/,
    ],
    [
      'an input read from the start of its memory',
      verdict((input) => same(new Uint8Array(input.buffer, 0, input.length), 40)),
      /^it answers differently/,
    ],
    [
      'an output in the memory of the input',
      { ...sound, run: (input) => (input.length === 32 ? input.subarray(0) : soundly(input)) },
      /^its output shares/,
    ],
    [
      'an input that is written to',
      {
        ...sound,
        run: (input) => {
          if (input.length > 3) input[3]! ^= 1;
          return new Uint8Array(32).fill(1);
        },
      },
      /^it writes to its input/,
    ],
  ];

  it.each(flawed)('%s', async (_, row, cause) => {
    const found = await firstFlaw(subjectOf(row), kind, 2_000);
    expect(found?.flaw.cause).toMatch(cause);
    expect(found!.small.length).toBeLessThanOrEqual(found!.input.length);
  });

  it('a counter that makes two answers of one input', async () => {
    let calls = 0;
    const row = { ...sound, run: () => wordOf(BigInt(calls++), 32) };
    expect((await firstFlaw(plain(row), kind, 2))?.flaw.cause).toMatch(/^it answers differently/);
  });
});

describe('flaws planted in extensions', () => {
  it('DILITHIUM_VERIFY without the last bit of the message', async () => {
    const [row] = await loadExtensions(['postQuantum']);
    const extension = await extensionOf(row!);
    const [first] = extension.samples.filter(({ length }) => length === 1 + 1_312 + 2_420 + 32) as [
      Uint8Array,
    ];
    const run: Precompile['run'] = (input, crypto, rules) => {
      const copy = input.slice();
      // As it was in the sample.
      if (copy.length === first.length) copy[copy.length - 1] = first[first.length - 1]!;
      return row!.run(copy, crypto, rules);
    };
    const subject = {
      ...extension,
      row: { ...row!, run },
      crypto: nobleCrypto,
      limit: 100_000,
      samples: [first],
      references: [],
    };
    const found = await firstFlaw(subject, { ...extension, samples: [first] }, 40, { tries: 10 });
    expect(found?.flaw.cause).toBe('one bit changes nothing');
  });

  it('POSEIDON of numbers beyond the order', async () => {
    const row = (await loadExtensions(['research'])).find(({ name }) => name === 'POSEIDON')!;
    const extension = await extensionOf(row);
    const order = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n;
    const run: Precompile['run'] = (input, crypto, rules) => {
      const words = Array.from({ length: input.length / 32 }, (_, i) => toBytes32(word(input, i) % order));
      return row.run(input.length % 32 === 0 ? concatBytes(...words) : input, crypto, rules);
    };
    const subject = { ...extension, row: { ...row, run }, crypto: nobleCrypto, limit: 100_000 };
    const found = await firstFlaw(subject, extension, 200);
    expect(found?.flaw.cause).toMatch(/answers what the reference refuses/);
    expect(found!.small.length).toBe(32);
    expect(word(found!.small, 0)).toBeGreaterThanOrEqual(order);
  });
});

const extensions = await loadExtensions(EXTENSION_SETS);

describe('no flaw', () => {
  it('is looked for in all', () => {
    expect(extensions.length).toBeGreaterThanOrEqual(22);
  });

  it.each(PRECOMPILES.map(({ name }) => name))('in %s', async (name) => {
    expect(await planted(name, {}, /KZG|MAP|PAIRING|MSM/.test(name) ? 15 : 60)).toBeNull();
  });

  it.each(extensions.map((row): [string, Precompile] => [row.name, row]))('in %s', async (name, row) => {
    const extension = await extensionOf(row);
    if (name !== 'ZK_PROVE') expect(extension.samples.length).toBeGreaterThan(0);
    const subject = { ...extension, row, crypto: nobleCrypto, limit: 500_000 };
    expect(await firstFlaw(subject, extension, extension.samples.length + 5)).toBeNull();
  });
});

describe('hostile inputs', () => {
  const kind = ethereumKind(rowOf('BN254_ADD'), rulesOf(LATEST_FORK));
  const inputs = [...hostileInputs(kind)];

  it('begin with nothing', () => {
    expect(inputs[0]).toHaveLength(0);
  });

  it('are of every length up to one more than is needed', () => {
    const lengths = new Set(inputs.map(({ length }) => length));
    for (let length = 0; length <= 129; length++) expect(lengths).toContain(length);
  });

  it('have the modulus and its neighbours in each coordinate', () => {
    const p = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;
    for (const at of [0, 1, 2, 3]) {
      for (const value of [0n, p - 1n, p, p + 1n, 2n ** 256n - 1n]) {
        expect(inputs.some((input) => input.length === 128 && word(input, at) === value)).toBe(true);
      }
    }
  });

  it('are the same for the same seed', () => {
    const take = (): string[] => {
      const source = new InputSource(kind, new Random(7n));
      return Array.from({ length: 1_000 }, () => bytesToHex(source.next()));
    };
    expect(take()).toEqual(take());
  });
});

describe('a case that calls a precompile', () => {
  const theirs = ethereumjsContender();

  it.each([
    ['ECRECOVER', 'Frontier'],
    ['SHA256', 'TangerineWhistle'],
    ['MODEXP', 'Byzantium'],
    ['BLS12_G1ADD', 'Osaka'],
    ['P256VERIFY', 'BPO2'],
  ] as const)('%s in %s comes out as the row says, also elsewhere', async (name, fork) => {
    const row = rowOf(name);
    const [input] = ethereumKind(row, rulesOf(fork)).samples as [Uint8Array];
    const output = row.run(input, nobleCrypto, rulesOf(fork))!;
    const valid = precompileCase(row, fork, input, output.length, 500_000);
    const outcome = new CaseRunner().run(valid);
    expect(outcome.invalid).toBeNull();
    expect(compare(await plainContender().run(valid), await (await theirs).run(valid)).kind).toBe('agree');
    // What the case holds depends on the output: another one has another root.
    const roots = new Set(
      [input, input.subarray(0, input.length - 1), new Uint8Array(0)].map(
        (data) => new CaseRunner().run(precompileCase(row, fork, data, output.length, 500_000)).stateRoot,
      ),
    );
    expect(roots.size).toBeGreaterThan(1);
    expect(outcome.gasUsed).toBeGreaterThan(BigInt(row.gas(input, rulesOf(fork))));
  });
});

describe('the files of a finding', () => {
  const folder = useFolder();

  async function campaign(
    target: Target,
    out: string,
  ): Promise<{ count: number; files: Record<string, string> }> {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const path = join(folder.path, out);
      const options = { seed: '1', runs: '400', tries: '300', out: path, untilFinding: true } as const;
      const count = await new PrecompileCampaign(target, options).run();
      return {
        count,
        files: Object.fromEntries(
          readdirSync(path).map((file) => [file, readFileSync(join(path, file), 'utf8')]),
        ),
      };
    } finally {
      said.mockRestore();
    }
  }

  it('of Ethereum: a state test, and an account with the line that runs the input again', async () => {
    const target = await targetOf('ID', ['Frontier']);
    const row = {
      ...target.subject.row,
      run: (input: Uint8Array) => (input.length > 2 ? input.slice(1) : input.slice()),
    };
    const { count, files } = await campaign({ ...target, subject: { ...target.subject, row } }, 'own');
    expect(count).toBe(1);
    const [test] = Object.keys(files).filter((name) => name.endsWith('.json'));
    expect(JSON.parse(files[test!]!).found.post).toHaveProperty('Frontier');
    const [testCase] = parseFixture(files[test!]!, 'found').flatMap(casesOf);
    expect(new StateTestRunner().run(testCase!)).toMatchObject({ pass: true });
    const account = files[test!.replace('json', 'txt')]!;
    expect(account).toContain(
      'ID at 0x0000000000000000000000000000000000000004, fork Frontier: @ethereumjs/evm: ',
    );
    expect(account).toContain('erbium fuzz precompile ID --fork Frontier --input 0x000000\n');
    expect(account).toContain('@ethereumjs/evm: 0x000000, gas 18');
  });

  it('of an extension: name, address, input and both answers', async () => {
    const target = await targetOf('pedersen_add', undefined);
    const row = { ...target.subject.row, run: () => new Uint8Array(32) };
    const { files } = await campaign({ ...target, subject: { ...target.subject, row } }, 'extension');
    const [name] = Object.keys(files).filter((file) => file.endsWith('.json'));
    expect(JSON.parse(files[name!]!)).toMatchObject({
      name: 'PEDERSEN_ADD',
      address: '0x000000000000000000000000000000000000e10a',
      got: expect.stringContaining(`0x${'00'.repeat(32)}`),
    });
  });
});
