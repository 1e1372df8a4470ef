import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AssertionContext,
  type AssertionState,
  type Expression,
  evaluate,
  holds,
  parseAssertion,
  printAssertion,
} from '../../src/fuzz/assertion.ts';
import { toBytes32 } from '../../src/primitives/bytes.ts';
import { ErbiumError } from '../../src/primitives/errors.ts';
import { keccakWord } from '../../src/primitives/keccak.ts';

const TARGET = 0xc0den;

/** A state in which every slot and balance is a number of its own, made of its key, its address and `salt`. */
const stateOf = (salt: bigint): AssertionState => ({
  slot: (address, key) => (key % 1_000n) * 3n + (address % 1_000n) + salt,
  balance: (address) => (address % 1_000n) * 7n + salt,
});

const CONTEXT: AssertionContext = {
  target: TARGET,
  caller: 0xabcn,
  success: true,
  output: Uint8Array.of(...toBytes32(41n), ...toBytes32(42n), 0x80),
  input: Uint8Array.of(0x12, 0x34, 0x56, 0x78, ...toBytes32(99n), 1),
  now: stateOf(10_000n),
  before: stateOf(20_000n),
};

const valueOfText = (text: string): bigint => evaluate(parseAssertion(text), CONTEXT);

/** An expression with what it should be, worked out as it is put together. */
interface Sample {
  readonly expression: Expression;
  readonly now: bigint;
  /** Inside of `before`. */
  readonly before: bigint;
}

type Operator = Extract<Expression, { kind: 'binary' }>['operator'];

const truth = (is: boolean): bigint => (is ? 1n : 0n);

