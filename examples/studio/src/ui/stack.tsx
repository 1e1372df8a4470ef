/** The stack of the frame that runs, its top first. */

import { useState } from 'preact/hooks';
import { hexOf, plural, smallOf } from '../format.ts';
import type { View } from '../worker/protocol.ts';
import { Pane } from './pane.tsx';

const FEW = 16;

export function Stack({ view }: { readonly view: View }) {
  const [isWhole, setWhole] = useState(false);
  const { stack, stackSize } = view;
  const shown = isWhole ? stack : stack.slice(0, FEW);
  return (
    <Pane title="Stack" note={stackSize === 0 ? 'empty' : `${plural(stackSize, 'word')}, the top first`}>
      {stackSize > 0 && (
        <ol class="words" start={0}>
          {shown.map((word, i) => (
            // Places of a stack have no names but their numbers.
            <li key={i}>
              <span class="index">{i}</span>
              <span class="mono value">{hexOf(word)}</span>
              <span class="small">{smallOf(word)}</span>
            </li>
          ))}
        </ol>
      )}
      {stack.length > FEW && (
        <button type="button" class="plain" onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Show less' : `Show all ${stackSize}`}
        </button>
      )}
    </Pane>
  );
}
