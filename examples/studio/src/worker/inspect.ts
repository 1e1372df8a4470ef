/** What the page shows of a debugger, cut to what fits on it. */

import type { Hex, Rules } from 'erbium';
import { disassemble } from 'erbium/opcodes';
import type { DebugFrame, Debugger, DebugInstruction, StopReason } from './debugger-types.ts';
import type { AccountSlots, Listing, View } from './protocol.ts';

const MOST_WORDS = 1_024;
export const MEMORY_BYTES = 512;
const RETURN_BYTES = 256;
const MOST_SLOTS = 200;
const MOST_ACCOUNTS = 50;
const MOST_LOGS = 200;
const EMPTY = new Uint8Array();

/** Shows a debugger, and remembers what code the page has. */
export class Inspector {
  private readonly stepper: Debugger;
  private readonly rules: Rules;
  private code: Uint8Array | null = null;
  private account: Hex | null = null;
  private memoryOffset = 0;

  constructor(stepper: Debugger, rules: Rules) {
    this.stepper = stepper;
    this.rules = rules;
  }

  showMemory(offset: number): void {
    this.memoryOffset = offset;
  }

  view(stop: string): View {
    const { stepper } = this;
    const frames = stepper.frames();
    const running = frames.at(-1);
    const stack = running === undefined ? [] : stepper.stack();
    const instruction = stepper.instruction();
    const { ended } = stepper;
    const listing = running === undefined ? undefined : this.listing(running);
    if (running !== undefined) this.account = running.address;
    return {
      position: stepper.position,
      length: stepper.length,
      isEnd: stepper.isEnd,
      stop,
      instruction: instruction === null ? 'the end' : textOf(instruction),
      frames,
      stack: stack.slice(-MOST_WORDS).reverse(),
      stackSize: stack.length,
      memory: this.memory(running),
      returnData: {
        size: running?.returnDataSize ?? 0,
        bytes: running === undefined ? EMPTY : stepper.returnData(0, RETURN_BYTES),
      },
      accounts: this.accounts(),
      hasWarmth: this.rules.accessLists,
      logs: stepper.logs().slice(0, MOST_LOGS),
      refund: stepper.refund,
      ended: ended === null ? null : ended.reason,
      pc: instruction?.pc ?? null,
      ...(listing === undefined ? {} : { listing }),
      breakpoints: stepper.breakpoints,
    };
  }

  private memory(running: DebugFrame | undefined): View['memory'] {
    if (running === undefined) return { offset: 0, size: 0, bytes: EMPTY };
    const size = running.memorySize;
    const last = Math.max(0, Math.floor((size - 1) / MEMORY_BYTES) * MEMORY_BYTES);
    const offset = Math.min(this.memoryOffset, last);
    return { offset, size, bytes: this.stepper.memory(offset, MEMORY_BYTES) };
  }

  private accounts(): AccountSlots[] {
    const shown = this.stepper.accounts().flatMap((address) => {
      const slots = this.stepper.slots(address);
      const transient = this.stepper.transient(address);
      if (slots.length + transient.length === 0) return [];
      const more = Math.max(0, slots.length - MOST_SLOTS) + Math.max(0, transient.length - MOST_SLOTS);
      return [
        { address, slots: slots.slice(0, MOST_SLOTS), transient: transient.slice(0, MOST_SLOTS), more },
      ];
    });
    const isOther = ({ address }: AccountSlots): number => (address === this.account ? 0 : 1);
    return shown.sort((a, b) => isOther(a) - isOther(b)).slice(0, MOST_ACCOUNTS);
  }

  private listing({ codeAddress }: DebugFrame): Listing | undefined {
    const code = this.stepper.code();
    const { code: sent } = this;
    if (sent !== null && sent.length === code.length && sent.every((byte, i) => byte === code[i]))
      return undefined;
    this.code = code;
    return { address: codeAddress, size: code.length, instructions: disassemble(code, this.rules) };
  }
}

const textOf = ({ name, byte, immediate }: DebugInstruction): string => {
  const word = name ?? `0x${byte.toString(16).padStart(2, '0')}, no instruction`;
  return immediate === undefined ? word : `${word} ${immediate}`;
};

export function stopWords(stop: StopReason): string {
  if (stop.kind === 'limit') return `Stopped on the way: ${stop.reason}. The same move goes on from here.`;
  if (stop.kind === 'breakpoint') return 'Stopped at a breakpoint.';
  if (stop.kind === 'end') return 'This is the end.';
  return stop.kind === 'start' ? 'This is the start.' : '';
}
