/** `b11r`: a block and its hash from a header, transactions, uncles and withdrawals, none of which is run. */

import { EMPTY_TRIE_ROOT, EMPTY_UNCLES_HASH } from '../../executor/block/empty.ts';
import { type Header, headerRlp } from '../../executor/block/header.ts';
import { BLOOM_BYTES } from '../../executor/block/receipts.ts';
import { decodeTransaction } from '../../executor/decode.ts';
import { isInvalid } from '../../executor/reasons.ts';
import {
  bytesToBigInt,
  bytesToHex,
  concatBytes,
  EMPTY_BYTES,
  isBytes,
  toBytes20,
  toBytes32,
} from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import type { Field } from '../../primitives/json.ts';
import { keccak256, keccakWord } from '../../primitives/keccak.ts';
import { decodeRlp, encodeRlp, type RlpInput, type RlpItem } from '../../primitives/rlp.ts';
import { loadCrypto } from '../crypto-choice.ts';
import { ensureFolder } from '../temporary.ts';
import { type Command, ExitError } from './command.ts';
import { TOOL_EXIT, TOOL_EXITS } from './exits.ts';
import type { Flags } from './flags.ts';
import { envelopesOf, hexOf, Inputs, isStdin, wordOf } from './inputs.ts';
import { goJson } from './json.ts';
import { writeErr, writeOut } from './output.ts';
import { Outputs } from './outputs.ts';
import { readWithdrawal } from './t8n-env.ts';
import { gethWords } from './words.ts';

export const command: Command = {
  usage: '[options]',
  about: 'Puts a block together and prints its RLP and its hash.',
  flags: [
    { name: 'input.header', default: 'header.json', help: 'the header: a file or stdin' },
    { name: 'input.ommers', default: '', help: 'RLP of the blocks of uncles, a list: a file or stdin' },
    { name: 'input.withdrawals', default: '', help: 'the withdrawals: a file or stdin' },
    { name: 'input.txs', default: 'txs.rlp', help: 'RLP of the transactions, in hex: a file or stdin' },
    { name: 'output.basedir', default: '', help: 'the folder of the output file, which is made' },
    { name: 'output.block', default: 'block.json', help: 'the block: a file, stdout or stderr' },
    { name: 'seal.clique', default: '', help: 'the key and votes to seal with by clique: a file or stdin' },
  ],
  exitCodes: TOOL_EXITS,
  run: b11r,
};

async function b11r(flags: Flags): Promise<void> {
  const inputs = new Inputs();
  const part = (name: string): Field | undefined => {
    const source = flags.string(`input.${name}`);
    return source === '' ? undefined : inputs.maybe(source, name);
  };
  const headerSource = flags.string('input.header');
  const json = inputs.get(headerSource, 'header');
  // What standard input brings counts also where no flag names it.
  const fromStdin = (name: string): Field | undefined =>
    part(name) ?? (isStdin(headerSource) ? inputs.maybe(headerSource, name) : undefined);
  const txs = part('txs');
  const transactions = txs === undefined ? [] : readTransactions(hexOf(txs));
  const ommers = (fromStdin('ommers')?.list() ?? []).map(readOmmer);
  const withdrawals = fromStdin('withdrawals')?.list().map(readWithdrawal);
  const header = await sealed(readHeaderJson(json, ommers), json, flags, inputs);
  const parts: RlpInput[] = [headerRlp(header), transactions, ommers];
  if (withdrawals !== undefined) {
    parts.push(
      withdrawals.map(({ index, validatorIndex, address, amount }) => [
        index,
        validatorIndex,
        toBytes20(address),
        amount,
      ]),
    );
  }
  const block = {
    rlp: bytesToHex(encodeRlp(parts)),
    hash: bytesToHex(keccak256(encodeRlp(headerRlp(header)))),
  };
  const target = flags.string('output.block');
  if (target === 'stdout') writeOut(`${goJson(block)}\n`);
  else if (target === 'stderr') writeErr(`${goJson(block)}\n`);
  else {
    const folder = flags.string('output.basedir');
    if (folder !== '') ensureFolder(folder);
    const outputs = new Outputs(folder);
    outputs.add(target, 'block', block);
    outputs.writeFiles();
  }
}

