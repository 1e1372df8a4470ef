/** Where the tools read from: files, and standard input, which holds the parts that are not in files. */

import { readFileSync } from 'node:fs';
import { bytesToBigInt, hexToBytes, isBytes } from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { type Field, parseJson } from '../../primitives/json.ts';
import { decodeRlp, encodeRlp, type RlpItem } from '../../primitives/rlp.ts';
import { readFile } from '../input.ts';

const STDIN = 'stdin';
const STANDARD_INPUT = 0;

/** The parts of an input, each from where a flag says. Standard input is read once, and only if a flag names it. */
export class Inputs {
  private stdin: Field | undefined;

  /** The part, which must be there. */
  get(source: string, part: string): Field {
    return source === STDIN ? this.standardInput().get(part) : parseJson(readFile(source), source);
  }

  /** The part, or undefined where standard input lacks it. */
  maybe(source: string, part: string): Field | undefined {
    return source === STDIN ? this.standardInput().maybe(part) : this.get(source, part);
  }

  private standardInput(): Field {
    this.stdin ??= parseJson(readStandardInput(), STDIN);
    return this.stdin;
  }
}

export const isStdin = (source: string): boolean => source === STDIN;

function readStandardInput(): string {
  try {
    return readFileSync(STANDARD_INPUT, 'utf8');
  } catch (error) {
    throw new ErbiumError('UNREADABLE_FILE', `${STDIN}: ${(error as Error).message}`);
  }
}

export const wordOf = (field: Field): bigint => bytesToBigInt(field.fixed(32));

/** The bytes of a hex text, white space around it aside. */
export const hexOf = (field: Field): Uint8Array => hexToBytes(field.string().trim(), field.file);

/**
 * The transactions of a list in RLP, each in its envelope.
 * @throws ErbiumError INVALID_RLP where the bytes are no list
 */
export function envelopesOf(rlp: Uint8Array, place: string): Uint8Array[] {
  if (rlp.length === 0) return [];
  const items: RlpItem = decodeRlp(rlp, place);
  if (isBytes(items)) throw new ErbiumError('INVALID_RLP', `${place}: the transactions are no list`);
  return items.map((item) => (isBytes(item) ? item : encodeRlp(item)));
}
