/**
 * What solc's standard JSON tells of contracts: their code, source maps and sources, and which of them given code is of.
 * The output alone has no source text: that is in the input, so both are read. Source maps themselves: `source-map.ts`.
 *
 * Format: https://docs.soliditylang.org/en/latest/using-the-compiler.html#compiler-input-and-output-json-description
 */

import { ErbiumError } from './errors.ts';
import { Field, parseJson } from './json.ts';
import { MappedCode, type SourcePlace, type SourceRange, SourceText } from './source-map.ts';

/** Bytes that differ in deployed code from what was compiled: immutables, addresses of libraries. */
export interface CodeHole {
  readonly start: number;
  readonly length: number;
}

/** Code of a contract, as compiled. */
export interface CompiledCode {
  /** `file:Contract`. */
  readonly name: string;
  readonly kind: 'creation' | 'runtime';
  /** With its holes as zeros. */
  readonly bytes: Uint8Array;
  readonly sourceMap: string;
  readonly holes: readonly CodeHole[];
  /** Signatures of its functions by selector, `0x` and 8 digits. */
  readonly functions: ReadonlyMap<string, string>;
}

/** Code that was found among the compiled contracts: pc to source. */
export interface LocatedCode {
  readonly compiled: CompiledCode;
  readonly map: MappedCode;
}

/** Where an instruction stands in a source. */
export interface SourceSpot {
  readonly source: SourceText;
  readonly range: SourceRange;
  readonly from: SourcePlace;
  readonly to: SourcePlace;
}

/** The contracts of one run of solc. */
export class SolcOutput {
  readonly codes: readonly CompiledCode[];
  /** By their number. */
  readonly sources: ReadonlyMap<number, SourceText>;
  private readonly located = new Map<CompiledCode, LocatedCode>();

  constructor(codes: readonly CompiledCode[], sources: ReadonlyMap<number, SourceText>) {
    this.codes = codes;
    this.sources = sources;
  }

  /**
   * What given code is of: the same bytes outside its holes; init code may have arguments behind it.
   * @throws ErbiumError INVALID_SOURCE_MAP where the map of that contract does not fit
   */
  find(code: Uint8Array): LocatedCode | undefined {
    const compiled = this.codes.find((candidate) => isOf(code, candidate));
    return compiled === undefined ? undefined : this.locate(compiled);
  }

  /**
   * Puts the map of a contract over its code.
   * @throws ErbiumError INVALID_SOURCE_MAP where they do not fit, or a range reaches beyond its source
   */
  locate(compiled: CompiledCode): LocatedCode {
    let located = this.located.get(compiled);
    if (located === undefined) {
      const { name, kind, bytes, sourceMap } = compiled;
      const title = `${name}: ${kind} source map`;
      const map = new MappedCode(bytes, sourceMap, title);
      for (const [i, { file, start, length }] of map.ranges.entries()) {
        const source = this.sources.get(file);
        if (source === undefined || start + length <= source.size) continue;
        const problem = `entry ${i} reaches to byte ${start + length} of ${source.name}, which has ${source.size}`;
        throw new ErbiumError('INVALID_SOURCE_MAP', `${title}: does not fit the source: ${problem}`);
      }
      located = { compiled, map };
      this.located.set(compiled, located);
    }
    return located;
  }

  /** The place in a source of the instruction at `pc`; undefined for code that the compiler made up. */
  spotAt({ map }: LocatedCode, pc: number): SourceSpot | undefined {
    const range = map.rangeAt(pc);
    const source = range === undefined ? undefined : this.sources.get(range.file);
    if (range === undefined || source === undefined || range.length < 0) return undefined;
    const from = source.placeOf(range.start);
    const to = source.placeOf(range.start + range.length);
    return from === undefined || to === undefined ? undefined : { source, range, from, to };
  }
}

function isOf(code: Uint8Array, { bytes, kind, holes }: CompiledCode): boolean {
  if (bytes.length === 0) return false;
  if (kind === 'runtime' ? code.length !== bytes.length : code.length < bytes.length) return false;
  let at = 0;
  for (const { start, length } of holes) {
    for (; at < start; at++) if (code[at] !== bytes[at]) return false;
    at = start + length;
  }
  for (; at < bytes.length; at++) if (code[at] !== bytes[at]) return false;
  return true;
}

/**
 * Reads the input and the output of `solc --standard-json`, which must have been asked for the bytecode and
 * deployedBytecode of all contracts.
 * @throws ErbiumError INVALID_SOURCE_MAP naming the file and the field
 */
export function readSolcOutput(
  input: string,
  output: string,
  names: { readonly input: string; readonly output: string } = { input: 'solc input', output: 'solc output' },
): SolcOutput {
  return read(parseJson(input, names.input, CODE), parseJson(output, names.output, CODE));
}

/**
 * Reads both from one JSON object, `{ "input": …, "output": … }`, as Foundry and Hardhat write them to `build-info`.
 * @throws ErbiumError INVALID_SOURCE_MAP naming the file and the field
 */
export function readBuildInfo(text: string, name = 'build-info'): SolcOutput {
  const both = parseJson(text, name, CODE);
  return read(both.get('input'), both.get('output'));
}

const CODE = 'INVALID_SOURCE_MAP';

function read(input: Field, output: Field): SolcOutput {
  const texts = input.get('sources');
  const sources = new Map<number, SourceText>();
  for (const [file, field] of output.get('sources').entries()) {
    const content = texts.get(file).get('content').string();
    sources.set(Number(field.get('id').number(31)), new SourceText(file, content));
  }
  const codes: CompiledCode[] = [];
  for (const [file, contracts] of output.get('contracts').entries()) {
    for (const [contract, field] of contracts.entries()) {
      const evm = field.get('evm');
      const functions = new Map<string, string>();
      for (const [signature, selector] of evm.maybe('methodIdentifiers')?.entries() ?? []) {
        functions.set(`0x${selector.string()}`, signature);
      }
      const name = `${file}:${contract}`;
      codes.push(readCode(evm.get('deployedBytecode'), name, 'runtime', functions));
      codes.push(readCode(evm.get('bytecode'), name, 'creation', functions));
    }
  }
  return new SolcOutput(codes, sources);
}

// A library compares its own address, which only its deployment knows, with the one that it runs at.
const LIBRARY = /^73(?:00){20}3014/;

function readCode(
  field: Field,
  name: string,
  kind: CompiledCode['kind'],
  functions: CompiledCode['functions'],
): CompiledCode {
  const object = field.get('object');
  // Before linking, the address of a library is a placeholder: __$…$__.
  const digits = object.string().replaceAll(/__.{36}__/g, '0'.repeat(40));
  const bytes = new Field(digits, object.file, object.path, CODE).bytes();
  const holes: CodeHole[] = [];
  for (const [, references] of field.maybe('immutableReferences')?.entries() ?? [])
    addHoles(holes, references);
  for (const [, file] of field.maybe('linkReferences')?.entries() ?? []) {
    for (const [, references] of file.entries()) addHoles(holes, references);
  }
  if (kind === 'runtime' && LIBRARY.test(digits)) holes.push({ start: 1, length: 20 });
  holes.sort((a, b) => a.start - b.start);
  return { name, kind, bytes, sourceMap: field.get('sourceMap').string(), holes, functions };
}

function addHoles(holes: CodeHole[], references: Field): void {
  for (const reference of references.list()) {
    const start = Number(reference.get('start').number(31));
    const length = Number(reference.get('length').number(31));
    holes.push({ start, length });
  }
}
