/**
 * Cases in @ethereumjs/vm, in process: its transaction processing and its EVM, on its own state in maps.
 *
 * Two things are not its own. The root is computed by Erbium's trie of the accounts that it leaves, since its trie
 * would take most of the time and official tests check ours. KZG proofs are checked by Erbium's function: it brings
 * none. Its signature check is left out as well, as Erbium's is: a case names its sender.
 *
 * What it is known to do wrong is in fuzz-ethereumjs-known.ts.
 */

import type { Common } from '@ethereumjs/common';
import type { SimpleStateManager } from '@ethereumjs/statemanager';
import type { TypedTransaction } from '@ethereumjs/tx';
import type { Address as JsAddress, PrefixedHexString } from '@ethereumjs/util';
import type { VM } from '@ethereumjs/vm';
import { nobleCrypto } from '../../precompiles/crypto.ts';
import { peer } from '../../precompiles/ext/lib/peer.ts';
import { signTransaction } from '../executor/sender.ts';
import { encodeTransaction, TxType, type UnsignedTransaction } from '../executor/transaction.ts';
import type { ForkName } from '../forks/fork.ts';
import { rulesOf } from '../forks/rules.ts';
import { CHAIN_ID, type FuzzCase } from '../fuzz/case.ts';
import type { Answer, Contender, KnownOutcome } from '../fuzz/compare.ts';
import { hasKey } from '../fuzz/fixture.ts';
import type { TraceLine } from '../fuzz/trace-step.ts';
import {
  bytesToBigInt,
  bytesToHex,
  EMPTY_BYTES,
  type Hex,
  toBytes20,
  toBytes32,
  toMinimalBytes,
} from '../primitives/bytes.ts';
import { keccak256 } from '../primitives/keccak.ts';
import { HashCache, type RootAccount, stateRoot } from '../state/root.ts';
import { knownOfAccounts, tellUndefined, watchKnown } from './fuzz-ethereumjs-known.ts';

/** Forks by the names that its `Common` has for them; those that it has no mainnet parameters for are missing. */
export const HARDFORKS: Readonly<Partial<Record<ForkName, string>>> = {
  Frontier: 'chainstart',
  Homestead: 'homestead',
  TangerineWhistle: 'tangerineWhistle',
  SpuriousDragon: 'spuriousDragon',
  Byzantium: 'byzantium',
  Constantinople: 'constantinople',
  Petersburg: 'petersburg',
  Istanbul: 'istanbul',
  MuirGlacier: 'muirGlacier',
  Berlin: 'berlin',
  London: 'london',
  ArrowGlacier: 'arrowGlacier',
  GrayGlacier: 'grayGlacier',
  Paris: 'paris',
  Shanghai: 'shanghai',
  Cancun: 'cancun',
  Prague: 'prague',
  Osaka: 'osaka',
  BPO1: 'bpo1',
  BPO2: 'bpo2',
};

/** Its series for the blob base fee has a term for every so much; beyond this power of e no fee fits a word. */
const MAX_FEE_EXPONENT = 178n;

const BLS12_ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

/** The trie root of an empty storage is what its collision check looks for; any other will do. */
const SOME_ROOT = new Uint8Array(32).fill(1);

const ascii = new TextEncoder();

async function loadPackages() {
  const packages = await Promise.all([
    peer('@ethereumjs/vm', () => import('@ethereumjs/vm')),
    peer('@ethereumjs/common', () => import('@ethereumjs/common')),
    peer('@ethereumjs/block', () => import('@ethereumjs/block')),
    peer('@ethereumjs/tx', () => import('@ethereumjs/tx')),
    peer('@ethereumjs/statemanager', () => import('@ethereumjs/statemanager')),
    peer('@ethereumjs/util', () => import('@ethereumjs/util')),
    peer('@ethereumjs/rlp', () => import('@ethereumjs/rlp')),
  ]);
  const [vm, common, block, tx, state, util, rlp] = packages;
  return { vm, common, block, tx, state, util, rlp };
}

type Packages = Awaited<ReturnType<typeof loadPackages>>;

