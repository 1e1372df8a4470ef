import { describe, expect, it } from 'vitest';
import { printable } from '../../src/cli/text.ts';

describe('text for a terminal', () => {
  it('shows control characters instead of letting the terminal obey them', () => {
    expect(printable('a\u001b[2Jb\rc\u009bd\u0000')).toBe('a\\x1b[2Jb\\x0dc\\x9bd\\x00');
  });

  it('leaves lines and other letters as they are', () => {
    expect(printable('eine Zeile\nnoch eine: ü, …, 値')).toBe('eine Zeile\nnoch eine: ü, …, 値');
  });
});
