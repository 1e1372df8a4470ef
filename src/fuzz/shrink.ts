/**
 * Makes a failing case as small as it can be while it fails. Deterministic: the same case and the same answers give the
 * same result. What failing means is the predicate's alone; nothing is taken that it did not see.
 */

import { TxType, type UnsignedTransaction } from '../executor/transaction.ts';
import { LATEST_FORK } from '../forks/fork.ts';
import { type Rules, rulesOf } from '../forks/rules.ts';
import { delegationTo, isDelegation } from '../machine/code.ts';
import type { Address } from '../primitives/address.ts';
import { EMPTY_BYTES, equalBytes } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { type CaseAccount, type CaseBlock, CHAIN_ID, DEFAULT_BLOCK, type FuzzCase } from './case.ts';
import { Attempts, leaveOut, type StillFails } from './shrink-attempts.ts';
import { Assembly, constantOf, isPush, type Piece, Relocation } from './shrink-code.ts';
import { shrinkProgram } from './shrink-program.ts';

/** How far shrinking may go. */
export interface ShrinkLimits {
  /** How often the predicate is asked at most, the check of the case itself included. */
  readonly tries: number;
  /** Asked before each try; true ends the search with the best case so far. */
  readonly stopped?: () => boolean;
}

const ETHER = 10n ** 18n;
const SIMPLE_PRICE = 10n;
const ROUND_GAS: readonly bigint[] = [
  21_000n,
  30_000n,
  50_000n,
  100_000n,
  200_000n,
  500_000n,
  1_000_000n,
  2_000_000n,
  5_000_000n,
  10_000_000n,
];

const withTx = (fuzzCase: FuzzCase, tx: Partial<UnsignedTransaction>): FuzzCase => ({
  ...fuzzCase,
  tx: { ...fuzzCase.tx, ...tx },
});

const withAccount = (fuzzCase: FuzzCase, address: Address, parts: Partial<CaseAccount>): FuzzCase => {
  const account = fuzzCase.pre.get(address);
  if (account === undefined) return fuzzCase;
  return { ...fuzzCase, pre: new Map(fuzzCase.pre).set(address, { ...account, ...parts }) };
};

/** A legacy transaction commits to the chain where it can. */
const chainOf = (type: TxType, rules: Rules): bigint | null =>
  type === TxType.Legacy && !rules.replayProtection ? null : CHAIN_ID;

/**
 * @returns a case that `stillFails` has accepted, no larger than `fuzzCase`
 * @throws ErbiumError INVALID_ARGUMENT where the case does not fail to begin with, or `limits.tries` is less than 1;
 *   and whatever `stillFails` throws
 */
export async function shrink(
  fuzzCase: FuzzCase,
  stillFails: StillFails,
  limits: ShrinkLimits,
): Promise<FuzzCase> {
  const { tries, stopped = () => false } = limits;
  if (!(tries >= 1)) {
    throw new ErbiumError('INVALID_ARGUMENT', `limits.tries: expected a number from 1 on, got ${tries}`);
  }
  if (!(await stillFails(fuzzCase))) {
    throw new ErbiumError('INVALID_ARGUMENT', 'shrink: the case does not fail to begin with');
  }
  const attempts = new Attempts(fuzzCase, stillFails, tries - 1, stopped);
  await newestFork(attempts);
  let before: FuzzCase;
  do {
    before = attempts.best;
    await accounts(attempts);
    await recipient(attempts);
    await addresses(attempts);
    await transaction(attempts);
    await codes(attempts);
    await storage(attempts);
    await numbers(attempts);
    await block(attempts);
  } while (attempts.best !== before && !attempts.isOver);
  await gas(attempts);
  return attempts.best;
}

async function newestFork(attempts: Attempts): Promise<void> {
  const { best } = attempts;
  const chainId = chainOf(best.tx.type, rulesOf(LATEST_FORK));
  await attempts.take({ ...withTx(best, { chainId }), fork: LATEST_FORK });
}

async function accounts(attempts: Attempts): Promise<void> {
  const others = [...attempts.best.pre].filter(([address]) => address !== attempts.best.sender);
  await leaveOut(others, (rest) => {
    const { best } = attempts;
    const kept = new Set(rest.map(([address]) => address));
    const pre = [...best.pre].filter(([address]) => address === best.sender || kept.has(address));
    return attempts.take({ ...best, pre: new Map(pre) });
  });
}

/** Sends the transaction straight to a contract that is called, without the one that calls it. */
async function recipient(attempts: Attempts): Promise<void> {
  for (const [address, { code }] of attempts.best.pre) {
    const { best } = attempts;
    const { to } = best.tx;
    if (to === null || to === best.sender || to === address || code.length === 0) continue;
    const pre = new Map([...best.pre].filter(([other]) => other !== to));
    if (pre.size < best.pre.size) await attempts.take({ ...withTx(best, { to: address }), pre });
  }
}

