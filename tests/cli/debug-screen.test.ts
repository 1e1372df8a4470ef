/** What the debugger draws at every size, and what keys do to it. */

import { describe, expect, it } from 'vitest';
import { keysOf } from '../../src/cli/debug-keys.ts';
import { press } from '../../src/cli/debug-press.ts';
import { render, START, type Ui } from '../../src/cli/debug-screen.ts';
import { elide, paint, textOf, widthOf, wrap } from '../../src/cli/debug-text.ts';
import type { View } from '../../src/cli/debug-view.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { call, code, mstore, push, repeat, sstore } from '../helpers/assembler.ts';
import { sessionOf } from './debug-support.ts';

const BIG = (1n << 256n) - 1n;
const SIZE = { columns: 80, rows: 24 };

/** Before the last SSTORE of a program that fills all panes. */
async function busyView(): Promise<View> {
  const program = code(
    repeat(40, push(BIG)),
    mstore(0, BIG),
    mstore(4_000, 0x41424344n),
    sstore(BIG, BIG),
    ['CALLDATASIZE', push(1), 'TSTORE'],
    push(3),
    push(BIG - 1n),
    'SSTORE',
  );
  const session = await sessionOf([bytesToHex(program)], { input: '0x01020304' });
  await session.perform({ kind: 'break', breakpoint: { kind: 'slot', key: BIG - 1n } });
  await session.perform({ kind: 'move', move: 'continue', count: 1 });
  return session.view();
}

const screenOf = (view: View, ui: Ui = START, size = SIZE): string[] => render(view, ui, size).map(textOf);

/** The screen's state after keys. */
const pressed = (view: View, keys: readonly string[], ui: Ui = START): Ui =>
  keys.reduce((now, key) => press(key, view, now, SIZE).ui, ui);

describe('the screen', () => {
  it('has all panes at 80 by 24, and its keys', async () => {
    const lines = screenOf(await busyView());
    const text = lines.join('\n');
    for (const part of ['Code of', 'Calls (1)', 'Stack (42)', 'Memory (4032 bytes)', 'Storage of']) {
      expect(text).toContain(part);
    }
    expect(text).toMatch(/▶ 0x[0-9a-f]{4} {2}SSTORE/);
    expect(text).toMatch(/ 0 {2}key {4}0xf+…f{7}e/);
    expect(text).toMatch(/ 1 {2}value {2}0x3/);
    expect(text).toContain('? help  q quit  s step  b back');
  });

  it.each([
    [200, 60],
    [80, 24],
    [79, 24],
    [75, 13],
    [40, 10],
    [30, 6],
    [10, 4],
    [3, 2],
    [1, 1],
  ])('fits %d by %d whatever is open', async (columns, rows) => {
    const view = await busyView();
    const states: Ui[] = [
      START,
      { ...START, isZoomed: true, focus: 'stack' },
      { ...START, isZoomed: true, focus: 'storage' },
      { ...START, message: 'word '.repeat(100), isError: true },
      { ...START, prompt: { label: ':', before: '', text: 'x'.repeat(300) } },
      pressed(view, ['?']),
    ];
    for (const ui of states) {
      const lines = screenOf(view, ui, { columns, rows });
      expect(lines).toHaveLength(rows);
      for (const line of lines) expect(widthOf(line)).toBe(columns);
    }
  });

  it('shows all digits of one pane', async () => {
    const view = await busyView();
    const stack = screenOf(view, pressed(view, ['tab', 'tab', 'z'])).join('\n');
    expect(stack).toContain(`0x${BIG.toString(16)}`);
    const storage = screenOf(view, pressed(view, ['shift-tab', 'z']), { columns: 60, rows: 24 });
    expect(storage.join('').replaceAll(/\s/g, '')).toContain(`0x${BIG.toString(16)}`);
    expect(storage.join('\n')).toContain('transient');
  });

  it('scrolls no further than there is something', async () => {
    const view = await busyView();
    const down = pressed(view, ['tab', 'tab', ...Array<string>(100).fill('pagedown')]);
    expect(screenOf(view, down).join('\n')).toMatch(/-42 of 42/);
    expect(screenOf(view, pressed(view, ['home'], down)).join('\n')).toMatch(/ 1-\d+ of 42/);
  });

  it('changes what the data pane shows', async () => {
    const view = await busyView();
    const titles = ['m', 'm', 'm', 'm'].map((_, i, keys) => {
      return /─ (Memory|Call data|Return data|Logs) \(/.exec(
        screenOf(view, pressed(view, keys.slice(i))).join('\n'),
      )![1];
    });
    expect(titles).toEqual(['Memory', 'Logs', 'Return data', 'Call data']);
  });

  it('points at code, to set a breakpoint there', async () => {
    const view = await busyView();
    const before = view.code[view.at - 2]!.pc;
    const { request } = press('.', view, pressed(view, ['up', 'up']), SIZE);
    expect(request).toEqual({ kind: 'toggle', pc: before });
    const marked = { ...view, marks: new Set([before]) };
    expect(screenOf(marked).join('\n')).toContain(`●  0x${before.toString(16).padStart(4, '0')}`);
  });

  it('looks at another call where the call stack is looked at', async () => {
    const session = await sessionOf([bytesToHex(code(push(5), call(0xc0den)))], {});
    const view = await session.view();
    expect(press('up', view, { ...START, focus: 'calls' }, SIZE).request).toEqual({
      kind: 'command',
      command: { kind: 'frame', depth: 0 },
    });
  });
});

describe('text', () => {
  it('is obeyed by no terminal', async () => {
    const session = await sessionOf(['5f'], {});
    const view = { ...(await session.view()), title: 'evil\x1b[2J\u202e' };
    const head = screenOf(view)[0]!;
    expect(head).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(head).toContain('evil\\x1b[2J');
  });

  it('is measured in cells', () => {
    expect(widthOf('aä…')).toBe(3);
    expect(widthOf('日本')).toBe(4);
    expect(widthOf('e\u0301')).toBe(1);
    expect(wrap('日本語', 4, 0)).toEqual(['日本', '語']);
    expect(wrap('one two three', 8)).toEqual(['one two', '  three']);
    expect(elide('0x0123456789abcdef', 12)).toBe('0x0123…bcdef');
  });

  it('has colours and Unicode only where they are wanted', () => {
    const line = [
      ['▶ a', 'green'],
      [' │', 'bold'],
    ] as const;
    expect(paint(line, { colours: true, unicode: true })).toBe('\x1b[32m▶ a\x1b[0m\x1b[1m │\x1b[0m');
    expect(paint(line, { colours: false, unicode: false })).toBe('> a\x1b[1m |\x1b[0m');
  });
});

describe('keys', () => {
  it('are read from what terminals send', () => {
    expect(keysOf('s\x1b[A\x1b[6~\x1bOH\r\x1b[Zä\x1b')).toEqual([
      's',
      'up',
      'pagedown',
      'home',
      'enter',
      'shift-tab',
      'ä',
      'esc',
    ]);
    // A mouse, a key with shift, a bell.
    expect(keysOf('\x1b[<0;3;4M\x1b[1;2P\x07')).toEqual([]);
  });
});
