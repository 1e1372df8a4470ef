import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPCODES } from '../../opcodes/index.ts';
import { createMachine } from '../../src/evm/machine.ts';
import { eip3155Tracer } from '../../src/tracers/index.ts';
import {
  call,
  code,
  create,
  deploys,
  label,
  mstore,
  push,
  pushLabel,
  raw,
  repeat,
  sstore,
} from '../helpers/assembler.ts';
import { ENGINES, NOBODY, OTHER, runOn, summaryOf, type TestEngine } from '../helpers/run.ts';
import { brief, trace } from './support.ts';

/** The lines of the last instruction and of the end. */
function ending(bytes: Uint8Array, options: Parameters<typeof trace>[1] = {}): string[] {
  const { lines } = trace(bytes, { gas: 100_000, ...options });
  const { pc } = JSON.parse(lines.at(-2)!);
  const last = lines.filter((line) => line.startsWith(`{"pc":${pc},`));
  return brief([...last, lines.at(-1)!]);
}

const MAX = 2n ** 256n - 1n;

describe('failures before an instruction starts: one line', () => {
  it.each<[string, Uint8Array, Parameters<typeof trace>[1], string[]]>([
    ['stack underflow', code(push(1), 'ADD'), {}, ['ADD 3 stack underflow (1 <=> 2)']],
    ['stack underflow of DUP', code(push(1), 'DUP3'), {}, ['DUP3 3 stack underflow (1 <=> 3)']],
    ['stack overflow', code(repeat(1_025, 'PUSH0')), {}, ['PUSH0 2 stack limit reached 1024 (1023)']],
    ['base cost', code('JUMPDEST', push(1)), { gas: 3 }, ['PUSH1 3 out of gas']],
    ['memory', code(push(0), push(0x10000), 'MSTORE'), { gas: 100 }, ['MSTORE 14350 out of gas']],
    [
      'memory beyond the host',
      code(push(0), push(2n ** 31n), 'MSTORE'),
      {},
      [`MSTORE ${3 + 3 * (2 ** 26 + 1) + ((2 ** 26 + 1) ** 2 - 1) / 512} out of gas`],
    ],
    ['cold slot', code(push(1), 'SLOAD'), { gas: 2_000 }, ['SLOAD 2100 out of gas']],
    ['64 bits', code(push(0), push(MAX), 'MSTORE'), {}, ['MSTORE 3 gas uint64 overflow']],
    [
      '64 bits in words',
      code(push(0), push(2n ** 64n - 40n), 'MSTORE'),
      {},
      ['MSTORE 3 gas uint64 overflow'],
    ],
    [
      'price of 64 bits',
      code(push(0), push(2n ** 60n), 'MSTORE'),
      {},
      ['MSTORE 3 out of gas: gas uint64 overflow'],
    ],
    [
      'sentry',
      code(sstore(1, 1)),
      { gas: 2_300 },
      ['SSTORE 0 out of gas: not enough gas for reentrancy sentry'],
    ],
    ['SSTORE', code(sstore(1, 1)), { gas: 3_000 }, ['SSTORE 22100 out of gas']],
    [
      'init code',
      code(push(49_153), push(0), push(0), 'CREATE'),
      {},
      ['CREATE 32000 out of gas: max initcode size exceeded: size 49153'],
    ],
    [
      'LOG in one price',
      code(push(64), push(0), 'LOG0'),
      { gas: 100 },
      [`LOG0 ${375 + 8 * 64 + 6} out of gas`],
    ],
    ['EXP in one price', code(push(0x100), push(2), 'EXP'), { gas: 8 }, ['EXP 110 out of gas']],
    ['EXP to the zeroth', code(push(0), push(2), 'EXP'), { gas: 8 }, ['EXP 10 out of gas']],
    ['underflow where nothing is constant', code('LOG1'), {}, ['LOG1 0 stack underflow (0 <=> 3)']],
    ['underflow of EXP', code('EXP'), {}, ['EXP 0 stack underflow (0 <=> 2)']],
    [
      'SELFDESTRUCT of old',
      code('SELFDESTRUCT'),
      { fork: 'Istanbul' },
      ['SELFDESTRUCT 0 stack underflow (0 <=> 1)'],
    ],
    ['SELFDESTRUCT', code('SELFDESTRUCT'), {}, ['SELFDESTRUCT 5000 stack underflow (0 <=> 1)']],
    [
      'a call in parts',
      code(repeat(6, push(0)), push(9), 'CALL'),
      { gas: 130 },
      ['CALL 100 out of gas: out of gas'],
    ],
    ['the base of a call', code(repeat(6, push(0)), push(9), 'CALL'), { gas: 30 }, ['CALL 100 out of gas']],
    ['static SSTORE', code(sstore(1, 1)), { isStatic: true }, ['SSTORE 0 out of gas: write protection']],
    [
      'static CREATE',
      code(repeat(3, push(0)), 'CREATE'),
      { isStatic: true },
      ['CREATE 32000 out of gas: write protection'],
    ],
    [
      'static CALL with value',
      code(call(OTHER, { value: 1 })),
      { isStatic: true },
      ['CALL 100 out of gas: write protection'],
    ],
  ])('%s', (_, bytes, options, [line]) => {
    const gas = options?.gas ?? 100_000;
    const error = line!.split(' ').slice(2).join(' ');
    expect(ending(bytes, options)).toEqual([line, `end ${gas} ${error}`]);
  });

  it('escapes as Go does', () => {
    expect(trace(code('POP')).lines[0]).toContain('"error":"stack underflow (0 \\u003c=\\u003e 1)"}');
  });
});

