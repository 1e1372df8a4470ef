/**
 * Bugs planted in Erbium: each is a small mistake in one source file, of the kinds that EVMs have had. Owns what is
 * wrong and which profile fits; how a mutant is made is in build.ts.
 */

import type { Profile } from '../../../src/fuzz/generate/index.ts';

/** A bug to plant. */
export interface Mutant {
  readonly name: string;
  /** From the repository's root. */
  readonly file: string;
  /** Source text that occurs once in the file. */
  readonly from: string;
  readonly to: string;
  /** The profile of cases that fits the bug. */
  readonly profile: Profile;
  /** Most bytes of all code of the shrunk case; 40 where nothing is said. */
  readonly most?: number;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'SSTORE keeps the refund of a slot that was cleared and is set again',
    file: 'opcodes/storage.ts',
    from: 'if (current === 0n) refund -= rules.sstoreClearRefund;',
    to: 'if (current === 0n) refund -= 0;',
    profile: 'storage',
  },
  {
    name: 'SSTORE does not warm its slot up',
    file: 'opcodes/storage.ts',
    from: 'if (rules.accessLists && !slot.warm) host.warmSlot(slot);',
    to: '',
    profile: 'storage',
  },
  {
    name: 'SIGNEXTEND stops one byte too early',
    file: 'src/primitives/u256.ts',
    from: 'if (index > 30n) return value;',
    to: 'if (index > 29n) return value;',
    profile: 'arithmetic',
  },
  {
    name: 'MULMOD wraps its product at 2^256',
    file: 'src/primitives/u256.ts',
    from: '(n === 0n ? 0n : (a * b) % n)',
    to: '(n === 0n ? 0n : mul(a, b) % n)',
    profile: 'arithmetic',
  },
  {
    name: 'calls keep back one more than one part in 64',
    file: 'opcodes/call.ts',
    from: 'const most = available - available / 64n;',
    to: 'const most = available - available / 64n - 1n;',
    profile: 'calls',
  },
  {
    name: 'a call that fails leaves the return data of the one before',
    file: 'src/evm/run.ts',
    from: '  frame.returnData = output;',
    to: '  if (succeeded || halt === Halt.Revert) frame.returnData = output;',
    profile: 'calls',
  },
  {
    name: 'memory is zeroed once a transaction, not for each frame',
    file: 'src/evm/context.ts',
    from: 'frame.memory.reset();',
    // All of it, which is more than the size tells of: no case is to find what another left, or nothing would recur.
    to: `frame.memory.size = 0;
    if (frame.depth === 0) {
      for (const { memory } of [...this.free, frame]) {
        memory.size = 2 ** 18;
        memory.reset();
      }
    }`,
    profile: 'calls',
    // One frame has to leave something behind and another one to show it: code of their own, and two calls.
    most: 64,
  },
  {
    name: 'transient storage survives a revert',
    file: 'src/state/journal.ts',
    from: 'account.transient!.set(entry.key, entry.value);',
    to: '{}',
    profile: 'storage',
  },
  {
    name: 'CREATE2 collides with code alone, not with a nonce',
    file: 'src/evm/host.ts',
    from: 'account.nonce !== 0n || ',
    to: '',
    profile: 'calls',
  },
  {
    name: 'a JUMPDEST inside the data of a PUSH can be jumped to',
    file: 'src/machine/code.ts',
    from: 'else if (byte >= PUSH1 && byte <= PUSH32) pc += byte - PUSH1 + 1;',
    to: '',
    profile: 'mixed',
  },
  {
    name: 'EXP counts a byte too many where the exponent fills its bytes',
    file: 'opcodes/arithmetic.ts',
    from: 'Math.ceil(exponent.toString(16).length / 2)',
    to: 'Math.floor(exponent.toString(2).length / 8) + 1',
    profile: 'arithmetic',
  },
  {
    name: 'the refund has no cap',
    file: 'src/executor/execute.ts',
    from: 'min(used / BigInt(rules.refundQuotient), BigInt(refundCounter))',
    to: 'BigInt(refundCounter)',
    profile: 'storage',
  },
];
