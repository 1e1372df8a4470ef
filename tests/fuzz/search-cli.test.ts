import { Command, CommanderError } from 'commander';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { addFuzzCodeCommand } from '../../src/cli/fuzz-code.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { code, push } from '../helpers/assembler.ts';
import { compile } from './search-contracts.ts';

interface Said {
  readonly out: string;
  readonly exitCode: unknown;
}

const before = process.exitCode;
afterEach(() => {
  process.exitCode = before;
  vi.restoreAllMocks();
});

async function fuzzCode(...words: readonly string[]): Promise<Said> {
  let out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  process.exitCode = undefined;
  const program = new Command('erbium').exitOverride().configureOutput({ writeErr: () => {} });
  addFuzzCodeCommand(program.command('fuzz'));
  try {
    await program.parseAsync(['fuzz', 'code', ...words], { from: 'user' });
  } finally {
    vi.restoreAllMocks();
  }
  const { exitCode } = process;
  process.exitCode = before;
  return { out, exitCode };
}

const BANK = bytesToHex(compile('Bank.sol').Bank!);
// sstore(0, sload(0) + 1)
const COUNTER = bytesToHex(code(push(0), 'SLOAD', push(1), 'ADD', push(0), 'SSTORE', 'STOP'));

describe('erbium fuzz code', () => {
  test('shows the transactions of a finding', async () => {
    const { out, exitCode } = await fuzzCode(BANK, '--create', '--drain', '--runs', '10000');
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^found {5}ether drained: the attacker has \d+ wei more than before\n/);
    expect(out).toContain('\ntransaction 1 of 2, in block ');
    expect(out).toContain('  input   0xd0e30db0\n');
    expect(out).toMatch(/ {2}again {3}once, while it is called: 0x3ccfd60b\n/);
    expect(out).toMatch(/ {2}status {2}stopped\n/);
  });

  test('as JSON, the same each time', async () => {
    const line = [BANK, '--create', '--drain', '--runs', '10000', '--json', '--seed', '3'] as const;
    const { out, exitCode } = await fuzzCode(...line);
    expect(exitCode).toBe(1);
    const found = JSON.parse(out);
    expect(found).toMatchObject({ found: true, goal: 0, seed: '3' });
    expect(found.transactions).toHaveLength(2);
    expect(found.transactions[1]).toMatchObject({
      way: 'contract',
      reenterInput: '0x3ccfd60b',
      value: '0x0',
    });
    expect((await fuzzCode(...line)).out).toBe(out);
  });

  test('ends with 0 where nothing is found, after as many runs as it was given', async () => {
    const { out, exitCode } = await fuzzCode(
      COUNTER,
      '--assert',
      'slot(0) < 100',
      '--runs',
      '500',
      '--depth',
      '2',
    );
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^nothing found: 50[01] transactions, /);
  });

  test('starts from the storage given', async () => {
    const line = [COUNTER, '--assert', 'slot(0) < 100', '--runs', '500', '--depth', '2'] as const;
    expect((await fuzzCode(...line, '--storage', '0=0x62')).exitCode).toBe(1);
    expect((await fuzzCode(...line, '--storage', '0=97')).exitCode).toBe(0);
  });

  test('compares two codes', async () => {
    const { out, exitCode } = await fuzzCode(COUNTER, '--equivalent', '0x00', '--runs', '100');
    expect(exitCode).toBe(1);
    expect(out).toMatch(/the two codes differ: slot 0x0 of 0x[0-9a-f]{40} 0x1, and 0x0\n/);
  });

  test('ends in time', async () => {
    expect((await fuzzCode('00', '--time', '0')).exitCode).toBe(0);
  });

  test.each<[string, readonly string[], RegExp]>([
    ['an assertion', ['00', '--assert', 'slot(0'], /column 7: expected "\)"/],
    ['a goal', ['00', '--reach', 'nowhere'], /^reach "nowhere"/],
    ['a number', ['00', '--runs', '-5'], /^--runs/],
    ['a seed', ['00', '--seed', 'x'], /^--seed/],
    ['a slot', ['00', '--storage', '5'], /^--storage "5": expected key=value/],
    ['a depth', ['00', '--depth', '0'], /^depth: 0/],
    ['code', ['0x0'], /odd number/],
    ['a fork', ['00', '--fork', 'nope'], /unknown fork/],
    ['init code', ['fe', '--create'], /its creation failed/],
  ])('refuses %s that is none', async (_, line, problem) => {
    await expect(fuzzCode(...line)).rejects.toThrow(problem);
  });

  test('needs code', async () => {
    await expect(fuzzCode()).rejects.toThrow(CommanderError);
  });
});
