/** Computes witnesses with the WebAssembly that circom 2 makes of a circuit. */

import { bytesToBigInt, toBytes32 } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { printable } from './text.ts';
import { bad, within } from './zk-files.ts';

/** What the module of a circuit can do. Field elements pass through a buffer of 32-bit words, lowest first. */
interface CircuitExports {
  getVersion(): number;
  getFieldNumLen32(): number;
  getRawPrime(): void;
  getInputSize(): number;
  getWitnessSize(): number;
  getInputSignalSize(hashHigh: number, hashLow: number): number;
  getMessageChar(): number;
  init(checks: number): void;
  setInputSignal(hashHigh: number, hashLow: number, index: number): void;
  getWitness(index: number): void;
  readSharedRWMemory(index: number): number;
  writeSharedRWMemory(index: number, word: number): void;
}

const EXPORTS = [
  'getVersion',
  'getFieldNumLen32',
  'getRawPrime',
  'getInputSize',
  'getWitnessSize',
  'getInputSignalSize',
  'getMessageChar',
  'init',
  'setInputSignal',
  'getWitness',
  'readSharedRWMemory',
  'writeSharedRWMemory',
] as const satisfies readonly (keyof CircuitExports)[];

/** Of WebAssembly what is needed here; the types of Node have none of it. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> };
}
const { Module, Instance } = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;

/** What the codes of its errors mean. */
const PROBLEMS: Readonly<Record<number, string>> = {
  1: 'a signal is not found',
  2: 'too many signals are set',
  3: 'a signal is set twice',
  4: 'the inputs do not satisfy the circuit',
  5: 'not enough memory',
  6: 'too many values for a signal',
  7: 'an array is accessed out of its bounds',
};

const WORDS = 8;
const MAX_MESSAGE = 1_000;
// The longest modulus has 77 digits, and reading a number takes time that grows with the square of them.
const MAX_DIGITS = 80;
const MAX_DEPTH = 32;

export interface WitnessRequest {
  /** The compiled circuit, and its name for messages. */
  readonly wasm: Uint8Array;
  readonly wasmPath: string;
  /** Signals by name, as JSON, and their name for messages. */
  readonly input: unknown;
  readonly inputPath: string;
  /** Modulus of the field, and wires, both of the key that the witness is for. */
  readonly r: bigint;
  readonly wires: number;
}

/**
 * Values of all wires of a circuit.
 * @throws ErbiumError UNREADABLE_FILE for a module that is none of circom's; INVALID_ARGUMENT naming the signal
 */
export function witnessOf({ wasm, wasmPath, input, inputPath, r, wires }: WitnessRequest): bigint[] {
  const signals = within(inputPath, () => signalsOf(input, r));
  try {
    const circuit = load(wasm, wasmPath);
    if (circuit.getVersion() !== 2) throw bad(wasmPath, 'is not of circom 2');
    const isLong = circuit.getFieldNumLen32() === WORDS;
    if (isLong) circuit.getRawPrime();
    if (!isLong || readElement(circuit) !== r) throw bad(wasmPath, 'is for another curve than the key');
    const size = circuit.getWitnessSize();
    if (size !== wires)
      throw bad(wasmPath, `has ${size} wires, and the key ${wires}: they are of two circuits`);
    within(inputPath, () => feed(circuit, signals));
    return Array.from({ length: size }, (_, i) => {
      circuit.getWitness(i);
      return readElement(circuit);
    });
  } catch (error) {
    if (error instanceof ErbiumError) throw error;
    throw bad(wasmPath, (error as Error).message);
  }
}

function load(wasm: Uint8Array, path: string): CircuitExports {
  let errors = '';
  let logged = '';
  const message = (): string => {
    let text = '';
    for (let char = exports.getMessageChar(); char !== 0; char = exports.getMessageChar()) {
      if (text.length < MAX_MESSAGE) text += String.fromCharCode(char);
    }
    return text;
  };
  const instance = new Instance(new Module(wasm), {
    runtime: {
      exceptionHandler(code: number) {
        const where = errors === '' ? '' : `: ${errors.trim()}`;
        throw new ErbiumError('INVALID_ARGUMENT', `${PROBLEMS[code] ?? `error ${code}`}${where}`);
      },
      printErrorMessage() {
        if (errors.length < MAX_MESSAGE) errors += `${message()}\n`;
      },
      // What the circuit logs, part by part, the last of which is the end of the line.
      writeBufferMessage() {
        const part = message();
        if (part !== '\n') logged += `${part} `;
        else {
          process.stderr.write(`${printable(logged.trim())}\n`);
          logged = '';
        }
      },
      showSharedRWMemory() {
        logged += `${readElement(exports)} `;
      },
    },
  });
  for (const name of EXPORTS) {
    if (typeof instance.exports[name] !== 'function') throw bad(path, `is not of circom 2: has no ${name}`);
  }
  const exports = instance.exports as unknown as CircuitExports;
  return exports;
}