function reference(operator: Operator, a: bigint, b: bigint): bigint {
  switch (operator) {
    case '||':
      return truth(a !== 0n || b !== 0n);
    case '&&':
      return truth(a !== 0n && b !== 0n);
    case '==':
      return truth(a - b === 0n);
    case '!=':
      return truth(a - b !== 0n);
    case '<':
      return truth(b - a > 0n);
    case '<=':
      return truth(b - a >= 0n);
    case '>':
      return truth(a - b > 0n);
    case '>=':
      return truth(a - b >= 0n);
    case '+':
      return a - -b;
    case '-':
      return a + -b;
    case '*':
      return -a * -b;
    case '/':
    case '%': {
      if (b === 0n) return 0n;
      const [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
      const quotient = a < 0n === b < 0n ? x / y : -(x / y);
      return operator === '/' ? quotient : a - b * quotient;
    }
  }
}

const OPERATORS: readonly Operator[] = [
  '||',
  '&&',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '+',
  '-',
  '*',
  '/',
  '%',
];

const same = (expression: Expression, value: bigint): Sample => ({ expression, now: value, before: value });

const { sample } = fc.letrec<{ sample: Sample; leaf: Sample }>((tie) => ({
  leaf: fc.oneof(
    fc.bigInt(0n, (1n << 256n) - 1n).map((value) => same({ kind: 'number', value }, value)),
    fc.bigInt(0n, 5n).map((value) => same({ kind: 'number', value }, value)),
    fc.constant(same({ kind: 'name', name: 'caller', args: [] }, 0xabcn)),
    fc.constant(same({ kind: 'name', name: 'success', args: [] }, 1n)),
    fc.constant(same({ kind: 'name', name: 'output', args: [] }, 41n)),
    fc.constant<Sample>({
      expression: { kind: 'name', name: 'balance', args: [] },
      now: (TARGET % 1_000n) * 7n + 10_000n,
      before: (TARGET % 1_000n) * 7n + 20_000n,
    }),
  ),
  sample: fc.oneof(
    { maxDepth: 6 },
    tie('leaf'),
    fc.tuple(fc.constantFrom(...OPERATORS), tie('sample'), tie('sample')).map(
      ([operator, left, right]): Sample => ({
        expression: { kind: 'binary', operator, left: left.expression, right: right.expression },
        now: reference(operator, left.now, right.now),
        before: reference(operator, left.before, right.before),
      }),
    ),
    tie('sample').map(
      ({ expression, now, before }): Sample => ({
        expression: { kind: 'unary', operator: '-', operand: expression },
        now: 0n - now,
        before: 0n - before,
      }),
    ),
    tie('sample').map(
      ({ expression, now, before }): Sample => ({
        expression: { kind: 'unary', operator: '!', operand: expression },
        now: truth(now === 0n),
        before: truth(before === 0n),
      }),
    ),
    tie('sample').map(
      ({ expression, before }): Sample => ({
        expression: { kind: 'name', name: 'before', args: [expression] },
        now: before,
        before,
      }),
    ),
    tie('sample').map(({ expression, now, before }): Sample => {
      const slot = (key: bigint, salt: bigint): bigint =>
        (BigInt.asUintN(256, key) % 1_000n) * 3n + (TARGET % 1_000n) + salt;
      return {
        expression: { kind: 'name', name: 'slot', args: [expression] },
        now: slot(now, 10_000n),
        before: slot(before, 20_000n),
      };
    }),
  ),
}));

describe('assertions', () => {
  test('parse to what was printed', () => {
    fc.assert(
      fc.property(sample, ({ expression }) => {
        expect(parseAssertion(printAssertion(expression))).toEqual(expression);
      }),
      { numRuns: 500 },
    );
  });

  test('have the values of the reference', () => {
    fc.assert(
      fc.property(sample, ({ expression, now }) => {
        expect(evaluate(expression, CONTEXT)).toBe(now);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['1 + 2 * 3', 7n],
    ['(1 + 2) * 3', 9n],
    ['10 - 3 - 2', 5n],
    ['100 / 10 / 5', 2n],
    ['1 || 0 && 0', 1n],
    ['1 + 1 == 2 && 3 > 2', 1n],
    ['!0 + 1', 2n],
    ['- - 3', 3n],
    ['3-5', -2n],
    ['7 / 0 + 7 % 0', 0n],
    ['-7 / 2', -3n],
    ['-7 % 2', -1n],
    ['0xFF + 1_000', 1_255n],
    ['2 ether / 1 gwei', 2_000_000_000n],
    ['output(1)', 42n],
    ['output(2)', 0x80n << 248n],
    ['output(3)', 0n],
    ['output(0 - 1)', 0n],
    ['selector', 0x12345678n],
    ['input', 99n],
    ['input(1)', 1n << 248n],
    ['slot(2, 5)', 10_011n],
    ['before(slot(2, 5))', 20_011n],
    ['before(slot(slot(0, 0), 0))', 20_000n],
    ['balance(3) - before(balance(3))', -10_000n],
    ['balance(1 + 0x1_0000000000_0000000000_0000000000_0000000000)', 10_007n],
    ['keccak(1, 2)', keccakWord(Uint8Array.of(...toBytes32(1n), ...toBytes32(2n)))],
    ['0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff + 1', 1n << 256n],
  ])('%s', (text, value) => {
    expect(valueOfText(text)).toBe(value);
  });

  test('hold unless they are 0', () => {
    expect(holds(parseAssertion('slot(0) <= 100_000'), CONTEXT)).toBe(true);
    expect(holds(parseAssertion('slot(0) <= 100'), CONTEXT)).toBe(false);
    expect(holds(parseAssertion('-1'), CONTEXT)).toBe(true);
  });

  test.each([
    ['slot(0) <', 10, 'expected a number, a name or "(", not the end'],
    ['', 1, 'expected a number'],
    ['slot(0) <= 1oo', 12, '"1" does not belong here'],
    ['1 < 2 < 3', 7, 'do not chain'],
    ['slots(0) == 1', 1, 'unknown name "slots"'],
    ['1 + constructor', 5, 'unknown name "constructor"'],
    ['slot == 1', 1, 'slot takes 1 to 2 arguments, not 0'],
    ['1 + slot(1, 2, 3)', 5, 'slot takes 1 to 2 arguments, not 3'],
    ['caller(1)', 7, 'expected an operator or the end, not "("'],
    ['(1 + 2', 7, 'expected ")", not the end'],
    ['1 = 2', 3, '"=" does not belong here'],
    ['1 ether ether', 9, 'expected an operator or the end'],
    ['0x_', 1, 'without digits'],
    ['1\t+ $', 5, '"$" does not belong here'],
    [`${'('.repeat(200)}1`, 101, 'nested more than 100 deep'],
    [`1${' + 1'.repeat(200)}`, 403, 'more than 100 operators'],
  ])('%j fails at column %i', (text, column, problem) => {
    const error = (() => {
      try {
        return parseAssertion(text);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(ErbiumError);
    const { code, message } = error as ErbiumError;
    expect(code).toBe('INVALID_ARGUMENT');
    expect(message).toContain(problem);
    const [head, line, mark] = message.split('\n');
    expect(head).toContain(`column ${column}:`);
    expect(line).toBe(`  ${text.replaceAll('\t', ' ')}`);
    expect(mark).toBe(`  ${' '.repeat(column - 1)}^`);
  });
});
