/** Changes of cases: that they leave cases, change what they should, and nothing of what they were given. */

import { describe, expect, it } from 'vitest';
import { opTableOf } from '../../opcodes/optable.ts';
import { FORKS, LATEST_FORK } from '../../src/forks/fork.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { type CaseAccount, type FuzzCase, isPossibleCode } from '../../src/fuzz/case.ts';
import { CaseRunner } from '../../src/fuzz/execute.ts';
import { generateCase, PROFILES } from '../../src/fuzz/generate/index.ts';
import { dictionaryOf, mutateCase } from '../../src/fuzz/mutate.ts';
import { mutateCode, swapAddress } from '../../src/fuzz/mutate-code.ts';
import { Random } from '../../src/fuzz/random.ts';
import { isSuccess } from '../../src/machine/halt.ts';
import { code, hex, jump, label, type Piece, push, pushAddress, raw } from '../helpers/assembler.ts';

const madeOf = (seed: bigint, count: number): FuzzCase[] => {
  const random = new Random(seed);
  return Array.from({ length: count }, () =>
    generateCase(random, { profile: random.pick(PROFILES), forks: FORKS }),
  );
};

const isWord = (value: bigint, bits = 256): boolean => value >= 0n && value >> BigInt(bits) === 0n;

/** What every case has to be for it to be written as a state test. */
function expectWellFormed({ fork, pre, tx, block, sender }: FuzzCase): void {
  expect(FORKS).toContain(fork);
  const rules = rulesOf(fork);
  expect(rules.txTypes).toContain(tx.type);
  expect(tx.chainId).toBe(tx.type === 0 && !rules.replayProtection ? null : 1n);
  expect(isWord(tx.gasLimit, 64) && isWord(tx.value) && isWord(tx.maxFeePerGas)).toBe(true);
  expect(tx.to === null || isWord(tx.to, 160)).toBe(true);
  if (tx.type === 0) expect(tx.accessList).toEqual([]);
  if (tx.type !== 3) expect(tx.blobHashes).toEqual([]);
  if (tx.type !== 4) expect(tx.authorizations).toEqual([]);
  if (tx.type < 2) expect(tx.maxPriorityFeePerGas).toBe(tx.maxFeePerGas);
  expect(isWord(block.coinbase, 160) && isWord(block.number, 64) && isWord(block.timestamp, 64)).toBe(true);
  expect(pre.has(sender)).toBe(true);
  for (const [address, account] of pre) {
    expect(isWord(address, 160) && isWord(account.nonce, 64) && isWord(account.balance)).toBe(true);
    expect(isPossibleCode(account.code)).toBe(true);
    for (const [key, value] of account.storage)
      expect(isWord(key) && isWord(value) && value !== 0n).toBe(true);
  }
}

/** The fields of the case and the transaction, and codes and storage by account, in which two cases differ. */
function differences(a: FuzzCase, b: FuzzCase): Set<string> {
  const found = new Set<string>();
  const same = (x: unknown, y: unknown): boolean => {
    try {
      expect(x).toEqual(y);
      return true;
    } catch {
      return false;
    }
  };
  if (a.fork !== b.fork) found.add('fork');
  if (!same(a.block, b.block)) found.add('block');
  for (const field of Object.keys(a.tx) as (keyof FuzzCase['tx'])[]) {
    if (!same(a.tx[field], b.tx[field])) found.add(`tx.${field}`);
  }
  for (const [address, account] of a.pre) {
    const other = b.pre.get(address)!;
    for (const field of ['code', 'storage', 'balance'] satisfies (keyof CaseAccount)[]) {
      if (!same(account[field], other[field])) found.add(field);
    }
  }
  return found;
}

