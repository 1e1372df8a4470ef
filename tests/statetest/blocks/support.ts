/** Small blockchain tests made in the test, to be run or spoilt. */

import { headerRlp } from '../../../src/executor/block/header.ts';
import { type Block, encodeBlock, type Header, hashHeader } from '../../../src/executor/block/index.ts';
import { addressToHex } from '../../../src/primitives/address.ts';
import { bytesToHex, isBytes, toHex32, toQuantity } from '../../../src/primitives/bytes.ts';
import type { RlpInput } from '../../../src/primitives/rlp.ts';
import type { MemoryState } from '../../../src/state/readers/memory.ts';
import { type BlockTest, parseBlockFixture } from '../../../src/statetest/index.ts';

export type Json = Record<string, unknown>;

export const FILE = 'folder/chain.json';

const JSON_NAMES = [
  ...['parentHash', 'uncleHash', 'coinbase', 'stateRoot', 'transactionsTrie', 'receiptTrie', 'bloom'],
  ...['difficulty', 'number', 'gasLimit', 'gasUsed', 'timestamp', 'extraData', 'mixHash', 'nonce'],
  ...[
    'baseFeePerGas',
    'withdrawalsRoot',
    'blobGasUsed',
    'excessBlobGas',
    'parentBeaconBlockRoot',
    'requestsHash',
  ],
];

const toText = (item: RlpInput): string => (isBytes(item) ? bytesToHex(item) : toQuantity(item as bigint));

/** A header as fixtures have it. */
export const headerJson = (header: Header): Json => {
  const items = headerRlp(header);
  const fields = items.map((item, index) => [JSON_NAMES[index]!, toText(item)] as const);
  return { ...Object.fromEntries(fields), hash: toHex32(hashHeader(header)) };
};

/** A state as fixtures have it. */
export const stateJson = (state: MemoryState): Json =>
  Object.fromEntries(
    [...state.addresses()].map((address) => {
      const { nonce, balance, codeHash } = state.account(address)!;
      const slots = [...state.slots(address)].map(([key, value]) => [toQuantity(key), toQuantity(value)]);
      const code = bytesToHex(state.code(codeHash));
      const account = {
        nonce: toQuantity(nonce),
        balance: toQuantity(balance),
        code,
        storage: Object.fromEntries(slots),
      };
      return [addressToHex(address), account];
    }),
  );

/** A block that must be accepted. */
export const blockJson = (block: Block, more: Json = {}): Json => ({
  rlp: bytesToHex(encodeBlock(block)),
  blockHeader: headerJson(block.header),
  ...more,
});

/** The test called `t` of a fixture. */
export const testOf = (fields: Json): BlockTest => parseBlockFixture(JSON.stringify({ t: fields }), FILE)[0]!;
