import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Opened, openPage, openSite, type Site } from './page.ts';

const smoke = join(import.meta.dirname, '../../../ethereum-tests/smoke');
const files = readdirSync(smoke, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .map((name) => join(smoke, name));

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site?.close());

/** Works on a page of its own, which must neither fail nor say anything in the console. */
async function visit(work: (opened: Opened) => Promise<void>, path = '', options = {}): Promise<void> {
  const opened = await openPage(site, path, options);
  try {
    await work(opened);
    expect(opened.problems).toEqual([]);
  } finally {
    await opened.context.close();
  }
}

const source = (page: Page) => page.getByLabel('Bytecode, assembly or a state test');
const outcome = (page: Page) => page.getByRole('status', { name: 'Outcome' });
const where = (page: Page) => page.getByRole('status', { name: 'Where the debugger stands' });
const alert = (page: Page) => page.getByRole('alert');

async function run(page: Page, code: string): Promise<void> {
  await source(page).fill(code);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('tab', { name: 'Debugger' }).click();
  await where(page).getByText('Step 0').waitFor();
}

const SUM = 'PUSH 2\nPUSH 3\nADD\nPUSH 0 SSTORE\nSTOP';
/** Calls the identity precompile, then itself would end. */
const CALLS = 'PUSH 0 PUSH 0 PUSH 0 PUSH 0 PUSH 0 PUSH 4 GAS CALL\nSTOP';

describe('state tests in the page', () => {
  it('pass on both engines, every smoke file', async () => {
    await visit(async ({ page }) => {
      await page.getByRole('tab', { name: 'Test files' }).click();
      await page.getByLabel('Drop files of state tests here, or choose some').setInputFiles(files);
      const summary = page.locator('.summary[data-done="true"]');
      await summary.waitFor({ timeout: 110_000 });
      const [, passed, cases, passedToo, casesToo] =
        /^wasm: ([\d,]+) of ([\d,]+) cases passed .* bigint: ([\d,]+) of ([\d,]+) cases passed/.exec(
          (await summary.textContent()) ?? '',
        ) ?? [];
      expect([passed, passedToo, casesToo]).toEqual([cases, cases, cases]);
      expect(Number(cases?.replace(',', ''))).toBeGreaterThan(files.length);
      expect(await page.locator('.files tbody tr').count()).toBe(files.length);
    });
  });

  it('one is opened from a file, run and debugged on either engine', async () => {
    await visit(async ({ page }) => {
      await page.locator('#open-file').setInputFiles(join(smoke, 'opcodes/revert.json'));
      await page.getByText('Read as a state test.').waitFor();
      for (const engine of ['wasm', 'bigint']) {
        await page.getByLabel('Engine').selectOption(engine);
        await page.getByRole('button', { name: 'Run', exact: true }).click();
        await outcome(page).getByText(`Time on ${engine}`).waitFor();
        await outcome(page).getByText('As the test states', { exact: true }).waitFor();
      }
      const cases = page.getByLabel('Case, one of 4');
      await cases.selectOption('revert/Istanbul/d0g0v0');
      await where(page).getByText('of 9').waitFor();
      expect(await cases.inputValue()).toBe('revert/Istanbul/d0g0v0');
    });
  });

  it('a file that is none is told', async () => {
    await visit(async ({ page }) => {
      await page.getByRole('tab', { name: 'Test files' }).click();
      const file = { name: 'other.json', mimeType: 'application/json', buffer: Buffer.from('{"a": 1}') };
      await page.getByLabel('Drop files of state tests here, or choose some').setInputFiles([file]);
      await page.getByText(/^other\.json: /).waitFor();
      await run(page, SUM);
    });
  });
});

