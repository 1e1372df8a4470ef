/** What the state-test commands of other clients print: their roots, summaries and traces, line by line. */

import type { KnownOutcome } from '../fuzz/compare.ts';
import { bytesToHex, type Hex } from '../primitives/bytes.ts';

const MAX_LINE = 32 * 2 ** 20;
const MAX_TRACE = 256 * 2 ** 20;
const MAX_LAST_LINE = 500;
const LINE_FEED = 0x0a;

const ROOT = /"stateRoot"\s*:\s*"(0x[0-9a-fA-F]{64})"/;
const UNKNOWN_FORK = /(?:unsupported|unknown|undefined|invalid) fork[^,}]{0,80}/i;

/** Bytes to lines, of which none takes more than 32 MB. */
export class LineSplitter {
  private pieces: Buffer[] = [];
  private held = 0;

  /** @returns false where a line is too long */
  take(chunk: Buffer, each: (line: string) => void): boolean {
    let at = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, at)) {
      this.pieces.push(chunk.subarray(at, end));
      this.end(each);
      at = end + 1;
    }
    this.held += chunk.length - at;
    if (this.held > MAX_LINE) {
      this.pieces = [];
      this.held = 0;
      return false;
    }
    if (at < chunk.length) this.pieces.push(chunk.subarray(at));
    return true;
  }

  /** What is held is a line by now. */
  end(each: (line: string) => void): void {
    const { pieces } = this;
    this.pieces = [];
    this.held = 0;
    if (pieces.length > 0) each(Buffer.concat(pieces).toString());
  }
}

/** Reads the answer to one case. */
export class AnswerReader {
  answer: KnownOutcome | null = null;
  /** How many roots it came with. */
  roots = 0;
  /** In the words of a command that does not know the fork. */
  unknownFork: string | null = null;
  /** For people, cut off where it is long. */
  lastLine = '';
  private readonly lines: string[] | null;
  private held = 0;
  private hasSteps = false;

  constructor(keepsTrace: boolean) {
    this.lines = keepsTrace ? [] : null;
  }

  static hasRoot(line: string): boolean {
    return ROOT.test(line);
  }

  /** The trace, where one was printed that fits. */
  get trace(): readonly string[] | undefined {
    return this.hasSteps && this.held <= MAX_TRACE ? this.lines! : undefined;
  }

  /** @returns whether the line has the root */
  take(line: string, isError: boolean): boolean {
    if (line.trim() !== '') this.lastLine = line.slice(0, MAX_LAST_LINE);
    if (isError && this.lines !== null) this.keep(line);
    const root = ROOT.exec(line)?.[1];
    if (root === undefined) {
      // A step holds no words, and many digits.
      if (!line.startsWith('{"pc"')) this.unknownFork ??= UNKNOWN_FORK.exec(line)?.[0] ?? null;
      return false;
    }
    this.roots++;
    const found = { ...summaryOf(line), stateRoot: root.toLowerCase() as Hex };
    this.answer = { ...this.answer, ...found };
    this.unknownFork = null;
    return true;
  }

  private keep(line: string): void {
    this.held += line.length;
    if (this.held > MAX_TRACE) return;
    this.lines!.push(line);
    this.hasSteps ||= line.startsWith('{') && line.includes('"pc"');
  }
}

/** What a summary on the line of the root says beside it; nothing where the line is a part of something longer. */
function summaryOf(line: string): KnownOutcome {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {};
  }
  const gasUsed = gasOf(fields.gasUsed);
  const logsHash = hexOf(fields.logsRoot, 32);
  const output = hexOf(fields.output);
  const words = fields.errorMsg ?? fields.error;
  return {
    ...(gasUsed === null ? {} : { gasUsed }),
    ...(logsHash === null ? {} : { logsHash }),
    ...(output === null ? {} : { output }),
    ...(typeof words === 'string' && words !== '' ? { words } : {}),
  };
}

function gasOf(value: unknown): bigint | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : null;
  return typeof value === 'string' && /^(?:0x[0-9a-f]{1,64}|[0-9]{1,77})$/i.test(value)
    ? BigInt(value)
    : null;
}

function hexOf(value: unknown, length?: number): Hex | null {
  if (typeof value !== 'string' || !/^(?:0x)?(?:[0-9a-f]{2})*$/i.test(value)) return null;
  const bytes = Buffer.from(value.replace(/^0x/i, ''), 'hex');
  return length === undefined || bytes.length === length ? bytesToHex(bytes) : null;
}