function readTransactions(rlp: Uint8Array): RlpItem[] {
  return envelopesOf(rlp, 'txs').map((bytes, index) => {
    const tx = decodeTransaction(bytes);
    if (!isInvalid(tx)) return bytes[0]! >= 0xc0 ? decodeRlp(bytes) : bytes;
    throw new ErbiumError('INVALID_RLP', `txs[${index}]: ${gethWords(tx)}`);
  });
}

/** The header of an uncle, as its list of fields. */
function readOmmer(json: Field): RlpItem {
  const place = `${json.file}: ${json.path}`;
  const block = decodeRlp(hexOf(json), place);
  const header = isBytes(block) ? undefined : block[0];
  if (header !== undefined && !isBytes(header)) return header;
  throw new ErbiumError('INVALID_RLP', `${place}: not the RLP of a block`);
}

function readHeaderJson(json: Field, ommers: readonly RlpItem[]): Header {
  const word = (name: string, otherwise: bigint): bigint => {
    const field = json.maybe(name);
    return field === undefined ? otherwise : wordOf(field);
  };
  const maybeWord = (name: string): bigint | null =>
    json.maybe(name) === undefined ? null : wordOf(json.get(name));
  const number = (name: string): bigint | null => json.maybe(name)?.number(64) ?? null;
  return {
    parentHash: word('parentHash', 0n),
    unclesHash: word('sha3Uncles', ommers.length === 0 ? EMPTY_UNCLES_HASH : keccakWord(encodeRlp(ommers))),
    coinbase: json.maybe('miner')?.address() ?? 0n,
    stateRoot: wordOf(json.get('stateRoot')),
    transactionsRoot: word('transactionsRoot', EMPTY_TRIE_ROOT),
    receiptsRoot: word('receiptsRoot', EMPTY_TRIE_ROOT),
    logsBloom: json.maybe('logsBloom')?.fixed(BLOOM_BYTES) ?? new Uint8Array(BLOOM_BYTES),
    difficulty: json.maybe('difficulty')?.number() ?? 0n,
    number: json.get('number').number(),
    gasLimit: json.get('gasLimit').number(64),
    gasUsed: number('gasUsed') ?? 0n,
    timestamp: json.get('timestamp').number(64),
    extraData: json.maybe('extraData')?.bytes() ?? EMPTY_BYTES,
    mixHash: word('mixHash', 0n),
    nonce: bytesToBigInt(json.maybe('nonce')?.fixed(8) ?? EMPTY_BYTES),
    baseFee: json.maybe('baseFeePerGas')?.number() ?? null,
    withdrawalsRoot: maybeWord('withdrawalsRoot'),
    blobGasUsed: number('blobGasUsed'),
    excessBlobGas: number('excessBlobGas'),
    parentBeaconRoot: maybeWord('parentBeaconBlockRoot'),
    requestsHash: maybeWord('requestsHash'),
  };
}

const AUTHORIZE = 0n;
const DROP = 2n ** 64n - 1n;

/** The header with a seal of clique (EIP-225), where the line asks for one. */
async function sealed(header: Header, json: Field, flags: Flags, inputs: Inputs): Promise<Header> {
  const source = flags.string('seal.clique');
  if (source === '') return header;
  const seal = inputs.get(source, 'clique');
  const overwrites = (name: string): ExitError =>
    new ExitError(
      TOOL_EXIT.CONFIG,
      'INVALID_ARGUMENT',
      `sealing with clique will overwrite provided ${name}`,
    );
  if (json.maybe('extraData') !== undefined) throw overwrites('extra data');
  const voted = seal.maybe('voted')?.address();
  if (voted !== undefined && json.maybe('miner') !== undefined) throw overwrites('coinbase');
  const authorize = seal.maybe('authorize')?.value;
  if (authorize !== undefined && json.maybe('nonce') !== undefined) throw overwrites('nonce');
  const vanity = seal.maybe('vanity')?.fixed(32) ?? new Uint8Array(32);
  const unsealed: Header = {
    ...header,
    coinbase: voted ?? header.coinbase,
    nonce: authorize === undefined ? header.nonce : authorize === true ? AUTHORIZE : DROP,
    extraData: vanity,
  };
  const crypto = await loadCrypto('noble', 'auto');
  const hash = keccak256(encodeRlp(headerRlp(unsealed)));
  const { r, s, yParity } = crypto.sign(hash, seal.get('secretKey').fixed(32));
  return { ...unsealed, extraData: concatBytes(vanity, toBytes32(r), toBytes32(s), Uint8Array.of(yParity)) };
}
