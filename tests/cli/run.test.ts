/** `erbium run` as a user sees it. */

import { describe, expect, it } from 'vitest';
import { PRECOMPILES } from '../../precompiles/table.ts';
import { createEvm } from '../../src/index.ts';
import { call, code, hex, push, pushAddress, returnTop, storeTop } from '../helpers/assembler.ts';
import { erbium, json, refuses, shell, useFolder } from './support.ts';

const RECEIVER = '0x0000000000000000000000007265636569766572';
const SENDER = '0x000000000000000000000000000073656e646572';
const ADD = '600560030160005260206000f3';
const LOOP = '5b600056';

/** SSTORE(1, 7); SSTORE(2, 0); LOG1(data 0xab, topic 9); STOP. */
const LOGS_AND_STORAGE = '6007600155' + '6000600255' + '60ab600053' + '600960016000a1' + '00';

interface Result {
  status: string;
  reason: string;
  output: string;
  gasUsed: string;
  created: string | null;
  logs: { address: string; topics: string[]; data: string }[];
  storage: { address: string; key: string; value: string }[];
}

const run = (...args: string[]): Result => json<Result>(erbium(['run', '--json', ...args]));
const word = (value: bigint | number | string): string => `0x${BigInt(value).toString(16).padStart(64, '0')}`;

