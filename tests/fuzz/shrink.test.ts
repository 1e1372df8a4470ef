import { describe, expect, it } from 'vitest';
import { TxType } from '../../src/executor/transaction.ts';
import type { FuzzCase } from '../../src/fuzz/case.ts';
import { CaseRunner } from '../../src/fuzz/execute.ts';
import { shrink } from '../../src/fuzz/shrink.ts';
import type { StillFails } from '../../src/fuzz/shrink-attempts.ts';
import type { Frame } from '../../src/machine/frame.ts';
import { Halt } from '../../src/machine/halt.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { call, code, jumpi, label, push } from '../helpers/assembler.ts';
import { Random } from '../helpers/random.ts';
import { account, CONTRACT, type caseWith, SENDER } from './hand-cases.ts';
import {
  around,
  differs,
  mainCode,
  NAMES,
  NARROW_MULMOD,
  noise,
  outcomeOn,
  plainMachine,
  repeatPiece,
  stepsOf,
  WIDE,
  WRONG_SIGNEXTEND,
} from './shrink-cases.ts';

describe('shrink: code', () => {
  it.each([1, 2, 3, 4])('leaves of a wrong MULMOD what it needs (seed %i)', async (seed) => {
    const fails = differs(NARROW_MULMOD);
    const large = around(seed, WIDE);
    expect(mainCode(large).length).toBeGreaterThan(400);
    const small = await shrink(large, fails, { tries: 3_000 });
    expect(fails(small)).toBe(true);
    expect(mainCode(small).length).toBeLessThanOrEqual(40);
    expect([...small.pre.keys()]).toEqual([SENDER, CONTRACT]);
    expect(small.tx).toMatchObject({ type: TxType.Legacy, accessList: [], authorizations: [], value: 0n });
    expect(small.tx.data).toHaveLength(0);
    expect(small.block).toMatchObject({ number: 1n, gasLimit: 30_000_000n, coinbase: 0xc014n });
  });

  it('finds the least of a bug in a contract that is called', async () => {
    const fails = differs(WRONG_SIGNEXTEND);
    const large = around(5, [call(0xddddn), push(700), 'SSTORE']);
    const callee = code(
      noise(new Random(9), 20, 'callee'),
      [push(0xabcd_ef12), push(1), 'SIGNEXTEND', push(3), 'SSTORE'],
      noise(new Random(10), 20, 'more'),
    );
    const pre = new Map(large.pre).set(0xddddn, account({ nonce: 1n, code: callee }));
    const small = await shrink({ ...large, pre }, fails, { tries: 4_000 });
    expect(fails(small)).toBe(true);
    expect([...small.pre.keys()]).toEqual([SENDER, 0xddddn]);
    expect(small.tx.to).toBe(0xddddn);
    expect(small.pre.get(0xddddn)!.code.length).toBeLessThanOrEqual(40);
  });

  it('keeps what a callee does where the bug needs it', async () => {
    const blind = (frame: Frame): Halt => {
      const { length } = frame.returnData;
      frame.stack[frame.sp++] = length === 4 ? 0n : BigInt(length);
      return Halt.Continue;
    };
    const fails = differs({ byte: 0x3d, handler: blind });
    const reverts = code(noise(new Random(3), 15, 'x'), push(4), push(0), 'REVERT');
    const large = around(6, [call(0xddddn), 'POP', 'RETURNDATASIZE', push(900), 'SSTORE']);
    const pre = new Map(large.pre).set(0xddddn, account({ nonce: 1n, code: reverts }));
    const small = await shrink({ ...large, pre }, fails, { tries: 4_000 });
    expect(fails(small)).toBe(true);
    expect([...small.pre.keys()]).toEqual([SENDER, CONTRACT, 0xddddn]);
    expect(mainCode(small).length).toBeLessThanOrEqual(40);
    expect(small.pre.get(0xddddn)!.code.length).toBeLessThanOrEqual(5);
  });

  it('calls an account by a short address', async () => {
    const far = 0x1234567890abcdef1234567890abcdef12345678n;
    const fails: StillFails = (fuzzCase) =>
      stepsOf(fuzzCase).some(({ name, depth }) => name === 'MULMOD' && depth === 1);
    const large = around(6, [call(far), 'POP']);
    const callee = code(push(5), push(6), push(7), 'MULMOD', 'STOP');
    const pre = new Map(large.pre).set(far, account({ nonce: 1n, code: callee }));
    const small = await shrink({ ...large, pre }, fails, { tries: 3_000 });
    expect(await fails(small)).toBe(true);
    expect([...small.pre.keys()]).toEqual([SENDER, CONTRACT, 0xc0n]);
    expect(mainCode(small).length).toBeLessThanOrEqual(12);
  });

  it('moves the targets of a loop along', async () => {
    const fails: StillFails = (fuzzCase) => {
      const seen = new Map<number, number>();
      for (const { name, pc, depth } of stepsOf(fuzzCase)) {
        if (name === 'JUMPDEST' && depth === 0) seen.set(pc, (seen.get(pc) ?? 0) + 1);
      }
      return [...seen.values()].some((count) => count >= 8);
    };
    const loop = [push(10), label('l'), push(1), 'SWAP1', 'SUB', 'DUP1', jumpi('l'), 'POP'];
    const small = await shrink(around(7, loop), fails, { tries: 4_000 });
    expect(await fails(small)).toBe(true);
    expect(mainCode(small).length).toBeLessThanOrEqual(14);
  });

  it('leaves JUMPDESTs where a target is computed and nothing may move', async () => {
    // PUSH1 0x40 PUSH1 0x02 ADD JUMP, and at 0x42 a JUMPDEST.
    const fails: StillFails = (fuzzCase) => {
      const steps = stepsOf(fuzzCase).map(({ name }) => name);
      const at = steps.findIndex((name, i) => name === 'ADD' && steps[i + 1] === 'JUMP');
      return at >= 0 && steps.indexOf('MULMOD', at) > 0;
    };
    const head = code(push(0x40), push(2), 'ADD', 'JUMP');
    const between = Uint8Array.from({ length: 0x42 - head.length }, (_, i) => 0x30 + (i % 8));
    const program = code(head, between, 'JUMPDEST', push(5), push(6), push(7), 'MULMOD', 'STOP', 'ADD');
    const large = around(8, []);
    const pre = new Map(large.pre).set(CONTRACT, account({ code: program }));
    const small = await shrink({ ...large, pre }, fails, { tries: 3_000 });
    expect(await fails(small)).toBe(true);
    expect(mainCode(small).length).toBeLessThanOrEqual(20);
  });

  it('does nothing in the place of what cannot go without moving a target', async () => {
    const fails: StillFails = (fuzzCase) => {
      const steps = stepsOf(fuzzCase);
      return steps.some(
        ({ name }, i) => name === 'ADD' && steps[i + 1]?.name === 'JUMP' && steps[i + 2]?.pc === 0x42,
      );
    };
    const head = code(repeatPiece(['ADDRESS', 'POP'], 12), push(0x40), push(2), 'ADD', 'JUMP');
    const program = code(head, new Uint8Array(0x42 - head.length).fill(0xfe), 'JUMPDEST', 'CALLER');
    const large = around(8, [], { tx: { gasLimit: 150_000n } });
    const pre = new Map(large.pre).set(CONTRACT, account({ code: program }));
    const small = await shrink({ ...large, pre }, fails, { tries: 3_000 });
    expect(await fails(small)).toBe(true);
    const names = new Set(stepsOf(small).map(({ name }) => name));
    expect([...names].filter((name) => !name.startsWith('PUSH')).sort()).toEqual([
      'ADD',
      'JUMP',
      'JUMPDEST',
      'STOP',
    ]);
  });

  it('keeps the height of the stack by simpler means', async () => {
    // The words are too long to be pushed in fewer bytes than they are got in.
    const fails: StillFails = (fuzzCase) => {
      let seen = false;
      const step = ({ sp }: Frame, opcode: number): void => {
        if (NAMES.get(opcode) === 'LOG0' && sp === 9) seen = true;
      };
      new CaseRunner({ step }).halt(fuzzCase);
      return seen;
    };
    const program = code(
      repeatPiece('CALLER', 5),
      repeatPiece('ADDRESS', 4),
      push(0),
      push(0),
      'ADD',
      'POP',
      'LOG0',
    );
    const pre = new Map(around(8, []).pre).set(CONTRACT, account({ code: program }));
    const small = await shrink({ ...around(8, []), pre }, fails, { tries: 3_000 });
    expect(bytesToHex(mainCode(small))).toBe(`0x${'5f'.repeat(9)}a0`);
  });

  it('shrinks the init code of a creation', async () => {
    const fails = differs(NARROW_MULMOD);
    const init = code(noise(new Random(4), 20, 'a'), WIDE, noise(new Random(5), 20, 'b'));
    const tx = { type: TxType.Legacy, to: null, data: init, accessList: [], authorizations: [] };
    const small = await shrink(around(9, [], { tx }), fails, { tries: 3_000 });
    expect(fails(small)).toBe(true);
    expect(small.tx.data.length).toBeLessThanOrEqual(40);
    expect([...small.pre.keys()]).toEqual([SENDER]);
  });
});

