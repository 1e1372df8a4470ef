/**
 * A flame graph of a gas profile: one SVG file that needs nothing else. Each box is as wide as the gas that went into it and
 * what is below it; the run is on top, and calls hang from those that made them. Form: Brendan Gregg, "The Flame Graph",
 * Communications of the ACM 59(6), 2016, upside down.
 *
 * The picture is complete as it is. Where scripts run, a click or Enter on a box widens it to the whole, and Escape goes back.
 */

import { FLAME_SCRIPT } from './flame-script.ts';
import type { GasProfile, ProfileNode } from './gas-profile.ts';

/** The options of `flameGraph`. */
export interface FlameGraphOptions {
  /** Gas by default. */
  readonly title?: string;
  /** Pixels; 1,200 by default. */
  readonly width?: number;
}

const WIDTH = 1_200;
const MARGIN = 12;
const TOP = 64;
const FOOT = 34;
const ROW = 20;
/** Of the monospace font at its size, with room to spare. */
const CHARACTER = 6.9;
const FONT = 11.5;
/** Narrower boxes could not be seen. */
const LEAST_WIDTH = 2;

interface Box {
  readonly node: ProfileNode;
  readonly gas: number;
  /** Gas to the left of it. */
  readonly from: number;
  readonly depth: number;
}

