/**
 * Nanoseconds per gas as a chart: for each case two bars, one for each engine, on a logarithmic scale; the dearest for the
 * fast engine first. It stands by itself: no script, no font, and its own colours for light and for dark.
 */

import { median } from '../measure.ts';
import { ENGINES, FORK, type Measured } from './measure.ts';
import { perGas, sorted } from './report.ts';

const COLUMNS = 2;
const LABEL = 180;
const BAR = 240;
const VALUE = 44;
const GAP = 24;
const MARGIN = 16;
const HEAD = 92;
const ROW = 15;
const THICK = 5;
const FOOT = 20;
const COLUMN = LABEL + BAR + VALUE;
const WIDTH = 2 * MARGIN + COLUMNS * COLUMN + (COLUMNS - 1) * GAP;

// No variables: many programs that draw such a file do not know them.
const coloursOf = (
  back: string,
  ink: string,
  dim: string,
  grid: string,
  engines: readonly string[],
): string =>
  [
    `.back { fill: ${back}; } text { fill: ${ink}; } .dim { fill: ${dim}; } .grid { stroke: ${grid}; }`,
    ...ENGINES.map((engine, i) => `.${engine} { fill: ${engines[i]}; stroke: ${engines[i]}; }`),
  ].join(' ');

const STYLE = `
  ${coloursOf('#ffffff', '#1f2328', '#59636e', '#d8dee4', ['#0969da', '#d4812a'])}
  @media (prefers-color-scheme: dark) {
    ${coloursOf('#0d1117', '#e6edf3', '#9198a1', '#2a313c', ['#4493f8', '#db8b3a'])}
  }
  text { font: 10px ui-sans-serif, system-ui, sans-serif; }
  .title { font-size: 14px; font-weight: 600; }
  .end { text-anchor: end; }
  .middle { text-anchor: middle; }
  rect { stroke-width: 0; }
  .median { stroke-dasharray: 3 3; }
`;

/** Of instructions that differ by a number only, those that stand for the others. */
const STANDS_FOR_ITSELF = /^(?:PUSH(?:0|1|32)|(?:DUP|SWAP)(?:1|16)|(?!PUSH|DUP|SWAP).*)$/;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

interface Scale {
  /** Powers of ten within it. */
  readonly ticks: readonly number[];
  /** Pixels from the left end of the bars. */
  readonly at: (value: number) => number;
}

function scaleOf(values: readonly number[]): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.log10(Math.max(...values)) + 0.1);
  return {
    ticks: Array.from({ length: Math.floor(high - low) + 1 }, (_, i) => 10 ** (low + i)),
    at: (value) => (BAR * (Math.log10(value) - low)) / (high - low),
  };
}

const text = (x: number, y: number, words: string, classes = ''): string =>
  `<text x="${x}" y="${y}"${classes && ` class="${classes}"`}>${escaped(words)}</text>`;

const upright = (x: number, height: number, classes: string): string =>
  `<line x1="${x.toFixed(1)}" y1="${HEAD - 4}" x2="${x.toFixed(1)}" y2="${HEAD + height}" class="${classes}"/>`;

function rowOf(row: Measured, left: number, top: number, scale: Scale): string {
  const name = `${row.opcode} ${row.label}`.trim();
  const shares = ENGINES.map((_, engine) => perGas(row, engine));
  const bars = ENGINES.map((engine, i) => {
    const width = Math.max(1, scale.at(shares[i]!)).toFixed(1);
    const y = top + 2 + i * (THICK + 1);
    return `<rect x="${left + LABEL}" y="${y}" width="${width}" height="${THICK}" class="${engine}"/>`;
  });
  const told = shares.map((share) => (share < 10 ? share.toPrecision(2) : share.toFixed(0)));
  const title = `${name}: ${ENGINES.map((engine, i) => `${engine} ${told[i]}`).join(', ')} ns per gas`;
  return [
    `<g><title>${escaped(title)}</title>`,
    text(left + LABEL - 6, top + 11, name, 'end'),
    ...bars,
    text(left + COLUMN, top + 11, told[0]!, 'end dim'),
    '</g>',
  ].join('');
}

function frame(left: number, height: number, scale: Scale, medians: readonly number[]): string[] {
  const x = (value: number): number => left + LABEL + scale.at(value);
  return [
    ...scale.ticks.map((tick) => upright(x(tick), height, 'grid')),
    ...scale.ticks.map((tick) => text(x(tick), HEAD - 10, String(Number(tick.toPrecision(1))), 'middle dim')),
    ...ENGINES.map((engine, i) => upright(x(medians[i]!), height, `median ${engine}`)),
    text(left + COLUMN, HEAD - 10, ENGINES[0], 'end dim'),
  ];
}

/** A chart of those rows that stand for themselves, or of all where none does. */
export function toSvg(all: readonly Measured[]): string {
  const chosen = all.filter(({ opcode }) => STANDS_FOR_ITSELF.test(opcode));
  const rows = sorted(chosen.length > 0 ? chosen : all, ENGINES[0]);
  const shares = ENGINES.map((_, engine) => rows.map((row) => perGas(row, engine)));
  const scale = scaleOf(shares.flat());
  const medians = shares.map(median);
  const rowsHigh = Math.ceil(rows.length / COLUMNS);
  const height = rowsHigh * ROW;
  const lefts = Array.from({ length: COLUMNS }, (_, column) => MARGIN + column * (COLUMN + GAP));
  const legend = ENGINES.map((engine, i) => {
    const x = MARGIN + i * 260;
    const words = `engine ${engine}, median ${medians[i]!.toPrecision(2)} ns per gas`;
    return `<rect x="${x}" y="52" width="10" height="10" class="${engine}"/>${text(x + 15, 61, words)}`;
  });
  const total = HEAD + height + FOOT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${total}" width="${WIDTH}" height="${total}" role="img">`,
    `<title>Nanoseconds per gas of each instruction, ${escaped(FORK)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect width="${WIDTH}" height="${total}" class="back"/>`,
    text(MARGIN, 26, 'Nanoseconds per gas, by instruction', 'title'),
    text(
      MARGIN,
      42,
      `Logarithmic. An instruction far right of the others takes more time than it pays for. ${FORK}, Node ${process.version}.`,
      'dim',
    ),
    ...legend,
    ...lefts.flatMap((left) => frame(left, height, scale, medians)),
    ...rows.map((row, i) => rowOf(row, lefts[Math.floor(i / rowsHigh)]!, HEAD + (i % rowsHigh) * ROW, scale)),
    '</svg>',
    '',
  ].join('\n');
}