describe('shrink: everything else', () => {
  const kept = async (fails: StillFails, parts: Parameters<typeof caseWith>[0] = {}): Promise<FuzzCase> => {
    const small = await shrink(around(11, WIDE, parts), fails, { tries: 3_000 });
    expect(await fails(small)).toBe(true);
    return small;
  };

  it('keeps what is needed of access list, authorizations and blobs, and no more', async () => {
    const listed = await kept(({ tx }) => tx.accessList.some(({ storageKeys }) => storageKeys.includes(2n)));
    expect(listed.tx.accessList).toEqual([{ address: CONTRACT, storageKeys: [2n] }]);
    expect(listed.tx.type).toBe(TxType.AccessList);
    const authorized = await kept(({ tx }) => tx.authorizations.some(({ nonce }) => nonce === 1n));
    expect(authorized.tx.authorizations).toHaveLength(1);
    expect(authorized.tx.type).toBe(TxType.SetCode);
    const blobHashes = [1n, 2n, 3n, 4n].map((low) => (1n << 248n) + low);
    const tx = { type: TxType.Blob, maxFeePerBlobGas: 10n ** 9n, blobHashes, authorizations: [] };
    const blob = await kept((fuzzCase) => fuzzCase.tx.blobHashes.includes(blobHashes[2]!), { tx });
    expect(blob.tx).toMatchObject({ type: TxType.Blob, blobHashes: [blobHashes[2]] });
  });

  it('keeps the slots, the bytes and the balance that are needed', async () => {
    const slots = await kept(({ pre }) => pre.get(CONTRACT)?.storage.get(4n) !== undefined);
    expect(slots.pre.get(CONTRACT)!.storage).toEqual(new Map([[4n, 1n]]));
    const data = await kept(({ tx }) => tx.data.length > 9 && tx.data[9]! > 100);
    expect([...data.tx.data.subarray(0, 9)]).toEqual(new Array(9).fill(0));
    expect(data.tx.data).toHaveLength(10);
    const rich = await kept(({ pre }) => pre.get(0xbbbn)?.balance === 17n);
    expect([...rich.pre.keys()]).toEqual([SENDER, 0xbbbn]);
  });

  it('never drops the sender, and lowers the nonces of account and transaction together', async () => {
    const small = await kept(({ pre, tx }) => tx.nonce === (pre.get(SENDER)?.nonce ?? 0n));
    expect([...small.pre.keys()]).toEqual([SENDER]);
    expect(small.pre.get(SENDER)).toEqual(account({ balance: 10n ** 18n }));
  });

  it('goes to the newest fork only where the case fails there too', async () => {
    expect((await kept(() => true)).fork).toBe('BPO2');
    expect((await kept(({ fork }) => fork === 'Prague')).fork).toBe('Prague');
  });

  it('ends with a round gas limit, or with the least', async () => {
    expect((await kept(({ tx }) => tx.gasLimit >= 777_777n)).tx.gasLimit).toBe(1_000_000n);
    const tx = { gasLimit: 29_000_000n };
    const least = await kept((fuzzCase) => fuzzCase.tx.gasLimit >= 12_345_678n, { tx });
    expect(least.tx.gasLimit).toBe(12_345_678n);
  });
});

