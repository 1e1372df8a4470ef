/** A case in which a contract calls a precompile with the calldata, and stores what came of it. */

import { opTableOf } from '../../../opcodes/optable.ts';
import type { Precompile } from '../../../precompiles/row.ts';
import { intrinsicGas } from '../../executor/intrinsic.ts';
import { TxType, type UnsignedTransaction } from '../../executor/transaction.ts';
import type { ForkName } from '../../forks/fork.ts';
import { rulesOf } from '../../forks/rules.ts';
import { EMPTY_BYTES } from '../../primitives/bytes.ts';
import { type CaseAccount, CHAIN_ID, DEFAULT_BLOCK, type FuzzCase } from '../case.ts';
import { Assembly } from '../generate/assembly.ts';
import { MAIN, ownerOf } from '../generate/places.ts';

const OP = {
  KECCAK256: 0x20,
  CALLDATASIZE: 0x36,
  CALLDATACOPY: 0x37,
  RETURNDATASIZE: 0x3d,
  SSTORE: 0x55,
  CALL: 0xf1,
} as const;

/** What the contract itself needs: three slots, the copies, and memory. */
const OWN_GAS = 300_000n;

const account = (parts: Partial<CaseAccount>): CaseAccount => ({
  nonce: 0n,
  balance: 0n,
  code: EMPTY_BYTES,
  storage: new Map(),
  ...parts,
});

/** Slot 0: whether the call succeeded; slot 1: the hash of the output; slot 2: its length, where the fork tells it. */
function caller(
  { address }: Precompile,
  knowsLength: boolean,
  outputLength: number,
  gas: number,
): Uint8Array {
  const code = Assembly.begin();
  code.op(OP.CALLDATASIZE, 0, 1);
  code.push(0);
  code.push(0);
  code.op(OP.CALLDATACOPY, 3, 0);
  // The output goes behind the input.
  code.push(outputLength);
  code.op(OP.CALLDATASIZE, 0, 1);
  code.op(OP.CALLDATASIZE, 0, 1);
  code.push(0);
  code.push(0);
  code.push(Number(address));
  code.push(gas);
  code.op(OP.CALL, 7, 1);
  code.push(0);
  code.op(OP.SSTORE, 2, 0);
  code.push(outputLength);
  code.op(OP.CALLDATASIZE, 0, 1);
  code.op(OP.KECCAK256, 2, 1);
  code.push(1);
  code.op(OP.SSTORE, 2, 0);
  if (knowsLength) {
    code.op(OP.RETURNDATASIZE, 0, 1);
    code.push(2);
    code.op(OP.SSTORE, 2, 0);
  }
  return code.finish();
}

/**
 * A transaction whose outcome tells all that a precompile does with an input: whether it answers, what, and, in the
 * sender's balance, for how much gas.
 * @param outputLength of the longest answer that anyone gives
 * @param gas that the precompile gets
 */
export function precompileCase(
  row: Precompile,
  fork: ForkName,
  input: Uint8Array,
  outputLength: number,
  gas: number,
): FuzzCase {
  const rules = rulesOf(fork);
  const knowsLength = opTableOf(rules).rows[OP.RETURNDATASIZE] !== undefined;
  const { address: sender, secretKey } = ownerOf(0);
  const draft: UnsignedTransaction = {
    type: TxType.Legacy,
    chainId: rules.replayProtection ? CHAIN_ID : null,
    nonce: 0n,
    gasLimit: 0n,
    maxPriorityFeePerGas: 10n,
    maxFeePerGas: 10n,
    to: MAIN,
    value: 0n,
    data: input,
    accessList: [],
    maxFeePerBlobGas: 0n,
    blobHashes: [],
    authorizations: [],
  };
  const { gas: intrinsic, floor } = intrinsicGas(draft, rules);
  // A call leaves a part of the gas where it is (EIP-150).
  const gasLimit = (intrinsic > floor ? intrinsic : floor) + OWN_GAS + (BigInt(gas) * 64n) / 63n;
  return {
    fork,
    block: DEFAULT_BLOCK,
    pre: new Map([
      [sender, account({ balance: 10n ** 18n })],
      [MAIN, account({ nonce: 1n, code: caller(row, knowsLength, outputLength, gas) })],
    ]),
    tx: { ...draft, gasLimit },
    secretKey,
    sender,
  };
}
