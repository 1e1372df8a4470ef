/** The transaction of a case: of every type the fork has, mostly valid, a few invalid in one way. */

import { intrinsicGas } from '../../executor/intrinsic.ts';
import { type AccessListEntry, TxType, type UnsignedTransaction } from '../../executor/transaction.ts';
import { blobBaseFee } from '../../forks/blob-schedule.ts';
import type { Address } from '../../primitives/address.ts';
import { toBytes32 } from '../../primitives/bytes.ts';
import { type CaseBlock, CHAIN_ID } from '../case.ts';
import type { Random } from '../random.ts';
import { authorizationsFor } from './authorizations.ts';
import { initCode } from './init-code.ts';
import type { Kit } from './kit.ts';
import { INTERESTING, KEYS } from './operands.ts';
import { ABSENT, CALLEES, DELEGATING, EMPTY, HOLDER, MAIN, ownerOf, wellKnownAddresses } from './places.ts';
import { sharedInput } from './precompile-inputs.ts';
import { program } from './program.ts';
import type { Profile } from './scope.ts';

/** The version of a blob's hash, in the first of its bytes. */
const BLOB_VERSION = 1n << 248n;
const NONCE_LIMIT = (1n << 64n) - 1n;

/** What the transaction is made by. */
export interface TransactionOptions {
  readonly kit: Kit;
  readonly profile: Profile;
  readonly opcodes: number;
  readonly block: CaseBlock;
  readonly nonce: bigint;
}

type Draft = { -readonly [Field in keyof UnsignedTransaction]: UnsignedTransaction[Field] };

const DATA_SIZES: readonly number[] = [0, 1, 4, 31, 32, 36, 68, 100];
const WORDS: readonly Uint8Array[] = INTERESTING.map(toBytes32);

function calldata(random: Random): Uint8Array {
  const choice = random.below(8);
  if (choice === 0) return new Uint8Array(random.below(70));
  if (choice < 4) return random.bytes(random.pick(DATA_SIZES));
  const data = new Uint8Array(32 * random.between(1, 4));
  for (let at = 0; at < data.length; at += 32) data.set(random.pick(WORDS), at);
  return data;
}

const WITHOUT_CODE: readonly Address[] = [HOLDER, EMPTY, ...ABSENT];

/** What is called, or null for a creation, and the input. */
function target(random: Random, options: TransactionOptions): { to: Address | null; data: Uint8Array } {
  const { kit, profile } = options;
  const isVaried = profile === 'transactions' ? random.oneIn(2) : random.oneIn(10);
  if (!isVaried) return { to: MAIN, data: calldata(random) };
  switch (random.below(8)) {
    case 0:
    case 1:
    case 2: {
      const isProgram = random.oneIn(2);
      const programOptions = { kit, profile, opcodes: 30, isMain: true, isPure: false };
      return { to: null, data: isProgram ? program(random, programOptions) : initCode(random, kit) };
    }
    case 3: {
      const precompile = random.pick(kit.precompiles);
      return { to: precompile.address, data: sharedInput(random, precompile) };
    }
    case 4:
      return { to: random.pick(WITHOUT_CODE), data: calldata(random) };
    case 5:
      return { to: kit.rules.delegation ? ownerOf(DELEGATING).address : MAIN, data: calldata(random) };
    default:
      return { to: random.pick(CALLEES), data: calldata(random) };
  }
}

const someAddress = (random: Random, kit: Kit): Address =>
  random.oneIn(14) ? random.pick(kit.precompiles).address : random.pick(wellKnownAddresses());

function accessListFor(random: Random, kit: Kit): AccessListEntry[] {
  const list: AccessListEntry[] = [];
  for (let entries = random.below(4); entries > 0; entries--) {
    const address = random.oneIn(2) ? MAIN : someAddress(random, kit);
    const storageKeys: bigint[] = [];
    for (let keys = random.below(4); keys > 0; keys--) storageKeys.push(random.pick(KEYS));
    list.push({ address, storageKeys });
  }
  return list;
}

function typeFor(random: Random, { kit, profile }: TransactionOptions): TxType {
  const types = kit.rules.txTypes as readonly TxType[];
  if (profile === 'transactions' || random.oneIn(3)) return random.pick(types);
  // Blobs and authorizations are only what is around the run, and the latter take time.
  return types[random.below(Math.min(types.length, 3))]!;
}

/** Gas that nearly every program is content with. */
function generousGas(random: Random, { kit, profile, opcodes }: TransactionOptions): bigint {
  const perOpcode = profile === 'arithmetic' || profile === 'transactions' ? 1_000 : 3_000;
  const calls = profile === 'calls' || profile === 'storage' ? 2_500_000 : 700_000;
  const gas =
    calls + opcodes * perOpcode + (profile === 'precompiles' ? 3_000_000 : 0) + random.below(100_000);
  return BigInt(Math.min(gas, kit.rules.maxTxGas, 15_000_000));
}

const GAS_LEFT: readonly bigint[] = [0n, 1n, 2n, 3n, 5n, 100n, 2_300n];

function gasLimit(random: Random, draft: Draft, options: TransactionOptions): bigint {
  const { gas, floor } = intrinsicGas(draft, options.kit.rules);
  const least = gas > floor ? gas : floor;
  const choice = random.below(options.profile === 'transactions' ? 20 : 50);
  if (choice === 0) return least + random.pick(GAS_LEFT);
  if (choice < 3) return least + BigInt(random.below(60_000));
  return least + generousGas(random, options);
}

