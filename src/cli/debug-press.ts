/** What keys of the debugger change on its screen, and what they ask for. Pure. */

import { type DebugCommand, MOVES } from './debug-commands.ts';
import { DATA, PANES, type PaneName } from './debug-panes.ts';
import { bodyHeight, layout, overlayLines, paneIn, type Size, topOf, type Ui } from './debug-screen.ts';
import { helpText } from './debug-script.ts';
import type { View } from './debug-view.ts';

/** What a key asks for, beside what it changes on the screen. */
export type Request =
  | { readonly kind: 'command'; readonly command: DebugCommand }
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'toggle'; readonly pc: number }
  | { readonly kind: 'quit' }
  | { readonly kind: 'suspend' };

export interface Pressed {
  readonly ui: Ui;
  readonly request?: Request;
}

const command = (ui: Ui, asked: DebugCommand): Pressed => ({
  ui,
  request: { kind: 'command', command: asked },
});

/** The overlay that shows all keys and commands. */
export const HELP_LINES: readonly string[] = [
  'Keys; a capital letter does the same backwards.',
  '',
  ...helpText().split('\n').slice(0, MOVES.length),
  '',
  '.                  set or remove a breakpoint at the instruction that is pointed at',
  'B                  a breakpoint by what is typed, as break below',
  'g                  to a step by its number',
  'u, d               look at the call above or below in the call stack',
  'Tab, Shift-Tab     choose a pane; arrows, PgUp, PgDn, Home, End scroll it; in the code they point',
  'z, Enter           one pane on the whole screen, with all digits of its values',
  'm                  memory, call data, return data, logs in turn',
  ':                  a command; print also shows what is not on the screen',
  'Esc                stops a move that takes long, closes what is open',
  'q, Ctrl-C          quit',
  '',
  'Commands at : and in scripts',
  '',
  ...helpText().split('\n').slice(MOVES.length),
];

export function press(key: string, view: View, ui: Ui, size: Size): Pressed {
  if (key === 'ctrl-c') return { ui, request: { kind: 'quit' } };
  if (key === 'ctrl-z') return { ui, request: { kind: 'suspend' } };
  if (ui.prompt !== null) return typed(key, ui, ui.prompt);
  if (ui.overlay !== null) return { ui: scrolledOverlay(key, ui, ui.overlay, size) };
  const move = MOVES.find((row) => row.key === key);
  if (move !== undefined) return command(ui, { kind: 'move', move: move.name, count: 1 });
  switch (key) {
    case ' ':
      return command(ui, { kind: 'move', move: 'step', count: 1 });
    case 'S':
      return command(ui, { kind: 'move', move: 'back', count: 1 });
    case 'u':
      return command(ui, { kind: 'up' });
    case 'd':
      return command(ui, { kind: 'down' });
    case 'q':
    case 'ctrl-d':
      return { ui, request: { kind: 'quit' } };
    case '?':
    case 'h':
    case 'f1':
      return { ui: { ...ui, overlay: { title: 'Help', lines: HELP_LINES, top: 0 } } };
    case ':':
      return { ui: { ...ui, prompt: { label: ':', before: '', text: '' } } };
    case 'g':
      return { ui: { ...ui, prompt: { label: 'Go to step', before: 'goto ', text: '' } } };
    case 'B':
      return { ui: { ...ui, prompt: { label: 'Break at', before: 'break ', text: '' } } };
    case '.': {
      const pc = view.code[ui.cursor ?? view.at]?.pc;
      return pc === undefined ? { ui } : { ui, request: { kind: 'toggle', pc } };
    }
    case 'm': {
      const data = DATA[(DATA.indexOf(ui.data) + 1) % DATA.length]!;
      // Where the pane is not to be seen, the key shows it first.
      return { ui: focused({ ...ui, data, scroll: without(ui.scroll, ['data']) }, 'data') };
    }
    case 'z':
    case 'enter':
      return { ui: { ...ui, isZoomed: !ui.isZoomed } };
    case 'esc':
      return { ui: { ...ui, isZoomed: false, cursor: null, scroll: {} } };
    case 'tab':
    case 'shift-tab':
      return { ui: focused(ui, nextPane(ui.focus, view, key === 'tab' ? 1 : -1)) };
  }
  return scrolled(key, view, ui, size);
}

