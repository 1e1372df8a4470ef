/**
 * The tracers against a real node: transactions that call, create, revert, self-destruct and run precompiles, traced by
 * anvil and replayed here. Where anvil departs from geth, which the tracers follow, the function that brings the two together
 * says so.
 */

import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openReplay, type Replay } from '../../src/cli/trace-replay.ts';
import { addressToHex, createEvm, encodeTransaction, TxType } from '../../src/index.ts';
import { bytesToHex, type Hex, hexToBytes } from '../../src/primitives/bytes.ts';
import { openRpcState } from '../../src/state/readers/rpc/index.ts';
import {
  callTracer,
  combine,
  type FlatCallFrame,
  flatCallTracer,
  fourByteTracer,
  opcodeCountTracer,
  type PrestateAccount,
  type PrestateDiff,
  prestateTracer,
  type StructLogResult,
  structLogTracer,
} from '../../src/tracers/index.ts';
import { Anvil } from '../helpers/anvil.ts';
import { AUTHORITY, authorization, SENDER, signed } from '../helpers/transact.ts';
import { PLAY, playData } from './contracts.ts';

const FORK = 'Prague';
const CHAIN = 4242n;
const NAMES = [
  'a transfer',
  'a creation that creates',
  'nested calls with logs',
  'a revert with a reason',
  'failures that are caught',
  'creations',
  'self-destructs',
  'precompiles',
  'delegate calls',
  'cleared slots',
  'out of gas',
  'a creation that fails',
  'a delegation that is set and used',
] as const;

/** A call as it comes from JSON. */
interface Call {
  gas: string;
  error?: string;
  logs?: unknown;
  calls?: Call[];
  [field: string]: unknown;
}

let anvil: Anvil;
let sender: Hex;
let play: Hex;
const hashes: Hex[] = [];
const gasLimits: bigint[] = [];

async function send(to: Hex | null, data: Hex, value = 0n, gas = 3_000_000n): Promise<Hex | null> {
  const quantity = (number: bigint): string => `0x${number.toString(16)}`;
  const request = { from: sender, ...(to === null ? {} : { to }), data };
  const fields = { ...request, value: quantity(value), gas: quantity(gas) };
  const hash = await anvil.rpc<Hex>('eth_sendTransaction', fields);
  return mined(hash, gas);
}

async function mined(hash: Hex, gas: bigint): Promise<Hex | null> {
  hashes.push(hash);
  gasLimits.push(gas);
  return (await anvil.receipt<{ contractAddress: Hex | null }>(hash)).contractAddress;
}

beforeAll(async () => {
  anvil = await Anvil.start(
    '--hardfork',
    'prague',
    '--accounts',
    '2',
    '--chain-id',
    '4242',
    '--steps-tracing',
  );
  const accounts = await anvil.rpc<Hex[]>('eth_accounts');
  sender = accounts[0]!;
  const heir = accounts[1]!;
  await send(heir, '0x', 10n);
  play = (await send(null, PLAY, 100n))!;
  await send(play, playData('nested', 3n));
  await send(play, playData('refuse'));
  await send(play, playData('caught'));
  await send(play, playData('creates'), 10n);
  await send(play, playData('destroys', BigInt(heir)), 9n);
  await send(play, playData('precompiles'));
  await send(play, playData('delegates'), 3n);
  await send(play, playData('clears'));
  await send(play, playData('nested', 3n), 0n, 80_000n);
  await send(null, '0x60016000556002600160aa', 0n, 100_000n);
  // anvil takes every account to exist, and refunds gas for it (EIP-7702); so it has to.
  for (const account of [SENDER, AUTHORITY]) {
    await anvil.rpc('anvil_setBalance', addressToHex(account), '0xde0b6b3a7640000');
  }
  const delegates = signed({
    type: TxType.SetCode,
    chainId: CHAIN,
    maxFeePerGas: 10n ** 10n,
    to: AUTHORITY,
    data: hexToBytes(playData('clears')),
    authorizations: [authorization({ chainId: CHAIN, address: BigInt(play) })],
  });
  const wire = bytesToHex(encodeTransaction(delegates));
  await mined(await anvil.rpc<Hex>('eth_sendRawTransaction', wire), delegates.gasLimit);
}, 60_000);
afterAll(() => anvil?.stop());

const plain = <T>(value: unknown): T => JSON.parse(JSON.stringify(value)) as T;

const traceOf = <T>(hash: Hex, tracer?: string, tracerConfig?: object): Promise<T> =>
  anvil.rpc<T>(
    'debug_traceTransaction',
    hash,
    tracer === undefined ? tracerConfig : { tracer, tracerConfig },
  );

