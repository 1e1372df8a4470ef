/**
 * Hashes of 64 bytes, by which contracts of solc and vyper find their entries of mappings: those that were made lately are
 * kept with what they are of. A permutation of Keccak takes 250 ns, this 10.
 */

import { type Code, get, i32, i64, set, ValueType, when } from '../assembler/code.ts';
import { call, type Func, type ModuleBuilder, type Slot } from '../assembler/module.ts';
import { HASHES, KNOWN_HASHES, KnownHash, WORD } from '../layout.ts';
import { anyDifference, limbsAt, storeLimbs } from '../words/limbs.ts';
import { MIX } from './slots.ts';
import { copyWord, loadReversed } from './words.ts';

const { I32, I64, V128 } = ValueType;
const INDEX_BITS = Math.log2(KNOWN_HASHES);
const LIMBS = 8;

/**
 * (from, to): the hash of the 64 bytes at `from`, as a word of the stack, to `to`.
 * @param keccak (from, size, to)
 * @param scratch address of 32 bytes
 */
export function emitKnownHash(module: ModuleBuilder, keccak: Slot, scratch: number): Func {
  const func = module.begin([I32, I32], []);
  const [from, to] = func.params;
  const [at, address, place] = [func.local(I32), func.local(I32), func.local(I32)];
  const [mixed, vector] = [func.local(I64), func.local(V128)];
  const input = limbsAt(from, 0, LIMBS);
  const terms: Code[] = [];
  for (let i = 0; i < LIMBS; i++)
    terms.push(i64.mul(i64.rotl(input[i]!, i64.const(i)), i64.const(MIX[i % MIX.length]!)));
  const differs = anyDifference(input, limbsAt(at, KnownHash.INPUT, LIMBS));
  return func.end([
    set(mixed, terms.reduce(i64.add)),
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
      storeLimbs(at, input, KnownHash.INPUT),
      i32.store(get(at), i32.const(1), KnownHash.IS_THERE),
    ]),
    copyWord(to, 0, at, KnownHash.OUTPUT),
  ]);
}
