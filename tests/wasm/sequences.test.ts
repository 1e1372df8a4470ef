/** Instructions that the fast engine runs as one, and what it remembers so as not to compute it again. */

import { describe, expect, it } from 'vitest';
import { OPCODES } from '../../opcodes/index.ts';
import { concatBytes } from '../../src/primitives/bytes.ts';
import { KNOWN_HASHES } from '../../src/wasm/layout.ts';
import { Linear } from '../../src/wasm/linear.ts';
import { EMISSION_RULES } from '../../src/wasm/loop/rules.ts';
import { sequences } from '../../src/wasm/loop/sequences.ts';
import { webAssembly } from '../../src/wasm/webassembly.ts';
import { code, opcode, type Piece, push, raw, returnTop } from '../helpers/assembler.ts';
import { Random } from '../helpers/random.ts';
import { bothOf } from './pair.ts';

const both = bothOf();
const NAMES = sequences().map(({ name }) => name);

/** A sequence, whose constants of two bytes are `target`. */
const bytesOf = (name: string, target: number): Uint8Array =>
  concatBytes(
    ...name.split(' ').map((instruction) => {
      const size = instruction.startsWith('PUSH') ? Number(instruction.slice(4)) : 0;
      return raw(
        opcode(instruction),
        ...(size === 2 ? [target >> 8, target & 0xff] : size === 1 ? [0x07] : []),
      );
    }),
  );

/** Gives the uppermost three words, and what is in memory. */
const TAIL = code(
  'JUMPDEST',
  [64, 96, 128].map((at): Piece => [push(at), 'MSTORE']),
  push(160),
  push(0),
  'RETURN',
);

describe('a sequence', () => {
  it('has a byte of its own, and a rest that is an instruction or a sequence', () => {
    const taken = new Set(OPCODES.filter(({ name }) => EMISSION_RULES.has(name)).map(({ byte }) => byte));
    const bytes = sequences().map(({ byte }) => byte);
    expect(new Set(bytes).size).toBe(bytes.length);
    for (const { byte, first, rest } of sequences()) {
      expect(taken.has(byte)).toBe(false);
      expect(taken.has(first)).toBe(true);
      expect(taken.has(rest) || bytes.includes(rest)).toBe(true);
    }
  });

  it.each(NAMES)('%s gives what its instructions give, whatever the stack', (name) => {
    const random = new Random(name.length);
    for (let i = 0; i < 60; i++) {
      const depth = random.below(9);
      const small = Array.from({ length: depth }, () => random.pick([0, 1, 32, 2n ** 255n, 2n ** 64n, 200]));
      // To the end of the sequence, or nowhere; a word below may be where it jumps to.
      const wide = small.map((word) => (word === 200 ? push(0, 2) : push(word)));
      const end = concatBytes(...wide).length + bytesOf(name, 0).length;
      const target = random.below(4) === 0 ? end + 1 : end;
      const head = concatBytes(...small.map((word) => (word === 200 ? push(target, 2) : push(word))));
      const program = concatBytes(head, bytesOf(name, target), TAIL);
      both((evm) => evm.execute(program, { gas: 100_000n }));
      const least = BigInt(3 * depth);
      both((evm) =>
        Array.from({ length: 40 }, (_, gas) => evm.execute(program, { gas: least + BigInt(gas) })),
      );
    }
  });

  it('may be entered at its end, and follow or overlap another', () => {
    const random = new Random(3);
    for (let i = 0; i < 400; i++) {
      const names = Array.from({ length: 6 }, () => random.pick(NAMES));
      const words = Array.from({ length: 12 }, () => push(random.pick([0, 1, 32, 64, 7])));
      // Constants that are no targets end the program at a jump, if it jumps.
      const body = concatBytes(...words, ...names.map((name) => bytesOf(name, 0)), TAIL);
      both((evm) => evm.execute(body, { gas: 100_000n }));
      const gas = BigInt(30 + random.below(120));
      both((evm) => evm.execute(body, { gas }));
    }
  });
});

describe('a constant', () => {
  it('of every size is pushed as it stands in the code', () => {
    for (let size = 1; size <= 32; size++) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => 0x91 + i);
      both((evm) => evm.execute(code(push(BigInt(`0x${Buffer.from(bytes).toString('hex')}`)), returnTop)));
      both((evm) =>
        evm.execute(code(raw(0x5f + size), bytes, push(0), 'MSTORE', push(32), push(0), 'RETURN')),
      );
    }
  });
});

describe('hashes of 64 bytes', () => {
  const hashes = (a: bigint, b: bigint): Piece => [
    [push(a), push(0), 'MSTORE', push(b), push(32), 'MSTORE'],
    [push(64), push(0), 'KECCAK256', 'DUP2', push(5), 'MUL', 'ADD', 'SWAP1', 'POP'],
  ];

  it('are those of what differs in one bit only, or was hashed before', () => {
    const pairs: [bigint, bigint][] = [[0n, 0n]];
    for (let bit = 0n; bit < 256n; bit += 3n) pairs.push([1n << bit, 0n], [0n, 1n << bit], [0n, 0n]);
    const program = code(
      push(1),
      pairs.map(([a, b]) => hashes(a, b)),
      returnTop,
    );
    both((evm) => [0, 1].map(() => evm.execute(program, { gas: 10_000_000n })));
  });

  it('are as many as one likes', () => {
    const program = code(
      ...[push(0), push(2 * KNOWN_HASHES + 100)],
      // sum, count -> ..., with the count in memory
      ...['JUMPDEST', 'DUP1', push(0), 'MSTORE', push(64), push(0), 'KECCAK256'],
      ...['SWAP2', 'SWAP1', 'SWAP2', 'ADD', push(3), 'MUL', 'SWAP1', push(1), 'SWAP1', 'SUB'],
      ...['DUP1', push(5), 'JUMPI', 'POP', returnTop],
    );
    expect(program[5]).toBe(opcode('JUMPDEST'));
    const { output } = both((evm) => [0, 1].map(() => evm.execute(program, { gas: 10_000_000n })))[1]!;
    expect(output.length).toBe(66);
  });
});

describe('words of linear memory', () => {
  it('are those that are there, whichever were read before', () => {
    const { Memory } = webAssembly()!;
    const linear = new Linear(new Memory({ initial: 1, maximum: 1 }));
    const random = new Random(8);
    const words = Array.from({ length: 600 }, () => random.word() << BigInt(random.below(2) * 64));
    for (let i = 0; i < 5_000; i++) {
      // Also such as differ in their highest limbs only.
      const word = BigInt.asUintN(256, random.pick(words) ^ (BigInt(random.below(3)) << 224n));
      linear.setWord(64, word);
      expect(linear.word(64)).toBe(word);
    }
  });
});
