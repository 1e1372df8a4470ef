/** Makes a debugger for an operation of an EVM: a machine of its own, over the state as it was at that moment. */

import { opTableOf } from '../../../opcodes/optable.ts';
import { assembleMachine, type Machine } from '../../evm/context.ts';
import { extensionOpcodes } from '../../evm/extensions.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import type { OverlayState } from '../../state/overlay.ts';
import type { RemoteReader } from '../../state/reader.ts';
import { type EvmParts, itemsOf, viewOf } from '../evm.ts';
import { Guard } from '../guard.ts';
import type { Environment } from '../operations.ts';
import { withOverrides } from '../operations.ts';
import { checkFields, checkLimits, demand, FIELDS } from '../request.ts';
import type { Debugger, DebugOptions, DebugRequest } from './api.ts';
import { TrackDebugger } from './debugger.ts';
import { Lines } from './lines.ts';
import { planOf } from './request.ts';
import { Missing, Track } from './track.ts';
import { WorldView } from './world-view.ts';

/** The EVM at the moment of asking. */
export interface EvmNow extends EvmParts {
  readonly state: OverlayState;
}

const CHECKPOINT_BYTES = 2 ** 26;
/** Instructions of the first run over a remote state, before others have their turn. */
const SLICE = 100_000;
/** Milliseconds of that run. */
const FETCH_MS = 30_000;

const NO_LIMITS = { interrupted: undefined, steps: undefined, maxSteps: undefined, isAsync: false } as const;

/** @param isFresh whether the state below is what it was */
export async function openDebugger(
  evm: EvmNow,
  request: DebugRequest,
  options: DebugOptions,
  isFresh: () => boolean,
): Promise<Debugger> {
  checkFields(options, 'options', [...FIELDS.operation, 'sources', 'checkpointBytes']);
  checkLimits(options);
  const { sources, checkpointBytes = CHECKPOINT_BYTES, timeout = FETCH_MS, signal } = options;
  const isBytes = Number.isSafeInteger(checkpointBytes) && checkpointBytes >= 0;
  demand(isBytes, 'checkpointBytes', 'a whole number, 0 or more');
  demand(sources === undefined || typeof sources.find === 'function', 'sources', 'what readSolcOutput gives');
  const { plan, named } = planOf(request);
  const { machineOptions, machine, errors, events, checks, memoryLimit, interrupted, maxSteps } = evm;

  // Each run asks a view of its own, as wrong answers may have led one that has missed something anywhere.
  const readers = () => {
    const view = viewOf(evm.state.base);
    const state = view === null ? evm.state : evm.state.over(view.reader);
    return { state, remote: view?.remote ?? null };
  };
  const environment = (state: Environment['state']): Environment => {
    const guard = new Guard({}, NO_LIMITS);
    return withOverrides(
      { machine, state, block: evm.block, checks, errors, events, guard, memoryLimit },
      options,
    );
  };
  const { rules, precompiles, crypto, policy } = machine;
  let own: Machine | undefined;
  /** Those that have missed something that is not fetched yet. */
  const lacking = new Set<RemoteReader>();
  const missing = (remote: RemoteReader | null): string | null => {
    if (remote === null || remote.missing === null) return null;
    lacking.add(remote);
    return remote.missing;
  };
  const lines = sources === undefined ? null : new Lines(sources);
  const track = new Track(({ tracer, budget }) => {
    const { state, remote } = readers();
    own ??= assembleMachine({ ...machineOptions, crypto, tracer, steps: budget });
    return {
      work: plan({ ...environment(state), machine: own }),
      missing: () => missing(remote),
    };
  }, lines);

  const load = async (until: AbortSignal | undefined): Promise<void> => {
    for (const remote of [...lacking]) {
      await remote.load(undefined, until);
      lacking.delete(remote);
    }
  };
  const extensions = extensionOpcodes(precompiles.values(), crypto, rules, policy);
  const { opcodes = [], disabledOpcodes } = machineOptions;
  const made = new TrackDebugger({
    track,
    rows: opTableOf(rules, [...opcodes, ...extensions], disabledOpcodes).rows,
    lines,
    events,
    checkpointBytes,
    maxSteps: maxSteps ?? Number.MAX_SAFE_INTEGER,
    interrupted,
    look(work) {
      const { state, remote } = readers();
      const value = work(new WorldView(track.world, environment(state).state));
      const missed = missing(remote);
      if (missed !== null) throw new Missing(missed);
      return value;
    },
    demandFresh() {
      if (isFresh()) return;
      throw new ErbiumError('INVALID_STATE', 'the state below was committed to: open the debugger anew');
    },
    load,
  });

  const guard = new Guard(signal === undefined ? { timeout } : { timeout, signal }, NO_LIMITS);
  guard.throwIfAborted();
  const { remote } = readers();
  if (remote !== null) {
    await remote.load(itemsOf([named]), guard.fetchSignal());
    await fetching(() => track.start());
    while (made.result === null && !guard.stops()) {
      const stop = await fetching(() => made.step(SLICE));
      if (stop.kind === 'limit') break;
      await new Promise((resolve) => setTimeout(resolve, 0));
      guard.throwIfAborted();
    }
    made.goTo(0);
  } else {
    track.start();
  }
  return made;

  /** Again and again, until nothing is missing. */
  async function fetching<T>(work: () => T): Promise<T> {
    for (;;) {
      guard.throwIfAborted();
      try {
        return work();
      } catch (error) {
        if (!(error instanceof Missing) && (error as Partial<ErbiumError>).code !== 'MISSING_STATE')
          throw error;
        await load(guard.fetchSignal());
      }
    }
  }
}