/** Addresses of one byte, which no precompile has. */
const SHORT_ADDRESSES: readonly Address[] = Array.from({ length: 16 }, (_, i) => 0xc0n + BigInt(i));
/** A longer address is worth a shorter one. */
const SHORT_ENOUGH = 0xffffn;

/** Short addresses for the accounts that programs name by long ones. */
async function addresses(attempts: Attempts): Promise<void> {
  for (const address of attempts.best.pre.keys()) {
    const { best } = attempts;
    const short = SHORT_ADDRESSES.find((candidate) => !best.pre.has(candidate));
    if (address === best.sender || address <= SHORT_ENOUGH || short === undefined) continue;
    const shorter = renamed(best, address, short);
    if (codeLength(shorter) < codeLength(best)) await attempts.take(shorter);
  }
}

/** Bytes of all code. */
function codeLength({ pre, tx }: FuzzCase): number {
  let length = tx.to === null ? tx.data.length : 0;
  for (const { code } of pre.values()) length += code.length;
  return length;
}

/** The case with another address for an account, wherever it is named as a constant. */
function renamed(fuzzCase: FuzzCase, from: Address, to: Address): FuzzCase {
  const { pre, tx, fork } = fuzzCase;
  const assembly = new Assembly(rulesOf(fork));
  const inCode = (code: Uint8Array): Uint8Array => {
    if (isDelegation(code)) return equalBytes(code, delegationTo(from)) ? delegationTo(to) : code;
    const pieces = assembly.read(code);
    const isNamed = (piece: Piece): boolean => isPush(piece) && constantOf(piece) === from;
    if (!pieces.some(isNamed)) return code;
    const named = pieces.map((piece) => (isNamed(piece) ? assembly.push(to) : piece));
    return assembly.write(named, Relocation.BeforeJumps);
  };
  const accounts = [...pre].map(([address, account]): [Address, CaseAccount] => [
    address === from ? to : address,
    { ...account, code: inCode(account.code) },
  ]);
  const accessList = tx.accessList.map((entry) =>
    entry.address === from ? { ...entry, address: to } : entry,
  );
  const target = tx.to === from ? to : tx.to;
  const data = tx.to === null ? inCode(tx.data) : tx.data;
  return { ...withTx(fuzzCase, { to: target, accessList, data }), pre: new Map(accounts) };
}

/** The transaction with fewer features, as a type that does without the rest. */
function* lowered({ best }: Attempts): Generator<FuzzCase> {
  const { tx, fork } = best;
  const rules = rulesOf(fork);
  const cheaper = tx.maxFeePerGas < SIMPLE_PRICE ? tx.maxFeePerGas : SIMPLE_PRICE;
  for (const type of [TxType.Legacy, TxType.AccessList, TxType.FeeMarket]) {
    if (type >= tx.type) return;
    const accessList = type === TxType.Legacy ? [] : tx.accessList;
    for (const price of [cheaper, tx.maxFeePerGas]) {
      const fees = type === TxType.FeeMarket ? {} : { maxFeePerGas: price, maxPriorityFeePerGas: price };
      const none = { maxFeePerBlobGas: 0n, blobHashes: [], authorizations: [] };
      yield withTx(best, { type, chainId: chainOf(type, rules), accessList, ...fees, ...none });
    }
  }
}

async function transaction(attempts: Attempts): Promise<void> {
  await attempts.takeFirst(lowered(attempts));
  await leaveOut(attempts.best.tx.authorizations, (authorizations) =>
    attempts.take(withTx(attempts.best, { authorizations })),
  );
  await leaveOut(attempts.best.tx.blobHashes, (blobHashes) =>
    attempts.take(withTx(attempts.best, { blobHashes })),
  );
  await accessList(attempts);
  const { value } = attempts.best.tx;
  await attempts.takeFirst(smaller(value, [0n, 1n]).map((less) => withTx(attempts.best, { value: less })));
  if (attempts.best.tx.to !== null) await calldata(attempts);
}

async function accessList(attempts: Attempts): Promise<void> {
  const take = (list: UnsignedTransaction['accessList']): Promise<boolean> =>
    attempts.take(withTx(attempts.best, { accessList: list }));
  await leaveOut(attempts.best.tx.accessList, take);
  for (const [i, { address, storageKeys }] of attempts.best.tx.accessList.entries()) {
    await leaveOut(storageKeys, (keys) =>
      take(attempts.best.tx.accessList.map((entry, j) => (i === j ? { address, storageKeys: keys } : entry))),
    );
  }
}

