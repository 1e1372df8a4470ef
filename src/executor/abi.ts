/**
 * The contract ABI as far as errors and events need it: signatures, in words or as JSON, and the decoding of
 * parameters. Encoding and functions are not its business. Source: the Contract ABI Specification of the Solidity
 * documentation.
 *
 * The embedder's ABI is trusted to be meant well: what is wrong with it is thrown, with its place. The data comes
 * from contracts and is not: it decodes or gives null, in time proportional to its length. Values are checked as
 * Solidity's decoder checks them: no bits beyond a type's width, while padding after `bytes`, bytes after the last
 * value and overlapping parts are let be.
 */

import { addressToHex, MAX_ADDRESS } from '../primitives/address.ts';
import { bytesToHex, type Hex, readWord, toHex32 } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { keccak256 } from '../primitives/keccak.ts';

interface Shape {
  /** The type as signatures have it: `uint256`, `(address,bytes)[]`. */
  readonly canonical: string;
  /** Whether the value stands elsewhere and an offset in its place. */
  readonly isDynamic: boolean;
  /** Bytes that the type takes in place, at least 32. */
  readonly headSize: number;
}

export type AbiType = Shape &
  (
    | { readonly kind: 'bool' }
    | { readonly kind: 'address' }
    | { readonly kind: 'bytes' }
    | { readonly kind: 'string' }
    | { readonly kind: 'uint'; readonly bits: number }
    | { readonly kind: 'int'; readonly bits: number }
    | { readonly kind: 'fixedBytes'; readonly length: number }
    /** `length` is null for `T[]`. */
    | { readonly kind: 'array'; readonly element: AbiType; readonly length: number | null }
    | { readonly kind: 'tuple'; readonly components: readonly AbiParameter[] }
  );

export interface AbiParameter {
  /** Empty for a parameter without a name. */
  readonly name: string;
  readonly type: AbiType;
  readonly indexed: boolean;
}

export interface AbiItem {
  readonly kind: 'error' | 'event';
  readonly name: string;
  /** The canonical signature: `Transfer(address,address,uint256)`. */
  readonly signature: string;
  readonly inputs: readonly AbiParameter[];
  readonly anonymous: boolean;
}

/**
 * Integers are bigints; addresses and bytes are lower-case hex with `0x`; in strings U+FFFD stands for what is no
 * UTF-8; arrays and tuples are lists.
 */
export type AbiValue = bigint | boolean | string | readonly AbiValue[];

type Parameters = AbiItem['inputs'];

/** Types nest this deep at most, so that neither reading nor decoding can exhaust the stack. */
const MAX_DEPTH = 32;

/** What a signature may begin with. */
const KINDS: readonly string[] = [
  'error',
  'event',
  'function',
  'constructor',
  'fallback',
  'receive',
  'struct',
];

const isName = (text: string): boolean => /^[A-Za-z_$][\w$]*$/.test(text);

const bad = (place: string, problem: string): ErbiumError =>
  new ErbiumError('INVALID_ARGUMENT', `${place}: ${problem}`);

const quoted = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

function expected(place: string, what: string, value: unknown): ErbiumError {
  let got = value === null || value === undefined ? String(value) : `a ${typeof value}`;
  if (typeof value === 'string') got = quoted(value);
  else if (typeof value === 'object' && value !== null) got = Array.isArray(value) ? 'a list' : 'an object';
  return bad(place, `expected ${what}, got ${got}`);
}

/** The words and signs of a signature, one after the other. */
class Cursor {
  readonly place: string;
  private readonly tokens: readonly RegExpMatchArray[];
  private at = 0;

  constructor(text: string, place: string) {
    this.place = place;
    this.tokens = [...text.matchAll(/[A-Za-z_$][\w$]*|\d+|\S/gu)];
  }

  /** The token that is next; empty at the end. */
  get token(): string {
    return this.tokens[this.at]?.[0] ?? '';
  }

  next(): string {
    const { token } = this;
    this.at++;
    return token;
  }

  take(token: string): boolean {
    if (this.token !== token) return false;
    this.at++;
    return true;
  }

