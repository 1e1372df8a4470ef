/** `erbium fuzz`: looks for what is wrong with bytecode and with EVMs. Owns the line; one module for each command. */

import { type Command, InvalidArgumentError } from 'commander';
import { engineOption } from './engine-option.ts';
import { addFuzzCodeCommand } from './fuzz-code.ts';
import { addFuzzPrecompileCommand } from './fuzz-precompile.ts';

const HELP = `
A case is a filled state test: each finding runs unchanged in every client that
runs these.

Profiles: arithmetic, memory, storage, calls, precompiles, transactions, mixed.

Examples:
  erbium fuzz diff --ethereumjs --time 60
  erbium fuzz diff --batch 'evm statetest' --fork Osaka --profile calls
  erbium fuzz crash --seed 1 --runs 100000 --corpus corpus
  erbium fuzz precompile MODEXP --time 60
  erbium fuzz replay findings/0123456789ab.json
  erbium fuzz show findings/0123456789ab.json --trace 20
  erbium fuzz min findings/0123456789ab.json --ethereumjs
  erbium fuzz cmin corpus --out smaller

Exit codes: 0 nothing found; 1 something was; 2 wrong usage or unreadable input.`;

const MIN_HELP = `
A case fails where Erbium throws, where its loops differ, or where it differs
from what it is compared with. What it fails by stays the same: where both print
traces, the instruction and what is wrong after it, else the field that says
most. With --while the command is asked instead, as the test of C-Reduce is; one
that takes longer than --patience counts as a no.

Examples:
  erbium fuzz min findings/0123456789ab.json --ethereumjs
  erbium fuzz min case.json --against 'evm statetest {}' --out small.json
  erbium fuzz min case.json --while "sh -c 'my-evm {} | grep -q panic'"

Exit codes: 0 it does not fail; 1 it fails, and the smaller case is written;
2 wrong usage or unreadable input.`;

const PATHS = 'files, folders, or .tar.gz archives of state tests';

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

/** The options of what cases are compared with. */
const rivals = (command: Command, patience: number): Command =>
  command
    .option('--ethereumjs', 'compare with @ethereumjs/vm in this process')
    .option('--against <command>', 'compare with a command that runs a state test; {} is its file')
    .option(
      '--batch <command>',
      'compare with one that reads file names from its input, as evm statetest does',
    )
    .option('--patience <ms>', 'how long a command may take for a case', upTo(2 ** 31 - 1), patience);

/** Adds the commands to `erbium fuzz`; what they do is loaded when one is asked for. */
export function addFuzzCommands(fuzz: Command): void {
  fuzz.addHelpText('after', HELP);

  const diff = fuzz
    .command('diff')
    .description('run cases in several EVMs and compare root, gas, logs and output');
  rivals(campaign(diff), 10_000).action(async (options) =>
    (await import('./fuzz-run.ts')).fuzz('diff', options),
  );

  campaign(fuzz.command('crash').description('look for cases that Erbium itself does not survive'))
    .addOption(engineOption())
    .action(async (options) => (await import('./fuzz-run.ts')).fuzz('crash', { ...options, patience: 0 }));

  addFuzzCodeCommand(fuzz);
  addFuzzPrecompileCommand(fuzz);

  const replay = fuzz
    .command('replay')
    .description('run cases again, as Erbium and as those that it is compared with')
    .argument('<paths...>', PATHS)
    .addOption(engineOption())
    .option('--json', 'print one JSON object a case');
  rivals(replay, 60_000).action(async (paths: string[], options) =>
    (await import('./fuzz-replay.ts')).replay(paths, options),
  );

  fuzz
    .command('show')
    .description('show what a case is, and what Erbium makes of it')
    .argument('<paths...>', PATHS)
    .addOption(engineOption())
    .option('--trace <n>', 'show the last n steps as well', upTo(10_000))
    .option('--json', 'print one JSON object a case')
    .action(async (paths: string[], options) => (await import('./fuzz-show.ts')).show(paths, options));

  const min = fuzz
    .command('min')
    .description('make a failing case smaller that fails in the same way')
    .argument('<file>', 'a state test; of several cases the first that fails is taken')
    .option('--while <command>', 'keep what makes this command end with 0; {} is its file')
    .option('--tries <n>', 'how often it tries at most', atLeastOne, 2_000)
    .option('--out <file>', 'where the smaller case goes; FILE.min.json by default')
    .addOption(engineOption())
    .option('--json', 'print one JSON object')
    .addHelpText('after', MIN_HELP);
  rivals(min, 60_000).action(async (file: string, options) =>
    (await import('./fuzz-min.ts')).min(file, options),
  );

  fuzz
    .command('cmin')
    .description('make a smaller corpus that reaches the same')
    .argument('<paths...>', PATHS)
    .requiredOption('--out <dir>', 'where it goes, a folder that is not there yet')
    .option('--json', 'print one JSON object')
    .action(async (paths: string[], options) => (await import('./fuzz-cmin.ts')).cmin(paths, options));
}
