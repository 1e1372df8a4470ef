/** What a run left behind, in a form that two EVMs and a workload file can be compared in. */

import type { Address } from '../src/primitives/address.ts';
import { bytesToHex, concatBytes, type Hex, toBytes32 } from '../src/primitives/bytes.ts';
import { keccak256 } from '../src/primitives/keccak.ts';

export interface Outcome {
  readonly status: 'success' | 'revert' | 'failure';
  /** Without intrinsic gas, before the refund. */
  readonly gasUsed: bigint;
  /** The refund counter, not capped. */
  readonly gasRefund: bigint;
  readonly output: Hex;
  /** Number of log records. */
  readonly logs: number;
  /** keccak256 of the data of all log records, one after the other. */
  readonly logsHash: Hex;
  /** Number of non-zero slots. */
  readonly storageSlots: number;
  /** keccak256 of key and value, 32 bytes each, of all non-zero slots, by account and key. */
  readonly storageHash: Hex;
}

export interface StoredSlot {
  readonly address: Address;
  readonly key: bigint;
  readonly value: bigint;
}

const order = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

export function summarizeStorage(all: readonly StoredSlot[]): Pick<Outcome, 'storageSlots' | 'storageHash'> {
  const slots = all
    .filter(({ value }) => value !== 0n)
    .sort((a, b) => order(a.address, b.address) || order(a.key, b.key));
  const bytes = concatBytes(...slots.flatMap(({ key, value }) => [toBytes32(key), toBytes32(value)]));
  return { storageSlots: slots.length, storageHash: bytesToHex(keccak256(bytes)) };
}

/** @param data what each record carries */
export const summarizeLogs = (data: readonly Uint8Array[]): Pick<Outcome, 'logs' | 'logsHash'> => ({
  logs: data.length,
  logsHash: bytesToHex(keccak256(concatBytes(...data))),
});

/** The first field that differs, in words, or null. Fields that `expected` lacks are not compared. */
export function difference(actual: Outcome, expected: Partial<Outcome>): string | null {
  for (const field of Object.keys(expected) as (keyof Outcome)[]) {
    if (actual[field] !== expected[field]) return `${field} is ${actual[field]}, not ${expected[field]}`;
  }
  return null;
}
