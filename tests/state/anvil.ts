/**
 * A dump as anvil 1.7.1 wrote it on exit, its transactions left out: a contract that sets slot 1 to 42 and slot 2 to 0,
 * a transfer, and an empty block; and the hashes of its blocks as anvil answered them over RPC.
 */

import { readFileSync } from 'node:fs';

interface Dump {
  readonly accounts: Record<string, Record<string, unknown>>;
  readonly blocks: { header: { number: string } }[];
}

export const DUMP = JSON.parse(readFileSync(`${import.meta.dirname}/anvil-dump.json`, 'utf8')) as Dump;

export const DUMP_HASHES: readonly (readonly [number: bigint, hash: bigint])[] = [
  [0n, 0x887dbb866ae8dff4f413e4fb84761b04d0fcb537512e2790b2414c99b89a19b2n],
  [1n, 0x4b0c57c894e0737fe764b4e836f5e2c31e638fd578ff8ef23b4fb887709b1885n],
  [2n, 0xbd957b52dd64126b1ec2c2bdf1707ade00de9598980bcd85160bb2b7715e3978n],
  [3n, 0xd99cdb99c780a5750ce0d505fc5bd69f489d91211f73b96c456c5d4f1421a4c0n],
];
