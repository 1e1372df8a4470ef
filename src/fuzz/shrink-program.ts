/** Makes one code of a case shorter and simpler: an account's, or the init code of a creation. */

import { rulesOf } from '../forks/rules.ts';
import { EMPTY_BYTES, equalBytes } from '../primitives/bytes.ts';
import { MAX_U256 } from '../primitives/u256.ts';
import { type FuzzCase, isPossibleCode } from './case.ts';
import { type Attempts, leaveOut } from './shrink-attempts.ts';
import {
  Assembly,
  constantOf,
  fillFor,
  isPush,
  isSimpler,
  type Piece,
  RELOCATIONS,
  Relocation,
} from './shrink-code.ts';
import { observe, type Visit } from './shrink-trace.ts';

/** Numbers of instructions, the largest first. */
const SMALL_WINDOWS: readonly number[] = [6, 4, 3, 2, 1];
/** Codes up to this length are tried without each single byte too. */
const BYTEWISE_LENGTH = 256;

/** Where a code stands in a case. */
export interface CodePlace {
  readonly get: (fuzzCase: FuzzCase) => Uint8Array;
  readonly set: (fuzzCase: FuzzCase, code: Uint8Array) => FuzzCase;
}

class Program {
  private readonly attempts: Attempts;
  private readonly place: CodePlace;
  private readonly assembly: Assembly;

  constructor(attempts: Attempts, place: CodePlace) {
    this.attempts = attempts;
    this.place = place;
    this.assembly = new Assembly(rulesOf(attempts.best.fork));
  }

  private get code(): Uint8Array {
    return this.place.get(this.attempts.best);
  }

  private pieces(): Piece[] {
    return this.assembly.read(this.code);
  }

  private visits(): readonly Visit[] {
    return observe(this.attempts.best)(this.code);
  }

  private async take(code: Uint8Array): Promise<boolean> {
    if (!isSimpler(this.assembly, code, this.code) || !isPossibleCode(code)) return false;
    return this.attempts.take(this.place.set(this.attempts.best, code));
  }

  private async takePieces(pieces: readonly Piece[]): Promise<boolean> {
    for (const relocation of RELOCATIONS) {
      if (await this.take(this.assembly.write(pieces, relocation))) return true;
    }
    return false;
  }

  async shrink(): Promise<void> {
    if (this.code.length === 0 || (await this.take(EMPTY_BYTES))) return;
    await this.dropUnvisited();
    await this.end();
    await this.begin();
    await this.windows();
    await this.constants();
    if (this.code.length <= BYTEWISE_LENGTH) await this.bytes();
  }

  /** Without all that never ran, or with JUMPDESTs there. */
  private async dropUnvisited(): Promise<void> {
    const ran = new Set(this.visits().map(({ pc }) => pc));
    if (ran.size === 0) return;
    const pieces = this.pieces();
    if (await this.takePieces(pieces.filter(({ origin }) => ran.has(origin)))) return;
    await this.takePieces(pieces.flatMap((piece) => (ran.has(piece.origin) ? [piece] : fillFor([piece]))));
  }

  /** Stops earlier: behind as few instructions as a search by halves finds. */
  private async end(): Promise<void> {
    const pieces = this.pieces();
    let fails = pieces.length;
    let passes = 0;
    while (fails - passes > 1 && !this.attempts.isOver) {
      const middle = (passes + fails) >> 1;
      if (await this.take(this.assembly.write(pieces.slice(0, middle), Relocation.None))) fails = middle;
      else passes = middle;
    }
  }

  /** Begins later: with the words pushed that were on the stack there. */
  private async begin(): Promise<void> {
    const pieces = this.pieces();
    const cuts = this.visits().flatMap(({ pc, stack }) => {
      const at = pieces.findIndex(({ origin }) => origin === pc);
      if (at <= 0) return [];
      const cut = [...stack.map((word) => this.assembly.push(word)), ...pieces.slice(at)];
      const code = this.assembly.write(cut, Relocation.All);
      return code.length < this.code.length ? [code] : [];
    });
    let holds = -1;
    let fallen = cuts.length;
    while (fallen - holds > 1 && !this.attempts.isOver) {
      const middle = (holds + fallen) >> 1;
      const cut = cuts[middle]!;
      // More words may be on the stack there than the code is shorter by: a still later cut is better or none.
      if (cut.length >= this.code.length || (await this.take(cut))) holds = middle;
      else fallen = middle;
    }
  }

