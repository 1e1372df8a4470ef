/**
 * What a log says, as an event of the embedder's ABI. Source: the Contract ABI Specification, section "Events".
 * Anonymous events are left out, because nothing in a log tells which of them it is.
 */

import { type Hex, toBytes32, toHex32 } from '../primitives/bytes.ts';
import { type AbiItem, type AbiType, type AbiValue, decodeParameters, parseAbi, selectorOf } from './abi.ts';
import type { AbiInput } from './revert.ts';

/**
 * Events by their first topic. Events of one signature may differ in what is indexed, as the `Transfer` of ERC-20
 * and of ERC-721 do.
 */
export type EventTable = ReadonlyMap<Hex, readonly AbiItem[]>;

/** The event that a log is. */
export interface DecodedEvent {
  readonly name: string;
  /** The canonical signature: `Transfer(address,address,uint256)`. */
  readonly signature: string;
  /**
   * By name, or by position for a parameter without one. An indexed array, tuple, `bytes` or `string` is the hash
   * that the log has instead, 32 bytes of hex.
   */
  readonly args: Readonly<Record<string, AbiValue>>;
}

/**
 * The table of the events in an ABI; other entries are passed over.
 * @throws ErbiumError INVALID_ARGUMENT that names the place: `abi[3]: …`
 */
export function compileEvents(abi: AbiInput | undefined): EventTable {
  const table = new Map<Hex, AbiItem[]>();
  for (const item of abi === undefined ? [] : parseAbi(abi, 'event')) {
    if (item.anonymous) continue;
    const topic = selectorOf(item);
    const known = table.get(topic);
    if (known === undefined) table.set(topic, [item]);
    else known.push(item);
  }
  return table;
}

/** The event in a log, or null where it is none of the table; of several that fit, the first. */
export function decodeLog(
  topics: readonly bigint[],
  data: Uint8Array,
  table: EventTable,
): DecodedEvent | null {
  const [topic, ...words] = topics;
  if (topic === undefined) return null;
  for (const { name, signature, inputs } of table.get(toHex32(topic)) ?? []) {
    const args = decodeArguments(inputs, words, data);
    if (args !== null) return { name, signature, args };
  }
  return null;
}

function decodeArguments(
  inputs: AbiItem['inputs'],
  words: readonly bigint[],
  data: Uint8Array,
): Record<string, AbiValue> | null {
  const inTopics = inputs.filter(({ indexed }) => indexed);
  if (inTopics.length !== words.length) return null;
  const fromData = decodeParameters(
    inputs.filter(({ indexed }) => !indexed).map(({ type }) => type),
    data,
  );
  const fromTopics = inTopics.map(({ type }, i) => decodeTopic(type, words[i]!));
  if (fromData === null) return null;
  const entries: [string, AbiValue][] = [];
  let topicsRead = 0;
  for (const [i, { name, indexed }] of inputs.entries()) {
    const value = indexed ? fromTopics[topicsRead++] : fromData[i - topicsRead];
    if (value === undefined || value === null) return null;
    entries.push([name === '' ? String(i) : name, value]);
  }
  return Object.fromEntries(entries);
}

const HASHED: readonly AbiType['kind'][] = ['array', 'tuple', 'bytes', 'string'];

function decodeTopic(type: AbiType, word: bigint): AbiValue | null {
  if (HASHED.includes(type.kind)) return toHex32(word);
  return decodeParameters([type], toBytes32(word))?.[0] ?? null;
}
