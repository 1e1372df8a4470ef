/** The moves as buttons; one of them is reached by Tab, the others by the arrows. */

import { useRef, useState } from 'preact/hooks';
import { MOVE_KEYS, type MoveKey, type MoveShape } from '../keys.ts';
import { useStudio } from '../studio.ts';
import type { View } from '../worker/protocol.ts';

const SHAPES: Readonly<Record<MoveShape, string>> = {
  step: 'M3 10h13M11 5l5 5-5 5',
  over: 'M3 14a6.6 6.6 0 0 1 12.6-2M16.5 6.5v6h-6',
  out: 'M4 17v-8a3 3 0 0 1 3-3h9M12 2l4 4-4 4',
  continue: 'M4 4.5l6 5.5-6 5.5zM10.5 4.5l6 5.5-6 5.5z',
  end: 'M4.5 4.5l8 5.5-8 5.5zM15.5 4.5v11',
};
const FIRST = MOVE_KEYS.findIndex(({ move }) => move === 'step');

export function Toolbar({ view }: { readonly view: View }) {
  const { studio } = useStudio();
  const bar = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(FIRST);
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (focused + step + MOVE_KEYS.length) % MOVE_KEYS.length;
    setFocused(next);
    (bar.current?.children[next] as HTMLElement | undefined)?.focus();
  };
  return (
    <div role="toolbar" aria-label="Moves" class="toolbar" ref={bar} onKeyDown={onKey}>
      {MOVE_KEYS.map((key, i) => (
        <MoveButton
          key={key.move}
          of={key}
          isUseless={key.isBack ? view.position === 0 : view.isEnd}
          isReached={i === focused}
          onMove={() => {
            setFocused(i);
            studio.move(key.move);
          }}
        />
      ))}
    </div>
  );
}

interface MoveButtonProps {
  readonly of: MoveKey;
  readonly isUseless: boolean;
  readonly isReached: boolean;
  readonly onMove: () => void;
}

function MoveButton({ of, isUseless, isReached, onMove }: MoveButtonProps) {
  const { key, label, word, shape, isBack } = of;
  const isUpper = key === key.toUpperCase();
  return (
    <button
      type="button"
      // Not `disabled`, which would take the focus away from somebody who steps to the end.
      aria-disabled={isUseless}
      aria-label={label}
      aria-keyshortcuts={isUpper ? `Shift+${key}` : key}
      title={`${label} (${key})`}
      tabIndex={isReached ? 0 : -1}
      class={shape === 'step' ? 'main' : ''}
      onClick={() => {
        if (!isUseless) onMove();
      }}
    >
      <svg viewBox="0 0 20 20" aria-hidden="true" class={isBack ? 'mirrored' : ''}>
        <path d={SHAPES[shape]} />
      </svg>
      <span aria-hidden="true" class="word">
        {word} <span class="key">{key}</span>
      </span>
    </button>
  );
}
