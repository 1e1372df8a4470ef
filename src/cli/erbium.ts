#!/usr/bin/env node
/** The `erbium` command: parses the line and hands over to one module per command, loaded when it is asked for. */

import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { FORKS, LATEST_FORK } from '../forks/fork.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { cryptoOption } from './crypto-option.ts';
import { addDebugCommand } from './debug-command.ts';
import { engineOption } from './engine-option.ts';
import { addTools } from './evm/native.ts';
import { EXIT } from './exit.ts';
import { addFuzzCommands } from './fuzz.ts';
import { milliseconds } from './milliseconds.ts';
import { recordOption } from './record-option.ts';
import { addReplayCommand } from './replay.ts';
import { printable, wrapped } from './text.ts';
import { addTraceCommand } from './trace-command.ts';
import { addTracediffCommand } from './tracediff.ts';
import { addZkCommands } from './zk.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const EXAMPLES = `
Examples:
  erbium run 600560030160005260206000f3     run bytecode
  erbium run --trace 60016000556000ff       every step on stderr (EIP-3155)
  erbium run --state rpc:https://node.example@latest --to 0x… --input 0x…
                                            a contract of a chain, as it is now
  erbium run --state rpc:… --to 0x… --record run.json
  erbium replay run.json                    the same run again, offline
  erbium trace 0x… --rpc http://localhost:8545 --tracer flamegraph > gas.svg
                                            where the gas of a transaction went
  erbium debug 5f5ffd                       step through it, also backwards
  erbium disasm 5f5ffd                      bytecode to text
  erbium state import alloc.json lmdb:db    accounts into a database
  erbium state get lmdb:db 0x… 0 1          an account and two of its slots
  erbium statetest                          the smoke tests that Erbium brings
  erbium statetest fixtures.tar.gz --workers 4
  erbium statetest GeneralStateTests/ --fork Osaka --run 'push0.*'
  erbium blocktest BlockchainTests/         whole blocks, headers to requests

${wrapped(`Forks: ${FORKS.join(', ')}; also EIP150, EIP158, ConstantinopleFix, Merge.`)}
Commands take the newest on mainnet, ${LATEST_FORK}, unless told.

Exit codes: 0 all well; 1 a test failed, or the code reverted or halted;
2 wrong usage or unreadable input.`;

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

const collect = (text: string, before: readonly string[] = []): string[] => [...before, text];

const STATES = `
A state is one of
  FILE                 JSON: a genesis file, its alloc, or a dump of anvil;
                       - reads standard input
  lmdb:DIR[@ROOT]      a database, as erbium state import makes it; or as it was
                       at a former root
  rpc:URL[@BLOCK]      a node at one block: a number, a hash, latest (the
                       default), safe or finalized`;

const FORK_OPTION = ['--fork <name>', "a fork's name or alias, in any letter case"] as const;

const EXT_OPTION = [
  '--ext <sets>',
  'precompiles beyond Ethereum: postQuantum, zk, homomorphic, privacy, research, eip8355, with commas; or all',
] as const;

const RUN_HELP = `${STATES}

Fields of the block: number, timestamp, coinbase, gasLimit, difficulty,
prevRandao, baseFee, blobBaseFee, chainId. Of those that the state does not
have, chainId and blobBaseFee are 1, gasLimit is 2^64 - 1, and the others are 0.

Examples:
  erbium run --state genesis.json --to 0x…      a contract of a genesis file
  erbium run --state lmdb:db --to 0x… --commit  keeps what it changes
  erbium run --state rpc:http://localhost:8545@17000000 --to 0x… \\
    --block timestamp=1800000000`;

const STATE_HELP = `${STATES}

