/** Text for a terminal. */

/** Control characters, and those that turn the direction of text, made visible: names in fixtures are not ours, and a terminal would obey them. */
export const printable = (text: string): string =>
  text.replaceAll(/(?!\n)[\p{Cc}\p{Cf}]/gu, (char) => {
    const digits = char.codePointAt(0)!.toString(16);
    return digits.length > 2 ? `\\u{${digits}}` : `\\x${digits.padStart(2, '0')}`;
  });
