/**
 * Runs bytecode in a fresh world, on every engine, and demands the same result from all. An engine joins by one
 * entry in `ENGINES`.
 */

import type { Context, Machine } from '../../src/evm/context.ts';
import { WorldHost } from '../../src/evm/host.ts';
import { createMachine } from '../../src/evm/machine.ts';
import { runMessage } from '../../src/evm/run.ts';
import type { ForkName } from '../../src/forks/fork.ts';
import { type Rules, rulesOf } from '../../src/forks/rules.ts';
import { Halt, isHostLimit } from '../../src/machine/halt.ts';
import type { BlockEnv, TxEnv } from '../../src/machine/host.ts';
import { type Message, MessageKind } from '../../src/machine/message.ts';
import type { Tracer } from '../../src/machine/tracer.ts';
import { bytesToHex, EMPTY_BYTES } from '../../src/primitives/bytes.ts';
import type { StateDiff } from '../../src/state/diff.ts';
import { type AccountInput, MemoryState } from '../../src/state/readers/memory.ts';
import { type LogRecord, World } from '../../src/state/world.ts';

/** The contract that runs, unless a test says otherwise. */
export const CONTRACT = 0xc0de_0000_0000_0000_0000_0000_0000_0000_0000_00c0n;
export const CALLER = 0xca11_0000_0000_0000_0000_0000_0000_0000_0000_0011n;
export const OTHER = 0x07e5_0000_0000_0000_0000_0000_0000_0000_0000_0022n;
/** An account that is in no state. */
export const NOBODY = 0x0b0d_0000_0000_0000_0000_0000_0000_0000_0000_0033n;

export const BLOCK: BlockEnv = {
  number: 1_000n,
  timestamp: 1_700_000_000n,
  coinbase: 0xc01b_0000_0000_0000_0000_0000_0000_0000_0000_0044n,
  gasLimit: 2n ** 64n - 1n,
  difficulty: 131_072n,
  prevRandao: 0x5a5a_5a5a_0000_0000_0000_0000_0000_0000_0000_0000_0000_0000_0000_0000_0000_0007n,
  baseFee: 7n,
  blobBaseFee: 1n,
  chainId: 1n,
};

export interface RunOptions {
  readonly fork?: ForkName | Rules;
  readonly gas?: bigint | number;
  readonly data?: Uint8Array;
  readonly value?: bigint;
  readonly isStatic?: boolean;
  readonly depth?: number;
  /** Balance, nonce and storage of the running contract. */
  readonly self?: Omit<AccountInput, 'code'>;
  /** Accounts beside the contract and the caller. */
  readonly accounts?: readonly (readonly [bigint, AccountInput])[];
  readonly block?: Partial<BlockEnv>;
  readonly tx?: Partial<TxEnv>;
  readonly blockHash?: (number: bigint) => bigint;
  readonly interrupted?: () => boolean;
  /** Runs the code as init code, which makes an account at CONTRACT. */
  readonly create?: boolean;
  /** Accounts accessed before. */
  readonly warm?: readonly bigint[];
}

export interface RunResult {
  readonly halt: Halt;
  readonly output: Uint8Array;
  readonly gasUsed: bigint;
  readonly gasLeft: bigint;
  /** Stack of the outermost frame when it ended, top last; empty where it never ran. */
  readonly stack: readonly bigint[];
  readonly memorySize: number;
  readonly logs: readonly LogRecord[];
  readonly refund: number;
  readonly created: bigint | null;
  readonly world: World;
  readonly diff: StateDiff;
}

export interface TestEngine {
  readonly name: string;
  create(rules: Rules): Machine;
}

/** Looks at everything that a tracer may see, so that a hook with an effect would show. */
const lookingTracer = (): Tracer => ({
  enter: (message) => void (message.gas + message.value),
  step: (frame) => void frame.stack[frame.sp - 1],
  stepEnd: (_frame, _opcode, _pc, gas, cost) => void (gas - cost),
  exit: (end) => void end.output.length,
});

/** Every engine that must give the same results. */
export const ENGINES: readonly TestEngine[] = [
  { name: 'interpreter', create: (rules) => createMachine({ rules, engine: 'bigint' }) },
  { name: 'WebAssembly', create: (rules) => createMachine({ rules, engine: 'wasm' }) },
  { name: 'traced interpreter', create: (rules) => createMachine({ rules, tracer: lookingTracer() }) },
];

const machines = new Map<string, Machine>();

/** One machine per engine and set of rules. */
export function machineOf(engine: TestEngine, rules: Rules): Machine {
  const key = `${engine.name} ${rules.fork}`;
  let machine = machines.get(key);
  if (machine === undefined || machine.rules !== rules) {
    machine = engine.create(rules);
    machines.set(key, machine);
  }
  return machine;
}

export const rulesFrom = (fork: ForkName | Rules): Rules => (typeof fork === 'string' ? rulesOf(fork) : fork);