describe('the debugger', () => {
  it('is led by clicks, forwards and backwards', async () => {
    await visit(async ({ page }) => {
      await run(page, SUM);
      await where(page).getByText('of 6').waitFor();
      const step = page.getByRole('button', { name: 'Step', exact: true });
      for (const _ of [1, 2]) await step.click();
      await where(page).getByText('Step 2').waitFor();
      expect(await page.locator('.words .value').allTextContents()).toEqual(['0x3', '0x2']);
      expect(await page.locator('.row[aria-current="step"]').textContent()).toContain('ADD');
      await step.click();
      await where(page).getByText('Step 3').waitFor();
      expect(await page.locator('.words .value').allTextContents()).toEqual(['0x5']);
      await page.getByRole('button', { name: 'Step back', exact: true }).click();
      await where(page).getByText('Step 2').waitFor();
      expect(await page.locator('.words .value').allTextContents()).toEqual(['0x3', '0x2']);
      await page.getByRole('button', { name: 'To the end' }).click();
      await where(page).getByText('This is the end.').waitFor();
      expect(await page.locator('.slots .changed').textContent()).toBe('0x00x50x0');
    });
  });

  it('is led by keys, and they stay letters where somebody types', async () => {
    await visit(async ({ page }) => {
      await run(page, SUM);
      await source(page).focus();
      await page.keyboard.type('s');
      expect(await where(page).textContent()).toContain('Step 0');
      await page.getByRole('button', { name: 'Run', exact: true }).focus();
      for (const [key, step] of [
        ['s', 'Step 1'],
        ['s', 'Step 2'],
        ['Shift+S', 'Step 1'],
        ['Shift+G', 'Step 6'],
        ['Shift+O', 'Step 5'],
        ['g', 'Step 0'],
      ] as const) {
        await page.keyboard.press(key);
        await where(page).getByText(step).waitFor();
      }
    });
  });

  it('stops at breakpoints, also on the way back, and removes them', async () => {
    await visit(async ({ page }) => {
      await run(page, SUM);
      await page.getByRole('button', { name: '4: ADD , breakpoint' }).click();
      await page.getByRole('button', { name: 'Continue to a breakpoint' }).click();
      await where(page).getByText('Step 2').waitFor();
      await page.getByRole('button', { name: 'To the end' }).click();
      await where(page).getByText('Step 6').waitFor();
      await page.getByRole('button', { name: 'Back to a breakpoint' }).click();
      await where(page).getByText('Stopped at a breakpoint.').waitFor();
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await where(page).getByText('Step 0').waitFor();
      await page.getByRole('button', { name: /^Remove Place 4/ }).click();
      await page.getByLabel('Stop at').selectOption('opcode');
      await page.getByRole('textbox', { name: 'Instruction' }).fill('sstore');
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByRole('button', { name: 'Continue to a breakpoint' }).click();
      await where(page).getByText('SSTORE').waitFor();
    });
  });

  it('moves in the code by the arrows, and sets a breakpoint by Enter', async () => {
    await visit(async ({ page }) => {
      await run(page, SUM);
      await page.locator('.row[tabindex="0"]').focus();
      await page.keyboard.press('ArrowDown');
      await page.locator('.row[data-row="1"]:focus').waitFor();
      await page.keyboard.press('Enter');
      await page.locator('.row[data-row="1"][aria-pressed="true"]').waitFor();
    });
  });
});

describe('what a run did', () => {
  it('is in the tree of calls, the flame graph and the changes', async () => {
    await visit(async ({ page }) => {
      await run(page, CALLS);
      await page.getByRole('tab', { name: 'Debugger' }).focus();
      await page.keyboard.press('ArrowRight');
      expect(await page.locator('.calls summary').count()).toBe(2);
      await page.getByRole('tab', { name: 'Gas' }).click();
      const flame = page.frameLocator('iframe[title="Flame graph of the gas"]');
      await flame.locator('.box').first().waitFor();
      await run(page, SUM);
      await page.getByRole('tab', { name: 'Changes' }).click();
      await page.getByRole('cell', { name: 'slot 0x0' }).waitFor();
    });
  });
});

describe('a run of 1,024 calls in one another', () => {
  it('is shown as deep as the page goes', async () => {
    await visit(async ({ page }) => {
      await page.locator('#open-file').setInputFiles(join(smoke, 'opcodes/recursion.json'));
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await where(page).getByText('of 18,450').waitFor();
      await page.getByRole('tab', { name: 'Calls' }).click();
      await page.getByText('down to a depth of 100').waitFor();
      expect(await page.locator('.calls summary').count()).toBe(101);
    });
  });
});

