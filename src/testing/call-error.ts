/** `CallError`: a call that failed, in the words that the author of a test needs to find out why. */

import type { EvmResult, Rejected } from '../executor/outcome.ts';
import type { InvalidReason } from '../executor/reasons.ts';
import type { DecodedError } from '../executor/revert.ts';
import { HALT_WORDS, Halt } from '../machine/halt.ts';
import type { Hex } from '../primitives/bytes.ts';

/** What a call is, in words and in parts. */
export interface CallDescription {
  /** `token.transfer(bob, 5)`, or what stands for it where no ABI is known. */
  readonly words: string;
  /** As the option `label` of the call has it. */
  readonly label: string | null;
  /** null without an ABI. */
  readonly functionName: string | null;
  /** null without an ABI. */
  readonly args: readonly unknown[] | null;
}

/** What an error tells beside how the call ended. */
export interface Surroundings {
  /** The name of the sender, or its address. */
  readonly sender: string;
  /** The gas limit, where the call named one. */
  readonly gas: bigint | null;
  /** The name of the fork. */
  readonly fork: string;
  /** The calls through which the failure came up, in words, the outermost first; empty where that is unknown. */
  readonly path: readonly string[];
  /** How the innermost of them ended. */
  readonly halt: Halt | null;
  /** The account without code that was called, in words. */
  readonly absent: string | null;
}

/** A call that reverted, halted, was no valid transaction, or had no contract to go to. */
export class CallError extends Error {
  readonly code = 'CALL_FAILED';
  /** The call in words: `token.transfer(bob, 5)`. */
  readonly call: string;
  /** The call's label; null where it has none. */
  readonly label: string | null;
  /** null where the call was given as bytes. */
  readonly functionName: string | null;
  /** null where the call was given as bytes. */
  readonly args: readonly unknown[] | null;
  /** How it ended: the status, the gas, and all else. */
  readonly result: EvmResult | Rejected;
  /** Why, in words, with names for addresses. */
  readonly reason: string;

  constructor(call: CallDescription, result: EvmResult | Rejected, reason: string, lines: readonly string[]) {
    const title = call.label === null ? call.words : `${call.label}: ${call.words}`;
    super([`${title} ${VERBS[result.status]}: ${reason}`, ...lines].join('\n  '));
    this.name = 'CallError';
    this.call = call.words;
    this.label = call.label;
    this.functionName = call.functionName;
    this.args = call.args;
    this.result = result;
    this.reason = reason;
  }

  /** What the revert says, where it is `Error(string)`, `Panic(uint256)`, or an error of an ABI that is known. */
  get error(): DecodedError | null {
    return this.result.error;
  }

  /** Revert data. */
  get data(): Hex {
    return this.result.output;
  }

  /** How the call ended, as a sentence about it: `reverted: not the owner`. */
  get outcome(): string {
    return `${VERBS[this.result.status]}: ${this.reason}`;
  }

  /** For the reports of test runners: without the bigints that JSON has not, and without the whole result. */
  toJSON(): object {
    return { name: this.name, code: this.code, message: this.message };
  }
}

const VERBS: Readonly<Record<EvmResult['status'] | Rejected['status'], string>> = {
  // A call that found no contract succeeds, as far as the EVM goes.
  success: 'gave nothing',
  revert: 'reverted',
  halt: 'failed',
  limit: 'was stopped',
  invalid: 'is no valid transaction',
};

/** The error of a call that did not succeed. */
export function failedCall(
  call: CallDescription,
  result: EvmResult | Rejected,
  surroundings: Surroundings,
  withNames: (text: string) => string,
): CallError {
  const { sender, path, gas } = surroundings;
  const lines = [`from ${sender}`];
  if (path.length > 1) lines.push(`in ${path.join(' → ')}`);
  if (result.status !== 'invalid') lines.push(`gas ${result.gasUsed}${gas === null ? '' : ` of ${gas}`}`);
  const hint = hintOf(result, surroundings);
  if (hint !== null) lines.push(`hint: ${hint}`);
  return new CallError(call, result, withNames(reasonOf(result)), lines);
}

function reasonOf({ status, error, output, reason }: EvmResult | Rejected): string {
  if (status !== 'revert') return reason;
  if (error !== null) return error.message;
  return output === '0x' ? 'without data' : `with the unknown error ${shortened(output)}`;
}

const shortened = (hex: string): string => (hex.length > 138 ? `${hex.slice(0, 138)}…` : hex);

function hintOf(result: EvmResult | Rejected, surroundings: Surroundings): string | null {
  if (result.status === 'invalid') return INVALID_HINTS[result.invalid] ?? null;
  if (surroundings.absent !== null) return `there is no code at ${surroundings.absent}`;
  if (result.status === 'revert' && result.output !== '0x')
    return result.error === null ? UNKNOWN_ERROR : null;
  const halt = surroundings.halt ?? result.halt;
  if (halt === Halt.Revert) return SILENT_REVERT;
  if (halt !== result.halt) return `the innermost call failed: ${HALT_WORDS[halt]}`;
  return HALT_HINTS[halt]?.replace('FORK', surroundings.fork) ?? null;
}

const UNKNOWN_ERROR = 'no ABI that is known has this error; the option `abi` of `TestVm` takes any';
const SILENT_REVERT =
  'a require without a reason, a function or receive() that the contract does not have, ether for what is not ' +
  'payable, or arguments that do not decode';
const MORE_GAS = 'out of gas; the option `gas` of the call gives it more';
const SIZE_LIMIT = '`checks: { codeSize: false }` lifts the limits of code and init code';

const HALT_HINTS: Partial<Record<Halt, string>> = {
  [Halt.OutOfGas]: MORE_GAS,
  [Halt.SstoreSentry]: MORE_GAS,
  [Halt.CodeDepositOutOfGas]: MORE_GAS,
  [Halt.UndefinedOpcode]:
    'a byte that is no instruction of FORK; compile for it (`evmVersion`), choose another `fork`, or look whether the ' +
    'code is init code that was not deployed',
  [Halt.Invalid]: 'the INVALID instruction; assert compiles to it before Solidity 0.8',
  [Halt.BadJump]: 'a bad jump; is that the code of a contract?',
  [Halt.StaticViolation]: 'a view changes nothing; send what does as a call',
  [Halt.InitCodeTooLarge]: SIZE_LIMIT,
  [Halt.CodeTooLarge]: SIZE_LIMIT,
};

const INVALID_HINTS: Partial<Record<InvalidReason, string>> = {
  INSUFFICIENT_ACCOUNT_FUNDS: '`vm.deal` gives an account ether',
  INITCODE_SIZE_EXCEEDED: SIZE_LIMIT,
  GAS_LIMIT_EXCEEDS_MAXIMUM: 'leave `gas` out for the most that a transaction may have',
  GAS_ALLOWANCE_EXCEEDED: '`vm.setBlock({ gasLimit })` changes the limit of the block',
  INSUFFICIENT_MAX_FEE_PER_GAS: 'leave the fees out, or `vm.setBlock({ baseFee })`',
};
