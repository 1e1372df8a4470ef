/** `--help` of every command of both programs: what it prints fits a terminal of the usual width. */

import { describe, expect, it } from 'vitest';
import { evm } from './evm-support.ts';
import { erbium } from './support.ts';

const COLUMNS = 80;

type Program = (args: readonly string[]) => string;

const PROGRAMS: Readonly<Record<string, Program>> = {
  erbium: (args) => erbium(args).stdout,
  'erbium-evm': (args) => evm(args).stdout,
};

/** The commands that a help text names: a section of Commander's, or a line of `erbium-evm`. */
function commandsIn(help: string): string[] {
  const [, section] = /^Commands:\n((?: +.+\n)+)/m.exec(help) ?? [];
  if (section !== undefined) return [...section.matchAll(/^ {2}([a-z]\S*)/gm)].map(([, name]) => name!);
  const [, line] = /^COMMANDS: (.+);/m.exec(help) ?? [];
  return line?.split(', ') ?? [];
}

/** The help of a command and of all below it, by their lines. */
function helpOf(program: string, path: readonly string[], found: Map<string, string>): typeof found {
  const help = PROGRAMS[program]!([...path, '--help']);
  found.set([program, ...path].join(' '), help);
  for (const name of commandsIn(help)) {
    if (name !== 'help') helpOf(program, [...path, name], found);
  }
  return found;
}

describe('--help', () => {
  it.each([
    ['erbium', ['erbium fuzz code', 'erbium zk export', 'erbium state prove', 'erbium t8n'], 30],
    ['erbium-evm', ['erbium-evm statetest', 'erbium-evm b11r'], 7],
  ])('of every command of %s fits 80 columns', (program, known, least) => {
    const found = helpOf(program, [], new Map());
    expect([...found.keys()]).toEqual(expect.arrayContaining(known));
    expect(found.size).toBeGreaterThanOrEqual(least);
    const wide = [...found].flatMap(([line, help]) =>
      help
        .split('\n')
        .filter((text) => text.length > COLUMNS)
        .map((text) => `${line}: ${text}`),
    );
    expect(wide).toEqual([]);
    for (const [line, help] of found) expect(help, line).toContain('--help');
  });
});
