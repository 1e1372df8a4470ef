/**
 * Generators of Bulletproofs as the dalek library derives them: for each party two chains of points, SHAKE256 of
 * "GeneratorsChain", 'G' or 'H', and the party's number (4 bytes, little-endian), 64 bytes a point.
 */

import { shake256 } from '@noble/hashes/sha3.js';
import { fromUniformBytes, type Point, prepare, type Table, tablesOf } from './ristretto.ts';

const PREFIX = Uint8Array.from('GeneratorsChain', (char) => char.charCodeAt(0));

type Letter = 'G' | 'H';

interface Chain {
  readonly points: Point[];
  /** Tables of the first points; of fewer than there are points. */
  readonly tables: Table[];
}

const chains = new Map<string, Chain>();

/** The generators of a party, the first `count` of them at least. */
function chainOf(letter: Letter, party: number, count: number): Chain {
  const key = letter + party;
  const chain = chains.get(key) ?? { points: [], tables: [] };
  chains.set(key, chain);
  const known = chain.points.length;
  if (known >= count) return chain;
  const name = new Uint8Array(PREFIX.length + 5);
  name.set(PREFIX);
  name[PREFIX.length] = letter.charCodeAt(0);
  new DataView(name.buffer).setUint32(PREFIX.length + 1, party, true);
  const stream = shake256(name, { dkLen: 64 * count });
  const fresh: Point[] = [];
  for (let i = known; i < count; i++) fresh.push(fromUniformBytes(stream.subarray(64 * i, 64 * i + 64)));
  chain.points.push(...prepare(fresh));
  return chain;
}

/** Something for each bit of each value, one party's behind the other's. */
function forAll<T>(bits: number, parties: number, ofParty: (party: number) => readonly T[]): T[] {
  return Array.from({ length: parties }, (_, party) => ofParty(party).slice(0, bits)).flat();
}

/** Generators for `parties` values of `bits` bits each. */
export const generators = (letter: Letter, bits: number, parties: number): Point[] =>
  forAll(bits, parties, (party) => chainOf(letter, party, bits).points);

/**
 * The most generators of a letter that are worth tables. All sizes up to it share those of 256 generators of a letter,
 * so that tables are kept of 8,192 points, about 2 MB.
 */
export const MAX_TABLES = 128;

/** The same generators with their tables; bits * parties must not be above `MAX_TABLES`. */
export const generatorTables = (letter: Letter, bits: number, parties: number): Table[] =>
  forAll(bits, parties, (party) => {
    const { points, tables } = chainOf(letter, party, bits);
    if (tables.length < bits) tables.push(...tablesOf(points.slice(tables.length, bits)));
    return tables;
  });
