/**
 * Cases from state-test files and back: a corpus folder of the user, official fixtures, and our own findings. Owns
 * what of a state test a case can hold, and the names that state tests have for forks.
 */

import { nobleCrypto } from '../../precompiles/crypto.ts';
import { decodeTransaction } from '../executor/decode.ts';
import { isInvalid } from '../executor/reasons.ts';
import { recoverSender } from '../executor/sender.ts';
import { encodeTransaction, type Transaction, type UnsignedTransaction } from '../executor/transaction.ts';
import { type ForkName, findFork } from '../forks/fork.ts';
import { type Rules, rulesOf } from '../forks/rules.ts';
import { CHAIN_ID, type FuzzCase } from '../fuzz/case.ts';
import type { Outcome } from '../fuzz/execute.ts';
import { blockUnder, fixtureText } from '../fuzz/fixture.ts';
import { type Address, addressToHex } from '../primitives/address.ts';
import { bytesToBigInt } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { SECP256K1_ORDER } from '../primitives/secp256k1.ts';
import { caseId, casesOf, type StateTestCase } from '../statetest/case.ts';
import { parseFixture } from '../statetest/fixture.ts';
import { unsignedOf } from '../statetest/transaction.ts';
import { openInput, sourcesOf } from './fixtures.ts';

/** Where the state tests do not call a fork as we do. */
const STATE_TEST_NAMES: Partial<Record<ForkName, string>> = {
  TangerineWhistle: 'EIP150',
  SpuriousDragon: 'EIP158',
  Petersburg: 'ConstantinopleFix',
};

/** The name of a fork in state tests, as all clients know it. */
export const stateTestName = (fork: ForkName): string => STATE_TEST_NAMES[fork] ?? fork;

/**
 * The text of a state-test file with one case in it, for any client.
 * @throws ErbiumError INVALID_ARGUMENT as `fixtureOf`
 */
export const caseText = (fuzzCase: FuzzCase, outcome: Outcome, name: string): string =>
  fixtureText(fuzzCase, outcome, name, stateTestName(fuzzCase.fork));

/** A case of a state test that is no case of ours, and why. */
export interface LeftOut {
  /** `name/fork/d0g0v0`. */
  readonly id: string;
  readonly reason: string;
}

/** What a file holds. */
export interface FileCases {
  readonly cases: readonly FuzzCase[];
  readonly leftOut: readonly LeftOut[];
}

/** Base fee of a block that gives none, as geth's reader has it and ours. */
const DEFAULT_BASE_FEE = 10n;

const UNKNOWN_KEY = new Uint8Array(32);

/**
 * The cases of a state-test file, one for each fork and choice of data, gas and value; and what cannot be a case:
 * bytes that do not decode or carry a bad signature, another chain, blob parameters that are not the fork's, forks
 * that we lack.
 *
 * Where a test has neither a secret key nor bytes but names its sender, the case gets a key of zeros: it runs, and is
 * written without a signature.
 * @throws ErbiumError INVALID_FIXTURE naming the file and the field, where it is no state test or contradicts itself
 */
export function readCases(text: string, file: string): FileCases {
  const cases: FuzzCase[] = [];
  const leftOut: LeftOut[] = [];
  for (const test of parseFixture(text, file)) {
    for (const testCase of casesOf(test)) {
      const found = caseOf(testCase);
      if (typeof found === 'string') leftOut.push({ id: caseId(testCase), reason: found });
      else cases.push(found);
    }
  }
  return { cases, leftOut };
}

/**
 * As `readCases`, for a file of which only the cases matter.
 * @throws ErbiumError INVALID_FIXTURE as `readCases`, and where all cases were left out
 */
export function casesOfFile(text: string, file: string): FuzzCase[] {
  const { cases, leftOut } = readCases(text, file);
  const [first] = leftOut;
  if (cases.length === 0) {
    const why = first === undefined ? 'it has none' : `${first.id}: ${first.reason}`;
    throw new ErbiumError('INVALID_FIXTURE', `${file}: no case to fuzz: ${why}`);
  }
  return [...cases];
}

/** The case, or why it is none. */
function caseOf(testCase: StateTestCase): FuzzCase | string {
  const { test, fork: forkName } = testCase;
  const fork = findFork(forkName);
  if (fork === undefined) return `unknown fork ${JSON.stringify(forkName)}`;
  if (test.chainId !== CHAIN_ID) return `chain ${test.chainId}, not ${CHAIN_ID}`;
  const rules = rulesOf(fork);
  if (hasOwnBlobs(testCase, rules)) return `blob parameters that are not those of ${fork}`;
  const sent = sentOf(testCase, rules);
  if (typeof sent === 'string') return sent;
  const { env } = test;
  const block = {
    number: env.number,
    timestamp: env.timestamp,
    coinbase: env.coinbase,
    gasLimit: env.gasLimit,
    difficulty: env.difficulty,
    prevRandao: env.random ?? 0n,
    baseFee: env.baseFee ?? DEFAULT_BASE_FEE,
    excessBlobGas: env.excessBlobGas ?? 0n,
  };
  return { fork, block: blockUnder(block, rules), pre: test.pre, ...sent };
}

