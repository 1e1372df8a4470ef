/** `erbium fuzz show`: what a case is, what is known about it, and what Erbium makes of it now. */

import { readFileSync } from 'node:fs';
import { nobleCrypto } from '../../precompiles/crypto.ts';
import { assembleMachine } from '../evm/context.ts';
import { type EngineChoice, engineHere } from '../evm/engine.ts';
import { executeFrom } from '../executor/execute.ts';
import { fixtureBlockHash } from '../executor/fixture-hashes.ts';
import { isInvalid } from '../executor/reasons.ts';
import { recoverAuthority } from '../executor/sender.ts';
import { TxType } from '../executor/transaction.ts';
import { type Rules, rulesOf } from '../forks/rules.ts';
import type { FuzzCase } from '../fuzz/case.ts';
import { blockOf } from '../fuzz/execute.ts';
import { HALT_WORDS } from '../machine/halt.ts';
import { type Address, addressToHex } from '../primitives/address.ts';
import { bytesToHex, toHex32, toQuantity } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { MemoryState } from '../state/readers/memory.ts';
import { eip3155Tracer } from '../tracers/eip3155.ts';
import { EXIT } from './exit.ts';
import { codeLines, exceptionCause } from './fuzz-check.ts';
import { readCorpus } from './fuzz-files.ts';
import { statusOf } from './run-result.ts';
import { printable } from './text.ts';

export interface ShowOptions {
  readonly trace?: number;
  readonly engine: EngineChoice;
  readonly json?: true;
}

const HANG_MS = 20_000;

export async function show(
  paths: readonly string[],
  { trace = 0, engine: choice, json }: ShowOptions,
): Promise<void> {
  // The fast one from the first instruction on, as it was in the campaign that found the case.
  const engine = engineHere(choice);
  let cases = 0;
  let broken = 0;
  for (const path of paths) {
    for await (const file of readCorpus(path)) {
      if (file.kind === 'broken') {
        process.stderr.write(`erbium: ${printable(file.problem)}\n`);
        broken++;
        continue;
      }
      for (const { id, reason } of file.leftOut) {
        process.stderr.write(`erbium: ${printable(`${file.file}: left out: ${id}: ${reason}`)}\n`);
      }
      for (const fuzzCase of file.cases) {
        const shown = shownOf(fuzzCase, file.file, trace, engine);
        const text = json ? JSON.stringify(shown) : `${cases > 0 ? '\n' : ''}${inWords(shown, fuzzCase)}`;
        process.stdout.write(`${text}\n`);
        cases++;
      }
    }
  }
  if (cases === 0 && broken === 0) {
    throw new ErbiumError('INVALID_FIXTURE', `${paths.join(', ')}: holds no case`);
  }
  process.exitCode = broken > 0 ? EXIT.USAGE : EXIT.OK;
}

/** The account that a campaign has written beside a finding begins with its cause. */
function causeOf(file: string): string | null {
  try {
    return readFileSync(file.replace(/\.json$/, '.txt'), 'utf8').split('\n', 1)[0]!;
  } catch {
    return null;
  }
}

type Shown = ReturnType<typeof shownOf>;

const shownOf = (fuzzCase: FuzzCase, file: string, trace: number, engine: EngineChoice) => ({
  file,
  cause: file.endsWith('.json') ? causeOf(file) : null,
  fork: fuzzCase.fork,
  block: blockJson(fuzzCase),
  transaction: transactionJson(fuzzCase),
  accounts: [...fuzzCase.pre].map(([address, { nonce, balance, code, storage }]) => ({
    address: addressToHex(address),
    nonce: toQuantity(nonce),
    balance: toQuantity(balance),
    code: bytesToHex(code),
    storage: Object.fromEntries([...storage].map(([key, value]) => [toQuantity(key), toQuantity(value)])),
  })),
  ...runOf(fuzzCase, trace, engine),
});

const blockJson = ({ block }: FuzzCase) => ({
  number: toQuantity(block.number),
  timestamp: toQuantity(block.timestamp),
  coinbase: addressToHex(block.coinbase),
  gasLimit: toQuantity(block.gasLimit),
  difficulty: toQuantity(block.difficulty),
  prevRandao: toQuantity(block.prevRandao),
  baseFee: toQuantity(block.baseFee),
  excessBlobGas: toQuantity(block.excessBlobGas),
});

const addressOrNull = (address: Address | null): string | null =>
  address === null ? null : addressToHex(address);