async function calldata(attempts: Attempts): Promise<void> {
  const take = (data: Uint8Array): Promise<boolean> => attempts.take(withTx(attempts.best, { data }));
  await leaveOut([...attempts.best.tx.data], (rest) => take(Uint8Array.from(rest)));
  for (let i = 0; i < attempts.best.tx.data.length && !attempts.isOver; i++) {
    const { data } = attempts.best.tx;
    for (const byte of [0, 1]) {
      if (data[i]! <= byte || (await take(data.map((old, j) => (i === j ? byte : old))))) break;
    }
  }
}

async function codes(attempts: Attempts): Promise<void> {
  for (const address of attempts.best.pre.keys()) {
    const code = attempts.best.pre.get(address)!.code;
    // A delegation is an address and no program: it is there or it is not.
    if (isDelegation(code)) await attempts.take(withAccount(attempts.best, address, { code: EMPTY_BYTES }));
    else {
      await shrinkProgram(attempts, {
        get: ({ pre }) => pre.get(address)!.code,
        set: (fuzzCase, shorter) => withAccount(fuzzCase, address, { code: shorter }),
      });
    }
  }
  if (attempts.best.tx.to === null) {
    await shrinkProgram(attempts, {
      get: ({ tx }) => tx.data,
      set: (fuzzCase, data) => withTx(fuzzCase, { data }),
    });
  }
}

async function storage(attempts: Attempts): Promise<void> {
  for (const [address, { storage: slots }] of attempts.best.pre) {
    await leaveOut([...slots], (rest) =>
      attempts.take(withAccount(attempts.best, address, { storage: new Map(rest) })),
    );
    for (const [key, value] of attempts.best.pre.get(address)!.storage) {
      if (value === 1n) continue;
      const simpler = new Map(attempts.best.pre.get(address)!.storage).set(key, 1n);
      await attempts.take(withAccount(attempts.best, address, { storage: simpler }));
    }
  }
}

/** Those of the candidates that are less than the value: a number only ever becomes smaller. */
const smaller = (value: bigint, candidates: readonly bigint[]): bigint[] =>
  candidates.filter((candidate) => candidate < value);

/** Nonces, balances and prices. */
async function numbers(attempts: Attempts): Promise<void> {
  const { sender } = attempts.best;
  for (const [address, { nonce, balance }] of attempts.best.pre) {
    const isSender = address === sender;
    await attempts.takeFirst(
      smaller(nonce, [0n, 1n]).map((less) => {
        const fewer = withAccount(attempts.best, address, { nonce: less });
        // The transaction's nonce keeps its distance, also a wrong one's.
        const { tx } = attempts.best;
        return isSender && tx.nonce >= nonce ? withTx(fewer, { nonce: tx.nonce - nonce + less }) : fewer;
      }),
    );
    await attempts.takeFirst(
      smaller(balance, isSender ? [ETHER] : [0n, 1n]).map((less) =>
        withAccount(attempts.best, address, { balance: less }),
      ),
    );
  }
  const { maxFeePerGas, type } = attempts.best.tx;
  const hasTwoFees = type !== TxType.Legacy && type !== TxType.AccessList;
  await attempts.takeFirst(
    smaller(maxFeePerGas, [SIMPLE_PRICE]).map((price) =>
      withTx(attempts.best, { maxFeePerGas: price, maxPriorityFeePerGas: hasTwoFees ? 0n : price }),
    ),
  );
}

async function block(attempts: Attempts): Promise<void> {
  if (await attempts.take({ ...attempts.best, block: DEFAULT_BLOCK })) return;
  for (const key of Object.keys(DEFAULT_BLOCK) as (keyof CaseBlock)[]) {
    const { best } = attempts;
    await attempts.take({ ...best, block: { ...best.block, [key]: DEFAULT_BLOCK[key] } });
  }
}

/** A round gas limit, the smallest that does; or, where none does, the least. */
async function gas(attempts: Attempts): Promise<void> {
  const { gasLimit } = attempts.best.tx;
  const withGas = (limit: bigint): FuzzCase => withTx(attempts.best, { gasLimit: limit });
  if (ROUND_GAS.includes(gasLimit)) {
    await attempts.takeFirst(smaller(gasLimit, ROUND_GAS).map(withGas));
    return;
  }
  if (await attempts.takeFirst(smaller(gasLimit, ROUND_GAS).map(withGas))) return;
  let passes = 0n;
  let fails = gasLimit;
  while (fails - passes > 1n && !attempts.isOver) {
    const middle = (passes + fails) / 2n;
    if (await attempts.take(withGas(middle))) fails = middle;
    else passes = middle;
  }
}
