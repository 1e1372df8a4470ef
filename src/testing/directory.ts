/**
 * What a test has made known: names of addresses, and the ABIs by which events and errors are told. Owns none of the
 * state; a name or an ABI stays when the state goes back.
 */

import type { AbiItem, AbiType, AbiValue } from '../executor/abi.ts';
import { compileEvents, type DecodedEvent, decodeLog, type EventTable } from '../executor/events.ts';
import type { EventLog } from '../executor/outcome.ts';
import {
  type AbiInput,
  compileErrors,
  type DecodedError,
  decodeRevert,
  type ErrorTable,
} from '../executor/revert.ts';
import { type Address, addressToHex } from '../primitives/address.ts';
import { bytesToHex, type Hex, hexToBytes } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { show } from '../primitives/input.ts';

type Table<T> = ReadonlyMap<Hex, readonly T[]>;

function merged<T extends { readonly signature: string }>(a: Table<T>, b: Table<T>): Table<T> {
  const table = new Map(a);
  for (const [selector, items] of b) table.set(selector, [...(table.get(selector) ?? []), ...items]);
  return table;
}

/** How addresses and calls are written, which the typed `TestVm` does as viem does. */
export interface Dialect {
  /** An address as it is given out. */
  address(address: Address): Hex;
  /** A call as `name(arguments)`; null where no ABI tells. */
  call(to: Address, data: Uint8Array): string | null;
}

const PLAIN: Dialect = { address: addressToHex, call: () => null };

/** The key of a parameter in the arguments of an event. */
const nameAt = (inputs: AbiItem['inputs'], i: number): string => inputs[i]!.name || String(i);

const hasNames = ({ signature, inputs }: AbiItem, event: DecodedEvent): boolean =>
  signature === event.signature && inputs.every((_, i) => nameAt(inputs, i) in event.args);

export class Directory {
  dialect: Dialect = PLAIN;
  private readonly names = new Map<Address, string>();
  private readonly known = new Set<AbiInput>();
  private readonly contracts = new Map<Address, EventTable>();
  private errors: ErrorTable = compileErrors(undefined);
  private events: EventTable = compileEvents(undefined);

  /** @throws ErbiumError INVALID_ARGUMENT where the name is no text, or empty */
  name(address: Address, name: string): void {
    if (typeof name !== 'string' || name === '') {
      throw new ErbiumError('INVALID_ARGUMENT', `label: expected a name, got ${show(name)}`);
    }
    this.names.set(address, name);
  }

  nameOf(address: Address): string | undefined {
    return this.names.get(address);
  }

  /** The name of an address, or the address. */
  show(address: Address): string {
    return this.names.get(address) ?? addressToHex(address);
  }

  /** The address, behind its name where it has one. */
  showBoth(address: Address): string {
    const name = this.names.get(address);
    const hex = this.dialect.address(address);
    return name === undefined ? hex : `${name} (${hex})`;
  }

  /** A message in words; `to` is null for a deployment. */
  describe(to: Address | null, data: Uint8Array): string {
    if (to === null) return 'the deployment';
    const name = this.show(to);
    if (data.length === 0) return `the payment to ${name}`;
    const call = this.dialect.call(to, data);
    if (call !== null) return this.withNames(`${name}.${call}`);
    const selector = bytesToHex(data.subarray(0, 4));
    return `${name}.${selector}(${data.length > 4 ? `${data.length - 4} bytes` : ''})`;
  }

  /** A text with names in place of the addresses that have one. */
  withNames(text: string): string {
    return text.replaceAll(/\b0x[0-9a-fA-F]{40}\b/g, (hex) => this.names.get(BigInt(hex)) ?? hex);
  }

  /**
   * Takes the errors and events of an ABI, as those of a contract where one is given.
   * @throws ErbiumError INVALID_ARGUMENT that names the place: `abi[3]: …`
   */
  learn(abi: AbiInput, contract?: Address): void {
    const isNew = !this.known.has(abi);
    const events = isNew || contract !== undefined ? compileEvents(abi) : this.events;
    if (isNew) {
      this.errors = merged(this.errors, compileErrors(abi));
      this.events = merged(this.events, events);
      this.known.add(abi);
    }
    if (contract !== undefined) this.contracts.set(contract, events);
  }

  /** The error in the output of a revert. */
  errorIn(output: Hex): DecodedError | null {
    const bytes = hexToBytes(output);
    const error = decodeRevert(bytes, this.errors);
    if (error === null) return null;
    const { inputs } = this.errors
      .get(bytesToHex(bytes.subarray(0, 4)))!
      .find(({ signature }) => signature === error.signature)!;
    return { ...error, args: error.args.map((value, i) => this.written(inputs[i]!.type, value)) };
  }

  /** The event in a log, by the ABI of its contract or, as for one behind a proxy, by any. */
  eventIn({ address, topics, data }: Omit<EventLog, 'event'>): DecodedEvent | null {
    const own = this.contracts.get(BigInt(address));
    const words = topics.map(BigInt);
    const bytes = hexToBytes(data);
    for (const table of own === undefined ? [this.events] : [own, this.events]) {
      const event = decodeLog(words, bytes, table);
      if (event === null) continue;
      // Of several that differ in what is indexed, one with these names; the types are the same.
      const { inputs } = table.get(topics[0]!)!.find((item) => hasNames(item, event))!;
      const args = inputs.map(({ type }, i) => {
        const name = nameAt(inputs, i);
        return [name, this.written(type, event.args[name]!)] as const;
      });
      return { ...event, args: Object.fromEntries(args) };
    }
    return null;
  }

  /** A value with its addresses as they are given out. */
  private written(type: AbiType, value: AbiValue): AbiValue {
    if (type.kind === 'address') return this.dialect.address(BigInt(value as string));
    // What is indexed is there as a hash only.
    if (!Array.isArray(value)) return value;
    if (type.kind === 'array') return value.map((item) => this.written(type.element, item));
    if (type.kind === 'tuple') return value.map((item, i) => this.written(type.components[i]!.type, item));
    return value;
  }

  /** Signatures of all events. */
  eventSignatures(): string[] {
    return [...new Set([...this.events.values()].flat().map(({ signature }) => signature))];
  }
}
