/**
 * The ERC-20 of the examples and of the README, in assembler: `balanceOf`, `transfer` with its event, and the error of
 * ERC-6093 for want of balance. Balances are a mapping in slot 0, as Solidity lays it out.
 */

import { bytesToHex, type Hex } from '../../src/index.ts';
import { code, jumpi, label, type Piece, push } from '../helpers/assembler.ts';

/** What the deployer has at first. */
export const SUPPLY = 1_000_000;

const SELECTORS = {
  balanceOf: 0x70a08231,
  transfer: 0xa9059cbb,
  insufficientBalance: 0xe450d38c,
} as const;

/** keccak256 of `Transfer(address,address,uint256)`. */
const TRANSFER = 0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3efn;

const RECIPIENT: Piece = [push(0x04), 'CALLDATALOAD'];
const AMOUNT: Piece = [push(0x24), 'CALLDATALOAD'];

/** holder -> slot of its balance. The second word of memory is 0 whenever this runs, which is the mapping's slot. */
const balanceSlot: Piece = ['PUSH0', 'MSTORE', push(0x40), 'PUSH0', 'KECCAK256'];

/** word -> returned */
const returnWord: Piece = ['PUSH0', 'MSTORE', push(0x20), 'PUSH0', 'RETURN'];

const runtime = code(
  ['PUSH0', 'CALLDATALOAD', push(0xe0), 'SHR'], // selector
  ['DUP1', push(SELECTORS.balanceOf), 'EQ', jumpi('balanceOf')],
  [push(SELECTORS.transfer), 'EQ', jumpi('transfer')],
  ['PUSH0', 'PUSH0', 'REVERT'],

  label('balanceOf'),
  [RECIPIENT, balanceSlot, 'SLOAD', returnWord],

  label('transfer'),
  [AMOUNT, 'CALLER', balanceSlot], // amount slot
  ['DUP1', 'SLOAD'], // amount slot balance
  ['DUP3', 'DUP2', 'LT', jumpi('poor')],
  ['DUP3', 'SWAP1', 'SUB', 'SWAP1', 'SSTORE'], // amount
  [RECIPIENT, balanceSlot], // amount slot
  ['DUP1', 'SLOAD', 'DUP3', 'ADD', 'SWAP1', 'SSTORE'], // amount
  ['PUSH0', 'MSTORE'],
  [RECIPIENT, 'CALLER', push(TRANSFER), push(0x20), 'PUSH0', 'LOG3'],
  [push(1), returnWord],

  label('poor'), // amount slot balance
  [push(SELECTORS.insufficientBalance), push(0xe0), 'SHL', 'PUSH0', 'MSTORE'],
  ['CALLER', push(0x04), 'MSTORE'],
  [push(0x24), 'MSTORE', 'POP'],
  [push(0x44), 'MSTORE'],
  [push(0x64), 'PUSH0', 'REVERT'],
);

const mint: Piece = [push(SUPPLY), 'CALLER', balanceSlot, 'SSTORE'];

/** Copies what follows it and returns that. */
const deploy = (at: number): Uint8Array =>
  code(mint, push(runtime.length), 'DUP1', push(at), 'PUSH0', 'CODECOPY', 'PUSH0', 'RETURN');

/** Init code of the token. */
export const ERC20: Hex = bytesToHex(code(deploy(deploy(0).length), runtime));
