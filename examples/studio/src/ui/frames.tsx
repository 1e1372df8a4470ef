/** The call stack. */

import { digits, short } from '../format.ts';
import type { View } from '../worker/protocol.ts';
import { Pane } from './pane.tsx';

/** The outermost and innermost of a deep one. */
const MOST = 20;

export function Frames({ view }: { readonly view: View }) {
  const { frames, ended, isEnd } = view;
  const shown = frames.length <= MOST ? frames : [...frames.slice(0, 5), ...frames.slice(5 - MOST)];
  const note = ended === null ? undefined : `last to end: ${ended}`;
  return (
    <Pane title="Call stack" note={note}>
      {isEnd ? (
        <p class="empty">All calls have ended.</p>
      ) : (
        <ol class="frames">
          {shown.map(({ depth, kind, address, codeAddress, pc, gas, isStatic }, i) => (
            <li
              key={depth}
              aria-current={i === shown.length - 1 ? 'true' : undefined}
              style={{ '--depth': i }}
            >
              <strong>{kind}</strong>{' '}
              <span class="mono" title={address}>
                {short(address)}
              </span>
              {codeAddress !== address && (
                <span class="mono" title={codeAddress}>
                  {' '}
                  with code of {short(codeAddress)}
                </span>
              )}
              {isStatic && ' static'}
              <span class="note">
                {' '}
                at {pc}, {digits(gas)} gas
              </span>
            </li>
          ))}
        </ol>
      )}
      {shown.length < frames.length && (
        <p class="note">{frames.length - shown.length} calls in the middle are left out.</p>
      )}
    </Pane>
  );
}
