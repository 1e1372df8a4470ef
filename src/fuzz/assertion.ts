/**
 * The language of `--assert`: what shall hold after every successful transaction. Owns its grammar and meaning.
 *
 *     or      := and ('||' and)*
 *     and     := compare ('&&' compare)*
 *     compare := sum (('==' | '!=' | '<' | '<=' | '>' | '>=') sum)?
 *     sum     := product (('+' | '-') product)*
 *     product := unary (('*' | '/' | '%') unary)*
 *     unary   := ('!' | '-') unary | atom
 *     atom    := NUMBER ['wei' | 'gwei' | 'ether'] | '(' or ')' | NAME ['(' or (',' or)* ')']
 *
 *     slot(key)  slot(key, address)   a storage slot, of the contract where no address is given
 *     balance    balance(address)     wei, of the contract where no address is given
 *     output     output(i)            word 0, or word i, of the output of the transaction; zeros beyond its end
 *     success                         1; the language is also good for transactions that failed, where it is 0
 *     caller                          who called the contract
 *     selector                        the first 4 bytes of what it was called with
 *     input      input(i)             word 0, or word i, of what follows them; zeros beyond its end
 *     before(expression)              slots and balances in it are those before the first transaction
 *     keccak(word, ...)               keccak256 of words of 32 bytes: balances[a] is slot(keccak(a, slotOfBalances))
 *
 * Numbers are whole and never wrap: what the EVM holds is unsigned, a sum may pass 2^256, and a difference may be
 * negative. A quotient is cut towards zero, a remainder has the sign of the dividend, and both are 0 where the divisor is
 * 0. There is one type: 0 is false, all else is true, and a comparison is 0 or 1. `&&` and `||` give 0 or 1. Keys, words
 * and addresses are taken modulo 2^256 and 2^160.
 */

import { type Address, toAddress } from '../primitives/address.ts';
import { bytesToBigInt, concatBytes, toBytes32 } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { keccakWord } from '../primitives/keccak.ts';

const BINARY = ['||', '&&', '==', '!=', '<=', '>=', '<', '>', '+', '-', '*', '/', '%'] as const;
type BinaryOperator = (typeof BINARY)[number];

/** Names, and how many arguments each takes. */
const NAMES = {
  slot: [1, 2],
  balance: [0, 1],
  output: [0, 1],
  success: [0, 0],
  caller: [0, 0],
  selector: [0, 0],
  input: [0, 1],
  before: [1, 1],
  keccak: [1, 16],
} as const satisfies Record<string, readonly [least: number, most: number]>;

/** A name of the language. */
export type AssertionName = keyof typeof NAMES;

/** An expression. */
export type Expression =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'name'; readonly name: AssertionName; readonly args: readonly Expression[] }
  | { readonly kind: 'unary'; readonly operator: '!' | '-'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    };

const LEVELS: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/', '%'],
];
const COMPARISON = 2;

const UNITS: Readonly<Record<string, bigint>> = { wei: 1n, gwei: 10n ** 9n, ether: 10n ** 18n };

/** Deeper nesting is no assertion that somebody wrote, and would overflow the stack. */
const MAX_DEPTH = 100;

interface Token {
  readonly kind: 'number' | 'name' | 'sign' | 'end';
  readonly text: string;
  /** From 0. */
  readonly at: number;
}

const TOKEN =
  /\s*(?:(0[xX][0-9a-fA-F_]+(?!\w)|[0-9][0-9_]*(?!\w))|([A-Za-z_]\w*)|(\|\||&&|==|!=|<=|>=|[-<>+*/%!(),]))/y;

/**
 * Parses an assertion.
 * @throws ErbiumError INVALID_ARGUMENT that names the column, from 1, and marks it below the text
 */
export function parseAssertion(text: string): Expression {
  return new Parser(text).parse();
}

