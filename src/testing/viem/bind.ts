/** The functions and events of a contract, as its ABI has them, bound to the calls of a `TestVm`. */

import {
  type Abi,
  BaseError,
  decodeFunctionResult,
  encodeFunctionData,
  type Log,
  parseEventLogs,
} from 'viem';
import type { EventLog, EvmResult } from '../../executor/outcome.ts';
import type { Hex } from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import type { Calls, Told } from '../calls.ts';
import { inWords } from '../expect-revert.ts';
import type { SendOptions } from '../options.ts';
import type { Addressable } from '../senders.ts';

/** What calls of contracts go through. */
export interface Binding {
  readonly calls: Calls;
  /** The contract's name, as it is when it is asked for. */
  name(): string;
  withNames(text: string): string;
  /** Refuses an answer that comes from no contract. */
  demandCode(told: Told, result: EvmResult): Promise<void>;
}

interface Options extends Omit<SendOptions, 'from'> {
  readonly account?: Addressable;
}

interface Request extends SendOptions {
  readonly to: Hex;
  readonly data: Hex;
}

type Bound = (...parameters: readonly unknown[]) => unknown;

/** The parts of `Contract` beside address and ABI. */
export function bind(binding: Binding, abi: Abi, address: Hex) {
  const { calls } = binding;
  const names = (...mutabilities: readonly string[]): readonly string[] =>
    abi.flatMap((item) =>
      item.type === 'function' && mutabilities.includes(item.stateMutability) ? [item.name] : [],
    );

  /** One function for each name, which sends what it is given in its own way. */
  const functions = (
    list: readonly string[],
    send: (name: string, args: readonly unknown[], request: Request, told: Told) => Promise<unknown>,
  ): Readonly<Record<string, Bound>> =>
    Object.fromEntries(
      list.map((name) => [
        name,
        async (...parameters: readonly unknown[]) => {
          const [args, { account, ...options }] = split(parameters);
          const words = `${binding.name()}.${name}`;
          const data = encode(abi, name, args, words);
          const told = {
            words: binding.withNames(`${words}(${args.map(inWords).join(', ')})`),
            functionName: name,
            args,
          };
          const from = account === undefined ? {} : { from: account };
          return send(name, args, { ...options, ...from, to: address, data }, told);
        },
      ]),
    );

  const answer = async (
    name: string,
    args: readonly unknown[],
    told: Told,
    result: EvmResult,
  ): Promise<unknown> => {
    if (result.output === '0x') await binding.demandCode(told, result);
    return decode(abi, name, args, result.output, told.words!);
  };

  const writing = names('nonpayable', 'payable');
  return {
    read: functions(names('pure', 'view'), async (name, args, request, told) =>
      answer(name, args, told, await calls.view(request, told)),
    ),
    write: functions(writing, async (name, args, request, told) => {
      const result = await calls.send(request, told);
      return { ...result, result: await answer(name, args, told, result) };
    }),
    simulate: functions(writing, async (name, args, request, told) => {
      const result = await calls.simulate(request, told);
      return { ...result, result: await answer(name, args, told, result) };
    }),
    estimateGas: functions(writing, (_name, _args, request, told) => calls.estimateGas(request, told)),
    getEvents: Object.fromEntries(
      abi
        .flatMap((item) => (item.type === 'event' ? [item.name] : []))
        .map((name) => [
          name,
          (args?: Record<string, unknown>) => {
            const logs = calls.lastCall('getEvents').logs.filter((log) => log.address === address);
            return parseEventLogs({ abi, eventName: name, args, logs: logs.map(asViem) }).map(plain);
          },
        ]),
    ),
  };
}

/** `(args, options)`, `(options)` or nothing. */
function split(parameters: readonly unknown[]): [readonly unknown[], Options] {
  const [first, second] = parameters;
  const [args, options] = Array.isArray(first) ? [first, second] : [[], first];
  return [args, (options ?? {}) as Options];
}

function encode(abi: Abi, functionName: string, args: readonly unknown[], words: string): Hex {
  try {
    return encodeFunctionData({ abi, functionName, args });
  } catch (error) {
    throw refused(`${words}: args`, error);
  }
}

function decode(abi: Abi, functionName: string, args: readonly unknown[], data: Hex, words: string): unknown {
  try {
    return decodeFunctionResult({ abi, functionName, args, data });
  } catch (error) {
    throw refused(`${words}: the output ${data}`, error);
  }
}

/** What viem says is wrong, with the place. */
export function refused(place: string, error: unknown): ErbiumError {
  const message = error instanceof BaseError ? error.shortMessage.replaceAll('\n', ' ') : String(error);
  return new ErbiumError('INVALID_ARGUMENT', `${place}: ${message}`, { cause: error });
}

/** The parts that `parseEventLogs` reads. */
const asViem = ({ address, topics, data }: EventLog): Log =>
  ({ address, topics, data, blockNumber: null }) as unknown as Log;

const plain = ({ eventName, args, address, topics, data }: Record<string, unknown>): unknown => {
  return { eventName, args, address, topics, data };
};
