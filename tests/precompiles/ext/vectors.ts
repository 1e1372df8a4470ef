import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const FOLDER = process.env.ERBIUM_VECTORS ?? `${import.meta.dirname}/../../../../shared/vectors`;

/** Whether the vectors of others, which are not part of the repository, are there. */
export const hasVectors: boolean = existsSync(FOLDER);

/** A file of vectors, unpacked where it is packed. */
export function vectorFile(name: string): Buffer {
  const bytes = readFileSync(`${FOLDER}/${name}`);
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}
