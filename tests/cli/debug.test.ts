/** `erbium debug --script`: what commands do, what they print, and what it says of a line or a script that is wrong. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DebugTarget } from '../../src/cli/debug-open.ts';
import { parseScript, runScript } from '../../src/cli/debug-script.ts';
import { bytesToHex, type Hex } from '../../src/primitives/bytes.ts';
import { Anvil } from '../helpers/anvil.ts';
import { call, code, push, sstore } from '../helpers/assembler.ts';
import { PLAY, playData } from '../tracers/contracts.ts';
import { REVERTING_LINE, SHOP, sessionOf, shopTarget } from './debug-support.ts';
import { endless, erbium, refuses, SMOKE, useFolder } from './support.ts';

const folder = useFolder();

interface Told {
  readonly ok: boolean;
  readonly stop?: string;
  readonly message?: string;
  readonly at?: Record<string, unknown>;
  readonly value?: unknown;
}

const script = (args: readonly string[], ...lines: string[]) =>
  erbium(['debug', ...args, '--script', '-'], { input: lines.join('\n') });

/** The answers of a script, as `--json` prints them, one a command; in this process, which spares its start. */
async function told(target: DebugTarget & { readonly code?: string }, ...lines: string[]): Promise<Told[]> {
  const { code, ...options } = target;
  const session = await sessionOf(code === undefined ? [] : [code], options);
  let out = '';
  const write = (text: string): void => {
    out += text;
  };
  const end = await runScript(session, parseScript(lines.join('\n'), 'script'), 'script', {
    json: true,
    write,
  });
  expect(end, out).toBe('met');
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Told);
}

/** Stores 2 at 1, calls itself no more, and reverts with a word. */
const STORES = bytesToHex(code(sstore(1, 2), push(7), push(0), 'MSTORE', push(32), push(0), 'REVERT'));

describe('a reverting ERC-20 transfer', () => {
  let target: ReturnType<typeof shopTarget>;
  let args: string[];
  beforeAll(() => {
    target = shopTarget(folder);
    args = Object.entries(target).flatMap(([name, value]) => [`--${name}`, value]);
  });

  it('is found by one command, with the line, the call stack and the reason', () => {
    const outcome = script(
      args,
      'failure',
      'expect op REVERT',
      `expect line Token.sol:${REVERTING_LINE}`,
      'expect depth 1',
      'expect reason InsufficientBalance(owner: 0x00000000000000000000000000000000000000bb, balance: 0, needed: 5)',
      'print calls',
    );
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    expect(outcome.stdout).toContain('REVERT  (offset 0x80, size 0x64)  depth 1');
    expect(outcome.stdout).toContain(`  src/Token.sol:${REVERTING_LINE}  if (balance < value) revert`);
    expect(outcome.stdout).toMatch(/^0 {2}CALL 0x0+bb /m);
  });

  it('is followed back to where the balance was read, by lines and by calls', async () => {
    const answers = await told(
      target,
      'failure',
      'break op SLOAD',
      'back-continue',
      'step',
      'expect stack 0 0',
      'delete all',
      'back-out',
      'expect op CALL',
      'expect address 0x00000000000000000000000000000000000000bb',
      'over',
      'expect stack 0 0',
      'end',
      'expect status revert',
    );
    expect(answers[2]).toMatchObject({ stop: 'breakpoint', at: { op: 'SLOAD', source: 'src/Token.sol:10' } });
  });

  it('stops at lines', async () => {
    const [, stop] = await told(target, 'break Token.sol:10', 'continue');
    expect(stop).toMatchObject({ stop: 'breakpoint', message: 'breakpoint 1: Token.sol:10' });
    expect(stop!.at).toMatchObject({ source: 'src/Token.sol:10', address: expect.stringMatching(/aa$/) });
    const outcome = script(args, 'break Token.sol:99', 'c');
    expect(outcome).toMatchObject({ status: 2 });
    expect(outcome.stderr).toContain('standard input:1: line: expected 1 to');
  });
});

