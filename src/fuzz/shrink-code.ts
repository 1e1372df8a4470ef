/**
 * Edits of bytecode that keep it a program: instructions are taken out or replaced, and the constants that jumps go by
 * follow. Owns no judgement: whether an edit keeps a failure is the shrinker's to find out.
 */

import { opTableOf } from '../../opcodes/optable.ts';
import type { OpRow } from '../../opcodes/row.ts';
import type { Rules } from '../forks/rules.ts';
import { bytesToBigInt, concatBytes, toMinimalBytes } from '../primitives/bytes.ts';
import { MAX_U256 } from '../primitives/u256.ts';

const JUMPDEST = 0x5b;
const PUSH0 = 0x5f;
const PUSH32 = 0x7f;
const POP = 0x50;
const JUMP = 0x56;
const JUMPI = 0x57;
const NOT = 0x19;
const SHL = 0x1b;
const SHR = 0x1c;

/** An instruction, with the constant behind it as far as the code reaches. */
export interface Piece {
  /** Where it stood in the code that was read, or -1 for one that was put in. */
  readonly origin: number;
  readonly bytes: Uint8Array;
}

/** Which constants follow when a JUMPDEST moves. None is right for every program: a number may merely look like a pc. */
export const Relocation = { All: 0, BeforeJumps: 1, None: 2 } as const;

export type Relocation = (typeof Relocation)[keyof typeof Relocation];

export const RELOCATIONS: readonly Relocation[] = [Relocation.All, Relocation.BeforeJumps, Relocation.None];

export const isPush = ({ bytes }: Piece): boolean => bytes[0]! >= PUSH0 && bytes[0]! <= PUSH32;

export const constantOf = ({ bytes }: Piece): bigint => bytesToBigInt(bytes.subarray(1));

const lengthOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);

const put = (...bytes: number[]): Piece => ({ origin: -1, bytes: Uint8Array.from(bytes) });

/** What an instruction of a fork takes and gives, and how its constants are written. */
export class Assembly {
  private readonly rows: readonly (OpRow | undefined)[];

  constructor(rules: Rules) {
    this.rows = opTableOf(rules).rows;
  }

  /** The instructions of a code, as jump-destination analysis reads them. */
  read(code: Uint8Array): Piece[] {
    const pieces: Piece[] = [];
    for (let pc = 0; pc < code.length; ) {
      const size = 1 + (this.rows[code[pc]!]?.immediate ?? 0);
      pieces.push({ origin: pc, bytes: code.subarray(pc, pc + size) });
      pc += size;
    }
    return pieces;
  }

  /** The shortest PUSH of a number, in at least `size` bytes of constant. */
  push(value: bigint, size = 0): Piece {
    const digits = toMinimalBytes(value);
    const hasPush0 = this.rows[PUSH0] !== undefined;
    const length = Math.max(size, digits.length, hasPush0 ? 0 : 1);
    const bytes = new Uint8Array(1 + length);
    bytes[0] = PUSH0 + length;
    bytes.set(digits, 1 + length - digits.length);
    return { origin: -1, bytes };
  }

  /** The instructions that come to a number in the fewest bytes: a PUSH, or few ones or zeros that are shifted or turned. */
  shortest(value: bigint): Piece[] {
    const bits = value.toString(2).length;
    const turned: Piece[][] = [[this.push(MAX_U256 ^ value), put(NOT)]];
    if (this.rows[SHL] !== undefined && value > 0n) {
      let zeros = 0n;
      while (((value >> zeros) & 1n) === 0n) zeros++;
      turned.push([this.push(value >> zeros), this.push(zeros), put(SHL)]);
      if (value === (1n << BigInt(bits)) - 1n) {
        turned.push([this.push(0n), put(NOT), this.push(BigInt(256 - bits)), put(SHR)]);
      }
    }
    let best: Piece[] = [this.push(value)];
    for (const pieces of turned) if (lengthOf(pieces) < lengthOf(best)) best = pieces;
    return best;
  }

  /** By how much a stretch of instructions changes the height of the stack, run from its first to its last. */
  net(pieces: readonly Piece[]): number {
    let net = 0;
    for (const { bytes } of pieces) {
      const row = this.rows[bytes[0]!];
      if (row !== undefined) net += row.gives - row.takes;
    }
    return net;
  }

  /** Instructions that change the height of the stack by `net` and do nothing else; 0 is pushed. */
  balance(net: number): Piece[] {
    return Array.from({ length: Math.abs(net) }, () => (net < 0 ? put(POP) : this.push(0n)));
  }

  /** The code of the instructions, with the constants of moved JUMPDESTs changed as `relocation` says. */
  write(pieces: readonly Piece[], relocation: Relocation): Uint8Array {
    let written = pieces;
    // A constant that needs more bytes than it had moves what is behind it once more.
    for (let round = 0; round < 4; round++) {
      const moved = movedJumpdests(written, pieces);
      const next = pieces.map((piece, i) => {
        if (!isPush(piece) || piece.origin < 0 || relocation === Relocation.None) return piece;
        if (relocation === Relocation.BeforeJumps && !isJump(pieces[i + 1])) return piece;
        const target = moved.get(constantOf(piece));
        return target === undefined ? piece : this.push(target, piece.bytes.length - 1);
      });
      const isStable = next.every((piece, i) => piece.bytes.length === written[i]!.bytes.length);
      written = next;
      if (isStable && round > 0) break;
    }
    return concatBytes(...written.map(({ bytes }) => bytes));
  }
}

const isJump = (piece: Piece | undefined): boolean =>
  piece !== undefined && (piece.bytes[0] === JUMP || piece.bytes[0] === JUMPI);

/** Where the JUMPDESTs stand, by where they stood; among them bytes that look like one and are data of a PUSH. */
function movedJumpdests(written: readonly Piece[], from: readonly Piece[]): Map<bigint, bigint> {
  const moved = new Map<bigint, bigint>();
  let pc = 0;
  for (const [i, { bytes }] of written.entries()) {
    pc += bytes.length;
    const { origin, bytes: before } = from[i]!;
    if (origin < 0) continue;
    for (const [at, byte] of before.entries()) {
      if (byte === JUMPDEST) moved.set(BigInt(origin + at), BigInt(pc - before.length + at));
    }
  }
  return moved;
}

/** As many JUMPDESTs as the instructions have bytes: nothing moves and nothing is done. */
export const fillFor = (pieces: readonly Piece[]): Piece[] =>
  Array.from({ length: lengthOf(pieces) }, () => put(JUMPDEST));

/** Simple instructions first; the numbers only have to be ordered. */
function complexity(byte: number): number {
  if (byte === JUMPDEST || byte === 0) return 1;
  if (byte === POP) return 2;
  if (byte === PUSH0) return 3;
  return byte > PUSH0 && byte <= PUSH32 ? 4 : 5;
}

/**
 * Whether one code is simpler than another: shorter, or of simpler instructions, or of smaller constants. No edit is
 * taken back for another, because each must be simpler than what it replaces.
 */
export function isSimpler(assembly: Assembly, code: Uint8Array, than: Uint8Array): boolean {
  if (code.length !== than.length) return code.length < than.length;
  const [a, b] = [code, than].map((bytes) =>
    assembly.read(bytes).reduce((sum, piece) => sum + complexity(piece.bytes[0]!), 0),
  ) as [number, number];
  if (a !== b) return a < b;
  for (let i = 0; i < code.length; i++) if (code[i] !== than[i]) return code[i]! < than[i]!;
  return false;
}
