/**
 * What each fork changes outside the opcode and precompile tables: one row per protocol change, folded and
 * frozen into `Rules` per fork. Code above this room reads the numbers and switches and never a fork's name.
 */

import type { Address } from '../primitives/address.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { BLOB_SCHEDULE, type BlobParams } from './blob-schedule.ts';
import { FORKS, type ForkName, LATEST_FORK, lineageOf, parseFork } from './fork.ts';
import {
  BEACON_ROOT_CONTRACT,
  CONSOLIDATION_CONTRACT,
  DEPOSIT_CONTRACT,
  HISTORY_CONTRACT,
  type RequestContract,
  WITHDRAWAL_CONTRACT,
} from './system-contracts.ts';

/** Gas is in units of gas, sizes in bytes. */
export interface Rules {
  /** Name of the fork, for messages only. */
  readonly fork: string;
  /** All forks whose changes apply, oldest first. The tables resolve their columns with it. */
  readonly lineage: readonly string[];

  // Transactions
  /** Transaction types (EIP-2718) that exist. */
  readonly txTypes: readonly number[];
  readonly txGas: number;
  /** Added for a creation transaction. */
  readonly txCreateGas: number;
  readonly txDataZeroGas: number;
  readonly txDataNonZeroGas: number;
  /** Floor per calldata token, of which a non-zero byte has 4; 0 for no floor. */
  readonly txFloorTokenGas: number;
  /** Largest gas limit of a transaction. */
  readonly maxTxGas: number;
  readonly accessListAddressGas: number;
  readonly accessListSlotGas: number;
  /** Charged up front per authorization. */
  readonly authorizationGas: number;
  /** Refunded when the authority's account existed already. */
  readonly authorizationRefund: number;
  /** Largest share of the gas used that can be refunded, as its divisor. */
  readonly refundQuotient: number;
  /** A signature needs s in the lower half of the group order. */
  readonly lowSRequired: boolean;
  /** A legacy signature may commit to a chain id. */
  readonly replayProtection: boolean;
  /** Blocks have a base fee, which is burnt. */
  readonly baseFee: boolean;
  readonly warmCoinbase: boolean;
  /** Precompiles and access lists are warm, and cold accesses cost extra. */
  readonly accessLists: boolean;
  /** null before blobs exist. */
  readonly blobs: BlobParams | null;
  /** Largest number of blobs in one transaction. */
  readonly maxTxBlobs: number;

  // Accounts and code
  /** Empty accounts that were touched are removed. */
  readonly clearEmptyAccounts: boolean;
  /** Nonce of a fresh contract. */
  readonly contractNonce: bigint;
  readonly maxCodeSize: number;
  readonly maxInitCodeSize: number;
  readonly initCodeWordGas: number;
  /** Code that starts with 0xEF cannot be deployed. */
  readonly rejectEfCode: boolean;
  /** A creation fails when the gas for its code runs out; without this it leaves an empty contract. */
  readonly createNeedsDepositGas: boolean;
  /** Accounts may delegate to the code of another. */
  readonly delegation: boolean;

  // Instructions
  /** A call keeps back one part in 64 of the gas, and asking for too much is no failure. */
  readonly callGasCapped: boolean;
  /** A call pays for a new account only when value moves and the account is dead. */
  readonly newAccountNeedsValue: boolean;
  readonly expByteGas: number;
  /** Beyond the base cost, for the first access of an account. */
  readonly coldAccountExtra: number;
  /** An account accessed before, where no base cost covers it. */
  readonly warmAccountGas: number;
  /** Full cost of a cold account where there is no base cost that covers the warm part. */
  readonly coldAccountGas: number;
  /** SLOAD of a slot that was accessed before. */
  readonly warmSlotGas: number;
  /** SLOAD of any other slot; added to SSTORE for the first access. */
  readonly coldSlotGas: number;
  /** SSTORE is metered against the value before the transaction. */
  readonly sstoreNet: boolean;
  /** SSTORE fails at or below this much gas left. */
  readonly sstoreSentry: number;
  /** SSTORE that changes nothing, or a slot that was changed before. */
  readonly sstoreNoopGas: number;
  readonly sstoreSetGas: number;
  readonly sstoreResetGas: number;
  readonly sstoreClearRefund: number;
  readonly selfdestructNewAccountGas: number;
  readonly selfdestructRefund: number;
  /** SELFDESTRUCT removes only accounts created in the same transaction. */
  readonly selfdestructOnlyNew: boolean;

