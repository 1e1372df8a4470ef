/** geth's `callTracer`: the tree of calls. Source: go-ethereum, documentation of the built-in tracers. */

import { addressToHex } from '../primitives/address.ts';
import { bytesToHex, type Hex, toHex32, toQuantity } from '../primitives/bytes.ts';
import { type CallNode, CallTree, type LogNode } from './call-tree.ts';
import type { LimitOption, ResultTracer } from './result.ts';
import { revertReason } from './revert-reason.ts';

/** The options of `callTracer`. */
export interface CallTracerOptions extends LimitOption {
  /** Leaves out all calls but the first; false by default. */
  readonly onlyTopCall?: boolean;
  /** Shows the logs that stand in the end; false by default. */
  readonly withLog?: boolean;
}

/** A log in a call. */
export interface CallLog {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  /** Its place among the logs of the transaction. */
  readonly index: Hex;
  /** How many calls its frame had made before. */
  readonly position: Hex;
}

/** A call as geth writes it; amounts are quantities in hex. */
export interface CallFrame {
  readonly from: Hex;
  /** Of the top call the gas limit of the transaction. */
  readonly gas: Hex;
  /** Of the top call the gas of the receipt. */
  readonly gasUsed: Hex;
  /** Missing for a creation that failed. */
  readonly to?: Hex;
  readonly input: Hex;
  readonly output?: Hex;
  readonly error?: string;
  readonly revertReason?: string;
  readonly calls?: readonly CallFrame[];
  readonly logs?: readonly CallLog[];
  /** Missing for STATICCALL. */
  readonly value?: Hex;
  readonly type: string;
}

/** The calls of the last run, as geth's `callTracer` gives them. */
export const callTracer = (options: CallTracerOptions = {}): ResultTracer<CallFrame> =>
  new CallTracer(options);

class CallTracer extends CallTree implements ResultTracer<CallFrame> {
  result(): CallFrame {
    return show(this.demandTop());
  }
}

function show(node: CallNode): CallFrame {
  const { to, output, error, calls, logs, value } = node;
  const reason = node.isReverted && output !== null ? revertReason(output) : undefined;
  return {
    from: addressToHex(node.from),
    gas: toQuantity(node.gas),
    gasUsed: toQuantity(node.gasUsed),
    ...(to === null ? {} : { to: addressToHex(to) }),
    input: bytesToHex(node.input),
    ...(output === null ? {} : { output: bytesToHex(output) }),
    ...(error === '' ? {} : { error }),
    ...(reason === undefined || reason === '' ? {} : { revertReason: reason }),
    ...(calls.length === 0 ? {} : { calls: calls.map(show) }),
    ...(logs.length === 0 ? {} : { logs: logs.map(showLog) }),
    ...(value === null ? {} : { value: toQuantity(value) }),
    type: node.type,
  };
}

const showLog = ({ address, topics, data, index, position }: LogNode): CallLog => ({
  address: addressToHex(address),
  topics: topics.map(toHex32),
  data: bytesToHex(data),
  index: toQuantity(index),
  position: toQuantity(position),
});
