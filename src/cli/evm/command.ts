/** What the commands of `erbium-evm` have in common: flags, help, and how an error ends them. */

import { ErbiumError, type ErrorCode } from '../../primitives/errors.ts';
import { printable } from '../text.ts';
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

const FAILURE = 1;

/** @param name of the program and the command */
export async function runCommand(name: string, command: Command, words: readonly string[]): Promise<void> {
  const flags = [...command.flags, HELP];
  await reporting(async () => {
    const given = new Flags(words, flags);
    if (given.switch('help')) {
      writeOut(`${name} ${command.usage}\n\n${command.about}\n\nOPTIONS:\n${describeFlags(flags)}`);
    } else {
      await command.run(given);
    }
  }, command.exitCodes);
}

/** Tells of an error in one line, and sets the exit code. */
export async function reporting(
  work: () => void | Promise<void>,
  exitCodes: Command['exitCodes'] = {},
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ErbiumError)) throw error;
    const code = error instanceof ExitError ? error.exitCode : (exitCodes[error.code] ?? FAILURE);
    writeErr(`ERROR(${code}): ${printable(error.message)}\n`);
    process.exitCode = code;
  }
}