const transactionJson = ({ tx, sender }: FuzzCase) => ({
  type: tx.type,
  from: addressToHex(sender),
  to: addressOrNull(tx.to),
  nonce: toQuantity(tx.nonce),
  value: toQuantity(tx.value),
  gasLimit: toQuantity(tx.gasLimit),
  maxFeePerGas: toQuantity(tx.maxFeePerGas),
  maxPriorityFeePerGas: toQuantity(tx.maxPriorityFeePerGas),
  data: bytesToHex(tx.data),
  accessList: tx.accessList.map(({ address, storageKeys }) => ({
    address: addressToHex(address),
    storageKeys: storageKeys.map(toHex32),
  })),
  maxFeePerBlobGas: toQuantity(tx.maxFeePerBlobGas),
  blobHashes: tx.blobHashes.map(toHex32),
  authorizations: tx.authorizations.map((authorization) => ({
    // null where the signature is nobody's.
    authority: addressOrNull(recoverAuthority(authorization, nobleCrypto)),
    address: addressToHex(authorization.address),
    chainId: toQuantity(authorization.chainId),
    nonce: toQuantity(authorization.nonce),
  })),
});

interface Ran {
  readonly status: string;
  readonly reason: string;
  readonly gasUsed: string;
  readonly output: string;
  readonly logs: readonly { address: string; topics: string[]; data: string }[];
  readonly created: string | null;
  /** null where it did not come to one. */
  readonly stateRoot: string | null;
}

/** How the case comes out, and its last steps. */
function runOf(
  fuzzCase: FuzzCase,
  trace: number,
  engine: EngineChoice,
): { readonly result: Ran; readonly steps?: readonly StepLine[] } {
  const tail = new Tail(trace);
  const tracer = trace > 0 ? eip3155Tracer({ write: (chunk) => tail.take(chunk) }) : undefined;
  const result = run(fuzzCase, tracer, engine);
  tracer?.flush();
  return { result, ...(trace > 0 ? { steps: tail.steps() } : {}) };
}

function run(
  fuzzCase: FuzzCase,
  tracer: ReturnType<typeof eip3155Tracer> | undefined,
  engine: EngineChoice,
): Ran {
  const rules = rulesOf(fuzzCase.fork);
  const state = new MemoryState(fixtureBlockHash);
  for (const [address, account] of fuzzCase.pre) state.put(address, account);
  const none = { gasUsed: '0x0', output: '0x', logs: [], created: null };
  const started = performance.now();
  try {
    const machine = assembleMachine({ rules, crypto: nobleCrypto, tracer, engine });
    const interrupted = (): boolean => performance.now() - started > HANG_MS;
    const around = { machine, state, block: blockOf(fuzzCase, rules), interrupted };
    const result = executeFrom(around, fuzzCase.tx, fuzzCase.sender);
    if (isInvalid(result)) {
      const reason = `${result.invalid}: ${result.detail}`;
      return { status: 'refused', reason, ...none, stateRoot: bytesToHex(state.root()) };
    }
    state.apply(result.diff);
    return {
      status: statusOf(result.halt),
      reason: HALT_WORDS[result.halt],
      gasUsed: toQuantity(result.gasUsed),
      output: bytesToHex(result.output),
      logs: result.logs.map(({ address, topics, data }) => ({
        address: addressToHex(address),
        topics: topics.map(toHex32),
        data: bytesToHex(data),
      })),
      created: addressOrNull(result.created),
      stateRoot: bytesToHex(state.root()),
    };
  } catch (error) {
    return { status: 'exception', reason: exceptionCause(error), ...none, stateRoot: null };
  }
}

interface StepLine {
  readonly pc: number;
  readonly depth: number;
  readonly gas: string;
  readonly opName: string;
  readonly stack: readonly string[];
  readonly error?: string;
}

const ascii = new TextDecoder();

/** The last lines of a trace, and no more of it. */
class Tail {
  private readonly most: number;
  private lines: string[] = [];
  private open = '';

  constructor(most: number) {
    this.most = most;
  }

  take(chunk: Uint8Array): void {
    const lines = (this.open + ascii.decode(chunk)).split('\n');
    this.open = lines.pop()!;
    // The end of the transaction has a line as well.
    const steps = lines.filter((line) => line.startsWith('{"pc":'));
    this.lines = [...this.lines, ...steps].slice(-this.most);
  }

  steps(): StepLine[] {
    return this.lines.map((line) => JSON.parse(line) as StepLine);
  }
}

const SHOWN_ITEMS = 4;

