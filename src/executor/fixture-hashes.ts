/** Hashes that the format of state tests defines, for those who read its fixtures and those who write them. */

import { toBytes20, toBytes32 } from '../primitives/bytes.ts';
import { keccak256, keccakWord } from '../primitives/keccak.ts';
import { encodeRlp } from '../primitives/rlp.ts';
import type { LogRecord } from '../state/world.ts';

/** keccak256 of the RLP of the logs, 32 bytes. */
export const logsHash = (logs: readonly LogRecord[]): Uint8Array =>
  keccak256(encodeRlp(logs.map((log) => [toBytes20(log.address), log.topics.map(toBytes32), log.data])));

const ascii = new TextEncoder();

/** Fixtures define the hash of block n as keccak256 of n in decimal digits. */
export const fixtureBlockHash = (number: bigint): bigint => keccakWord(ascii.encode(number.toString()));
