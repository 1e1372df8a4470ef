/**
 * What a revert says: its output as an error of Solidity or of the embedder's ABI, and in words for people. The
 * two errors that every contract has are described in the Solidity documentation, "Panic via assert and Error via
 * require".
 */

import { bytesToHex, type Hex } from '../primitives/bytes.ts';
import { type AbiItem, type AbiType, type AbiValue, decodeParameters, parseAbi, selectorOf } from './abi.ts';

/** A parameter in the compiler's JSON. */
export interface JsonAbiParameter {
  readonly name?: string | undefined;
  /** A canonical type, or `tuple` with `[]` and `[k]` after it. */
  readonly type: string;
  /** The members of a tuple. */
  readonly components?: readonly JsonAbiParameter[] | undefined;
  readonly indexed?: boolean | undefined;
  readonly internalType?: unknown;
}

/** An entry of the compiler's JSON. */
export interface JsonAbiEntry {
  readonly type: string;
  readonly name?: string | undefined;
  readonly inputs?: readonly JsonAbiParameter[] | undefined;
  readonly anonymous?: boolean | undefined;
  readonly outputs?: unknown;
  readonly stateMutability?: unknown;
}

/** The compiler's JSON, or signatures such as `error Unauthorized(address caller)`, or both mixed. */
export type AbiInput = readonly (string | JsonAbiEntry)[];

/** Errors by their selectors. Four bytes can be those of several errors. */
export type ErrorTable = ReadonlyMap<Hex, readonly AbiItem[]>;

/** The error that a revert gave. */
export interface DecodedError {
  readonly name: string;
  /** The canonical signature: `InsufficientBalance(uint256,uint256)`. */
  readonly signature: string;
  readonly args: readonly AbiValue[];
  /** For people: no control characters, 1,000 characters at most and `…` where there were more. */
  readonly message: string;
}

const TEXT_ERROR = 'Error(string)';
const PANIC = 'Panic(uint256)';
const BUILTIN: readonly AbiItem[] = parseAbi(
  ['error Error(string message)', 'error Panic(uint256 code)'],
  'error',
);

const PANICS: Readonly<Record<string, string>> = {
  '0x00': 'generic panic inserted by the compiler',
  '0x01': 'assertion failed',
  '0x11': 'arithmetic overflow or underflow',
  '0x12': 'division or modulo by zero',
  '0x21': 'value too big or negative for the enum',
  '0x22': 'storage byte array incorrectly encoded',
  '0x31': 'pop on an empty array',
  '0x32': 'index out of bounds',
  '0x41': 'too much memory allocated or array too large',
  '0x51': 'call of a zero-initialized variable of internal function type',
};

const MAX_MESSAGE = 1_000;

/**
 * The table of the errors in an ABI and of those that every contract has; other entries are passed over.
 * @throws ErbiumError INVALID_ARGUMENT that names the place: `abi[3]: …`
 */
export function compileErrors(abi: AbiInput | undefined): ErrorTable {
  const table = new Map<Hex, AbiItem[]>();
  for (const item of abi === undefined ? BUILTIN : [...BUILTIN, ...parseAbi(abi, 'error')]) {
    const selector = selectorOf(item);
    const known = table.get(selector);
    if (known === undefined) table.set(selector, [item]);
    // The same error again, as in an ABI put together from several contracts.
    else if (known.every(({ signature }) => signature !== item.signature)) known.push(item);
  }
  return table;
}

/** The error in the output of a revert, or null where it is none of the table. */
export function decodeRevert(output: Uint8Array, table: ErrorTable): DecodedError | null {
  for (const item of table.get(bytesToHex(output.subarray(0, 4))) ?? []) {
    const { name, signature, inputs } = item;
    const args = decodeParameters(
      inputs.map(({ type }) => type),
      output.subarray(4),
    );
    if (args !== null) return { name, signature, args, message: messageOf(item, args) };
  }
  return null;
}

function messageOf({ name, signature, inputs }: AbiItem, args: readonly AbiValue[]): string {
  const message = new Message();
  const [first] = args;
  if (signature === TEXT_ERROR) {
    message.write(String(first));
  } else if (signature === PANIC) {
    const code = `0x${(first as bigint).toString(16).padStart(2, '0')}`;
    message.write(`Panic ${code}: ${PANICS[code] ?? 'unknown code'}`);
  } else {
    message.write(name);
    message.writeList(inputs, args);
  }
  return message.text;
}

/** Text for people that stops growing at its limit, whatever is written. */
class Message {
  text = '';
  private isFull = false;

  /** Adds a text; what is invisible or could act on a terminal or on the direction of writing is escaped. */
  write(text: string, special = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u): void {
    for (const character of text) {
      if (this.isFull) return;
      const written = special.test(character) ? escaped(character) : character;
      if (this.text.length + written.length > MAX_MESSAGE) {
        this.isFull = true;
        this.text += '…';
      } else {
        this.text += written;
      }
    }
  }

  writeList(
    parameters: readonly { readonly name: string; readonly type: AbiType }[],
    values: readonly AbiValue[],
  ): void {
    this.write('(');
    for (const [i, { name, type }] of parameters.entries()) {
      if (i > 0) this.write(', ');
      if (name !== '') this.write(`${name}: `);
      this.writeValue(type, values[i]!);
    }
    this.write(')');
  }

  private writeValue(type: AbiType, value: AbiValue): void {
    if (type.kind === 'tuple') {
      this.writeList(type.components, value as readonly AbiValue[]);
    } else if (type.kind === 'array') {
      this.write('[');
      for (const [i, element] of (value as readonly AbiValue[]).entries()) {
        if (this.isFull) return;
        if (i > 0) this.write(', ');
        this.writeValue(type.element, element);
      }
      this.write(']');
    } else if (type.kind === 'string') {
      this.write('"');
      this.write(String(value), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}"\\]/u);
      this.write('"');
    } else {
      this.write(String(value));
    }
  }
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  '\\': '\\\\',
};

const escaped = (character: string): string =>
  SHORT_ESCAPES[character] ?? `\\u{${character.codePointAt(0)!.toString(16)}}`;
