/** Reciprocals modulo a prime. */

/** The number in (0, p) whose product with the value is 1 modulo p. The value must not be 0 modulo p. */
export function inverse(value: bigint, p: bigint): bigint {
  let a = value % p;
  if (a < 0n) a += p;
  let b = p;
  let u = 1n;
  let v = 0n;
  while (a !== 1n) {
    const quotient = b / a;
    const rest = b - quotient * a;
    const next = v - quotient * u;
    b = a;
    a = rest;
    v = u;
    u = next;
  }
  return u < 0n ? u + p : u;
}