describe('a link', () => {
  it('opens the case that was shared', async () => {
    let fragment = '';
    await visit(async ({ page }) => {
      await run(page, SUM);
      await page.getByLabel('Call data', { exact: true }).fill('0x1234');
      await page.getByRole('button', { name: 'Share as a link' }).click();
      const link = await page.getByLabel('Link of this case').inputValue();
      fragment = new URL(link).hash;
    });
    await visit(async ({ page }) => {
      await where(page).getByText('of 6').waitFor();
      expect(await source(page).inputValue()).toBe(SUM);
      expect(await page.getByLabel('Call data', { exact: true }).inputValue()).toBe('0x1234');
    }, fragment);
    const damaged = [
      fragment.slice(0, -9),
      `${fragment.slice(0, 20)}A${fragment.slice(21)}`,
      '#case=1.',
      '#case=1.%%',
      '#case=2.AAAA',
    ];
    for (const path of damaged) {
      await visit(async ({ page }) => {
        await alert(page).getByText('The link is damaged: ').waitFor();
        await run(page, SUM);
        expect(await alert(page).textContent()).toBe('');
      }, path);
    }
  });
});

describe('a case that is too much', () => {
  it.each([
    ['', 'There is nothing to run'],
    ['PUSH 2\nFOO', 'line 2: "FOO" is no instruction'],
    ['PUSH1 0x100', 'line 1: 0x100 does not fit a byte'],
    ['PUSH @nowhere', 'line 1: there is no label nowhere'],
    ['0x60f', 'hex'],
    ['{"a": ', 'JSON'],
  ])('%j is told', async (code, words) => {
    await visit(async ({ page }) => {
      await source(page).fill(code);
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await alert(page).getByText(words).waitFor();
      await run(page, SUM);
    });
  });

  it('an endless loop ends in a message, and the debugger still goes both ways', async () => {
    await visit(async ({ page }) => {
      await page.getByLabel('Gas', { exact: true }).fill('1000000000000000000');
      await run(page, 'again: PUSH @again JUMP');
      await outcome(page).getByText('Stopped by the page').waitFor();
      await page.getByRole('button', { name: 'To the end' }).click();
      await where(page).getByText('Stopped on the way').waitFor();
      const at = async () =>
        Number(/[\d,]+/.exec((await where(page).textContent()) ?? '')?.[0].replaceAll(',', ''));
      const far = await at();
      expect(far).toBeGreaterThan(100_000);
      await page.getByRole('button', { name: 'Step back', exact: true }).click();
      await expect.poll(at).toBe(far - 1);
    });
  });

  it('is stopped by the button while it runs', async () => {
    await visit(async ({ page }) => {
      await page.getByLabel('Gas', { exact: true }).fill('1000000000000000000');
      await source(page).fill('again: PUSH @again JUMP');
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      await alert(page).getByText('Stopped.').waitFor();
      await page.getByLabel('Gas', { exact: true }).fill('1000000');
      await run(page, SUM);
    });
  });

  it('100 MB of memory are shown in parts, and what is beyond the limit is told', async () => {
    await visit(async ({ page }) => {
      await page.getByLabel('Gas', { exact: true }).fill('10000000000000');
      await run(page, 'PUSH 1 PUSH 100000000 MSTORE STOP');
      await page.getByRole('button', { name: 'To the end' }).click();
      await where(page).getByText('This is the end.').waitFor();
      await page.getByRole('button', { name: 'Step back', exact: true }).click();
      await page.getByText('100,000,032 bytes').waitFor();
      await page.getByLabel('From byte').fill('100000000');
      await page.getByLabel('From byte').press('Enter');
      await page.locator('.bytes tr:not(.zero)').waitFor();
      await run(page, 'PUSH 1 PUSH 1000000000 MSTORE STOP');
      await outcome(page).getByText('host limit: memory').waitFor();
    });
  });
});

describe('the page', () => {
  it('works with the network off', async () => {
    await visit(async ({ page, context, problems }) => {
      await page.evaluate(() => navigator.serviceWorker.ready);
      await context.setOffline(true);
      await page.reload();
      await run(page, SUM);
      await where(page).getByText('of 6').waitFor();
      expect(problems).toEqual([]);
    });
  });

  it.each([
    [390, 844],
    [1280, 800],
  ])('has nothing beyond its sides at %d x %d', async (width, height) => {
    await visit(
      async ({ page }) => {
        await page.getByRole('button', { name: 'A creation, a call and a precompile' }).click();
        await where(page).getByText('of 47').waitFor();
        for (const tab of await page.getByRole('tab').all()) {
          await tab.click();
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
        }
      },
      '',
      { viewport: { width, height } },
    );
  });
});
