/**
 * Leads a debugger by the keys of a terminal: draws, reads keys, and gives the terminal back as it was, however it ends.
 * What is drawn and what keys mean: `debug-screen.ts`.
 */

import { ErbiumError } from '../primitives/errors.ts';
import { parseCommand } from './debug-commands.ts';
import { keysOf } from './debug-keys.ts';
import { arrived, HELP_LINES, press, type Request } from './debug-press.ts';
import { render, type Size, START, type Ui } from './debug-screen.ts';
import type { Answer, Session } from './debug-session.ts';
import { type Looks, paint, tame } from './debug-text.ts';
import type { View } from './debug-view.ts';

/** What of standard input and output it needs. */
export interface KeyInput {
  setRawMode(raw: boolean): unknown;
  setEncoding(encoding: 'utf8'): unknown;
  resume(): unknown;
  pause(): unknown;
  on(event: 'data', listener: (text: string) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  removeAllListeners(event: 'data' | 'end'): unknown;
}

export interface ScreenOutput {
  readonly columns: number | undefined;
  readonly rows: number | undefined;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  removeAllListeners(event: 'resize'): unknown;
}

export interface Terminal {
  readonly input: KeyInput;
  readonly output: ScreenOutput;
  readonly looks: Looks;
  /** Stops the process as a shell's Ctrl-Z does, and is done when it goes on; null where that cannot be. */
  readonly suspend: (() => Promise<void>) | null;
}

// The alternate screen, which leaves what was on the screen before; no cursor, no wrapping of lines that are full.
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
/** Undoes `ENTER`; harmless where it was not sent. */
export const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';

/** How long a move runs before keys are looked at: soon enough to stop it, late enough to lose no time. */
const SLICE_MS = 100;
/** Where the terminal does not tell its size. */
const UNKNOWN: Size = { columns: 80, rows: 24 };

/** Runs until the user quits. */
export async function runTerminal(session: Session, terminal: Terminal): Promise<void> {
  await new Loop(session, terminal, await session.view()).run();
}

class Loop {
  private readonly session: Session;
  private readonly terminal: Terminal;
  private view: View;
  private ui: Ui = START;
  private readonly queue: string[] = [];
  private wake: () => void = () => {};
  private isOpen = true;
  private failure: unknown = null;

  constructor(session: Session, terminal: Terminal, view: View) {
    this.session = session;
    this.terminal = terminal;
    this.view = view;
  }

  async run(): Promise<void> {
    const { input, output } = this.terminal;
    input.setEncoding('utf8');
    input.on('data', (text) => {
      this.queue.push(...keysOf(text));
      this.wake();
    });
    // The terminal is gone.
    input.on('end', () => {
      this.isOpen = false;
      this.wake();
    });
    output.on('resize', () => this.guarded(() => this.draw()));
    this.enter();
    try {
      while (this.isOpen) {
        const key = this.queue.shift();
        if (key === undefined) {
          this.draw();
          await new Promise<void>((resolve) => {
            this.wake = resolve;
          });
        } else {
          await this.pressed(key);
        }
        if (this.failure !== null) throw this.failure;
      }
    } finally {
      this.leave();
      input.removeAllListeners('data');
      input.removeAllListeners('end');
      output.removeAllListeners('resize');
      input.pause();
    }
  }

  private enter(): void {
    const { input, output } = this.terminal;
    input.setRawMode(true);
    input.resume();
    output.write(ENTER);
  }

  private leave(): void {
    const { input, output } = this.terminal;
    output.write(LEAVE);
    input.setRawMode(false);
  }

  /** In a listener nobody would catch it. */
  private guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.failure = error;
      this.wake();
    }
  }

  private get size(): Size {
    const { columns, rows } = this.terminal.output;
    return { columns: columns || UNKNOWN.columns, rows: rows || UNKNOWN.rows };
  }

  private draw(): void {
    const { output, looks } = this.terminal;
    const lines = render(this.view, this.ui, this.size);
    // Each line is erased before and not behind: a line that is full leaves the cursor on its last cell.
    const rows = lines.map((line, i) => `\x1b[${i + 1};1H\x1b[2K${paint(line, looks)}`);
    output.write(rows.join(''));
  }

  private async pressed(key: string): Promise<void> {
    const { ui, request } = press(key, this.view, this.ui, this.size);
    this.ui = ui;
    if (request === undefined) return;
    this.say('', false);
    try {
      await this.answer(request);
    } catch (error) {
      if (!(error instanceof ErbiumError)) throw error;
      this.say(error.message, true);
    }
    this.view = await this.session.view();
  }

  private async answer(request: Request): Promise<void> {
    const { suspend } = this.terminal;
    switch (request.kind) {
      case 'quit':
        this.isOpen = false;
        return;
      case 'suspend':
        if (suspend === null) return;
        this.leave();
        await suspend();
        this.enter();
        return;
      case 'toggle':
        return this.show(await this.session.toggle(request.pc));
      case 'command':
        return this.show(await this.perform(request.command));
      case 'line': {
        const command = parseCommand(request.text);
        if (command.kind === 'quit') this.isOpen = false;
        else if (command.kind === 'help') this.open('Help', HELP_LINES);
        else this.show(await this.perform(command), request.text);
      }
    }
  }

  private async perform(command: Parameters<Session['perform']>[0]): Promise<Answer> {
    const limits = { timeout: SLICE_MS };
    return this.session.perform(command, { limits, patience: (position) => this.isPatient(position) });
  }

  /** Between two slices of a move: shows how far it is, and looks whether it is to be stopped. */
  private async isPatient(position: number): Promise<boolean> {
    this.ui = { ...this.ui, message: `at step ${position}, going on; Esc stops`, isError: false };
    this.draw();
    // Keys and signals have their turn.
    await new Promise((resolve) => setImmediate(resolve));
    const stops = this.queue.some((key) => key === 'esc' || key === 'ctrl-c');
    if (stops) this.queue.length = 0;
    return this.isOpen && !stops;
  }

  private show({ text, stop, ok }: Answer, title = ''): void {
    if (stop !== undefined) this.ui = arrived(this.ui);
    if (stop === 'limit') this.say('stopped on the way; the same key goes on', false);
    else if (text.includes('\n')) this.open(title || 'Told', text.split('\n'));
    else this.say(text || (title.startsWith('expect') ? 'as expected' : ''), !ok);
  }

  private open(title: string, lines: readonly string[]): void {
    this.ui = { ...this.ui, message: '', overlay: { title: tame(title), lines: lines.map(tame), top: 0 } };
  }

  private say(message: string, isError: boolean): void {
    this.ui = { ...this.ui, message: tame(message), isError };
  }
}