  /** Takes stretches of instructions out, long ones first, or puts something in their place that keeps the stack. */
  private async windows(): Promise<void> {
    const sizes = [...SMALL_WINDOWS];
    for (let size = 2 * SMALL_WINDOWS[0]!; size <= this.pieces().length; size *= 2) sizes.unshift(size);
    for (const size of sizes) {
      // A short window may begin at every instruction, a long one only behind the last.
      const step = size > SMALL_WINDOWS[0]! ? size : 1;
      let visits = this.visits();
      for (let at = this.pieces().length - size; at > -step && !this.attempts.isOver; at -= step) {
        if (await this.window(Math.max(0, at), size, visits)) visits = this.visits();
      }
    }
  }

  private async window(at: number, size: number, visits: readonly Visit[]): Promise<boolean> {
    const pieces = this.pieces();
    const [before, inside, behind] = [
      pieces.slice(0, at),
      pieces.slice(at, at + size),
      pieces.slice(at + size),
    ];
    if (inside.length === 0) return false;
    const net = this.assembly.net(inside);
    const around = (middle: readonly Piece[]): readonly Piece[] => [...before, ...middle, ...behind];
    if (Math.abs(net) <= size + 16 && (await this.takePieces(around(this.assembly.balance(net)))))
      return true;
    if (net !== 0 && (await this.takePieces(around([])))) return true;
    const after = visits.find(({ pc }) => pc === behind[0]?.origin);
    if (net > 0 && after !== undefined && after.stack.length >= net) {
      const words = after.stack.slice(-net).map((word) => this.assembly.push(word));
      if (await this.takePieces(around(words))) return true;
    }
    return this.take(this.assembly.write(around(fillFor(inside)), Relocation.None));
  }

  /** Smaller numbers behind the PUSHes, and shorter PUSHes. */
  private async constants(): Promise<void> {
    for (let at = this.pieces().length - 1; at >= 0 && !this.attempts.isOver; at--) {
      const pieces = this.pieces();
      const piece = pieces[at];
      if (piece === undefined || !isPush(piece) || piece.bytes.length === 1) continue;
      for (const smaller of this.smallerThan(piece)) {
        if (await this.takePieces([...pieces.slice(0, at), ...smaller, ...pieces.slice(at + 1)])) break;
      }
    }
  }

  private smallerThan(piece: Piece): Piece[][] {
    const value = constantOf(piece);
    const bits = BigInt(8 * (piece.bytes.length - 1));
    const numbers = [0n, 1n, 2n, value & 0xffn, value & 0xffffn];
    for (let kept = bits / 2n; kept >= 8n; kept /= 2n) {
      numbers.push(value >> kept, value & ((1n << (bits - kept)) - 1n));
    }
    const pushes = [...numbers.filter((number) => number < value), value].map((number) => [
      this.assembly.push(number),
    ]);
    // The number itself, its highest bit alone, and as many ones as it has bits.
    const high = 1n << BigInt(value.toString(2).length - 1);
    const turned = [MAX_U256, value, high, 2n * high - 1n].map((number) => this.assembly.shortest(number));
    return [...pushes.slice(0, 3), ...turned, ...pushes.slice(3)];
  }

  /** Single bytes, which also reaches data behind the program and between its parts. */
  private async bytes(): Promise<void> {
    await leaveOut([...this.code], (rest) => this.take(Uint8Array.from(rest)));
  }
}

/** Shrinks the code at a place of the best case. */
export async function shrinkProgram(attempts: Attempts, place: CodePlace): Promise<void> {
  const program = new Program(attempts, place);
  let before: Uint8Array;
  do {
    before = place.get(attempts.best);
    await program.shrink();
  } while (!attempts.isOver && !equalBytes(before, place.get(attempts.best)));
}
