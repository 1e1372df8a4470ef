/** Coverage of a small Solidity project, line by line, and what is said of source maps that do not fit. */

import { describe, expect, it } from 'vitest';
import { createEvm, type Hex } from '../../src/index.ts';
import { bytesToHex, concatBytes, hexToBytes } from '../../src/primitives/bytes.ts';
import { readSolcOutput, type SolcOutput } from '../../src/primitives/solc-output.ts';
import { coverageTracer, lcovReport } from '../../src/tracers/index.ts';
import { compile } from './contracts.ts';

// What is expected of a line stands at its end: how often it runs, or nothing for lines without code
// of their own, as those of modifiers are, which become part of functions.
const MATHS = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// A comment with letters of more than one byte: äöü €.
library Maths {
  function half(uint256 a) internal pure returns (uint256) { // 4
    return a / 2; // 4
  }
  function external3(uint256 a) external pure returns (uint256) { // 1
    return a * 3; // 1
  }
}

abstract contract Owned {
  address internal owner;
  modifier onlyOwner() {
    require(msg.sender == owner, unicode"nö"); // 3
    _;
  }
  function given(address to) external onlyOwner { // 0
    owner = to; // 0
  }
}
`;
const COUNTER = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;
import "./Maths.sol";

contract Counter is Owned {
  uint256 public immutable start;
  uint256 public count;
  event Counted(uint256 value);

  constructor(uint256 from) { // 1
    start = from; // 1
    owner = msg.sender; // 1
  }

  function add(uint256 times) external onlyOwner { // 3
    for (uint256 i = 0; i < times; i++) { // 6
      if (i % 2 == 0) { // 4
        count += Maths.half( // 3
          i + 4 // 3
        );
      } else {
        count += 1; // 1
      }
    }
    if (times == 7) { // 2
      revert("seven"); // 0
    }
    emit Counted(count); // 2
  }

  function triple() external view returns (uint256) { // 1
    return Maths.external3(Maths.half(count)); // 1
  }

  function unused() external pure returns (string memory) { // 0
    return "never"; // 0
  }
}
`;

interface Compiled {
  readonly solc: SolcOutput;
  readonly input: string;
  readonly output: string;
}

function compiled(optimizer = false): Compiled {
  const { input, output } = compile({ 'src/Counter.sol': COUNTER, 'src/Maths.sol': MATHS }, optimizer);
  return { solc: readSolcOutput(input, output), input, output };
}

const OWNER: Hex = '0x00000000000000000000000000000000000000aa';
const OTHER: Hex = '0x00000000000000000000000000000000000000bb';
const word = (value: bigint): string => value.toString(16).padStart(64, '0');

/** Runs what the comments say, and gives the codes that ran. */
function covered({ solc }: Compiled) {
  const tracer = coverageTracer();
  const evm = createEvm({ tracer, fork: 'Cancun' });
  const find = (name: string) =>
    solc.codes.find((code) => code.name.endsWith(name) && code.kind === 'creation')!;
  const library = evm.create({ from: OWNER, data: find(':Maths').bytes });
  const counter = find(':Counter');
  const runtime = solc.codes.find((code) => code.name === counter.name && code.kind === 'runtime')!;
  const address = hexToBytes(library.created!);
  const linked = counter.bytes.slice();
  // The library's place, in the runtime code that the init code holds.
  const at = bytesToHex(linked).indexOf(`73${'0'.repeat(40)}`) / 2;
  expect(runtime.holes.some(({ length }) => length === 20)).toBe(true);
  linked.set(address, at);
  const created = evm.create({ from: OWNER, data: concatBytes(linked, hexToBytes(word(9n))) });
  expect(created.status).toBe('success');
  const to = created.created!;
  const selectors = new Map([...counter.functions].map(([selector, signature]) => [signature, selector]));
  const call = (signature: string, args = '', from = OWNER) => {
    const data = selectors.get(signature)! + args;
    return evm.transact({ from, to, data, gas: 1_000_000n, gasPrice: 0n }).status;
  };
  expect(call('add(uint256)', word(3n))).toBe('success');
  expect(call('add(uint256)', word(1n))).toBe('success');
  expect(call('add(uint256)', word(1n), OTHER)).toBe('revert');
  expect(call('triple()')).toBe('success');
  return tracer.codes();
}

interface SourceRecord {
  readonly lines: Map<number, number>;
  readonly functions: Map<string, { line: number; count: number }>;
  readonly totals: Record<string, number>;
}

