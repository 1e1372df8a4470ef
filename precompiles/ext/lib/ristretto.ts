/**
 * The group ristretto255 (RFC 9496), of prime order, on points of edwards25519 in extended coordinates.
 *
 * Everything here is for numbers that the machine may show: the time taken depends on them. Scalars and points
 * are little-endian, as RFC 9496 and the dalek libraries have them, unlike the words of Ethereum.
 */

import { type Group, multiScalarMultiply, oddMultiples, sumOfTerms, type Term } from '../../curve/group.ts';
import { inverse } from '../../curve/inverse.ts';

/** Order of the group. */
export const ORDER = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;

const P = 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffedn;
const MASK = (1n << 255n) - 1n;
const D = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n;
const D2 = 0x2406d9dc56dffce7198e80f2eef3d13000e0149a8283b156ebd69b9426b2f159n;
const SQRT_MINUS_1 = 0x2b8324804fc1df0b2b4d00993dfbd7a72f431806ad2fe478c4ee1b274a0ea0b0n;
const INVERSE_SQRT_MINUS_1_MINUS_D = 0x786c8905cfaffca216c27b91fe01d8409d2f16175a4172be99c8fdaa805d40ean;
const SQRT_MINUS_D_MINUS_1 = 0x376931bf2b8348ac0f3cfcc931f5d1fdaf9d8e0c1b7854bd7e97f6a0497b2e1bn;

/**
 * A point in extended coordinates: x = X/Z, y = Y/Z, T = XY/Z, any representatives. Four such points are one
 * element of the group: compare with `equal`, or by encoding.
 */
export interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
  readonly t: bigint;
  /** 2dT where something prepared it for additions, or 0. */
  readonly k: bigint;
}

/** Encoded length of a point and of a scalar. */
export const POINT_LENGTH = 32;
export const SCALAR_LENGTH = 32;

/**
 * A smaller representative, within (-2^256, 2^256). 2^255 is 19; folding twice takes two thirds of the time of a
 * division.
 */
function reduce(value: bigint): bigint {
  const once = (value & MASK) + 19n * (value >> 255n);
  return (once & MASK) + 19n * (once >> 255n);
}

/** Half of `reduce`, enough for what goes into one more product only: within (-2^274, 2^274) for sums of few products. */
const fold = (value: bigint): bigint => (value & MASK) + 19n * (value >> 255n);