describe('failures of an instruction that runs: its line, then once more with the error', () => {
  it.each<[string, Uint8Array, Parameters<typeof trace>[1], string, number, string]>([
    [
      'an undefined byte',
      raw(0x0c),
      {},
      'opcode 0xc not defined',
      0,
      'invalid opcode: opcode 0xc not defined',
    ],
    ['INVALID', raw(0xfe), {}, 'INVALID', 0, 'invalid opcode: INVALID'],
    [
      'an instruction of a later fork',
      code('TSTORE'),
      { fork: 'Shanghai' },
      'TSTORE',
      0,
      'invalid opcode: TSTORE',
    ],
    ['JUMP', code(push(7), 'JUMP'), {}, 'JUMP', 8, 'invalid jump destination'],
    ['JUMPI', code(push(1), push(7), 'JUMPI'), {}, 'JUMPI', 10, 'invalid jump destination'],
    [
      'return data',
      code(push(1), push(0), push(0), 'RETURNDATACOPY'),
      {},
      'RETURNDATACOPY',
      9,
      'return data out of bounds',
    ],
    ['static LOG', code(push(0), push(0), 'LOG0'), { isStatic: true }, 'LOG0', 375, 'write protection'],
    [
      'static TSTORE',
      code(push(0), push(0), 'TSTORE'),
      { isStatic: true },
      'TSTORE',
      100,
      'write protection',
    ],
  ])('%s', (_, bytes, options, name, cost, error) => {
    const lines = trace(bytes, { gas: 100_000, ...options })
      .lines.slice(-3)
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ opName: name, gasCost: `0x${cost.toString(16)}` });
    expect(lines[0].error).toBeUndefined();
    expect(lines[1]).toMatchObject({
      opName: name,
      gasCost: `0x${cost.toString(16)}`,
      gas: lines[0].gas,
      error,
    });
    expect(lines[2]).toEqual({ output: '', gasUsed: '0x186a0', error });
  });

  it('shows the second line with operands taken and memory grown', () => {
    const { lines } = trace(code(push(5), push(32), push(0), 'REVERT'), { gas: 1_000 });
    expect(lines.slice(-3)).toEqual([
      '{"pc":6,"op":253,"gas":"0x3df","gasCost":"0x3","memSize":0,"stack":["0x5","0x20","0x0"],"depth":1,"refund":0,"opName":"REVERT"}',
      '{"pc":6,"op":253,"gas":"0x3df","gasCost":"0x3","memSize":32,"stack":["0x5"],"depth":1,"refund":0,"opName":"REVERT","error":"execution reverted"}',
      `{"output":"${'00'.repeat(32)}","gasUsed":"0xc","error":"execution reverted"}`,
    ]);
  });
});

