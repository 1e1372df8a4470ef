/** What came of a case: how it ended, and the tabs that show it from all sides. */

import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type State, TABS, type Tab } from '../state.ts';
import { useStudio } from '../studio.ts';
import { Calls } from './calls.tsx';
import { Changes } from './changes.tsx';
import { DebuggerTab } from './debugger-tab.tsx';
import { Gas } from './gas.tsx';
import { Logs } from './logs.tsx';
import { OutcomeBar } from './outcome-bar.tsx';
import { TestFiles } from './test-files.tsx';

const PANELS: Readonly<Record<Tab, ComponentType>> = {
  Debugger: DebuggerTab,
  Calls,
  Gas,
  Logs,
  Changes,
  'Test files': TestFiles,
};

/** Pixels, as in the style sheet. */
const NARROW = 760;

export function Workbench() {
  const { state } = useStudio();
  const { tab } = state;
  const Panel = PANELS[tab];
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone it is below the case, out of sight.
    if (state.opened !== null && innerWidth <= NARROW) section.current?.scrollIntoView();
  }, [state.opened]);
  return (
    <section class="workbench" aria-label="Run" ref={section}>
      <Notices />
      <OutcomeBar />
      <Tabs />
      <div role="tabpanel" id="panel" aria-labelledby={idOf(tab)} class="panel">
        <Panel />
      </div>
    </section>
  );
}

const idOf = (tab: Tab): string => `tab-${tab.replace(' ', '-').toLowerCase()}`;

/** How many are in it, where that is of use. */
function countOf(tab: Tab, { opened, files }: State): number {
  if (tab === 'Logs') return opened?.outcome.logs.length ?? 0;
  if (tab === 'Changes') return Object.keys(opened?.outcome.diff ?? {}).length;
  return tab === 'Test files' ? files.length : 0;
}

function Tabs() {
  const { state, studio } = useStudio();
  const list = useRef<HTMLDivElement>(null);
  const show = (tab: Tab): void => studio.dispatch({ do: 'tab', tab });
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = TABS[(TABS.indexOf(state.tab) + step + TABS.length) % TABS.length]!;
    show(next);
    list.current?.querySelector<HTMLElement>(`#${idOf(next)}`)?.focus();
  };
  return (
    <div role="tablist" aria-label="Views" class="tabs" ref={list} onKeyDown={onKey}>
      {TABS.map((tab) => {
        const count = countOf(tab, state);
        return (
          <button
            key={tab}
            type="button"
            role="tab"
            id={idOf(tab)}
            aria-selected={tab === state.tab}
            aria-controls="panel"
            tabIndex={tab === state.tab ? 0 : -1}
            onClick={() => show(tab)}
          >
            {tab}
            {count > 0 && <span class="count">{` ${count}`}</span>}
          </button>
        );
      })}
    </div>
  );
}

/** What went wrong, and what takes long; most moves are over before anybody could read that they run. */
function Notices() {
  const { state, studio } = useStudio();
  const { busy, problem } = state;
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    setLong(false);
    if (busy === null) return;
    const timer = setTimeout(() => setLong(true), 300);
    return () => clearTimeout(timer);
  }, [busy]);
  return (
    <>
      <div role="alert">
        {problem !== null && (
          <div class="notice bad">
            <p>{problem}</p>
            <button type="button" class="plain" onClick={() => studio.dispatch({ do: 'dismiss' })}>
              Close
            </button>
          </div>
        )}
      </div>
      <div role="status">
        {busy !== null && isLong && (
          <div class="notice">
            <p>
              <span class="spinner" aria-hidden="true" /> {busy}…
            </p>
            <button type="button" onClick={() => studio.stop()}>
              Stop
            </button>
          </div>
        )}
      </div>
    </>
  );
}
