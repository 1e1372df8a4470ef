/** Text for a terminal. */

/** Control characters made visible: names in fixtures are not ours, and a terminal would obey them. */
export const printable = (text: string): string =>
  text.replaceAll(/(?!\n)\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