describe('ends of frames', () => {
  it('runs off the end of the code into a STOP', () => {
    expect(brief(trace(code(push(1))).lines)).toEqual(['PUSH1 3', 'STOP 0', 'end 3']);
  });

  it('has no step for an account without code, nor for empty init code', () => {
    expect(brief(trace(code()).lines)).toEqual(['end 0']);
    expect(brief(trace(code(), { create: true }).lines)).toEqual(['end 0']);
    const lines = brief(trace(code(create(code())), { self: { balance: 5n } }).lines);
    expect(lines.slice(-3)).toEqual(['end 0', 'STOP 0', expect.stringMatching(/^end \d+$/)]);
  });

  it('shows the child of a call and of a creation', () => {
    const outer = trace(code(call(OTHER, { gas: 500 })), {
      accounts: [[OTHER, { code: code(push(1)) }]],
    }).lines;
    const calls = outer.map((line) => JSON.parse(line)).filter(({ depth }) => depth === 2);
    expect(calls.map(({ opName }) => opName)).toEqual(['PUSH1', 'STOP']);
    expect(outer).toContain('{"output":"","gasUsed":"0x3"}');
    const made = trace(code(create(deploys(raw(1, 2, 3))))).lines;
    expect(made).toContainEqual(expect.stringMatching(/^\{"output":"010203","gasUsed":"0x[0-9a-f]+"\}$/));
  });

  it('counts the gas of a child into a call and not into a creation', () => {
    const costs = brief(trace(code(call(OTHER, { gas: 500 })), { warm: [OTHER] }).lines);
    expect(costs.find((line) => line.startsWith('CALL '))).toBe('CALL 600');
    const init = deploys(raw(1));
    const made = brief(trace(code(create(init))).lines).find((line) => line.startsWith('CREATE '))!;
    expect(Number(made.split(' ')[1])).toBeLessThan(32_100);
  });

  it.each<[string, Uint8Array, Parameters<typeof trace>[1], string]>([
    [
      'depth',
      code(call(OTHER)),
      { depth: 1_024 },
      '{"output":"","gasUsed":"0x0","error":"max call depth exceeded"}',
    ],
    [
      'balance',
      code(call(OTHER, { value: 1 })),
      {},
      '{"output":"","gasUsed":"0x0","error":"insufficient balance for transfer"}',
    ],
    [
      'balance of a creator',
      code(create(raw(0), { value: 1 })),
      {},
      '{"output":"","gasUsed":"0x0","error":"insufficient balance for transfer"}',
    ],
    [
      'nonce',
      code(create(raw(0))),
      { self: { nonce: 2n ** 64n - 1n } },
      '{"output":"","gasUsed":"0x0","error":"nonce uint64 overflow"}',
    ],
    ['nobody', code(call(NOBODY, { gas: 7 })), {}, '{"output":"","gasUsed":"0x0"}'],
    ['identity', code(call(4n, { gas: 20 })), {}, '{"output":"","gasUsed":"0xf"}'],
    [
      'identity without gas',
      code(call(4n, { gas: 9 })),
      {},
      '{"output":"","gasUsed":"0x9","error":"out of gas"}',
    ],
    [
      'blake2f',
      code(call(9n, { gas: 9 })),
      {},
      '{"output":"","gasUsed":"0x9","error":"invalid input length"}',
    ],
    [
      'rejected code',
      code(create(deploys(raw(0xef)))),
      {},
      '"error":"invalid code: must not begin with 0xef"}',
    ],
  ])('%s', (_, bytes, options, line) => {
    expect(trace(bytes, options).lines).toContainEqual(expect.stringContaining(line));
  });

  it('shows the code that a creation could not keep', () => {
    const rejected = trace(deploys(raw(0xef)), { create: true, gas: 5_000 }).lines.at(-1);
    expect(rejected).toBe(
      '{"output":"ef","gasUsed":"0x1388","error":"invalid code: must not begin with 0xef"}',
    );
    const unpaid = trace(deploys(raw(1, 2)), { create: true, gas: 300 }).lines.at(-1);
    expect(unpaid).toBe(
      '{"output":"0102","gasUsed":"0x12c","error":"contract creation code storage out of gas"}',
    );
    const kept = trace(deploys(raw(1, 2)), { create: true, gas: 300, fork: 'Frontier' }).lines.at(-1);
    expect(kept).toMatch(
      /^\{"output":"0102","gasUsed":"0x[0-9a-f]{2}","error":"contract creation code storage out of gas"\}$/,
    );
  });
});

