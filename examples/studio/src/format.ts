/** Values as the page writes them. */

import type { Hex } from 'erbium';

export const digits = (value: bigint | number): string => value.toLocaleString('en-US');

export const hexOf = (value: bigint): string => `0x${value.toString(16)}`;

/** A word in decimals, where these say more than its hex digits. */
export const smallOf = (value: bigint): string => (value > 9n && value < 10n ** 15n ? digits(value) : '');

export const short = (address: Hex): string =>
  address.length <= 14 ? address : `${address.slice(0, 8)}…${address.slice(-4)}`;

export const hexByte = (byte: number): string => byte.toString(16).padStart(2, '0');

export const plural = (count: number, word: string): string =>
  `${digits(count)} ${word}${count === 1 ? '' : 's'}`;
