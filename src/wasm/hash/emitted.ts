/**
 * What an emitted hash consists of, and how one becomes a function of bytes that are anywhere: a module with a memory
 * of its own, into which the data is copied.
 */

import { type Func, ModuleBuilder } from '../assembler/module.ts';
import { webAssembly } from '../webassembly.ts';

/**
 * Functions of one module that work on one state in its memory. Data, and where the hash goes, are addresses (i32) in
 * the same memory, lengths (i32) are in bytes.
 */
export interface EmittedHash {
  /** (data, length, out): writes the 32-byte hash of the data, which stays as it is, to `out`, which may overlap it. */
  readonly hash: Func;
  /** (): starts over. What follows hashes data in pieces. */
  readonly begin: Func;
  /** (data, length): takes whole blocks. */
  readonly absorb: Func;
  /** (data, length, out): takes the last piece, of any length, and writes the hash. */
  readonly finish: Func;
}

/** Writes the 32-byte hash of `data[start, end)` to `out`; the range must lie within the data. */
export type HashInto = (data: Uint8Array, start: number, end: number, out: Uint8Array) => void;

/** A hash that can be emitted. */
export interface HashKind {
  /** @param scratch where the memory has `scratchBytes` for the hash's own use; a multiple of 8 */
  readonly emit: (module: ModuleBuilder, scratch: number) => EmittedHash;
  readonly scratchBytes: number;
  /** How many bytes the state takes at a time. */
  readonly blockBytes: number;
}

const PAGE = 1 << 16;

// The memory: the hash, data in pieces, and the scratch in what is left for it.
const OUT = 0;
const DATA = 64;
const SCRATCH = PAGE - 1024;

/** How many bytes are copied in at a time: whole blocks. */
export const pieceBytes = ({ blockBytes }: HashKind): number =>
  SCRATCH - DATA - ((SCRATCH - DATA) % blockBytes);

/** The module of a hash, with its functions by their names. */
export function encodeHash(kind: HashKind): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(1, 1);
  const functions = kind.emit(module, SCRATCH);
  for (const [name, func] of Object.entries(functions)) module.exportFunction(name, func);
  return module.encode();
}

/** A module's exports, and the bytes of its memory. */
interface Alone {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bytes: Uint8Array;
}

/** The module with a memory of its own, of one page; null where WebAssembly is not allowed. */
export function instantiateAlone(encode: () => Uint8Array<ArrayBuffer>): Alone | null {
  const api = webAssembly();
  if (api === undefined) return null;
  try {
    const memory = new api.Memory({ initial: 1, maximum: 1 });
    const { exports } = new api.Instance(new api.Module(encode()), { '': { memory } });
    return { exports, bytes: new Uint8Array(memory.buffer) };
  } catch {
    // A content-security policy, no room: each engine has errors of its own for it.
    return null;
  }
}

/** The exported functions, as JavaScript calls them. */
interface Steps {
  readonly hash: (data: number, length: number, out: number) => void;
  readonly begin: () => void;
  readonly absorb: (data: number, length: number) => void;
  readonly finish: (data: number, length: number, out: number) => void;
}

/** The hash as a function, a new one at each call; null where WebAssembly is not allowed. */
export function emittedHash(kind: HashKind): HashInto | null {
  const instance = instantiateAlone(() => encodeHash(kind));
  if (instance === null) return null;
  const { exports, bytes } = instance;
  const { hash, begin, absorb, finish } = exports as unknown as Steps;
  const result = bytes.subarray(OUT, OUT + 32);
  const piece = pieceBytes(kind);
  return (data, start, end, out) => {
    // A view of a range costs twice what it takes to copy 64 bytes.
    const range = start === 0 && end === data.length ? data : data.subarray(start, end);
    const { length } = range;
    if (length <= piece) {
      bytes.set(range, DATA);
      hash(DATA, length, OUT);
    } else {
      let at = 0;
      begin();
      for (; length - at > piece; at += piece) {
        bytes.set(range.subarray(at, at + piece), DATA);
        absorb(DATA, piece);
      }
      bytes.set(range.subarray(at), DATA);
      finish(DATA, length - at, OUT);
    }
    out.set(result);
  };
}
