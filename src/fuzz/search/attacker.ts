/** The accounts of the attacker, and their code. */

import type { Address } from '../../primitives/address.ts';
import { bytesToHexDigits, hexToBytes, toBytes32 } from '../../primitives/bytes.ts';

/** Makes the contract where it is made by init code; never an attacker. */
export const DEPLOYER: Address = 0xde9104e4_00000000_00000000_00000000_00000001n;
/** Where the contract stands that was given as runtime code. */
export const TARGET: Address = 0xc0de0000_00000000_00000000_00000000_00000001n;
/** Accounts without code that sign the transactions. */
export const CALLERS: readonly Address[] = [
  0xf7ecbac3_d5ed478d_09ff396f_3f951404_f4865297n,
  0x95b6f91e_67ad5423_206c5ab3_02a4bc0c_c162f238n,
];
/** The secret key of each caller, so that what they send can be signed: 32 bytes. */
export const callerKey = (caller: Address): Uint8Array =>
  toBytes32(0xa77ac4e2_00000001n + BigInt(CALLERS.indexOf(caller)));
/** The attacker's contract. */
export const ATTACKER_CONTRACT: Address = 0xa77ac4e2_00000000_00000000_00000000_000000c0n;

export const ATTACKERS: readonly Address[] = [...CALLERS, ATTACKER_CONTRACT];

const address20 = (address: Address): string => address.toString(16).padStart(40, '0');
const FAILED = '5b60006000fd';
const two = (value: number): string => value.toString(16).padStart(4, '0');

/**
 * Code of the attacker's contract. Called by anybody but the target it passes call and value on, and reverts where that
 * fails. Called by the target it calls the target again with `again`, so often as asked for in one transaction, and
 * returns the word 1. It uses only instructions of the first fork but REVERT.
 */
export function attackerCode(target: Address, times: number, again: Uint8Array): Uint8Array {
  const isTarget = `3373${address20(target)}14`;
  const call = `73${address20(target)}6127105a03f1`; // gas - 10,000
  const passOn = (failed: number): string =>
    // slot 0 = times; call data to memory; call; revert unless it succeeded
    `60${times.toString(16).padStart(2, '0')}600055` +
    `366000600037` +
    `600060003660003473${address20(target)}6127105a03f1` +
    `1561${two(failed)}57` +
    '00';
  const answer = '600160005260206000f3';
  const fallback = (end: number, data: number): string =>
    // Where little gas came along, or no more calls are wanted, it only answers.
    `5b6175305a1061${two(end)}57` +
    `6000541561${two(end)}57` +
    '600160005403600055' +
    `61${two(again.length)}61${two(data)}600039` +
    `6000600061${two(again.length)}60006000${call}50`;
  const head = (at: number): string => `${isTarget}61${two(at)}57`;
  const size = (hex: string): number => hex.length / 2;
  const failedAt = size(head(0)) + size(passOn(0));
  const fallbackAt = failedAt + size(FAILED);
  const endAt = fallbackAt + size(fallback(0, 0));
  const dataAt = endAt + 1 + size(answer);
  return hexToBytes(
    head(fallbackAt) +
      passOn(failedAt) +
      FAILED +
      fallback(endAt, dataAt) +
      `5b${answer}` +
      bytesToHexDigits(again),
  );
}

/** Init code that sends the value it gets to the target without a call. */
export const forceCode = (target: Address): Uint8Array => hexToBytes(`73${address20(target)}ff`);
