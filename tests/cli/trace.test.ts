/** `erbium trace`: what it traces, where results go, and what it says of a line that is wrong. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTracers } from '../../src/cli/trace-tracers.ts';
import { bytesToHex, type Hex } from '../../src/primitives/bytes.ts';
import { Anvil } from '../helpers/anvil.ts';
import { code, push, sstore } from '../helpers/assembler.ts';
import { compile, PLAY, playData, SOURCE } from '../tracers/contracts.ts';
import { endless, erbium, json, refuses, SMOKE, useFolder } from './support.ts';

interface Call {
  readonly type: string;
  readonly gasUsed: Hex;
  readonly error?: string;
  readonly calls?: readonly Call[];
}

const folder = useFolder();
const STORES = bytesToHex(code(sstore(1, 2), push(0), push(0), 'RETURN'));
const buildInfo = (): string => {
  const { input, output } = compile({ 'Play.sol': SOURCE });
  return folder.write('build-info.json', `{"input": ${input}, "output": ${output}}`);
};

describe('code', () => {
  it('is run, and its calls are printed', () => {
    const outcome = erbium(['trace', STORES, '--input', '0x01', '--value', '3']);
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    expect(json(outcome)).toMatchObject({ type: 'CALL', input: '0x01', value: '0x3', gasUsed: '0x5660' });
  });

  it('may be traced by several', () => {
    const names = ['structLogger', 'unigramTracer', 'folded', 'access'];
    const outcome = erbium([
      'trace',
      STORES,
      ...names.flatMap((name) => ['--tracer', name]),
      '--tracer-config',
      '{"structLogger": {"disableStack": true}}',
    ]);
    const results = json<Record<string, unknown>>(outcome);
    expect(Object.keys(results)).toEqual(names);
    expect(results.unigramTracer).toEqual({ PUSH1: 4, SSTORE: 1, RETURN: 1 });
    expect((results.structLogger as { structLogs: object[] }).structLogs[0]).not.toHaveProperty('stack');
    expect(results.folded).toContain(';SSTORE 22100\n');
  });

  it('that fails is printed all the same', () => {
    const outcome = erbium(['trace', '5f5ffd']);
    expect(outcome).toMatchObject({ status: 1, stderr: 'erbium: the run ended with revert: reverted\n' });
    expect(json(outcome)).toMatchObject({ error: 'execution reverted' });
  });

  it('may be of a state, or create a contract', () => {
    const address = `0x${'ab'.repeat(20)}`;
    const state = folder.write('alloc.json', {
      alloc: { [address]: { balance: '0', code: '0x4360005260206000f3' } },
    });
    const called = erbium(['trace', '--state', state, '--to', address, '--block', 'number=7']);
    expect(json(called)).toMatchObject({ to: address, output: `0x${'7'.padStart(64, '0')}` });
    expect(json(erbium(['trace', '5f5ff3', '--create']))).toMatchObject({ type: 'CREATE' });
  });

  it('tells what a limit left out', () => {
    const outcome = erbium([
      'trace',
      STORES,
      '--tracer',
      'structLogger',
      '--tracer-config',
      '{"maxBytes": 300}',
    ]);
    expect(outcome.status).toBe(0);
    expect(outcome.stderr).toBe(
      'erbium: structLogger: the limit of 300 bytes was met: steps from there on are left out\n',
    );
    expect(json<{ structLogs: object[] }>(outcome).structLogs).toHaveLength(2);
  });

  it('is stopped by --timeout', () => {
    const outcome = erbium(['trace', '5b5f56', '--timeout', '200', '--tracer', 'unigramTracer']);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toBe('erbium: the run ended with limit: stopped by --timeout 200\n');
    expect(json<Record<string, number>>(outcome).JUMPDEST).toBeGreaterThan(100);
  });

  it('of 32 bytes may have been meant for a transaction', () => {
    const outcome = erbium(['trace', `0x${'00'.repeat(32)}`]);
    expect(outcome).toMatchObject({
      status: 0,
      stderr: 'erbium: taken for code; the hash of a transaction needs --rpc\n',
    });
  });
});

describe('state tests', () => {
  const path = join(SMOKE, 'forks/eip-150-63-of-64.json');

  it('print a line a case, and at last what adds up', () => {
    const all = erbium(['trace', path, '--tracer', 'callTracer', '--tracer', 'folded']);
    const lines = all.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines.slice(0, -1)) expect(Object.keys(line)).toEqual(['case', 'callTracer']);
    expect(Object.keys(lines.at(-1)!)).toEqual(['folded']);
    const [first] = lines as [{ case: string }];
    const one = erbium(['trace', path, '--run', `^${first.case}$`]);
    expect(one.stdout.split('\n')).toHaveLength(2);
  });

  it('write a file a tracer', () => {
    const out = join(folder.path, 'traces');
    const outcome = erbium([
      'trace',
      path,
      '--tracer',
      'prestateTracer',
      '--tracer',
      'flamegraph',
      '--out',
      out,
    ]);
    expect(outcome).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(join(out, 'flamegraph.svg'), 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(readFileSync(join(out, 'prestateTracer.json'), 'utf8')).toMatch(/^\{"case":"/);
  });

  it('have no result where the transaction is invalid', () => {
    const rejects = join(SMOKE, 'forks/eip-155-replay-protection.json');
    const outcome = erbium(['trace', rejects, '--run', 'EIP15']);
    expect(outcome.status).toBe(0);
    const problem = 'the transaction is invalid and does not run';
    expect(outcome.stderr).toBe(`erbium: eip-155-replay-protection/EIP150/d0g0v0: ${problem}\n`);
    expect(json(outcome)).toMatchObject({ case: 'eip-155-replay-protection/EIP158/d0g0v0' });
  });

  it('are stopped by --timeout, with what was seen by then and what has not run', () => {
    const loops = folder.write('loops.json', endless());
    const tracers = ['--tracer', 'unigramTracer', '--tracer', 'folded'];
    const outcome = erbium(['trace', loops, '--timeout', '1500', ...tracers]);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toBe(
      'erbium: push0/Shanghai/d0g0v0: the run ended with limit: stopped by --timeout 1500\n' +
        'erbium: --timeout 1500: the time is up, and of 3 cases 2 have not run\n',
    );
    const [one, all, ...none] = outcome.stdout.trimEnd().split('\n');
    const { unigramTracer } = JSON.parse(one!) as { unigramTracer: Record<string, number> };
    expect(unigramTracer.JUMPDEST).toBeGreaterThan(100);
    expect((JSON.parse(all!) as { folded: string }).folded).toContain(';JUMPDEST ');
    expect(none).toEqual([]);
    const nothing = erbium(['trace', loops, '--timeout', '0']);
    expect(nothing).toMatchObject({ status: 1, stdout: '' });
    expect(nothing.stderr).toBe('erbium: --timeout 0: the time is up, and of 3 cases 3 have not run\n');
    // A case that ends in time is none of these.
    expect(erbium(['trace', path, '--timeout', '60000'])).toMatchObject({ status: 0, stderr: '' });
  });

  it('are refused where none is chosen', () => {
    refuses(['trace', path, '--run', 'nothing'], ['eip-150-63-of-64.json: no case is chosen']);
    refuses(['trace', path, '--run', '('], ['--run: Invalid regular expression']);
    refuses(['trace', path, '--gas', '1'], ['--gas: the state test has its own']);
  });
});

describe('coverage', () => {
  it('is of the lines that ran', () => {
    const init = folder.write('play.hex', PLAY);
    const info = buildInfo();
    const outcome = erbium([
      'trace',
      `@${init}`,
      '--create',
      '--value',
      '9',
      '--tracer',
      'lcov',
      '--build-info',
      info,
    ]);
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    const line = (text: string): number => SOURCE.split('\n').findIndex((row) => row.includes(text)) + 1;
    expect(outcome.stdout).toContain(`DA:${line('child = new Child')},1\n`);
    expect(outcome.stdout).toContain(`DA:${line('require(value != 13')},1\n`);
    expect(outcome.stdout).toContain(`DA:${line('slots[5] = 1')},0\n`);
    refuses(
      ['trace', STORES, '--tracer', 'lcov', '--build-info', info],
      ['solc output: does not fit the run: none of the 1 codes'],
    );
    refuses(['trace', STORES, '--build-info', init], ['play.hex: not JSON']);
  });
});

describe('a transaction of a node', () => {
  let anvil: Anvil;
  const hashes: Hex[] = [];
  let play: Hex;

  beforeAll(async () => {
    anvil = await Anvil.start('--hardfork', 'prague', '--accounts', '1', '--chain-id', '4242');
    const [sender] = await anvil.rpc<[Hex]>('eth_accounts');
    const send = (fields: object): Promise<Hex> =>
      anvil.rpc<Hex>('eth_sendTransaction', { from: sender, gas: '0x2dc6c0', ...fields });
    const receipt = (hash: Hex) => anvil.receipt<{ contractAddress: Hex; gasUsed: Hex }>(hash);
    play = (await receipt(await send({ data: PLAY, value: '0x64' }))).contractAddress;
    // All in one block, of which each depends on the one before it.
    await anvil.rpc('evm_setAutomine', false);
    for (const name of ['nested', 'caught', 'clears']) {
      hashes.push(await send({ to: play, data: playData(name, ...(name === 'nested' ? [3n] : [])) }));
    }
    // Of the older types; anvil loses those that pay more than the ones before them.
    for (const fields of [{ type: '0x0' }, { accessList: [] }]) {
      hashes.push(await send({ to: play, data: playData('clears'), gasPrice: '0x6b49d200', ...fields }));
    }
    await anvil.rpc('evm_mine');
    for (const hash of hashes) await receipt(hash);
  }, 60_000);
  afterAll(() => anvil?.stop());

  it.each([0, 1, 2])('is traced after those before it in its block: %s', async (index) => {
    const hash = hashes[index]!;
    const line = ['trace', hash, '--rpc', anvil.url, '--fork', 'Prague'];
    const outcome = erbium([...line, '--tracer', 'callTracer', '--tracer', 'flatCallTracer']);
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    const { callTracer, flatCallTracer } = json<{ callTracer: Call; flatCallTracer: object[] }>(outcome);
    const theirs = await anvil.rpc<Call>('debug_traceTransaction', hash, { tracer: 'callTracer' });
    const { gasUsed } = await anvil.receipt<{ gasUsed: Hex }>(hash);
    // anvil gives the gas of all transactions of the block up to this one.
    expect(callTracer.gasUsed).toBe(gasUsed);
    expect(JSON.stringify(callTracer.calls?.map((call) => call.gasUsed))).toBe(
      JSON.stringify(theirs.calls?.map((call) => call.gasUsed)),
    );
    expect(flatCallTracer[0]).toMatchObject({
      transactionHash: hash,
      transactionPosition: index,
      blockNumber: 2,
    });
  });

  it.each([0, 3, 4])('is recorded, and comes out the same without the node: %s', async (index) => {
    const hash = hashes[index]!;
    const record = join(folder.path, 'transaction.json');
    const traced = erbium(['trace', hash, '--rpc', anvil.url, '--fork', 'Prague', '--record', record]);
    expect(traced).toMatchObject({ status: 0, stderr: '' });
    const again = json<{ same: boolean; outcome: object }>(erbium(['replay', record, '--json']));
    const { gasUsed } = await anvil.receipt<{ gasUsed: Hex }>(hash);
    expect(again).toMatchObject({ same: true, outcome: { gasUsed } });
    expect(readFileSync(record, 'utf8')).not.toContain('http');
  });

  it('cannot be recorded where its sender has not signed it', async () => {
    const from = `0x${'99'.repeat(20)}`;
    await anvil.rpc('anvil_setBalance', from, '0xde0b6b3a7640000');
    await anvil.rpc('anvil_impersonateAccount', from);
    const hash = await anvil.rpc<Hex>('eth_sendTransaction', { from, to: play, data: playData('clears') });
    await anvil.rpc('evm_mine');
    await anvil.receipt(hash);
    const line = [
      'trace',
      hash,
      '--rpc',
      anvil.url,
      '--fork',
      'Prague',
      '--record',
      `${folder.path}/none.json`,
    ];
    const { stdout } = refuses(line, ['no signature of the sender of the transaction: nothing is written']);
    // What was traced is shown all the same.
    expect(JSON.parse(stdout)).toMatchObject({ type: 'CALL', from });
  });

  it('is named by a flame graph', () => {
    const outcome = erbium([
      'trace',
      hashes[0]!,
      '--rpc',
      anvil.url,
      '--fork',
      'Prague',
      '--tracer',
      'flamegraph',
      '--build-info',
      buildInfo(),
    ]);
    expect(outcome.status).toBe(0);
    expect(outcome.stdout).toContain(`<title id="title">Gas of transaction ${hashes[0]}</title>`);
    expect(outcome.stdout).toContain('>Play.nested(uint256)</text>');
  });

  it('sums over one run, though what it needs is fetched in several', () => {
    const call = erbium([
      'trace',
      '--state',
      `rpc:${anvil.url}`,
      '--to',
      play,
      '--input',
      playData('nested', 2n),
      '--tracer',
      'folded',
      '--tracer',
      'callTracer',
      '--fork',
      'Prague',
    ]);
    const { folded, callTracer } = json<{ folded: string; callTracer: Call }>(call);
    const sum = folded
      .trimEnd()
      .split('\n')
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
    expect(sum).toBe(Number(callTracer.gasUsed));
  });

  it('is refused where there is none', () => {
    const none = `0x${'12'.repeat(32)}`;
    refuses(['trace', none, '--rpc', anvil.url], [`it has no transaction ${none}`]);
    refuses(
      ['trace', hashes[0]!, '--rpc', anvil.url, '--fork', 'Frontier'],
      ['is invalid under Frontier', '--fork names another fork'],
    );
    refuses(
      ['trace', '0x1234', '--rpc', anvil.url],
      ['--rpc: expected the hash of a transaction, 0x and 64 digits'],
    );
    refuses(['trace', hashes[0]!, '--rpc', 'ftp://x'], ['rpc: expected an http or https URL']);
    refuses(['trace', hashes[0]!, '--rpc', anvil.url, '--gas', '1'], ['--gas: the transaction has its own']);
  });
});

describe('a line that is wrong', () => {
  it.each([
    [[], ['expected code, a state test (.json), --to with --state, or a transaction with --rpc']],
    [['00', '--tracer', 'foo'], ['erbium: --tracer: there is no "foo"; there are callTracer, ']],
    [['00', '--to', '0xaa'], ['--to: runs the code there, so none can be given']],
    [['none.json'], ['none.json: no such file or folder']],
    [['00', '--timeout', 'soon'], ['is invalid. expected a whole number']],
  ])('is refused: %j', (line, messages) => {
    refuses(['trace', ...line], messages);
  });

  it.each([
    [['access', 'access'], undefined, '--tracer: access is named twice'],
    [['callTracer'], '{', '--tracer-config: not JSON'],
    [['callTracer'], '[]', '--tracer-config: expected an object'],
    [
      ['callTracer'],
      '{"withlog": true}',
      'callTracer has no option "withlog"; it has onlyTopCall, withLog, maxBytes',
    ],
    [['callTracer'], '{"withLog": 1}', 'callTracer: withLog is true or false'],
    [['callTracer'], '{"maxBytes": -1}', 'callTracer: maxBytes is a whole number of bytes'],
    [
      ['access', 'folded'],
      '{"maxBytes": 1}',
      '"maxBytes" is none of the tracers; for several tracers it has',
    ],
    [['access', 'folded'], '{"access": 1}', 'access: expected an object'],
    [['lcov'], undefined, '--tracer lcov: needs --build-info'],
    [['constructor'], undefined, 'there is no "constructor"'],
  ])('is refused: %j %s', (names, config, message) => {
    const around = { place: undefined, solc: undefined, title: '' };
    expect(() => makeTracers(names, config, around)).toThrowError(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) }),
    );
  });
});
