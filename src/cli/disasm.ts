/** `erbium disasm`. */

import { disassemble } from '../../opcodes/disassemble.ts';
import { extensionNames } from '../../opcodes/extension.ts';
import { rulesFrom } from '../forks/rules.ts';
import { toQuantity } from '../primitives/bytes.ts';
import { extensionsOf } from './extensions.ts';
import { readCode } from './input.ts';

export interface DisasmOptions {
  readonly fork?: string;
  readonly json?: true;
  readonly ext?: string;
}

export async function disasm(words: readonly string[], { fork, json, ext }: DisasmOptions): Promise<void> {
  const rules = rulesFrom(fork);
  const opcodes = extensionNames(await extensionsOf(ext, rules));
  const instructions = disassemble(readCode(words), rules, opcodes);
  if (json) {
    process.stdout.write(`${JSON.stringify(instructions)}\n`);
    return;
  }
  const width = toQuantity(instructions.at(-1)?.pc ?? 0).length - 2;
  const lines = instructions.map(({ pc, byte, name, immediate, truncated }) => {
    const place = pc.toString(16).padStart(width, '0');
    const text = name ?? `0x${byte.toString(16).padStart(2, '0')} (undefined)`;
    return `${place}  ${[text, immediate, truncated ? '(cut off)' : undefined].filter(Boolean).join(' ')}\n`;
  });
  process.stdout.write(lines.join(''));
}
