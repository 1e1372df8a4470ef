#!/usr/bin/env node
/** The `erbium` command: parses the line and hands over to one module per command, loaded when it is asked for. */

import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { FORKS, LATEST_FORK } from '../forks/fork.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { EXIT } from './exit.ts';
import { printable } from './text.ts';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const EXAMPLES = `
Examples:
  erbium run 600560030160005260206000f3       run bytecode
  erbium run --trace 60016000556000ff         every step as EIP-3155 JSON on stderr
  erbium disasm 5f5ffd                        bytecode to text
  erbium statetest                            the smoke tests that come with Erbium
  erbium statetest fixtures.tar.gz --workers 4
  erbium statetest GeneralStateTests/ --fork Osaka --run 'push0.*'

Forks: ${FORKS.join(', ')};
also EIP150, EIP158, ConstantinopleFix, Merge. Commands take the newest on mainnet, ${LATEST_FORK}, unless told.

Exit codes: 0 all well; 1 a test failed, or the code reverted or halted; 2 wrong usage or unreadable input.`;

const count = (text: string): number => {
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('expected a whole number.');
};

// Threads beyond any machine's processors would only take its memory.
const MAX_WORKERS = 256;

const workerCount = (text: string): number => {
  const value = count(text);
  if (value >= 1 && value <= MAX_WORKERS) return value;
  throw new InvalidArgumentError(`expected a number from 1 to ${MAX_WORKERS}.`);
};

const FORK_OPTION = ['--fork <name>', "a fork's name or alias, in any letter case"] as const;

const TRACE_MEMORY = ['--trace-memory', 'with --trace: show the memory before each step'] as const;
const TRACE_RETURN_DATA = [
  '--trace-return-data',
  'with --trace: show the return data before each step',
] as const;

function build(): Command {
  const program = new Command('erbium')
    .description('An Ethereum Virtual Machine in pure TypeScript.')
    .version(version)
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(erbium --help tells more)')
    .exitOverride();

  program
    .command('run')
    .description('run bytecode and show output, gas, logs and storage changes')
    .argument('<code...>', 'hex; @FILE reads a file, - reads standard input')
    .option('--input <hex>', 'call data; with --create, appended to the init code', '')
    .option(...FORK_OPTION)
    .option('--gas <n>', 'gas limit, up to 2^64 - 1', '10000000000')
    .option('--value <wei>', 'wei sent along', '0')
    .option('--create', 'the code is init code: create a contract with it')
    .option('--state <file>', 'accounts to start from, JSON as in the alloc of a genesis file')
    .option('--trace', 'write every step to standard error (EIP-3155)')
    .option(...TRACE_MEMORY)
    .option(...TRACE_RETURN_DATA)
    .option('--json', 'print one JSON object')
    .option('--timeout <ms>', 'stop after this long', count)
    .action(async (code: string[], options) => (await import('./run.ts')).run(code, options));

  program
    .command('disasm')
    .description('show bytecode as instructions')
    .argument('<code...>', 'hex; @FILE reads a file, - reads standard input')
    .option(...FORK_OPTION)
    .option('--json', 'print one JSON array')
    .action(async (code: string[], options) => (await import('./disasm.ts')).disasm(code, options));

  program
    .command('statetest')
    .description('run state tests and check root, logs, state and the reason of every rejection')
    .argument('[paths...]', 'files, folders, or .tar.gz archives; the smoke tests where there is none')
    .option(...FORK_OPTION)
    .option('--run <regex>', 'only cases whose name/fork/d0g0v0 matches')
    .option('--workers <n>', 'threads; as many as there are processors by default', workerCount)
    .option('--json', 'print one JSON object')
    .option('--bail', 'stop at the first failure')
    .option('--slowest <n>', 'list the slowest cases', count)
    .option('--trace', 'write every step to standard error (EIP-3155); implies --workers 1')
    .option(...TRACE_MEMORY)
    .option(...TRACE_RETURN_DATA)
    .action(async (paths: string[], options) => (await import('./statetest.ts')).statetest(paths, options));

  return program;
}

// A reader that has seen enough, such as `head`, is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.OK);
    throw error;
  });
}

try {
  await build().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed its message already.
    process.exitCode = error.exitCode === 0 ? EXIT.OK : EXIT.USAGE;
  } else if (error instanceof ErbiumError) {
    process.stderr.write(`erbium: ${printable(error.message)}\n`);
    process.exitCode = EXIT.USAGE;
  } else {
    throw error;
  }
}
