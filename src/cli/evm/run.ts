/** `erbium-evm run`: bytecode at the account of a receiver, as geth's `evm run` runs it. */

import type { Crypto } from '../../../precompiles/crypto.ts';
import { assembleMachine, openContext } from '../../evm/context.ts';
import type { MessageResult } from '../../evm/result.ts';
import { runMessage } from '../../evm/run.ts';
import { warmUp } from '../../evm/warm.ts';
import { LATEST_FORK } from '../../forks/fork.ts';
import { rulesOf } from '../../forks/rules.ts';
import { isSuccess } from '../../machine/halt.ts';
import { MessageKind } from '../../machine/message.ts';
import { type Address, createAddress } from '../../primitives/address.ts';
import { bytesToHex, concatBytes, EMPTY_BYTES, hexToBytes } from '../../primitives/bytes.ts';
import { toAddressWord, toWord } from '../../primitives/input.ts';
import { MAX_U64 } from '../../primitives/u256.ts';
import { parseJsonState } from '../../state/readers/json.ts';
import { MemoryState } from '../../state/readers/memory.ts';
import { TRACE_WORDS } from '../../tracers/words.ts';
import { blockEnv } from '../block.ts';
import { withCrypto } from '../deferred-crypto.ts';
import { readFile } from '../input.ts';
import type { Command } from './command.ts';
import { dumpOf } from './dump.ts';
import { type Flags, misused } from './flags.ts';
import { goJson } from './json.ts';
import { writeErr, writeOut } from './output.ts';
import { TRACE_FLAGS, tracerOf } from './trace-flags.ts';

export const command: Command = {
  usage: '[options] [hex code]',
  about: `Runs bytecode by the rules of ${LATEST_FORK} and prints its output.`,
  flags: [
    { name: 'codefile', default: '', help: 'a file with the code in hex; - is standard input' },
    { name: 'input', default: '', help: 'call data in hex; behind init code with --create' },
    { name: 'inputfile', default: '', help: 'a file with the call data in hex' },
    { name: 'create', default: false, help: 'the code is init code: create a contract with it' },
    { name: 'gas', default: '10000000000', help: 'gas limit' },
    { name: 'price', default: '0', help: 'gas price in wei' },
    { name: 'value', default: '0', help: 'wei sent along' },
    { name: 'sender', default: '', help: 'who calls; the word "sender" as a number unless given' },
    { name: 'receiver', default: '', help: 'who is called; the word "receiver" as a number unless given' },
    { name: 'prestate', default: '', help: 'a genesis file' },
    { name: 'bench', default: false, help: 'the same as --statdump' },
    { name: 'statdump', default: false, help: 'tell of gas and time on standard error' },
    { name: 'dump', default: false, help: 'print the state afterwards' },
    ...TRACE_FLAGS,
  ],
  run,
};

// Text as a number, as geth has it.
const SENDER = 0x73_65_6e_64_65_72n;
const RECEIVER = 0x72_65_63_65_69_76_65_72n;

/** Wei per gas where no genesis file says otherwise. */
const BASE_FEE = 1_000_000_000n;

const STANDARD_INPUT = 0;

interface Job {
  readonly code: Uint8Array;
  readonly input: Uint8Array;
  readonly isCreation: boolean;
  readonly gas: bigint;
  readonly gasPrice: bigint;
  readonly value: bigint;
  readonly sender: Address;
  readonly receiver: Address;
  /** The text of a genesis file, and its name. */
  readonly prestate: readonly [text: string, file: string] | null;
}

