/** The line of `erbium fuzz code`; what it does is loaded when it is asked for. */

import { type Command, InvalidArgumentError } from 'commander';

const HELP = `
The contract stands at an address of its own. Two accounts of an attacker call
it, directly and through a contract of theirs that can call again while it is
being called, and can send it ether by a self-destruct. Nobody else acts; what
is made with --create belongs to another account.

Goals; without any: --drain, --reach SELFDESTRUCT and --reach delegate. A panic,
halt, instruction or delegate is a finding of its own in each place of the code,
all else is one finding for each goal.
  --reach pc:N         the instruction at N of the contract's own code runs
  --reach op:NAME      an instruction runs, in the contract or in one that it
                       calls: op:SELFDESTRUCT
  --reach delegate     it runs code at an address of the attacker's choice by
                       DELEGATECALL or CALLCODE
  --reach halt:NAME    a frame ends so: halt:Invalid, halt:OutOfGas,
                       halt:StackUnderflow
  --reach panic[:N]    a frame reverts with a Panic of Solidity: panic:0x11
  --reach gas:N        a direct call needs more than N gas beyond the price of
                       the transaction itself
  --assert EXPRESSION  it does not hold after a transaction that succeeded
  --drain              the attacker's accounts have more ether than at the start
  --equivalent CODE    the other code differs in success, output, logs, storage
                       or balances; gas does not count

Expressions: numbers (12, 0xff, 1_000, 2 ether, 5 gwei), + - * / %,
== != < <= > >=, ! && ||, parentheses, and
  slot(key), slot(key, address)  a storage slot, of the contract where no
                                 address is given
  balance, balance(address)      wei
  output, output(i)              word i of the output of the transaction
  caller                         who called the contract
  selector                       the first 4 bytes of what it was called with
  input, input(i)                word i of what follows these
  before(expression)             with slots and balances as before the first
                                 transaction
  keccak(word, ...)              of 32-byte words: balances[a] is
                                 slot(keccak(a, slotOfBalances))
Numbers never wrap: a difference may be negative, a sum pass 2^256. Division by
0 gives 0. 0 is false, all else true.

A finding is made small and written to the folder of --out: ID.json has a state
test for each of its transactions, which any client runs, each with the state
that the ones before it left; ID.txt says what happens, with the last
instructions and the code around them. With --replay the sequence runs again, on
the code it was found on or on another one, such as one that was mended.

Examples:
  erbium fuzz code @bank.bin --create --drain --until-finding
  erbium fuzz code @token.hex --assert 'slot(0) <= 1_000_000' --seed 7
  erbium fuzz code @fast.hex --equivalent @slow.hex --time 30 --json
  erbium fuzz code --replay findings/0123456789ab.json
  erbium fuzz code @mended.bin --replay findings/0123456789ab.json

The search ends when all goals are reached that are one finding, after --runs or
--time, or at Ctrl-C; without --runs and --time after 60 seconds. With --runs
and without --time, the same seed, workers and corpus find and keep the same.

Exit codes: 0 nothing found; 1 something found, or found again; 2 wrong usage or
unreadable input.`;

const collect = (text: string, before: readonly string[] = []): string[] => [...before, text];

const MAX_WORKERS = 256;
// What a timer of Node waits at most, in seconds.
const MAX_SECONDS = Math.floor((2 ** 31 - 1) / 1_000);

const upTo =
  (most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^[0-9]+$/.test(text) && value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`expected a whole number from 1 to ${most}.`);
  };

/** Adds `code` to `erbium fuzz`. */
export function addFuzzCodeCommand(fuzz: Command): void {
  fuzz
    .command('code')
    .description('search transactions that break a contract')
    .argument('[code...]', 'hex; @FILE reads a file, - reads standard input')
    .option('--create', 'the code is init code: the contract is what it makes')
    .option('--assert <expression>', 'what is to hold after every success, again for more', collect)
    .option('--reach <what>', 'what is not to be reached, again for more (see below)', collect)
    .option('--drain', "the attacker's gain is a finding")
    .option('--equivalent <code>', 'hex or @FILE that is to do the same; init code with --create')
    .option('--depth <n>', 'transactions in a row at most', '4')
    .option('--gas <n>', 'gas of a transaction beyond its own price', '1000000')
    .option('--balance <wei>', 'what the contract has at first; 10 ether with --drain, else 0')
    .option('--storage <key=value>', 'a slot of the contract at first, again for more', collect)
    .option('--seed <n>', 'where chance begins', '1')
    .option('--runs <n>', 'stop after so many transactions')
    .option('--time <seconds>', 'stop after this long', upTo(MAX_SECONDS))
    .option('--until-finding', 'stop at the first finding')
    .option('--workers <n>', 'threads; as many as there are processors by default', upTo(MAX_WORKERS))
    .option('--corpus <dir>', 'begin with the sequences there, and keep there what reaches something new')
    .option('--out <dir>', 'where findings go', 'findings')
    .option('--replay <file>', 'run a finding again; the code is its own unless another is given')
    .option('--fork <name>', "a fork's name or alias, in any letter case")
    .option('--json', 'print events, one JSON object a line')
    .addHelpText('after', HELP)
    .action(async (code: string[], options) => (await import('./fuzz-code-run.ts')).fuzzCode(code, options));
}