  // Blocks
  /** Blocks are mined: they have a difficulty and may have uncles. Without this both are nothing. */
  readonly proofOfWork: boolean;
  /** Wei for whoever made the block. */
  readonly blockReward: bigint;
  /** Seconds after which a block no longer raises the difficulty. */
  readonly difficultyPeriod: number;
  /** Each further period lowers the difficulty by a step more, up to 99; without this it is one step for all. */
  readonly difficultyGradual: boolean;
  /** A parent with uncles counts as one period less. */
  readonly difficultyCountsUncles: boolean;
  /** Blocks by which the exponential part of the difficulty is late. */
  readonly difficultyBombDelay: number;
  /** A receipt says whether its transaction succeeded; before, it has the state root. */
  readonly receiptStatus: boolean;
  /** Blocks have withdrawals from the consensus layer. */
  readonly withdrawals: boolean;
  /** Contract that is told the parent's beacon root; 0 where blocks have none. */
  readonly beaconRootContract: Address;
  /** Contract that is told the parent's hash; 0 for none. */
  readonly historyContract: Address;
  /** Blocks commit to requests to the consensus layer. */
  readonly requests: boolean;
  /** Contract whose logs are deposit requests; 0 for none. */
  readonly depositContract: Address;
  /** Contracts that are asked for requests, in order. */
  readonly requestContracts: readonly RequestContract[];
  /** Execution gas that a blob costs at least, or the price of blobs does not fall; 0 for none. */
  readonly blobBaseCost: number;
  /** Longest RLP of a block. */
  readonly maxBlockSize: number;

  // Precompiles
  readonly bn254AddGas: number;
  readonly bn254MulGas: number;
  readonly bn254PairingGas: number;
  readonly bn254PairGas: number;
  /** MODEXP: floor of the price. */
  readonly modexpMinGas: number;
  /** MODEXP: price formula in force (EIP-198, EIP-2565, EIP-7883). */
  readonly modexpPricing: 'quadratic' | 'words' | 'doubled';
  /** MODEXP: longest base, exponent or modulus. */
  readonly modexpMaxLength: number;
}

/** A protocol change: a fork, the EIP it comes from, and the rules it sets. */
export interface RuleChange {
  readonly since: string;
  readonly source: string;
  readonly set: Partial<Omit<Rules, 'fork' | 'lineage'>>;
}

/** Wei. */
const ETHER = 10n ** 18n;

const FRONTIER: Omit<Rules, 'fork' | 'lineage'> = {
  txTypes: [0],
  txGas: 21_000,
  txCreateGas: 0,
  txDataZeroGas: 4,
  txDataNonZeroGas: 68,
  txFloorTokenGas: 0,
  maxTxGas: Number.POSITIVE_INFINITY,
  accessListAddressGas: 0,
  accessListSlotGas: 0,
  authorizationGas: 0,
  authorizationRefund: 0,
  refundQuotient: 2,
  lowSRequired: false,
  replayProtection: false,
  baseFee: false,
  warmCoinbase: false,
  accessLists: false,
  blobs: null,
  maxTxBlobs: Number.POSITIVE_INFINITY,
  clearEmptyAccounts: false,
  contractNonce: 0n,
  maxCodeSize: Number.POSITIVE_INFINITY,
  maxInitCodeSize: Number.POSITIVE_INFINITY,
  initCodeWordGas: 0,
  rejectEfCode: false,
  createNeedsDepositGas: false,
  delegation: false,
  callGasCapped: false,
  newAccountNeedsValue: false,
  expByteGas: 10,
  coldAccountExtra: 0,
  warmAccountGas: 0,
  coldAccountGas: 0,
  warmSlotGas: 0,
  coldSlotGas: 0,
  sstoreNet: false,
  sstoreSentry: 0,
  sstoreNoopGas: 5_000,
  sstoreSetGas: 20_000,
  sstoreResetGas: 5_000,
  sstoreClearRefund: 15_000,
  selfdestructNewAccountGas: 0,
  selfdestructRefund: 24_000,
  selfdestructOnlyNew: false,
  proofOfWork: true,
  blockReward: 5n * ETHER,
  difficultyPeriod: 13,
  difficultyGradual: false,
  difficultyCountsUncles: false,
  difficultyBombDelay: 0,
  receiptStatus: false,
  withdrawals: false,
  beaconRootContract: 0n,
  historyContract: 0n,
  requests: false,
  depositContract: 0n,
  requestContracts: [],
  blobBaseCost: 0,
  maxBlockSize: Number.POSITIVE_INFINITY,
  bn254AddGas: 500,
  bn254MulGas: 40_000,
  bn254PairingGas: 100_000,
  bn254PairGas: 80_000,
  modexpMinGas: 0,
  modexpPricing: 'quadratic',
  modexpMaxLength: Number.POSITIVE_INFINITY,
};

