/**
 * Flags as Go's `flag` package and geth's commands read them: one dash or two, `--name=value` or `--name value`, and a
 * switch takes a value only behind `=`. Commander has no such switches.
 */

import { ErbiumError } from '../../primitives/errors.ts';
import { wrapped } from '../text.ts';

/** A flag of a command. A switch has a boolean as its default, a number a number. */
export interface Flag {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly default: boolean | number | string;
  readonly help: string;
}

/** What a line says. */
export class Flags {
  /** The line itself. */
  readonly words: readonly string[];
  /** What is no flag. */
  readonly args: readonly string[];
  private readonly flags: readonly Flag[];
  private readonly values: ReadonlyMap<string, boolean | number | string>;

  /** @throws ErbiumError INVALID_ARGUMENT for a flag that there is not, or a value that it cannot have */
  constructor(words: readonly string[], flags: readonly Flag[]) {
    const args: string[] = [];
    const values = new Map<string, boolean | number | string>();
    for (let at = 0; at < words.length; at++) {
      const word = words[at]!;
      if (word === '--') {
        args.push(...words.slice(at + 1));
        break;
      }
      const [, given, text] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(word) ?? [];
      if (given === undefined) {
        args.push(word);
        continue;
      }
      const flag = flags.find(({ name, aliases = [] }) => name === given || aliases.includes(given));
      if (flag === undefined) throw misused(`flag provided but not defined: -${given}`);
      if (typeof flag.default === 'boolean') {
        values.set(flag.name, switchOf(flag.name, text ?? 'true'));
        continue;
      }
      const value = text ?? words[++at];
      if (value === undefined) throw misused(`flag needs an argument: -${given}`);
      values.set(flag.name, typeof flag.default === 'number' ? numberOf(flag.name, value) : value);
    }
    this.words = words;
    this.args = args;
    this.flags = flags;
    this.values = values;
  }

  isSet(name: string): boolean {
    return this.values.has(name);
  }

  switch(name: string): boolean {
    return this.value(name) as boolean;
  }

  number(name: string): number {
    return this.value(name) as number;
  }

  string(name: string): string {
    return this.value(name) as string;
  }

  private value(name: string): boolean | number | string {
    return this.values.get(name) ?? this.flags.find((flag) => flag.name === name)!.default;
  }
}

export const misused = (problem: string): ErbiumError => new ErbiumError('INVALID_ARGUMENT', problem);

const TRUE: readonly string[] = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE: readonly string[] = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

function switchOf(name: string, text: string): boolean {
  if (TRUE.includes(text)) return true;
  if (FALSE.includes(text)) return false;
  throw misused(`invalid boolean value ${JSON.stringify(text)} for -${name}`);
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (/^-?[0-9]+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw misused(`invalid value ${JSON.stringify(text)} for flag -${name}: expected a whole number`);
}

const HELP_INDENT = ' '.repeat(9);

/** The flags of a command, for its help. */
export const describeFlags = (flags: readonly Flag[]): string =>
  flags
    .map(({ name, aliases = [], default: value, help }) => {
      const names = [name, ...aliases].map((each) => `--${each}`).join(', ');
      const kind = typeof value === 'boolean' ? '' : ' value';
      const shown = value === '' || value === false ? '' : ` (default:\u00a0${value})`;
      return `${wrapped(`   ${names}${kind}  ${help}${shown}`, HELP_INDENT)}\n`;
    })
    .join('');
