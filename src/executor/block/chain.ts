/**
 * `createChain`: blocks of one chain, decoded, executed and built. Owns what its blocks share and the comparison of a
 * header with what its body does; which of several chains is the right one is no matter of this module, nor is keeping
 * blocks and states.
 */

import type { Crypto } from '../../../precompiles/crypto.ts';
import type { EngineChoice } from '../../evm/engine-choice.ts';
import { createMachine } from '../../evm/machine.ts';
import { type Rules, rulesFrom } from '../../forks/rules.ts';
import type { RulesAt } from '../../forks/schedule.ts';
import type { Tracer } from '../../machine/tracer.ts';
import { bytesToHex, equalBytes, toHex32 } from '../../primitives/bytes.ts';
import { type BytesInput, toBytes, toWord, type WordInput } from '../../primitives/input.ts';
import { HashCache } from '../../state/root.ts';
import { checkFields, demand, isObject } from '../request.ts';
import { type Block, blockSize, envelopesRoot, readBlock, unclesHash, withdrawalsRoot } from './block.ts';
import { type BlockTemplate, draftOf } from './build.ts';
import type { Header } from './header.ts';
import { validateHeader } from './header-rules.ts';
import { type BlockReason, type InvalidBlock, invalidBlock, isInvalidBlock } from './reasons.ts';
import { type BlockResult, type BodyOptions, type Commitments, type Machines, runBody } from './run-body.ts';
import type { BlockState } from './state-root.ts';
import { validateUncles } from './uncles.ts';

/** The options of `createChain`, all optional. */
export interface ChainOptions {
  /**
   * The name of a fork or rules that all blocks follow, or which rules a block follows (see `scheduleOf`); the newest
   * fork of mainnet by default.
   */
  readonly fork?: string | Rules | RulesAt;
  /** 1 by default. */
  readonly chainId?: WordInput;
  /** Number of the block that makes the DAO's change of state (EIP-779); none by default. */
  readonly daoBlock?: bigint | null;
  /** What runs the code; `auto` by default. */
  readonly engine?: EngineChoice | undefined;
  /** Noble's by default. */
  readonly crypto?: Crypto | undefined;
  /** Sees every step of the transactions, and nothing of system calls. */
  readonly tracer?: Tracer | undefined;
}

const OPTIONS: readonly string[] = [
  ...(['fork', 'chainId', 'daoBlock', 'engine', 'crypto', 'tracer'] as const),
] satisfies (keyof ChainOptions)[];

/** A block that was built, and what it does. */
export interface BuiltBlock {
  readonly block: Block;
  readonly result: BlockResult;
}

/** Blocks of one chain. Its methods change no state: what a block does comes as a diff, to be applied to the state. */
export interface Chain {
  readonly chainId: bigint;
  readonly rulesAt: RulesAt;
  /** A block from its encoding, as bytes or hex, or the reason why the bytes are none. */
  decodeBlock(bytes: BytesInput): Block | InvalidBlock;
  /**
   * Runs a block and checks all that its header says, except for the proof of work.
   * @param state the state after the parent; its `blockHash` is asked for the hashes of ancestors
   * @param ancestors blocks before this one, the parent first; seven are needed where blocks have uncles
   */
  executeBlock(
    state: BlockState,
    block: Block,
    parent: Header,
    ancestors?: readonly Block[],
  ): BlockResult | InvalidBlock;
  /**
   * Makes a block from transactions and fills in its header.
   * @param state the state after the parent
   * @returns the block and what it does, or why there can be none; uncles are taken as they are
   */
  buildBlock(state: BlockState, parent: Header, template: BlockTemplate): BuiltBlock | InvalidBlock;
}

/**
 * A chain.
 * @throws ErbiumError UNKNOWN_FORK, INVALID_NUMBER for a chain id that is none, or INVALID_ARGUMENT
 */
