/** The flags about traces, which are the same for all commands of geth's `evm`, and the tracer that they ask for. */

import type { Tracer } from '../../machine/tracer.ts';
import { type Flag, type Flags, misused } from './flags.ts';

/** A tracer that writes, and holds back some of it until `flush`. */
export interface WritingTracer extends Required<Omit<Tracer, 'begin' | 'end'>> {
  /** To be called when a transaction has ended. */
  flush(): void;
}

/** Makes a tracer whose text goes to `write`. */
export type TracerFactory = (write: (chunk: Uint8Array) => void) => WritingTracer;

const show = (name: string, what: string, shown: boolean): Flag => ({
  name: `trace.no${name}`,
  aliases: [`no${name}`],
  default: !shown,
  help: `leave ${what} out of traces`,
});

export const TRACE_FLAGS: readonly Flag[] = [
  { name: 'trace', default: false, help: 'write every step to standard error' },
  { name: 'trace.format', default: 'json', help: 'json (EIP-3155), struct (text), or md (a table)' },
  show('memory', 'memory', false),
  show('returndata', 'return data', false),
  show('stack', 'the stack', true),
  show('storage', 'storage, which struct alone shows,', true),
  { name: 'json', default: false, help: 'the former name of --trace --trace.format=json' },
  { name: 'debug', default: false, help: 'the former name of --trace --trace.format=struct' },
];

export const isTraced = (flags: Flags): boolean => formatOf(flags) !== null;

function formatOf(flags: Flags): string | null {
  if (flags.switch('trace')) return flags.string('trace.format');
  if (flags.switch('json')) return 'json';
  return flags.switch('debug') ? 'struct' : null;
}

/** @throws ErbiumError INVALID_ARGUMENT for a format that there is not */
export async function tracerOf(flags: Flags): Promise<TracerFactory | null> {
  const format = formatOf(flags);
  const shown = {
    memory: !flags.switch('trace.nomemory'),
    returnData: !flags.switch('trace.noreturndata'),
    stack: !flags.switch('trace.nostack'),
  };
  switch (format) {
    case null:
      return null;
    case 'json': {
      const { eip3155Tracer } = await import('../../tracers/eip3155.ts');
      return (write) => eip3155Tracer({ write, ...shown });
    }
    case 'struct': {
      const { structTracer } = await import('./trace-struct.ts');
      return (write) => structTracer(write, { ...shown, storage: !flags.switch('trace.nostorage') });
    }
    case 'md':
    case 'markdown': {
      const { markdownTracer } = await import('./trace-md.ts');
      return (write) => markdownTracer(write, shown.stack);
    }
    default:
      throw misused(`unknown trace format: ${JSON.stringify(format)}`);
  }
}
