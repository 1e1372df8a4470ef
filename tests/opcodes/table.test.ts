/**
 * The opcode table against a second one, typed from the Yellow Paper (appendix H) and the EIPs. A row here is
 * the byte, name, words taken and put back, first fork, then gas by fork: what the instruction costs whatever its
 * arguments are.
 */

import { describe, expect, it } from 'vitest';
import { Flag, OPCODES, opTableOf } from '../../opcodes/index.ts';
import { FORKS, type ForkName } from '../../src/forks/fork.ts';
import { customFork, rulesOf } from '../../src/forks/rules.ts';
import { Halt } from '../../src/machine/halt.ts';
import { ENGINES, runOn } from '../helpers/run.ts';

// Initials of the forks at which an instruction came or changed its price.
const INITIALS: Readonly<Record<string, ForkName>> = {
  F: 'Frontier',
  H: 'Homestead',
  T: 'TangerineWhistle',
  B: 'Byzantium',
  C: 'Constantinople',
  I: 'Istanbul',
  b: 'Berlin',
  L: 'London',
  P: 'Paris',
  S: 'Shanghai',
  c: 'Cancun',
  O: 'Osaka',
};

const SECOND_TABLE = `
00 STOP 0 0 F0
01 ADD 2 1 F3
02 MUL 2 1 F5
03 SUB 2 1 F3
04 DIV 2 1 F5
05 SDIV 2 1 F5
06 MOD 2 1 F5
07 SMOD 2 1 F5
08 ADDMOD 3 1 F8
09 MULMOD 3 1 F8
0a EXP 2 1 F10
0b SIGNEXTEND 2 1 F5
10 LT 2 1 F3
11 GT 2 1 F3
12 SLT 2 1 F3
13 SGT 2 1 F3
14 EQ 2 1 F3
15 ISZERO 1 1 F3
16 AND 2 1 F3
17 OR 2 1 F3
18 XOR 2 1 F3
19 NOT 1 1 F3
1a BYTE 2 1 F3
1b SHL 2 1 C3
1c SHR 2 1 C3
1d SAR 2 1 C3
1e CLZ 1 1 O5
20 KECCAK256 2 1 F30
30 ADDRESS 0 1 F2
31 BALANCE 1 1 F20 T400 I700 b100
32 ORIGIN 0 1 F2
33 CALLER 0 1 F2
34 CALLVALUE 0 1 F2
35 CALLDATALOAD 1 1 F3
36 CALLDATASIZE 0 1 F2
37 CALLDATACOPY 3 0 F3
38 CODESIZE 0 1 F2
39 CODECOPY 3 0 F3
3a GASPRICE 0 1 F2
3b EXTCODESIZE 1 1 F20 T700 b100
3c EXTCODECOPY 4 0 F20 T700 b100
3d RETURNDATASIZE 0 1 B2
3e RETURNDATACOPY 3 0 B3
3f EXTCODEHASH 1 1 C400 I700 b100
40 BLOCKHASH 1 1 F20
41 COINBASE 0 1 F2
42 TIMESTAMP 0 1 F2
43 NUMBER 0 1 F2
44 DIFFICULTY/PREVRANDAO 0 1 F2
45 GASLIMIT 0 1 F2
46 CHAINID 0 1 I2
47 SELFBALANCE 0 1 I5
48 BASEFEE 0 1 L2
49 BLOBHASH 1 1 c3
4a BLOBBASEFEE 0 1 c2
50 POP 1 0 F2
51 MLOAD 1 1 F3
52 MSTORE 2 0 F3
53 MSTORE8 2 0 F3
54 SLOAD 1 1 F50 T200 I800 b100
55 SSTORE 2 0 F0
56 JUMP 1 0 F8
57 JUMPI 2 0 F10
58 PC 0 1 F2
59 MSIZE 0 1 F2
5a GAS 0 1 F2
5b JUMPDEST 0 0 F1
5c TLOAD 1 1 c100
5d TSTORE 2 0 c100
5e MCOPY 3 0 c3
5f PUSH0 0 1 S2
a0 LOG0 2 0 F375
a1 LOG1 3 0 F750
a2 LOG2 4 0 F1125
a3 LOG3 5 0 F1500
a4 LOG4 6 0 F1875
f0 CREATE 3 1 F32000
f1 CALL 7 1 F40 T700 b100
f2 CALLCODE 7 1 F40 T700 b100
f3 RETURN 2 0 F0
f4 DELEGATECALL 6 1 H40 T700 b100
f5 CREATE2 4 1 C32000
fa STATICCALL 6 1 B700 b100
fd REVERT 2 0 B0
fe INVALID 0 0 F0
ff SELFDESTRUCT 1 0 F0 T5000
`;

