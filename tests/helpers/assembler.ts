/** A small assembler: bytecode from instruction names, constants and labels. Names come from the opcode table. */

import { OPCODES } from '../../opcodes/index.ts';
import { hexToBytes, toBytes20, toMinimalBytes } from '../../src/primitives/bytes.ts';

class Label {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

class LabelReference {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** An instruction's name, raw bytes, a label or a use of one, or a list of these. */
export type Piece = string | Uint8Array | Label | LabelReference | readonly Piece[];

const BYTES: ReadonlyMap<string, number> = new Map(OPCODES.map((row) => [row.name, row.byte]));

/** The byte of an instruction. */
export function opcode(name: string): number {
  const byte = BYTES.get(name);
  if (byte === undefined) throw new Error(`no instruction is called ${name}`);
  return byte;
}

/** PUSH1 to PUSH32 of a number, in `size` bytes or as few as it needs; never PUSH0, which old forks lack. */
export function push(value: bigint | number, size?: number): Uint8Array {
  const digits = toMinimalBytes(BigInt(value));
  const length = size ?? Math.max(1, digits.length);
  if (length < 1 || length > 32 || digits.length > length)
    throw new Error(`cannot push ${value} as ${length} bytes`);
  const bytes = new Uint8Array(1 + length);
  bytes[0] = 0x5f + length;
  bytes.set(digits, 1 + length - digits.length);
  return bytes;
}

/** PUSH20 of an address. */
export const pushAddress = (address: bigint): Uint8Array => {
  const bytes = new Uint8Array(21);
  bytes[0] = 0x73;
  bytes.set(toBytes20(address), 1);
  return bytes;
};

/** Bytes as they are. */
export const raw = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

/** Bytes of a hex string as they are. */
export const hex = (text: string): Uint8Array => hexToBytes(text);

/** A JUMPDEST that can be jumped to by name. */
export const label = (name: string): Piece => new Label(name);

/** PUSH2 of a label's position. */
export const pushLabel = (name: string): Piece => new LabelReference(name);

export const jump = (name: string): Piece => [pushLabel(name), 'JUMP'];

/** Jumps where the word on the stack is not 0. */
export const jumpi = (name: string): Piece => [pushLabel(name), 'JUMPI'];

export const mstore = (offset: number, value: bigint | number): Piece => [
  push(value),
  push(offset),
  'MSTORE',
];

export const sstore = (key: bigint | number, value: bigint | number): Piece => [
  push(value),
  push(key),
  'SSTORE',
];

/** Puts the word on the stack into memory at 0 and returns it. */
export const returnTop: Piece = [push(0), 'MSTORE', push(32), push(0), 'RETURN'];

/** The word on the stack to a storage slot. */
export const storeTop = (key: bigint | number): Piece => [push(key), 'SSTORE'];

export interface CallOptions {
  readonly kind?: 'CALL' | 'CALLCODE' | 'DELEGATECALL' | 'STATICCALL';
  readonly gas?: bigint | number | Piece;
  readonly value?: bigint | number;
  readonly inOffset?: bigint | number;
  readonly inSize?: bigint | number;
  readonly outOffset?: bigint | number;
  readonly outSize?: bigint | number;
}

/** A call of any kind; leaves the success flag on the stack. By default all gas goes along. */
export function call(to: bigint, options: CallOptions = {}): Piece {
  const {
    kind = 'CALL',
    gas = ['GAS'],
    value = 0,
    inOffset = 0,
    inSize = 0,
    outOffset = 0,
    outSize = 0,
  } = options;
  const hasValue = kind === 'CALL' || kind === 'CALLCODE';
  return [
    push(outSize),
    push(outOffset),
    push(inSize),
    push(inOffset),
    hasValue ? push(value) : [],
    pushAddress(to),
    typeof gas === 'bigint' || typeof gas === 'number' ? push(gas) : gas,
    kind,
  ];
}

/** Puts bytes into memory from 0 on, word by word. */
export const memoryOf = (bytes: Uint8Array): Piece => {
  const pieces: Piece[] = [];
  for (let at = 0; at < bytes.length; at += 32) {
    const word = new Uint8Array(33);
    word[0] = 0x7f;
    word.set(bytes.subarray(at, at + 32), 1);
    pieces.push([word, push(at), 'MSTORE']);
  }
  return pieces;
};

export interface CreateOptions {
  readonly value?: bigint | number;
  /** Makes it a CREATE2. */
  readonly salt?: bigint | number;
}

/** A creation with the given init code; leaves the address, or 0, on the stack. Overwrites memory from 0 on. */
export const create = (initCode: Uint8Array, { value = 0, salt }: CreateOptions = {}): Piece => [
  memoryOf(initCode),
  salt === undefined ? [] : push(salt),
  push(initCode.length),
  push(0),
  push(value),
  salt === undefined ? 'CREATE' : 'CREATE2',
];

/** Init code that deploys `runtime`. */
export function deploys(runtime: Uint8Array): Uint8Array {
  const head = (at: number): Uint8Array =>
    code(push(runtime.length, 3), push(at), push(0), 'CODECOPY', push(runtime.length, 3), push(0), 'RETURN');
  const { length } = head(0);
  return code(head(length), runtime);
}

/** Bytecode from pieces. */
export function code(...pieces: readonly Piece[]): Uint8Array {
  const bytes: number[] = [];
  const labels = new Map<string, number>();
  const references: { at: number; name: string }[] = [];
  const emit = (piece: Piece): void => {
    if (typeof piece === 'string') bytes.push(opcode(piece));
    else if (piece instanceof Uint8Array) for (const byte of piece) bytes.push(byte);
    else if (piece instanceof Label) {
      if (labels.has(piece.name)) throw new Error(`label ${piece.name} is set twice`);
      labels.set(piece.name, bytes.length);
      bytes.push(opcode('JUMPDEST'));
    } else if (piece instanceof LabelReference) {
      references.push({ at: bytes.length + 1, name: piece.name });
      bytes.push(0x61, 0, 0);
    } else for (const part of piece) emit(part);
  };
  for (const piece of pieces) emit(piece);
  for (const { at, name } of references) {
    const target = labels.get(name);
    if (target === undefined) throw new Error(`no label ${name}`);
    bytes[at] = target >> 8;
    bytes[at + 1] = target & 0xff;
  }
  return Uint8Array.from(bytes);
}

/** The same piece several times. */
export const repeat = (count: number, piece: Piece): Piece => new Array<Piece>(count).fill(piece);
