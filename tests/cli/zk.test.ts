/** `erbium zk`: setup, prove, verify and export, each against snarkjs, and what they write and when. */

import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nobleCrypto } from '../../precompiles/crypto.ts';
import { zkVerify } from '../../precompiles/ext/e102-zk-verify.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { bytesToHex, hexToBytes } from '../../src/primitives/bytes.ts';
import { COMMAND, erbium, json, useFolder } from './support.ts';

const SEED = `${'0'.repeat(63)}1`;
const OTHER_SEED = `0x${'0'.repeat(63)}2`;

/** a * b = c, with c public, and d public but in no constraint. */
const CIRCUIT = `pragma circom 2.1.0;
template Product() {
  signal input a;
  signal input b[2];
  signal input d;
  signal output c;
  signal half;
  log("a is", a);
  half <== a * b[0];
  c <== half * b[1];
}
component main { public [d] } = Product();
`;

const INPUT = { a: 3, b: ['0x5', '7'], d: '-1' };
const ORDERS = {
  bn254: 21888242871839275222246405745257275088548364400416034343698204186575808495617n,
  'bls12-381': 52435875175126190479447740508185965837690552500527637822603658699938581184513n,
} as const;

// The package has no types.
const snarkjs = createRequire(import.meta.url)('snarkjs') as {
  groth16: {
    verify(key: unknown, inputs: unknown, proof: unknown): Promise<boolean>;
    fullProve(
      input: unknown,
      wasm: string,
      zkey: string,
    ): Promise<{ proof: unknown; publicSignals: unknown }>;
  };
  curves: { getCurveFromName(name: string): Promise<{ terminate(): Promise<void> }> };
  powersOfTau: {
    newAccumulator(curve: unknown, power: number, file: string): Promise<unknown>;
    beacon(from: string, to: string, name: string, hash: string, log: number): Promise<unknown>;
    preparePhase2(from: string, to: string): Promise<unknown>;
  };
};

afterAll(async () => {
  for (const name of ['bn128', 'bls12381']) await (await snarkjs.curves.getCurveFromName(name)).terminate();
});

const read = (path: string): Buffer => readFileSync(path);
/** A copy with one byte changed. */
function spoil(file: Buffer, at: number, byte: number): Buffer {
  const copy = Buffer.from(file);
  copy[at] = byte;
  return copy;
}

const parse = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

