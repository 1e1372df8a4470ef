/** The state manager, with both libraries, and what is its own. */

import { Account, bytesToHex, hexToBytes } from '@ethereumjs/util';
import { describe, expect, it } from 'vitest';
import { Account as OwnAccount, SimpleStateManager } from '../../src/ethereumjs/index.ts';
import { createEvm, MemoryState } from '../../src/index.ts';
import { toBytes32 } from '../../src/primitives/bytes.ts';
import { code, push, returnTop, sstore } from '../helpers/assembler.ts';
import { CALLER, CONTRACT, evmWith, type Library, OTHER, same, stateOf } from './both.ts';

const KEY = toBytes32(1n);

const managerOf = (library: Library) => new library.SimpleStateManager();

describe('accounts, code and storage', () => {
  it('come back as they were put', async () => {
    await same(async (library) => {
      const manager = managerOf(library);
      const missing = await manager.getAccount(OTHER);
      await manager.putAccount(OTHER, new Account(3n, 7n));
      await manager.putCode(OTHER, Uint8Array.of(1, 2));
      await manager.putStorage(OTHER, KEY, Uint8Array.of(5));
      const account = (await manager.getAccount(OTHER))!;
      return [
        missing,
        account.nonce,
        account.balance,
        account.codeHash,
        account.storageRoot,
        account.isContract(),
        account.isEmpty(),
        await manager.getCode(OTHER),
        await manager.getCodeSize(OTHER),
        await manager.getStorage(OTHER, KEY),
        await manager.getStorage(CALLER, KEY),
        await manager.getCode(CALLER),
      ];
    });
  });

  it('change field by field', async () => {
    await same(async (library) => {
      const manager = managerOf(library);
      await manager.modifyAccountFields(OTHER, { balance: 5n });
      await manager.modifyAccountFields(OTHER, { nonce: 2n });
      const { nonce, balance } = (await manager.getAccount(OTHER))!;
      await manager.deleteAccount(OTHER);
      return [nonce, balance, await manager.getAccount(OTHER)];
    });
  });

  it('keep code where an account is put over it', async () => {
    await same(async (library) => {
      const manager = managerOf(library);
      await manager.putCode(OTHER, Uint8Array.of(9));
      await manager.putAccount(OTHER, new Account(0n, 4n));
      return manager.getCode(OTHER);
    });
  });

  it('lose storage where it is cleared', async () => {
    await same(async (library) => {
      const manager = managerOf(library);
      await manager.putAccount(OTHER, new Account(3n, 7n));
      await manager.putStorage(OTHER, KEY, Uint8Array.of(5));
      await manager.clearStorage(OTHER);
      return [await manager.getStorage(OTHER, KEY), (await manager.getAccount(OTHER))!.balance];
    });
  });
});

describe('checkpoints', () => {
  it('are committed and reverted', async () => {
    await same(async (library) => {
      const evm = await evmWith(library, { c0de: code(sstore(1, 5), sstore(2, 6)) });
      const { stateManager } = evm;
      const states: unknown[] = [];
      const look = async (): Promise<void> => void states.push(await stateOf(evm, [CALLER, CONTRACT, OTHER]));
      await stateManager.checkpoint();
      await evm.runCall({ caller: CALLER, to: CONTRACT });
      await look();
      await stateManager.checkpoint();
      await stateManager.putAccount(OTHER, new Account(1n, 1n));
      await evm.runCall({ caller: CALLER, to: OTHER, value: 4n });
      await look();
      await stateManager.revert();
      await look();
      await stateManager.checkpoint();
      await stateManager.putStorage(CONTRACT, KEY, Uint8Array.of(8));
      await stateManager.commit();
      await look();
      await stateManager.commit();
      await look();
      await stateManager.checkpoint();
      await stateManager.deleteAccount(CALLER);
      await stateManager.revert();
      await look();
      return states;
    });
  });

  it('have to be open', async () => {
    const manager = new SimpleStateManager();
    await expect(manager.commit()).rejects.toMatchObject({ code: 'INVALID_STATE' });
    await expect(manager.revert()).rejects.toMatchObject({ code: 'INVALID_STATE' });
  });
});

describe('the adapter’s own', () => {
  it('stands on a state that createEvm can use', async () => {
    const state = new MemoryState();
    const manager = new SimpleStateManager({ state });
    await manager.putCode(CONTRACT, code(push(7), returnTop));
    const evm = createEvm({ state });
    expect(BigInt(evm.call({ to: CONTRACT.toString() }).output)).toBe(7n);
    expect(manager.state).toBe(state);
  });

  it('has a root, also with a checkpoint open', async () => {
    const manager = new SimpleStateManager();
    const empty = await manager.getStateRoot();
    expect(bytesToHex(empty)).toBe('0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421');
    await manager.checkpoint();
    await manager.putAccount(OTHER, new OwnAccount(1n, 2n));
    const root = await manager.getStateRoot();
    expect(await manager.hasStateRoot(root)).toBe(true);
    expect(await manager.hasStateRoot(empty)).toBe(false);
    const copy = manager.shallowCopy();
    await manager.revert();
    expect(await manager.getStateRoot()).toEqual(empty);
    expect(await copy.getStateRoot()).toEqual(root);
    await expect(manager.setStateRoot(root)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('takes hex for bytes and addresses', async () => {
    const manager = new SimpleStateManager();
    await manager.putCode(OTHER.toString(), '0x6001');
    await manager.putStorage(OTHER.bytes, '0x01', '0xff');
    expect(await manager.getCode(OTHER)).toEqual(hexToBytes('0x6001'));
    expect(await manager.getStorage(OTHER, KEY)).toEqual(Uint8Array.of(255));
  });

  it.each<[string, (manager: SimpleStateManager) => Promise<unknown>, string]>([
    ['a short address', (m) => m.getAccount('0x12'), 'address'],
    ['no address', (m) => m.getAccount(undefined as never), 'address'],
    ['odd hex', (m) => m.putCode(OTHER, '0x1'), 'code'],
    ['a long key', (m) => m.getStorage(OTHER, new Uint8Array(33)), 'key'],
    ['a negative balance', (m) => m.putAccount(OTHER, { balance: -1n }), 'account.balance'],
    ['a hash of no code', (m) => m.putAccount(OTHER, { codeHash: new Uint8Array(32) }), 'account.codeHash'],
  ])('names the field for %s', async (_name, misuse, field) => {
    await expect(misuse(new SimpleStateManager())).rejects.toMatchObject({
      name: 'ErbiumError',
      message: expect.stringMatching(new RegExp(`^${field}: `)),
    });
  });
});