function readElement(circuit: CircuitExports): bigint {
  const bytes = new Uint8Array(4 * WORDS);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < WORDS; i++) view.setInt32(4 * (WORDS - 1 - i), circuit.readSharedRWMemory(i));
  return bytesToBigInt(bytes);
}

function writeElement(circuit: CircuitExports, value: bigint): void {
  const { buffer, byteOffset, length } = toBytes32(value);
  const view = new DataView(buffer, byteOffset, length);
  for (let i = 0; i < WORDS; i++) circuit.writeSharedRWMemory(i, view.getInt32(4 * (WORDS - 1 - i)));
}

function feed(circuit: CircuitExports, signals: ReadonlyMap<string, readonly bigint[]>): void {
  circuit.init(1);
  let count = 0;
  for (const [name, values] of signals) {
    const hash = hashOf(name);
    const [high, low] = [Number(BigInt.asIntN(32, hash >> 32n)), Number(BigInt.asIntN(32, hash))];
    const size = circuit.getInputSignalSize(high, low);
    if (size <= 0 && values.length > 0) throw refused(name, 'is no input of the circuit');
    if (size !== values.length) {
      throw refused(name, `expected ${size} values, got ${values.length}`);
    }
    for (const [i, value] of values.entries()) {
      writeElement(circuit, value);
      circuit.setInputSignal(high, low, i);
    }
    count += size;
  }
  const expected = circuit.getInputSize();
  // The last signal that is set starts the computation.
  if (count !== expected)
    throw refused('signals', `${count} values are given, and the circuit takes ${expected}`);
}

// A name may be as long as the file, and have lines that look like messages.
const MAX_NAME = 200;

const refused = (signal: string, problem: string): ErbiumError => {
  const name = signal.length > MAX_NAME ? `${signal.slice(0, MAX_NAME)}…` : signal;
  return new ErbiumError('INVALID_ARGUMENT', `${name.replaceAll('\n', '\\n')}: ${problem}`);
};

/** FNV-1a with 64 bits, by which a circuit knows its inputs. */
function hashOf(name: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(name)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash;
}

/** Signals by name, each with its values in one list; those of a bus are named `bus.field`. */
function signalsOf(input: unknown, r: bigint): Map<string, bigint[]> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw refused('inputs', 'expected an object with a value or list for each signal');
  }
  const signals = new Map<string, bigint[]>();
  let depth = 0;
  const add = (name: string, value: unknown): void => {
    // JSON nests as deep as it is long, and buses do not.
    if (++depth > MAX_DEPTH) throw refused(name, 'is nested too deep');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [field, inner] of Object.entries(value))
        add(name === '' ? field : `${name}.${field}`, inner);
    } else if (
      Array.isArray(value) &&
      value.some((item) => typeof item === 'object' && !Array.isArray(item))
    ) {
      for (const [i, item] of value.entries()) add(`${name}[${i}]`, item);
    } else signals.set(name, flat(value, name, r));
    depth--;
  };
  add('', input);
  return signals;
}

function flat(value: unknown, place: string, r: bigint): bigint[] {
  const values: bigint[] = [];
  const rest: [unknown, string][] = [[value, place]];
  for (let item = rest.pop(); item !== undefined; item = rest.pop()) {
    const [inner, where] = item;
    if (Array.isArray(inner)) {
      for (let i = inner.length - 1; i >= 0; i--) rest.push([inner[i], `${where.slice(0, 100)}[${i}]`]);
    } else values.push(elementOf(inner, where, r));
  }
  return values;
}

function elementOf(value: unknown, place: string, r: bigint): bigint {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? `${value}` : value;
  if (typeof text !== 'string' || text.length > MAX_DIGITS || !/^(-?[0-9]+|0x[0-9a-fA-F]+)$/.test(text)) {
    throw refused(place, 'expected a whole number, as a decimal or hex string where it is large');
  }
  const number = BigInt(text);
  if (number >= r || number <= -r) throw refused(place, 'is not below the modulus of the field');
  return number < 0n ? number + r : number;
}
