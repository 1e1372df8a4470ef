/**
 * 0xAE: instructions of extensions, each a second byte behind this prefix, which EIP-8163 keeps invalid on Ethereum.
 * There is no such row unless a machine is given operations for it. No second byte in use is a JUMPDEST or a PUSH, so
 * jump-destination analysis is as ever.
 */

import type { Frame } from '../src/machine/frame.ts';
import { charge, growMemory, memoryCost } from '../src/machine/gas.ts';
import { Halt } from '../src/machine/halt.ts';
import { EMPTY_BYTES } from '../src/primitives/bytes.ts';
import { undefinedOpcode } from './control.ts';
import type { Handler, OpRow } from './row.ts';

const PREFIX = 0xae;

/** What an instruction behind the prefix does: the same as a precompile. */
export interface Operation {
  readonly name: string;
  /** Why it may not run here; `Halt.Continue` where it may. */
  readonly refusal: Halt;
  /** Price in gas, beyond that of memory. */
  price(input: Uint8Array): number;
  /** null for an invalid input. */
  run(input: Uint8Array): Uint8Array | null;
}

/** All instructions behind it take offset and size of input and of output, and say whether they succeeded. */
const prefixRow = (behind: ReadonlyMap<number, string>, handler: Handler): OpRow => ({
  byte: PREFIX,
  name: 'EXTENSION',
  // inputOffset inputSize outputOffset outputSize -> success
  takes: 4,
  gives: 1,
  gas: 0,
  since: 'Frontier',
  handler,
  flags: 0,
  immediate: 1,
  behind,
});

/** The row of the prefix, by the byte behind it. */
export const extensionRow = (operations: ReadonlyMap<number, Operation>): OpRow =>
  prefixRow(new Map([...operations].map(([byte, { name }]) => [byte, name])), extensionHandler(operations));

/**
 * The same row for reading code and not for running it: for the disassembler and for tracers.
 * @param named precompiles; those without an opcode count for nothing
 */
export function extensionNames(
  named: Iterable<{ readonly name: string; readonly opcode?: number }>,
): OpRow[] {
  const behind = new Map<number, string>();
  for (const { name, opcode } of named) if (opcode !== undefined) behind.set(opcode, name);
  return behind.size === 0 ? [] : [prefixRow(behind, undefinedOpcode)];
}

const extensionHandler =
  (operations: ReadonlyMap<number, Operation>) =>
  (frame: Frame): Halt => {
    const operation = operations.get(frame.code.padded[frame.pc]!);
    if (operation === undefined) return Halt.UndefinedOpcode;
    if (operation.refusal !== Halt.Continue) return operation.refusal;
    frame.pc++;
    const { stack, memory } = frame;
    const sp = (frame.sp -= 3);
    const inputOffset = stack[sp + 2]!;
    const inputSize = stack[sp + 1]!;
    const outputOffset = stack[sp]!;
    const outputSize = stack[sp - 1]!;

    const inputCost = memoryCost(frame, inputOffset, inputSize);
    const outputCost = memoryCost(frame, outputOffset, outputSize);
    if (inputCost < 0) return (-1 - inputCost) as Halt;
    if (outputCost < 0) return (-1 - outputCost) as Halt;
    const grown = charge(frame, Math.max(inputCost, outputCost));
    if (grown !== Halt.Continue) return grown;
    growMemory(frame, inputOffset, inputSize);
    growMemory(frame, outputOffset, outputSize);

    const size = Number(inputSize);
    const input = memory.viewOf(size === 0 ? 0 : Number(inputOffset), size);
    const price = operation.price(input);
    if (!Number.isFinite(price)) return Halt.OutOfGas;
    const paid = charge(frame, price);
    if (paid !== Halt.Continue) return paid;
    const output = operation.run(input);
    frame.returnData = output ?? EMPTY_BYTES;
    if (output !== null && outputSize > 0n) memory.write(Number(outputOffset), output, Number(outputSize));
    stack[sp - 1] = output === null ? 0n : 1n;
    return Halt.Continue;
  };
