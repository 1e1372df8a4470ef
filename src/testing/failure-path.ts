/**
 * Where a failure began: the chain of calls through which it came up, found by a tracer in a second run. Solidity hands
 * on what an inner call reverts with, so that a caller whose output is that of its child did not fail by itself.
 */

import { OPCODES } from '../../opcodes/table.ts';
import { Halt, isSuccess } from '../machine/halt.ts';
import { isCreation } from '../machine/message.ts';
import type { Tracer } from '../machine/tracer.ts';
import { type Address, toAddress } from '../primitives/address.ts';
import { equalBytes } from '../primitives/bytes.ts';

/** A call or creation on the way to a failure. */
export interface FailedFrame {
  /** Whose code ran; null for a creation. */
  readonly to: Address | null;
  readonly input: Uint8Array;
  readonly halt: Halt;
  readonly output: Uint8Array;
  /** The account without code that it called, or looked for code at, last before a revert without data. */
  readonly absent: Address | null;
  /** The call inside that it failed with. */
  readonly inner: FailedFrame | null;
}

interface OpenFrame {
  readonly to: Address | null;
  readonly input: Uint8Array;
  hasRun: boolean;
  absent: Address | null;
  failed: FailedFrame | null;
}

const EXTCODESIZE = OPCODES.find(({ name }) => name === 'EXTCODESIZE')!.byte;
const SELECTOR_SIZE = 4;

/** Watches one transaction after the other, each from its beginning. */
export class FailureWatch {
  /** How the last one failed; null where it did not. */
  failure: FailedFrame | null = null;
  private open: OpenFrame[] = [];
  private looked: Address = 0n;

  readonly tracer: Tracer = {
    enter: (message) => {
      if (message.depth === 0) {
        this.open = [];
        this.failure = null;
      }
      const to = isCreation(message) ? null : message.codeAddress;
      const input = message.input.slice();
      this.open.push({ to, input, hasRun: false, absent: null, failed: null });
    },
    resume: () => {
      const frame = this.open.at(-1);
      if (frame !== undefined) frame.hasRun = true;
    },
    exit: ({ halt, output, gasUsed }) => {
      const frame = this.open.pop();
      if (frame === undefined) return;
      const parent = this.open.at(-1);
      if (isSuccess(halt)) {
        // A precompile takes gas, and a plain payment has no selector.
        const isAbsent = !frame.hasRun && gasUsed === 0n && frame.input.length >= SELECTOR_SIZE;
        if (parent !== undefined) parent.absent = isAbsent ? frame.to : null;
        return;
      }
      const { to, input, failed } = frame;
      const isSilent = halt === Halt.Revert && output.length === 0;
      const inner =
        halt === Halt.Revert && failed !== null && equalBytes(failed.output, output) ? failed : null;
      const absent = isSilent && inner === null ? frame.absent : null;
      const failure = { to, input, halt, output: output.slice(), absent, inner };
      if (parent === undefined) this.failure = failure;
      else parent.failed = failure;
    },
    step: ({ stack, sp }, opcode) => {
      if (opcode === EXTCODESIZE && sp > 0) this.looked = toAddress(stack[sp - 1]!);
    },
    stepEnd: ({ stack, sp }, opcode, _pc, _gas, _cost, halt) => {
      if (opcode !== EXTCODESIZE || halt !== Halt.Continue || stack[sp - 1] !== 0n) return;
      const frame = this.open.at(-1);
      if (frame !== undefined) frame.absent = this.looked;
    },
  };
}

/** The frames from that of the transaction to the one in which the failure began. */
export function framesOf(failure: FailedFrame): FailedFrame[] {
  const frames = [failure];
  for (let { inner } = failure; inner !== null; inner = inner.inner) frames.push(inner);
  return frames;
}
