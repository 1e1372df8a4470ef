/** The moves of the debugger and their keys: a letter goes forwards, the same with Shift goes back. */

import type { Move } from './worker/protocol.ts';

/** What a move looks like, drawn forwards. */
export type MoveShape = 'end' | 'continue' | 'out' | 'over' | 'step';

export interface MoveKey {
  readonly move: Move;
  readonly key: string;
  readonly label: string;
  /** The label, in a word. */
  readonly word: string;
  readonly shape: MoveShape;
  readonly isBack: boolean;
}

const move = (
  name: Move,
  key: string,
  label: string,
  word: string,
  shape: MoveShape,
  isBack: boolean,
): MoveKey => ({ move: name, key, label, word, shape, isBack });

export const MOVE_KEYS: readonly MoveKey[] = [
  move('start', 'g', 'To the start', 'start', 'end', true),
  move('continueBack', 'C', 'Back to a breakpoint', 'break', 'continue', true),
  move('stepBackOut', 'U', 'Back out of the call', 'out', 'out', true),
  move('stepBackOver', 'O', 'Back over a call', 'over', 'over', true),
  move('stepBack', 'S', 'Step back', 'back', 'step', true),
  move('step', 's', 'Step', 'step', 'step', false),
  move('stepOver', 'o', 'Step over a call', 'over', 'over', false),
  move('stepOut', 'u', 'Step out of the call', 'out', 'out', false),
  move('continue', 'c', 'Continue to a breakpoint', 'break', 'continue', false),
  move('end', 'G', 'To the end', 'end', 'end', false),
];

const TYPING = 'input:not([type="range"]), textarea, select, [contenteditable]';

/** The move that a key press asks for; none where somebody types. */
export function moveOf(event: KeyboardEvent): Move | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
  if (event.target instanceof Element && event.target.closest(TYPING) !== null) return null;
  return MOVE_KEYS.find(({ key }) => key === event.key)?.move ?? null;
}