describe('a mutated case', () => {
  it('is a case that runs, over many generations, and changes nothing that it was made from', () => {
    const random = new Random(21n);
    const runner = new CaseRunner();
    const pool = madeOf(1n, 100);
    let ran = 0;
    let good = 0;
    for (let i = 0; i < 3_000; i++) {
      const base = random.pick(pool);
      const other = random.pick(pool);
      const before = i % 5 === 0 ? structuredClone([base, other]) : null;
      const dictionary = dictionaryOf(base);
      const given = dictionary.slice();
      const mutated = mutateCase(random, base, { other, dictionary, forks: FORKS, cuts: [100_000n] });
      if (before !== null) expect([base, other]).toEqual(before);
      expect(dictionary).toEqual(given);
      expectWellFormed(mutated);
      const halt = runner.halt(mutated);
      if (halt !== null) ran++;
      if (halt !== null && isSuccess(halt)) good++;
      pool[random.below(pool.length)] = mutated;
    }
    expect(ran).toBeGreaterThan(1_000);
    expect(good).toBeGreaterThan(300);
  });

  it('is the same for the same seed', () => {
    const [base, other] = madeOf(2n, 2) as [FuzzCase, FuzzCase];
    const some = (seed: bigint): FuzzCase[] => {
      const random = new Random(seed);
      const options = { other, dictionary: dictionaryOf(base), forks: FORKS };
      return Array.from({ length: 50 }, () => mutateCase(random, base, options));
    };
    expect(some(5n)).toEqual(some(5n));
    expect(some(5n)).not.toEqual(some(6n));
  });

  it('differs in every part that there is to change', () => {
    const random = new Random(3n);
    const found = new Set<string>();
    const pool = madeOf(4n, 30);
    for (let i = 0; i < 1_200; i++) {
      const base = random.pick(pool);
      const other = random.pick(pool);
      const options = { other, dictionary: dictionaryOf(base), forks: FORKS };
      for (const part of differences(base, mutateCase(random, base, options))) found.add(part);
    }
    const parts = [
      'code',
      'storage',
      'balance',
      'fork',
      'block',
      'tx.gasLimit',
      'tx.value',
      'tx.data',
      'tx.to',
    ];
    expect(parts.filter((part) => !found.has(part))).toEqual([]);
    expect([...found]).toContain('tx.accessList');
    expect([...found]).toContain('tx.type');
  });

  it('keeps its fork where no others are given, and needs neither another case nor words', () => {
    const random = new Random(4n);
    for (const base of madeOf(5n, 200)) {
      const mutated = mutateCase(random, base, { dictionary: [] });
      expect(mutated.fork).toBe(base.fork);
      expectWellFormed(mutated);
    }
  });

  it('takes a gas limit from the cuts, and one less', () => {
    const random = new Random(6n);
    const [base] = madeOf(6n, 1) as [FuzzCase];
    const limits = new Set<bigint>();
    for (let i = 0; i < 1_500; i++) {
      limits.add(mutateCase(random, base, { dictionary: [], cuts: [77_777n] }).tx.gasLimit);
    }
    expect(limits.has(77_777n) && limits.has(77_776n)).toBe(true);
  });

  it('is made also of a case without code, and of one whose sender is alone', () => {
    const [base] = madeOf(7n, 1) as [FuzzCase];
    const alone = { ...base, pre: new Map([[base.sender, base.pre.get(base.sender)!]]) };
    const creation = { ...alone, tx: { ...base.tx, type: 0 as const, to: null, data: new Uint8Array(0) } };
    const random = new Random(8n);
    let changed = 0;
    for (let i = 0; i < 300; i++) {
      mutateCase(random, alone, { other: creation, dictionary: [1n] });
      const { tx } = mutateCase(random, creation, { other: alone, dictionary: [1n] });
      if (tx.data.length > 0) changed++;
    }
    expect(changed).toBeGreaterThan(50);
  });
});

