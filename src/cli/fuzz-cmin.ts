/**
 * `erbium fuzz cmin`: a smaller corpus that reaches the same. Each feature keeps the cheapest case that reaches it, as
 * afl-cmin and the merge of libFuzzer do; then what the dearer of these reach as well goes too.
 */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FuzzCase } from '../fuzz/case.ts';
import { Coverage } from '../fuzz/coverage.ts';
import { CaseRunner } from '../fuzz/execute.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { EXIT } from './exit.ts';
import { exceptionCause, textOf } from './fuzz-check.ts';
import { readCorpus } from './fuzz-files.ts';
import { idOf } from './fuzz-store.ts';
import { buildFolder, isTaken, taken } from './state-transfer.ts';
import { turn } from './temporary.ts';
import { printable } from './text.ts';
import { writeFiles } from './write-files.ts';

export interface CminOptions {
  readonly out: string;
  readonly json?: true;
}

/** Such a case would hold up each campaign that begins with it. */
const HANG_MS = 20_000;

interface Candidate {
  readonly fuzzCase: FuzzCase;
  readonly text: string;
  /** Instructions times bytes. Counted rather than timed: the same on every machine. */
  readonly cost: number;
}

export async function cmin(paths: readonly string[], { out, json }: CminOptions): Promise<void> {
  // Said before anybody waits for the cases to run.
  if (isTaken(out)) throw taken(out);
  const reader = new Reader();
  for (const path of paths) await reader.read(path);
  const { candidates, cases, broken, failures } = reader;
  if (candidates.size === 0) throw new ErbiumError('INVALID_FIXTURE', `${paths.join(', ')}: holds no case`);
  const { kept, features } = smallest([...candidates.values()]);
  await buildFolder(out, async (building) => {
    mkdirSync(building);
    for (const { text } of kept) {
      writeFiles([[join(building, `${idOf(text)}.json`), text]], { flush: false });
      await turn();
    }
  });
  const words = `${out}: ${kept.length} of ${cases} cases keep ${features} features`;
  const figures = { out, kept: kept.length, cases, features, broken, failures };
  process.stdout.write(`${json ? JSON.stringify(figures) : printable(words)}\n`);
  process.exitCode = failures > 0 ? EXIT.FAILURE : EXIT.OK;
}

const say = (what: string): void => void process.stderr.write(`erbium: ${printable(what)}\n`);

/** Reads cases and runs each once, to see what it costs. */
class Reader {
  /** By their text: what is there twice is one. */
  readonly candidates = new Map<string, Candidate>();
  cases = 0;
  /** Files that cannot be read. */
  broken = 0;
  /** Cases that Erbium does not survive. */
  failures = 0;
  private readonly coverage = new Coverage();
  private readonly runner = new CaseRunner(this.coverage);
  private readonly plain = new CaseRunner();

  async read(path: string): Promise<void> {
    for await (const file of readCorpus(path)) {
      if (file.kind === 'broken') {
        say(file.problem);
        this.broken++;
        continue;
      }
      for (const { id, reason } of file.leftOut) say(`${file.file}: left out: ${id}: ${reason}`);
      for (const fuzzCase of file.cases) this.take(fuzzCase, file.file);
    }
  }

  private take(fuzzCase: FuzzCase, file: string): void {
    this.cases++;
    const started = performance.now();
    const hangs = (): boolean => performance.now() - started > HANG_MS;
    this.coverage.begin();
    try {
      this.runner.halt(fuzzCase, hangs);
    } catch (error) {
      this.failures++;
      say(`${file}: left out, because Erbium does not survive it: ${exceptionCause(error)}`);
      return;
    }
    if (hangs()) {
      this.failures++;
      say(`${file}: left out, because it takes more than ${HANG_MS} ms`);
      return;
    }
    const text = textOf(fuzzCase, 'kept', this.plain);
    this.candidates.set(text, { fuzzCase, text, cost: (this.coverage.steps + 1) * text.length });
  }
}

function smallest(candidates: readonly Candidate[]): { kept: Candidate[]; features: number } {
  const cheapestFirst = [...candidates].sort((a, b) => a.cost - b.cost || (a.text < b.text ? -1 : 1));
  const { kept, features } = thoseThatAdd(cheapestFirst);
  return { kept: thoseThatAdd(kept.reverse()).kept, features };
}

/** Those that reach something that none before them did. */
function thoseThatAdd(candidates: readonly Candidate[]): { kept: Candidate[]; features: number } {
  const coverage = new Coverage();
  const runner = new CaseRunner(coverage);
  const kept = candidates.filter(({ fuzzCase }) => {
    coverage.begin();
    runner.halt(fuzzCase);
    return coverage.take() > 0;
  });
  return { kept, features: coverage.features };
}