describe('erbium run', () => {
  const folder = useFolder();

  it('prints status, gas and output', () => {
    const { status, stdout, stderr } = erbium(['run', ADD]);
    expect(stdout).toBe(`status   success: returned\ngas      24 of 10000000000\noutput   ${word(8)}\n`);
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('prints the same as one JSON object', () => {
    expect(run(ADD)).toEqual({
      status: 'success',
      reason: 'returned',
      output: word(8),
      gasUsed: '0x18',
      created: null,
      logs: [],
      storage: [],
    });
  });

  it('shows logs and storage changes', () => {
    const { stdout } = erbium(['run', LOGS_AND_STORAGE]);
    expect(stdout).toContain(`log      ${RECEIVER}\n  topic  ${word(9)}\n  data   0xab\n`);
    expect(stdout).toContain(`storage  ${RECEIVER} 0x1 = 0x7\n`);
    const { logs, storage } = run(LOGS_AND_STORAGE);
    expect(logs).toEqual([{ address: RECEIVER, topics: [word(9)], data: '0xab' }]);
    expect(storage).toEqual([{ address: RECEIVER, key: '0x1', value: '0x7' }]);
  });

  it.each([
    ['60006000fd', 'revert: reverted'],
    ['fe', 'halt: INVALID instruction'],
    ['01', 'halt: stack underflow'],
    ['600056', 'halt: jump to a place that is no JUMPDEST'],
  ])('ends with 1 and the reason where %s fails', (code, text) => {
    const { status, stdout } = erbium(['run', code]);
    expect(stdout).toContain(`status   ${text}\n`);
    expect(status).toBe(1);
  });

  it('gives the same on each engine, and traces whatever was chosen', () => {
    // SHA-256 of 32 bytes of memory, by precompile 2, kept; then ECRECOVER, which needs other cryptography, with no input.
    const hashes = code(
      call(2n, { inSize: 32, outSize: 32 }),
      push(0),
      'MLOAD',
      storeTop(1),
      call(1n),
      returnTop,
    );
    for (const program of [ADD, LOGS_AND_STORAGE, `0x${Buffer.from(hashes).toString('hex')}`]) {
      const wasm = run(program, '--engine', 'wasm');
      expect(wasm.status).toBe('success');
      expect(run(program, '--engine', 'bigint')).toEqual(wasm);
      expect(run(program)).toEqual(wasm);
    }
    const traced = erbium(['run', ADD, '--engine', 'wasm', '--trace']);
    expect(traced.status).toBe(0);
    expect(traced.stderr).toBe(erbium(['run', ADD, '--trace']).stderr);
    expect(traced.stderr.split('\n').length).toBeGreaterThan(8);
    refuses(['run', ADD, '--engine', 'quick'], ['Allowed choices are auto, wasm, bigint.']);
  });

  it('hands over input and value', () => {
    expect(run('60003560005260206000f3', '--input', word(77)).output).toBe(word(77));
    expect(run('3460005260206000f3', '--value', '123').output).toBe(word(123));
    expect(run('3460005260206000f3', '--value', '0xff').output).toBe(word(255));
  });

  it('creates a contract, with the input behind the init code', () => {
    const plain = run('6001600c60003960016000f3aa', '--create');
    expect(plain.status).toBe('success');
    expect(plain.output).toBe('0xaa');
    expect(plain.created).toMatch(/^0x[0-9a-f]{40}$/);
    expect(run('6001600d60003960016000f3aa', '--create', '--input', 'bb').output).toBe('0xbb');
    const { stdout } = erbium(['run', '6001600c60003960016000f3aa', '--create']);
    expect(stdout).toContain(`created  ${plain.created}\n`);
  });

  it('follows the fork', () => {
    expect(run('5f00', '--fork', 'shanghai').status).toBe('success');
    expect(run('5f00', '--fork', 'Paris')).toMatchObject({ status: 'halt', reason: 'undefined opcode' });
    expect(run('600054', '--fork', 'Frontier').gasUsed).toBe('0x35');
    expect(run('600054', '--fork', 'EIP150').gasUsed).toBe('0xcb');
  });

  it('counts gas exactly up to 2^64 - 1', () => {
    const most = (2n ** 64n - 1n).toString();
    expect(run('5a60005260206000f3', '--gas', most).output).toBe(word(2n ** 64n - 3n));
    expect(run('5a60005260206000f3', '--gas', '0xffffffffffffffff').output).toBe(word(2n ** 64n - 3n));
    expect(run('fe', '--gas', most).gasUsed).toBe('0xffffffffffffffff');
    expect(run(ADD, '--gas', '23')).toMatchObject({ status: 'halt', reason: 'out of gas', gasUsed: '0x17' });
    expect(run(ADD, '--gas', '24').status).toBe('success');
    expect(run(ADD, '--gas', '0').status).toBe('halt');
  });

  it('stops at --timeout whatever the gas limit', () => {
    const { status, stdout } = erbium(['run', LOOP, '--gas', '18446744073709551615', '--timeout', '300']);
    expect(stdout).toContain('status   limit: stopped by --timeout 300\n');
    expect(status).toBe(1);
  });

  it('takes the longest --timeout that a timer does', () => {
    expect(erbium(['run', '00', '--timeout', '2147483647'])).toMatchObject({ status: 0, stderr: '' });
  });

  it('stops at --timeout while it traces', () => {
    const args = ['run', LOOP, '--gas', '18446744073709551615', '--timeout', '200', '--trace'];
    expect(erbium(args).stdout).toContain('limit: stopped by --timeout 200');
  });

  it('starts from accounts as in a genesis file', () => {
    const alloc = {
      [RECEIVER.slice(2)]: { balance: '0x0a', storage: { '0x01': '0x2a' } },
      '0x00000000000000000000000000000000000000ee': { code: '0x6001', balance: '5', nonce: 1 },
    };
    for (const content of [alloc, { config: { chainId: 1 }, alloc }]) {
      const file = folder.write('alloc.json', content);
      expect(run('60015460005260206000f3', '--state', file).output).toBe(word(42));
      expect(run('4760005260206000f3', '--state', file).output).toBe(word(10));
      expect(run('60ee3160005260206000f3', '--state', file).output).toBe(word(5));
      expect(run('60ee3b60005260206000f3', '--state', file).output).toBe(word(2));
    }
  });

  it('takes the sender, the block and, instead of code, the account to call from the line', () => {
    expect(run('3360005260206000f3', '--from', `0x${'00'.repeat(19)}ff`).output).toBe(word(255));
    expect(run('3360005260206000f3').output).toBe(word(SENDER));
    const block = [
      '--block',
      'number=7',
      '--block',
      'timestamp=0x10',
      '--block',
      `coinbase=${'c0'.repeat(20)}`,
    ];
    expect(run('434201410160005260206000f3', ...block).output).toBe(
      word(BigInt(`0x${'c0'.repeat(20)}`) + 23n),
    );
    expect(run('--to', word(4).slice(0, 2) + word(4).slice(26), '--input', 'abcd').output).toBe('0xabcd');
    const file = folder.write('callee.json', { [RECEIVER]: { code: `0x${ADD}` } });
    expect(run('--state', file, '--to', RECEIVER).output).toBe(word(8));
    expect(run('--state', file, '--to', SENDER)).toMatchObject({ status: 'success', output: '0x' });
  });

  it('starts from accounts on standard input, while the code comes from the line', () => {
    const input = JSON.stringify({ [RECEIVER]: { storage: { '0x01': '0x2a' } } });
    expect(erbium(['run', '60015460005260206000f3', '--state', '-'], { input }).stdout).toContain(word(42));
  });

  it('lets the sender pay for the value, and no more', () => {
    const file = folder.write('poor.json', { [SENDER]: { balance: '0x1' } });
    expect(run(`73${SENDER.slice(2)}3160005260206000f3`, '--state', file, '--value', '9').output).toBe(
      word(0),
    );
    expect(run(`73${SENDER.slice(2)}3160005260206000f3`, '--state', file).output).toBe(word(1));
  });

  it('reads code from files, standard input and several words', async () => {
    const file = folder.write('code.hex', `0x${ADD.slice(0, 8)}\n  ${ADD.slice(8)}\r\n`);
    expect(run(`@${file}`).output).toBe(word(8));
    expect(run(ADD.slice(0, 6), ADD.slice(6)).output).toBe(word(8));
    expect(run(`${ADD.slice(0, 6)} ${ADD.slice(6)}`).output).toBe(word(8));
    expect(erbium(['run', '-'], { input: `${ADD}\n` }).stdout).toContain(word(8));
    const slow = await shell(`(sleep 0.3; echo ${ADD}) | erbium run -`, folder.path);
    expect(slow.stdout).toContain(word(8));
  });

  it('takes code of 10 MB of hex', () => {
    const file = folder.write('long.hex', `${'5b'.repeat(5_000_000)}600160005260206000f3`);
    expect(run(`@${file}`).output).toBe(word(1));
  });

  it('writes the steps to standard error, one JSON object a line', () => {
    const { stdout, stderr } = erbium(['run', '--trace', '6001600201']);
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ opName }) => opName).filter(Boolean)).toEqual(['PUSH1', 'PUSH1', 'ADD', 'STOP']);
    expect(lines[2]).toMatchObject({ pc: 4, op: 1, gasCost: '0x3', stack: ['0x1', '0x2'], depth: 1 });
    expect(stdout).toContain('status   success: stopped');
  });

  /** The command may run code without cryptography at first; what comes out must not tell. */
  it.each(PRECOMPILES.map(({ name, address }) => [name, address] as const))('calls %s', (_name, address) => {
    // CALL with all gas and 192 zero bytes; returns success and the size of what came back.
    const call = [push(0), push(0), push(192), push(0), push(0), pushAddress(address)];
    const code = Buffer.concat([...call, hex('5af1 6000 52 3d 6020 52 6040 6000 f3'.replaceAll(' ', ''))]);
    const text = code.toString('hex');
    const evm = createEvm({ fork: 'Osaka' });
    evm.state.put(0xc0den, { code });
    const direct = evm.call({ to: 0xc0den, gas: 10_000_000n });
    const { output, gasUsed, status } = run(text, '--fork', 'Osaka', '--gas', '10000000');
    expect({ status, output, gasUsed }).toEqual({
      status: direct.status,
      output: direct.output,
      gasUsed: `0x${direct.gasUsed.toString(16)}`,
    });
  });

  describe('refuses', () => {
    it.each<[string, string[], string[]]>([
      ['odd digits', ['600'], ['code: hex string has an odd number of digits (3)']],
      ['a character that is no digit', ['60zz'], ['code: "z" at position 2 is not a hex digit']],
      ['text behind @FILE', ['@a', '@b'], ['code: @a must stand alone']],
      ['a lone @', ['@'], ['code: @ must be followed by the name of a file']],
      ['a file that is not there', ['@/nonexistent/file'], ['/nonexistent/file: no such file or folder']],
      ['a folder', ['@/'], ['/: is a folder']],
      ['an endless name', [`@${'x'.repeat(5000)}`], ['the name is too long']],
      ['odd input', ['00', '--input', 'abc'], ['--input: hex string has an odd number of digits']],
      ['a negative value', ['00', '--value', '-1'], ['--value: "-1" is negative']],
      [
        'a value beyond 256 bits',
        ['00', '--value', `0x1${'0'.repeat(64)}`],
        ['--value:', 'above the maximum'],
      ],
      [
        'a value of a million digits',
        ['00', '--value', '9'.repeat(100_000)],
        ['--value: "999', '…', 'above'],
      ],
      [
        'a gas limit of 2^64',
        ['00', '--gas', '18446744073709551616'],
        ['--gas:', 'above the maximum of 18446744073709551615'],
      ],
      ['a broken gas limit', ['00', '--gas', '1.5'], ['--gas: "1.5" is no whole number']],
      ['an empty gas limit', ['00', '--gas', ''], ['--gas: "" is no whole number']],
      ['an unknown fork', ['00', '--fork', 'Atlantis'], ['unknown fork "Atlantis"; known are Frontier, ']],
      ['a timeout in words', ['00', '--timeout', 'soon'], ["'--timeout <ms>'", 'expected a whole number']],
      ['an empty timeout', ['00', '--timeout', ''], ["'--timeout <ms>'", 'expected a whole number']],
      ['a negative timeout', ['00', '--timeout', '-5'], ["'--timeout <ms>'", 'expected a whole number']],
      ['a timeout of more than 2^31 - 1', ['00', '--timeout', '2147483648'], ['expected at most 2147483647']],
      ['no code', [], ["missing required argument 'code'", 'erbium --help']],
      ['an option that is not there', ['00', '--frok', 'Osaka'], ["unknown option '--frok'", '--fork']],
      ['an option without its value', ['00', '--fork'], ["option '--fork <name>' argument missing"]],
    ])('%s', (_name, args, messages) => {
      expect(refuses(['run', ...args], messages).stdout).toBe('');
    });

    it.each<[string, unknown, string[]]>([
      ['cut off', '{"alloc": {', ['not JSON']],
      ['no JSON', 'hello', ['not JSON']],
      ['empty', '', ['not JSON']],
      ['a list', [], ['expected an object, got a list']],
      ['a short address', { '0x12': {} }, ['0x12 (key): expected 20 bytes, got 1']],
      ['an address that is no hex', { xyzw: {} }, ['xyzw (key)', '"x" at position 0 is not a hex digit']],
      [
        'a negative balance',
        { [SENDER]: { balance: -1 } },
        [`${SENDER}.balance: expected a number, got number -1`],
      ],
      [
        'a balance beyond 256 bits',
        { [SENDER]: { balance: `0x1${'0'.repeat(64)}` } },
        ['.balance:', 'exceeds 256 bits'],
      ],
      [
        'a nonce beyond 64 bits',
        { alloc: { [SENDER]: { nonce: '0x10000000000000000' } } },
        [`alloc.${SENDER}.nonce:`, '64 bits'],
      ],
      ['odd code', { [SENDER]: { code: '0x123' } }, ['.code: hex string has an odd number of digits']],
      ['a misspelt field', { [SENDER]: { ballance: '1' } }, [`${SENDER}.ballance: no field of an account`]],
      ['storage as a list', { [SENDER]: { storage: [] } }, ['.storage: expected an object, got a list']],
      [
        'a slot that is no number',
        { [SENDER]: { storage: { '0x0': 'many' } } },
        ['.storage.0x0: expected a number, got string "many"'],
      ],
      [
        'an account that is a string',
        { [SENDER]: 'rich' },
        [`${SENDER}: expected an object, got string "rich"`],
      ],
    ])('--state: %s', (_name, content, messages) => {
      const file = folder.write('bad.json', content);
      refuses(['run', '00', '--state', file], [`${file}: `, ...messages]);
    });

    it('--state: a file that is not there', () => {
      refuses(['run', '00', '--state', 'nope.json'], ['nope.json: no such file or folder']);
    });

    it('code in a file, naming the file', () => {
      const file = folder.write('odd.hex', '6\n0 0');
      refuses(['run', `@${file}`], [`${file}: hex string has an odd number of digits (3)`]);
      refuses(['run', '-'], ['standard input: "q" at position 0'], { input: 'qq' });
    });
  });

  it('survives a reader that stops reading', async () => {
    const { stdout, stderr } = await shell(
      'erbium run --trace 5b600056 --gas 3000000 2>&1 >/dev/null | head -1',
      folder.path,
    );
    expect(stdout).toContain('"pc":0');
    expect(stderr).toBe('');
  });
});

describe('erbium', () => {
  it('tells its version and how to use it', () => {
    expect(erbium(['--version'])).toMatchObject({ status: 0, stderr: '' });
    expect(erbium(['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const help = erbium(['--help']);
    expect(help.status).toBe(0);
    for (const text of ['run', 'disasm', 'statetest', 'Exit codes']) expect(help.stdout).toContain(text);
  });

  it('ends with 2 where it is used wrongly', () => {
    expect(refuses([], ['Usage: erbium']).stdout).toBe('');
    refuses(['fly'], ["unknown command 'fly'"]);
  });
});
