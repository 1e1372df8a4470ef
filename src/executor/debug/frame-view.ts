/** Frames as the debugger shows them: copies, in plain terms. */

import type { OpRow } from '../../../opcodes/row.ts';
import type { Running } from '../../evm/running.ts';
import type { Frame } from '../../machine/frame.ts';
import { gasLeft } from '../../machine/gas.ts';
import { addressToHex } from '../../primitives/address.ts';
import { bytesToHex } from '../../primitives/bytes.ts';
import type { DebugFrame, DebugInstruction } from './api.ts';

export const frameView = ({ frame, message }: Running): DebugFrame => ({
  depth: frame.depth,
  kind: message.kind,
  address: addressToHex(frame.address),
  codeAddress: addressToHex(message.codeAddress),
  caller: addressToHex(frame.caller),
  value: frame.value,
  isStatic: frame.isStatic,
  pc: frame.pc,
  gas: gasLeft(frame),
  gasLimit: message.gas,
  stackSize: frame.sp,
  memorySize: frame.memory.size,
  inputSize: frame.input.length,
  codeSize: frame.code.bytes.length,
  returnDataSize: frame.returnData.length,
});

export function instructionView({ code, pc }: Frame, rows: readonly (OpRow | undefined)[]): DebugInstruction {
  const byte = code.padded[pc]!;
  const row = rows[byte];
  // A prefix is an instruction only together with the byte behind it.
  const name = row?.behind === undefined ? row?.name : row.behind.get(code.padded[pc + 1]!);
  const size = name === undefined ? 0 : row!.immediate;
  const immediate = size > 0 ? bytesToHex(code.padded.slice(pc + 1, pc + 1 + size)) : undefined;
  return { pc, byte, name, immediate };
}

/** A copy of a part, as far as there is one. */
export const partOf = (bytes: Uint8Array, offset: number, size: number): Uint8Array =>
  bytes.slice(offset, offset + size);
