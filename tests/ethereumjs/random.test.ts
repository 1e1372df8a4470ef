/** Random programs, the same ones in every run, with both libraries: results, state and every step. */

import { Hardfork } from '@ethereumjs/common';
import { describe, expect, it } from 'vitest';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { code } from '../helpers/assembler.ts';
import { likelyProgram, Random } from '../helpers/random.ts';
import {
  CALLER,
  CONTRACT,
  evmWith,
  type Library,
  OTHER,
  OURS,
  plain,
  seen,
  stateOf,
  THEIRS,
} from './both.ts';

const PROGRAMS = { targets: [0xc0den, 0x07e5n, 0xdeadn], precompiles: [1n, 2n, 3n, 4n, 5n, 6n, 7n, 9n] };
const ECHO = code('CALLDATASIZE', [new Uint8Array([0x5f])], [new Uint8Array([0x5f])], 'CALLDATACOPY', [
  new Uint8Array([0x5f]),
  'MLOAD',
  new Uint8Array([0x5f]),
  'SSTORE',
  'CALLDATASIZE',
  new Uint8Array([0x5f]),
  'RETURN',
]);

const HEADER = {
  number: 1_000n,
  timestamp: 1_700_000_000n,
  coinbase: OTHER,
  gasLimit: 30_000_000n,
  difficulty: 131_072n,
  prevRandao: new Uint8Array(32).fill(7),
  baseFeePerGas: 7n,
  getBlobGasPrice: () => 1n,
};

interface Outcome {
  readonly error: string | undefined;
  readonly rest: unknown;
  readonly steps: unknown[];
  readonly state: unknown;
}

async function outcomeOf(
  library: Library,
  hardfork: string,
  program: Uint8Array,
  gasLimit: bigint,
): Promise<Outcome> {
  const evm = await evmWith(library, { c0de: program, '07e5': ECHO }, { hardfork });
  for (const address of [CALLER, CONTRACT]) evm.journal.addAlwaysWarmAddress(address.toString());
  const steps: unknown[] = [];
  evm.events.on(
    'step',
    ({ pc, depth, opcode, gasLeft, gasRefund, stack, memory, memoryWordCount, address }) => {
      // That library leaves out zeros at the end that nothing was written to.
      const bytes = bytesToHex(memory).padEnd(2 + 64 * Number(memoryWordCount), '0');
      steps.push([pc, depth, opcode.name, gasLeft, gasRefund, stack, bytes, address.toString()]);
    },
  );
  const result = await evm.runCall({
    block: { header: HEADER },
    caller: CALLER,
    to: CONTRACT,
    gasLimit,
    value: 3n,
    data: ECHO,
  });
  const { error, ...rest } = seen(result) as { error?: string; made?: unknown };
  // Before that fork, there nothing is noted.
  if (['osaka', 'prague'].includes(hardfork)) rest.made = result.execResult.createdAddresses ?? [];
  return {
    error,
    rest: plain(rest),
    steps: plain(steps) as unknown[],
    state: plain(await stateOf(evm, [CALLER, CONTRACT, OTHER])),
  };
}

/** The two libraries check stack and gas in another order, and name a failing precompile otherwise. */
const ANY_ORDER = ['out of gas', 'stack underflow', 'stack overflow'];
const sameError = (ours?: string, theirs?: string): boolean =>
  ours === theirs || (ANY_ORDER.includes(ours ?? '') && ANY_ORDER.includes(theirs ?? ''));

describe('random programs', () => {
  it.each([
    [Hardfork.Osaka, 150],
    [Hardfork.Prague, 100],
    [Hardfork.London, 60],
    [Hardfork.Istanbul, 60],
    [Hardfork.Homestead, 40],
  ])('give the same in %s', async (hardfork, count) => {
    const random = new Random(count);
    const different: unknown[] = [];
    let successes = 0;
    let thrown = 0;
    for (let i = 0; i < count; i++) {
      const program = likelyProgram(random, PROGRAMS);
      const gasLimit = random.below(4) === 0 ? BigInt(random.below(60_000)) : 300_000n;
      const ours = await outcomeOf(OURS, hardfork, program, gasLimit);
      const theirs = await outcomeOf(THEIRS, hardfork, program, gasLimit).catch((error: unknown) => error);
      // That library throws where a listener is to see the data of a REVERT beyond all memory.
      if (theirs instanceof RangeError) {
        thrown++;
        continue;
      }
      if (ours.error === undefined) successes++;
      const difference = differenceOf(ours, theirs as Outcome);
      if (difference !== undefined) different.push([bytesToHex(program), gasLimit, difference]);
    }
    expect(different).toEqual([]);
    expect(thrown).toBeLessThan(3);
    expect(successes).toBeGreaterThan(count / 20);
  });
});

const big = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);

const isBareRevert = (step: unknown): boolean => {
  const [, , name, , , stack] = step as [number, number, string, bigint, bigint, bigint[]];
  return name === 'REVERT' && stack.length < 2;
};

/** What differs first, in words. */
function differenceOf(ours: Outcome, theirs: Outcome): string | undefined {
  if (!sameError(ours.error, theirs.error)) return `${ours.error} and ${theirs.error}`;
  // A REVERT without its two words is a step here and none there.
  const steps = ours.steps.filter((step) => !isBareRevert(step));
  const pairs: [unknown, unknown][] = steps.map((step, i) => [step, theirs.steps[i]]);
  pairs.push([steps.length, theirs.steps.length], [ours.rest, theirs.rest], [ours.state, theirs.state]);
  const texts = pairs.map(([mine, other]) => [JSON.stringify(mine, big), JSON.stringify(other, big)]);
  return texts.find(([mine, other]) => mine !== other)?.join(' and ');
}