describe('commands', () => {
  it('move, by name or by key', async () => {
    const answers = await told({ code: STORES }, 's', 'step 2', 'b', 'back 2', 'goto 2', '>', '<');
    const places = answers.map(({ at }) => at!.step);
    expect(places).toEqual([1, 3, 2, 0, 2, 9, 0]);
  });

  it('print what there is, as text and as data', async () => {
    const [, storage, , memory, result] = await told(
      { code: STORES },
      'goto 3',
      'print storage',
      'goto 9',
      'print memory 30',
      'print result',
    );
    expect(storage!.value).toEqual([{ key: '0x1', value: '0x2', original: '0x0', warm: true }]);
    expect(memory!.value).toMatchObject({ size: 0 });
    expect(result!.value).toMatchObject({ status: 'revert', output: `0x${'7'.padStart(64, '0')}` });
    const { stdout } = script([STORES], 'goto 6', 'print', 'print stack', 'print memory 30 2', 'print code');
    expect(stdout).toContain('6  0x000a PUSH1 0x20  depth 0');
    expect(stdout).toContain('the stack is empty');
    expect(stdout).toContain('0x001e  0007');
    expect(stdout).toContain('> 0x000a  PUSH1 0x20');
  });

  it('keep the numbers of breakpoints whatever was looked for meanwhile', async () => {
    const [first, , second, list, gone, left] = await told(
      { code: STORES },
      'break pc 2',
      'failure',
      'break slot 1',
      'breakpoints',
      'delete 1',
      'breakpoints',
    );
    expect(first!.message).toBe('breakpoint 1: pc 0x2');
    expect(second!.message).toBe('breakpoint 2: slot 1');
    expect(list!.value).toHaveLength(2);
    expect(gone!.message).toBe('breakpoint 1 is gone');
    expect(left!.value).toEqual([{ number: 2, breakpoint: 'slot 1' }]);
  });

  it('look at calls that wait', async () => {
    const outer = bytesToHex(code(push(9), call(0xaan, { gas: 50_000 })));
    const state = folder.write('inner.json', {
      alloc: {
        '0x00000000000000000000000000000000000000aa': { balance: '0', code: '0x5f5ffd' },
        [SHOP]: { balance: '0', code: outer },
      },
    });
    const answers = await told(
      { state, to: SHOP },
      'failure',
      'up',
      'expect stack 0 9',
      'down',
      'expect depth 1',
      'frame 0',
      'print',
    );
    expect(answers.at(-1)!.value).toMatchObject({ depth: 0, address: SHOP });
  });

  it('that expect what is not so end the script with 1', () => {
    const outcome = script([STORES], 's', 'expect pc 7', 'print stack');
    expect(outcome).toMatchObject({ status: 1, stderr: '' });
    expect(outcome.stdout).toMatch(/standard input:2: expect pc 7: it is 2\n$/);
  });

  it('are answered by one JSON object each where a machine reads', () => {
    const outcome = script([STORES, '--json'], 's', 'expect op PUSH1', 'print stack');
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    const lines = outcome.stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ line: 1, command: 's', ok: true, stop: 'done' }),
      { line: 2, command: 'expect op PUSH1', ok: true },
      { line: 3, command: 'print stack', ok: true, value: ['0x2'] },
    ]);
  });

  it('tell that there was no failure', async () => {
    const [forwards, back] = await told({ code: '5f5f01' }, 'failure', 'back-failure');
    expect(forwards!.message).toBe('no failure on the way; the end: success');
    expect(back!.message).toBe('no failure on the way; the start');
  });

  it('end at a limit on the way through what never ends, and go on', () => {
    const { status, stdout } = script(['5b5f56'], 'continue', 'continue');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^10000000 {2}0x0001 PUSH0 .*\n {2}stopped on the way: 10000000 steps/m);
    expect(stdout).toMatch(/^20000000 {2}0x0002 JUMP/m);
  });
});

describe('a state test', () => {
  it('is debugged for as long as --timeout says, with what was printed by then', () => {
    const line = [folder.write('loops.json', endless()), '--run', 'Cancun', '--timeout'];
    const goes = ['s 3', 'print stack', ...Array<string>(500).fill('end')];
    const { status, stdout, stderr } = script([...line, '2000'], ...goes);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^erbium: standard input:\d+: stopped by --timeout 2000\n$/);
    expect(stdout).toMatch(/^> s 3\n3 {2}0x0000 JUMPDEST .*\n> print stack\nthe stack is empty\n/);
    const data = script([...line, '2000', '--json'], ...goes);
    expect(data.status).toBe(1);
    const last = data.stdout.trimEnd().split('\n').at(-1)!;
    expect(JSON.parse(last)).toMatchObject({
      stop: 'limit',
      message: expect.stringMatching(/^stopped on the way: /),
    });
    const nothing = script([...line, '0'], 's');
    expect(nothing).toMatchObject({ status: 1, stdout: '' });
    expect(nothing.stderr).toBe('erbium: standard input:1: stopped by --timeout 0\n');
    expect(script([...line, '60000'], 's 3', 'expect stop done')).toMatchObject({ status: 0, stderr: '' });
  });

  it('is debugged by the case that is chosen', async () => {
    const path = `${SMOKE}/opcodes/push0.json`;
    const [answer] = await told({ code: path, fork: 'Osaka', run: 'd0g0v0' }, 'end');
    expect(answer!.at).toMatchObject({ end: true });
  });

  it('with several cases names them', () => {
    refuses(
      ['debug', `${SMOKE}/opcodes/push0.json`, '--script', folder.write('s', 'end')],
      ['--run REGEX', 'd0g0v0'],
    );
  });
});

