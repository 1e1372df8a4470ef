/** What a campaign says while it runs: events, and on a terminal one line that changes. */

import { printable } from './text.ts';

/** The state of a campaign. */
export interface FuzzState {
  readonly runs: number;
  readonly steps?: number;
  /** Of a campaign that grows a corpus. */
  readonly features?: number;
  readonly kept?: number;
  readonly findings: number;
  readonly seconds: number;
}

/** An event, with its fields as they go into JSON. */
export type FuzzEvent = { readonly event: string } & Readonly<Record<string, string | number>>;

const SHOW_EVERY_MS = 250;
const PLAIN_EVERY_MS = 10_000;
const JSON_EVERY_MS = 1_000;

const grouped = (value: number): string => Math.round(value).toLocaleString('en');
const keptWords = (kept: number | undefined): string =>
  kept === undefined ? '' : `${grouped(kept)} cases kept, `;

export class FuzzLine {
  private readonly json: boolean;
  private last = 0;
  private isShown = false;

  /** @param json events go to standard output, a JSON object each; without it all is for people, on standard error */
  constructor(json: boolean) {
    this.json = json;
  }

  /** The state as it is now. */
  show(state: FuzzState): void {
    const isTerminal = process.stderr.isTTY && !this.json;
    const now = performance.now();
    const every = this.json ? JSON_EVERY_MS : isTerminal ? SHOW_EVERY_MS : PLAIN_EVERY_MS;
    if (now - this.last < every) return;
    this.last = now;
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ event: 'progress', ...state })}\n`);
      return;
    }
    const { runs, features, kept, findings, seconds } = state;
    const text =
      `${grouped(seconds)} s: ${grouped(runs)} runs, ${grouped(runs / seconds)}/s, ` +
      `${features === undefined ? '' : `${grouped(features)} features, `}${keptWords(kept)}${findings} findings`;
    process.stderr.write(isTerminal ? `\r\x1b[2K${text}` : `${text}\n`);
    this.isShown = isTerminal;
  }

  say(event: FuzzEvent): void {
    if (this.json) {
      process.stdout.write(`${JSON.stringify(event)}\n`);
      return;
    }
    if (this.isShown) process.stderr.write('\r\x1b[2K');
    this.isShown = false;
    process.stderr.write(`${wordsOf(event)}\n`);
    // What no file took; else it would be lost.
    if (event.test !== undefined) process.stdout.write(`${event.test}\n`);
  }
}

function wordsOf(event: FuzzEvent): string {
  switch (event.event) {
    case 'start':
      if (event.about !== undefined) return `fuzz ${event.mode}: ${event.about}, --seed ${event.seed}`;
      return (
        `fuzz ${event.mode}: ${event.profile === undefined ? '' : `profile ${event.profile}, `}` +
        `--seed ${event.seed}, ${event.corpus} cases to begin with`
      );
    case 'finding': {
      const note = event.note === undefined ? '' : ` (${printable(String(event.note))})`;
      const { command = printable(String(event.problem)) } = event;
      return `found: ${printable(String(event.cause))}${note}\n  ${command}`;
    }
    case 'trouble':
      return `erbium: ${printable(String(event.what))}`;
    default: {
      const { runs, seconds, perSecond, kept, findings } = event as FuzzEvent & Record<string, number>;
      return (
        `${grouped(runs!)} runs in ${seconds!.toFixed(1)} s, ${grouped(perSecond!)}/s, ` +
        `${keptWords(kept)}${findings} findings`
      );
    }
  }
}