function stepLines(steps: readonly StepLine[]): string[] {
  const rows = steps.map(({ depth, pc, opName, gas, stack, error }) => {
    const items = stack.slice(-SHOWN_ITEMS).reverse();
    const more = stack.length - items.length;
    const top = [...items, ...(more > 0 ? [`…${more}`] : [])].join(' ');
    return [`${depth}`, pc.toString(16).padStart(4, '0'), opName, gas, error ?? top];
  });
  const table = [['depth', 'pc', 'op', 'gas', 'stack, top first'], ...rows];
  const widths = table[0]!.map((_, i) => Math.max(...table.map((row) => row[i]!.length)));
  return table.map((row) =>
    `  ${row.map((cell, i) => (i === 2 ? cell.padEnd(widths[i]!) : i === 4 ? cell : cell.padStart(widths[i]!))).join('  ')}`.trimEnd(),
  );
}

const SHOWN_BYTES = 256;

const data = (hex: string): string => {
  const bytes = (hex.length - 2) / 2;
  return bytes <= SHOWN_BYTES ? hex : `${hex.slice(0, 2 + 2 * SHOWN_BYTES)}… (${bytes} bytes)`;
};

const row = (label: string, text: string): string => `${label.padEnd(10)}${text}`;

function inWords(shown: Shown, fuzzCase: FuzzCase): string {
  const { file, cause, result, steps } = shown;
  const lines = [
    file,
    ...(cause === null ? [] : [row('known as', cause)]),
    row('fork', shown.fork),
    ...blockLines(fuzzCase),
    ...transactionLines(shown, fuzzCase),
    '',
    ...accountLines(fuzzCase, rulesOf(fuzzCase.fork)),
    ...resultLines(result, fuzzCase),
    ...(steps === undefined ? [] : ['', ...stepLines(steps)]),
  ];
  return printable(lines.join('\n'));
}

function blockLines({ block }: FuzzCase): string[] {
  return [
    row('block', `number ${block.number}, timestamp ${block.timestamp}, gas limit ${block.gasLimit}`),
    row('', `coinbase ${addressToHex(block.coinbase)}, base fee ${block.baseFee}`),
    row('', `prevRandao ${toQuantity(block.prevRandao)}, difficulty ${toQuantity(block.difficulty)}`),
    ...(block.excessBlobGas === 0n ? [] : [row('', `excess blob gas ${block.excessBlobGas}`)]),
  ];
}

function transactionLines({ transaction }: Shown, { tx }: FuzzCase): string[] {
  const { from, to, accessList, blobHashes, authorizations } = transaction;
  const fee =
    tx.type === TxType.Legacy || tx.type === TxType.AccessList
      ? `gas price ${tx.maxFeePerGas}`
      : `fee ${tx.maxFeePerGas}, priority fee ${tx.maxPriorityFeePerGas}`;
  return [
    row('sends', `type ${tx.type} from ${from} to ${to ?? 'nobody, a creation'}`),
    row('', `nonce ${tx.nonce}, value ${tx.value}, gas ${tx.gasLimit}, ${fee}`),
    row('data', data(transaction.data)),
    ...accessList.map(({ address, storageKeys }) => row('access', [address, ...storageKeys].join(' '))),
    ...blobHashes.map((hash) => row('blob', hash)),
    ...authorizations.map(({ authority, address, nonce }) =>
      row('delegates', `${authority ?? 'nobody'} to ${address}, nonce ${BigInt(nonce)}`),
    ),
  ];
}

function accountLines({ pre, tx }: FuzzCase, rules: Rules): string[] {
  const lines = [...pre].flatMap(([address, { nonce, balance, code, storage }]) => [
    `${addressToHex(address)}: nonce ${nonce}, balance ${balance}, ${code.length} bytes of code`,
    ...[...storage].map(([key, value]) => `  slot ${toQuantity(key)} = ${toQuantity(value)}`),
    ...codeLines(code, rules),
    '',
  ]);
  return tx.to === null ? [...lines, 'init code', ...codeLines(tx.data, rules), ''] : lines;
}

function resultLines({ status, reason, gasUsed, output, logs, created, stateRoot }: Ran, { tx }: FuzzCase) {
  if (stateRoot === null) return [row('now', reason)];
  return [
    row('now', `${status}: ${reason}`),
    row('gas', `${BigInt(gasUsed)} of ${tx.gasLimit}`),
    row('output', data(output)),
    ...(created === null ? [] : [row('created', created)]),
    row('logs', `${logs.length}`),
    row('root', stateRoot),
  ];
}
