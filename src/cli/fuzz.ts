/** `erbium fuzz`: looks for what is wrong with bytecode and with EVMs. Owns the line; one module for each command. */

import { type Command, InvalidArgumentError } from 'commander';
import { addFuzzCodeCommand } from './fuzz-code.ts';

const HELP = `
A case is a filled state test: each finding runs unchanged in every client that runs these.

Profiles: arithmetic, memory, storage, calls, precompiles, transactions, mixed.

Examples:
  erbium fuzz diff --ethereumjs --time 60            against @ethereumjs/vm, for a minute, on all cores
  erbium fuzz diff --batch 'evm statetest' --fork Osaka --profile calls
  erbium fuzz crash --seed 1 --runs 100000 --corpus corpus
  erbium fuzz replay findings/0123456789ab.json

Exit codes: 0 nothing found; 1 something was; 2 wrong usage or unreadable input.`;

const collect = (text: string, before: readonly string[] = []): string[] => [...before, text];

const count = (text: string): number => {
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('expected a whole number.');
};

const atLeastOne = (text: string): number => {
  const value = count(text);
  if (value >= 1) return value;
  throw new InvalidArgumentError('expected 1 or more.');
};

const MAX_WORKERS = 256;
const MAX_OPCODES = 5_000;
// What a timer of Node waits at most, in seconds.
const MAX_SECONDS = Math.floor((2 ** 31 - 1) / 1_000);

const upTo =
  (most: number) =>
  (text: string): number => {
    const value = atLeastOne(text);
    if (value <= most) return value;
    throw new InvalidArgumentError(`expected at most ${most}.`);
  };

/** The options that every campaign has. */
const campaign = (command: Command): Command =>
  command
    .option('--profile <name>', 'what the cases are mostly about', 'mixed')
    .option('--fork <name>', 'only this fork, again for more; all by default', collect)
    .option('--opcodes <n>', 'about how many instructions a new case runs', upTo(MAX_OPCODES))
    .option('--seed <n>', 'the same seed, runs and workers give the same cases; random by default')
    .option('--runs <n>', 'stop after so many cases', count)
    .option('--time <seconds>', 'stop after so long', upTo(MAX_SECONDS))
    .option('--until-finding', 'stop at the first finding')
    .option('--workers <n>', 'threads; as many as there are processors by default', upTo(MAX_WORKERS))
    .option('--corpus <dir>', 'begin with the cases there, and keep there what reaches something new')
    .option('--out <dir>', 'where findings go', 'findings')
    .option('--tries <n>', 'how often the shrinker tries for each finding', atLeastOne, 2_000)
    .option('--json', 'print events, one JSON object a line');

/** Adds the commands to `erbium fuzz`; what they do is loaded when one is asked for. */
export function addFuzzCommands(fuzz: Command): void {
  fuzz.addHelpText('after', HELP);

  campaign(
    fuzz.command('diff').description('run cases in several EVMs and compare root, gas, logs and output'),
  )
    .option('--ethereumjs', 'compare with @ethereumjs/vm in this process')
    .option('--against <command>', 'compare with a command that runs a state test; {} is its file')
    .option(
      '--batch <command>',
      'compare with one that reads file names from its input, as evm statetest does',
    )
    .option('--patience <ms>', 'how long a command may take for a case', upTo(2 ** 31 - 1), 10_000)
    .action(async (options) => (await import('./fuzz-run.ts')).fuzz('diff', options));

  campaign(fuzz.command('crash').description('look for cases that Erbium itself does not survive')).action(
    async (options) => (await import('./fuzz-run.ts')).fuzz('crash', { ...options, patience: 0 }),
  );

  addFuzzCodeCommand(fuzz);

  fuzz
    .command('replay')
    .description('run cases again, as Erbium and as those that it is compared with')
    .argument('<paths...>', 'files, folders, or .tar.gz archives of state tests')
    .option('--ethereumjs', 'compare with @ethereumjs/vm in this process')
    .option('--against <command>', 'compare with a command that runs a state test; {} is its file')
    .option('--json', 'print one JSON object a case')
    .action(async (paths: string[], options) => (await import('./fuzz-replay.ts')).replay(paths, options));
}