const change = (since: ForkName, source: string, set: RuleChange['set']): RuleChange => ({
  since,
  source,
  set,
});

const CHANGES: readonly RuleChange[] = [
  change('Homestead', 'EIP-2', { txCreateGas: 32_000, lowSRequired: true, createNeedsDepositGas: true }),
  change('Homestead', 'EIP-2', { difficultyPeriod: 10, difficultyGradual: true }),
  change('TangerineWhistle', 'EIP-150', { callGasCapped: true, selfdestructNewAccountGas: 25_000 }),
  change('SpuriousDragon', 'EIP-155', { replayProtection: true }),
  change('SpuriousDragon', 'EIP-160', { expByteGas: 50 }),
  change('SpuriousDragon', 'EIP-161', {
    clearEmptyAccounts: true,
    contractNonce: 1n,
    newAccountNeedsValue: true,
  }),
  change('SpuriousDragon', 'EIP-170', { maxCodeSize: 24_576 }),
  change('Byzantium', 'EIP-100', { difficultyPeriod: 9, difficultyCountsUncles: true }),
  change('Byzantium', 'EIP-649', { blockReward: 3n * ETHER, difficultyBombDelay: 3_000_000 }),
  change('Byzantium', 'EIP-658', { receiptStatus: true }),
  change('Constantinople', 'EIP-1234', { blockReward: 2n * ETHER, difficultyBombDelay: 5_000_000 }),
  change('Constantinople', 'EIP-1283', { sstoreNet: true, sstoreNoopGas: 200 }),
  change('Petersburg', 'EIP-1716', { sstoreNet: false }),
  change('Istanbul', 'EIP-1108', {
    bn254AddGas: 150,
    bn254MulGas: 6_000,
    bn254PairingGas: 45_000,
    bn254PairGas: 34_000,
  }),
  change('Istanbul', 'EIP-2028', { txDataNonZeroGas: 16 }),
  change('Istanbul', 'EIP-2200', { sstoreNet: true, sstoreNoopGas: 800, sstoreSentry: 2_300 }),
  change('MuirGlacier', 'EIP-2384', { difficultyBombDelay: 9_000_000 }),
  change('Berlin', 'EIP-2565', { modexpPricing: 'words', modexpMinGas: 200 }),
  change('Berlin', 'EIP-2929', {
    accessLists: true,
    coldAccountExtra: 2_500,
    warmAccountGas: 100,
    coldAccountGas: 2_600,
    warmSlotGas: 100,
    coldSlotGas: 2_100,
    sstoreNoopGas: 100,
    sstoreResetGas: 2_900,
  }),
  change('Berlin', 'EIP-2930', { txTypes: [0, 1], accessListAddressGas: 2_400, accessListSlotGas: 1_900 }),
  change('London', 'EIP-1559', { txTypes: [0, 1, 2], baseFee: true }),
  change('London', 'EIP-3529', { refundQuotient: 5, sstoreClearRefund: 4_800, selfdestructRefund: 0 }),
  change('London', 'EIP-3541', { rejectEfCode: true }),
  change('London', 'EIP-3554', { difficultyBombDelay: 9_700_000 }),
  change('ArrowGlacier', 'EIP-4345', { difficultyBombDelay: 10_700_000 }),
  change('GrayGlacier', 'EIP-5133', { difficultyBombDelay: 11_400_000 }),
  change('Paris', 'EIP-3675', { proofOfWork: false, blockReward: 0n }),
  change('Shanghai', 'EIP-3651', { warmCoinbase: true }),
  change('Shanghai', 'EIP-3860', { maxInitCodeSize: 49_152, initCodeWordGas: 2 }),
  change('Shanghai', 'EIP-4895', { withdrawals: true }),
  change('Cancun', 'EIP-4788', { beaconRootContract: BEACON_ROOT_CONTRACT }),
  change('Cancun', 'EIP-4844', { txTypes: [0, 1, 2, 3] }),
  change('Cancun', 'EIP-6780', { selfdestructOnlyNew: true }),
  change('Prague', 'EIP-2935', { historyContract: HISTORY_CONTRACT }),
  change('Prague', 'EIP-6110', { depositContract: DEPOSIT_CONTRACT }),
  change('Prague', 'EIP-7002', { requestContracts: [WITHDRAWAL_CONTRACT] }),
  change('Prague', 'EIP-7251', { requestContracts: [WITHDRAWAL_CONTRACT, CONSOLIDATION_CONTRACT] }),
  change('Prague', 'EIP-7623', { txFloorTokenGas: 10 }),
  change('Prague', 'EIP-7685', { requests: true }),
  change('Prague', 'EIP-7702', {
    txTypes: [0, 1, 2, 3, 4],
    delegation: true,
    authorizationGas: 25_000,
    authorizationRefund: 12_500,
  }),
  change('Osaka', 'EIP-7594', { maxTxBlobs: 6 }),
  change('Osaka', 'EIP-7823', { modexpMaxLength: 1_024 }),
  change('Osaka', 'EIP-7825', { maxTxGas: 16_777_216 }),
  change('Osaka', 'EIP-7883', { modexpPricing: 'doubled', modexpMinGas: 500 }),
  change('Osaka', 'EIP-7918', { blobBaseCost: 8_192 }),
  change('Osaka', 'EIP-7934', { maxBlockSize: 8_388_608 }),
  ...Object.entries(BLOB_SCHEDULE).map(([fork, blobs]) =>
    change(fork as ForkName, 'EIP-7840, EIP-7892', { blobs }),
  ),
];

