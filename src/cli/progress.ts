/** Progress of long work: a bar on a terminal, a plain line now and then elsewhere. */

import cliProgress from 'cli-progress';

export interface Progress {
  /**
   * @param done bytes of the input that are worked off
   */
  update(done: number, cases: number, failed: number): void;
  stop(): void;
}

// Work that is over sooner shows nothing.
const SHOW_AFTER_MS = 2_000;
const PLAIN_EVERY_MS = 10_000;

export const showProgress = (total: number): Progress =>
  process.stderr.isTTY ? bar(total) : plainLines(total);

function bar(total: number): Progress {
  const started = performance.now();
  const single = new cliProgress.SingleBar(
    {
      format: '{bar} {percentage}% | {cases} cases, {failed} failed | {eta_formatted} left',
      hideCursor: true,
    },
    cliProgress.Presets.shades_classic,
  );
  let shown = false;
  return {
    update(done, cases, failed) {
      if (!shown && performance.now() - started < SHOW_AFTER_MS) return;
      if (!shown) single.start(total, done, { cases, failed });
      shown = true;
      single.update(done, { cases, failed });
    },
    stop() {
      if (shown) single.stop();
    },
  };
}

function plainLines(total: number): Progress {
  let last = performance.now();
  return {
    update(done, cases, failed) {
      if (performance.now() - last < PLAIN_EVERY_MS) return;
      last = performance.now();
      const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
      process.stderr.write(`${percent}%: ${cases} cases, ${failed} failed\n`);
    },
    stop() {},
  };
}
