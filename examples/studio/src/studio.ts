/** What the page can do, for its parts: each act asks the worker, and tells the state. */

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { CaseInput } from './model/case.ts';
import { toLink } from './model/link.ts';
import type { Session } from './session.ts';
import type { Action, State } from './state.ts';
import type { Breakpoint } from './worker/debugger-types.ts';
import type { Move, View } from './worker/protocol.ts';

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Moves that may wait for one another. */
const MOST_ASKED = 3;

export class Studio {
  private readonly session: Session;
  readonly dispatch: (action: Action) => void;
  /** Counts up when a run is stopped: what comes back later is of no interest. */
  private round = 0;

  constructor(session: Session, dispatch: (action: Action) => void) {
    this.session = session;
    this.dispatch = dispatch;
  }

  /** Shows a case, and runs it. */
  async take(input: CaseInput): Promise<void> {
    this.dispatch({ do: 'edit', fields: input });
    await this.open(input);
  }

  /** @param kept breakpoints that stay, where it is run again */
  async open(input: CaseInput, kept: readonly Breakpoint[] = []): Promise<void> {
    const round = ++this.round;
    this.dispatch({ do: 'begin', busy: 'Running' });
    try {
      const opened = await this.session.call('open', input, kept);
      if (round === this.round) this.dispatch({ do: 'open', opened });
    } catch (error) {
      if (round === this.round) this.dispatch({ do: 'lose', problem: messageOf(error) });
    }
  }

  move = (move: Move): Promise<void> => this.look(() => this.session.call('move', move));
  goTo = (position: number): Promise<void> => this.look(() => this.session.call('goTo', position));
  showMemory = (offset: number): Promise<void> => this.look(() => this.session.call('showMemory', offset));
  addBreakpoint = (breakpoint: Breakpoint): Promise<void> =>
    this.look(() => this.session.call('addBreakpoint', breakpoint));
  removeBreakpoint = (id: number): Promise<void> =>
    this.look(() => this.session.call('removeBreakpoint', id));

  private async look(ask: () => Promise<View>): Promise<void> {
    // A key that is held down asks faster than a long way back is gone.
    if (this.session.asked >= MOST_ASKED) return;
    const { round } = this;
    this.dispatch({ do: 'begin', busy: 'Moving' });
    try {
      const view = await ask();
      if (round === this.round) this.dispatch({ do: 'view', view });
    } catch (error) {
      if (round === this.round) this.dispatch({ do: 'fail', problem: messageOf(error) });
    }
  }

  /** Runs files of state tests, one after the other. */
  async check(files: readonly File[]): Promise<void> {
    if (files.length === 0) return;
    const round = ++this.round;
    this.dispatch({ do: 'files', count: files.length });
    this.dispatch({ do: 'begin', busy: 'Checking' });
    for (const file of files) {
      let problem: string | null = null;
      const results = await file
        .text()
        .then((text) => this.session.call('check', file.name, text))
        .catch((error) => {
          problem = messageOf(error);
          return [];
        });
      if (round !== this.round) return;
      this.dispatch({ do: 'file', file: { file: file.name, results, problem } });
    }
  }

  stop(): void {
    this.round++;
    const words = 'Stopped. Run the case again to look at it.';
    this.session.stop(words);
    this.dispatch({ do: 'lose', problem: words });
  }

  async share(input: CaseInput): Promise<void> {
    const fragment = await toLink(input);
    history.replaceState(null, '', fragment);
    this.dispatch({ do: 'link', link: location.href });
  }
}

interface Shared {
  readonly state: State;
  readonly studio: Studio;
}

export const StudioContext = createContext<Shared | null>(null);

export function useStudio(): Shared {
  const shared = useContext(StudioContext);
  if (shared === null) throw new Error('outside of the studio');
  return shared;
}