describe('a transaction of a node', () => {
  let anvil: Anvil;
  beforeAll(async () => {
    anvil = await Anvil.start('--hardfork', 'prague', '--accounts', '1', '--chain-id', '4242');
  }, 60_000);
  afterAll(() => anvil?.stop());

  it('is debugged at the place where it stands in its block', async () => {
    const [from] = await anvil.rpc<[Hex]>('eth_accounts');
    const send = (fields: object): Promise<Hex> =>
      anvil.rpc<Hex>('eth_sendTransaction', { from, gas: '0x2dc6c0', ...fields });
    const made = await send({ data: PLAY, value: '0x64' });
    const { contractAddress: to } = await anvil.receipt<{ contractAddress: Hex }>(made);
    await anvil.rpc('evm_setAutomine', false);
    await send({ to, data: playData('clears') });
    const hash = await send({ to, data: playData('refuse') });
    await anvil.rpc('evm_mine');
    const target = { code: hash, rpc: anvil.url, fork: 'Prague' };
    const answers = await told(
      target,
      'failure',
      'expect reason child says no',
      'expect depth 1',
      'end',
      'print result',
    );
    const { gasUsed } = await anvil.receipt<{ gasUsed: Hex }>(hash);
    expect(answers.at(-1)!.value).toMatchObject({ status: 'revert', gasUsed });
    refuses(
      ['debug', hash, '--rpc', anvil.url, '--gas', '5', '--script', folder.write('s', 'end')],
      ['--gas'],
    );
    refuses(
      ['debug', '0x12', '--rpc', anvil.url, '--script', folder.write('s', 'end')],
      ['hash of a transaction'],
    );
  });
});

describe('refuses', () => {
  it('to draw where there is no terminal', () => {
    refuses(['debug', '5f'], ['need a terminal', '--script FILE']);
    refuses(['debug', '-'], ['standard input is read for keys']);
    refuses(['debug', '5f', '--json'], ['--json']);
    refuses(['debug', '5f', '--timeout', '9'], ['--timeout: is for --script; on the screen Esc stops']);
  });

  it.each([
    ['jump 3', 'no command "jump"; help lists them'],
    ['step x', 'step: expected a whole number, got "x"'],
    ['expect pc', 'expect pc: the value that is expected is missing'],
    ['expect colour red', 'expect: expected one of pc'],
    ['print everything', 'print: expected one of state'],
    ['break here', 'break: expected pc PC'],
    ['s 1 2', 's: "2" is too much'],
  ])('the line %s, and names it', (line, problem) => {
    expect(() => parseScript(`# first\n\n${line}\n`, 'file')).toThrow(`file:3: ${problem}`);
  });

  it.each([
    ['break op NOPE', 'no instruction "NOPE"'],
    ['delete 4', 'there is no breakpoint 4'],
    ['up', 'this is the first call'],
    ['expect stack 0 x', 'expect stack 0'],
    ['print storage 0x', 'address'],
  ])('to do %s', async (line, problem) => {
    const session = await sessionOf(['5f'], {});
    const run = runScript(session, parseScript(`s\n${line}`, 'file'), 'file', {
      json: false,
      write: () => {},
    });
    await expect(run).rejects.toThrow(/^file:2: /);
    await expect(run).rejects.toThrow(problem);
  });

  it('a source that is none, and a script that is not there', () => {
    const info = folder.write('info.json', '{"input": {}}');
    refuses(['debug', '5f', '--source', info, '--script', folder.write('s', 'end')], [info, 'missing']);
    refuses(['debug', '5f', '--script', `${folder.path}/nowhere`], ['nowhere: no such file']);
  });
});