function hasOwnBlobs({ test, fork }: StateTestCase, { blobs }: Rules): boolean {
  const own = test.blobSchedule.get(fork);
  if (own === undefined || blobs === null) return false;
  return (
    own.target !== blobs.target ||
    own.max !== blobs.max ||
    own.baseFeeUpdateFraction !== blobs.baseFeeUpdateFraction
  );
}

type Sent = Pick<FuzzCase, 'tx' | 'secretKey' | 'sender'>;

/** The transaction and who sent it: from the bytes where there are some, otherwise from the fields. */
function sentOf(testCase: StateTestCase, rules: Rules): Sent | string {
  const { txbytes } = testCase.post;
  const { secretKey, sender: stated } = testCase.test.transaction;
  const signer = secretKey === undefined ? undefined : signerOf(testCase, secretKey);
  const fromFields = unsignedOf(testCase, rules);
  if (txbytes === undefined) {
    const sender = signer ?? stated;
    if (sender === undefined) return fail(testCase, 'transaction has no txbytes, no secretKey and no sender');
    agree(testCase, sender, stated);
    // A fixture may hold numbers beyond their types, which have no encoding.
    const encoded = decodeTransaction(encodeTransaction({ ...fromFields, yParity: 0, r: 1n, s: 1n }));
    if (isInvalid(encoded)) return `transaction: ${encoded.detail}`;
    return { tx: fromFields, secretKey: secretKey ?? UNKNOWN_KEY, sender };
  }
  const decoded = decodeTransaction(txbytes);
  if (isInvalid(decoded)) return `txbytes: ${decoded.detail}`;
  const recovered = recoverSender(decoded, rules, nobleCrypto);
  if (isInvalid(recovered)) return `txbytes: ${recovered.detail}`;
  const { sender } = recovered;
  agree(testCase, sender, stated);
  const tx = unsigned(decoded);
  // A key that did not sign these bytes would sign other ones in the file that is written.
  return { tx, secretKey: signer === sender ? secretKey! : UNKNOWN_KEY, sender };
}

function signerOf(testCase: StateTestCase, secretKey: Uint8Array): Address {
  const key = bytesToBigInt(secretKey);
  if (key === 0n || key >= SECP256K1_ORDER) fail(testCase, 'transaction.secretKey is no key of secp256k1');
  return nobleCrypto.secretToAddress(secretKey);
}

function agree(testCase: StateTestCase, sender: Address, stated: Address | undefined): void {
  if (stated === undefined || stated === sender) return;
  fail(testCase, `signed by ${addressToHex(sender)}, but sender is ${addressToHex(stated)}`);
}

function unsigned({ yParity: _parity, r: _r, s: _s, ...tx }: Transaction): UnsignedTransaction {
  return tx;
}

function fail(testCase: StateTestCase, problem: string): never {
  throw new ErbiumError('INVALID_FIXTURE', `${testCase.test.file}: ${caseId(testCase)}: ${problem}`);
}

/** A file of a corpus: what it holds, or why it cannot be read. */
export type CorpusFile =
  | ({ readonly kind: 'cases'; readonly file: string } & FileCases)
  | { readonly kind: 'broken'; readonly file: string; readonly problem: string };

const utf8 = new TextDecoder();

/**
 * The state tests at a path: a file, a folder with all below it in the order of the names, or a .tar.gz archive. What
 * is broken comes once and says why, and the reading goes on; files that do not end in `.json` are passed over.
 * @throws ErbiumError UNREADABLE_FILE where there is nothing at the path, INVALID_ARCHIVE
 */
export async function* readCorpus(path: string): AsyncGenerator<CorpusFile> {
  for await (const source of sourcesOf(await openInput(path))) {
    if (source.kind === 'fixture') yield readSource(source.file, utf8.decode(source.bytes));
    else if (source.kind === 'unreadable') {
      yield { kind: 'broken', file: source.file, problem: source.problem };
    }
  }
}

function readSource(file: string, text: string): CorpusFile {
  try {
    return { kind: 'cases', file, ...readCases(text, file) };
  } catch (error) {
    if (!(error instanceof ErbiumError)) throw error;
    return { kind: 'broken', file, problem: error.message };
  }
}