async function run(flags: Flags): Promise<void> {
  const job = jobOf(flags);
  const factory = await tracerOf(flags);
  const tracer = factory?.(writeErr);
  const started = process.hrtime.bigint();
  const { result, state } = await withCrypto(
    (crypto) => execute(job, crypto, tracer),
    'auto',
    'noble',
    tracer === undefined,
    undefined,
  );
  const time = process.hrtime.bigint() - started;
  tracer?.flush();
  if (flags.switch('dump')) writeOut(`${goJson(dumpOf(state), 4)}\n`);
  if (flags.switch('bench') || flags.switch('statdump')) {
    writeErr(
      `EVM gas used:    ${job.gas - result.gasLeft}\nexecution time:  ${Number(time) / 1e6}ms\n` +
        'allocations:     0\nallocated bytes: 0\n',
    );
  }
  if (tracer !== undefined) return;
  const error = TRACE_WORDS[result.halt];
  // Geth writes nothing for nothing, not even 0x.
  const output = result.output.length === 0 ? '' : bytesToHex(result.output);
  writeOut(`${output}\n${error === '' ? '' : ` error: ${error}\n`}`);
}

function jobOf(flags: Flags): Job {
  const address = (name: string, otherwise: Address): Address =>
    flags.string(name) === '' ? otherwise : toAddressWord(flags.string(name), `-${name}`);
  const prestate = flags.string('prestate');
  const inputFile = flags.string('inputfile');
  return {
    code: codeOf(flags),
    input: inputFile === '' ? hexToBytes(flags.string('input'), '-input') : hexFile(inputFile),
    isCreation: flags.switch('create'),
    gas: toWord(flags.string('gas'), '-gas', MAX_U64),
    gasPrice: toWord(flags.string('price'), '-price'),
    value: toWord(flags.string('value'), '-value'),
    sender: address('sender', SENDER),
    receiver: address('receiver', RECEIVER),
    prestate: prestate === '' ? null : [readFile(prestate), prestate],
  };
}

const hexFile = (path: string): Uint8Array =>
  hexToBytes(readFile(path === '-' ? STANDARD_INPUT : path).replaceAll(/\s+/g, ''), path);

function codeOf(flags: Flags): Uint8Array {
  const file = flags.string('codefile');
  const [hex, surplus] = flags.args;
  if (surplus !== undefined) throw misused(`unexpected argument ${JSON.stringify(surplus)}`);
  if (file !== '') return hexFile(file);
  return hex === undefined ? EMPTY_BYTES : hexToBytes(hex, 'code');
}

function execute(
  job: Job,
  crypto: Crypto,
  tracer: Parameters<typeof assembleMachine>[0]['tracer'],
): { result: MessageResult; state: MemoryState } {
  const { sender, receiver, code, input, isCreation, value, gas, gasPrice } = job;
  const rules = rulesOf(LATEST_FORK);
  const state = job.prestate === null ? new MemoryState() : parseJsonState(...job.prestate);
  const { nonce = 0n, balance = 0n } = state.account(sender) ?? {};
  // A sender that has less has what it sends.
  if (balance < value) state.put(sender, { nonce, balance: value, ...kept(state, sender) });
  if (!isCreation && code.length > 0) {
    const { nonce: n = 0n, balance: b = 0n } = state.account(receiver) ?? {};
    state.put(receiver, { ...kept(state, receiver), nonce: n, balance: b, code });
  }
  const machine = assembleMachine({ rules, crypto, tracer });
  const block = { ...blockEnv({}, rules), baseFee: BASE_FEE };
  const context = openContext({ machine, state, block }, { origin: sender, gasPrice, blobHashes: [] });
  const address = isCreation ? createAddress(sender, nonce) : receiver;
  warmUp(context, sender, isCreation ? null : receiver, []);
  const result = runMessage(context, {
    kind: isCreation ? MessageKind.Create : MessageKind.Call,
    caller: sender,
    address,
    codeAddress: address,
    value,
    input: isCreation ? concatBytes(code, input) : input,
    gas,
    isStatic: false,
    depth: 0,
    outputOffset: 0,
    outputSize: 0,
  });
  if (isSuccess(result.halt)) state.apply(context.host.world.diff(rules.clearEmptyAccounts));
  return { result, state };
}

/** Code and storage of an account. */
function kept(state: MemoryState, address: Address) {
  const account = state.account(address);
  return account === undefined ? {} : { code: state.code(account.codeHash), storage: state.slots(address) };
}