/** Draws the profile. */
export function flameGraph(profile: GasProfile, options: FlameGraphOptions = {}): string {
  const { title = 'Gas', width = WIDTH } = options;
  const { root, refunded } = profile;
  const sums = new Map<ProfileNode, number>();
  const total = sumOf(root, sums);
  const inner = width - 2 * MARGIN;
  const scale = total === 0 ? 0 : inner / total;
  const boxes = layOut(root, sums, LEAST_WIDTH / scale);
  const depth = boxes.reduce((deepest, box) => Math.max(deepest, box.depth), 0);
  const height = TOP + (depth + 1) * ROW + FOOT;
  const gas = `${digits(total)} gas${refunded > 0 ? `, of which ${digits(refunded)} were refunded` : ''}`;
  const note = escaped(profile.limitMet ?? '');
  const drawn = boxes.map((box) => draw(box, total, scale)).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-labelledby="title desc" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="${FONT}">
<title id="title">${escaped(title)}</title>
<desc id="desc">Flame graph of ${escaped(gas)}. Each box is a call or an instruction, as wide as the gas it used together with what hangs below it; calls hang from those that made them.</desc>
<style>
  .box rect { stroke: #fff; stroke-width: 1 }
  .box text { fill: #1a1a1a; pointer-events: none }
  .box:hover rect, .box:focus rect { stroke: #1a1a1a }
  .box:focus { outline: none }
  .call rect { fill: #f2a65a } .call.odd rect { fill: #f6bd7f } 
  .run rect { fill: #d9d4cb } .opcode rect { fill: #b9d3ee } .storage rect { fill: #8fbce6 }
  .other rect { fill: #e3ddf0 } .burnt rect { fill: #ef8b80 }
</style>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${MARGIN}" y="26" font-size="17" font-weight="600" fill="#1a1a1a">${escaped(title)}</text>
<text x="${MARGIN}" y="48" font-size="13" fill="#444">${escaped(gas)}</text>
<text id="reset" x="${width - MARGIN}" y="26" font-size="13" fill="#0b57a4" text-anchor="end" role="button" tabindex="0" visibility="hidden" style="cursor: pointer">show all (Esc)</text>
<g font-size="12" fill="#444">${legend(width - MARGIN)}</g>
<g id="boxes" data-left="${MARGIN}" data-width="${inner}" data-character="${CHARACTER}">
${drawn}
</g>
<text id="status" x="${MARGIN}" y="${height - 12}" fill="#444" data-rest="${note}">${note}</text>
<script>${FLAME_SCRIPT}</script>
</svg>
`;
}

function sumOf(node: ProfileNode, sums: Map<ProfileNode, number>): number {
  let sum = Math.max(node.self, 0);
  for (const child of node.children.values()) sum += sumOf(child, sums);
  sums.set(node, sum);
  return sum;
}

/** The boxes with at least so much gas, those of the same parent by gas; the others of a parent are one box together. */
function layOut(root: ProfileNode, sums: ReadonlyMap<ProfileNode, number>, least: number): Box[] {
  const boxes: Box[] = [];
  const place = (node: ProfileNode, from: number, depth: number): void => {
    boxes.push({ node, gas: sums.get(node)!, from, depth });
    const used = [...node.children.values()].filter((child) => sums.get(child)! > 0);
    used.sort((a, b) => sums.get(b)! - sums.get(a)!);
    let at = from;
    for (const [i, child] of used.entries()) {
      const gas = sums.get(child)!;
      if (gas < least) {
        const rest = used.slice(i);
        const together = rest.reduce((sum, one) => sum + sums.get(one)!, 0);
        const box = { name: `(${rest.length} smaller)`, kind: 'other', self: together } as const;
        const others = { ...box, count: 1, children: new Map() };
        if (together >= least) boxes.push({ node: others, gas: together, from: at, depth: depth + 1 });
        return;
      }
      place(child, at, depth + 1);
      at += gas;
    }
  };
  place(root, 0, 0);
  return boxes;
}

const STORAGE = /^(?:SLOAD|SSTORE|TLOAD|TSTORE)$/;

function classOf({ name, kind }: ProfileNode, depth: number): string {
  if (kind === 'opcode' && STORAGE.test(name)) return 'storage';
  if (kind === 'other' && name.startsWith('(burnt')) return 'burnt';
  return kind === 'call' && depth % 2 === 0 ? 'call odd' : kind;
}

function draw({ node, gas, from, depth }: Box, total: number, scale: number): string {
  const share = ((100 * gas) / total).toFixed(gas * 1_000 < total ? 3 : 1);
  const own = node.self > 0 && node.children.size > 0 ? `, ${digits(node.self)} of its own` : '';
  const times = node.count > 1 ? `, ${digits(node.count)} times` : '';
  const hover = `${node.name}: ${digits(gas)} gas (${share} %)${own}${times}`;
  const x = MARGIN + from * scale;
  const y = TOP + depth * ROW;
  const width = gas * scale;
  const text = clip(node.name, width);
  const label = text === '' ? '' : `<text x="${(x + 4).toFixed(1)}" y="${y + 14}">${escaped(text)}</text>`;
  return (
    `<g class="box ${classOf(node, depth)}" tabindex="0" role="button" data-from="${from}" data-gas="${gas}" data-depth="${depth}" data-name="${escaped(node.name)}">` +
    `<title>${escaped(hover)}</title>` +
    `<rect x="${x.toFixed(2)}" y="${y}" width="${width.toFixed(2)}" height="${ROW - 1}" rx="1.5"/>${label}</g>`
  );
}

/** As much of a name as a box shows; nothing where that would be two characters. */
function clip(name: string, width: number): string {
  const room = Math.floor((width - 8) / CHARACTER);
  if (name.length <= room) return name;
  return room < 3 ? '' : `${name.slice(0, room - 1)}…`;
}

/** What the colours stand for, from the right edge. */
function legend(right: number): string {
  const entries = [
    ['call', 'calls'],
    ['opcode', 'instructions'],
    ['storage', 'storage'],
    ['burnt', 'burnt'],
    ['other', 'other'],
  ] as const;
  let x = right;
  const drawn = entries.toReversed().map(([name, words]) => {
    x -= words.length * CHARACTER + 32;
    return `<g class="${name}"><rect x="${x.toFixed(1)}" y="37" width="13" height="13" rx="1.5"/><text x="${(x + 18).toFixed(1)}" y="48">${words}</text></g>`;
  });
  return drawn.join('');
}

const digits = (value: number): string => Math.round(value).toLocaleString('en-US');

const ENTITIES: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };

const escaped = (text: string): string => text.replace(/[<>&"]/g, (character) => ENTITIES[character]!);
