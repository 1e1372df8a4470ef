/** The line of `erbium fuzz code`; what it does is loaded when it is asked for. */

import type { Command } from 'commander';

const HELP = `
The contract stands at an address of its own. Two accounts of an attacker call it, directly and through a contract of
theirs that can call again while it is being called, and can send it ether by a self-destruct. Nobody else acts; what is
made with --create belongs to another account.

Goals; the first one reached ends the search. Without any: --drain, --reach SELFDESTRUCT and --reach delegate.
  --reach pc:N           the instruction at N of the contract's own code runs
  --reach op:NAME        an instruction runs, in the contract or in one that it calls: op:SELFDESTRUCT
  --reach delegate       it runs code at an address of the attacker's choice by DELEGATECALL or CALLCODE
  --reach halt:NAME      a frame ends so: halt:Invalid, halt:OutOfGas, halt:StackUnderflow
  --reach panic[:N]      a frame reverts with a Panic of Solidity: panic:0x11
  --reach gas:N          a direct call needs more than N gas beyond the price of the transaction itself
  --assert EXPRESSION    it does not hold after a transaction that succeeded
  --drain                the attacker's accounts have more ether than at the start
  --equivalent CODE      the other code differs in success, output, logs, storage or balances; gas does not count

Expressions: numbers (12, 0xff, 1_000, 2 ether, 5 gwei), + - * / %, == != < <= > >=, ! && ||, parentheses, and
  slot(key)  slot(key, address)   a storage slot, of the contract where no address is given
  balance    balance(address)     wei
  output     output(i)            word i of the output of the transaction
  caller     selector             who called the contract, and the first 4 bytes of what it was called with
  input      input(i)             word i of what follows these
  before(expression)              with slots and balances as before the first transaction
  keccak(word, ...)               of 32-byte words: balances[a] is slot(keccak(a, slotOfBalances))
Numbers never wrap: a difference may be negative, a sum pass 2^256. Division by 0 gives 0. 0 is false, all else true.

Examples:
  erbium fuzz code @bank.bin --create --drain
  erbium fuzz code @token.hex --assert 'slot(0) <= 1_000_000' --runs 100000 --seed 7
  erbium fuzz code @fast.hex --equivalent @slow.hex --time 30 --json

With --runs and without --time the same seed finds the same. Without both it stops after 60 seconds.

Exit codes: 0 nothing found; 1 something found; 2 wrong usage or unreadable input.`;

const collect = (text: string, before: readonly string[] = []): string[] => [...before, text];

/** Adds `code` to `erbium fuzz`. */
export function addFuzzCodeCommand(fuzz: Command): void {
  fuzz
    .command('code')
    .description('search transactions that break a contract')
    .argument('<code...>', 'hex; @FILE reads a file, - reads standard input')
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
    .option('--time <seconds>', 'stop after this long')
    .option('--fork <name>', "a fork's name or alias, in any letter case")
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (code: string[], options) => (await import('./fuzz-code-run.ts')).fuzzCode(code, options));
}
