/**
 * `npm run bench:opcodes`: nanoseconds of every instruction on both engines, and nanoseconds per gas, where mispriced work
 * shows: an instruction far above the others takes more time than it pays for. Results are compared before they are timed.
 *
 * Exit codes: 0 done, 1 a result is wrong, 2 unusable arguments.
 */

import { writeFileSync } from 'node:fs';
import { allCases, measureCases, WrongResult } from './opcodes/measure.ts';
import { parseOptions, USAGE } from './opcodes/options.ts';
import { sorted, toJson, toTable } from './opcodes/report.ts';
import { toSvg } from './opcodes/svg.ts';
import { UsageError } from './options.ts';

const tell = (what: string): void => console.error(what);

async function main(args: string[]): Promise<number> {
  const options = parseOptions(args);
  if (options === 'help') {
    console.log(USAGE);
    return 0;
  }
  const { only, sort, rounds, svg, json } = options;
  const cases = allCases().filter(({ opcode }) => only.test(opcode));
  if (cases.length === 0) throw new UsageError(`--only ${only.source}: no opcode has such a name`);
  // Before minutes of measuring.
  if (svg !== undefined) write(svg, '', 'a');
  const rows = await measureCases(cases, rounds, tell);
  if (svg !== undefined) write(svg, toSvg(rows), 'w');
  console.log((json ? toJson : toTable)(sorted(rows, sort), rounds));
  return 0;
}

function write(file: string, text: string, flag: 'a' | 'w'): void {
  try {
    writeFileSync(file, text, { flag });
  } catch (error) {
    throw new UsageError(`--svg ${file}: ${(error as NodeJS.ErrnoException).code ?? error}`);
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof WrongResult) {
    console.error(`wrong result: ${error.message}`);
    process.exitCode = 1;
  } else if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exitCode = 2;
  } else throw error;
}
