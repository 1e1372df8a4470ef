/** What the commands of `erbium-evm` have in common: flags, help, and how an error ends them. */

import { ErbiumError, type ErrorCode } from '../../primitives/errors.ts';
import { printable, wrapped } from '../text.ts';
import { describeFlags, type Flag, Flags } from './flags.ts';
import { writeErr, writeOut } from './output.ts';

/** A command. */
export interface Command {
  /** What follows its name on the line. */
  readonly usage: string;
  readonly about: string;
  readonly flags: readonly Flag[];
  /** Exit codes of errors, where they are not 1. */
  readonly exitCodes?: Readonly<Partial<Record<ErrorCode, number>>>;
  run(flags: Flags): void | Promise<void>;
}

/** An error with an exit code of its own. */
export class ExitError extends ErbiumError {
  readonly exitCode: number;

  constructor(exitCode: number, code: ErrorCode, message: string) {
    super(code, message);
    this.exitCode = exitCode;
  }
}

export const HELP: Flag = { name: 'help', aliases: ['h'], default: false, help: 'print this' };

/** Geth takes it everywhere. */
export const VERBOSITY: Flag = {
  name: 'verbosity',
  default: 3,
  help: 'how much is logged, which `consume direct` of execution-spec-tests asks for; there is no log here',
};

const FAILURE = 1;

/** All flags of a command. */
export const flagsOf = (command: Command): readonly Flag[] => [...command.flags, VERBOSITY, HELP];

/** @param name of the program and the command */
export async function runCommand(name: string, command: Command, words: readonly string[]): Promise<void> {
  const flags = flagsOf(command);
  await reporting(async () => {
    const given = new Flags(words, flags);
    if (given.switch('help')) {
      const about = command.about.split('\n').map((line) => wrapped(line));
      writeOut(`${name} ${command.usage}\n\n${about.join('\n')}\n\nOPTIONS:\n${describeFlags(flags)}`);
    } else {
      await command.run(given);
    }
  }, command.exitCodes);
}

/** An error for standard error, of which others read line by line. */
export const inOneLine = (error: ErbiumError): string =>
  `${printable(error.message).replaceAll('\n', '\\n')}\n`;

/** Tells of an error, and sets the exit code. */
export async function reporting(
  work: () => void | Promise<void>,
  exitCodes: Command['exitCodes'] = {},
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ErbiumError)) throw error;
    const code = error instanceof ExitError ? error.exitCode : (exitCodes[error.code] ?? FAILURE);
    writeErr(`ERROR(${code}): ${inOneLine(error)}`);
    process.exitCode = code;
  }
}
