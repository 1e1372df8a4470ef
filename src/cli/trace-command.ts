/** The line of `erbium trace`. What it does is in `trace-run.ts`, loaded when it is asked for. */

import type { Command } from 'commander';
import { milliseconds } from './milliseconds.ts';
import { recordOption } from './record-option.ts';
import { withSubjectOptions } from './subject-options.ts';

const collect = (text: string, before: readonly string[] = []): string[] => [...before, text];

const HELP = `
Tracers, with the options that --tracer-config takes:
  callTracer       the tree of calls, as geth gives it; the default
                   onlyTopCall, withLog
  flatCallTracer   the same as a list
                   convertParityErrors, includePrecompiles
  prestateTracer   what the run read, or with diffMode what it changed
                   diffMode, disableCode, disableStorage, includeEmpty
  4byteTracer      selectors and sizes of arguments, counted
  unigramTracer    instructions, counted
  structLogger     every step
                   enableMemory, enableReturnData, disableStack, disableStorage
  access           slots that were read and written, and an access list
                   (EIP-2930)
  folded           gas by calls and instructions, as flamegraph.pl reads it
  flamegraph       the same as a picture, SVG
  coverage         how often each instruction ran, by code and pc
  lcov             the same by lines of Solidity, for genhtml: by --build-info
Each also takes maxBytes: how much it keeps, 134217728 unless told. What is left
out is said.

One result is printed as it is, several as one JSON object; of a state test one
JSON object a case. The last four add up all cases. By --build-info, gas has the
names of contracts and functions.

Examples:
  erbium trace 600160005560ff --tracer structLogger
  erbium trace 0x… --rpc http://localhost:8545 --tracer prestateTracer \\
    --tracer-config '{"diffMode": true}'
  erbium trace 0x… --rpc http://localhost:8545 --record transaction.json
  erbium trace --state rpc:http://localhost:8545 --to 0x… --input 0x… \\
    --tracer access
  erbium trace test.json --run Prague --tracer callTracer --tracer flamegraph \\
    --out traces
  erbium trace @init.hex --create --tracer lcov --build-info build-info.json \\
    > lcov.info

Exit codes: 0 the run succeeded, or all cases passed; 1 it reverted or halted, a
case failed, or the time was up (what was seen is printed); 2 wrong usage or
unreadable input.`;

export function addTraceCommand(program: Command): void {
  const command = program
    .command('trace')
    .description('run a transaction of a node, bytecode, a call, or state tests, and print what tracers saw')
    .argument(
      '[what...]',
      'the hash of a transaction with --rpc; a state test (.json); or code: hex, @FILE, -; none with --to',
    )
    .option('--tracer <name>', 'what to print (see below), again for more', collect)
    .option('--tracer-config <json>', 'options of the tracer; of several an object of them by name')
    .option('--out <folder>', 'write a file for each tracer instead of standard output')
    .option('--build-info <file>', 'JSON with "input" and "output" of solc, as Foundry and Hardhat write it')
    .option('--rpc <url>', 'a node that has the transaction, its block, and the state before that')
    .option('--fork <name>', "a fork's name or alias; mainnet's transactions have theirs")
    .option('--run <regex>', 'only cases of the state test whose name/fork/d0g0v0 matches');
  withSubjectOptions(command)
    .addOption(recordOption())
    .option('--timeout <ms>', 'stop after this long; what was seen by then is printed', milliseconds)
    .addHelpText('after', HELP)
    .action(async (what: string[], options) => (await import('./trace-run.ts')).traceRun(what, options));
}
