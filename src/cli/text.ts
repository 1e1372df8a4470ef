/** Text for a terminal. */

const COLUMNS = 80;

/**
 * Lines that a terminal of the usual width does not break, cut at spaces. A no-break space becomes one that is not cut at.
 * @param indent of the lines after the first
 */
export function wrapped(text: string, indent = ''): string {
  const [first = '', ...words] = text.match(/ *[^ ]+/g) ?? [];
  const lines = [first];
  for (const word of words) {
    const longer = `${lines.at(-1)}${word}`;
    if (longer.length <= COLUMNS) lines[lines.length - 1] = longer;
    else lines.push(`${indent}${word.trimStart()}`);
  }
  return lines.join('\n').replaceAll('\u00a0', ' ');
}

/** Control characters, and those that turn the direction of text, made visible: names in fixtures are not ours, and a terminal would obey them. */
export const printable = (text: string): string =>
  text.replaceAll(/(?!\n)[\p{Cc}\p{Cf}]/gu, (char) => {
    const digits = char.codePointAt(0)!.toString(16);
    return digits.length > 2 ? `\\u{${digits}}` : `\\x${digits.padStart(2, '0')}`;
  });
