/** The tracers of `--trace.tracer`, by the names that geth gives them. A new one is a row here. */

import type { ErbiumError } from '../../primitives/errors.ts';
import type { ResultTracer } from '../../tracers/result.ts';
import { ExitError } from './command.ts';
import { TOOL_EXIT } from './exits.ts';

interface Row {
  /** The options that it takes, all of them switches. */
  readonly options: readonly string[];
  load(): Promise<(options: Readonly<Record<string, boolean>>) => ResultTracer<unknown>>;
}

const TRACERS: Readonly<Record<string, Row>> = {
  callTracer: {
    options: ['onlyTopCall', 'withLog'],
    load: async () => (await import('../../tracers/call.ts')).callTracer,
  },
  flatCallTracer: {
    options: ['convertParityErrors', 'includePrecompiles'],
    load: async () => (await import('../../tracers/flat-call.ts')).flatCallTracer,
  },
  prestateTracer: {
    options: ['diffMode', 'disableCode', 'disableStorage', 'includeEmpty'],
    load: async () => (await import('../../tracers/prestate.ts')).prestateTracer,
  },
  '4byteTracer': {
    options: [],
    load: async () => (await import('../../tracers/four-byte.ts')).fourByteTracer,
  },
  unigramTracer: {
    options: [],
    load: async () => (await import('../../tracers/opcode-counts.ts')).opcodeCountTracer,
  },
};

/** For help texts. */
export const TRACER_NAMES = Object.keys(TRACERS).join(', ');

const refused = (problem: string): ErbiumError =>
  new ExitError(TOOL_EXIT.CONFIG, 'INVALID_ARGUMENT', `failed instantiating tracer: ${problem}`);

/**
 * @param config an object in JSON; empty for none
 * @throws ErbiumError INVALID_ARGUMENT
 */
export async function namedTracer(name: string, config: string): Promise<ResultTracer<unknown>> {
  const row = Object.hasOwn(TRACERS, name) ? TRACERS[name] : undefined;
  if (row === undefined) throw refused(`${JSON.stringify(name)} is not a tracer; there are ${TRACER_NAMES}`);
  const options = parse(config);
  for (const [option, value] of Object.entries(options)) {
    const place = `--trace.jsonconfig: ${name}: ${JSON.stringify(option)}`;
    if (!row.options.includes(option)) {
      throw refused(`${place} is not an option; there are ${row.options.join(', ') || 'none'}`);
    }
    if (typeof value !== 'boolean') throw refused(`${place} must be true or false`);
  }
  return (await row.load())(options as Record<string, boolean>);
}

function parse(config: string): object {
  let value: unknown = {};
  try {
    if (config !== '') value = JSON.parse(config);
  } catch (error) {
    throw refused(`--trace.jsonconfig: ${(error as Error).message}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw refused('--trace.jsonconfig: expected an object');
}
