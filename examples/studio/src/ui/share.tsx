/** The link of a case. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { digits } from '../format.ts';
import { useStudio } from '../studio.ts';

/** Longer ones are cut by some programs. */
const SAFE_LENGTH = 8_000;

export function Share() {
  const { state, studio } = useStudio();
  const { link, input } = state;
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    setCopied(false);
    if (link === null) return;
    field.current?.focus();
    field.current?.select();
    // Where the clipboard is out of reach, the link stands selected.
    navigator.clipboard?.writeText(link).then(
      () => setCopied(true),
      () => {},
    );
  }, [link]);
  return (
    <div class="share">
      <button type="button" disabled={input.source === ''} onClick={() => studio.share(input)}>
        Share as a link
      </button>
      {link !== null && (
        <div class="link">
          <label>
            <span class="hidden">Link of this case</span>
            <input ref={field} readOnly value={link} />
          </label>
          <p role="status">
            {copied ? 'Copied. ' : 'Copy this. '}
            {link.length > SAFE_LENGTH &&
              `It has ${digits(link.length)} characters: some programs cut links as long as that.`}
          </p>
        </div>
      )}
    </div>
  );
}
