/** Keys from the bytes that a terminal sends for them (ECMA-48, and what xterm adds). */

const NAMED: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x03': 'ctrl-c',
  '\x04': 'ctrl-d',
  '\x15': 'ctrl-u',
  '\x1a': 'ctrl-z',
  '\x1b[A': 'up',
  '\x1b[B': 'down',
  '\x1b[C': 'right',
  '\x1b[D': 'left',
  '\x1bOA': 'up',
  '\x1bOB': 'down',
  '\x1b[H': 'home',
  '\x1b[F': 'end',
  '\x1bOH': 'home',
  '\x1bOF': 'end',
  '\x1b[1~': 'home',
  '\x1b[4~': 'end',
  '\x1b[5~': 'pageup',
  '\x1b[6~': 'pagedown',
  '\x1b[Z': 'shift-tab',
  '\x1bOP': 'f1',
  '\x1b[11~': 'f1',
};

// A sequence, an escape alone, or a character.
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what keys begin with
const KEY = /\x1b(?:\[[0-?]*[ -/]*[@-~]|O[@-~])|[\s\S]/gu;

/** The keys in what was read at once: names, and characters as they are. Sequences that nobody knows are left out. */
export const keysOf = (text: string): string[] =>
  (text.match(KEY) ?? []).flatMap((one) => {
    const name = one === '\x1b' ? 'esc' : NAMED[one];
    if (name !== undefined) return [name];
    return /^\p{Cc}/u.test(one) ? [] : [one];
  });
