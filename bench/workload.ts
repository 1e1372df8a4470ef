/**
 * A workload: a contract, the call data of one call to it, and what the call must leave behind. Read from JSON
 * files, one workload a file.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, addressFromBytes } from '../src/primitives/address.ts';
import { bytesToHex, hexToBytes } from '../src/primitives/bytes.ts';
import { ErbiumError } from '../src/primitives/errors.ts';
import type { Outcome } from './outcome.ts';

export interface Workload {
  readonly name: string;
  /** Code of the called account. */
  readonly runtime: Uint8Array;
  readonly calldata: Uint8Array;
  /** Gas of the call, without intrinsic gas. */
  readonly gas: bigint;
  readonly caller: Address;
  readonly address: Address;
  /** What is known beforehand of the outcome. */
  readonly expect: Partial<Outcome>;
}

/** The only rules that workloads are measured under. */
const REVISION = 'cancun';
const STATUSES = ['success', 'revert', 'failure'] as const;

type Fields = Readonly<Record<string, unknown>>;

/**
 * All workloads of a directory, by file name.
 * @throws ErbiumError UNREADABLE_FILE where there is no such directory or no workload in it, INVALID_FIXTURE
 *   where a file is no workload; the message names file and field
 */
export function readWorkloads(directory: string): Workload[] {
  const files = reading(directory, () => readdirSync(directory)).filter((file) => file.endsWith('.json'));
  if (files.length === 0) throw new ErbiumError('UNREADABLE_FILE', `${directory}: no .json file in it`);
  return files.sort().map((file) => {
    const path = join(directory, file);
    return parseWorkload(
      reading(path, () => readFileSync(path, 'utf8')),
      path,
    );
  });
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ErbiumError('UNREADABLE_FILE', `${path}: ${(error as NodeJS.ErrnoException).code ?? error}`);
  }
}

/**
 * The workload of a JSON text.
 * @param file for the error message
 * @throws ErbiumError INVALID_FIXTURE
 */
export function parseWorkload(text: string, file: string): Workload {
  const fail = (field: string, problem: string): never => {
    throw new ErbiumError('INVALID_FIXTURE', `${file}: ${field}: ${problem}`);
  };
  const object = (value: unknown, field: string): Fields =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : fail(field, value === undefined ? 'missing' : 'not an object');
  const string = (from: Fields, key: string, field = key): string => {
    const value = from[key];
    if (typeof value === 'string') return value;
    return fail(field, value === undefined ? 'missing' : 'not a string');
  };
  const bytes = (from: Fields, key: string, field = key): Uint8Array =>
    hexToBytes(string(from, key, field), `${file}: ${field}`);
  const count = (from: Fields, key: string, field: string): number => {
    const value = from[key];
    if (value === undefined) return fail(field, 'missing');
    return Number.isSafeInteger(value) && (value as number) >= 0
      ? (value as number)
      : fail(field, 'not a whole number');
  };
  const sized = (from: Fields, key: string, field: string, length: number): Uint8Array => {
    const value = bytes(from, key, field);
    return value.length === length ? value : fail(field, `${value.length} bytes instead of ${length}`);
  };

  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    fail('file', `not JSON (${(error as Error).message})`);
  }
  const root = object(json, 'file');
  const expect = object(root.expect, 'expect');
  const revision = string(expect, 'rev', 'expect.rev');
  if (revision !== REVISION) fail('expect.rev', `${JSON.stringify(revision)}, known is only "${REVISION}"`);
  const said = string(expect, 'status', 'expect.status');
  const status = STATUSES.find((known) => known === said);
  return {
    name: string(root, 'name'),
    runtime: bytes(root, 'runtime'),
    calldata: bytes(root, 'calldata'),
    gas: BigInt(count(expect, 'gas', 'expect.gas')),
    caller: addressFromBytes(sized(expect, 'caller', 'expect.caller', 20)),
    address: addressFromBytes(sized(expect, 'address', 'expect.address', 20)),
    expect: {
      status: status ?? fail('expect.status', `${JSON.stringify(said)} is none of ${STATUSES.join(', ')}`),
      gasUsed: BigInt(count(expect, 'gasUsed', 'expect.gasUsed')),
      gasRefund: BigInt(count(expect, 'gasRefund', 'expect.gasRefund')),
      output: bytesToHex(bytes(expect, 'output', 'expect.output')),
      logs: count(expect, 'logs', 'expect.logs'),
      storageSlots: count(expect, 'storageSlots', 'expect.storageSlots'),
      storageHash: bytesToHex(sized(expect, 'storageHash', 'expect.storageHash', 32)),
    },
  };
}
