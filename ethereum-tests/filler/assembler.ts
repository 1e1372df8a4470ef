/**
 * Bytecode for the definitions: names of instructions, numbers to push, raw bytes and labels. Owns no opcode
 * bytes: they come from the opcode table.
 */

import { OPCODES } from '../../opcodes/table.ts';
import { concatBytes, toMinimalBytes } from '../../src/primitives/bytes.ts';

/**
 * `'ADD'` is an instruction, `'@loop'` pushes the place of the label `'loop:'`, which is a JUMPDEST. A number is
 * pushed in its shortest form, 0 as PUSH1 0, so that it runs on every fork. Bytes stand as they are.
 */
export type Item = string | number | bigint | Uint8Array | readonly Item[];

const BYTE_OF: ReadonlyMap<string, number> = new Map(OPCODES.map(({ name, byte }) => [name, byte]));
const PUSH1 = 0x60;
const JUMPDEST = 0x5b;

function byteOf(name: string): number {
  const byte = BYTE_OF.get(name);
  if (byte === undefined) throw new Error(`no instruction ${name}`);
  return byte;
}

/** A push of exactly `length` bytes. */
export const push = (length: number, value: bigint): Uint8Array => {
  const bytes = new Uint8Array(length);
  const short = toMinimalBytes(value);
  bytes.set(short, length - short.length);
  return concatBytes(Uint8Array.of(PUSH1 + length - 1), bytes);
};

const pushNumber = (value: bigint): Uint8Array => push(Math.max(1, toMinimalBytes(value).length), value);

const flatten = (items: readonly Item[]): (Exclude<Item, readonly Item[]> & {})[] =>
  items.flatMap((item) =>
    Array.isArray(item) ? flatten(item) : [item as string | number | bigint | Uint8Array],
  );

/**
 * @throws Error on an unknown instruction or label
 */
export function code(...items: readonly Item[]): Uint8Array {
  const labels = new Map<string, number>();
  const references: { at: number; label: string }[] = [];
  const parts: Uint8Array[] = [];
  let length = 0;
  const add = (bytes: Uint8Array): void => {
    parts.push(bytes);
    length += bytes.length;
  };
  for (const item of flatten(items)) {
    if (item instanceof Uint8Array) add(item);
    else if (typeof item !== 'string') add(pushNumber(BigInt(item)));
    else if (item.endsWith(':')) {
      labels.set(item.slice(0, -1), length);
      add(Uint8Array.of(JUMPDEST));
    } else if (item.startsWith('@')) {
      references.push({ at: length + 1, label: item.slice(1) });
      add(push(2, 0n));
    } else add(Uint8Array.of(byteOf(item)));
  }
  const bytes = concatBytes(...parts);
  for (const { at, label } of references) {
    const target = labels.get(label);
    if (target === undefined) throw new Error(`no label ${label}`);
    bytes[at] = target >> 8;
    bytes[at + 1] = target & 0xff;
  }
  return bytes;
}

/** Stores what `value` leaves on the stack. */
export const store = (key: number | bigint, ...value: readonly Item[]): Item => [value, key, 'SSTORE'];

/** Stores what each part leaves on the stack, in slots from `first` on. */
export const storeAll = (parts: readonly Item[], first = 0): Item =>
  parts.map((part, index) => store(first + index, part));

/** `name` of each row of operands, the first of which is on top of the stack. */
export const each = (name: string, rows: readonly (readonly (number | bigint)[])[]): Item[] =>
  rows.map((row) => [[...row].reverse(), name]);

export interface CallShape {
  readonly gas?: Item;
  readonly value?: Item;
  readonly input?: readonly [offset: Item, size: Item];
  readonly output?: readonly [offset: Item, size: Item];
}

/** One of the four calls; leaves 1 or 0. */
export function call(
  kind: 'CALL' | 'CALLCODE' | 'DELEGATECALL' | 'STATICCALL',
  to: bigint,
  { gas = 200_000, value = 0, input = [0, 0], output = [0, 0] }: CallShape = {},
): Item {
  const moves = kind === 'CALL' || kind === 'CALLCODE';
  return [output[1], output[0], input[1], input[0], moves ? value : [], to, gas, kind];
}

/** Puts bytes into memory, in words. */
export const toMemory = (offset: number, bytes: Uint8Array): Item => {
  const words: Item[] = [];
  for (let at = 0; at < bytes.length; at += 32) {
    const word = new Uint8Array(32);
    word.set(bytes.subarray(at, at + 32));
    words.push([concatBytes(Uint8Array.of(0x7f), word), offset + at, 'MSTORE']);
  }
  return words;
};

/** Init code that deploys `runtime`. */
export const deploying = (runtime: Uint8Array): Uint8Array => {
  const head = (offset: number): Uint8Array =>
    code(push(2, BigInt(runtime.length)), 'DUP1', push(2, BigInt(offset)), 0, 'CODECOPY', 0, 'RETURN');
  return concatBytes(head(head(0).length), runtime);
};

/** Creates with `initCode`; leaves the address or 0. */
export const create = (initCode: Uint8Array, value: Item = 0): Item => [
  toMemory(0, initCode),
  initCode.length,
  0,
  value,
  'CREATE',
];

export const create2 = (initCode: Uint8Array, salt: bigint | number, value: Item = 0): Item => [
  toMemory(0, initCode),
  salt,
  initCode.length,
  0,
  value,
  'CREATE2',
];
