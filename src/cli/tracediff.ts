/** `erbium tracediff`: the first step in which two EIP-3155 traces differ. Owns the line and the exit code. */

import { type Command, InvalidArgumentError } from 'commander';
import type { TraceField } from '../fuzz/trace-diff.ts';
import type { LineCounts } from '../fuzz/trace-step.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { EXIT } from './exit.ts';

/** What the command takes beside the two traces. */
export interface TracediffOptions {
  readonly context: number;
  readonly stack: number;
  readonly ignore?: string;
  readonly with?: string;
  readonly json?: true;
}

const HELP = `
A and B are files, also compressed with gzip; - is standard input. Compared are
depth, pc, op, the topmost items of the stack, and gas; with --with also
gasCost, memSize, memory, refund and returnData. What a line does not say is not
compared. Left out are STOP, lines that are no steps, and geth's second line for
an instruction that fails.

Examples:
  erbium statetest test.json --trace 2> a.jsonl
  evm statetest --trace --trace.format=json test.json 2>&1 > /dev/null |
    erbium tracediff a.jsonl -
  erbium tracediff a.jsonl.gz b.jsonl.gz --ignore gas --context 20

Exit codes: 0 equal; 1 they differ; 2 wrong usage or unreadable input.`;

// Far more would fit neither a terminal nor a reader's head, but the memory.
const MAX_CONTEXT = 10_000;
const MAX_STACK = 1_024;

const number =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^[0-9]+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}.`);
  };

/** Adds `tracediff` to the program; what it does is loaded when it is asked for. */
export function addTracediffCommand(program: Command): void {
  program
    .command('tracediff')
    .description('show the first step in which two EIP-3155 traces differ')
    .argument('<a>', 'a trace, one JSON object a line')
    .argument('<b>', 'the other')
    .option('--context <n>', 'steps to show before the difference', number(0, MAX_CONTEXT), 5)
    .option('--stack <n>', 'how many items from the top of the stack are compared', number(0, MAX_STACK), 6)
    .option('--ignore <fields>', 'not to compare, with commas')
    .option('--with <fields>', 'to compare as well, with commas; or all')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (a: string, b: string, options: TracediffOptions) => tracediff(a, b, options));
}

/** @throws ErbiumError INVALID_ARGUMENT for a field that does not exist, UNREADABLE_FILE naming file and line */
export async function tracediff(a: string, b: string, options: TracediffOptions): Promise<void> {
  if (a === '-' && b === '-') {
    throw new ErbiumError('INVALID_ARGUMENT', 'only one of the traces can be standard input');
  }
  const { diffTraceStreams } = await import('../fuzz/trace-diff.ts');
  const { sourceName, traceLines } = await import('./trace-lines.ts');
  const fields = await fieldsOf(options);
  const { context, stack: stackItems } = options;
  const result = await diffTraceStreams(traceLines(a), traceLines(b), { fields, stackItems, context });
  demandTrace(sourceName(a), result.a);
  demandTrace(sourceName(b), result.b);
  process.exitCode = result.difference === null ? EXIT.OK : EXIT.FAILURE;
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ equal: result.difference === null, fields, ...result })}\n`);
    return;
  }
  const { traceDiffText } = await import('./tracediff-text.ts');
  const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
  const names = [sourceName(a), sourceName(b)] as const;
  process.stdout.write(traceDiffText(result, { names, stackItems, colour }));
}

async function fieldsOf({ ignore, with: extra }: TracediffOptions): Promise<TraceField[]> {
  const { DEFAULT_FIELDS, TRACE_FIELDS } = await import('../fuzz/trace-diff.ts');
  const parse = (text: string | undefined, option: string): TraceField[] =>
    (text ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => {
        const field = TRACE_FIELDS.find((known) => known.toLowerCase() === name.toLowerCase());
        if (field !== undefined) return field;
        const problem = `no field ${JSON.stringify(name)}; known are ${TRACE_FIELDS.join(', ')}`;
        throw new ErbiumError('INVALID_ARGUMENT', `${option}: ${problem}`);
      });
  const wanted = extra?.trim() === 'all' ? TRACE_FIELDS : [...DEFAULT_FIELDS, ...parse(extra, '--with')];
  const ignored = parse(ignore, '--ignore');
  const fields = TRACE_FIELDS.filter((field) => wanted.includes(field) && !ignored.includes(field));
  if (fields.length > 0) return fields;
  throw new ErbiumError('INVALID_ARGUMENT', '--ignore: leaves nothing to compare');
}

/** A file of something else would be a short trace otherwise. */
function demandTrace(name: string, { lines, steps, other, firstGarbage }: LineCounts): void {
  if (steps + other > 0) return;
  const problem =
    lines === 0
      ? 'is empty'
      : `no line is one of an EIP-3155 trace${firstGarbage > 0 ? `; see line ${firstGarbage}` : ''}`;
  throw new ErbiumError('UNREADABLE_FILE', `${name}: ${problem}`);
}
