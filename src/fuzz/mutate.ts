/**
 * Changes a case a little: its code, transaction, storage or fork. What comes out is always a case again, and mostly a
 * valid one; the case that goes in is never changed.
 */

import { intrinsicGas } from '../executor/intrinsic.ts';
import { TxType, type UnsignedTransaction } from '../executor/transaction.ts';
import type { ForkName } from '../forks/fork.ts';
import { rulesOf } from '../forks/rules.ts';
import { delegationTo, isDelegation } from '../machine/code.ts';
import type { Address } from '../primitives/address.ts';
import { MAX_ADDRESS } from '../primitives/address.ts';
import { concatBytes, EMPTY_BYTES, toBytes32 } from '../primitives/bytes.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import { type CaseAccount, CHAIN_ID, type FuzzCase, isPossibleCode } from './case.ts';
import { MOST_CODE, mutateCode, swapAddress } from './mutate-code.ts';
import type { Random } from './random.ts';

export { dictionaryOf } from './mutate-dictionary.ts';

/** What changes draw on. */
export interface MutateOptions {
  /** A case to take parts from. */
  readonly other?: FuzzCase;
  /** Words to try, in [0, 2^256); see `dictionaryOf`. */
  readonly dictionary: readonly bigint[];
  /** Forks to move to. The fork stays where nothing is said. */
  readonly forks?: readonly ForkName[];
  /**
   * Gas limits at which the case is known to have just enough for an instruction, so that one less is too little;
   * they are tried along with others.
   */
  readonly cuts?: readonly bigint[];
}

/** Most bytes of calldata that changes grow to. */
const MOST_DATA = 4_096;
/** Enough for nearly every program, and below the limit of a transaction in every fork. */
const LARGE_GAS = 15_000_000n;

type Change = (random: Random, base: FuzzCase, options: MutateOptions) => FuzzCase;

const withTx = (base: FuzzCase, fields: Partial<UnsignedTransaction>): FuzzCase => ({
  ...base,
  tx: { ...base.tx, ...fields },
});

function withAccount(base: FuzzCase, address: Address, fields: Partial<CaseAccount>): FuzzCase {
  const account = base.pre.get(address);
  if (account === undefined) return base;
  return { ...base, pre: new Map(base.pre).set(address, { ...account, ...fields }) };
}

/** Addresses of the accounts with code, the one that is called three times as likely as others. */
function coded({ pre, tx }: FuzzCase, isMeant?: (code: Uint8Array) => boolean): Address[] {
  const addresses: Address[] = [];
  pre.forEach(({ code }, address) => {
    if (code.length === 0 || isMeant?.(code) === false) return;
    addresses.push(address);
    if (address === tx.to) addresses.push(address, address);
  });
  return addresses;
}

const isProgram = (code: Uint8Array): boolean => !isDelegation(code);

/** As `coded`, without those that delegate. */
const programs = (base: FuzzCase): Address[] => coded(base, isProgram);

function someCode(random: Random, from: FuzzCase): Uint8Array {
  const addresses = programs(from);
  if (addresses.length === 0) return from.tx.to === null ? from.tx.data : EMPTY_BYTES;
  return from.pre.get(random.pick(addresses))!.code;
}

/** Any word: of the dictionary, or a random one. */
const word = (random: Random, dictionary: readonly bigint[]): bigint =>
  dictionary.length === 0 || random.oneIn(8) ? random.bits(256) : random.pick(dictionary);

const code: Change = (random, base, options) => {
  const { fork, tx } = base;
  const source = { fork, dictionary: options.dictionary, other: someCode(random, options.other ?? base) };
  const addresses = coded(base);
  // The init code of a creation is code as well.
  if (tx.to === null && (addresses.length === 0 || random.oneIn(2))) {
    return withTx(base, { data: mutateCode(random, tx.data, source) });
  }
  if (addresses.length === 0) return base;
  const address = random.pick(addresses);
  const old = base.pre.get(address)!.code;
  // A delegation is no program: it may only come to lead elsewhere.
  const changed = isDelegation(old)
    ? delegationTo(random.pick([...base.pre.keys()]))
    : mutateCode(random, old, source);
  return isPossibleCode(changed) ? withAccount(base, address, { code: changed }) : base;
};