/** Runs the command, which must succeed. */
function done(args: readonly string[], cwd?: string): string {
  const { status, stdout, stderr } = erbium(['zk', ...args], cwd === undefined ? {} : { cwd });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

describe.each(Object.entries(ORDERS))('%s', (curve, order) => {
  const folder = useFolder();
  const at = (name: string): string => join(folder.path, name);
  const files = (): [string, string, string] => [
    at('keys/verification_key.json'),
    at('public.json'),
    at('proof.json'),
  ];

  beforeAll(() => {
    folder.write('product.circom', CIRCUIT);
    folder.write('input.json', INPUT);
    done(['setup', at('product.circom'), at('keys'), '--curve', curve, '--seed', SEED]);
    done(['prove', at('keys'), at('input.json'), '--seed', SEED, '--out', at('proof.json')]);
  });

  it('makes a folder and leaves nothing beside it', () => {
    expect(readdirSync(at('keys')).sort()).toEqual([
      'circuit.r1cs',
      'circuit.wasm',
      'circuit.zkey',
      'verification_key.json',
    ]);
    expect(readdirSync(folder.path).sort()).toEqual([
      'input.json',
      'keys',
      'product.circom',
      'proof.json',
      'public.json',
    ]);
  });

  it('writes what the circuit computes', () => {
    expect(parse(at('public.json'))).toEqual(['105', `${order - 1n}`]);
  });

  it('is understood by snarkjs in both directions', async () => {
    const [key, inputs, proof] = files().map(parse);
    expect(await snarkjs.groth16.verify(key, inputs, proof)).toBe(true);
    expect(await snarkjs.groth16.verify(key, ['106', (inputs as string[])[1]], proof)).toBe(false);
    const theirs = await snarkjs.groth16.fullProve(INPUT, at('keys/circuit.wasm'), at('keys/circuit.zkey'));
    expect(theirs.publicSignals).toEqual(inputs);
    expect(theirs.proof).not.toEqual(proof);
    const path = folder.write('theirs.json', theirs.proof);
    expect(done(['verify', files()[0], files()[1], path])).toBe('valid\n');
  });

  it('tells valid from invalid, also of a public input that no constraint uses', () => {
    const [key, inputs, proof] = files();
    expect(done(['verify', key, inputs, proof])).toBe('valid\n');
    const report = { valid: true, curve: curve === 'bn254' ? 'bn128' : 'bls12381', publicInputs: 2 };
    expect(JSON.parse(done(['verify', key, inputs, proof, '--json']))).toEqual(report);
    const [c, d] = parse(inputs) as [string, string];
    for (const wrong of [
      ['106', d],
      [c, '0'],
      [d, c],
    ]) {
      const path = folder.write('wrong.json', wrong);
      expect(erbium(['zk', 'verify', key, path, proof])).toMatchObject({ status: 1, stdout: 'invalid\n' });
      const told = erbium(['zk', 'verify', key, path, proof, '--json']);
      expect(told.status).toBe(1);
      expect(json(told)).toEqual({ ...report, valid: false });
    }
  });

  it('takes a point off the curve for an invalid proof, and in a proof of the other curve names the field', () => {
    const [key, inputs, proof] = files();
    const json = parse(proof) as { pi_a: string[]; curve: string };
    const off = folder.write('off.json', { ...json, pi_a: [json.pi_a[0], '1', '1'] });
    expect(erbium(['zk', 'verify', key, inputs, off])).toMatchObject({ status: 1, stdout: 'invalid\n' });
    const other = json.curve === 'bn128' ? 'bls12381' : 'bn128';
    const foreign = folder.write('foreign.json', { ...json, curve: other });
    const { status, stderr } = erbium(['zk', 'verify', key, inputs, foreign]);
    expect(status).toBe(2);
    expect(stderr).toContain(`${foreign}: proof.curve: expected ${json.curve}`);
  });

  it('exports what ZK_VERIFY takes', () => {
    const rules = rulesOf('Prague');
    const [key, inputs, proof] = files();
    const input = hexToBytes(done(['export', key, inputs, proof]).trim());
    expect(bytesToHex(zkVerify.run(input, nobleCrypto, rules)!)).toBe(`0x${'0'.repeat(63)}1`);
    const parts = JSON.parse(done(['export', key, inputs, proof, '--json'])) as Record<string, string>;
    expect(Object.keys(parts)).toEqual(['verifyingKey', 'proof', 'publicInputs', 'input']);
    const digits = (name: string): string => parts[name]!.slice(2);
    expect(parts.input).toBe(`0x${digits('verifyingKey')}${digits('proof')}${digits('publicInputs')}`);
    expect(parts.input).toBe(bytesToHex(input));
    expect(done(['export', key])).toBe(`${parts.verifyingKey}\n`);
    expect(JSON.parse(done(['export', key, '--json']))).toEqual({ verifyingKey: parts.verifyingKey });
    expect(done(['export', key, '--solidity'])).toBe(
      `bytes constant VERIFYING_KEY = hex"${digits('verifyingKey')}";\n`,
    );
    input[input.length - 1]! ^= 1;
    expect(bytesToHex(zkVerify.run(input, nobleCrypto, rules)!)).toBe(`0x${'0'.repeat(64)}`);
  });

  it('comes from the seeds alone', () => {
    done(['setup', at('product.circom'), at('again'), '--curve', curve, '--seed', SEED]);
    done(['setup', at('product.circom'), at('other'), '--curve', curve, '--seed', OTHER_SEED]);
    for (const name of readdirSync(at('keys'))) {
      expect(read(at(`again/${name}`)).equals(read(at(`keys/${name}`)))).toBe(true);
    }
    expect(read(at('other/circuit.zkey')).equals(read(at('keys/circuit.zkey')))).toBe(false);
    expect(read(at('other/circuit.r1cs')).equals(read(at('keys/circuit.r1cs')))).toBe(true);
    // Nothing of a seed stands in what is published.
    expect(read(at('keys/circuit.zkey')).includes(Buffer.from(SEED, 'hex'))).toBe(false);
    const prove = (key: string, ...options: string[]): string => {
      const out = at('p/proof.json');
      mkdirSync(dirname(out), { recursive: true });
      done(['prove', key, at('input.json'), '--out', out, '--public', at('p/public.json'), ...options]);
      return readFileSync(out, 'utf8');
    };
    const proof = readFileSync(at('proof.json'), 'utf8');
    expect(prove(at('keys'), '--seed', SEED)).toBe(proof);
    expect(prove(at('keys/circuit.zkey'), '--seed', SEED, '--wasm', at('keys/circuit.wasm'))).toBe(proof);
    const random = [
      prove(at('keys')),
      prove(at('keys/circuit.zkey')),
      prove(at('keys'), '--seed', OTHER_SEED),
    ];
    expect(new Set([proof, ...random]).size).toBe(4);
    const [key, inputs] = files();
    expect(done(['verify', key, inputs, at('p/proof.json')])).toBe('valid\n');
    expect(erbium(['zk', 'verify', at('other/verification_key.json'), inputs, at('proof.json')]).status).toBe(
      1,
    );
  });
});

describe('what is printed', () => {
  const folder = useFolder();
  const run = (...args: string[]) => erbium(['zk', ...args], { cwd: folder.path });

  it('warns of one party, reports as JSON, and names the folder as the circuit', () => {
    folder.write('product.circom', CIRCUIT);
    folder.write('input.json', INPUT);
    const setup = run('setup', 'product.circom', '--json');
    expect(setup.status).toBe(0);
    expect(setup.stderr).toMatch(/NOT SAFE FOR PRODUCTION: this setup has one party/);
    const report = { folder: 'product', curve: 'bn128', constraints: 2, publicInputs: 2 };
    expect(json(setup)).toMatchObject({ ...report, warning: expect.stringContaining('NOT SAFE') });
    const prove = run('prove', 'product', 'input.json', '--json');
    expect(prove.status).toBe(0);
    const { proof, publicInputs, files } = json<Record<string, unknown>>(prove);
    expect(files).toEqual(['proof.json', 'public.json']);
    expect(proof).toEqual(parse(join(folder.path, 'proof.json')));
    expect(publicInputs).toEqual(parse(join(folder.path, 'public.json')));
    // What the circuit logs does not get between.
    expect(prove.stderr).toBe('a is 3\n');
    expect(run('verify', 'product/verification_key.json', 'public.json', 'proof.json').status).toBe(0);
  });

  it('reads inputs from standard input', () => {
    const { status } = erbium(['zk', 'prove', 'product', '-', '--out', 'piped.json', '--public', 'p.json'], {
      cwd: folder.path,
      input: JSON.stringify({ ...INPUT, a: 4 }),
    });
    expect(status).toBe(0);
    expect(parse(join(folder.path, 'p.json'))).toEqual(['140', expect.any(String)]);
  });

  it('includes from folders that are named', () => {
    folder.write('lib/one/half.circom', 'pragma circom 2.1.0;\nfunction two() { return 2; }\n');
    folder.write(
      'user.circom',
      'pragma circom 2.1.0;\ninclude "one/half.circom";\ntemplate T() { signal input a; signal output b; b <== a * a + two(); }\ncomponent main = T();\n',
    );
    expect(run('setup', 'user.circom').stderr).toContain('one/half.circom');
    expect(existsSync(join(folder.path, 'user'))).toBe(false);
    expect(run('setup', 'user.circom', '--include', 'none', '--include', 'lib').status).toBe(0);
  });
});

describe('powers of tau of a ceremony', () => {
  const folder = useFolder();
  const at = (name: string): string => join(folder.path, name);

  beforeAll(async () => {
    folder.write('product.circom', CIRCUIT);
    folder.write('input.json', INPUT);
    const curve = await snarkjs.curves.getCurveFromName('bn128');
    for (const power of [2, 3]) {
      await snarkjs.powersOfTau.newAccumulator(curve, power, at(`new${power}.ptau`));
      await snarkjs.powersOfTau.beacon(at(`new${power}.ptau`), at(`raw${power}.ptau`), 'x', SEED, 10);
      await snarkjs.powersOfTau.preparePhase2(at(`raw${power}.ptau`), at(`pot${power}.ptau`));
    }
  });

  it.each([[], ['--seed', SEED]])('make keys that work %j', (...seed) => {
    const name = `keys${seed.length}`;
    const { status, stderr } = erbium([
      'zk',
      'setup',
      at('product.circom'),
      at(name),
      '--ptau',
      at('pot3.ptau'),
      ...seed,
    ]);
    expect(stderr).toContain(seed.length === 0 ? 'the second phase has one contribution' : 'holds the seed');
    expect(stderr).not.toContain('this setup has one party');
    expect(status).toBe(0);
    done(['prove', at(name), at('input.json'), '--out', at('proof.json')]);
    expect(done(['verify', at(`${name}/verification_key.json`), at('public.json'), at('proof.json')])).toBe(
      'valid\n',
    );
    if (seed.length === 0) return;
    done(['setup', at('product.circom'), at('again'), '--ptau', at('pot3.ptau'), ...seed]);
    expect(read(at('again/circuit.zkey')).equals(read(at(`${name}/circuit.zkey`)))).toBe(true);
  });

  it.each<[string, (ptau: Buffer) => Buffer, string]>([
    ['none', () => Buffer.from('{}'), 'ends after 2 bytes'],
    ['another kind', (ptau) => Buffer.concat([Buffer.from('zkey'), ptau.subarray(4)]), 'no powers of tau'],
    ['truncated', (ptau) => ptau.subarray(0, -1), 'is longer than the file'],
    ['truncated early', (ptau) => ptau.subarray(0, 40), 'section 1: is longer than the file'],
    ['unprepared', () => read(at('raw3.ptau')), 'is not prepared'],
    ['of another curve', (ptau) => spoil(ptau, 28, 1), 'section 1: the curve is not bn128'],
    ['said to be larger', () => spoil(read(at('pot2.ptau')), 60, 9), 'ptau section 2: expected'],
    ['too small', () => read(at('pot2.ptau')), 'has 2^2 powers, and the circuit needs 2^3'],
  ])('are refused: %s', (_, change, message) => {
    const path = at('bad.ptau');
    writeFileSync(path, change(read(at('pot3.ptau'))));
    const { status, stderr } = erbium(['zk', 'setup', at('product.circom'), at('none'), '--ptau', path]);
    expect(stderr).toContain(`${path}: `);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
    expect(readdirSync(folder.path).filter((name) => name.startsWith('none'))).toEqual([]);
  });
});

describe('without the optional packages', () => {
  const folder = useFolder();
  const at = (name: string): string => join(folder.path, name);
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [at('dist/cli/erbium.js'), 'zk', ...args], {
      cwd: folder.path,
      encoding: 'utf8',
    });

  beforeAll(() => {
    // The command as it is installed where nobody installed them.
    cpSync(dirname(COMMAND), at('dist/cli'), { recursive: true });
    cpSync(join(dirname(COMMAND), '../../package.json'), at('package.json'));
    // Packages that cannot be imported: those of the folders above do not count.
    for (const name of ['circom2', 'snarkjs'])
      folder.write(`node_modules/${name}/package.json`, { name, exports: {} });
    folder.write('product.circom', CIRCUIT);
    folder.write('input.json', INPUT);
    done(['setup', at('product.circom'), at('keys')]);
  });

  it('setup names what to install', () => {
    folder.write('empty.ptau', '');
    for (const [name, args] of [
      ['circom2', []],
      ['snarkjs', ['--ptau', 'empty.ptau']],
    ] as const) {
      const { status, stderr } = run('setup', 'product.circom', 'none', ...args);
      expect(stderr).toContain(`npm install ${name}`);
      expect(status).toBe(2);
      expect(readdirSync(folder.path).filter((name) => name.startsWith('none'))).toEqual([]);
    }
  });

  it('prove, verify and export work', () => {
    expect(run('prove', 'keys', 'input.json').status).toBe(0);
    const files = ['keys/verification_key.json', 'public.json', 'proof.json'];
    expect(run('verify', ...files)).toMatchObject({ status: 0, stdout: 'valid\n' });
    expect(run('export', ...files).status).toBe(0);
  });
});

describe('an interrupt', () => {
  const folder = useFolder();

  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends setup at once, and leaves nothing', async (signal) => {
    // Large enough to be at work when the signal comes.
    const rows = 'x[i + 1] <== x[i] * x[i] + i;';
    folder.write(
      'large.circom',
      `pragma circom 2.1.0;\ntemplate T(n) { signal input a; signal output b; signal x[n + 1]; x[0] <== a; for (var i = 0; i < n; i++) { ${rows} } b <== x[n]; }\ncomponent main = T(20000);\n`,
    );
    const child = spawn(process.execPath, [COMMAND, 'zk', 'setup', 'large.circom', 'keys'], {
      cwd: folder.path,
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    const isAtWork = (): boolean => {
      const beside = readdirSync(folder.path).find((name) => name.startsWith('keys.'));
      return beside !== undefined && existsSync(join(folder.path, beside, 'made/keys/circuit.wasm'));
    };
    while (child.exitCode === null && !isAtWork()) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill(signal);
    expect(await ended).toBe(signal === 'SIGINT' ? 130 : 143);
    expect(readdirSync(folder.path)).toEqual(['large.circom']);
  });
});
