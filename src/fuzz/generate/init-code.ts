/** Init codes: those that deploy something, and those that fail in each of the ways there are. */

import { EMPTY_BYTES } from '../../primitives/bytes.ts';
import type { Random } from '../random.ts';
import { Assembly } from './assembly.ts';
import type { Kit } from './kit.ts';
import { OP } from './op.ts';
import { addressPushes } from './places.ts';

const { RETURN, REVERT, CODECOPY, SSTORE, SLOAD, SELFDESTRUCT, INVALID, MSTORE, ADD, CALLER } = OP;

/** One ends its frame, one its account, and one runs off its end. */
const FAILING: readonly number[] = [INVALID, SELFDESTRUCT, CALLER];
const REVERT_SIZES: readonly number[] = [0, 1, 32, 40];

/** Small contracts: one that counts its calls, ones that return, write, fail, or end themselves. */
function runtimeCode(random: Random, kit: Kit): Uint8Array {
  const choice = random.below(12);
  if (choice === 0) return EMPTY_BYTES;
  if (choice === 1) return Uint8Array.of(0);
  // Rejected from some fork on, alone and with more behind it.
  if (choice === 2)
    return random.oneIn(2) ? Uint8Array.of(0xef) : Uint8Array.of(0xef, 1, ...random.bytes(21));
  if (choice === 3) return random.bytes(random.below(40));
  const code = Assembly.begin();
  if (choice === 4) {
    code.push(1);
    code.push(0);
    code.op(SLOAD, 1, 1);
    code.op(ADD, 2, 1);
    code.push(0);
    code.op(SSTORE, 2, 0);
  } else if (choice === 5) {
    code.pushed(random.pick(addressPushes().others));
    code.op(SELFDESTRUCT, 1, 0);
  } else if (choice === 6) {
    code.byte(kit.hasRevert ? random.pick(FAILING) : INVALID);
  } else {
    code.op(CALLER, 0, 1);
    code.push(0);
    code.op(MSTORE, 2, 0);
    code.push(32);
    code.push(0);
    code.op(RETURN, 2, 0);
  }
  return code.finish();
}

/** Ends in returning `runtime`. */
function deploying(code: Assembly, runtime: Uint8Array): Uint8Array {
  code.push(runtime.length);
  code.pushData(runtime);
  code.push(0);
  code.op(CODECOPY, 3, 0);
  code.push(runtime.length);
  code.push(0);
  code.op(RETURN, 2, 0);
  return code.finish();
}

/** Init code; rarely one that makes a contract larger than contracts may be. */
export function initCode(random: Random, kit: Kit): Uint8Array {
  const choice = random.below(30);
  if (choice === 0) return EMPTY_BYTES;
  if (choice === 1) return random.bytes(random.below(33));
  const code = Assembly.begin();
  if (choice === 2) {
    code.pushed(random.pick(addressPushes().others));
    code.op(SELFDESTRUCT, 1, 0);
    return code.finish();
  }
  if (choice < 5) {
    code.push(random.below(3));
    code.push(1);
    code.op(SSTORE, 2, 0);
    code.push(random.pick(REVERT_SIZES));
    code.push(0);
    code.byte(kit.hasRevert ? REVERT : INVALID);
    return code.finish();
  }
  if (choice === 5) {
    const most = kit.rules.maxCodeSize;
    code.push(Number.isFinite(most) && random.oneIn(3) ? most + random.below(2) : random.below(400));
    code.push(0);
    code.op(RETURN, 2, 0);
    return code.finish();
  }
  if (choice < 9) {
    code.push(random.below(3));
    code.push(random.below(4));
    code.op(SSTORE, 2, 0);
  }
  return deploying(code, runtimeCode(random, kit));
}