/**
 * A contender that runs cases in @ethereumjs/vm.
 * @throws ErbiumError MISSING_PACKAGE naming the package to install
 */
export async function ethereumjsContender(): Promise<Contender> {
  return new EthereumjsContender(await loadPackages());
}

/** A VM for a fork, with the state that it looks at. */
interface Session {
  readonly vm: VM;
  readonly common: Common;
  readonly state: SimpleStateManager;
}

/** A case that it is not able to take: no statement about the EVM follows from it. */
class Unable extends Error {}

class EthereumjsContender implements Contender {
  readonly name = '@ethereumjs/vm';
  private readonly packages: Packages;
  private readonly sessions = new Map<ForkName, Session>();
  private readonly hashes = new HashCache();
  /** What it does otherwise about the case at hand, and is known to. */
  private known: string | null = null;

  constructor(packages: Packages) {
    this.packages = packages;
  }

  async run(fuzzCase: FuzzCase): Promise<Answer> {
    try {
      this.known = knownOfAccounts(fuzzCase);
      const answer = this.known === null ? await this.outcomeOf(fuzzCase) : null;
      if (answer === null || this.known !== null) return { notCompared: `@ethereumjs/vm: ${this.known}` };
      return answer;
    } catch (error) {
      // Whatever it held may be half done.
      this.sessions.delete(fuzzCase.fork);
      if (error instanceof Unable) return { notCompared: `@ethereumjs/vm: ${error.message}` };
      return { failure: 'host', detail: `@ethereumjs/vm: ${String((error as Error)?.stack ?? error)}` };
    }
  }

  async trace(fuzzCase: FuzzCase): Promise<readonly TraceLine[]> {
    const lines: TraceLine[] = [];
    const { events } = (await this.sessionOf(fuzzCase.fork)).vm.evm;
    if (events === undefined) return lines;
    events.on('step', ({ pc, opcode, gasLeft, stack, depth, memoryWordCount, gasRefund }, next) => {
      const words = stack.map((word) => `0x${word.toString(16)}`);
      const [gas, memSize] = [`0x${gasLeft.toString(16)}`, Number(memoryWordCount) * 32];
      const refund = Number(gasRefund);
      lines.push({ pc, op: opcode.code, gas, memSize, stack: words, depth: depth + 1, refund });
      next?.();
    });
    try {
      const answer = await this.run(fuzzCase);
      if ('stateRoot' in answer) lines.push({ stateRoot: answer.stateRoot });
      return lines;
    } finally {
      events.removeAllListeners('step');
    }
  }

  private async outcomeOf(fuzzCase: FuzzCase): Promise<KnownOutcome> {
    const session = await this.sessionOf(fuzzCase.fork);
    const { vm, state, common } = session;
    this.fill(state, fuzzCase);
    const block = this.blockOf(fuzzCase, common);
    let tx: TypedTransaction;
    try {
      tx = this.transactionOf(fuzzCase, common);
      const problems = tx.getValidationErrors();
      if (problems.length > 0) return this.refused(state, problems.join('; '));
    } catch (error) {
      return this.refused(state, wordsOf(error));
    }
    try {
      const result = await this.packages.vm.runTx(vm, { tx, block });
      return {
        valid: true,
        stateRoot: this.rootOf(state),
        logsHash: this.logsHash(result.receipt.logs),
        gasUsed: result.totalGasSpent,
        output: bytesToHex(result.execResult.returnValue),
      };
    } catch (error) {
      const answer = this.refused(state, wordsOf(error));
      this.sessions.delete(fuzzCase.fork);
      return answer;
    }
  }

  private refused(state: SimpleStateManager, words: string): KnownOutcome {
    return { valid: false, stateRoot: this.rootOf(state), logsHash: this.logsHash([]), words };
  }

  private async sessionOf(fork: ForkName): Promise<Session> {
    let session = this.sessions.get(fork);
    if (session === undefined) {
      session = await this.open(fork);
      this.sessions.set(fork, session);
    }
    return session;
  }

