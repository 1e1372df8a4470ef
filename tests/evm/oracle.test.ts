/**
 * Random programs against @ethereumjs/evm: whether they succeed, their gas and their return data. Both are asked to
 * run the same call on the same state.
 */

import { createBlock } from '@ethereumjs/block';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM, type EVM } from '@ethereumjs/evm';
import { SimpleStateManager } from '@ethereumjs/statemanager';
import { Account, createAddressFromString, hexToBytes as fromHex } from '@ethereumjs/util';
import { describe, expect, it } from 'vitest';
import type { ForkName } from '../../src/forks/fork.ts';
import { isSuccess } from '../../src/machine/halt.ts';
import { addressToHex } from '../../src/primitives/address.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { code } from '../helpers/assembler.ts';
import { likelyProgram, Random } from '../helpers/random.ts';
import { BLOCK, CALLER, CONTRACT, OTHER, run } from '../helpers/run.ts';

const GAS = 300_000n;
const PRECOMPILES = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 9n];

/** What runs when OTHER is called: keeps its call data's first word and returns it. */
const ECHO = code('CALLDATASIZE', new Uint8Array([0x5f]), new Uint8Array([0x5f]), 'CALLDATACOPY', [
  new Uint8Array([0x5f]),
  'MLOAD',
  new Uint8Array([0x5f]),
  'SSTORE',
  'CALLDATASIZE',
  new Uint8Array([0x5f]),
  'RETURN',
]);

const common = (hardfork: Hardfork): Common => new Common({ chain: Mainnet, hardfork });

async function evmOf(hardfork: Hardfork, program: Uint8Array): Promise<EVM> {
  const settings = common(hardfork);
  const stateManager = new SimpleStateManager({ common: settings });
  const put = async (address: bigint, account: Account, bytes?: Uint8Array): Promise<void> => {
    const at = createAddressFromString(addressToHex(address));
    await stateManager.putAccount(at, account);
    if (bytes !== undefined) await stateManager.putCode(at, bytes);
  };
  await put(CALLER, new Account(0n, 10n ** 18n));
  await put(CONTRACT, new Account(1n, 1_000n), program);
  await put(OTHER, new Account(0n, 5n), ECHO);
  return createEVM({ common: settings, stateManager });
}

async function theirs(hardfork: Hardfork, program: Uint8Array): Promise<readonly [boolean, bigint, string]> {
  const evm = await evmOf(hardfork, program);
  // Before a transaction's first instruction these are warm (EIP-2929).
  for (const address of [
    CALLER,
    CONTRACT,
    ...Array.from({ length: 0x11 }, (_, i) => BigInt(i + 1)),
    0x100n,
  ]) {
    evm.journal.addAlwaysWarmAddress(addressToHex(address).slice(2));
  }
  const isLater = (since: Hardfork): boolean => evm.common.gteHardfork(since);
  const block = createBlock(
    {
      header: {
        number: BLOCK.number,
        timestamp: BLOCK.timestamp,
        coinbase: addressToHex(BLOCK.coinbase),
        gasLimit: BLOCK.gasLimit,
        difficulty: isLater(Hardfork.Paris) ? 0n : BLOCK.difficulty,
        mixHash: `0x${'77'.padStart(64, '0')}`,
        ...(isLater(Hardfork.London) ? { baseFeePerGas: BLOCK.baseFee } : {}),
        ...(isLater(Hardfork.Cancun) ? { excessBlobGas: 0n, blobGasUsed: 0n } : {}),
      },
    },
    { common: evm.common, skipConsensusFormatValidation: true },
  );
  const { execResult } = await evm.runCall({
    block,
    caller: createAddressFromString(addressToHex(CALLER)),
    origin: createAddressFromString(addressToHex(CALLER)),
    to: createAddressFromString(addressToHex(CONTRACT)),
    gasLimit: GAS,
    gasPrice: 10n,
    data: fromHex(DATA),
  });
  const { exceptionError, executionGasUsed, returnValue } = execResult;
  return [exceptionError === undefined, executionGasUsed, bytesToHex(returnValue)];
}

const DATA = `0x${'c0ffee'.repeat(13)}` as const;

function ours(fork: ForkName, program: Uint8Array): readonly [boolean, bigint, string] {
  const result = run(program, {
    fork,
    gas: GAS,
    data: fromHex(DATA),
    self: { nonce: 1n, balance: 1_000n },
    accounts: [[OTHER, { balance: 5n, code: ECHO }]],
    block: { prevRandao: 0x77n },
  });
  return [isSuccess(result.halt), result.gasUsed, bytesToHex(result.output)];
}

describe('against another EVM', () => {
  it.each<[ForkName, Hardfork, number]>([
    ['Osaka', Hardfork.Osaka, 1_000],
    ['Prague', Hardfork.Prague, 400],
    ['London', Hardfork.London, 300],
    ['Istanbul', Hardfork.Istanbul, 300],
  ])('in %s', async (fork, hardfork, count) => {
    const random = new Random(count + fork.length);
    const different: unknown[] = [];
    let successes = 0;
    for (let i = 0; i < count; i++) {
      const body = likelyProgram(random, { targets: [CONTRACT, OTHER, 0xdeadn], precompiles: PRECOMPILES });
      const program = code(body, 'MSIZE', new Uint8Array([0x60, 0x00]), 'RETURN');
      const [mine, other] = [ours(fork, program), await theirs(hardfork, program)];
      if (mine[0]) successes++;
      if (mine.join() !== other.join()) different.push([bytesToHex(program), mine, other]);
    }
    expect(different).toEqual([]);
    expect(successes).toBeGreaterThan(count / 20);
  });
});
