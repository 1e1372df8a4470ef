/**
 * A second implementation of SLH-DSA's hash functions and chains, from FIPS 205. Signs in a few milliseconds, because
 * it makes up every node beside the path that a signature shows, and then takes the key that results. The leaf of
 * the top tree must be known before the key is: the randomiser is chosen until the message falls on it.
 */

import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { shake256 } from '@noble/hashes/sha3.js';
import { concatBytes, equalBytes } from '../../../../src/primitives/bytes.ts';

/** A parameter set of FIPS 205, table 2. */
export interface SlhDsaParameters {
  readonly id: number;
  readonly name: string;
  readonly shake: boolean;
  readonly n: number;
  readonly h: number;
  readonly d: number;
  readonly a: number;
  readonly k: number;
  readonly m: number;
}

const shapes = [
  { name: '128s', n: 16, h: 63, d: 7, a: 12, k: 14, m: 30 },
  { name: '128f', n: 16, h: 66, d: 22, a: 6, k: 33, m: 34 },
  { name: '192s', n: 24, h: 63, d: 7, a: 14, k: 17, m: 39 },
  { name: '192f', n: 24, h: 66, d: 22, a: 8, k: 33, m: 42 },
  { name: '256s', n: 32, h: 64, d: 8, a: 14, k: 22, m: 47 },
  { name: '256f', n: 32, h: 68, d: 17, a: 9, k: 35, m: 49 },
] as const;

/** All twelve; `id` is the last number of NIST's object identifier. */
export const SLH_DSA_SETS: readonly SlhDsaParameters[] = [false, true].flatMap((shake) =>
  shapes.map((shape, i) => ({
    ...shape,
    id: 20 + i + (shake ? 6 : 0),
    name: `${shake ? 'SHAKE' : 'SHA2'}-${shape.name}`,
    shake,
  })),
);

const TYPE = { wotsHash: 0, wotsKey: 1, tree: 2, forsTree: 3, forsRoots: 4 } as const;

/** An address (section 4.2), big-endian numbers. */
interface Place {
  readonly layer: number;
  readonly tree: bigint;
  readonly type: number;
  /** The last three numbers, by type: key pair, chain or height, step or index. */
  readonly rest: readonly [number, number, number];
}

function encodeAddress({ layer, tree, type, rest }: Place, compressed: boolean): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, layer);
  view.setBigUint64(8, tree);
  view.setUint32(16, type);
  rest.forEach((value, i) => {
    view.setUint32(20 + 4 * i, value);
  });
  // Section 11.2: one byte for the layer, eight for the tree, one for the type.
  return compressed
    ? concatBytes(bytes.slice(3, 4), bytes.slice(8, 16), bytes.slice(19, 20), bytes.slice(20))
    : bytes;
}

/** F, H and T of a parameter set, by the number of blocks (sections 11.1 and 11.2). */
function tweakable({ shake, n }: SlhDsaParameters, seed: Uint8Array) {
  return (place: Place, ...blocks: Uint8Array[]): Uint8Array => {
    const address = encodeAddress(place, !shake);
    if (shake) return shake256(concatBytes(seed, address, ...blocks), { dkLen: n });
    const wide = n > 16 && blocks.length > 1;
    const [hash, block] = wide ? [sha512, 128] : [sha256, 64];
    return hash(concatBytes(seed, new Uint8Array(block - n), address, ...blocks)).slice(0, n);
  };
}

/** H_msg. */
function hashMessage(set: SlhDsaParameters, r: Uint8Array, key: Uint8Array, message: Uint8Array): Uint8Array {
  if (set.shake) return shake256(concatBytes(r, key, message), { dkLen: set.m });
  const hash = set.n > 16 ? sha512 : sha256;
  const seed = concatBytes(r, key.slice(0, set.n), hash(concatBytes(r, key, message)));
  const blocks: Uint8Array[] = [];
  for (let i = 0; i * 32 < set.m; i++) blocks.push(hash(concatBytes(seed, Uint8Array.of(0, 0, 0, i))));
  return concatBytes(...blocks).slice(0, set.m);
}

const toNumber = (bytes: Uint8Array): bigint =>
  bytes.reduce((value, byte) => value * 256n + BigInt(byte), 0n);

/** base_2b (algorithm 4). */
function digits(bytes: Uint8Array, bits: number, count: number): number[] {
  const value = toNumber(bytes);
  const total = BigInt(8 * bytes.length);
  return Array.from({ length: count }, (_, i) =>
    Number((value >> (total - BigInt(bits * (i + 1)))) & ((1n << BigInt(bits)) - 1n)),
  );
}

