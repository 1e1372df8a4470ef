/**
 * STROBE-128 (version 1.0.2, Mike Hamburg), as much of it as Merlin's transcripts need: AD, META-AD, KEY and PRF over
 * Keccak-f[1600].
 */

import { keccakP } from '@noble/hashes/sha3.js';
import { swap32IfBE } from '@noble/hashes/utils.js';

/** Bytes of the state that a block may fill, two fewer than the sponge's rate. */
const RATE = 166;

const FLAG_I = 1;
const FLAG_A = 2;
const FLAG_C = 4;
const FLAG_M = 16;

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

export class Strobe {
  readonly #words = new Uint32Array(50);
  readonly #state = new Uint8Array(this.#words.buffer);
  #position = 0;
  #begin = 0;

  constructor(protocol: Uint8Array) {
    this.#state.set([1, RATE + 2, 1, 0, 1, 96]);
    this.#state.set(ascii('STROBEv1.0.2'), 6);
    this.#permute();
    this.metaAd(protocol);
  }

  /** A transcript that goes on by itself. */
  clone(): Strobe {
    const copy = new Strobe(new Uint8Array(0));
    copy.#state.set(this.#state);
    copy.#position = this.#position;
    copy.#begin = this.#begin;
    return copy;
  }

  /** Data about the data; `more` continues the operation before it. */
  metaAd(data: Uint8Array, more = false): void {
    if (!more) this.#beginOperation(FLAG_M | FLAG_A);
    this.#absorb(data);
  }

  ad(data: Uint8Array): void {
    this.#beginOperation(FLAG_A);
    this.#absorb(data);
  }

  /** Makes what follows depend on a secret, and forgets the state before. */
  key(data: Uint8Array): void {
    this.#beginOperation(FLAG_A | FLAG_C);
    for (const byte of data) {
      this.#state[this.#position] = byte;
      this.#advance();
    }
  }

  /** `length` pseudorandom bytes of all that came before. */
  prf(length: number): Uint8Array {
    this.#beginOperation(FLAG_I | FLAG_A | FLAG_C);
    const output = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      output[i] = this.#state[this.#position]!;
      this.#state[this.#position] = 0;
      this.#advance();
    }
    return output;
  }

  #absorb(data: Uint8Array): void {
    for (const byte of data) {
      this.#state[this.#position]! ^= byte;
      this.#advance();
    }
  }

  #advance(): void {
    this.#position++;
    if (this.#position === RATE) this.#runF();
  }

  #beginOperation(flags: number): void {
    const before = this.#begin;
    this.#begin = this.#position + 1;
    this.#absorb(Uint8Array.of(before, flags));
    if ((flags & FLAG_C) !== 0 && this.#position !== 0) this.#runF();
  }

  #runF(): void {
    this.#state[this.#position]! ^= this.#begin;
    this.#state[this.#position + 1]! ^= 0x04;
    this.#state[RATE + 1]! ^= 0x80;
    this.#permute();
    this.#position = 0;
    this.#begin = 0;
  }

  #permute(): void {
    // The sponge's words are little-endian on every machine.
    swap32IfBE(this.#words);
    keccakP(this.#words);
    swap32IfBE(this.#words);
  }
}