/** The whole code of an account of the other case. */
const foreignCode: Change = (random, base, { other }) => {
  const addresses = coded(base);
  if (other === undefined || addresses.length === 0) return base;
  const taken = someCode(random, other);
  if (taken.length > MOST_CODE) return base;
  return withAccount(base, random.pick(addresses), { code: taken });
};

const callee: Change = (random, base) => {
  const addresses = [...base.pre.keys()];
  const { to } = base.tx;
  if (to !== null && random.oneIn(4) && addresses.length > 0) {
    return withTx(base, { to: random.pick(addresses) });
  }
  const owners = programs(base);
  if (owners.length === 0) return base;
  const owner = random.pick(owners);
  return withAccount(base, owner, { code: swapAddress(random, base.pre.get(owner)!.code, addresses) });
};

const clamp = (value: bigint, most: bigint): bigint => (value < 0n ? 0n : value > most ? most : value);

const gasLimit: Change = (random, base, { cuts = [] }) => {
  const { tx } = base;
  const intrinsic = intrinsicGas(tx, rulesOf(base.fork));
  const least = intrinsic.gas > intrinsic.floor ? intrinsic.gas : intrinsic.floor;
  const spare = clamp(tx.gasLimit - least, 1n << 31n);
  const choice = random.below(cuts.length > 0 ? 9 : 6);
  let changed: bigint;
  if (choice === 0) changed = tx.gasLimit + BigInt(random.between(-3, 3));
  else if (choice === 1) changed = tx.gasLimit - (tx.gasLimit >> BigInt(random.between(1, 8)));
  else if (choice === 2) changed = least + BigInt(random.below(3)) - (random.oneIn(4) ? 1n : 0n);
  else if (choice === 3) changed = least + BigInt(random.below(Math.max(1, Number(spare))));
  else if (choice === 4) changed = least + BigInt(random.below(5_000));
  else if (choice === 5) changed = LARGE_GAS;
  else changed = random.pick(cuts) - BigInt(random.below(2));
  return withTx(base, { gasLimit: clamp(changed, MAX_U64) });
};

const value: Change = (random, base, { dictionary }) => {
  const choice = random.below(4);
  const balance = base.pre.get(base.sender)?.balance ?? 0n;
  // Mostly what the sender can pay for.
  const wei = choice === 0 ? 0n : choice === 1 ? BigInt(random.below(1_000)) : word(random, dictionary);
  return withTx(base, { value: choice === 2 && balance > 0n ? wei % (balance >> 1n || 1n) : wei });
};

const calldata: Change = (random, base, { dictionary, other }) => {
  const data = base.tx.data.slice();
  const choice = random.below(6);
  if (choice === 0 && other !== undefined) return withTx(base, { data: other.tx.data.slice(0, MOST_DATA) });
  if (choice === 1 || data.length === 0) {
    const grown = concatBytes(data, toBytes32(word(random, dictionary)));
    return grown.length > Math.max(MOST_DATA, data.length) ? base : withTx(base, { data: grown });
  }
  if (choice === 2) return withTx(base, { data: data.slice(0, random.below(data.length)) });
  if (choice === 3) data[random.below(data.length)]! ^= 1 << random.below(8);
  else if (choice === 4) data[random.below(data.length)] = random.below(256);
  else {
    // Arguments stand at multiples of 32 bytes, or 4 behind them where a selector comes first.
    const at = 32 * random.below((data.length >> 5) + 1) + (random.oneIn(2) ? 4 : 0);
    data.set(
      toBytes32(word(random, dictionary)).subarray(0, Math.max(0, data.length - at)),
      Math.min(at, data.length),
    );
  }
  return withTx(base, { data });
};

const storage: Change = (random, base, { dictionary }) => {
  const addresses = coded(base);
  if (addresses.length === 0) return base;
  const address = random.pick(addresses);
  const slots = new Map(base.pre.get(address)!.storage);
  const keys = [...slots.keys()];
  const key = keys.length > 0 && random.oneIn(2) ? random.pick(keys) : word(random, dictionary);
  const content = random.oneIn(3) ? BigInt(random.below(3)) : word(random, dictionary);
  // A slot of 0 is no slot.
  if (content === 0n) slots.delete(key);
  else slots.set(key, content);
  return withAccount(base, address, { storage: slots });
};

