/** The whole page. */

import { useEffect, useMemo, useReducer } from 'preact/hooks';
import { moveOf } from './keys.ts';
import { fromLink, isLink } from './model/link.ts';
import { Session } from './session.ts';
import { reduce, START } from './state.ts';
import { Studio, StudioContext } from './studio.ts';
import { CasePanel } from './ui/case-panel.tsx';
import { Share } from './ui/share.tsx';
import { Workbench } from './ui/workbench.tsx';

export function App() {
  const [state, dispatch] = useReducer(reduce, START);
  const studio = useMemo(() => new Studio(new Session(), dispatch), []);
  const shared = useMemo(() => ({ state, studio }), [state, studio]);

  useEffect(() => {
    const read = async (): Promise<void> => {
      if (!isLink(location.hash)) return;
      try {
        const input = await fromLink(location.hash);
        await studio.take(input);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        dispatch({
          do: 'fail',
          problem: `The link is damaged: ${why}. Ask for it again, or begin with a case of your own.`,
        });
      }
    };
    read();
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, [studio]);

  const canMove = state.view !== null && state.tab === 'Debugger';
  useEffect(() => {
    if (!canMove) return;
    const onKey = (event: KeyboardEvent): void => {
      const move = moveOf(event);
      if (move === null) return;
      event.preventDefault();
      studio.move(move);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [canMove, studio]);

  return (
    <StudioContext.Provider value={shared}>
      <header class="top">
        <h1>
          <img src="./icon.svg" alt="" width="28" height="28" /> Erbium Studio
        </h1>
        <p class="tagline">EVM code, forwards and backwards. Nothing leaves this page.</p>
        <Share />
      </header>
      <main>
        <CasePanel />
        <Workbench />
      </main>
    </StudioContext.Provider>
  );
}
