/** The `result` of a transition as geth's `evm t8n` writes it. The order of the fields is that of the JSON. */

import type { Crypto } from '../../../precompiles/crypto.ts';
import { envelopesRoot, withdrawalsRoot } from '../../executor/block/block.ts';
import { encodeReceipt, type Header } from '../../executor/block/index.ts';
import { joinBlooms } from '../../executor/block/receipts.ts';
import { requestsHash } from '../../executor/block/requests.ts';
import { logsHash } from '../../executor/fixture-hashes.ts';
import { blobGas } from '../../executor/intrinsic.ts';
import { type Transaction, TxType } from '../../executor/transaction.ts';
import { blobBaseFee } from '../../forks/blob-schedule.ts';
import type { Rules } from '../../forks/rules.ts';
import { addressToHex, createAddress } from '../../primitives/address.ts';
import { bytesToHex, type Hex, toHex32, toQuantity } from '../../primitives/bytes.ts';
import { decodeRlp, encodeRlp } from '../../primitives/rlp.ts';
import type { Env } from './t8n-env.ts';
import type { Included, TransitionResult } from './t8n-run.ts';
import { gethWords } from './words.ts';

/** Stands for the hash of a block that there is not yet. */
const BLOCK_HASH: Hex = `0x1337${'0'.repeat(60)}`;
const NO_ADDRESS = addressToHex(0n);

export function resultJson(
  { included, rejected, gasUsed, blobGasUsed, stateRoot, requests }: TransitionResult,
  { header, withdrawals }: Env,
  rules: Rules,
  crypto: Crypto,
): object {
  const receipts = included.map(({ receipt }) => receipt);
  return {
    stateRoot: toHex32(stateRoot),
    txRoot: toHex32(envelopesRoot(included.map(({ bytes }) => bytes))),
    receiptsRoot: toHex32(envelopesRoot(receipts.map(encodeReceipt))),
    logsHash: bytesToHex(logsHash(receipts.flatMap(({ logs }) => logs))),
    logsBloom: bytesToHex(joinBlooms(receipts)),
    receipts: receiptsJson(included, header, rules),
    ...(rejected.length === 0
      ? {}
      : { rejected: rejected.map(({ index, reason }) => ({ index, error: gethWords(reason) })) }),
    currentDifficulty: rules.proofOfWork ? toQuantity(header.difficulty) : null,
    gasUsed: toQuantity(gasUsed),
    ...(header.baseFee === null ? {} : { currentBaseFee: toQuantity(header.baseFee) }),
    ...(withdrawals === null ? {} : { withdrawalsRoot: toHex32(withdrawalsRoot(withdrawals)) }),
    ...(header.excessBlobGas === null
      ? {}
      : { currentExcessBlobGas: toQuantity(header.excessBlobGas), blobGasUsed: toQuantity(blobGasUsed) }),
    ...(rules.requests ? { requestsHash: toHex32(requestsHash(requests, crypto)) } : {}),
    requests: rules.requests ? requests.map(bytesToHex) : null,
  };
}

function receiptsJson(included: readonly Included[], header: Header, rules: Rules): object[] {
  const blockNumber = toQuantity(header.number);
  let logIndex = 0;
  return included.map(({ tx, receipt }, index) => {
    const transactionHash = toHex32(receipt.transactionHash);
    const transactionIndex = toQuantity(index);
    return {
      type: toQuantity(receipt.type),
      root: receipt.stateRoot === null ? '0x' : toHex32(receipt.stateRoot),
      status: receipt.succeeded ? '0x1' : '0x0',
      cumulativeGasUsed: toQuantity(receipt.cumulativeGasUsed),
      logsBloom: bytesToHex(receipt.logsBloom),
      logs: receipt.logs.map(({ address, topics, data }) => ({
        address: addressToHex(address),
        topics: topics.map(toHex32),
        data: bytesToHex(data),
        blockNumber,
        transactionHash,
        transactionIndex,
        blockHash: BLOCK_HASH,
        blockTimestamp: toQuantity(header.timestamp),
        logIndex: toQuantity(logIndex++),
        removed: false,
      })),
      transactionHash,
      // Also of a creation that failed.
      contractAddress: tx.to === null ? addressToHex(createAddress(receipt.sender, tx.nonce)) : NO_ADDRESS,
      gasUsed: toQuantity(receipt.gasUsed),
      // Geth's tool has the field and does not fill it.
      effectiveGasPrice: null,
      ...(receipt.type === TxType.Blob ? blobJson(tx, header, rules) : {}),
      blockHash: BLOCK_HASH,
      blockNumber,
      transactionIndex,
    };
  });
}

const blobJson = (tx: Transaction, { excessBlobGas }: Header, { blobs }: Rules): object => ({
  blobGasUsed: toQuantity(blobGas(tx)),
  blobGasPrice: toQuantity(blobBaseFee(excessBlobGas!, blobs!)),
});

const isLegacy = (bytes: Uint8Array): boolean => bytes[0]! >= 0xc0;

/** The transactions that ran, as the RLP list that a block has of them. */
export const bodyOf = ({ included }: TransitionResult): string =>
  bytesToHex(encodeRlp(included.map(({ bytes }) => (isLegacy(bytes) ? decodeRlp(bytes) : bytes))));
