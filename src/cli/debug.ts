/** `erbium debug`: opens what is to be debugged, and leads it by a script or by the keys of a terminal. */

import { Deadline } from './deadline.ts';
import { type DebugTarget, openTarget } from './debug-open.ts';
import { parseScript, runScript, type ScriptEnd } from './debug-script.ts';
import { Session } from './debug-session.ts';
import { LEAVE, runTerminal, type Terminal } from './debug-terminal.ts';
import { EXIT } from './exit.ts';
import { readFile } from './input.ts';
import { misused } from './state.ts';
import { writeAll } from './trace.ts';

export interface DebugCommandOptions extends DebugTarget {
  readonly script?: string;
  readonly json?: true;
  readonly timeout?: number;
}

const STANDARD_OUTPUT = 1;

export async function debug(words: readonly string[], options: DebugCommandOptions): Promise<void> {
  const { script, json, timeout } = options;
  if (json && script === undefined) throw misused('--json: is for what --script prints');
  if (timeout !== undefined && script === undefined) {
    throw misused('--timeout: is for --script; on the screen Esc stops a move');
  }
  if (script === '-' && (words[0] === '-' || options.state === '-')) {
    throw misused('--script: standard input is read for something else already');
  }
  // What is wrong with a script is said before anything runs.
  const name = script === '-' ? 'standard input' : (script ?? '');
  const lines = script === undefined ? null : parseScript(readFile(script === '-' ? 0 : script), name);
  if (lines === null) demandTerminal(words, options);
  const deadline = new Deadline(timeout);
  await deadline.answered(async () => {
    const opened = await openTarget(words, options, deadline);
    try {
      const session = new Session(opened, deadline);
      if (lines === null) {
        await onTerminal(session);
      } else {
        const write = (text: string): void => writeAll(text, STANDARD_OUTPUT);
        conclude(await runScript(session, lines, name, { json: json ?? false, write, deadline }), deadline);
      }
    } finally {
      await opened.close();
    }
  });
}

function conclude(end: ScriptEnd, { name }: Deadline): void {
  if (end === 'met') return;
  process.exitCode = EXIT.FAILURE;
  if (end !== 'unmet') process.stderr.write(`erbium: ${end.lateAt}: stopped by ${name}\n`);
}

function demandTerminal(words: readonly string[], { state }: DebugTarget): void {
  if (words[0] === '-' || state === '-') {
    throw misused('standard input is read for keys: give a file (@FILE), or commands by --script FILE');
  }
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw misused('debug: keys and screen need a terminal, which this is not; --script FILE runs commands');
  }
  if (process.env.TERM === 'dumb') {
    throw misused(
      'debug: a terminal of the type "dumb" has no screen to draw on; --script FILE runs commands',
    );
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** Whatever ends the process, the terminal is given back. */
async function onTerminal(session: Session): Promise<void> {
  const { stdin, stdout } = process;
  const restore = (): void => {
    // The terminal may be gone.
    try {
      stdin.setRawMode(false);
      writeAll(LEAVE, STANDARD_OUTPUT);
    } catch {}
  };
  const ended = (signal: NodeJS.Signals): void => {
    restore();
    for (const name of SIGNALS) process.removeListener(name, ended);
    // As the signal would have ended it.
    process.kill(process.pid, signal);
  };
  for (const name of SIGNALS) process.on(name, ended);
  process.on('uncaughtExceptionMonitor', restore);
  try {
    await runTerminal(session, { input: stdin, output: stdout, looks: looksOf(process.env), suspend });
  } finally {
    for (const name of SIGNALS) process.removeListener(name, ended);
    process.removeListener('uncaughtExceptionMonitor', restore);
  }
}

const suspend: Terminal['suspend'] =
  process.platform === 'win32'
    ? null
    : () =>
        new Promise((resolve) => {
          process.once('SIGCONT', () => resolve());
          process.kill(process.pid, 'SIGTSTP');
        });

/** What the environment says of the terminal: no-color.org, and the character set as POSIX has it. */
function looksOf({ NO_COLOR = '', LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): Terminal['looks'] {
  const locale = LC_ALL || LC_CTYPE || LANG || '';
  // One that says nothing of a character set is more often forgotten than meant.
  const isAscii = /^(C|POSIX)$/.test(locale) || (locale.includes('.') && !/utf-?8/i.test(locale));
  return { colours: NO_COLOR === '', unicode: !isAscii };
}