/** Reads a tracefile as the manual of geninfo describes it. */
function parseLcov(text: string): Map<string, SourceRecord> {
  const files = new Map<string, SourceRecord>();
  let file: SourceRecord | undefined;
  for (const line of text.split('\n')) {
    const [, key = '', rest = ''] = /^([A-Z]+):(.*)$/.exec(line) ?? [];
    const [first = '', second = ''] = rest.split(',');
    if (key === 'SF') {
      expect(files.has(rest)).toBe(false);
      file = { lines: new Map(), functions: new Map(), totals: {} };
      files.set(rest, file);
    } else if (key === 'DA') file!.lines.set(Number(first), Number(second));
    else if (key === 'FN') file!.functions.set(second, { line: Number(first), count: -1 });
    else if (key === 'FNDA') file!.functions.get(second)!.count = Number(first);
    else if (/^(LF|LH|FNF|FNH)$/.test(key)) file!.totals[key] = Number(first);
    else expect(['TN:', 'end_of_record', '']).toContain(line);
  }
  return files;
}

const expected = (source: string): Map<number, number> =>
  new Map(
    source.split('\n').flatMap((line, i) => {
      const count = / \/\/ (\d+)$/.exec(line)?.[1];
      return count === undefined ? [] : [[i + 1, Number(count)] as const];
    }),
  );

describe('lcov', () => {
  const project = compiled();
  const { text, unknown } = lcovReport(covered(project), project.solc);
  const files = parseLcov(text);

  it.each([
    ['src/Counter.sol', COUNTER],
    ['src/Maths.sol', MATHS],
  ])('counts each line of %s', (name, source) => {
    const { lines, totals } = files.get(name)!;
    const wanted = expected(source);
    // Getters of public variables, whose line is that of the variable.
    const getters = [6, 7];
    const counted = [...lines].filter(([line]) => name !== 'src/Counter.sol' || !getters.includes(line));
    expect(new Map(counted)).toEqual(wanted);
    expect(totals.LF).toBe(lines.size);
    expect(totals.LH).toBe([...lines.values()].filter((count) => count > 0).length);
  });

  it('counts functions', () => {
    const { functions, totals } = files.get('src/Counter.sol')!;
    expect(Object.fromEntries(functions)).toMatchObject({
      constructor: { line: 10, count: 1 },
      add: { line: 15, count: 3 },
      triple: { line: 31, count: 1 },
      unused: { line: 35, count: 0 },
    });
    expect(totals).toMatchObject({ FNF: 4, FNH: 3 });
    expect(unknown).toEqual([]);
  });

  it('tells of code that is of none of the contracts', () => {
    const tracer = coverageTracer();
    const evm = createEvm({ tracer });
    evm.execute('0x6001600055');
    const [bare] = tracer.codes();
    expect(lcovReport([...covered(project), bare!], project.solc).unknown).toEqual([bare!.codeHash]);
    expect(() => lcovReport([bare!], project.solc)).toThrowError(
      expect.objectContaining({
        code: 'INVALID_SOURCE_MAP',
        message: expect.stringContaining('none of the 1 codes that ran is of its 2 contracts'),
      }),
    );
  });

  it('refuses a source map that is of other code', () => {
    const output = JSON.parse(project.output) as {
      contracts: Record<string, Record<string, { evm: { deployedBytecode: { sourceMap: string } } }>>;
    };
    const code = output.contracts['src/Counter.sol']!.Counter!.evm.deployedBytecode;
    const refused = (sourceMap: string, problem: RegExp): void => {
      code.sourceMap = sourceMap;
      const solc = readSolcOutput(project.input, JSON.stringify(output));
      expect(() => lcovReport([], solc)).toThrowError(
        expect.objectContaining({ code: 'INVALID_SOURCE_MAP', message: expect.stringMatching(problem) }),
      );
    };
    const { sourceMap } = code;
    const name = 'src/Counter.sol:Counter: runtime source map';
    refused(
      sourceMap.slice(0, sourceMap.length >> 1),
      new RegExp(`${name}: does not fit the code: \\d+ entries, but the code goes on`),
    );
    refused(`${sourceMap};`.padEnd(sourceMap.length + 5_000, ';'), /entries, but \d+ instructions in/);
    refused(
      `9999:5${sourceMap.slice(sourceMap.indexOf(':', sourceMap.indexOf(':') + 1))}`,
      /does not fit the source: entry 0 reaches to byte 10004 of src/,
    );
    refused('1:x', /entry 0: "x" is no number/);
  });
});
