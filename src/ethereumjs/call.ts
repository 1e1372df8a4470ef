/** One message: what callers of `runCall` and `runCode` give, and how it is run. */

import type { Context } from '../evm/context.ts';
import { WorldHost } from '../evm/host.ts';
import { failed, type MessageResult } from '../evm/result.ts';
import { runMessage } from '../evm/run.ts';
import type { Rules } from '../forks/rules.ts';
import { isDelegation } from '../machine/code.ts';
import { Halt, isSuccess } from '../machine/halt.ts';
import type { BlockEnv, TxEnv } from '../machine/host.ts';
import { type Message, MessageKind } from '../machine/message.ts';
import { type Address, create2Address, createAddress } from '../primitives/address.ts';
import { concatBytes, EMPTY_BYTES } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import type { BytesInput, WordInput } from '../primitives/input.ts';
import { keccak256, keccakWord } from '../primitives/keccak.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import type { StateDiff } from '../state/diff.ts';
import { World } from '../state/world.ts';
import { type BlockLike, blockEnvOf, CallReader, GIVEN_CODE } from './block.ts';
import { checkLimits, demandObject, refuse } from './errors.ts';
import { rulesFor } from './hardfork.ts';
import type { Kit } from './machines.ts';
import { type EVMResult, execResultOf, withoutCode } from './result.ts';
import { type Attempt, lookAt, type Session } from './session.ts';
import {
  type AddressLike,
  addressFrom,
  addressOf,
  addressOr,
  bytesOr,
  wordFromBytes,
  wordOr,
} from './values.ts';

/** Addresses are Address objects, hex or bytes; bytes are bytes or hex; numbers are bigints, numbers or hex. */
export interface EVMRunOpts {
  /** Zeros by default. */
  readonly block?: BlockLike;
  /** 0 by default. */
  readonly gasPrice?: WordInput;
  /** `caller` by default. */
  readonly origin?: AddressLike;
  /** The zero address by default. */
  readonly caller?: AddressLike;
  readonly code?: BytesInput;
  readonly data?: BytesInput;
  /** 16,777,215 by default. */
  readonly gasLimit?: WordInput;
  /** Wei; 0 by default. */
  readonly value?: WordInput;
  /** 0 by default. */
  readonly depth?: number;
  readonly isStatic?: boolean;
  readonly to?: AddressLike;
  readonly blobVersionedHashes?: readonly BytesInput[];
}

/** The options of `runCode`. */
export interface EVMRunCodeOpts extends EVMRunOpts {
  /** Where to start; 0 by default. */
  readonly pc?: number;
}

/** The options of `runCall`. */
export interface EVMRunCallOpts extends EVMRunOpts {
  /** Makes a creation a CREATE2. */
  readonly salt?: BytesInput;
  /** Gives the caller the value that it lacks. */
  readonly skipBalance?: boolean;
  /** The caller's nonce was counted up already. */
  readonly skipNonceIncrement?: boolean;
  readonly delegatecall?: boolean;
}

const NOT_SUPPORTED = {
  message: 'give its fields as options of their own',
  isCompiled: 'call the address of the precompile, or give customPrecompiles to createEVM',
  accessWitness: 'binary trees are not supported',
  selfdestruct:
    'every call starts without destroyed accounts; use runTx for several calls in one transaction',
  createdAddresses:
    'every call starts without created accounts; use runTx for several calls in one transaction',
  gasRefund: 'every call starts with no refund',
};

const DEFAULT_GAS = 0xff_ffffn;
const DEPTH_LIMIT = 1_024;
const NO_FEES = { gasLimit: 0n, baseFee: 0n, blobBaseFee: 0n };

/** The options of a run, checked. */
interface Call {
  readonly kit: Kit;
  readonly block: BlockEnv;
  readonly tx: TxEnv;
  readonly caller: Address;
  readonly to: Address | null;
  readonly value: bigint;
  readonly data: Uint8Array;
  readonly gas: bigint;
  readonly depth: number;
  readonly isStatic: boolean;
  readonly code: { readonly bytes: Uint8Array; readonly hash: bigint } | null;
}

