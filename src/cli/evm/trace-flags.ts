/** The flags about traces, which are the same for all commands of geth's `evm`, and the tracer that they ask for. */

import type { TracerFactory } from './case.ts';
import { type Flag, type Flags, misused } from './flags.ts';

const show = (name: string, what: string, shown: boolean): Flag => ({
  name: `trace.no${name}`,
  aliases: [`no${name}`],
  default: !shown,
  help: `leave ${what} out of traces`,
});

export const TRACE_FLAGS: readonly Flag[] = [
  { name: 'trace', default: false, help: 'write every step to standard error (EIP-3155)' },
  { name: 'trace.format', default: 'json', help: 'the format of traces; json is the only one' },
  { name: 'json', default: false, help: 'the same as --trace --trace.format=json' },
  show('memory', 'memory', false),
  show('returndata', 'return data', false),
  show('stack', 'the stack', true),
  show('storage', 'storage, which is never shown', true),
];

/** @throws ErbiumError INVALID_ARGUMENT for another format */
export async function tracerOf(flags: Flags): Promise<TracerFactory | null> {
  const format = flags.string('trace.format');
  if (format !== 'json') {
    throw misused(`--trace.format ${JSON.stringify(format)}: traces are written as json only`);
  }
  if (!flags.switch('trace') && !flags.switch('json')) return null;
  const { eip3155Tracer } = await import('../../tracers/eip3155.ts');
  return (write) =>
    eip3155Tracer({
      write,
      memory: !flags.switch('trace.nomemory'),
      returnData: !flags.switch('trace.noreturndata'),
      stack: !flags.switch('trace.nostack'),
    });
}
