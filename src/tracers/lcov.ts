/**
 * Coverage of Solidity sources in the format of lcov's tracefiles, which genhtml and editors show: lines and functions.
 * Source: geninfo(1), section "Files".
 *
 * An instruction belongs to the line on which its range begins, so that a statement of several lines counts on its first. A
 * line ran as often as its most frequent instruction. What stands for a whole contract, as the dispatcher does, is no line.
 */

import type { Hex } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import type { LocatedCode, SolcOutput, SourceSpot } from '../primitives/solc-output.ts';
import type { CodeCoverage } from './coverage.ts';

/** Coverage by lines. */
export interface LcovReport {
  /** A tracefile of lcov. */
  readonly text: string;
  /** Hashes of code that ran and is of none of the contracts. */
  readonly unknown: readonly Hex[];
}

const CONTRACT = /^(?:abstract\s+)?(?:contract|library|interface)\s/;
const FUNCTION = /^(?:function\s+([\w$]+)|(constructor|receive|fallback)\s*\()/;
/** No name of a function is longer than what is looked at. */
const HEAD_BYTES = 200;

/** Counts of one source. */
interface FileCoverage {
  readonly lines: Map<number, number>;
  readonly functions: Map<string, { line: number; count: number }>;
}

/**
 * The coverage of all contracts that solc compiled, those included that never ran.
 * @throws ErbiumError INVALID_SOURCE_MAP where a source map does not fit its code or source, or no code that ran is of these
 * contracts
 */
export function lcovReport(codes: readonly CodeCoverage[], solc: SolcOutput): LcovReport {
  const hits = new Map<LocatedCode, Float64Array>();
  for (const compiled of solc.codes) {
    if (compiled.bytes.length > 0) hits.set(solc.locate(compiled), new Float64Array(compiled.bytes.length));
  }
  const unknown: Hex[] = [];
  for (const { code, codeHash, hits: counted } of codes) {
    const located = solc.find(code);
    if (located === undefined) {
      unknown.push(codeHash);
      continue;
    }
    const sum = hits.get(located)!;
    for (let pc = 0; pc < sum.length; pc++) sum[pc]! += counted[pc]!;
  }
  if (codes.length > 0 && unknown.length === codes.length) {
    const problem = `none of the ${codes.length} codes that ran is of its ${hits.size / 2} contracts`;
    throw new ErbiumError('INVALID_SOURCE_MAP', `solc output: does not fit the run: ${problem}`);
  }
  const files = new Map<string, FileCoverage>();
  for (const source of solc.sources.values()) {
    files.set(source.name, { lines: new Map(), functions: new Map() });
  }
  for (const [located, counts] of hits) addCode(located, counts, solc, files);
  const shown = [...files].filter(([, { lines }]) => lines.size > 0).sort();
  return { text: shown.map(([name, file]) => record(name, file)).join(''), unknown };
}

/** Counts of one code, added to those of its sources: code of a base contract runs in many. */
function addCode(
  located: LocatedCode,
  counts: Float64Array,
  solc: SolcOutput,
  files: ReadonlyMap<string, FileCoverage>,
): void {
  const own = new Map<string, FileCoverage>();
  const heads = new Map<string, string>();
  for (const pc of located.map.pcs) {
    const spot = solc.spotAt(located, pc);
    if (spot === undefined) continue;
    const head = headOf(spot, heads);
    if (CONTRACT.test(head)) continue;
    const { name } = spot.source;
    let file = own.get(name);
    if (file === undefined) {
      file = { lines: new Map(), functions: new Map() };
      own.set(name, file);
    }
    const count = counts[pc]!;
    const { line } = spot.from;
    file.lines.set(line, Math.max(file.lines.get(line) ?? 0, count));
    const [isFunction, named, special] = FUNCTION.exec(head) ?? [];
    if (isFunction === undefined) continue;
    const key = `${named ?? special}:${line}`;
    const before = file.functions.get(key)?.count ?? 0;
    file.functions.set(key, { line, count: Math.max(before, count) });
  }
  for (const [name, { lines, functions }] of own) {
    const file = files.get(name)!;
    for (const [line, count] of lines) file.lines.set(line, (file.lines.get(line) ?? 0) + count);
    for (const [key, { line, count }] of functions) {
      file.functions.set(key, { line, count: (file.functions.get(key)?.count ?? 0) + count });
    }
  }
}

function headOf({ source, range }: SourceSpot, heads: Map<string, string>): string {
  const key = `${range.file}:${range.start}:${range.length}`;
  let head = heads.get(key);
  if (head === undefined) {
    head = source.slice(range.start, Math.min(range.length, HEAD_BYTES));
    heads.set(key, head);
  }
  return head;
}

function record(name: string, { lines, functions }: FileCoverage): string {
  const byLine = [...functions].sort(([, a], [, b]) => a.line - b.line);
  const names = byLine.map(([key]) => key.slice(0, key.lastIndexOf(':')));
  // Overloads need names of their own.
  const nameOf = (i: number): string =>
    names.indexOf(names[i]!) === names.lastIndexOf(names[i]!)
      ? names[i]!
      : `${names[i]}@${byLine[i]![1].line}`;
  const text = ['TN:', `SF:${name}`];
  for (const [i, [, { line }]] of byLine.entries()) text.push(`FN:${line},${nameOf(i)}`);
  for (const [i, [, { count }]] of byLine.entries()) text.push(`FNDA:${count},${nameOf(i)}`);
  text.push(`FNF:${byLine.length}`, `FNH:${byLine.filter(([, { count }]) => count > 0).length}`);
  const sorted = [...lines].sort(([a], [b]) => a - b);
  for (const [line, count] of sorted) text.push(`DA:${line},${count}`);
  text.push(`LF:${sorted.length}`, `LH:${sorted.filter(([, count]) => count > 0).length}`, 'end_of_record');
  return `${text.join('\n')}\n`;
}
