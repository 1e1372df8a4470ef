/**
 * One case of a state test in @ethereumjs/vm: the independent second opinion on the smoke tests. Only the
 * reading of the fixture is ours, and the KZG proof check, for which the other side brings nothing of its own.
 */

import { createBlock } from '@ethereumjs/block';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { RLP } from '@ethereumjs/rlp';
import { MerkleStateManager } from '@ethereumjs/statemanager';
import { createLegacyTx, createTxFromRLP, type TypedTransaction } from '@ethereumjs/tx';
import {
  Account,
  createAddressFromString,
  hexToBytes as fromPrefixedHex,
  type PrefixedHexString,
  bytesToHex as toPrefixedHex,
} from '@ethereumjs/util';
import { createVM, runTx, type VM } from '@ethereumjs/vm';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { nobleCrypto } from '../../precompiles/crypto.ts';
import type { StateTestCase } from '../../src/statetest/case.ts';
import type { FixtureState } from '../../src/statetest/fixture.ts';

export interface OracleResult {
  readonly root: PrefixedHexString;
  readonly logs: PrefixedHexString;
  /** Why the transaction was rejected, in the oracle's words; null where it ran. */
  readonly rejected: string | null;
}

/** Forks by the names of state tests, as the oracle calls them. */
const HARDFORKS: Readonly<Record<string, Hardfork>> = {
  Frontier: Hardfork.Chainstart,
  Homestead: Hardfork.Homestead,
  EIP150: Hardfork.TangerineWhistle,
  EIP158: Hardfork.SpuriousDragon,
  Byzantium: Hardfork.Byzantium,
  Constantinople: Hardfork.Constantinople,
  ConstantinopleFix: Hardfork.Petersburg,
  Istanbul: Hardfork.Istanbul,
  MuirGlacier: Hardfork.MuirGlacier,
  Berlin: Hardfork.Berlin,
  London: Hardfork.London,
  ArrowGlacier: Hardfork.ArrowGlacier,
  GrayGlacier: Hardfork.GrayGlacier,
  Paris: Hardfork.Paris,
  Shanghai: Hardfork.Shanghai,
  Cancun: Hardfork.Cancun,
  Prague: Hardfork.Prague,
  Osaka: Hardfork.Osaka,
  BPO1: Hardfork.Bpo1,
  BPO2: Hardfork.Bpo2,
};

export const oracleKnows = (fork: string): boolean => fork in HARDFORKS;

const hexOf = (value: bigint, bytes: number): PrefixedHexString =>
  `0x${value.toString(16).padStart(2 * bytes, '0')}`;
const addressOf = (address: bigint) => createAddressFromString(hexOf(address, 20));
const wordOf = (value: bigint): Uint8Array => fromPrefixedHex(hexOf(value, 32));
const short = (value: bigint): Uint8Array => {
  const hex = value.toString(16);
  return fromPrefixedHex(`0x${hex.length % 2 === 0 ? hex : `0${hex}`}`);
};

const BLS12_ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

/** As the C library behaves that the oracle expects: it refuses numbers beyond the order of the group. */
const kzg = {
  verifyProof(commitment: string, z: string, y: string, proof: string): boolean {
    if (BigInt(z) >= BLS12_ORDER || BigInt(y) >= BLS12_ORDER) throw new Error('C_KZG_BADARGS');
    return nobleCrypto.verifyKzgProof(
      fromPrefixedHex(commitment as PrefixedHexString),
      BigInt(z),
      BigInt(y),
      fromPrefixedHex(proof as PrefixedHexString),
    );
  },
};

/** State tests define the hash of block n as keccak256 of n in decimal digits. */
const blockchain = {
  getBlock: async (number: number) => ({
    hash: () => keccak_256(new TextEncoder().encode(`${number}`)),
  }),
  putBlock: async () => {},
  shallowCopy: () => blockchain,
};

async function fillState(state: MerkleStateManager, pre: FixtureState): Promise<void> {
  for (const [address, { nonce, balance, code, storage }] of pre) {
    const at = addressOf(address);
    await state.putAccount(at, new Account(nonce, balance));
    if (code.length > 0) await state.putCode(at, code);
    for (const [key, value] of storage) {
      if (value !== 0n) await state.putStorage(at, wordOf(key), short(value));
    }
  }
}

function blockOf({ test }: StateTestCase, common: Common) {
  const { env } = test;
  const merged = common.gteHardfork(Hardfork.Paris);
  return createBlock(
    {
      header: {
        coinbase: addressOf(env.coinbase),
        gasLimit: env.gasLimit,
        number: env.number,
        timestamp: env.timestamp,
        difficulty: merged ? 0n : env.difficulty,
        ...(merged ? { mixHash: wordOf(env.random!) } : {}),
        ...(common.isActivatedEIP(1559) ? { baseFeePerGas: env.baseFee! } : {}),
        ...(common.isActivatedEIP(4844) ? { excessBlobGas: env.excessBlobGas!, blobGasUsed: 0n } : {}),
      },
    },
    { common, setHardfork: false, skipConsensusFormatValidation: true },
  );
}

function transactionOf({ test, post }: StateTestCase, common: Common): TypedTransaction {
  if (post.txbytes !== undefined) return createTxFromRLP(post.txbytes, { common }) as TypedTransaction;
  const { transaction } = test;
  const tx = createLegacyTx(
    {
      nonce: transaction.nonce,
      gasPrice: transaction.gasPrice!,
      gasLimit: transaction.gasLimit[post.gas]!,
      value: transaction.value[post.value]!,
      data: transaction.data[post.data]!,
      ...(transaction.to === null ? {} : { to: addressOf(transaction.to) }),
    },
    { common },
  );
  return tx.sign(transaction.secretKey!);
}

async function runIn(vm: VM, testCase: StateTestCase): Promise<Uint8Array[][] | string> {
  try {
    const tx = transactionOf(testCase, vm.common);
    if (!tx.isValid()) return tx.getValidationErrors().join('; ');
    const { receipt } = await runTx(vm, { tx, block: blockOf(testCase, vm.common) });
    return receipt.logs as unknown as Uint8Array[][];
  } catch (error) {
    return (error as Error).message;
  }
}

/** Runs a case whose fork the oracle knows. */
export async function askOracle(testCase: StateTestCase): Promise<OracleResult> {
  const common = new Common({
    chain: Mainnet,
    hardfork: HARDFORKS[testCase.fork]!,
    customCrypto: { kzg: kzg as never },
  });
  const stateManager = new MerkleStateManager({ common });
  await stateManager.checkpoint();
  await fillState(stateManager, testCase.test.pre);
  await stateManager.commit();
  await stateManager.flush();
  const vm = await createVM({ common, stateManager, blockchain: blockchain as never });
  const outcome = await runIn(vm, testCase);
  const rejected = typeof outcome === 'string' ? outcome : null;
  const logs = typeof outcome === 'string' ? [] : outcome;
  return {
    root: toPrefixedHex(await stateManager.getStateRoot()),
    logs: toPrefixedHex(keccak_256(RLP.encode(logs))),
    rejected,
  };
}