function canonical(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

const isOdd = (value: bigint): boolean => (canonical(value) & 1n) === 1n;

/** The representative of a field element or its negative that is even. */
const even = (value: bigint): bigint => {
  const rest = canonical(value);
  return (rest & 1n) === 1n ? P - rest : rest;
};

export const ZERO: Point = { x: 0n, y: 1n, z: 1n, t: 0n, k: 0n };

function fromAffine(x: bigint, y: bigint): Point {
  const t = reduce(x * y);
  return { x, y, z: 1n, t, k: reduce(t * D2) };
}

/** Generator of ed25519 and of ristretto255: what values are multiplied with. */
export const BASE: Point = fromAffine(
  0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51an,
  0x6666666666666666666666666666666666666666666666666666666666666658n,
);

/**
 * What blindings are multiplied with, of unknown logarithm to the base: fromUniformBytes(SHA3-512(BASE encoded)),
 * which is 8c9240b4…1134 when encoded, as the Bulletproofs of dalek have it.
 */
export const BLINDING_BASE: Point = fromAffine(
  0x473d88970919adf03718afe73fde3f2f9d706e74348335e250e587bdfce726b2n,
  0x44287ae97d597df261e3d2bd86d63dcc9438384f311cb7e5cd5292720285f8c6n,
);

export function add(a: Point, b: Point): Point {
  if (a === ZERO) return b;
  if (b === ZERO) return a;
  // Hisil, Wong, Carter, Dawson (2008), for a = -1.
  const minus = fold((a.y - a.x) * (b.y - b.x));
  const plus = fold((a.y + a.x) * (b.y + b.x));
  const c = b.k === 0n ? fold(fold(a.t * b.t) * D2) : fold(a.t * b.k);
  const z2 = b.z === 1n ? 2n * a.z : fold(2n * a.z * b.z);
  const e = plus - minus;
  const f = z2 - c;
  const g = z2 + c;
  const h = plus + minus;
  return { x: reduce(e * f), y: reduce(g * h), z: reduce(f * g), t: reduce(e * h), k: 0n };
}

function double({ x, y, z }: Point): Point {
  const xx = x * x;
  const yy = y * y;
  const e = fold(2n * x * y);
  const g = fold(yy - xx);
  const f = fold(2n * z * z - g);
  const h = fold(yy + xx);
  return { x: reduce(e * f), y: reduce(g * h), z: reduce(f * g), t: reduce(e * h), k: 0n };
}

export const negate = ({ x, y, z, t, k }: Point): Point => ({ x: -x, y, z, t: -t, k: -k });

export const subtract = (a: Point, b: Point): Point => add(a, negate(b));

/** Whether two points are the same element of the group. */
export const equal = (a: Point, b: Point): boolean =>
  canonical(a.x * b.y - a.y * b.x) === 0n || canonical(a.y * b.y - a.x * b.x) === 0n;

export const isZero = ({ x, y }: Point): boolean => canonical(x) === 0n || canonical(y) === 0n;

const GROUP: Group<Point> = { zero: ZERO, double, add, negate };

function squareTimes(value: bigint, times: number): bigint {
  let power = value;
  for (let i = 0; i < times; i++) power = reduce(power * power);
  return power;
}

/** value^((p - 5) / 8). */
function rootPower(value: bigint): bigint {
  // The exponent in binary is 250 ones, 0, 1.
  const x2 = reduce(squareTimes(value, 1) * value);
  const x4 = reduce(squareTimes(x2, 2) * x2);
  const x5 = reduce(squareTimes(x4, 1) * value);
  const x10 = reduce(squareTimes(x5, 5) * x5);
  const x20 = reduce(squareTimes(x10, 10) * x10);
  const x40 = reduce(squareTimes(x20, 20) * x20);
  const x50 = reduce(squareTimes(x40, 10) * x10);
  const x100 = reduce(squareTimes(x50, 50) * x50);
  const x200 = reduce(squareTimes(x100, 100) * x100);
  const x250 = reduce(squareTimes(x200, 50) * x50);
  return reduce(squareTimes(x250, 2) * value);
}

/** RFC 9496, 4.2: the even root of u/v, or of i*u/v where u/v is no square. */
function sqrtRatio(u: bigint, v: bigint): { wasSquare: boolean; root: bigint } {
  const v3 = reduce(reduce(v * v) * v);
  const uv3 = reduce(u * v3);
  const root = reduce(uv3 * rootPower(reduce(reduce(uv3 * v3) * v)));
  const check = reduce(v * reduce(root * root));
  if (canonical(check - u) === 0n) return { wasSquare: true, root: even(root) };
  const flipped = canonical(check + u) === 0n;
  const flippedI = canonical(check + u * SQRT_MINUS_1) === 0n;
  return { wasSquare: flipped, root: even(flipped || flippedI ? root * SQRT_MINUS_1 : root) };
}

/** 32 bytes, little-endian. */
function readLittle(bytes: Uint8Array, offset: number): bigint {
  let value = 0n;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, 32);
  for (let at = 24; at >= 0; at -= 8) value = (value << 64n) | view.getBigUint64(at, true);
  return value;
}

function writeLittle(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  for (let at = 0, rest = value; at < 32; at += 8, rest >>= 64n) view.setBigUint64(at, rest, true);
  return bytes;
}

/**
 * The point in 32 bytes at `offset`, or null when they are missing or no canonical encoding (RFC 9496, 4.3.1). The
 * identity, 32 zeros, is a point: who cannot use it must ask `isZero`.
 */
export function decodePoint(bytes: Uint8Array, offset = 0): Point | null {
  if (bytes.length - offset < POINT_LENGTH) return null;
  const s = readLittle(bytes, offset);
  if (s >= P || (s & 1n) === 1n) return null;
  const ss = reduce(s * s);
  const u1 = 1n - ss;
  const u2 = 1n + ss;
  const u2u2 = reduce(u2 * u2);
  const v = reduce(-D * reduce(u1 * u1) - u2u2);
  const { wasSquare, root } = sqrtRatio(1n, reduce(v * u2u2));
  const denominatorX = reduce(root * u2);
  const denominatorY = reduce(reduce(root * denominatorX) * v);
  const x = even(2n * s * denominatorX);
  const y = canonical(u1 * denominatorY);
  return !wasSquare || y === 0n || isOdd(x * y) ? null : fromAffine(x, y);
}

