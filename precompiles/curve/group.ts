/**
 * Sums of multiples of points, for any group that can double, add and negate. For public numbers only: the
 * time taken depends on them.
 */

export interface Group<P> {
  readonly zero: P;
  double(a: P): P;
  add(a: P, b: P): P;
  negate(a: P): P;
}

/** Odd multiples P, 3P, 5P, ..., (2 * count - 1)P. */
export function oddMultiples<P>(group: Group<P>, point: P, count: number): P[] {
  const table = [point];
  const twice = group.double(point);
  for (let i = 1; i < count; i++) table.push(group.add(table[i - 1]!, twice));
  return table;
}

/**
 * Signed digits of a scalar in non-adjacent form, least significant first: odd or 0, below 2^(width - 1) in
 * size, and at least width - 1 zeros behind each that is not 0.
 */
function digitsOf(scalar: bigint, width: number): Int16Array {
  const bits = scalar.toString(2);
  const length = bits.length;
  const digits = new Int16Array(length + 1);
  let carry = 0;
  for (let at = 0; at <= length; ) {
    const bit = at < length ? bits.charCodeAt(length - 1 - at) & 1 : 0;
    if (bit === carry) {
      at++;
      continue;
    }
    let digit = carry;
    for (let i = 0; i < width && at + i < length; i++) {
      digit += (bits.charCodeAt(length - 1 - at - i) & 1) << i;
    }
    carry = digit >> (width - 1);
    digits[at] = digit - (carry << width);
    at += width;
  }
  return digits;
}

/** One product of a sum: a table of odd multiples, and the multiple to add. */
export interface Term<P> {
  /** 2^(width - 2) points. */
  readonly table: readonly P[];
  readonly width: number;
  /** Not negative. */
  readonly scalar: bigint;
}

/** Sum of products, with one chain of doublings for all of them (Straus). */
export function sumOfTerms<P>(group: Group<P>, terms: readonly Term<P>[]): P {
  const digits = terms.map(({ scalar, width }) => digitsOf(scalar, width));
  let longest = 0;
  for (const { length } of digits) if (length > longest) longest = length;
  let sum = group.zero;
  for (let at = longest - 1; at >= 0; at--) {
    if (sum !== group.zero) sum = group.double(sum);
    for (let i = 0; i < terms.length; i++) {
      // Positions behind the end of a shorter scalar read as undefined.
      const digit = digits[i]![at];
      if (!digit) continue;
      const table = terms[i]!.table;
      sum = group.add(sum, digit > 0 ? table[digit >> 1]! : group.negate(table[-digit >> 1]!));
    }
  }
  return sum;
}

const TERM_WIDTH = 5;

/** The multiple of a point that has no table yet. */
export const termOf = <P>(group: Group<P>, point: P, scalar: bigint): Term<P> => ({
  table: oddMultiples(group, point, 1 << (TERM_WIDTH - 2)),
  width: TERM_WIDTH,
  scalar,
});

/** From this many products on, buckets are cheaper than tables; measured on 128-bit scalars. */
const MIN_BUCKET_POINTS = 100;

/** Sum of products of points and non-negative scalars. */
export function multiScalarMultiply<P>(group: Group<P>, points: readonly P[], scalars: readonly bigint[]): P {
  if (points.length < MIN_BUCKET_POINTS) {
    return sumOfTerms(
      group,
      points.map((point, i) => termOf(group, point, scalars[i]!)),
    );
  }
  return sumByBuckets(group, points, scalars);
}

/** Pippenger's algorithm with signed digits. */
function sumByBuckets<P>(group: Group<P>, points: readonly P[], scalars: readonly bigint[]): P {
  let bits = 1;
  for (const scalar of scalars) bits = Math.max(bits, scalar.toString(2).length);

  // Every window takes an addition a point and, to sum up, two for each of the 2^(width - 1) buckets.
  let width = 2;
  const cost = (w: number): number => Math.ceil((bits + 1) / w) * (points.length + 2 ** w);
  while (cost(width + 1) < cost(width)) width++;

  const windows = Math.ceil((bits + 1) / width);
  const half = 1 << (width - 1);
  const digits = scalars.map((scalar) => {
    const row = new Int32Array(windows);
    const text = scalar.toString(2);
    let carry = 0;
    for (let i = 0; i < windows; i++) {
      const end = text.length - i * width;
      let digit = carry + (end > 0 ? Number.parseInt(text.slice(Math.max(end - width, 0), end), 2) : 0);
      carry = digit > half ? 1 : 0;
      if (carry === 1) digit -= 2 * half;
      row[i] = digit;
    }
    return row;
  });

  let sum = group.zero;
  for (let window = windows - 1; window >= 0; window--) {
    if (sum !== group.zero) for (let i = 0; i < width; i++) sum = group.double(sum);
    const buckets = new Array<P>(half + 1).fill(group.zero);
    for (let i = 0; i < points.length; i++) {
      const digit = digits[i]![window]!;
      if (digit > 0) buckets[digit] = group.add(buckets[digit]!, points[i]!);
      else if (digit < 0) buckets[-digit] = group.add(buckets[-digit]!, group.negate(points[i]!));
    }
    let running = group.zero;
    let total = group.zero;
    for (let i = half; i > 0; i--) {
      running = group.add(running, buckets[i]!);
      total = group.add(total, running);
    }
    sum = group.add(sum, total);
  }
  return sum;
}
