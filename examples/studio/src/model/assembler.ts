/**
 * Bytecode from mnemonics, one or more to a line. Beside the instructions: `PUSH n` takes as few bytes as the number
 * needs, `name:` is a JUMPDEST with a name, `PUSH @name` pushes where it is, `0x…` alone is bytes as they are, and `;`, `//`
 * and `#` begin comments.
 */

import { OPCODES } from 'erbium/opcodes';

const BYTES: ReadonlyMap<string, number> = new Map(OPCODES.map(({ name, byte }) => [name, byte]));
const JUMPDEST = 0x5b;
const PUSH0 = 0x5f;
const PUSH2 = 0x61;

export class AssemblyError extends Error {
  readonly line: number;
  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`);
    this.name = 'AssemblyError';
    this.line = line;
  }
}

interface Use {
  readonly at: number;
  readonly label: string;
  readonly line: number;
}

/** @throws AssemblyError naming the line */
export function assemble(source: string): Uint8Array {
  const bytes: number[] = [];
  const labels = new Map<string, number>();
  const uses: Use[] = [];
  for (const [i, text] of source.split('\n').entries()) {
    const words = text
      .replace(/(?:;|\/\/|#).*$/, '')
      .split(/[\s,]+/)
      .filter((word) => word !== '');
    assembleLine(words, i + 1, { bytes, labels, uses });
  }
  for (const { at, label, line } of uses) {
    const target = labels.get(label);
    if (target === undefined) throw new AssemblyError(line, `there is no label ${label}`);
    bytes[at] = target >> 8;
    bytes[at + 1] = target & 0xff;
  }
  if (uses.length > 0 && bytes.length > 0xffff) {
    throw new AssemblyError(uses[0]!.line, 'labels reach no further than 65,535 bytes of code');
  }
  return Uint8Array.from(bytes);
}

interface Output {
  readonly bytes: number[];
  readonly labels: Map<string, number>;
  readonly uses: Use[];
}

function assembleLine(words: readonly string[], line: number, { bytes, labels, uses }: Output): void {
  const fail = (problem: string): never => {
    throw new AssemblyError(line, problem);
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const name = word.toUpperCase();
    if (/^[A-Z_]\w*:$/i.test(word)) {
      const label = word.slice(0, -1);
      if (labels.has(label)) fail(`the label ${label} is there twice`);
      labels.set(label, bytes.length);
      bytes.push(JUMPDEST);
    } else if (/^0x(?:[0-9a-f]{2})*$/i.test(word)) {
      for (let at = 2; at < word.length; at += 2) bytes.push(Number.parseInt(word.slice(at, at + 2), 16));
    } else if (/^PUSH\d*$/.test(name) && name !== 'PUSH0') {
      const operand = words[++i] ?? fail(`${name} needs a number behind it`);
      if (operand.startsWith('@')) {
        if (name !== 'PUSH' && name !== 'PUSH2') fail(`a label takes 2 bytes: write PUSH2 ${operand}`);
        uses.push({ at: bytes.length + 1, label: operand.slice(1), line });
        bytes.push(PUSH2, 0, 0);
      } else {
        const push = pushOf(name, operand);
        if (typeof push === 'string') fail(push);
        else for (const byte of push) bytes.push(byte);
      }
    } else {
      bytes.push(BYTES.get(name) ?? fail(`${JSON.stringify(word.slice(0, 40))} is no instruction`));
    }
  }
}

/** The bytes of a PUSH, or what is wrong with it. */
function pushOf(name: string, operand: string): number[] | string {
  if (!/^(?:0x[0-9a-f]+|\d{1,78})$/i.test(operand)) return `${operand.slice(0, 40)} is no number`;
  const value = BigInt(operand);
  const hex = value.toString(16);
  const needed = Math.ceil(hex.length / 2);
  // As many as are written, so that what the disassembler shows comes out as it was.
  const written = operand.startsWith('0x') ? Math.ceil((operand.length - 2) / 2) : needed;
  const size = name === 'PUSH' ? written : Number(name.slice(4));
  if (size > 32) return name === 'PUSH' ? 'a word has 32 bytes at most' : `there is no ${name}`;
  if (needed > size) return `${operand.slice(0, 70)} does not fit ${size === 1 ? 'a byte' : `${size} bytes`}`;
  const digits = hex.padStart(2 * size, '0');
  const constant = Array.from({ length: size }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
  return [PUSH0 + size, ...constant];
}
