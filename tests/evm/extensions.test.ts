/** Precompiles beyond Ethereum: their instructions behind 0xAE, and what an embedder allows or refuses. */

import { describe, expect, it } from 'vitest';
import { disassemble, extensionNames } from '../../opcodes/index.ts';
import { aliasesOf, EXTENSION_BASE, movedTo } from '../../precompiles/ext/index.ts';
import type { Precompile } from '../../precompiles/index.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { createEvm, type EvmOptions, type FrameEnd, Halt, type Hex } from '../../src/index.ts';
import { eip3155Tracer } from '../../src/tracers/index.ts';
import { code, push } from '../helpers/assembler.ts';

const ECHO = 0xe1f0n;
const SECRET = 0xe1f1n;

/** Gives its input back, at 100 gas and one for each byte; refuses what starts with 0xff. */
/** Gives its input back, at 100 gas and one for each byte; refuses what starts with 0xff. */
const plain: Precompile = {
  address: 0xe1f2n,
  name: 'PLAIN',
  since: 'Frontier',
  gas: (input) => (input[0] === 0xfe ? Number.POSITIVE_INFINITY : 100 + input.length),
  run: (input) => (input[0] === 0xff ? null : input.slice()),
};
const echo: Precompile = { ...plain, address: ECHO, name: 'ECHO', opcode: 0xe0 };
const secret: Precompile = { ...plain, address: SECRET, name: 'SECRET', opcode: 0xe1, secret: true };

const AE = (second: number): Uint8Array => Uint8Array.of(0xae, second);
/** Puts the word 1..32 into memory, then runs the instruction. */
const WORD = `0x${Array.from({ length: 32 }, (_, i) => (i + 1).toString(16).padStart(2, '0')).join('')}`;
const operate = (second: number, [inAt, inSize, outAt, outSize]: readonly number[]): Uint8Array =>
  code(
    push(BigInt(WORD)),
    push(0),
    'MSTORE',
    push(outSize!),
    push(outAt!),
    push(inSize!),
    push(inAt!),
    AE(second),
  );
const SHOW = code(push(96), 'MSTORE', push(128), push(0), 'RETURN');
const call = (address: bigint): Uint8Array =>
  code(push(0), push(0), push(1), push(0), push(address), push(50_000), 'STATICCALL', SHOW);

function run(bytes: Uint8Array, options: EvmOptions = {}, gas = 1_000_000n) {
  const ends: FrameEnd[] = [];
  const tracer = { exit: (end: FrameEnd) => ends.push(end) };
  const evm = createEvm({ precompiles: [echo, secret, plain], tracer, ...options });
  return { ...evm.execute(bytes, { gas }), ends };
}
const wordAt = (output: Hex, n: number): Hex => `0x${output.slice(2 + 64 * n, 66 + 64 * n)}`;

