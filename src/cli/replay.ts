/** `erbium replay`: a recorded run once more, offline; or where two of them part. Owns the line. */

import type { Command } from 'commander';
import type { EngineChoice } from '../evm/engine-choice.ts';
import { ErbiumError } from '../primitives/errors.ts';
import type { CryptoChoice } from './crypto-choice.ts';
import { cryptoOption } from './crypto-option.ts';
import { engineOption } from './engine-option.ts';
import { milliseconds } from './milliseconds.ts';
import type { TraceOptions } from './trace.ts';

/** What the command takes beside the records. */
export interface ReplayOptions extends TraceOptions {
  readonly diff?: true;
  readonly engine: EngineChoice;
  readonly crypto: CryptoChoice;
  readonly trace?: true;
  readonly json?: true;
  readonly timeout?: number;
}

const HELP = `
A record is what --record of erbium run, erbium trace or erbium statetest wrote:
a run with all that it read, so that no state and no node is needed. It runs on
the engine, and then on the reference engine with a trace; what comes out is
compared with what came out when it was recorded: halt, gas, output, logs,
changes to the state, and every line of the trace.

With --diff, two records are compared: what the runs began from (rules, block,
transaction, what they read), then their traces up to the first step that
differs, and what came out.

This is not erbium fuzz replay, which runs cases of a fuzzer on several EVMs.

Examples:
  erbium run --state rpc:https://node.example@latest --to 0x… --record run.json
  erbium replay run.json
  erbium replay run.json --engine bigint --trace 2> trace.jsonl
  erbium statetest push0.json --fork Osaka --run '/d0g0v0$' --record a.json
  erbium replay --diff a.json b.json

Exit codes: 0 the same; 1 it differs; 2 wrong usage or unreadable input.`;

/** Adds `replay` to the program; what it does is loaded when it is asked for. */
export function addReplayCommand(program: Command): void {
  program
    .command('replay')
    .description('run a recorded run again, offline, or show where two records part')
    .argument('<record>', 'a file that --record wrote; - reads standard input')
    .argument('[other]', 'with --diff: another')
    .option('--diff', 'compare two records')
    .addOption(engineOption())
    .addOption(cryptoOption())
    .option('--trace', 'write every step to standard error (EIP-3155)')
    .option('--trace-memory', 'with --trace: show the memory before each step')
    .option('--trace-return-data', 'with --trace: show the return data before each step')
    .option('--json', 'print one JSON object')
    .option('--timeout <ms>', 'give up after this long', milliseconds)
    .addHelpText('after', HELP)
    .action(async (record: string, other: string | undefined, options: ReplayOptions) => {
      if ((other !== undefined) !== (options.diff === true)) {
        const problem = options.diff ? '--diff: takes two records' : `${other}: a second record needs --diff`;
        throw new ErbiumError('INVALID_ARGUMENT', problem);
      }
      if (other === undefined) await (await import('./replay-run.ts')).replay(record, options);
      else await (await import('./replay-diff.ts')).replayDiff(record, other, options);
    });
}
