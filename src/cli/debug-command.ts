/** The line of `erbium debug`. What it does is in `debug.ts`, loaded when it is asked for. */

import type { Command } from 'commander';
import { milliseconds } from './milliseconds.ts';
import { withSubjectOptions } from './subject-options.ts';

const HELP = `
Keys (? shows all): s step, n over calls, o out of a call, b back; c to the next
breakpoint, r to the next revert or other failure, l to the next source line;
their capitals (N O C R L) do the same backwards; . sets a breakpoint; Tab and
arrows look around, z shows one pane with all digits; q quits.

A script has one command a line, which the screen takes at : as well; help lists
them all:
  failure                    # or r: on to the next failure
  expect op REVERT
  print stack
  break slot 0
  back-continue
  expect storage 0 5

Examples:
  erbium debug 600160005560ff
  erbium debug @code.hex --input 0xa9059cbb… --fork Prague
  erbium debug 0x… --rpc http://localhost:8545
  erbium debug --state rpc:https://node.example@latest --to 0x… --input 0x…
  erbium debug test.json --run 'Prague/d0g0v0' --source build-info.json
  echo failure | erbium debug 5f5ffd --script -

Exit codes: 0 all well, however the code ended; 1 a script expects what is not
so, or its time is up; 2 wrong usage or unreadable input.`;

export function addDebugCommand(program: Command): void {
  const command = program
    .command('debug')
    .description(
      'step through a transaction of a node, bytecode, a call, or a case of a state test, forwards and backwards',
    )
    .argument(
      '[what...]',
      'the hash of a transaction with --rpc; a state test (.json); or code: hex, @FILE; none with --to',
    )
    .option(
      '--build-info, --source <file>',
      'JSON with "input" and "output" of solc, as Foundry and Hardhat write it: shows source lines',
    )
    .option(
      '--script <file>',
      'run the commands in a file instead of asking for keys; - reads standard input',
    )
    .option('--json', 'with --script: print one JSON object a command')
    .option('--rpc <url>', 'a node that has the transaction, its block, and the state before that')
    .option('--fork <name>', "a fork's name or alias, in any letter case; of a state test, which cases")
    .option('--run <regex>', 'the case of the state test whose name/fork/d0g0v0 matches');
  withSubjectOptions(command)
    .option('--timeout <ms>', 'with --script: stop after this long; what was printed stays', milliseconds)
    .addHelpText('after', HELP)
    .action(async (what: string[], options) => (await import('./debug.ts')).debug(what, options));
}
