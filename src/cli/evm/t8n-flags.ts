/** The flags of `t8n`, and what they stand for. */

import type { BlobParams } from '../../forks/blob-schedule.ts';
import type { Field } from '../../primitives/json.ts';
import { type Flag, type Flags, misused } from './flags.ts';
import { namedTracer, TRACER_NAMES } from './named-tracers.ts';
import { FORK_NAMES } from './network.ts';
import { Watch } from './t8n-trace.ts';
import type { TracerFactory } from './trace-flags.ts';

export const STATE_FLAGS: readonly Flag[] = [
  { name: 'state.fork', default: 'GrayGlacier', help: 'the rules to follow; known are the forks above' },
  { name: 'state.chainid', default: 1, help: 'the chain id' },
];

/** For help texts. */
export const ABOUT_FORKS = `Forks: ${FORK_NAMES}`;

export const T8N_FLAGS: readonly Flag[] = [
  { name: 'input.alloc', default: 'alloc.json', help: 'the state: a file or stdin' },
  { name: 'input.env', default: 'env.json', help: 'the environment: a file or stdin' },
  { name: 'input.txs', default: 'txs.json', help: 'the transactions: a file or stdin; RLP in a file .rlp' },
  { name: 'input.blobParams', default: '', help: 'target, max and baseFeeUpdateFraction: a file or stdin' },
  { name: 'output.basedir', default: '', help: 'the folder of output files, which is made' },
  { name: 'output.alloc', default: 'alloc.json', help: 'the state: a file, stdout, stderr, or nothing' },
  { name: 'output.result', default: 'result.json', help: 'the result: a file, stdout, stderr, or nothing' },
  { name: 'output.body', default: '', help: 'RLP of the transactions that ran: the same' },
  ...STATE_FLAGS,
  { name: 'state.reward', default: '0', help: 'wei for the miner; -1 for no reward at all' },
  { name: 'state-test', default: false, help: 'run the transactions only, as a state test does' },
  { name: 'trace', default: false, help: 'write a file of EIP-3155 lines for each transaction' },
  { name: 'trace.memory', default: false, help: 'show memory in these' },
  { name: 'trace.nostack', default: false, help: 'leave the stack out of these' },
  { name: 'trace.returndata', default: false, help: 'show return data in these' },
  { name: 'trace.callframes', default: false, help: 'begin each call and creation with a line of its own' },
  {
    name: 'trace.tracer',
    default: '',
    help: `write a file with the result of a tracer for each transaction: ${TRACER_NAMES}`,
  },
  { name: 'trace.jsonconfig', default: '', help: 'options of that tracer, an object in JSON' },
  { name: 'opcode.count', default: '', help: 'how often each opcode ran: a file, stdout or stderr' },
];

export function chainIdOf(flags: Flags): bigint {
  const id = flags.number('state.chainid');
  if (id < 0) throw misused(`-state.chainid: ${id} is negative`);
  return BigInt(id);
}

export function rewardOf(flags: Flags): bigint {
  const text = flags.string('state.reward');
  if (!/^-?[0-9]{1,40}$/.test(text))
    throw misused(`-state.reward: ${JSON.stringify(text)} is no number of wei`);
  return BigInt(text);
}

export const readBlobParams = (params: Field): BlobParams => ({
  target: Number(params.get('target').number(32)),
  max: Number(params.get('max').number(32)),
  baseFeeUpdateFraction: fractionOf(params.get('baseFeeUpdateFraction')),
});

/** A divisor. */
function fractionOf(field: Field): number {
  const fraction = Number(field.number(53));
  return fraction === 0 ? field.fail('must not be 0') : fraction;
}

/**
 * What the line asks to be watched; undefined for nothing.
 * @throws ErbiumError INVALID_ARGUMENT
 */
export async function watchOf(flags: Flags, folder: string): Promise<Watch | undefined> {
  const [isTraced, tracer] = [flags.switch('trace'), flags.string('trace.tracer')];
  const config = flags.string('trace.jsonconfig');
  if (isTraced && tracer !== '') throw misused("can't use both flags --trace and --trace.tracer");
  if (tracer === '' && config !== '') throw misused('--trace.jsonconfig without --trace.tracer');
  if (!isTraced && tracer === '' && flags.string('opcode.count') === '') return undefined;
  const { eip3155Tracer } = await import('../../tracers/eip3155.ts');
  const lines: TracerFactory = (write) =>
    eip3155Tracer({
      write,
      memory: flags.switch('trace.memory'),
      returnData: flags.switch('trace.returndata'),
      stack: !flags.switch('trace.nostack'),
    });
  return new Watch({
    lines: isTraced ? lines : null,
    callFrames: isTraced && flags.switch('trace.callframes'),
    named: tracer === '' ? null : await namedTracer(tracer, config),
    folder,
  });
}
