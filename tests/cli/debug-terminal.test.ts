/** The debugger on a terminal: keys in, screens out, and the terminal given back. The terminal is a model of one. */

import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Session } from '../../src/cli/debug-session.ts';
import { type KeyInput, LEAVE, runTerminal, type ScreenOutput } from '../../src/cli/debug-terminal.ts';
import { REVERTING_LINE, sessionOf, shopTarget } from './debug-support.ts';
import { useFolder } from './support.ts';

const folder = useFolder();

const ESC = '\x1b\\[';
/** A line at its place, which is erased before, and what only styles it. */
const ROW = new RegExp(`${ESC}(\\d+);1H${ESC}2K(.*?)(?=${ESC}\\d+;1H|$)`, 'g');
const TO_THE_END = new RegExp(`${ESC}0?[JK]`);
const STYLE = new RegExp(`${ESC}\\d+m`, 'g');

/** Keeps what is written where, and what was set. */
class Screen {
  columns: number;
  rows: number;
  isRaw = false;
  isPaused = false;
  log = '';
  private lines: string[] = [];
  private readonly listeners = new Map<string, (text: string) => void>();

  constructor(columns = 100, rows = 30) {
    this.columns = columns;
    this.rows = rows;
  }

  readonly input: KeyInput = {
    setRawMode: (raw) => {
      this.isRaw = raw;
    },
    setEncoding: () => {},
    resume: () => {},
    pause: () => {
      this.isPaused = true;
    },
    on: (event: string, listener: (text: string) => void) => this.listeners.set(event, listener),
    removeAllListeners: (event) => this.listeners.delete(event),
  };

  get output(): ScreenOutput {
    const screen = this;
    return {
      get columns() {
        return screen.columns;
      },
      get rows() {
        return screen.rows;
      },
      write: (text) => this.write(text),
      on: (event, listener) => this.listeners.set(event, listener),
      removeAllListeners: (event) => this.listeners.delete(event),
    };
  }

  private write(text: string): void {
    this.log += text;
    // Erasing to the end would take the last cell of a full line.
    expect(text).not.toMatch(TO_THE_END);
    for (const [, row, line] of text.matchAll(ROW)) {
      this.lines[Number(row) - 1] = line!.replaceAll(STYLE, '');
    }
    this.lines.length = Math.min(this.lines.length, this.rows);
  }

  get text(): string {
    return this.lines.join('\n');
  }

  emit(event: string, text = ''): void {
    this.listeners.get(event)!(text);
  }

  /** Waits until the screen shows something. */
  shows(text: string | RegExp): Promise<void> {
    return vi.waitFor(() => expect(this.text).toMatch(text), { timeout: 10_000, interval: 5 });
  }

  /** Presses keys, and waits until the screen shows something. */
  async press(keys: string, text: string | RegExp): Promise<void> {
    this.emit('data', keys);
    await this.shows(text);
  }
}

const LOOKS = { colours: true, unicode: true };

function start(session: Session, screen = new Screen(), suspend: (() => Promise<void>) | null = null) {
  const { input, output } = screen;
  const done = runTerminal(session, { input, output, looks: LOOKS, suspend });
  return { screen, done };
}

