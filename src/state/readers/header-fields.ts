/**
 * The fields of a block header as JSON has them, in the order in which they are hashed. Source: Yellow Paper, section
 * 4.4, and the EIPs that added fields. Owns the list alone; who reads a header owns what becomes of a malformed one.
 */

/** Name, and bytes of the field; 0 for a number, undefined for any length. */
export type HeaderField = readonly [name: string, bytes?: number];

/** The fields that every header has. */
export const FIRST_FIELDS: readonly HeaderField[] = [
  ...([
    ['parentHash', 32],
    ['sha3Uncles', 32],
    ['miner', 20],
    ['stateRoot', 32],
  ] as const),
  ...([
    ['transactionsRoot', 32],
    ['receiptsRoot', 32],
    ['logsBloom', 256],
    ['difficulty', 0],
  ] as const),
  ...([['number', 0], ['gasLimit', 0], ['gasUsed', 0], ['timestamp', 0], ['extraData']] as const),
  ...([
    ['mixHash', 32],
    ['nonce', 8],
  ] as const),
];

/** They came one by one: EIP-1559, EIP-4895, EIP-4844, EIP-4788, EIP-7685, EIP-7928, EIP-7843. */
export const LATER_FIELDS: readonly HeaderField[] = [
  ...([
    ['baseFeePerGas', 0],
    ['withdrawalsRoot', 32],
    ['blobGasUsed', 0],
    ['excessBlobGas', 0],
  ] as const),
  ...([
    ['parentBeaconBlockRoot', 32],
    ['requestsHash', 32],
    ['blockAccessListHash', 32],
    ['slotNumber', 0],
  ] as const),
];

/** All of them. */
export const HEADER_FIELDS: readonly string[] = [...FIRST_FIELDS, ...LATER_FIELDS].map(([name]) => name);
