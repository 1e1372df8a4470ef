/** Typed reading of JSON whose author is not trusted: every error names the file and the path of the field. */

import type { Address } from './address.ts';
import { bytesToBigInt, hexToBytes } from './bytes.ts';
import { ErbiumError, type ErrorCode } from './errors.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** A JSON value and where it stands. */
export class Field {
  readonly value: unknown;
  readonly file: string;
  readonly path: string;
  /** Of the errors. */
  private readonly code: ErrorCode;

  constructor(value: unknown, file: string, path: string, code: ErrorCode) {
    this.value = value;
    this.file = file;
    this.path = path;
    this.code = code;
  }

  /** @throws ErbiumError with the code that the reading began with */
  fail(problem: string): never {
    const where = this.path === '' ? this.file : `${this.file}: ${this.path}`;
    throw new ErbiumError(this.code, `${where}: ${problem}`);
  }

  private at(value: unknown, key: string): Field {
    return new Field(value, this.file, this.path === '' ? key : `${this.path}.${key}`, this.code);
  }

  object(): JsonObject {
    const { value } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      this.fail(`expected an object, got ${describe(value)}`);
    return value as JsonObject;
  }

  /** The key under which this value stands, to be read like a value. */
  key(key: string): Field {
    return new Field(key, this.file, `${this.path} (key)`, this.code);
  }

  /** The member, which must be there. */
  get(key: string): Field {
    const object = this.object();
    if (!Object.hasOwn(object, key)) this.at(undefined, key).fail('missing');
    return this.at(object[key], key);
  }

  /** The member, or undefined where it is absent or null. */
  maybe(key: string): Field | undefined {
    const object = this.object();
    if (!Object.hasOwn(object, key) || object[key] === null) return undefined;
    return this.at(object[key], key);
  }

  entries(): [key: string, field: Field][] {
    return Object.entries(this.object()).map(([key, value]) => [key, this.at(value, key)]);
  }

  list(): Field[] {
    const { value } = this;
    if (!Array.isArray(value)) this.fail(`expected a list, got ${describe(value)}`);
    return (value as unknown[]).map((item, i) => new Field(item, this.file, `${this.path}[${i}]`, this.code));
  }

  string(): string {
    const { value } = this;
    if (typeof value !== 'string') this.fail(`expected a string, got ${describe(value)}`);
    return value as string;
  }

  /** A small whole number: an index. */
  index(): number {
    const { value } = this;
    if (wholeNumber(value) === undefined) this.fail(`expected a whole number, got ${describe(value)}`);
    return value as number;
  }

  /** Bytes in hex, with or without 0x. */
  bytes(): Uint8Array {
    const text = this.string();
    try {
      return hexToBytes(text);
    } catch (error) {
      return this.fail(error instanceof ErbiumError ? error.message.replace('value: ', '') : String(error));
    }
  }

  /** Exactly `length` bytes. */
  fixed(length: number): Uint8Array {
    const bytes = this.bytes();
    if (bytes.length !== length) this.fail(`expected ${length} bytes, got ${bytes.length}`);
    return bytes;
  }

  /** A number in hex or decimal digits, of at most `bits` bits. */
  number(bits = 256): bigint {
    const { value } = this;
    const number = typeof value === 'string' ? parseNumber(value) : wholeNumber(value);
    if (number === undefined) {
      const hint = tooLarge(value) ? ' (digits are lost beyond 2^53: quote it)' : '';
      this.fail(`expected a number, got ${describe(value)}${hint}`);
    }
    if (number! >> BigInt(bits) !== 0n) this.fail(`${shorten(String(value))} exceeds ${bits} bits`);
    return number!;
  }

  address(): Address {
    return bytesToBigInt(this.fixed(20));
  }
}

// A text of more digits is not worth converting: nothing of its size is accepted.
const MAX_DIGITS = 1_000;
const HUGE = 1n << 4_096n;

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}…` : text);

/** Decimal or 0x; `0x:bigint 0x…` is the notation of older fixtures for numbers that exceed their type. */
function parseNumber(text: string): bigint | undefined {
  const plain = text.startsWith('0x:bigint ') ? text.slice('0x:bigint '.length) : text;
  if (plain === '0x' || plain === '') return 0n;
  if (!/^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(plain)) return undefined;
  return plain.length > MAX_DIGITS ? HUGE : BigInt(plain);
}

const wholeNumber = (value: unknown): bigint | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined;

/** A whole number of which JSON has lost digits. */
const tooLarge = (value: unknown): boolean => typeof value === 'number' && value > Number.MAX_SAFE_INTEGER;

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `${typeof value} ${shorten(JSON.stringify(value))}`;
}

/**
 * @param code of all errors about this text
 * @throws ErbiumError where the text is no JSON
 */
export function parseJson(text: string, file: string, code: ErrorCode = 'INVALID_FIXTURE'): Field {
  try {
    return new Field(JSON.parse(text), file, '', code);
  } catch (error) {
    throw new ErbiumError(code, `${file}: not JSON: ${(error as Error).message}`);
  }
}
