/** What stands where there is nothing to show. */

import type { ComponentChildren } from 'preact';
import { EXAMPLES } from '../model/examples.ts';
import { useStudio } from '../studio.ts';

export const Empty = ({ children }: { readonly children: ComponentChildren }) => (
  <p class="empty">{children}</p>
);

export function NothingRun() {
  const { studio } = useStudio();
  return (
    <div class="welcome">
      <p>
        Paste bytecode, assembly or a state test and run it: then step through it, forwards and backwards, and
        see where its gas went. Or begin with an example:
      </p>
      <ul>
        {EXAMPLES.map(({ name, input }) => (
          <li key={name}>
            <button type="button" onClick={() => studio.take(input)}>
              {name}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
