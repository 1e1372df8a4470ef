/** Sequences as JSON, for a corpus and for findings, and back. Owns the format: quantities and bytes are hex. */

import { addressToHex } from '../../primitives/address.ts';
import { bytesToHex, hexToBytes, toQuantity } from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { show, toAddressWord, toWord } from '../../primitives/input.ts';
import type { JsonObject } from '../fixture.ts';
import { CALLERS } from './attacker.ts';
import type { Step, Way } from './step.ts';

const WAYS: readonly Way[] = ['direct', 'contract', 'force'];
/** Larger ones than a search makes are none of a search. */
const MAX_STEPS = 64;
const MAX_DATA = 65_536;
const MAX_AGAIN = 255n;
const MAX_PASSED = 1n << 63n;
const MAX_VALUE = (1n << 128n) - 1n;

export const stepToJson = (step: Step): JsonObject => ({
  way: step.way,
  from: addressToHex(step.caller),
  value: toQuantity(step.value),
  data: bytesToHex(step.data),
  again: step.reenterTimes,
  againData: bytesToHex(step.reenterData),
  blocks: toQuantity(step.blocks),
  seconds: toQuantity(step.seconds),
});

/**
 * The steps of a list that `stepToJson` made.
 * @param place begins what an error says
 * @throws ErbiumError INVALID_FIXTURE naming place, step and field
 */
export function stepsFromJson(list: unknown, place: string): Step[] {
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_STEPS) {
    throw new ErbiumError('INVALID_FIXTURE', `${place}: expected a list of 1 to ${MAX_STEPS} steps`);
  }
  return list.map((item, i) => stepFromJson(item, `${place}[${i}]`));
}

function stepFromJson(item: unknown, place: string): Step {
  if (typeof item !== 'object' || item === null) fail(place, `expected a step, got ${show(item)}`);
  const fields = item as Readonly<Record<string, unknown>>;
  const text = (name: string): string => {
    const value = fields[name];
    return typeof value === 'string' ? value : fail(`${place}.${name}`, `expected text, got ${show(value)}`);
  };
  const number = (name: string, max: bigint): bigint => {
    const value = fields[name];
    if (typeof value === 'string' || typeof value === 'number')
      return read(`${place}.${name}`, (field) => toWord(value, field, max));
    return fail(`${place}.${name}`, `expected a number, got ${show(value)}`);
  };
  const bytes = (name: string): Uint8Array => {
    const data = read(`${place}.${name}`, (field) => hexToBytes(text(name), field));
    return data.length > MAX_DATA ? fail(`${place}.${name}`, `more than ${MAX_DATA} bytes`) : data;
  };
  const way = WAYS.find((known) => known === fields.way);
  if (way === undefined) return fail(`${place}.way`, `expected one of ${WAYS.join(', ')}`);
  const caller = read(`${place}.from`, (field) => toAddressWord(text('from'), field));
  if (!CALLERS.includes(caller))
    fail(`${place}.from`, `${addressToHex(caller)} is no account of the attacker`);
  return {
    way,
    caller,
    value: number('value', MAX_VALUE),
    data: bytes('data'),
    reenterTimes: Number(number('again', MAX_AGAIN)),
    reenterData: bytes('againData'),
    blocks: number('blocks', MAX_PASSED),
    seconds: number('seconds', MAX_PASSED),
  };
}

/** What is wrong with a value is wrong with the file. */
function read<T>(field: string, reading: (field: string) => T): T {
  try {
    return reading(field);
  } catch (error) {
    if (!(error instanceof ErbiumError)) throw error;
    throw new ErbiumError('INVALID_FIXTURE', error.message);
  }
}

function fail(place: string, problem: string): never {
  throw new ErbiumError('INVALID_FIXTURE', `${place}: ${problem}`);
}
