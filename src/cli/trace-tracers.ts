/** The tracers that `erbium trace` knows by name, their options, and their results as text. */

import type { Tracer } from '../machine/tracer.ts';
import { ErbiumError } from '../primitives/errors.ts';
import type { SolcOutput } from '../primitives/solc-output.ts';
import {
  accessTracer,
  callTracer,
  coverageTracer,
  type FlatCallPlace,
  flameGraph,
  flatCallTracer,
  fourByteTracer,
  gasProfile,
  lcovReport,
  opcodeCountTracer,
  prestateTracer,
  type ResultTracer,
  structLogTracer,
} from '../tracers/index.ts';

/** A tracer with a name. */
export interface NamedTracer {
  readonly name: string;
  readonly tracer: Tracer & { readonly limitMet: string | null };
  /** Of a file with its result; what is not JSON is text. */
  readonly extension: 'json' | 'folded' | 'svg' | 'info';
  /** The result is of all runs together, and not of the last. */
  readonly addsUp: boolean;
  /** The result, in parts. */
  text(): Iterable<string>;
  /** What a reader of the result should know beside it. */
  notes(): readonly string[];
}

/** What tracers are made with. */
export interface Surroundings {
  readonly place: FlatCallPlace | undefined;
  readonly solc: SolcOutput | undefined;
  readonly title: string;
}

type Options = Readonly<Record<string, unknown>>;

interface Kind {
  /** Names of its options that are true or false. */
  readonly flags: readonly string[];
  readonly make: (options: Options, around: Surroundings) => Omit<NamedTracer, 'name'>;
}

const limitNotes = ({ limitMet }: { readonly limitMet: string | null }): string[] =>
  limitMet === null ? [] : [limitMet];

function json(tracer: ResultTracer<unknown>, addsUp = false): Omit<NamedTracer, 'name'> {
  const text = (): string[] => [JSON.stringify(tracer.result())];
  return { tracer, extension: 'json', addsUp, text, notes: () => limitNotes(tracer) };
}

const KINDS: Readonly<Record<string, Kind>> = {
  callTracer: { flags: ['onlyTopCall', 'withLog'], make: (options) => json(callTracer(options)) },
  flatCallTracer: {
    flags: ['convertParityErrors', 'includePrecompiles'],
    make: (options, { place = {} }) => json(flatCallTracer({ ...options, place })),
  },
  prestateTracer: {
    flags: ['diffMode', 'disableCode', 'disableStorage', 'includeEmpty'],
    make: (options) => json(prestateTracer(options as { diffMode: boolean })),
  },
  '4byteTracer': { flags: [], make: (options) => json(fourByteTracer(options)) },
  unigramTracer: { flags: [], make: () => json(opcodeCountTracer()) },
  structLogger: {
    flags: ['enableMemory', 'enableReturnData', 'disableStack', 'disableStorage'],
    make(options) {
      const tracer = structLogTracer(options);
      const text = (): Iterable<string> => tracer.text();
      return { tracer, extension: 'json', addsUp: false, text, notes: () => limitNotes(tracer) };
    },
  },
  access: { flags: [], make: (options) => json(accessTracer(options)) },
  folded: {
    flags: [],
    make(options, { solc }) {
      const tracer = gasProfile({ ...options, solc });
      const text = function* (): Iterable<string> {
        for (const line of tracer.folded()) yield `${line}\n`;
      };
      return { tracer, extension: 'folded', addsUp: true, text, notes: () => limitNotes(tracer) };
    },
  },
  flamegraph: {
    flags: [],
    make(options, { solc, title }) {
      const tracer = gasProfile({ ...options, solc });
      const text = (): string[] => [flameGraph(tracer, { title })];
      return { tracer, extension: 'svg', addsUp: true, text, notes: () => limitNotes(tracer) };
    },
  },
  coverage: { flags: [], make: (options) => json(coverageTracer(options), true) },
  lcov: {
    flags: [],
    make(options, { solc }) {
      if (solc === undefined) throw misused('--tracer lcov: needs --build-info');
      const tracer = coverageTracer(options);
      const report = () => lcovReport(tracer.codes(), solc);
      const notes = (): string[] => [
        ...limitNotes(tracer),
        ...report().unknown.map((hash) => `code ${hash} ran and is of no contract in --build-info`),
      ];
      return { tracer, extension: 'info', addsUp: true, text: () => [report().text], notes };
    },
  },
};

/** All of them. */
export const TRACER_NAMES: readonly string[] = Object.keys(KINDS);

const misused = (problem: string): ErbiumError => new ErbiumError('INVALID_ARGUMENT', problem);

/**
 * Tracers by their names.
 * @param config JSON: the options of the one tracer, or of several by their names
 * @throws ErbiumError INVALID_ARGUMENT naming the tracer and the option
 */
export function makeTracers(
  names: readonly string[],
  config: string | undefined,
  around: Surroundings,
): NamedTracer[] {
  const kinds = names.map((name, i) => {
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
    if (kind === undefined) {
      throw misused(`--tracer: there is no ${JSON.stringify(name)}; there are ${TRACER_NAMES.join(', ')}`);
    }
    if (names.indexOf(name) !== i) throw misused(`--tracer: ${name} is named twice`);
    return { name, kind };
  });
  const options = optionsByName(names, config);
  return kinds.map(({ name, kind }) => ({ name, ...kind.make(checked(name, kind, options[name]), around) }));
}

function optionsByName(names: readonly string[], config: string | undefined): Options {
  if (config === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(config);
  } catch (error) {
    throw misused(`--tracer-config: not JSON: ${(error as Error).message}`);
  }
  if (!isObject(value)) throw misused('--tracer-config: expected an object');
  if (names.length === 1) return { [names[0]!]: value };
  for (const name of Object.keys(value)) {
    if (names.includes(name)) continue;
    const wanted = `for several tracers it has an object for each of ${names.join(', ')}`;
    throw misused(`--tracer-config: ${JSON.stringify(name)} is none of the tracers; ${wanted}`);
  }
  return value;
}

const isObject = (value: unknown): value is Options =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A limit in bytes is an option of all. */
const LIMIT = 'maxBytes';

function checked(name: string, { flags }: Kind, options: unknown = {}): Options {
  if (!isObject(options)) throw misused(`--tracer-config: ${name}: expected an object`);
  for (const [option, value] of Object.entries(options)) {
    const place = `--tracer-config: ${name}`;
    if (option === LIMIT) {
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) continue;
      throw misused(`${place}: ${LIMIT} is a whole number of bytes`);
    }
    if (!flags.includes(option)) {
      throw misused(
        `${place} has no option ${JSON.stringify(option)}; it has ${[...flags, LIMIT].join(', ')}`,
      );
    }
    if (typeof value !== 'boolean') throw misused(`${place}: ${option} is true or false`);
  }
  return options;
}