const focused = (ui: Ui, focus: PaneName): Ui => ({
  ...ui,
  focus,
  second: focus === 'code' ? ui.second : focus,
});

function nextPane(now: PaneName, view: View, by: number): PaneName {
  const names = PANES.filter((name) => name !== 'source' || view.hasSources);
  return names[(names.indexOf(now) + by + names.length) % names.length]!;
}

function typed(key: string, ui: Ui, prompt: NonNullable<Ui['prompt']>): Pressed {
  const { text } = prompt;
  const changed = (next: string): Pressed => ({ ui: { ...ui, prompt: { ...prompt, text: next } } });
  switch (key) {
    case 'esc':
      return { ui: { ...ui, prompt: null } };
    case 'enter': {
      const closed = { ...ui, prompt: null };
      if (text.trim() === '') return { ui: closed };
      return { ui: closed, request: { kind: 'line', text: prompt.before + text } };
    }
    case 'backspace':
      return text === '' ? { ui: { ...ui, prompt: null } } : changed([...text].slice(0, -1).join(''));
    case 'ctrl-u':
      return changed('');
  }
  return [...key].length === 1 ? changed(text + key) : { ui };
}

const SCROLL: Readonly<Record<string, (page: number) => number>> = {
  up: () => -1,
  down: () => 1,
  k: () => -1,
  j: () => 1,
  pageup: (page) => -page,
  pagedown: (page) => page,
  home: () => Number.NEGATIVE_INFINITY,
  end: () => Number.POSITIVE_INFINITY,
};

function scrolledOverlay(key: string, ui: Ui, overlay: NonNullable<Ui['overlay']>, size: Size): Ui {
  const page = Math.max(1, bodyHeight(ui, size) - 1);
  const by = SCROLL[key]?.(page);
  // Any other key puts it away.
  if (by === undefined) return { ...ui, overlay: null };
  const most = Math.max(0, overlayLines(overlay.lines, size.columns).length - page);
  return { ...ui, overlay: { ...overlay, top: Math.min(most, Math.max(0, overlay.top + by)) } };
}

function scrolled(key: string, view: View, ui: Ui, size: Size): Pressed {
  const slot = layout(view, ui, size.columns, bodyHeight(ui, size)).find(
    ({ name }) => name === (view.frame === null ? 'code' : ui.focus),
  );
  const by = SCROLL[key]?.(Math.max(1, (slot?.height ?? 2) - 2));
  if (by === undefined || slot === undefined) return { ui };
  if (ui.focus === 'calls' && view.frame !== null) {
    const depth = Math.min(view.frames.length - 1, Math.max(0, view.frame.depth + by));
    return command(ui, { kind: 'frame', depth });
  }
  if (ui.focus === 'code' && view.frame !== null) {
    const cursor = Math.min(view.code.length - 1, Math.max(0, (ui.cursor ?? view.at) + by));
    return { ui: { ...ui, cursor } };
  }
  const pane = paneIn(slot, view, ui);
  const inside = slot.height - 1;
  const top = topOf(pane, ui.scroll[slot.name], inside) + by;
  const next = Math.min(Math.max(0, pane.rows - inside), Math.max(0, top));
  return { ui: { ...ui, scroll: { ...ui.scroll, [slot.name]: next } } };
}

const without = (scroll: Ui['scroll'], names: readonly PaneName[]): Ui['scroll'] =>
  Object.fromEntries(Object.entries(scroll).filter(([name]) => !names.includes(name as PaneName)));

/** What is seen after a move: memory and storage where they were, all else where it has come to. */
export const arrived = (ui: Ui): Ui => ({
  ...ui,
  cursor: null,
  scroll: without(ui.scroll, ['source', 'stack', 'code', 'calls']),
});