describe('mutated code', () => {
  const source = { fork: LATEST_FORK, dictionary: [0xabcdn], other: code('CALLER', 'ORIGIN') };
  const program = code(
    push(1),
    push(2),
    'ADD',
    push(0),
    'MSTORE',
    jump('end'),
    raw(0xfe),
    label('end'),
    'CALLER',
    'POP',
    'STOP',
  );
  const many = (count = 5_000): Uint8Array[] => {
    const random = new Random(9n);
    return Array.from({ length: count }, () => mutateCode(random, program, source));
  };

  it('comes from insertions, deletions, other operands and other instructions', () => {
    const all = many();
    const lengths = all.map(({ length }) => length - program.length);
    expect(Math.min(...lengths)).toBeLessThan(0);
    expect(Math.max(...lengths)).toBeGreaterThan(0);
    const texts = new Set(all.map((bytes) => bytes.join()));
    const has = (...pieces: readonly Piece[]): boolean => texts.has(code(...pieces).join());
    const rest = [push(0), 'MSTORE', jump('end'), raw(0xfe), label('end'), 'CALLER', 'POP', 'STOP'];
    expect(has(push(1), push(3), 'ADD', ...rest)).toBe(true);
    expect(has(push(0), push(2), 'ADD', ...rest)).toBe(true);
    expect(has(push(0xabcd), push(2), 'ADD', ...rest)).toBe(true);
    expect(has(push(1), push(2), 'MUL', ...rest)).toBe(true);
    // Deleted, and the jump still goes where it went.
    expect(has(push(2), 'ADD', ...rest)).toBe(true);
    expect(has(push(1), push(2), 'ADD', push(2), 'ADD', ...rest)).toBe(true);
    expect(has(push(1), 'CALLER', 'ORIGIN', push(2), 'ADD', ...rest)).toBe(true);
  });

  it('has instructions of the fork in the place of others like them', () => {
    const { rows } = opTableOf(rulesOf(LATEST_FORK));
    const at = 4;
    const swapped = many().filter(
      (bytes) => bytes.length === program.length && bytes[at] !== program[at] && bytes[at + 1] === 0x60,
    );
    const names = swapped
      .map((bytes) => rows[bytes[at]!])
      .filter((row) => row?.takes === 2 && row.gives === 1);
    expect(names.length).toBeGreaterThan(10);
  });

  it('grows no further than deployed code may', () => {
    const random = new Random(10n);
    let bytes: Uint8Array = new Uint8Array(24_570);
    for (let i = 0; i < 300; i++) {
      bytes = mutateCode(random, bytes, source);
      expect(bytes.length).toBeLessThanOrEqual(24_576);
    }
  });

  it('names another account where it named one', () => {
    const names = code(pushAddress(0xaan << 150n), 'EXTCODESIZE');
    const random = new Random(11n);
    const swapped = swapAddress(random, names, [0xaan << 150n, 0xbbn]);
    expect([names, code(push(0xbb), 'EXTCODESIZE')]).toContainEqual(swapped);
    expect(swapAddress(random, names, [0xbbn])).toEqual(names);
  });
});

describe('the dictionary', () => {
  it('has the constants of all codes, read as instructions, and addresses, keys and values', () => {
    const [base] = madeOf(12n, 1) as [FuzzCase];
    const account = (bytes: Uint8Array): CaseAccount => ({
      nonce: 0n,
      balance: 0n,
      code: bytes,
      storage: new Map([[0x51n << 90n, 0x52n << 90n]]),
    });
    // A PUSH inside of a constant is none; one cut off by the end of the code counts with zeros.
    const first = account(code(push(0x1234_5678_9abcn), hex('7f'), new Uint8Array(30).fill(0x61), raw(1, 2)));
    const second = account(hex('62beef'));
    const pre = new Map([
      [base.sender, base.pre.get(base.sender)!],
      [0x77n << 100n, first],
      [0x78n << 100n, second],
    ]);
    const words = dictionaryOf({ ...base, pre });
    const expected = [
      0x1234_5678_9abcn,
      0xbeef00n,
      0x77n << 100n,
      0x78n << 100n,
      0x51n << 90n,
      0x52n << 90n,
      base.sender,
      0n,
      (1n << 256n) - 1n,
      1n << 255n,
    ];
    for (const word of expected) expect(words).toContain(word);
    expect(words).not.toContain(0x6161n);
    expect(new Set(words).size).toBe(words.length);
    expect(words.every((word) => isWord(word))).toBe(true);
  });

  it('is made once for each case', () => {
    const [base] = madeOf(13n, 1) as [FuzzCase];
    expect(dictionaryOf(base)).toBe(dictionaryOf(base));
    expect(dictionaryOf({ ...base })).toEqual(dictionaryOf(base));
  });
});
