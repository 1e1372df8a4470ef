/**
 * The blockchain-test format of ethereum/tests and execution-spec-tests: a first block, the state behind it, blocks in
 * RLP of which some must be rejected, and the head and state that must be left.
 */

import type { Header } from '../../executor/block/index.ts';
import type { BlobParams } from '../../forks/blob-schedule.ts';
import { bytesToBigInt } from '../../primitives/bytes.ts';
import { type Field, parseJson } from '../../primitives/json.ts';
import { type FixtureState, parseBlobSchedule, parseState } from '../fixture.ts';

/** A block of a fixture. */
export interface FixtureBlock {
  readonly rlp: Uint8Array;
  /** Why the block must be rejected, in the words of the fixture. */
  readonly expectException: string | undefined;
  /** Hash that the block must have, as a word. */
  readonly hash: bigint | undefined;
}

/** A blockchain test. */
export interface BlockTest {
  readonly file: string;
  readonly name: string;
  /** A fork, or two and when one follows the other, as the fixture writes it. */
  readonly network: string;
  readonly chainId: bigint;
  /** Blob parameters by fork, where the fixture brings its own. */
  readonly blobSchedule: ReadonlyMap<string, BlobParams>;
  readonly pre: FixtureState;
  readonly genesis: Header;
  /** Hash that the first block must have, as a word. */
  readonly genesisHash: bigint;
  readonly genesisRlp: Uint8Array | undefined;
  readonly blocks: readonly FixtureBlock[];
  /** Hash of the head that is left, as a word. */
  readonly lastBlockHash: bigint;
  readonly postState: FixtureState | undefined;
  /** Root of the state that is left, as a word. */
  readonly postStateHash: bigint | undefined;
}

/** Whether a JSON value looks like a file of blockchain tests, and not of another kind. */
export function isBlockFixture(value: unknown): boolean {
  const [first] = Object.values(typeof value === 'object' && value !== null ? value : {});
  return typeof first === 'object' && first !== null && 'genesisBlockHeader' in first && 'blocks' in first;
}

/**
 * The tests of one file.
 * @throws ErbiumError INVALID_FIXTURE naming the file and the field; also for a fixture of another kind
 */
export function parseBlockFixture(text: string, file: string): BlockTest[] {
  const tests = parseJson(text, file).entries();
  if (tests.length === 0) parseJson(text, file).fail('holds no tests');
  return tests.map(([name, test]) => parseTest(test, name));
}

function parseTest(test: Field, name: string): BlockTest {
  const object = test.object();
  if ('post' in object && 'transaction' in object) test.fail('a state test, not a blockchain test');
  if (!('blocks' in object) || !('genesisBlockHeader' in object)) test.fail('not a blockchain test');
  const config = test.maybe('config');
  const genesis = test.get('genesisBlockHeader');
  return {
    file: test.file,
    name,
    network: test.get('network').string(),
    chainId: config?.maybe('chainid')?.number(64) ?? 1n,
    blobSchedule: parseBlobSchedule(config),
    pre: parseState(test.get('pre')),
    genesis: parseHeader(genesis),
    genesisHash: parseWord(genesis.get('hash')),
    genesisRlp: test.maybe('genesisRLP')?.bytes(),
    blocks: test.get('blocks').list().map(parseBlock),
    lastBlockHash: parseWord(test.get('lastblockhash')),
    postState: test.maybe('postState') === undefined ? undefined : parseState(test.get('postState')),
    postStateHash: maybeWord(test, 'postStateHash'),
  };
}

const parseBlock = (block: Field): FixtureBlock => ({
  rlp: block.get('rlp').bytes(),
  expectException: block.maybe('expectException')?.string(),
  hash: block.maybe('blockHeader') === undefined ? undefined : maybeWord(block.get('blockHeader'), 'hash'),
});

const parseWord = (word: Field): bigint => bytesToBigInt(word.fixed(32));

function maybeWord(field: Field, name: string): bigint | undefined {
  const word = field.maybe(name);
  return word === undefined ? undefined : parseWord(word);
}

const parseHeader = (header: Field): Header => ({
  parentHash: parseWord(header.get('parentHash')),
  unclesHash: parseWord(header.get('uncleHash')),
  coinbase: header.get('coinbase').address(),
  stateRoot: parseWord(header.get('stateRoot')),
  transactionsRoot: parseWord(header.get('transactionsTrie')),
  receiptsRoot: parseWord(header.get('receiptTrie')),
  logsBloom: header.get('bloom').fixed(256),
  difficulty: header.get('difficulty').number(),
  number: header.get('number').number(64),
  gasLimit: header.get('gasLimit').number(64),
  gasUsed: header.get('gasUsed').number(64),
  timestamp: header.get('timestamp').number(64),
  extraData: header.get('extraData').bytes(),
  mixHash: parseWord(header.get('mixHash')),
  nonce: bytesToBigInt(header.get('nonce').fixed(8)),
  baseFee: header.maybe('baseFeePerGas')?.number() ?? null,
  withdrawalsRoot: maybeWord(header, 'withdrawalsRoot') ?? null,
  blobGasUsed: header.maybe('blobGasUsed')?.number(64) ?? null,
  excessBlobGas: header.maybe('excessBlobGas')?.number(64) ?? null,
  parentBeaconRoot: maybeWord(header, 'parentBeaconBlockRoot') ?? null,
  requestsHash: maybeWord(header, 'requestsHash') ?? null,
});
