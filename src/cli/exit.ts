/** What the exit codes of all commands mean. */
export const EXIT = {
  OK: 0,
  /** A test failed, or the code reverted or halted. */
  FAILURE: 1,
  /** Wrong usage, or input that cannot be read. */
  USAGE: 2,
} as const;
