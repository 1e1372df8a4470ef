/**
 * What @ethereumjs/evm 10.1.3 is known to do otherwise than Ethereum: such cases are not compared, so that campaigns find
 * other things.
 *
 * - It tests for 0xef00, with which containers of EIP-3540 begin, though that is in force in no fork. CREATE and CREATE2
 *   of such init code push 0 and do nothing else: it is not run, takes no gas and counts no nonce up, where Ethereum runs
 *   it into the undefined instruction 0xef. EXTCODESIZE, EXTCODECOPY and EXTCODEHASH see two bytes of such code.
 * - Where accounts can delegate (EIP-7702) it takes all code that begins with 0xef0100 for a delegation. One that has not
 *   23 bytes names no address, and it refuses the transaction that calls it.
 */

import { rulesOf } from '../forks/rules.ts';
import type { FuzzCase } from '../fuzz/case.ts';
import { isDelegation } from '../machine/code.ts';
import { toAddress } from '../primitives/address.ts';

const EOF_MAGIC = [0xef, 0x00];
const DELEGATION_MAGIC = [0xef, 0x01, 0x00];

const CREATIONS = [0xf0, 0xf5];
const LOOKS_AT_CODE = [0x3b, 0x3c, 0x3f];

const begins = (code: Uint8Array, magic: readonly number[]): boolean =>
  code.length >= magic.length && magic.every((byte, i) => code[i] === byte);

/** What it is known to do otherwise about the accounts of a case; null for nothing. */
export function knownOfAccounts({ pre, fork }: FuzzCase): string | null {
  if (!rulesOf(fork).delegation) return null;
  const isMisread = [...pre.values()].some(
    ({ code }) => begins(code, DELEGATION_MAGIC) && !isDelegation(code),
  );
  return isMisread ? 'takes code that begins with 0xef0100 for a delegation, whatever its length' : null;
}

/** What its handlers of instructions are given. */
interface RunState {
  readonly stack: { peek(count: number): bigint[] };
  readonly memory: { read(offset: number, size: number): Uint8Array };
}

type Handler = (state: RunState, common: unknown) => void | Promise<void>;

interface Entry {
  readonly opcodeInfo: { readonly code: number };
  readonly opHandler: Handler;
}

/** Has its steps tell the byte of an undefined instruction, which they say is 0xfe: traces would part there. */
export function tellUndefined(evm: object): void {
  const table = (evm as { _opcodeMap: Entry[] })._opcodeMap;
  for (const [byte, { opcodeInfo, ...entry }] of table.entries()) {
    if (opcodeInfo.code !== byte) table[byte] = { ...entry, opcodeInfo: { ...opcodeInfo, code: byte } };
  }
}

/**
 * Watches the instructions that test for 0xef00.
 * @param evm of the rival, whose table of instructions is changed
 * @param codeOf the code that an account has at the moment
 * @param tell is told what it does otherwise, each time that it comes to that
 */
export function watchKnown(
  evm: object,
  codeOf: (address: bigint) => Promise<Uint8Array>,
  tell: (what: string) => void,
): void {
  const table = (evm as { _opcodeMap: Entry[] })._opcodeMap;
  const before = (byte: number, look: (state: RunState) => void | Promise<void>): void => {
    const entry = table[byte]!;
    // Where a fork does not have it, it is the entry of INVALID.
    if (entry.opcodeInfo.code !== byte) return;
    const opHandler: Handler = async (state, common) => {
      await look(state);
      await entry.opHandler(state, common);
    };
    table[byte] = { ...entry, opHandler };
  };
  for (const byte of CREATIONS) {
    before(byte, ({ stack, memory }) => {
      const [, offset, length] = stack.peek(3) as [bigint, bigint, bigint];
      if (length < BigInt(EOF_MAGIC.length)) return;
      if (begins(memory.read(Number(offset), EOF_MAGIC.length), EOF_MAGIC)) {
        tell('does not run init code that begins with 0xef00');
      }
    });
  }
  for (const byte of LOOKS_AT_CODE) {
    before(byte, async ({ stack }) => {
      const [address] = stack.peek(1) as [bigint];
      if (begins(await codeOf(toAddress(address)), EOF_MAGIC)) {
        tell('sees two bytes of code that begins with 0xef00');
      }
    });
  }
}