class Parser {
  private readonly text: string;
  private readonly tokens: Token[] = [];
  private at = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
    TOKEN.lastIndex = 0;
    for (;;) {
      const from = TOKEN.lastIndex;
      const match = TOKEN.exec(text);
      if (match === null) {
        const rest = text.slice(from);
        const at = from + rest.length - rest.trimStart().length;
        if (at < text.length) this.fail(`${JSON.stringify(text[at])} does not belong here`, at);
        this.tokens.push({ kind: 'end', text: '', at: text.trimEnd().length });
        return;
      }
      const [whole, number, name, sign] = match;
      const kind = number !== undefined ? 'number' : name !== undefined ? 'name' : 'sign';
      const word = number ?? name ?? sign!;
      this.tokens.push({ kind, text: word, at: from + whole.length - word.length });
    }
  }

  parse(): Expression {
    const expression = this.level(0);
    if (this.token.kind !== 'end') this.unexpected('an operator or the end');
    return expression;
  }

  private get token(): Token {
    return this.tokens[this.at]!;
  }

  private take(sign: string): boolean {
    const { kind, text } = this.token;
    if (kind !== 'sign' || text !== sign) return false;
    this.at++;
    return true;
  }

  private demand(sign: string): void {
    if (!this.take(sign)) this.unexpected(`"${sign}"`);
  }

  private level(level: number): Expression {
    const operators = LEVELS[level];
    if (operators === undefined) return this.unary();
    let left = this.level(level + 1);
    for (let count = 0; ; count++) {
      const operator = operators.find((sign) => this.token.kind === 'sign' && this.token.text === sign);
      if (operator === undefined) return left;
      if (level === COMPARISON && count > 0) {
        this.fail('comparisons do not chain; join two of them with &&', this.token.at);
      }
      if (count === MAX_DEPTH) this.fail(`more than ${MAX_DEPTH} operators in a row`, this.token.at);
      this.at++;
      left = { kind: 'binary', operator, left, right: this.level(level + 1) };
    }
  }

  private unary(): Expression {
    if (++this.depth > MAX_DEPTH) this.fail(`nested more than ${MAX_DEPTH} deep`, this.token.at);
    let found: Expression;
    if (this.take('!')) found = { kind: 'unary', operator: '!', operand: this.unary() };
    else if (this.take('-')) found = { kind: 'unary', operator: '-', operand: this.unary() };
    else found = this.atom();
    this.depth--;
    return found;
  }

  private atom(): Expression {
    const { kind, text, at } = this.token;
    if (this.take('(')) {
      const inner = this.level(0);
      this.demand(')');
      return inner;
    }
    if (kind === 'number') {
      this.at++;
      return { kind: 'number', value: this.number(text, at) * this.unit() };
    }
    if (kind !== 'name') return this.unexpected('a number, a name or "("');
    if (!Object.hasOwn(NAMES, text)) {
      return this.fail(`unknown name "${text}"; known are ${Object.keys(NAMES).join(', ')}`, at);
    }
    this.at++;
    const name = text as AssertionName;
    const args: Expression[] = [];
    const [least, most] = NAMES[name];
    if (most > 0 && this.take('(')) {
      do args.push(this.level(0));
      while (this.take(','));
      this.demand(')');
    }
    if (args.length < least || args.length > most) {
      const wanted = least === most ? `${least}` : `${least} to ${most}`;
      this.fail(`${name} takes ${wanted} arguments, not ${args.length}`, at);
    }
    return { kind: 'name', name, args };
  }

  private number(text: string, at: number): bigint {
    const digits = text.replaceAll('_', '');
    // Of a prefix alone.
    if (/^0x$/i.test(digits)) this.fail('a hexadecimal number without digits', at);
    return BigInt(digits);
  }

  private unit(): bigint {
    const { kind, text } = this.token;
    if (kind !== 'name' || !Object.hasOwn(UNITS, text)) return 1n;
    this.at++;
    return UNITS[text]!;
  }

  private unexpected(wanted: string): never {
    const { kind, text, at } = this.token;
    return this.fail(`expected ${wanted}, not ${kind === 'end' ? 'the end' : `"${text}"`}`, at);
  }

  private fail(problem: string, at: number): never {
    // A tab or a line end in the text would put the mark elsewhere.
    const line = this.text.replaceAll(/\s/g, ' ');
    const mark = `${' '.repeat(at)}^`;
    throw new ErbiumError(
      'INVALID_ARGUMENT',
      `assertion, column ${at + 1}: ${problem}\n  ${line}\n  ${mark}`,
    );
  }
}

const levelOf = (expression: Expression): number =>
  expression.kind === 'binary'
    ? LEVELS.findIndex((operators) => operators.includes(expression.operator))
    : LEVELS.length;

