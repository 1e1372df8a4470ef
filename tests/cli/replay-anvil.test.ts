/** A run on the state of a real node, recorded, and run again when the node is gone. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressToHex } from '../../src/primitives/address.ts';
import { bytesToHex, toHex32, toQuantity } from '../../src/primitives/bytes.ts';
import { Anvil } from '../helpers/anvil.ts';
import { call, code, create, push } from '../helpers/assembler.ts';
import { erbium, json, useFolder } from './support.ts';

const TOP = 0xc0de_00a0n;
const INNER = 0xc0de_00b0n;

/** Counts in slot 0, asks the other contract, creates one, and reads the block, its parent's hash and a stranger. */
const CODE = code(
  ...[push(0), 'SLOAD', push(1), 'ADD', push(0), 'SSTORE', push(9), 'SLOAD', 'POP'],
  ...[call(INNER, { inSize: 32, outSize: 32 }), 'POP', create(code(push(1), push(5), 'SSTORE')), 'POP'],
  ...[push(0xdead), 'BALANCE', 'POP', push(1), 'NUMBER', 'SUB', 'BLOCKHASH', push(0), 'MLOAD', 'ADD'],
  ...['TIMESTAMP', 'ADD', 'CHAINID', 'ADD', push(0), 'MSTORE', push(3), push(32), push(0), 'LOG1'],
  ...[push(32), push(0), 'RETURN'],
);
const INNER_CODE = code(push(7), 'SLOAD', push(0), 'MSTORE', push(32), push(0), 'RETURN');

describe('a run forked from anvil', () => {
  const folder = useFolder();
  const at = (name: string): string => join(folder.path, name);
  let anvil: Anvil;
  let port = '';

  beforeAll(async () => {
    anvil = await Anvil.start('--hardfork', 'osaka', '--chain-id', '4242');
    port = new URL(anvil.url).port;
    for (const [address, bytes, key, value] of [
      [TOP, CODE, 0n, 41n],
      [INNER, INNER_CODE, 7n, 77n],
    ] as const) {
      await anvil.rpc('anvil_setCode', addressToHex(address), bytesToHex(bytes));
      await anvil.rpc('anvil_setBalance', addressToHex(address), toQuantity(1_000n));
      await anvil.rpc('anvil_setStorageAt', addressToHex(address), toHex32(key), toHex32(value));
    }
    await anvil.rpc('anvil_mine', '0x5');
  });
  afterAll(() => anvil?.stop());

  it('comes out the same on both engines, offline and with the same trace, and keeps no URL', async () => {
    const state = `rpc:${anvil.url}/?key=SECRET@latest`;
    const args = ['run', '--state', state, '--to', addressToHex(TOP), '--fork', 'osaka', '--json'];
    const traced = erbium([...args, '--trace', '--record', at('traced.json')]);
    const plain = erbium([...args, '--record', at('plain.json'), '--engine', 'wasm']);
    expect(json(plain)).toMatchObject({ status: 'success', logs: [{ topics: [toHex32(3n)] }] });
    expect(plain.stdout).toBe(traced.stdout);
    await anvil.stop();
    expect(erbium(args).status).toBe(2);

    const text = readFileSync(at('plain.json'), 'utf8');
    expect(readFileSync(at('traced.json'), 'utf8')).toBe(text);
    for (const secret of ['SECRET', 'http', '127.0.0.1', port]) expect(text).not.toContain(secret);
    const record = JSON.parse(text) as {
      accounts: Record<string, { storage?: object }>;
      blockHashes: object;
    };
    expect(record.accounts[addressToHex(TOP)]!.storage).toEqual({
      [toHex32(0n)]: toHex32(41n),
      [toHex32(9n)]: toHex32(0n),
    });
    expect(record.accounts[addressToHex(INNER)]!.storage).toEqual({ [toHex32(7n)]: toHex32(77n) });
    expect(Object.keys(record.blockHashes)).toHaveLength(1);
    for (const engine of ['wasm', 'bigint']) {
      const again = erbium(['replay', at('plain.json'), '--engine', engine, '--json', '--trace']);
      expect(json(again)).toMatchObject({ same: true, engine, departures: [] });
      expect(again.stderr).toBe(traced.stderr);
    }
  });
});
