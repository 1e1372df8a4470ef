/** The debugger: moves, and the machine at one instruction. */

import { useState } from 'preact/hooks';
import { digits } from '../format.ts';
import { useStudio } from '../studio.ts';
import type { View } from '../worker/protocol.ts';
import { Breakpoints } from './breakpoints.tsx';
import { NothingRun } from './empty.tsx';
import { Frames } from './frames.tsx';
import { Listing } from './listing.tsx';
import { Memory, ReturnData } from './memory.tsx';
import { Stack } from './stack.tsx';
import { Storage } from './storage.tsx';
import { Toolbar } from './toolbar.tsx';

export function DebuggerTab() {
  const { view, listing } = useStudio().state;
  if (view === null) return <NothingRun />;
  return (
    <div class="debugger">
      <div class="moves">
        <Toolbar view={view} />
        <Position view={view} />
      </div>
      <div class="panes">
        <div class="column">
          {listing !== null && <Listing listing={listing} view={view} />}
          <Breakpoints breakpoints={view.breakpoints} />
        </div>
        <div class="column">
          <Frames view={view} />
          <Stack view={view} />
          <Memory view={view} />
          <ReturnData view={view} />
          <Storage view={view} />
        </div>
      </div>
    </div>
  );
}

function Position({ view }: { readonly view: View }) {
  const { studio } = useStudio();
  const { position, length, instruction, stop, frames } = view;
  const [sliding, setSliding] = useState<number | null>(null);
  const of = length === null ? ', of more than could be counted' : ` of ${digits(length)}`;
  const gas = frames.at(-1)?.gas;
  return (
    <div class="position">
      {length !== null && length > 0 && (
        <input
          type="range"
          aria-label="Position in the run"
          aria-valuetext={`step ${position}${of}`}
          min={0}
          max={length}
          value={sliding ?? position}
          onInput={(event) => setSliding(event.currentTarget.valueAsNumber)}
          onChange={(event) => {
            setSliding(null);
            studio.goTo(event.currentTarget.valueAsNumber);
          }}
        />
      )}
      <p role="status" aria-label="Where the debugger stands" class="where">
        <span>
          Step <strong>{digits(sliding ?? position)}</strong>
          {of}
        </span>
        <span class="hidden">, next is </span>
        <span class="mono next" title={instruction}>
          {instruction}
        </span>
        {gas !== undefined && <span>{digits(gas)} gas left</span>}
        {stop !== '' && <span class="stop">{stop}</span>}
      </p>
    </div>
  );
}
