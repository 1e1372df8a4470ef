/** The line of `erbium fuzz precompile`; what it does is loaded when it is asked for. */

import type { Command } from 'commander';

const HELP = `
NAME is that of a precompile in any letter case (MODEXP, DILITHIUM_VERIFY) or
its address (0x05, 0xe100).

Ethereum's own precompiles are compared with those of @ethereumjs/evm: output,
failure, and gas, fork by fork. The extensions are compared with another
implementation where one comes with Erbium's packages, and held to what their
pages promise: no exception, the same answer twice and wherever the input lies,
the length of the output, valid input taken, and another answer for a valid
input with one bit changed. The first line says what is compared.

Inputs that encodings can be attacked with come first, then valid ones with a
few things changed.

Examples:
  erbium fuzz precompile MODEXP --time 60
  erbium fuzz precompile 0x0b --fork Prague --seed 1 --runs 10000 --json
  erbium fuzz precompile ECRECOVER --input 0x
                              one input, and what everyone makes of it

Without --runs and --time it stops after 60 seconds.

Exit codes: 0 nothing found; 1 something was; 2 wrong usage or unreadable input.`;

const collect = (text: string, before: readonly string[] = []): string[] => [...before, text];

/** Adds `precompile` to `erbium fuzz`. */
export function addFuzzPrecompileCommand(fuzz: Command): void {
  fuzz
    .command('precompile')
    .description('try a precompile, standard or extension, against its reference, hostile encodings first')
    .argument('<name>', 'its name or address')
    .option(
      '--fork <name>',
      'only under the rules of this fork, again for more; all that have it by default',
      collect,
    )
    .option('--input <hex>', 'only this input: print what everyone makes of it')
    .option('--seed <n>', 'the same seed and runs give the same inputs; random by default')
    .option('--runs <n>', 'stop after so many inputs')
    .option('--time <seconds>', 'stop after so long')
    .option('--until-finding', 'stop at the first finding')
    .option('--out <dir>', 'where findings go', 'findings')
    .option('--tries <n>', 'how often the shrinker tries for each finding', '2000')
    .option('--json', 'print events, one JSON object a line')
    .addHelpText('after', HELP)
    .action(async (name: string, options) =>
      (await import('./fuzz-precompile-run.ts')).fuzzPrecompile(name, options),
    );
}
