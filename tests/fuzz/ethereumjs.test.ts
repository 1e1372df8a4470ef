/** Cases in @ethereumjs/vm against Erbium's own outcome. */

import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { ethereumjsContender } from '../../src/cli/fuzz-ethereumjs.ts';
import type { FuzzCase } from '../../src/fuzz/case.ts';
import { compare, compareTraces, plainContender, traceCase } from '../../src/fuzz/compare.ts';
import { diffTraces } from '../../src/fuzz/trace-diff.ts';
import { createAddress } from '../../src/primitives/address.ts';
import { code, push, storeTop } from '../helpers/assembler.ts';
import { account, BLOCK, CONTRACT, caseWith, HAND_CASES, SENDER } from './hand-cases.ts';

const theirs = await ethereumjsContender();
const ours = plainContender();

const verdictOf = async (fuzzCase: FuzzCase) => compare(await ours.run(fuzzCase), await theirs.run(fuzzCase));

const running = (program: Uint8Array, parts: Parameters<typeof caseWith>[0] = {}): FuzzCase =>
  caseWith({
    pre: new Map([
      [SENDER, account({ nonce: 3n, balance: 10n ** 20n })],
      [CONTRACT, account({ nonce: 1n, code: program, storage: new Map([[1n, 5n]]) })],
    ]),
    ...parts,
  });

