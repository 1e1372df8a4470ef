/** Source lines, by the maps of solc: where an instruction is from, moves by line, breakpoints on lines. */

import { beforeAll, describe, expect, it } from 'vitest';
import type { Debugger } from '../../../src/executor/debug/api.ts';
import { createEvm, ErbiumError, type Evm, keccak256 } from '../../../src/index.ts';
import { readSolcOutput, SolcOutput } from '../../../src/primitives/solc-output.ts';
import { compile } from '../../tracers/contracts.ts';

const SOURCE = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Purse {
  uint256 public total;
  mapping(address => uint256) kept;

  function put(uint256 amount) external {
    uint256 before = total;
    total = sum(before, amount);
    kept[msg.sender] += amount;
    if (total > 100) {
      revert("full");
    }
  }

  function sum(uint256 a, uint256 b) internal pure returns (uint256) {
    uint256 both = a + b;
    return both;
  }
}
`;

const AT = 0x9a3e5en;
const lineOf = (text: string): number => SOURCE.split('\n').findIndex((line) => line.includes(text)) + 1;

describe('source lines', () => {
  let sources: SolcOutput;
  let evm: Evm;

  beforeAll(() => {
    const { input, output } = compile({ 'src/Purse.sol': SOURCE });
    sources = readSolcOutput(input, output);
    evm = createEvm({ fork: 'cancun' });
    evm.setAccount(AT, { code: sources.codes.find(({ kind }) => kind === 'runtime')!.bytes });
  });

  const put = (amount: bigint, options: { sources?: SolcOutput } = { sources }): Promise<Debugger> => {
    const selector = keccak256(new TextEncoder().encode('put(uint256)')).slice(0, 4);
    const data = new Uint8Array(36);
    data.set(selector);
    data[35] = Number(amount);
    return evm.debug({ call: { to: AT, data } }, options);
  };

  /** The lines that a move leads through to the end. */
  const linesOf = (debug: Debugger, move: () => { kind: string }): number[] => {
    const lines: number[] = [];
    while (move().kind === 'done') lines.push(debug.source()!.line);
    return lines;
  };

  it('are shown with their file, their text and the contract', async () => {
    const debug = await put(5n);
    const { id } = debug.addBreakpoint({ kind: 'opcode', opcode: 'SSTORE' });
    debug.continue();
    debug.removeBreakpoint(id);
    expect(debug.source()).toEqual({
      file: 'src/Purse.sol',
      line: lineOf('total = sum'),
      column: 5,
      endLine: lineOf('total = sum'),
      endColumn: 32,
      lineText: '    total = sum(before, amount);',
      text: 'total = sum(before, amount)',
      contract: 'src/Purse.sol:Purse',
      jump: '-',
    });
    expect(debug.sourceProblem()).toBeNull();
    expect(debug.source(0)).toEqual(debug.source());
    debug.continue();
    expect([debug.source(), debug.sourceProblem()]).toEqual([null, 'nothing runs at the end']);
  });

  it('are gone through one by one, into functions or over them, and back', async () => {
    const debug = await put(5n);
    const [put8, before, total, kept, check] = [
      'function put',
      'uint256 before',
      'total = sum',
      'kept[',
      'if (',
    ].map(lineOf);
    const inside = ['function sum', 'uint256 both', 'return both', 'function sum'].map(lineOf);
    const all = linesOf(debug, () => debug.stepLine());
    // The line of the function is that of its arguments and of its end, too.
    expect(all).toEqual([put8, before, total, ...inside, total, kept, check, put8]);
    const back = [];
    while (debug.stepBackLine().kind === 'done') back.unshift(debug.source()!.line);
    expect(back).toEqual(all);
    expect(debug.position).toBe(0);
    const over = linesOf(debug, () => debug.stepLineOver());
    expect(over).toEqual([put8, before, total, kept, check, put8]);
  });

  it('can be stopped at', async () => {
    const debug = await put(101n);
    const line = lineOf('revert(');
    debug.addBreakpoint({ kind: 'line', file: 'Purse.sol', line });
    expect(debug.continue()).toMatchObject({ kind: 'breakpoint', hits: [{ breakpoint: { line } }] });
    expect(debug.source()).toMatchObject({ line, lineText: '      revert("full");' });
    const { position } = debug;
    expect(debug.continue()).toEqual({ kind: 'end' });
    expect(debug.result?.reason).toBe('reverted: full');
    expect(debug.continueBack().kind).toBe('breakpoint');
    expect(debug.position).toBe(position);
    const wrong = (file: string, at: number) => () => debug.addBreakpoint({ kind: 'line', file, line: at });
    expect(wrong('Fish.sol', 1)).toThrow('file: no source "Fish.sol"; known are src/Purse.sol');
    expect(wrong('Purse.sol', 999)).toThrow(/^line: expected 1 to 22, the last line of Purse.sol$/);
  });

  it('that are not known are not guessed', async () => {
    const plain = await put(1n, {});
    expect([plain.source(), plain.sourceProblem()]).toEqual([null, 'there are no sources']);
    plain.stepLine();
    expect(plain.position).toBe(1);
    const other = await evm.debug({ execute: '0x5f5f5f00' }, { sources });
    expect(other.sourceProblem()).toBe('none of the compiled contracts has this code');
    expect(other.stepLine()).toEqual({ kind: 'end' });
    // A map of another build: the machine runs all the same.
    const codes = sources.codes.map((code) => ({ ...code, sourceMap: `${code.sourceMap};;;;` }));
    const misfit = await put(1n, { sources: new SolcOutput(codes, sources.sources) });
    expect(misfit.sourceProblem()).toMatch(/Purse: runtime source map: does not fit the code: \d+ entries/);
    expect(misfit.continue()).toEqual({ kind: 'end' });
    expect(misfit.result?.status).toBe('success');
    expect(() => sources.locate(codes[0]!)).toThrow(ErbiumError);
  });
});
