/**
 * Bytes that an EVM holds: for each frame of a call, while all of them are there, and for each contract that it knows.
 * JavaScript's heap and what lies outside it, which is mostly the linear memory of the fast engine, are told apart.
 */

import { opTableOf } from '../../opcodes/optable.ts';
import type { Precompile } from '../../precompiles/row.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { createEvm, type EngineChoice, type Evm } from '../../src/index.ts';
import { Code } from '../../src/machine/code.ts';
import { concatBytes, toBytes32 } from '../../src/primitives/bytes.ts';
import { CodeStore } from '../../src/wasm/code-store.ts';
import { instantiate } from '../../src/wasm/instance.ts';
import { CODES_SIZE } from '../../src/wasm/layout.ts';
import { code, jumpi, label, type Piece, push, pushAddress } from '../../tests/helpers/assembler.ts';

export interface Held {
  readonly heap: number;
  readonly outside: number;
}

/** What was to be measured did not come to pass. */
export class WrongResult extends Error {}

const FORK = 'Cancun';
/** Frames at a time; the limit is 1,024. */
export const DEPTH = 1_000;
const CONTRACTS = 200;
const FIRST_CONTRACTS = 20;
/** Each frame keeps a 64th of it. */
const GAS = 10n ** 13n;
const PROBE = 0xbeen;
const RECURSIVE = 0xca11_0000_0000_0000_0000_0000_0000_0000_0000_0001n;
const CONTRACT = 0xc0de_0000_0000_0000_0000_0000_0000_0000_0000_0000n;

/** What an EVM of before held outside is given back by later collections only. */
const COLLECTIONS = 4;

function held(): Held {
  for (let i = 0; i < COLLECTIONS; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed, outside: external };
}

const share = (before: Held, after: Held, by: number): Held => ({
  heap: (after.heap - before.heap) / by,
  outside: (after.outside - before.outside) / by,
});

/** Calls itself until `DEPTH` frames are there, counting down in the word that it is called with; then the probe. */
const recursion = (memory: number): Uint8Array => {
  const callOf = (to: Piece, size: number): Piece => [
    ...['PUSH0', 'PUSH0', push(size), 'PUSH0', 'PUSH0'],
    ...[to, 'GAS', 'CALL', 'PUSH0', 'MSTORE', push(32), 'PUSH0', 'RETURN'],
  ];
  return code(
    memory > 0 ? [push(1), push(memory - 32), 'MSTORE'] : [],
    ['PUSH0', 'CALLDATALOAD', 'DUP1', jumpi('deeper')],
    callOf(pushAddress(PROBE), 0),
    label('deeper'),
    [push(1), 'SWAP1', 'SUB', 'PUSH0', 'MSTORE'],
    callOf('ADDRESS', 32),
  );
};

/**
 * Of each frame, the memory of its own included.
 * @param memory bytes of it, a multiple of 32, from 32 on
 * @throws WrongResult
 */
export function heldPerFrame(engine: EngineChoice, memory: number): Held {
  let probed: Held | undefined;
  const probe: Precompile = {
    address: PROBE,
    name: 'PROBE',
    since: 'Frontier',
    gas: () => 0,
    run: (input) => {
      probed = held();
      return input;
    },
  };
  const evm = createEvm({ fork: FORK, engine, precompiles: [probe] });
  evm.setAccount(RECURSIVE, { code: recursion(memory) });
  const at = (depth: number): Held => {
    probed = undefined;
    const { status, output } = evm.call({ to: RECURSIVE, data: toBytes32(BigInt(depth - 1)), gas: GAS });
    if (status !== 'success' || BigInt(output) !== 1n || probed === undefined) {
      throw new WrongResult(`${engine}: ${depth} frames: ${status}, ${output}`);
    }
    return probed;
  };
  // Once for all that comes with the first frames.
  at(2);
  const before = at(1);
  return share(before, at(DEPTH), DEPTH - 1);
}

/**
 * Of each contract that has run once, beyond the bytes that the state holds anyway.
 * @throws WrongResult
 */
export function heldPerContract(engine: EngineChoice, runtime: Uint8Array, data: Uint8Array): Held {
  const evm = createEvm({ fork: FORK, engine });
  for (let i = 0; i < CONTRACTS; i++) {
    // Behind the end of its code, so that each has a hash of its own.
    evm.setAccount(CONTRACT + BigInt(i), { code: concatBytes(runtime, toBytes32(BigInt(i))) });
  }
  callContracts(evm, 0, FIRST_CONTRACTS, data);
  const before = held();
  callContracts(evm, FIRST_CONTRACTS, CONTRACTS, data);
  const after = held();
  // Still there: what nobody can reach would not be held.
  callContracts(evm, 0, 1, data);
  return share(before, after, CONTRACTS - FIRST_CONTRACTS);
}

function callContracts(evm: Evm, from: number, to: number, data: Uint8Array): void {
  for (let i = from; i < to; i++) {
    const { status } = evm.call({ to: CONTRACT + BigInt(i), data, gas: GAS });
    if (status !== 'success') throw new WrongResult(`contract ${i}: ${status}`);
  }
}

/** Bytes that a code takes in the code store of the fast engine, and how many such codes it holds; null without one. */
export function storeOf(length: number): { bytes: number; codes: number } | null {
  const rules = rulesOf(FORK);
  const instance = instantiate(opTableOf(rules), rules, false);
  if (instance === null) return null;
  const store = new CodeStore(instance);
  const [first, second] = [0, 1].map((byte) => store.get(new Code(new Uint8Array(length).fill(byte)), true));
  const bytes = second!.address - first!.address;
  return { bytes, codes: Math.floor(CODES_SIZE / bytes) };
}