describe('@ethereumjs/vm', () => {
  it.each([...HAND_CASES])('agrees with Erbium: %s', async (_, fuzzCase) => {
    const isRefused = (await ours.run(fuzzCase)) as { valid?: boolean };
    const compared =
      isRefused.valid === false
        ? ['validity', 'logs', 'root']
        : ['validity', 'output', 'logs', 'gas', 'root'];
    expect(await verdictOf(fuzzCase)).toEqual({ kind: 'agree', compared });
  });

  it.each([
    ['a cleared slot and its refund', code(push(0), push(1), 'SSTORE')],
    ['the hash of a block', code(push(6), 'BLOCKHASH', storeTop(0))],
    ['return data', code(push(7), push(0), 'MSTORE', push(32), push(0), 'RETURN')],
    ['revert data', code(push(7), push(0), 'MSTORE', push(3), push(30), 'REVERT')],
    ['all gas burnt', code('INVALID')],
    ['self-destruction', code('CALLER', 'SELFDESTRUCT')],
    ['transient storage', code(push(9), push(1), 'TSTORE', push(1), 'TLOAD', storeTop(3))],
  ])('agrees on %s', async (_, program) => {
    expect(await verdictOf(running(program))).toMatchObject({ kind: 'agree' });
  });

  it('starts every case with the state of that case alone', async () => {
    const stores = running(code(push(9), push(2), 'SSTORE', push(8), push(1), 'TSTORE'));
    const loads = running(code(push(2), 'SLOAD', storeTop(3), push(1), 'TLOAD', storeTop(4)));
    const first = await theirs.run(loads);
    await theirs.run(stores);
    expect(await theirs.run(loads)).toEqual(first);
    await theirs.run(caseWith({ tx: { nonce: 4n } }));
    expect(await theirs.run(loads)).toEqual(first);
  });

  it('finds a difference', async () => {
    const stores = (value: number) => running(code(push(value), push(2), 'SSTORE'));
    const verdict = compare(await ours.run(stores(9)), await theirs.run(stores(8)));
    expect(verdict).toMatchObject({ kind: 'differ', differences: [{ field: 'root' }] });
  });

  it('refuses to create over storage, as we do', async () => {
    const created = createAddress(SENDER, 3n);
    const pre = new Map([
      [SENDER, account({ nonce: 3n, balance: 10n ** 20n })],
      [created, account({ balance: 1n, storage: new Map([[1n, 1n]]) })],
    ]);
    const fuzzCase = caseWith({ pre, tx: { to: null, data: code('STOP') } });
    expect(await verdictOf(fuzzCase)).toMatchObject({ kind: 'agree' });
    expect(await theirs.run(fuzzCase)).toMatchObject({ valid: true, gasUsed: 200_000n });
  });

  it('names the fork that it does not know, and compares nothing', async () => {
    for (const fork of ['BPO3', 'BPO4'] as const) {
      const why = `@ethereumjs/vm: has no rules for ${fork}`;
      expect(await verdictOf(caseWith({ fork }))).toEqual({ kind: 'not compared', why });
    }
  });

  it('does not take on a blob base fee without end', async () => {
    const fuzzCase = caseWith({ block: { ...BLOCK, excessBlobGas: 2n ** 64n - 1n } });
    expect(await theirs.run(fuzzCase)).toEqual({
      notCompared: '@ethereumjs/vm: would compute without end on an excess blob gas of 18446744073709551615',
    });
  });

  it('says of a block that it does not take why', async () => {
    const fuzzCase = caseWith({ fork: 'London', block: { ...BLOCK, number: 12_965_000n } });
    const answer = await theirs.run(fuzzCase);
    expect('notCompared' in answer ? answer.notCompared : answer).toMatch(
      /^@ethereumjs\/vm: takes no such block: .+/,
    );
  });

  describe('is not compared where it is known to be wrong:', () => {
    const eof = code(push(0xef00n << 240n), push(0), 'MSTORE');
    const creates = (kind: string): Uint8Array =>
      code(eof, kind === 'CREATE2' ? push(0) : [], push(2), push(0), push(0), kind);

    it.each(['CREATE', 'CREATE2'])('init code from 0xef00 on in %s', async (kind) => {
      expect(await verdictOf(running(creates(kind)))).toEqual({
        kind: 'not compared',
        why: '@ethereumjs/vm: does not run init code that begins with 0xef00',
      });
      // Nothing is left of it for the next case.
      expect(await verdictOf(running(code('STOP')))).toMatchObject({ kind: 'agree' });
    });

    it.each(['EXTCODESIZE', 'EXTCODEHASH'])('%s of code from 0xef00 on', async (kind) => {
      const fuzzCase = running(code(push(0xefn), kind, storeTop(0)));
      const pre = new Map(fuzzCase.pre).set(0xefn, account({ code: Uint8Array.of(0xef, 0, 1) }));
      expect(await verdictOf({ ...fuzzCase, pre })).toEqual({
        kind: 'not compared',
        why: '@ethereumjs/vm: sees two bytes of code that begins with 0xef00',
      });
    });

    it.each([3, 22, 24])('code of %i bytes from 0xef0100 on', async (length) => {
      const misread = new Uint8Array(length);
      misread.set([0xef, 1, 0]);
      const fuzzCase = running(misread);
      expect(await verdictOf(fuzzCase)).toEqual({
        kind: 'not compared',
        why: '@ethereumjs/vm: takes code that begins with 0xef0100 for a delegation, whatever its length',
      });
      expect(await verdictOf({ ...fuzzCase, fork: 'Cancun' })).toMatchObject({ kind: 'agree' });
    });

    it.each(['ef', 'ef01', 'ef0100'])('and compared next to that: init code %s', async (init) => {
      const word = push(BigInt(`0x${init.padEnd(64, '0')}`));
      const program = code(word, push(0), 'MSTORE', push(init.length / 2), push(0), push(0), 'CREATE');
      expect(await verdictOf(running(program))).toMatchObject({ kind: 'agree' });
      const data = code('STOP').fill(0xef);
      expect(await verdictOf(caseWith({ tx: { to: null, data } }))).toMatchObject({ kind: 'agree' });
      const result = await compareTraces(running(program), ours, theirs);
      expect(result?.difference).toBeNull();
    });
  });

  it('checks KZG proofs', async () => {
    const call = code(push(192), push(0), push(0), 'CALLDATACOPY', push(64), push(0), push(192), push(0), push(10), push(100_000), 'STATICCALL', storeTop(0)); // biome-ignore format: one program
    // The point at infinity commits to the polynomial 0, whose value and proof are 0 everywhere.
    const infinity = Uint8Array.of(0xc0, ...new Uint8Array(47));
    const hash = sha256(infinity);
    hash[0] = 1;
    const data = Uint8Array.of(...hash, ...new Uint8Array(64), ...infinity, ...infinity);
    const fuzzCase = running(call, { tx: { data, gasLimit: 500_000n } });
    expect(await verdictOf(fuzzCase)).toMatchObject({ kind: 'agree' });
    data[40] = 1;
    expect(await verdictOf(running(call, { tx: { data, gasLimit: 500_000n } }))).toMatchObject({
      kind: 'agree',
    });
  });

  it('traces the same steps as we do', async () => {
    for (const fuzzCase of HAND_CASES.values()) {
      const result = await compareTraces(fuzzCase, ours, theirs);
      expect(result?.difference).toBeNull();
    }
    const legacy = HAND_CASES.get('legacy')!;
    const result = diffTraces(traceCase(legacy), (await theirs.trace!(legacy))!);
    expect(result.equalSteps).toBeGreaterThan(5);
    expect(result.a.other).toBeGreaterThan(0);
  });

  it('has no trace left over in later runs', async () => {
    const legacy = HAND_CASES.get('legacy')!;
    const first = await theirs.trace!(legacy);
    await theirs.run(legacy);
    expect(await theirs.trace!(legacy)).toEqual(first);
  });
});
