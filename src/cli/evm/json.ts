/** JSON as Go's `encoding/json` writes it with an indent: some characters of strings as escapes. */

const ESCAPED = /[<>&\u2028\u2029]/g;

export const goJson = (value: unknown, indent = 2): string =>
  JSON.stringify(value, null, indent).replaceAll(
    ESCAPED,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
