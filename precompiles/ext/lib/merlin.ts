/**
 * Merlin transcripts (merlin.cool, version 1.0): what a proof says is absorbed message by message, and the
 * challenges of its verifier are squeezed out (Fiat and Shamir).
 */

import { wideScalar } from './ristretto.ts';
import { Strobe } from './strobe.ts';

const text = (label: string): Uint8Array => Uint8Array.from(label, (char) => char.charCodeAt(0));

function little(value: bigint | number, length: 4 | 8): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  if (length === 4) view.setUint32(0, Number(value), true);
  else view.setBigUint64(0, BigInt(value), true);
  return bytes;
}

/** Labels are ASCII. */
export class Transcript {
  readonly #strobe: Strobe;

  /** @param label of the protocol, which no other protocol should have */
  constructor(label: string) {
    this.#strobe = new Strobe(text('Merlin v1.0'));
    this.append('dom-sep', text(label));
  }

  append(label: string, message: Uint8Array): void {
    this.#strobe.metaAd(text(label));
    this.#strobe.metaAd(little(message.length, 4), true);
    this.#strobe.ad(message);
  }

  appendText(label: string, message: string): void {
    this.append(label, text(message));
  }

  /** A number below 2^64. */
  appendU64(label: string, value: bigint | number): void {
    this.append(label, little(value, 8));
  }

  challenge(label: string, length: number): Uint8Array {
    this.#strobe.metaAd(text(label));
    this.#strobe.metaAd(little(length, 4), true);
    return this.#strobe.prf(length);
  }

  /** 64 bytes modulo the order of ristretto255. */
  challengeScalar(label: string): bigint {
    return wideScalar(this.challenge(label, 64));
  }

  /**
   * A source of scalars for a prover: it depends on all that the transcript holds and on every secret given, so the
   * same seed never gives the same nonces for two different statements.
   */
  nonces(secrets: readonly (readonly [label: string, secret: Uint8Array])[]): () => bigint {
    const strobe = this.#strobe.clone();
    for (const [label, secret] of secrets) {
      strobe.metaAd(text(label));
      strobe.metaAd(little(secret.length, 4), true);
      strobe.key(secret);
    }
    return () => {
      strobe.metaAd(little(64, 4));
      return wideScalar(strobe.prf(64));
    };
  }
}
