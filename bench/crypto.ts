/**
 * `npm run bench:crypto`: what the fast cryptography brings (`erbium/crypto-fast`), by precompile: the same row with the
 * default cryptography and with the fast one, in turn. Their answers must be equal before anything is timed.
 *
 * Exit codes: 0 done, 1 the answers differ, 2 unusable arguments.
 */

import { parseArgs } from 'node:util';
import { type Crypto, nobleCrypto } from '../precompiles/crypto.ts';
import { fastCrypto } from '../precompiles/fast/index.ts';
import { rulesOf } from '../src/forks/rules.ts';
import { bytesToHex } from '../src/primitives/bytes.ts';
import { standardSamples } from './gas/standard.ts';
import { type Comparison, compare, geometricMean } from './measure.ts';

const USAGE = 'Usage: npm run bench:crypto -- [--rounds N] [--only TEXT]';
const DEFAULT_ROUNDS = 7;
const RULES = rulesOf('Osaka');
/** What the two differ in. */
const NAMES = /^(ECRECOVER|BN254_|BLS12_|KZG_|P256)/;

type Sample = ReturnType<typeof standardSamples>[number];

const runWith = ({ row, input }: Sample, crypto: Crypto): Uint8Array | null => row.run(input, crypto, RULES);

function toTable(samples: readonly Sample[], comparisons: readonly Comparison[], loading: number): string {
  const microseconds = (ms: number): string => (ms * 1_000).toFixed(0).padStart(10);
  const lines = comparisons.map(({ timings, ratios }, i) => {
    const { row, label } = samples[i]!;
    const [fast, noble] = timings;
    const spread = `${Math.round(100 * Math.max(fast!.spread, noble!.spread))}%`;
    return (
      `${row.name} ${label}`.padEnd(34) +
      microseconds(noble!.median) +
      microseconds(fast!.median) +
      `${ratios[1]!.toFixed(1)}×`.padStart(8) +
      spread.padStart(9)
    );
  });
  const mean = geometricMean(comparisons.map(({ ratios }) => ratios[1]!));
  return [
    `Node ${process.version}, microseconds, medians of ${comparisons[0]!.rounds} rounds; loading took ${loading.toFixed(0)} ms`,
    '',
    `${' '.repeat(34)}${'noble'.padStart(10)}${'fast'.padStart(10)}${'ratio'.padStart(8)}${'spread'.padStart(9)}`,
    ...lines,
    '',
    `geometric mean of the ratios: ${mean.toFixed(1)}×`,
  ].join('\n');
}

async function main(rounds: number, only: string): Promise<number> {
  const samples = standardSamples().filter(
    ({ row, label }) => NAMES.test(row.name) && `${row.name} ${label}`.toLowerCase().includes(only),
  );
  if (samples.length === 0) {
    console.error(`--only ${only}: no operation has such a name or label\n\n${USAGE}`);
    return 2;
  }
  const start = performance.now();
  const fast = await fastCrypto();
  const loading = performance.now() - start;
  for (const sample of samples) {
    const [own, other] = [fast, nobleCrypto].map((crypto) => runWith(sample, crypto));
    if (own == null || other == null || bytesToHex(own) !== bytesToHex(other)) {
      console.error(`wrong answer: ${sample.row.name} ${sample.label}`);
      return 1;
    }
  }
  const workloads = samples.map((sample) =>
    [fast, nobleCrypto].map((crypto) => ({ reset: () => {}, run: () => runWith(sample, crypto) })),
  );
  const tell = (round: number): void => console.error(`round ${round} of ${rounds}`);
  console.log(toTable(samples, await compare(workloads, rounds, tell), loading));
  return 0;
}

function parse(args: string[]): { rounds: number; only: string } | null {
  try {
    const { values } = parseArgs({ args, options: { rounds: { type: 'string' }, only: { type: 'string' } } });
    const rounds = Number(values.rounds ?? DEFAULT_ROUNDS);
    const usable = Number.isSafeInteger(rounds) && rounds > 0;
    return usable ? { rounds, only: (values.only ?? '').toLowerCase() } : null;
  } catch {
    return null;
  }
}

const options = parse(process.argv.slice(2));
if (options === null) {
  console.error(USAGE);
  process.exitCode = 2;
} else process.exitCode = await main(options.rounds, options.only);
