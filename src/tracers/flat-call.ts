/** geth's `flatCallTracer`: the calls as a list, in the form of OpenEthereum's `trace_transaction`. */

import { type PrecompileSet, precompilesOf } from '../../precompiles/registry.ts';
import { MessageKind } from '../machine/message.ts';
import type { RunStart } from '../machine/tracer.ts';
import { addressToHex } from '../primitives/address.ts';
import { bytesToHex, EMPTY_BYTES, type Hex, toQuantity } from '../primitives/bytes.ts';
import { type CallNode, CallTree } from './call-tree.ts';
import type { LimitOption, ResultTracer } from './result.ts';

/** Which transaction of which block it is, as each line says. */
export interface FlatCallPlace {
  readonly blockHash?: Hex;
  readonly blockNumber?: number;
  readonly transactionHash?: Hex;
  readonly transactionPosition?: number;
}

/** The options of `flatCallTracer`. */
export interface FlatCallTracerOptions extends LimitOption {
  /** Errors in the words of OpenEthereum; false by default. */
  readonly convertParityErrors?: boolean;
  /** Shows calls of precompiles by CALL and STATICCALL, too; false by default. */
  readonly includePrecompiles?: boolean;
  readonly place?: FlatCallPlace;
}

/** What a call was asked for; the fields depend on its type. */
export interface FlatCallAction {
  readonly address?: Hex;
  readonly balance?: Hex;
  readonly callType?: string;
  readonly from?: Hex;
  readonly gas?: Hex;
  readonly init?: Hex;
  readonly input?: Hex;
  readonly refundAddress?: Hex;
  readonly to?: Hex;
  readonly value?: Hex;
}

/** What came of a call; the fields depend on its type. */
export interface FlatCallResult {
  readonly address?: Hex;
  readonly code?: Hex;
  readonly gasUsed?: Hex;
  readonly output?: Hex;
}

/** A line: a call, a creation (`create`) or a self-destruct (`suicide`). */
export interface FlatCallFrame {
  readonly action: FlatCallAction;
  readonly blockHash: Hex | null;
  readonly blockNumber: number;
  readonly error?: string;
  readonly result?: FlatCallResult;
  /** How many calls are directly below. */
  readonly subtraces: number;
  /** Where it stands in the tree: for each depth the index of the call. */
  readonly traceAddress: readonly number[];
  readonly transactionHash: Hex | null;
  readonly transactionPosition: number;
  readonly type: string;
}

/** What an index of a trace address takes, in the result and as text. */
const INDEX_BYTES = 16;

const PARITY_ERRORS: ReadonlyMap<string, string> = new Map([
  ['contract creation code storage out of gas', 'Out of gas'],
  ['out of gas', 'Out of gas'],
  ['gas uint64 overflow', 'Out of gas'],
  ['max code size exceeded', 'Out of gas'],
  ['invalid jump destination', 'Bad jump destination'],
  ['execution reverted', 'Reverted'],
  ['return data out of bounds', 'Out of bounds'],
  ['stack limit reached 1024 (1023)', 'Out of stack'],
  ['precompiled failed', 'Built-in failed'],
  ['invalid input length', 'Built-in failed'],
]);

/** The calls of the last run, as geth's `flatCallTracer` gives them: a call before those that it makes. */
export const flatCallTracer = (options: FlatCallTracerOptions = {}): ResultTracer<readonly FlatCallFrame[]> =>
  new FlatCallTracer(options);

class FlatCallTracer extends CallTree implements ResultTracer<readonly FlatCallFrame[]> {
  private readonly options: FlatCallTracerOptions;
  private precompiles: PrecompileSet = new Map();
  private frames: FlatCallFrame[] | null = null;
  protected override readonly indexBytes = INDEX_BYTES;

  constructor(options: FlatCallTracerOptions) {
    super(options);
    this.options = options;
  }

  override begin(start: RunStart): void {
    super.begin(start);
    this.frames = null;
    this.precompiles = precompilesOf(start.rules, []);
  }

  protected override isDropped({ type, to }: CallNode): boolean {
    if (this.options.includePrecompiles === true) return false;
    const isPlain = type === MessageKind.Call || type === MessageKind.StaticCall;
    return isPlain && to !== null && this.precompiles.has(to);
  }

  result(): FlatCallFrame[] {
    if (this.frames === null) {
      this.frames = [];
      this.flatten(this.demandTop(), [], this.frames);
    }
    return this.frames;
  }

  private flatten(node: CallNode, traceAddress: readonly number[], frames: FlatCallFrame[]): void {
    const { calls, error, isReverted } = node;
    const { place = {}, convertParityErrors = false } = this.options;
    const result = error !== '' && !isReverted ? undefined : resultOf(node);
    frames.push({
      action: actionOf(node),
      blockHash: place.blockHash ?? null,
      blockNumber: place.blockNumber ?? 0,
      ...(error === '' ? {} : { error: convertParityErrors ? parityError(error) : error }),
      ...(result === undefined ? {} : { result }),
      subtraces: calls.length,
      traceAddress,
      transactionHash: place.transactionHash ?? null,
      transactionPosition: place.transactionPosition ?? 0,
      type: typeOf(node),
    });
    for (const [i, call] of calls.entries()) this.flatten(call, [...traceAddress, i], frames);
  }
}

const isCreate = ({ type }: CallNode): boolean => type === MessageKind.Create || type === MessageKind.Create2;

function typeOf(node: CallNode): string {
  if (node.type === 'SELFDESTRUCT') return 'suicide';
  return isCreate(node) ? 'create' : 'call';
}

function actionOf(node: CallNode): FlatCallAction {
  const from = addressToHex(node.from);
  const value = toQuantity(node.value ?? 0n);
  if (node.type === 'SELFDESTRUCT') {
    return { address: from, balance: value, refundAddress: addressToHex(node.to!) };
  }
  const gas = toQuantity(node.gas);
  const input = bytesToHex(node.input);
  if (isCreate(node)) return { from, gas, init: input, value };
  return { callType: node.type.toLowerCase(), from, gas, input, to: addressToHex(node.to!), value };
}

function resultOf(node: CallNode): FlatCallResult | undefined {
  if (node.type === 'SELFDESTRUCT') return undefined;
  const gasUsed = toQuantity(node.gasUsed);
  const output = bytesToHex(node.output ?? EMPTY_BYTES);
  if (!isCreate(node)) return { gasUsed, output };
  return { ...(node.to === null ? {} : { address: addressToHex(node.to) }), code: output, gasUsed };
}

function parityError(error: string): string {
  const words = PARITY_ERRORS.get(error);
  if (words !== undefined) return words;
  if (error.startsWith('invalid opcode:')) return 'Bad instruction';
  return error.startsWith('stack underflow') ? 'Stack underflow' : error;
}
