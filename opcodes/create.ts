/** 0xf0, 0xf5: creations. As with calls, the handler pays and suspends; `src/evm/create.ts` does the rest. */

import type { Frame } from '../src/machine/frame.ts';
import { charge, gasLeft, growMemory, memoryCost, takeGas, wordsOf } from '../src/machine/gas.ts';
import { Halt } from '../src/machine/halt.ts';
import { MessageKind } from '../src/machine/message.ts';
import { create2Address, createAddress } from '../src/primitives/address.ts';
import { keccak256 } from '../src/primitives/keccak.ts';
import { HASH_WORD_GAS } from './copy-gas.ts';

function createWith(frame: Frame, kind: MessageKind, sp: number, salt: bigint): Halt {
  const { stack, rules, memory, host } = frame;
  const value = stack[sp + 2]!;
  const offset = stack[sp + 1]!;
  const size = stack[sp]!;

  const growth = memoryCost(frame, offset, size);
  if (growth < 0) return (-1 - growth) as Halt;
  const length = Number(size);
  if (length > rules.maxInitCodeSize) return Halt.InitCodeTooLarge;
  const perWord = rules.initCodeWordGas + (kind === MessageKind.Create2 ? HASH_WORD_GAS : 0);
  const halt = charge(frame, growth + perWord * wordsOf(length));
  if (halt !== Halt.Continue) return halt;
  growMemory(frame, offset, size);

  const available = gasLeft(frame);
  const gas = rules.callGasCapped ? available - available / 64n : available;
  takeGas(frame, gas);

  const initCode = memory.viewOf(length === 0 ? 0 : Number(offset), length);
  const address =
    kind === MessageKind.Create2
      ? create2Address(frame.address, salt, keccak256(initCode))
      : createAddress(frame.address, host.nonce(frame.address));
  frame.request = {
    kind,
    caller: frame.address,
    address,
    codeAddress: address,
    value,
    input: initCode,
    gas,
    isStatic: false,
    depth: frame.depth + 1,
    outputOffset: 0,
    outputSize: 0,
  };
  return Halt.Create;
}

export function create(frame: Frame): Halt {
  const sp = (frame.sp -= 3);
  return createWith(frame, MessageKind.Create, sp, 0n);
}

/** EIP-1014. */
export function create2(frame: Frame): Halt {
  const sp = (frame.sp -= 4);
  const salt = frame.stack[sp]!;
  return createWith(frame, MessageKind.Create2, sp + 1, salt);
}