describe('shrink: the search', () => {
  it('gives the same result twice, and to a predicate that answers later', async () => {
    const asked: string[][] = [[], [], []];
    const results: FuzzCase[] = [];
    for (const [i, list] of asked.entries()) {
      const fails = differs(NARROW_MULMOD);
      const predicate: StillFails = (fuzzCase) => {
        list.push(outcomeOn(plainMachine(fuzzCase), fuzzCase));
        const answer = fails(fuzzCase);
        return i < 2 ? answer : new Promise((done) => setTimeout(() => done(answer), 0));
      };
      results.push(await shrink(around(1, WIDE), predicate, { tries: 500 }));
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
    expect(asked[1]).toEqual(asked[0]);
    expect(asked[2]).toEqual(asked[0]);
  });

  it.each([1, 2, 17, 60])('asks no more than %i times, and gives a case that fails', async (tries) => {
    const fails = differs(NARROW_MULMOD);
    const large = around(2, WIDE);
    const small = await shrink(large, fails, { tries });
    expect(fails.asked).toBeLessThanOrEqual(tries);
    expect(fails.asked).toBe(tries);
    expect(fails(small)).toBe(true);
    if (tries === 1) expect(small).toBe(large);
    else expect(small).not.toBe(large);
  });

  it.each([0, 1, 25])('stops where it is told to, after %i tries, with the best until then', async (most) => {
    const fails = differs(NARROW_MULMOD);
    const large = around(2, WIDE);
    const small = await shrink(large, fails, { tries: 3_000, stopped: () => fails.asked > most });
    expect(fails.asked).toBe(most + 1);
    expect(fails(small)).toBe(true);
    if (most === 0) expect(small).toBe(large);
  });

  it('gives nothing that was not accepted, whatever the predicate says', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const large = around(seed, WIDE);
      const random = new Random(seed);
      const accepted = new Set<FuzzCase>([large]);
      let asked = 0;
      const small = await shrink(
        large,
        (candidate) => {
          const answer = asked++ === 0 || random.below(3) === 0;
          if (answer) accepted.add(candidate);
          return answer;
        },
        { tries: 400 },
      );
      expect(accepted.has(small)).toBe(true);
      expect(small.pre.has(SENDER)).toBe(true);
      expect(asked).toBeLessThanOrEqual(400);
    }
  });

  it('refuses a case that does not fail, and a bound below 1', async () => {
    await expect(shrink(around(1, WIDE), () => false, { tries: 9 })).rejects.toThrow(
      /does not fail to begin with/,
    );
    for (const tries of [0, Number.NaN]) {
      await expect(shrink(around(1, WIDE), () => true, { tries })).rejects.toThrow(
        /^limits\.tries: expected/,
      );
    }
  });

  it('lets the error of a predicate through', async () => {
    const fails = (): boolean => {
      throw new RangeError('no disk');
    };
    await expect(shrink(around(1, WIDE), fails, { tries: 9 })).rejects.toThrow('no disk');
  });
});