/** All tracers in one run. */
async function replay(index: number) {
  const { place, trace }: Replay = await openReplay(anvil.url, hashes[index]!, FORK);
  const tracers = {
    calls: callTracer({ withLog: true }),
    top: callTracer({ onlyTopCall: true }),
    flat: flatCallTracer({ place, convertParityErrors: true, includePrecompiles: true }),
    before: prestateTracer(),
    changes: prestateTracer({ diffMode: true }),
    selectors: fourByteTracer(),
    steps: structLogTracer(STEP_OPTIONS),
    counts: opcodeCountTracer(),
  };
  await trace(combine(...Object.values(tracers)));
  return tracers;
}

const STEP_OPTIONS = { enableMemory: true, enableReturnData: true };

const each = NAMES.map((name, index) => ({ name, index }));

/** anvil has one text for all failures of precompiles, and others for memory that cannot be and for a collision. */
const ERRORS: ReadonlyMap<string, string> = new Map([
  ['bad elliptic curve pairing size', 'precompiled failed'],
  ['invalid input length', 'precompiled failed'],
  ['gas uint64 overflow', 'out of gas: reach memory limit'],
  ['contract address collision', 'CreateCollision'],
]);

function withAnvilErrors(call: Call): Call {
  const { error, calls } = call;
  return {
    ...call,
    ...(error === undefined ? {} : { error: ERRORS.get(error) ?? error }),
    ...(calls === undefined ? {} : { calls: calls.map(withAnvilErrors) }),
  };
}

/** anvil keeps the logs of a top call that failed. */
function withoutFailedLogs(call: Call, failed = false): Call {
  const isFailed = failed || call.error !== undefined;
  const { logs, calls, ...rest } = call;
  return {
    ...rest,
    ...(logs === undefined || isFailed ? {} : { logs }),
    ...(calls === undefined ? {} : { calls: calls.map((inner) => withoutFailedLogs(inner, isFailed)) }),
  };
}

describe.each(each)('$name', ({ name, index }) => {
  let traced: Awaited<ReturnType<typeof replay>>;
  beforeAll(async () => {
    traced = await replay(index);
  });

  it('has the calls and logs that anvil gives', async () => {
    const ours = withAnvilErrors(plain<Call>(traced.calls.result()));
    const theirs = withoutFailedLogs(await traceOf<Call>(hashes[index]!, 'callTracer', { withLog: true }));
    // The gas of the top call is the gas limit in geth, and in anvil what the intrinsic gas leaves of it.
    expect(ours.gas).toBe(`0x${gasLimits[index]!.toString(16)}`);
    expect({ ...ours, gas: theirs.gas }).toEqual(theirs);
    const { calls, logs, ...first } = plain<Call>(traced.calls.result());
    expect(plain(traced.top.result())).toEqual(first);
  });

  it('has the flat calls that trace_transaction gives', async () => {
    // anvil answers {} for flatCallTracer; its trace_transaction is OpenEthereum's, whose errors and precompiles geth shows
    // when asked to.
    const theirs = await anvil.rpc<FlatCallFrame[]>('trace_transaction', hashes[index]!);
    expect(plain<FlatCallFrame[]>(traced.flat.result()).map(flatAsShared)).toEqual(theirs.map(flatAsShared));
  });

  it('has the state before that anvil gives', async () => {
    const theirs = await traceOf<Record<Hex, PrestateAccount>>(hashes[index]!, 'prestateTracer', {});
    expect(accountsAsShared(traced.before.result())).toEqual(accountsAsShared(theirs));
  });

  it('has the changes that anvil gives', async () => {
    const theirs = await traceOf<PrestateDiff>(hashes[index]!, 'prestateTracer', { diffMode: true });
    const ours = traced.changes.result();
    expect(accountsAsShared(ours.pre)).toEqual(accountsAsShared(theirs.pre));
    expect(accountsAsShared(ours.post)).toEqual(accountsAsShared(theirs.post));
  });

  it('has the selectors that anvil gives', async () => {
    const theirs = await traceOf<Record<string, number>>(hashes[index]!, '4byteTracer', {});
    // geth passes over precompiles, which take no selector; the test's calls of them are known by their data.
    const ofPrecompiles = ['0x00000000-124', '0x6964656e-4', '0x6e6f7420-17', '0x6f757420-6'];
    expect(traced.selectors.result()).toEqual(
      Object.fromEntries(Object.entries(theirs).filter(([key]) => !ofPrecompiles.includes(key))),
    );
  });

  it('has the steps that anvil gives', async () => {
    const theirs = await traceOf<StructLogResult>(hashes[index]!, undefined, STEP_OPTIONS);
    const ours = traced.steps.result();
    expect({ ...ours, structLogs: ours.structLogs.length }).toEqual({
      ...theirs,
      structLogs: theirs.structLogs.length,
    });
    for (const [i, log] of ours.structLogs.entries()) {
      const refund = (log.refund ?? 0) - (name === NAMES.at(-1) ? AUTHORIZATION_REFUND : 0);
      const [own, other] = stepsAsShared({ ...log, refund }, theirs.structLogs[i]!);
      // `expect` takes its time, and there are thousands.
      if (!isDeepStrictEqual(own, other)) expect(own, `step ${i}: ${log.op}`).toEqual(other);
    }
    expect(JSON.parse([...traced.steps.text()].join(''))).toEqual(ours);
    const total = Object.values(traced.counts.result()).reduce((sum, count) => sum + count, 0);
    expect(total).toBe(ours.structLogs.length);
  }, 20_000);
});