function readCall(session: Session, opts: EVMRunOpts): Call {
  demandObject(opts, 'options');
  refuse(opts, NOT_SUPPORTED);
  const { common, machines } = session;
  const kit = machines.of(rulesFor(common));
  const { depth = 0, isStatic = false } = opts;
  if (!Number.isInteger(depth) || depth < 0 || depth > DEPTH_LIMIT) {
    throw new ErbiumError('INVALID_NUMBER', `depth: expected a whole number up to ${DEPTH_LIMIT}`);
  }
  const caller = addressOr(opts.caller, 'caller', 0n);
  const hashes = opts.blobVersionedHashes ?? [];
  return {
    kit,
    block: blockEnvOf(opts.block, kit.machine.rules, kit.table, common, NO_FEES),
    tx: {
      origin: addressOr(opts.origin, 'origin', caller),
      gasPrice: wordOr(opts.gasPrice, 'gasPrice'),
      blobHashes: hashes.map((hash, i) => wordFromBytes(hash, `blobVersionedHashes[${i}]`)),
    },
    caller,
    to: opts.to === undefined || opts.to === null ? null : addressFrom(opts.to, 'to'),
    value: wordOr(opts.value, 'value'),
    data: bytesOr(opts.data, 'data').slice(),
    gas: wordOr(opts.gasLimit, 'gasLimit', DEFAULT_GAS, MAX_U64),
    depth,
    isStatic,
    code: opts.code === undefined ? null : givenCode(bytesOr(opts.code, 'code')),
  };
}

/** Code that was given is run as it is; a delegation would be followed, so it gets a byte that is never reached. */
function givenCode(code: Uint8Array): Call['code'] {
  const bytes = isDelegation(code) ? concatBytes(code, Uint8Array.of(0)) : code.slice();
  return { bytes, hash: keccakWord(bytes) };
}

export interface CallEnd extends EVMResult {
  readonly diff: StateDiff;
}

/** Checks the options at once, and returns the run. */
export function planCode(session: Session, opts: EVMRunCodeOpts): (attempt: Attempt) => CallEnd {
  const call = readCall(session, opts);
  const code = call.code ?? givenCode(EMPTY_BYTES)!;
  const { pc = 0 } = opts;
  if (pc !== 0 && !(Number.isInteger(pc) && pc > 0 && pc < code.bytes.length)) {
    throw new ErbiumError('INVALID_NUMBER', `pc: expected a place in the code of ${code.bytes.length} bytes`);
  }
  const address = call.to ?? 0n;
  return (attempt) =>
    run(session, { ...call, code }, attempt, { pc, hearsOutermost: false }, () => ({
      // This kind moves no value and touches no account.
      ...messageOf(call, MessageKind.DelegateCall, address),
      codeAddress: GIVEN_CODE,
    }));
}

/** Checks the options at once, and returns the run. */
export function planCall(session: Session, opts: EVMRunCallOpts): (attempt: Attempt) => CallEnd {
  const call = readCall(session, opts);
  const { skipBalance = false, delegatecall = false } = opts;
  const isCounted = opts.skipNonceIncrement === true || call.depth > 0;
  const salt = opts.salt === undefined ? null : wordFromBytes(opts.salt, 'salt');
  const prepare = (world: World): void => {
    const { caller, value } = call;
    const { balance } = world.account(caller);
    if (skipBalance && balance < value) world.addBalance(caller, value - balance);
  };
  if (call.to === null) {
    return (attempt) =>
      run(session, call, attempt, { creates: true }, (world) => {
        prepare(world);
        return creationOf(world, call, salt, isCounted);
      });
  }
  const address = call.to;
  return (attempt) =>
    run(session, call, attempt, {}, (world) => {
      prepare(world);
      if (!isCounted) world.setNonce(call.caller, world.account(call.caller).nonce + 1n);
      return {
        ...messageOf(call, delegatecall ? MessageKind.DelegateCall : MessageKind.Call, address),
        codeAddress: call.code === null ? address : GIVEN_CODE,
      };
    });
}

