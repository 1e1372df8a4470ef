/** Progress of work in steps: a bar on a terminal, a plain line now and then elsewhere. */

import cliProgress from 'cli-progress';

export interface Steps {
  /** @param share of all work that this step is, of 1 */
  begin(name: string, share: number): void;
  /** @param part of the step that is done, of 1 */
  update(part: number): void;
  /** What the step is doing. */
  detail(text: string): void;
  stop(): void;
}

// Work that is over sooner shows nothing.
const SHOW_AFTER_MS = 2_000;
const PLAIN_EVERY_MS = 10_000;
const REFRESH_MS = 500;
const FRAMES_PER_SECOND = 20;
/** After so long what was last told is on the terminal. */
const FRAME_MS = 2 * (1_000 / FRAMES_PER_SECOND);

/** A pause in which a signal is heeded, and the step that was begun is shown. */
export const pause = (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, process.stderr.isTTY ? FRAME_MS : 0));

export function showSteps(): Steps {
  const show = process.stderr.isTTY ? bar() : plainLines();
  let before = 0;
  let share = 0;
  let done = 0;
  let name = '';
  let what = '';
  const refresh = (): void => show.update(Math.floor(100 * (before + share * done)), name + what);
  // A step that tells nothing of itself is named nevertheless.
  const timer = setInterval(refresh, REFRESH_MS);
  timer.unref();
  return {
    begin(nextName, nextShare) {
      before += share;
      [name, what, share, done] = [nextName, '', nextShare, 0];
      refresh();
    },
    update(part) {
      done = part;
      refresh();
    },
    detail(text) {
      what = `: ${text}`;
      refresh();
    },
    stop() {
      clearInterval(timer);
      show.stop();
    },
  };
}

interface Show {
  update(percent: number, step: string): void;
  stop(): void;
}

function bar(): Show {
  const started = performance.now();
  const single = new cliProgress.SingleBar(
    // To hide the cursor and to bring it back it would listen for signals, which would then wait for steps without a pause.
    { format: '{bar} {percentage}% | {step}', gracefulExit: false, fps: FRAMES_PER_SECOND },
    cliProgress.Presets.shades_classic,
  );
  let shown = false;
  return {
    update(percent, step) {
      if (!shown && performance.now() - started < SHOW_AFTER_MS) return;
      if (!shown) single.start(100, percent, { step });
      shown = true;
      single.update(percent, { step });
    },
    stop() {
      if (shown) single.stop();
    },
  };
}

function plainLines(): Show {
  let last = performance.now();
  return {
    update(percent, step) {
      if (performance.now() - last < PLAIN_EVERY_MS) return;
      last = performance.now();
      process.stderr.write(`${percent}%: ${step}\n`);
    },
    stop() {},
  };
}