const TIPS: readonly bigint[] = [0n, 1n, 2n, 10n];
const VALUES: readonly bigint[] = [1n, 2n, 1_000n, 1_000_000n];

function setFees(random: Random, draft: Draft, { kit, block }: TransactionOptions): void {
  const { rules } = kit;
  const baseFee = rules.baseFee ? block.baseFee : 0n;
  const tip = random.pick(TIPS);
  const isTwoPart = draft.type >= TxType.FeeMarket;
  draft.maxFeePerGas = baseFee + tip + (isTwoPart ? BigInt(random.below(20)) : random.oneIn(8) ? 0n : 10n);
  draft.maxPriorityFeePerGas = isTwoPart ? tip : draft.maxFeePerGas;
}

function setBlobs(random: Random, draft: Draft, { kit, block }: TransactionOptions): void {
  const { blobs, maxTxBlobs } = kit.rules;
  if (blobs === null) return;
  const most = Math.min(blobs.max, maxTxBlobs);
  const hash = (): bigint => BLOB_VERSION | random.bits(248);
  draft.blobHashes = Array.from({ length: random.oneIn(5) ? most : random.between(1, 2) }, hash);
  draft.maxFeePerBlobGas = blobBaseFee(block.excessBlobGas, blobs) + BigInt(random.below(3));
}

/** Invalidates the transaction in one way. */
function invalidate(random: Random, draft: Draft, { kit, block, nonce }: TransactionOptions): void {
  const { rules } = kit;
  const ways: (() => void)[] = [
    () => void (draft.nonce = nonce + 1n),
    () => void (draft.nonce = NONCE_LIMIT),
    () => void (draft.gasLimit = intrinsicGas(draft, rules).gas - 1n),
    () => void (draft.gasLimit = block.gasLimit + 1n),
    () => void (draft.value = 1n << 100n),
  ];
  if (nonce > 0n) ways.push(() => void (draft.nonce = nonce - 1n));
  if (rules.txFloorTokenGas > 0) {
    ways.push(() => void (draft.gasLimit = intrinsicGas(draft, rules).floor - 1n));
  }
  if (rules.baseFee) {
    ways.push(() => {
      draft.maxFeePerGas = block.baseFee - 1n;
      if (draft.type < TxType.FeeMarket || draft.maxPriorityFeePerGas > draft.maxFeePerGas) {
        draft.maxPriorityFeePerGas = draft.maxFeePerGas;
      }
    });
  }
  if (draft.type >= TxType.FeeMarket) {
    ways.push(() => void (draft.maxPriorityFeePerGas = draft.maxFeePerGas + 1n));
  }
  const general = ways.length;
  if (draft.type === TxType.Blob) {
    const most = Math.min(rules.blobs?.max ?? 0, rules.maxTxBlobs);
    ways.push(
      () => void (draft.blobHashes = []),
      () => void (draft.blobHashes = new Array<bigint>(most + 1).fill(BLOB_VERSION)),
      () => void (draft.blobHashes = [...draft.blobHashes, 2n * BLOB_VERSION]),
      () => void (draft.maxFeePerBlobGas = 0n),
      () => void (draft.to = null),
    );
  }
  if (draft.type === TxType.SetCode) {
    ways.push(
      () => void (draft.authorizations = []),
      () => void (draft.to = null),
    );
  }
  if (draft.to === null && Number.isFinite(rules.maxInitCodeSize) && random.oneIn(20)) {
    ways.push(() => void (draft.data = new Uint8Array(rules.maxInitCodeSize + 1)));
  }
  // The rules of rare types are broken as often as those of all types.
  const own = ways.slice(general);
  random.pick(own.length > 0 && random.oneIn(2) ? own : ways)();
}

/** A transaction of the sender with this nonce. */
export function transactionFor(random: Random, options: TransactionOptions): UnsignedTransaction {
  const { kit, profile, nonce } = options;
  const { rules } = kit;
  const type = typeFor(random, options);
  const { to, data } = target(random, options);
  const draft: Draft = {
    type,
    chainId: type === TxType.Legacy && !rules.replayProtection ? null : CHAIN_ID,
    nonce,
    gasLimit: 0n,
    maxPriorityFeePerGas: 0n,
    maxFeePerGas: 0n,
    to: to === null && type >= TxType.Blob ? MAIN : to,
    value: random.oneIn(3) ? random.pick(VALUES) : 0n,
    data,
    accessList: type === TxType.Legacy || random.oneIn(3) ? [] : accessListFor(random, kit),
    maxFeePerBlobGas: 0n,
    blobHashes: [],
    authorizations: type === TxType.SetCode ? authorizationsFor(random) : [],
  };
  setFees(random, draft, options);
  if (type === TxType.Blob) setBlobs(random, draft, options);
  draft.gasLimit = gasLimit(random, draft, options);
  if (draft.gasLimit > rules.maxTxGas) draft.gasLimit = BigInt(rules.maxTxGas);
  if (random.oneIn(profile === 'transactions' ? 12 : 60)) invalidate(random, draft, options);
  return draft;
}
