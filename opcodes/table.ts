/**
 * Every instruction of every fork: the only place where byte, name, stack effect, base gas and first fork stand.
 * A later row with the same byte supersedes from its fork on. Costs that depend on arguments are added by the
 * handler, from `Rules` (Yellow Paper, appendices G and H).
 */

import * as arithmetic from './arithmetic.ts';
import * as bitwise from './bitwise.ts';
import * as block from './block.ts';
import * as call from './call.ts';
import * as comparison from './comparison.ts';
import * as control from './control.ts';
import * as create from './create.ts';
import * as environment from './environment.ts';
import * as keccak from './keccak.ts';
import * as log from './log.ts';
import * as memory from './memory.ts';
import { Flag, type OpRow, op } from './row.ts';
import * as selfdestruct from './selfdestruct.ts';
import * as stack from './stack.ts';
import * as storage from './storage.ts';

const { TERMINATES, WRITES, JUMPS, SUSPENDS, ONE_PRICE } = Flag;

const series = (from: number, to: number, row: (n: number) => OpRow): OpRow[] =>
  Array.from({ length: to - from + 1 }, (_, i) => row(from + i));

// biome-ignore format: a table, one row a line, with the stack picture (top first) behind it
/** All rows. A later row with the byte of an earlier one supersedes it from its first fork on. */
export const OPCODES: readonly OpRow[] = [
  // 0x00: arithmetic
  op(0x00, 'STOP', 0, 0, 0, 'Frontier', control.stop, TERMINATES), // ->
  op(0x01, 'ADD', 2, 1, 3, 'Frontier', arithmetic.add), // a b -> a + b
  op(0x02, 'MUL', 2, 1, 5, 'Frontier', arithmetic.mul), // a b -> a * b
  op(0x03, 'SUB', 2, 1, 3, 'Frontier', arithmetic.sub), // a b -> a - b
  op(0x04, 'DIV', 2, 1, 5, 'Frontier', arithmetic.div), // a b -> a / b
  op(0x05, 'SDIV', 2, 1, 5, 'Frontier', arithmetic.sdiv), // a b -> a / b
  op(0x06, 'MOD', 2, 1, 5, 'Frontier', arithmetic.mod), // a b -> a % b
  op(0x07, 'SMOD', 2, 1, 5, 'Frontier', arithmetic.smod), // a b -> a % b
  op(0x08, 'ADDMOD', 3, 1, 8, 'Frontier', arithmetic.addmod), // a b n -> (a + b) % n
  op(0x09, 'MULMOD', 3, 1, 8, 'Frontier', arithmetic.mulmod), // a b n -> (a * b) % n
  op(0x0a, 'EXP', 2, 1, 10, 'Frontier', arithmetic.exp, ONE_PRICE), // base exponent -> power
  op(0x0b, 'SIGNEXTEND', 2, 1, 5, 'Frontier', arithmetic.signextend), // byteIndex value -> extended

  // 0x10: comparison and bits
  op(0x10, 'LT', 2, 1, 3, 'Frontier', comparison.lt), // a b -> a < b
  op(0x11, 'GT', 2, 1, 3, 'Frontier', comparison.gt), // a b -> a > b
  op(0x12, 'SLT', 2, 1, 3, 'Frontier', comparison.slt), // a b -> a < b
  op(0x13, 'SGT', 2, 1, 3, 'Frontier', comparison.sgt), // a b -> a > b
  op(0x14, 'EQ', 2, 1, 3, 'Frontier', comparison.eq), // a b -> a == b
  op(0x15, 'ISZERO', 1, 1, 3, 'Frontier', comparison.iszero), // a -> a == 0
  op(0x16, 'AND', 2, 1, 3, 'Frontier', bitwise.and), // a b -> a and b
  op(0x17, 'OR', 2, 1, 3, 'Frontier', bitwise.or), // a b -> a or b
  op(0x18, 'XOR', 2, 1, 3, 'Frontier', bitwise.xor), // a b -> a xor b
  op(0x19, 'NOT', 1, 1, 3, 'Frontier', bitwise.not), // a -> ~a
  op(0x1a, 'BYTE', 2, 1, 3, 'Frontier', bitwise.byte), // byteIndex value -> byte
  op(0x1b, 'SHL', 2, 1, 3, 'Constantinople', bitwise.shl), // shift value -> value << shift
  op(0x1c, 'SHR', 2, 1, 3, 'Constantinople', bitwise.shr), // shift value -> value >> shift
  op(0x1d, 'SAR', 2, 1, 3, 'Constantinople', bitwise.sar), // shift value -> value >> shift
  op(0x1e, 'CLZ', 1, 1, 5, 'Osaka', bitwise.clz), // a -> leadingZeroBits

  // 0x20: hashing
  op(0x20, 'KECCAK256', 2, 1, 30, 'Frontier', keccak.keccak256), // offset size -> hash

  // 0x30: environment
  op(0x30, 'ADDRESS', 0, 1, 2, 'Frontier', environment.address), // -> address
  op(0x31, 'BALANCE', 1, 1, { Frontier: 20, TangerineWhistle: 400, Istanbul: 700, Berlin: 100 }, 'Frontier', environment.balance), // address -> balance
  op(0x32, 'ORIGIN', 0, 1, 2, 'Frontier', environment.origin), // -> origin
  op(0x33, 'CALLER', 0, 1, 2, 'Frontier', environment.caller), // -> caller
  op(0x34, 'CALLVALUE', 0, 1, 2, 'Frontier', environment.callvalue), // -> value
  op(0x35, 'CALLDATALOAD', 1, 1, 3, 'Frontier', environment.calldataload), // offset -> word
  op(0x36, 'CALLDATASIZE', 0, 1, 2, 'Frontier', environment.calldatasize), // -> size
  op(0x37, 'CALLDATACOPY', 3, 0, 3, 'Frontier', environment.calldatacopy), // memoryOffset dataOffset size ->
  op(0x38, 'CODESIZE', 0, 1, 2, 'Frontier', environment.codesize), // -> size
  op(0x39, 'CODECOPY', 3, 0, 3, 'Frontier', environment.codecopy), // memoryOffset codeOffset size ->
  op(0x3a, 'GASPRICE', 0, 1, 2, 'Frontier', environment.gasprice), // -> price
  op(0x3b, 'EXTCODESIZE', 1, 1, { Frontier: 20, TangerineWhistle: 700, Berlin: 100 }, 'Frontier', environment.extcodesize), // address -> size
  op(0x3c, 'EXTCODECOPY', 4, 0, { Frontier: 20, TangerineWhistle: 700, Berlin: 100 }, 'Frontier', environment.extcodecopy), // address memoryOffset codeOffset size ->
  op(0x3d, 'RETURNDATASIZE', 0, 1, 2, 'Byzantium', environment.returndatasize), // -> size
  op(0x3e, 'RETURNDATACOPY', 3, 0, 3, 'Byzantium', environment.returndatacopy), // memoryOffset dataOffset size ->
  op(0x3f, 'EXTCODEHASH', 1, 1, { Constantinople: 400, Istanbul: 700, Berlin: 100 }, 'Constantinople', environment.extcodehash), // address -> hash

  // 0x40: block
  op(0x40, 'BLOCKHASH', 1, 1, 20, 'Frontier', block.blockhash), // number -> hash
  op(0x41, 'COINBASE', 0, 1, 2, 'Frontier', block.coinbase), // -> address
  op(0x42, 'TIMESTAMP', 0, 1, 2, 'Frontier', block.timestamp), // -> seconds
  op(0x43, 'NUMBER', 0, 1, 2, 'Frontier', block.number), // -> number
  op(0x44, 'DIFFICULTY', 0, 1, 2, 'Frontier', block.difficulty), // -> difficulty
  op(0x44, 'PREVRANDAO', 0, 1, 2, 'Paris', block.prevrandao), // -> randomness
  op(0x45, 'GASLIMIT', 0, 1, 2, 'Frontier', block.gaslimit), // -> gas
  op(0x46, 'CHAINID', 0, 1, 2, 'Istanbul', block.chainid), // -> id
  op(0x47, 'SELFBALANCE', 0, 1, 5, 'Istanbul', environment.selfbalance), // -> balance
  op(0x48, 'BASEFEE', 0, 1, 2, 'London', block.basefee), // -> price
  op(0x49, 'BLOBHASH', 1, 1, 3, 'Cancun', block.blobhash), // index -> versionedHash
  op(0x4a, 'BLOBBASEFEE', 0, 1, 2, 'Cancun', block.blobbasefee), // -> price

  // 0x50: stack, memory, storage, flow of control
  op(0x50, 'POP', 1, 0, 2, 'Frontier', stack.pop), // a ->
  op(0x51, 'MLOAD', 1, 1, 3, 'Frontier', memory.mload), // offset -> word
  op(0x52, 'MSTORE', 2, 0, 3, 'Frontier', memory.mstore), // offset word ->
  op(0x53, 'MSTORE8', 2, 0, 3, 'Frontier', memory.mstore8), // offset byte ->
  // From Berlin on SLOAD has one price for a warm slot and one for a cold (EIP-2929), and no base: see Rules.
  op(0x54, 'SLOAD', 1, 1, { Frontier: 50, TangerineWhistle: 200, Istanbul: 800, Berlin: 0 }, 'Frontier', storage.sload), // key -> value
  op(0x55, 'SSTORE', 2, 0, 0, 'Frontier', storage.sstore, WRITES), // key value ->
  op(0x56, 'JUMP', 1, 0, 8, 'Frontier', control.jump, JUMPS), // target ->
  op(0x57, 'JUMPI', 2, 0, 10, 'Frontier', control.jumpi, JUMPS), // target condition ->
  op(0x58, 'PC', 0, 1, 2, 'Frontier', control.pc), // -> pc
  op(0x59, 'MSIZE', 0, 1, 2, 'Frontier', memory.msize), // -> size
  op(0x5a, 'GAS', 0, 1, 2, 'Frontier', control.gas), // -> gas
  op(0x5b, 'JUMPDEST', 0, 0, 1, 'Frontier', control.jumpdest), // ->
  op(0x5c, 'TLOAD', 1, 1, 100, 'Cancun', storage.tload), // key -> value
  op(0x5d, 'TSTORE', 2, 0, 100, 'Cancun', storage.tstore, WRITES), // key value ->
  op(0x5e, 'MCOPY', 3, 0, 3, 'Cancun', memory.mcopy), // to from size ->
  op(0x5f, 'PUSH0', 0, 1, 2, 'Shanghai', stack.push0), // -> 0
  ...series(1, 32, (n) => op(0x5f + n, `PUSH${n}`, 0, 1, 3, 'Frontier', stack.PUSHES[n - 1]!, 0, n)), // -> constant
  ...series(1, 16, (n) => op(0x7f + n, `DUP${n}`, n, n + 1, 3, 'Frontier', stack.DUPS[n - 1]!)), // a ... -> a ... a
  ...series(1, 16, (n) => op(0x8f + n, `SWAP${n}`, n + 1, n + 1, 3, 'Frontier', stack.SWAPS[n - 1]!)), // a ... b -> b ... a

  // 0xa0: logs
  ...series(0, 4, (n) =>
    op(0xa0 + n, `LOG${n}`, n + 2, 0, 375 + 375 * n, 'Frontier', log.log(n), WRITES | ONE_PRICE),
  ), // offset size topics... ->

  // 0xf0: other contracts, and the ends of a frame
  op(0xf0, 'CREATE', 3, 1, 32000, 'Frontier', create.create, WRITES | SUSPENDS), // value offset size -> address
  op(0xf1, 'CALL', 7, 1, { Frontier: 40, TangerineWhistle: 700, Berlin: 100 }, 'Frontier', call.call, SUSPENDS), // gas address value inOffset inSize outOffset outSize -> success
  op(0xf2, 'CALLCODE', 7, 1, { Frontier: 40, TangerineWhistle: 700, Berlin: 100 }, 'Frontier', call.callcode, SUSPENDS), // gas address value inOffset inSize outOffset outSize -> success
  op(0xf3, 'RETURN', 2, 0, 0, 'Frontier', control.return_, TERMINATES), // offset size ->
  op(0xf4, 'DELEGATECALL', 6, 1, { Homestead: 40, TangerineWhistle: 700, Berlin: 100 }, 'Homestead', call.delegatecall, SUSPENDS), // gas address inOffset inSize outOffset outSize -> success
  op(0xf5, 'CREATE2', 4, 1, 32000, 'Constantinople', create.create2, WRITES | SUSPENDS), // value offset size salt -> address
  op(0xfa, 'STATICCALL', 6, 1, { Byzantium: 700, Berlin: 100 }, 'Byzantium', call.staticcall, SUSPENDS), // gas address inOffset inSize outOffset outSize -> success
  op(0xfd, 'REVERT', 2, 0, 0, 'Byzantium', control.revert, TERMINATES), // offset size ->
  op(0xfe, 'INVALID', 0, 0, 0, 'Frontier', control.invalid, TERMINATES), // ->
  op(0xff, 'SELFDESTRUCT', 1, 0, { Frontier: 0, TangerineWhistle: 5000 }, 'Frontier', selfdestruct.selfdestruct, TERMINATES | WRITES), // beneficiary ->
];