Examples:
  erbium state import genesis.json lmdb:db
  cast rpc anvil_dumpState | erbium state import - lmdb:db
  erbium state root lmdb:db
  erbium state get rpc:http://localhost:8545@latest 0x… 0 0x1f --json
  erbium state roots lmdb:db
  erbium state get lmdb:db@0x… 0x…
  erbium state export lmdb:db alloc.json
  erbium state export lmdb:db chunks --snapshot
  erbium state prove lmdb:db 0x… 0 1`;

const TRACE_HELP = 'write every step to standard error (EIP-3155), which takes the reference engine';
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
    // What stands beside a long term is wrapped as well: by default Commander leaves less than 40 columns as they are.
    .configureHelp({ minWidthToWrap: 20 })
    .exitOverride();

  program
    .command('run')
    .description('run bytecode and show output, gas, logs and storage changes')
    .argument('[code...]', 'hex; @FILE reads a file, - reads standard input; none with --to')
    .option('--input <hex>', 'call data; with --create, appended to the init code', '')
    .option(...FORK_OPTION)
    .option('--gas <n>', 'gas limit, up to 2^64 - 1', '10000000000')
    .option('--value <wei>', 'wei sent along', '0')
    .option('--from <address>', 'who calls; the word "sender" as a number by default')
    .option('--to <address>', 'call this account of the state instead of given code')
    .option('--create', 'the code is init code: create a contract with it')
    .option('--state <state>', 'what to start from: FILE, lmdb:DIR[@ROOT] or rpc:URL[@BLOCK] (see below)')
    .option(
      '--block <name=value>',
      "a field of the block, again for more; the state's by default (see below)",
      collect,
    )
    .option('--commit', 'with --state lmdb:DIR and --to or --create: keep the changes, if it succeeds')
    .option(...EXT_OPTION)
    .option('--allow-secrets', 'with --ext: also what takes a secret key, which calldata makes public')
    .option(
      '--pq-only',
      'calls fail of ECRECOVER, P256VERIFY, KZG_POINT_EVALUATION, and extensions whose verdict can be forged so',
    )
    .addOption(engineOption())
    .addOption(cryptoOption())
    .option('--trace', TRACE_HELP)
    .option(...TRACE_MEMORY)
    .option(...TRACE_RETURN_DATA)
    .addOption(recordOption())
    .option('--json', 'print one JSON object')
    .option('--timeout <ms>', 'stop after this long', milliseconds)
    .addHelpText('after', RUN_HELP)
    .action(async (code: string[], options, command: Command) => {
      if (code.length === 0 && (options.to === undefined || options.create)) {
        command.error("error: missing required argument 'code', or --to with the address of a contract");
      }
      await (await import('./run.ts')).run(code, options);
    });

  program
    .command('disasm')
    .description('show bytecode as instructions')
    .argument('<code...>', 'hex; @FILE reads a file, - reads standard input')
    .option(...FORK_OPTION)
    .option(...EXT_OPTION)
    .option('--json', 'print one JSON array')
    .action(async (code: string[], options) => (await import('./disasm.ts')).disasm(code, options));

  addSuiteOptions(
    program
      .command('statetest')
      .description('run state tests and check root, logs, state and the reason of every rejection')
      .argument('[paths...]', 'files, folders, or .tar.gz archives; the smoke tests where there is none')
      .option(...FORK_OPTION)
      .option('--run <regex>', 'only cases whose name/fork/d0g0v0 matches')
      .addOption(recordOption()),
  ).action(async (paths: string[], options) => (await import('./statetest.ts')).statetest(paths, options));

  addSuiteOptions(
    program
      .command('blocktest')
      .description(
        'run blockchain tests and check every block, the reason of every rejection, head and state',
      )
      .argument('<paths...>', 'files, folders, or .tar.gz archives')
      .option('--fork <name>', "a fork's name or alias, or a change of forks as fixtures call it")
      .option('--run <regex>', 'only tests whose name matches')
      .option('--blocks', 'print gas and time of each block; best with --workers 1'),
  ).action(async (paths: string[], options) => (await import('./blocktest.ts')).blocktest(paths, options));

  addStateCommands(program.command('state').description('look into states, move and prove them'));
  addFuzzCommands(program.command('fuzz').description('look for what is wrong with bytecode and with EVMs'));
  addDebugCommand(program);
  addTraceCommand(program);
  addTracediffCommand(program);
  addReplayCommand(program);
  addTools(program);
  addZkCommands(
    program.command('zk').description('keys of circuits, Groth16 proofs, and their encoding for contracts'),
  );
  return program;
}

/** What the commands that run fixtures take alike. */
const addSuiteOptions = (command: Command): Command =>
  command
    .option('--workers <n>', 'threads; as many as there are processors by default', workerCount)
    .option('--json', 'print one JSON object')
    .option('--bail', 'stop at the first failure')
    .option('--slowest <n>', 'list the slowest cases', count)
    .option('--state <state>', 'lmdb:DIR: keep the states of the cases in a database below that folder')
    .addOption(engineOption())
    .addOption(cryptoOption())
    .option('--trace', `${TRACE_HELP}; implies --workers 1`)
    .option(...TRACE_MEMORY)
    .option(...TRACE_RETURN_DATA);

const STATE_ARGUMENT = ['<state>', 'FILE, lmdb:DIR[@ROOT] or rpc:URL[@BLOCK]'] as const;
const KEYS_ARGUMENT = ['[keys...]', 'keys of slots, decimal or hex with 0x'] as const;

function addStateCommands(state: Command): void {
  const module = () => import('./state-commands.ts');
  const transfer = () => import('./state-transfer.ts');
  state.addHelpText('after', STATE_HELP);

  state
    .command('root')
    .description('print the root of a state')
    .argument(...STATE_ARGUMENT)
    .option('--json', 'print one JSON object')
    .action(async (spec: string, options) => (await module()).root(spec, options));

  state
    .command('roots')
    .description('print the roots that a database can be read at, newest first')
    .argument('<state>', 'lmdb:DIR')
    .option('--json', 'print one JSON array')
    .action(async (spec: string, options) => (await module()).roots(spec, options));

  state
    .command('get')
    .description('show an account, and slots of it')
    .argument(...STATE_ARGUMENT)
    .argument('<address>')
    .argument(...KEYS_ARGUMENT)
    .option('--json', 'print one JSON object')
    .action(async (spec: string, address: string, keys: string[], options) =>
      (await module()).get(spec, address, keys, options),
    );

  state
    .command('export')
    .description('write the accounts of a state as the alloc of a genesis file')
    .argument('<state>', 'FILE or lmdb:DIR')
    .argument('[out]', 'a file; - and nothing are standard output', '-')
    .option('--snapshot', 'write a database as a folder of chunks')
    .action(async (spec: string, out: string, options) => (await transfer()).exportState(spec, out, options));

  state
    .command('import')
    .description('make a database of accounts')
    .argument('<in>', 'FILE, - for standard input, or a folder that export --snapshot wrote')
    .argument('<database>', 'lmdb:DIR, which must not be there yet')
    .option('--json', 'print one JSON object')
    .action(async (from: string, to: string, options) => (await transfer()).importState(from, to, options));

  state
    .command('prove')
    .description('print proofs of an account and of slots, as eth_getProof answers (EIP-1186)')
    .argument('<state>', 'lmdb:DIR[@ROOT]')
    .argument('<address>')
    .argument(...KEYS_ARGUMENT)
    .option('--json', 'changes nothing: it prints one JSON object anyway')
    .action(async (spec: string, address: string, keys: string[]) =>
      (await module()).prove(spec, address, keys),
    );
}

// A reader that has seen enough, such as `head`, is no failure, and does not change what was found by then.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write(`erbium: standard output: ${error.message}\n`);
  process.exit(EXIT.USAGE);
});
// Progress and warnings that nobody reads stop nothing.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.exit(process.exitCode ?? EXIT.USAGE);
});

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