describe('instructions behind 0xAE', () => {
  it('do as their precompile does, and say that they succeeded', () => {
    const { status, output } = run(code(operate(0xe0, [0, 32, 32, 32]), SHOW));
    expect(status).toBe('success');
    expect(wordAt(output, 1)).toBe(WORD);
    expect(BigInt(wordAt(output, 3))).toBe(1n);
  });

  it('write no more than was asked for, and leave all of it as return data', () => {
    const { output } = run(code(operate(0xe0, [0, 32, 32, 4]), 'RETURNDATASIZE', push(64), 'MSTORE', SHOW));
    expect(wordAt(output, 1)).toBe(`0x01020304${'00'.repeat(28)}`);
    expect(BigInt(wordAt(output, 2))).toBe(32n);
  });

  it('put 0 for an invalid input, write nothing and burn nothing but their price', () => {
    const invalid = code(push(0xff), push(0), 'MSTORE8', push(32), push(32), push(1), push(0), AE(0xe0));
    const { status, output, gasUsed } = run(code(invalid, 'RETURNDATASIZE', push(64), 'MSTORE', SHOW));
    expect(status).toBe('success');
    expect([1, 2, 3].map((n) => BigInt(wordAt(output, n)))).toEqual([0n, 0n, 0n]);
    expect(gasUsed).toBeLessThan(1_000n);
  });

  it.each([
    // Two constants and MSTORE with its word of memory, four constants; then memory and price.
    ['within memory', [0, 32, 0, 32], 132],
    ['that reads beyond it', [0, 64, 0, 0], 132 + 32 + 3],
    ['that writes beyond it', [0, 32, 64, 32], 132 + 6],
    ['of nothing, wherever it may be', [99_999, 0, 99_999, 0], 100],
  ])('cost their price and memory: one %s', (_, places, expected) => {
    const before = run(code(push(BigInt(WORD)), push(0), 'MSTORE', push(0), push(0), push(0), push(0)));
    const { gasUsed } = run(operate(0xe0, places));
    expect(gasUsed - before.gasUsed).toBe(BigInt(expected));
  });

  it('run out of gas at one less than their price', () => {
    const bytes = operate(0xe0, [0, 32, 32, 32]);
    const { gasUsed } = run(bytes);
    expect(run(bytes, {}, gasUsed).status).toBe('success');
    expect(run(bytes, {}, gasUsed - 1n)).toMatchObject({ status: 'halt', halt: Halt.OutOfGas });
  });

  it('run out of gas where no gas can pay', () => {
    const bytes = code(push(0xfe), push(0), 'MSTORE8', push(0), push(0), push(1), push(0), AE(0xe0));
    expect(run(bytes).halt).toBe(Halt.OutOfGas);
    expect(run(bytes, {}, 2n ** 64n - 1n).halt).toBe(Halt.OutOfGas);
    expect(run(operate(0xe0, [0, 2 ** 28, 0, 0])).halt).toBe(Halt.OutOfGas);
  });

  it('need four words', () => {
    expect(run(code(push(0), push(0), push(0), AE(0xe0))).halt).toBe(Halt.StackUnderflow);
  });

  it.each([0x00, 0x5b, 0xdf, 0xe2, 0xff])('are undefined behind a byte of none: %i', (second) => {
    expect(run(operate(second, [0, 0, 0, 0])).halt).toBe(Halt.UndefinedOpcode);
  });

  it('are undefined where the code ends behind the prefix', () => {
    expect(run(code(push(0), push(0), push(0), push(0), Uint8Array.of(0xae))).halt).toBe(
      Halt.UndefinedOpcode,
    );
  });

  it('do not exist without extensions, nor with such as have none, nor where they are disabled', () => {
    const bytes = operate(0xe0, [0, 0, 0, 0]);
    expect(run(bytes, { precompiles: [] }).halt).toBe(Halt.UndefinedOpcode);
    expect(run(bytes, { precompiles: [plain] }).halt).toBe(Halt.UndefinedOpcode);
    expect(run(bytes, { disabledOpcodes: [0xae] }).halt).toBe(Halt.UndefinedOpcode);
  });

  it('are those of the precompile that wins at its address', () => {
    const later: Precompile = { ...echo, run: () => Uint8Array.of(7) };
    const { output } = run(code(operate(0xe0, [0, 32, 0, 1]), SHOW), { precompiles: [echo, later] });
    expect(wordAt(output, 0).slice(0, 4)).toBe('0x07');
    const removed = { ...plain, address: ECHO };
    expect(run(operate(0xe0, [0, 0, 0, 0]), { precompiles: [echo, removed] }).halt).toBe(
      Halt.UndefinedOpcode,
    );
  });

  it('leave jump destinations as they are: a JUMPDEST behind the prefix is one', () => {
    const bytes = code(
      push(4),
      'JUMP',
      Uint8Array.of(0xae, 0x5b),
      push(7),
      push(96),
      'MSTORE',
      push(128),
      push(0),
    );
    const { output, status } = run(code(bytes, 'RETURN'));
    expect(status).toBe('success');
    expect(BigInt(wordAt(output, 3))).toBe(7n);
  });

  it('are disassembled by name, and by the bytes where they are none', () => {
    const bytes = Uint8Array.of(0xae, 0xe1, 0x00, 0xae, 0x5b, 0xae);
    const named = disassemble(bytes, rulesOf('Osaka'), extensionNames([echo, secret, plain]));
    expect(named.map(({ pc, name }) => [pc, name])).toEqual([
      [0, 'SECRET'],
      [2, 'STOP'],
      [3, undefined],
      [4, 'JUMPDEST'],
      [5, undefined],
    ]);
    expect(disassemble(bytes, rulesOf('Osaka'))[0]!.name).toBeUndefined();
    expect(extensionNames([plain])).toEqual([]);
  });

  it('are traced by name, with the stack that they leave', () => {
    let text = '';
    const write = (part: Uint8Array): void => void (text += new TextDecoder().decode(part));
    const tracer = eip3155Tracer({ write, opcodes: extensionNames([echo, secret]) });
    const bytes = code(
      operate(0xe0, [0, 32, 0, 0]),
      operate(0xe1, [0, 0, 0, 0]),
      operate(0x99, [0, 0, 0, 0]),
    );
    createEvm({ precompiles: [echo, secret], allowSecrets: true, tracer }).execute(bytes);
    tracer.flush();
    const lines = text.split('\n').filter((line) => line.includes('"op":174'));
    expect(lines.map((line) => JSON.parse(line).opName)).toEqual([
      'ECHO',
      'SECRET',
      'opcode 0xae not defined',
      'opcode 0xae not defined',
    ]);
    const all = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const after = all[all.findIndex(({ opName }) => opName === 'ECHO') + 1];
    expect(after.stack).toEqual(['0x1']);
    expect(JSON.parse(lines[0]!).gasCost).toBe('0x84');
  });
});

