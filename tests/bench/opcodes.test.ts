import { describe, expect, test } from 'vitest';
import type { Contender } from '../../bench/contender.ts';
import { type Case, isRepeatable, MOST_ONCE } from '../../bench/opcodes/cases.ts';
import {
  allCases,
  check,
  enginesFor,
  FORK,
  type Measured,
  nanosecondsOf,
  prepare,
  WrongResult,
} from '../../bench/opcodes/measure.ts';
import { parseOptions } from '../../bench/opcodes/options.ts';
import { popsSpared, programOf, usesOf } from '../../bench/opcodes/program.ts';
import { sorted, toJson, toTable } from '../../bench/opcodes/report.ts';
import { toSvg } from '../../bench/opcodes/svg.ts';
import { UsageError } from '../../bench/options.ts';
import { disassemble } from '../../opcodes/disassemble.ts';
import { opTableOf } from '../../opcodes/optable.ts';
import { rulesOf } from '../../src/forks/rules.ts';

const cases = allCases();
const caseOf = (opcode: string, label = ''): Case =>
  cases.find((of) => of.opcode === opcode && of.label === label)!;

describe('the cases', () => {
  test('are of every instruction that does not end its frame', () => {
    const rows = opTableOf(rulesOf(FORK)).rows.filter((row) => row !== undefined);
    const names = rows.filter(isRepeatable).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(140);
    expect([...new Set(cases.map(({ opcode }) => opcode))]).toEqual(names);
    for (const name of ['STOP', 'RETURN', 'SELFDESTRUCT']) expect(names).not.toContain(name);
  });

  test('have as many operands as the instruction takes', () => {
    const rows = new Map(opTableOf(rulesOf(FORK)).rows.map((row) => [row?.name, row]));
    for (const { opcode, label, operands } of cases) {
      if (/^(POP|DUP|SWAP)/.test(opcode)) continue;
      expect(operands(0).length, `${opcode} ${label}`).toBe(rows.get(opcode)!.takes);
    }
  });

  test.each(cases.map((of) => [`${of.opcode} ${of.label}`.trim(), of] as const))(
    '%s: both engines agree, and the gas of one use is whole',
    async (_, of) => {
      const { gas } = await prepare(of);
      expect(gas).toBeGreaterThan(0);
      expect(Number.isInteger(gas)).toBe(true);
    },
  );

  test.each([
    ['ADD', 'full', 3],
    ['EXP', '32 bytes', 10 + 50 * 32],
    ['KECCAK256', '4096 bytes', 30 + 6 * 128],
    ['SLOAD', 'warm', 100],
    ['SLOAD', 'cold', 2_100],
    ['SSTORE', 'cold, from zero', 22_100],
    ['SSTORE', 'cold, changed', 5_000],
    ['LOG4', '32 bytes', 375 * 5 + 8 * 32],
    ['CALL', 'cold', 2_600],
    ['CALL', 'with value', 100 + 9_000 - 2_300],
    ['JUMPI', 'taken', 10],
    ['POP', '', 2],
  ])('%s %s costs %d', async (opcode, label, gas) => {
    expect((await prepare(caseOf(opcode, label))).gas).toBe(gas);
  });
});

describe('a program', () => {
  test('gives the result of the instruction', async () => {
    const of = caseOf('SHL');
    const runtime = programOf(of, { unrolled: 2, passes: 3 }, true);
    const { outcome } = await check('SHL', enginesFor(of, runtime), runtime);
    const value = 0xf1e2_d3c4_b5a6_9788_796a_5b4c_3d2e_1f00_ffee_ddcc_bbaa_9988_7766_5544_3322_1101n;
    expect(BigInt(outcome.output)).toBe(BigInt.asUintN(256, value << 77n));
  });

  test('is the other one but for the instruction', () => {
    const uses = { unrolled: 1, passes: 2 };
    const of = caseOf('MUL', 'small');
    const [used, spared] = [true, false].map((isUsed) =>
      disassemble(programOf(of, uses, isUsed), rulesOf(FORK)).map(({ name }) => name),
    ) as [string[], string[]];
    const at = used.indexOf('MUL');
    expect(used.slice(at, at + 2)).toEqual(['MUL', 'POP']);
    expect(spared).toEqual([...used.slice(0, at), 'POP', 'POP', ...used.slice(at + 2)]);
  });

  test('that another EVM answers otherwise, or that fails, is refused', async () => {
    const of = caseOf('ADD', 'full');
    const runtime = programOf(of, { unrolled: 2, passes: 1 }, true);
    const [right, other] = enginesFor(of, runtime);
    const wrong: Contender = {
      name: 'wrong',
      async prepare(workload) {
        const runner = await other!.prepare(workload);
        return {
          reset: () => runner.reset(),
          run: () => runner.run(),
          outcome: () => ({ ...runner.outcome(), output: '0x00' }),
        };
      },
    };
    await expect(check('ADD full', [right!, other!], runtime)).resolves.toBeDefined();
    await expect(check('ADD full', [right!, wrong], runtime)).rejects.toThrow(WrongResult);
    await expect(check('ADD full', [right!, wrong], runtime)).rejects.toThrow(
      /^ADD full: wrong: output is 0x00, not 0x/,
    );
    const invalid = Uint8Array.of(0xfe);
    await expect(check('INVALID', enginesFor(of, invalid), invalid)).rejects.toThrow(
      'INVALID: wasm: status is failure, not success',
    );
  });

  test('uses a dear instruction seldom and a cheap one often', () => {
    const count = (of: Case, gas: number): number => {
      const { unrolled, passes } = usesOf(of, gas);
      return unrolled * passes;
    };
    expect(count(caseOf('ADD', 'full'), 3)).toBe(4_000);
    expect(count(caseOf('CREATE', 'no code'), 32_000)).toBe(20);
    expect(count(caseOf('SLOAD', 'cold'), 1)).toBe(MOST_ONCE);
    for (const gas of [1, 7, 333, 1_000, 3_333]) {
      expect(usesOf(caseOf('SWAP1'), gas).unrolled % 2, 'the stack is restored').toBe(0);
    }
  });
});

