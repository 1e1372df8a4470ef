/** The trace formats of `erbium-evm` for people, character by character as geth writes them. */

import { describe, expect, it } from 'vitest';
import { evm } from './evm-support.ts';

const traced = (code: string, ...flags: string[]): string => evm(['run', '--trace', ...flags, code]).stderr;

const word = (value: string): string => value.padStart(64, '0');

describe('--trace.format=struct', () => {
  const FORMAT = '--trace.format=struct';

  it('is a paragraph for each step', () => {
    const text = `PUSH1           pc=00000000 gas=10000000000 cost=3

STOP            pc=00000002 gas=9999999997 cost=0
Stack:
00000000  0x40

`;
    expect(traced('0x6040', FORMAT)).toBe(text);
    expect(evm(['run', '--debug', '0x6040']).stderr).toBe(text);
  });

  // Writes 2 to slot 1, reads slot 1 and slot 3, stores a word, calls itself without gas, and fails.
  const CODE = '6002600155600154600354505f525f5f5f5f5f305ff1fe';

  it('shows the stack from its top, and the storage of the account that it has seen so far', () => {
    const text = traced(CODE, FORMAT);
    expect(text).toContain(`SSTORE          pc=00000004 gas=9999999994 cost=22100
Stack:
00000000  0x1
00000001  0x2
Storage:
${word('1')}: ${word('2')}

`);
    expect(text).toContain(`SLOAD           pc=00000010 gas=9999977788 cost=2100
Stack:
00000000  0x3
00000001  0x2
Storage:
${word('1')}: ${word('2')}
${word('3')}: ${word('0')}

`);
    expect(traced(CODE, FORMAT, '--trace.nostorage')).not.toContain('Storage');
    expect(traced(CODE, FORMAT, '--trace.nostack')).not.toContain('Stack');
  });

  it('dumps memory and return data where it is asked to', () => {
    const dump = `00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 02  |................|
`;
    expect(traced(CODE, FORMAT)).not.toContain('Memory');
    expect(traced(CODE, FORMAT, '--trace.nomemory=false')).toContain(`\nMemory:\n${dump}\n`);
    // Calls what returns the text "hi" by the identity precompile.
    const hi = '6168695f525f5f6002601e6004620f4240fa00';
    expect(traced(hi, FORMAT, '--trace.noreturndata=false')).toContain(
      'ReturnData:\n00000000  68 69                                             |hi|\n\n',
    );
  });

  it('tells of errors that are known before the step', () => {
    expect(traced('01', FORMAT)).toBe(
      'ADD             pc=00000000 gas=10000000000 cost=3 ERROR: stack underflow (0 <=> 2)\n\n',
    );
    expect(traced('fe', FORMAT)).toBe('INVALID         pc=00000000 gas=10000000000 cost=0\n\n');
  });
});

describe('--trace.format=md', () => {
  const CALL = `Pre-execution info:
  - from: \`0x000000000000000000000000000073656E646572\`
  - to: \`0x0000000000000000000000007265636569766572\`
  - data: \`\`
  - gas: \`10000000000\`
  - value: \`0\` wei

|  Pc   |      Op     | Cost |   Refund  |   Stack   |
|-------|-------------|------|-----------|-----------|
`;

  it.each(['md', 'markdown'])('is a table (%s)', (format) => {
    expect(
      traced('0x6040', `--trace.format=${format}`),
    ).toBe(`${CALL}|    0  |      PUSH1  |    3 |         0 |        [] |
|    2  |       STOP  |    0 |         0 |    [0x40] |

Post-execution info:
  - output: \`\`
  - consumed gas: \`3\`
  - error: \`<nil>\`
`);
  });

  it('of the first call and of creations, with errors where they come up', () => {
    const text = traced('60205ffd', '--trace.format=md', '--trace.nostack');
    expect(text).toBe(`${CALL}|    0  |      PUSH1  |    3 |         0 |
|    2  |      PUSH0  |    2 |         0 |
|    3  |     REVERT  |    3 |         0 |

Error: at pc=3, op=253: execution reverted

Post-execution info:
  - output: \`0x${word('0')}\`
  - consumed gas: \`8\`
  - error: \`execution reverted\`
`);
    const sender = '0xa94f5374Fce5edBC8E2a8697C15331677e6EbF0B';
    const [info, rest] = traced('01', '--create', '--trace.format=md', '--sender', sender).split(
      /(?<=--\|\n)/,
    );
    expect(info).toContain(`  - from: \`${sender}\`\n  - create: \`0x`);
    expect(info).toContain('  - data: `0x01`\n');
    expect(rest).toBe(`|    0  |        ADD  |    3 |         0 |        [] |
Error: stack underflow (0 <=> 2)

Post-execution info:
  - output: \`\`
  - consumed gas: \`10000000000\`
  - error: \`stack underflow (0 <=> 2)\`
`);
  });
});