/** Runs code on one engine. */
export function runOn(engine: TestEngine, code: Uint8Array, options: RunOptions = {}): RunResult {
  const {
    gas = 10_000_000n,
    data = EMPTY_BYTES,
    value = 0n,
    isStatic = false,
    depth = 0,
    create = false,
  } = options;
  const rules = rulesFrom(options.fork ?? 'Osaka');
  const machine = machineOf(engine, rules);
  const state = new MemoryState(options.blockHash);
  state.put(CALLER, { balance: 10n ** 18n });
  if (!create) state.put(CONTRACT, { nonce: 1n, ...options.self, code });
  for (const [address, account] of options.accounts ?? []) state.put(address, account);

  const world = new World(state);
  const host = new WorldHost(
    world,
    rules,
    { ...BLOCK, ...options.block },
    { origin: CALLER, gasPrice: 10n, blobHashes: [], ...options.tx },
    machine.codes,
    options.interrupted,
  );
  if (rules.accessLists) {
    for (const address of [CALLER, CONTRACT, ...machine.precompiles.keys()]) world.warmAccount(address);
  }
  for (const address of options.warm ?? []) world.warmAccount(address);

  let stack: readonly bigint[] = [];
  let memorySize = 0;
  const watched: Context = {
    ...machine,
    host,
    engine: {
      enter: () => machine.engine.enter?.() ?? 0,
      leave: (entered) => machine.engine.leave?.(entered),
      run(frame) {
        const halt = machine.engine.run(frame);
        if (frame.depth === depth && halt !== Halt.Call && halt !== Halt.Create) {
          machine.engine.recall?.(frame);
          stack = frame.stack.slice(0, Math.max(0, frame.sp));
          memorySize = frame.memory.size;
        }
        return halt;
      },
    },
  };
  const message: Message = {
    kind: create ? MessageKind.Create : isStatic ? MessageKind.StaticCall : MessageKind.Call,
    caller: CALLER,
    address: CONTRACT,
    codeAddress: CONTRACT,
    value,
    input: create ? code : data,
    gas: BigInt(gas),
    isStatic,
    depth,
    outputOffset: 0,
    outputSize: 0,
  };
  const result = runMessage(watched, message);
  return {
    halt: result.halt,
    output: result.output,
    gasUsed: BigInt(gas) - result.gasLeft,
    gasLeft: result.gasLeft,
    stack,
    memorySize,
    logs: world.logs,
    refund: world.refund,
    created: result.created,
    world,
    diff: isHostLimit(result.halt) ? new Map() : world.diff(rules.clearEmptyAccounts),
  };
}

/** A diff in a form that compares and prints. */
export const showDiff = (diff: StateDiff): string[] =>
  [...diff]
    .map(([address, change]) => {
      const { account } = change;
      const info =
        account === null ? 'gone' : `${account.nonce}/${account.balance}/${account.codeHash.toString(16)}`;
      const storage = [...change.storage].map(([key, value]) => `${key}=${value}`).sort();
      return `${address.toString(16)} ${info} ${change.storageCleared ? 'cleared ' : ''}${storage.join(',')}`;
    })
    .sort();

/** Everything of a result that engines must agree on. */
export const summaryOf = (result: RunResult): string =>
  JSON.stringify([
    result.halt,
    bytesToHex(result.output),
    result.gasUsed.toString(),
    // Where a frame fails, what lies on its stack means nothing.
    result.halt >= Halt.OutOfGas ? null : [result.stack.map(String), result.memorySize],
    result.logs.map((log) => [log.address.toString(16), log.topics.map(String), bytesToHex(log.data)]),
    result.refund,
    String(result.created),
    showDiff(result.diff),
  ]);

/** Runs code on every engine; the results must be equal. */
export function run(code: Uint8Array, options: RunOptions = {}): RunResult {
  let first: RunResult | undefined;
  for (const engine of ENGINES) {
    const result = runOn(engine, code, options);
    if (first === undefined) first = result;
    else if (summaryOf(result) !== summaryOf(first)) {
      throw new Error(
        `${engine.name} differs from ${ENGINES[0]!.name} on ${bytesToHex(code)}:\n${summaryOf(result)}\n${summaryOf(first)}`,
      );
    }
  }
  return first!;
}

const NAMES: readonly string[] = Object.entries(Halt)
  .sort(([, a], [, b]) => a - b)
  .map(([name]) => name);

/** The name of a halt code, so that a failing assertion reads well. */
export const haltName = (halt: Halt): string => NAMES[halt] ?? `unknown halt ${halt}`;

/** The word on top of the stack when the outermost frame ended well. */
export function topOf(code: Uint8Array, options: RunOptions = {}): bigint {
  const result = run(code, options);
  const top = result.stack.at(-1);
  if (result.halt > Halt.Revert || top === undefined)
    throw new Error(`ended with ${haltName(result.halt)} and no word`);
  return top;
}

/** Gas of code that must end well. */
export function gasOf(code: Uint8Array, options: RunOptions = {}): number {
  const result = run(code, options);
  if (result.halt > Halt.Revert) throw new Error(`ended with ${haltName(result.halt)}`);
  return Number(result.gasUsed);
}

/** The name of the halt of code. */
export const haltOf = (code: Uint8Array, options: RunOptions = {}): string =>
  haltName(run(code, options).halt);

/** A slot after a run. */
export const slotOf = (result: RunResult, address: bigint, key: bigint | number): bigint =>
  result.world.slot(address, BigInt(key)).value;
