import { describe, expect, it } from 'vitest';
import { printable, wrapped } from '../../src/cli/text.ts';

describe('text for a terminal', () => {
  it('shows control characters instead of letting the terminal obey them', () => {
    expect(printable('a\u001b[2Jb\rc\u009bd\u0000')).toBe('a\\x1b[2Jb\\x0dc\\x9bd\\x00');
  });

  it('leaves lines and other letters as they are', () => {
    expect(printable('eine Zeile\nnoch eine: ü, …, 値')).toBe('eine Zeile\nnoch eine: ü, …, 値');
  });

  it('is wrapped at 80 columns, never inside a word', () => {
    expect(wrapped('')).toBe('');
    const [whole, over] = ['a'.repeat(40), 'b'.repeat(39)];
    expect(wrapped(`${whole} ${over}`)).toBe(`${whole} ${over}`);
    expect(wrapped(`  ${whole}  ${over} c`, '    ')).toBe(`  ${whole}\n    ${over} c`);
    expect(wrapped(`x ${'y'.repeat(90)} z`)).toBe(`x\n${'y'.repeat(90)}\nz`);
    expect(wrapped(`${whole} ${'c'.repeat(30)} (default:\u00a0value)`)).toBe(
      `${whole} ${'c'.repeat(30)}\n(default: value)`,
    );
  });
});
