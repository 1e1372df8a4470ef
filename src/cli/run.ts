/** `erbium run`: bytecode in, and what it did out. */

import type { Crypto } from '../../precompiles/crypto.ts';
import { assembleMachine } from '../evm/context.ts';
import { type EvmResult, evmOn } from '../executor/evm.ts';
import { rulesFrom } from '../forks/rules.ts';
import { Halt } from '../machine/halt.ts';
import { addressToHex } from '../primitives/address.ts';
import { bytesToHex, concatBytes, hexToBytes, toHex32, toQuantity } from '../primitives/bytes.ts';
import { toWord } from '../primitives/input.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import { MemoryState } from '../state/readers/memory.ts';
import { withCrypto } from './deferred-crypto.ts';
import { EXIT } from './exit.ts';
import { readAlloc, readCode } from './input.ts';
import { openTracer, type TraceOptions } from './trace.ts';

export interface RunOptions extends TraceOptions {
  readonly input: string;
  readonly fork?: string;
  readonly gas: string;
  readonly value: string;
  readonly create?: true;
  readonly state?: string;
  readonly trace?: true;
  readonly json?: true;
  readonly timeout?: number;
}

const ascii = (text: string): bigint => BigInt(`0x${Buffer.from(text, 'latin1').toString('hex')}`);

// The words "sender" and "receiver" as numbers, as other EVM commands have it.
const SENDER = ascii('sender');
const RECEIVER = ascii('receiver');

export async function run(words: readonly string[], options: RunOptions): Promise<void> {
  const rules = rulesFrom(options.fork);
  const code = readCode(words);
  const input = hexToBytes(options.input, '--input');
  const value = toWord(options.value, '--value');
  const gas = toWord(options.gas, '--gas', MAX_U64);
  const state = options.state === undefined ? new MemoryState() : readAlloc(options.state);
  fund(state, value);
  if (!options.create) {
    const { nonce = 0n, balance = 0n } = state.account(RECEIVER) ?? {};
    state.put(RECEIVER, { nonce, balance, code, storage: state.slots(RECEIVER) });
  }

  const deadline = options.timeout === undefined ? undefined : performance.now() + options.timeout;
  const late = (): boolean => deadline !== undefined && performance.now() > deadline;
  const tracer = options.trace ? await openTracer(options) : undefined;

  function attempt(crypto: Crypto, stop: (() => boolean) | undefined): EvmResult {
    const evm = evmOn(assembleMachine({ rules, crypto, tracer }), {
      // A copy, so that a second attempt starts where the first did.
      state: state.clone(),
      ...(stop === undefined ? {} : { interrupted: stop }),
    });
    return options.create
      ? evm.create({ from: SENDER, data: concatBytes(code, input), value, gas })
      : evm.call({ from: SENDER, to: RECEIVER, data: input, value, gas });
  }

  const result = await withCrypto(attempt, tracer === undefined, deadline === undefined ? undefined : late);
  tracer?.flush();
  process.stdout.write(options.json ? `${JSON.stringify(toJson(result))}\n` : inWords(result, gas, options));
  process.exitCode = result.status === 'success' ? EXIT.OK : EXIT.FAILURE;
}

/** The sender can always pay for the value. */
function fund(state: MemoryState, value: bigint): void {
  const { nonce = 0n, balance = 0n } = state.account(SENDER) ?? {};
  if (balance < value) state.put(SENDER, { nonce, balance: value });
}

interface StorageChange {
  readonly address: string;
  readonly key: string;
  readonly value: string;
}

const storageChanges = (result: EvmResult): StorageChange[] =>
  [...result.diff].flatMap(([address, { storage }]) =>
    [...storage].map(([key, value]) => ({
      address: addressToHex(address),
      key: toQuantity(key),
      value: toQuantity(value),
    })),
  );

const toJson = (result: EvmResult) => ({
  status: result.status,
  reason: result.reason,
  output: result.output,
  gasUsed: toQuantity(result.gasUsed),
  created: result.created,
  logs: result.logs.map(({ address, topics, data }) => ({
    address: addressToHex(address),
    topics: topics.map(toHex32),
    data: bytesToHex(data),
  })),
  storage: storageChanges(result),
});

function inWords(result: EvmResult, gas: bigint, { timeout }: RunOptions): string {
  const { logs, storage } = toJson(result);
  const reason = result.halt === Halt.HostInterrupt ? `stopped by --timeout ${timeout}` : result.reason;
  const lines = [
    `status   ${result.status}: ${reason}`,
    `gas      ${result.gasUsed} of ${gas}`,
    `output   ${result.output}`,
  ];
  if (result.created !== null) lines.push(`created  ${result.created}`);
  for (const { address, topics, data } of logs) {
    lines.push(`log      ${address}`, ...topics.map((topic) => `  topic  ${topic}`), `  data   ${data}`);
  }
  for (const { address, key, value } of storage) lines.push(`storage  ${address} ${key} = ${value}`);
  return `${lines.join('\n')}\n`;
}
