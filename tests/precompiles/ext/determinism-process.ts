/** Prints a hash of what the extensions answer to a thousand inputs, in a process where nothing is random. */

import { nobleCrypto } from '../../../precompiles/index.ts';
import { LATEST_FORK } from '../../../src/forks/fork.ts';
import { rulesOf } from '../../../src/forks/rules.ts';
import { bytesToHex, concatBytes } from '../../../src/primitives/bytes.ts';
import { keccak256 } from '../../../src/primitives/keccak.ts';
import { distorted } from './mutations.ts';
import { allSamples, priceOf } from './samples/index.ts';

const INPUTS = 1_000;
/** Gas that all near-valid inputs of one sample may take. */
const BUDGET = 30_000;

const rules = rulesOf(LATEST_FORK);
const samples = await allSamples();

// From here on: to make keys and proofs for the samples, libraries blind their arithmetic with randomness.
const throws = (): never => {
  throw new Error('randomness');
};
Math.random = throws;
crypto.getRandomValues = throws;

const rows: string[] = [];
let answered = 0;
let valid = 0;
for (let round = 0; answered < INPUTS; round++) {
  for (const sample of samples) {
    const { row, input } = sample;
    const count = Math.floor(Math.min(24, BUDGET / priceOf(sample)));
    const near = [...distorted(input, round, count)];
    const inputs = round === 0 ? [input] : near.slice(near.length - count);
    const outputs = inputs.map((bytes) => row.run(bytes, nobleCrypto, rules));
    answered += inputs.length;
    valid += outputs.filter((output) => output !== null).length;
    const joined = concatBytes(input, ...outputs.map((output) => output ?? Uint8Array.of(0xee)));
    rows.push(`${row.name} ${sample.label} ${bytesToHex(keccak256(joined))}`);
  }
}
console.log(`${answered} inputs, ${valid} with an answer`);
console.log(rows.join('\n'));
