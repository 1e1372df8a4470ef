/** Runs code with an EIP-3155 tracer, and gives the lines. */

import { createMachine } from '../../src/evm/machine.ts';
import { type CaseResult, casesOf, parseFixture, StateTestRunner } from '../../src/statetest/index.ts';
import { type Eip3155Options, eip3155Tracer, type Tracer } from '../../src/tracers/index.ts';
import { type RunOptions, type RunResult, runOn, type TestEngine } from '../helpers/run.ts';

const ascii = new TextDecoder();

export type TraceOptions = Omit<Eip3155Options, 'write'>;

export interface Traced {
  readonly result: RunResult;
  readonly lines: readonly string[];
  /** The stack before each instruction that has a line. */
  readonly stacks: readonly (readonly string[])[];
}

let runs = 0;

/** A run of `code` and its trace. */
export function trace(code: Uint8Array, run: RunOptions = {}, options: TraceOptions = {}): Traced {
  let text = '';
  const tracer = eip3155Tracer({ ...options, write: (chunk) => void (text += ascii.decode(chunk)) });
  const stacks: string[][] = [];
  const watched: Tracer = {
    enter: (message) => tracer.enter(message),
    resume: (frame) => tracer.resume(frame),
    step(frame, opcode) {
      const stack = frame.stack.slice(0, frame.sp).map((word) => `0x${word.toString(16)}`);
      if (frame.code.bytes.length > 0) stacks.push(stack);
      tracer.step(frame, opcode);
    },
    stepEnd: (...step) => tracer.stepEnd(...step),
    exit: (end) => tracer.exit(end),
  };
  const engine: TestEngine = {
    name: `EIP-3155 ${++runs}`,
    create: (rules) => createMachine({ rules, tracer: watched }),
  };
  const result = runOn(engine, code, run);
  tracer.flush();
  return { result, lines: linesOf(text), stacks };
}

export function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('the last line has no end');
  return lines;
}

/** All cases of a state test with their trace, as a command writes it: the state root follows each case. */
export function traceFixture(
  fixture: string,
  options: TraceOptions = {},
): { text: string; results: CaseResult[] } {
  let text = '';
  const tracer = eip3155Tracer({ ...options, write: (chunk) => void (text += ascii.decode(chunk)) });
  const runner = new StateTestRunner({ tracer });
  const results = parseFixture(fixture, 'fixture.json')
    .flatMap(casesOf)
    .map((testCase) => {
      const result = runner.run(testCase);
      tracer.flush();
      text += `{"stateRoot": "${result.stateRoot}"}\n`;
      return result;
    });
  return { text, results };
}

/** The parts of a line that a test is about: name, gas cost, error. */
export const brief = (lines: readonly string[]): string[] =>
  lines.map((line) => {
    const { opName, gasCost, gasUsed, error } = JSON.parse(line) as Record<string, string | undefined>;
    return [opName ?? 'end', Number(gasCost ?? gasUsed), ...(error === undefined ? [] : [error])].join(' ');
  });