  /** Passes over a token; the empty one is the end. */
  expect(token: string, what: string): void {
    if (!this.take(token)) throw this.unexpected(what);
  }

  name(what: string): string {
    if (!isName(this.token)) throw this.unexpected(what);
    return this.next();
  }

  unexpected(what: string): ErbiumError {
    const found = this.tokens[this.at];
    const got = found === undefined ? 'the end' : `${quoted(found[0])} at position ${found.index}`;
    return bad(this.place, `expected ${what}, got ${got}`);
  }
}

/** A type that is a single word, or undefined where there is none of that name. */
function elementary(word: string): AbiType | undefined {
  const shape = { canonical: word, isDynamic: false, headSize: 32 };
  if (word === 'bool' || word === 'address') return { ...shape, kind: word };
  if (word === 'bytes' || word === 'string') return { ...shape, kind: word, isDynamic: true };
  if (word === 'function') return { ...shape, kind: 'fixedBytes', length: 24 };
  const [, kind, digits] = /^(uint|int|bytes)([1-9]\d{0,2})?$/.exec(word) ?? [];
  if (kind === undefined) return undefined;
  const width = Number(digits ?? 256);
  if (kind === 'bytes') return width <= 32 ? { ...shape, kind: 'fixedBytes', length: width } : undefined;
  if (width % 8 !== 0 || width > 256) return undefined;
  return { ...shape, canonical: `${kind}${width}`, kind: kind === 'int' ? 'int' : 'uint', bits: width };
}

function arrayOf(element: AbiType, length: number | null): AbiType {
  const isDynamic = length === null || element.isDynamic;
  return {
    kind: 'array',
    canonical: `${element.canonical}[${length ?? ''}]`,
    isDynamic,
    headSize: isDynamic ? 32 : element.headSize * length,
    element,
    length,
  };
}

const listOf = (parameters: Parameters): string =>
  `(${parameters.map(({ type }) => type.canonical).join(',')})`;

function tupleOf(components: Parameters): AbiType {
  const isDynamic = components.some(({ type }) => type.isDynamic);
  const size = components.reduce((sum, { type }) => sum + type.headSize, 0);
  return {
    kind: 'tuple',
    canonical: listOf(components),
    isDynamic,
    headSize: isDynamic ? 32 : size,
    components,
  };
}

function withoutTwins(parameters: Parameters, place: string): Parameters {
  const names = new Set<string>();
  for (const { name } of parameters) {
    if (names.has(name)) throw bad(place, `two parameters have the name ${quoted(name)}`);
    if (name !== '') names.add(name);
  }
  return parameters;
}

/** Reads a type; `members` gives the components of a tuple that has none in the text. */
function readType(cursor: Cursor, depth: number, members: () => Parameters): AbiType {
  let levels = depth;
  const descend = (): void => {
    if (++levels > MAX_DEPTH) throw bad(cursor.place, `types nest more than ${MAX_DEPTH} deep`);
  };
  let type: AbiType | undefined;
  const word = cursor.token === '(' ? 'tuple' : cursor.name('a type');
  if (word === 'tuple') {
    descend();
    const components = cursor.token === '(' ? readParameters(cursor, levels, false) : members();
    // With neither empty tuples nor empty arrays, which no compiler makes, every value takes up data.
    if (components.length === 0) throw bad(cursor.place, 'a tuple has at least one member');
    type = tupleOf(components);
  } else {
    type = elementary(word);
    if (type === undefined) throw bad(cursor.place, `there is no type ${quoted(word)}`);
  }
  while (cursor.take('[')) {
    descend();
    const length = cursor.token === ']' ? null : Number(cursor.token);
    if (length !== null && !/^[1-9]\d{0,14}$/.test(cursor.next())) {
      throw bad(cursor.place, 'the length of an array is a whole number from 1 to 10^15');
    }
    cursor.expect(']', '"]"');
    type = arrayOf(type, length);
  }
  return type;
}