function fold(lineage: readonly string[], changes: readonly RuleChange[]): Rules {
  const folded = { ...FRONTIER, fork: lineage[lineage.length - 1]!, lineage };
  for (const fork of lineage) {
    for (const row of changes) if (row.since === fork) Object.assign(folded, row.set);
  }
  return Object.freeze(folded);
}

const RULES = Object.fromEntries(FORKS.map((fork) => [fork, fold(lineageOf(fork), CHANGES)])) as Readonly<
  Record<ForkName, Rules>
>;

/** The rules of a fork. The same object for the same fork. */
export function rulesOf(fork: ForkName): Rules {
  if (Object.hasOwn(RULES, fork)) return RULES[fork];
  // For callers without types, who may also mean an alias.
  return RULES[parseFork(fork)];
}

/**
 * The rules that an option names: a fork's name or alias in any letter case, or rules of one's own.
 * @throws ErbiumError UNKNOWN_FORK
 */
export const rulesFrom = (fork: string | Rules = LATEST_FORK): Rules =>
  typeof fork === 'string' ? rulesOf(parseFork(fork)) : fork;

/**
 * A fork of one's own: everything of `parent`, then `changes`. Rows of the opcode and precompile tables may
 * name it in their columns.
 */
export function customFork(name: string, parent: Rules, changes: RuleChange['set']): Rules {
  for (const field of Object.keys(changes)) {
    if (!(field in parent)) {
      throw new ErbiumError('INVALID_ARGUMENT', `changes: unknown field ${JSON.stringify(field)}`);
    }
    const [now, before] = [changes, parent].map((rules) => typeof (rules as Record<string, unknown>)[field]);
    if (now === before) continue;
    throw new ErbiumError('INVALID_ARGUMENT', `changes.${field}: expected a ${before}, got a ${now}`);
  }
  return Object.freeze({ ...parent, ...changes, fork: name, lineage: [...parent.lineage, name] });
}
