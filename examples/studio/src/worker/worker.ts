/** The worker: the EVM and the debugger live here, so that the page stays usable whatever they do. */

import type { CaseInput } from '../model/case.ts';
import { check } from './check.ts';
import type { Breakpoint, Debugger, StopReason } from './debugger-types.ts';
import { Inspector, stopWords } from './inspect.ts';
import { prepare } from './prepare.ts';
import type { Move, Opened, Protocol, Reply, Request, View } from './protocol.ts';
import { runPlainly, runTraced, verdictOf } from './run.ts';

/** Of one move. */
const LIMITS = { timeout: 3_000, maxSteps: 1e9 };
/** Of the look ahead that finds out how long the run is. */
const AHEAD = { timeout: 1_500, maxSteps: 1e9 };

let session: { readonly stepper: Debugger; readonly inspector: Inspector } | null = null;

async function open(input: CaseInput, breakpoints: readonly Breakpoint[]): Promise<Opened> {
  session = null;
  const prepared = prepare(input);
  const outcome = runPlainly(prepared, input.engine);
  const verdict = outcome.status === 'limit' ? null : verdictOf(prepared, input.engine);
  const traced = runTraced(prepared);
  const evm = prepared.evm();
  const stepper = await evm.debug(prepared.request);
  session = { stepper, inspector: new Inspector(stepper, evm.rules) };
  stepper.goTo(Number.MAX_SAFE_INTEGER, AHEAD);
  stepper.goTo(0);
  for (const breakpoint of breakpoints) stepper.addBreakpoint(breakpoint);
  const testCase =
    prepared.testCase === null
      ? ''
      : (prepared.cases.find((id) => id === input.testCase) ?? prepared.cases[0]!);
  const view = session.inspector.view('');
  return { outcome, verdict, cases: prepared.cases, testCase, ...traced, view };
}

const demand = (): NonNullable<typeof session> => {
  if (session === null) throw new Error('Nothing is open: run a case first.');
  return session;
};

function moved(make: (stepper: Debugger) => StopReason): View {
  const { stepper, inspector } = demand();
  return inspector.view(stopWords(make(stepper)));
}

const MAKE: Readonly<Record<Move, (stepper: Debugger) => StopReason>> = {
  start: (stepper) => stepper.goTo(0, LIMITS),
  continueBack: (stepper) => stepper.continueBack(LIMITS),
  stepBackOut: (stepper) => stepper.stepBackOut(LIMITS),
  stepBackOver: (stepper) => stepper.stepBackOver(LIMITS),
  stepBack: (stepper) => stepper.stepBack(1, LIMITS),
  step: (stepper) => stepper.step(1, LIMITS),
  stepOver: (stepper) => stepper.stepOver(LIMITS),
  stepOut: (stepper) => stepper.stepOut(LIMITS),
  continue: (stepper) => stepper.continue(LIMITS),
  end: (stepper) => stepper.goTo(Number.MAX_SAFE_INTEGER, LIMITS),
};

const methods: Protocol = {
  open,
  move: (move) => moved(MAKE[move]),
  goTo: (position) => moved((stepper) => stepper.goTo(position, LIMITS)),
  showMemory(offset) {
    const { inspector } = demand();
    inspector.showMemory(offset);
    return inspector.view('');
  },
  addBreakpoint(breakpoint) {
    const { stepper, inspector } = demand();
    stepper.addBreakpoint(breakpoint);
    return inspector.view('');
  },
  removeBreakpoint(id) {
    const { stepper, inspector } = demand();
    stepper.removeBreakpoint(id);
    return inspector.view('');
  },
  check,
};

self.addEventListener('message', async ({ data }: MessageEvent<Request>) => {
  const method = methods[data.name] as (...args: readonly unknown[]) => unknown;
  try {
    self.postMessage({ id: data.id, value: await method(...data.args) } satisfies Reply);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    self.postMessage({ id: data.id, error: words } satisfies Reply);
  }
});
