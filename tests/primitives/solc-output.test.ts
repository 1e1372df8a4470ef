import { describe, expect, it } from 'vitest';
import { bytesToHex, concatBytes, hexToBytes } from '../../src/primitives/bytes.ts';
import { readBuildInfo, readSolcOutput } from '../../src/primitives/solc-output.ts';

const RUNTIME = '7f00000000000000000000000000000000000000000000000000000000000000005050fe0102';
const LIBRARY = `73${'00'.repeat(20)}301450`;
const INPUT = { sources: { 'A.sol': { content: 'contract A {\n  uint x;\n}\n' } } };

const codeOf = (object: string, sourceMap: string, more: object = {}) => ({ object, sourceMap, ...more });

const output = (more: object = {}) => ({
  sources: { 'A.sol': { id: 3 } },
  contracts: {
    'A.sol': {
      A: {
        evm: {
          bytecode: codeOf('6001600255', '0:5:3;;'),
          deployedBytecode: codeOf(RUNTIME, '0:8:3;15:4:3;-1:-1:-1', {
            immutableReferences: { 7: [{ start: 1, length: 32 }] },
          }),
          methodIdentifiers: { 'f(uint256)': 'abcdef01' },
        },
      },
      L: { evm: { bytecode: codeOf('', ''), deployedBytecode: codeOf(LIBRARY, '0:5:3;;;') } },
      I: { evm: { bytecode: codeOf('', ''), deployedBytecode: codeOf('', '') } },
    },
  },
  ...more,
});

const read = (made: object = output(), given: object = INPUT) =>
  readSolcOutput(JSON.stringify(given), JSON.stringify(made));

describe('solc output', () => {
  const solc = read();
  const deployed = hexToBytes(RUNTIME);
  deployed.fill(0xab, 1, 33);

  it('knows deployed code by all but its immutables', () => {
    expect(solc.find(deployed)?.compiled).toMatchObject({ name: 'A.sol:A', kind: 'runtime' });
    const other = deployed.slice();
    other[34] = 0x51;
    expect(solc.find(other)).toBeUndefined();
    expect(solc.find(deployed.subarray(0, -1))).toBeUndefined();
    expect(solc.find(new Uint8Array(0))).toBeUndefined();
  });

  it('knows a library by all but its address', () => {
    const library = hexToBytes(LIBRARY.replaceAll('00', '11'));
    expect(solc.find(library)?.compiled.name).toBe('A.sol:L');
  });

  it('knows init code with arguments behind it', () => {
    const init = concatBytes(hexToBytes('6001600255'), hexToBytes('ff'.repeat(32)));
    expect(solc.find(init)?.compiled).toMatchObject({ name: 'A.sol:A', kind: 'creation' });
  });

  it('gives the places of instructions', () => {
    const located = solc.find(deployed)!;
    expect(solc.spotAt(located, 0)).toMatchObject({
      from: { line: 1, column: 1 },
      to: { line: 1, column: 9 },
    });
    expect(solc.spotAt(located, 33)).toMatchObject({
      from: { line: 2, column: 3 },
      to: { line: 2, column: 7 },
    });
    // Of no source, inside a constant, in data.
    expect([34, 5, 36].map((pc) => solc.spotAt(located, pc))).toEqual([undefined, undefined, undefined]);
    expect(located.compiled.functions.get('0xabcdef01')).toBe('f(uint256)');
    expect(bytesToHex(located.compiled.bytes)).toBe(`0x${RUNTIME}`);
  });

  it('is read from build-info, too', () => {
    const both = readBuildInfo(JSON.stringify({ input: INPUT, output: output() }));
    expect(both.codes).toEqual(solc.codes);
  });

  it.each([
    [output(), { sources: {} }, 'solc input: sources.A.sol: missing'],
    [output(), { sources: { 'A.sol': { urls: ['x'] } } }, 'solc input: sources.A.sol.content: missing'],
    [output({ sources: undefined }), INPUT, 'solc output: sources: missing'],
    [
      output({ contracts: { 'A.sol': { A: { abi: [] } } } }),
      INPUT,
      'solc output: contracts.A.sol.A.evm: missing',
    ],
    [
      output({ contracts: { 'A.sol': { A: { evm: { deployedBytecode: codeOf('6', '') } } } } }),
      INPUT,
      'solc output: contracts.A.sol.A.evm.deployedBytecode.object: hex string has an odd number of digits',
    ],
  ])('is refused where something is missing', (made, given, message) => {
    expect(() => read(made, given)).toThrowError(
      expect.objectContaining({ code: 'INVALID_SOURCE_MAP', message: expect.stringContaining(message) }),
    );
  });

  it('is refused where it is no JSON', () => {
    expect(() => readBuildInfo('{', 'x.json')).toThrowError(/^x\.json: not JSON/);
  });
});