/** The expression as text that parses to it again, with no more parentheses than that takes. */
export function printAssertion(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return expression.value.toString();
    case 'name': {
      const args = expression.args.map(printAssertion).join(', ');
      return args === '' ? expression.name : `${expression.name}(${args})`;
    }
    case 'unary':
      return `${expression.operator}${wrapped(expression.operand, LEVELS.length)}`;
    case 'binary': {
      const { operator, left, right } = expression;
      const level = levelOf(expression);
      const leftLevel = level === COMPARISON ? level + 1 : level;
      return `${wrapped(left, leftLevel)} ${operator} ${wrapped(right, level + 1)}`;
    }
  }
}

const wrapped = (expression: Expression, level: number): string =>
  levelOf(expression) < level ? `(${printAssertion(expression)})` : printAssertion(expression);

/** What slots and balances are read from. */
export interface AssertionState {
  slot(address: Address, key: bigint): bigint;
  balance(address: Address): bigint;
}

/** What an assertion is about. */
export interface AssertionContext {
  /** The contract. */
  readonly target: Address;
  readonly caller: Address;
  readonly success: boolean;
  readonly output: Uint8Array;
  /** What the contract was called with. */
  readonly input: Uint8Array;
  readonly now: AssertionState;
  /** Before the first transaction. */
  readonly before: AssertionState;
}

const word = (value: bigint): bigint => BigInt.asUintN(256, value);

/** The value of an expression: a whole number of any size and sign. */
export const evaluate = (expression: Expression, context: AssertionContext): bigint =>
  resultOf(expression, context, context.now);

/** Whether the assertion holds. */
export const holds = (expression: Expression, context: AssertionContext): boolean =>
  evaluate(expression, context) !== 0n;

function resultOf(expression: Expression, context: AssertionContext, state: AssertionState): bigint {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'name':
      return nameOf(expression.name, expression.args, context, state);
    case 'unary': {
      const operand = resultOf(expression.operand, context, state);
      return expression.operator === '-' ? -operand : truth(operand === 0n);
    }
    case 'binary': {
      const left = resultOf(expression.left, context, state);
      const right = resultOf(expression.right, context, state);
      return OPERATIONS[expression.operator](left, right);
    }
  }
}

const truth = (value: boolean): bigint => (value ? 1n : 0n);

const OPERATIONS: Readonly<Record<BinaryOperator, (left: bigint, right: bigint) => bigint>> = {
  '||': (left, right) => truth(left !== 0n || right !== 0n),
  '&&': (left, right) => truth(left !== 0n && right !== 0n),
  '==': (left, right) => truth(left === right),
  '!=': (left, right) => truth(left !== right),
  '<': (left, right) => truth(left < right),
  '<=': (left, right) => truth(left <= right),
  '>': (left, right) => truth(left > right),
  '>=': (left, right) => truth(left >= right),
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => (right === 0n ? 0n : left / right),
  '%': (left, right) => (right === 0n ? 0n : left % right),
};

function nameOf(
  name: AssertionName,
  args: readonly Expression[],
  context: AssertionContext,
  state: AssertionState,
): bigint {
  if (name === 'before') return resultOf(args[0]!, context, context.before);
  const [first, second] = args.map((arg) => resultOf(arg, context, state));
  switch (name) {
    case 'slot':
      return state.slot(addressOf(second, context), word(first!));
    case 'balance':
      return state.balance(addressOf(first, context));
    case 'output':
      return wordOf(context.output, word(first ?? 0n));
    case 'selector':
      return wordOf(context.input, 0n) >> 224n;
    case 'input':
      return wordOf(context.input.subarray(4), word(first ?? 0n));
    case 'success':
      return truth(context.success);
    case 'caller':
      return context.caller;
    case 'keccak':
      return keccakWord(concatBytes(...args.map((arg) => toBytes32(word(resultOf(arg, context, state))))));
  }
}

const addressOf = (value: bigint | undefined, { target }: AssertionContext): Address =>
  value === undefined ? target : toAddress(word(value));

function wordOf(bytes: Uint8Array, index: bigint): bigint {
  if (index * 32n >= BigInt(bytes.length)) return 0n;
  const padded = new Uint8Array(32);
  padded.set(bytes.subarray(Number(index) * 32, Number(index) * 32 + 32));
  return bytesToBigInt(padded);
}