describe('a reverting ERC-20 transfer', () => {
  let target: ReturnType<typeof shopTarget>;
  beforeAll(() => {
    target = shopTarget(folder);
  });

  it('is found by one key', async () => {
    const { screen, done } = start(await sessionOf([], target));
    await screen.shows(/▶ 0x0000 {2}PUSH1 0x80/);
    await screen.press('r', 'fails here');
    expect(screen.text).toContain('InsufficientBalance(owner: 0x00000000000000000000000000000000000000bb');
    expect(screen.text).toMatch(/▶ 0x[0-9a-f]{4} {2}REVERT/);
    expect(screen.text).toContain(`▶${REVERTING_LINE}     if (balance < value) revert`);
    expect(screen.text).toContain('▶1 CALL Token.transfer(address,uint256)');
    expect(screen.text).toMatch(/0 {2}offset {2}0x80/);
    expect(screen.text).toMatch(/0080 db 42 14 4d/);
    await screen.press('q', '');
    await done;
  });

  it('is followed to where the balance was read, and to the end', async () => {
    const { screen, done } = start(await sessionOf([], target));
    await screen.shows('Code of Shop');
    await screen.press('r', 'fails here');
    await screen.press('Bop sload\r', 'breakpoint 1: op SLOAD');
    await screen.press('C', /▶ 0x[0-9a-f]{4} {2}SLOAD/);
    await screen.press('s', /0x7ea9\S+ = 0x0/);
    await screen.press('u', '▶0 CALL Shop.buy(uint256)');
    await screen.press('>', 'The end');
    expect(screen.text).toContain('gas used');
    await screen.press('R', /▶ 0x[0-9a-f]{4} {2}REVERT/);
    screen.emit('data', '\x03');
    await done;
  });
});

describe('the screen', () => {
  it('is drawn anew when the terminal has another size', async () => {
    const { screen, done } = start(await sessionOf(['600160005560ff'], {}));
    await screen.shows('Storage of');
    screen.columns = 50;
    screen.rows = 10;
    screen.emit('resize');
    expect(screen.text.split('\n')).toHaveLength(10);
    expect(Math.max(...screen.text.split('\n').map(({ length }) => length))).toBe(50);
    await screen.press('s', /▶ 0x0002/);
    screen.emit('data', 'q');
    await done;
  });

  it('tells of what cannot be done, and goes on', async () => {
    const { screen, done } = start(await sessionOf(['5f5f'], {}));
    await screen.shows('Stack (0)');
    await screen.press(':nonsense\r', 'no command "nonsense"');
    await screen.press(':break op NOPE\r', 'no instruction "NOPE"');
    await screen.press(':print stack\r', 'the stack is empty');
    await screen.press(':print code\r', '> 0x0000  PUSH0');
    await screen.press('\x1b', 'Stack (0)');
    await screen.press(':ss\x7f\r', /▶ 0x0001/);
    screen.emit('data', ':quit\r');
    await done;
  });

  it('stops what never ends when it is asked to', async () => {
    const { screen, done } = start(await sessionOf(['5b5f56'], {}));
    await screen.shows('JUMPDEST');
    await screen.press('>', 'Esc stops');
    await screen.press('\x1b', 'stopped on the way');
    await screen.press('<', 'the start');
    screen.emit('data', 'q');
    await done;
  });
});

describe('the terminal', () => {
  const isGivenBack = (screen: Screen): void => {
    expect(screen.log.endsWith(LEAVE)).toBe(true);
    expect(screen).toMatchObject({ isRaw: false, isPaused: true });
  };

  it('is given back when the user quits, and when it goes away', async () => {
    for (const leave of [
      (screen: Screen) => screen.emit('data', 'q'),
      (screen: Screen) => screen.emit('end'),
    ]) {
      const { screen, done } = start(await sessionOf(['5f'], {}));
      await screen.shows('PUSH0');
      expect(screen.isRaw).toBe(true);
      leave(screen);
      await done;
      isGivenBack(screen);
    }
  });

  it('is given back when something is broken', async () => {
    const session = await sessionOf(['5f'], {});
    const { screen, done } = start(session);
    await screen.shows('PUSH0');
    session.perform = () => Promise.reject(new TypeError('broken'));
    screen.emit('data', 's');
    await expect(done).rejects.toThrow('broken');
    isGivenBack(screen);
  });

  it('is given back while the process is suspended, and taken again', async () => {
    const screen = new Screen();
    let wasRaw = true;
    const { done } = start(await sessionOf(['5f'], {}), screen, async () => {
      wasRaw = screen.isRaw;
      expect(screen.log.endsWith(LEAVE)).toBe(true);
    });
    await screen.shows('PUSH0');
    await screen.press('\x1as', 'behind the code');
    expect(wasRaw).toBe(false);
    expect(screen.isRaw).toBe(true);
    screen.emit('data', 'q');
    await done;
  });
});
