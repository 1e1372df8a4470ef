/** The trace format `md` of geth's `evm`: a table in Markdown with a row for each step. */

import { isCreation, type Message } from '../../machine/message.ts';
import { type Address, addressToHex } from '../../primitives/address.ts';
import { bytesToHex } from '../../primitives/bytes.ts';
import { keccak256 } from '../../primitives/keccak.ts';
import type { WritingTracer } from './trace-flags.ts';
import { type EndLine, type StepLine, TextTracer, type TraceForm } from './trace-text.ts';

export const markdownTracer = (write: (chunk: Uint8Array) => void, stack: boolean): WritingTracer =>
  new TextTracer(FORM, write, { stack });

const HEADING = `
|  Pc   |      Op     | Cost |   Refund  |   Stack   |
|-------|-------------|------|-----------|-----------|
`;

const FORM: TraceForm = {
  enter(message: Message): string {
    if (message.depth > 0) return '';
    const { caller, address, input, gas, value } = message;
    const data = input.length === 0 ? '' : bytesToHex(input);
    return (
      `Pre-execution info:\n  - from: \`${checksummed(caller)}\`\n` +
      `  - ${isCreation(message) ? 'create' : 'to'}: \`${checksummed(address)}\`\n` +
      `  - data: \`${data}\`\n  - gas: \`${gas}\`\n  - value: \`${value}\` wei\n${HEADING}`
    );
  },
  step() {},
  ran({ pc, opName, gasCost, refund, stack, error }: StepLine): string {
    const cost = `${BigInt(gasCost)}`.padStart(3);
    const row = `| ${`${pc}`.padStart(4)}  | ${opName.padStart(10)}  |  ${cost} |${`${refund}`.padStart(10)} |`;
    const words = stack === null ? '' : `${`[${stack.join(',')}]`.padStart(10)} |`;
    return `${row}${words}\n${error === undefined ? '' : `Error: ${error}\n`}`;
  },
  failed: ({ pc, op, error }) => `\nError: at pc=${pc}, op=${op}: ${error}\n`,
  exit({ output, gasUsed, error }: EndLine, depth: number): string {
    if (depth > 0) return '';
    const returned = output === '' ? '' : `0x${output}`;
    return (
      `\nPost-execution info:\n  - output: \`${returned}\`\n` +
      `  - consumed gas: \`${BigInt(gasUsed)}\`\n  - error: \`${error ?? '<nil>'}\`\n`
    );
  },
};

const LETTER_IS_LARGE = '8';

/** An address with capitals as EIP-55 has them. */
function checksummed(address: Address): string {
  const digits = addressToHex(address).slice(2);
  const hash = bytesToHex(keccak256(new TextEncoder().encode(digits))).slice(2);
  return `0x${[...digits].map((digit, i) => (hash[i]! >= LETTER_IS_LARGE ? digit.toUpperCase() : digit)).join('')}`;
}
