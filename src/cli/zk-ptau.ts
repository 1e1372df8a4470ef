/** Proving keys from the powers of tau of a ceremony, with snarkjs, an optional package. */

import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Groth16Curve } from '../../precompiles/ext/lib/groth16-curves.ts';
import { littleEndian } from '../../precompiles/ext/lib/groth16-curves.ts';
import { peer } from '../../precompiles/ext/lib/peer.ts';
import { bytesToHexDigits } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { unreadable } from './input.ts';
import { bad } from './zk-files.ts';

export interface CeremonyRequest {
  /** Powers of tau, prepared for the second phase. */
  readonly ptau: string;
  readonly r1cs: string;
  readonly curve: Groth16Curve;
  readonly log: number;
  /** An empty folder for what is made on the way. */
  readonly folder: string;
  /** The contribution comes from it, and it can be read in the key; without, from the system. */
  readonly seed?: Uint8Array | undefined;
  /** Told what is being done. */
  progress(step: string): void;
}

/** @throws ErbiumError MISSING_PACKAGE */
export const loadSnarkjs = () => peer('snarkjs', () => import('snarkjs'));

/**
 * Makes a key with one contribution to the second phase.
 * @returns its path
 * @throws ErbiumError MISSING_PACKAGE; UNREADABLE_FILE for a file that is damaged, not prepared, too small, or of
 * another curve
 */
export async function keyOfCeremony(request: CeremonyRequest): Promise<string> {
  const { ptau, r1cs, curve, folder, seed, progress } = request;
  checkPtau(request);
  const { zKey, curves } = await loadSnarkjs();
  let problem = '';
  const logger = {
    debug: progress,
    info() {},
    warn() {},
    error(message: string) {
      problem ||= message;
    },
  };
  const [first, last] = [join(folder, 'first.zkey'), join(folder, 'last.zkey')];
  try {
    const made = await zKey.newZKey(r1cs, ptau, first, logger);
    if (made === -1) throw bad(ptau, problem);
    const done =
      seed === undefined
        ? await zKey.contribute(first, last, 'erbium', randomBytes(32).toString('hex'), logger)
        : await zKey.beacon(first, last, 'erbium', bytesToHexDigits(seed), BEACON_LOG, logger);
    if (done === false) throw bad(ptau, problem);
    return last;
  } catch (error) {
    throw error instanceof ErbiumError ? error : bad(ptau, (error as Error).message);
  } finally {
    // Threads would keep the command from ending.
    await (await curves.getCurveFromName(curve.name)).terminate();
  }
}

/** The least that snarkjs takes: a seed is no lottery that anybody could wait for. */
const BEACON_LOG = 10;

const MAX_SECTIONS = 64;

/** Names the problem before snarkjs, whose threads end without a word, comes to it. */
function checkPtau({ ptau, curve, log }: CeremonyRequest): void {
  let file: number;
  try {
    file = openSync(ptau, 'r');
  } catch (error) {
    throw unreadable(ptau, error);
  }
  try {
    const sections = sectionsOf(file, ptau);
    const header = sections.get(1);
    if (header === undefined) throw bad(ptau, 'ptau section 1: is missing');
    const { fieldBytes, q } = curve;
    const length = 12 + fieldBytes;
    if (header.length !== length)
      throw bad(ptau, `ptau section 1: expected ${length} bytes for ${curve.name}`);
    const bytes = read(file, header.at, length, ptau);
    if (
      littleEndian(bytes.subarray(0, 4)) !== BigInt(fieldBytes) ||
      littleEndian(bytes.subarray(4, 4 + fieldBytes)) !== q
    ) {
      throw bad(ptau, `ptau section 1: the curve is not ${curve.name}`);
    }
    const power = Number(littleEndian(bytes.subarray(4 + fieldBytes, 8 + fieldBytes)));
    if (power < log) throw bad(ptau, `has 2^${power} powers, and the circuit needs 2^${log}`);
    if (!sections.has(12)) {
      throw bad(ptau, 'is not prepared: snarkjs powersoftau prepare phase2 does that');
    }
    const [g1, g2, size] = [2 * fieldBytes, 4 * fieldBytes, 2 ** log];
    const needed: readonly (readonly [id: number, bytes: number])[] = [
      [2, (2 * size - 1) * g1],
      [4, size * g1],
      [5, size * g1],
      [6, g2],
      // For each power up to that of the circuit, one after the other.
      [12, (4 * size - 1) * g1],
      [13, (2 * size - 1) * g2],
      [14, (2 * size - 1) * g1],
      [15, (2 * size - 1) * g1],
    ];
    for (const [id, least] of needed) {
      const found = sections.get(id)?.length ?? 0;
      if (found < least) throw bad(ptau, `ptau section ${id}: expected ${least} bytes, got ${found}`);
    }
  } finally {
    closeSync(file);
  }
}

interface Section {
  readonly at: number;
  readonly length: number;
}

/** Where the sections are, in a file that may be larger than memory. */
function sectionsOf(file: number, path: string): Map<number, Section> {
  const { size } = fstatSync(file);
  const head = read(file, 0, 12, path);
  const view = new DataView(head.buffer);
  if (String.fromCharCode(...head.subarray(0, 4)) !== 'ptau' || view.getUint32(4, true) !== 1) {
    throw bad(path, 'holds no powers of tau (ptau, version 1)');
  }
  const count = view.getUint32(8, true);
  if (count > MAX_SECTIONS) throw bad(path, `ptau: ${count} sections, ${MAX_SECTIONS} is the most`);
  const sections = new Map<number, Section>();
  let at = 12;
  for (let i = 0; i < count; i++) {
    const entry = new DataView(read(file, at, 12, path).buffer);
    const id = entry.getUint32(0, true);
    const length = Number(entry.getBigUint64(4, true));
    at += 12;
    if (sections.has(id)) throw bad(path, `ptau section ${id}: is there twice`);
    if (length > size - at) throw bad(path, `ptau section ${id}: is longer than the file`);
    sections.set(id, { at, length });
    at += length;
  }
  return sections;
}

function read(file: number, at: number, length: number, path: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  try {
    for (let got = 0; got < length; ) {
      const more = readSync(file, bytes, got, length - got, at + got);
      if (more === 0) throw bad(path, `ends after ${at + got} bytes, ${length - got} more expected`);
      got += more;
    }
  } catch (error) {
    throw error instanceof ErbiumError ? error : unreadable(path, error);
  }
  return bytes;
}
