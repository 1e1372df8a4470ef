/** The option `--engine` of the commands that run code. */

import { Option } from 'commander';
import { ENGINE_CHOICES } from '../evm/engine-choice.ts';

export const engineOption = (): Option =>
  new Option(
    '--engine <name>',
    'what runs the code: wasm is the fast one, bigint the reference; auto is wasm where it can be had',
  )
    .choices(ENGINE_CHOICES)
    .default('auto');