describe('policies', () => {
  it('refuse secrets unless they are allowed', () => {
    const refused = run(call(SECRET));
    expect(refused.status).toBe('success');
    expect(BigInt(wordAt(refused.output, 3))).toBe(0n);
    expect(refused.ends[0]).toMatchObject({ halt: Halt.PrivacyViolation, gasUsed: 50_000n });
    expect(run(operate(0xe1, [0, 0, 0, 0]))).toMatchObject({ status: 'halt', halt: Halt.PrivacyViolation });

    const allowed = run(call(SECRET), { allowSecrets: true });
    expect(BigInt(wordAt(allowed.output, 3))).toBe(1n);
    expect(run(operate(0xe1, [0, 0, 0, 0]), { allowSecrets: true }).status).toBe('success');
    expect(BigInt(wordAt(run(call(ECHO)).output, 3))).toBe(1n);
  });

  it.each([
    ['ECRECOVER', 0x01n, 0n],
    ['P256VERIFY', 0x100n, 0n],
    ['SHA256', 0x02n, 1n],
    ['an extension', ECHO, 1n],
  ])('pqOnly: %s', (_, address, success) => {
    const { output, ends } = run(call(address), { pqOnly: true });
    expect(BigInt(wordAt(output, 3))).toBe(success);
    expect(ends[0]!.halt).toBe(success === 1n ? Halt.Return : Halt.QuantumSecurityViolation);
    expect(BigInt(wordAt(run(call(address)).output, 3))).toBe(1n);
  });

  it('pqOnly: KZG_POINT_EVALUATION, whatever its input', () => {
    expect(run(call(0x0an), { pqOnly: true }).ends[0]!.halt).toBe(Halt.QuantumSecurityViolation);
    expect(run(call(0x0an)).ends[0]!.halt).toBe(Halt.PrecompileFailure);
  });

  it.each([
    [{ allowSecrets: 1 }, 'allowSecrets'],
    [{ pqOnly: 'yes' }, 'pqOnly'],
    [{ precompiles: [{ ...echo, opcode: 256 }] }, 'precompiles[0].opcode'],
    [{ precompiles: [{ ...echo, opcode: 0x5b }] }, 'precompiles[0].opcode'],
    [{ precompiles: [plain, { ...echo, opcode: 0x60 }] }, 'precompiles[1].opcode'],
  ])('are checked: %o', (options, field) => {
    expect(() => createEvm(options as unknown as EvmOptions)).toThrow(field);
  });
});

describe('addresses', () => {
  const rows = [
    echo,
    { ...echo, address: 0x12n },
    { ...echo, address: EXTENSION_BASE, name: 'DILITHIUM_VERIFY' },
  ];

  it('move as a block', () => {
    const addresses = movedTo(0xff00n, rows).map(({ address }) => address);
    expect(addresses).toEqual([0xfff0n, 0x12n, 0xff00n]);
  });

  it.each([0n, 0x1ffn, 2n ** 160n - 1n, 0x1000 as unknown as bigint])('do not move to %s', (base) => {
    expect(() => movedTo(base, rows)).toThrow('base: expected an address');
  });

  it('have their first numbers where Ethereum leaves them free, and an error that says why where it does not', () => {
    expect(aliasesOf(rows, rulesOf('Prague')).map(({ address, name }) => [address, name])).toEqual([
      [0x100n, 'DILITHIUM_VERIFY'],
    ]);
    expect(() => aliasesOf(rows, rulesOf('Osaka'))).toThrow(
      /cannot be DILITHIUM_VERIFY in Osaka: it is P256VERIFY/,
    );
  });

  it('answer where they are', () => {
    const evm = createEvm({ fork: 'Prague', precompiles: aliasesOf(rows, rulesOf('Prague')) });
    expect(evm.call({ to: 0x100n, data: '0x1234' }).output).toBe('0x1234');
  });
});
