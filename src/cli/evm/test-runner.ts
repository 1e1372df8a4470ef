/**
 * How tests are run from files: one after the other or in threads where paths are given, else file by file as standard
 * input names them. Owns what happens around a file; what is in it is the runner's.
 */

import { ErbiumError } from '../../primitives/errors.ts';
import { inOneLine } from './command.ts';
import { namesFromInput, type TestFile, testFiles } from './files.ts';
import type { Flags } from './flags.ts';
import { writeErr } from './output.ts';
import { printReports, type TestReport } from './report.ts';
import { workersOf } from './test-flags.ts';
import { isTraced } from './trace-flags.ts';

/** Runs the tests of a file. */
export interface TestRunner {
  /** @throws ErbiumError UNREADABLE_FILE or INVALID_FIXTURE */
  run(file: TestFile): AsyncIterable<TestReport>;
}

/** Takes what goes to standard error. */
export type WriteErr = (text: string | Uint8Array) => void;

/** A command that runs tests. */
export interface TestCommand {
  readonly name: 'statetest' | 'blocktest';
  open(flags: Flags, write: WriteErr): Promise<TestRunner>;
  /** What ends the standard error of a file that is named there and has no test. */
  readonly withoutTest: string;
  /** Whether each report is printed by itself. */
  readonly isEach?: (flags: Flags) => boolean;
}

/** How reports are printed. */
interface Printer {
  /** A report as soon as it is there. */
  each(report: TestReport): void;
  /** Those of a file, or of all files, in the end. */
  all(reports: readonly TestReport[]): void;
}

export async function runTests(command: TestCommand, flags: Flags): Promise<void> {
  const workers = workersOf(flags);
  const isEach = command.isEach?.(flags) ?? false;
  const print = (reports: readonly TestReport[]): void => printReports(reports, flags.switch('human'));
  const printer: Printer = isEach
    ? { each: (report) => print([report]), all() {} }
    : { each() {}, all: print };
  if (flags.args.length === 0) await runBatch(command, flags, printer, print);
  else await runPaths(command, flags, printer, isEach || isTraced(flags) ? 1 : workers);
}

async function reportsOf(runner: TestRunner, file: TestFile, printer: Printer): Promise<TestReport[]> {
  const reports: TestReport[] = [];
  for await (const report of runner.run(file)) {
    printer.each(report);
    reports.push(report);
  }
  return reports;
}

async function runPaths(
  command: TestCommand,
  flags: Flags,
  printer: Printer,
  workers: number,
): Promise<void> {
  const files = testFiles(flags.args);
  if (workers > 1 && files.length > 1) {
    const { runInThreads } = await import('./threads.ts');
    printer.all(await runInThreads(command.name, flags.words, files, workers));
    return;
  }
  const runner = await command.open(flags, writeErr);
  const reports: TestReport[] = [];
  for (const file of files) reports.push(...(await reportsOf(runner, file, printer)));
  printer.all(reports);
}

/** A file that cannot be run is reported like a test that fails, and the next one is taken. */
async function runBatch(
  command: TestCommand,
  flags: Flags,
  printer: Printer,
  print: Printer['all'],
): Promise<void> {
  const runner = await command.open(flags, writeErr);
  for await (const file of namesFromInput()) {
    try {
      const reports = await reportsOf(runner, file, printer);
      if (reports.length === 0) writeErr(command.withoutTest);
      printer.all(reports);
    } catch (error) {
      if (!(error instanceof ErbiumError)) throw error;
      process.exitCode = 1;
      writeErr(`${inOneLine(error)}${command.withoutTest}`);
      print([{ name: file.name, pass: false, fork: '', error: error.message }]);
    }
  }
}