const WRITING = 'SSTORE TSTORE LOG0 LOG1 LOG2 LOG3 LOG4 CREATE CREATE2 SELFDESTRUCT'.split(' ');
const ENDING = 'STOP RETURN REVERT INVALID SELFDESTRUCT'.split(' ');
const JUMPING = 'JUMP JUMPI'.split(' ');
const STARTING = 'CREATE CREATE2 CALL CALLCODE DELEGATECALL STATICCALL'.split(' ');

// Priced by the handler alone from this fork on, since warmth decides: the table has no base.
const HANDLER_PRICES: Readonly<Record<string, ForkName>> = { SLOAD: 'Berlin' };

interface Expected {
  name: string;
  takes: number;
  gives: number;
  gas: number;
  immediate: number;
}

const isFrom = (fork: ForkName, since: ForkName): boolean => FORKS.indexOf(fork) >= FORKS.indexOf(since);

/** What the second table has for a byte in a fork. */
function expectedOf(byte: number, fork: ForkName): Expected | undefined {
  if (byte >= 0x60 && byte <= 0x7f) {
    const n = byte - 0x5f;
    return { name: `PUSH${n}`, takes: 0, gives: 1, gas: 3, immediate: n };
  }
  if (byte >= 0x80 && byte <= 0x8f) {
    const n = byte - 0x7f;
    return { name: `DUP${n}`, takes: n, gives: n + 1, gas: 3, immediate: 0 };
  }
  if (byte >= 0x90 && byte <= 0x9f) {
    const n = byte - 0x8f;
    return { name: `SWAP${n}`, takes: n + 1, gives: n + 1, gas: 3, immediate: 0 };
  }
  const line = LINES.get(byte);
  if (line === undefined) return undefined;
  const [, names, takes, gives, ...prices] = line;
  let gas: number | undefined;
  for (const price of prices) if (isFrom(fork, INITIALS[price[0]!]!)) gas = Number(price.slice(1));
  if (gas === undefined) return undefined;
  const [before, after] = names!.split('/');
  const name = after !== undefined && isFrom(fork, 'Paris') ? after : before!;
  const byHandler = HANDLER_PRICES[name];
  if (byHandler !== undefined && isFrom(fork, byHandler)) gas = 0;
  return { name, takes: Number(takes), gives: Number(gives), gas, immediate: 0 };
}

const LINES: ReadonlyMap<number, string[]> = new Map(
  SECOND_TABLE.trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map((cells) => [Number.parseInt(cells[0]!, 16), cells]),
);