function readParameters(cursor: Cursor, depth: number, mayIndex: boolean): Parameters {
  const parameters: AbiParameter[] = [];
  cursor.expect('(', '"("');
  if (cursor.take(')')) return parameters;
  do {
    const type = readType(cursor, depth, () => {
      throw cursor.unexpected('"(" after "tuple"');
    });
    if (type.kind === 'address') cursor.take('payable');
    const indexed = cursor.take('indexed');
    if (indexed && !mayIndex) throw bad(cursor.place, 'only the parameters of an event are indexed');
    parameters.push({ name: isName(cursor.token) ? cursor.next() : '', type, indexed });
  } while (cursor.take(','));
  cursor.expect(')', '"," or ")"');
  return withoutTwins(parameters, cursor.place);
}

function jsonParameters(list: unknown, place: string, depth: number, mayIndex: boolean): Parameters {
  if (!Array.isArray(list)) throw expected(place, 'a list', list);
  const parameters = Array.from(list, (entry: unknown, i) => {
    const at = `${place}[${i}]`;
    if (typeof entry !== 'object' || entry === null) throw expected(at, 'an object', entry);
    const { name, type, components, indexed } = entry as Record<string, unknown>;
    if (typeof type !== 'string') throw expected(`${at}.type`, 'text', type);
    const cursor = new Cursor(type, `${at}.type`);
    const read = readType(cursor, depth, () =>
      jsonParameters(components, `${at}.components`, depth + 1, false),
    );
    cursor.expect('', 'the end of the type');
    const text = name ?? '';
    if (typeof text !== 'string' || (text !== '' && !isName(text))) {
      throw expected(`${at}.name`, 'a name', name);
    }
    if (indexed !== undefined && typeof indexed !== 'boolean') {
      throw expected(`${at}.indexed`, 'true or false', indexed);
    }
    if (indexed === true && !mayIndex) throw bad(at, 'only the parameters of an event are indexed');
    return { name: text, type: read, indexed: indexed ?? false };
  });
  return withoutTwins(parameters, place);
}

type Parts = Pick<AbiItem, 'name' | 'inputs' | 'anonymous'>;

function fromText(text: string, kind: AbiItem['kind'], place: string): Parts | null {
  const cursor = new Cursor(text, place);
  if (!cursor.take(kind)) {
    if (KINDS.includes(cursor.token)) return null;
    throw cursor.unexpected('"error", "event" or another kind of entry');
  }
  const name = cursor.name(`the name of the ${kind}`);
  const inputs = readParameters(cursor, 0, kind === 'event');
  const anonymous = kind === 'event' && cursor.take('anonymous');
  cursor.take(';');
  cursor.expect('', 'the end of the signature');
  return { name, inputs, anonymous };
}

function fromJson(entry: object, kind: AbiItem['kind'], place: string): Parts | null {
  const { type, name, inputs, anonymous = false } = entry as Record<string, unknown>;
  if (typeof type !== 'string') throw expected(`${place}.type`, 'text', type);
  // Compilers may have kinds of entries that are not known here.
  if (type !== kind) return null;
  if (typeof name !== 'string' || !isName(name)) throw expected(`${place}.name`, 'a name', name);
  if (typeof anonymous !== 'boolean') throw expected(`${place}.anonymous`, 'true or false', anonymous);
  return { name, inputs: jsonParameters(inputs, `${place}.inputs`, 0, kind === 'event'), anonymous };
}

/**
 * The errors or the events of an ABI: signatures such as `error Unauthorized(address caller)`, entries of the
 * compiler's JSON, or both mixed. Entries of other kinds are passed over unread.
 * @throws ErbiumError INVALID_ARGUMENT that begins with the place, such as `abi[3]` or `abi[3].inputs[0].type`
 */
export function parseAbi(abi: unknown, kind: AbiItem['kind']): AbiItem[] {
  if (!Array.isArray(abi)) throw expected('abi', 'a list', abi);
  return Array.from(abi, (entry: unknown, i) => {
    const place = `abi[${i}]`;
    let parts: Parts | null;
    if (typeof entry === 'string') parts = fromText(entry, kind, place);
    else if (typeof entry === 'object' && entry !== null) parts = fromJson(entry, kind, place);
    else throw expected(place, 'a signature or an object', entry);
    if (parts === null) return [];
    const { name, inputs, anonymous } = parts;
    const most = anonymous ? 4 : 3;
    if (inputs.filter(({ indexed }) => indexed).length > most) {
      throw bad(place, `more than ${most} parameters are indexed`);
    }
    return { kind, signature: `${name}${listOf(inputs)}`, name, inputs, anonymous };
  }).flat();
}