/** 32 fresh bytes, the same for every representative of a point (RFC 9496, 4.3.2). */
export function encodePoint({ x, y, z, t }: Point): Uint8Array {
  const u1 = reduce((z + y) * (z - y));
  const u2 = reduce(x * y);
  const { root } = sqrtRatio(1n, reduce(u1 * reduce(u2 * u2)));
  const d1 = reduce(root * u1);
  const d2 = reduce(root * u2);
  const inverseZ = reduce(reduce(d1 * d2) * t);
  const rotate = isOdd(t * inverseZ);
  const x1 = rotate ? reduce(y * SQRT_MINUS_1) : x;
  const y1 = rotate ? reduce(x * SQRT_MINUS_1) : y;
  const denominator = rotate ? reduce(d1 * INVERSE_SQRT_MINUS_1_MINUS_D) : d2;
  return writeLittle(even(denominator * (z - (isOdd(x1 * inverseZ) ? -y1 : y1))));
}

/** The scalar in 32 little-endian bytes at `offset`, or null when they are missing or not below the order. */
export function readScalar(input: Uint8Array, offset = 0): bigint | null {
  if (input.length - offset < SCALAR_LENGTH) return null;
  const scalar = readLittle(input, offset);
  return scalar < ORDER ? scalar : null;
}

/** The remainder of any number by the order. */
export function modOrder(value: bigint): bigint {
  const rest = value % ORDER;
  return rest < 0n ? rest + ORDER : rest;
}

/** 32 little-endian bytes of a number, taken modulo the order. */
export const encodeScalar = (scalar: bigint): Uint8Array => writeLittle(modOrder(scalar));

/** 64 little-endian bytes as a scalar, without bias that anyone could see. */
export const wideScalar = (bytes: Uint8Array): bigint =>
  ((readLittle(bytes, 32) << 256n) | readLittle(bytes, 0)) % ORDER;

/** Reciprocal of a scalar in [0, order), and 0 for 0. */
export const invertScalar = (scalar: bigint): bigint => (scalar === 0n ? 0n : inverse(scalar, ORDER));

/** RFC 9496, 4.3.4, MAP. */
function elligator(bytes: Uint8Array, offset: number): Point {
  const r0 = readLittle(bytes, offset) & MASK;
  const r = reduce(SQRT_MINUS_1 * reduce(r0 * r0));
  const u = reduce((r + 1n) * (1n - D * D));
  const v = reduce((-1n - r * D) * reduce(r + D));
  const { wasSquare, root } = sqrtRatio(u, v);
  const s = wasSquare ? root : -even(root * r0);
  const c = wasSquare ? -1n : r;
  const n = reduce(reduce(c * (r - 1n)) * ((D - 1n) * (D - 1n))) - v;
  const ss = reduce(s * s);
  const w0 = reduce(2n * s * v);
  const w1 = reduce(n * SQRT_MINUS_D_MINUS_1);
  const w2 = 1n - ss;
  const w3 = 1n + ss;
  return { x: reduce(w0 * w3), y: reduce(w2 * w1), z: reduce(w1 * w3), t: reduce(w0 * w2), k: 0n };
}

/** A point whose logarithm nobody knows, of 64 uniform bytes (RFC 9496, 4.3.4). */
export const fromUniformBytes = (bytes: Uint8Array): Point => add(elligator(bytes, 0), elligator(bytes, 32));

/** The same points in a form in which adding them costs a fifth less; for those that are used often. */
export function prepare(points: readonly Point[]): Point[] {
  // One reciprocal for all (Montgomery).
  const products: bigint[] = [];
  let product = 1n;
  for (const { z } of points) {
    products.push(product);
    product = reduce(product * z);
  }
  let reciprocal = inverse(product, P);
  const prepared = new Array<Point>(points.length);
  for (let i = points.length - 1; i >= 0; i--) {
    const { x, y, z } = points[i]!;
    const inverseZ = reduce(reciprocal * products[i]!);
    reciprocal = reduce(reciprocal * z);
    prepared[i] = fromAffine(reduce(x * inverseZ), reduce(y * inverseZ));
  }
  return prepared;
}