const balance: Change = (random, base, { dictionary }) => {
  const addresses = coded(base).filter((address) => address !== base.sender);
  if (addresses.length === 0) return base;
  const wei = random.oneIn(2) ? BigInt(random.below(3)) : word(random, dictionary) >> 128n;
  return withAccount(base, random.pick(addresses), { balance: wei });
};

const block: Change = (random, base, { dictionary }) => {
  const any = word(random, dictionary);
  const fields = random.pick([
    { number: any & 0xffff_ffffn },
    { timestamp: any & 0xff_ffff_ffffn },
    { coinbase: random.pick([any & MAX_ADDRESS, base.sender, base.tx.to ?? 0n]) },
    { prevRandao: any },
    { difficulty: 131_072n + (any & 0xffffn) },
  ]);
  return { ...base, block: { ...base.block, ...fields } };
};

/** The transaction of a case as far as a fork knows such transactions. */
function transactionUnder(fork: ForkName, tx: UnsignedTransaction): UnsignedTransaction {
  const rules = rulesOf(fork);
  const known = rules.txTypes.includes(tx.type);
  const type = known ? tx.type : TxType.Legacy;
  const chainId = type === TxType.Legacy && !rules.replayProtection ? null : CHAIN_ID;
  if (known) return { ...tx, chainId };
  const fee = { maxPriorityFeePerGas: tx.maxFeePerGas, maxFeePerBlobGas: 0n };
  return { ...tx, ...fee, type, chainId, accessList: [], blobHashes: [], authorizations: [] };
}

const fork: Change = (random, base, { forks = [] }) => {
  if (forks.length === 0) return base;
  const to = random.pick(forks);
  return { ...base, fork: to, tx: transactionUnder(to, base.tx) };
};

/** Access list and authorizations, some of the other case's. */
const envelope: Change = (random, base, { other }) => {
  const { tx } = base;
  if (tx.type === TxType.Legacy) return base;
  if (tx.accessList.length > 0 && random.oneIn(2)) {
    const list = tx.accessList.slice();
    list.splice(random.below(list.length), 1);
    return withTx(base, { accessList: list });
  }
  if (other === undefined) return base;
  if (tx.type === TxType.SetCode && other.tx.authorizations.length > 0) {
    return withTx(base, { authorizations: [...tx.authorizations, random.pick(other.tx.authorizations)] });
  }
  return withTx(base, { accessList: other.tx.accessList });
};

const weighted = (...changes: readonly (readonly [weight: number, change: Change])[]): readonly Change[] =>
  changes.flatMap(([weight, change]) => new Array<Change>(weight).fill(change));

/** Of what a program is given. Each stands there as often as it is likely. */
const OF_INPUT = weighted(
  ...([
    [4, gasLimit],
    [2, value],
    [4, calldata],
  ] as const),
  ...([
    [4, storage],
    [1, balance],
    [1, block],
    [1, envelope],
  ] as const),
);
const OF_ALL = weighted([24, code], [2, foreignCode], [3, callee], [2, fork]).concat(OF_INPUT);

/** Most changes of one mutation. */
const MOST_CHANGES = 4;

/**
 * A case that differs from `base` in one to four places, now and then in none. The same for the same state of
 * `random` and the same arguments, which stay as they are.
 */
export const mutateCase = (random: Random, base: FuzzCase, options: MutateOptions): FuzzCase =>
  changed(random, base, options, OF_ALL);

/** As `mutateCase`, with the same codes under the same fork: such a case takes less time than one of other codes. */
export const mutateInput = (random: Random, base: FuzzCase, options: MutateOptions): FuzzCase =>
  changed(random, base, options, OF_INPUT);

function changed(
  random: Random,
  base: FuzzCase,
  options: MutateOptions,
  changes: readonly Change[],
): FuzzCase {
  let mutated = base;
  for (let left = random.oneIn(2) ? 1 : random.between(1, MOST_CHANGES); left > 0; left--) {
    mutated = random.pick(changes)(random, mutated, options);
  }
  return mutated;
}
