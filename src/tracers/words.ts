/**
 * How geth says why a step or a frame failed. The texts are an interface: tools compare them. Kept apart from
 * `HALT_WORDS`, which are for people and ours to change.
 */

import type { OpTable } from '../../opcodes/optable.ts';
import type { Frame } from '../machine/frame.ts';
import { HALT_WORDS, Halt } from '../machine/halt.ts';
import type { Message } from '../machine/message.ts';

/** Empty for ends that are no error. */
export const TRACE_WORDS: Readonly<Record<Halt, string>> = {
  ...HALT_WORDS,
  [Halt.Continue]: '',
  [Halt.Call]: '',
  [Halt.Create]: '',
  [Halt.Stop]: '',
  [Halt.Return]: '',
  [Halt.SelfDestruct]: '',
  [Halt.Revert]: 'execution reverted',
  [Halt.OutOfGas]: 'out of gas',
  [Halt.GasOverflow]: 'gas uint64 overflow',
  [Halt.MemoryOverflow]: 'out of gas: gas uint64 overflow',
  [Halt.StackUnderflow]: 'stack underflow',
  [Halt.StackOverflow]: 'stack limit reached',
  [Halt.UndefinedOpcode]: 'invalid opcode',
  [Halt.Invalid]: 'invalid opcode',
  [Halt.BadJump]: 'invalid jump destination',
  [Halt.StaticViolation]: 'write protection',
  [Halt.ReturnDataOutOfBounds]: 'return data out of bounds',
  [Halt.SstoreSentry]: 'out of gas: not enough gas for reentrancy sentry',
  [Halt.InitCodeTooLarge]: 'out of gas: max initcode size exceeded',
  [Halt.CodeTooLarge]: 'max code size exceeded',
  [Halt.CodeRejected]: 'invalid code: must not begin with 0xef',
  [Halt.CodeDepositOutOfGas]: 'contract creation code storage out of gas',
  [Halt.AddressCollision]: 'contract address collision',
  [Halt.DepthExceeded]: 'max call depth exceeded',
  [Halt.InsufficientBalance]: 'insufficient balance for transfer',
  [Halt.NonceOverflow]: 'nonce uint64 overflow',
};

/** What an instruction failed with, where the text needs more than the halt: `sp` is the stack before it. */
export function faultWords(
  halt: Halt,
  frame: Frame,
  opcode: number,
  name: string,
  sp: number,
  table: OpTable,
): string {
  const words = TRACE_WORDS[halt];
  switch (halt) {
    case Halt.StackUnderflow:
      return `${words} (${sp} <=> ${table.minStack[opcode]})`;
    case Halt.StackOverflow:
      return `${words} ${sp} (${table.maxStack[opcode]})`;
    case Halt.UndefinedOpcode:
    case Halt.Invalid:
      return `${words}: ${name}`;
    case Halt.StaticViolation:
      return PRICED_WRITES.has(opcode) ? `out of gas: ${words}` : words;
    case Halt.InitCodeTooLarge:
      // The size is the third word of CREATE and CREATE2 alike.
      return `${words}: size ${frame.stack[sp - 3]}`;
    default:
      return words;
  }
}

/** Forbidden in a static frame as part of their price, and therefore before they start. */
export const PRICED_WRITES: ReadonlySet<number> = new Set([0x55, 0xf0, 0xf1, 0xf5, 0xff]);

export const OUT_OF_GAS_IN_PARTS: string = `${TRACE_WORDS[Halt.OutOfGas]}: ${TRACE_WORDS[Halt.OutOfGas]}`;

export const CALLS: ReadonlySet<number> = new Set([0xf1, 0xf2, 0xf4, 0xfa]);

const word = (input: Uint8Array, offset: number): bigint => {
  let value = 0n;
  for (let i = offset; i < offset + 32; i++) value = (value << 8n) | BigInt(input[i] ?? 0);
  return value;
};

/** Why a precompile failed, as far as the shape of its input tells. */
export function precompileWords({ codeAddress, input }: Message): string {
  const size = input.length;
  switch (codeAddress) {
    case 0x05n:
      for (const [i, part] of ['base', 'exponent', 'modulus'].entries()) {
        if (word(input, 32 * i) > 1024n) return `${part} length is too large`;
      }
      break;
    case 0x08n:
      if (size % 192 !== 0) return 'bad elliptic curve pairing size';
      break;
    case 0x09n:
      return size !== 213 ? 'invalid input length' : 'invalid final flag';
    case 0x0an:
      return size !== 192 ? 'invalid input length' : 'error verifying kzg proof';
  }
  const unit = BLS12_UNITS.get(codeAddress);
  if (unit !== undefined && (size === 0 || size % unit.size !== 0 || (unit.once && size !== unit.size))) {
    return 'invalid input length';
  }
  return TRACE_WORDS[Halt.PrecompileFailure];
}

/** Input of the precompiles of EIP-2537: bytes of one item, and whether there is one only. */
const BLS12_UNITS: ReadonlyMap<bigint, { size: number; once: boolean }> = new Map([
  [0x0bn, { size: 256, once: true }],
  [0x0cn, { size: 160, once: false }],
  [0x0dn, { size: 512, once: true }],
  [0x0en, { size: 288, once: false }],
  [0x0fn, { size: 384, once: false }],
  [0x10n, { size: 64, once: true }],
  [0x11n, { size: 128, once: true }],
]);
