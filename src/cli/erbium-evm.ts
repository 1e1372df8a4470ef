#!/usr/bin/env node
/** The `erbium-evm` command, which speaks as geth's `evm` does. Each of its commands is loaded when it is asked for. */

import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { type Command, HELP, reporting, runCommand, VERBOSITY } from './evm/command.ts';
import { describeFlags, type Flag, Flags, misused } from './evm/flags.ts';
import { writeOut } from './evm/output.ts';

const NAME = 'erbium-evm';

const GLOBAL_FLAGS: readonly Flag[] = [
  { name: 'version', aliases: ['v'], default: false, help: 'print the version' },
  VERBOSITY,
  HELP,
];

const COMMANDS: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  run: () => import('./evm/run.ts'),
  statetest: () => import('./evm/statetest.ts'),
  blocktest: () => import('./evm/blocktest.ts'),
  t8n: () => import('./evm/t8n.ts'),
  t9n: () => import('./evm/t9n.ts'),
  b11r: () => import('./evm/b11r.ts'),
};

/** The long names of some. */
const ALIASES: Readonly<Record<string, string>> = {
  transition: 't8n',
  transaction: 't9n',
  'block-builder': 'b11r',
};

const isValue = (words: readonly string[], at: number): boolean => /^--?verbosity$/.test(words[at - 1] ?? '');

async function main(): Promise<void> {
  const words = process.argv.slice(2);
  // Flags of the program stand before the name of the command, those of the command behind it.
  const found = words.findIndex((word, at) => !word.startsWith('-') && !isValue(words, at));
  const at = found < 0 ? words.length : found;
  const flags = new Flags(words.slice(0, at), GLOBAL_FLAGS);
  const given = words[at];
  if (flags.switch('version')) {
    writeOut(`evm version ${versionText()}\n`);
  } else if (flags.switch('help') || given === undefined || given === 'help') {
    writeOut(help());
  } else {
    const name = Object.hasOwn(ALIASES, given) ? ALIASES[given]! : given;
    const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (load === undefined) throw misused(`unknown command ${JSON.stringify(given)}; see ${NAME} --help`);
    await runCommand(`${NAME} ${name}`, (await load()).command, words.slice(at + 1));
  }
}

if (isMainThread) await reporting(main);
else await (await import('./evm/threads.ts')).answerFiles();

function versionText(): string {
  const file = new URL('../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return `${version}-erbium`;
}

function help(): string {
  const names = Object.keys(COMMANDS).join(', ');
  return (
    `${NAME} [global options] command [options] [arguments]\n\nErbium in the manner of geth's evm.\n\n` +
    `COMMANDS: ${names}; each has a --help\n\nGLOBAL OPTIONS:\n${describeFlags(GLOBAL_FLAGS)}`
  );
}
