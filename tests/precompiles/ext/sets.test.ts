/** The sets as their users name them, and what is written about each operation. */

import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  EXTENSION_SETS,
  type ExtensionSet,
  erbiumProfile,
  loadExtensions,
} from '../../../precompiles/ext/index.ts';
import { createEvm } from '../../../src/index.ts';

const DOCS = `${import.meta.dirname}/../../../precompiles/ext/docs`;
const read = (name: string): string => readFileSync(`${DOCS}/${name}`, 'utf8');

/** By address: name, set, byte behind 0xAE, marks. */
const FACTS: Readonly<
  Record<string, readonly [string, ExtensionSet, number | undefined, ('secret' | 'forgeable')?]>
> = {
  e100: ['DILITHIUM_VERIFY', 'postQuantum', 0xe0],
  e101: ['DILITHIUM_SIGN', 'postQuantum', 0xe1, 'secret'],
  e102: ['ZK_VERIFY', 'zk', 0xe4, 'forgeable'],
  e103: ['HE_ENCRYPT', 'homomorphic', 0xe5],
  e104: ['RANGE_PROOF_VERIFY', 'privacy', undefined, 'forgeable'],
  e105: ['DILITHIUM_KEYGEN', 'postQuantum', 0xe2, 'secret'],
  e106: ['ZK_PROVE', 'zk', 0xe3, 'secret'],
  e107: ['HE_DECRYPT', 'homomorphic', 0xe6, 'secret'],
  e108: ['HE_COMPUTE', 'homomorphic', 0xe7],
  e109: ['PEDERSEN_COMMIT', 'privacy', 0xf2],
  e10a: ['PEDERSEN_ADD', 'privacy', undefined],
  e10b: ['CONFIDENTIAL_TX', 'privacy', 0xf0, 'forgeable'],
  e10c: ['STEALTH_ADDRESS', 'privacy', 0xf3, 'secret'],
  e10d: ['STEALTH_SCAN', 'privacy', 0xf4, 'secret'],
  e10e: ['RANGE_PROOF', 'privacy', 0xf1, 'secret'],
  e10f: ['FALCON_VERIFY', 'postQuantum', undefined],
  e110: ['SLH_DSA_VERIFY', 'postQuantum', undefined],
  e111: ['POSEIDON', 'research', undefined],
  e112: ['VRF_VERIFY', 'research', undefined, 'forgeable'],
  12: ['VERIFY_MLDSA44', 'eip8355', undefined],
  13: ['VERIFY_MLDSA65', 'eip8355', undefined],
  14: ['VERIFY_MLDSA87', 'eip8355', undefined],
};

describe('the sets', () => {
  it('hold each operation once, where the design has it', async () => {
    const found: typeof FACTS = {};
    for (const set of EXTENSION_SETS) {
      for (const { address, name, opcode, secret, forgeable } of await loadExtensions([set])) {
        const mark = secret ? (['secret'] as const) : forgeable ? (['forgeable'] as const) : [];
        Object.assign(found, { [address.toString(16)]: [name, set, opcode, ...mark] });
      }
    }
    expect(found).toEqual(FACTS);
  });

  it('are refused by a name that is none, before anything is loaded', async () => {
    const wrong = loadExtensions(['postQuantum', 'quantum' as ExtensionSet]);
    await expect(wrong).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: /unknown extension set "quantum"/,
    });
    await expect(loadExtensions(['toString' as ExtensionSet])).rejects.toThrow('unknown extension set');
    expect(await loadExtensions([])).toEqual([]);
  });

  it('are all in the chain profile but for the draft, with their first numbers where Ethereum leaves them free', async () => {
    const prague = await erbiumProfile('Prague');
    const osaka = await erbiumProfile('Osaka');
    expect(osaka.precompiles).toHaveLength(19);
    expect(prague.precompiles).toHaveLength(24);
    expect(prague.precompiles.slice(19).map(({ address, name }) => [address, name])).toEqual([
      [0x100n, 'DILITHIUM_VERIFY'],
      [0x101n, 'DILITHIUM_SIGN'],
      [0x102n, 'ZK_VERIFY'],
      [0x103n, 'HE_ENCRYPT'],
      [0x104n, 'RANGE_PROOF_VERIFY'],
    ]);
    const pair = `0x${'e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76'.repeat(2)}` as const;
    for (const profile of [prague, osaka]) {
      const evm = createEvm(profile);
      expect(evm.rules.fork).toBe(profile.fork.fork);
      expect(evm.call({ to: 0xe10an, data: pair }).output).toHaveLength(66);
    }
    expect(createEvm(prague).call({ to: 0x100n, data: '0x2c' }).output).toBe(`0x${'00'.repeat(32)}`);
    expect(createEvm(osaka).call({ to: 0x100n, data: '0x2c' }).output).toBe('0x');
    const own = { ...prague.precompiles[1]!, name: 'HE_ENCRYPT', address: 0xe103n };
    const { precompiles } = await erbiumProfile('Prague', [own]);
    expect(precompiles.find(({ address }) => address === 0x103n)!.run).toBe(own.run);
    await expect(erbiumProfile('Nowhere')).rejects.toMatchObject({ code: 'UNKNOWN_FORK' });
  });
});

describe('without @noble/post-quantum', () => {
  afterEach(() => {
    vi.doUnmock('@noble/post-quantum/falcon.js');
    vi.resetModules();
  });

  it('the sets that need it say what to install, and the others work', async () => {
    vi.resetModules();
    vi.doMock('@noble/post-quantum/falcon.js', () => {
      throw new Error('Cannot find package');
    });
    const fresh = await import('../../../precompiles/ext/index.ts');
    const error = {
      code: 'MISSING_PACKAGE',
      message: expect.stringContaining('npm install @noble/post-quantum'),
    };
    await expect(fresh.loadExtensions(['postQuantum'])).rejects.toMatchObject(error);
    await expect(fresh.erbiumProfile()).rejects.toMatchObject(error);
    expect(await fresh.loadExtensions(['zk', 'privacy', 'homomorphic', 'research'])).toHaveLength(14);
  });
});

describe('the pages', () => {
  const index = read('README.md');
  const SECTIONS = [
    'Purpose',
    'Address',
    'Input',
    'Output',
    'Gas',
    'Errors',
    'Security notes',
    'does not protect',
    'Vectors',
  ];

  it.each(Object.entries(FACTS).filter(([address]) => address.startsWith('e')))(
    'of %s',
    (address, [name, set, opcode]) => {
      const file = `${name.toLowerCase().replaceAll('_', '-')}.md`;
      const page = read(file);
      expect(page).toMatch(new RegExp(`^# ${name}\n`));
      const titles = [...page.matchAll(/^## (.*)$/gm)].map(([, title]) => title!.toLowerCase());
      for (const section of SECTIONS) {
        expect(
          titles.some((title) => title.includes(section.toLowerCase())),
          section,
        ).toBe(true);
      }
      expect(page.toLowerCase()).toContain(`0x${address}`);
      if (opcode !== undefined)
        expect(page.toUpperCase()).toContain(`AE ${opcode.toString(16).toUpperCase()}`);
      expect(index).toContain(`[${name}](${file}) | ${address.toUpperCase()}`);
      expect(index).toContain(`\`${set}\``);
    },
  );
});
