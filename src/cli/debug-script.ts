/** Runs commands of the debugger unattended, one a line, and prints what comes of each. */

import { ErbiumError } from '../primitives/errors.ts';
import type { Deadline } from './deadline.ts';
import { type DebugCommand, MOVES, OTHER_COMMANDS, parseCommand } from './debug-commands.ts';
import { type Json, place } from './debug-print.ts';
import type { Answer, Session } from './debug-session.ts';

export interface ScriptLine {
  readonly number: number;
  readonly text: string;
  readonly command: DebugCommand;
}

/**
 * The commands of a script; empty lines and what follows a `#` are none.
 * @throws ErbiumError INVALID_ARGUMENT naming the line
 */
export function parseScript(text: string, name: string): readonly ScriptLine[] {
  return text.split('\n').flatMap((whole, i) => {
    const line = whole.replace(/(^|\s)#.*/, '').trim();
    if (line === '') return [];
    return [{ number: i + 1, text: line, command: at(`${name}:${i + 1}`, () => parseCommand(line)) }];
  });
}

function at<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw placed(error, where);
  }
}

const placed = (error: unknown, where: string): unknown =>
  error instanceof ErbiumError ? new ErbiumError(error.code, `${where}: ${error.message}`) : error;

/** All commands in words. */
export function helpText(): string {
  const rows: [string, string][] = MOVES.map(({ name, key, about }) => [`${name}, ${key}`, about]);
  for (const [usage, about] of OTHER_COMMANDS) rows.push([usage, about]);
  return rows.map(([usage, about]) => `${usage.padEnd(18)} ${about}`).join('\n');
}

export interface ScriptOptions {
  readonly json: boolean;
  /** That of the session. */
  readonly deadline?: Deadline;
  write(text: string): void;
}

/**
 * How a script ended: all expectations were met; one was not; or the time was up, at the line that is named.
 */
export type ScriptEnd = 'met' | 'unmet' | { readonly lateAt: string };

/**
 * Runs a script to its end, to `quit`, to the first line whose expectation is not met, or to where its time is up.
 * @throws ErbiumError naming the line that cannot be done
 */
export async function runScript(
  session: Session,
  lines: readonly ScriptLine[],
  name: string,
  { json, write, deadline }: ScriptOptions,
): Promise<ScriptEnd> {
  for (const { number, text, command } of lines) {
    if (command.kind === 'quit') return 'met';
    const where = `${name}:${number}`;
    if (deadline?.isLate) return { lateAt: where };
    let answer: Answer;
    try {
      answer = await session.perform(command);
    } catch (error) {
      throw placed(error, where);
    }
    const now = answer.stop === undefined ? null : place(await session.view());
    if (json) {
      const result: { [name: string]: Json } = { line: number, command: text, ok: answer.ok };
      if (answer.stop !== undefined) result.stop = answer.stop;
      if (answer.text !== '' && answer.value === undefined) result.message = answer.text;
      if (now !== null) result.at = now.value;
      if (answer.value !== undefined) result.value = answer.value;
      write(`${JSON.stringify(result)}\n`);
    } else {
      const said = command.kind === 'help' ? helpText() : answer.text;
      // At the end the place says how it ended.
      const reason = said.startsWith('the end') ? '' : said;
      const parts = [answer.ok ? '' : `${where}:`, now?.text ?? '', reason && (now ? `  ${reason}` : reason)];
      const out = parts.filter((part) => part !== '').join(answer.ok ? '\n' : ' ');
      write(`> ${text}\n${out === '' ? '' : `${out}\n`}`);
    }
    if (!answer.ok) return 'unmet';
    if (answer.stop === 'limit' && deadline?.isLate) return { lateAt: where };
  }
  return 'met';
}
