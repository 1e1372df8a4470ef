/** A part of the debugger with a title; it can be folded, and scrolls where it is long. */

import type { ComponentChildren } from 'preact';

interface PaneProps {
  readonly title: string;
  readonly note?: string | undefined;
  readonly children: ComponentChildren;
}

export function Pane({ title, note, children }: PaneProps) {
  return (
    <details class="pane" open>
      <summary>
        <h3>{title}</h3>
        {note !== undefined && <span class="note">{note}</span>}
      </summary>
      <div class="body">{children}</div>
    </details>
  );
}
