/** Init codes: those that deploy something, and those that fail in each of the ways there are. */

import { concatBytes, EMPTY_BYTES } from '../../primitives/bytes.ts';
import type { Random } from '../random.ts';
import { Assembly } from './assembly.ts';
import type { Kit } from './kit.ts';
import { addressPushes } from './places.ts';

const RETURN = 0xf3;
const CODECOPY = 0x39;
const SSTORE = 0x55;
const SLOAD = 0x54;
const SELFDESTRUCT = 0xff;
const INVALID = 0xfe;
const MSTORE = 0x52;
const ADD = 0x01;
const CALLER = 0x33;

/** Small contracts: one that counts its calls, ones that return, write, fail, or end themselves. */
function runtimeCode(random: Random, kit: Kit): Uint8Array {
  const code = new Assembly();
  switch (random.below(12)) {
    case 0:
      return EMPTY_BYTES;
    case 1:
      return Uint8Array.of(0);
    case 2:
      code.push(1);
      code.push(0);
      code.op(SLOAD, 1, 1);
      code.op(ADD, 2, 1);
      code.push(0);
      code.op(SSTORE, 2, 0);
      break;
    case 3:
      code.pushed(random.pick(addressPushes().others));
      code.op(SELFDESTRUCT, 1, 0);
      break;
    case 4:
      // Rejected from some fork on, alone and with more behind it.
      return random.oneIn(2) ? Uint8Array.of(0xef) : concatBytes(Uint8Array.of(0xef, 0x01), random.bytes(21));
    case 5:
      code.byte(
        kit.bytes.get('REVERT') === undefined ? INVALID : random.pick([INVALID, SELFDESTRUCT, CALLER]),
      );
      break;
    case 6:
      return random.bytes(random.below(40));
    default:
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
  const code = new Assembly();
  const choice = random.below(30);
  const revert = kit.bytes.get('REVERT');
  if (choice === 0) return EMPTY_BYTES;
  if (choice === 1) return random.bytes(random.below(33));
  if (choice === 2) {
    code.pushed(random.pick(addressPushes().others));
    code.op(SELFDESTRUCT, 1, 0);
    return code.finish();
  }
  if (choice < 5) {
    code.push(random.below(3));
    code.push(1);
    code.op(SSTORE, 2, 0);
    code.push(random.pick([0, 1, 32, 40]));
    code.push(0);
    code.byte(revert ?? INVALID);
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
