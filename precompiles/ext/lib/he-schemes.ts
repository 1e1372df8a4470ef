/** The bytes that name schemes and operations of homomorphic encryption, and how prices grow with lengths. */

/** The first byte of every input. */
export const SCHEME = { elGamal: 1, bfv4096: 2, bfv8192: 3 } as const;

/** What HE_COMPUTE does, by its second byte. */
export const OPERATION = {
  add: 1,
  subtract: 2,
  addPlain: 3,
  multiplyPlain: 4,
  /** BFV only. */
  multiply: 5,
  /** ElGamal only. */
  rerandomise: 6,
} as const;

/** The price of moving an input and an output of so many bytes: 3 gas a word. */
export const movingGas = (input: number, output: number): number =>
  3 * (Math.ceil(input / 32) + Math.ceil(output / 32));