export function createChain(options: ChainOptions = {}): Chain {
  checkFields(options, 'options', OPTIONS);
  const { fork, daoBlock = null, engine, crypto, tracer } = options;
  const chainId = toWord(options.chainId ?? 1n, 'chainId');
  const rulesAt = typeof fork === 'function' ? fork : always(rulesFrom(fork));
  const machines = new Map<Rules, Machines>();
  const hashes = new HashCache();

  const machinesOf = (rules: Rules): Machines => {
    let found = machines.get(rules);
    if (found === undefined) {
      const own = { rules, engine, ...(crypto === undefined ? {} : { crypto }) };
      const systemMachine = createMachine(own);
      found = {
        machine: tracer === undefined ? systemMachine : createMachine({ ...own, tracer }),
        systemMachine,
      };
      machines.set(rules, found);
    }
    return found;
  };
  const bodyOptions = ({ number, timestamp }: Header): BodyOptions => ({
    ...machinesOf(rulesAt(number, timestamp)),
    chainId,
    isDaoBlock: number === daoBlock,
    hashes,
  });

  return {
    chainId,
    rulesAt,
    decodeBlock: (bytes) => readBlock(toBytes(bytes, 'block'), rulesAt),
    executeBlock(state, block, parent, ancestors = []) {
      checkState(state);
      demand(isObject(block) && isObject(block.header), 'block', 'a block, as decodeBlock gives it');
      checkParent(parent);
      const { header } = block;
      const rules = rulesAt(header.number, header.timestamp);
      const verdict =
        checkSize(block, rules) ??
        validateHeader(header, parent, rules, daoBlock) ??
        checkBody(block, rules) ??
        validateUncles(block, ancestors, rulesAt, daoBlock);
      if (verdict !== null) return verdict;
      const result = runBody(state, block, bodyOptions(header));
      return isInvalidBlock(result) ? result : (checkCommitments(header, result.commitments) ?? result);
    },
    buildBlock(state, parent, template) {
      checkState(state);
      checkParent(parent);
      const draft = draftOf(parent, template, rulesAt);
      const rules = rulesAt(draft.header.number, draft.header.timestamp);
      const verdict = validateHeader(draft.header, parent, rules, daoBlock);
      if (verdict !== null) return verdict;
      const result = runBody(state, draft, bodyOptions(draft.header));
      if (isInvalidBlock(result)) return result;
      return { block: { ...draft, header: { ...draft.header, ...result.commitments } }, result };
    },
  };
}

// For callers without types: a mistake here would only show in the middle of a run.
const checkState = (state: BlockState): void =>
  demand(isObject(state) && typeof state.addresses === 'function', 'state', 'a state that can be listed');
const checkParent = (parent: Header): void =>
  demand(isObject(parent) && typeof parent.number === 'bigint', 'parent', 'the header of the block before');

const always =
  (rules: Rules): RulesAt =>
  () =>
    rules;

function checkSize(block: Block, { maxBlockSize }: Rules): InvalidBlock | null {
  if (maxBlockSize === Number.POSITIVE_INFINITY) return null;
  const size = blockSize(block);
  return size <= maxBlockSize
    ? null
    : invalidBlock('RLP_BLOCK_LIMIT_EXCEEDED', `${size} above ${maxBlockSize}`);
}

type Expectation = readonly [reason: BlockReason, expected: bigint | null, got: bigint | null];

/** The first value that came out otherwise. */
function firstDifference(expectations: readonly Expectation[], isHash: boolean): InvalidBlock | null {
  for (const [reason, expected, got] of expectations) {
    if (expected === got) continue;
    const show = (value: bigint | null): string => (isHash && value !== null ? toHex32(value) : `${value}`);
    return invalidBlock(reason, `${show(expected)}, not ${show(got)}`);
  }
  return null;
}

/** The roots that follow from the body alone. */
function checkBody({ header, transactions, uncles, withdrawals }: Block, rules: Rules): InvalidBlock | null {
  if ((withdrawals !== null) !== rules.withdrawals) {
    return invalidBlock(
      'INCORRECT_BLOCK_FORMAT',
      `withdrawals ${withdrawals === null ? 'are missing' : 'do not exist yet'}`,
    );
  }
  return firstDifference(
    [
      ['INVALID_TRANSACTIONS_ROOT', header.transactionsRoot, envelopesRoot(transactions)],
      ['INVALID_UNCLES_HASH', header.unclesHash, unclesHash(uncles)],
      [
        'INVALID_WITHDRAWALS_ROOT',
        header.withdrawalsRoot,
        withdrawals === null ? null : withdrawalsRoot(withdrawals),
      ],
    ],
    true,
  );
}

/** What the body did against what the header says of it. */
function checkCommitments(header: Header, got: Commitments): InvalidBlock | null {
  const amounts: readonly Expectation[] = [
    ['INVALID_GAS_USED', header.gasUsed, got.gasUsed],
    ['INCORRECT_BLOB_GAS_USED', header.blobGasUsed, got.blobGasUsed],
  ];
  const hashes: readonly Expectation[] = [
    ['INVALID_RECEIPTS_ROOT', header.receiptsRoot, got.receiptsRoot],
    ['INVALID_REQUESTS', header.requestsHash, got.requestsHash],
    ['INVALID_STATE_ROOT', header.stateRoot, got.stateRoot],
  ];
  return firstDifference(amounts, false) ?? checkBloom(header, got) ?? firstDifference(hashes, true);
}

const checkBloom = (header: Header, got: Commitments): InvalidBlock | null =>
  equalBytes(header.logsBloom, got.logsBloom)
    ? null
    : invalidBlock('INVALID_LOG_BLOOM', `${bytesToHex(header.logsBloom)}, not ${bytesToHex(got.logsBloom)}`);