/** Digest, tree, leaf (algorithm 20, lines 7 to 13). */
function split({ h, d, a, k }: SlhDsaParameters, digest: Uint8Array) {
  const forsLength = Math.ceil((k * a) / 8);
  const treeLength = Math.ceil((h - h / d) / 8);
  const leafLength = Math.ceil(h / (8 * d));
  const treeAt = forsLength + treeLength;
  return {
    indices: digits(digest.slice(0, forsLength), a, k),
    tree: toNumber(digest.slice(forsLength, treeAt)) & ((1n << BigInt(h - h / d)) - 1n),
    leaf: Number(toNumber(digest.slice(treeAt, treeAt + leafLength)) & ((1n << BigInt(h / d)) - 1n)),
  };
}

/** The digits that a one-time signature signs, with the checksum (algorithm 7). */
function chainDigits(node: Uint8Array): number[] {
  const own = digits(node, 4, 2 * node.length);
  const checksum = own.reduce((sum, digit) => sum + 15 - digit, 0);
  return [...own, checksum >> 8, (checksum >> 4) & 15, checksum & 15];
}

export interface SlhDsaSignature {
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
}

/** A signature of pure SLH-DSA under a context (empty where there is none), and its key. */
export function forgeSlhDsa(
  set: SlhDsaParameters,
  message: Uint8Array,
  label: number,
  context: Uint8Array = new Uint8Array(0),
): SlhDsaSignature {
  const { n, h, d, a, k } = set;
  const height = h / d;
  const formatted = concatBytes(Uint8Array.of(0, context.length), context, message);
  const key = Uint8Array.of(set.id, label);
  const made = (...of: (string | number)[]): Uint8Array =>
    hmac(sha256, key, new TextEncoder().encode(of.join(' '))).slice(0, n);
  const seed = made('seed');
  const hash = tweakable(set, seed);

  /** The root above a leaf, the nodes beside the path being made up. */
  const climb = (place: Place, start: Uint8Array, index: number, levels: number, name: string) => {
    const path: Uint8Array[] = [];
    let node = start;
    for (let j = 0, at = index; j < levels; j++, at >>= 1) {
      const beside = made(name, index, j);
      path.push(beside);
      const parent: Place = { ...place, rest: [place.rest[0], j + 1, at >> 1] };
      node = at % 2 === 0 ? hash(parent, node, beside) : hash(parent, beside, node);
    }
    return { node, path };
  };
  const chain = (place: Place, i: number, start: Uint8Array, from: number, to: number): Uint8Array => {
    let value = start;
    for (let j = from; j < to; j++) value = hash({ ...place, rest: [place.rest[0], i, j] }, value);
    return value;
  };
  /** A tree of the hypertree: its root, and the signature of a node by one of its leaves. */
  const signNode = (layer: number, tree: bigint, leaf: number, node: Uint8Array) => {
    const place: Place = { layer, tree, type: TYPE.wotsHash, rest: [leaf, 0, 0] };
    const secrets = Array.from({ length: 2 * n + 3 }, (_, i) => made('chain', layer, String(tree), leaf, i));
    const ends = secrets.map((secret, i) => chain(place, i, secret, 0, 15));
    const leafNode = hash({ ...place, type: TYPE.wotsKey }, ...ends);
    const { node: root, path } = climb(
      { layer, tree, type: TYPE.tree, rest: [0, 0, 0] },
      leafNode,
      leaf,
      height,
      `tree ${layer} ${tree}`,
    );
    const steps = chainDigits(node);
    const signature = secrets.map((secret, i) => chain(place, i, secret, 0, steps[i]!));
    return { root, parts: [...signature, ...path] };
  };

  const topLeaf = 3;
  const { root } = signNode(d - 1, 0n, topLeaf, seed);
  const publicKey = concatBytes(seed, root);
  const leafMask = (1n << BigInt(height)) - 1n;
  for (let attempt = 0; ; attempt++) {
    const r = made('randomiser', attempt);
    const { indices, tree, leaf } = split(set, hashMessage(set, r, publicKey, formatted));
    if (tree >> BigInt(h - 2 * height) !== BigInt(topLeaf)) continue;

    const parts: Uint8Array[] = [r];
    const fors: Place = { layer: 0, tree, type: TYPE.forsTree, rest: [leaf, 0, 0] };
    const roots = indices.map((index, i) => {
      const secret = made('fors', i, index);
      const at = i * 2 ** a + index;
      const { node, path } = climb(fors, hash({ ...fors, rest: [leaf, 0, at] }, secret), at, a, `fors ${i}`);
      parts.push(secret, ...path);
      return node;
    });
    let node = hash({ ...fors, type: TYPE.forsRoots }, ...roots);
    for (let layer = 0, above = tree, at = leaf; layer < d; layer++) {
      const signed = signNode(layer, above, at, node);
      parts.push(...signed.parts);
      node = signed.root;
      at = Number(above & leafMask);
      above >>= BigInt(height);
    }
    if (k !== indices.length || !equalBytes(node, root)) throw new Error('the top root is another');
    return { publicKey, signature: concatBytes(...parts) };
  }
}
