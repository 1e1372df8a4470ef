/**
 * Hashes of 64 bytes, by which contracts of solc and vyper find their entries of mappings: those that were made lately are
 * kept with what they are of. A permutation of Keccak takes 250 ns, this 10.
 */

import { type Code, get, i32, i64, set, ValueType, when } from '../assembler/code.ts';
import { call, type Func, type ModuleBuilder } from '../assembler/module.ts';
import { HASHES, KNOWN_HASHES, KnownHash, WORD } from '../layout.ts';
import { MIX } from './slots.ts';
import { copyWord, loadReversed } from './words.ts';

const { I32, I64, V128 } = ValueType;
const INDEX_BITS = Math.log2(KNOWN_HASHES);
const LIMBS = [0, 8, 16, 24, 32, 40, 48, 56] as const;

/**
 * (from, to): the hash of the 64 bytes at `from`, as a word of the stack, to `to`.
 * @param keccak (from, size, to)
 * @param scratch address of 32 bytes
 */
export function emitKnownHash(module: ModuleBuilder, keccak: Func, scratch: number): Func {
  const func = module.begin([I32, I32], []);
  const [from, to] = func.params;
  const [at, address, place] = [func.local(I32), func.local(I32), func.local(I32)];
  const [mixed, vector] = [func.local(I64), func.local(V128)];
  const limb = (offset: number): Code => i64.load(get(from), offset);
  const sum = LIMBS.map((offset, i) =>
    i64.mul(i64.rotl(limb(offset), i64.const(i)), i64.const(MIX[i % MIX.length]!)),
  ).reduce((all, next) => i64.add(all, next));
  const differs = LIMBS.map((offset) =>
    i64.xor(limb(offset), i64.load(get(at), KnownHash.INPUT + offset)),
  ).reduce((any, next) => i64.or(any, next));
  return func.end([
    set(mixed, sum),
    set(mixed, i64.mul(i64.xor(get(mixed), i64.shrU(get(mixed), i64.const(29))), i64.const(MIX[0]!))),
    set(
      at,
      i32.add(
        i32.const(HASHES),
        i32.mul(i32.wrap(i64.shrU(get(mixed), i64.const(64 - INDEX_BITS))), i32.const(KnownHash.SIZE)),
      ),
    ),
    when(i32.or(i64.ne(differs, i64.const(0)), i32.eqz(i32.load(get(at), KnownHash.IS_THERE))), [
      call(keccak, get(from), i32.const(2 * WORD), i32.const(scratch)),
      set(place, i32.add(get(at), i32.const(KnownHash.OUTPUT))),
      loadReversed(place, i32.const(scratch), vector, address),
      LIMBS.map((offset) => i64.store(get(at), limb(offset), KnownHash.INPUT + offset)),
      i32.store(get(at), i32.const(1), KnownHash.IS_THERE),
    ]),
    copyWord(to, 0, at, KnownHash.OUTPUT),
  ]);
}