  private async open(fork: ForkName): Promise<Session> {
    const hardfork = HARDFORKS[fork];
    if (hardfork === undefined) throw new Unable(`has no rules for ${fork}`);
    const { Common, Mainnet } = this.packages.common;
    const common = new Common({ chain: Mainnet, hardfork, customCrypto: { kzg: kzg as never } });
    const state = new this.packages.state.SimpleStateManager({ common });
    // Receipts before Byzantium hold a root, which nobody looks at; it has none to give.
    state.getStateRoot = async () => SOME_ROOT;
    const vm = await this.packages.vm.createVM({
      common,
      stateManager: state,
      blockchain: blockchain as never,
    });
    // Every block and transaction would copy the rules and read all parameters again, for half of the time.
    common.updateParams(this.packages.block.paramsBlock);
    common.updateParams(this.packages.tx.paramsTx);
    common.copy = () => common;
    common.updateParams = () => {};
    watchKnown(
      vm.evm,
      (address) => state.getCode(this.addressOf(address)),
      (what) => {
        this.known = what;
      },
    );
    tellUndefined(vm.evm);
    return { vm, common, state };
  }

  private addressOf(address: bigint): JsAddress {
    return new this.packages.util.Address(toBytes20(address));
  }

  /** Puts the accounts in place of all that was there. */
  private fill(state: SimpleStateManager, { pre }: FuzzCase): void {
    const { Account, bytesToHex: hexOf } = this.packages.util;
    const accounts: typeof state.accountStack = [new Map()];
    const codes: typeof state.codeStack = [new Map()];
    const slots: typeof state.storageStack = [new Map()];
    for (const [number, { nonce, balance, code, storage }] of pre) {
      const address = this.addressOf(number).toString();
      const account = new Account(nonce, balance);
      if (code.length > 0) {
        codes[0]!.set(address, code);
        account.codeHash = keccak256(code);
      }
      for (const [key, value] of storage) {
        if (value === 0n) continue;
        slots[0]!.set(`${address}_${hexOf(toBytes32(key))}`, toMinimalBytes(value));
        account.storageRoot = SOME_ROOT;
      }
      accounts[0]!.set(address, account);
    }
    state.accountStack = accounts;
    state.codeStack = codes;
    state.storageStack = slots;
    state.originalStorageCache.clear();
  }

  private rootOf(state: SimpleStateManager): Hex {
    const accounts = new Map<bigint, RootAccount & { storage: Map<bigint, bigint> }>();
    for (const [address, account] of state.accountStack.at(-1)!) {
      if (account === undefined) continue;
      const { nonce, balance, codeHash } = account;
      const storage = new Map<bigint, bigint>();
      accounts.set(BigInt(address), { nonce, balance, codeHash: bytesToBigInt(codeHash), storage });
    }
    for (const [place, value] of state.storageStack.at(-1)!) {
      const [address, key] = place.split('_') as [string, string];
      accounts.get(BigInt(address))?.storage.set(BigInt(key), bytesToBigInt(value));
    }
    return bytesToHex(stateRoot(accounts, this.hashes));
  }

  private logsHash(logs: readonly unknown[]): Hex {
    return bytesToHex(keccak256(this.packages.rlp.RLP.encode(logs as never)));
  }

  private blockOf({ block, fork }: FuzzCase, common: Common) {
    const rules = rulesOf(fork);
    if (
      rules.blobs !== null &&
      block.excessBlobGas > MAX_FEE_EXPONENT * BigInt(rules.blobs.baseFeeUpdateFraction)
    ) {
      throw new Unable(`would compute without end on an excess blob gas of ${block.excessBlobGas}`);
    }
    const isMerged = common.gteHardfork('paris');
    const header = {
      coinbase: this.addressOf(block.coinbase),
      gasLimit: block.gasLimit,
      number: block.number,
      timestamp: block.timestamp,
      difficulty: isMerged ? 0n : block.difficulty,
      ...(isMerged ? { mixHash: toBytes32(block.prevRandao) } : {}),
      ...(rules.baseFee ? { baseFeePerGas: block.baseFee } : {}),
      ...(rules.blobs === null ? {} : { excessBlobGas: block.excessBlobGas, blobGasUsed: 0n }),
    };
    const options = { common, setHardfork: false, skipConsensusFormatValidation: true };
    try {
      return this.packages.block.createBlock({ header }, options);
    } catch (error) {
      throw new Unable(`takes no such block: ${wordsOf(error)}`);
    }
  }