/** What output or a log begins with: 4 bytes of the signature's hash for an error, all 32 for an event. */
export function selectorOf({ kind, signature }: Pick<AbiItem, 'kind' | 'signature'>): Hex {
  const hash = keccak256(new TextEncoder().encode(signature));
  return bytesToHex(kind === 'error' ? hash.subarray(0, 4) : hash);
}

/**
 * Overlapping parts let a little data stand for much, so what is read in all may be this many times the data at
 * most. Encoders that share parts save less than that.
 */
const MAX_OVERLAP = 4;

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Every method gives null where the data does not decode; no value is null. */
class Decoder {
  private readonly data: Uint8Array;
  private readonly view: DataView;
  private wordsLeft: number;

  constructor(data: Uint8Array) {
    this.data = data;
    this.view = new DataView(data.buffer, data.byteOffset, data.length);
    this.wordsLeft = MAX_OVERLAP * Math.ceil(data.length / 32);
  }

  private word(at: number): bigint | null {
    return at + 32 <= this.data.length && --this.wordsLeft >= 0 ? readWord(this.view, at) : null;
  }

  /** A length or an offset; what exceeds the data is of no use. */
  private size(at: number): number | null {
    const word = this.word(at);
    return word !== null && word <= this.data.length ? Number(word) : null;
  }

  /** Values that stand side by side; offsets count from `base`, where the first one stands. */
  sequence(count: number, typeAt: (i: number) => AbiType, base: number): AbiValue[] | null {
    const values: AbiValue[] = [];
    for (let i = 0, at = base; i < count; i++) {
      const type = typeAt(i);
      const offset = type.isDynamic ? this.size(at) : at - base;
      const value = offset === null ? null : this.value(type, base + offset);
      if (value === null) return null;
      values.push(value);
      at += type.headSize;
    }
    return values;
  }

  private value(type: AbiType, at: number): AbiValue | null {
    if (type.kind === 'tuple') {
      return this.sequence(type.components.length, (i) => type.components[i]!.type, at);
    }
    if (type.kind === 'array') {
      const count = type.length ?? this.size(at);
      const start = type.length === null ? at + 32 : at;
      return count === null ? null : this.sequence(count, () => type.element, start);
    }
    if (type.kind === 'bytes' || type.kind === 'string') {
      const length = this.size(at);
      if (length === null || length > this.data.length - at - 32) return null;
      if ((this.wordsLeft -= Math.ceil(length / 32)) < 0) return null;
      const bytes = this.data.subarray(at + 32, at + 32 + length);
      return type.kind === 'bytes' ? bytesToHex(bytes) : UTF8.decode(bytes);
    }
    const word = this.word(at);
    return word === null ? null : fromWord(type, word);
  }
}

type ValueType = Exclude<AbiType, { readonly kind: 'bytes' | 'string' | 'array' | 'tuple' }>;

/** The value in a word, or null where the word has bits that the type has not. */
function fromWord(type: ValueType, word: bigint): AbiValue | null {
  if (type.kind === 'uint') return word >> BigInt(type.bits) === 0n ? word : null;
  if (type.kind === 'int') {
    const value = BigInt.asIntN(type.bits, word);
    return value === BigInt.asIntN(256, word) ? value : null;
  }
  if (type.kind === 'bool') return word <= 1n ? word === 1n : null;
  if (type.kind === 'address') return word <= MAX_ADDRESS ? addressToHex(word) : null;
  const padding = 8 * (32 - type.length);
  return BigInt.asUintN(padding, word) === 0n ? toHex32(word).slice(0, 2 + 2 * type.length) : null;
}

/** The values of parameters that follow each other, or null where the data does not hold such values. */
export const decodeParameters = (types: readonly AbiType[], data: Uint8Array): AbiValue[] | null =>
  new Decoder(data).sequence(types.length, (i) => types[i]!, 0);
