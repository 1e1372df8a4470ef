/**
 * What prover and verifier of range proofs share: sizes, the proof's layout, and the beginning of the transcript.
 * All as version 1 of the dalek library has it, so that proofs of either verify in the other.
 */

import type { Transcript } from './merlin.ts';
import { BASE, BLINDING_BASE, type Point } from './ristretto.ts';

/** What values and blindings are multiplied with. */
export interface Bases {
  readonly value: Point;
  readonly blinding: Point;
}

export const PEDERSEN_BASES: Bases = { value: BASE, blinding: BLINDING_BASE };

/**
 * Label of the transcripts of the operations. It is that of the proofs that the dalek library publishes with its
 * tests, so that these verify as they are.
 */
export const RANGE_PROOF_LABEL = 'Deserialize-And-Verify Test';

export const isBitSize = (n: number): boolean => n === 8 || n === 16 || n === 32 || n === 64;
export const isPartyCount = (m: number): boolean => m === 1 || m === 2 || m === 4 || m === 8;

/** Halvings of the inner product argument. */
export const roundsOf = (bits: number, parties: number): number => Math.log2(bits * parties);

/** Bytes of a proof: A, S, T1, T2, t_x, t_x_blinding, e_blinding, then L and R of each round, a, b. */
export const proofLength = (bits: number, parties: number): number => 32 * (9 + 2 * roundsOf(bits, parties));

/** Absorbs what is proven. The commitments are encoded, 32 bytes each. */
export function appendStatement(
  transcript: Transcript,
  bits: number,
  parties: number,
  commitments: readonly Uint8Array[],
): void {
  transcript.appendText('dom-sep', 'rangeproof v1');
  transcript.appendU64('n', bits);
  transcript.appendU64('m', parties);
  for (const commitment of commitments) transcript.append('V', commitment);
}

export function appendInnerProduct(transcript: Transcript, size: number): void {
  transcript.appendText('dom-sep', 'ipp v1');
  transcript.appendU64('n', size);
}

/** `count` pieces of 32 bytes, from `offset` on. */
export const slices = (input: Uint8Array, offset: number, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => input.subarray(offset + 32 * i, offset + 32 * i + 32));

const SMALLEST = 8;

/** Bits that a header names; the fewest there can be when it is none. */
const sizeOf = (bits: number, parties: number): number =>
  isBitSize(bits) && isPartyCount(parties) ? bits * parties : SMALLEST;

export const verifyGas = (bits: number, parties: number): number => 20_000 + 800 * sizeOf(bits, parties);
export const proveGas = (bits: number, parties: number): number => 8_500 * sizeOf(bits, parties);