test('the time of one use is the difference, and that of the POPs which it spares', () => {
  const of = caseOf('ADD', 'full');
  expect(popsSpared(of)).toBe(1);
  const uses = { unrolled: 100, passes: 10 };
  const [first, second] = nanosecondsOf(
    { of, uses },
    [
      [0.03, 0.05],
      [0.01, 0.01],
    ],
    2,
  );
  expect(first).toBeCloseTo(22, 9);
  expect(second).toBeCloseTo(42, 9);
});

const measured = (opcode: string, gas: number, wasm: number, bigint: number): Measured => ({
  opcode,
  label: opcode === 'MUL' ? 'a < b & c' : '',
  gas,
  times: [wasm, bigint].map((median) => ({ median, spread: 0.5 })),
});
const rows = [measured('ADD', 3, 3, 30), measured('MUL', 5, 15, 60), measured('DUP7', 3, -1, 12)];

describe('the report', () => {
  test('has a line of each case, with nanoseconds per gas', () => {
    const table = toTable(rows, 4);
    expect(table).toContain(`Node ${process.version}, ${FORK}, nanoseconds of one use, medians of 4 rounds`);
    expect(table).toMatch(/^ADD +3 +3\.00 +0\.25 +30\.0 +0\.25 +1\.0 +10 +10\.0$/m);
    expect(table).toMatch(/^DUP7 +3 +<0\.1 /m);
    expect(table).toContain('wasm: median 1.0 ns per gas; most, as multiples of it: MUL a < b & c 3.0');
  });

  test('is sorted by nanoseconds per gas of one engine', () => {
    const order = (sort: 'opcode' | 'wasm' | 'bigint') => sorted(rows, sort).map(({ opcode }) => opcode);
    expect(order('opcode')).toEqual(['ADD', 'MUL', 'DUP7']);
    expect(order('wasm')).toEqual(['MUL', 'ADD', 'DUP7']);
    expect(order('bigint')).toEqual(['MUL', 'ADD', 'DUP7']);
  });

  test('in JSON has the same', () => {
    const { opcodes, ...head } = JSON.parse(toJson(rows, 4));
    expect(head).toEqual({ node: process.version, fork: FORK, rounds: 4, engines: ['wasm', 'bigint'] });
    expect(opcodes[1]).toEqual({ ...rows[1], perGas: [3, 12] });
  });
});

describe('the chart', () => {
  const svg = toSvg(rows);

  test('is well-formed', () => {
    const open: string[] = [];
    const text = svg.replace(/<(\/?)([a-z]+)((?: [\w-]+="[^"<&]*")*)(\/?)>/gi, (_, end, name, __, empty) => {
      if (end !== '') expect(open.pop()).toBe(name);
      else if (empty === '') open.push(name);
      return '';
    });
    expect(open).toEqual([]);
    expect(text).not.toMatch(/[<>]|&(?!amp;|lt;|quot;)/);
    expect(svg).toContain('MUL a &lt; b &amp; c');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('has two bars of each case that stands for itself, and nothing from elsewhere', () => {
    expect(svg.match(/<rect [^>]*height="5"/g)).toHaveLength(4);
    expect(svg).not.toContain('DUP7');
    expect(svg).not.toMatch(/<script|@import|url\(|href/);
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toContain('http');
    expect(svg).toContain('prefers-color-scheme: dark');
  });

  test('can be of those alone that others stand for, and of one', () => {
    expect(toSvg([rows[2]!])).toContain('DUP7');
  });
});

describe('the command line', () => {
  test('defaults and options', () => {
    expect(parseOptions([])).toEqual({
      only: /(?:)/,
      sort: 'opcode',
      rounds: 5,
      svg: undefined,
      json: false,
    });
    expect(
      parseOptions(['--only', '^CALL', '--sort', 'wasm', '--rounds=2', '--svg', 'a.svg', '--json']),
    ).toEqual({ only: /^CALL/, sort: 'wasm', rounds: 2, svg: 'a.svg', json: true });
    expect(parseOptions(['--help'])).toBe('help');
  });

  test.each([
    [['--what'], /--what/],
    [['stray'], /stray/],
    [['--rounds', '0'], '--rounds 0: not a whole number of at least 1'],
    [['--rounds', 'many'], /many/],
    [['--sort', 'gas'], '--sort gas: known are opcode, wasm, bigint'],
    [['--only', '('], /--only/],
    [['--svg', ''], '--svg: no file to write to'],
  ])('refuses %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(message);
  });
});
