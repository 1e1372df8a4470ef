/** The options by which `erbium trace` and `erbium debug` name what they look into. */

import type { Command } from 'commander';

const collect = (text: string, before: readonly string[] = []): string[] => [...before, text];

export const withSubjectOptions = (command: Command): Command =>
  command
    .option('--input <hex>', 'call data; with --create, appended to the init code')
    .option('--gas <n>', 'gas limit, up to 2^64 - 1; 10000000000 by default')
    .option('--value <wei>', 'wei sent along')
    .option('--from <address>', 'who calls; the word "sender" as a number by default')
    .option('--to <address>', 'call this account of the state instead of given code')
    .option('--create', 'the code is init code: create a contract with it')
    .option(
      '--state <state>',
      'what to start from: FILE, lmdb:DIR[@ROOT] or rpc:URL[@BLOCK], as for erbium run',
    )
    .option('--block <name=value>', 'a field of the block, again for more, as for erbium run', collect);
