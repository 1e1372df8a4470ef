/** A case as the fragment of a link, which browsers send nowhere: JSON, deflated (RFC 1951), in base64url (RFC 4648). */

import { type CaseInput, EMPTY_CASE, MOST_TEST, problemOf } from './case.ts';

const PREFIX = '#case=1.';

export const isLink = (fragment: string): boolean => fragment.startsWith('#case=');

export async function toLink(input: CaseInput): Promise<string> {
  const packed = await through(
    new TextEncoder().encode(JSON.stringify(input)),
    new CompressionStream('deflate-raw'),
    Number.POSITIVE_INFINITY,
  );
  let text = '';
  // In parts: a function takes only so many arguments.
  for (let at = 0; at < packed.length; at += 8_192) {
    text += String.fromCharCode(...packed.subarray(at, at + 8_192));
  }
  return PREFIX + btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** @throws Error that says what is wrong with the link */
export async function fromLink(fragment: string): Promise<CaseInput> {
  if (!fragment.startsWith(PREFIX)) throw new Error('it is of a later version of this page');
  const value = await unpack(fragment.slice(PREFIX.length));
  const problem = problemOf(value);
  if (problem !== null) throw new Error(problem);
  const given = value as Record<keyof CaseInput, string>;
  const names = Object.keys(EMPTY_CASE) as (keyof CaseInput)[];
  return Object.fromEntries(names.map((name) => [name, given[name]])) as unknown as CaseInput;
}

async function unpack(text: string): Promise<unknown> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    const packed = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
  } catch {
    throw new Error('it has characters that no link has');
  }
  let plain: Uint8Array;
  try {
    plain = await through(bytes, new DecompressionStream('deflate-raw'), 2 * MOST_TEST);
  } catch (error) {
    if (error instanceof RangeError) throw new Error('its case is too large');
    throw new Error('a part of it is missing or changed');
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plain));
  } catch {
    throw new Error('a part of it is missing or changed');
  }
}

/** @throws RangeError where more than `most` bytes come out: a short link can unpack to any size */
async function through(
  bytes: Uint8Array<ArrayBuffer>,
  transform: CompressionStream | DecompressionStream,
  most: number,
): Promise<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(transform).getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    size += value.length;
    parts.push(value as Uint8Array<ArrayBuffer>);
    if (size <= most) continue;
    await reader.cancel();
    throw new RangeError('too large');
  }
}