const messageOf = (call: Call, kind: MessageKind, address: Address): Message => ({
  kind,
  caller: call.caller,
  address,
  codeAddress: address,
  value: call.value,
  input: call.data,
  gas: call.gas,
  isStatic: call.isStatic,
  depth: call.depth,
  outputOffset: 0,
  outputSize: 0,
});

/** The start of a creation counts the creator's nonce up, so one that is counted already goes back before. */
function creationOf(world: World, call: Call, salt: bigint | null, isCounted: boolean): Message {
  const { caller, data } = call;
  const nonce = world.account(caller).nonce - (isCounted ? 1n : 0n);
  if (nonce < 0n) {
    throw new ErbiumError('INVALID_ARGUMENT', 'skipNonceIncrement, depth: the nonce of the creator is 0');
  }
  if (isCounted) world.setNonce(caller, nonce);
  return salt === null
    ? messageOf(call, MessageKind.Create, createAddress(caller, nonce))
    : messageOf(call, MessageKind.Create2, create2Address(caller, salt, keccak256(data)));
}

interface Manner {
  readonly pc?: number;
  readonly creates?: boolean;
  readonly hearsOutermost?: boolean;
}

function run(
  session: Session,
  call: Call,
  { hashes, isSilent }: Attempt,
  manner: Manner,
  begin: (world: World) => Message,
): CallEnd {
  const { kit, block, tx, code, gas } = call;
  const { custom, interrupted, journal, stateManager } = session;
  const { pc, creates = false, hearsOutermost = true } = manner;
  const look = lookAt(session, kit, { isSilent, hearsOutermost, accessList: null, watch: { pc, creates } });
  const state = new CallReader(stateManager.core.reader, code, hashes);
  const { rules, codes } = look.machine;
  // As there, nothing is warm but what the journal was told of, no precompile either: that is a transaction's.
  const world = new World(state);
  const host = new WorldHost(world, rules, block, tx, codes, interrupted);
  const context: Context = { ...look.machine, host };
  look.show(world);
  const message = begin(world);
  journal.apply(world);
  if (rules.delegation && code === null && !creates && call.depth === 0) {
    const { delegate } = host.code(message.codeAddress);
    if (delegate !== null) host.touchAccount(delegate);
  }
  const result = isTooLong(message, creates, rules)
    ? tooLong(look.machine.tracer!, message)
    : runMessage(context, message);
  look.close();
  checkLimits(result.halt);
  if (creates && isUncounted(result)) world.setNonce(call.caller, world.account(call.caller).nonce + 1n);
  // Unlike a transaction, a call leaves destroyed and empty accounts where they are.
  for (const [address] of look.watch.destroyed) world.account(address).destroyed = false;
  const { watch } = look;
  const gasUsed = gas - result.gasLeft;
  const execResult = execResultOf({ result, gasUsed, gasLeft: result.gasLeft, world, watch, custom });
  const isCodeless =
    creates && isSuccess(result.halt) && result.output.length === 0 && (watch.top?.output.length ?? 0) > 0;
  return {
    ...(creates && result.halt !== Halt.InitCodeTooLarge
      ? { createdAddress: addressOf(message.address) }
      : {}),
    execResult: isCodeless ? withoutCode(execResult) : execResult,
    diff: world.diff(false),
  };
}

/** The limit that transactions have, and that a message alone is not checked for. */
const isTooLong = (message: Message, creates: boolean, rules: Rules): boolean =>
  creates && message.input.length > rules.maxInitCodeSize;

function tooLong(
  tracer: {
    enter?(message: Message): void;
    exit?(end: { halt: Halt; output: Uint8Array; gasUsed: bigint; depth: number }): void;
  },
  message: Message,
): MessageResult {
  const result = failed(Halt.InitCodeTooLarge);
  tracer.enter?.(message);
  tracer.exit?.({ ...result, gasUsed: message.gas, depth: message.depth });
  return result;
}

/** Ends of a creation before the nonce is counted up, which there it is in any case. */
const isUncounted = ({ halt }: MessageResult): boolean =>
  halt === Halt.InsufficientBalance || halt === Halt.InitCodeTooLarge;