/**
 * `trace_transaction` of anvil counts gas of the top call without the intrinsic gas, has the field creationMethod, writes
 * `"result": null` where geth leaves it out, has the address of a creation that failed, and other words for some errors.
 */
function flatAsShared(frame: FlatCallFrame): object {
  const { creationMethod, gas, ...action } = frame.action as Record<string, unknown>;
  const { result, traceAddress, error, ...rest } = frame;
  const isTop = traceAddress.length === 0;
  const { gasUsed, address, ...outcome } = result ?? {};
  return {
    ...rest,
    traceAddress,
    action: isTop ? action : { ...action, gas },
    result: {
      ...outcome,
      ...(isTop ? {} : { gasUsed }),
      ...(error === undefined ? { address } : {}),
    },
    error: FLAT_ERRORS.get(error ?? '') ?? error,
  };
}

const FLAT_ERRORS: ReadonlyMap<string, string> = new Map([
  ['out of gas: not enough gas for reentrancy sentry', 'Out of gas'],
  ['insufficient balance for transfer', 'Insufficient balance for transfer'],
  ['bad elliptic curve pairing size', 'Built-in failed'],
]);

/**
 * geth has code hashes (since its pull request 32391), which anvil lacks, and leaves out accounts that were empty before
 * (since 31855), which anvil shows. An account that is not there afterwards has the code hash 0 in geth.
 */
function accountsAsShared(accounts: Readonly<Record<Hex, PrestateAccount>>): object {
  const shared = Object.entries(accounts).map(
    ([address, { codeHash, ...account }]) => [address, account] as const,
  );
  return Object.fromEntries(shared.filter(([, account]) => !isEmpty(account)));
}

const isEmpty = ({ balance = '0x0', code, nonce }: PrestateAccount): boolean =>
  balance === '0x0' && code === undefined && nonce === undefined;

type Step = Record<string, unknown>;

/** Counts from the first step on, but not in anvil's steps. */
const AUTHORIZATION_REFUND = 12_500;

/**
 * anvil writes empty memory and return data and a refund of 0, which geth leaves out; counts the gas of a creation to its
 * instruction; names errors as its source does, also one for INVALID, which geth has none for; shows a slot before an SSTORE
 * that fails, the refund before an SSTORE and not after it, and the gas left for an instruction that it does not cover.
 */
function stepsAsShared(own: object, other: object): [Step, Step] {
  const [a, b] = [{ ...own } as Step, { ...other } as Step];
  if ((b.memory as unknown[]).length === 0) delete b.memory;
  if (b.returnData === '0x') delete b.returnData;
  for (const step of [a, b]) if (step.refund === 0) delete step.refund;
  const dropped = ['CREATE', 'CREATE2'].includes(a.op as string) ? ['gasCost'] : [];
  if (a.op === 'SSTORE') dropped.push('refund');
  if (b.error !== undefined) {
    if (a.op !== 'INVALID') expect(ERROR_NAMES.get(a.error as string)).toBe(b.error);
    dropped.push('error', 'storage', 'gasCost');
  }
  for (const field of dropped) {
    delete a[field];
    delete b[field];
  }
  return [a, b];
}

const ERROR_NAMES: ReadonlyMap<string, string> = new Map([
  ['out of gas', 'Some(OutOfGas)'],
  ['gas uint64 overflow', 'Some(MemoryLimitOOG)'],
  ['out of gas: not enough gas for reentrancy sentry', 'Some(ReentrancySentryOOG)'],
]);

describe('debug_traceCall', () => {
  it.each(['nested', 'refuse', 'caught', 'creates', 'precompiles'])('gives the calls of %s', async (name) => {
    const state = await openRpcState(anvil.url);
    const data = playData(name, ...(name === 'nested' ? [3n] : []));
    const tracer = callTracer({ withLog: true });
    const evm = createEvm({ state, fork: FORK, block: { ...state.env, baseFee: 0n }, tracer });
    const gas = 2_000_000n;
    const value = name === 'creates' ? 10n : 0n;
    await evm.async.transact({ from: sender, to: play, data, gas, value, gasPrice: 0n });
    const request = {
      from: sender,
      to: play,
      data,
      gas: `0x${gas.toString(16)}`,
      value: `0x${value.toString(16)}`,
    };
    const options = { tracer: 'callTracer', tracerConfig: { withLog: true } };
    const theirs = withoutFailedLogs(await anvil.rpc<Call>('debug_traceCall', request, 'latest', options));
    const ours = withAnvilErrors(plain<Call>(tracer.result()));
    expect({ ...ours, gas: theirs.gas }).toEqual(theirs);
  });
});
