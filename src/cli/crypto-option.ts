/** The option `--crypto` of the commands that run code. */

import { Option } from 'commander';
import { CRYPTO_CHOICES } from './crypto-choice.ts';

export const cryptoOption = (): Option =>
  new Option(
    '--crypto <name>',
    'who computes on curves: noble, or fast, which is mcl-wasm (npm install mcl-wasm): half a second to load, then three times as fast',
  )
    .choices(CRYPTO_CHOICES)
    .default('noble');
