/** Cases to begin with. */

import { type CaseInput, EMPTY_CASE } from './case.ts';

const SUM = `; Adds the numbers from 1 to 10,
; keeps the sum in slot 0, logs it
; and returns it.
PUSH 0          ; sum
PUSH 10         ; n
loop:
  DUP1
  SWAP2 ADD SWAP1   ; sum += n
  PUSH 1 SWAP1 SUB  ; n -= 1
  DUP1 PUSH @loop JUMPI
POP
DUP1 PUSH 0 SSTORE
PUSH 0 MSTORE
PUSH 0x5eed PUSH 32 PUSH 0 LOG1
PUSH 32 PUSH 0 RETURN
`;

const NESTED = `; Makes a contract that reverts
; with its call data, calls it, and
; hashes what came back by SHA-256.
; Its init code, 15 bytes:
PUSH 0x66365f5f37365ffd5f5260076019f3
PUSH 0 MSTORE
PUSH 15 PUSH 17 PUSH 0 CREATE
PUSH 0xdeadbeef PUSH 0 MSTORE
PUSH 0 PUSH 0 PUSH 4 PUSH 28 PUSH 0
DUP6 GAS CALL
RETURNDATASIZE PUSH 0 PUSH 0
RETURNDATACOPY
PUSH 32 PUSH 32 RETURNDATASIZE
PUSH 0 PUSH 2 GAS STATICCALL
PUSH 32 MLOAD PUSH 1 SSTORE
STOP
`;

const TRANSIENT = `; Transient storage is gone after
; the transaction.
PUSH 42 PUSH 1 TSTORE
PUSH 1 TLOAD
PUSH 1 SSTORE
PUSH 0 PUSH 1 SSTORE  ; back to 0: a refund
STOP
`;

export const EXAMPLES: readonly { readonly name: string; readonly input: CaseInput }[] = [
  { name: 'A loop that adds up', input: { ...EMPTY_CASE, source: SUM } },
  { name: 'A creation, a call and a precompile', input: { ...EMPTY_CASE, source: NESTED } },
  { name: 'Transient storage and a refund', input: { ...EMPTY_CASE, source: TRANSIENT } },
  {
    name: 'Bytecode: keccak256 of the call data',
    input: { ...EMPTY_CASE, source: '0x365f5f37365f205f5260205ff3', calldata: '0x01020304' },
  },
  {
    name: 'An endless loop',
    input: { ...EMPTY_CASE, source: 'again: PUSH @again JUMP\n', gas: '1000000000000' },
  },
];