describe('the opcode table', () => {
  it.each(FORKS)('is in %s as the specifications have it', (fork) => {
    const table = opTableOf(rulesOf(fork));
    const actual: unknown[] = [];
    const expected: unknown[] = [];
    for (let byte = 0; byte < 256; byte++) {
      const want = expectedOf(byte, fork);
      const row = table.rows[byte];
      actual.push([
        byte,
        row && {
          name: row.name,
          takes: row.takes,
          gives: row.gives,
          gas: table.gas[byte],
          immediate: row.immediate,
        },
        table.minStack[byte],
        table.maxStack[byte],
      ]);
      const grows = want === undefined ? 0 : Math.max(0, want.gives - want.takes);
      expected.push([byte, want, want?.takes ?? 0, 1024 - grows]);
    }
    expect(actual).toEqual(expected);
  });

  it('has as many instructions as each fork has', () => {
    const counts = FORKS.map(
      (fork) => opTableOf(rulesOf(fork)).rows.filter((row) => row !== undefined).length,
    );
    const of = (fork: ForkName): number => counts[FORKS.indexOf(fork)]!;
    expect(of('Homestead') - of('Frontier')).toBe(1);
    expect(of('Byzantium') - of('SpuriousDragon')).toBe(4);
    expect(of('Constantinople') - of('Byzantium')).toBe(5);
    expect(of('Istanbul') - of('Petersburg')).toBe(2);
    expect(of('London') - of('Berlin')).toBe(1);
    expect(of('Shanghai') - of('Paris')).toBe(1);
    expect(of('Cancun') - of('Shanghai')).toBe(5);
    expect(of('Osaka') - of('Prague')).toBe(1);
    expect(of('BPO4')).toBe(150);
  });

  it('flags what writes, ends, jumps and starts a child', () => {
    const flagged = (flag: number): string[] => [
      ...new Set(OPCODES.filter((row) => row.flags & flag).map((row) => row.name)),
    ];
    expect(flagged(Flag.WRITES).sort()).toEqual([...WRITING].sort());
    expect(flagged(Flag.TERMINATES).sort()).toEqual([...ENDING].sort());
    expect(flagged(Flag.JUMPS).sort()).toEqual([...JUMPING].sort());
    expect(flagged(Flag.SUSPENDS).sort()).toEqual([...STARTING].sort());
    expect(flagged(Flag.ONE_PRICE).sort()).toEqual(['EXP', 'LOG0', 'LOG1', 'LOG2', 'LOG3', 'LOG4']);
  });

  it('names only forks that exist', () => {
    const known = new Set<string>(FORKS);
    for (const row of OPCODES) {
      expect(known).toContain(row.since);
      if (typeof row.gas === 'object') for (const fork of Object.keys(row.gas)) expect(known).toContain(fork);
    }
  });

  it('lets a row of an own fork win', () => {
    const rules = customFork('Mine', rulesOf('Osaka'), {});
    const add = OPCODES.find((row) => row.name === 'ADD')!;
    const mine = { ...add, name: 'MINE', since: 'Mine', gas: { Mine: 77 } };
    const table = opTableOf(rules, [mine]);
    expect(table.rows[1]!.name).toBe('MINE');
    expect(table.gas[1]).toBe(77);
    expect(opTableOf(rulesOf('Osaka'), [mine]).rows[1]!.name).toBe('ADD');
    expect(opTableOf(rules).rows[1]!.name).toBe('ADD');
  });
});

describe('a byte that is no instruction', () => {
  it.each(['Frontier', 'Byzantium', 'Istanbul', 'Shanghai', 'Osaka'] as const)(
    'ends the frame in %s',
    (fork) => {
      for (const engine of ENGINES) {
        for (let byte = 0; byte < 256; byte++) {
          const { halt, gasLeft } = runOn(engine, Uint8Array.of(byte), { fork, gas: 50_000 });
          expect([byte, halt === Halt.UndefinedOpcode]).toEqual([byte, expectedOf(byte, fork) === undefined]);
          if (halt === Halt.UndefinedOpcode) expect(gasLeft).toBe(0n);
        }
      }
    },
  );
});

describe('the stack of each instruction', () => {
  it('needs what it takes, and has room for 1,024 words', () => {
    const rules = rulesOf('Osaka');
    const { rows } = opTableOf(rules);
    for (const engine of ENGINES) {
      for (const row of rows) {
        if (row === undefined) continue;
        const filled = (words: number): Uint8Array =>
          Uint8Array.from([...new Array<number>(words).fill(0x58), row.byte]);
        const fits = (words: number): number => runOn(engine, filled(words), { gas: 100_000 }).halt;
        if (row.takes > 0) expect([row.name, fits(row.takes - 1)]).toEqual([row.name, Halt.StackUnderflow]);
        expect([row.name, fits(row.takes) === Halt.StackUnderflow]).toEqual([row.name, false]);
        const overflows = row.gives > row.takes;
        expect([row.name, fits(1024) === Halt.StackOverflow]).toEqual([row.name, overflows]);
        expect([row.name, fits(1023) === Halt.StackOverflow]).toEqual([row.name, false]);
      }
    }
  });
});
