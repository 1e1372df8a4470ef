/** The reason in revert data, as geth's ABI package words it. Source: Solidity documentation, "Panic via assert". */

import { bytesToBigInt } from '../primitives/bytes.ts';

const ERROR = 0x08c379a0n;
const PANIC = 0x4e487b71n;

const PANICS: ReadonlyMap<bigint, string> = new Map([
  [0x00n, 'generic panic'],
  [0x01n, 'assert(false)'],
  [0x11n, 'arithmetic underflow or overflow'],
  [0x12n, 'division or modulo by zero'],
  [0x21n, 'enum overflow'],
  [0x22n, 'invalid encoded storage byte array accessed'],
  [0x31n, 'out-of-bounds array access; popping on an empty array'],
  [0x32n, 'out-of-bounds access of an array or bytesN'],
  [0x41n, 'out of memory'],
  [0x51n, 'uninitialized function'],
]);

/** The text of `Error(string)` or what `Panic(uint256)` stands for; undefined for any other data. */
export function revertReason(data: Uint8Array): string | undefined {
  if (data.length < 4) return undefined;
  const selector = bytesToBigInt(data.subarray(0, 4));
  const word = (at: number): bigint | undefined =>
    at + 32 > data.length ? undefined : bytesToBigInt(data.subarray(at, at + 32));
  if (selector === PANIC) {
    const code = word(4);
    if (code === undefined) return undefined;
    return PANICS.get(code) ?? `unknown panic code: 0x${code.toString(16)}`;
  }
  if (selector !== ERROR) return undefined;
  const offset = word(4);
  if (offset === undefined || offset > BigInt(data.length)) return undefined;
  const at = 4 + Number(offset);
  const length = word(at);
  if (length === undefined || length > BigInt(data.length - at - 32)) return undefined;
  return new TextDecoder().decode(data.subarray(at + 32, at + 32 + Number(length)));
}
