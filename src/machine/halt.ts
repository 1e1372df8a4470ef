/**
 * How an instruction, and with it a frame, ends. Codes are returned, never thrown; `Continue` is 0 so that
 * the loop tests one integer.
 */

export const Halt = {
  /** The next instruction follows. */
  Continue: 0,

  // The frame waits for a child that it has put into `frame.request`.
  Call: 1,
  Create: 2,

  // The frame ended well; its effects stand.
  Stop: 3,
  Return: 4,
  SelfDestruct: 5,

  /** The effects are undone, the gas left is given back. */
  Revert: 6,

  // Exceptional halts: the effects are undone, all gas of the frame is burnt.
  OutOfGas: 7,
  /** An offset or size of 2^64 and more. */
  GasOverflow: 8,
  /** Memory whose price would not fit 64 bits. */
  MemoryOverflow: 9,
  StackUnderflow: 10,
  StackOverflow: 11,
  /** The byte is no instruction of this fork. */
  UndefinedOpcode: 12,
  /** The designated INVALID instruction. */
  Invalid: 13,
  BadJump: 14,
  StaticViolation: 15,
  ReturnDataOutOfBounds: 16,
  /** SSTORE with no more gas than the call stipend (EIP-2200). */
  SstoreSentry: 17,
  InitCodeTooLarge: 18,
  PrecompileFailure: 19,

  // Ends of a creation whose code ran well.
  CodeTooLarge: 20,
  /** The code starts with 0xEF. */
  CodeRejected: 21,
  CodeDepositOutOfGas: 22,
  /** The address has a nonce, code or storage already; all gas of the child is burnt. */
  AddressCollision: 23,

  // A call or creation that never started: its gas is given back.
  DepthExceeded: 24,
  InsufficientBalance: 25,
  NonceOverflow: 26,

  // An embedder's policy forbids the operation, see `src/evm/extensions.ts`.
  /** It takes a secret, where secrets are not allowed. */
  PrivacyViolation: 27,
  /** A quantum computer forges what it vouches for. */
  QuantumSecurityViolation: 28,

  // The host stopped the run; no statement about the EVM follows from it.
  HostMemoryLimit: 29,
  HostInterrupt: 30,
} as const;

export type Halt = (typeof Halt)[keyof typeof Halt];

/** In words, for people. */
export const HALT_WORDS: Readonly<Record<Halt, string>> = {
  [Halt.Continue]: 'running',
  [Halt.Call]: 'waiting for a call',
  [Halt.Create]: 'waiting for a creation',
  [Halt.Stop]: 'stopped',
  [Halt.Return]: 'returned',
  [Halt.SelfDestruct]: 'self-destructed',
  [Halt.Revert]: 'reverted',
  [Halt.OutOfGas]: 'out of gas',
  [Halt.GasOverflow]: 'out of gas: an offset or size exceeds 64 bits',
  [Halt.MemoryOverflow]: 'out of gas: memory too large for any gas limit',
  [Halt.StackUnderflow]: 'stack underflow',
  [Halt.StackOverflow]: 'stack overflow',
  [Halt.UndefinedOpcode]: 'undefined opcode',
  [Halt.Invalid]: 'INVALID instruction',
  [Halt.BadJump]: 'jump to a place that is no JUMPDEST',
  [Halt.StaticViolation]: 'state change inside a static call',
  [Halt.ReturnDataOutOfBounds]: 'read beyond the return data',
  [Halt.SstoreSentry]: 'out of gas: SSTORE with no more than the call stipend left',
  [Halt.InitCodeTooLarge]: 'init code too large',
  [Halt.PrecompileFailure]: 'precompile rejected its input',
  [Halt.CodeTooLarge]: 'contract code too large',
  [Halt.CodeRejected]: 'contract code starts with 0xef',
  [Halt.CodeDepositOutOfGas]: 'out of gas storing the contract code',
  [Halt.AddressCollision]: 'contract address already in use',
  [Halt.DepthExceeded]: 'call depth of 1024 exceeded',
  [Halt.InsufficientBalance]: 'balance too low for the transfer',
  [Halt.NonceOverflow]: 'nonce at its maximum',
  [Halt.PrivacyViolation]: 'operation on a secret, where secrets are not allowed',
  [Halt.QuantumSecurityViolation]: 'a verdict that quantum computers can forge, where these are refused',
  [Halt.HostMemoryLimit]: 'host limit: memory',
  [Halt.HostInterrupt]: 'host limit: interrupted',
};

/** The frame ended and its effects stand. */
export const isSuccess = (halt: Halt): boolean => halt >= Halt.Stop && halt <= Halt.SelfDestruct;

/** The host stopped the whole run. */
export const isHostLimit = (halt: Halt): boolean => halt >= Halt.HostMemoryLimit;