describe('values of a line', () => {
  it('shows a refund with the instruction that earns it', () => {
    const { lines } = trace(code(sstore(1, 0)), { self: { storage: [[1n, 5n]] }, gas: 50_000 });
    const refunds = lines.slice(0, -1).map((line) => JSON.parse(line).refund as number);
    expect(refunds.at(-2)).toBe(refunds.at(-1));
    expect(refunds[0]).toBe(0);
  });

  it('is exact beyond what a number holds', () => {
    const gas = 2n ** 64n - 1n;
    const { lines } = trace(code(push(1), push(2), 'ADD', repeat(6, push(0)), push(gas), 'CALL'), { gas });
    expect(lines[1]).toContain('"gas":"0xfffffffffffffffc","gasCost":"0x3"');
    // The callee, account 0, is cold.
    const left = gas - 3n * 10n - 2_600n;
    const cost = (left - left / 64n + 2_600n).toString(16);
    expect(lines.find((line) => line.includes('"CALL"'))).toContain(`"gasCost":"0x${cost}"`);
  });

  // go-ethereum, core/vm/gas_table.go: what is asked for a child is priced in 64 bits, beside the base of 40.
  it.each<[string, bigint, number, number, string]>([
    ['all words', MAX, 0, 2 ** 22, '40 out of gas: gas uint64 overflow'],
    ['64 bits', 2n ** 64n, 0, 20_000, '40 out of gas: gas uint64 overflow'],
    ['64 bits with the price', 2n ** 64n - 1n, 1, 2 ** 22, '40 out of gas: gas uint64 overflow'],
    ['what no number holds', 2n ** 63n + 5n, 0, 2 ** 22, `${2n ** 63n + 25_045n} out of gas`],
    ['more than is left of the price', 7n, 0, 20_000, '25047 out of gas'],
  ])('shows a call that asks for %s alike where the host may stop it', (_, asked, value, gas, shown) => {
    const call = code(repeat(4, push(0)), push(value), push(0xdead), push(asked), 'CALL');
    const { lines } = trace(call, { fork: 'Frontier', gas });
    expect(trace(call, { fork: 'Frontier', gas, interrupted: () => false }).lines).toEqual(lines);
    const { gasCost, error } = JSON.parse(lines.at(-2)!);
    expect(`${BigInt(gasCost)} ${error}`).toBe(shown);
  });

  it('shows memory and return data when asked to, and leaves out empty ones', () => {
    const bytes = code(mstore(0, 1), call(4n, { gas: 900 }), 'POP');
    const { lines } = trace(bytes, {}, { memory: true, returnData: true, stack: false });
    expect(lines[0]).toBe(
      '{"pc":0,"op":96,"gas":"0x989680","gasCost":"0x3","memSize":0,"stack":null,"depth":1,"refund":0,"opName":"PUSH1"}',
    );
    expect(lines[3]).toContain(`"gasCost":"0x3","memory":"0x${'00'.repeat(31)}01","memSize":32,"stack":null`);
    const input = trace(
      code(mstore(0, 1), push(0), push(0), push(32), push(0), push(4), push(900), 'STATICCALL', 'POP'),
      {},
      { returnData: true },
    );
    expect(input.lines.at(-3)).toContain(`"stack":["0x1"],"returnData":"0x${'00'.repeat(31)}01","depth":1`);
  });

  it('names 0x44 as ever', () => {
    expect(trace(code('PREVRANDAO')).lines[0]).toContain('"opName":"DIFFICULTY"');
  });

  it('hands over long traces in chunks, and nothing when there is nothing', () => {
    const chunks: number[] = [];
    const tracer = eip3155Tracer({ write: (chunk) => void chunks.push(chunk.length) });
    tracer.flush();
    expect(chunks).toEqual([]);
    const loop = code(label('again'), repeat(50, [push(MAX), 'POP']), pushLabel('again'), 'JUMP');
    const engine: TestEngine = { name: 'chunks', create: (rules) => createMachine({ rules, tracer }) };
    runOn(engine, loop, { gas: 60_000 });
    tracer.flush();
    expect(chunks.length).toBeGreaterThan(5);
    const { lines } = trace(loop, { gas: 60_000 });
    expect(chunks.reduce((sum, length) => sum + length)).toBe(lines.join('\n').length + 1);
    for (const line of lines) JSON.parse(line);
  });
});

const NAMES = OPCODES.map(({ name }) => name);
const word = fc.oneof(
  fc.constantFrom(0n, 1n, MAX, 2n ** 64n, 2n ** 255n),
  fc.bigInt({ min: 0n, max: MAX }),
  fc.bigInt({ min: 0n, max: 300n }),
);
const program = fc
  .array(
    fc.oneof(
      word.map((value) => push(value)),
      fc.constantFrom(...NAMES),
      fc.constantFrom('DUP1', 'DUP3', 'SWAP1', 'SWAP2', 'SWAP4'),
    ),
    { maxLength: 60 },
  )
  .map((pieces) => code(repeat(5, [push(3), push(2n ** 70n)]), ...pieces));

describe('properties', () => {
  it('a trace changes no result', () => {
    fc.assert(
      fc.property(program, fc.integer({ min: 0, max: 200_000 }), fc.boolean(), (bytes, gas, isStatic) => {
        const options = {
          gas,
          isStatic,
          self: { balance: 9n },
          accounts: [[OTHER, { code: code(push(1)) }]] as const,
        };
        const { result } = trace(bytes, options, { memory: true, returnData: true });
        expect(summaryOf(result)).toBe(summaryOf(runOn(ENGINES[0]!, bytes, options)));
      }),
      { numRuns: 300 },
    );
  });

  it('the stack of each line is the stack', () => {
    fc.assert(
      fc.property(program, (bytes) => {
        const { lines, stacks } = trace(bytes, {
          gas: 200_000,
          accounts: [[OTHER, { code: code(push(1)) }]],
        });
        const steps = lines.map((line) => JSON.parse(line)).filter(({ opName }) => opName !== undefined);
        // The second line of an instruction that fails has the stack of after.
        const first = steps.filter((step, i) => step.error === undefined || steps[i - 1]?.gas !== step.gas);
        expect(first.map(({ stack }) => stack)).toEqual(stacks);
      }),
      { numRuns: 300 },
    );
  });
});
