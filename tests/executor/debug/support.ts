/** Programs that do much of what can be done, and states of a debugger to compare. */

import type { Debugger, DebugState } from '../../../src/executor/debug/api.ts';
import { addressToHex, createEvm, type Evm, type EvmOptions, MemoryState } from '../../../src/index.ts';
import { bytesToHex, EMPTY_BYTES } from '../../../src/primitives/bytes.ts';
import {
  call,
  code,
  create,
  deploys,
  jumpi,
  label,
  mstore,
  type Piece,
  push,
  sstore,
} from '../../helpers/assembler.ts';
import { likelyProgram, type Random } from '../../helpers/random.ts';
import { ETHER, SENDER, TO } from '../../helpers/transact.ts';

export const FROM: string = addressToHex(SENDER);
export const HEX_TO: string = addressToHex(TO);
export const OTHERS: readonly bigint[] = [0x71n, 0x72n, 0x73n];

/** Runs a body so many times; the counter lies on the stack meanwhile. */
export const times = (count: number, ...body: Piece[]): Piece => [
  push(count),
  label('again'),
  body,
  push(1),
  'SWAP1',
  'SUB',
  'DUP1',
  jumpi('again'),
  'POP',
];

const PARTS: readonly ((random: Random) => Piece)[] = [
  (random) => [call(random.pick(OTHERS), { gas: 30_000, outSize: random.below(70) }), 'POP'],
  (random) => [call(random.pick(OTHERS), { gas: 30_000, kind: 'DELEGATECALL', inSize: 40 }), 'POP'],
  (random) => [call(random.pick(OTHERS), { gas: 30_000, kind: 'STATICCALL' }), 'POP'],
  (random) => [call(random.pick(OTHERS), { gas: 20_000, value: random.below(3) }), 'POP'],
  (random) => [call(random.pick([2n, 4n, 9n]), { gas: 3_000, inSize: 50, outSize: 32 }), 'POP'],
  (random) => sstore(random.below(3), random.below(3)),
  (random) => ['DUP1', push(random.below(3)), 'SSTORE'],
  (random) => [push(random.below(9)), push(random.below(3)), 'TSTORE', push(1), 'TLOAD', 'POP'],
  (random) => [push(random.below(4)), push(40), push(0), 'LOG1'],
  (random) => mstore(random.below(2) * 5_000, random.word()),
  (random) => ['DUP1', push(random.below(3_000)), 'MSTORE', push(90), push(0), 'KECCAK256', 'POP'],
  (random) => [create(deploys(code('CALLER', push(random.below(3)), 'SSTORE'))), 'POP'],
  (random) => [
    create(code('CALLER', 'SELFDESTRUCT'), { value: random.below(2), salt: random.below(2) }),
    'POP',
  ],
  () => ['GAS', 'MSIZE', 'RETURNDATASIZE', 'ADD', 'ADD', 'POP'],
];

/** A loop over things of all kinds, which ends well, by a revert, or out of gas. */
export function busyProgram(random: Random): Uint8Array {
  const parts = Array.from({ length: 2 + random.below(5) }, () => random.pick(PARTS)(random));
  const end = random.pick<Piece>([
    'STOP',
    [push(20), push(0), 'REVERT'],
    [push(50), push(0), 'RETURN'],
    'INVALID',
  ]);
  return code(times(2 + random.below(12), ...parts), end);
}

/** Contracts at `TO` and `OTHERS`, and a sender who can pay. */
export function busyState(random: Random): MemoryState {
  const state = new MemoryState((number) => number * 7n);
  const options = { targets: [TO, ...OTHERS], precompiles: [2n, 4n] };
  state.put(SENDER, { balance: ETHER });
  for (const address of [TO, ...OTHERS]) {
    const storage = Array.from({ length: random.below(6) }, (_, i) => [BigInt(i), random.word()] as const);
    const others = [EMPTY_BYTES, likelyProgram(random, options), likelyProgram(random, options)];
    const bytes = address === TO || random.below(4) === 0 ? busyProgram(random) : random.pick(others);
    state.put(address, { balance: BigInt(random.below(100)), nonce: 1n, code: bytes, storage });
  }
  return state;
}

export const busyEvm = (random: Random, options: EvmOptions = {}): Evm =>
  createEvm({ state: busyState(random), engine: 'bigint', ...options });

export const requestOf = (random: Random) => ({
  from: FROM,
  to: HEX_TO,
  data: random.bytes(random.below(70)),
  gas: random.pick([60_000, 300_000, 1_000_000]),
});

/** An EVM with contracts at addresses. */
export function evmWith(
  contracts: readonly (readonly [bigint, Uint8Array])[],
  options: EvmOptions = {},
): Evm {
  const evm = createEvm({ engine: 'bigint', ...options });
  evm.setAccount(SENDER, { balance: ETHER });
  for (const [address, bytes] of contracts) evm.setAccount(address, { code: bytes });
  return evm;
}

/** A debugger of a call of code. */
export const debugCode = (...pieces: Piece[]): Promise<Debugger> =>
  evmWith([[TO, code(...pieces)]]).debug({ call: { from: FROM, to: HEX_TO, gas: 10_000_000 } });

/** All states from position 0 to the end. */
export function statesOf(debug: Debugger): DebugState[] {
  debug.goTo(0);
  const states = [debug.snapshot()];
  while (!debug.isEnd) {
    debug.step();
    states.push(debug.snapshot());
  }
  return states;
}

/** A state as a text: equal states have equal texts. */
export const keyOf = (state: DebugState): string =>
  JSON.stringify(state, (_name, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
    return value instanceof Uint8Array ? bytesToHex(value) : value;
  });