/** Digits of multiples of a constant point: two wide tables of it, the second for the upper half of the scalar. */
const FIXED_WIDTH = 8;
const HALF_BITS = 127;
const HALF_MASK = (1n << BigInt(HALF_BITS)) - 1n;

interface FixedBase {
  readonly low: readonly Point[];
  readonly high: readonly Point[];
}

function fixedBase(point: Point): FixedBase {
  let high = point;
  for (let i = 0; i < HALF_BITS; i++) high = double(high);
  const count = 1 << (FIXED_WIDTH - 2);
  const table = prepare([...oddMultiples(GROUP, point, count), ...oddMultiples(GROUP, high, count)]);
  return { low: table.slice(0, count), high: table.slice(count) };
}

const fixedTerms = ({ low, high }: FixedBase, scalar: bigint): Term<Point>[] => [
  { table: low, width: FIXED_WIDTH, scalar: scalar & HALF_MASK },
  { table: high, width: FIXED_WIDTH, scalar: scalar >> BigInt(HALF_BITS) },
];

let baseTable: FixedBase | undefined;
let blindingTable: FixedBase | undefined;

function baseTerms(scalar: bigint): Term<Point>[] {
  baseTable ??= fixedBase(BASE);
  return fixedTerms(baseTable, modOrder(scalar));
}

function blindingTerms(scalar: bigint): Term<Point>[] {
  blindingTable ??= fixedBase(BLINDING_BASE);
  return fixedTerms(blindingTable, modOrder(scalar));
}

/** scalar * BASE. */
export const mulBase = (scalar: bigint): Point => sumOfTerms(GROUP, baseTerms(scalar));

/** scalar * BLINDING_BASE. */
export const mulBlinding = (scalar: bigint): Point => sumOfTerms(GROUP, blindingTerms(scalar));

/** Pedersen's commitment: value * BASE + blinding * BLINDING_BASE. Any numbers; they count modulo the order. */
export const commit = (value: bigint, blindingFactor: bigint): Point =>
  sumOfTerms(GROUP, [...baseTerms(value), ...blindingTerms(blindingFactor)]);

/** scalar * point; any number, which counts modulo the order. */
export const mul = (point: Point, scalar: bigint): Point => msm([point], [scalar]);

/** Saves a product for every addition of the point. */
const withK = (point: Point): Point => (point.k === 0n ? { ...point, k: reduce(point.t * D2) } : point);

/** From this many products on, buckets are cheaper than tables made for the purpose. */
const MIN_BUCKET_POINTS = 128;
const TERM_WIDTH = 5;

const termsOf = (points: readonly Point[], scalars: readonly bigint[]): Term<Point>[] =>
  points.map((point, i) => ({
    table: oddMultiples(GROUP, point, 1 << (TERM_WIDTH - 2)).map(withK),
    width: TERM_WIDTH,
    scalar: modOrder(scalars[i]!),
  }));

/** Sum of products of points and scalars, as many of the one as of the other. */
export function msm(points: readonly Point[], scalars: readonly bigint[]): Point {
  return points.length < MIN_BUCKET_POINTS
    ? sumOfTerms(GROUP, termsOf(points, scalars))
    : multiScalarMultiply(GROUP, points, scalars.map(modOrder));
}

/** Multiples of a point that is used again and again. */
export type Table = readonly Point[];

const TABLE_WIDTH = 6;
const TABLE_LENGTH = 1 << (TABLE_WIDTH - 2);

export function tablesOf(points: readonly Point[]): Table[] {
  const multiples = prepare(points.flatMap((point) => oddMultiples(GROUP, point, TABLE_LENGTH)));
  return points.map((_, i) => multiples.slice(i * TABLE_LENGTH, (i + 1) * TABLE_LENGTH));
}

/** Sum of products of points, some of them with tables, and scalars. */
export const msmWithTables = (
  tables: readonly Table[],
  tableScalars: readonly bigint[],
  points: readonly Point[],
  scalars: readonly bigint[],
): Point =>
  sumOfTerms(GROUP, [
    ...tables.map((table, i) => ({ table, width: TABLE_WIDTH, scalar: modOrder(tableScalars[i]!) })),
    ...termsOf(points, scalars),
  ]);