  private transactionOf(fuzzCase: FuzzCase, common: Common): TypedTransaction {
    const { tx, sender } = fuzzCase;
    const options = { common, freeze: false };
    if (tx.type === TxType.Legacy && tx.chainId !== null && tx.chainId !== CHAIN_ID) {
      return this.packages.tx.createTxFromRLP(signed(fuzzCase), options) as TypedTransaction;
    }
    const made = this.packages.tx.createTx(fieldsOf(tx) as never, options) as TypedTransaction;
    const from = this.addressOf(sender);
    made.getSenderAddress = () => from;
    return made;
  }
}

/** Only a signature says for which chain a legacy transaction is. */
function signed(fuzzCase: FuzzCase): Uint8Array {
  const { tx, secretKey } = fuzzCase;
  if (!hasKey(fuzzCase)) throw new Unable('needs the secret key for a transaction of another chain');
  return encodeTransaction(signTransaction(tx, secretKey, nobleCrypto));
}

function fieldsOf(tx: UnsignedTransaction): object {
  const { nonce, gasLimit, value, data } = tx;
  const to = tx.to === null ? {} : { to: toBytes20(tx.to) };
  const legacy = { type: tx.type, nonce, gasLimit, value, data, ...to };
  if (tx.type === TxType.Legacy) return { ...legacy, gasPrice: tx.maxFeePerGas };
  const accessList = tx.accessList.map(({ address, storageKeys }) => [
    toBytes20(address),
    storageKeys.map(toBytes32),
  ]);
  const typed = { ...legacy, chainId: tx.chainId ?? 0n, accessList };
  if (tx.type === TxType.AccessList) return { ...typed, gasPrice: tx.maxFeePerGas };
  const { maxFeePerGas, maxPriorityFeePerGas } = tx;
  const fees = { ...typed, maxFeePerGas, maxPriorityFeePerGas };
  if (tx.type === TxType.FeeMarket) return fees;
  if (tx.type === TxType.Blob) {
    const blobVersionedHashes = tx.blobHashes.map((hash) => bytesToHex(toBytes32(hash)));
    return { ...fees, maxFeePerBlobGas: tx.maxFeePerBlobGas, blobVersionedHashes };
  }
  const authorizationList = tx.authorizations.map(({ chainId, address, nonce, yParity, r, s }) => [
    short(chainId),
    toBytes20(address),
    short(nonce),
    short(yParity),
    short(r),
    short(s),
  ]);
  return { ...fees, authorizationList };
}

/** As RLP has numbers: none of its bytes for 0. */
const short = (value: bigint): Uint8Array => (value === 0n ? EMPTY_BYTES : toMinimalBytes(value));

/** Its refusals are errors with a type; anything else is a bug, of its or of ours. */
function wordsOf(error: unknown): string {
  const type = (error as { type?: { code?: unknown } } | null)?.type;
  if (error instanceof Error && typeof type?.code === 'string') return error.message;
  throw error;
}

/** As the C library behaves that it expects: it refuses numbers beyond the order of the group. */
const kzg = {
  verifyProof(commitment: string, z: string, y: string, proof: string): boolean {
    if (BigInt(z) >= BLS12_ORDER || BigInt(y) >= BLS12_ORDER) throw new Error('C_KZG_BADARGS');
    return nobleCrypto.verifyKzgProof(bytesOf(commitment), BigInt(z), BigInt(y), bytesOf(proof));
  },
};

const bytesOf = (hex: string): Uint8Array =>
  new Uint8Array(Buffer.from((hex as PrefixedHexString).slice(2), 'hex'));

/** State tests define the hash of block n as keccak256 of n in decimal digits. */
const blockchain = {
  getBlock: async (number: number) => ({ hash: () => keccak256(ascii.encode(`${number}`)) }),
  putBlock: async () => {},
  shallowCopy: () => blockchain,
};
