/** What the bench prints. Ratios are the message; absolute times belong to one machine on one day. */

import { type Comparison, geometricMean } from './measure.ts';

export interface Row extends Comparison {
  readonly name: string;
}

const NAME_WIDTH = 38;
const CELL_WIDTH = 20;
const RATIO_WIDTH = 8;

const percent = (share: number): string => `±${Math.round(share * 50)}%`.padStart(6);

function header(names: readonly string[]): string {
  const others = names.slice(1);
  const cells = names.map((name) => `${name} ms`.padStart(CELL_WIDTH));
  const ratios = others.map(() => 'ratio'.padStart(RATIO_WIDTH));
  return 'workload'.padEnd(NAME_WIDTH) + cells.join('') + ratios.join('');
}

function rowLine({ name, timings, ratios }: Row): string {
  const cells = timings.map(({ median, spread }) =>
    `${median.toPrecision(3)} ${percent(spread)}`.padStart(CELL_WIDTH),
  );
  const others = ratios.slice(1).map((ratio) => ratio.toFixed(2).padStart(RATIO_WIDTH));
  return name.padEnd(NAME_WIDTH) + cells.join('') + others.join('');
}

/** Geometric mean and minimum of each EVM's ratios. */
function totals(names: readonly string[], rows: readonly Row[]) {
  return names.slice(1).map((name, i) => {
    const ratios = rows.map((row) => row.ratios[i + 1]!);
    const minimum = Math.min(...ratios);
    return {
      name,
      geometricMean: geometricMean(ratios),
      minimum,
      slowest: rows[ratios.indexOf(minimum)]!.name,
    };
  });
}

export function toTable(names: readonly string[], rows: readonly Row[]): string {
  const sentences = totals(names, rows).map(
    ({ name, geometricMean: mean, minimum, slowest }) =>
      `${name} takes ${mean.toFixed(2)} times as long as ${names[0]} (geometric mean of ${rows.length}), ` +
      `at the least ${minimum.toFixed(2)} times (${slowest}).`,
  );
  return [`Node ${process.version}`, '', header(names), ...rows.map(rowLine), '', ...sentences].join('\n');
}

export const toJson = (names: readonly string[], rows: readonly Row[]): string =>
  JSON.stringify(
    { node: process.version, evms: names, workloads: rows, totals: totals(names, rows) },
    null,
    2,
  );
