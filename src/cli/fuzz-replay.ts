/** `erbium fuzz replay`: runs cases again, and says what each contender makes of them. */

import type { EngineChoice } from '../evm/engine-choice.ts';
import { type Answer, type Contender, causeOf, compare, isFailure, isNotCompared } from '../fuzz/compare.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { EXIT } from './exit.ts';
import { describe, openContenders } from './fuzz-check.ts';
import { readCorpus } from './fuzz-files.ts';
import { printable } from './text.ts';

export interface ReplayOptions {
  readonly ethereumjs?: true;
  readonly against?: string;
  readonly batch?: string;
  readonly patience: number;
  readonly engine: EngineChoice;
  readonly json?: true;
}

export async function replay(paths: readonly string[], options: ReplayOptions): Promise<void> {
  const { ethereumjs = false, against, batch, patience, engine, json } = options;
  const contenders = await openContenders({ ethereumjs, against, batch, patience }, engine);
  let cases = 0;
  let differing = 0;
  try {
    for (const path of paths) {
      for await (const file of readCorpus(path)) {
        if (file.kind === 'broken') throw new ErbiumError('INVALID_FIXTURE', file.problem);
        for (const { id, reason } of file.leftOut)
          process.stderr.write(`erbium: ${printable(`${id}: ${reason}`)}\n`);
        for (const fuzzCase of file.cases) {
          cases++;
          const answers: [Contender, Answer][] = [];
          for (const contender of contenders) answers.push([contender, await contender.run(fuzzCase)]);
          const [, own] = answers[0]!;
          const causes = answers.slice(1).map(([, answer]) => causeOf(compare(own, answer)));
          const differs = causes.some((cause) => cause !== null);
          if (differs) differing++;
          if (json) {
            const said = Object.fromEntries(answers.map(([{ name }, answer]) => [name, jsonOf(answer)]));
            process.stdout.write(
              `${JSON.stringify({ file: file.file, fork: fuzzCase.fork, differs, answers: said })}\n`,
            );
          } else {
            const lines = answers.map(([{ name }, answer]) => `  ${name}: ${wordsOf(answer)}`);
            const head = `${printable(file.file)}, ${fuzzCase.fork}: ${differs ? 'they differ' : 'they agree'}`;
            process.stdout.write(
              `${[head, ...lines].join('\n')}\n${differs ? `\n${describe(fuzzCase)}\n` : ''}`,
            );
          }
        }
      }
    }
  } finally {
    for (const contender of contenders) await contender.close?.();
  }
  if (cases === 0) throw new ErbiumError('INVALID_FIXTURE', `${paths.join(', ')}: holds no case`);
  process.exitCode = differing > 0 ? EXIT.FAILURE : EXIT.OK;
}

const jsonOf = (answer: Answer) =>
  'gasUsed' in answer && answer.gasUsed !== undefined
    ? { ...answer, gasUsed: answer.gasUsed.toString() }
    : answer;

function wordsOf(answer: Answer): string {
  if (isNotCompared(answer)) return `not compared: ${answer.notCompared}`;
  if (isFailure(answer)) return `${answer.failure}: ${answer.detail}`;
  const { valid, words, stateRoot, gasUsed, output } = answer;
  const parts = [
    valid === false ? `refused${words === undefined ? '' : ` (${words})`}` : undefined,
    gasUsed === undefined ? undefined : `gas ${gasUsed}`,
    output === undefined || output === '0x' ? undefined : `output ${output}`,
    stateRoot === undefined ? undefined : `root ${stateRoot}`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}
