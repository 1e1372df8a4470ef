/** `--record`, of the commands that run one thing; `record.ts` does it. */

import { InvalidArgumentError, Option } from 'commander';

export const recordOption = (): Option =>
  new Option(
    '--record <file>',
    'keep all that the run reads, for erbium replay; it runs a second time, traced, for a digest of its trace',
  ).argParser((file: string) => {
    if (file !== '' && file !== '-') return file;
    throw new InvalidArgumentError('expected the name of a file.');
  });
